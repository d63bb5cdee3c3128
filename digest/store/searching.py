"""The index of words, made when somebody searches rather than when stories come in: to gather must be quick."""

from __future__ import annotations

import sqlite3

#: So many stories may wait to be indexed; a search takes a second for them at most, and that once.
_WAITING = 10_000


def is_behind(sql: sqlite3.Connection) -> bool:
    """Whether a search would miss what came in last."""
    return _behind(sql) > 0


def keep_up(sql: sqlite3.Connection) -> None:
    """Index now what came in if it is a great deal, within the transaction that is open."""
    if _behind(sql) > _WAITING:
        index(sql)


def index(sql: sqlite3.Connection) -> None:
    """Index all that waits. One statement for many: one each has the index written out at each."""
    sql.execute(
        "INSERT INTO words (rowid, title, description, text, source, tags)"
        " SELECT n, title, description, text, source, tags FROM candidate WHERE n > (SELECT upto FROM searchable)"
    )
    sql.execute("UPDATE searchable SET upto = (SELECT coalesce(max(n), 0) FROM candidate)")


def _behind(sql: sqlite3.Connection) -> int:
    last, upto = sql.execute("SELECT (SELECT coalesce(max(n), 0) FROM candidate), upto FROM searchable").fetchone()
    return int(last) - int(upto)
