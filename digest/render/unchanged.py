"""What was made of files, for as long as they are what they were."""

from __future__ import annotations

import os
from collections.abc import Hashable
from pathlib import Path
from time import time
from typing import Generic, TypeVar

T = TypeVar("T")

#: Seconds for which a file that was just written is looked at again each time. Clocks of disks step, by two
#: seconds where they are slowest (FAT): of two changes within one step the second shows in nothing but the
#: content. Git has the same trouble: https://git-scm.com/docs/racy-git
_FRESH = 3.0

Stamp = tuple[int, int, int, int, int]


class Unchanged(Generic[T]):
    """The things made of a mail's files, kept from one making to the next in this process."""

    def __init__(self) -> None:
        self._before: dict[Hashable, tuple[Stamp, T]] = {}
        self._now: dict[Hashable, tuple[Stamp, T]] = {}

    def begin(self) -> None:
        """A mail is begun. What the one before it did not want is forgotten, so that memory holds one mail's."""
        self._before, self._now = self._now, {}

    def get(self, key: Hashable, stamp: Stamp | None) -> T | None:
        """What was made under `key` of a file that had this stamp."""
        found = self._now.get(key) or self._before.get(key)
        if found is None or found[0] != stamp:
            return None
        self._now[key] = found
        return found[1]

    def keep(self, key: Hashable, stamp: Stamp | None, made: T) -> None:
        """Keep what was made of a file; `stamp` was taken before it was read."""
        if stamp is not None:
            self._now[key] = (stamp, made)


def stamp(path: Path) -> Stamp | None:
    """The file's state now; None when it may change without a trace, being so new, and when there is none."""
    if os.name == "nt":
        # There st_ctime is not of the last change, and a copy may bring the time of what it was copied from.
        return None
    try:
        now = os.stat(path)
    except OSError:
        return None
    if time() - max(now.st_mtime, now.st_ctime) < _FRESH:
        return None
    return now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns
