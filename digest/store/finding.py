"""Candidates found again: by id, by address, by what they are and by their words."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import cast, get_args

from digest import likeness, urls
from digest.errors import NoSuchCandidate
from digest.models import Candidate, State
from digest.store import ids, rows, searching
from digest.store.database import Database, sound, stamp

_DAY = 86_400_000_000
#: How far back a story of the same event is looked for, and among how many.
_GROUPED_DAYS = 7
_GROUPED_AMONG = 5000
#: So many are named when what was typed is the beginning of several ids.
_SHOWN = 5

#: Scripts without blanks between words: FTS5's tokenizer takes a whole sentence of them for one word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_ASKED = re.compile(r'"([^"]*)"|(\S+)')
_ALNUM = re.compile(r"[^\W_]")

#: The state as the editor sees it: what was put off is new from its day on.
_STATE = "CASE WHEN state = 'later' AND until <= :today THEN 'new' ELSE state END"


class Finding(Database):
    """The ways to look into the inbox."""

    def find(self, asked: str) -> Candidate:
        """The candidate with this id, with one that begins so, or at this URL. Raises NoSuchCandidate."""
        with self._reading() as sql:
            return rows.candidates_of(sql, [self._row(sql, asked)["n"]], today=self._today())[0]

    def candidates(
        self,
        *,
        states: Iterable[State] = (),
        source: str = "",
        tag: str = "",
        since: datetime | None = None,
        text: str = "",
        issue: str = "",
        group: str = "",
        oldest_first: bool = False,
        limit: int = 0,
    ) -> list[Candidate]:
        """Those that fit all that is asked, the one first seen last first.

        `source` is a part of a source's name, or a feed's URL; `since` looks at when we first saw it;
        `text` is what somebody typed: words or, from three letters, their beginnings, all of which must be
        there, or "phrases in quotes". No `states` means every state, no `limit` all.
        """
        where: list[str] = []
        asked: dict[str, object] = {"today": self._today().isoformat(), "limit": limit or -1}
        if wanted := tuple(states):
            names = {f"state{place}": state for place, state in enumerate(wanted)}
            where.append(f"{_STATE} IN ({', '.join(':' + name for name in names)})")
            asked |= names
        if source:
            where.append("(instr(source_key, :source) OR feed = :feed)")
            asked |= {"source": sound(source.casefold()), "feed": sound(source)}
        if since is not None:
            where.append("first_seen >= :since")
            asked["since"] = stamp(since)
        if issue:
            where.append("issue = :issue")
            asked["issue"] = sound(issue)
        if tag:
            where.append("n IN (SELECT n FROM tag WHERE tag = :tag)")
            asked["tag"] = sound(tag.strip().casefold())
        if text.strip():
            self._catch_up()
            where.append(_text(text, asked))
        order = "ASC" if oldest_first else "DESC"
        with self._reading() as sql:
            if group:
                where.append("n IN (SELECT n FROM candidate WHERE leader = :leader)")
                asked["leader"] = self._row(sql, group)["leader"]
            found = sql.execute(
                f"SELECT n FROM candidate INDEXED BY by_age {'WHERE ' if where else ''}{' AND '.join(where)}"
                # What came together stands as it came: feeds begin with their newest.
                f" ORDER BY first_seen {order}, n LIMIT :limit",
                asked,
            )
            return rows.candidates_of(sql, [row["n"] for row in found], today=self._today())

    def counts(self) -> dict[State, int]:
        """How many candidates are in each state."""
        with self._reading() as sql:
            found = sql.execute(
                f"SELECT {_STATE} AS now, count(*) AS many FROM candidate INDEXED BY by_age GROUP BY now",
                {"today": self._today().isoformat()},
            )
            many = Counter({row["now"]: row["many"] for row in found})
        return {cast(State, state): many[state] for state in get_args(State)}

    def suggest_groups(self) -> int:
        """Group what came since the last call with what other sites told of the same event this week.

        Gives how many candidates joined a group. A suggestion: no state changes, nothing is folded.
        """
        with self._reading() as sql:
            new = _tellings(sql, "compared = 0", {"among": _GROUPED_AMONG})
            week = {"among": _GROUPED_AMONG, "since": self._now() - _GROUPED_DAYS * _DAY}
            known = _tellings(sql, "compared = 1 AND first_seen >= :since", week)
            numbers = {row["id"]: row["n"] for row in sql.execute("SELECT id, n FROM candidate WHERE compared = 0")}
            leaders = dict(
                sql.execute("SELECT c.id, l.id FROM candidate c JOIN candidate l ON l.n = c.leader").fetchall()
            )
        found = likeness.groups(likeness.alike(new, known), leaders)
        with self._writing() as sql:
            sql.executemany("UPDATE candidate SET compared = 1 WHERE n = ?", [(n,) for n in numbers.values()])
            sql.executemany(
                "UPDATE candidate SET leader = (SELECT n FROM candidate WHERE id = ?) WHERE id = ?",
                [(leader, id_) for id_, leader in found.items()],
            )
        return len(found)

    def _catch_up(self) -> None:
        """Index what came in since the last search."""
        with self._reading() as sql:
            behind = searching.is_behind(sql)
        if behind:
            with self._writing() as sql:
                searching.index(sql)

    def _row(self, sql: sqlite3.Connection, asked: str) -> sqlite3.Row:
        typed = ids.typed(asked)
        row = sql.execute("SELECT * FROM candidate WHERE id = ?", (sound(typed),)).fetchone()
        if row:
            return cast(sqlite3.Row, row)
        if urls.site(asked):
            return _row_at(sql, asked)
        begun = []
        if re.fullmatch(r"[a-z0-9]+", typed):
            begun = sql.execute(
                "SELECT * FROM candidate WHERE id > ? AND id < ? ORDER BY id LIMIT ?", (typed, typed + "~", _SHOWN)
            ).fetchall()
        if len(begun) == 1:
            return cast(sqlite3.Row, begun[0])
        if begun:
            raise NoSuchCandidate(asked.strip(), [(row["id"], row["title"]) for row in begun], several=True)
        guesses = ids.misspelt(typed) if len(typed) <= 6 else []
        near = sql.execute(
            f"SELECT id, title FROM candidate WHERE id IN ({','.join('?' * len(guesses))}) ORDER BY n DESC LIMIT 3",
            [sound(guess) for guess in guesses],
        ).fetchall()
        raise NoSuchCandidate(asked.strip(), [(row["id"], row["title"]) for row in near])


def _row_at(sql: sqlite3.Connection, url: str) -> sqlite3.Row:
    page = urls.key(url)
    found = (
        sql.execute(
            "SELECT * FROM candidate WHERE page = ? ORDER BY anchor = ? DESC, n LIMIT 1", (page, urls.anchor(url))
        ).fetchone()
        or sql.execute(
            "SELECT c.* FROM alias a JOIN candidate c ON c.n = a.n WHERE a.key = ? LIMIT 1", (page,)
        ).fetchone()
    )
    if not found:
        raise NoSuchCandidate(url)
    return cast(sqlite3.Row, found)


def _tellings(sql: sqlite3.Connection, where: str, asked: dict[str, int]) -> list[likeness.Telling]:
    """Oldest first, so that a group is led by who told it first."""
    found = sql.execute(
        "SELECT id, title, substr(description, 1, 2000) AS description, url, feed FROM candidate"
        f" WHERE {where} ORDER BY first_seen DESC, n DESC LIMIT :among",
        asked,
    ).fetchall()
    return [
        likeness.Telling(row["id"], row["title"], row["description"], urls.site(row["url"]) or row["feed"])
        for row in reversed(found)
    ]


def _text(text: str, asked: dict[str, object]) -> str:
    """A condition for what somebody typed. Nothing in it is a command: FTS5's AND, NEAR, * and : are words."""
    parts: list[str] = []
    conditions: list[str] = []
    for found in _ASKED.finditer(sound(text)):
        phrase, word = found[1], found[2]
        part = (phrase or word or "").replace('"', " ").strip()
        if _UNSPACED.search(part):
            name = f"part{len(conditions)}"
            asked[name] = part
            conditions.append(
                f"n IN (SELECT n FROM candidate WHERE instr(title, :{name}) OR instr(description, :{name})"
                f" OR instr(text, :{name}))"
            )
        elif _ALNUM.search(part):
            # Not of one or two letters: a fifth of all words begins with an "s".
            parts.append(f'"{part}"' + ("" if phrase or len(part) < 3 else " *"))
    if parts:
        asked["words"] = " ".join(parts)
        conditions.append("n IN (SELECT rowid FROM words WHERE words MATCH :words)")
    return " AND ".join(conditions) or "0"
