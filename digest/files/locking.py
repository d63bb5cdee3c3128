"""A lock that the kernel frees when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from digest.errors import Busy, CannotWrite
from digest.files.disk import told


@contextlib.contextmanager
def lock(path: Path, *, wait: float) -> Iterator[None]:
    """Hold `path` alone among all processes; raises Busy after `wait` seconds.

    The kernel frees it when the process ends, however it ends. Taken twice in one thread it is one lock.
    """
    import filelock

    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        held = filelock.FileLock(path, is_singleton=True)
        try:
            held.acquire(timeout=wait)
        except filelock.Timeout as error:
            raise Busy(path) from error
        except NotImplementedError as error:
            raise CannotWrite(path, "this disk knows no locks") from error
    try:
        yield
    finally:
        held.release()
