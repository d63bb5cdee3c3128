"""Whether a file is whole, or somebody is just writing it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from time import monotonic, sleep, time

from digest import files
from digest.errors import DigestError

#: What tells one state of a file from another; None when it is not there.
Stamp = tuple[int, int, int] | None

#: Seconds that an editor may take between emptying a file and filling it again, between two halves of it, or
#: between removing it and putting the new one there. Whoever means it waits so long to see it.
_GRACE = 0.25
#: Seconds after which what is there is taken, whatever it is.
_AT_MOST = 1.5
_STEP = 0.004
#: What is shorter than this part of what it was may be its beginning.
_SHRUNK = 0.7


def stamp(path: Path) -> Stamp:
    """The file's state now."""
    try:
        now = os.stat(path)
    except OSError:
        return None
    return (now.st_ino, now.st_size, now.st_mtime_ns)


def settled(path: Path, before: bytes) -> tuple[Stamp, bytes]:
    """The file's state and content, once it looks whole or has had time enough to become so.

    `before` is what it held when it was whole last; b"" when nobody knows. A file that is not there is empty.
    """
    began = since = monotonic()
    last: Stamp = None
    while True:
        now = stamp(path)
        content = _content(path) if now else b""
        if not _looks_cut(content, before):
            return now, content
        clock = monotonic()
        since = clock if now != last else since
        last = now
        if clock - since > _GRACE or clock - began > _AT_MOST:
            return now, content
        sleep(_STEP)


def waited_for(paths: Iterable[Path]) -> bool:
    """Whether one of the files was being written, and may be another by now."""
    youngest = max((at for path in paths if (at := _written(path)) is not None), default=None)
    if youngest is None or not 0 <= time() - youngest < _GRACE:
        return False
    sleep(max(0.0, min(_GRACE, youngest + _GRACE - time())))
    return True


def _written(path: Path) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def _looks_cut(content: bytes, before: bytes) -> bool:
    """Whether this could be the beginning of something longer."""
    if not content:
        return True
    if len(content) >= len(before):
        return False
    return (
        before.startswith(content)
        or len(content) < _SHRUNK * len(before)
        or (before.endswith(b"\n") and not content.endswith(b"\n"))
    )


def _content(path: Path) -> bytes:
    try:
        return files.read(path)
    except DigestError:
        return b""
