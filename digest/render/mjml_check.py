"""MJML read once: what mrml would lose or garble is told, what it would corrupt is written so that it cannot.

mrml lets unknown tags, attributes and values pass, does not ask which tag an end tag closes, and fails
without a place on a bare `<`. In attribute values it turns a backslash, a quotation mark, a line break and
much that is not ASCII into escapes of the Rust language. (mrml 6.0, through mjml-python 1.4.2.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple

from digest.errors import did_you_mean
from digest.render import mjml_tags as known
from digest.render.mjml_markup import (
    ATTRIBUTE,
    TOKEN,
    ascii_css,
    broken,
    flaws_in_html,
    looks_like_tag,
    safe_attributes,
    shown,
)
from digest.render.mjml_values import flaws_in_attributes

#: mrml ends the whole process at 16,000 nested elements, premailer loses what lies below 255,
#: and mrml adds some twenty of its own.
DEEPEST = 200
#: After so many mistakes the rest is not read.
MOST_FLAWS = 200

# What a tag holds: MJML tags, HTML, plain text, CSS, nothing, defaults (mj-attributes), or, below an unknown
# tag, what nobody can judge.
Holds = Literal["tags", "html", "text", "css", "nothing", "defaults", "anything"]

_ROW = frozenset({"tr"})
_ROWS_HINT = "Readers would move it out of the table: write <tr><td>...</td></tr> around it."
#: Tags that show something without any text.
_SHOWN = frozenset({"img", "mj-image", "mj-carousel-image"})


@dataclass(frozen=True, slots=True)
class Flaw:
    """One mistake, at an offset of the MJML."""

    at: int
    what: str
    hint: str = ""


class _Frame(NamedTuple):
    """An open tag."""

    name: str
    at: int
    holds: Holds
    #: The only tags that may stand directly inside, where HTML is written into a table; else None.
    rows: frozenset[str] | None = None


class _Said(NamedTuple):
    """What a tag's own text says, wherever it stands."""

    flaws: tuple[tuple[str, str], ...]
    #: How it must be written for mrml; None to leave it.
    better: str | None
    values: Mapping[str, str]


class _Enough(Exception):
    pass


def check(mjml: str) -> tuple[str, tuple[Flaw, ...]]:
    """The MJML in ASCII and safe for mrml, and what is wrong with it, in order.

    `mjml` has line feeds for line ends and no control characters.
    """
    reader = _Reader(mjml)
    with suppress(_Enough):
        reader.read()
    return reader.safe(), tuple(sorted(reader.flaws, key=lambda flaw: flaw.at))


class _Reader:
    def __init__(self, mjml: str) -> None:
        self.mjml = mjml
        self.flaws: list[Flaw] = []
        self.edits: list[tuple[int, int, str]] = []
        self.frames = [_Frame("", 0, "tags")]
        #: Where the Outlook conditional comment begins that is open.
        self.condition: re.Match[str] | None = None
        #: A reader would see something.
        self.shows = False
        self.once: set[str] = set()
        #: What each tag seen says, by whether it is a default, HTML or MJML, and its text: most repeat.
        self.said: dict[tuple[str, str], _Said] = {}
        #: Names of the attributes that mj-attributes sets, by tag, "mj-all" or ".class".
        self.defaults: dict[str, set[str]] = {}
        #: Tags that can only be judged when all defaults are known.
        self.later: list[tuple[int, str, Mapping[str, str]]] = []

    def read(self) -> None:
        end = 0
        for token in TOKEN.finditer(self.mjml):
            start = token.start()
            if start > end:
                self.text(end, start)
            end = token.end()
            kind = token.lastgroup
            if kind == "empty":
                self.opened(token)
            elif kind == "close":
                self.closed(token["close"], start)
            elif kind == "comment":
                self.comment(token["comment"], start)
            elif kind in ("condition", "over"):
                self.conditional(token)
            else:
                self.unreadable(start)
        if end < len(self.mjml):
            self.text(end, len(self.mjml))
        self.finish()

    def flaw(self, at: int, what: str, hint: str = "") -> None:
        self.flaws.append(Flaw(at, what, hint))
        if len(self.flaws) >= MOST_FLAWS:
            raise _Enough

    def in_body(self) -> bool:
        return any(frame.name == "mj-body" for frame in self.frames)

    # Between tags

    def text(self, start: int, end: int) -> None:
        frame = self.frames[-1]
        if frame.holds == "html":
            if (self.shows and frame.rows is None) or self.mjml[start:end].isspace():
                return
            self.shows = self.shows or self.in_body()
            if frame.rows is not None:
                words = shown(self.mjml[start:end])
                self.flaw(start, f'In {frame.name}, "{words}" stands between the rows of a table.', _ROWS_HINT)
        elif frame.holds == "css":
            if not self.mjml[start:end].isascii():
                self.edits.append((start, end, ascii_css(self.mjml[start:end])))
        elif frame.holds == "text":
            self.plain_text(frame.name, start, end)
        elif frame.holds != "anything":
            self.stray_text(frame.name, start, end)

    def plain_text(self, name: str, start: int, end: int) -> None:
        text = self.mjml[start:end]
        if name == "mj-title":
            # mrml writes the title into an aria-label too, and escapes it there as it does any value.
            title = re.sub(r"\s*[\n\t]\s*", " ", text).replace("\\", "&#92;").replace('"', "&quot;")
            if title != text:
                self.edits.append((start, end, title))
        elif name == "mj-accordion-title" and not text.isspace():
            self.shows = True

    def stray_text(self, name: str, start: int, end: int) -> None:
        text = self.mjml[start:end]
        if text.isspace():
            return
        at = end - len(text.lstrip())
        if name:
            self.flaw(at, f'{name} holds no text, but here is "{shown(text)}".', "Put it in an mj-text.")
        else:
            self.flaw(at, f'Text stands outside <mjml>: "{shown(text)}".')

    def comment(self, words: str, at: int) -> None:
        name, holds = self.frames[-1].name, self.frames[-1].holds
        if words.startswith(">") and self.condition is not None:
            self.flaw(at, "Something stands between <!--[if !mso]> and <!-->.", "Write <!--[if !mso]><!-->.")
            self.condition = None
        elif "--" in words or words.startswith((">", "->")) or words.endswith("-"):
            hint = "Take the second hyphen, or the bracket at its start, out."
            self.flaw(at, f'A comment holds what ends it too early for some: "{shown(words)}".', hint)
        elif (holds in ("css", "text", "nothing") and name != "style") or name == "mj-accordion-element":
            self.flaw(at, f"The compiler cannot read a comment in {name}.")
        elif self.condition is not None and _hides(self.condition[0]):
            self.flaw(at, "A comment inside an Outlook conditional comment ends it for all other readers.")

    def conditional(self, token: re.Match[str]) -> None:
        at, frame, begun = token.start(), self.frames[-1], self.condition
        if token.lastgroup == "condition":
            if begun is not None:
                self.flaw(begun.start(), f"{begun[0]} is not closed before the next one.", _ENDIF)
            elif frame.holds not in ("html", "anything"):
                self.flaw(at, f"{token[0]} must stand in an mj-raw or an mj-text.")
            elif any(each.name in known.NO_CONDITIONALS for each in self.frames):
                self.flaw(at, f"The compiler cannot read {token[0]} here.", "Use mj-raw or mj-text.")
            self.condition = token
        elif begun is None:
            self.flaw(at, f"{token[0]} ends no Outlook conditional comment.")
        else:
            if begun[0].startswith("<!--") and not token[0].endswith("-->"):
                self.flaw(begun.start(), f"{begun[0]} is closed by {token[0]}.", _ENDIF)
            self.condition = None

    def unreadable(self, at: int) -> None:
        holds = self.frames[-1].holds
        what, hint = broken(self.mjml, at, css=holds == "css")
        self.flaw(at, what, hint)
        if self.mjml.startswith("<!--", at) and not self.mjml.startswith("<!--[", at):
            raise _Enough
        if self.mjml[at : at + 9].lower().startswith("<![endif"):
            self.condition = None
        name = looks_like_tag(self.mjml, at)
        if name and holds != "css":
            self.frames.append(_Frame(name, at, _holds(name) if name.startswith("mj") else "html"))

    # Tags

    def opened(self, token: re.Match[str]) -> None:
        name, at, frame = token["open"], token.start(), self.frames[-1]
        holds: Holds
        if frame.holds == "html" and not name.startswith("mj-"):
            said = self.says("html", token)
            holds = "css" if name == "style" else "html"
        else:
            said = self.says("default" if frame.holds == "defaults" else "tag", token)
            holds = self.placed(name, at, frame, said.values)
        for what, hint in said.flaws:
            self.flaw(at, what, hint)
        if said.better is not None:
            self.edits.append((at, token.end(), said.better))
        if frame.rows is not None and name not in frame.rows:
            self.flaw(at, f"In {frame.name}, <{name}> stands between the rows of a table.", _ROWS_HINT)
        if name in _SHOWN and not self.shows:
            self.shows = self.in_body()
        if token["empty"] or name in known.VOID:
            return
        self.frames.append(_Frame(name, at, holds, _rows(name, frame)))
        if len(self.frames) > DEEPEST:
            self.flaw(at, f"More than {DEEPEST} tags stand inside one another.", "Readers lose what lies deeper.")
            raise _Enough

    def says(self, kind: Literal["html", "default", "tag"], token: re.Match[str]) -> _Said:
        said = self.said.get((kind, token[0]))
        if said is None:
            name, attributes = token["open"], token["attributes"]
            pairs = [(found[0], found[2] or found[3]) for found in ATTRIBUTE.findall(attributes)]
            if kind == "html":
                flaws = flaws_in_html(name, pairs)
            elif name in known.TAGS:
                flaws = flaws_in_attributes(name, pairs)
            else:
                flaws = iter(())
            safe = safe_attributes(attributes)
            better = None if safe is None else f"<{name}{safe}{' /' if token['empty'] else ''}>"
            said = self.said[kind, token[0]] = _Said(tuple(flaws), better, dict(pairs))
        return said

    def placed(self, name: str, at: int, frame: _Frame, values: Mapping[str, str]) -> Holds:
        """What the tag `name` holds; that it is unknown or stands where it must not is told."""
        if name in known.REFUSED:
            self.flaw(at, f"{name} cannot be used.", known.REFUSED[name])
            return "anything"
        if frame.holds == "anything":
            return _holds(name) if name in known.TAGS else "anything"
        if name not in known.TAGS:
            self.unknown(name, at, frame)
            return "html" if frame.holds in ("html", "text", "css") else "anything"
        if frame.holds == "defaults":
            self.defaults.setdefault(_default(name, values), set()).update(values)
            if name == "mj-class" and "name" not in values:
                self.flaw(at, 'mj-class needs a "name".')
            return "nothing"
        if not frame.name and name != "mjml":
            self.flaw(at, f"<{name}> stands outside <mjml>.")
        elif frame.name and name not in known.INSIDE.get(frame.name, ()):
            self.misplaced(name, at, frame)
        if name in ("mjml", "mj-head", "mj-body"):
            if name in self.once:
                self.flaw(at, f"There is a second <{name}>; only one is rendered.")
            self.once.add(name)
        self.later.append((at, name, values))
        return _holds(name)

    def unknown(self, name: str, at: int, frame: _Frame) -> None:
        guess = did_you_mean(name, known.TAGS)
        if frame.holds in ("text", "css", "nothing"):
            self.flaw(at, f"{frame.name} holds no tags, but here is <{name}>.", "Write &lt; if a < is meant.")
        elif name.lower().startswith("mj") or (guess and not frame.name):
            self.flaw(at, f"MJML has no tag <{name}>.{guess}")
        elif not frame.name:
            self.flaw(at, f"<{name}> stands outside <mjml>.")
        else:
            where = "mj-raw" if frame.name != "mj-column" else "mj-text"
            self.flaw(at, f"{frame.name} holds no HTML, but here is <{name}>.", f"Put it in an {where}.")

    def misplaced(self, name: str, at: int, frame: _Frame) -> None:
        homes = sorted(tag for tag, inside in known.INSIDE.items() if name in inside)
        if name in ("mj-all", "mj-class"):
            homes = ["mj-attributes"]
        if frame.holds == "html":
            parent = next(each.name for each in reversed(self.frames) if each.name in known.HTML)
            self.flaw(at, f"<{name}> stands in {parent}, which holds HTML only.")
        else:
            hint = f"It belongs in {' or '.join(homes)}." if homes else ""
            self.flaw(at, f"<{name}> cannot stand in {frame.name or 'nothing'}.", hint)

    def closed(self, name: str, at: int) -> None:
        top = self.frames[-1]
        if top.name != name and top.name.lower() != name.lower():
            if name.lower() in known.VOID:
                self.flaw(at, f"</{name}> is not needed: <{name}> holds nothing.", "Take it away.")
                return
            if not any(frame.name.lower() == name.lower() for frame in self.frames):
                self.flaw(at, f"</{name}> closes nothing.")
                return
            self.flaw(top.at, f"<{top.name}> is not closed before </{name}>.")
            while self.frames[-1].name.lower() != name.lower():
                self.frames.pop()
        self.frames.pop()
        if self.condition is not None and name in known.HTML:
            self.flaw(self.condition.start(), f"{self.condition[0]} is not closed before </{name}>.", _ENDIF)
            self.condition = None

    # At the end

    def finish(self) -> None:
        if len(self.frames) > 1:
            self.flaw(self.frames[-1].at, f"<{self.frames[-1].name}> is never closed.")
        if self.condition is not None:
            self.flaw(self.condition.start(), f"{self.condition[0]} is never closed.", _ENDIF)
        for name in ("mjml", "mj-body"):
            if name not in self.once:
                self.flaw(0, f"There is no <{name}>, so the mail would be empty.")
                return
        for at, name, values in self.later:
            self.judge(at, name, values)
        if not self.shows and not self.flaws:
            self.flaw(self.mjml.index("<mj-body"), "The mail would be empty: mj-body holds no text and no picture.")

    def judge(self, at: int, name: str, values: Mapping[str, str]) -> None:
        """What of a tag depends on the defaults."""
        classes = values.get("mj-class", "").split()
        for each in classes:
            if f".{each}" not in self.defaults:
                guess = did_you_mean(each, (key[1:] for key in self.defaults if key.startswith(".")))
                self.flaw(at, f'There is no mj-class "{each}" in mj-attributes.{guess}')
        if name not in known.NEEDS and name not in known.BORROWS:
            return
        given = set(values).union(*(self.defaults.get(f".{each}", ()) for each in classes))
        given |= self.defaults.get(name, set()) | self.defaults.get("mj-all", set())
        for missing in (key for key in known.NEEDS.get(name, ()) if key not in given or values.get(key) == ""):
            self.flaw(at, f'{name} needs a "{missing}".', _WHY.get((name, missing), ""))
        borrowed = [key for key in known.BORROWS.get(name, ()) if key not in given]
        if borrowed:
            names = " and ".join(f'"{key}"' for key in borrowed)
            self.flaw(
                at,
                f"{name} needs {names} of its own.",
                "Its usual picture is fetched from a stranger's server.",
            )

    def safe(self) -> str:
        parts: list[str] = []
        end = 0
        for start, stop, better in self.edits:
            parts += (self.mjml[end:start], better)
            end = stop
        parts.append(self.mjml[end:])
        return "".join(parts).encode("ascii", "xmlcharrefreplace").decode("ascii")


_ENDIF = "Close it with <![endif]-->."
_WHY = {("mjml", "lang"): 'Screen readers need the language: <mjml lang="en" dir="ltr">.'}


def _hides(condition: str) -> bool:
    """Whether what follows is one comment to everybody but Outlook."""
    return condition.startswith("<!--") and not condition.endswith("-->")


def _holds(name: str) -> Holds:
    if name in known.HTML:
        return "html"
    if name in known.TEXT:
        return "text"
    if name in known.CSS:
        return "css"
    if name == "mj-attributes":
        return "defaults"
    return "tags" if name in known.INSIDE else "nothing"


def _rows(name: str, parent: _Frame) -> frozenset[str] | None:
    if name == "mj-raw" and parent.name in known.ROWS:
        return _ROW
    return known.TABLE_PARTS if name == "mj-table" else None


def _default(name: str, values: Mapping[str, str]) -> str:
    return f".{values.get('name', '')}" if name == "mj-class" else name
