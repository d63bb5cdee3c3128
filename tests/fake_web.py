"""A network made of what a test says: everything of `Web` is real but the wire."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from digest.web import Web
from digest.web.errand import CURRENT

NOON = datetime(2024, 2, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """A request as it left."""

    method: str
    url: str
    #: Case-insensitive.
    headers: Mapping[str, str]
    raw: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def body(self) -> Any:
        """JSON as Python has it, a form as a dict of its fields, multipart as field -> (file name, content)."""
        kind = self.headers.get("Content-Type", "")
        if "json" in kind:
            return json.loads(self.raw)
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))
        if kind.startswith("multipart/"):
            whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.raw)
            return {
                part.get_param("name", header="content-disposition"): (
                    part.get_filename() or "",
                    part.get_payload(decode=True),
                )
                for part in whole.get_payload()
            }
        return self.raw


@dataclass
class _Told:
    method: str
    where: str
    #: A status of 0: the connection breaks.
    status: int
    headers: Mapping[str, str]
    body: bytes
    after_sending: bool = True

    def fits(self, method: str, url: str) -> bool:
        parts = urlsplit(url)
        asked = url if "://" in self.where else f"{parts.path}?{parts.query}" if "?" in self.where else parts.path
        return method == self.method and (asked == self.where or fnmatchcase(asked, self.where))


@dataclass
class _Wire(HTTPAdapter):
    """Stands where connections would be made."""

    told: list[_Told] = field(default_factory=list)
    requests: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        method, url = str(request.method), str(request.url)
        raw = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        self.requests.append(Sent(method, url, request.headers, raw))
        fitting = [told for told in self.told if told.fits(method, url)]
        assert fitting, f"no test said what {method} {url} answers"
        told = fitting[0]
        if len(fitting) > 1:
            self.told.remove(told)
        errand = CURRENT.get()
        errand.fresh, errand.sent = True, errand.sent or told.after_sending
        if not told.status:
            raise requests.ConnectionError(ConnectionResetError())
        headers = urllib3.HTTPHeaderDict(told.headers)
        stream = io.BytesIO(b"" if method == "HEAD" else told.body)
        answer = urllib3.HTTPResponse(
            body=stream, headers=headers, status=told.status, preload_content=False, decode_content=False
        )
        return self.build_response(request, answer)


class FakeWeb(Web):
    """A `Web` whose answers a test gives, and which keeps what was sent.

    web.answers("POST", "/3.0/campaigns", {"id": "c1"})
    ...
    assert web.sent("/3.0/campaigns")["type"] == "regular"
    """

    def __init__(self, **how: Any) -> None:
        self._wire = _Wire()
        #: Seconds that would have been waited.
        self.waited: list[float] = []
        super().__init__(**{"adapter": self._wire, "sleep": self.waited.append, "now": lambda: NOON, **how})

    def answers(
        self, method: str, where: str, body: Any = b"", status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Say what is answered at `where`: a path, a path with its query, or a whole URL; "*" stands for anything.

        Said twice, the answers come in that order, and the last one stays. What is no text or bytes is sent as JSON.
        """
        given = dict(headers or {})
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        self._wire.told.append(_Told(method, where, status, given, body))

    def breaks(self, method: str, where: str, *, after_sending: bool = True) -> None:
        """Say that the connection breaks there: once the request has left, or before."""
        self._wire.told.append(_Told(method, where, 0, {}, b"", after_sending))

    @property
    def requests(self) -> list[Sent]:
        """All that was sent, in order."""
        return self._wire.requests

    def request_to(self, where: str) -> Sent:
        """The last request to a path that ends like `where`, or to that URL."""
        fitting = [sent for sent in self.requests if sent.url == where or sent.path.endswith(where)]
        assert fitting, f"nothing was sent to {where}; only to {[sent.path for sent in self.requests]}"
        return fitting[-1]

    def sent(self, where: str) -> Any:
        """The body of that request, as Python has it."""
        return self.request_to(where).body
