"""What the editor decides about candidates, each decision whole and undoable."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from digest import likeness, urls
from digest.errors import CannotMove, DigestError, Mistakes
from digest.models import Candidate
from digest.store import ledger, rows
from digest.store.database import Database, sound

_FREE = ("new", "shortlisted", "skipped", "later")
#: Decisions that can be undone; older ones are history.
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Undone:
    """A decision that was taken back."""

    #: Such as "skip" or "place in 2024-02-02".
    what: str
    #: As they are again.
    candidates: tuple[Candidate, ...]


class Moving(Database):
    """From state to state. Every method moves all the candidates it is given, or raises and moves none."""

    def shortlist(self, ids: Iterable[str]) -> list[Candidate]:
        """Mark as likely for the next issue."""
        return self._move(ids, "shortlist", "shortlisted", _FREE, state="shortlisted")

    def skip(self, ids: Iterable[str], why: str = "") -> list[Candidate]:
        """Put aside for good; found again by its state only."""
        return self._move(ids, "skip", "skipped", _FREE, state="skipped", reason=sound(why))

    def later(self, ids: Iterable[str], until: date) -> list[Candidate]:
        """Put aside until a day; from that day on it counts as new. Raises for a day that is not to come."""
        if until <= self._today():
            raise DigestError(f"{until.isoformat()} is not to come any more.", hint="Give a day after today.")
        return self._move(ids, "later", "put off", _FREE, state="later", until=until.isoformat())

    def renew(self, ids: Iterable[str]) -> list[Candidate]:
        """Back among the new ones, whatever had been decided."""
        return self._move(ids, "renew", "made new", _FREE, state="new")

    def place(self, asked: str, slug: str, *, again: bool = False) -> Candidate:
        """Note that a story stands in an issue. One that stands or ran in another is refused but `again`."""
        states = (*_FREE, "placed", "sent") if again else _FREE
        return self._move([asked], f"place in {slug}", "placed", states, slug=slug, state="placed")[0]

    def unplace(self, ids: Iterable[str]) -> list[Candidate]:
        """Take out of the issue: sent again if it ran before, else on the shortlist."""
        return self._move(ids, "take out", "taken out", ("placed",), state="")

    def reconcile(self, slug: str, story_urls: Iterable[str], titles: Iterable[str] = ()) -> list[Candidate]:
        """Make the states follow an issue file that was edited by hand; gives those whose state changed.

        `story_urls` are all its stories' and briefs' links, `titles` their titles: by these a text that has
        no link is known, and a story that was placed there and was given another link since.
        Not undone by `undo`: the file decides.
        """
        pages = {urls.key(url) for url in story_urls if url}
        plain = {sound(likeness.plain_title(title)) for title in titles} - {""}
        with self._writing() as sql:
            changed: list[int] = []
            for row in sql.execute("SELECT * FROM candidate WHERE state = 'placed' AND issue = ?", (slug,)).fetchall():
                if row["plain"] not in plain and not pages & set(_keys(sql, row)):
                    _put(sql, row, _taken_out(sql, row))
                    changed.append(row["n"])
            standing = [_standing_at(sql, page) for page in sorted(pages)]
            standing += [_text_called(sql, title) for title in sorted(plain)]
            for row in standing:
                if row and row["state"] in _FREE:
                    _put(sql, row, {"state": "placed", "issue": sound(slug)})
                    changed.append(row["n"])
            return rows.candidates_of(sql, changed, today=self._today())

    def undo(self) -> Undone:
        """Take back the last decision that was not taken back yet. Raises DigestError when there is none.

        What ran since stays sent: that is told by the issue files, not decided here.
        """
        with self._writing() as sql:
            last = sql.execute("SELECT * FROM change ORDER BY number DESC LIMIT 1").fetchone()
            if not last:
                raise DigestError("There is nothing to undo.")
            before = sql.execute("SELECT * FROM moved WHERE change = ?", (last["number"],)).fetchall()
            for old in before:
                row = sql.execute("SELECT * FROM candidate WHERE n = ?", (old["n"],)).fetchone()
                if row["state"] == "sent" or (old["state"] == "sent" and not ledger.last_issue(sql, row)):
                    continue
                _put(sql, row, {name: old[name] for name in ("state", "reason", "ruled", "until", "issue")})
            sql.execute("DELETE FROM change WHERE number = ?", (last["number"],))
            moved = rows.candidates_of(sql, [old["n"] for old in before], today=self._today())
            return Undone(last["what"], tuple(moved))

    def _move(
        self,
        ids: Iterable[str],
        what: str,
        done: str,
        allowed: Sequence[str],
        *,
        slug: str = "",
        **to: object,
    ) -> list[Candidate]:
        with self._writing() as sql:
            found: dict[int, sqlite3.Row] = {}
            mistakes: list[DigestError] = []
            for id_ in ids:
                try:
                    row = self._row(sql, id_)
                except DigestError as error:
                    mistakes.append(error)
                    continue
                if row["state"] in allowed or (slug and row["state"] == "placed" and row["issue"] == slug):
                    found[row["n"]] = row
                else:
                    mistakes.append(_refusal(row, done))
            if mistakes:
                raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
            if found:
                self._journal(sql, what, found.values())
            for row in found.values():
                _put(sql, row, {**to, "issue": sound(slug)} if to["state"] else _taken_out(sql, row))
            return rows.candidates_of(sql, found, today=self._today())

    def _journal(self, sql: sqlite3.Connection, what: str, before: Iterable[sqlite3.Row]) -> None:
        change = sql.execute("INSERT INTO change (what, at) VALUES (?, ?)", (sound(what), self._now())).lastrowid
        sql.executemany(
            "INSERT INTO moved (change, n, state, reason, ruled, until, issue) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (change, row["n"], row["state"], row["reason"], row["ruled"], row["until"], row["issue"])
                for row in before
            ],
        )
        sql.execute("DELETE FROM change WHERE number <= ?", ((change or 0) - _REMEMBERED,))

    def _row(self, sql: sqlite3.Connection, asked: str) -> sqlite3.Row:
        raise NotImplementedError


def _put(sql: sqlite3.Connection, row: sqlite3.Row, to: Mapping[str, object]) -> None:
    columns = {"reason": "", "ruled": 0, "until": "", "issue": "", **to}
    settings = ", ".join(f"{name} = :{name}" for name in columns)
    sql.execute(f"UPDATE candidate SET {settings} WHERE n = :n", {**columns, "n": row["n"]})


def _taken_out(sql: sqlite3.Connection, row: sqlite3.Row) -> dict[str, object]:
    slug = ledger.last_issue(sql, row)
    return {"state": "sent", "issue": slug} if slug else {"state": "shortlisted"}


def _keys(sql: sqlite3.Connection, row: sqlite3.Row) -> list[str]:
    found = sql.execute("SELECT key FROM alias WHERE n = ?", (row["n"],))
    return [row["page"], row["key"], *(alias["key"] for alias in found)]


def _standing_at(sql: sqlite3.Connection, page: str) -> sqlite3.Row | None:
    """The one candidate a page can mean; None where a page holds several stories, or an alias is shared."""
    found = sql.execute("SELECT * FROM candidate WHERE page = ? LIMIT 2", (page,)).fetchall()
    found = (
        found
        or sql.execute(
            "SELECT c.* FROM alias a JOIN candidate c ON c.n = a.n WHERE a.key = ? LIMIT 2", (page,)
        ).fetchall()
    )
    return found[0] if len(found) == 1 else None


def _text_called(sql: sqlite3.Connection, plain: str) -> sqlite3.Row | None:
    """The one text without a link that has this title."""
    found = sql.execute("SELECT * FROM candidate WHERE plain = ? AND url = '' LIMIT 2", (plain,)).fetchall()
    return found[0] if len(found) == 1 else None


def _refusal(row: sqlite3.Row, done: str) -> CannotMove:
    if row["state"] == "sent":
        return CannotMove(
            row["id"], row["title"], done, f"it was sent in {row['issue']}", hint="To run it once more, say --again."
        )
    if row["state"] == "placed":
        return CannotMove(
            row["id"],
            row["title"],
            done,
            f"it stands in {row['issue']}",
            hint=f'Take it out first: "digest drop {row["id"]}".',
        )
    return CannotMove(row["id"], row["title"], done, "it stands in no issue")
