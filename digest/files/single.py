"""One file, read, replaced or made: whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from pathlib import Path

from digest.errors import AlreadyThere, CannotRead, CannotWrite, ChangedMeanwhile, NotConfirmed
from digest.files.disk import (
    NEW,
    behind_links,
    forget,
    in_words,
    is_abandoned,
    kind,
    move,
    settle,
    told,
    write,
)

_TEMPORARY = re.compile(r"\.digest-[0-9a-f]{8}\.tmp")


def read(path: Path) -> bytes:
    """The bytes of an ordinary file. Raises CannotRead for anything else."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CannotRead(path, "it is not an ordinary file")
            return file.read()
    except FileNotFoundError as error:
        raise CannotRead(path, "there is no such file") from error
    except (OSError, ValueError) as error:
        if os.path.isdir(path):
            raise CannotRead(path, "it is a folder, not a file") from error
        raise CannotRead(path, in_words(error, refused="you may not read this file")) from error


def replace(path: Path, content: bytes, *, expected: bytes | None = None) -> None:
    """Write `content` to `path`, whole or not at all; a link stays, and what it leads to is replaced.

    With `expected`, raises ChangedMeanwhile unless these bytes stand there in the last moment before.
    No system can make that moment nothing: hold `lock` against other digest commands. Raises CannotWrite
    when nothing was changed, NotConfirmed when the new file stands but may not outlive a power cut.
    """
    target = behind_links(path)
    with told(path):
        old = _ordinary(target)
        # A rename asks only the folder; somebody who made this file read-only meant it.
        if old is not None and not os.access(target, os.W_OK):
            raise CannotWrite(path, "the file is read-only")
        temporary = _written_beside(target, content, like=old)
        try:
            if expected is not None and _now(target) != expected:
                raise ChangedMeanwhile(path)
            move(temporary, target)
        except BaseException:
            forget(temporary)
            raise
    try:
        settle(target.parent)
    except OSError as error:
        raise NotConfirmed(path, in_words(error)) from error


def create(path: Path, content: bytes) -> None:
    """Write a new file, whole or not at all. Raises AlreadyThere when something of that name exists."""
    with told(path):
        if os.path.lexists(path):
            raise AlreadyThere(path)
        temporary = _written_beside(path, content, like=None)
        try:
            _appear(temporary, path, content)
        except FileExistsError as error:
            raise AlreadyThere(path) from error
        finally:
            forget(temporary)
    try:
        settle(path.parent)
    except OSError as error:
        raise NotConfirmed(path, in_words(error)) from error


def _written_beside(target: Path, content: bytes, *, like: os.stat_result | None) -> Path:
    """`content` in a temporary file in the same folder, on the disk, with the mode of `like`."""
    _sweep(target.parent)
    path = target.with_name(f".digest-{os.urandom(4).hex()}.tmp")
    # Private until it has the old file's mode; a new file gets what the umask allows.
    file = os.open(path, NEW, 0o666 if like is None else 0o600)
    try:
        try:
            write(file, content)
            if like is not None and os.name == "posix":
                with contextlib.suppress(PermissionError):
                    os.fchown(file, like.st_uid, like.st_gid)
                os.fchmod(file, stat.S_IMODE(like.st_mode))
            os.fsync(file)
        finally:
            os.close(file)
    except BaseException:
        forget(path)
        raise
    return path


def _appear(temporary: Path, path: Path, content: bytes) -> None:
    """Give the temporary file its name, never anybody else's. Raises FileExistsError."""
    if os.name == "nt":
        os.rename(temporary, path)  # Windows refuses by itself to rename over a file.
        return
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}:
            raise
        # A memory stick (FAT, exFAT) knows no second name. The name is ours alone; a kill may leave it short.
        file = os.open(path, NEW, 0o666)
        try:
            try:
                write(file, content)
                os.fsync(file)
            finally:
                os.close(file)
        except BaseException:
            forget(path)
            raise


def _sweep(folder: Path) -> None:
    """Remove the temporary files of runs that were killed long ago."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for each in entries:
            if _TEMPORARY.fullmatch(each.name) and is_abandoned(Path(each.path)):
                forget(Path(each.path))


def _now(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _ordinary(path: Path) -> os.stat_result | None:
    """What is known of the file at `path`; None when there is none. A device is never replaced."""
    found = kind(path)
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise CannotWrite(path, "a folder of that name is in the way")
    if found is not None and not stat.S_ISREG(found.st_mode):
        raise CannotWrite(path, "it is not an ordinary file")
    return found


def _without_waiting(path: str, flags: int) -> int:
    """Opened so that a named pipe nobody writes to is not waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
