"""The preview from its start to Ctrl-C: a free port, the web server, the watcher, and their end."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from digest.errors import DigestError
from digest.preview.room import Room
from digest.preview.watching import Change, Watcher
from digest.preview.work import Listed, Work

#: Ports tried after the one that was asked for.
_TRIES = 40
_LOOPBACK = "127.0.0.1"


class NoPort(DigestError):
    """Raised when no port is to be had."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"The preview cannot be served at {host}, port {port}: {why}.",
            hint="Ask for another port with --port, or leave --host out.",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the preview is served."""

    #: As it was asked for; "" for this machine alone.
    host: str
    port: int
    sockets: tuple[socket.socket, ...]

    @property
    def netloc(self) -> str:
        """What stands in the address to open on this machine."""
        name = {"": _LOOPBACK, "0.0.0.0": _LOOPBACK, "::": "[::1]"}.get(self.host, self.host)
        return f"[{name}]:{self.port}" if ":" in name and not name.startswith("[") else f"{name}:{self.port}"


def place(port: int, host: str = "") -> Place:
    """`port`, or the next free one after it, already ours. Raises NoPort."""
    host = "" if host in {_LOOPBACK, "localhost"} else host
    why = ""
    for number in range(port, min(port + _TRIES, 65_536)):
        try:
            return Place(host, number, (_bound(host or _LOOPBACK, number),))
        except (OSError, UnicodeError) as error:
            why = str(getattr(error, "strerror", None) or error).lower()
    raise NoPort(host or _LOOPBACK, port, why)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if os.name == "nt":
            # There another program could take a port that is in use, and with it what the page is told.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined]
        else:
            # A port is free again at once after Ctrl-C; one that somebody listens on is taken all the same.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound


def serve(work: Work, slug: str, where: Place, *, opened: Callable[[str], None]) -> None:
    """Serve until interrupted. `opened` is told the page's address once it answers.

    The first mail is made while the server is still being put together.
    """
    room = Room(work)
    room.want(slug)
    try:
        _serve(room, slug, where, opened)
    finally:
        room.close()
        for each in where.sockets:
            each.close()


def _serve(room: Room, slug: str, where: Place, opened: Callable[[str], None]) -> None:
    import uvicorn

    from digest.preview.door import Door
    from digest.preview.server import Application

    door = Door(where.port, where.host)
    application = Application(room, door, first=slug)

    class Server(uvicorn.Server):
        """uvicorn, which by itself would wait for streams that never end."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            application.begin()
            await super().startup(sockets)
            if self.started:
                address = f"http://{where.netloc}/issue/{_quoted(slug)}"
                asyncio.get_running_loop().call_soon(opened, address + (f"?entry={door.entry}" if where.host else ""))

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            application.streams.close()
            await super().shutdown(sockets)

    # A command that ends soon lets its garbage lie (`digest.__main__`); this one runs all day.
    gc.set_threshold(20_000, 20, 10)
    # Half a millisecond instead of five: a browser's many small requests are answered while a mail is built.
    sys.setswitchinterval(0.0005)
    config = uvicorn.Config(
        application.asgi,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        loop="asyncio",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=65_536,
    )

    listed = _listed(room.work)

    def changed(change: Change) -> None:
        nonlocal listed
        room.changed(settings=change.settings, issues=change.issues, other=change.other)
        before, listed = listed, _listed(room.work)
        if listed != before:
            application.told_anew()

    watcher = Watcher(room.work.root, room.work.themes, changed)
    watcher.start()
    try:
        Server(config).run(sockets=list(where.sockets))
    finally:
        watcher.close()


def _listed(work: Work) -> tuple[Listed, ...]:
    try:
        return tuple(work.issues())
    except DigestError:
        return ()


def _quoted(slug: str) -> str:
    from urllib.parse import quote

    return quote(slug, safe="")
