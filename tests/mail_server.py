"""A mail server on this machine that keeps what it is given, and can be told to behave badly."""

from __future__ import annotations

import email
import email.policy
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword


@dataclass
class MailServer:
    """What arrived, and how the server is to answer."""

    port: int = 0
    #: Sender, readers and bytes of each mail, in order.
    got: list[Envelope] = field(default_factory=list)
    #: Who logged in, and with what.
    logins: list[tuple[str, str]] = field(default_factory=list)
    #: Answers by address of a reader, instead of yes.
    refused: dict[str, str] = field(default_factory=dict)
    #: Answers to a mail that was read, by its reader; "" hangs up without one.
    after_data: dict[str, str] = field(default_factory=dict)
    password: str = ""
    #: Mails that one connection may bring; then it is closed, with a word or without.
    per_line: int = 10**6
    last_word: str = "421 4.7.0 Too many messages in this connection"
    #: Answers to the next mails, before anything is said of a reader; "" is yes.
    at_mail: list[str] = field(default_factory=list)
    #: How often somebody said hello.
    hellos: int = 0
    #: Is told of each word of ours, as in ("RCPT", "ada@x.example"), before it is answered.
    watch: Callable[[str, str], None] = lambda word, about: None
    #: What is said of a password that is wrong.
    echo: Callable[[str], str] = lambda password: "5.7.8 Authentication credentials invalid"

    @property
    def mailed_to(self) -> list[str]:
        return [each.rcpt_tos[0] for each in self.got]

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(each.content, policy=email.policy.SMTP) for each in self.got]  # type: ignore[misc,arg-type]

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, answers: Any) -> Any:  # noqa: N802
        self.hellos += 1
        session.host_name, session.brought = hostname, 0
        return answers

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.watch("MAIL", address)
        answer = self.at_mail.pop(0) if self.at_mail else ""
        session.brought += 1
        if session.brought > self.per_line:
            answer = self.last_word
            if not answer:
                server.transport.abort()
        if answer:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        self.watch("RCPT", address)
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.watch("DATA", envelope.rcpt_tos[0])
        self.got.append(envelope)
        answer = self.after_data.get(envelope.rcpt_tos[0], "250 OK")
        if not answer:
            server.transport.abort()
        return answer

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        given = data.password.decode()
        self.logins.append((data.login.decode(), given))
        fine = given == self.password
        return AuthResult(success=fine, handled=False, message=None if fine else f"535 {self.echo(given)}")


class _AnyPort(Controller):
    """aiosmtpd calls itself up once to see whether it is there; with a free port it has to learn which it got."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, password: str = "", **options: Any
) -> Iterator[MailServer]:
    """A server on a free port of this machine; with a `password` it takes nothing from those who do not know it."""
    handler = MailServer(password=password)
    if password:
        options |= {"authenticator": handler.login, "auth_required": True, "auth_require_tls": bool(starttls)}
    controller = _AnyPort(
        handler, hostname="127.0.0.1", port=0, tls_context=starttls, ssl_context=tls, ready_timeout=10, **options
    )
    controller.start()
    handler.port = controller.port
    try:
        yield handler
    finally:
        controller.stop()
