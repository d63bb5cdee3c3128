"""One request under way: how long it may still take, where it may go, and what to say when it fails."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from digest.errors import NoAnswer, TooSlow, WebError

#: A host name and port in, numeric addresses out. Raises OSError when the name is unknown.
Lookup = Callable[[str, int], Sequence[str]]


@dataclass(slots=True)
class Errand:
    """What a thread is fetching. Sockets ask it before every read and write.

    requests and urllib3 hand a time-out down to each single read, and nothing that would bound all of them
    together; so the errand travels beside them, in `CURRENT`.
    """

    #: As the caller asked; redirects move `at`, never this.
    asked: str
    #: Seconds: to reach the host, for one silence, and for everything together.
    connect: float
    read: float
    whole: float
    clock: Callable[[], float]
    lookup: Lookup
    #: Whether a numeric address may be connected to.
    may_reach: Callable[[str], bool]
    at: str = ""
    ends: float = 0.0
    #: The socket in use, so that another thread can end the errand by shutting it down.
    line: socket.socket | None = field(default=None, repr=False)
    #: A connection was made for this exchange; else one that was left open was used again.
    fresh: bool = False
    #: Something of the request has left; the other side may have acted on it.
    sent: bool = False
    #: Something of an answer has come.
    heard: bool = False
    #: A redirect on the way set a cookie; we carry none.
    cookies: bool = False
    stopped: bool = False

    def __post_init__(self) -> None:
        self.at = self.asked
        self.ends = self.clock() + self.whole

    def patience(self, most: float) -> float:
        """Seconds that the next step may take: `most`, or what is left of the whole if that is less.

        Raises TooSlow when nothing is left, NoAnswer when the errand was called off.
        """
        if self.stopped:
            raise self.problem(NoAnswer, "digest was told to stop")
        left = self.ends - self.clock()
        if left <= 0:
            raise self.problem(TooSlow, f"it was not done after {_seconds(self.whole)}")
        return min(most, left)

    def late(self, most: float) -> WebError:
        """What to raise when a step took longer than its patience."""
        if self.ends - self.clock() <= 0:
            return self.problem(TooSlow, f"it was not done after {_seconds(self.whole)}")
        return self.problem(TooSlow, f"nothing came for {_seconds(most)}")

    def problem(self, kind: type[WebError], reason: str) -> WebError:
        """An error about the page that is being asked, and about the redirect that led there."""
        return kind(self.at, reason, start="" if self.at == self.asked else self.asked)

    def stop(self) -> None:
        """End it from another thread: what waits for the network wakes up and fails."""
        self.stopped = True
        line = self.line
        if line is not None:
            # OSError: not connected yet, or closed already. Called past SSLSocket's own shutdown, which would
            # take the TLS session away from the thread that reads.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)


#: The errand of the thread that is on the network. No socket of ours moves without one.
CURRENT: ContextVar[Errand] = ContextVar("errand")


def _seconds(count: float) -> str:
    return "1 second" if count == 1 else f"{round(count, 1) if count > 1 else count:g} seconds"
