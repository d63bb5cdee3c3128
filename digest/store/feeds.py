"""What is remembered of a feed between two visits."""

from __future__ import annotations

import dataclasses
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from digest.store.database import Database, moment, sound, stamp


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """A feed's caching facts. Times are aware, UTC."""

    #: As the server gave it, sent back byte for byte.
    etag: str = ""
    last_modified: str = ""
    #: Not asked before; None for at once.
    next_check: datetime | None = None
    #: Visits that failed since the last that did not.
    failures: int = 0
    #: Where a permanent redirect leads; "" for none.
    moved_to: str = ""
    #: The server said that the feed is gone for good (410).
    gone: bool = False
    #: Its own.
    title: str = ""
    #: When it last answered well.
    last_seen: datetime | None = None
    #: "" when the last visit went well.
    last_error: str = ""


class Feeds(Database):
    """The feeds' drawer."""

    def feed(self, url: str) -> FeedFacts:
        """What is known of a feed; all empty for one never visited."""
        with self._reading() as sql:
            row = sql.execute("SELECT * FROM feed WHERE url = ?", (sound(url),)).fetchone()
            return _facts(row) if row else FeedFacts()

    def feeds(self) -> dict[str, FeedFacts]:
        """Every feed ever visited, by URL."""
        with self._reading() as sql:
            return {row["url"]: _facts(row) for row in sql.execute("SELECT * FROM feed ORDER BY url")}

    def save_feed(self, url: str, facts: FeedFacts) -> None:
        """Remember these facts in the place of the ones before."""
        held = {"url": url, **{field.name: getattr(facts, field.name) for field in dataclasses.fields(facts)}}
        for name, value in held.items():
            if isinstance(value, datetime):
                held[name] = stamp(value)
            elif isinstance(value, str):
                held[name] = sound(value)
        holes = ", ".join(":" + name for name in held)
        with self._writing() as sql:
            sql.execute(f"INSERT OR REPLACE INTO feed ({', '.join(held)}) VALUES ({holes})", held)

    def move_feed(self, old: str, new: str) -> None:
        """Let all that is known of a feed, and what came from it, belong to its new address."""
        names = {"old": sound(old), "new": sound(new)}
        with self._writing() as sql:
            sql.execute("UPDATE OR REPLACE feed SET url = :new, moved_to = '' WHERE url = :old", names)
            for table in ("guid", "sighting"):
                sql.execute(f"UPDATE OR IGNORE {table} SET feed = :new WHERE feed = :old", names)
            sql.execute("UPDATE candidate SET feed = :new WHERE feed = :old", names)


def _facts(row: sqlite3.Row) -> FeedFacts:
    held = {field.name: row[field.name] for field in dataclasses.fields(FeedFacts)}
    for name in ("next_check", "last_seen"):
        held[name] = None if held[name] is None else moment(held[name])
    return FeedFacts(**{**held, "gone": bool(held["gone"])})
