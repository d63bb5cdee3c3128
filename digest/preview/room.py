"""The last good mail of each issue, and what is wrong with the one after it. One mail is built at a time."""

from __future__ import annotations

import gc
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, perf_counter

from digest.errors import DigestError, Mistakes
from digest.models import Finding
from digest.preview import whole
from digest.preview.finished import Finished
from digest.preview.work import Work

#: Issues whose last good mail is kept; whoever comes back to an older one waits for its building.
_KEPT = 8
#: Seconds between a mail and the closer look at it, so that the browser has the machine for itself meanwhile.
_BEFORE_LOOKING = 0.15
#: The same for the first mail, when page and checks are loaded for the first time.
_BEFORE_FIRST_LOOK = 0.6
#: Seconds after which a mail is shown even though its file changed again while it was built.
_PATIENCE = 1.0


@dataclass(frozen=True)
class Shown:
    """What the page shows of one issue."""

    slug: str
    #: Counts up with every new mail of any issue.
    version: int = 0
    path: Path | None = None
    #: The last good one; None when there was none yet.
    mail: Finished | None = None
    #: What keeps the file, as it stands now, from becoming a mail; empty when `mail` is it.
    errors: tuple[DigestError, ...] = ()
    findings: tuple[Finding, ...] = ()
    #: A closer look at the mail is under way, and `findings` are those of the one before.
    looking: bool = False
    took: float = 0.0


Listener = Callable[[Shown], None]


class Room:
    """Builds what is asked for, in a thread of its own, and tells who listens."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._stale: set[str] = set()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        #: Wanted, or being built.
        self._pending: set[str] = set()
        self._afresh = False
        #: Counts up with every change of digest.toml or a theme, once it is read.
        self.settings = 0
        self._version = 0
        self._closed = False
        self._watched: dict[str, int] = {}
        self._listeners: list[Listener] = []
        self._busy = 0
        #: What each issue's file held when it was built last.
        self._texts: dict[str, bytes] = {}
        self._changed = threading.Condition()
        self._to_look_at: Shown | None = None
        self._threads = [
            threading.Thread(target=self._build_all, name="preview builds", daemon=True),
            threading.Thread(target=self._look_at_all, name="preview looks", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    # --- what others ask

    def shown(self, slug: str, *, wait: float = 30.0) -> Shown:
        """The issue as it is now, built first if it has to be. Without a mail after `wait` seconds: with none."""
        with self._changed:
            if slug in self._stale or (slug not in self._shown and slug not in self._pending):
                self._want(slug)
            self._changed.wait_for(lambda: self._closed or slug not in self._pending, wait)
            found = self._shown.get(slug) or Shown(slug)
            if slug in self._shown:
                self._shown.move_to_end(slug)
            return found

    def last(self, slug: str) -> Shown | None:
        """The issue as it was shown last; None when it never was, or too long ago."""
        with self._changed:
            return self._shown.get(slug)

    def want(self, slug: str) -> None:
        """Begin to build an issue."""
        with self._changed:
            if slug not in self._pending:
                self._want(slug)

    def changed(self, *, settings: bool, issues: Iterable[Path] = (), other: bool = False) -> None:
        """Files have changed: digest.toml or a theme, issue files, or `other` things such as pictures.

        What somebody looks at is built again at once, the rest when it is asked for.
        """
        paths = {path.stem for path in issues}
        with self._changed:
            self._afresh = self._afresh or settings
            concerned = set(self._shown) if settings or other else {slug for slug in self._shown if slug in paths}
            self._stale |= concerned
            for slug in list(self._shown):
                if slug in concerned and self._watched.get(slug):
                    self._want(slug)

    def busy(self) -> None:
        """Somebody waits for an answer: let what can wait, wait."""
        self._busy += 1

    def listen(self, listener: Listener) -> None:
        """Call `listener`, from a thread, with whatever becomes to be shown."""
        self._listeners.append(listener)

    def watch(self, slug: str, more: int) -> None:
        """Somebody began (1) or ceased (-1) to look at an issue."""
        with self._changed:
            self._watched[slug] = self._watched.get(slug, 0) + more
            if self._watched[slug] <= 0:
                del self._watched[slug]

    def close(self) -> None:
        """Let the threads end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(0.3)

    # --- the thread that builds

    def _want(self, slug: str) -> None:
        self._wanted[slug] = None
        self._pending.add(slug)
        self._changed.notify_all()

    def _build_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wanted)
                if self._closed:
                    return
                slug, _ = self._wanted.popitem(last=False)
                self._stale.discard(slug)
                afresh, self._afresh = self._afresh, False
            if afresh:
                self.work.afresh()
                self.settings += 1
            self._build(slug)

    def _build(self, slug: str) -> None:
        """Build until the file has held still for as long as it took, within reason, and show that."""
        began = monotonic()
        while True:
            path = self._path(slug)
            stamp, text = whole.settled(path, self._texts.get(slug, b"")) if path else (None, b"")
            started = perf_counter()
            mail, errors = self._built(slug) if stamp or path is None else (None, (_gone(path),))
            took = (perf_counter() - started) * 1000
            if self._closed or path is None or monotonic() - began > _PATIENCE:
                break
            # digest.toml or a template may be half written too, and what is wrong with it then is no news.
            others = [each.path for each in errors if each.path and each.path != path]
            if whole.stamp(path) == stamp and not whole.waited_for(others):
                break
        self._texts[slug] = text
        self._show(slug, path, mail, errors, took)

    def _path(self, slug: str) -> Path | None:
        """The issue's file; where it was last while it is missing from the list."""
        try:
            found = next((each.path for each in self.work.issues() if each.slug == slug), None)
        except DigestError:
            found = None
        before = self._shown.get(slug)
        return found or (before.path if before else None)

    def _built(self, slug: str) -> tuple[Finished | None, tuple[DigestError, ...]]:
        try:
            return Finished.of(self.work.build(slug), self.work.fill), ()
        except Mistakes as error:
            return None, error.mistakes
        except DigestError as error:
            return None, (error,)
        except Exception as error:  # our own bug, which must not end an editor's preview
            traceback.print_exc()
            what = f"digest itself failed here ({type(error).__name__}); this is a bug in it, not in your text."
            hint = "The terminal has the details. Undo the last change to go on, and report it if you can."
            return None, (DigestError(what, hint=hint),)

    def _show(
        self, slug: str, path: Path | None, mail: Finished | None, errors: tuple[DigestError, ...], took: float
    ) -> None:
        with self._changed:
            before = self._shown.get(slug) or Shown(slug)
            if mail is None:
                shown = replace(before, errors=errors, took=took, path=path or before.path, looking=False)
            else:
                looked = self.work.findings is not None
                same = before.mail is not None and before.mail.neutral == mail.neutral
                if not same:
                    self._version += 1
                kept = before.findings if looked and before.mail is not None else mail.email.findings
                shown = Shown(
                    slug,
                    before.version if same else self._version,
                    path,
                    mail,
                    findings=kept,
                    looking=looked,
                    took=took,
                )
                self._to_look_at = shown if looked else None
            self._shown[slug] = shown
            self._shown.move_to_end(slug)
            while len(self._shown) > _KEPT:
                old, _ = self._shown.popitem(last=False)
                self._stale.discard(old)
                self._texts.pop(old, None)
            if slug not in self._wanted:
                self._pending.discard(slug)
            self._changed.notify_all()
        self._tell(shown)

    def _tell(self, shown: Shown) -> None:
        for listener in self._listeners:
            listener(shown)

    # --- the thread that takes a closer look

    def _look_at_all(self) -> None:
        pause = _BEFORE_FIRST_LOOK
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._to_look_at)
                # Whoever saves again soon is not kept waiting by a look at what is past.
                while not self._closed:
                    newest, busy = self._to_look_at, self._busy
                    self._changed.wait(pause)
                    if newest is self._to_look_at and busy == self._busy and not self._pending:
                        break
                if self._closed:
                    return
                shown, self._to_look_at = self._to_look_at, None
                pause = _BEFORE_LOOKING
            if shown is not None and shown.mail is not None:
                self._looked(shown, self._findings(shown.slug, shown.mail))
                # Nobody waits for anything now, and a mail leaves trees behind that lie in circles.
                del shown
                gc.collect()

    def _findings(self, slug: str, mail: Finished) -> tuple[Finding, ...]:
        look = self.work.findings
        try:
            return tuple(look(slug, mail.neutral)) if look else mail.email.findings
        except DigestError as error:
            told: Sequence[DigestError] = error.mistakes if isinstance(error, Mistakes) else (error,)
            also = [Finding("warning", each.what, each.path, each.line, each.hint) for each in told]
            return (*mail.email.findings, *also)
        except Exception as error:  # a check's bug costs its findings, not the preview
            traceback.print_exc()
            what = f"A check failed ({type(error).__name__}); the terminal has the details."
            return (*mail.email.findings, Finding("warning", what))

    def _looked(self, at: Shown, findings: tuple[Finding, ...]) -> None:
        with self._changed:
            now = self._shown.get(at.slug)
            if now is None or now.mail is not at.mail:
                return
            shown = self._shown[at.slug] = replace(now, findings=findings, looking=False)
        self._tell(shown)


def _gone(path: Path) -> DigestError:
    return DigestError(
        "This issue's file is gone.",
        path=path,
        hint="It was renamed, moved or deleted. Choose an issue from the list, or put it back: the preview waits.",
    )
