"""What a server said: status, headers and body, and what of them the next visit heeds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from digest.errors import Garbled

#: Redirects that say "from now on" (RFC 9110, 15.4.2 and 15.4.9).
_PERMANENT = frozenset({301, 308})
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?\s*([A-Za-z0-9_.:+-]{1,40})""", re.IGNORECASE)
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+*-]+", re.ASCII)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
#: What may stand in a header as it came: no control character but a tab, no blank at its start.
_SENDABLE = re.compile(r"[!-~\x80-\xff][\t -~\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class Conditional:
    """What an earlier answer was stamped with; the server says 304 when nothing has changed since."""

    #: As they came, byte for byte (latin-1, as HTTP carries them): servers compare them as strings.
    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """The headers to send; a stamp that no header can carry is left out."""
        stamps = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: stamp for name, stamp in stamps.items() if _SENDABLE.fullmatch(stamp)}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, whatever its status."""

    status: int
    #: Where it came from in the end, redirects followed. Never holds a name and password.
    url: str
    #: Unpacked. Of an answer of 400 and above at most the first 64 kB.
    body: bytes = field(default=b"", repr=False)
    #: By name, in any case; values as they came.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Each redirect that was followed: its status, and the address that gave it.
    redirects: tuple[tuple[int, str], ...] = ()
    #: Where the page has moved for good; "" when it has not, or the new place did not answer well.
    permanent_url: str = ""
    #: Lower case, "text/html"; "" when not told.
    media_type: str = ""
    #: As the Content-Type header names it, lower case; "" when it does not.
    charset: str = ""
    etag: str = ""
    last_modified: str = ""
    #: Seconds for which the answer counts as new (max-age, less its age); None when not told.
    expires_in: int | None = None
    #: Seconds to wait before asking again; None when not told.
    retry_after: int | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def conditional(self) -> Conditional:
        """What to send with the next visit."""
        return Conditional(self.etag, self.last_modified)

    def json(self) -> Any:
        """The body read as JSON; Garbled when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            problem = Garbled(self.url, "it is no JSON")
        # Outside of the handler: the decoder's error carries the whole body with it.
        raise problem


def answered(
    status: int, url: str, headers: Mapping[str, str], body: bytes, trail: Sequence[tuple[int, str]], now: datetime
) -> Answer:
    """The answer that a status, headers and a body make. `trail` are the redirects before it."""
    kind = headers.get("Content-Type", "")
    media_type = _MEDIA_TYPE.match(kind.strip())
    charset = _CHARSET.search(kind)
    return Answer(
        status=status,
        url=url,
        body=body,
        headers=headers,
        redirects=tuple(trail),
        permanent_url=_moved_to([*(address for _, address in trail), url], trail) if 200 <= status < 400 else "",
        media_type=media_type[0].lower() if media_type else "",
        charset=charset[1].lower() if charset else "",
        etag=headers.get("ETag", "").strip(" \t"),
        last_modified=headers.get("Last-Modified", "").strip(" \t"),
        expires_in=_expires_in(headers),
        retry_after=_retry_after(headers.get("Retry-After", ""), now),
    )


def _moved_to(stations: Sequence[str], trail: Sequence[tuple[int, str]]) -> str:
    """The last station that permanent redirects alone lead to. None leads for good from https to http."""
    moved = ""
    for (status, here), there in zip(trail, stations[1:], strict=True):
        if status not in _PERMANENT or (urlsplit(here).scheme == "https" != urlsplit(there).scheme):
            break
        moved = there
    return moved


def _expires_in(headers: Mapping[str, str]) -> int | None:
    found = _MAX_AGE.search(headers.get("Cache-Control", ""))
    if not found:
        return None
    age = headers.get("Age", "").strip()
    return max(int(found[1]) - (int(age) if re.fullmatch(r"[0-9]{1,12}", age) else 0), 0)


def _retry_after(told: str, now: datetime) -> int | None:
    """RFC 9110, 10.2.3: seconds, or the date until which to wait."""
    told = told.strip()
    if re.fullmatch(r"[0-9]{1,12}", told):
        return int(told)
    try:
        until = parsedate_to_datetime(told)
        # A date without a zone is meant in GMT, as every date in HTTP.
        until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
        return max(round((until - now).total_seconds()), 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
