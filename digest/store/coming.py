"""An item on its way in, with all that keeping it takes worked out before the inbox is touched. Pure.

So it can be done in another process, and while somebody else writes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from digest import urls
from digest.models import Item
from digest.store import rows
from digest.store.database import sound

_ALIASES = 10
#: Of zlib's: the ninth part larger than its usual 6, in half the time.
_PACKED_SMALL = 3


@dataclass(frozen=True, slots=True)
class Arrival:
    """An item on its way in."""

    item: Item
    #: The feed's URL; "" for one added by hand.
    feed: str = ""
    #: Why it is here, for the editor.
    why: str = ""
    #: Why a rule of the feed drops it; it arrives as skipped. A place that keeps it makes it new again.
    skipped: str = ""
    #: What was fetched, for reading it again with better eyes; b"" keeps nothing.
    raw: bytes = dataclasses.field(default=b"", repr=False)
    #: By what `raw` is to be read: "url", "charset", "name". Arrivals of one page or feed share both.
    raw_facts: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Packed(NamedTuple):
    """What was fetched, as it is kept."""

    mark: str
    facts: str
    content: bytes


class Coming(NamedTuple):
    """An arrival, ready to be kept. All texts can be stored as they are."""

    #: The key of its page, its place on it, and its title to compare by.
    page: str
    anchor: str
    plain: str
    #: Keys of its other addresses, home pages left out.
    names: tuple[str, ...]
    #: The same, all of them: the ledger looks at each.
    elsewhere: tuple[str, ...]
    #: The address to show.
    shown: str
    guid: str
    feed: str
    why: str
    skipped: str
    #: As they are asked for.
    tags: tuple[str, ...]
    #: What `rows.COLUMNS` names.
    columns: tuple[str, ...]
    raw: Packed | None

    @property
    def url(self) -> str:
        return self.columns[0]

    @property
    def title(self) -> str:
        return self.columns[1]

    def item(self) -> Item:
        return rows.item_of(dict(zip(rows.COLUMNS, self.columns, strict=True)))


def prepared(arrivals: Iterable[Arrival | Coming]) -> list[Coming]:
    """The arrivals, ready to be kept; those that are ready stay as they are."""
    made: list[Coming] = []
    raw: bytes = b""
    facts: Mapping[str, str] = {}
    packed: Packed | None = None
    for each in arrivals:
        if isinstance(each, Coming):
            made.append(each)
            continue
        if each.raw is not raw or each.raw_facts != facts:
            raw, facts = each.raw, each.raw_facts
            packed = _packed(raw, facts) if raw else None
        made.append(_ready(each, packed))
    return made


def names_of(item: Item, own: str) -> tuple[str, ...]:
    """Keys of an item's other addresses. Never a home page: sites that name it as canonical name it everywhere."""
    if not item.aliases:
        return ()
    return tuple(key for key in _elsewhere(item) if key and key != own and not is_home(key))


def tag_key(tag: str) -> str:
    """A tag as it is asked for."""
    return sound(tag.strip().casefold())


def is_home(page: str) -> bool:
    return bool(re.fullmatch(r"https://[^/?#]*", page))


def _ready(arrival: Arrival, packed: Packed | None) -> Coming:
    item = arrival.item
    page = rows.page_of(item)
    columns = rows.values(item)
    return Coming(
        page=page,
        anchor=urls.anchor(item.url) if "#" in item.url else "",
        plain=columns[rows.PLAIN],
        names=names_of(item, page),
        elsewhere=_elsewhere(item),
        shown=sound(urls.clean(item.url)),
        guid=sound(item.guid),
        feed=sound(arrival.feed),
        why=sound(arrival.why),
        skipped=sound(arrival.skipped),
        tags=tuple(tag_key(tag) for tag in item.tags),
        columns=columns,
        raw=packed,
    )


def _elsewhere(item: Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys(urls.key(alias) for alias in item.aliases[:_ALIASES]))


def _packed(raw: bytes, facts: Mapping[str, str]) -> Packed:
    told = sound(json.dumps(dict(facts), ensure_ascii=False, sort_keys=True))
    mark = hashlib.sha256(told.encode() + b"\n" + raw).hexdigest()
    return Packed(mark, told, zlib.compress(raw, _PACKED_SMALL))
