"""An index of what was sent, made from the issue files and made again whenever they are newer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from digest import likeness, urls
from digest.models import Item
from digest.store.database import Database, sound, stamp


@dataclass(frozen=True, slots=True)
class Sent:
    """A story that ran."""

    #: Of its issue.
    slug: str
    number: int | None
    #: The day it went out.
    date: date
    #: "" for a story without a link.
    url: str
    title: str


class Ledger(Database):
    """What ran, and where."""

    def ledger_rebuild(self, entries: Iterable[Sent], *, files: Mapping[str, tuple[int, int]] | None = None) -> None:
        """Put these entries in the place of all that was known, and bring the candidates' states along.

        `files` is what `ledger_stamp` will give: for each file read, when it changed and how long it is.
        """
        entries = list(entries)
        with self._writing() as sql:
            sql.execute("DELETE FROM sent")
            sql.executemany(
                "INSERT INTO sent (slug, issue, date, url, title, page, plain) VALUES (?, ?, ?, ?, ?, ?, ?)",
                map(_row, entries),
            )
            sql.execute("DELETE FROM sent_file")
            sql.executemany(
                "INSERT INTO sent_file (path, changed, size) VALUES (?, ?, ?)",
                [(path, changed, size) for path, (changed, size) in (files or {}).items()],
            )
            _mark(sql)

    def ledger_stamp(self) -> dict[str, tuple[int, int]]:
        """The files the index was made from, as `ledger_rebuild` was told; {} when it was never made."""
        with self._reading() as sql:
            return {row["path"]: (row["changed"], row["size"]) for row in sql.execute("SELECT * FROM sent_file")}

    def sent(self, url: str = "", *, title: str = "") -> Sent | None:
        """Where a story ran: the last time its page did, or, in the last 60 days, one with its title.

        Pages are compared by key, so `url` may be a key. A title counts from 25 characters.
        """
        since = self._now() - likeness.TITLE_DAYS.days * 86_400_000_000
        item = Item(url=url, title=title)
        page = urls.key(url) if url else ""
        with self._reading() as sql:
            row = match(
                sql,
                item,
                page=page,
                anchor=urls.anchor(url),
                plain=sound(likeness.plain_title(title)),
                since=since,
                others=_other_keys(sql, page),
            )
            return _sent(row) if row else None


def match(
    sql: sqlite3.Connection,
    item: Item,
    *,
    page: str,
    anchor: str,
    plain: str,
    since: int | None = None,
    others: Iterable[str] = (),
) -> sqlite3.Row | None:
    """The entry that tells of the same story, the last one if it ran more than once.

    By title only for what ran after `since`: a monthly column's title must not hide the next one.
    """
    pages = [page, *others, *(urls.key(alias) for alias in item.aliases[:10])]
    for each in dict.fromkeys(pages):
        for row in sql.execute("SELECT * FROM sent WHERE page = ? ORDER BY date DESC, number DESC", (each,)):
            if each and same_place(anchor if each == page else "", plain, urls.anchor(row["url"]), row["plain"]):
                found: sqlite3.Row = row
                return found
    if not item.url and plain:
        # A text that has no link is known by its words alone.
        text: sqlite3.Row | None = sql.execute(
            "SELECT * FROM sent WHERE plain = ? AND url = '' ORDER BY date DESC, number DESC", (plain,)
        ).fetchone()
        if text:
            return text
    if since is None or len(plain) < likeness.TITLE_LENGTH:
        return None
    titled: sqlite3.Row | None = sql.execute(
        "SELECT * FROM sent WHERE plain = ? ORDER BY date DESC, number DESC", (plain,)
    ).fetchone()
    return titled if titled and _day(titled["date"]) >= since else None


def same_place(anchor: str, plain: str, other_anchor: str, other_plain: str) -> bool:
    """Whether two places on one page are one story: two anchors with two titles are two."""
    return not (anchor and other_anchor and anchor != other_anchor and plain != other_plain)


def _mark(sql: sqlite3.Connection) -> None:
    """States follow the ledger: what ran is sent, what is called sent and did not run is in its issue yet.

    A candidate that was placed once more, in an issue that has not gone out, stays placed there.
    """
    gone_out = {row["slug"] for row in sql.execute("SELECT DISTINCT slug FROM sent")}
    found = sql.execute(
        "SELECT * FROM candidate WHERE state IN ('sent', 'placed') OR page IN (SELECT page FROM sent)"
        " OR n IN (SELECT a.n FROM alias a JOIN sent s ON s.page = a.key)"
    ).fetchall()
    for row in found:
        slug = last_issue(sql, row)
        if slug and (row["state"] != "placed" or row["issue"] in gone_out):
            sql.execute("UPDATE candidate SET state = 'sent', issue = ? WHERE n = ?", (slug, row["n"]))
        elif not slug and row["state"] == "sent":
            sql.execute("UPDATE candidate SET state = 'placed' WHERE n = ?", (row["n"],))


def last_issue(sql: sqlite3.Connection, row: sqlite3.Row) -> str:
    """The slug of the issue a candidate ran in last; "" for none.

    By its page or another of its keys; or, where the editor gave the story another link, by its title
    in the issue it was placed in.
    """
    for each in (row["page"], *_names(sql, row["n"])):
        for entry in sql.execute("SELECT * FROM sent WHERE page = ? ORDER BY date DESC, number DESC", (each,)):
            anchor = row["anchor"] if each == row["page"] else ""
            if same_place(anchor, row["plain"], urls.anchor(entry["url"]), entry["plain"]):
                return str(entry["slug"])
    titled = sql.execute(
        "SELECT slug FROM sent WHERE plain = ? AND plain <> '' AND slug = ?", (row["plain"], row["issue"])
    ).fetchone()
    return str(titled["slug"]) if titled else ""


def _other_keys(sql: sqlite3.Connection, page: str) -> list[str]:
    """The keys that the inbox knows the story at `page` by."""
    if not page:
        return []
    found = sql.execute("SELECT n, page FROM candidate WHERE page = ? LIMIT 1", (page,)).fetchone()
    if not found:
        claimed = sql.execute(
            "SELECT c.n, c.page FROM alias a JOIN candidate c ON c.n = a.n WHERE a.key = ? LIMIT 2", (page,)
        ).fetchall()
        found = claimed[0] if len(claimed) == 1 else None
    return [found["page"], *_names(sql, found["n"])] if found else []


def _names(sql: sqlite3.Connection, n: int) -> list[str]:
    return [row["key"] for row in sql.execute("SELECT key FROM alias WHERE n = ?", (n,))]


def _row(entry: Sent) -> tuple[object, ...]:
    return (
        sound(entry.slug),
        entry.number,
        entry.date.isoformat(),
        sound(entry.url),
        sound(entry.title),
        urls.key(entry.url) if entry.url else "",
        sound(likeness.plain_title(entry.title)),
    )


def _sent(row: sqlite3.Row) -> Sent:
    return Sent(row["slug"], row["issue"], date.fromisoformat(row["date"]), row["url"], row["title"])


def _day(text: str) -> int:
    return stamp(datetime.combine(date.fromisoformat(text), time(), UTC))
