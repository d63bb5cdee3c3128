"""The store as the rest of the house sees it: one object with everything that is remembered."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self

from digest.store.arriving import Arriving
from digest.store.database import PATIENCE
from digest.store.feeds import Feeds
from digest.store.finding import Finding
from digest.store.ledger import Ledger
from digest.store.moving import Moving


class Store(Finding, Arriving, Moving, Ledger, Feeds):
    """The inbox, the ledger's index and the feeds' facts; a context manager that closes the file.

    For one thread; other threads and programs open their own.
    """

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], datetime], wait: float = PATIENCE) -> Self:
        """Open the inbox at `path`, made when it is missing, brought up to date when it is old.

        `clock` gives aware times in the editor's time zone, where a day begins for what was put off.
        `wait` are the seconds given to another program that writes. Raises BrokenInbox, NewerInbox,
        CannotWrite, Busy.
        """
        return cls(path, clock=clock, wait=wait)

    def _row(self, sql: sqlite3.Connection, asked: str) -> sqlite3.Row:
        return Finding._row(self, sql, asked)
