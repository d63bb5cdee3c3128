"""HTML from anywhere becomes a flat, balanced list of harmless tags and texts, from which mail is written."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import nh3

from digest.merge_tags import CLOSE, OPEN
from digest.render.address import address

# Words in a string: sixty lines of one element each would say no more.
#: Elements that may stand within a sentence.
INLINE = frozenset(
    "a abbr b bdi bdo br cite code del em i img ins kbd mark q s small span strong sub sup time u var "  # noqa: SIM905
    "wbr".split()
)
BLOCKS = frozenset(
    "blockquote caption dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section "  # noqa: SIM905
    "summary table tbody td tfoot th thead tr ul".split()
)
VOID = frozenset({"br", "hr", "img", "wbr"})
#: Nested elements a fragment may have. premailer loses what lies below 255 and mrml crashes at 16,000;
#: what a list or a table cannot do without may go a few deeper.
DEEPEST = 56

_NEEDED = frozenset("caption dd dt li summary tbody td tfoot th thead tr".split())  # noqa: SIM905
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "*": frozenset({"dir", "lang"}),
    "a": frozenset({"href", "title", "id"}),
    "abbr": frozenset({"title"}),
    "img": frozenset({"src", "alt", "title", "data-line"}),
    "li": frozenset({"value", "id"}),
    "ol": frozenset({"start"}),
    "td": frozenset({"align", "colspan", "rowspan"}),
    "th": frozenset({"align", "colspan", "rowspan", "scope"}),
    "time": frozenset({"datetime"}),
}
_FORMS = {
    "dir": re.compile(r"ltr|rtl|auto", re.IGNORECASE),
    "lang": re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*"),
    "id": re.compile(r"fn(?:ref)?\d{1,6}"),
    "value": re.compile(r"-?\d{1,9}"),
    "start": re.compile(r"-?\d{1,9}"),
    "align": re.compile(r"left|right|center", re.IGNORECASE),
    "colspan": re.compile(r"\d{1,3}"),
    "rowspan": re.compile(r"\d{1,3}"),
    "scope": re.compile(r"(?:row|col)(?:group)?", re.IGNORECASE),
    "data-line": re.compile(r"\d{1,9}"),
}
_NOTE = re.compile(r"#fn(?:ref)?\d{1,6}")

# nh3 writes every tag in one canonical way: lower case, double quotes, `"` in values as a reference.
_PIECE = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>|([^<]+)|<')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')

# Neither mrml nor XML takes these; the two that carry blanks are looked at apart.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>")
#: Tags whose ends HTML implies, so that an open one says nothing about depth.
_LOOSE = VOID | frozenset("p li td th tr dt dd tbody thead tfoot a".split())  # noqa: SIM905
_DEEPEST_READ = 200


@dataclass(frozen=True, slots=True)
class Start:
    """An opening tag; for the names in `VOID` the whole element."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    name: str


Piece = str | Start | End


def clean(text: str) -> str:
    """`text` with lines ending in a newline, lone surrogates as U+FFFD, and without control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _SURROGATES.sub("\ufffd", text))


def pieces(markup: str, *, tags: frozenset[str] = INLINE | BLOCKS) -> list[Piece]:
    """What is harmless in `markup`: balanced, at most about sixty deep, the words of all other tags kept.

    Marks of blanks pass through; links without a web address lose their tag, not their words. A picture
    keeps whatever `src` it has, for a theme decides about pictures.
    """
    # `None` for link_rel: no rel attribute, which mail clients ignore and every link would pay for.
    safe = nh3.clean(
        _shallow(markup),
        tags=set(tags),
        attributes={name: set(known) for name, known in _ATTRIBUTES.items()},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return list(_bounded(_unlinked(_read(safe))))


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _NOTE.fullmatch(value) else address(value) or None
    form = _FORMS.get(name)
    return value if form is None or form.fullmatch(value) else None


def _shallow(markup: str) -> str:
    """`markup` without the tags that lie absurdly deep: html5ever's time grows with the square of the depth.

    Measured with nh3 0.3.8: 16,000 nested elements take 0.9 s, 100,000 take 32 s.
    """
    if markup.count("<") <= _DEEPEST_READ:
        return markup
    depth = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal depth
        if found[2].lower() in _LOOSE:
            return found[0]
        if found[1]:
            depth = max(0, depth - 1)
            return found[0] if depth < _DEEPEST_READ else " "
        depth += 1
        return found[0] if depth <= _DEEPEST_READ else " "

    return _TAG.sub(keep, markup)


def _read(safe: str) -> Iterator[Piece]:
    for found in _PIECE.finditer(safe):
        closing, name, attributes, text = found.groups()
        if name is None:
            yield _plain(text or "<")
        elif closing:
            yield End(name)
        else:
            yield Start(
                name,
                {key: _plain(value) for key, value in _ATTRIBUTE.findall(attributes)} if attributes else {},
            )


def _plain(escaped: str) -> str:
    """Text without references, and without controls that references brought, save well-formed marks."""
    text = html.unescape(escaped) if "&" in escaped else escaped
    if not _CONTROLS.search(text):
        return text
    return _CONTROLS.sub(lambda found: found[0] if found[0] in (OPEN, CLOSE) else "", text)


def _unlinked(stream: Iterator[Piece]) -> Iterator[Piece]:
    """Without `a` that leads nowhere."""
    kept: list[bool] = []
    for piece in stream:
        if isinstance(piece, Start) and piece.name == "a":
            kept.append("href" in piece.attributes)
            if kept[-1]:
                yield piece
        elif isinstance(piece, End) and piece.name == "a":
            if kept.pop():
                yield piece
        else:
            yield piece


def _bounded(stream: Iterator[Piece]) -> Iterator[Piece]:
    """At most `DEEPEST` deep; where a block below that is taken away a line break stands."""
    written: list[bool] = []
    depth = 0
    for piece in stream:
        if isinstance(piece, str) or (isinstance(piece, Start) and piece.name in VOID):
            yield piece
        elif isinstance(piece, Start):
            # A row without its table would stand alone; a table without its rows is none. Links always stay.
            keep = depth < DEEPEST or piece.name == "a" or (piece.name in _NEEDED and all(written[-1:]))
            written.append(keep)
            depth += keep
            if keep:
                yield piece
            elif piece.name in BLOCKS:
                yield Start("br")
        elif written.pop():
            depth -= 1
            yield piece


def balanced(stream: Sequence[Piece], start: int) -> int:
    """The index just behind the element that opens at `start`."""
    depth = 0
    for index in range(start, len(stream)):
        piece = stream[index]
        if isinstance(piece, Start) and piece.name not in VOID:
            depth += 1
        elif isinstance(piece, End):
            depth -= 1
        if depth == 0:
            return index + 1
    return len(stream)
