"""Exporting: an issue of a publication becomes a draft in a mailing service, and never two."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from digest import credentials, files, plugins, receipts
from digest.errors import DigestError, Mistakes
from digest.exporters.base import Parcel, Service
from digest.exporting import drafting
from digest.exporting.done import Done
from digest.exporting.drafting import Letter, NoWayOut
from digest.exporting.stops import AlreadySent, ChangedThere, MarkedSent, NothingThere, OnItsWay, SeveralDrafts
from digest.exporting.way import Way
from digest.models import Email, Finding, Issue, Publication, Receipt
from digest.project import Project
from digest.services.calls import Call, Dry, Session
from digest.services.errors import NotPublished, ServiceError
from digest.services.settings import settings_of

if TYPE_CHECKING:
    from digest.web import Web

__all__ = [
    "AlreadySent",
    "ChangedThere",
    "ChecksFailed",
    "Done",
    "Known",
    "Letter",
    "MarkedSent",
    "NoWayOut",
    "NothingThere",
    "OnItsWay",
    "Ready",
    "SeveralDrafts",
    "Unfinished",
    "Way",
    "known",
    "leaving_pages",
    "opened",
    "prepared",
    "ready",
    "settings_in",
]


class ChecksFailed(DigestError):
    """Raised before anything is written, when checks found what should not go to readers."""

    exit_code = 3

    def __init__(self, count: int, service: str, slug: str) -> None:
        mistakes = "a mistake" if count == 1 else f"{count} mistakes"
        super().__init__(
            f"The checks found {mistakes}, so nothing was exported.",
            hint=f'Mend what is told above; "digest check {slug} --for {service}" looks again. '
            "--force exports all the same.",
        )


class Unfinished(DigestError):
    """Raised for an issue with a TODO in it. Nothing overrides it: somebody meant to come back."""

    exit_code = 3

    def __init__(self, path: Path | None, line: int) -> None:
        super().__init__("A TODO stands here still.", path=path, line=line, hint="Mend it, or take it out.")


@dataclass(frozen=True, slots=True)
class Known:
    """A service, as a list shows it."""

    key: str
    about: str
    #: None for a place that is no service: a folder, the clipboard.
    exporter: type[Service] | None = None
    #: Where its key was found; "" when there is none.
    key_from: str = ""
    #: It has a table in digest.toml.
    set_up: bool = False
    #: Why it cannot be used.
    problem: str = ""
    #: With the settings that are there nothing can be done without a key.
    wants_key: bool = True


@dataclass(frozen=True, slots=True)
class Ready:
    """An issue that was rendered and checked, on its way."""

    letter: Letter
    path: Path
    findings: tuple[Finding, ...] = ()


def known(project: Project | None, *, environ: Mapping[str, str] = os.environ) -> list[Known]:
    """Every service and place that an issue can be exported to, by name."""
    found = []
    for key in plugins.names("exporters"):
        try:
            module = plugins.load("exporters", key)
        except (DigestError, ImportError) as error:
            found.append(Known(key, "", problem=str(error)))
            continue
        exporter = _exporter(module)
        about = (module.__doc__ or "").strip().partition("\n")[0]
        set_up = project is not None and key in project.publication.exports
        problem, where = "", ""
        wants_key = exporter is not None and _wants_key(project, key, exporter)
        if exporter is not None and exporter.secret and wants_key:
            try:
                credential = credentials.find(
                    key, exporter.secret, root=project.root if project else None, environ=environ
                )
                where = credential.where if credential else ""
            except DigestError as error:
                problem = error.what
        found.append(Known(key, about, exporter, where, set_up, problem, wants_key))
    return found


def _wants_key(project: Project | None, key: str, exporter: type[Service]) -> bool:
    table = project.publication.exports.get(key) if project else None
    made = settings_of(exporter, key, table, mistakes=[]) if table is not None else None
    # Where they are wrong an export will say so.
    return bool(exporter.secret) if made is None else exporter.wants_secret(made)


def ready(project: Project, name: str, service: str, *, look_only: bool = False) -> Ready:
    """The issue, rendered and checked for a service. Raises Mistakes, or Unfinished for one with a TODO in it.

    `look_only` for what writes no draft: then it is neither rendered nor checked.
    """
    file = project.file(name)
    issue = file.issue
    assert issue.path is not None  # it came from a file
    if file.todos and not look_only:
        raise Unfinished(issue.path, file.todos[0])
    email = Email("", "", "", "", "", "") if look_only else project.render(str(issue.path))
    findings: tuple[Finding, ...] = ()
    if not look_only:
        from digest import proofreading

        findings = proofreading.findings(project, str(issue.path), email, file=file, service=service)
    publication = project.publication
    letter = Letter(
        email=email,
        slug=issue.slug,
        number=issue.number,
        date=issue.date,
        title=_title(issue, publication.name),
        publication=publication.name,
        utm=publication.utm,
        sent=issue.status == "sent",
        sponsored=drafting.sponsored(issue),
    )
    return Ready(letter, issue.path, findings)


def _title(issue: Issue, publication: str) -> str:
    """What tells the issue from the others in a list of campaigns, where most have the newsletter's name alone."""
    title = issue.title or publication
    number = "" if issue.number is None else str(issue.number)
    return title if not number or number in re.findall(r"\d+", title) else f"{title} {number}"


def opened(
    project: Project,
    key: str,
    *,
    web: Web,
    environ: Mapping[str, str] = os.environ,
    dry: Dry = "",
    shown: Callable[[Call], None] = lambda call: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> Service:
    """The service called `key`, with the publication's settings and its key. Nothing is asked yet.

    Raises NoSuchPlugin, NoCredential, or Mistakes with all that is wrong in [export.<key>].
    """
    publication = project.publication
    exporter = _exporter(plugins.load("exporters", key))
    if exporter is None:
        raise DigestError(f'"{key}" is no mailing service: there is no draft in it to update.')
    settings = settings_in(publication, key, exporter)
    secret, where = _secret(project, key, exporter, settings, environ, dry)
    try:
        return prepared(
            exporter, settings, secret, web=web, key_from=where, dry=dry, shown=shown, sleep=sleep, clock=clock
        )
    except DigestError as error:
        if error.path is None and not isinstance(error, ServiceError):
            error.path = publication.path
            error.line = publication.lines.get(f"export.{key}.url", publication.lines.get(f"export.{key}"))
        raise


def settings_in(publication: Publication, key: str, exporter: type[Service]) -> Any:
    """What [export.<key>] of a digest.toml says. Raises one mistake, or Mistakes with all of them."""
    table, path, lines = publication.exports.get(key, {}), publication.path, publication.lines
    secrets = credentials.check_table(key, table, path, lines)
    mistakes: list[DigestError] = list(secrets)
    settings = settings_of(exporter, key, table, mistakes=mistakes, path=path, lines=lines)
    # That the table knows no "password" has been said in better words.
    told = {each.line for each in secrets if each.line is not None}
    mistakes = [each for each in mistakes if each in secrets or each.line not in told]
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
    return settings


def _secret(
    project: Project, key: str, exporter: type[Service], settings: object, environ: Mapping[str, str], dry: Dry
) -> tuple[str, str]:
    """What the service is opened with, and where it was found."""
    if exporter.shared_secrets:
        shared = []
        for service, name in exporter.shared_secrets:
            if (one := credentials.find(service, name, root=project.root, environ=environ)) is None:
                break
            shared.append(one)
        return ":".join(one.value for one in shared), shared[0].where if shared else ""
    if not exporter.wants_secret(settings):
        return "", ""
    found = credentials.find(key, exporter.secret, root=project.root, environ=environ)
    if found is None and dry != "shown":
        found = credentials.need(key, exporter.secret, root=project.root, environ=environ)
    return (found.value, found.where) if found else (exporter.example, "")


def prepared(
    exporter: type[Service],
    settings: object,
    secret: str,
    *,
    web: Web,
    key_from: str = "",
    dry: Dry = "",
    shown: Callable[[Call], None] = lambda call: None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> Service:
    """A service with settings and a key at hand."""
    # A key may be several secrets in one, and each of them is one.
    parts = [secret, *(part for part in secret.split(":") if len(part) > 3)]
    session = Session(
        web,
        service=exporter.name,
        secrets=parts,
        key_from=key_from,
        dry=dry,
        shown=shown,
        sleep=sleep,
        clock=clock,
    )
    return exporter(settings, secret, session)


def way(
    project: Project, key: str, service: Service, prepared: Ready, *, say: Callable[[str], None] = lambda text: None
) -> Way:
    """The way of an issue into an opened service."""
    path = receipts.path_of(prepared.path)
    lock = project.root / ".digest" / f"export-{prepared.letter.slug}.lock"
    return Way(service, key, prepared.letter, path, lock=lock, say=say)


@contextmanager
def leaving_pages(project: Project, key: str, slug: str, *, dry: Dry = "") -> Iterator[None]:
    """Where a service fetches its mails, and what it is to fetch is not there yet, leave that in build/<slug>-<key>.

    A rehearsal only says so.
    """
    try:
        yield
    except NotPublished as missing:
        if dry:
            missing.standing("An export leaves what has to be there in build, for you to publish.")
            raise
        folder = project.root / "build" / f"{slug}-{key}"
        names = {address: unquote(address.rpartition("/")[2]) for address in missing.pages}
        files.switch(folder, {names[address]: content.encode() for address, content in missing.pages.items()})
        lines = "".join(f"\n  build/{folder.name}/{name}\n    as {address}" for address, name in names.items())
        missing.hint = f"{missing.hint} Publish these, and export again:{lines}".strip()
        raise


def errors(findings: tuple[Finding, ...]) -> int:
    return sum(each.level == "error" for each in findings)


def _exporter(module: ModuleType) -> type[Service] | None:
    found = getattr(module, "Exporter", None)
    return found if isinstance(found, type) and issubclass(found, Service) else None


def is_place(key: str) -> bool:
    """Whether `key` is a folder, the clipboard or the like, and no mailing service. Raises NoSuchPlugin."""
    return callable(getattr(plugins.load("exporters", key), "deliver", None))


def deliver(project: Project, key: str, prepared: Ready, out: Path | None = None) -> Receipt:
    """Leave an issue at a place that is no service; by default in build/<slug>, or build/<slug>-<key>."""
    slug = prepared.letter.slug
    module = plugins.load("exporters", key)
    folder = out or project.root / "build" / (slug if key == "folder" else f"{slug}-{key}")
    issue = project.file(str(prepared.path)).issue
    receipt: Receipt = module.deliver(Parcel(prepared.letter.email, issue), folder)
    return receipt
