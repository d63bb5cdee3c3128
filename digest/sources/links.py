"""Links: a list of addresses, Markdown with links, or a link that a desktop saved as a file (.webloc, .url)."""

from __future__ import annotations

import plistlib
import re
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath

from digest.incoming import encodings, import_rows, listed_links
from digest.incoming.import_rows import Row, Rows
from digest.models import Unread
from digest.sources.base import Found

_SHORTCUT = re.compile(r"\s*\[(?:InternetShortcut(?:\.W)?|Desktop Entry)\]", re.IGNORECASE)
_VALUE = re.compile(r"^[ \t]*(url|name|title)[ \t]*=[ \t]*(.*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_PLIST = re.compile(r"(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE\s+plist[^>\[]*(?:\[.*?\]\s*)?>\s*)?<plist\b", re.I | re.S)
_BINARY_PLIST = b"bplist00"
#: A file with one link is small; larger property lists are a program's own.
_LARGEST_PLIST = 1_000_000
#: A page, a table of fields, a document: theirs are other readers.
_OTHER = re.compile(r"<(?:!|\?|(?:html|head|body|rss|feed|opml|meta|title|div|p|a)\b)|\{|%PDF", re.IGNORECASE)


def recognises(content: bytes, *, name: str = "") -> bool:
    """Whether this is a list of links rather than a story that has some, or a file that holds one link."""
    if content.startswith(_BINARY_PLIST):
        return True
    text = import_rows.head(content)
    if _PLIST.match(text) or _SHORTCUT.match(text):
        return True
    if _OTHER.match(text) or "\0" in text:
        return False
    # The last line of a head may be half an address.
    text = text if len(content) <= len(text) else text.rpartition("\n")[0]
    return listed_links.looks_listed(text)


def read(content: bytes, *, name: str = "", now: datetime) -> Found:
    """The links of a file in its order, with the words about each; for a saved link the file's name is the title."""
    kept = Rows(now=now)
    if content.startswith(_BINARY_PLIST) or _PLIST.match(import_rows.head(content)):
        url, title = _of_plist(content)
        kept.add("file", _saved(url, title, name))
    elif _SHORTCUT.match(text := encodings.text(content)[0].lstrip("\ufeff")):
        said = {found[1].lower(): found[2] for found in reversed(list(_VALUE.finditer(text)))}
        kept.add("file", _saved(said.get("url", ""), said.get("name") or said.get("title", ""), name))
    else:
        for listed in listed_links.find(text):
            kept.add(f"line {listed.line}", listed.row)
        if not kept.items and not kept.unread:
            return Found(unread=(Unread("file", "There is no link in it."),))
    return Found(items=kept.items, unread=kept.unread)


def _saved(url: str, title: str, name: str) -> Row:
    """A link that is a file: dragged from the browser's address line to a folder."""
    stem = PurePosixPath(PureWindowsPath(name).name).stem
    found = {} if title or not stem else {"title": "file name"}
    return Row(url=url, title=title or stem, plain=True, found=found)


def _of_plist(content: bytes) -> tuple[str, str]:
    """(address, title) of a .webloc; empty where it has none. Entities and outside files are refused by plistlib."""
    if len(content) > _LARGEST_PLIST:
        return "", ""
    try:
        said = plistlib.loads(content)
    except Exception:  # From ExpatError to OverflowError: it names none, and no broken file is our bug.
        # Windows' programs write "&" as it is.
        broken = encodings.text(content)[0]
        found = re.search(r"<key>\s*URL\s*</key>\s*<string>([^<]{1,8000})</string>", broken, re.IGNORECASE)
        return (found[1].replace("&amp;", "&"), "") if found else ("", "")
    if not isinstance(said, dict):
        return "", ""
    return import_rows.string(said.get("URL")), import_rows.string(said.get("title") or said.get("Title"))
