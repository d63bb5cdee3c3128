"""Where the draft of an issue is in a service, and when that it is nowhere is proven."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from digest.errors import DigestError
from digest.exporters.base import Remote, Service
from digest.exporting.asking import Asked
from digest.exporting.ledger import Ledger
from digest.exporting.stops import CopiedReceipts, SeveralDrafts, state_of
from digest.receipts import Receipt

#: Seconds after a lost answer in which a service may still do what it was asked; gateways give up before.
_SETTLES = 60

#: States that a campaign is in while what was asked for has not come about.
_BEFORE = {"schedule": "draft", "unschedule": "scheduled", "send": "draft"}


class Search:
    """One issue, looked for in one service."""

    def __init__(
        self,
        service: Service,
        key: str,
        ledger: Ledger,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.asked = Asked(service)
        #: What the editor is told of it.
        self.notes: list[str] = []
        self._service, self._key, self._ledger = service, key, ledger
        self._clock, self._sleep, self._say = clock, sleep, say

    def draft(self) -> Remote | None:
        """Our campaign in the service, or None when it is proven that there is none."""
        receipt = self._ledger.receipt
        self.stop_unless_ours(receipt)
        if receipt.id:
            remote = self.asked.read(receipt.id)
            return self._gone(receipt) if remote is None else self._cleared_up(remote)
        if receipt.intent is not None and receipt.intent.what == "create":
            return self._found(self.settled(receipt.intent.started))
        return self._found(next(iter(self.marked()), None))

    def _gone(self, receipt: Receipt) -> Remote | None:
        # Before the id is forgotten: who asks at a wrong address is told that nothing is there.
        intent = receipt.intent
        if self._service.can.replaces and intent is not None and intent.what == "update":
            found = self.settled(intent.started)  # what was to take its place may come late
        else:
            found = next(iter(self.marked()), None)
        self.notes.append(f"The draft {receipt.id} is gone from {self._service.name}.")
        # Readers have what was sent, though it be thrown away there since.
        sent = self._ledger.out or (receipt.intent is not None and receipt.intent.what == "send")
        state, url = ("sent", receipt.archive_url) if sent else ("", "")
        self._ledger.put(Receipt(pictures=receipt.pictures, history=receipt.history, state=state, archive_url=url))
        self._ledger.did(f"found {receipt.id} gone")
        return self._found(found)

    def _found(self, found: Remote | None) -> Remote | None:
        if found is None:
            return None
        self.notes.append(f"Found the draft {found.id} by its name; it is used.")
        # A list may show less of it than it holds.
        return self.asked.read(found.id) or found

    def _cleared_up(self, remote: Remote) -> Remote:
        """The end of a test, a schedule or a sending whose answer was lost is what the service says now."""
        intent = self._ledger.receipt.intent
        if intent is None or intent.what in ("create", "update"):
            return remote
        if remote.state == _BEFORE.get(intent.what):
            for _ in self._looks(intent.started, f"It is {state_of(remote)} still"):
                remote = self.asked.read(remote.id) or remote
                if remote.state != _BEFORE[intent.what]:
                    break
        last = f"The last {intent.what}" if intent.what != "send" else "The last sending"
        now = state_of(remote)
        self.notes.append(f"{last} ended without an answer; {self._service.name} says now that the issue is {now}.")
        self._ledger.did(f"found it {now} after {intent.what}")
        return remote

    def marked(self) -> list[Remote]:
        found = {each.id: each for marker in self._ledger.markers for each in self.asked.look_up(marker)}
        if len(found) > 1:
            raise SeveralDrafts(self._service.name, [*found.values()])
        return [*found.values()]

    def settled(self, started: float) -> Remote | None:
        """What came of a create whose answer was lost; None once enough time has passed for it to be proven nothing."""
        if found := self.marked():
            return found[0]
        for _ in self._looks(started, "It is not there yet"):
            if found := self.marked():
                return found[0]
        return None

    def _looks(self, started: float, so_far: str) -> Iterator[None]:
        """Moments at which to look again, until what was asked for then would have been done, or never is."""
        left = min(max(started + _SETTLES - self._clock(), 0), _SETTLES)
        if left > 0:
            self._say(f"{so_far}; looking again for {left:.0f} seconds, in case it comes late.")
        pause = 1.0
        while left > 0:
            pause = min(pause * 2, left)
            self._sleep(pause)
            left -= pause
            yield

    def stop_unless_ours(self, receipt: Receipt) -> None:
        """Before anything is asked: the receipt has to be of this issue, and of this account."""
        if receipt.account and receipt.account != self._service.account:
            raise DigestError(
                f"This issue's draft is in another account of {self._service.name}, {receipt.account}.",
                path=self._ledger.path,
                hint=f"Use the key for that one; or take [{self._key}] out of this file, to begin anew.",
            )
        if (origin := self._ledger.copied_from()) is not None:
            raise CopiedReceipts(self._service.name, self._ledger.path, origin)
