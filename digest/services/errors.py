"""What a mailing service said no to, in its own words and in an editor's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from digest.errors import DigestError
from digest.web import Answer

_LONGEST = 400


class ServiceError(DigestError):
    """Raised when a service refused, or cannot do, what was asked of it."""

    exit_code = 5

    def __init__(self, service: str, what: str, *, status: int = 0, hint: str = "", code: str = "") -> None:
        super().__init__(what, hint=hint)
        self.service = service
        #: Of the answer; 0 when the mistake was found without asking.
        self.status = status
        #: The vendor's own word for the kind of mistake; "" when it has none.
        self.code = code

    def standing(self, state: str) -> None:
        """Say what state things are in now, before what to do next."""
        if state and state not in self.hint:
            self.hint = f"{state} {self.hint}".strip()


class CredentialRefused(ServiceError):
    """Raised when a service does not take our key (401), or not for this (403)."""

    exit_code = 4


class NotThere(ServiceError):
    """Raised when a service knows nothing of that id (404, 410)."""


class Collision(ServiceError):
    """Raised when somebody else changed what we were to write (409, 412)."""


class UnknownOutcome(ServiceError):
    """Raised when nobody can say whether the service did what was asked: the answer was lost, late or garbled."""

    exit_code = 6

    def __init__(self, service: str, what: str, why: str) -> None:
        """`what` as in "POST /campaigns"; `why` as in "it hung up"."""
        super().__init__(
            service,
            f"It is not known whether {service} did what it was asked ({what}): {why}.",
            hint="Run the command again: it looks before it writes.",
        )
        self.why = why


class CannotDo(ServiceError):
    """Raised when a service, or our way to it, has nothing of the kind that was asked for."""

    exit_code = 1


class NotPublished(ServiceError):
    """Raised when a service fetches mails from the web, and what is to be fetched is not there."""

    exit_code = 1

    def __init__(self, service: str, pages: Mapping[str, str], address: str, why: str) -> None:
        """`pages` are all that has to be there, by address; `why` is what is wrong with one of them."""
        super().__init__(service, f"{service} fetches the mail from the web, and {address} {why}.")
        self.pages = pages


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer of 400 and above says of itself."""

    #: The vendor's words, on one line; "" when it said nothing.
    words: str = ""
    #: The fields of the request that they concern, as the vendor names them.
    fields: tuple[str, ...] = ()
    #: What the vendor's support asks for.
    id: str = ""
    #: The vendor's own word for the kind of mistake.
    code: str = ""


def told(answer: Answer) -> Told:
    """What a refusal says, in any of the shapes that mailing services use.

    Read here: RFC 7807 with `instance` (Mailchimp), `errors` as texts (Kit), as objects (SendGrid, Ghost, Keila) or by
    field (MailerLite), `detail` as a text or as a list with `loc` (Buttondown), `code` or `name` and `message` (Brevo,
    Resend, listmonk, Mailgun), `Code`/`ErrorCode` and `Message` (Campaign Monitor, Postmark).
    """
    try:
        data = answer.json()
    except DigestError:
        text = answer.body.decode("utf-8", "replace").strip()
        # A gateway's page of HTML tells an editor nothing.
        return Told(_line(text) if text and "<" not in text else "")
    if isinstance(data, str):
        return Told(_line(data))
    if not isinstance(data, dict):
        return Told()
    words: list[str] = []
    fields: list[str] = []
    for field, said in _said(data):
        if field:
            fields.append(field)
        if said and said not in words:
            words.append(said)
    heading = _text(data, "title")
    if heading and not words:
        words = [heading]
    first = next((each for each in _list(data.get("errors")) if isinstance(each, dict)), {})
    return Told(
        _line("; ".join(words)),
        tuple(dict.fromkeys(fields)),
        _text(data, "instance", "request_id")
        or _text(first, "error_id", "id")
        or answer.headers.get("X-Request-Id", ""),
        _text(data, "code", "name", "Code", "ErrorCode") or _text(first, "code", "type"),
    )


def _said(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field that is complained of, "" for none, and what is said of it."""
    errors = data.get("errors")
    for each in _list(errors):
        if isinstance(each, str):
            yield "", each
        elif isinstance(each, dict):
            said = ". ".join(dict.fromkeys(_texts(each, "message", "context", "title", "detail", "details")))
            field = _text(each, "field", "pointer", "property")
            yield field, f"{field}: {said}" if field and said else said
    if isinstance(errors, dict):
        for field, said in errors.items():
            yield str(field), f"{field}: " + " ".join(map(str, _list(said) or [said]))
    if isinstance(errors, str):
        yield "", errors
    detail = data.get("detail")
    for each in _list(detail):
        if isinstance(each, dict):
            place = ".".join(str(part) for part in _list(each.get("loc")) if part not in ("body", "data"))
            yield place, f"{place}: {_text(each, 'msg', 'message')}".removeprefix(": ")
        else:
            yield "", str(each)
    yield "", _text(data, "message", "Message", "error", "error_description") if not errors else ""
    if isinstance(detail, str):
        yield "", detail


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(data: Mapping[str, Any], *names: str) -> Iterator[str]:
    for name in names:
        value = data.get(name)
        if isinstance(value, str) and value.strip():
            yield value.strip().rstrip(".")
        elif isinstance(value, int) and not isinstance(value, bool):
            yield str(value)


def _text(data: Mapping[str, Any], *names: str) -> str:
    return next(_texts(data, *names), "")


def _line(text: str) -> str:
    """`text` on one line, nothing in it that steers a terminal, and no longer than it can be read."""
    text = " ".join("".join(each if each.isprintable() else " " for each in re.sub(r"<[^>]*>", " ", text)).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
