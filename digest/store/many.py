"""Many items at once: what is plainly new, or plainly the same again, is kept without a question for each.

Plainly new shares no page, name, guid or title with anything in the inbox; plainly the same is, letter by
letter, what its one candidate holds. All others go the careful way. (A first gathering of 6,000 items
asked the inbox 90,000 questions before; it is a tenth of that now.)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from digest import likeness
from digest.models import State
from digest.store import ids, keeping, rows, searching
from digest.store.coming import Coming, Packed
from digest.store.keeping import Added

#: Items whose names are looked up together; what the inbox holds at their pages is in memory for as long.
_TOGETHER = 2_000
#: Values in one question; older SQLites take 999 (https://www.sqlite.org/limits.html#max_variable_number).
_ASKED = 900


def added(sql: sqlite3.Connection, coming: Sequence[Coming], now: int) -> list[Added]:
    """Keep them, in their order, within the transaction that is open."""
    if len(coming) == 1:
        return [keeping.added(sql, coming[0], now)]
    made: list[Added] = []
    fetched: dict[Packed, int] = {}
    for start in range(0, len(coming), _TOGETHER):
        some = coming[start : start + _TOGETHER]
        made += _Batch(sql, some, now, fetched).kept(some)
    searching.keep_up(sql)
    return made


_Standing = dict[str, tuple[sqlite3.Row, set[tuple[str, str]]]]


class _Batch:
    """What the inbox knows of some items, and those that wait to be written."""

    def __init__(self, sql: sqlite3.Connection, coming: Sequence[Coming], now: int, fetched: dict[Packed, int]) -> None:
        self._sql, self._now, self._fetched = sql, now, fetched
        self._next = keeping.next_number(sql)
        self._waiting: list[tuple[int, str, State, Coming]] = []
        self._known = _standing(sql, coming)
        self._page_of = {row["id"]: page for page, (row, _) in self._known.items()}
        self._taken = _names_taken(sql, {page for each in coming for page in (each.page, *each.names)})
        self._guids = _guids_taken(sql, coming)
        titles = {each.plain for each in coming if len(each.plain) >= likeness.TITLE_LENGTH}
        self._titles = _all(sql, "SELECT plain FROM candidate WHERE plain IN ({})", titles)
        ran = {page for each in coming for page in (each.page, *each.elsewhere)}
        self._sent = _all(sql, "SELECT page FROM sent WHERE page IN ({})", ran)

    def kept(self, coming: Iterable[Coming]) -> list[Added]:
        made: list[Added] = []
        for each in coming:
            if self._is_new(each):
                made.append(self._wait(each))
            elif same := self._same(each):
                made.append(same)
            else:
                self._write()
                made.append(keeping.added(self._sql, each, self._now))
                self._next = keeping.next_number(self._sql)
                # It may have changed what the candidate holds: whatever comes to it now goes the careful way.
                self._known.pop(each.page, None)
                self._known.pop(self._page_of.get(made[-1].id, ""), None)
                self._taken |= {f"{each.page}#{each.anchor}", f"{each.page}#{made[-1].id}"}
            self._taken |= {each.page, *each.names}
            self._titles.add(each.plain)
            self._guids.add((each.feed, each.guid))
        self._write()
        return made

    def _is_new(self, each: Coming) -> bool:
        return bool(
            each.url
            and each.page not in self._taken
            and each.page not in self._sent
            and self._taken.isdisjoint(each.names)
            and self._sent.isdisjoint(each.elsewhere)
            and not (each.guid and (each.feed, each.guid) in self._guids)
            and (len(each.plain) < likeness.TITLE_LENGTH or each.plain not in self._titles)
        )

    def _same(self, each: Coming) -> Added | None:
        """The one candidate on its page, if it has nothing to gain."""
        if each.page not in self._known:
            return None
        row, places = self._known[each.page]
        if (
            each.names
            or row["anchor"] != each.anchor
            or (each.raw and not row["has_raw"])
            or (row["ruled"] and not each.skipped)
            or (each.url and (each.feed, each.shown) not in places)
            or (each.guid and each.feed and (each.feed, each.guid) not in self._guids)
            or any(row[name] != value for name, value in zip(rows.COLUMNS, each.columns, strict=True))
        ):
            return None
        return Added("known", row["id"], "key", row["state"], row["issue"])

    def _wait(self, each: Coming) -> Added:
        state: State = "skipped" if each.skipped else "new"
        id_ = ids.id_of(self._next)
        self._waiting.append((self._next, id_, state, each))
        self._next += 1
        return Added("new", id_, "", state, "")

    def _write(self) -> None:
        """What waits, a table at a time."""
        if not self._waiting:
            return
        sql, now = self._sql, self._now
        waiting, self._waiting = self._waiting, []
        sql.executemany(
            keeping.INSERT,
            [keeping.row_of(each, n, id_, each.page, now, state) for n, id_, state, each in waiting],
        )
        sql.executemany(
            "INSERT OR IGNORE INTO tag (tag, n) VALUES (?, ?)",
            [(tag, n) for n, _, _, each in waiting for tag in each.tags],
        )
        sql.executemany(
            "INSERT OR IGNORE INTO alias (key, n) VALUES (?, ?)",
            [(name, n) for n, _, _, each in waiting for name in each.names],
        )
        sql.executemany(
            "INSERT OR IGNORE INTO guid (feed, guid, n) VALUES (?, ?, ?)",
            [(each.feed, each.guid, n) for n, _, _, each in waiting if each.feed and each.guid],
        )
        sql.executemany(
            "INSERT INTO sighting (n, feed, url, page, seen) VALUES (?, ?, ?, ?, ?)",
            [(n, each.feed, each.shown, each.page, now) for n, _, _, each in waiting],
        )
        sql.executemany(
            "INSERT INTO raw (n, fetched) VALUES (?, ?)",
            [(n, self._number(each.raw)) for n, _, _, each in waiting if each.raw],
        )

    def _number(self, packed: Packed) -> int:
        if packed not in self._fetched:
            self._fetched[packed] = keeping.fetched_number(self._sql, packed)
        return self._fetched[packed]


def _asked(sql: sqlite3.Connection, question: str, values: Iterable[object], *first: object) -> Iterator[sqlite3.Row]:
    """The answers, whatever the number of values; they stand where the question has {}, `first` before them."""
    wanted = list(values)
    for start in range(0, len(wanted), _ASKED):
        some = wanted[start : start + _ASKED]
        yield from sql.execute(question.format(",".join("?" * len(some))), (*first, *some))


def _all(sql: sqlite3.Connection, question: str, values: Iterable[object], *first: object) -> set[str]:
    return {row[0] for row in _asked(sql, question, values, *first)}


def _names_taken(sql: sqlite3.Connection, names: set[str]) -> set[str]:
    return (
        _all(sql, "SELECT page FROM candidate WHERE page IN ({})", names)
        | _all(sql, "SELECT key FROM candidate WHERE key IN ({})", names)
        | _all(sql, "SELECT key FROM alias WHERE key IN ({})", names)
    )


def _guids_taken(sql: sqlite3.Connection, coming: Sequence[Coming]) -> set[tuple[str, str]]:
    wanted: dict[str, set[str]] = {}
    for each in coming:
        if each.feed and each.guid:
            wanted.setdefault(each.feed, set()).add(each.guid)
    return {
        (feed, guid)
        for feed, guids in wanted.items()
        for guid in _all(sql, "SELECT guid FROM guid WHERE feed = ? AND guid IN ({})", guids, feed)
    }


def _standing(sql: sqlite3.Connection, coming: Sequence[Coming]) -> _Standing:
    """By page, where one candidate alone has it: the candidate, and in which feeds at which addresses it was seen."""
    found: dict[str, list[sqlite3.Row]] = {}
    for row in _asked(
        sql,
        "SELECT c.*, EXISTS (SELECT 1 FROM raw r WHERE r.n = c.n) AS has_raw FROM candidate c WHERE c.page IN ({})",
        {each.page for each in coming},
    ):
        found.setdefault(row["page"], []).append(row)
    alone = {row["n"]: (page, row) for page, (row, *others) in found.items() if not others}
    seen: dict[int, set[tuple[str, str]]] = {n: set() for n in alone}
    for sighting in _asked(sql, "SELECT n, feed, url FROM sighting WHERE n IN ({})", alone):
        seen[sighting["n"]].add((sighting["feed"], sighting["url"]))
    return {page: (row, seen[n]) for n, (page, row) in alone.items()}
