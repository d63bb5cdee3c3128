"""The inbox's door: what a source found comes in, once however often it comes."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import zlib
from collections.abc import Iterable

from digest.models import Item
from digest.store import keeping, many, rows
from digest.store.coming import Arrival, Coming, names_of, prepared
from digest.store.database import Database, sound
from digest.store.keeping import Added


class Arriving(Database):
    """The inbox's door."""

    def add(self, item: Item, *, feed: str = "", why: str = "", skipped: str = "", raw: bytes = b"") -> Added:
        """Keep an item; see `Arrival`. What the editor decided about a known candidate stands."""
        return self.add_all([Arrival(item, feed=feed, why=why, skipped=skipped, raw=raw)])[0]

    def add_all(self, arrivals: Iterable[Arrival | Coming]) -> list[Added]:
        """Keep them all in one transaction, or none; one result an arrival, in their order."""
        coming = prepared(arrivals)
        with self._writing() as sql:
            return many.added(sql, coming, self._now())

    def known(self, arrivals: Iterable[Arrival | Coming]) -> list[bool]:
        """For each whether it would come to a candidate that is there already. Changes nothing."""
        coming = prepared(arrivals)
        with self._reading() as sql:
            now = self._now()
            return [bool(keeping.known(sql, each, now)[0]) for each in coming]

    def replace_item(self, asked: str, item: Item, *, raw: bytes = b"") -> None:
        """Put a better reading of the same story in the place of the first.

        State, notes, address and history stay. `asked` is an id, as everywhere here.
        """
        with self._writing() as sql:
            row = self._row(sql, asked)
            old = rows.item_of(row)
            item = dataclasses.replace(item, note=keeping.notes(old.note, item.note))
            keeping.write_item(sql, row["n"], item)
            keeping.keep_tags(sql, row["n"], item.tags)
            keeping.keep_names(sql, row["n"], names_of(item, row["page"]), sound(item.guid), row["feed"])
            if raw:
                keeping.keep_raw(sql, row["n"], prepared([Arrival(item, raw=raw)])[0], again=True)

    def raw(self, asked: str) -> bytes:
        """What was fetched for a candidate; b"" when nothing was kept."""
        return self.fetched([asked])[0][0]

    def fetched(self, asked: Iterable[str]) -> list[tuple[bytes, dict[str, str]]]:
        """For each candidate what was fetched, and by what to read it; what came of one page is one object."""
        with self._reading() as sql:
            unpacked: dict[int, tuple[bytes, dict[str, str]]] = {}
            found: list[tuple[bytes, dict[str, str]]] = []
            for each in asked:
                n = self._row(sql, each)["n"]
                row = sql.execute("SELECT fetched FROM raw WHERE n = ?", (n,)).fetchone()
                number = row["fetched"] if row else 0
                if number not in unpacked:
                    row = sql.execute("SELECT content, facts FROM fetched WHERE number = ?", (number,)).fetchone()
                    unpacked[number] = (zlib.decompress(row["content"]), json.loads(row["facts"])) if row else (b"", {})
                found.append(unpacked[number])
            return found

    def _row(self, sql: sqlite3.Connection, asked: str) -> sqlite3.Row:
        raise NotImplementedError
