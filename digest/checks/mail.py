"""Whether the message itself is well-formed: addresses, headers, line lengths, one-click unsubscribe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageDefect
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from digest import filled, message
from digest.checks.base import Copy, at, in_settings, shown
from digest.errors import BadAddress
from digest.models import Email, Finding

RULES = {
    "bad-address": "an address that no mail can be sent from or answered to",
    "defect": "the message breaks a rule that strict mail programs insist on",
    "long-line": "a line of more than 998 bytes, which RFC 5322 forbids",
    "raw-header": "a header with letters that are not encoded by RFC 2047",
    "header-changed": "a header that does not come back as it was written",
    "part-changed": "the text or the HTML does not come back as it was written",
    "no-one-click": "a List-Unsubscribe that does not make the button Gmail and Yahoo ask for (RFC 8058)",
}

#: RFC 5322, 2.1.1.
_MUST = 998
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_STRICT = SMTP.clone(raise_on_defect=True)
#: Services that leave the List-Unsubscribe header to us.
_OURS = ("smtp", "folder")


def check(copy: Copy) -> Iterator[Finding]:
    """What a strict reader of the message would refuse."""
    # As it goes to a reader, where digest knows each of them.
    email = filled.fill(copy.email, reader="reader@example.org" if copy.service == "smtp" else "")
    try:
        raw = message.to_bytes(email)
    except BadAddress as error:
        key = _key(error.what)
        yield in_settings(
            copy.publication,
            f"publication.{key}",
            "error",
            "bad-address",
            error.what,
            effect="The mail cannot be sent, or cannot be answered.",
            hint=error.hint or f"Mend {key} in digest.toml.",
        )
        return
    yield from _form(copy, raw)
    try:
        parsed = message_from_bytes(raw, policy=_STRICT)
        yield from _headers(copy, email, parsed)
        yield from _parts(copy, email, parsed)
    except MessageDefect as error:
        yield _defect(copy, error)
    yield from _one_click(copy, email)


def _key(said: str) -> str:
    for words, key in (
        ("reply address", "reply_to"),
        ("unsubscribe address", "unsubscribe_email"),
        ("unsubscribe link", "unsubscribe_url"),
    ):
        if words in said:
            return key
    return "sender_email"


def _form(copy: Copy, raw: bytes) -> Iterator[Finding]:
    head = raw.partition(b"\r\n\r\n")[0]
    for line in head.split(b"\r\n"):
        if not line.isascii():
            name = line.partition(b":")[0].decode("ascii", "replace")
            what = f"The header {name} holds letters that are not encoded."
            effect = "Mail servers may refuse the mail, or show the letters wrong."
            yield at(copy.issue, None, "error", "raw-header", what, effect=effect)
    longest = max(map(len, raw.split(b"\r\n")))
    if longest > _MUST:
        what = f"A line of the message is {longest:,} bytes long; {_MUST} are allowed."
        effect = "Mail servers break such a line wherever they like, or refuse the mail."
        yield at(copy.issue, None, "error", "long-line", what, effect=effect)


def _headers(copy: Copy, email: Email, parsed: EmailMessage) -> Iterator[Finding]:
    for name, value in parsed.items():
        for defect in value.defects:
            yield _defect(copy, defect, name)
    issue = copy.issue
    expected = " ".join(email.subject.split())
    if _CONTROL.search(email.subject) or " ".join(str(parsed["Subject"]).split()) != expected:
        what = "The subject does not come back as it was written."
        hint = "Type it again, without line breaks and invisible characters."
        yield at(issue, issue.lines.get("subject"), "error", "header-changed", what, hint=hint)
    for name, key in (("From", "sender_email"), ("Reply-To", "reply_to")):
        header = parsed[name]
        if header is None or not isinstance(header, AddressHeader):
            continue
        fine = len(header.addresses) == 1 and "." in header.addresses[0].domain
        if not fine or _CONTROL.search(email.sender_name):
            yield in_settings(
                copy.publication,
                f"publication.{key}",
                "error",
                "bad-address",
                f"{name} is no address that a mail can be answered to.",
                effect="Mail servers refuse such a mail, or file it as spam.",
                hint=f"Mend {key} in digest.toml.",
            )


def _parts(copy: Copy, email: Email, parsed: EmailMessage) -> Iterator[Finding]:
    for defect in (defect for part in parsed.walk() for defect in part.defects):
        yield _defect(copy, defect)
    for kind, text in (("plain", email.text), ("html", email.html)):
        part = parsed.get_body((kind,))
        content = part.get_content() if part is not None else ""
        if _lines(str(content)) != _lines(text):
            what = f"The {'text' if kind == 'plain' else 'HTML'} part does not come back as it was written."
            effect = "Readers see broken letters where it differs."
            hint = "Look for halves of emoji and other invisible characters in what was pasted last."
            yield at(copy.issue, None, "error", "part-changed", what, effect=effect, hint=hint)


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text.rstrip("\r\n"))


def _defect(copy: Copy, defect: Exception, header: str = "") -> Finding:
    name = type(defect).__name__.removesuffix("Defect")
    said = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    where = f"The header {header} is" if header else "The message is"
    what = f"{where} not well-formed: {said}."
    return at(copy.issue, None, "error", "defect", what, effect="Strict mail servers refuse such a mail.")


def _one_click(copy: Copy, email: Email) -> Iterator[Finding]:
    """RFC 8058, 3.1: one https address, and the header List-Unsubscribe-Post beside it.

    Gmail and Yahoo ask it of whoever sends them 5,000 mails a day: https://support.google.com/a/answer/81126
    """
    if copy.service and copy.service not in _OURS:
        return
    url = email.unsubscribe_url.strip()
    if url:
        try:
            parts = urlsplit(url)
            fine = parts.scheme.lower() == "https" and bool(parts.hostname) and not parts.fragment
        except ValueError:
            fine = False
        said = f"unsubscribe_url is {shown(url)}: one-click unsubscribe wants an address that begins with https://."
    elif email.unsubscribe_email or copy.service == "smtp":  # which names the sender where nobody else is named
        fine, said = not copy.service, "The mail can be unsubscribed from by mail only, not with one click."
    else:
        fine, said = not copy.service, "The message has no List-Unsubscribe header."
    if not fine:
        yield in_settings(
            copy.publication,
            "publication.unsubscribe_url",
            "warning",
            "no-one-click",
            said,
            effect="Gmail and Yahoo show no unsubscribe button, and readers press the one for spam.",
            hint='Set unsubscribe_url in digest.toml to a page of yours that begins with "https://".',
        )
