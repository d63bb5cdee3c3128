"""How a mail is read by who listens to it, sees it badly, or has only a thumb to spare."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from digest.inspection.cascade import DARK, LIGHT, Look
from digest.inspection.features.mail import Mail
from digest.proof import Proof


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing amiss, at one place."""

    #: None for the mail as a whole.
    element: Any
    level: str
    rule: str
    what: str
    effect: str
    hint: str
    #: Faults of one rule with one `same` are one, with several places; "" for one that stands by itself.
    same: str = ""
    #: What of it stands in the issue file as it stands in the mail, the surest first.
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A mail as it is met: what is seen in daylight and in the dark, in order."""

    mail: Mail
    #: BCP 47, of the issue.
    language: str
    light: dict[Any, Look] = field(init=False, repr=False)
    dark: dict[Any, Look] = field(init=False, repr=False)
    #: Elements that are not hidden.
    met: list[Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, screen in (("light", LIGHT), ("dark", DARK)):
            looks = self.mail.cascade.looks(screen)
            object.__setattr__(self, name, {each: look for each, look in looks.items() if not look.hidden})
        object.__setattr__(self, "met", [each for each in self.mail.elements if each in self.light])

    @property
    def proof(self) -> Proof:
        return self.mail.proof

    @property
    def body(self) -> Any:
        return self.proof.root.find("body")

    def number(self, element: Any) -> int | None:
        """Of the story an element stands in."""
        return self.proof.numbers.get(element)


def short(text: str) -> str:
    """As much of a text as names it in a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= 50 else text[:47] + "..."
