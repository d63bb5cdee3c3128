"""The blanks that a mailing service fills in for each reader, in a form no service owns.

An editor writes `[[first_name|reader]]`. Between reading and writing a blank is carried as
`STX name|fallback ETX`: control characters are stripped from everything that comes in, so no
text can be mistaken for one. A service's own tags are written last, over finished mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

#: Every blank there is, and what a reader sees in its place.
NAMES: Mapping[str, str] = {
    "unsubscribe_url": "the address of the page on which the reader leaves the list",
    "view_url": "the address of this issue on the web",
    "first_name": "the reader's first name",
    "email": "the reader's address",
    "postal_address": "the sender's postal address, as the service keeps it",
}

#: Blanks that stand in for a web address, and so may be the target of a link.
ADDRESSES = frozenset({"unsubscribe_url", "view_url"})

OPEN, CLOSE = "\x02", "\x03"
_MARK = re.compile(rf"{OPEN}([a-z_]+)(?:\|([^{CLOSE}]*))?{CLOSE}")
_WHEN = re.compile(rf"{OPEN}\?([a-z_]+){CLOSE}(.*?){OPEN}/\1{CLOSE}", re.DOTALL)
_WRITTEN = re.compile(r"\[\[([A-Za-z][A-Za-z0-9_]*)(?:\|([^\[\]\n]*))?\]\]")


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank in a text: which, and what stands there when the service knows nothing."""

    name: str
    fallback: str = ""

    def mark(self) -> str:
        """The blank as it travels through a finished mail."""
        return f"{OPEN}{self.name}|{self.fallback}{CLOSE}" if self.fallback else f"{OPEN}{self.name}{CLOSE}"


@dataclass(frozen=True, slots=True)
class Syntax:
    """How one service writes its tags.

    `escape` takes a stretch of finished HTML, text or subject that holds no blank, and gives it
    back such that the service's template language prints it unchanged. Apart from `tag`'s own
    answers nothing of a service's language reaches its parser.
    """

    #: None: the service has no such tag; then the fallback is written, and what `when` guards is left out.
    #: Asked too for the guard "preheader", which is no blank: any answer but None keeps the hidden line in
    #: the mail that inboxes show after the subject; None suits a service with a field of its own for it.
    tag: Callable[[Blank], str | None]
    escape: Callable[[str], str] = lambda text: text


def written(text: str) -> list[tuple[re.Match[str], Blank]]:
    """Every `[[name|fallback]]` in `text`, known or not, in order."""
    return [(found, Blank(found[1], (found[2] or "").strip())) for found in _WRITTEN.finditer(text)]


def mark(text: str) -> str:
    """`text` with each known `[[name|fallback]]` as a mark. Unknown ones stay as they were written."""
    return _WRITTEN.sub(
        lambda found: Blank(found[1], (found[2] or "").strip()).mark() if found[1] in NAMES else found[0],
        text,
    )


def blanks(text: str) -> list[Blank]:
    """The blanks marked in `text`, in order, repeats included."""
    return [Blank(found[1], found[2] or "") for found in _MARK.finditer(text)]


def split(text: str) -> list[str | Blank]:
    """`text` cut at its marks: text, a blank, text, and so on; it begins and ends with text."""
    parts: list[str | Blank] = []
    end = 0
    for found in _MARK.finditer(text):
        parts += [text[end : found.start()], Blank(found[1], found[2] or "")]
        end = found.end()
    return [*parts, text[end:]]


def when(name: str, inside: str) -> str:
    """`inside`, to be kept only where the service or the publication has a value for `name`."""
    return f"{OPEN}?{name}{CLOSE}{inside}{OPEN}/{name}{CLOSE}"


def without(text: str, names: Set[str]) -> str:
    """`text` without what is guarded by one of these names; the blanks themselves stay where they stand unguarded."""

    def guarded(found: re.Match[str]) -> str:
        kept = f"{OPEN}?{found[1]}{CLOSE}{without(found[2], names)}{OPEN}/{found[1]}{CLOSE}"
        return "" if found[1] in names else kept

    return _WHEN.sub(guarded, text)


def fill(text: str, syntax: Syntax, *, encode: Callable[[str], str] = lambda value: value) -> str:
    """`text` with its blanks written the service's way and everything else escaped for it.

    `encode` makes a fallback safe where it will stand: `html.escape` for HTML, nothing for text.
    """

    def guarded(found: re.Match[str]) -> str:
        # One may stand within another: a dot between two links is there for both of them.
        return _WHEN.sub(guarded, found[2]) if syntax.tag(Blank(found[1])) is not None else ""

    text = _WHEN.sub(guarded, text)
    parts: list[str] = []
    end = 0
    for found in _MARK.finditer(text):
        parts.append(syntax.escape(text[end : found.start()]))
        blank = Blank(found[1], found[2] or "")
        value = syntax.tag(blank)
        parts.append(syntax.escape(encode(blank.fallback)) if value is None else value)
        end = found.end()
    parts.append(syntax.escape(text[end:]))
    return "".join(parts)


def plain(values: Mapping[str, str]) -> Syntax:
    """Blanks filled by ourselves, for mail that no service sends: `values` by name, else the fallback."""
    return Syntax(tag=lambda blank: values.get(blank.name) or None)
