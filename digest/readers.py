"""Many feeds are read by a second process, while the first one fetches the next and keeps the last.

Reading is most of the work of a gathering, and Python does one thing at a time in one process. This file is
that process's program too: run as a script it reads what comes by standard input. Where none can be had, all
is read here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from digest.models import FeedPlan
    from digest.store import Coming

#: For fewer feeds the process would hardly be there before they are read.
WORTHWHILE = 24
#: Feeds that wait for the process before one is read here.
_BACKLOG = 6
#: Bytes that wait in a pipe, where the system lets us say; its usual 64 kB are less than a feed.
_PIPE = 1 << 20


class Reading(NamedTuple):
    """What a feed held, ready to be kept."""

    coming: list[Coming]
    title: str
    #: Items nothing could be made of, and why the first.
    unread: int
    why: str
    #: Feeds that the page in place of it names.
    offered: tuple[str, ...]
    #: Minutes it asks to be left alone; "" when it does not.
    ttl: str


def read(plan: FeedPlan, body: bytes, facts: Mapping[str, str], now: datetime) -> Reading:
    """Read a feed here and now. `facts` are its "url", "charset" and "media_type"."""
    from digest.incoming.feed_rules import arrivals
    from digest.sources import feed
    from digest.store import prepared

    found = feed.read(body, now=now, **facts)
    told = {"kind": "feed", **facts}
    return Reading(
        prepared(arrivals(plan, found.items, now=now, raw=body, raw_facts=told)),
        found.title,
        len(found.unread),
        found.unread[0].why if found.unread else "",
        found.offered,
        found.facts.get("ttl", ""),
    )


class Readers:
    """Whoever reads the feeds of one gathering: another process for many, else the thread that asks."""

    def __init__(self, feeds: int) -> None:
        self._sending, self._here = threading.Lock(), threading.Lock()
        self._waiting: dict[int, Future[Reading]] = {}
        self._number = 0
        #: Started at the first feed: where none is new there is nothing to read.
        self._process: subprocess.Popen[bytes] | None = None
        self._may_start = feeds >= WORTHWHILE and (os.cpu_count() or 1) > 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; who waits for a feed is told that it will not be read. Closing twice is closing once."""
        if (process := self._process) is not None:
            process.kill()  # first, or who is sending it a feed would be waited for
        with self._sending:
            self._may_start = False
            process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def read(self, plan: FeedPlan, body: bytes, facts: Mapping[str, str], now: datetime) -> Reading:
        """As `read`, by whoever has time; threads may share it. RuntimeError for a feed that ended the process."""
        if len(self._waiting) >= _BACKLOG and self._here.acquire(blocking=False):
            # The other has enough to do, and a second processor may have nothing.
            try:
                return read(plan, body, facts, now)
            finally:
                self._here.release()
        future = self._sent(plan, body, facts, now)
        if future is not None:
            try:
                return future.result()
            except _NobodyThereError:
                pass
        return read(plan, body, facts, now)

    def _sent(self, *job: Any) -> Future[Reading] | None:
        """Who will know; None when nobody takes it."""
        with self._sending:
            if self._may_start:
                self._may_start = False
                self._process = _started()
                if self._process is not None:
                    threading.Thread(target=self._listen, name="digest hears of feeds", daemon=True).start()
            process = self._process
            if process is None or process.stdin is None:
                return None
            self._number += 1
            future = self._waiting[self._number] = Future()
            try:
                pickle.dump((self._number, job), process.stdin, pickle.HIGHEST_PROTOCOL)
                process.stdin.flush()
            except (OSError, ValueError):
                # Who listens hears of the end too, and may have told the others already.
                self._waiting.pop(self._number, None)
                return None
            return future

    def _listen(self) -> None:
        """Hand out what has been read, until the process ends."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        began = False
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError, ValueError):
            began = pickle.load(process.stdout) == 0
            while True:
                number, reading, problem = pickle.load(process.stdout)
                future = self._waiting.pop(number)
                if problem:
                    future.set_exception(RuntimeError(problem))
                else:
                    future.set_result(Reading(*reading))
        with self._sending:
            self._process = None
            unread, self._waiting = [self._waiting[number] for number in sorted(self._waiting)], {}
        process.kill()
        process.wait()
        for future in unread:
            # The first is what it was at when it ended: here it would end us as well.
            guilty = began and future is unread[0]
            future.set_exception(RuntimeError("nobody could read it to its end") if guilty else _NobodyThereError())


class _NobodyThereError(Exception):
    pass


def _started() -> subprocess.Popen[bytes] | None:
    if not sys.executable:
        return None
    try:
        process = subprocess.Popen(
            # -P: the folder this file is in holds modules that would hide those of the standard library.
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
    except OSError:
        return None
    for pipe in (process.stdin, process.stdout):
        _widen(pipe)
    return process


def _widen(pipe: IO[bytes] | None) -> None:
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        if pipe is not None:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)  # Linux alone has it


def _child() -> None:
    """Feeds in by standard input, readings out by standard output, until nobody sends any."""
    # Ctrl-C is for whoever started us: it closes our input. Not ignored outright, or our children would inherit it.
    signal.signal(signal.SIGINT, lambda *_: None)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # Whatever a library prints is no reading.
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        sys.path.insert(0, root)
    from digest.models import FeedPlan

    # What is imported at the first feed is imported now, while the first feeds are on their way.
    example = b"<rss version='2.0'><channel><title>-</title><item><title>-</title></item></channel></rss>"
    read(FeedPlan("-"), example, {"url": "", "charset": "", "media_type": ""}, datetime(2000, 1, 1, tzinfo=UTC))
    # A feed is thousands of things that live and die together; to look for the dead among them costs a tenth.
    gc.freeze()
    gc.set_threshold(50_000)
    jobs: queue.SimpleQueue[tuple[int, Any] | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def take() -> None:
        # Ahead of need, so that the next feed is here when the last is done.
        try:
            while True:
                jobs.put(pickle.load(sys.stdin.buffer))
        except Exception:  # The end, or what was cut off by it.
            jobs.put(None)

    def give() -> None:
        try:
            while True:
                out.write(done.get())
                out.flush()
        except OSError:
            os._exit(0)

    done.put(pickle.dumps(0))
    for work in (take, give):
        threading.Thread(target=work, daemon=True).start()
    while (job := jobs.get()) is not None:
        number, facts = job
        try:
            said: tuple[int, Any, str] = (number, tuple(read(*facts)), "")
        except Exception as error:
            said = (number, None, f"{error!r:.200}")
        done.put(pickle.dumps(said, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    _child()
