"""A server on this computer that says exactly the bytes a test gives it, and remembers who came."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

Says = bytes | Callable[[socket.socket], None]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    path: str
    raw: bytes

    def header(self, name: str) -> bytes | None:
        """The value, byte for byte; None when it was not sent."""
        for line in self.raw.split(b"\r\n")[1:]:
            key, _, value = line.partition(b": ")
            if key.lower() == name.lower().encode():
                return value
        return None


def answer(body: bytes = b"", status: str = "200 OK", *headers: str | bytes, length: int | None = None) -> bytes:
    """A whole answer, with an honest Content-Length unless told otherwise."""
    lines = [f"HTTP/1.1 {status}".encode(), f"Content-Length: {len(body) if length is None else length}".encode()]
    lines += [line if isinstance(line, bytes) else line.encode() for line in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Server:
    """Answers each path with bytes, or by a function that is given the connection (and it is closed after)."""

    def __init__(self, *, context: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.connections = 0
        self.most_at_once = 0
        self._here = 0
        self._guard = threading.Lock()
        self._said: dict[str, Says] = {}
        self._context = context
        self._door = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._door.getsockname()[:2]
        self.ended = threading.Event()
        threading.Thread(target=self._welcome, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        # A closed door alone leaves who waits at it waiting, in time at whatever gets its number next.
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def says(self, path: str, said: Says) -> str:
        """What is said at `path`; gives back its whole address."""
        self._said[path] = said
        return self.url(path)

    def url(self, path: str, host: str = "") -> str:
        return f"http{'s' if self._context else ''}://{host or self.host}:{self.port}{path}"

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with self._guard:
            self.connections += 1
        with contextlib.suppress(OSError), line:
            if self._context:
                line = self._context.wrap_socket(line, server_side=True)
            while self._one(line):
                pass
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_WR)
            line.close()

    def _one(self, line: socket.socket) -> bool:
        raw = b""
        while b"\r\n\r\n" not in raw:
            bite = line.recv(65536)
            if not bite:
                return False
            raw += bite
        path = raw.split(b" ", 2)[1].decode("latin-1")
        with self._guard:
            self._here += 1
            self.most_at_once = max(self.most_at_once, self._here)
        self.seen.append(Seen(path, raw))
        said = self._said.get(path, answer(b"nothing here", "404 Not Found"))
        if callable(said):
            said(line)
            going_on = False
        else:
            line.sendall(said)
            going_on = b"close" not in said.split(b"\r\n\r\n")[0].lower()
        with self._guard:
            self._here -= 1
        return going_on
