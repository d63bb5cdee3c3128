"""Markdown becomes plain text that is pleasant to read: every word, and every link once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from digest.render.address import address
from digest.render.markdown import Markdown, unmarked
from digest.render.safe_html import INLINE, VOID, End, Piece
from digest.render.wrap import columns, wrapped

#: Below this many columns text is no longer indented further.
_NARROWEST = 24
_RULE = "* * *"
_BLANKS = re.compile(r"[ \t\n]+")
_BESIDE_BREAK = re.compile(r" *\n *")
_NOTE = re.compile(r"#fn(\d+)")
_POWER = re.compile(r"[+\-−]?\d+")
_ROWS = frozenset({"table", "thead", "tbody", "tfoot"})


@dataclass(slots=True)
class _Node:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Node | str] = field(default_factory=list)


def tidy(text: str) -> str:
    """`text` without blanks at the ends of lines, without two empty lines in a row, ending in one newline."""
    lines = "\n".join(line.rstrip(" \t") for line in text.split("\n")).strip("\n")
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n" if lines else ""


class Text:
    """The plain text of one mail; it remembers which links were written and numbers them.

    A link within a sentence reads "words [1]" and its address stands below the paragraph, as "[1] https://…".
    One that makes up a paragraph or a list item by itself stands below its words without a number.
    """

    def __init__(self, markdown: Markdown, *, width: int = 72) -> None:
        """`markdown` should be this text's own: what it says of blanks and footnote numbers is used here."""
        self._markdown = markdown
        self._width = width
        #: Address to number; 0 for one that was written, or will be, without a number.
        self._numbers: dict[str, int] = {}
        self._last = 0
        self._waiting: list[str] = []

    def skip(self, *urls: str) -> None:
        """Count these as written: for addresses the template writes itself, such as those of stories."""
        for url in urls:
            self._numbers.setdefault(address(url), 0)

    def address(self, url: str) -> str:
        """`url` exactly as the HTML part has it, to stand on a line of its own; it counts as written.

        "" when it is no web address.
        """
        self.skip(url)
        return self._markdown.fill(address(url))

    def block(self, text: str, *, indent: str = "") -> str:
        """Paragraphs, lists, quotes and so on, an empty line between them, each line behind `indent`."""
        nodes = _tree(self._markdown.pieces(text))
        lines = self._blocks(nodes, self._width - columns(indent), quoted=False)
        if self._waiting:
            lines += self._flush()
        return "\n".join(self._filled(lines, indent))

    def inline(self, text: str) -> str:
        """The words of `text` on one line, blanks still as marks: give it to `wrap` or `underline`.

        Addresses of its links wait for the next `block`, or for `addresses`.
        """
        return self._words(_tree(self._markdown.pieces(text, inline=True))).replace("\n", " ")

    def addresses(self, *, indent: str = "") -> str:
        """A line for each numbered link whose address was not yet written; "" when there is none."""
        return "\n".join(self._filled(self._flush(), indent))

    def wrap(self, text: str, *, first: str = "", indent: str = "") -> str:
        """`text` in lines, the first behind `first`, the others behind `indent`."""
        return "\n".join(self._filled(wrapped(text, self._width, first=first, indent=indent)))

    def underline(self, title: str, mark: str = "-") -> str:
        """`title`, and below it a line of `mark`, as wide as its widest line."""
        lines = wrapped(title, self._width)
        return "\n".join([*self._filled(lines), mark * max(map(columns, lines))])

    def footnotes(self) -> str:
        """The footnotes referred to so far, "[^1] ..." each; "" when there are none."""
        notes = []
        for number, text in self._markdown.notes():
            mark = f"[^{number}] "
            written = self.block(text, indent=" " * len(mark))
            notes.append(mark + written[len(mark) :])
        return "\n\n".join(notes)

    def _filled(self, lines: Sequence[str], indent: str = "") -> list[str]:
        return [self._markdown.fill(f"{indent}{line}".rstrip(" ")) for line in lines]

    def _flush(self) -> list[str]:
        waiting, self._waiting = self._waiting, []
        return waiting

    # Blocks: each answers with lines that hold marks still.

    def _blocks(self, nodes: Sequence[_Node | str], width: int, *, quoted: bool, tight: bool = False) -> list[str]:
        """The lines of all blocks in `nodes`; in a quote addresses wait until it ends."""
        lines: list[str] = []
        for group in _grouped(nodes):
            found = self._block(group, width, quoted) if isinstance(group, _Node) else self._paragraph(group, width)
            if self._waiting and not quoted:
                found = found + self._flush()
            if found:
                lines += ([""] if lines and not tight else []) + found
        return lines

    def _block(self, node: _Node, width: int, quoted: bool) -> list[str]:
        match node.name:
            case "ul" | "ol" | "dl":
                return self._list(node, width, quoted)
            case "blockquote":
                inner = width - 2 if width - 2 >= _NARROWEST else width
                lines = self._blocks(node.children, inner, quoted=True)
                return [f"> {line}".rstrip(" ") for line in lines] if inner < width else lines
            case "pre":
                return self._code(node, width)
            case "table":
                return self._table(node, width)
            case "hr":
                return [" " * ((width - len(_RULE)) // 2) + _RULE]
            case "dd":
                return [f"    {line}".rstrip(" ") for line in self._blocks(node.children, width - 4, quoted=quoted)]
            case _:
                tight = node.name == "figure"
                return self._blocks(node.children, width, quoted=quoted, tight=tight)

    def _paragraph(self, nodes: Sequence[_Node | str], width: int) -> list[str]:
        link = _lone_link(nodes)
        if link is None:
            words = self._words(nodes)
            return wrapped(words, width) if words else []
        words, href = self._words(link.children), link.attributes["href"]
        # What was said before keeps its number; a lone link to a new place needs none.
        if href in self._numbers or href == f"mailto:{words}" or _NOTE.fullmatch(href):
            return wrapped(self._link(link), width)
        self._numbers[href] = 0
        return [*(wrapped(words, width) if words and words != href else []), href]

    def _list(self, node: _Node, width: int, quoted: bool) -> list[str]:
        items = [child for child in node.children if isinstance(child, _Node)]
        loose = any(isinstance(part, _Node) and part.name == "p" for item in items for part in item.children)
        number = int(node.attributes.get("start", 1))
        lines: list[str] = []
        for item in items:
            if item.name != "li":
                lines += self._blocks([item], width, quoted=quoted)
                continue
            number = int(item.attributes.get("value", number))
            mark = "- " if node.name == "ul" else f"{number}. "
            number += 1
            inner = width - len(mark) if width - len(mark) >= _NARROWEST else width
            indent = " " * len(mark) if inner < width else ""
            found = self._blocks(item.children, inner, quoted=quoted, tight=not loose) or [""]
            if lines and loose:
                lines.append("")
            lines += [mark + found[0], *(indent + line if line else "" for line in found[1:])]
        return lines

    def _code(self, node: _Node, width: int) -> list[str]:
        lines = _raw(node).strip("\n").split("\n")
        return [f"    {line}".rstrip(" ") for line in lines] if any(map(str.strip, lines)) else []

    def _table(self, node: _Node, width: int) -> list[str]:
        """Columns, when they fit; else each row as lines of "heading: cell"."""
        rows = list(_table_rows(node))
        cells = [[self._words(cell.children).replace("\n", " ") for cell in row] for row in rows]
        if not cells:
            return self._blocks(node.children, width, quoted=True)
        lines = [line for name in _captions(node) for line in wrapped(self._words(name.children), width)]
        headed = bool(rows[0]) and all(cell.name == "th" for cell in rows[0])
        count = max(map(len, cells))
        widths = [max(columns(row[at]) if at < len(row) else 0 for row in cells) for at in range(count)]
        if sum(widths) + 2 * (count - 1) <= width:
            for at, (row, written) in enumerate(zip(rows, cells, strict=True)):
                padded = (_padded(text, widths[i], row[i]) for i, text in enumerate(written))
                lines.append("  ".join(padded).rstrip(" "))
                if at == 0 and headed:
                    lines.append("  ".join("-" * wide for wide in widths))
            return lines
        for at, written in enumerate(cells):
            if headed and at == 0 and len(cells) > 1:
                continue
            for i, text in enumerate(written):
                name = cells[0][i] if headed and at and i < len(cells[0]) else ""
                if text:
                    lines += wrapped(
                        f"{name}: {text}" if name else text, width, first="" if i == 0 else "  ", indent="  "
                    )
        return lines

    # Words: one string, a newline where the editor broke the line.

    def _words(self, nodes: Sequence[_Node | str]) -> str:
        text = _BESIDE_BREAK.sub("\n", self._run(nodes))
        return re.sub(" {2,}", " ", text).strip(" \n")

    def _run(self, nodes: Sequence[_Node | str], *, code: bool = False) -> str:
        return "".join(
            _BLANKS.sub(" ", unmarked(node) if code else node) if isinstance(node, str) else self._span(node, code)
            for node in nodes
        )

    def _span(self, node: _Node, code: bool) -> str:
        match node.name:
            case "br":
                return "\n"
            case "img":
                alt = _BLANKS.sub(" ", node.attributes.get("alt", "")).strip()
                return f"[{alt}]" if alt else ""
            case "a":
                return self._link(node)
        inner = self._run(node.children, code=code or node.name in ("code", "pre"))
        match node.name:
            case "sup" if _POWER.fullmatch(inner):
                return f"^{inner}"
            # Words taken back must not read as if they stood.
            case "s" | "del" if inner.strip():
                return f"~~{inner}~~"
            case "q":
                return f"“{inner}”"
        return inner if node.name in INLINE else f"\n{inner}\n"

    def _link(self, node: _Node) -> str:
        href, inner = node.attributes["href"], self._run(node.children)
        words = inner.strip()
        if note := _NOTE.fullmatch(href):
            return f"[^{note[1]}]"
        if href == f"mailto:{words}":
            self._numbers.setdefault(href, 0)
            return inner
        if href not in self._numbers:
            self._last += 1
            self._numbers[href] = self._last
            self._waiting.append(f"[{self._numbers[href]}] {href}")
        number = self._numbers[href]
        if not number:
            return inner
        # An address written out as its own words is said by the number alone.
        words = "" if words == href else words
        before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f"{before}{words}{' ' if words else ''}[{number}]{after}"


def _tree(pieces: Sequence[Piece]) -> list[_Node | str]:
    root = _Node("")
    open_nodes = [root]
    for piece in pieces:
        if isinstance(piece, str):
            open_nodes[-1].children.append(piece)
        elif isinstance(piece, End):
            open_nodes.pop()
        else:
            node = _Node(piece.name, dict(piece.attributes))
            open_nodes[-1].children.append(node)
            if piece.name not in VOID:
                open_nodes.append(node)
    return root.children


def _grouped(nodes: Sequence[_Node | str]) -> Iterator[_Node | list[_Node | str]]:
    """Each block by itself, and what stands between blocks together."""
    run: list[_Node | str] = []
    for node in nodes:
        if isinstance(node, str) or node.name in INLINE:
            run.append(node)
            continue
        if run:
            yield run
            run = []
        yield node
    if run:
        yield run


def _lone_link(nodes: Sequence[_Node | str]) -> _Node | None:
    """The link that is all there is in a paragraph, emphasised or not."""
    while True:
        solid = [node for node in nodes if not isinstance(node, str) or node.strip(" \t\n")]
        if len(solid) != 1 or isinstance(solid[0], str):
            return None
        if solid[0].name == "a":
            return solid[0]
        if solid[0].name not in ("p", "em", "strong", "b", "i"):
            return None
        nodes = solid[0].children


def _raw(node: _Node) -> str:
    return "".join(unmarked(child) if isinstance(child, str) else _raw(child) for child in node.children)


def _captions(node: _Node) -> Iterator[_Node]:
    return (child for child in node.children if isinstance(child, _Node) and child.name == "caption")


def _table_rows(node: _Node) -> Iterator[list[_Node]]:
    for child in node.children:
        if isinstance(child, _Node) and child.name == "tr":
            yield [cell for cell in child.children if isinstance(cell, _Node)]
        elif isinstance(child, _Node) and child.name in _ROWS:
            yield from _table_rows(child)


def _padded(text: str, width: int, cell: _Node) -> str:
    room = " " * (width - columns(text))
    return room + text if cell.attributes.get("align") == "right" else text + room
