"""The one way into every service: look, write down what is about to be done, do it once, write down what came of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest import files
from digest.errors import DigestError
from digest.exporters.base import Draft, Remote, Service
from digest.exporters.base import fingerprint as _hash
from digest.exporting import drafting
from digest.exporting.as_it_reads import AS_WRITTEN, prints
from digest.exporting.done import Did, Done
from digest.exporting.drafting import Letter
from digest.exporting.ledger import Ledger
from digest.exporting.search import Search
from digest.exporting.stops import (
    AlreadySent,
    ChangedThere,
    LeftBehind,
    MarkedSent,
    NothingThere,
    OnItsWay,
    SentBefore,
    differences,
    state_of,
)
from digest.models import Asset
from digest.receipts import Receipt
from digest.services.errors import Collision, ServiceError, UnknownOutcome

#: What a service may be asked for besides a draft, behind "it cannot".
_STEPS = {
    "test": "send a test",
    "schedule": "be told when to send",
    "unschedule": "take a schedule back",
    "send": "be told to send",
}


class Way:
    """One issue on its way into one service."""

    def __init__(
        self,
        service: Service,
        key: str,
        letter: Letter,
        path: Path,
        *,
        lock: Path | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`key` is the service's name in digest.toml; `path` is where the issue's receipts are."""
        self.service, self.key, self.letter = service, key, letter
        self._ledger = Ledger(path, key, marker=letter.marker, account=service.account, clock=clock)
        self._search = Search(service, key, self._ledger, clock=clock, sleep=sleep, say=say)
        self._asked = self._search.asked
        self._lock, self._clock, self._say = lock, clock, say

    @property
    def receipt(self) -> Receipt:
        return self._ledger.receipt

    # --- what can be done

    def able(self, what: str) -> None:
        """Raise before anything is asked or written, where that is a step that the service does not know."""
        if not getattr(self.service.can, what):
            raise self.service.cannot(_STEPS[what])

    def export(self, *, force: bool = False) -> Done:
        """A draft in the service that holds this issue: made, updated, or left alone when it does already."""
        with self._alone():
            return self._export(force)

    def test(self, addresses: Sequence[str], *, force: bool = False) -> Done:
        """Export, then mail the draft to these addresses."""
        self.able("test")
        with self._alone():
            remote = self._there(self._export(force))
            self.service.session.hide(*addresses)
            draft = self._draft()
            self._act("test", remote, lambda: self.service.test(remote, draft, addresses))
            found = self._asked.read(remote.id) if "changes" in self.receipt.held else None
            self._ledger.did(f"mailed a test to {len(addresses)}", **self._ledger.changed(found))
            return self._done("tested", remote)

    def schedule(self, when: datetime, *, force: bool = False) -> Done:
        """Export, then have it sent at `when`."""
        self.able("schedule")
        with self._alone():
            remote, when = self._there(self._export(force, goes_out=True)), when.astimezone(UTC)
            after = self._act("schedule", remote, lambda: self.service.schedule(remote, when))
            return self._end("scheduled", f"scheduled for {when:%Y-%m-%d %H:%M} UTC", after or remote, "scheduled")

    def unschedule(self) -> Done:
        """Make a scheduled campaign a draft again."""
        self.able("unschedule")
        with self._alone():
            remote = self._search.draft()
            if remote is None:
                raise NothingThere(self.service.name)
            if remote.state != "scheduled":
                self._ledger.seen(remote)
                raise DigestError(f"This issue is not scheduled in {self.service.name}: it is {state_of(remote)}.")
            after = self._act("unschedule", remote, lambda: self.service.unschedule(remote))
            return self._end("unscheduled", "made a draft again", after or remote, "draft")

    def send(self, *, force: bool = False) -> Done:
        """Export, then mail it to everybody."""
        self.able("send")
        with self._alone():
            remote = self._there(self._export(force, goes_out=True))
            after = self._act("send", remote, lambda: self.service.send(remote))
            return self._end("sent", "sent to everybody", after or remote, "sending")

    def status(self) -> Done:
        """Where it stands, asked now; the receipt follows."""
        with self._alone():
            remote = self._search.draft()
            if remote is not None:
                self._ledger.seen(remote)
            return self._done("looked", remote)

    def rehearse(self, *, force: bool = False) -> Done:
        """Show the requests that an export would make; nothing is written, here or there."""
        self._open_afresh()
        receipt = self.receipt
        self._search.stop_unless_ours(receipt)
        remote = self._asked.read(receipt.id) if receipt.id else None
        if remote is not None:
            remote = replace(remote, id=receipt.id)  # what was only shown has no id
        else:
            found = self._search.marked()
            remote = found[0] if found else None
        if remote is not None:
            self._stop_unless_draft(remote, force)
        if remote is None or self.service.session.dry == "shown":
            self._stop_unless_new(force)
        draft = self._draft(lambda asset: self.service.upload(asset) and f"https://pictures.invalid/{asset.name}")
        if remote is None or not remote.id:
            remote = self.service.create(draft)
            if not remote.whole:
                self.service.update(remote, draft)
            return self._done("created", None)
        if self.service.session.dry == "read":
            changes = self._changes(remote, draft)
            self._search.notes += [f"Changed in {self.service.name} by hand: {each}" for each in changes]
            if self._is_done(remote, draft) and not (changes and force):
                return self._done("unchanged", remote)
        self.service.update(remote, draft)
        return self._done("updated", remote)

    # --- the export

    def _export(self, force: bool, *, goes_out: bool = False) -> Done:
        """`goes_out` when readers get it next: then it has to be this issue, and not what somebody made of it there."""
        try:
            remote = self._search.draft()
        except ServiceError as error:
            error.standing("Nothing was written.")
            raise
        if remote is not None:
            self._stop_unless_draft(remote, force)
            if self._ledger.out:  # by force
                self._ledger.put(replace(self.receipt, state="draft"))
        else:
            self._stop_unless_new(force)
        # Pictures are uploaded here: not before it is known that there is something to do.
        draft = self._draft()
        return self._create(draft) if remote is None else self._update(remote, draft, force, goes_out)

    def _create(self, draft: Draft) -> Done:
        self._ledger.intend("create", draft)
        try:
            remote, found = self._created(draft)
        except UnknownOutcome as error:
            error.standing("The draft may be there, or not.")
            raise
        except ServiceError as error:
            # It said no: nothing is under way any more.
            self._ledger.nothing_under_way()
            error.standing("No draft was made.")
            raise
        url, archive_url = remote.url, remote.archive_url
        self._ledger.put(replace(self.receipt, id=remote.id, url=url, archive_url=archive_url, state="draft"))
        if not remote.whole or (found and self._changes(remote, draft, only=True)):
            return self._written(remote, draft, "created")
        return self._read_back(remote, draft, None, "created")

    def _created(self, draft: Draft) -> tuple[Remote, bool]:
        """The draft, made once: after a lost answer it is looked for, and made again only when proven not there.

        True besides when it was found, so that it is not certain that it holds this very issue.
        """
        try:
            return self._asked.create(draft), False
        except UnknownOutcome as error:
            self._say(f"{error.what} Looking whether it is there.")
            try:
                found = self._search.settled(self._clock())
                if found is not None:
                    return self._asked.read(found.id) or found, True
            except ServiceError:
                raise error from None
            self._ledger.intend("create", draft)
            return self._asked.create(draft), False

    def _update(self, remote: Remote, draft: Draft, force: bool, goes_out: bool) -> Done:
        changes = self._changes(remote, draft)
        if self._is_done(remote, draft) and not (changes and (force or goes_out)):
            self._search.notes += [f"Changed in {self.service.name} by hand, and left so: {each}" for each in changes]
            self._ledger.seen(remote)
            return self._done("unchanged", remote)
        if changes and not force:
            known, cut_short = bool(self.receipt.held), self._ledger.cut_short()
            raise ChangedThere(self.service.name, changes, remote.url, known=known, cut_short=cut_short)
        adopted = not self.receipt.content
        if adopted and not self._changes(remote, draft, only=True) and remote.whole:
            # Ours to the letter: only the receipt was missing.
            return self._whole(remote, draft, "adopted")
        known = not self._ledger.cut_short()
        self._ledger.intend("update", draft)
        return self._written(remote, draft, "adopted" if adopted else "updated", known=known)

    def _written(self, remote: Remote, draft: Draft, did: Did, *, known: bool = True) -> Done:
        """The content, written over the draft; `known` when what it holds is not this content already."""
        before = self.service.session.changed
        try:
            after = self._written_over(remote, draft)
        except Collision as error:
            found = self._asked.read(remote.id)
            if found is None or not self._holds(found, draft):
                changes = self._changes(found, draft) if found is not None else []
                raise ChangedThere(self.service.name, changes or [str(error.what)], remote.url) from error
            after = found
        except UnknownOutcome:
            raise
        except ServiceError as error:
            untouched = did != "created" and self.service.session.changed == before
            how = "as it was" if untouched else "perhaps not as you want it"
            error.standing(f"The draft {remote.id} is there, {how}; nothing was sent.")
            raise
        return self._read_back(after, draft, remote if known else None, did)

    def _written_over(self, remote: Remote, draft: Draft) -> Remote:
        """Once more when it is not known whether it was."""
        try:
            return self._asked.update(remote, draft)
        except UnknownOutcome as error:
            try:
                found = self._asked.read(remote.id)
            except ServiceError:
                raise error from None
            if found is None:
                raise
            self._stop_unless_draft(found)
            if self._holds(found, draft):
                return found
            self._say(f"{error.what} It was not; trying once more.")
            return self._asked.update(found, draft)

    def _read_back(self, remote: Remote, draft: Draft, before: Remote | None, did: Did) -> Done:
        """What the service made of what it was given: that is what later changes are told from."""
        try:
            found = self._asked.read(remote.id)
        except ServiceError as error:
            error.standing(f"The draft {remote.id} was written; nothing was sent. The next export looks at it again.")
            raise
        if found is None:
            raise ServiceError(self.service.name, f"{self.service.name} took the draft, and knows nothing of it now.")
        html = found.parts.get("HTML")
        was = before.parts.get("HTML") if before is not None else None
        if html and was and _hash(html) == _hash(was) and not self._wrote_before(found, draft):
            raise ServiceError(
                self.service.name,
                f"{self.service.name} took the HTML, and still shows the one from before.",
                hint=f"Delete that draft there and export again. {found.url}".strip(),
            )
        return self._whole(found, draft, did)

    def _wrote_before(self, remote: Remote, draft: Draft) -> bool:
        """The HTML was this one already, as far as anybody knows."""
        written = self.receipt.held.get(AS_WRITTEN, "")
        html = {"HTML": remote.parts["HTML"]}
        return written in ("", _hash(draft.html)) or not differences(html, [prints(draft.parts)], whole=True)

    def _whole(self, remote: Remote, draft: Draft, did: Did) -> Done:
        facts = {"id": remote.id, "url": remote.url, "archive_url": remote.archive_url, "state": remote.state}
        held = {**prints(remote.parts), AS_WRITTEN: _hash(draft.html)}
        self._ledger.did(did, **facts, content=draft.content, held=held)
        # The draft is whole and written down; what the service wants besides is good to know, and no more.
        with contextlib.suppress(ServiceError):
            self._search.notes += [f"{self.service.name} says: {each}" for each in self._asked.missing(remote)]
        return self._done(did, remote)

    # --- what stops it

    def _stop_unless_draft(self, remote: Remote, force: bool = False) -> None:
        if remote.state == "draft":
            if self._ledger.out and not force:
                raise SentBefore(self.service.name, remote.url)
            return
        if self.service.session.dry == "":
            self._ledger.seen(remote)
        if remote.state == "sent":
            raise AlreadySent(self.service.name, self.letter.slug, remote.archive_url, marked=self.letter.sent)
        can = self.service.can.unschedule
        raise OnItsWay(self.service.name, remote, key=self.key, slug=self.letter.slug, can=can)

    def _stop_unless_new(self, force: bool) -> None:
        """Where the service has nothing of it, or was not asked: what is written down here counts."""
        if self._ledger.out:
            raise AlreadySent(self.service.name, self.letter.slug, self.receipt.archive_url, marked=self.letter.sent)
        if force:
            return
        if self.letter.sent:
            raise MarkedSent(self.service.name, self.letter.slug)
        if not self.receipt.id and (left := self._ledger.left_behind()) is not None:
            raise LeftBehind(self.service.name, left, self._ledger.path)

    def _is_done(self, remote: Remote, draft: Draft) -> bool:
        receipt = self.receipt
        same = receipt.content == draft.content and receipt.id == remote.id
        return same and remote.whole and not self._ledger.cut_short()

    def _holds(self, remote: Remote, draft: Draft) -> bool:
        return remote.whole and not self._changes(remote, draft, only=True)

    def _changes(self, remote: Remote, draft: Draft, *, only: bool = False) -> list[str]:
        """What differs from all that we know to be ours, in words; with `only`, from the draft alone.

        After an export that was cut short the service may hold what was there before, or what was being written.
        """
        known = [prints(draft.parts), *([] if only else self._ledger.known())]
        return differences(remote.parts, known, whole=remote.whole)

    # --- the draft, and what is done with it

    def _draft(self, upload: Callable[[Asset], str] | None = None) -> Draft:
        pictures: dict[str, str] = {}
        if self.service.can.pictures:
            found = drafting.waiting(self.letter.email)
            for number, asset in enumerate(found, 1):
                key = drafting.fingerprint(asset)
                url = self.receipt.pictures.get(key, "")
                if not url and upload is not None:
                    url = upload(asset)
                elif not url:
                    self._say(f"Picture {number} of {len(found)}: {asset.name}")
                    url = self._asked.upload(asset)
                    self._ledger.put(replace(self.receipt, pictures={**self.receipt.pictures, key: url}))
                pictures[asset.name] = url
        return drafting.draft(self.letter, self.service, pictures)

    def _act(self, what: str, remote: Remote, call: Callable[[], Remote | None]) -> Remote | None:
        """A call that reaches people, made once. What is not known of it afterwards an editor has to look at."""
        self._ledger.intend(what)
        before = self.service.session.changed
        try:
            return self._asked.act(call)
        except UnknownOutcome as error:
            where = remote.url or self.receipt.url
            error.hint = f"Look there before you do anything else; digest does not try it again. {where}".strip()
            raise
        except ServiceError as error:
            if self.service.session.changed != before:
                self._half_done(what, remote, error)
                raise
            self._ledger.nothing_under_way()
            still = f"Nothing was changed: it is {state_of(remote)} still."
            error.standing(still if what == "unschedule" else "Nothing was sent or scheduled; the draft is there.")
            raise

    def _half_done(self, what: str, remote: Remote, error: ServiceError) -> None:
        """Some of it was done before the service said no, or it was done and the answer was none."""
        found = None
        with contextlib.suppress(ServiceError):
            found = self._asked.read(remote.id)
        if found is None or what == "send":
            pass  # the next run tells what came of it
        elif what != "test":
            self._ledger.seen(found)
            self._ledger.nothing_under_way()
        else:
            self._ledger.nothing_under_way()
            error.standing("A part of the test was mailed before that.")
            return
        now = f"; now it says that the issue is {state_of(found)}" if found is not None else ""
        error.standing(f"{self.service.name} had taken on what it was asked{now}. Look there before you do more.")

    def _end(self, did: Did, words: str, remote: Remote, wanted: str) -> Done:
        """The truth about a schedule or a sending is what the service says when it is asked once more."""
        found = None
        with contextlib.suppress(ServiceError):
            found = self._asked.read(remote.id)
        state = wanted
        if found is not None and (found.state == "draft") != (wanted == "draft"):
            now = f"{self.service.name} took it, and says for now that the issue is {state_of(found)}."
            self._search.notes.append(f"{now} Look again with --status.")
        if found is not None and (found.state != "draft" or wanted == "scheduled"):
            state = found.state
        self._ledger.did(words, state=state, **self._ledger.changed(found))
        return self._done(did, found or remote)

    def _done(self, did: Did, remote: Remote | None) -> Done:
        return Done(did, self.receipt, remote, tuple(self._search.notes))

    def _there(self, done: Done) -> Remote:
        if done.remote is None:
            raise NothingThere(self.service.name)
        return done.remote

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No other digest exports this issue meanwhile, and what is written down is read afresh."""
        with files.lock(self._lock, wait=1) if self._lock is not None else contextlib.nullcontext():
            self._open_afresh()
            yield

    def _open_afresh(self) -> None:
        self._ledger.open_afresh()
        self._search.notes.clear()
