"""The editor's Markdown becomes harmless, well-formed pieces of HTML for a mail."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from digest.merge_tags import Blank, split
from digest.models import Briefs, Issue, Picture, Prose, Story
from digest.render import commonmark, safe_html
from digest.render.address import address
from digest.render.safe_html import End, Piece, Start

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BREAKING = re.compile(r"[ \t\n]+")
#: What a text may hold that numbers a footnote, or defines one or a link, for texts after it as well.
_OF_OTHERS = ("[^", "^[", "]:")
# mrml breaks whatever is not plain in an attribute's value: EMAIL.md, "Silent faults".
_UNPLAIN = re.compile(r"[^ !#-%'-;=?-\[\]-~]")


def fragments(issue: Issue) -> Iterator[str]:
    """Every stretch of block Markdown in an issue, in the order of writing."""
    yield issue.note
    for section in issue.sections:
        for block in section.blocks:
            match block:
                case Story():
                    yield block.body
                case Briefs():
                    for item in block.items:
                        yield from (item.note, item.body)
                case Prose():
                    yield block.markdown


def _pieces(text: str, env: dict[str, Any], *, inline: bool) -> list[Piece]:
    markup = commonmark.to_html(text, env, inline=inline)
    return safe_html.pieces(markup, tags=safe_html.INLINE if inline else safe_html.INLINE | safe_html.BLOCKS)


@lru_cache(maxsize=1024)
def _kept_pieces(text: str, links: frozenset[tuple[str, str, str]], inline: bool) -> tuple[Piece, ...]:
    """The pieces of a text that concerns no other: the text part wants what the HTML had, the next build the rest."""
    references = {label: {"href": href, "title": title} for label, href, title in links}
    return tuple(_pieces(text, {"references": references, "notes": commonmark.Notes()}, inline=inline))


def attribute(value: str) -> str:
    """`value` as it stands between double quotes: ASCII, everything odd as a numeric reference."""
    value = _CONTROLS.sub("", value)
    return _UNPLAIN.sub(lambda found: f"&#{ord(found[0])};", value)


def picture_in_text(picture: Picture, alone: bool) -> str:
    """A picture on the web as a bare `<img>`; the words of any other."""
    source = address(picture.src)
    if source.lower().startswith("http"):
        written = f'<img src="{attribute(source)}" alt="{attribute(picture.alt)}" />'
    else:
        written = f"<em>{html.escape(picture.alt, quote=False)}</em>" if picture.alt else ""
    if picture.link and written:
        written = f'<a href="{attribute(picture.link)}">{written}</a>'
    return f"<p>{written}</p>" if alone and written else written


class Markdown:
    """What all Markdown of one mail shares: link definitions, blanks, pictures, footnotes, classes."""

    def __init__(
        self,
        references: Mapping[str, tuple[str, str]] | None = None,
        *,
        blank: Callable[[Blank], str] = Blank.mark,
        picture: Callable[[Picture, bool], str] = picture_in_text,
        classes: Mapping[str, str] | None = None,
        fragments: Iterable[str] = (),
    ) -> None:
        """`blank` gives what is written for a blank, as it is, in text and in addresses.

        `picture` gives the HTML of a picture and is told whether it stands alone in its paragraph; then
        no paragraph and no link is put around it. `classes` maps an element's name to its class
        attribute. Footnotes defined in one of the `fragments` can be referred to from any other.
        """
        self._blank = blank
        self._picture = picture
        self._classes = classes or {}
        self._env = commonmark.environment(references or {}, fragments)
        self._links: frozenset[tuple[str, str, str]] = frozenset()

    def block(self, text: str, *, line: int = 1, heading: int = 4) -> str:
        """Paragraphs, lists, quotes, tables and so on. `line` is that of `text` in its file.

        The highest heading in `text` becomes one of level `heading`, the others keep their distance.
        """
        return self._write(_headed(self.pieces(text), max(2, heading)), line)

    def inline(self, text: str, *, links: bool = True, line: int = 1) -> str:
        """Words, emphasis and links on one line. Without `links` only their words stay."""
        found = self.pieces(text, inline=True)
        return self._write(found if links else _without(found, "a"), line)

    def plain(self, text: str) -> str:
        """The words of `text` as they would be read aloud: no markup, no footnote numbers, on one line."""
        words = [
            piece if isinstance(piece, str) else _aloud(piece) for piece in self.pieces(text, inline=True, aloud=True)
        ]
        return self.fill(_BREAKING.sub(" ", "".join(words)).strip(" "))

    def footnotes(self) -> str:
        """The notes referred to so far, as an ordered list whose anchors the references lead to; or ""."""
        items = [
            f'<li id="fn{number}"{self._class("li")}>{self._note(text, number)}</li>' for number, text in self.notes()
        ]
        return f"<ol{self._class('ol')}>\n" + "\n".join(items) + "\n</ol>" if items else ""

    def notes(self) -> Iterator[tuple[int, str]]:
        """Number and Markdown of each footnote referred to; one that a note refers to comes as well."""
        notes: commonmark.Notes = self._env["notes"]
        for number in range(1, 1_000_000):
            if number > len(notes.numbers):
                return
            key = list(notes.numbers)[number - 1]
            yield number, notes.definitions[key]

    @property
    def unused(self) -> tuple[str, ...]:
        """Labels of footnotes that nothing has referred to so far, and that so are in no mail."""
        notes: commonmark.Notes = self._env["notes"]
        return tuple(label for label in notes.definitions if label not in notes.numbers and label[0] != "^")

    def pieces(self, text: str, *, inline: bool = False, aloud: bool = False) -> Sequence[Piece]:
        """`text` as harmless tags and words, blanks as marks: what both parts of a mail are written from.

        `inline` leaves out blocks but not their words, `aloud` leaves out footnote references.
        """
        text = safe_html.clean(text)
        if any(sign in text for sign in _OF_OTHERS):
            return _pieces(text, {**self._env, "aloud": aloud}, inline=inline)
        known = self._env["references"]
        if len(known) != len(self._links):
            self._links = frozenset((label, each["href"], each["title"]) for label, each in known.items())
        return _kept_pieces(text, self._links, inline)

    def fill(self, text: str) -> str:
        """`text` with its marks as the words that stand for them, and without other control characters."""
        return self._filled(text, lambda words: words)

    def _filled(self, text: str, around: Callable[[str], str]) -> str:
        return "".join(
            self._blank(part) if isinstance(part, Blank) else around(_CONTROLS.sub("", part)) for part in split(text)
        )

    def _note(self, text: str, number: int) -> str:
        written = self.block(text)
        # U+FE0E keeps phones from drawing the arrow as an emoji.
        back = f' <a href="#fnref{number}"{self._class("a")}>\u21a9\ufe0e</a>'
        return written.removesuffix("</p>") + back + "</p>" if written.endswith("</p>") else written + back

    def _class(self, name: str) -> str:
        return f' class="{attribute(self._classes[name])}"' if self._classes.get(name) else ""

    def _write(self, stream: Sequence[Piece], line: int) -> str:
        written: list[str] = []
        code = 0
        index = 0
        while index < len(stream):
            piece = stream[index]
            if isinstance(piece, str):
                # In code a blank is what was written, for an editor who explains blanks.
                text = unmarked(piece) if code else piece
                written.append(self._filled(text, lambda words: html.escape(words, quote=False)))
            elif isinstance(piece, End):
                code -= piece.name in ("code", "pre")
                written.append(f"</{piece.name}>")
            elif piece.name == "img":
                written.append(self._picture(self._pictured(piece, line), False))
            elif piece.name == "p" and (alone := _alone(stream, index)):
                image, link = alone
                written.append(self._picture(self._pictured(image, line, link), True))
                index = safe_html.balanced(stream, index) - 1
            else:
                code += piece.name in ("code", "pre")
                written.append(self._opening(piece))
            index += 1
        return "".join(written).strip("\n")

    def _opening(self, tag: Start) -> str:
        attributes = "".join(f' {name}="{self._filled(value, attribute)}"' for name, value in tag.attributes.items())
        return f"<{tag.name}{attributes}{self._class(tag.name)}{' /' if tag.name in safe_html.VOID else ''}>"

    def _pictured(self, tag: Start, line: int, link: str = "") -> Picture:
        known: Mapping[str, Any] = tag.attributes
        return Picture(
            src=known.get("src", ""),
            alt=self.fill(known.get("alt", "")),
            caption=self.fill(known.get("title", "")),
            link=self.fill(link),
            line=line + int(known.get("data-line", 0)),
        )


def _aloud(piece: Start | End) -> str:
    if isinstance(piece, Start):
        return {"img": piece.attributes.get("alt", ""), "br": " "}.get(piece.name, "")
    return ""


def unmarked(text: str) -> str:
    return "".join(
        part if isinstance(part, str) else f"[[{part.name}{'|' * bool(part.fallback)}{part.fallback}]]"
        for part in split(text)
    )


def _alone(stream: Sequence[Piece], start: int) -> tuple[Start, str] | None:
    """The picture, and its link, of a paragraph that holds nothing else."""
    link, image = "", None
    for piece in stream[start + 1 : start + 8]:
        match piece:
            case Start("img") if image is None:
                image = piece
            case Start("a", attributes):
                link = attributes["href"]
            case End("a"):
                pass
            case End("p"):
                return (image, link) if image else None
            case str() if not piece.strip():
                pass
            case _:
                return None
    return None


def _headed(stream: Sequence[Piece], highest: int) -> Sequence[Piece]:
    """`stream` with its headings moved so that the highest has that level; none goes below the sixth."""
    levels = [int(piece.name[1]) for piece in stream if isinstance(piece, Start) and piece.name in _HEADINGS]
    if not levels:
        return stream
    shift = highest - min(levels)

    def moved(name: str) -> str:
        return f"h{min(6, int(name[1]) + shift)}" if name in _HEADINGS else name

    return [
        piece
        if isinstance(piece, str)
        else Start(moved(piece.name), piece.attributes)
        if isinstance(piece, Start)
        else End(moved(piece.name))
        for piece in stream
    ]


def _without(stream: Iterable[Piece], name: str) -> list[Piece]:
    return [piece for piece in stream if isinstance(piece, str) or piece.name != name]
