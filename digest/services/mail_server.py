"""A mail server of your own: an encrypted line to it, somebody logged in, and one mail after another handed over."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from digest import credentials
from digest.credentials import Credential
from digest.errors import DigestError
from digest.services.errors import ServiceError

#: As editors know it.
NAME = "SMTP"
#: Where servers listen when nobody says otherwise: RFC 6409, RFC 8314, RFC 5321.
PORTS = {"starttls": 587, "tls": 465, "none": 25}
#: Words of a server are shown up to here.
_MOST = 300
#: How many times as long as else a server may be silent over a mail that it has read: it looks for viruses, and to
#: give up too early leaves a reader of whom nobody knows (RFC 5321, 4.5.3.2.6).
_PATIENCE = 4
#: RFC 3463, such as 5.1.1; between code and text.
_ENHANCED = re.compile(r"\s*[245]\.([0-9]{1,3}\.[0-9]{1,3})\b")


@dataclass(frozen=True, slots=True)
class Settings:
    """The mail server, and how to speak to it. The password is no part of it."""

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
class Outcome:
    """What became of one mail that the server was offered."""

    #: What the server said no to: who sends, who is to read, to be given a mail at all, or the mail that it read.
    #: "" when it has the mail.
    at: Literal["", "sender", "reader", "handing", "mail"] = ""
    #: The server's own number; 0 when the connection broke.
    code: int = 0
    #: The last two parts of RFC 3463, such as "1.1"; "" when the server gives none.
    detail: str = ""
    #: Why, in an editor's words and the server's.
    why: str = ""
    #: The connection broke before the server said whether it has the mail: it may have been sent.
    unsure: bool = False


class Unreachable(ServiceError):
    """Raised when there is no safe and working line to the server. What was being sent was not."""


class LoginRefused(ServiceError):
    """Raised when the server does not take user and password. What was being sent was not."""

    exit_code = 4


class _Refused(Exception):
    """The server answered, and said no."""

    def __init__(self, code: int, said: bytes | str, why: str) -> None:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        found = _ENHANCED.match(text)
        super().__init__(why)
        self.code, self.detail, self.why = code, found[1] if found else "", why


class _Lost(Exception):
    """The server did not answer."""


@dataclass(slots=True)
class Line:
    """A connection for one mail after another; opened when it is needed, and again when the server has closed it."""

    plan: Settings
    password: Credential | None = None
    #: Mails that were offered since it was opened.
    used: int = 0
    _client: smtplib.SMTP | None = field(default=None, repr=False)
    #: Within a mail, where a word of ours would become a part of it.
    _within: bool = False

    def open(self) -> None:
        """Be connected, encrypted and logged in. Raises Unreachable or LoginRefused."""
        if self._client is not None and not self._settled(self._client):
            self._drop()
        if self._client is None:
            self.used = 0
            self._client = _opened(self.plan, self.password, self._secrets)

    def hand_over(self, sender: str, reader: str, mail: bytes, begin: Callable[[], None] = lambda: None) -> Outcome:
        """Offer one mail, once. Both addresses are ASCII, `mail` is CRLF. Raises what `open` raises.

        `begin` is called when the server has taken both addresses and nothing of the mail was said yet.
        """
        self.open()
        client = self._client
        assert client is not None
        self.used += 1
        limit = client.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit[:15]) < len(mail):
            why = f"the mail has {_megabytes(len(mail))}, and the server takes {_megabytes(int(limit))}"
            return Outcome("handing", 552, "3.4", why)
        at: Literal["sender", "reader", "handing", "mail"] = "sender"
        self._within = True
        try:
            size = f" SIZE={len(mail)}" if client.has_extn("size") else ""
            self._asked(f"MAIL FROM:<{sender}>{size}", 250, "the server takes no mail from the sender's address")
            at = "reader"
            self._asked(f"RCPT TO:<{reader}>", 250, "the server refused the address")
            begin()
            at = "handing"
            self._asked("DATA", 354, "the server wants no mail")
            at = "mail"
            # RFC 5321, 4.5.2: a dot that begins a line is doubled.
            client.send(re.sub(rb"(?m)^\.", b"..", mail) + b".\r\n")
            self._be_patient(_PATIENCE)
            self._answered(client.getreply(), 250, "the server read the mail and refused it")
            self._be_patient(1)
        except _Refused as error:
            self._within = False
            self._be_patient(1)
            if error.code == 421:  # RFC 5321, 3.8: it hangs up now
                self._drop()
            return Outcome(at, error.code, error.detail, error.why)
        except (_Lost, smtplib.SMTPException, OSError) as error:
            self._drop()
            if at != "mail":
                why = f"the connection broke before anything was sent: {_why(error, self._secrets)}"
                return Outcome(at, 0, why=why)
            # RFC 5321, 4.2.5: between the last dot and the answer nobody knows whose the mail is.
            why = "the connection broke before the server said whether it has the mail; it may have been sent"
            return Outcome(at, 0, why=why, unsure=True)
        self._within = False
        return Outcome()

    def close(self) -> None:
        """Take leave. In the middle of a mail without a word, so that what was begun stays without an end."""
        if self._client is not None and not self._within:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._client.quit()
        self._drop()

    @property
    def _secrets(self) -> list[str]:
        return [self.password.value] if self.password else []

    def _settled(self, client: smtplib.SMTP) -> bool:
        """Whether the line is there still, and ready for the next mail. Many servers close it after some mails."""
        try:
            return client.sock is not None and not self._within and client.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client, self._within = None, False

    def _be_patient(self, times: int) -> None:
        if self._client is not None and self._client.sock is not None:
            self._client.sock.settimeout(self.plan.timeout * times)

    def _asked(self, words: str, wanted: int, otherwise: str) -> None:
        assert self._client is not None
        self._answered(self._client.docmd(words), wanted, otherwise)

    def _answered(self, reply: tuple[int, bytes], wanted: int, otherwise: str) -> None:
        code, said = reply
        # 251: it will be forwarded, which is as good (RFC 5321, 3.4).
        if code == wanted or (wanted == 250 and code == 251):
            return
        if not 200 <= code < 600:  # Python's own sign for an answer that is none
            raise _Lost("its answer makes no sense")
        # RFC 4954, 6: it wants to know who we are.
        way_out = ', so "user" is missing in [export.smtp]' if code == 530 and not self._secrets else ""
        raise _Refused(code, said, f"{otherwise}: {_words(code, said, self._secrets)}{way_out}")


# --- the line


def _opened(plan: Settings, password: Credential | None, secrets: list[str]) -> smtplib.SMTP:
    """A server that listens to us: encrypted as was asked for, and logged in."""
    try:
        client = _connected(plan)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(
            NAME,
            f"{plan.host} cannot prove that it is {plan.host}: {error.verify_message.rstrip('.')}.",
            hint='Is "host" in [export.smtp] the name that the provider gives? A certificate of your own makes '
            "the variable SSL_CERT_FILE known.",
        ) from error
    except ssl.SSLError as error:
        other = 'security = "starttls" and port = 587' if plan.way == "tls" else 'security = "tls" and port = 465'
        raise Unreachable(
            NAME,
            f"{plan.host} and digest found no common way to encrypt.",
            hint=f"If your provider says so, write {other} into [export.smtp].",
        ) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # A server that expects encryption from the first byte waits for ours in silence.
        silent = isinstance(error, TimeoutError) or "timed out" in str(error)
        other = ' Perhaps it wants security = "tls" and port = 465.' if silent and plan.way != "tls" else ""
        raise Unreachable(
            NAME,
            f"{plan.host} does not answer as a mail server on port {plan.door}: {_why(error, secrets)}.",
            hint=f'Look at "host", "port" and "security" in [export.smtp].{other} Some networks close these ports.',
        ) from error
    try:
        if plan.user and password is not None:
            _log_in(client, plan, password)
    except (smtplib.SMTPException, OSError) as error:
        client.close()
        raise Unreachable(
            NAME, f"{plan.host} went away while logging in: {_why(error, secrets)}."
        ) from None  # the cause would hold what was said
    except DigestError:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()
        raise
    return client


def _connected(plan: Settings) -> smtplib.SMTP:
    # Our own name would cost a look-up that can take seconds, and tell strangers what this machine is called.
    name = "[127.0.0.1]"
    # The authorities that a computer trusts take a moment to read, and where nothing is encrypted nobody asks them.
    context = ssl.create_default_context() if plan.way != "none" else None
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
                    NAME,
                    f"{plan.host} offers no encryption (STARTTLS) on port {plan.door}.",
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
            NAME,
            f"{plan.host} offers no way to log in that digest knows, {ways}.",
            hint='If it needs no password, take "user" out of [export.smtp].',
        )
    if code == 235:
        return
    reply = _words(code, said, [password.value])
    if 400 <= code < 500 and code != 432:  # RFC 4954: not now; 432 wants another password
        raise Unreachable(NAME, f"{plan.host} does not let us in at the moment: {reply}.")
    raise LoginRefused(
        NAME,
        f"{plan.host} refused the user or the password: {reply}.",
        hint=f'The password came from {password.where}, the user is "user" in [export.smtp]. '
        "Large providers want a password made for one program, not that of the account.",
    )


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


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


def wrong_together(plan: Settings) -> tuple[str, str, str] | None:
    """The key with which others make a mistake, what is wrong, and the way out; None when all is well."""
    if plan.way != "none" or not plan.user or plan.is_near:
        return None
    what = f'With security = "none" the password would cross the network to {plan.host} for all to read.'
    return "security", what, 'Write "starttls" or "tls", or leave out "user".'


def _host(value: str) -> str:
    fine = re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9.])?|\[?[0-9A-Fa-f:.]+\]?", value)
    return "" if fine else "the name of a mail server such as smtp.example.org"


def _port(value: int) -> str:
    return "" if 0 <= value < 65536 else "the number of a port, usually 587 or 465"


def _timeout(value: int) -> str:
    return "" if 0 < value <= 3600 else "a number of seconds from 1 to 3600"


def _line(value: str) -> str:
    return "" if value.isprintable() else "a line of text"


#: What a value has to be besides its type, as for `decode.table`.
CHECKS: Mapping[str, Callable[[Any], str]] = {"host": _host, "port": _port, "timeout": _timeout, "user": _line}
