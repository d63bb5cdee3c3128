"""Real exports and lists of feeds: every row and feed comes in, or is told why not."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from digest.sources import bookmarks, letter, links, opml, readlater
from digest.sources.base import Found

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
READERS = (opml, bookmarks, readlater, letter, links)


@pytest.fixture(scope="module")
def imports(shared: Path) -> Path:
    return shared / "corpora" / "imports"


@pytest.fixture(scope="module")
def lists(shared: Path) -> list[Path]:
    return sorted(path for path in (shared / "corpora" / "opml").rglob("*") if path.suffix in (".opml", ".xml"))


def read(path: Path) -> Found:
    """The file as the first reader takes it that knows it."""
    content = path.read_bytes()
    reader = next(each for each in READERS if each.recognises(content, name=path.name))
    found: Found = reader.read(content, name=path.name, now=NOW)
    return found


def addresses(path: Path) -> list[str]:
    """The addresses of an export by the plainest means there are."""
    text = path.read_text("utf-8")
    if path.suffix == ".csv":
        return [row.get("url") or row["URL"] for row in csv.DictReader(io.StringIO(text))]
    if path.suffix == ".html":
        return re.findall(r'<a href="([^"]+)"', text, re.IGNORECASE)
    return list(_of(json.loads(text)))


def _of(data: Any) -> list[str]:
    if isinstance(data, dict):
        own = next((data[name] for name in ("url", "href", "uri", "article__url") if data.get(name)), None)
        return [own] if own else [each for value in data.values() for each in _of(value)]
    return [each for value in data for each in _of(value)] if isinstance(data, list) else []


def test_every_row_of_every_export_comes_in(imports: Path) -> None:
    paths = [path for path in imports.iterdir() if path.name != "SOURCE.txt"]
    assert len(paths) >= 10
    assert {path.name: ([item.url for item in read(path).items], read(path).unread) for path in paths} == {
        path.name: (addresses(path), ()) for path in paths
    }


def test_every_row_has_a_title_in_plain_words(imports: Path) -> None:
    titles = [item.title for path in imports.iterdir() if path.name != "SOURCE.txt" for item in read(path).items]
    assert [title for title in titles if not title or re.search(r"</|&\w+;|[\x00-\x1f]", title)] == []


def test_every_feed_of_every_list_comes_in(lists: list[Path]) -> None:
    # listparser's own reading is what counts as right; its tests say so in each file.
    listparser = import_module("listparser")
    wanted, got = {}, {}
    for path in lists:
        content = path.read_bytes()
        wanted[path.name] = sorted({feed["url"] for feed in listparser.parse(content)["feeds"]})
        got[path.name] = sorted(feed.url for feed in opml.read(content, name=path.name, now=NOW).feeds)
    assert sum(map(len, wanted.values())) > 300
    assert got == wanted


def test_a_list_of_real_feeds_is_known_and_has_names_and_folders(lists: list[Path]) -> None:
    real = [path for path in lists if "awesome-rss-feeds" in path.parts]
    feeds = [feed for path in real for feed in read(path).feeds]
    assert [path.name for path in real if not opml.recognises(path.read_bytes())] == []
    assert [feed.url for feed in feeds if not feed.name or not feed.tags] == []


def test_what_the_hard_lists_expect_is_so(lists: list[Path]) -> None:
    """Each hard list says in its head how many feeds it holds, and some addresses and names."""
    checked = 0
    for path in lists:
        head = path.read_text("utf-8", "replace")
        found = opml.read(path.read_bytes(), name=path.name, now=NOW)
        if count := re.search(r"Eval: len\(result\['feeds'\]\) == (\d+)", head):
            assert (path.name, len(found.feeds)) == (path.name, int(count[1]))
            checked += 1
        for key, value in re.findall(
            r"result\[['\"]feeds['\"]\]\[0\]\[['\"](url|title)['\"]\] == ['\"](.*?)['\"]", head
        ):
            assert (path.name, getattr(found.feeds[0], {"title": "name"}.get(key, key))) == (path.name, value)
            checked += 1
    assert checked >= 20


def test_hostile_files_are_told_by_every_reader(shared: Path) -> None:
    folders = ("json/test_parsing", "mime", "xml_bombs", "yaml", "text", "urls")
    paths = [path for name in folders for path in (shared / "corpora/bad" / name).rglob("*") if path.is_file()]
    assert len(paths) > 100
    for path in paths:
        for reader in READERS:
            found = reader.read(path.read_bytes()[:300_000], name=path.name, now=NOW)
            assert all(item.url.lower().startswith(("http://", "https://")) for item in found.items)
            assert all(unread.where and unread.why for unread in found.unread)
            assert found.items or found.unread or found.feeds
