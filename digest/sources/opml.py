"""OPML: a list of feeds as any feed reader exports it, however broken its XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from digest import urls
from digest.incoming import encodings, feed_text, import_rows
from digest.incoming.feed_entry import headline
from digest.incoming.import_rows import Unusable
from digest.models import FeedPlan, Unread
from digest.sources.base import Found

#: Friend-of-a-friend lists and iGoogle's tabs are lists of feeds too.
_OTHER_LISTS = re.compile(r"http://xmlns\.com/foaf/|schemas\.google\.com/GadgetTabML|<\s*GadgetTabML\b", re.IGNORECASE)
_OUTLINE = re.compile(
    r"<(/?)(?:[\w.-]{1,30}:)?outline\b((?>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*))>", re.IGNORECASE
)
_BROKEN_OFF = re.compile(r"<(?:[\w.-]{1,30}:)?outline\b(?=[^<>]*\bxmlurl\s*=)[^<>]*\Z", re.IGNORECASE)
#: What listparser may be asked to hold: folders around a feed, summed up over all feeds.
_MOST_FOLDERS = 5_000_000
_MOST_TIMES_LISTED = 500
_MOST_CATEGORIES = 2_000


def recognises(content: bytes, *, name: str = "") -> bool:
    """Whether this is a list of feeds, by its first element."""
    text = import_rows.head(content)
    return feed_text.kind(text) == "opml" or (text.startswith("<") and bool(_OTHER_LISTS.search(text)))


def read(content: bytes, *, name: str = "", now: datetime) -> Found:
    """The feeds of a list, each once, with the folders around it as tags; never any items."""
    import listparser

    text = encodings.text(content)[0].replace("\0", "")
    unread = list(_lacking(text))
    if why := _too_much(text):
        return Found(unread=(Unread("file", why),))
    # In ASCII no parser can take one encoding for another, and an "&" that begins nothing is written out.
    mended = import_rows.references(_addressed(text)).encode("ascii", "xmlcharrefreplace")
    try:
        # Bytes only: a string that begins with http:// would be fetched. It expands no entity and opens nothing.
        parsed: Mapping[str, Any] = listparser.parse(mended)
    except Exception:  # It promises none, and says so of its own handlers only.
        return Found(unread=(Unread("file", "This looks like a list of feeds, but it is too broken to be read."),))
    feeds: dict[str, FeedPlan] = {}
    for number, entry in enumerate(parsed["feeds"], 1):
        title = headline(entry.get("title") or "", "text")
        try:
            plan = _plan(entry, title)
        except Unusable as error:
            unread.append(Unread(f'feed {number} "{title[:60]}"' if title else f"feed {number}", str(error)))
            continue
        key = urls.key(plan.url)
        first = feeds.get(key)
        feeds[key] = plan if first is None else _joined(first, plan)
    unread += _no_feeds(parsed)
    if not feeds and not unread:
        unread.append(Unread("file", "There is no feed in this list."))
    title = headline(parsed.get("meta", {}).get("title") or "", "text")
    return Found(feeds=tuple(feeds.values()), unread=tuple(unread), title=title)


def _plan(entry: Mapping[str, Any], title: str) -> FeedPlan:
    given = entry["url"]
    url = import_rows.address(given)
    # A list without end tags puts each feed into the one before, which is a folder without a name.
    folders = [folder for path in entry.get("categories", ()) for folder in path if folder]
    return FeedPlan(
        url=url,
        name="" if title == given else title[:200],
        tags=import_rows.tags([*folders, *entry.get("tags", ())]),
    )


def _joined(first: FeedPlan, again: FeedPlan) -> FeedPlan:
    return FeedPlan(url=first.url, name=first.name or again.name, tags=import_rows.tags([*first.tags, *again.tags]))


def _no_feeds(parsed: Mapping[str, Any]) -> Iterator[Unread]:
    """What a list names beside feeds."""
    for kind, why in (
        ("lists", "is a page or another list of feeds, not a feed; add it by itself"),
        ("opportunities", "is a site, and no feed of it is named; to follow it, add that address as a feed"),
    ):
        for entry in parsed[kind]:
            leads = headline(entry["url"], "text")[:200]
            title = headline(entry.get("title") or "", "text")[:60]
            yield Unread(f'entry "{title}"' if title else "entry", f"{leads} {why}")


def _lacking(text: str) -> Iterator[Unread]:
    """Entries that call themselves feeds and say neither feed nor site; and one that the file's end cuts off."""
    line, at = 1, 0
    for found in _OUTLINE.finditer(text):
        if not _FEED_TYPE.search(found[2]):
            continue
        said = feed_text.attributes(found[2])
        if not any(said.get(each, "").strip() for each in ("xmlurl", "htmlurl", "url")):
            title = headline(said.get("text") or said.get("title") or "", "text")
            line, at = line + text.count("\n", at, found.start()), found.start()
            yield Unread(f'line {line} "{title[:60]}"' if title else f"line {line}", "it is a feed without an address")
    # Only the last tag can be cut off.
    last = text.rfind("<")
    if last >= 0 and _BROKEN_OFF.match(text, last):
        yield Unread(f"line {text.count(chr(10), 0, last) + 1}", "the file breaks off in the middle of this feed")


_FEED_TYPE = re.compile(r"\btype\s*=\s*[\"']?\s*(?:rss|atom)\b", re.IGNORECASE)
_XMLURL = re.compile(r"\bxmlurl\s*=", re.IGNORECASE)
_CATEGORY = re.compile(r"\bcategory\s*=", re.IGNORECASE)
_ADDRESS = re.compile(r"\bxmlurl\s*=\s*(\S{1,2000})", re.IGNORECASE)
_URL = re.compile(r"(?<=\s)url(?=\s*=)", re.IGNORECASE)


def _addressed(text: str) -> str:
    """With `xmlUrl` in feeds that call their address `url`, as some programs do."""

    def named(found: re.Match[str]) -> str:
        if _XMLURL.search(found[2]) or not _FEED_TYPE.search(found[2]):
            return found[0]
        return _URL.sub("xmlUrl", found[0], count=1)

    return _OUTLINE.sub(named, text)


def _too_much(text: str) -> str:
    """Why listparser may not read this: it keeps each feed's folders and compares them with each other."""
    depth = folders = 0
    times: dict[str, int] = {}
    for found in _OUTLINE.finditer(text):
        if found[1]:
            depth = max(0, depth - 1)
            continue
        folders += depth
        if address := _ADDRESS.search(found[2]):
            times[address[1]] = times.get(address[1], 0) + 1
        if found[2].count(",") > _MOST_CATEGORIES and _CATEGORY.search(found[2]):
            return f"It puts one feed into more than {_MOST_CATEGORIES:,} categories."
        depth += not found[2].rstrip().endswith("/")
    if folders > _MOST_FOLDERS:
        return "Its folders lie so deep in one another that nobody can have meant it."
    most = max(times.values(), default=0)
    return f"It lists one feed {most:,} times." if most > _MOST_TIMES_LISTED else ""
