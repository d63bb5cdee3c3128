"""What an editor adds by hand: a page, a text, an export of a read-later service, a list of feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

from digest import files
from digest.errors import DigestError
from digest.models import FeedPlan, Item, Unread
from digest.project import Project
from digest.sources.base import Found
from digest.store import Added, Arrival, Store
from digest.web import Web

#: Asked in this order whether a file is theirs; the last takes what is left.
_READERS = ("opml", "bookmarks", "readlater", "letter", "links")
#: Bytes of a file that is read; a larger one is no story and no export.
LARGEST = 64_000_000


def from_file(path: Path, *, now: datetime) -> Found:
    """What a file holds, by what is in it rather than by its name."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise DigestError("The file is too large to be a story or an export.", path=path)
    return from_bytes(files.read(path), name=path.name, now=now)


def from_bytes(content: bytes, *, name: str, now: datetime) -> Found:
    """What was in a file of that name, or came by standard input."""
    for reader in map(_reader, _READERS):
        if reader.recognises(content, name=name):
            return _found(reader.read(content, name=name, now=now))
    start = content[:4000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")) or name.lower().endswith((".html", ".htm")):
        return _found(_reader("page").read(content, url=""))
    return _found(_reader("text").read(content, name=name, now=now))


def from_web(url: str, web: Web, *, now: datetime) -> Found:
    """The story on a page; for a feed's address, the feed. Raises WebError, DigestError for a page that is gone."""
    answer = web.get(url, accept="text/html, application/xhtml+xml, */*;q=0.8", tries=2)
    if not answer.ok:
        raise DigestError(
            f"{url} answers {answer.status}; there is no story to be had.", hint="Look at it in a browser."
        )
    if answer.media_type.startswith(("image/", "video/", "audio/")) or answer.media_type == "application/pdf":
        item = Item(url=answer.url, title=answer.url.rstrip("/").rpartition("/")[2], found={"title": "its address"})
        return Found(items=(item,))
    feed = _reader("feed").read(
        answer.body, url=answer.url, now=now, charset=answer.charset, media_type=answer.media_type
    )
    if feed.items:
        return Found(feeds=(FeedPlan(answer.permanent_url or url, name=feed.title),), title=feed.title)
    found: Found = _reader("page").read(answer.body, url=answer.url, charset=answer.charset)
    # The address that was typed leads there too.
    items = tuple(replace(item, aliases=tuple(dict.fromkeys((*item.aliases, url, answer.url)))) for item in found.items)
    return replace(found, items=items)


def keep(found: Found, store: Store, *, why: str) -> list[Added]:
    """Put what was found into the inbox; the same twice adds nothing."""
    return store.add_all([Arrival(item, why=why) for item in found.items])


def follow(project: Project, feeds: Sequence[FeedPlan]) -> tuple[FeedPlan, ...]:
    """Add feeds to digest.toml, below all that is there; those that were not followed yet."""
    if not feeds:
        return ()
    from digest import feed_list

    path = project.root / "digest.toml"
    before = files.read(path)
    text, added = feed_list.with_feeds(before.decode("utf-8"), feeds)
    if added:
        files.replace(path, text.encode("utf-8"), expected=before)
    return tuple(added)


def reread(store: Store, ids: Sequence[str], *, now: datetime) -> list[str]:
    """Read again, with what digest has learned since, what was fetched for these candidates; the ids that changed."""
    changed: list[str] = []
    for asked in ids:
        candidate = store.find(asked)
        raw = store.raw(candidate.id)
        if not raw:
            continue
        if candidate.feed:
            found = _reader("feed").read(raw, url=candidate.feed, now=now)
            items = [
                item
                for item in found.items
                if item.url == candidate.item.url or (item.guid and item.guid == candidate.item.guid)
            ]
        else:
            items = list(_reader("page").read(raw, url=candidate.item.url).items)
        if items and items[0] != candidate.item:
            store.replace_item(candidate.id, replace(items[0], note=candidate.item.note, tags=candidate.item.tags))
            changed.append(candidate.id)
    return changed


def _reader(name: str) -> ModuleType:
    return import_module(f"digest.sources.{name}")


def _found(found: Found) -> Found:
    if found.items or found.feeds or found.unread:
        return found
    return replace(found, unread=(Unread("the whole", "Nothing in it could be read as a story."),))
