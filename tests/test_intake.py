"""What an editor adds by hand comes in as what it is, and can be read again later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fake_web import FakeWeb
from newsroom import PUBLICATION

from digest import intake
from digest.errors import DigestError
from digest.models import FeedPlan
from digest.project import Project
from digest.sources.base import Found
from digest.store import Store

NOW = datetime(2024, 2, 3, 9, tzinfo=UTC)
PAGE = """<html><head><title>A budget | The Ledger</title>
<meta name="description" content="A plan for money."></head>
<body><article><h1>A budget</h1><p>The council voted on Monday after a long debate in the town hall.</p></article>
</body></html>"""
FEED = "<rss version='2.0'><channel><title>News</title><item><title>T</title><link>https://n.example/1</link></item>\
</channel></rss>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "inbox.db", clock=lambda: NOW) as store:
        yield store


def test_a_page_comes_in_under_the_address_that_was_typed_too(store: Store, web: FakeWeb) -> None:
    web.answers("GET", "https://n.example/a", PAGE, headers={"Content-Type": "text/html"})

    added = intake.keep(intake.from_web("https://n.example/a", web, now=NOW), store, why="added")

    assert store.find("https://n.example/a").id == added[0].id
    assert store.find(added[0].id).item.description == "A plan for money."


def test_the_same_twice_adds_nothing(store: Store, web: FakeWeb) -> None:
    web.answers("GET", "https://n.example/a", PAGE, headers={"Content-Type": "text/html"})

    outcomes = [
        intake.keep(intake.from_web("https://n.example/a", web, now=NOW), store, why="added")[0].outcome
        for _ in range(2)
    ]

    assert outcomes == ["new", "known"]


def test_a_feeds_address_is_followed_rather_than_taken_for_a_story(web: FakeWeb) -> None:
    web.answers("GET", "https://n.example/rss", FEED, headers={"Content-Type": "application/rss+xml"})

    found = intake.from_web("https://n.example/rss", web, now=NOW).found

    assert (found.items, found.feeds) == ((), (FeedPlan("https://n.example/rss", name="News"),))


def test_a_page_that_is_not_there_is_told_with_a_way_out(web: FakeWeb) -> None:
    web.answers("GET", "https://n.example/a", "", status=403)

    with pytest.raises(DigestError) as told:
        intake.from_web("https://n.example/a", web, now=NOW)

    assert told.value.what == "https://n.example/a answers 403; there is no story to be had."
    assert "can be added as a file" in told.value.hint


def test_a_page_that_asks_for_time_says_how_much(web: FakeWeb) -> None:
    web.answers("GET", "https://n.example/a", "", status=429, headers={"Retry-After": "600"})

    with pytest.raises(DigestError) as told:
        intake.from_web("https://n.example/a", web, now=NOW)

    assert told.value.what.endswith("has been asked too often (429) and wants to be left alone for 10 minutes.")


@pytest.mark.parametrize(
    ("name", "content", "titles", "feeds"),
    [
        ("a.html", PAGE, ["A budget"], 0),
        ("", "# Reading\n\n- [One](https://n.example/1)\n- [Two](https://n.example/2)\n", ["One", "Two"], 0),
        ("urls.txt", "https://n.example/1\nhttps://n.example/2\n", ["", ""], 0),
        ("x.opml", "<opml><body><outline xmlUrl='https://n.example/f' text='N'/></body></opml>", [], 1),
        ("p.csv", "title,url,time_added\nOne,https://n.example/1,1700000000\n", ["One"], 0),
    ],
)
def test_a_file_is_known_by_what_is_in_it(name: str, content: str, titles: list[str], feeds: int) -> None:
    found = intake.from_bytes(content.encode(), name=name, now=NOW).found

    assert len(found.items) == len(titles)
    assert [item.title for item, title in zip(found.items, titles, strict=True) if title] == [t for t in titles if t]
    assert len(found.feeds) == feeds


def test_an_empty_file_gives_a_reason_and_no_story() -> None:
    found = intake.from_bytes(b"", name="a.txt", now=NOW).found

    assert found.items == ()
    assert found.unread


def test_feeds_are_followed_once_and_digest_toml_keeps_every_byte(tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text("# mine\n" + PUBLICATION)
    feeds = [FeedPlan("https://n.example/f", name="N", tags=("x",))]

    added = intake.follow(Project(tmp_path), feeds)
    again = intake.follow(Project(tmp_path), feeds)

    assert (added, again) == (tuple(feeds), ())
    assert (tmp_path / "digest.toml").read_text().startswith("# mine\n" + PUBLICATION)
    assert Project(tmp_path).publication.feeds == tuple(feeds)


def test_reading_again_mends_what_was_misread_and_keeps_what_the_editor_corrected(store: Store) -> None:
    taken = intake.from_bytes(PAGE.encode(), name="a.html", now=NOW)
    item = intake.corrected(taken.found.items[0], title="My title", note="Mine.")
    kept = replace(taken, found=Found(items=(item,)))
    id_ = intake.keep(kept, store, why="added")[0].id
    store.replace_item(id_, replace(store.find(id_).item, description="Misread."))

    changed = intake.reread(store, [id_], now=NOW)

    item = store.find(id_).item
    assert changed == [id_]
    assert (item.title, item.description, item.note) == ("My title", "A plan for money.", "Mine.")
    assert intake.reread(store, [id_], now=NOW) == []


def test_what_is_no_address_is_not_taken_for_one() -> None:
    taken = intake.from_bytes(PAGE.encode(), name="a.html", now=NOW)

    with pytest.raises(DigestError, match="is no web address"):
        intake.corrected(taken.found.items[0], url="javascript:alert(1)")
