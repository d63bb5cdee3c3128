"""Words become lines of a given width, counted as a terminal shows them, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from digest.merge_tags import CLOSE, OPEN, Blank, split

#: Columns counted for a blank that has no fallback.
_BLANK = 12
# A mark is one word, whatever its fallback holds. A no-break space is no place to break.
_WORDS = re.compile(rf"(?:{OPEN}[^{CLOSE}]*{CLOSE}|[^ \t\n{OPEN}])+")
# Chinese and Japanese break between any two characters; Korean breaks at blanks, as the Latin script does.
_CJK = "\u2e80-\u312f\u3190-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
# Never at the beginning, never at the end of a line (the plainest of JIS X 4051's rules).
_CLOSING = (
    "、。，．・：；？！ゝゞヽヾーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ々‐」』）］｝〕〉》】〙〗｠»”’…‥〜～％"
    "ｰ｡､｣,.:;?!)\\]}%\"'"
)
_OPENING = "「『（［｛〔〈《【〘〖｟«“‘"
_UNITS = (
    rf"[{_OPENING}]*(?:[{_CJK}](?:[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef])*"
    rf"|(?:{OPEN}[^{CLOSE}]*{CLOSE}|[^{_CJK}{_OPENING}])+|)[{_CLOSING}]*"
)
#: Where a Chinese or Japanese sentence takes breath.
_PAUSES = tuple("、。，．！？；：")
_FIRST_CJK = "\u2e80"
#: What takes one column each and changes none beside it: Latin, and the punctuation that goes with it.
_NARROW = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u20ac]*")


def columns(text: str) -> int:
    """How wide a terminal shows `text`: East Asian characters and emoji count two, combining ones none."""
    if text.isascii() and OPEN not in text:
        return len(text)
    width = 0
    for part in split(text):
        if isinstance(part, Blank):
            width += columns(part.fallback) or _BLANK
        else:
            width += len(part) if _NARROW.fullmatch(part) else _measured(part)
    return width


def _measured(text: str) -> int:
    # Late, as few issues need it and it takes 10 ms.
    from wcwidth import wcswidth

    # -1 means a character without a width, such as a control; none should have come this far.
    known = wcswidth(text)
    return known if known >= 0 else len(text)


def wrapped(text: str, width: int, *, first: str = "", indent: str = "") -> list[str]:
    """Lines no wider than `width`, but for words that cannot be broken; a newline in `text` always breaks.

    The first line begins with `first`, the others with `indent`. Where there are no blanks to break at, a
    line ends after a comma or a full stop if that leaves it more than half full, or else wherever it must.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, room, empty, pause = first, width - columns(first), True, 0
        for space, unit in _units(paragraph):
            wide = columns(unit)
            gap = 0 if empty else len(space)
            if not empty and wide + gap > room:
                rest = "" if space or columns(line[:pause]) * 2 <= width else line[pause:]
                if columns(indent + rest) + wide > width:
                    rest = ""
                lines.append(line[: len(line) - len(rest)].rstrip(" "))
                line, gap, pause = indent + rest, 0, 0
                room = width - columns(line)
            line += space[:gap] + unit
            room -= gap + wide
            empty = False
            if unit.endswith(_PAUSES):
                pause = len(line)
        lines.append(line.rstrip(" "))
        first = indent
    return lines


def _units(text: str) -> Iterator[tuple[str, str]]:
    """What a line may not be broken within, each with the blank before it or none."""
    for word in _WORDS.findall(text):
        space = " "
        # Patterns with so many characters take 5 ms to compile; an issue without any shall not wait for them.
        for unit in _unit_pattern().findall(word) if _has_cjk(word) else (word,):
            if unit:
                yield space, unit
                space = ""


def _has_cjk(word: str) -> bool:
    return max(word) >= _FIRST_CJK and _cjk_pattern().search(word) is not None


@cache
def _unit_pattern() -> re.Pattern[str]:
    return re.compile(_UNITS)


@cache
def _cjk_pattern() -> re.Pattern[str]:
    return re.compile(f"[{_CJK}]")
