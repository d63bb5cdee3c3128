"""All that is asked of a mailing service goes through here: its key, its limits, its refusals, nothing twice."""

from __future__ import annotations

import base64
import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit

from digest import credentials
from digest.errors import Garbled, NoAnswer, TooSlow, WebError
from digest.services import destination, refusals
from digest.services.errors import NotThere, ServiceError, UnknownOutcome
from digest.web import Answer, Web

#: How often a request is sent that can be sent again.
_TRIES = 4
#: Seconds. A service that wants us to wait longer is told to the editor instead.
_LONGEST_WAIT = 60
_TROUBLE = frozenset({502, 503, 504})
#: What services call the header that says how long to wait, seconds or the second since 1970.
_RESETS = ("Retry-After", "RateLimit-Reset", "X-RateLimit-Reset", "x-sib-ratelimit-reset")
_LEFT = ("RateLimit-Remaining", "X-RateLimit-Remaining", "x-sib-ratelimit-remaining")
#: Pages of a list: more than any account has campaigns of.
_MOST_PAGES = 500

#: "read" changes nothing; "write" may be done twice with the same end; "make" leaves something new behind each time;
#: "act" reaches people. What was made or acted is never asked again unless it is certain that nothing happened.
Kind = Literal["read", "write", "make", "act"]

#: "" for the real thing; "shown" asks nothing at all; "read" asks, and writes nothing.
Dry = Literal["", "shown", "read"]

#: Name, content and media type.
File = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True)
class Call:
    """A request, as `--dry-run` shows it. It knows no header, so no key."""

    method: str
    url: str
    json: Any = None
    params: Mapping[str, str] = field(default_factory=dict)
    #: Of files that go with it: name, media type, bytes.
    files: tuple[tuple[str, str, int], ...] = ()


class Pretended(dict[Any, Any]):
    """The answer to a request that was only shown: whatever is looked for in it is there, and is called "{id}"."""

    def __missing__(self, key: Any) -> Pretended:
        return Pretended()

    def get(self, key: Any, default: Any = None) -> Any:
        return Pretended() if default is None else default

    def __str__(self) -> str:
        return "{id}"

    def __int__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True


class Unfinished(dict[str, Any]):
    """An answer of 202: the service has taken on what it was asked, and is not done with it."""

    #: Seconds after which to ask again; 0 where the service does not say.
    again: float = 0.0


class Session:
    """The requests of one export to one service, one at a time."""

    def __init__(
        self,
        web: Web,
        *,
        service: str,
        secrets: Sequence[str] = (),
        key_from: str = "",
        dry: Dry = "",
        shown: Callable[[Call], None] = lambda call: None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`service` is the name that editors know it by, `key_from` where its key was found, for words alone.

        `secrets` are blacked out of everything the service says. `clock` counts seconds since 1970.
        """
        self.service = service
        self.dry: Dry = dry
        self._web, self._sleep, self._clock, self._shown = web, sleep, clock, shown
        self._secrets, self._key_from = tuple(secrets), key_from
        self._base = ""
        self._headers: Callable[[], Mapping[str, str]] = dict
        self._fields: Mapping[str, str] = {}
        self._rests_until = 0.0
        #: How many requests that change something were answered with success, and whether the last of them was.
        self.changed = 0
        self.changed_last = False

    def open(
        self,
        base: str,
        *,
        headers: Mapping[str, str] | Callable[[], Mapping[str, str]],
        home: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        """Say where the service is and how it knows us; an exporter does so before it asks anything.

        `home` is the vendor's domain, and the key goes nowhere else but to this computer; "" for software that runs
        anywhere. `headers` may be a function, asked for every request. `fields` are ours by the vendor's names:
        {"settings.reply_to": "reply_to in [publication]"}; or by its code or its words, for one that names none:
        {"domain is not verified": "sender_email in [publication]"}.
        """
        self._base = base.rstrip("/")
        self._headers = headers if callable(headers) else lambda: headers
        self._fields = fields or {}
        destination.check(self.service, self._base, home)

    @property
    def base(self) -> str:
        return self._base

    @property
    def key_from(self) -> str:
        """Where the key was found, for words alone."""
        return self._key_from

    def hide(self, *secrets: str) -> None:
        """Black these out too of what the service says, such as the addresses of a test."""
        self._secrets = (*self._secrets, *secrets)

    # --- asking

    def get(self, path: str, **params: str | int) -> Any:
        """What is there, as JSON gives it."""
        return self._json("read", "GET", path, params=params)

    def finished(self, path: str, **params: str | int) -> Any:
        """What is there, waited for while the service makes it (202); after a minute what it said last, Unfinished."""
        left, pause = float(_LONGEST_WAIT), 1.0
        while isinstance(found := self.get(path, **params), Unfinished) and left > 0:
            asked = min(max(found.again, 1.0) if found.again else pause, left)
            self._sleep(asked)
            left, pause = left - asked, pause * 2
        return found

    def find(self, path: str, **params: str | int) -> Any | None:
        """What is there, or None when nothing is (404, 410)."""
        try:
            return self.get(path, **params)
        except NotThere:
            return None

    def put(self, path: str, json: Any, *, once: bool = False, **params: str | int) -> Any:
        """Write over something. `once` for a service that refuses the second of two equal writes (a lock)."""
        return self._json("make" if once else "write", "PUT", path, json=json, params=params)

    def patch(self, path: str, json: Any, *, once: bool = False, **params: str | int) -> Any:
        return self._json("make" if once else "write", "PATCH", path, json=json, params=params)

    def make(self, path: str, json: Any, **params: str | int) -> Any:
        """POST something new. Sent again only where it is certain that nothing came of it; else UnknownOutcome."""
        return self._json("make", "POST", path, json=json, params=params)

    def delete(self, path: str) -> None:
        """Throw something away; that it is gone already is what was wanted."""
        with contextlib.suppress(NotThere):
            self._json("write", "DELETE", path)

    def page(self, url: str) -> Answer | None:
        """What the web has at an address that is not the service's, asked without our key; None when only shown."""
        if self.rehearsed(Call("GET", url), reads=True):
            return None
        return self._web.request("GET", url)

    def upload(
        self,
        path: str,
        files: Mapping[str, File] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Any:
        """POST a picture: (name, content, media type) by field, or JSON. Twice at worst leaves an unused one behind."""
        return self._json("write", "POST", path, files=tuple((files or {}).items()), form=form, json=json)

    def act(
        self,
        path: str,
        json: Any = None,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        form: Mapping[str, str] | None = None,
        files: Sequence[tuple[str, File]] = (),
    ) -> Any:
        """What reaches people, or decides when: a test, a schedule, a sending. Sent once, whatever happens.

        A form, and files by its fields, go as multipart/form-data; several files may have one field.
        """
        return self._json("act", method, path, json=json, params=params, headers=headers, form=form, files=files)

    def listed(
        self,
        path: str,
        items: str,
        then: Callable[[Any, int], Mapping[str, str | int] | None],
        **params: str | int,
    ) -> Iterator[Any]:
        """Every item of a list that goes on by a cursor, a token or an offset.

        `then` is given each answer, and how many items came so far; it says what to ask for next ({"after": ...}), or
        None at the end. `items` is where in the answer they are, such as "data.results". Raises ServiceError for a
        list without an end, and for an answer in which there is none.
        """
        asked: Mapping[str, str | int] = params
        count = 0
        for _ in range(_MOST_PAGES):
            answer = self.get(path, **asked)
            if isinstance(answer, Pretended):
                return
            found = _within(answer, items)
            if not isinstance(found, list):
                self._garbled("GET", path)
            yield from found
            count += len(found)
            more = then(answer, count)
            if more is None:
                return
            asked = {**params, **more}
        raise self._endless()

    def rehearsed(self, call: Call, *, reads: bool = False) -> bool:
        """Whether a call is only shown, and shows it: for an exporter that asks by a client of the vendor's own."""
        if self.dry == "shown" or (self.dry and not reads):
            self._shown(call)
            return True
        return False

    def pages(
        self,
        path: str,
        items: str,
        *,
        size: int = 100,
        per_page: str = "limit",
        page: str = "page",
        **params: str | int,
    ) -> Iterator[Any]:
        """Every item of a list that is given page by page, page numbers counted from 1.

        `items` is where in the answer they are, such as "data.results"; "" when the answer is the list. Goes on until
        a page is empty, however full the others were: some services give fewer than were asked for. Raises
        ServiceError for a list without an end.
        """
        if self.dry == "shown":
            self.get(path, **params, **({per_page: size} if per_page else {}), **{page: 1})
            return
        seen = ""
        for number in range(1, _MOST_PAGES + 1):
            extra: dict[str, str | int] = {**({per_page: size} if per_page else {}), page: number}
            found = self.find(path, **params, **extra) if number > 1 else self.get(path, **params, **extra)
            each = _within(found, items)
            if found is not None and not isinstance(each, list):
                self._garbled("GET", path)
            # Some give the last page again and again to those who ask beyond it.
            if not each or repr(each) == seen:
                return
            seen = repr(each)
            yield from each
        raise self._endless()

    def _endless(self) -> ServiceError:
        return ServiceError(self.service, f"{self.service} never comes to the end of its list of drafts.")

    # --- sending

    def _json(
        self,
        kind: Kind,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str | int] | None = None,
        files: Sequence[tuple[str, File]] = (),
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        sent = {name: str(value) for name, value in (params or {}).items()}
        call = Call(
            method,
            self._base + path,
            form if json is None else json,
            sent,
            tuple((name, media, len(content)) for _, (name, content, media) in files),
        )
        if self.rehearsed(call, reads=kind == "read"):
            return Pretended()
        if kind != "read":
            self.changed_last = False
        parts: list[Any] = list(files)
        if kind == "act" and form is not None:
            # A form without a file would go as application/x-www-form-urlencoded.
            parts, form = [*((name, (None, value.encode(), None)) for name, value in form.items()), *files], None
        answer = self._answer(kind, call, headers or {}, json=json, form=form, files=parts)
        if answer.status >= 300:
            self._refused(kind, call, answer)
        if kind != "read":
            self.changed_last = True
            self.changed += 1
        if answer.status == 204 or not answer.body.strip():
            return {}
        try:
            found = answer.json()
        except Garbled:
            self._garbled(method, path, kind=kind)
        if answer.status == 202 and isinstance(found, dict):
            found = Unfinished(found)
            found.again = self._asked_to_wait(answer)
        return found

    def _answer(self, kind: Kind, call: Call, headers: Mapping[str, str], **content: Any) -> Answer:
        wait = 1.0
        for left in range(_TRIES - 1 if kind != "act" else 0, -1, -1):
            self._rest()
            try:
                answer = self._web.request(
                    call.method,
                    call.url,
                    headers={"Accept": "application/json", **self._headers(), **headers},
                    params=call.params or None,
                    **content,
                )
            except WebError as error:
                if not left or not self._may_repeat(kind, error):
                    self._broken(kind, call, error)
                asked = 0.0
            else:
                self._note_limits(answer)
                again = answer.status == 429 or (answer.status in _TROUBLE and kind in ("read", "write"))
                # 503 with a date on which to come back is a service that says it did nothing.
                again = again or (answer.status == 503 and kind == "make" and answer.retry_after is not None)
                asked = self._asked_to_wait(answer)
                if not again or not left or kind == "act" or asked > _LONGEST_WAIT:
                    return answer
            self._sleep(max(wait, asked))
            wait = min(wait * 2, _LONGEST_WAIT)
        raise AssertionError("the last try returns or raises")

    @staticmethod
    def _may_repeat(kind: Kind, error: WebError) -> bool:
        if not isinstance(error, NoAnswer | TooSlow | Garbled):
            return False
        return kind in ("read", "write") or not error.unsure

    def _rest(self) -> None:
        if (seconds := self._rests_until - self._clock()) > 0:
            self._sleep(min(seconds, _LONGEST_WAIT))
        self._rests_until = 0.0

    def _note_limits(self, answer: Answer) -> None:
        """Before the next request wait, where the service says that none is left for now."""
        left = next((answer.headers[name] for name in _LEFT if name in answer.headers), "")
        if answer.ok and left.strip() == "0" and (seconds := self._asked_to_wait(answer)) <= _LONGEST_WAIT:
            self._rests_until = self._clock() + seconds

    def _asked_to_wait(self, answer: Answer) -> float:
        for name in _RESETS:
            value = answer.headers.get(name, "").strip()
            if re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", value):
                seconds = float(value)
                return max(seconds - self._clock(), 0.0) if seconds > 1e9 else seconds
        return float(answer.retry_after or 0)

    # --- refusals

    def _broken(self, kind: Kind, call: Call, error: WebError) -> NoReturn:
        if kind != "read" and error.unsure:
            raise UnknownOutcome(self.service, _doing(call), error.reason) from None
        raise ServiceError(
            self.service, f"{self.service} cannot be reached: {error.reason}.", hint=error.hint or "Try again later."
        ) from None

    def _refused(self, kind: Kind, call: Call, answer: Answer) -> NoReturn:
        said = refusals.told(answer)
        if answer.status >= 500 and kind != "read":
            why = f"it answered with {answer.status}" + (f", {self._masked(said.words)}" if said.words else "")
            raise UnknownOutcome(self.service, _doing(call), why)
        raise refusals.error(
            self.service,
            answer,
            replace(said, words=self._masked(said.words), id=self._masked(said.id)),
            base=self._base,
            concerns=refusals.concerned(said, self._fields),
            key_from=self._key_from,
            rest=self._asked_to_wait(answer),
        )

    def _garbled(self, method: str, path: str, *, kind: Kind = "read") -> NoReturn:
        if kind != "read":
            raise UnknownOutcome(self.service, _doing(Call(method, path)), "its answer cannot be read")
        raise ServiceError(
            self.service, f"What {self.service} answered cannot be read.", hint="Try again; if it stays so, tell us."
        )

    def _masked(self, text: str) -> str:
        return credentials.masked(text, self._secrets)


def basic(user: str, password: str) -> dict[str, str]:
    """The header of RFC 7617."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}


def bearer(key: str, word: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{word} {key}"}


def _within(answer: Any, place: str) -> Any:
    """What stands at a dotted place of an answer; None when nothing does."""
    for name in place.split(".") if place else ():
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _doing(call: Call) -> str:
    return f"{call.method} {urlsplit(call.url).path}"
