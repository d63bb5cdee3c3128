"""The shape of an issue file: which of its lines are headings, head lines, lists, comments and prose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token

from digest import issue_head, issue_inline
from digest.issue_head import SECTION_KEYS, STORY_KEYS, HeadLine

# What would end a line, blank or mark for a later step, or cannot be written as UTF-8.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_ATX = re.compile(r" {0,3}(#{1,3})(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*")
_MARKER = re.compile(r"( {0,3}(?:[-*+]|[0-9]{1,9}[.)]))([ \t]*)(.*)")
_FENCE_END = re.compile(r" {0,3}(?:`{3,}|~{3,})[ \t]*")


@dataclass(frozen=True, slots=True)
class Block:
    """A block at the top level, neither heading 1 to 3 nor head line."""

    #: As markdown-it calls it: "paragraph", "bullet_list", "html_block".
    kind: str
    #: Lines counted from 0, `end` excluded.
    start: int
    end: int
    tokens: Sequence[Token]

    @property
    def is_comment(self) -> bool:
        return _only_comments(self.tokens[0])

    @property
    def is_list(self) -> bool:
        return self.kind in ("bullet_list", "ordered_list")


@dataclass(frozen=True, slots=True)
class Item:
    """A list item."""

    start: int
    #: Its whole Markdown, without marker and indent.
    text: str
    #: Its first paragraph, if that is what it begins with.
    paragraph: str
    #: What follows that paragraph.
    below: str


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    #: Lines of the heading itself, counted from 0, `end` excluded.
    start: int
    end: int
    #: Inline Markdown.
    content: str
    #: Right below it; a line whose key is not known is a near miss and remains prose.
    head: Sequence[HeadLine]
    #: Up to the next heading 1 to 3.
    blocks: Sequence[Block]

    @property
    def is_empty(self) -> bool:
        return all(block.is_comment for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Outline:
    #: Without line ends, byte order mark and control characters.
    lines: Sequence[str]
    #: Above the first heading.
    blocks: Sequence[Block]
    headings: Sequence[Heading]
    tokens: Sequence[Token]
    env: dict[str, Any]
    #: Lines that are head lines, and so no content.
    taken: frozenset[int]

    def fragment(self, start: int, end: int, instead: Mapping[int, str] | None = None) -> tuple[str, int]:
        """Lines as Markdown of their own, head lines left blank, and the number of its first line.

        Lines named in `instead` are replaced. No line is left out, so errors inside find their place.
        """
        instead = instead or {}
        found = ["" if index in self.taken else instead.get(index, self.lines[index]) for index in range(start, end)]
        first = next((index for index, line in enumerate(found) if line.strip()), 0)
        return "\n".join(found[first:]).rstrip(), start + first + 1


def clean(text: str) -> list[str]:
    """The lines of a file as they are read."""
    return _CONTROLS.sub("", _NEWLINE.sub("\n", text.removeprefix("\ufeff"))).split("\n")


def known(level: int) -> frozenset[str]:
    """The head lines that may stand below a heading."""
    return SECTION_KEYS if level < 3 else SECTION_KEYS | STORY_KEYS


def read(lines: Sequence[str], start: int) -> Outline:
    """The outline of the lines from `start` on."""
    # Head lines are blanked before parsing: `source: TOME` above `---` would else be a heading itself.
    blank = _candidates(lines, start)
    for _ in range(3):
        tokens, env = _parsed(lines, start, blank)
        blocks, headings = _divided(lines, tokens)
        real = frozenset(line.line for heading in headings for line in heading.head if line.key in known(heading.level))
        if blank == real:
            break
        blank = real
    return Outline(lines, blocks, headings, tokens, env, real)


def items(block: Block, lines: Sequence[str]) -> list[Item]:
    """The items of a list, each as Markdown that stands for itself."""
    found: list[Item] = []
    for index, token in enumerate(block.tokens):
        if token.type != "list_item_open" or token.level != 1 or token.map is None:
            continue
        start, end = token.map
        width, first = _marker(lines[start])
        text = [first, *(_dedented(line, width) for line in lines[start + 1 : end])]
        child = index + 1
        while _only_comments(block.tokens[child]):
            child += 1
        paragraph, below = "", ""
        if block.tokens[child].type == "paragraph_open":
            inline = block.tokens[child + 1]
            paragraph = inline.content
            stop = inline.map[1] if inline.map else end
            below = _joined(text[stop - start :])
        found.append(Item(start, _joined(text), paragraph, below))
    return found


def is_unclosed(block: Block, lines: Sequence[str]) -> bool:
    """Whether a comment or fenced code begins that never ends, and hides all that follows."""
    if block.kind == "html_block":
        text = block.tokens[0].content.lstrip()
        return text.startswith("<!--") and "-->" not in text
    if block.kind != "fence" or block.end < len(lines) - 1:
        return False
    last = next((at for at in range(min(block.end, len(lines)) - 1, block.start, -1) if lines[at].strip()), -1)
    return last < 0 or not _FENCE_END.fullmatch(lines[last])


def _candidates(lines: Sequence[str], start: int) -> frozenset[int]:
    found: set[int] = set()
    for index in range(start, len(lines)):
        heading = _ATX.match(lines[index])
        if heading:
            keys = known(len(heading[1]))
        elif index > start and lines[index - 1].strip() and _UNDERLINE.fullmatch(lines[index]):
            keys = SECTION_KEYS
        else:
            continue
        below = issue_head.below(lines, index + 1, len(lines), keys)
        found.update(line.line for line in below if line.key in keys)
    return frozenset(found)


def _parsed(lines: Sequence[str], start: int, blank: frozenset[int]) -> tuple[list[Token], dict[str, Any]]:
    md = issue_inline.grammar()
    kept = ("" if index < start or index in blank else line for index, line in enumerate(lines))
    env: dict[str, Any] = {"references": {}}
    tokens: list[Token] = []
    md.block.parse("\n".join(kept), md, env, tokens)
    return tokens, env


def _divided(lines: Sequence[str], tokens: Sequence[Token]) -> tuple[list[Block], list[Heading]]:
    above: list[Block] = []
    headings: list[Heading] = []
    blocks = above
    index = 0
    while index < len(tokens):
        first = index
        if tokens[index].nesting:
            # A closing token at level 0 ends the block that an opening one began.
            while tokens[index].level or tokens[index].nesting != -1:
                index += 1
        index += 1
        token = tokens[first]
        start, end = token.map or (0, 0)
        if token.type == "heading_open" and token.tag in ("h1", "h2", "h3"):
            level = int(token.tag[1])
            head = issue_head.below(lines, end, len(lines), known(level))
            blocks = []
            headings.append(Heading(level, start, end, tokens[first + 1].content, head, blocks))
        else:
            blocks.append(Block(token.type.removesuffix("_open"), start, end, tokens[first:index]))
    return above, headings


def _only_comments(token: Token) -> bool:
    return token.type == "html_block" and not issue_inline.COMMENT.sub("", token.content).strip()


def _marker(line: str) -> tuple[int, str]:
    """How far an item's text is indented, and its first line without the marker."""
    found = _MARKER.match(line)
    if not found:
        return 0, line
    marker = len(found[1])
    blanks = len((" " * marker + found[2]).expandtabs(4)) - marker
    if not found[3]:
        return marker + 1, ""
    if blanks > 4:  # Indented code, one blank behind the marker.
        return marker + 1, " " * (blanks - 1) + found[3]
    return marker + blanks, found[3]


def _dedented(line: str, width: int) -> str:
    text = line.lstrip(" \t")
    indent = len(line[: len(line) - len(text)].expandtabs(4))
    return " " * max(0, indent - width) + text


def _joined(lines: Sequence[str]) -> str:
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    return "\n".join(lines[first:]).rstrip()
