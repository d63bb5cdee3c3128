"""What a mailing service said no to, in its own words and in an editor's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from digest.errors import DigestError
from digest.services.destination import host_of
from digest.services.errors import Collision, CredentialRefused, NotThere, ServiceError
from digest.web import Answer

_LONGEST = 400
_KINDS: Mapping[int, type[ServiceError]] = {404: NotThere, 410: NotThere, 409: Collision, 412: Collision}


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


def concerned(said: Told, fields: Mapping[str, str]) -> str:
    """The keys of ours that a refusal concerns, as a sentence; "" when it names none that we know.

    `fields` are ours by the vendor's names, or by the vendor's phrases where it names none.
    """
    # An item of a list is its number in the list: "groups.0".
    named = {*said.fields, said.code, *(re.sub(r"(?:\.\d+|\[\d+\])\Z", "", each) for each in said.fields)}
    words = said.words.lower()
    ours = [told for name, told in fields.items() if name in named or (" " in name and name.lower() in words)]
    return "; ".join(f"That is {told}" for told in dict.fromkeys(ours)) + "." if ours else ""


def error(
    service: str, answer: Answer, said: Told, *, base: str, concerns: str = "", key_from: str = "", rest: float = 0
) -> ServiceError:
    """What to raise for an answer that is none we wanted; `rest` are the seconds that it wants to be left alone."""
    status = answer.status
    if status < 400:
        where = host_of(answer.headers.get("Location", ""))
        return ServiceError(
            service,
            f"{service} is not at {host_of(base)}: it sends us on ({status}).",
            status=status,
            hint=f"Give its real address as url in digest.toml{f', perhaps at {where}' if where else ''}.",
        )
    words = f": {said.words.rstrip('.')}." if said.words else "."
    support = f" Their support may ask for {said.id}." if said.id else ""
    what = f"{service} {_verb(status)} ({status}){words}{support}"
    hint = concerns
    if status in (401, 403):
        used = f"The key came from {key_from}. " if key_from else ""
        next_step = "Copy it once more" if status == 401 else "See what it is allowed to do"
        return CredentialRefused(service, what, status=status, hint=f"{hint} {used}{next_step} in {service}.".strip())
    if status == 429:
        hint = f"It wants {rest:.0f} seconds of rest." if rest else "Wait some minutes, then try again."
    elif status >= 500:
        hint = "The trouble is theirs. Try again later."
    return _KINDS.get(status, ServiceError)(service, what, status=status, hint=hint, code=said.code)


def _verb(status: int) -> str:
    if status in (404, 410):
        return "knows nothing of it"
    if status == 429:
        return "has had enough of us for now"
    return "is in trouble" if status >= 500 else "refused"


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
