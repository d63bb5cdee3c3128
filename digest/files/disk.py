"""What the system's calls need before they can be trusted, and their errors in plain words."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

from digest.errors import CannotWrite

#: A file that nobody else has.
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

#: Nothing that digest does to one folder takes this long.
_ABANDONED_AFTER = 3600.0

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of this disk is used up",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reports a fault",
    errno.EFBIG: "the file is larger than is allowed here",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOTDIR: "a file stands where a folder should be",
    errno.ENOTEMPTY: "something else was put there in the same moment",
    errno.ELOOP: "the link leads in a circle",
    errno.EXDEV: "the system cannot move what is there",
    errno.EBUSY: "another program is using it",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
}


def behind_links(path: Path) -> Path:
    try:
        target = Path(os.path.realpath(path))
        circle = target.is_symlink()
    except (OSError, ValueError) as error:
        raise CannotWrite(path, in_words(error)) from error
    if circle:
        raise CannotWrite(path, "the link leads in a circle")
    return target


def kind(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def move(old: Path, new: Path) -> None:
    """`os.replace`, patient on Windows, where virus scanners hold a file or folder for a moment."""
    for pause in (0.05, 0.1, 0.2, 0.4) if os.name == "nt" else ():
        try:
            return os.replace(old, new)
        except PermissionError:
            time.sleep(pause)
    return os.replace(old, new)


def settle(folder: Path) -> None:
    """Have the disk keep which names `folder` holds. Windows cannot be asked to; some disks will not."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}:
            raise
    finally:
        os.close(handle)


def write(file: int, content: bytes) -> None:
    """All of `content`; the system may take it in portions."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest[: 1 << 26]) :]


def is_abandoned(path: Path) -> bool:
    try:
        return path.lstat().st_mtime < time.time() - _ABANDONED_AFTER
    except OSError:
        return False


def forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """The system's errors, in plain words."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise CannotWrite(path, in_words(error)) from error


def in_words(error: Exception, *, refused: str = "you may not write there") -> str:
    if isinstance(error, ValueError):
        return "no file can have that name"
    code = error.errno if isinstance(error, OSError) else None
    if getattr(error, "winerror", None) in {32, 33}:
        return "another program has it open"
    if code in {errno.EACCES, errno.EPERM}:
        if os.name == "nt":
            return f"{refused}, or another program has it open"
        return refused
    if code == errno.ENOENT:
        return "its folder does not exist"
    return _REASONS.get(code or 0) or (getattr(error, "strerror", None) or str(error)).lower()
