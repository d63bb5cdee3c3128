"""What the network's own errors mean to an editor. Their texts hold addresses and headers, so none is quoted."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

import requests
import urllib3

from digest.errors import Garbled, NoAnswer, NotTheWeb, TooSlow, WebError
from digest.web.errand import Errand

#: What requests and the libraries below it raise when a connection or an answer goes wrong.
NETWORK = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    UnicodeError,
)

_Case = tuple[tuple[type[BaseException], ...], type[WebError], str]
#: The first that any error of the chain belongs to counts.
_MEANINGS: tuple[_Case, ...] = (
    ((ssl.SSLError, urllib3.exceptions.SSLError), NoAnswer, "no secure connection could be made"),
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), NoAnswer, "the proxy did not let us through"),
    ((requests.exceptions.InvalidProxyURL,), NoAnswer, "the proxy in HTTP_PROXY or HTTPS_PROXY is none we can use"),
    ((http.client.IncompleteRead, urllib3.exceptions.IncompleteRead), Garbled, "it broke off before its end"),
    ((ConnectionError,), NoAnswer, "it hung up"),
    ((requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), TooSlow, "nothing came in time"),
    ((http.client.InvalidURL, requests.exceptions.InvalidURL, UnicodeError), NotTheWeb, "that is not an address"),
    ((http.client.LineTooLong,), Garbled, "its headers are too long"),
    ((http.client.HTTPException, urllib3.exceptions.ProtocolError), Garbled, "what came is no answer of a web server"),
)


def failure(error: BaseException, errand: Errand) -> WebError:
    """The error to raise in place of `error`."""
    chain = list(_chain(error))
    for each in chain:
        if isinstance(each, WebError):
            return each
        if isinstance(each, ssl.SSLCertVerificationError):
            return errand.problem(NoAnswer, f"its certificate cannot be trusted ({_certificate(each)})")
    if errand.stopped:
        return errand.problem(NoAnswer, "digest was told to stop")
    for kinds, meaning, reason in _MEANINGS:
        if any(isinstance(each, kinds) for each in chain):
            return errand.problem(meaning, reason)
    return errand.problem(NoAnswer, "the connection failed")


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    told = str(getattr(error, "verify_message", "")).lower()
    if "hostname" in told or "ip address" in told:
        return "it is another site's"
    if "expired" in told:
        return "it has expired"
    if "self-signed" in told or "self signed" in told:
        return "it is self-signed"
    return "nobody we know vouches for it"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, nearest first."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = [argument for argument in each.args if isinstance(argument, BaseException)]
        waiting += [each.__cause__, each.__context__, *inner]
