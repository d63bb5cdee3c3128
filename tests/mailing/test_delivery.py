"""A list is mailed once: what is on the disk decides, whatever stopped the run before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from digest.errors import CannotRead
from digest.mailing.delivery import NotTaken, Reader, Tally, TooFast, Waiting, mail_out
from digest.mailing.journal import Journal
from digest.services.errors import CredentialRefused, ServiceError, UnknownOutcome

LIST = ["a@r.example", "b@r.example", "c@r.example", "d@r.example"]


class Post:
    """A service that mails, refuses, loses answers, or goes out with the computer, as it is told."""

    def __init__(self, **at: Exception | type[BaseException]) -> None:
        self.at, self.mailed = at, list[str]()

    def __call__(self, reader: Reader, begin: Callable[[], None]) -> None:
        begin()
        address = reader.address
        trouble = self.at.pop(address[0], None)
        if isinstance(trouble, UnknownOutcome) or (isinstance(trouble, type) and trouble is KeyboardInterrupt):
            self.mailed.append(address)
        if trouble is not None:
            raise trouble
        self.mailed.append(address)


def lost() -> UnknownOutcome:
    return UnknownOutcome("S", "POST", "it hung up")


def run(path: Path, post: Post, readers: list[str] = LIST) -> Tally:
    tally = Tally()
    mail_out([Reader(each) for each in readers], post, Journal(path, issue="i"), tally, sleep=lambda seconds: None)
    return tally


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".digest" / "mailed-1.ses"


def test_a_second_run_mails_nobody(path: Path) -> None:
    post = Post()
    assert run(path, post).sent == 4
    again = run(path, post)
    assert (again.sent, again.had, post.mailed) == (0, 4, LIST)


def test_an_address_that_is_on_the_list_twice_gets_one_mail(path: Path) -> None:
    post = Post()
    run(path, post, ["A@r.example", "b@r.example", " a@R.example"])
    assert [each.strip().lower() for each in post.mailed] == ["a@r.example", "b@r.example"]


def test_after_an_interruption_the_rest_are_mailed_and_the_one_in_doubt_is_told(path: Path) -> None:
    post = Post(b=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        run(path, post)
    tally = run(path, post)
    assert (post.mailed, tally.unsure, tally.had, tally.sent) == (LIST, ["b@r.example"], 1, 2)


def test_a_lost_answer_is_no_reason_to_mail_twice(path: Path) -> None:
    post = Post(b=lost())
    assert run(path, post).unsure == ["b@r.example"]
    assert run(path, post).unsure == ["b@r.example"]
    assert post.mailed == LIST


def test_a_refusal_is_tried_again_by_the_next_run(path: Path) -> None:
    post = Post(b=NotTaken("S", "No."))
    assert run(path, post).refused == [("b@r.example", "No.")]
    assert run(path, post).sent == 1
    assert post.mailed == ["a@r.example", "c@r.example", "d@r.example", "b@r.example"]


def test_what_is_wrong_with_all_stops_at_once_and_costs_nobody_the_mail(path: Path) -> None:
    post = Post(b=CredentialRefused("S", "No."))
    with pytest.raises(CredentialRefused):
        run(path, post)
    assert post.mailed == LIST[:1]
    run(path, post)
    assert post.mailed == LIST


@pytest.mark.parametrize("trouble", [NotTaken("S", "No."), lost()])
def test_three_in_a_row_that_come_to_nothing_stop_it(trouble: ServiceError, path: Path) -> None:
    post = Post(a=trouble, b=trouble, c=trouble)
    with pytest.raises(type(trouble)):
        run(path, post)
    assert "d@r.example" not in post.mailed


def test_a_service_that_wants_it_slower_is_offered_the_same_mail_again(path: Path) -> None:
    post, slept = Post(b=TooFast("S", "Slow down.")), list[float]()
    tally = Tally()
    mail_out([Reader(each) for each in LIST], post, Journal(path, issue="i"), tally, sleep=slept.append)
    assert (tally.sent, post.mailed, slept) == (4, LIST, [2.0])


def test_mails_keep_their_pace_and_what_one_takes_is_part_of_it(path: Path) -> None:
    now, slept = 100.0, list[float]()

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    def send(reader: Reader, begin: Callable[[], None]) -> None:
        nonlocal now
        now += {"b": 1.5, "c": 4.0}.get(reader.address[0], 0)

    journal = Journal(path, issue="i")
    mail_out([Reader(each) for each in LIST], send, journal, Tally(), pause=2, sleep=sleep, clock=lambda: now)
    assert slept == [2, 0.5]


def test_another_issue_is_another_mail(path: Path) -> None:
    run(path, Post())
    assert Journal(path, issue="other").outcome(LIST[0]) == ""


def test_a_file_that_is_something_else_stops_it(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("something else\n")
    with pytest.raises(CannotRead):
        run(path, Post())
    assert path.read_text() == "something else\n"


@pytest.mark.parametrize("left", range(44))
def test_a_journal_whose_last_line_was_cut_short_mails_nobody_twice(left: int, path: Path) -> None:
    """Each line is on the disk before the next is begun, so that no other can be torn."""
    run(path, Post())
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    path.write_bytes(whole[: last + min(left, len(whole) - last)])
    post = Post()
    tally = run(path, post)
    known = path.read_bytes() == whole
    assert (post.mailed, tally.had, tally.unsure) == (([], 4, []) if known else ([], 3, ["d@r.example"]))
    assert run(path, post, [*LIST, "e@r.example"]).sent == 1
    assert run(path, post, [*LIST, "e@r.example"]).sent == 0


@pytest.mark.parametrize(
    ("count", "rate", "words"),
    [
        (1, 0.5, "1 reader waits for it."),
        (30, 0.5, "30 readers wait for it."),
        (40, 0.5, "40 readers wait for it; at 30 mails a minute that takes about a minute."),
        (500, 0.5, "500 readers wait for it; at 30 mails a minute that takes about 17 minutes."),
        (5000, 1, "5000 readers wait for it; at 1 mail a second that takes about 83 minutes."),
        (5000, 14.0, "5000 readers wait for it; at 14 mails a second at most that takes 6 minutes or more."),
        (500, 0.01, "500 readers wait for it; at 36 mails an hour that takes about 14 hours."),
    ],
)
def test_how_long_a_list_takes_is_said_as_an_editor_would(count: int, rate: float, words: str) -> None:
    assert Waiting(tuple(map(Reader, LIST[:1])) * count, rate).words == words
