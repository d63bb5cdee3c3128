"""What every fake service is: a real HTTP server with a memory, documented refusals, and faults to order.

A fake of one service is a subclass with routes. It knows nothing of digest: only what the vendor documents.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

State = Literal["draft", "scheduled", "sent", "gone"]

#: What can be done to an answer. "drop_before": the request never arrives; "reset": the same, rudely. All others
#: come after the service did it: the answer is lost, late, garbled, cut short, or another status. Besides, with
#: something behind the colon: "late_after:0.5" answers after so many seconds, "done_late:2" hangs up and does it when
#: so many requests more have come, "says_after:[]" answers with that.
FAULTS = (
    "drop_before",
    "reset",
    "drop_after",
    "garbage_after",
    "truncate_after",
    "500_after",
    "502_after",
    "503_after",
    "429_before",
    "503_before",
)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.raw) if self.raw else None

    @property
    def files(self) -> dict[str, tuple[str, bytes]]:
        """Multipart, field -> (file name, content)."""
        kind = self.headers.get("Content-Type", "")
        whole = BytesParser(policy=default).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.raw)
        return {
            str(part["content-disposition"].params["name"]): (
                part.get_filename() or "",
                bytes(part.get_payload(decode=True)),
            )
            for part in whole.iter_parts()
        }


class Refusal(Exception):
    """What the service answers instead."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.body, self.headers = status, body, dict(headers or {})


Handler = Callable[..., Any]


def route(method: str, path: str, status: int = 200) -> Callable[[Handler], Handler]:
    """Mark a method of a fake as what answers `method` on `path`; "{x}" in it is handed over."""

    def marked(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path))
        handler.routes = [*getattr(handler, "routes", []), (method, pattern, status)]  # type: ignore[attr-defined]
        return handler

    return marked


class FakeService:
    """A mailing service with an empty account. Entered, it listens on loopback."""

    #: Name in digest.toml, and of the vendor's specification among the shared material.
    key_name: ClassVar[str]
    #: What stands before every path.
    prefix: ClassVar[str] = ""
    #: What it calls the id of a campaign in its answers.
    id_name: ClassVar[str] = "id"
    #: A key that it takes.
    secret: ClassVar[str] = "secret-key-0123456789"
    #: False for one that only sends; then the conformance suite, which is about drafts, does not concern it.
    keeps_drafts: ClassVar[bool] = True
    #: The call that makes a draft, and one that changes one: method and pattern of the path.
    creating: ClassVar[tuple[str, str]]

    def __init__(self) -> None:
        self._server: ThreadingHTTPServer | None = None
        self._guard = threading.Lock()
        #: What the editor has on the web, by address, for a service that fetches its mails; no part of the account.
        self.pages: dict[str, str] = {}
        self.reset()

    def reset(self) -> None:
        """An empty account, nothing seen, no fault ordered."""
        self.campaigns: dict[str, dict[str, Any]] = {}
        #: Ids of campaigns that would have gone to every reader, in order.
        self.mailed: list[str] = []
        #: Id and addresses of each test.
        self.tests: list[tuple[str, tuple[str, ...]]] = []
        #: Name and content of each picture.
        self.pictures: list[tuple[str, bytes]] = []
        self.seen: list[Seen] = []
        #: What becomes of every answer that is no refusal: for a service that writes anew what it was given.
        self.retold: Callable[[Any], Any] | None = None
        self._faults: dict[int, str] = {}
        self._later: list[tuple[int, Seen]] = []
        self._refusals: dict[int, Refusal] = {}
        self._asked = 0
        self._number = 0
        self._time = 1_700_000_000

    # --- what a test does with it

    def __enter__(self) -> FakeService:
        fake = self

        class _Handler(_Answering):
            service = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}{self.prefix}"

    @property
    def settings(self) -> dict[str, Any]:
        """What digest.toml has to say so that this account is used."""
        return {"url": self.url}

    def fault(self, number: int, kind: str) -> None:
        """The request that is `number` from now, counted from 0, goes wrong."""
        self._faults[self._asked + number] = kind

    def refuses(self, number: int, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        """The request that is `number` from now is refused, in the vendor's way if no body is given."""
        body = self.refusal(status, "The vendor's words.") if body is None else body
        self._refusals[self._asked + number] = Refusal(status, body, headers)

    @property
    def drafts(self) -> list[dict[str, Any]]:
        """Campaigns that are not thrown away, without those of strangers."""
        return [each for each in self.campaigns.values() if not each.get("stranger")]

    def writes(self) -> list[Seen]:
        return [each for each in self.seen if each.method != "GET"]

    # --- what a subclass says

    def refusal(self, status: int, words: str) -> Any:
        """An error's body in the vendor's shape, with these words in it."""
        raise NotImplementedError

    def authorised(self, seen: Seen) -> bool:
        raise NotImplementedError

    def held(self, id: str) -> dict[str, str]:  # noqa: A002
        """What a draft holds: "subject", "HTML", and "preheader" and "text part" where the service has them."""
        raise NotImplementedError

    def edit(self, id: str, subject: str) -> None:  # noqa: A002
        """Somebody changes the subject on the service's own pages."""
        raise NotImplementedError

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        """A campaign becomes scheduled, sent, or is thrown away, on the service's own pages."""
        raise NotImplementedError

    def crowd(self, count: int) -> None:
        """So many campaigns of strangers, newer than ours."""
        raise NotImplementedError

    def copy(self, id: str) -> None:  # noqa: A002
        """Somebody duplicates a campaign on the service's own pages."""
        raise NotImplementedError

    # --- inside

    def new_id(self) -> str:
        self._number += 1
        return f"id{self._number:06d}"

    def now(self) -> int:
        """A moment later than all before it."""
        self._time += 1
        return self._time

    def answer(self, seen: Seen) -> tuple[int, Any, dict[str, str]]:
        if not self.authorised(seen):
            return 401, self.refusal(401, "Your key is not known."), {}
        for method, pattern, status, handler in self._routes():
            found = pattern.fullmatch(seen.path.removeprefix(self.prefix))
            if found and method == seen.method:
                try:
                    with self._guard:
                        return status, handler(seen, *found.groups()), {}
                except Refusal as no:
                    return no.status, no.body, no.headers
        return 404, self.refusal(404, "There is no such page."), {}

    def _routes(self) -> Iterator[tuple[str, re.Pattern[str], int, Handler]]:
        for name in dir(type(self)):
            for method, pattern, status in getattr(getattr(type(self), name), "routes", ()):
                yield method, pattern, status, getattr(self, name)

    def puts_off(self, seen: Seen, requests: int) -> None:
        """Do it when so many requests more have come."""
        self._later.append((self._asked + requests, seen))

    def catches_up(self) -> None:
        due = [seen for number, seen in self._later if number <= self._asked]
        self._later = [each for each in self._later if each[1] not in due]
        for seen in due:
            self.answer(seen)

    def next_fault(self) -> tuple[str, Refusal | None]:
        with self._guard:
            number = self._asked
            self._asked += 1
            return self._faults.pop(number, ""), self._refusals.pop(number, None)


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: FakeService
    # Answers are small and many; without this each waits for the next packet.
    wbufsize = -1

    def log_message(self, *_: object) -> None:
        pass

    def _do(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = dict(self.headers.items())
        seen = Seen(self.command, parts.path, query, headers, raw)
        fault, refusal = self.service.next_fault()
        self.service.seen.append(seen)
        if fault in ("drop_before", "reset"):
            return self._hang_up(rudely=fault == "reset")
        if fault in ("429_before", "503_before"):
            status = int(fault[:3])
            return self._say(status, self.service.refusal(status, "Not so fast."), {"Retry-After": "1"})
        if refusal is not None:
            return self._say(refusal.status, refusal.body, refusal.headers)
        self.service.catches_up()
        if fault.startswith("done_late:"):
            self.service.puts_off(seen, int(fault.partition(":")[2]))
            return self._hang_up()
        status, body, more = self.service.answer(seen)
        if self.service.retold is not None and status < 300 and seen.path.startswith(self.service.prefix):
            body = self.service.retold(body)
        if fault == "drop_after":
            return self._hang_up()
        if fault.startswith("late_after:"):
            time.sleep(float(fault.partition(":")[2]))
        if fault in ("500_after", "502_after", "503_after"):
            status, body = int(fault[:3]), "<html>Bad Gateway"
        if fault.startswith("says_after:"):
            status, body = 200, fault.partition(":")[2]
        if fault == "garbage_after":
            body = "<html>502 Bad Gateway"
        return self._say(status, body, more, cut=fault == "truncate_after")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815

    def _say(self, status: int, body: Any, headers: Mapping[str, str], *, cut: bool = False) -> None:
        content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        try:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)
            self.wfile.flush()
        except OSError:
            self.close_connection = True
        if cut:
            self._hang_up()

    def _hang_up(self, *, rudely: bool = False) -> None:
        self.close_connection = True
        try:
            if rudely:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            else:
                self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
