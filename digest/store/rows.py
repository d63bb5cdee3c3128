"""An item becomes a row and a row a candidate."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from digest import likeness, urls
from digest.models import Candidate, Item
from digest.store.database import moment, sound

#: The columns that hold an item.
COLUMNS = ("url", "title", "plain", "source", "source_key", "description", "text", "tags", "rest")
#: Where among them the title to compare by stands.
PLAIN = COLUMNS.index("plain")

_REST = tuple(field.name for field in dataclasses.fields(Item) if field.name not in COLUMNS)
#: Between tags, so that "climate change" is one; a blank to whoever looks for words.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_BETWEEN_TAGS = "\x1f"
_AT_ONCE = 500


def page_of(item: Item) -> str:
    """The canonical key of an item; for a text without a URL one made of its words."""
    if item.url.strip():
        return urls.key(item.url)
    words = f"{likeness.plain_title(item.title)}\n{' '.join(item.text.split()) or item.description}"
    return "text:" + hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def values(item: Item) -> tuple[str, ...]:
    """What stands in `COLUMNS` for an item."""
    rest: dict[str, Any] = {}
    for name in _REST:
        value = getattr(item, name)
        if isinstance(value, datetime):
            value = _utc(value)
        if value:
            rest[name] = dict(value) if name == "found" else value
    return (
        sound(item.url),
        sound(item.title),
        sound(likeness.plain_title(item.title)),
        sound(item.source),
        sound(item.source.casefold()),
        sound(item.description),
        sound(item.text),
        sound(_BETWEEN_TAGS.join(item.tags)),
        sound(_JSON.encode(rest)),
    )


def item_of(row: sqlite3.Row | Mapping[str, Any]) -> Item:
    rest: dict[str, Any] = {name: value for name, value in json.loads(row["rest"]).items() if name in _REST}
    for name in ("aliases", "other_titles"):
        if name in rest:
            rest[name] = tuple(rest[name])
    if "published" in rest:
        rest["published"] = datetime.fromisoformat(rest["published"])
    return Item(
        url=row["url"],
        title=row["title"],
        source=row["source"],
        description=row["description"],
        text=row["text"],
        tags=tuple(row["tags"].split(_BETWEEN_TAGS)) if row["tags"] else (),
        **rest,
    )


def candidates_of(sql: sqlite3.Connection, numbers: Iterable[int], *, today: date) -> list[Candidate]:
    """The candidates with these numbers, in that order. One whose day has come is new again."""
    wanted = list(numbers)
    found: dict[int, Candidate] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        holes = ",".join("?" * len(some))
        elsewhere: dict[int, dict[str, str]] = {}
        for row in sql.execute(
            "SELECT s.n, s.url, s.page FROM sighting s JOIN candidate c ON c.n = s.n"
            f" WHERE s.n IN ({holes}) AND s.page <> c.page ORDER BY s.seen, s.url",
            some,
        ):
            elsewhere.setdefault(row["n"], {}).setdefault(row["page"], row["url"])
        for row in sql.execute(
            "SELECT c.*, leader.id AS group_id FROM candidate c LEFT JOIN candidate leader ON leader.n = c.leader"
            f" WHERE c.n IN ({holes})",
            some,
        ):
            found[row["n"]] = _candidate(row, tuple(elsewhere.get(row["n"], {}).values()), today)
    return [found[n] for n in wanted if n in found]


def _candidate(row: sqlite3.Row, also_at: tuple[str, ...], today: date) -> Candidate:
    until = date.fromisoformat(row["until"]) if row["until"] else None
    due = row["state"] == "later" and until is not None and until <= today
    return Candidate(
        id=row["id"],
        item=item_of(row),
        key=row["key"],
        first_seen=moment(row["first_seen"]),
        state="new" if due else row["state"],
        why=row["reason"] if row["state"] == "skipped" else row["why"],
        until=None if due else until,
        issue=row["issue"],
        feed=row["feed"],
        also_at=also_at,
        group=row["group_id"] or "",
    )


def _utc(value: datetime) -> str | None:
    """In UTC; None for an hour that UTC would put before year 1 or after 9999."""
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (OverflowError, ValueError):
        return None
