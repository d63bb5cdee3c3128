"""Connections that go to the address that was checked, and that no silence or slow drip can hold open."""

from __future__ import annotations

import contextlib
import errno
import functools
import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from digest.errors import NoAnswer, RefusedAddress, TooSlow, WebError
from digest.web.errand import CURRENT, Errand

if TYPE_CHECKING:
    _SocketLike = socket.socket
else:
    _SocketLike = object

#: Idle connections kept for the next request to the same host. More feeds than this is common, more
#: hosts that are asked twice within seconds is not.
_KEPT_OPEN = 48
#: Idle connections to one host: link checks are at several of its pages at once.
_KEPT_A_HOST = 6
_TRUST = threading.Lock()


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The numeric addresses behind a name, best first, as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Adapter(HTTPAdapter):
    """The way from requests to our own sockets; trusts the system's certificates and Mozilla's."""

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        super().__init__(pool_connections=_KEPT_OPEN, pool_maxsize=_KEPT_A_HOST)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        if not proxy.lower().startswith(("http://", "https://")):
            raise requests.exceptions.InvalidProxyURL  # SOCKS would come with sockets that know no deadline
        if proxy.lower().startswith("https:"):
            proxy_kwargs["proxy_ssl_context"] = _trust(self._ca_file)
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            tls["ssl_context"] = _trust(self._ca_file)
        return host, tls

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the context of all connections was made once and verifies.

        The inherited one has the whole bundle read again for every connection, some 10 ms each.
        """


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Made when the first secure connection is, as it takes up to 0.1 s."""
    with _TRUST:
        return _made_trust(ca_file)


@functools.lru_cache(maxsize=4)
def _made_trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    # The system knows a company's own authority; some systems (Python's own build on macOS) know none at all.
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.sslsocket_class = _SecureSocket
    return context


class _Patient(_SocketLike):
    """A socket each of whose steps is bounded by what is left of the errand's time."""

    __slots__ = ()

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        errand = CURRENT.get()
        self.settimeout(errand.patience(errand.read))
        try:
            count = super().recv_into(*args, **kwargs)
        except TimeoutError:
            raise errand.late(errand.read) from None
        errand.heard = errand.heard or count > 0
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        errand = CURRENT.get()
        self.settimeout(errand.patience(errand.read))
        try:
            return super().send(*args, **kwargs)
        except TimeoutError:
            raise errand.late(errand.read) from None

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        errand = CURRENT.get()
        errand.line, errand.sent = self, True
        # The time-out of a plain sendall counts for all of it, and a picture may take a while to go up.
        self.settimeout(errand.patience(errand.whole))
        try:
            super().sendall(*args, **kwargs)
        except TimeoutError:
            raise errand.late(errand.whole) from None


class _Socket(_Patient, socket.socket):
    __slots__ = ()


class _SecureSocket(_Patient, ssl.SSLSocket):
    pass


class _Checked(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        errand = CURRENT.get()
        errand.fresh = True
        # A proxy is the editor's own and may well be private; whom it connects to is checked before it is asked.
        line = _connect(self._dns_host, self.port, errand, anywhere=self.proxy is not None)
        for option in self.socket_options or ():
            line.setsockopt(*option)
        return line


class _CheckedSecure(_Checked, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _CheckedSecure


_POOLS: dict[str, Any] = {"http": _Pool, "https": _SecurePool}


def check_name(host: str, port: int, errand: Errand) -> None:
    """Refuse a host that a proxy would be asked for, if it is known here and leads inside.

    The proxy looks the name up again, so this is less than the check of a direct connection; a name that
    only the proxy can resolve passes.
    """
    with contextlib.suppress(NoAnswer):
        _allowed(_numbers(host, port, errand), errand)


def _connect(host: str, port: int, errand: Errand, *, anywhere: bool) -> socket.socket:
    """A connection to one of the host's addresses: looked up once, checked, and that very number connected to."""
    numbers = _numbers(host, port, errand)
    if not anywhere:
        numbers = _allowed(numbers, errand)
    failure: WebError = errand.problem(NoAnswer, "its name is unknown")
    until = errand.clock() + errand.patience(errand.connect)
    for position, number in enumerate(numbers):
        # Each address gets its share, so that a dead IPv6 route does not use up the time of IPv4.
        share = max((until - errand.clock()) / (len(numbers) - position), 0.05)
        line = _Socket(socket.AF_INET6 if ":" in number else socket.AF_INET, socket.SOCK_STREAM)
        errand.line = line
        try:
            line.settimeout(errand.patience(share))
            line.connect((number, port))
            line.settimeout(errand.patience(errand.connect))  # bounds the TLS handshake as a whole
        except TimeoutError:
            failure = errand.problem(TooSlow, "nobody took the call there")
        except OSError as error:
            failure = errand.problem(NoAnswer, _unreached(error))
        except WebError:
            line.close()
            raise
        else:
            return line
        line.close()
    raise failure


def _allowed(numbers: Sequence[str], errand: Errand) -> list[str]:
    allowed = [number for number in numbers if errand.may_reach(number)]
    if numbers and not allowed:
        raise errand.problem(RefusedAddress, f"it leads to {numbers[0]}, which is not on the open internet")
    return allowed


def _numbers(host: str, port: int, errand: Errand) -> Sequence[str]:
    try:
        ipaddress.ip_address(host.partition("%")[0])
        return [host]
    except ValueError:
        pass
    # The system's resolver knows no time-out: it is waited for, and left behind when it takes too long.
    found: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def look() -> None:
        try:
            found.put(errand.lookup(host, port))
        except Exception as error:
            found.put(error)

    threading.Thread(target=look, name="digest looks up a name", daemon=True).start()
    try:
        answer = found.get(timeout=errand.patience(errand.connect))
    except queue.Empty:
        raise errand.problem(TooSlow, "its name could not be looked up in time") from None
    if isinstance(answer, Exception):
        passing = isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN
        raise errand.problem(
            NoAnswer, "its name could not be looked up; are you online?" if passing else "its name is unknown"
        )
    return list(dict.fromkeys(answer))


def _unreached(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL):
        return "no way leads there from this computer"
    return "no connection could be made"
