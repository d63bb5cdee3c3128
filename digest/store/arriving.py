"""What a source found comes into the inbox: as a new candidate, or to the one that is there already.

A wrong fold hides a story for good, a missed one shows it twice. So what may lie (guids that repeat,
a rel=canonical that names the home page, redirects to a consent page) folds only items whose titles agree.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from digest import likeness, urls
from digest.models import Item, State
from digest.store import ids, ledger, rows
from digest.store.database import Database, sound

Outcome = Literal["new", "known", "folded"]
By = Literal["", "key", "alias", "guid", "title"]

_DAY = 86_400_000_000
#: Titles this near are looked through for the right one.
_LOOKED_THROUGH = 20
#: One story seen at more places than this is a feed that changes its links at each visit.
_SIGHTINGS = 50
_ALIASES = 10
#: A column ("What are you reading?") comes again after a day or more; a corrected item comes back sooner.
_COLUMN = timedelta(hours=20)
#: An item's fields that a later sighting may fill where the first left them empty.
_FILLED = (
    *("source", "author", "published", "description", "text", "picture", "picture_alt"),
    *("language", "minutes", "tags", "removed", "found"),
)


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


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an arrival."""

    #: "known" for the same page again, "folded" for the same title on another one.
    outcome: Outcome
    #: Of the candidate: the new one, or the one that was there.
    id: str
    #: What it was known by.
    by: By = ""
    #: The candidate's state now; "sent" for a story that ran before.
    state: State = "new"
    #: The issue it is placed or was sent in.
    issue: str = ""


class Arriving(Database):
    """The inbox's door."""

    def add(self, item: Item, *, feed: str = "", why: str = "", skipped: str = "", raw: bytes = b"") -> Added:
        """Keep an item; see `Arrival`. What the editor decided about a known candidate stands."""
        return self.add_all([Arrival(item, feed=feed, why=why, skipped=skipped, raw=raw)])[0]

    def add_all(self, arrivals: Iterable[Arrival]) -> list[Added]:
        """Keep them all in one transaction, or none; one result an arrival, in their order."""
        arrivals = list(arrivals)
        with self._writing() as sql:
            now = self._now()
            fetched: dict[bytes, int] = {}
            return [_added(sql, arrival, now, fetched) for arrival in arrivals]

    def known(self, arrivals: Iterable[Arrival]) -> list[bool]:
        """For each whether it would come to a candidate that is there already. Changes nothing."""
        with self._reading() as sql:
            now = self._now()
            return [bool(_known(sql, each, *_place(each.item), now)[0]) for each in arrivals]

    def replace_item(self, asked: str, item: Item, *, raw: bytes = b"") -> None:
        """Put a better reading of the same story in the place of the first.

        State, notes, address and history stay. `asked` is an id, as everywhere here.
        """
        with self._writing() as sql:
            row = self._row(sql, asked)
            old = rows.item_of(row)
            item = dataclasses.replace(item, note=_notes(old.note, item.note))
            _write_item(sql, row["n"], item)
            _keep_tags(sql, row["n"], item)
            _keep_names(sql, row["n"], row["page"], item, row["feed"])
            if raw:
                _keep_raw(sql, row["n"], Arrival(item, raw=raw), {}, again=True)

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


def _place(item: Item) -> tuple[str, str, str]:
    """An item's page, its place on it, and its title to compare by."""
    return rows.page_of(item), urls.anchor(item.url), sound(likeness.plain_title(item.title))


def _added(sql: sqlite3.Connection, arrival: Arrival, now: int, fetched: dict[bytes, int]) -> Added:
    item = arrival.item
    page, anchor, plain = _place(item)
    n, by = _known(sql, arrival, page, anchor, plain, now)
    if n:
        _again(sql, n, arrival, page, fetched, filling=by != "title")
        _see(sql, n, arrival, page, now)
        row = sql.execute("SELECT id, state, issue FROM candidate WHERE n = ?", (n,)).fetchone()
        return Added("folded" if by == "title" else "known", row["id"], by, row["state"], row["issue"])
    before = ledger.match(sql, item, page=page, anchor=anchor, plain=plain)
    state: State = "sent" if before else "skipped" if arrival.skipped else "new"
    issue = before["slug"] if before else ""
    n = int(sql.execute("SELECT coalesce(max(n), 0) + 1 FROM candidate").fetchone()[0])
    id_ = ids.id_of(n)
    held = {
        "n": n,
        "id": id_,
        "key": _own_key(sql, page, anchor, id_),
        "page": page,
        "anchor": anchor,
        "feed": sound(arrival.feed),
        "why": sound(arrival.why),
        "first_seen": now,
        "state": state,
        "reason": sound(arrival.skipped) if state == "skipped" else "",
        "ruled": int(state == "skipped"),
        "issue": issue,
        **rows.values(item),
    }
    holes = ", ".join(":" + name for name in held)
    sql.execute(f"INSERT INTO candidate ({', '.join(held)}) VALUES ({holes})", held)
    _keep_tags(sql, n, item)
    _keep_names(sql, n, page, item, arrival.feed)
    _see(sql, n, arrival, page, now)
    _keep_raw(sql, n, arrival, fetched)
    return Added("new", id_, "", state, issue)


def _known(sql: sqlite3.Connection, arrival: Arrival, page: str, anchor: str, plain: str, now: int) -> tuple[int, By]:
    """The candidate that tells this story already, and by what it is known; (0, "") for none."""
    item = arrival.item
    if n := _on_page(sql, page, anchor, plain):
        return n, "key"
    if n := _by_alias(sql, item, page):
        return n, "alias"
    if arrival.feed and item.guid:
        row = sql.execute(
            "SELECT c.n, c.title FROM guid g JOIN candidate c ON c.n = g.n WHERE g.feed = ? AND g.guid = ?",
            (sound(arrival.feed), sound(item.guid)),
        ).fetchone()
        if row and likeness.similar_titles(row["title"], item.title):
            return row["n"], "guid"
    if len(plain) >= likeness.TITLE_LENGTH and (n := _by_title(sql, arrival, plain, now)):
        return n, "title"
    return 0, ""


def _on_page(sql: sqlite3.Connection, page: str, anchor: str, plain: str) -> int:
    """The candidate on this page that is meant; 0 for none.

    An anchor is a place in one story, unless two anchors come with two titles: then the page holds
    several (a changelog, a podcast's episodes). A home page is no story that its anchors belong to.
    """
    first = sql.execute("SELECT n FROM candidate WHERE page = ? AND anchor = ? LIMIT 1", (page, anchor)).fetchone()
    if not first and plain:
        first = sql.execute("SELECT n FROM candidate WHERE plain = ? AND page = ? LIMIT 1", (plain, page)).fetchone()
    if not first and not _is_home(page):
        if anchor:
            first = sql.execute("SELECT n FROM candidate WHERE page = ? AND anchor = '' LIMIT 1", (page,)).fetchone()
        else:
            first = sql.execute("SELECT n FROM candidate WHERE page = ? ORDER BY n LIMIT 1", (page,)).fetchone()
    return first["n"] if first else 0


def _by_alias(sql: sqlite3.Connection, item: Item, page: str) -> int:
    """The candidate one of whose other addresses this is, or that stands at one of this item's."""
    claimed = sql.execute(
        "SELECT c.n, c.title FROM alias a JOIN candidate c ON c.n = a.n WHERE a.key = ? LIMIT ?",
        (page, _LOOKED_THROUGH),
    ).fetchall()
    if len(claimed) == 1:
        return int(claimed[0]["n"])
    for row in claimed:
        if likeness.similar_titles(row["title"], item.title):
            return int(row["n"])
    for alias in _alias_keys(item, page):
        row = sql.execute("SELECT n FROM candidate WHERE page = ? AND anchor = ''", (alias,)).fetchone()
        if row:
            return int(row["n"])
        for row in sql.execute(
            "SELECT c.n, c.title FROM alias a JOIN candidate c ON c.n = a.n WHERE a.key = ? LIMIT ?",
            (alias, _LOOKED_THROUGH),
        ):
            if likeness.similar_titles(row["title"], item.title):
                return int(row["n"])
    return 0


def _by_title(sql: sqlite3.Connection, arrival: Arrival, plain: str, now: int) -> int:
    for row in sql.execute(
        "SELECT * FROM candidate WHERE plain = ? AND first_seen >= ? ORDER BY first_seen DESC LIMIT ?",
        (plain, now - _days(likeness.TITLE_DAYS), _LOOKED_THROUGH),
    ):
        mine, its = arrival.item.published, rows.item_of(row).published
        same_feed = bool(arrival.feed) and row["feed"] == arrival.feed
        if same_feed and mine and its and abs(mine - its) >= _COLUMN:
            continue
        return int(row["n"])
    return 0


def _again(
    sql: sqlite3.Connection, n: int, arrival: Arrival, page: str, fetched: dict[bytes, int], *, filling: bool
) -> None:
    """Let a known candidate gain by another sighting; nothing it has is lost."""
    row = sql.execute("SELECT * FROM candidate WHERE n = ?", (n,)).fetchone()
    old, new = rows.item_of(row), arrival.item
    gained = {name: getattr(new, name) for name in _FILLED if filling and not getattr(old, name) and getattr(new, name)}
    if (note := _notes(old.note, new.note)) != old.note:
        gained["note"] = note
    if gained:
        item = dataclasses.replace(old, **gained)
        _write_item(sql, n, item)
        _keep_tags(sql, n, item)
    if row["state"] == "skipped" and row["ruled"] and not arrival.skipped:
        # One feed's rule dropped it, another place keeps it.
        sql.execute(
            "UPDATE candidate SET state = 'new', reason = '', ruled = 0, why = ? WHERE n = ?", (sound(arrival.why), n)
        )
    _keep_names(sql, n, row["page"], new, arrival.feed, also=page)
    _keep_raw(sql, n, arrival, fetched)


def _own_key(sql: sqlite3.Connection, page: str, anchor: str, id_: str) -> str:
    """The page's key for its first story, the page's and the anchor's for the next ones."""
    for key in (page, f"{page}#{anchor}", f"{page}#{id_}"):
        if not sql.execute("SELECT 1 FROM candidate WHERE key = ?", (key,)).fetchone():
            return key
    raise AssertionError("an id is never used twice")


def _see(sql: sqlite3.Connection, n: int, arrival: Arrival, page: str, now: int) -> None:
    seen = sql.execute("SELECT count(*) FROM sighting WHERE n = ?", (n,)).fetchone()[0]
    if arrival.item.url and seen < _SIGHTINGS:
        shown = sound(urls.clean(arrival.item.url))
        sql.execute(
            "INSERT OR IGNORE INTO sighting (n, feed, url, page, seen) VALUES (?, ?, ?, ?, ?)",
            (n, sound(arrival.feed), shown, page, now),
        )


def _keep_names(sql: sqlite3.Connection, n: int, own: str, item: Item, feed: str, *, also: str = "") -> None:
    """Remember by what else the story may come again."""
    names = _alias_keys(item, own)
    if also and also != own and also not in names:
        names.append(also)
    for name in names:
        sql.execute("INSERT OR IGNORE INTO alias (key, n) VALUES (?, ?)", (name, n))
    if feed and item.guid:
        sql.execute("INSERT OR IGNORE INTO guid (feed, guid, n) VALUES (?, ?, ?)", (sound(feed), sound(item.guid), n))


def _keep_tags(sql: sqlite3.Connection, n: int, item: Item) -> None:
    for tag in item.tags:
        sql.execute("INSERT OR IGNORE INTO tag (tag, n) VALUES (?, ?)", (sound(tag.strip().casefold()), n))


def _keep_raw(
    sql: sqlite3.Connection, n: int, arrival: Arrival, fetched: dict[bytes, int], *, again: bool = False
) -> None:
    """Keep what a candidate was made of. `fetched` are the numbers of what this transaction kept already."""
    raw = arrival.raw
    if not raw or (not again and sql.execute("SELECT 1 FROM raw WHERE n = ?", (n,)).fetchone()):
        return
    if raw not in fetched:
        facts = sound(json.dumps(dict(arrival.raw_facts), ensure_ascii=False, sort_keys=True))
        mark = hashlib.sha256(facts.encode() + b"\n" + raw).hexdigest()
        row = sql.execute("SELECT number FROM fetched WHERE hash = ?", (mark,)).fetchone()
        if not row:
            sql.execute(
                "INSERT INTO fetched (hash, facts, content) VALUES (?, ?, ?)", (mark, facts, zlib.compress(raw, 6))
            )
            row = sql.execute("SELECT number FROM fetched WHERE hash = ?", (mark,)).fetchone()
        fetched[raw] = row["number"]
    sql.execute("INSERT OR REPLACE INTO raw (n, fetched) VALUES (?, ?)", (n, fetched[raw]))


def _write_item(sql: sqlite3.Connection, n: int, item: Item) -> None:
    columns = rows.values(item)
    del columns["url"]  # A candidate stays at its address, and so does its key.
    settings = ", ".join(f"{name} = :{name}" for name in columns)
    sql.execute(f"UPDATE candidate SET {settings} WHERE n = :n", {**columns, "n": n})


def _alias_keys(item: Item, own: str) -> list[str]:
    """Keys of an item's other addresses. Never a home page: sites that name it as canonical name it everywhere."""
    keys = (urls.key(alias) for alias in item.aliases[:_ALIASES])
    return [key for key in dict.fromkeys(keys) if key and key != own and not _is_home(key)]


def _is_home(page: str) -> bool:
    return bool(re.fullmatch(r"https://[^/?#]*", page))


def _notes(old: str, new: str) -> str:
    """Both, where a reader wrote two."""
    new = new.strip()
    if not new or new in old:
        return old
    return f"{old}\n\n{new}" if old else new


def _days(span: timedelta) -> int:
    return span.days * _DAY
