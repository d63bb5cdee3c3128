"""The one way into every service: look, write down what is about to be done, do it once, write down what came of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest import files
from digest.errors import DigestError
from digest.exporters.base import Draft, Remote, Service
from digest.exporters.base import fingerprint as _hash
from digest.exporting import drafting
from digest.exporting.done import Did, Done
from digest.exporting.drafting import Letter
from digest.exporting.stops import (
    AlreadySent,
    ChangedThere,
    MarkedSent,
    NothingThere,
    OnItsWay,
    SeveralDrafts,
    differences,
    state_of,
)
from digest.models import Asset
from digest.receipts import Intent, Receipt, Receipts
from digest.services.errors import Collision, ServiceError, UnknownOutcome

#: Seconds after a lost answer in which a service may still do what it was asked; gateways give up before.
_SETTLES = 60

#: States of what readers have, or are about to have.
_OUT = ("sending", "sent")


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
        self._path, self._lock = path, lock
        self._clock, self._sleep, self._say = clock, sleep, say
        self._receipts: Receipts | None = None
        self._notes: list[str] = []

    # --- what can be done

    def export(self, *, force: bool = False) -> Done:
        """A draft in the service that holds this issue: made, updated, or left alone when it does already."""
        with self._alone():
            return self._export(force)

    def test(self, addresses: Sequence[str], *, force: bool = False) -> Done:
        """Export, then mail the draft to these addresses."""
        self._able(self.service.can.test, "send a test")
        with self._alone():
            done = self._export(force)
            remote = self._there(done)
            self.service.session.hide(*addresses)
            self._act("test", lambda: self.service.test(remote, self._draft(), addresses))
            return self._end("tested", f"mailed a test to {len(addresses)}", remote)

    def schedule(self, when: datetime, *, force: bool = False) -> Done:
        """Export, then have it sent at `when`."""
        self._able(self.service.can.schedule, "be told when to send")
        with self._alone():
            remote = self._there(self._export(force))
            after = self._act("schedule", lambda: self.service.schedule(remote, when.astimezone(UTC)))
            return self._end(
                "scheduled", f"scheduled for {when.astimezone(UTC):%Y-%m-%d %H:%M} UTC", after, "scheduled"
            )

    def unschedule(self) -> Done:
        """Make a scheduled campaign a draft again."""
        self._able(self.service.can.unschedule, "take a schedule back")
        with self._alone():
            remote = self._look()
            if remote is None:
                raise NothingThere(self.service.name)
            if remote.state != "scheduled":
                raise DigestError(f"This issue is not scheduled in {self.service.name}: it is {state_of(remote)}.")
            after = self._act("unschedule", lambda: self.service.unschedule(remote))
            return self._end("unscheduled", "made a draft again", after, "draft")

    def send(self, *, force: bool = False) -> Done:
        """Export, then mail it to everybody."""
        self._able(self.service.can.send, "be told to send")
        with self._alone():
            remote = self._there(self._export(force))
            after = self._act("send", lambda: self.service.send(remote))
            return self._end("sent", "sent to everybody", after, "sending")

    def status(self) -> Done:
        """Where it stands, asked now; the receipt follows."""
        with self._alone():
            remote = self._look()
            if remote is not None:
                self._seen(remote)
            return Done("looked", self.receipt, remote, tuple(self._notes))

    def rehearse(self, *, force: bool = False) -> Done:
        """Show the requests that an export would make; nothing is written, here or there."""
        self._receipts, self._notes = Receipts(self._path), []
        receipt = self.receipt
        remote = self.service.read(receipt.id) if receipt.id else None
        if remote is not None:
            remote = replace(remote, id=receipt.id)  # what was only shown has no id
        else:
            found = self._marked()
            remote = found[0] if found else None
        if remote is not None:
            self._stop_unless_draft(remote)
        if remote is None or self.service.session.dry == "shown":
            self._stop_if_out(force)
        draft = self._draft(lambda asset: self.service.upload(asset) and f"https://pictures.invalid/{asset.name}")
        if remote is None or not remote.id:
            remote = self.service.create(draft)
            if not remote.whole:
                self.service.update(remote, draft)
            return Done("created", receipt, None, tuple(self._notes))
        if self.service.session.dry == "read" and self._is_done(remote, draft):
            return Done("unchanged", receipt, remote, tuple(self._notes))
        if self.service.session.dry == "read" and (changes := self._changes(remote, draft)):
            self._notes += [f"Changed there by hand: {each}" for each in changes]
        self.service.update(remote, draft)
        return Done("updated", receipt, remote, tuple(self._notes))

    # --- the export

    def _export(self, force: bool) -> Done:
        try:
            remote = self._look()
        except ServiceError as error:
            error.standing("Nothing was written.")
            raise
        if remote is not None:
            self._stop_unless_draft(remote)
        else:
            self._stop_if_out(force)
        # Pictures are uploaded here: not before it is known that there is something to do.
        draft = self._draft()
        return self._create(draft) if remote is None else self._update(remote, draft, force)

    def _create(self, draft: Draft) -> Done:
        self._intend("create", draft)
        try:
            remote, found = self._created(draft)
        except UnknownOutcome as error:
            error.standing("The draft may be there, or not.")
            raise
        except ServiceError as error:
            # It said no: nothing is under way any more.
            self._put(replace(self.receipt, intent=None))
            error.standing("No draft was made.")
            raise
        self._put(replace(self.receipt, id=remote.id, url=remote.url, archive_url=remote.archive_url, state="draft"))
        if not remote.whole or (found and self._changes(remote, draft, only=draft)):
            return self._written(remote, draft, "created")
        return self._read_back(remote, draft, None, "created")

    def _created(self, draft: Draft) -> tuple[Remote, bool]:
        """The draft, made once: after a lost answer it is looked for, and made again only when proven not there.

        True besides when it was found, so that it is not certain that it holds this very issue.
        """
        try:
            return self.service.create(draft), False
        except UnknownOutcome as error:
            self._say(f"{error.what} Looking whether it is there.")
            try:
                found = self._settled(self._clock())
            except ServiceError:
                raise error from None
            if found is not None:
                return self.service.read(found.id) or found, True
            self._intend("create", draft)
            return self.service.create(draft), False

    def _update(self, remote: Remote, draft: Draft, force: bool) -> Done:
        if self._is_done(remote, draft):
            changes = self._changes(remote, draft)
            self._notes += [f"Changed in {self.service.name} by hand, and left so: {each}" for each in changes]
            self._seen(remote)
            return Done("unchanged", self.receipt, remote, tuple(self._notes))
        if not force and (changes := self._changes(remote, draft)):
            raise ChangedThere(self.service.name, changes, remote.url, known=bool(self.receipt.held))
        adopted = not self.receipt.content
        if adopted and not self._changes(remote, draft, only=draft) and remote.whole:
            # Ours to the letter: only the receipt was missing.
            return self._whole(remote, draft, "adopted")
        self._intend("update", draft)
        return self._written(remote, draft, "adopted" if adopted else "updated")

    def _written(self, remote: Remote, draft: Draft, did: Did) -> Done:
        """The content, written over the draft; once more when it is not known whether it was."""
        before = remote
        try:
            after = self.service.update(remote, draft)
        except UnknownOutcome as error:
            found = self.service.read(remote.id)
            if found is None:
                raise
            if found.whole and not self._changes(found, draft, only=draft):
                return self._read_back(found, draft, before, did)
            self._say(f"{error.what} It was not; trying once more.")
            after = self.service.update(found, draft)
        except Collision as error:
            found = self.service.read(remote.id)
            changes = self._changes(found, draft) if found is not None else []
            raise ChangedThere(self.service.name, changes or [str(error.what)], remote.url) from error
        except ServiceError as error:
            error.standing(f"The draft {remote.id} is there, perhaps not as you want it; nothing was sent.")
            raise
        return self._read_back(after, draft, before, did)

    def _read_back(self, remote: Remote, draft: Draft, before: Remote | None, did: Did) -> Done:
        """What the service made of what it was given: that is what later changes are told from."""
        found = self.service.read(remote.id)
        if found is None:
            raise ServiceError(self.service.name, f"{self.service.name} took the draft, and knows nothing of it now.")
        html = found.parts.get("HTML")
        was = before.parts.get("HTML") if before is not None else None
        if html is not None and was and _hash(html) == _hash(was) != _hash(draft.html):
            raise ServiceError(
                self.service.name,
                f"{self.service.name} took the HTML, and still shows the one from before.",
                hint=f"Delete that draft there and export again. {found.url}".strip(),
            )
        return self._whole(found, draft, did)

    def _whole(self, remote: Remote, draft: Draft, did: Did) -> Done:
        held = {name: _hash(value) for name, value in remote.parts.items()}
        self._put(
            replace(
                self.receipt,
                id=remote.id,
                url=remote.url,
                archive_url=remote.archive_url,
                state=remote.state,
                content=draft.content,
                held=held,
            ).did(did, self._now())
        )
        # The draft is whole and written down; what the service wants besides is good to know, and no more.
        with contextlib.suppress(ServiceError):
            self._notes += [f"{self.service.name} says: {each}" for each in self.service.missing(remote)]
        return Done(did, self.receipt, remote, tuple(self._notes))

    # --- looking

    def _look(self) -> Remote | None:
        """Our campaign in the service, or None when it is proven that there is none."""
        receipt = self.receipt
        if receipt.account and receipt.account != self.service.account:
            raise DigestError(
                f"This issue's draft is in another account of {self.service.name}, {receipt.account}.",
                path=self._path,
                hint=f"Use the key for that one; or take [{self.key}] out of this file, to begin anew.",
            )
        if receipt.id:
            if (remote := self.service.read(receipt.id)) is not None:
                self._tell_what_was_unknown(remote)
                return remote
            self._notes.append(f"The draft {receipt.id} is gone from {self.service.name}.")
            # Readers have what was sent, though it be thrown away there since.
            sent = receipt.state in _OUT or (receipt.intent is not None and receipt.intent.what == "send")
            state, url = ("sent", receipt.archive_url) if sent else ("", "")
            receipt = Receipt(pictures=receipt.pictures, history=receipt.history, state=state, archive_url=url)
            self._put(receipt.did(f"found {self.receipt.id} gone", self._now()))
        intent = receipt.intent
        if intent is not None and intent.what == "create":
            found = self._settled(intent.started)
        else:
            several = self._marked()
            found = several[0] if several else None
        if found is None:
            return None
        self._notes.append(f"Found the draft {found.id} by its name; it is used.")
        # A list may show less of it than it holds.
        return self.service.read(found.id) or found

    def _tell_what_was_unknown(self, remote: Remote) -> None:
        """The end of a test, a schedule or a sending whose answer was lost is what the service says now."""
        intent = self.receipt.intent
        if intent is not None and intent.what not in ("create", "update"):
            last = f"The last {intent.what}" if intent.what != "send" else "The last sending"
            self._notes.append(
                f"{last} ended without an answer; {self.service.name} says now that the issue is {state_of(remote)}."
            )
            self._put(self.receipt.did(f"found it {state_of(remote)} after {intent.what}", self._now()))

    def _marked(self) -> list[Remote]:
        found = list({each.id: each for each in self.service.look_up(self.letter.marker)}.values())
        if len(found) > 1:
            raise SeveralDrafts(self.service.name, found)
        return found

    def _settled(self, started: float) -> Remote | None:
        """What came of a create whose answer was lost; None once enough time has passed for it to be proven nothing."""
        left = min(max(started + _SETTLES - self._clock(), 0), _SETTLES)
        pause = 1.0
        while True:
            if found := self._marked():
                return found[0]
            if left <= 0:
                return None
            if pause == 1.0:
                self._say(f"It is not there yet; looking again for {left:.0f} seconds, in case it comes late.")
            pause = min(pause * 2, left)
            self._sleep(pause)
            left -= pause

    def _stop_unless_draft(self, remote: Remote) -> None:
        if remote.state == "draft":
            return
        if self.service.session.dry == "":
            self._seen(remote)
        if remote.state == "sent":
            raise AlreadySent(self.service.name, self.letter.slug, remote.archive_url, marked=self.letter.sent)
        can = self.service.can.unschedule
        raise OnItsWay(self.service.name, remote, key=self.key, slug=self.letter.slug, can=can)

    def _stop_if_out(self, force: bool) -> None:
        """Where the service has nothing of it any more, or was not asked: what is written down here counts."""
        if self.receipt.state in _OUT:
            raise AlreadySent(self.service.name, self.letter.slug, self.receipt.archive_url, marked=self.letter.sent)
        if self.letter.sent and not force:
            raise MarkedSent(self.service.name, self.letter.slug)

    def _is_done(self, remote: Remote, draft: Draft) -> bool:
        receipt = self.receipt
        pending = receipt.intent is not None and receipt.intent.what in ("create", "update")
        return receipt.content == draft.content and receipt.id == remote.id and remote.whole and not pending

    def _changes(self, remote: Remote, draft: Draft, *, only: Draft | None = None) -> list[str]:
        """What differs from all that we know to be ours, in words; with `only`, from that draft.

        After an export that was cut short the service may hold what was there before, or what was being written.
        """
        receipt = self.receipt
        intent = receipt.intent
        known: list[Mapping[str, str]] = [{name: _hash(value) for name, value in draft.parts.items()}]
        if only is None:
            known += [receipt.held, intent.parts if intent is not None else {}]
        return differences(remote.parts, known, whole=remote.whole)

    # --- what is written down

    @property
    def receipt(self) -> Receipt:
        return self._open_receipts().get(self.key)

    def _open_receipts(self) -> Receipts:
        if self._receipts is None:
            self._receipts = Receipts(self._path)
        return self._receipts

    def _put(self, receipt: Receipt) -> None:
        receipt = replace(receipt, marker=self.letter.marker, account=self.service.account)
        self._open_receipts().put(self.key, receipt)

    def _intend(self, what: str, draft: Draft | None = None) -> None:
        """On the disk before the call is made: whatever happens to us, the next run knows what to look for."""
        parts = {name: _hash(value) for name, value in draft.parts.items()} if draft is not None else {}
        content = draft.content if draft is not None else ""
        self._put(replace(self.receipt, intent=Intent(what, int(self._clock()), content, parts)))

    def _seen(self, remote: Remote) -> None:
        receipt = self.receipt
        seen = replace(receipt, id=remote.id, state=remote.state, url=remote.url or receipt.url)
        self._put(replace(seen, archive_url=remote.archive_url or receipt.archive_url))

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

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
                    url = self.service.upload(asset)
                    self._put(replace(self.receipt, pictures={**self.receipt.pictures, key: url}))
                pictures[asset.name] = url
        return drafting.draft(self.letter, self.service, pictures)

    def _act(self, what: str, call: Callable[[], Remote | None]) -> Remote | None:
        """A call that reaches people, made once. What is not known of it afterwards an editor has to look at."""
        self._intend(what)
        try:
            return call()
        except UnknownOutcome as error:
            where = self.receipt.url
            error.hint = f"Look there before you do anything else; digest does not try it again. {where}".strip()
            raise
        except ServiceError as error:
            self._put(replace(self.receipt, intent=None))
            error.standing("Nothing was sent or scheduled; the draft is there.")
            raise

    def _end(self, did: Did, words: str, remote: Remote | None, state: str = "") -> Done:
        state = remote.state if remote is not None and remote.state != "draft" else state
        receipt = replace(self.receipt, state=state or self.receipt.state)
        if remote is not None and "changes" in receipt.held and (found := self.service.read(remote.id)) is not None:
            receipt = replace(receipt, held={name: _hash(value) for name, value in found.parts.items()})
        self._put(receipt.did(words, self._now()))
        return Done(did, self.receipt, remote, tuple(self._notes))

    def _able(self, can: bool, what: str) -> None:
        """Raise before anything is written, where the last step is one that the service does not know."""
        if not can:
            raise self.service.cannot(what)

    def _there(self, done: Done) -> Remote:
        if done.remote is None:
            raise NothingThere(self.service.name)
        return done.remote

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No other digest exports this issue meanwhile, and what is written down is read afresh."""
        with files.lock(self._lock, wait=1) if self._lock is not None else contextlib.nullcontext():
            self._receipts = None
            self._notes = []
            yield
