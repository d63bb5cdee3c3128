"""What an editor adds by hand: a page, a text, an export of a read-later service, a list of feeds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from digest import files, urls
from digest.errors import DigestError, shown_url
from digest.models import FeedPlan, Item, Unread
from digest.project import Project
from digest.sources.base import Found
from digest.store import Added, Arrival, Store
from digest.web import Web
from digest.web.addresses import is_public

if TYPE_CHECKING:
    from digest.gather import Visit

#: Asked in this order whether a file is theirs; the last takes what is left.
_READERS = ("opml", "bookmarks", "readlater", "letter", "links")
#: Bytes of a file that is read; a larger one is no story and no export.
LARGEST = 64_000_000
#: Where a field was found that the editor gave.
YOU = "you"


@dataclass(frozen=True, slots=True)
class Taken:
    """What was found in one place, and what it was found in."""

    found: Found
    raw: bytes = field(default=b"", repr=False)
    #: By what `raw` is read again.
    raw_facts: Mapping[str, str] = field(default_factory=dict)


def from_file(path: Path, *, now: datetime) -> Taken:
    """What a file holds, by what is in it rather than by its name."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise DigestError("The file is too large to be a story or an export.", path=path)
    return from_bytes(files.read(path), name=path.name, now=now)


def from_bytes(content: bytes, *, name: str, now: datetime) -> Taken:
    """What was in a file of that name, or came by standard input."""
    return Taken(_read_file(content, name, now), content, {"kind": "file", "name": name})


def from_web(url: str, web: Web, *, now: datetime) -> Taken:
    """The story on a page; for a feed's address, the feed. Raises WebError, DigestError for a page that is gone."""
    answer = web.get(url, accept="text/html, application/xhtml+xml, */*;q=0.8", tries=2)
    if answer.status in (429, 503) and answer.retry_after:
        minutes = max(1, round(min(answer.retry_after, 10**9) / 60))
        wait = f"{minutes} minutes" if minutes > 1 else "a minute"
        raise DigestError(
            f"{shown_url(url)} has been asked too often ({answer.status}) and wants to be left alone for {wait}.",
            hint="Add it again after that, or save the page in a browser and add the file.",
        )
    if not answer.ok:
        raise DigestError(
            f"{shown_url(url)} answers {answer.status}; there is no story to be had.",
            hint="Look at it in a browser. A page saved there can be added as a file.",
        )
    if answer.media_type.startswith(("image/", "video/", "audio/")) or answer.media_type == "application/pdf":
        title = unquote(urlsplit(answer.url).path.rstrip("/").rpartition("/")[2]) or answer.url
        return Taken(Found(items=(Item(url=answer.url, title=title, found={"title": "its address"}),)))
    told = {"kind": "page", "url": answer.url, "typed": url, "charset": answer.charset}
    feed = _reader("feed").read(
        answer.body, url=answer.url, now=now, charset=answer.charset, media_type=answer.media_type
    )
    if feed.items:
        return Taken(Found(feeds=(FeedPlan(answer.permanent_url or url, name=feed.title),), title=feed.title))
    return Taken(_read_page(answer.body, told), answer.body, told)


def keep(taken: Taken, store: Store, *, why: str) -> list[Added]:
    """Put what was found into the inbox; the same twice adds nothing."""
    return store.add_all(
        [Arrival(item, why=why, raw=taken.raw, raw_facts=taken.raw_facts) for item in taken.found.items]
    )


def follow(project: Project, feeds: Sequence[FeedPlan]) -> tuple[FeedPlan, ...]:
    """Add feeds to digest.toml, below all that is there; those that were not followed yet."""
    if not feeds:
        return ()
    from digest.incoming import feed_list

    path = project.root / "digest.toml"
    before = files.read(path)
    text, added = feed_list.with_feeds(before.decode("utf-8"), feeds)
    if added:
        files.replace(path, text.encode("utf-8"), expected=before)
    return tuple(added)


def settle(project: Project, store: Store, visits: Sequence[Visit]) -> list[Visit]:
    """Give feeds that moved for good their new address in digest.toml; the visits, each with word of it.

    Where two feeds would become one, or the file cannot be written, it stays as it is, and that is said.
    """
    if not any(visit.moved_to for visit in visits):
        return list(visits)
    from digest.incoming import feed_list

    path = project.root / "digest.toml"
    followed = [plan.url for plan in project.publication.feeds]
    told: list[Visit] = []
    for visit in visits:
        old, new = visit.plan.url, visit.moved_to
        if not new or new == old:
            told.append(visit)
            continue
        try:
            before = files.read(path)
            text = before.decode("utf-8")
            if _leads_inside(new) and urls.site(new) != urls.site(old):
                word = "which is an address of your own network: change digest.toml yourself if it is meant"
            elif (after := feed_list.moved(text, old, new)) != text:
                files.replace(path, after.encode("utf-8"), expected=before)
                store.move_feed(old, new)
                followed.append(new)
                word = "and digest.toml says so now"
            elif urls.key(new) in {urls.key(each) for each in followed if each != old}:
                word = f"which you follow already: take {old} out of digest.toml"
            else:
                word = "change its url in digest.toml"
        except (DigestError, UnicodeDecodeError) as error:
            word = f"but digest.toml was not changed: {error.what if isinstance(error, DigestError) else 'no UTF-8'}"
        told.append(replace(visit, note=f"moved to {shown_url(new)}, {word}"))
    return told


def reread(store: Store, ids: Sequence[str], *, now: datetime) -> list[str]:
    """Read again, with what digest has learned since, what was fetched for these candidates; the ids that changed.

    What the editor corrected when adding stays as corrected. A candidate of which nothing was kept, or whose
    item is found no more, stays as it is.
    """
    changed: list[str] = []
    last: tuple[bytes, Found] = (b"", Found())
    candidates = [store.find(asked) for asked in ids]
    for candidate, (raw, facts) in zip(candidates, store.fetched([each.id for each in candidates]), strict=True):
        if not raw:
            continue
        if raw is not last[0]:
            last = raw, _read_again(raw, facts, now)
        old = candidate.item
        item = next((item for item in last[1].items if _same(item, old, alone=len(last[1].items) == 1)), None)
        if item is None:
            continue
        kept = {name: getattr(old, name) for name, where in old.found.items() if where == YOU}
        found = {**item.found, **dict.fromkeys(kept, YOU)}
        item = replace(item, **{"note": old.note, "tags": old.tags, "source": old.source or item.source, **kept})
        item = replace(item, url=old.url, found=found)
        if item != old:
            store.replace_item(candidate.id, item)
            changed.append(candidate.id)
    return changed


def corrected(item: Item, **given: object) -> Item:
    """The item as the editor corrects it; what is empty or None corrects nothing."""
    kept = {name: value for name, value in given.items() if value}
    if "url" in kept and not urls.site(str(kept["url"])):
        raise DigestError(f'"{kept["url"]}" is no web address.', hint="It begins with https://.")
    return replace(item, **kept, found={**item.found, **dict.fromkeys(kept, YOU)})  # type: ignore[arg-type]


def _read_again(raw: bytes, facts: Mapping[str, str], now: datetime) -> Found:
    kind = facts.get("kind")
    if kind == "feed":
        told = {name: facts.get(name, "") for name in ("url", "charset", "media_type")}
        return cast(Found, _reader("feed").read(raw, now=now, **told))
    return _read_page(raw, facts) if kind == "page" else _read_file(raw, facts.get("name", ""), now)


def _read_page(content: bytes, facts: Mapping[str, str]) -> Found:
    found: Found = _reader("page").read(content, url=facts["url"], charset=facts.get("charset", ""))
    # The address that was typed leads there too.
    others = (facts.get("typed", ""), facts["url"])
    items = tuple(
        replace(item, aliases=tuple(dict.fromkeys(each for each in (*item.aliases, *others) if each)))
        for item in found.items
    )
    return replace(found, items=items)


def _read_file(content: bytes, name: str, now: datetime) -> Found:
    for reader in map(_reader, _READERS):
        if reader.recognises(content, name=name):
            return _found(reader.read(content, name=name, now=now))
    start = content[:4000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")) or name.lower().endswith((".html", ".htm")):
        return _found(_reader("page").read(content, url=""))
    return _found(_reader("text").read(content, name=name, now=now))


def _leads_inside(url: str) -> bool:
    """Whether an address names a computer of one's own network, as far as it can be seen in it."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    return bool(re.fullmatch(r"[0-9.]+|.*:.*", host)) and not is_public(host)


def _same(item: Item, old: Item, *, alone: bool) -> bool:
    return alone or (bool(item.guid) and item.guid == old.guid) or (bool(item.url) and item.url == old.url)


def _reader(name: str) -> ModuleType:
    return import_module(f"digest.sources.{name}")


def _found(found: Found) -> Found:
    if found.items or found.feeds or found.unread:
        return found
    return replace(found, unread=(Unread("the whole", "Nothing in it could be read as a story."),))
