"""What every fake service is; it ships with digest, so that other packages can prove their services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from digest.testing.fake import FAULTS, FakeService, Refusal, Seen, State, route

__all__ = ["FAULTS", "FakeService", "Numbered", "Refusal", "Seen", "State", "WithStatus", "route"]


class WithStatus(FakeService):
    """A service that says in the `status` of a campaign where it stands, and knows nothing of what is thrown away."""

    #: Its words for the states that an editor brings about.
    words: ClassVar[Mapping[str, str]]
    #: What it says of an id that it does not know.
    unknown: ClassVar[str] = "Not Found"

    def turn(self, id: str, state: State) -> None:  # noqa: A002
        if state == "gone":
            del self.campaigns[id]
        else:
            self.campaigns[id]["status"] = self.words[state]

    def _one(self, id: str) -> dict[str, Any]:  # noqa: A002
        if id not in self.campaigns:
            raise Refusal(404, self.refusal(404, self.unknown))
        return self.campaigns[id]


class Numbered(FakeService):
    """A service whose ids are plain numbers."""

    def new_id(self) -> str:
        return str(int(super().new_id().removeprefix("id")))
