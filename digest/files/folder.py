"""A folder that is wholly the previous or wholly the new one, at every moment."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from digest.errors import CannotWrite, NotOurs
from digest.files.disk import NEW, behind_links, is_abandoned, kind, move, settle, told, write

#: Lies in every folder that `switch` made, and names what it put there.
MANIFEST = ".digest-output"

#: What file managers leave in any folder that was looked at.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
#: Names that Windows keeps for devices, whatever ending they have.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")


def exchange(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where the system or this disk cannot.

    Linux 3.15 (`man 2 renameat2`) and macOS 10.12 (`man 2 renamex_np`) can; Windows cannot.
    """
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "win32":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "renameat2"):
        here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        failed = libc.renameat2(here, names[0], here, names[1], ctypes.c_uint(swap))
    elif hasattr(libc, "renamex_np"):
        failed = libc.renamex_np(names[0], names[1], ctypes.c_uint(2))  # RENAME_SWAP
    else:
        return False
    if not failed:
        return True
    code = ctypes.get_errno()
    # EPERM: what containers answer for calls they do not know. Where it or EXDEV is meant in earnest,
    # the plain rename says so too.
    if code in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EXDEV}:
        return False
    raise OSError(code, os.strerror(code), str(other))


def switch(folder: Path, contents: Mapping[str, bytes], *, exchange: Callable[[Path, Path], bool] = exchange) -> None:
    """Make `folder` hold exactly `contents`, by name ("email.html", "images/x.png"), and a MANIFEST.

    At every moment the folder is wholly the previous or wholly the new one. Where `exchange` answers
    False it is put aside and the new one moved in: for the instant between it is missing, and `recover`
    puts it back after a kill. The same content leaves it untouched. Raises NotOurs when the folder holds a
    file that neither `contents` nor its manifest names, and CannotWrite when nothing was changed.
    """
    files = _files(folder, contents)
    target = behind_links(folder)
    with told(folder):
        recover(target)
        there = kind(target)
        if there is not None and not stat.S_ISDIR(there.st_mode):
            raise CannotWrite(folder, "a file of that name is in the way")
        ours = {*files, *_named_by_manifest(target)}
        if there is not None:
            _refuse_others(folder, target, ours)
            if _holds(target, files):
                return
        _make(target.parent)
        with _fresh_beside(target) as new:
            _fill(new, files, mode=None if there is None else stat.S_IMODE(there.st_mode))
            previous, undo = _change_places(new, target, exchange)
            try:
                if previous is not None:
                    _refuse_others(folder, previous, ours)
                settle(target.parent)
            except BaseException:
                undo()
                raise
            if previous is not None:
                shutil.rmtree(previous, ignore_errors=True)


def recover(folder: Path) -> None:
    """Put back what a killed `switch` had set aside, and remove what it left behind."""
    folder = behind_links(folder)
    ours = re.compile(rf"\.{re.escape(folder.name)}\.(new|old)-[0-9a-f]{{8}}")
    with told(folder):
        try:
            with os.scandir(folder.parent) as entries:
                left = [
                    Path(each.path)
                    for each in entries
                    if ours.fullmatch(each.name) and each.is_dir(follow_symlinks=False)
                ]
        except (FileNotFoundError, NotADirectoryError):
            return
        aside = [each for each in left if f"{folder.name}.old-" in each.name]
        if aside and not os.path.lexists(folder):
            latest = max(aside, key=lambda each: each.stat().st_ctime_ns)
            left.remove(latest)
            move(latest, folder)
            settle(folder.parent)
        for each in left:
            with _held(each) as held:
                if held or (held is None and is_abandoned(each)):
                    shutil.rmtree(each, ignore_errors=True)


def _files(folder: Path, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """`contents` and the manifest. Raises CannotWrite for a name that some system would not keep as it is."""
    seen: set[str] = set()
    inner: set[str] = set()
    for name in contents:
        parts = name.split("/")
        if (
            any(part in {"", ".", ".."} or part[-1] in " ." or _DEVICES.fullmatch(part) for part in parts)
            or re.search(r'[\x00-\x1f\x7f\\:*?"<>|\ud800-\udfff]', name)
            or name == MANIFEST
        ):
            raise CannotWrite(folder, f"{name!r} cannot be the name of a file in it")
        # macOS and Windows take these for one file.
        seen.add(_plain(name).casefold())
        inner.update(_plain("/".join(parts[:end])).casefold() for end in range(1, len(parts)))
    if len(seen) < len(contents) or seen & inner:
        raise CannotWrite(folder, "two of its files would have one name")
    names = "".join(f"{name}\n" for name in sorted(contents))
    head = "digest made this folder and replaces it whole. Its files:\n"
    return {**contents, MANIFEST: (head + names).encode()}


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _named_by_manifest(folder: Path) -> list[str]:
    path = folder / MANIFEST
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return []
        return path.read_bytes().decode().split("\n")[1:]
    except (OSError, UnicodeDecodeError):
        return []


def _names(folder: Path, below: str = "") -> Iterator[str]:
    """Everything in `folder` that is not a folder, links among it, but not what file managers leave."""
    with os.scandir(folder) as entries:
        for each in sorted(entries, key=lambda entry: entry.name):
            if each.is_dir(follow_symlinks=False) and not _is_junction(each.path):
                yield from _names(Path(each.path), f"{below}{each.name}/")
            elif each.name not in _LITTER:
                yield below + each.name


def _is_junction(path: str) -> bool:
    """Windows' other kind of link, which 3.11 takes for a folder."""
    tag = getattr(os.lstat(path), "st_reparse_tag", 0)
    return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)


def _refuse_others(asked: Path, folder: Path, ours: set[str]) -> None:
    known = {_plain(name) for name in ours}
    others: list[str] = []
    for name in _names(folder):
        if _plain(name) not in known:
            others.append(name)
        if len(others) > 3:  # Enough to recognise it by; a whole home is not read through.
            others[3:] = ["and more"]
            break
    if others:
        raise NotOurs(asked, others)


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Whether `folder` holds these files, ordinary ones, and no others."""
    if {_plain(name) for name in _names(folder)} != {_plain(name) for name in files}:
        return False
    for name, content in files.items():
        path = folder / name
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size != len(content) or path.read_bytes() != content:
            return False
    return True


@contextlib.contextmanager
def _fresh_beside(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, held so that no other run takes it for abandoned; gone afterwards."""
    for _ in range(100):
        new = folder.with_name(f".{folder.name}.new-{os.urandom(4).hex()}")
        new.mkdir()
        with _held(new) as held:
            if held is False:  # Another run's `recover` was quicker, and is removing it.
                continue
            try:
                yield new
            except BaseException:
                shutil.rmtree(new, ignore_errors=True)
                raise
            return
    raise CannotWrite(folder, "another program removes what is being written")


def _fill(new: Path, files: Mapping[str, bytes], *, mode: int | None) -> None:
    """Write `files` into `new`, down to the disk: first the files, then the folders that list them."""
    folders = {new}
    for name, content in files.items():
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.update(each for each in path.parents if new in each.parents)
        file = os.open(path, NEW, 0o666)
        try:
            write(file, content)
            os.fsync(file)
        finally:
            os.close(file)
    if mode is not None:
        new.chmod(mode | stat.S_IRWXU)
    for each in sorted(folders, key=lambda path: -len(path.parts)):
        settle(each)
    settle(new.parent)


def _change_places(
    new: Path, folder: Path, exchange: Callable[[Path, Path], bool]
) -> tuple[Path | None, Callable[[], object]]:
    """Put `new` in the place of `folder`: where the previous one went, and how to undo it."""
    if not os.path.lexists(folder):
        move(new, folder)
        return None, lambda: move(folder, new)
    if exchange(new, folder):
        return new, lambda: exchange(new, folder)
    aside = new.with_name(f".{folder.name}.old-{new.name[-8:]}")

    def undo() -> None:
        if not os.path.lexists(new):
            move(folder, new)
        move(aside, folder)

    move(folder, aside)
    try:
        move(new, folder)
    except BaseException:
        undo()
        raise
    return aside, undo


def _make(folder: Path) -> None:
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        settle(folder.parent)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[bool | None]:
    """Whether a temporary folder is ours alone until this ends; None where the system cannot tell."""
    if sys.platform == "win32":
        yield None  # To hold a folder open would keep it from being moved.
        return
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        yield False
        return
    except OSError:
        yield None
        return
    try:
        held: bool | None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = os.path.lexists(folder)
        except BlockingIOError:
            held = False
        except OSError:  # A disk without locks.
            held = None
        yield held
    finally:
        with contextlib.suppress(OSError):  # Nothing was written through it, and all else is done by now.
            os.close(handle)
