"""A mail server of your own, for test mails: each address gets its own copy, and nobody else gets any."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from digest import credentials, decode
from digest.credentials import Credential
from digest.errors import DigestError, Mistakes

#: Where servers listen when nobody says otherwise: RFC 6409, RFC 8314, RFC 5321.
PORTS = {"starttls": 587, "tls": 465, "none": 25}
#: Words of a server are shown up to here.
_MOST = 300


@dataclass(frozen=True, slots=True)
class Settings:
    """`[export.smtp]`: the mail server, and how to speak to it. The password is no part of it."""

    host: str
    #: 0 for the usual one.
    port: int = 0
    #: "starttls" begins in the clear and encrypts before anything is said; "tls" encrypts from the first
    #: byte; "none" never does. "" for what the port is known for.
    security: Literal["", "starttls", "tls", "none"] = ""
    #: Who logs in; "" for nobody.
    user: str = ""
    #: Seconds that the server may be silent.
    timeout: int = 30

    @property
    def way(self) -> str:
        return self.security or ("tls" if self.port == PORTS["tls"] else "starttls")

    @property
    def door(self) -> int:
        return self.port or PORTS[self.way]

    @property
    def is_near(self) -> bool:
        """Whether the server is this machine, so that nobody is between."""
        if self.host.rstrip(".").lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    @property
    def caution(self) -> str:
        """What the editor should know of these settings; "" when there is nothing."""
        if self.way != "none" or self.is_near:
            return ""
        return f'Nothing is encrypted on the way to {self.host}, as "security" says; whoever is between can read it.'


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the mail to one address."""

    address: str
    #: Why it was not sent; "" when the server took it.
    error: str = ""
    #: The connection broke before the server said whether it has the mail: it may have been sent.
    unsure: bool = False


class Unreachable(DigestError):
    """Raised when there is no safe and working line to the server. Nothing was sent."""

    exit_code = 5


class LoginRefused(DigestError):
    """Raised when the server does not take user and password. Nothing was sent."""

    exit_code = 4


class _Refused(Exception):
    """The server answered, and said no."""


class _Lost(Exception):
    """The server did not answer."""


def settings(table: Mapping[str, Any], *, path: Path | None, lines: Mapping[str, int]) -> Settings:
    """What `[export.smtp]` says. Raises Mistakes with all that is wrong in it."""
    secrets = credentials.check_table("smtp", table, path, lines)
    mistakes: list[DigestError] = list(secrets)
    told = {each.line for each in secrets}
    found = decode.table(
        Settings,
        table,
        where="[export.smtp]",
        mistakes=mistakes,
        path=path,
        line_of=lambda key: lines.get(f"export.smtp.{key}", lines.get("export.smtp")),
        checks={"host": _host, "port": _port, "timeout": _timeout, "user": _line},
    )
    if found and found.way == "none" and found.user and not found.is_near:
        what = f'With security = "none" the password would cross the network to {found.host} for all to read.'
        line = lines.get("export.smtp.security", lines.get("export.smtp"))
        mistakes.append(DigestError(what, path=path, line=line, hint='Write "starttls" or "tls", or leave out "user".'))
    if mistakes or found is None:
        # That the table knows no "password" has been said in better words.
        raise Mistakes(each for each in mistakes if each in secrets or each.line is None or each.line not in told)
    return found


def send(
    plan: Settings, password: Credential | None, sender: str, mails: Iterable[tuple[str, bytes]]
) -> Iterator[Sent]:
    """What became of each mail, as it happens; every address gets its own, and none is tried twice.

    `sender` and the addresses are ASCII. Raises Unreachable or LoginRefused before the first is sent;
    a server that goes away later is told of in what became of the rest.
    """
    client: smtplib.SMTP | None = None
    secrets = [password.value] if password else []
    first = True
    try:
        for address, mail in mails:
            try:
                client = client or _opened(plan, password, secrets)
            except DigestError as error:
                if first:
                    raise
                yield Sent(address, error.what)
                continue
            first = False
            sent = _handed_over(client, sender, address, mail, secrets)
            yield sent
            if sent.error:
                client = _settled(client)
    finally:
        if client is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()


# --- the line


def _opened(plan: Settings, password: Credential | None, secrets: list[str]) -> smtplib.SMTP:
    """A server that listens to us: encrypted as was asked for, and logged in."""
    try:
        client = _connected(plan)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(
            f"{plan.host} cannot prove that it is {plan.host}: {error.verify_message.rstrip('.')}. Nothing was sent.",
            hint='Is "host" in [export.smtp] the name that the provider gives? A certificate of your own makes '
            "the variable SSL_CERT_FILE known.",
        ) from error
    except ssl.SSLError as error:
        other = 'security = "starttls" and port = 587' if plan.way == "tls" else 'security = "tls" and port = 465'
        raise Unreachable(
            f"{plan.host} and digest found no common way to encrypt. Nothing was sent.",
            hint=f"If your provider says so, write {other} into [export.smtp].",
        ) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # A server that expects encryption from the first byte waits for ours in silence.
        silent = isinstance(error, TimeoutError) or "timed out" in str(error)
        other = ' Perhaps it wants security = "tls" and port = 465.' if silent and plan.way != "tls" else ""
        raise Unreachable(
            f"{plan.host} does not answer as a mail server on port {plan.door}: {_why(error, secrets)}. "
            "Nothing was sent.",
            hint=f'Look at "host", "port" and "security" in [export.smtp].{other} Some networks close these ports.',
        ) from error
    try:
        if plan.user and password is not None:
            _log_in(client, plan, password)
    except (smtplib.SMTPException, OSError) as error:
        client.close()
        raise Unreachable(
            f"{plan.host} went away while logging in: {_why(error, secrets)}. Nothing was sent."
        ) from None  # the cause would hold what was said
    except DigestError:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()
        raise
    return client


def _connected(plan: Settings) -> smtplib.SMTP:
    # Our own name would cost a look-up that can take seconds, and tell strangers what this machine is called.
    name = "[127.0.0.1]"
    context = ssl.create_default_context()
    if plan.way == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            plan.host, plan.door, local_hostname=name, timeout=plan.timeout, context=context
        )
    else:
        client = smtplib.SMTP(plan.host, plan.door, local_hostname=name, timeout=plan.timeout)
    try:
        client.ehlo_or_helo_if_needed()
        if plan.way == "starttls":
            if not client.has_extn("starttls"):
                # Also what somebody on the line does who wants to read along, so there is no going on without.
                raise Unreachable(
                    f"{plan.host} offers no encryption (STARTTLS) on port {plan.door}. Nothing was sent.",
                    hint='If your provider says so, write security = "tls" and port = 465 into [export.smtp].',
                )
            code, said = client.starttls(context=context)
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
            client.ehlo_or_helo_if_needed()
    except BaseException:
        client.close()
        raise
    return client


def _log_in(client: smtplib.SMTP, plan: Settings, password: Credential) -> None:
    """Log in. Python's own way takes no password that is not ASCII; RFC 4616 does."""
    offered = client.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, said = client.docmd("AUTH", "PLAIN " + _packed(f"\0{plan.user}\0{password.value}"))
    elif "LOGIN" in offered:
        code, said = client.docmd("AUTH", "LOGIN " + _packed(plan.user))
        if code == 334:
            code, said = client.docmd(_packed(password.value))
    else:
        ways = f"only {', '.join(offered)}" if offered else "none at all"
        raise LoginRefused(
            f"{plan.host} offers no way to log in that digest knows, {ways}. Nothing was sent.",
            hint='If it needs no password, take "user" out of [export.smtp].',
        )
    if code == 235:
        return
    reply = _words(code, said, [password.value])
    if 400 <= code < 500 and code != 432:  # RFC 4954: not now; 432 wants another password
        raise Unreachable(f"{plan.host} does not let us in at the moment: {reply}. Nothing was sent.")
    raise LoginRefused(
        f"{plan.host} refused the user or the password: {reply}. Nothing was sent.",
        hint=f'The password came from {password.where}, the user is "user" in [export.smtp]. '
        "Large providers want a password made for one program, not that of the account.",
    )


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _settled(client: smtplib.SMTP) -> smtplib.SMTP | None:
    """The line, ready for the next address; None when it is gone."""
    try:
        if client.sock is not None and client.rset()[0] == 250:
            return client
    except (smtplib.SMTPException, OSError):
        pass
    client.close()
    return None


# --- one mail


def _handed_over(client: smtplib.SMTP, sender: str, address: str, mail: bytes, secrets: list[str]) -> Sent:
    limit = client.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit[:15]) < len(mail):
        return Sent(address, f"the mail has {_megabytes(len(mail))}, and the server takes {_megabytes(int(limit))}")
    given_up = False
    try:
        size = f" SIZE={len(mail)}" if client.has_extn("size") else ""
        _asked(
            client, f"MAIL FROM:<{sender}>{size}", 250, "the server takes no mail from the sender's address", secrets
        )
        _asked(client, f"RCPT TO:<{address}>", 250, "the server refused the address", secrets)
        _asked(client, "DATA", 354, "the server wants no mail", secrets)
        given_up = True
        # RFC 5321, 4.5.2: a dot that begins a line is doubled.
        client.send(re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n")
        _answered(client.getreply(), 250, "the server read the mail and refused it", secrets)
    except _Refused as error:
        return Sent(address, str(error))
    except (_Lost, smtplib.SMTPException, OSError) as error:
        client.close()
        if not given_up:
            return Sent(address, f"the connection broke before anything was sent: {_why(error, secrets)}")
        # RFC 5321, 4.2.5: between the last dot and the answer nobody knows whose the mail is.
        why = "the connection broke before the server said whether it has the mail; it may have been sent"
        return Sent(address, why, unsure=True)
    return Sent(address)


def _asked(client: smtplib.SMTP, words: str, wanted: int, otherwise: str, secrets: list[str]) -> None:
    _answered(client.docmd(words), wanted, otherwise, secrets)


def _answered(reply: tuple[int, bytes], wanted: int, otherwise: str, secrets: list[str]) -> None:
    code, said = reply
    # 251: it will be forwarded, which is as good (RFC 5321, 3.4).
    if code == wanted or (wanted == 250 and code == 251):
        return
    if not 200 <= code < 600:  # Python's own sign for an answer that is none
        raise _Lost("its answer makes no sense")
    # RFC 4954, 6: it wants to know who we are.
    way_out = ', so "user" is missing in [export.smtp]' if code == 530 and not secrets else ""
    raise _Refused(f"{otherwise}: {_words(code, said, secrets)}{way_out}")


def _words(code: int, said: bytes | str, secrets: list[str]) -> str:
    """What the server said, fit to be shown."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = credentials.masked(" ".join("".join(c if c.isprintable() else " " for c in text).split()), secrets)
    text = text if len(text) <= _MOST else text[: _MOST - 3] + "..."
    return f'{code} "{text.rstrip(".")}"' if text else str(code)


def _why(error: Exception, secrets: list[str]) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error, secrets)
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "nothing came for too long"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionResetError | BrokenPipeError):
        return "it hung up"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException) and error.strerror:
        return error.strerror.lower()
    return credentials.masked(str(error), secrets)[:_MOST] or type(error).__name__


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


# --- settings


def _host(value: str) -> str:
    fine = re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9.])?|\[?[0-9A-Fa-f:.]+\]?", value)
    return "" if fine else "the name of a mail server such as smtp.example.org"


def _port(value: int) -> str:
    return "" if 0 <= value < 65536 else "the number of a port, usually 587 or 465"


def _timeout(value: int) -> str:
    return "" if 0 < value <= 3600 else "a number of seconds from 1 to 3600"


def _line(value: str) -> str:
    return "" if value.isprintable() else "a line of text"
