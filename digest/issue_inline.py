"""Links, titles and pictures as Markdown writes them within a paragraph or heading of an issue file."""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_inline import StateInline, autolink, link
from markdown_it.token import Token

Env = MutableMapping[str, Any]

COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
EMPTY_LINK = re.compile(r"\]\(\s*\)")
_RUN = re.compile(r"[*_~]+(?=[\[<])")
#: A dash or bar stands free, or is long enough to be seen; a colon may touch the link.
_SEPARATOR = re.compile(r"\s+(?:-{1,3}|\|)\s+(?=\S)|\s*[–—]\s*(?=\S)|\s*:\s+(?=\S)")
_MARKUP = re.compile(r"[\\`*_\[\]<>&!~\n]")
_TICKS = re.compile(r"`+")
# Nobody writes a title, link or caption of this many characters, and reading one closely would take seconds.
_LONG = 20_000
#: As many characters of emoji may stand before a title's link.
_MARKS = 40


@dataclass(frozen=True, slots=True)
class Title:
    """A heading's or a list item's link, taken apart."""

    #: As read aloud.
    text: str
    #: Inline Markdown, without the link around it when `url` has it.
    markdown: str
    url: str = ""
    #: What follows the link: "" in a heading.
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    src: str
    alt: str
    caption: str
    link: str = ""


@cache
def grammar() -> MarkdownIt:
    """CommonMark with tables and strikethrough; addresses stay as written, dangerous ones are no links."""
    md = _AsWritten("commonmark", {"maxNesting": 100})
    md.enable(["table", "strikethrough"])
    md.block.ruler.at("reference", _definition)
    return md


def title(text: str, env: Env) -> Title:
    """A heading's words and its link, if one link is all it holds, emphasis and emoji aside.

    Otherwise `url` is "" and the Markdown keeps whatever links there are.
    """
    text = without_comments(text).replace("\n", " ").strip()
    found = leading_link(text, env)
    if found is not None and (not found.rest.strip() or _is_emoji(found.rest)):
        after = found.rest.strip()
        markdown = f"{found.markdown} {after}".strip()
        return Title(plain(markdown, env), markdown, found.url)
    return Title(plain(text, env), text)


def leading_link(text: str, env: Env) -> Title | None:
    """The link that `text` begins with, emphasis around it and emoji before it included."""
    text = without_comments(text).lstrip()
    start = next((at for at, letter in enumerate(text) if letter in "[<*_~"), -1)
    if start < 0 or start > _MARKS or (start and not _is_emoji(text[:start])):
        return None
    emoji, text = text[:start], text[start:]
    run = found[0] if (found := _RUN.match(text)) else ""
    read = _link(text[:_LONG], len(run), env)
    if read is None:
        return None
    markdown, url, end = read
    rest = text[end:]
    if run:
        if not rest.startswith(run[::-1]) or (rest[len(run) :] and rest[len(run)].isalnum()):
            return None
        rest = rest[len(run) :]
        markdown = f"{run}{markdown}{run[::-1]}" if markdown else ""
    markdown = emoji + markdown
    return Title(plain(markdown, env), markdown, url, rest)


def note(rest: str) -> tuple[str, bool]:
    """What stands behind a brief's link, and whether a dash, colon or bar was cut off before it."""
    rest = rest.rstrip()
    separator = _SEPARATOR.match(rest)
    return (rest[separator.end() :], True) if separator else (rest, False)


def plain(markdown: str, env: Env) -> str:
    """Inline Markdown as it is read aloud."""
    if len(markdown) <= _LONG and _MARKUP.search(markdown):
        md = grammar()
        markdown = "".join(_aloud(md.inline.parse(markdown, md, env, [])))
    return " ".join(markdown.split())


def lone_image(paragraph: str, env: Env) -> Image | None:
    """The picture that is all a paragraph holds, a link around it or not."""
    text = without_comments(paragraph).strip()
    if not text.startswith(("![", "[![")) or len(text) > _LONG:
        return None
    md = grammar()
    tokens = [token for token in md.inline.parse(text, md, env, []) if token.content or token.type != "text"]
    target = ""
    if len(tokens) == 3 and tokens[0].type == "link_open":
        target = str(tokens[0].attrs.get("href", ""))
        tokens = tokens[1:2]
    if len(tokens) != 1 or tokens[0].type != "image":
        return None
    found = tokens[0]
    alt = " ".join("".join(_aloud(found.children or [])).split())
    return Image(str(found.attrs.get("src", "")), alt, str(found.attrs.get("title", "")), target)


def holds_image(paragraph: str, env: Env) -> bool:
    """Whether a picture stands anywhere in the paragraph."""
    if "![" not in paragraph:
        return False
    if len(paragraph) > _LONG:
        return "](" in paragraph or "][" in paragraph
    md = grammar()
    return any(token.type == "image" for token in md.inline.parse(paragraph, md, env, []))


def holds_link(paragraph: str, env: Env) -> bool:
    """Whether a link stands anywhere in the paragraph."""
    if "[" not in paragraph and "<" not in paragraph:
        return False
    if len(paragraph) > _LONG:
        return True
    md = grammar()
    return any(token.type == "link_open" for token in md.inline.parse(paragraph, md, env, []))


def without_comments(text: str) -> str:
    """`text` without `<!-- -->`. What stands in backticks stays."""
    if "<!--" not in text:
        return text
    codes = code_ranges(text)
    return COMMENT.sub(lambda found: found[0] if inside(found.start(), codes) else "", text)


def code_ranges(text: str) -> list[tuple[int, int]]:
    """Where code spans stand: a run of backticks up to the next run of the same length."""
    runs = [(found.start(), found.end()) for found in _TICKS.finditer(text)]
    waiting: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        waiting.setdefault(runs[index][1] - runs[index][0], []).append(index)
    ranges: list[tuple[int, int]] = []
    index = 0
    while index < len(runs):
        start, end = runs[index]
        same = waiting[end - start]
        while same and same[-1] <= index:
            same.pop()
        escaped = start > 0 and text[start - 1] == "\\"
        if same and not escaped:
            index = same[-1]
            ranges.append((start, runs[index][1]))
        index += 1
    return ranges


def inside(place: int, ranges: list[tuple[int, int]]) -> bool:
    """Whether `place` lies in one of the ranges, which are in order."""
    at = bisect_right(ranges, (place, sys.maxsize)) - 1
    return at >= 0 and place < ranges[at][1]


class _AsWritten(MarkdownIt):
    """Addresses stay as the editor gave them; the renderer writes them safely."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the parser's own name
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


def _definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`[label]: address`, but not `[^1]: text`, a footnote, which is content."""
    if state.src.startswith("[^", state.bMarks[start] + state.tShift[start]):
        return False
    return reference(state, start, end, silent)


def _link(text: str, start: int, env: Env) -> tuple[str, str, int] | None:
    """The label, the address and the end of the link at `start`."""
    md = grammar()
    tokens: list[Token] = []
    state = StateInline(text, md, env, tokens)
    state.pos = start
    if text.startswith("[", start):
        if not link(state, True):
            return None
        end = state.pos
        state.pos = start
        close = md.helpers.parseLinkLabel(state, start, True)
        return text[start + 1 : close].strip(), _address(text[start:end], env), end
    if text.startswith("<", start) and autolink(state, False):
        shown = tokens[1].content
        return re.sub(r"([\\`*_\[\]<>&~!])", r"\\\1", shown), str(tokens[0].attrs["href"]), state.pos
    return None


def _address(written: str, env: Env) -> str:
    md = grammar()
    tokens: list[Token] = []
    link(StateInline(written, md, env, tokens), False)
    return str(tokens[0].attrs.get("href", "")) if tokens else ""


def _aloud(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "image":
            yield from _aloud(token.children or [])
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.type != "html_inline":
            yield token.content


def _is_emoji(text: str) -> bool:
    """Marks that are no words and no punctuation, blanks around them or not."""
    kinds = {unicodedata.category(letter) for letter in text}
    return "So" in kinds and kinds <= {"So", "Sk", "Mn", "Me", "Cf", "Zs"}
