"""Bookmarks: what browsers and bookmark services export, as HTML or JSON, and Pocket's old HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from digest.incoming import encodings, import_rows, plain_html
from digest.incoming.feed_entry import headline
from digest.incoming.feed_text import attributes
from digest.incoming.import_rows import Row, Rows, Unusable
from digest.models import FeedPlan, Unread
from digest.sources.base import Found

_NETSCAPE = re.compile(r"<!DOCTYPE\s+NETSCAPE-Bookmark-file|<title>\s*Pocket Export\s*</title>", re.IGNORECASE)
_LIST = re.compile(r"<DL\b[^>]*>.{0,2000}?<DT\b[^>]*>\s*<(?:A\b[^>]*\bADD_DATE|H3\b)", re.IGNORECASE | re.DOTALL)
_CHROME = re.compile(r"\"roots\"\s*:\s*\{\s*\"(?:bookmark_bar|other|synced)\"")
_FIREFOX = re.compile(r"\"text/x-moz-place|\"placesRoot\"")
_FIREFOX_PACKED = b"mozLz40\0"

# A tag's attributes may hold ">" in quotes. Each alternative eats what it looked at, and an unclosed tag runs
# to the end, so megabytes of broken tags cost what whole ones do.
_TAG = re.compile(
    r"<!--(?>(?:[^-]++|-(?!->))*)(?:-->|\Z)|<(?P<raw>script|style)\b(?>(?:[^<]++|<(?!/(?P=raw)))*)"
    r"|<(?P<end>/?)(?P<name>a|h3|dl|dt|dd|li|ul|hr)(?=[\s/>])"
    r"(?P<said>(?>(?:[^>\"'=]++|=\s*+(?>(?:\"[^\"]*+\"|'[^']*+')?)|[\"'])*))(?:>|\Z)",
    re.IGNORECASE,
)
_NO_BOOKMARK = "There is no bookmark in it."


def recognises(content: bytes, *, name: str = "") -> bool:
    """Whether this is an export of bookmarks, by how it begins."""
    if content.startswith(_FIREFOX_PACKED):
        return True
    text = import_rows.head(content)
    if text.startswith("{"):
        return bool(_CHROME.search(text) or _FIREFOX.search(text))
    return text.startswith("<") and bool(_NETSCAPE.search(text) or _LIST.search(text))


def read(content: bytes, *, name: str = "", now: datetime) -> Found:
    """The bookmarks of a file in its order, folders as tags; live bookmarks as feeds."""
    if content.startswith(_FIREFOX_PACKED):
        return _unread(
            'This is Firefox\'s packed backup. In Firefox choose "Export Bookmarks to HTML" and give that file.'
        )
    text = encodings.text(content)[0].lstrip("\ufeff \t\r\n")
    kept = _Bookmarks(now)
    if text.startswith("{"):
        tree, wrong = import_rows.table(text)
        if wrong or not isinstance(tree, dict):
            return _unread(wrong or _NO_BOOKMARK)
        _chrome(tree, kept) if "roots" in tree else _firefox(tree, kept)
    else:
        _netscape(text, kept)
    if not kept.number:
        return _unread(_NO_BOOKMARK)
    return Found(items=kept.rows.items, unread=kept.rows.unread, feeds=tuple(kept.feeds.values()))


def _unread(why: str) -> Found:
    return Found(unread=(Unread("file", why),))


class _Bookmarks:
    """What was read so far."""

    def __init__(self, now: datetime) -> None:
        self.rows = Rows(now=now)
        self.feeds: dict[str, FeedPlan] = {}
        self.number = 0

    def add(self, row: Row) -> None:
        self.number += 1
        self.rows.add(f"bookmark {self.number}", row)

    def follow(self, url: str, title: str, tags: list[str]) -> None:
        """A live bookmark, as older Firefoxes had them: a feed."""
        self.number += 1
        try:
            feed = FeedPlan(import_rows.address(url), name=headline(title, "text")[:200], tags=import_rows.tags(tags))
        except Unusable as error:
            self.rows.lose(f"bookmark {self.number}", str(error), title=title)
        else:
            self.feeds.setdefault(feed.url, feed)


def _netscape(text: str, kept: _Bookmarks) -> None:
    """https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/platform-apis/aa753582(v=vs.85)"""
    folders: list[str] = []
    folder = ""
    for link, words, note, opened in _marks(text):
        if opened == "folder":
            folder = "" if "personal_toolbar_folder" in link or "unfiled_bookmarks_folder" in link else words
        elif opened == "in":
            folders.append(folder)
            folder = ""
        elif opened == "out":
            del folders[-1:]
        else:
            around = [each for each in folders[-12:] if each]
            tags = [*link.get("tags", "").split(","), *around]
            if link.get("feedurl"):
                kept.follow(link["feedurl"], words, tags)
                continue
            row = Row(
                url=link.get("href", ""),
                title=words,
                plain=True,
                note=note,
                saved=link.get("add_date") or link.get("time_added"),
                tags=tags,
                found={"title": "title", "note": "description"} if note else {"title": "title"},
            )
            kept.add(row)


_Mark = tuple[Mapping[str, str], str, str, str]


def _marks(text: str) -> Iterator[_Mark]:
    """(attributes, words, note, "folder", "in" or "out" or "" for a bookmark), in the order of the file."""
    opened = _Opened()
    for tag in _TAG.finditer(text):
        name = (tag["name"] or "").lower()
        if not name or (opened.what == "dd" and name in ("a", "li", "ul", "hr")):
            continue  # A note may hold links and lists of its own.
        ends = bool(tag["end"])
        opened.close(text, tag.start())
        # A note follows its bookmark, and what follows that begins another.
        if opened.bookmark and not (name == "dd" and not ends) and not (ends and name in ("a", "dt")):
            yield opened.take()
        if opened.folder is not None and not (ends and name == "dd"):
            yield opened.take_folder()
        if name == "dl":
            yield {}, "", "", "out" if ends else "in"
        elif not ends and name in ("a", "h3", "dd"):
            opened.open(name, attributes(import_rows.references(tag["said"])), tag.end())
    opened.close(text, len(text))
    if opened.bookmark:
        yield opened.take()


class _Opened:
    """The element that the reader stands in, and the bookmark whose note may still come."""

    def __init__(self) -> None:
        self.what = ""
        self.bookmark: tuple[Mapping[str, str], str] | None = None
        self.folder: tuple[Mapping[str, str], str] | None = None
        self._said: Mapping[str, str] = {}
        self._start = 0
        self._note = ""

    def open(self, what: str, said: Mapping[str, str], start: int) -> None:
        self.what, self._said, self._start = what, said, start

    def close(self, text: str, end: int) -> None:
        inside = text[self._start : end] if self.what else ""
        if self.what == "a":
            self.bookmark = (self._said, plain_html.line(inside))
        elif self.what == "h3":
            self.folder = (self._said, plain_html.line(inside))
        elif self.what == "dd" and self.bookmark:
            self._note = plain_html.text(inside.strip().replace("\n", "<br>"))
        self.what = ""

    def take(self) -> _Mark:
        said, words = self.bookmark or ({}, "")
        note, self._note, self.bookmark = self._note, "", None
        return said, words, note, ""

    def take_folder(self) -> _Mark:
        said, words = self.folder or ({}, "")
        self.folder = None
        return said, words, "", "folder"


def _chrome(tree: Mapping[str, Any], kept: _Bookmarks) -> None:
    roots = tree["roots"]
    if not isinstance(roots, dict):
        return
    waiting: list[tuple[Any, tuple[str, ...]]] = [(each, ()) for each in reversed(roots.values())]
    while waiting:
        node, folders = waiting.pop()
        if not isinstance(node, dict):
            continue
        title = import_rows.string(node.get("name"))
        if node.get("type") == "url" or "url" in node:
            row = Row(
                url=import_rows.string(node.get("url")),
                title=title,
                plain=True,
                saved=import_rows.string(node.get("date_added")),
                tags=folders,
                found={"title": "name"},
            )
            kept.add(row)
            continue
        # The four roots have names of their own in each language, and mean nothing.
        inner = folders if any(node is root for root in roots.values()) else _deeper(folders, title)
        waiting += _children(node, inner)


def _firefox(tree: Mapping[str, Any], kept: _Bookmarks) -> None:
    waiting: list[tuple[Any, tuple[str, ...]]] = [(tree, ())]
    while waiting:
        node, folders = waiting.pop()
        if not isinstance(node, dict):
            continue
        title = import_rows.string(node.get("title"))
        notes = {
            import_rows.string(note.get("name")): import_rows.string(note.get("value"))
            for note in node.get("annos") or ()
            if isinstance(note, dict)
        }
        if "livemark/feedURI" in notes:
            kept.follow(notes["livemark/feedURI"], title, list(folders))
        elif "uri" in node or node.get("type") == "text/x-moz-place":
            note = notes.get("bookmarkProperties/description", "")
            row = Row(
                url=import_rows.string(node.get("uri")),
                title=title,
                plain=True,
                note=note,
                saved=node.get("dateAdded"),
                tags=[*import_rows.string(node.get("tags")).split(","), *folders],
                found={"title": "title", "note": "description"} if note else {"title": "title"},
            )
            kept.add(row)
        else:
            waiting += _children(node, folders if "root" in node else _deeper(folders, title))


def _children(node: Mapping[str, Any], folders: tuple[str, ...]) -> list[tuple[Any, tuple[str, ...]]]:
    """What lies in a folder, last first, as a stack wants it."""
    children = node.get("children")
    return [(each, folders) for each in reversed(children)] if isinstance(children, list) else []


def _deeper(folders: tuple[str, ...], title: str) -> tuple[str, ...]:
    return (*folders[-11:], title) if title else folders
