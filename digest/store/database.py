"""One SQLite file, opened so that two programs and a kill at any moment leave it whole."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self

from digest.errors import BrokenInbox, Busy, CannotRead, CannotWrite, DigestError, NewerInbox
from digest.files.disk import told
from digest.store.schema import APPLICATION, STEPS

#: Seconds to wait for another program; gathering 100,000 stories holds the inbox for some.
PATIENCE = 30.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Database:
    """The open file, the clock, and the two ways to touch it."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime], wait: float = PATIENCE) -> None:
        self.path = path
        self._clock = clock
        self._wait = wait
        #: Within `together`, where one transaction holds all.
        self._joined = False
        self._sql = self._opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; closing twice is closing once."""
        with contextlib.suppress(sqlite3.Error):
            self._sql.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All of what happens inside, or nothing. One writer at a time; raises Busy when it takes too long.

        IMMEDIATE, so that the wait comes before the first read: a transaction that reads first and then
        writes is refused at once when another wrote between (https://www.sqlite.org/lang_transaction.html).
        """
        if self._joined:
            yield self._sql
            return
        with self._told():
            self._sql.execute("BEGIN IMMEDIATE")
            try:
                yield self._sql
                self._sql.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._sql.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Whatever is kept inside is kept at once, or, when something raises, nothing of it."""
        with self._writing():
            self._joined = True
            try:
                yield
            finally:
                self._joined = False

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One moment's view, whatever others write meanwhile."""
        if self._joined:
            yield self._sql
            return
        with self._told():
            self._sql.execute("BEGIN")
            try:
                yield self._sql
            finally:
                with contextlib.suppress(sqlite3.Error):
                    self._sql.execute("ROLLBACK")

    def _now(self) -> int:
        return stamp(self._clock())

    def _today(self) -> date:
        """The editor's day: the clock's own time zone says when one ends."""
        return self._clock().date()

    def _opened(self) -> sqlite3.Connection:
        if self.path.is_dir():
            raise CannotRead(self.path, "it is a folder, not a file")
        with told(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._told():
            sql = sqlite3.connect(self.path, timeout=self._wait, isolation_level=None)
            try:
                sql.row_factory = sqlite3.Row
                self._settle(sql)
            except BaseException:
                sql.close()
                raise
            return sql

    def _settle(self, sql: sqlite3.Connection) -> None:
        """Refuse what is not ours to open, then bring it to today's form."""
        if self._version(sql) > len(STEPS):
            raise NewerInbox(self.path)
        if self._version(sql) and _number(sql, "application_id") != APPLICATION:
            raise BrokenInbox(self.path)
        sql.execute("PRAGMA foreign_keys = ON")
        # FULL: a story once shown as kept outlives a power cut, not only a kill.
        sql.execute("PRAGMA synchronous = FULL")
        # 64 MB: with the usual 2 the indexes of a large inbox go to the disk and back at every story.
        sql.execute("PRAGMA cache_size = -65536")
        self._log_ahead(sql)
        if self._version(sql) == len(STEPS):
            return
        sql.execute("BEGIN IMMEDIATE")
        try:
            # Another program may have done it while this one waited.
            for step in STEPS[self._version(sql) :]:
                for statement in step:
                    sql.execute(statement)
            sql.execute(f"PRAGMA application_id = {APPLICATION}")
            sql.execute(f"PRAGMA user_version = {len(STEPS)}")
            sql.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                sql.execute("ROLLBACK")
            raise

    def _log_ahead(self, sql: sqlite3.Connection) -> None:
        """Switch to WAL, where a reader never waits for a writer.

        Two programs that switch a new file in one moment are refused without the usual wait. On a disk
        that cannot share memory SQLite stays with its older journal, as safe and less quick.
        """
        deadline = time.monotonic() + self._wait
        while True:
            try:
                sql.execute("PRAGMA journal_mode = WAL").fetchone()
                return
            except sqlite3.OperationalError as error:
                if _kind(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)

    @staticmethod
    def _version(sql: sqlite3.Connection) -> int:
        return _number(sql, "user_version")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors, in an editor's words."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._in_words(error) from error

    def _in_words(self, error: sqlite3.Error) -> DigestError:
        kind = _kind(error)
        if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Busy(self.path)
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return BrokenInbox(self.path)
        if kind == sqlite3.SQLITE_FULL:
            return CannotWrite(self.path, "the disk is full")
        if kind in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            return CannotWrite(self.path, "the folder or the file is read-only")
        if kind == sqlite3.SQLITE_IOERR:
            return CannotWrite(self.path, "the disk is full or reports a fault")
        if kind == sqlite3.SQLITE_TOOBIG:
            return CannotWrite(self.path, "a text is larger than an inbox can hold")
        if "no such module: fts5" in str(error):
            return DigestError(
                "This Python's SQLite cannot search texts (it was built without FTS5).",
                hint="Install Python from python.org or from your system's packages.",
            )
        if "no such table" in str(error) or "no such column" in str(error):
            return BrokenInbox(self.path)
        raise error


def stamp(moment: datetime) -> int:
    """A moment as it is kept. Raises ValueError for one without a time zone: it could be any hour."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(kept: int) -> datetime:
    """A kept moment, UTC."""
    return _EPOCH + timedelta(microseconds=kept)


def sound(text: str) -> str:
    """A text that SQLite can hold: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _number(sql: sqlite3.Connection, pragma: str) -> int:
    return int(sql.execute(f"PRAGMA {pragma}").fetchone()[0])


def _kind(error: sqlite3.Error) -> int:
    """SQLite's primary result code; the finer ones hold it in their low byte."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
