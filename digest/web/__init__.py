"""The one door to the network: time-outs, size caps, conditional GET, no private addresses, no secrets in errors.

with Web() as web:
    answer = web.get("https://news.example/feed", conditional=Conditional(etag='"5f"'))
"""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from digest import __version__
from digest.errors import Garbled, NoAnswer, NotTheWeb, WebError
from digest.web import body as bodies
from digest.web.addresses import reachable
from digest.web.answer import Answer, Conditional, answered
from digest.web.connection import Adapter, addresses_of, check_name
from digest.web.errand import CURRENT, Errand, Lookup
from digest.web.failure import NETWORK, failure

__all__ = ["CAP", "Answer", "Conditional", "Web"]

#: Name, content and media type of a part of a form.
File = tuple[str | None, bytes, str | None]
#: Bytes of a body unless the caller says otherwise; far beyond any feed or page that is of use to an editor.
CAP = 16_000_000
#: No address that works is longer; most servers stop at 8 kB.
_LONGEST_URL = 16_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10
#: Bytes of an answer of 400 and above: enough for a service's explanation.
_EXPLANATION = 64_000
#: Methods that change nothing, so that asking again or following a redirect does no harm (RFC 9110, 9.2.1).
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REPEATABLE = _SAFE | {"PUT", "DELETE"}
#: Seconds. Who asks us to wait longer is told to the editor instead.
_LONGEST_WAIT = 60
#: All that follows a redirect to another host. A key may be in any other header, not in Authorization alone.
_PUBLIC_HEADERS = ("User-Agent", "Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Modified-Since")


@dataclass(frozen=True, slots=True)
class _Ask:
    """What a caller wants sent. Holds keys: never shown."""

    method: str
    headers: CaseInsensitiveDict[str] = field(repr=False)
    #: As `requests.Request` names them: json, data, files, params.
    content: Mapping[str, Any] = field(repr=False)
    cap: int
    #: A body longer than `cap` is cut there, not refused.
    cut: bool = False
    #: Of how many requests to the host this may be one.
    at_once: int = 1


class _Turn:
    """Who is at a host now."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._here = 0

    @contextlib.contextmanager
    def taken(self, at_once: int) -> Iterator[None]:
        """Wait until fewer than `at_once` are there, and be one of them."""
        with self._changed:
            self._changed.wait_for(lambda: self._here < at_once)
            self._here += 1
        try:
            yield
        finally:
            with self._changed:
                self._here -= 1
                self._changed.notify_all()


class Web:
    """The network, for one run. Threads may share it; no two are ever at the same host unless they ask for that."""

    def __init__(
        self,
        *,
        allow_private: bool | Sequence[str] = False,
        use_proxy: bool = False,
        user_agent: str = f"digest/{__version__}",
        connect: float = 10,
        read: float = 20,
        whole: float = 60,
        ca_file: Path | None = None,
        lookup: Lookup = addresses_of,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        adapter: BaseAdapter | None = None,
    ) -> None:
        """Nothing is connected to before something is asked.

        `allow_private` lets addresses of this computer and its networks through, all or those in the networks
        named ("10.1.0.0/16"): for tests and intranets. A name no network has raises ValueError.
        `use_proxy` goes by HTTP_PROXY, HTTPS_PROXY and NO_PROXY; otherwise the environment is not heeded, as
        a proxy resolves names by itself and what it connects to cannot be checked.
        `connect`, `read` and `whole` are seconds to reach a host, for one silence, and for an answer with all
        its redirects; waiting for another thread to leave the host is not counted.
        `adapter` stands in for the network.
        """
        self._may_reach = reachable(allow_private)
        self._use_proxy = use_proxy
        self._user_agent = user_agent
        self._times = (connect, read, whole)
        self._lookup, self._clock, self._sleep, self._now = lookup, clock, sleep, now
        self._adapter = Adapter(ca_file) if adapter is None else adapter
        self._guard = threading.Lock()
        self._hosts: dict[str, _Turn] = {}
        self._errands: dict[int, Errand] = {}
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up. What other threads are waiting for fails at once with NoAnswer, and so does what they ask next."""
        with self._guard:
            self._closed = True
            running = list(self._errands.values())
        for errand in running:
            errand.stop()
        self._adapter.close()

    def get(
        self,
        url: str,
        *,
        accept: str = "*/*",
        conditional: Conditional | None = None,
        headers: Mapping[str, str] | None = None,
        cap: int = CAP,
        seconds: float | None = None,
        tries: int = 1,
    ) -> Answer:
        """A page or feed, redirects followed. Status 304 when it is as `conditional` knows it."""
        stamps = conditional.headers() if conditional else {}
        given = {"Accept": accept, **stamps, **(headers or {})}
        return self.request("GET", url, headers=given, cap=cap, seconds=seconds, tries=tries)

    def head(self, url: str, *, headers: Mapping[str, str] | None = None, seconds: float | None = None) -> Answer:
        """What a GET would say, without the body; some servers refuse it with 403, 405 or 501."""
        return self.request("HEAD", url, headers=headers, seconds=seconds)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, File] | Sequence[tuple[str, File]] | None = None,
        body: bytes | None = None,
        cap: int = CAP,
        cut: bool = False,
        at_once: int = 1,
        seconds: float | None = None,
        tries: int = 1,
    ) -> Answer:
        """Any request. An answer of 400 and above is an answer; raised is only what kept one from coming.

        `files` are (name, content, media type) by field and go as multipart, `form` with them or alone; one without
        name and media type is a field of the form.
        Redirects are followed for GET and HEAD; to any other method a 3xx is the answer.
        `tries` bounds how often it is sent. Again after 429, as Retry-After says and up to a minute, and when no
        connection was made; after 502, 503, 504 or a broken connection only where asking twice is harmless.
        With `cut` a body beyond `cap`, or one that breaks off, is no error: what came of it until then is given.
        `at_once` lets that many requests be at one host together, for callers who see to it that it is not too much.
        An error's `unsure` is true when a request that changes something may have been carried out.
        """
        url, basic = _without_password(url.strip())
        given = CaseInsensitiveDict({"User-Agent": self._user_agent, "Accept": "*/*", **basic})
        given.update(headers or {})
        given["Accept-Encoding"] = "gzip, deflate"
        content = {"params": params, "json": json, "data": form if body is None else body, "files": files}
        ask = _Ask(method.upper(), given, content, cap, cut, at_once)
        wait = 1.0
        for _ in range(tries - 1):
            try:
                answer = self._try(ask, url, seconds)
            except WebError as error:
                if not isinstance(error, NoAnswer) or (error.unsure and ask.method not in _REPEATABLE):
                    raise
            else:
                # Some gateways say 503 when their patience with the service has ended, which may go on with it.
                again = answer.status == 429 or (answer.status in (502, 503, 504) and ask.method in _REPEATABLE)
                if not again or (answer.retry_after or 0) > _LONGEST_WAIT:
                    return answer
                wait = max(wait, answer.retry_after or 0)
            self._sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)
        return self._try(ask, url, seconds)

    def _try(self, ask: _Ask, url: str, seconds: float | None) -> Answer:
        connect, read, whole = self._times
        errand = Errand(
            asked=url,
            connect=connect,
            read=read,
            whole=whole if seconds is None else seconds,
            clock=self._clock,
            lookup=self._lookup,
            may_reach=self._may_reach,
        )
        with self._guard:
            errand.stopped = self._closed
            self._errands[id(errand)] = errand
        mark = CURRENT.set(errand)
        try:
            return self._follow(ask, errand)
        except WebError as error:
            if errand.sent and ask.method not in _SAFE:
                error.after_sending()
            raise
        finally:
            CURRENT.reset(mark)
            with self._guard:
                del self._errands[id(errand)]

    def _follow(self, ask: _Ask, errand: Errand) -> Answer:
        trail: list[tuple[int, str]] = []
        while True:
            status, headers, body, url = self._exchange(ask, errand)
            target = headers.get("Location", "").strip() if status in _REDIRECTS and ask.method in _SAFE else ""
            if not target:
                return answered(status, url, headers, body, trail, self._now())
            trail.append((status, url))
            errand.cookies = errand.cookies or "Set-Cookie" in headers
            there = _joined(errand, target)
            if there in (before for _, before in trail):
                # A browser would bring back the cookie that it was given, and perhaps be let in.
                why = "it leads back to itself" + (" unless it may set a cookie" if errand.cookies else "")
                raise errand.problem(NoAnswer, why)
            if len(trail) > _MOST_REDIRECTS:
                raise errand.problem(NoAnswer, f"after {_MOST_REDIRECTS} redirects there is still no page")
            names = ask.headers if _same_owner(url, there) else _PUBLIC_HEADERS
            kept = CaseInsensitiveDict({name: ask.headers[name] for name in names if name in ask.headers})
            ask = replace(ask, headers=kept, content={})
            errand.at = there

    def _exchange(self, ask: _Ask, errand: Errand) -> tuple[int, Mapping[str, str], bytes, str]:
        """One request and its answer: status, headers, body, and the address as it was sent."""
        prepared = _prepared(ask, errand)
        host = urlsplit(prepared.url or "").hostname or ""
        with self._guard:
            turn = self._hosts.setdefault(host, _Turn())
        before = self._clock()
        with turn.taken(ask.at_once):
            errand.ends += self._clock() - before
            errand.fresh = errand.heard = False
            try:
                return self._sent(ask, prepared, errand)
            except NoAnswer:
                # A connection left open from the last visit may be closed by the time it is used again.
                if errand.fresh or errand.heard or not errand.sent or ask.method not in _SAFE:
                    raise
            return self._sent(ask, prepared, errand)

    def _sent(
        self, ask: _Ask, prepared: requests.PreparedRequest, errand: Errand
    ) -> tuple[int, Mapping[str, str], bytes, str]:
        errand.patience(0)
        url = prepared.url or ""
        try:
            proxies = self._proxies(url, errand)
            times = (errand.connect, errand.read)
            response = self._adapter.send(prepared, stream=True, timeout=times, verify=True, proxies=proxies)
            try:
                body = self._body(ask, response, errand)
            finally:
                response.close()
        except WebError:
            raise
        except NETWORK as error:
            problem = failure(error, errand)
        except Exception:
            if not errand.stopped:
                raise
            problem = errand.problem(NoAnswer, "digest was told to stop")
        else:
            return response.status_code, response.headers, body, url
        # Outside of the handlers, so that the library's error, which holds headers and address, is not chained.
        raise problem

    def _body(self, ask: _Ask, response: requests.Response, errand: Errand) -> bytes:
        status = response.status_code

        # What is to be had now, where what came before a silence counts; else as much as is asked for.
        had = response.raw.read1 if ask.cut else response.raw.read

        def stream(most: int) -> bytes:
            return bytes(had(most, decode_content=False) or b"")

        if status in _REDIRECTS and "Location" in response.headers:
            return b""
        if ask.method == "HEAD" or status in (204, 304):
            return stream(1)  # nothing; but unread it would cost the connection
        if status >= 400 or ask.cut:
            most = min(_EXPLANATION, ask.cap) if status >= 400 else ask.cap
            return bodies.read_leniently(stream, response.headers, most, errand)
        return bodies.read(stream, response.headers, ask.cap, errand)

    def _proxies(self, url: str, errand: Errand) -> dict[str, str]:
        if not self._use_proxy:
            return {}
        proxies = dict(requests.utils.get_environ_proxies(url))
        if proxies:
            parts = urlsplit(url)
            check_name(parts.hostname or "", parts.port or 443, errand)
        return proxies


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """The address alone, and the header that its name and password make: from here on no address holds any."""
    try:
        parts = urlsplit(url)
        name, password = unquote(parts.username or ""), unquote(parts.password or "")
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else url
    except ValueError:
        return url, {}  # _prepared says what is wrong with it
    token = base64.b64encode(f"{name}:{password}".encode()).decode("ascii")
    return bare, {"Authorization": f"Basic {token}"} if name or password else {}


def _prepared(ask: _Ask, errand: Errand) -> requests.PreparedRequest:
    """The request as it will be sent; NotTheWeb when the address is none of the web's."""
    url = errand.at
    if len(url) > _LONGEST_URL:
        raise errand.problem(NotTheWeb, f"the address is {len(url):,} characters long")
    if url.partition(":")[0].lower() not in ("http", "https"):
        raise errand.problem(NotTheWeb, "an address on the web begins with https:// or http://")
    try:
        for value in ask.headers.values():
            value.encode("latin-1")
        prepared = requests.Request(ask.method, url, headers=dict(ask.headers), **ask.content).prepare()
        if urlsplit(prepared.url or "").hostname:
            return prepared
        problem = errand.problem(NotTheWeb, "that is not a complete address")
    except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
        # Such as a key pasted with the line's end. The library's error quotes it; ours must not.
        problem = errand.problem(Garbled, "a key or another header to send holds a character that none may hold")
    except requests.exceptions.InvalidJSONError:
        raise
    except (requests.RequestException, ValueError):
        problem = errand.problem(NotTheWeb, "that is not a complete address")
    raise problem


def _joined(errand: Errand, target: str) -> str:
    """Where a Location header points. Its bytes came as latin-1; most servers mean UTF-8 (RFC 3986 wants ASCII)."""
    with contextlib.suppress(UnicodeError):
        target = target.encode("latin-1").decode("utf-8")
    try:
        there = urljoin(errand.at, target)
        there = _without_password(there)[0]
        fragment = urldefrag(errand.at)[1]
        if fragment and not urldefrag(there)[1]:
            there = f"{there}#{fragment}"  # RFC 9110, 10.2.2
    except ValueError:
        problem = errand.problem(NotTheWeb, "it leads to an address that is none")
    else:
        return there
    raise problem


def _same_owner(here: str, there: str) -> bool:
    """Whether what was meant for `here` may be told to `there`: one origin, or its own step up to https."""
    one, other = _origin(here), _origin(there)
    return one == other or (one[1] == other[1] and one[::2] == ("http", 80) and other[::2] == ("https", 443))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
