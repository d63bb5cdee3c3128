"""What ran is known: marked in the issue's own file, read from there again, and older issues adopted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from newsroom import PUBLICATION, an_issue

from digest import adoption, archive, issue_file
from digest.errors import DigestError
from digest.models import Item
from digest.project import Project
from digest.store import Sent, Store

NOW = datetime(2024, 2, 3, 9, tzinfo=UTC)


class Shelf:
    """A publication with one issue, and an inbox that can be lost."""

    def __init__(self, folder: Path) -> None:
        (folder / "digest.toml").write_text(PUBLICATION)
        (folder / "issues").mkdir()
        self.folder = folder
        self.issue = self.put("001.md", an_issue(number=1, title="A story"))
        self.open()

    def open(self) -> None:
        self.store = Store.open(self.folder / ".digest" / "inbox.db", clock=lambda: NOW)

    def lose(self) -> None:
        self.store.close()
        for path in (self.folder / ".digest").iterdir():
            path.unlink()
        self.open()

    @property
    def project(self) -> Project:
        return Project(self.folder)

    def put(self, name: str, text: str) -> Path:
        path = self.folder / "issues" / name
        path.write_text(text)
        return path

    def ran(self, url: str = "https://a.example/1") -> Sent | None:
        archive.refresh(self.project, self.store)
        return self.store.sent(url)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.store.close()


def test_an_issue_is_marked_in_its_own_file_and_only_there(shelf: Shelf) -> None:
    before = shelf.issue.read_text()

    archive.mark_sent(shelf.project, "001", day=date(2024, 2, 2), store=shelf.store)

    head = "number: 1\ndate: 2024-02-02\n"
    assert shelf.issue.read_text() == before.replace(head, head + "sent: 2024-02-02\nstatus: sent\n")
    assert shelf.ran() == Sent("001", 1, date(2024, 2, 2), "https://a.example/1", "A story")


def test_taking_the_mark_back_leaves_no_trace_but_the_status(shelf: Shelf) -> None:
    before = shelf.issue.read_text()
    archive.mark_sent(shelf.project, "001", day=date(2024, 2, 2), store=shelf.store)

    archive.mark_unsent(shelf.project, "001", store=shelf.store)

    assert shelf.issue.read_text().replace("status: draft\n", "") == before
    assert shelf.ran() is None


def test_an_issue_is_not_sent_twice_nor_with_a_todo_in_it(shelf: Shelf) -> None:
    shelf.put("002.md", an_issue(number=2).replace("A blurb.", "TODO ask her"))
    archive.mark_sent(shelf.project, "001", day=date(2024, 2, 2), store=shelf.store)

    with pytest.raises(DigestError, match="sent already, on 2024-02-02"):
        archive.mark_sent(shelf.project, "001", day=date(2024, 2, 3), store=shelf.store)
    with pytest.raises(DigestError, match="A TODO stands here still"):
        archive.mark_sent(shelf.project, "002", day=date(2024, 2, 3), store=shelf.store)


def test_a_lost_inbox_knows_again_what_ran_and_what_stands_in_the_draft(shelf: Shelf) -> None:
    archive.mark_sent(shelf.project, "001", day=date(2024, 2, 2), store=shelf.store)
    shelf.put("002.md", an_issue(number=2, title="Another story"))
    shelf.lose()

    archive.refresh(shelf.project, shelf.store)
    ran = shelf.store.add(Item(url="https://a.example/1", title="A story"))
    stands = shelf.store.add(Item(url="https://a.example/2", title="Another story"))
    archive.follow(shelf.project, shelf.store)

    assert (ran.state, ran.issue) == ("sent", "001")
    assert shelf.store.find(stands.id).state == "placed"


def test_a_text_without_a_link_that_ran_is_known_after_a_loss(shelf: Shelf) -> None:
    shelf.issue.write_text(an_issue().replace("### [A story](https://a.example/1)", "### A text"))
    archive.mark_sent(shelf.project, "001", day=date(2024, 2, 2), store=shelf.store)
    shelf.lose()
    archive.refresh(shelf.project, shelf.store)

    assert shelf.store.add(Item(url="", title="A text", text="Words.")).state == "sent"


def test_another_editors_pull_is_seen(shelf: Shelf) -> None:
    assert shelf.ran() is None

    shelf.issue.write_text(an_issue().replace("date:", "status: sent\ndate:"))

    assert shelf.ran() is not None


def test_what_ran_stays_known_while_its_file_cannot_be_read(shelf: Shelf) -> None:
    archive.mark_sent(shelf.project, "001", day=date(2024, 2, 2), store=shelf.store)
    whole = shelf.issue.read_text()

    shelf.issue.write_text(whole.replace("number: 1", "number: <<<<<<< ours"))

    assert shelf.ran() is not None
    shelf.issue.write_text(whole)
    assert shelf.ran() is not None


def test_adopted_stories_travel_in_a_file_and_adopting_twice_adds_none(shelf: Shelf) -> None:
    old = shelf.folder / "2020-03-04.html"
    old.write_text('<html><body><a href="https://old.example/x?utm_source=y">An <b>old</b> story</a></body></html>')
    found = adoption.read(old, now=NOW)

    assert archive.adopt(shelf.project, found, store=shelf.store) == 1
    assert archive.adopt(shelf.project, found, store=shelf.store) == 0
    shelf.lose()
    before = shelf.ran("https://old.example/x")
    assert before is not None
    assert (before.slug, before.date, before.title) == ("2020-03-04", date(2020, 3, 4), "An old story")


def test_past_issues_in_markdown_are_adopted_with_their_briefs(shelf: Shelf) -> None:
    old = shelf.folder / "2019-01-02-old.md"
    old.write_text("## Links\n\n- [One](https://old.example/1) - noted\n- [video] [Two](https://old.example/2)\n")

    found = adoption.read(old, now=NOW)

    assert [(each.url, each.title, each.date) for each in found] == [
        ("https://old.example/1", "One", date(2019, 1, 2)),
        ("https://old.example/2", "Two", date(2019, 1, 2)),
    ]


def test_a_file_that_says_no_day_is_told_with_a_way_out(shelf: Shelf) -> None:
    old = shelf.folder / "old.html"
    old.write_text("<html><a href='https://old.example/1'>x</a></html>")

    with pytest.raises(DigestError) as told:
        adoption.read(old, now=NOW)

    assert told.value.what == "Nothing tells when this issue was sent."
    assert "2024-02-02.html" in told.value.hint


def test_real_weekly_issues_are_adopted(shelf: Shelf, shared: Path) -> None:
    """Each file of the corpus gives its stories, and what ran twice is found by the ledger."""
    paths = sorted((shared / "corpora/twir/content").glob("*.md"))[:40]
    found = [entry for path in paths for entry in adoption.read(path, now=NOW)]

    archive.adopt(shelf.project, found, store=shelf.store)

    assert len(found) > 10 * len(paths)
    assert all(shelf.store.sent(entry.url) for entry in found if entry.url)
    assert issue_file.read(shelf.issue).issue.status == "draft"


def test_a_feed_of_past_issues_gives_the_links_that_ran_in_each(shelf: Shelf) -> None:
    old = shelf.folder / "archive.xml"
    old.write_text(
        "<rss version='2.0'><channel><title>Brief</title><item><title>Brief 11: moths</title>"
        "<link>https://brief.example/11</link><pubDate>Fri, 02 Feb 2024 10:00:00 GMT</pubDate><description><![CDATA["
        "<a href='https://brief.example/11'>Read online</a>"
        "<a href='https://old.example/moth?utm_source=x&amp;a=1'><img src='x'></a>"
        "<h3><a href='https://old.example/moth?a=1'>How <b>moths</b> hear</a></h3>"
        "<p>And <a href='https://old.example/bat'>bats</a>.</p>]]></description></item>"
        "<item><title>A word from us</title><link>https://brief.example/10</link>"
        "<pubDate>Fri, 26 Jan 2024 10:00:00 GMT</pubDate><description>No link.</description></item></channel></rss>"
    )

    assert adoption.read(old, now=NOW) == [
        Sent("brief-11-moths", None, date(2024, 2, 2), "https://old.example/moth?a=1", "How moths hear"),
        Sent("brief-11-moths", None, date(2024, 2, 2), "https://old.example/bat", "bats"),
        Sent("archive", None, date(2024, 1, 26), "https://brief.example/10", "A word from us"),
    ]
