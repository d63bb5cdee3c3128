"""What came of an export, for those who tell the editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from digest.exporters.base import Remote
from digest.receipts import Receipt

Did = Literal["created", "updated", "adopted", "unchanged", "tested", "scheduled", "unscheduled", "sent", "looked"]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    did: Did
    receipt: Receipt
    remote: Remote | None = None
    #: What the editor is told besides, in order.
    notes: tuple[str, ...] = ()
