"""HTML cut into tags, comments and text, so that a mail can be added to without being written anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A comment ends as browsers end it; the text of style, title and the like holds no tags.
_TOKEN = re.compile(
    r"<!--(?:>|->|.*?(?:--!?>|\Z))"
    r"|<[!?][^>]*>"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*)(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(
    r"[\s/]*(?P<name>[^\s/>=\"'][^\s/>=]*)(?:\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s>\"'][^\s>]*))?", re.DOTALL
)
_RAW = {"style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}
#: Elements without an end.
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, and where it stands."""

    name: str
    start: int
    end: int
    closes: bool
    #: Where its attributes stand, the blank before them included.
    attributes: tuple[int, int]
    #: Of a style, title or the like, where the text inside ends; else `end`.
    text_end: int


def tags(html: str, start: int = 0, stop: int | None = None) -> Iterator[Tag]:
    """Every tag outside of comments, in order. What stands in conditional comments is no tag."""
    at, stop = start, len(html) if stop is None else stop
    while (found := _TOKEN.search(html, at, stop)) is not None:
        at = found.end()
        if found["name"] is None:
            continue
        name, closes = found["name"].lower(), bool(found["close"])
        text_end = at
        if name in _RAW and not closes:
            ending = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, at)
            text_end = ending.start() if ending else stop
        yield Tag(name, found.start(), found.end(), closes, found.span("attributes"), text_end)
        at = text_end


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a tag, and where it stands, the blank before it included."""

    name: str
    #: As written, without quotes; None for one that has none.
    value: str | None
    start: int
    end: int


def attributes(html: str, tag: Tag) -> Iterator[Attribute]:
    """Every attribute of a tag, one by one, so that none is looked for inside another's value."""
    for found in _ATTRIBUTE.finditer(html, *tag.attributes):
        value = found["value"]
        if value is not None and value[:1] in ('"', "'"):
            value = value[1:-1]
        yield Attribute(found["name"].lower(), value, found.start(), found.end())


def with_value(attribute: Attribute, value: str) -> tuple[int, int, str]:
    """The change that gives an attribute another value; `value` is as it stands in HTML."""
    quote = "'" if '"' in value else '"'
    return attribute.start, attribute.end, f" {attribute.name}={quote}{value}{quote}"


def rewritten(html: str, changes: list[tuple[int, int, str]]) -> str:
    """`html` with each stretch from `start` to `end` replaced; no two overlap. Insertions have no length."""
    parts: list[str] = []
    at = 0
    # Python's sort is stable: insertions at one place stay in the order they were made.
    for start, end, text in sorted(changes, key=lambda change: change[:2]):
        parts += [html[at:start], text]
        at = end
    return "".join([*parts, html[at:]])
