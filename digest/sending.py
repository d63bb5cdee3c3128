"""A test of an issue goes to the few addresses that were named, and to nobody else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest import config, credentials, exporting, filled, message
from digest.credentials import Credential
from digest.errors import DigestError, Mistakes
from digest.exporters import smtp
from digest.models import Email
from digest.project import Project
from digest.services.errors import ServiceError
from digest.services.mail_server import Line

__all__ = ["MOST", "Sent", "cautions", "ready", "send_test"]

#: Addresses of one test. A list of readers is a matter for a mailing service.
MOST = 20
#: What a subject begins with, so that nobody takes a test for the issue.
MARK = "[test] "


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the mail to one address."""

    address: str
    #: Why it was not sent; "" when the server took it.
    error: str = ""
    #: The connection broke before the server said whether it has the mail: it may have been sent.
    unsure: bool = False


class NoServer(DigestError):
    """Raised when a mail is to be sent and digest.toml names no server that would take it."""

    def __init__(self, project: Project) -> None:
        super().__init__(
            "No mail server is set, so nothing can be sent from here.",
            path=project.root / config.NAME,
            hint="Add these lines, with the values that your mail provider gives for SMTP:\n"
            '    [export.smtp]\n    host = "smtp.example.org"\n    user = "editor@example.org"',
        )


def send_test(
    project: Project,
    name: str,
    addresses: Sequence[str],
    *,
    plain_subject: bool = False,
    now: datetime | None = None,
    environ: Mapping[str, str] = os.environ,
) -> list[Sent]:
    """What became of a test of the issue `name`, an answer an address, in their order and each address once.

    All that can be wrong is looked at before anything leaves: the addresses, the settings, the issue.
    Raises BadAddress, NoServer, Mistakes, NoCredential, Unreachable and LoginRefused; then nothing was sent.
    """
    readers = _readers(addresses)
    settings, password = _server(project, environ)
    email = project.render(name)
    sender = message.ascii_address("The sender's address", email.sender_email)
    now = now or datetime.now(config.time_zone(project.publication.timezone))
    mark = "" if plain_subject else MARK
    # A mail in a mailbox finds no folder beside it.
    enclosed = not project.publication.assets_url
    mails = [
        (reader, message.to_bytes(_one(email, mark, reader, now), to=reader, draft=False, enclosed=enclosed))
        for reader in readers
    ]
    return list(_sent(Line(settings, password), sender, mails))


def ready(project: Project, *, environ: Mapping[str, str] = os.environ) -> str:
    """Why no test can be sent from here, and what to do about it; "" when one can. Asks the disk and the keyring."""
    try:
        _server(project, environ)
    except DigestError as error:
        return str(error)
    return ""


def cautions(project: Project, *, environ: Mapping[str, str] = os.environ) -> list[str]:
    """What the editor should know of the way a test takes, a sentence or two each."""
    settings, _ = _server(project, environ)
    told = [settings.caution] if settings.caution else []
    if credentials.tracked(project.root):
        told.append(credentials.TRACKED)
    return told


def _readers(addresses: Sequence[str]) -> list[str]:
    """The addresses in ASCII. Raises with all that are wrong."""
    readers: dict[str, None] = {}
    mistakes: list[DigestError] = []
    for number, address in enumerate(addresses, 1):
        whose = "The address" if len(addresses) == 1 else f"Address {number} of {len(addresses)}"
        try:
            readers[message.ascii_address(whose, address)] = None
        except DigestError as error:
            mistakes.append(error)
    if len(addresses) > MOST:
        what = f"A test goes to {MOST} addresses at most, and these are {len(addresses)}."
        mistakes.append(DigestError(what, hint="For a list of readers a mailing service is the place."))
    if not addresses:
        mistakes.append(DigestError("A test needs an address to go to."))
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
    return list(readers)


def _server(project: Project, environ: Mapping[str, str]) -> tuple[smtp.Settings, Credential | None]:
    """The mail server, and the password where it wants one."""
    publication = project.publication
    if "smtp" not in publication.exports:
        raise NoServer(project)
    settings = exporting.settings_in(publication, "smtp", smtp.Exporter)
    if not settings.user:
        return settings, None
    return settings, credentials.need("smtp", "password", root=project.root, environ=environ)


def _sent(line: Line, sender: str, mails: Sequence[tuple[str, bytes]]) -> Iterator[Sent]:
    """What became of each mail, none tried twice. Raises what `Line.open` raises, before the first."""
    try:
        line.open()
    except ServiceError as error:
        error.standing("Nothing was sent.")
        raise
    try:
        for address, mail in mails:
            try:
                outcome = line.hand_over(sender, address, mail)
            except ServiceError as error:
                yield Sent(address, error.what)
            else:
                yield Sent(address, outcome.why, unsure=outcome.unsure)
    finally:
        line.close()


def _one(email: Email, mark: str, reader: str, now: datetime) -> Email:
    """The mail to one reader. Every test has a name of its own: mail programs hide a second one of the same name."""
    email = filled.fill(email, reader=reader)
    seed = "\0".join([email.message_id, now.isoformat(), reader])
    domain = email.sender_email.rpartition("@")[2]
    name = f"test.{hashlib.sha256(seed.encode()).hexdigest()[:24]}@{domain}"
    return replace(email, subject=mark + email.subject, date=now, message_id=name)
