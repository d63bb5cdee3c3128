"""The week as an editor types it: gather, look, decide, pick, send."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from newsroom import PUBLICATION, Desk, an_issue
from test_cli_init import at_a_terminal
from test_gather import a_feed
from web_server import Server, answer

WEB = "\n[web]\nallow_private = true\n"
TEXT = "Town hall to be sold | The Ledger\n\nThe town hall will be sold, the mayor said.\n\nNobody knows who buys it.\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    feed = server.says("/f", answer(a_feed("One thing", "Another thing", "A third thing")))
    desk.write("digest.toml", f'{PUBLICATION}{WEB}\n[[feed]]\nurl = "{feed}"\n')
    desk.write("issues/001.md", an_issue())
    return desk


def listed(desk: Desk, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(desk.type("inbox", *words, "--json").stdout)
    return found


def id_of(desk: Desk, title: str) -> str:
    return next(str(each["id"]) for each in listed(desk, "--all") if each["title"] == title)


def test_the_inbox_shows_what_was_gathered_and_what_comes_next_is_said(desk: Desk) -> None:
    gathered = desk.type("gather")

    assert gathered.exit_code == 0
    assert '3 new. See them: "digest inbox".' in gathered.stderr
    assert {each["title"] for each in listed(desk)} == {"One thing", "Another thing", "A third thing"}


def test_when_no_feed_at_all_can_be_had_the_command_says_so_by_its_number(desk: Desk, server: Server) -> None:
    server.says("/f", answer(b"", "404 Not Found"))

    gathered = desk.type("gather", "--json")

    assert gathered.exit_code == 1
    assert json.loads(gathered.stdout)[0]["error"] == "is not there (404)"


def test_nothing_new_is_not_all_that_is_said_when_a_feed_could_not_be_had(desk: Desk, server: Server) -> None:
    dead = server.says("/dead", answer(b"", "404 Not Found"))
    desk.write("digest.toml", f'{desk.read("digest.toml")}\n[[feed]]\nurl = "{dead}"\n')

    assert "1 of 2 feeds could not be had." in desk.type("gather").stderr


def test_decisions_are_shown_and_filtered_by(desk: Desk) -> None:
    desk.type("gather")
    one, other = id_of(desk, "One thing"), id_of(desk, "Another thing")

    desk.type("skip", one, "--why", "too thin")
    desk.type("later", other, "--until", "2999-01-01")

    assert [each["why"] for each in listed(desk, "--state", "skipped")] == ["too thin"]
    assert [each["until"] for each in listed(desk, "--state", "later")] == ["2999-01-01"]
    assert [each["title"] for each in listed(desk)] == ["A third thing"]
    assert [each["title"] for each in listed(desk, "--all", "another")] == ["Another thing"]
    desk.type("undo")
    assert len(listed(desk)) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("inbox", "--state", "old"), "state should be one of new, shortlisted"),
        (("show", "zzz"), 'No candidate "zzz"'),
        (("pick", "zzz"), 'No candidate "zzz"'),
        (("later", "bb", "--until", "2001-01-01"), "2001-01-01 is not to come any more"),
        (("undo",), "There is nothing to undo"),
        (("add", "nothing.txt"), "there is no such file"),
        (("sent", "7"), 'No issue "7"'),
        (("unsent", "1"), "This issue was not sent"),
        (("pick", "bb", "--to", "Nowhere"), 'No section "Nowhere"'),
    ],
)
def test_a_mistake_is_told_with_a_number_that_is_not_zero(desk: Desk, words: tuple[str, ...], said: str) -> None:
    desk.type("gather")

    result = desk.type(*words)

    assert result.exit_code == 1
    assert said in result.stderr


def test_where_the_inbox_is_kept_is_said_from_any_folder(desk: Desk) -> None:
    assert desk.type("inbox", "--path").stdout.strip() == str(Path(".digest/inbox.db"))
    assert Path(desk.folder / "issues" / desk.type("inbox", "--path", at="issues").stdout.strip()).resolve() == (
        desk.folder / ".digest/inbox.db"
    )


def test_a_text_from_standard_input_is_taken_with_what_the_editor_knows_better(desk: Desk) -> None:
    words = ("add", "-", "--title", "The hall", "--url", "https://l.example/hall", "--date", "2024-02-01", "--json")

    story = json.loads(desk.type(*words, answers=TEXT).stdout)[0]["stories"][0]

    assert (story["title"], story["url"], story["date"]) == ("The hall", "https://l.example/hall", "2024-02-01")
    assert story["found"]["title"] == "you"


def test_a_dry_run_leaves_no_trace(desk: Desk) -> None:
    desk.write("story.txt", TEXT)

    assert "title:" in desk.type("add", "story.txt", "--dry-run").stdout
    assert listed(desk, "--all") == []


def test_a_title_for_many_stories_is_refused_and_none_is_added(desk: Desk) -> None:
    desk.write("urls.txt", "https://n.example/1\nhttps://n.example/2\n")

    refused = desk.type("add", "urls.txt", "--title", "Both")

    assert refused.exit_code == 1
    assert "--title can be given for one story, and here are 2" in refused.stderr
    assert listed(desk, "--all") == []


def test_a_pipe_takes_numbers_and_a_section(desk: Desk) -> None:
    desk.type("gather")

    result = desk.type("pick", answers="p 1 3 top\ns 2\np 9\nu\nq\n")

    titles = [line for line in desk.read("issues/001.md").splitlines() if line.startswith("### ")]
    assert len(titles) == 3
    assert result.exit_code == 0
    assert 'No candidate "9"' in result.stderr
    assert "taken back: skip" in result.stdout


def test_a_week_goes_through_and_what_ran_is_refused_next_week(desk: Desk) -> None:
    desk.type("gather")
    one = id_of(desk, "One thing")
    desk.type("pick", one)
    desk.type("sent", "1", "--date", "2024-02-02")
    desk.type("new")

    refused = desk.type("pick", one)

    assert refused.exit_code == 1
    assert "ran already: in number 1, of 2024-02-02" in refused.stderr
    assert desk.type("pick", one, "--again").exit_code == 0


def test_a_draft_without_rules_says_how_to_make_one(desk: Desk) -> None:
    assert 'from = "a tag"' in desk.type("draft").stderr


def test_old_issues_are_adopted_whatever_one_of_them_lacks(desk: Desk) -> None:
    desk.write("2020-01-02.html", "<a href='https://old.example/1'>Old</a>")
    desk.write("undated.html", "<a href='https://old.example/2'>Older</a>")

    adopted = desk.type("adopt", "2020-01-02.html", "undated.html")

    assert adopted.exit_code == 1
    assert "1 stories read, 1 of them new" in adopted.stdout
    assert "Nothing tells when this issue was sent" in adopted.stderr


def test_a_feed_that_moved_for_good_gets_its_new_address_and_all_else_stays(desk: Desk, server: Server) -> None:
    toml = desk.folder / "digest.toml"
    toml.write_text(toml.read_text() + "window = 0   # all of it\n")
    desk.type("gather")
    before = toml.read_text()
    new = server.says("/new", answer(a_feed("One thing", "A fourth thing")))
    server.says("/f", answer(b"", "308 Permanent Redirect", f"Location: {new}"))

    gathered = desk.type("gather")

    assert f"moved to {new}, and digest.toml says so now" in gathered.stdout
    assert toml.read_text() == before.replace(server.url("/f"), new)
    asked = len(server.seen)
    again = desk.type("gather", "--json")
    assert [seen.path for seen in server.seen[asked:]] == ["/new"]
    assert json.loads(again.stdout)[0]["seen"] == 2


@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect"])
def test_a_feed_that_is_elsewhere_for_a_while_keeps_its_address(desk: Desk, server: Server, status: str) -> None:
    before = (desk.folder / "digest.toml").read_bytes()
    new = server.says("/new", answer(a_feed("A fourth thing")))
    server.says("/f", answer(b"", status, f"Location: {new}"))

    assert desk.type("gather").exit_code == 0
    assert (desk.folder / "digest.toml").read_bytes() == before


def test_a_feed_that_moved_to_a_login_page_keeps_its_address(desk: Desk, server: Server) -> None:
    before = (desk.folder / "digest.toml").read_bytes()
    login = server.says("/login", answer(b"<html><body>Log in</body></html>"))
    server.says("/f", answer(b"", "301 Moved Permanently", f"Location: {login}"))

    desk.type("gather")

    assert (desk.folder / "digest.toml").read_bytes() == before


def test_a_feed_that_moved_to_another_computer_of_ones_own_network_is_told_only(desk: Desk, server: Server) -> None:
    before = (desk.folder / "digest.toml").read_bytes()
    server.says("/new", answer(a_feed("A fourth thing")))
    server.says("/f", answer(b"", "301 Moved", f"Location: http://localhost:{server.port}/new"))

    gathered = desk.type("gather")

    assert "an address of your own network" in gathered.stdout
    assert (desk.folder / "digest.toml").read_bytes() == before


def test_of_two_feeds_that_became_one_it_is_said_which_to_take_out(desk: Desk, server: Server) -> None:
    new = server.says("/new", answer(a_feed("A fourth thing")))
    toml = desk.folder / "digest.toml"
    toml.write_text(f'{toml.read_text()}\n[[feed]]\nurl = "{new}"\n')
    before = toml.read_bytes()
    server.says("/f", answer(b"", "301 Moved Permanently", f"Location: {new}"))

    gathered = desk.type("gather")

    assert f"which you follow already: take {server.url('/f')} out of digest.toml" in gathered.stdout
    assert toml.read_bytes() == before


def test_a_date_that_is_not_believed_is_shown_with_the_reason(desk: Desk) -> None:
    desk.write(
        "t.txt", "Town hall to be sold | The Ledger\n\n1 January 2090\n\nThe town hall will be sold, we heard.\n"
    )

    assert 'not believed: line 3, "1 January 2090" lies in the future' in desk.type("add", "t.txt").stdout


def test_what_is_taken_back_is_called_by_the_command_that_did_it(desk: Desk) -> None:
    desk.type("gather")
    desk.type("pick", id_of(desk, "One thing"))

    assert desk.type("undo").stdout.startswith("taken back: pick into 001\n")


def test_a_search_that_finds_nothing_says_so(desk: Desk) -> None:
    desk.type("gather")

    assert desk.type("inbox", "zebra").stderr == "Nothing in it is as you asked. It holds 3 new.\n"


def test_a_feed_that_is_followed_now_says_how_its_stories_come(desk: Desk, server: Server) -> None:
    feed = server.says("/g", answer(a_feed("A fourth thing")))

    assert '"digest gather"' in desk.type("add", feed).stderr


@pytest.mark.parametrize(
    ("what", "told"),
    [("ftp://news.example/a", "begins with http:// or https://"), ("", "Nothing was named.")],
)
def test_what_is_no_address_and_no_file_is_told_so(desk: Desk, what: str, told: str) -> None:
    result = desk.type("add", what)

    assert result.exit_code == 1
    assert told in result.stderr


def test_a_story_is_shown_without_a_machines_time(desk: Desk) -> None:
    desk.type("gather")
    (line,) = [each for each in desk.type("show", id_of(desk, "One thing")).stdout.splitlines() if "first seen" in each]

    assert len(line.split()[-1]) == len("12:34")


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.usefixtures("terminal")
def test_keys_that_a_quick_hand_types_ahead_are_all_obeyed(desk: Desk) -> None:
    desk.type("gather")

    code, shown = at_a_terminal(desk, "pick", answers={"1 of 3": "ssq"})

    assert code == 0, shown
    assert len(listed(desk, "--state", "skipped")) == 2
