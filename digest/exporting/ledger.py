"""What is written down of an issue in one service, before and after every call to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from digest import receipts
from digest.exporters.base import Draft, Remote
from digest.exporting.as_it_reads import prints
from digest.receipts import Intent, Receipt, Receipts

#: States of what readers have, or are about to have.
OUT = ("sending", "sent")


class Ledger:
    """One issue's receipt of one service, read afresh by each command."""

    def __init__(self, path: Path, key: str, *, marker: str, account: str, clock: Callable[[], float]) -> None:
        """`key` is the service's name in digest.toml."""
        self.path, self._key = path, key
        self._marker, self._account, self._clock = marker, account, clock
        self._receipts: Receipts | None = None

    def open_afresh(self) -> None:
        self._receipts = None

    @property
    def receipt(self) -> Receipt:
        return self._opened().get(self._key)

    @property
    def out(self) -> bool:
        """The service has said that readers have it, or are about to."""
        return self.receipt.state in OUT

    @property
    def markers(self) -> tuple[str, ...]:
        """Words by which the draft may be found: the issue, or its newsletter, had another name before."""
        return tuple(dict.fromkeys(each for each in (self._marker, self.receipt.marker) if each))

    def put(self, receipt: Receipt) -> None:
        self._opened().put(self._key, replace(receipt, marker=self._marker, account=self._account))

    def intend(self, what: str, draft: Draft | None = None) -> None:
        """On the disk before the call is made: whatever happens to us, the next run knows what to look for."""
        parts = prints(draft.parts) if draft is not None else {}
        content = draft.content if draft is not None else ""
        self.put(replace(self.receipt, intent=Intent(what, int(self._clock()), content, parts)))

    def nothing_under_way(self) -> None:
        self.put(replace(self.receipt, intent=None))

    def seen(self, remote: Remote) -> None:
        """Where it stands as the service says it; that it was sent once is not forgotten."""
        receipt = self.receipt
        state = receipt.state if self.out and remote.state not in OUT else remote.state
        url, archive_url = remote.url or receipt.url, remote.archive_url or receipt.archive_url
        self.put(replace(receipt, id=remote.id, state=state, url=url, archive_url=archive_url))

    def did(self, what: str, **changes: object) -> None:
        """One thing more is done, and nothing is under way."""
        when = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.put(replace(self.receipt, **changes).did(what, when))  # type: ignore[arg-type]

    def known(self) -> list[Mapping[str, str]]:
        """Hashes of what the service may hold as ours: what it made of the last write, and what was being written."""
        receipt = self.receipt
        return [receipt.held, receipt.intent.parts if receipt.intent is not None else {}]

    def changed(self, remote: Remote | None) -> dict[str, object]:
        """What a test or a schedule changed of what a service is known by that shows no more than its last change."""
        receipt = self.receipt
        if remote is None or "changes" not in receipt.held:
            return {}
        return {"held": {**receipt.held, **prints(remote.parts)}}

    def cut_short(self) -> bool:
        """The last write ended without an answer, and what the service made of it nobody has read."""
        intent = self.receipt.intent
        return intent is not None and intent.what in ("create", "update")

    # --- the receipts of other issues

    def copied_from(self) -> Path | None:
        """The file that these receipts were copied from, together with the issue; None for the issue's own."""
        receipt = self.receipt
        if not receipt.id or receipt.marker in ("", self._marker):
            return None
        return next((path for path, other in self._others() if other.id == receipt.id), None)

    def left_behind(self) -> Path | None:
        """Receipts of a draft in this account whose issue is gone: perhaps it is this one, by another name."""
        for path, other in self._others():
            stem = path.name.removesuffix(receipts.ENDING)
            files = (each.name for each in path.parent.iterdir())
            alone = not any(each.startswith(f"{stem}.") and each != path.name for each in files)
            if alone and other.id and other.state not in OUT:
                return path
        return None

    def _others(self) -> Iterator[tuple[Path, Receipt]]:
        for path, found in receipts.others(self.path):
            receipt = found.get(self._key)
            if receipt.account == self._account:
                yield path, receipt

    def _opened(self) -> Receipts:
        if self._receipts is None:
            self._receipts = Receipts(self.path)
        return self._receipts
