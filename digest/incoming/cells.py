"""Rows and cells of a CSV text, as spreadsheets and services write it, broken quotes included.

Not the standard library's csv: it has one limit on the length of a cell for all of the program, and
a quote that nobody closed takes the rest of the file with it. Here it costs its own line.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

DELIMITERS = (",", ";", "\t", "|")
_LINE = re.compile(r"\r\n|\r|\n")


@functools.cache
def _cell(delimiter: str) -> re.Pattern[str]:
    # A quoted cell is one only if a delimiter or the line's end follows its last quote.
    mark = re.escape(delimiter)
    return re.compile(
        rf'[ ]*+"(?P<quoted>(?>(?:[^"]++|"")*))"[ \t]*?(?=[{mark}\r\n]|\Z)|(?P<bare>[^{mark}\r\n]*+)',
    )


def rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, its cells) for each row that is not empty."""
    cell = _cell(delimiter)
    at, line = 0, 1
    while at < len(text):
        cells: list[str] = []
        began = line
        while True:
            found = cell.match(text, at)
            if found is None:  # Never: a bare cell may be empty.
                return
            quoted = found["quoted"]
            if quoted is None:
                cells.append(found["bare"])
            else:
                cells.append(quoted.replace('""', '"'))
                line += len(_LINE.findall(quoted))
            at = found.end()
            if text[at : at + 1] != delimiter:
                break
            at += 1
        at += 2 if text.startswith("\r\n", at) else 1
        line += 1
        if any(each.strip() for each in cells):
            yield began, cells


def delimited(head: str) -> tuple[str, list[str]]:
    """(delimiter, cells of the first row), the delimiter being that which parts it best."""
    # Excel's own word on what parts the cells.
    named = re.match(r"sep=([,;\t|])\s*?(?:\r\n|\r|\n)", head, re.IGNORECASE)
    if named:
        head = head[named.end() :]
    first = [(each, next((cells for _, cells in rows(head, each)), [])) for each in DELIMITERS]
    if named:
        return named[1], dict(first)[named[1]]
    return max(first, key=lambda pair: len(pair[1]))
