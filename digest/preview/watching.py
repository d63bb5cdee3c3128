"""Follows the files that go into a mail, and tells which kind of thing has changed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Milliseconds: how often the system is asked, and how long a burst of changes is waited for at most.
_STEP, _DEBOUNCE = 5, 40
#: Folders in which nothing lies that goes into a mail, or that we write to ourselves.
_NOT_IN = frozenset({"build", ".digest", ".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv"})
_ISSUES = (".md", ".markdown")
_SETTINGS = "digest.toml"


@dataclass(frozen=True, slots=True)
class Change:
    """What a burst of saves has touched."""

    #: digest.toml or a theme.
    settings: bool = False
    #: Issue files, saved, made, renamed or removed.
    issues: frozenset[Path] = frozenset()
    #: Pictures and whatever else may be in a mail.
    other: bool = False

    def __bool__(self) -> bool:
        return self.settings or self.other or bool(self.issues)


def sorted_out(paths: Iterable[str], root: Path, themes: Sequence[Path] = ()) -> Change:
    """What the changed `paths` mean. Our own writing and editors' swap files mean nothing."""
    settings = other = False
    issues: set[Path] = set()
    base = os.path.realpath(root)
    shipped = [os.path.realpath(theme) for theme in themes]
    for name in paths:
        path = os.path.realpath(name)
        if any(_within(path, theme) for theme in shipped):
            settings = settings or not _is_scrap(os.path.basename(path))
            continue
        parts = Path(os.path.relpath(path, base)).parts if _within(path, base) else (os.path.basename(path),)
        if any(part in _NOT_IN for part in parts) or _is_scrap(parts[-1]):
            continue
        if parts == (_SETTINGS,) or parts[0] == "templates":
            settings = True
        elif os.path.splitext(path)[1].lower() in _ISSUES:
            # By the name that was touched, not by what a link leads to: it is the name that makes the slug.
            issues.add(Path(name))
        else:
            other = True
    return Change(settings, frozenset(issues), other)


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _is_scrap(name: str) -> bool:
    """Whether a file is an editor's own: a swap file, a backup, a lock, something not yet renamed."""
    return (
        name.startswith((".", "#", "~$", "__"))
        or name.endswith(("~", ".swp", ".swx", ".swo", ".tmp", ".temp", ".bak", ".crswap", ".part"))
        or name == "4913"  # vim tries out with it whether it may write
    )


class Watcher:
    """Tells of changes, from a thread of its own, until it is closed."""

    def __init__(self, root: Path, themes: Sequence[Path], told: Callable[[Change], None]) -> None:
        self._root = root
        self._themes = [theme for theme in themes if theme.is_dir()]
        self._told = told
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="preview watches", daemon=True)

    def start(self) -> None:
        """Begin. What was saved before is not told."""
        self._thread.start()

    def close(self) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(0.3)

    def _follow(self) -> None:
        for paths in self._changes():
            change = sorted_out(paths, self._root, self._themes)
            if change:
                self._told(change)

    def _changes(self, *, polling: bool = False) -> Iterator[set[str]]:
        from watchfiles import watch

        folders = [os.path.realpath(self._root), *(os.path.realpath(each) for each in self._themes)]
        folders = [each for each in folders if not any(each != one and _within(each, one) for one in folders)]
        try:
            for changes in watch(
                *folders,
                watch_filter=None,
                step=_STEP,
                debounce=_DEBOUNCE,
                stop_event=self._end,
                rust_timeout=5_000,
                force_polling=polling or None,
                poll_delay_ms=200,
                raise_interrupt=False,
                ignore_permission_denied=True,
            ):
                yield {path for _, path in changes}
        except OSError:
            # The system watches no more folders for us (fs.inotify.max_user_watches), or this disk cannot tell.
            if polling:
                raise
            yield from self._changes(polling=True)
