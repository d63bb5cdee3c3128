"""What every exporter keeps to, whatever its service: one draft, never a mail nobody asked for, nothing lost."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from bench import Bench, Crash, CrashingWeb, a_letter, pictures
from fakes.base import FAULTS

from digest.errors import DigestError
from digest.exporting import AlreadySent, ChangedThere, OnItsWay, SeveralDrafts
from digest.receipts import BrokenReceipts, NewerReceipts
from digest.service_calls import Call
from digest.service_errors import CannotDo, CredentialRefused, ServiceError, UnknownOutcome
from digest.web import Web

# --- one draft


def test_an_export_leaves_one_draft_that_holds_the_issue(bench: Bench) -> None:
    done = bench.way().export()
    held = bench.draft()
    assert done.did == "created"
    assert held["subject"] == "Five stories"
    assert "<h1>The issue</h1>" in held["HTML"]
    assert "<!--[if mso]><table>" in held["HTML"]
    assert "\x02" not in "".join(held.values())


def test_every_part_that_the_service_has_a_place_for_arrives(bench: Bench) -> None:
    can = bench.way().service.can
    bench.way().export()
    held = bench.draft()
    assert ("What is in it" in held["HTML"]) == (not can.preheader)
    assert held.get("preheader", "") == ("What is in it" if can.preheader else "")
    assert ("Dear" in held.get("text part", "")) == can.text
    assert ("<html" in held["HTML"]) == (not can.fragment)


def test_the_same_issue_again_writes_nothing(bench: Bench) -> None:
    bench.way().export()
    before = (len(bench.fake.writes()), bench.path.read_bytes())
    done = bench.way().export()
    assert (done.did, len(bench.fake.writes()), bench.path.read_bytes()) == ("unchanged", *before)


def test_a_changed_issue_changes_the_same_draft(bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    bench.write(subject="Six stories", title="Another")
    assert bench.way().export().did == "updated"
    assert (bench.id, bench.draft()["subject"]) == (first, "Six stories")
    assert "Another" in bench.draft()["HTML"]
    assert bench.way().export().did == "unchanged"


def test_what_somebody_changed_there_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    bench.fake.edit(bench.id, "A better subject")
    bench.write(title="Another")
    with pytest.raises(ChangedThere, match="subject"):
        bench.way().export()
    assert bench.draft()["subject"] == "A better subject"
    bench.way().export(force=True)
    assert bench.draft()["subject"] == "Five stories"


def test_a_change_there_is_left_when_the_issue_has_none(bench: Bench) -> None:
    bench.way().export()
    bench.fake.edit(bench.id, "A better subject")
    done = bench.way().export()
    assert (done.did, bench.draft()["subject"]) == ("unchanged", "A better subject")
    assert any("by hand" in note for note in done.notes)


def test_what_was_sent_is_refused_even_by_force(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    bench.write(title="Another")
    writes = len(bench.fake.writes())
    for force in (False, True):
        with pytest.raises(AlreadySent):
            bench.way().export(force=force)
    assert (len(bench.fake.writes()), bench.receipt.state) == (writes, "sent")


def test_what_is_scheduled_has_to_be_unscheduled_first(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "scheduled")
    bench.write(title="Another")
    writes = len(bench.fake.writes())
    with pytest.raises(OnItsWay, match="scheduled"):
        bench.way().export(force=True)
    assert len(bench.fake.writes()) == writes


def test_a_draft_that_is_gone_is_made_again_and_said_so(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "gone")
    done = bench.way().export()
    assert done.did == "created"
    assert any("gone" in note for note in done.notes)
    assert "The issue" in bench.draft()["HTML"]


# --- without a receipt


def test_a_draft_whose_receipt_was_lost_is_found_in_a_crowd(bench: Bench) -> None:
    bench.way().export()
    bench.fake.crowd(230)
    bench.path.unlink()
    done = bench.way().export()
    assert (done.did, done.receipt.id) == ("adopted", bench.id)


def test_a_draft_without_a_receipt_that_differs_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    bench.path.unlink()
    bench.write(title="Another")
    with pytest.raises(ChangedThere, match="no receipt"):
        bench.way().export()
    assert bench.way().export(force=True).did == "adopted"
    assert "Another" in bench.draft()["HTML"]


def test_of_two_drafts_both_are_named_and_none_is_written(bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    bench.fake.copy(first)
    bench.path.unlink()
    writes = len(bench.fake.writes())
    with pytest.raises(SeveralDrafts) as stopped:
        bench.way().export()
    assert all(each["id"] in str(stopped.value) for each in bench.fake.drafts)
    assert len(bench.fake.writes()) == writes


def test_another_newsletters_issue_of_the_same_name_is_another_draft(bench: Bench) -> None:
    bench.way().export()
    bench.path.unlink()
    bench.letter = a_letter(title="Elsewhere", subject="Elsewhere")
    object.__setattr__(bench.letter, "publication", "Fast News")
    bench.way().export()
    assert len(bench.fake.drafts) == 2


@pytest.mark.parametrize("content", [b"version = 2\n", b"<<<<<<< HEAD\nversion = 1\n", b"\xff", b"a = 1\n"])
def test_receipts_that_cannot_be_read_are_never_written_over(content: bytes, bench: Bench) -> None:
    bench.path.write_bytes(content)
    with pytest.raises((BrokenReceipts, NewerReceipts)):
        bench.way().export()
    assert (bench.path.read_bytes(), bench.fake.seen) == (content, [])


# --- whatever happens


def calls_of(bench: Bench) -> int:
    """How many calls an export makes from here, found by making it elsewhere in time."""
    before = len(bench.fake.seen)
    bench.way().export()
    return len(bench.fake.seen) - before


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_around_any_call_of_the_first_export_is_mended_by_the_next(after: bool, bench: Bench) -> None:
    bench.letter = a_letter(**pictures(2)) if bench.way().service.can.pictures else a_letter()
    for number in range(calls_of(bench)):
        bench.fake.reset()
        bench.path.unlink(missing_ok=True)
        with pytest.raises(Crash):
            bench.way(CrashingWeb(number, after=after, allow_private=True)).export()
        bench.way().export()
        assert "The issue" in bench.draft()["HTML"], f"crashed at call {number}"
        assert bench.way().export().did == "unchanged"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_around_any_call_of_an_update_is_mended_by_the_next(after: bool, bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Title 0")
    for number in range(calls_of(bench)):
        bench.write(title=f"Title {number + 1}")
        with pytest.raises(Crash):
            bench.way(CrashingWeb(number, after=after, allow_private=True)).export()
        bench.way().export()
        assert f"Title {number + 1}" in bench.draft()["HTML"], f"crashed at call {number}"
        assert bench.way().export().did == "unchanged"


@pytest.mark.parametrize("kind", FAULTS)
def test_after_any_fault_at_any_call_there_is_one_draft(kind: str, bench: Bench) -> None:
    for number in range(calls_of(bench)):
        bench.fake.reset()
        bench.path.unlink(missing_ok=True)
        bench.fake.fault(number, kind)
        bench.until_done()
        assert "The issue" in bench.draft()["HTML"], f"{kind} at call {number}"


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "garbage_after", "500_after", "503_before"])
def test_after_any_fault_at_any_call_of_an_update_it_holds_the_new_issue(kind: str, bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Title 0")
    for number in range(calls_of(bench)):
        bench.write(title=f"Title {number + 1}")
        bench.fake.fault(number, kind)
        bench.until_done()
        assert f"Title {number + 1}" in bench.draft()["HTML"], f"{kind} at call {number}"


def test_a_service_that_is_down_for_long_gets_one_draft_in_the_end(bench: Bench) -> None:
    for number in range(40):
        bench.fake.fault(number, ("drop_after", "500_after", "garbage_after", "reset")[number % 4])
    for _ in range(30):
        try:
            bench.way().export()
        except ServiceError:
            continue
        break
    assert "The issue" in bench.draft()["HTML"]


def test_an_answer_that_comes_too_late_is_no_second_draft(bench: Bench) -> None:
    bench.patience = 0.15
    method, path = bench.fake.creating
    creating = [seen.method == method and seen.path == bench.fake.prefix + path for seen in _first_export(bench)]
    bench.fake.fault(creating.index(True), "late_after:0.4")
    bench.until_done()
    assert "The issue" in bench.draft()["HTML"]


def _first_export(bench: Bench) -> list[Any]:
    bench.way().export()
    seen = list(bench.fake.seen)
    bench.fake.reset()
    bench.path.unlink()
    return seen


def test_nobody_waits_longer_than_the_service_asks(bench: Bench) -> None:
    bench.fake.refuses(0, 429, headers={"Retry-After": "7"})
    bench.way().export()
    assert bench.slept == [7.0]
    bench.write(title="Another")
    bench.fake.refuses(0, 429, headers={"Retry-After": "7200"})
    with pytest.raises(ServiceError, match="429"):
        bench.way().export()
    assert bench.slept == [7.0]


# --- refusals


@pytest.mark.parametrize(
    ("status", "kind", "ends"),
    [
        (400, ServiceError, 5),
        (401, CredentialRefused, 4),
        (403, CredentialRefused, 4),
        (404, ServiceError, 5),
        (409, ServiceError, 5),
        (422, ServiceError, 5),
        (429, ServiceError, 5),
        (501, UnknownOutcome, 6),
    ],
)
def test_a_refusal_is_told_in_the_services_words(
    status: int, kind: type[ServiceError], ends: int, bench: Bench
) -> None:
    method, path = bench.fake.creating
    creating = [seen.method == method and seen.path == bench.fake.prefix + path for seen in _first_export(bench)]
    for more in range(4):  # 429 and the like are tried again
        bench.fake.refuses(creating.index(True) + more, status, headers={"Retry-After": "61"})
    with pytest.raises(kind) as refused:
        bench.way().export()
    said = str(refused.value)
    assert refused.value.exit_code == ends
    assert bench.way().service.name in said
    assert str(status) in said
    assert "The vendor's words" in said
    assert ("OF_A_TEST" in said) == (status in (401, 403))
    assert ("No draft was made." in said) == (status != 501)


def test_a_key_that_the_service_repeats_is_blacked_out(bench: Bench) -> None:
    words = f"Key {bench.fake.secret} is not valid."
    bench.fake.refuses(0, 401, bench.fake.refusal(401, words))
    with pytest.raises(CredentialRefused) as refused:
        bench.way().export()
    assert bench.fake.secret not in str(refused.value)
    assert "is not valid" in str(refused.value)


def test_no_key_and_no_address_is_written_down(bench: Bench) -> None:
    bench.way().export()
    if bench.way().service.can.test:
        bench.way().test(["me@reader.example"])
    written = bench.path.read_text("utf-8")
    assert not [part for part in bench.fake.secret.split(":") if part in written]
    assert "me@reader.example" not in written


def test_another_account_is_told_and_nothing_is_made_in_it(bench: Bench) -> None:
    bench.way().export()
    text = bench.path.read_text("utf-8")
    bench.path.write_text(text.replace(bench.receipt.account, "elsewhere.example"), "utf-8")
    seen = len(bench.fake.seen)
    with pytest.raises(DigestError, match="another account"):
        bench.way().export()
    assert len(bench.fake.seen) == seen


# --- what is big, or strange


def test_an_emoji_in_the_subject_arrives(bench: Bench) -> None:
    bench.write(subject="👩‍🚀 Über “Ärger” & <b>Käse</b> {x} हिन्दी")
    bench.way().export()
    assert bench.draft()["subject"] == "👩‍🚀 Über “Ärger” & <b>Käse</b> {x} हिन्दी"


def test_200_kilobytes_of_html_arrive(bench: Bench) -> None:
    most = bench.way().service.can.max_bytes
    size = min(200_000, most - 2000) if most else 200_000
    bench.write(inside="<p>1234567</p>" * (size // 14))
    bench.way().export()
    assert bench.draft()["HTML"].count("<p>1234567</p>") == size // 14


def test_a_title_that_looks_like_a_tag_is_no_tag(bench: Bench) -> None:
    bench.way().export()
    plain = bench.draft()["HTML"]
    bench.write(title="{{ user }} {% raw %} *|X|* %%{x}%% {$y} [z] {# c #} {{{ d }}}")
    bench.way().export()
    escaped = bench.draft()["HTML"]
    service = bench.way().service
    tags = ("{{", "{%", "*|", "%%{", "{$")
    own = [mark for mark in tags if service.html.escape(f"a{mark}b") != f"a{mark}b"]
    assert own
    assert {mark: escaped.count(mark) for mark in own} == {mark: plain.count(mark) for mark in own}


def test_pictures_are_uploaded_once(bench: Bench) -> None:
    bench.letter = a_letter(**pictures(20))
    if not bench.way().service.can.pictures:
        with pytest.raises(DigestError, match="assets_url"):
            bench.way().export()
        return
    bench.way().export()
    assert len(bench.fake.pictures) == 20
    assert "images/p-" not in bench.draft()["HTML"]
    bench.write(title="Another", **pictures(20))
    bench.way().export()
    assert len(bench.fake.pictures) == 20


@pytest.mark.parametrize("src", ["images/none.png", "data:image/png;base64,AAAA", "../a.png", "//cdn.example/a.png"])
def test_an_address_that_leads_nowhere_never_leaves(src: str, bench: Bench) -> None:
    bench.write(inside=f'<!--[if mso]><img src="{src}"><![endif]-->')
    with pytest.raises(DigestError):
        bench.way().export()
    assert bench.fake.writes() == []


# --- what reaches people


def test_a_test_reaches_the_addresses_named_and_nobody_else(bench: Bench) -> None:
    if not bench.way().service.can.test:
        with pytest.raises(CannotDo):
            bench.way().test(["me@reader.example"])
        return
    bench.way().test(["me@reader.example", "you@reader.example"])
    assert {each for _, each in bench.fake.tests} == {("me@reader.example", "you@reader.example")}


WHEN = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


def test_a_schedule_can_be_taken_back(bench: Bench) -> None:
    can = bench.way().service.can
    if not (can.schedule and can.unschedule):
        pytest.skip("the service cannot")
    assert bench.way().schedule(WHEN).receipt.state == "scheduled"
    with pytest.raises(OnItsWay):
        bench.way().export()
    bench.way().unschedule()
    assert (bench.receipt.state, bench.way().export().did) == ("draft", "unchanged")


@pytest.mark.mails_readers
def test_sending_is_done_once(bench: Bench) -> None:
    if not bench.way().service.can.send:
        pytest.skip("the service cannot")
    bench.way().send()
    assert bench.fake.mailed == [bench.id]
    with pytest.raises((AlreadySent, OnItsWay)):
        bench.way().send()
    assert bench.fake.mailed == [bench.id]


@pytest.mark.mails_readers
@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "garbage_after", "500_after", "429_before"])
@pytest.mark.parametrize("act", ["test", "schedule", "send"])
def test_what_reaches_people_is_never_tried_twice(act: str, kind: str, bench: Bench) -> None:
    if not getattr(bench.way().service.can, act):
        pytest.skip("the service cannot")
    given = {"test": [["me@reader.example"]], "schedule": [WHEN], "send": []}[act]
    bench.way().export()
    before = len(bench.fake.seen)
    getattr(bench.way(), act)(*given)
    writes = [number for number, seen in enumerate(bench.fake.seen[before:]) if seen.method != "GET"]
    bench.fake.reset()
    bench.path.unlink()
    bench.way().export()
    bench.fake.fault(writes[0], kind)
    asked = len(bench.fake.seen)
    with contextlib.suppress(ServiceError):
        getattr(bench.way(), act)(*given)
        # Nothing in an answer without a body can be garbled: Mailchimp sends two tests, HTML and text.
        assert kind in ("garbage_after", "truncate_after")
        return
    assert len([each for each in bench.fake.seen[asked:] if each.method != "GET"]) == 1
    assert len(bench.fake.tests) <= 1


def test_status_says_where_it_stands(bench: Bench) -> None:
    assert bench.way().status().remote is None
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    remote = bench.way().status().remote
    assert remote is not None
    assert remote.state == "sent"
    assert (bench.receipt.state, bench.receipt.archive_url) == ("sent", remote.archive_url)


@pytest.mark.mails_readers
def test_a_sending_whose_end_was_unknown_is_cleared_up_by_looking(bench: Bench) -> None:
    if not bench.way().service.can.send:
        pytest.skip("the service cannot")
    bench.way().export()
    asked = len(bench.fake.seen)
    with contextlib.suppress(ServiceError):
        bench.way(CrashingWeb(10_000, after=True, allow_private=True)).send()
    writes = [number for number, seen in enumerate(bench.fake.seen[asked:]) if seen.method != "GET"]
    bench.fake.reset()
    bench.path.unlink()
    bench.way().export()
    bench.fake.fault(writes[0], "drop_after")
    with pytest.raises(UnknownOutcome, match="not known"):
        bench.way().send()
    intent = bench.receipt.intent
    assert intent is not None
    assert intent.what == "send"
    done = bench.way().status()
    assert any("ended without an answer" in note for note in done.notes)
    assert bench.receipt.intent is None


# --- dry runs


def test_a_dry_run_shows_what_an_export_would_ask_and_asks_nothing(bench: Bench) -> None:
    bench.letter = a_letter(**pictures(2)) if bench.way().service.can.pictures else a_letter()
    shown: list[Call] = []
    bench.way(dry="shown", shown=shown.append).rehearse()
    assert (bench.fake.seen, bench.path.exists()) == ([], False)
    bench.way().export()
    wanted = [(each.method, each.path) for each in bench.fake.writes()]
    told = [(each.method, "/" + each.url.split("/", 3)[3]) for each in shown if each.method != "GET"]
    assert [(method, path.replace("{id}", bench.id)) for method, path in told] == wanted
    assert bench.fake.secret not in repr(shown)


def test_a_dry_run_that_may_look_writes_nothing(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    before = (len(bench.fake.writes()), bench.path.read_bytes())
    shown: list[Call] = []
    assert bench.way(dry="read", shown=shown.append).rehearse().did == "updated"
    assert (len(bench.fake.writes()), bench.path.read_bytes()) == before
    assert shown


# --- where the key goes


def test_the_key_is_told_to_no_other_host(bench: Bench) -> None:
    bench.extra = {"url": "http://elsewhere.example/api"}
    with pytest.raises(DigestError, match=r"elsewhere\.example"):
        bench.way(Web())


def test_a_redirect_to_another_host_is_not_followed_with_the_key(bench: Bench) -> None:
    for number in range(4):
        bench.fake.refuses(number, 307, {}, headers={"Location": "http://elsewhere.invalid/"})
    with pytest.raises(ServiceError):
        bench.way().export()
    assert bench.fake.writes() == []
