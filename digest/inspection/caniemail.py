"""Which mail program shows what, as caniemail.com has tested it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Made by scripts/caniemail.py, which says whose facts these are.
_FILE = Path(__file__).with_name("caniemail.json.gz")
_ANSWER = re.compile(r"(\S+?)([ynau])([\d,]*)")
_DAY = re.compile(r"20\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one version of a program does with a feature."""

    version: str
    #: "y" shows it, "n" does not, "a" partly, "u" nobody knows.
    word: str
    #: Numbers of notes on caniemail's page.
    notes: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that HTML or CSS can do, and who does it."""

    #: As in https://www.caniemail.com/features/<slug>/
    slug: str
    title: str
    #: "YYYY-MM" of the last test.
    tested: str
    #: By program, "gmail.android"; versions in the order of the source.
    answers: Mapping[str, str]

    def versions(self, program: str) -> tuple[Answer, ...]:
        """Every version that was tested, oldest first, as the source has them."""
        return tuple(
            Answer(version, word, frozenset(int(each) for each in notes.split(",") if each))
            for version, word, notes in _ANSWER.findall(self.answers.get(program, ""))
        )

    def newest(self, program: str) -> Answer | None:
        """What the program does today; None when it was never tested.

        The last in the source's order: as strings "16.80" sorts before "2016", and 16.80 came after. Where all are
        months, the latest month; a few cells have them the other way round.
        """
        found = self.versions(program)
        if found and all(_DAY.fullmatch(each.version) for each in found):
            return max(found, key=lambda each: each.version)
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, of one day."""

    source: str
    #: "YYYY-MM-DD" of the data.
    edition: str
    #: "gmail.android" and so on.
    programs: tuple[str, ...]
    #: As the file has them: title, month of the last test, and a cell for each program.
    rows: Mapping[str, tuple[str, str, list[str]]]

    def feature(self, slug: str) -> Feature | None:
        """None for a slug that caniemail does not have."""
        if slug not in self.rows:
            return None
        title, tested, cells = self.rows[slug]
        answers = {name: cell for name, cell in zip(self.programs, cells, strict=True) if cell}
        return Feature(slug, title, tested, answers)


@cache
def facts() -> Facts:
    """The facts that came with this digest."""
    read = json.loads(gzip.decompress(_FILE.read_bytes()))
    return Facts(read["source"], read["edition"], tuple(read["clients"]), read["features"])
