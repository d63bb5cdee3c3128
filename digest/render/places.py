"""Where each stretch of a rendered template came from, told by marks that only a second rendering carries.

Rendering is done without marks. When what it gave turns out wrong, it is done again with `LineMarks`, the
mistake is found again, and the nearest mark before it names the template's file and line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

# Control characters, as no text may hold them, and not U+001C to U+001F, which `strip` takes for blanks.
# The name is in hexadecimal, so that no filter (escape, upper, striptags) changes it.
_MARK = re.compile("\x0e((?:[0-9a-f]{2})*):([0-9]+)\x0f")
_ENDS = frozenset({"variable_end", "block_end"})


def mark(name: str | Path, line: int) -> str:
    """What stands before a text that came from `line` of the file `name`, such as a story's HTML.

    It holds up to the next mark; a template sets one after each of its own blocks.
    """
    return f"\x0e{str(name).encode('utf-8', 'surrogateescape').hex()}:{line}\x0f"


class LineMarks(Extension):
    """A Jinja extension that has a template mark each of its lines, and where it goes on after a block."""

    # Before extensions that take line breaks out.
    priority = 10

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        name = stream.filename or stream.name or ""
        after_block = True
        for token in stream:
            if token.type == "data":
                first, *rest = token.value.split("\n")
                lines = [mark(name, token.lineno) + first]
                lines += [mark(name, token.lineno + count) + each for count, each in enumerate(rest, 1)]
                yield Token(token.lineno, "data", "\n".join(lines))
            else:
                if after_block and token.type == "variable_begin":
                    yield Token(token.lineno, "data", mark(name, token.lineno))
                yield token
            after_block = token.type in _ENDS


@dataclass(frozen=True, slots=True)
class Places:
    """The marks of a text, by the offset in it at which each stood."""

    offsets: tuple[int, ...]
    marked: tuple[tuple[Path, int], ...]

    def find(self, offset: int) -> tuple[Path, int] | None:
        """File and line of what stands at `offset`; None before the first mark."""
        before = bisect_right(self.offsets, offset)
        return self.marked[before - 1] if before else None


def unmark(text: str) -> tuple[str, Places]:
    """`text` without its marks, and what they said."""
    if "\x0e" not in text:
        return text, Places((), ())
    parts: list[str] = []
    offsets: list[int] = []
    marked: list[tuple[Path, int]] = []
    end = length = 0
    for found in _MARK.finditer(text):
        parts.append(text[end : found.start()])
        length += found.start() - end
        end = found.end()
        offsets.append(length)
        name = bytes.fromhex(found[1]).decode("utf-8", "surrogateescape")
        marked.append((Path(name), int(found[2])))
    parts.append(text[end:])
    return "".join(parts), Places(tuple(offsets), tuple(marked))
