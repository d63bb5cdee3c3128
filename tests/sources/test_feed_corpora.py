"""Feeds as they are found: real ones, other parsers' test cases, and what was made to do harm."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from digest.incoming import encodings, plain_html
from digest.sources import feed
from digest.sources.base import Found

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOME = "http://127.0.0.1:8097/"
UNSAFE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]|<script|<\w+ on\w+=", re.IGNORECASE
)


@pytest.fixture(scope="module")
def real(shared: Path) -> list[tuple[str, bytes, Found]]:
    """(address, bytes, what was found) of each real feed."""
    folder = shared / "corpora" / "feeds"
    listed = json.loads((folder / "manifest.json").read_text("utf-8"))
    here = [(each["url"], folder / each["file"]) for each in listed if (folder / each["file"]).is_file()]
    return [(url, content := path.read_bytes(), feed.read(content, url=url, now=NOW)) for url, path in here]


def assert_safe(found: Found) -> None:
    for item in found.items:
        assert item.title
        assert re.match(r"(?:https?://[^\s<>\"]+)?\Z", item.url)
        assert re.match(r"(?:https?://[^\s<>\"]+)?\Z", item.picture)
        assert item.published is None or item.published.tzinfo is UTC
        told = (
            item.title,
            item.description,
            item.text,
            item.author,
            item.guid,
            item.picture_alt,
            item.source,
            *item.tags,
        )
        assert UNSAFE.search("\n".join(told)) is None


def test_every_real_feed_has_items_and_all_of_them_are_safe(real: list[tuple[str, bytes, Found]]) -> None:
    assert real
    for url, _, found in real:
        assert (url, bool(found.items), found.unread) == (url, True, ())
        assert_safe(found)


def test_titles_links_and_dates_agree_with_feedparser(real: list[tuple[str, bytes, Found]]) -> None:
    feedparser = pytest.importorskip("feedparser")
    compared = agreed = 0
    for url, content, found in sorted(real, key=lambda each: len(each[1]))[:20]:
        entries = feedparser.parse(io.BytesIO(content), response_headers={"content-location": url}).entries
        if not entries:
            continue  # One it cannot read at all.
        assert (url, len(found.items)) == (url, len(entries))
        for item, entry in zip(found.items, entries, strict=True):
            compared += 3
            agreed += (not entry.get("title")) or item.title == plain_html.line(entry.title)
            agreed += item.url == entry.get("link", "")
            agreed += (item.published and item.published.replace(microsecond=0)) == _date(entry)
    assert compared > 100
    assert agreed / compared >= 0.99


def _date(entry: Any) -> datetime | None:
    parts = entry.get("published_parsed") or entry.get("updated_parsed")
    return datetime(*parts[:6], tzinfo=UTC) if parts else None


#: What our fields are called there. The rest of an expectation is a Python literal.
_EXPECT = re.compile(
    r"Expect:\s*(?:not bozo and |bozo and )?entries\[0\]\['(title|summary|description|link|id)'\]"
    r"(?:\['value'\])?\s*==\s*u?'([^']*)'\s*$",
    re.MULTILINE,
)


def _expectations(folder: Path) -> Iterator[tuple[Path, bytes, str, str, str, str]]:
    """(path, bytes, charset, address, field, expected) of each case that tells of a field of ours."""
    for path in sorted(folder.rglob("*.xml")):
        content = path.read_bytes()
        said = encodings.text(content)[0]
        if expected := _EXPECT.search(said):
            header = re.search(r"Header:.*charset=\s*['\"]?([\w-]+)", said)
            place = re.search(r"Content-Location:\s*(\S+)", said)
            # A title that is a picture only has no words.
            if "\\" not in expected[2] and (expected[1] != "title" or plain_html.line(expected[2])):
                yield path, content, header[1] if header else "", place[1] if place else HOME, expected[1], expected[2]


def test_what_feedparsers_own_cases_expect_is_found(shared: Path) -> None:
    missed, count = [], 0
    for path, content, charset, url, name, expected in _expectations(shared / "corpora/feeds/feedparser-tests"):
        items = feed.read(content, url=url, now=NOW, charset=charset).items
        got = items[0] if items else None
        if name in ("link", "id"):
            right = got is not None and expected == (got.url if name == "link" else got.guid)
        else:
            words = plain_html.line(expected)
            told = () if got is None else (got.title,) if name == "title" else (got.description, got.text)
            right = not words or words in [" ".join(each.split()) for each in told]
        count += 1
        missed += [] if right else [path.name]
    assert count > 30
    assert missed == []


def test_every_case_of_the_other_parsers_is_a_feed(shared: Path) -> None:
    folder = shared / "corpora" / "feeds"
    files = [
        path
        for name in ("feedparser-tests/encoding", "feedparser-tests/illformed", "miniflux")
        for path in (folder / name).rglob("*.xml")
    ]
    for path in files:
        found = feed.read(path.read_bytes(), url=HOME, now=NOW)
        whole = [each for each in found.unread if each.where == "feed"]
        assert (path.name, whole) == (path.name, []) or path.name == "rss_empty_document.xml"
        assert_safe(found)


def test_a_full_json_feed_is_read(shared: Path) -> None:
    content = (shared / "corpora/feeds/gofeed-json/json10_full.json").read_bytes()
    (item,) = feed.read(content, url=HOME, now=NOW).items
    assert (item.title, item.url, item.description, item.text, item.tags) == (
        "title",
        "https://sample-json-feed.com/id",
        "summary",
        "content_html",
        ("tag1", "tag2"),
    )


def test_hostile_cases_bring_nothing_that_runs(shared: Path) -> None:
    folders = ("feeds_illformed", "feeds_xss_h5sc")
    files = [path for name in folders for path in sorted((shared / "corpora/bad" / name).rglob("*.*"))]
    sampled = [path for path in files if path.suffix in (".xml", ".txt", ".js", ".json")][::9]
    assert sampled
    for path in sampled:
        assert_safe(feed.read(path.read_bytes(), url=HOME, now=NOW))


def test_vectors_within_a_feed_stay_words(shared: Path) -> None:
    vectors = (shared / "corpora/bad/feeds_xss_h5sc/vectors.txt").read_text("utf-8", "replace")[:60_000].split("\n\n")
    items = "".join(
        f"<item><guid>{number}</guid><title><![CDATA[{each}]]></title><link>/{number}</link>"
        f"<description><![CDATA[{each} words]]></description></item>"
        for number, each in enumerate(vector.replace("]]>", "") for vector in vectors)
    )
    found = feed.read(f"<rss><channel>{items}</channel></rss>".encode(), url=HOME, now=NOW)
    assert len(found.items) == len(vectors)
    for item in found.items:
        # What the vector itself had escaped is a word that a reader sees, and stays one.
        if not re.search("&lt;|&#", vectors[int(item.guid)]):
            assert "<script" not in (item.title + item.description + item.text).lower()


@pytest.mark.usefixtures("patience")
def test_xml_bombs_do_nothing(shared: Path) -> None:
    for path in sorted((shared / "corpora/bad/xml_bombs/xmltestdata").iterdir()):
        found = feed.read(path.read_bytes(), url=HOME, now=NOW)
        assert (path.name, found.items, len(found.unread)) == (path.name, (), 1)
