"""Blanks and places, as words and comments that mrml and premailer carry through untouched.

Neither engine lets a control character pass, and premailer percent-encodes braces in links
(premailer #297), so inside the pipeline a blank is a made-up word, and a place is a comment.
Editors' own comments never get this far, so none can be mistaken for one of these.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from markupsafe import Markup

from digest import merge_tags
from digest.merge_tags import Blank

_GUARD = re.compile(r"<!--dg([?/])([a-z_]+)-->")
_PLACE = re.compile(r"<!--dg([+-])(\d+)-->")


class Blanks:
    """The blanks of one mail, each under a word that no text of it holds."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._found: dict[Blank, str] = {}
        whole = "\n".join(texts)
        self._stem = "blank"
        seed = whole.encode("utf-8", "replace")
        while self._stem in whole or self._stem == "blank":
            seed = hashlib.sha256(seed).digest()
            self._stem = "dg" + seed.hex()[:8]

    def word(self, blank: Blank) -> str:
        """The word that stands for `blank` until the mail is finished."""
        return self._found.setdefault(blank, f"{self._stem}n{len(self._found)}e")

    def words(self, text: str) -> str:
        """`text` with each `[[name|fallback]]` as its word."""
        return merge_tags.fill(merge_tags.mark(text), merge_tags.Syntax(tag=self.word))

    def marked(self, finished: str) -> str:
        """A finished text or HTML with every word as the blank's mark, every guard comment as a guard."""
        finished = _GUARD.sub(
            lambda found: merge_tags.OPEN + ("?" if found[1] == "?" else "/") + found[2] + merge_tags.CLOSE,
            finished,
        )
        if not self._found:
            return finished
        by_word = {word: blank.mark() for blank, word in self._found.items()}
        return re.sub(rf"{self._stem}n\d+e", lambda found: by_word.get(found[0], found[0]), finished)


class Guards:
    """What templates write around that which is kept only where there is a value: `when.view_url`, `end.view_url`."""

    def __init__(self, sign: str, *, comment: bool) -> None:
        self._sign = sign
        self._comment = comment

    def __getitem__(self, name: str) -> str:
        if self._comment:
            return Markup(f"<!--dg{self._sign}{name}-->")
        return merge_tags.OPEN + self._sign + name + merge_tags.CLOSE


def place(number: int) -> tuple[Markup, Markup]:
    """What stands before and after story `number` while its bytes are yet to be counted."""
    return Markup(f"<!--dg+{number}-->"), Markup(f"<!--dg-{number}-->")


def measured(html: str) -> tuple[str, dict[int, tuple[int, int]]]:
    """`html` without its places, and where each story begins and ends in it; one is missing if either end is lost."""
    parts: list[str] = []
    opened: dict[int, int] = {}
    spans: dict[int, tuple[int, int]] = {}
    at = written = 0
    for found in _PLACE.finditer(html):
        parts.append(html[at : found.start()])
        written += found.start() - at
        at = found.end()
        number = int(found[2])
        if found[1] == "+":
            opened[number] = written
        elif number in opened:
            spans[number] = (opened[number], written)
    parts.append(html[at:])
    return "".join(parts), spans
