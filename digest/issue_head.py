"""The head of an issue file, and the head lines below its headings: `key: rest of the line`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from digest.errors import BadValue, DigestError, UnknownKey, did_you_mean, near
from digest.models import Finding, Status

#: What older files carry and nothing reads.
UNREAD_KEYS = frozenset({"category", "tags", "slug", "summary", "modified"})
#: Other names of a key.
ALIASES = {"lang": "language", "authors": "author"}
#: What an issue's head knows.
HEAD_KEYS = UNREAD_KEYS.union(
    ("title", "number", "date", "subject", "preheader", "theme", "language", "status", "sent"),
    ("standfirst", "author"),
    ALIASES,
)
SECTION_KEYS = frozenset({"sponsor", "layout", "carry", "language"})
STORY_KEYS = frozenset({"source", "author", "date", "minutes", "language", "sponsor", "text", "link"})

Style = Literal["fenced", "plain", "none"]
Level = Literal["error", "warning", "note"]

_LINE = re.compile(r"([A-Za-z][A-Za-z_-]*)[ \t]*:[ \t]*(.*)")
_BELOW = re.compile(r" {0,3}([A-Za-z][A-Za-z_-]{0,30}):(?:[ \t]*$|[ \t]*(\S.*))")
_FENCE = re.compile(r"---[ \t]*")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:Z| ?[+-][0-9:]{4,5})?)?")
_NUMBER = re.compile(r"[0-9]{1,9}")
# Far enough that "data:" at the start of a sentence is no misspelt "date:".
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class HeadLine:
    #: In small letters.
    key: str
    value: str
    #: Counted from 0.
    line: int


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong in a file, and what is worth telling, collected while it is read."""

    path: Path | None
    mistakes: list[DigestError] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, what: str, line: int, hint: str = "") -> None:
        """`line` is counted from 0, as everywhere while reading."""
        self.mistakes.append(DigestError(what, path=self.path, line=line + 1, hint=hint))

    def warn(self, what: str, line: int, hint: str = "", *, level: Level = "warning", rule: str = "") -> None:
        """`rule` is that of the check which tells the same, and then alone."""
        self.findings.append(Finding(level, what, path=self.path, line=line + 1, hint=hint, rule=rule))


@dataclass(slots=True)
class Head:
    style: Style = "none"
    lines: list[HeadLine] = field(default_factory=list)
    #: First line below the head, counted from 0; the blank lines after it belong to the head.
    end: int = 0

    @property
    def values(self) -> dict[str, HeadLine]:
        """By the key's own name; the first line of each."""
        found: dict[str, HeadLine] = {}
        for line in self.lines:
            found.setdefault(ALIASES.get(line.key, line.key), line)
        return found


def read(lines: Sequence[str], told: Told) -> Head:
    """The head at the top of a file, between `---` lines or, as older files have it, up to a blank line."""
    start = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines):
        return Head()
    if _FENCE.fullmatch(lines[start]) and (start == 0 or _starts_head(lines, start + 1)):
        head = _fenced(lines, start, told)
    elif _starts_head(lines, start):
        head = _plain(lines, start, told)
    else:
        return Head()
    while head.end < len(lines) and not lines[head.end].strip():
        head.end += 1
    once(head.lines, told)
    return head


def below(lines: Sequence[str], start: int, end: int, known: Collection[str]) -> list[HeadLine]:
    """Head lines between `start` and `end`, right under a heading; near misses among them included.

    A near miss is no head line: its key is not in `known`.
    """
    if start < end and not lines[start].strip():
        start += 1
    found: list[HeadLine] = []
    for index in range(start, end):
        match = _BELOW.fullmatch(lines[index])
        if not match:
            break
        key, value = match[1].lower(), (match[2] or "").strip()
        if value.startswith("//") or (key not in known and not (value and near(key, known, cutoff=_NEAR))):
            break
        found.append(HeadLine(key, value, index))
    return found


def once(lines: Sequence[HeadLine], told: Told) -> None:
    """Tell of keys that stand twice under one heading or in the head."""
    first: dict[str, HeadLine] = {}
    for line in lines:
        twin = first.setdefault(line.key, line)
        if twin is not line:
            hint = f"Keep one; the first is on line {twin.line + 1}."
            told.wrong(f'"{line.key}" stands here a second time.', line.line, hint)


def a_date(line: HeadLine | None, told: Told) -> date | None:
    """The day; a clock time behind it is dropped. None when nothing stands there."""
    if line is None or not line.value:
        return None
    found = _DATE.fullmatch(line.value)
    try:
        if found:
            return date.fromisoformat(found[1])
    except ValueError:
        pass
    _unreadable(line, "a date such as 2024-02-29", told)
    return None


def a_number(line: HeadLine | None, told: Told) -> int | None:
    if line is None or not line.value:
        return None
    if _NUMBER.fullmatch(line.value):
        return int(line.value)
    _unreadable(line, "a whole number", told)
    return None


def a_status(line: HeadLine | None, told: Told) -> Status:
    written = line.value.lower() if line else ""
    if line and written not in ("", "draft", "sent"):
        _unreadable(line, '"draft" or "sent"', told)
    return "sent" if written == "sent" else "draft"


def _unreadable(line: HeadLine, wanted: str, told: Told) -> None:
    told.mistakes.append(BadValue(line.key, wanted, line.value, path=told.path, line=line.line + 1))


def _starts_head(lines: Sequence[str], start: int) -> bool:
    """Whether lines like `Title: something` begin here, a known key among them."""
    for index in range(start, len(lines)):
        found = _LINE.fullmatch(lines[index])
        if not found or found[2].startswith("//"):
            return False
        if found[1].lower() in HEAD_KEYS:
            return True
    return False


def _plain(lines: Sequence[str], start: int, told: Told) -> Head:
    head = Head("plain")
    index = start
    while index < len(lines) and (found := _LINE.fullmatch(lines[index])) and not found[2].startswith("//"):
        line = HeadLine(found[1].lower(), found[2].strip(), index)
        head.lines.append(line)
        if line.key not in HEAD_KEYS and (guess := did_you_mean(line.key, HEAD_KEYS)):
            told.warn(f'The head knows no "{line.key}".{guess}', index)
        index += 1
    head.end = index
    return head


def _fenced(lines: Sequence[str], start: int, told: Told) -> Head:
    head = Head("fenced")
    close = next((at for at in range(start + 1, len(lines)) if _FENCE.fullmatch(lines[at])), None)
    if close is None:
        hint = "Write --- on a line of its own below its last line."
        told.wrong("The head that begins here is never closed.", start, hint)
        head.end = len(lines)
        return head
    head.end = close + 1
    odd: list[int] = []
    for index in range(start + 1, close):
        found = _LINE.fullmatch(lines[index])
        if not found:
            if lines[index].strip():
                odd.append(index)
            continue
        line = HeadLine(found[1].lower(), found[2].strip(), index)
        head.lines.append(line)
        if line.key not in HEAD_KEYS:
            told.mistakes.append(UnknownKey(found[1], "The head", HEAD_KEYS, path=told.path, line=index + 1))
        elif len(line.value) > 2 and line.value[0] == line.value[-1] == '"' and line.value.count('"') == 2:
            told.warn(f"The quotes are part of the {line.key}.", index, level="note")
    # Prose up to a later rule says that the closing line was forgotten, and needs no complaint a line.
    for index in odd if len(odd) <= 3 else odd[:1]:
        hint = "Put each value on the line of its key, and close the head with --- on a line of its own."
        told.wrong("This line of the head is not of the form `key: value`.", index, hint)
    return head
