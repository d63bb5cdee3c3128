"""Who may come in: this machine's own browser, from our own page. Everybody else is refused before anything is done.

A page on the web can have a browser send requests here (CVE-2025-24010 in vite, GHSA-67mh-4wv8-2f99 in esbuild), or
make its own name point here (DNS rebinding); it cannot forge Host, Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Of the page and of everything that does not bring its own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: What the frame with the mail asks for. It has no origin, so its requests look like a stranger's: they carry a key.
_FRAMES = ("/pictures/", "/height/", "/at/")
_COOKIE = "digest-preview"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
#: Open pages whose keys are known; more than anybody has open.
_PAGES = 300
#: Bytes of a request's body.
LARGEST_BODY = 65_536


@dataclass(frozen=True)
class Door:
    """What is known to those who may come in."""

    port: int
    #: As asked for with --host; "" for this machine alone.
    host: str = ""
    #: For requests that do something; the page has it.
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    #: Of the pages that are or were open, the newest last.
    keys: OrderedDict[str, None] = field(default_factory=OrderedDict, repr=False)
    #: In the first address, where others than this machine can reach us.
    entry: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def admit(self, key: str) -> bool:
        """Let the frame of a page in by this key: the page itself brought it. False for what cannot be a key."""
        if not _KEY.fullmatch(key):
            return False
        self.keys[key] = None
        self.keys.move_to_end(key)
        while len(self.keys) > _PAGES:
            self.keys.popitem(last=False)
        return True

    def is_ours(self, netloc: str) -> bool:
        """Whether a Host, or what an Origin names, is one that we are reached by."""
        netloc = netloc.lower()
        name, colon, port = netloc.rpartition(":")
        if not colon or netloc.endswith("]"):
            name, port = netloc, "80"
        return port == str(self.port) and self._is_our_name(name)

    def _is_our_name(self, name: str) -> bool:
        if name in {"localhost", "127.0.0.1", "[::1]"}:
            return True
        if not self.host:
            return False
        if self.host in {"0.0.0.0", "::"}:
            # Any address of this machine, but no name: a name can be made to point here.
            try:
                ip_address(name.strip("[]"))
            except ValueError:
                return False
            return True
        return name in {self.host.lower(), f"[{self.host.lower()}]"}

    def refuses(self, method: str, path: str, query: str, headers: Headers) -> Response | None:
        """The answer to whoever may not come in; None for who may."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.is_ours(hosts[0]):
            return _no("This preview is for the machine it runs on.")
        if method not in {"GET", "HEAD", "POST"}:
            return _no("Nothing here answers that.", 405)
        asked = parse_qs(query, max_num_fields=50) if query else {}
        key = (asked.get("key") or [""])[0]
        if path.startswith("/height/"):
            key = path.split("/")[2]
        keyed = path.startswith(_FRAMES) and key in self.keys
        # The frame's own requests come from no origin at all, and newer browsers say so.
        strange = [
            each for each in headers.getlist("origin") if not each.startswith("http://") or not self.is_ours(each[7:])
        ]
        if strange and not (keyed and strange == ["null"] and method != "POST"):
            return _no("Another site's page may not ask this.")
        # A browser without this header is one that sends no Origin with a picture either; Host has to do.
        site = headers.get("sec-fetch-site", "none")
        visiting = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if site not in {"same-origin", "none"} and not (method != "POST" and (keyed or visiting)):
            return _no("Another site's page may not ask this.")
        if self.host and not keyed and (refusal := self._stops(path, asked, headers)) is not None:
            return refusal
        if key and not keyed and site in {"same-origin", "none"} and not path.startswith(_FRAMES):
            self.admit(key)
        return None

    def _stops(self, path: str, asked: Mapping[str, list[str]], headers: Headers) -> Response | None:
        """Where others can reach us, the address with the token opens the door, and a cookie keeps it open."""
        given = (asked.get("entry") or [""])[0]
        if given and hmac.compare_digest(given.encode(), self.entry.encode()):
            answer = RedirectResponse(path if path.startswith("/") and not path.startswith("//") else "/")
            answer.set_cookie(_COOKIE, self.entry, httponly=True, samesite="strict")
            return answer
        try:
            kept = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
        except CookieError:
            kept = None
        if kept is not None and hmac.compare_digest(kept.value.encode(), self.entry.encode()):
            return None
        return _no("Open the address that digest preview printed, with the token in it.")


class Guarded:
    """The application behind the door. Every answer gets the headers that keep it to itself."""

    def __init__(self, app: ASGIApp, door: Door, knock: Callable[[], None] = lambda: None) -> None:
        """`knock` is called with every request that is let in."""
        self.app = app
        self.door = door
        self.knock = knock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send) if scope["type"] == "lifespan" else None

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _seal(MutableHeaders(raw=message["headers"]))
            await send(message)

        query = scope.get("query_string", b"").decode("latin-1")
        try:
            refusal = self.door.refuses(scope["method"], scope["path"], query, Headers(scope=scope))
        except ValueError:
            refusal = _no("That cannot be read.", 400)
        if refusal is None:
            self.knock()
        return await (refusal or self.app)(scope, receive, sealed)


def _seal(headers: MutableHeaders) -> None:
    for name, value in (
        ("Content-Security-Policy", POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ):
        headers.setdefault(name, value)


def _no(why: str, status: int = 403) -> Response:
    return PlainTextResponse(why + "\n", status_code=status)
