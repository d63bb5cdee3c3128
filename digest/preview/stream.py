"""What open pages are told as it happens: server-sent events, one stream a page."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any

#: Seconds between two signs of life, so that a page notices when we are gone.
_HEARTBEAT = 15.0
#: Events that wait for a page which does not fetch them; the oldest go first, for each state is whole.
_WAITING = 64
#: Words kept for pages that have not joined, of which some never will.
_EARLY = 100

Event = tuple[str, Any]


class Streams:
    """The open pages. All but `close_soon` is for the event loop's own thread."""

    def __init__(self) -> None:
        self._open: dict[asyncio.Queue[Event | None], tuple[str, str]] = {}
        #: What was told to pages that have not joined yet, by key and kind; the frame is quicker than the stream.
        self._early: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self.closed = False

    def join(self, slug: str, key: str) -> asyncio.Queue[Event | None]:
        """A page's own queue; a page that shows an issue has one."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._open[queue] = (slug, key)
        for whose, name in [each for each in self._early if each[0] == key]:
            _put(queue, (name, self._early.pop((whose, name))))
        if self.closed:
            queue.put_nowait(None)
        return queue

    def leave(self, queue: asyncio.Queue[Event | None]) -> None:
        self._open.pop(queue, None)

    def to_issue(self, slug: str, name: str, data: Any) -> None:
        """Tell every page that shows an issue."""
        for queue, (shown, _) in self._open.items():
            if shown == slug:
                _put(queue, (name, data))

    def to_page(self, key: str, name: str, data: Any) -> None:
        """Tell one page; one that is still being opened hears the newest of each kind when it joins."""
        mine = [queue for queue, (_, whose) in self._open.items() if whose == key]
        for queue in mine:
            _put(queue, (name, data))
        if not mine:
            self._early[key, name] = data
            self._early.move_to_end((key, name))
            while len(self._early) > _EARLY:
                self._early.popitem(last=False)

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        for queue in self._open:
            queue.put_nowait(None)

    @property
    def slugs(self) -> set[str]:
        return {slug for slug, _ in list(self._open.values())}

    @property
    def keys(self) -> set[str]:
        """Of the open pages. From any thread."""
        return {key for _, key in list(self._open.values())}


def _put(queue: asyncio.Queue[Event | None], event: Event) -> None:
    while queue.qsize() >= _WAITING:
        queue.get_nowait()
    queue.put_nowait(event)


async def lines(queue: asyncio.Queue[Event | None]) -> AsyncIterator[bytes]:
    """The events of a queue as they go over the wire, until it ends."""
    yield b"retry: 500\n\n"
    while True:
        try:
            event = await asyncio.wait_for(queue.get(), _HEARTBEAT)
        except TimeoutError:
            yield b": here\n\n"
            continue
        if event is None:
            return
        name, data = event
        yield f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
