"""Sender, subject and preheader as an inbox shows them, each cut where that mail program cuts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from wcwidth import wcswidth, wcwidth


@dataclass(frozen=True, slots=True)
class Inbox:
    """How much of a mail one list of mails shows, in letters of middling width; wide ones count twice."""

    client: str
    device: str
    sender: int
    subject: int
    preheader: int
    #: Subject and preheader share one line, so a short subject leaves more room; 0 when each has its own.
    line: int = 0


#: No maker publishes these, and they move with the width of window and letters. Phones: measured with a
#: pangram on an iPhone 14 and a Pixel 7 by emailtooltester.com ("Email subject lines character limit");
#: windows: the middle of what that page and others tell. Take them for the likely, not the exact.
INBOXES = (
    Inbox("Gmail", "phone", 25, 37, 40),
    Inbox("Gmail", "desktop", 20, 88, 120, line=120),
    Inbox("Apple Mail", "phone", 27, 48, 99),
    Inbox("Apple Mail", "desktop", 30, 64, 130),
    Inbox("Outlook", "phone", 25, 42, 72),
    Inbox("Outlook", "desktop", 28, 51, 53),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One mail in one inbox. What was cut off ends in an ellipsis."""

    client: str
    device: str
    sender: str
    subject: str
    preheader: str


def lines(sender: str, subject: str, preheader: str) -> list[dict[str, str]]:
    """The mail in each of the inboxes, ready for JSON."""
    return [asdict(line) for line in _lines(sender, subject, preheader)]


def _lines(sender: str, subject: str, preheader: str) -> Iterator[Line]:
    for inbox in INBOXES:
        shown = cut(subject, inbox.subject)
        room = inbox.preheader
        if inbox.line:
            room = max(0, inbox.line - _width(shown) - 3)
        yield Line(inbox.client, inbox.device, cut(sender, inbox.sender), shown, cut(preheader, room))


def cut(text: str, room: int) -> str:
    """`text` on one line, with an ellipsis where it does not fit; "" when there is no room for anything."""
    text = " ".join(text.split())
    if _width(text) <= room:
        return text
    if room < 2:
        return ""
    taken = width = 0
    for character in text:
        width += max(0, wcwidth(character))
        if width > room - 1:
            break
        taken += 1
    # A joiner or an accent belongs to what stands before it, and without it the rest is another letter.
    while taken and text[taken : taken + 1] and wcwidth(text[taken]) == 0:
        taken -= 1
    return text[:taken].rstrip("\u200d ") + "\u2026"


def _width(text: str) -> int:
    width = wcswidth(text)
    return width if width >= 0 else len(text)
