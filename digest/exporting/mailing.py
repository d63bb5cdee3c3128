"""An issue on its way to a list, by a service that keeps no drafts: no reader is mailed twice, whatever happens."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from digest import credentials, files, plugins, receipts
from digest.errors import DigestError, Mistakes
from digest.exporters.base import Draft, Remote, settings_of
from digest.exporters.ses import Exporter as Mailer
from digest.exporters.ses import NoDrafts
from digest.exporting import Ready, drafting, prepared
from digest.exporting.drafting import Letter
from digest.exporting.stops import AlreadySent
from digest.mailing_list import Journal, Tally, mail_out, waiting
from digest.project import Project
from digest.receipts import Intent, Receipt, Receipts
from digest.services.calls import Call, Dry
from digest.services.errors import CannotDo, ServiceError

if TYPE_CHECKING:
    from digest.web import Web

__all__ = ["LostJournal", "Mailing", "NoDrafts", "OtherMail", "Tally", "mailing", "mails", "opened"]


def mails(key: str) -> bool:
    """Whether `key` is a service that only sends. Raises NoSuchPlugin."""
    return not getattr(getattr(plugins.load("exporters", key), "Exporter", None), "keeps_drafts", True)


def opened(
    project: Project,
    key: str,
    *,
    web: Web,
    environ: Mapping[str, str] = os.environ,
    dry: Dry = "",
    shown: Callable[[Call], None] = lambda call: None,
) -> Mailer:
    """The service called `key`, with the publication's settings. Nothing is asked yet. Raises Mistakes."""
    publication = project.publication
    table = publication.exports.get(key, {})
    mistakes: list[DigestError] = credentials.check_table(key, table, publication.path, publication.lines)
    settings = settings_of(Mailer, key, table, mistakes=mistakes, path=publication.path, lines=publication.lines)
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
    # Beside digest.toml and in the keyring too; what is nowhere there the AWS tools look for in their own places.
    names = ("access_key_id", "secret_access_key", "session_token")
    found = [credentials.find("aws", name, root=project.root, environ=environ) for name in names]
    values = [each.value for each in found if each is not None]
    secret = ":".join(values) if found[0] and found[1] and not settings.profile else ""
    made = prepared(Mailer, settings, secret, web=web, dry=dry, shown=shown)
    assert isinstance(made, Mailer)
    return made


def mailing(project: Project, key: str, mailer: Mailer, ready: Ready) -> Mailing:
    """The way of an issue to the list of an opened service."""
    return Mailing(mailer, key, ready.letter, receipts.path_of(ready.path), folder=project.root / ".digest")


class LostJournal(DigestError):
    """Raised when an issue is half mailed and nobody knows to whom. Nothing overrides it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This issue is on its way to the list, and the file that says who has it is not here. Nothing was sent.",
            path=path,
            hint="Go on where it was begun, on the same computer; or bring that file over from there.",
        )


class OtherMail(DigestError):
    """Raised when some of a list have another version of the issue than the rest would get."""

    def __init__(self, path: Path, count: int) -> None:
        super().__init__(
            f"{count} readers have this issue as it was before you changed it. Nothing was sent.",
            path=path,
            hint="Undo the change to go on; or --force sends the rest the issue as it is now.",
        )


class Mailing:
    """One issue, one list."""

    def __init__(
        self,
        mailer: Mailer,
        key: str,
        letter: Letter,
        path: Path,
        *,
        folder: Path,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`path` is where the issue's receipts are; `folder` holds who was mailed, and is no part of what is shared."""
        self.mailer, self.key, self.letter = mailer, key, letter
        self._path, self._clock, self._sleep = path, clock, sleep
        self._journal_path = folder / f"mailed-{letter.slug}.{key}"
        self._lock = folder / f"export-{letter.slug}.lock"

    def test(self, addresses: Sequence[str]) -> None:
        """Mail it to these alone."""
        self.mailer.session.hide(*addresses)
        self.mailer.test(Remote(""), self._draft(), addresses)

    def rehearse(self) -> None:
        """Show the request that one reader of the list costs."""
        self.mailer.mail(self._draft(), "{reader}")

    def plan(self, *, force: bool = False) -> list[str]:
        """Those who would be mailed now. Raises whatever would keep them from it; nothing is written."""
        with files.lock(self._lock, wait=1):
            return self._ready(self._draft(), force)[0]

    def send(self, *, force: bool = False) -> Tally:
        """Mail it to everybody on the list who does not have it."""
        with files.lock(self._lock, wait=1):
            draft = self._draft()
            readers, rate = self._ready(draft, force)
            journal = self._journal()
            # Before the first mail: the journal, then a receipt that says there must be one.
            journal.open()
            started = Intent("send", int(self._clock()), draft.content)
            self._put(replace(self.receipt, state="sending", content=draft.content, intent=started))
            tally = Tally()
            try:
                mail_out(
                    readers,
                    lambda address: self.mailer.mail(draft, address),
                    journal,
                    tally,
                    pause=1 / rate,
                    sleep=self._sleep,
                )
            except ServiceError as error:
                error.standing(f"It stopped on its way: {tally.words}. Run it again to go on with the rest.")
                raise
            when = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            self._put(replace(self.receipt, state="sent").did(f"mailed to the list: {tally.words}", when))
            return tally

    @property
    def receipt(self) -> Receipt:
        return Receipts(self._path).get(self.key)

    def _ready(self, draft: Draft, force: bool) -> tuple[list[str], float]:
        """The list, and mails a second. Raises unless all of those who wait can be mailed."""
        name, receipt, journal = self.mailer.name, self.receipt, self._journal()
        if receipt.state == "sent":
            raise AlreadySent(name, self.letter.slug, receipt.archive_url)
        if receipt.account and receipt.account != self.mailer.account:
            what = f"This issue went to another list of {name}, {receipt.account}."
            raise DigestError(what, path=self._path, hint=f"Finish that one, or take [{self.key}] out of this file.")
        if receipt.state == "sending" and not journal.exists:
            raise LostJournal(self._path)
        if not self.mailer.settings.list:
            raise CannotDo(name, f"{name} has no list to mail to.", hint="Write list into [export.ses].")
        standing = self.mailer.standing()
        if standing.sandbox:
            what = f"This account of {name} is in the sandbox, and mails nobody but verified addresses."
            raise CannotDo(name, what, hint="Ask AWS for production access, on the account dashboard of SES.")
        if standing.stopped:
            raise CannotDo(
                name, f"{name} has stopped this account ({standing.stopped}).", hint="Its dashboard says why."
            )
        readers = list(self.mailer.readers())
        wait = waiting(readers, journal)
        had = len(dict.fromkeys(readers)) - len(wait)
        if not readers:
            raise CannotDo(name, f'Nobody on the list "{self.mailer.settings.list}" wants this mail.')
        if receipt.state == "sending" and had and receipt.content != draft.content and not force:
            raise OtherMail(self._path, had)
        if standing.left is not None and len(wait) > standing.left:
            what = f"{len(wait)} readers wait, and {name} lets this account mail {standing.left} more within 24 hours."
            raise CannotDo(name, what, hint="Wait, or ask AWS for a higher quota. Nothing was sent.")
        return readers, standing.rate

    def _draft(self) -> Draft:
        return drafting.draft(self.letter, self.mailer, {})

    def _journal(self) -> Journal:
        return Journal(self._journal_path, issue=f"{self.letter.marker} {self.mailer.account}")

    def _put(self, receipt: Receipt) -> None:
        receipt = replace(receipt, marker=self.letter.marker, account=self.mailer.account)
        Receipts(self._path).put(self.key, receipt)
