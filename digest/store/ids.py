"""Short names for candidates: two letters or digits at first, more when those are used up, never used twice."""

from __future__ import annotations

import math
from functools import cache

#: No vowels and no y, so that no id is a word; none of 0 o, 1 l i, 2 z, 5 s, u v, that pass for one another.
_LETTERS = "bcdfghjkmnpqrtvwx"
_MARKS = _LETTERS + "346789"


def id_of(number: int) -> str:
    """The id of the candidate with this number, counted from 1. Neighbours in number are no neighbours in id.

    An id begins with a letter, so it is never taken for a line's number in a list.
    """
    number -= 1
    length = 2
    while number >= _room(length):
        number -= _room(length)
        length += 1
    place = number * _stride(length) % _room(length)
    marks: list[str] = []
    for _ in range(length - 1):
        place, rest = divmod(place, len(_MARKS))
        marks.append(_MARKS[rest])
    return _LETTERS[place] + "".join(reversed(marks))


def typed(text: str) -> str:
    """An id as somebody typed it, the way we write it."""
    return text.strip().lstrip("#").casefold()


def misspelt(typed_id: str) -> list[str]:
    """What may have been meant: one mark wrong, one too many, or two in the wrong order."""
    found: list[str] = []
    for at in range(len(typed_id)):
        before, mark, after = typed_id[:at], typed_id[at], typed_id[at + 1 :]
        found += [before + other + after for other in _MARKS]
        found += [before + after, before + after[:1] + mark + after[1:]]
    return [each for each in dict.fromkeys(found) if each and each != typed_id]


@cache
def _room(length: int) -> int:
    return len(_LETTERS) * int(len(_MARKS) ** (length - 1))


@cache
def _stride(length: int) -> int:
    """A step that comes by every place of that length once before it comes back."""
    stride = int(_room(length) * 0.618)
    while math.gcd(stride, _room(length)) != 1:
        stride += 1
    return stride
