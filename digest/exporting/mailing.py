"""An issue on its way to a list, by a service that keeps no drafts: no reader is mailed twice, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest import files, receipts
from digest.errors import DigestError
from digest.exporters.base import Draft, Mailer, NoDrafts, Remote
from digest.exporting import Ready, drafting
from digest.exporting.drafting import Letter
from digest.exporting.stops import AlreadySent
from digest.mailing import personal
from digest.mailing.delivery import Reader, Tally, Waiting, mail_out, once, waiting
from digest.mailing.journal import Journal
from digest.project import Project
from digest.receipts import Intent, Receipt, Receipts
from digest.services.errors import CannotDo, ServiceError

__all__ = ["LostJournal", "Mailing", "NoDrafts", "OtherMail", "Tally", "Waiting", "mailing"]


def mailing(project: Project, key: str, mailer: Mailer, ready: Ready) -> Mailing:
    """The way of an issue to the list of an opened service."""
    return Mailing(mailer, key, ready.letter, receipts.path_of(ready.path), root=project.root)


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
            f"{'1 reader has' if count == 1 else f'{count} readers have'} this issue as it was before you changed it. "
            "Nothing was sent.",
            path=path,
            hint="Undo the change to go on; or --force sends the rest the issue as it is now.",
        )


class Mailing:
    """One issue, one list."""

    #: What became of it so far, while and after it is sent.
    tally: Tally

    def __init__(
        self,
        mailer: Mailer,
        key: str,
        letter: Letter,
        path: Path,
        *,
        root: Path,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`path` is where the issue's receipts are, `root` where digest.toml is. Who was mailed stands in .digest,
        which is no part of what is shared."""
        self.mailer, self.key, self.letter, self.tally = mailer, key, letter, Tally()
        self._path, self._root, self._clock, self._sleep = path, root, clock, sleep
        folder = root / ".digest"
        self._journal_path = folder / f"mailed-{letter.slug}.{key}"
        self._lock = folder / f"export-{letter.slug}.lock"

    def test(self, addresses: Sequence[str]) -> None:
        """Mail it to these alone."""
        self.mailer.session.hide(*addresses)
        try:
            self.mailer.test(Remote(""), self._draft(), addresses)
        finally:
            self.mailer.close()

    def rehearse(self) -> None:
        """Show the request that one reader of the list costs."""
        self.mailer.mail(self._draft(), Reader("{reader}"))

    def plan(self, *, force: bool = False) -> Waiting:
        """Those who would be mailed now. Raises whatever would keep them from it; nothing is written."""
        try:
            with files.lock(self._lock, wait=1):
                readers, rate = self._ready(self._draft(), force)
                return Waiting(tuple(waiting(readers, self._journal())), rate)
        finally:
            self.mailer.close()

    def send(self, *, force: bool = False, progress: Callable[[int, int], None] = lambda done, of: None) -> Tally:
        """Mail it to everybody on the list who does not have it."""
        self.tally = tally = Tally()
        with files.lock(self._lock, wait=1):
            draft = self._draft()
            readers, rate = self._ready(draft, force)
            journal = self._journal()
            # Before the first mail: the journal, then a receipt that says there must be one.
            journal.open()
            seen = self._seen(draft)
            started = Intent("send", int(self._clock()), seen)
            self._put(replace(self.receipt, state="sending", content=seen, intent=started))
            try:
                mail_out(
                    readers,
                    lambda reader, begin: self.mailer.mail_to(draft, reader, begin),
                    journal,
                    tally,
                    pause=1 / rate,
                    sleep=self._sleep,
                    progress=progress,
                )
            except ServiceError as error:
                error.standing(f"It stopped on its way: {tally.words}. Run it again to go on with the rest.")
                raise
            finally:
                self.mailer.close()
            when = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            self._put(replace(self.receipt, state="sent").did(f"mailed to the list: {tally.words}", when))
            return tally

    @property
    def standing(self) -> str:
        """Where it stands, in words."""
        state, journal = self.receipt.state or "not sent", self._journal()
        count = journal.count("sent")
        have = [f"{count} {'has' if count == 1 else 'have'} it"] if state == "sending" else []
        return "; ".join([state, *have, *([f"of {self.unsure} nobody knows"] if self.unsure else [])])

    @property
    def unsure(self) -> int:
        """Of how many readers nobody knows whether they have it."""
        return self._journal().count("unsure") if self.receipt.state else 0

    def in_doubt(self) -> list[str]:
        """The addresses of those, as far as the list names them; the service may be asked for it."""
        if not self.unsure:
            return []
        journal = self._journal()
        try:
            readers = once(self.mailer.readers(self._root))
        finally:
            self.mailer.close()
        return [each.address for each in readers if journal.outcome(each.address) == "unsure"]

    @property
    def receipt(self) -> Receipt:
        return Receipts(self._path).get(self.key)

    def _ready(self, draft: Draft, force: bool) -> tuple[list[Reader], float]:
        """The list, and mails a second. Raises unless all of those who wait can be mailed."""
        name, receipt, journal = self.mailer.name, self.receipt, self._journal()
        if receipt.state == "sent":
            raise AlreadySent(name, self.letter.slug, receipt.archive_url)
        if receipt.account and receipt.account != self.mailer.account:
            what = f"This issue went to another list of {name}, {receipt.account}."
            raise DigestError(what, path=self._path, hint=f"Finish that one, or take [{self.key}] out of this file.")
        if receipt.state == "sending" and not journal.exists:
            raise LostJournal(self._path)
        if not self.mailer.list_name:
            raise CannotDo(name, f"{name} has no list to mail to.", hint=f"Name one in [export.{self.key}].")
        readers = list(self.mailer.readers(self._root))
        if not readers:
            raise CannotDo(name, f'Nobody on the list "{self.mailer.list_name}" wants this mail.')
        self.mailer.look_over(draft, readers)
        pace = self.mailer.pace()
        wait = waiting(readers, journal)
        if receipt.state == "sending" and not force and not self._same(receipt, draft):
            had = sum(journal.outcome(each.address) == "sent" for each in readers)
            if had:
                raise OtherMail(self._path, had)
        if pace.left is not None and len(wait) > pace.left:
            many = "1 reader waits" if len(wait) == 1 else f"{len(wait)} readers wait"
            what = f"{many}, and {name} lets this account mail {pace.left} more today."
            raise CannotDo(name, what, hint="Wait, or ask for a higher quota. Nothing was sent.")
        return readers, pace.rate

    def _draft(self) -> Draft:
        return drafting.draft(self.letter, self.mailer, {})

    def _seen(self, draft: Draft) -> str:
        return personal.seen(draft, getattr(self.mailer.settings, "extra", {}))

    def _same(self, receipt: Receipt, draft: Draft) -> bool:
        """Whether those who have it have this mail."""
        if receipt.content == self._seen(draft):
            return True
        # Of a list that an older digest began: the settings counted too, but for SMTP's, and SES had a tag for the
        # reader's address.
        as_ses = personal.addressed(draft, Reader("{{email}}"), in_html=self.mailer.html, in_text=self.mailer.text)
        return receipt.content in (draft.content, replace(draft, settings="Settings()").content, as_ses.content)

    def _journal(self) -> Journal:
        return Journal(self._journal_path, issue=f"{self._marker} {self.mailer.account}")

    @property
    def _marker(self) -> str:
        # That of the first mail: who gives the publication another name in the middle of a list mails nobody twice.
        return self.receipt.marker or self.letter.marker

    def _put(self, receipt: Receipt) -> None:
        receipt = replace(receipt, marker=self._marker, account=self.mailer.account)
        Receipts(self._path).put(self.key, receipt)
