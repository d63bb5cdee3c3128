"""One item is kept, the careful way: as a new candidate, or with the one that is there already.

A wrong fold hides a story for good, a missed one shows it twice. So what may lie (guids that repeat,
a rel=canonical that names the home page, redirects to a consent page) folds only items whose titles agree.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from digest import likeness
from digest.models import Item, State
from digest.store import ids, ledger, rows
from digest.store.coming import Coming, Packed, is_home, tag_key

Outcome = Literal["new", "known", "folded"]
By = Literal["", "key", "alias", "guid", "title"]

_DAY = 86_400_000_000
#: Titles this near are looked through for the right one.
_LOOKED_THROUGH = 20
#: One story seen at more places than this is a feed that changes its links at each visit.
_SIGHTINGS = 50
#: A column ("What are you reading?") comes again after a day or more; a corrected item comes back sooner.
_COLUMN = timedelta(hours=20)
#: An item's fields that a later sighting may fill where the first left them empty.
_FILLED = (
    *("source", "author", "published", "description", "text", "picture", "picture_alt"),
    *("language", "minutes", "tags", "removed", "found"),
)


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


def added(sql: sqlite3.Connection, coming: Coming, now: int) -> Added:
    """Keep one, whatever is there already."""
    n, by = known(sql, coming, now)
    if n:
        _again(sql, n, coming, filling=by != "title")
        _see(sql, n, coming, now)
        row = sql.execute("SELECT id, state, issue FROM candidate WHERE n = ?", (n,)).fetchone()
        return Added("folded" if by == "title" else "known", row["id"], by, row["state"], row["issue"])
    before = ledger.match(sql, coming.item(), page=coming.page, anchor=coming.anchor, plain=coming.plain)
    n = next_number(sql)
    id_ = ids.id_of(n)
    key = _own_key(sql, coming.page, coming.anchor, id_)
    state: State = "sent" if before else "skipped" if coming.skipped else "new"
    issue = before["slug"] if before else ""
    sql.execute(INSERT, row_of(coming, n, id_, key, now, state, issue))
    keep_tags(sql, n, coming.tags)
    keep_names(sql, n, coming.names, coming.guid, coming.feed)
    _see(sql, n, coming, now)
    keep_raw(sql, n, coming)
    return Added("new", id_, "", state, issue)


_HELD = ("n", "id", "key", "page", "anchor", "feed", "why", "first_seen", "state", "reason", "ruled", "issue")
#: A candidate, as `row_of` has it.
INSERT = (
    f"INSERT INTO candidate ({', '.join((*_HELD, *rows.COLUMNS))})"
    f" VALUES ({', '.join('?' * (len(_HELD) + len(rows.COLUMNS)))})"
)


def row_of(coming: Coming, n: int, id_: str, key: str, now: int, state: State, issue: str = "") -> tuple[object, ...]:
    skipped = state == "skipped"
    place = (n, id_, key, coming.page, coming.anchor, coming.feed, coming.why, now)
    return (*place, state, coming.skipped if skipped else "", int(skipped), issue, *coming.columns)


def next_number(sql: sqlite3.Connection) -> int:
    return int(sql.execute("SELECT coalesce(max(n), 0) + 1 FROM candidate").fetchone()[0])


def known(sql: sqlite3.Connection, coming: Coming, now: int) -> tuple[int, By]:
    """The candidate that tells this story already, and by what it is known; (0, "") for none."""
    if n := _on_page(sql, coming.page, coming.anchor, coming.plain):
        return n, "key"
    if n := _by_alias(sql, coming):
        return n, "alias"
    if coming.feed and coming.guid:
        row = sql.execute(
            "SELECT c.n, c.title FROM guid g JOIN candidate c ON c.n = g.n WHERE g.feed = ? AND g.guid = ?",
            (coming.feed, coming.guid),
        ).fetchone()
        if row and likeness.similar_titles(row["title"], coming.title):
            return row["n"], "guid"
    if len(coming.plain) >= likeness.TITLE_LENGTH and (n := _by_title(sql, coming, now)):
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
    if not first and not is_home(page):
        if anchor:
            first = sql.execute("SELECT n FROM candidate WHERE page = ? AND anchor = '' LIMIT 1", (page,)).fetchone()
        else:
            first = sql.execute("SELECT n FROM candidate WHERE page = ? ORDER BY n LIMIT 1", (page,)).fetchone()
    return first["n"] if first else 0


def _by_alias(sql: sqlite3.Connection, coming: Coming) -> int:
    """The candidate one of whose other addresses this is, or that stands at one of this item's."""
    claimed = sql.execute(
        "SELECT c.n, c.title FROM alias a JOIN candidate c ON c.n = a.n WHERE a.key = ? LIMIT ?",
        (coming.page, _LOOKED_THROUGH),
    ).fetchall()
    if len(claimed) == 1:
        return int(claimed[0]["n"])
    for row in claimed:
        if likeness.similar_titles(row["title"], coming.title):
            return int(row["n"])
    for alias in coming.names:
        row = sql.execute("SELECT n FROM candidate WHERE page = ? AND anchor = ''", (alias,)).fetchone()
        if row:
            return int(row["n"])
        for row in sql.execute(
            "SELECT c.n, c.title FROM alias a JOIN candidate c ON c.n = a.n WHERE a.key = ? LIMIT ?",
            (alias, _LOOKED_THROUGH),
        ):
            if likeness.similar_titles(row["title"], coming.title):
                return int(row["n"])
    return 0


def _by_title(sql: sqlite3.Connection, coming: Coming, now: int) -> int:
    mine = coming.item().published
    for row in sql.execute(
        "SELECT * FROM candidate WHERE plain = ? AND first_seen >= ? ORDER BY first_seen DESC LIMIT ?",
        (coming.plain, now - _days(likeness.TITLE_DAYS), _LOOKED_THROUGH),
    ):
        its = rows.item_of(row).published
        same_feed = bool(coming.feed) and row["feed"] == coming.feed
        if same_feed and mine and its and abs(mine - its) >= _COLUMN:
            continue
        return int(row["n"])
    return 0


def _again(sql: sqlite3.Connection, n: int, coming: Coming, *, filling: bool) -> None:
    """Let a known candidate gain by another sighting; nothing it has is lost."""
    row = sql.execute("SELECT * FROM candidate WHERE n = ?", (n,)).fetchone()
    old, new = rows.item_of(row), coming.item()
    gained = {name: getattr(new, name) for name in _FILLED if filling and not getattr(old, name) and getattr(new, name)}
    if (note := notes(old.note, new.note)) != old.note:
        gained["note"] = note
    if gained:
        item = dataclasses.replace(old, **gained)
        write_item(sql, n, item)
        keep_tags(sql, n, item.tags)
    if row["state"] == "skipped" and row["ruled"] and not coming.skipped:
        # One feed's rule dropped it, another place keeps it.
        sql.execute("UPDATE candidate SET state = 'new', reason = '', ruled = 0, why = ? WHERE n = ?", (coming.why, n))
    names = [name for name in dict.fromkeys((*coming.names, coming.page)) if name != row["page"]]
    keep_names(sql, n, names, coming.guid, coming.feed)
    keep_raw(sql, n, coming)


def _own_key(sql: sqlite3.Connection, page: str, anchor: str, id_: str) -> str:
    """The page's key for its first story, the page's and the anchor's for the next ones."""
    for key in (page, f"{page}#{anchor}", f"{page}#{id_}"):
        if not sql.execute("SELECT 1 FROM candidate WHERE key = ?", (key,)).fetchone():
            return key
    raise AssertionError("an id is never used twice")


def _see(sql: sqlite3.Connection, n: int, coming: Coming, now: int) -> None:
    seen = sql.execute("SELECT count(*) FROM sighting WHERE n = ?", (n,)).fetchone()[0]
    if coming.url and seen < _SIGHTINGS:
        sql.execute(
            "INSERT OR IGNORE INTO sighting (n, feed, url, page, seen) VALUES (?, ?, ?, ?, ?)",
            (n, coming.feed, coming.shown, coming.page, now),
        )


def keep_names(sql: sqlite3.Connection, n: int, names: Iterable[str], guid: str, feed: str) -> None:
    """Remember by what else the story may come again."""
    for name in names:
        sql.execute("INSERT OR IGNORE INTO alias (key, n) VALUES (?, ?)", (name, n))
    if feed and guid:
        sql.execute("INSERT OR IGNORE INTO guid (feed, guid, n) VALUES (?, ?, ?)", (feed, guid, n))


def keep_tags(sql: sqlite3.Connection, n: int, tags: Iterable[str]) -> None:
    sql.executemany("INSERT OR IGNORE INTO tag (tag, n) VALUES (?, ?)", [(tag_key(tag), n) for tag in tags])


def keep_raw(sql: sqlite3.Connection, n: int, coming: Coming, *, again: bool = False) -> None:
    """Keep what a candidate was made of, once for all that were made of it."""
    packed = coming.raw
    if not packed or (not again and sql.execute("SELECT 1 FROM raw WHERE n = ?", (n,)).fetchone()):
        return
    sql.execute("INSERT OR REPLACE INTO raw (n, fetched) VALUES (?, ?)", (n, fetched_number(sql, packed)))


def fetched_number(sql: sqlite3.Connection, packed: Packed) -> int:
    """Where it is kept, from now on at least."""
    row = sql.execute("SELECT number FROM fetched WHERE hash = ?", (packed.mark,)).fetchone()
    if row:
        return int(row["number"])
    kept = sql.execute("INSERT INTO fetched (hash, facts, content) VALUES (?, ?, ?)", packed)
    return int(kept.lastrowid or 0)


def write_item(sql: sqlite3.Connection, n: int, item: Item) -> None:
    columns = dict(zip(rows.COLUMNS, rows.values(item), strict=True))
    del columns["url"]  # A candidate stays at its address, and so does its key.
    settings = ", ".join(f"{name} = :{name}" for name in columns)
    sql.execute(f"UPDATE candidate SET {settings} WHERE n = :n", {**columns, "n": n})


def notes(old: str, new: str) -> str:
    """Both, where a reader wrote two."""
    new = new.strip()
    if not new or new in old:
        return old
    return f"{old}\n\n{new}" if old else new


def _days(span: timedelta) -> int:
    return span.days * _DAY
