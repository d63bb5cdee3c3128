"""A text's lines, put together where they were broken at a column, and where among menus its article begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.incoming import headline, written_dates
from digest.incoming.around_articles import is_prose, kind
from digest.incoming.head_lines import BULLET, byline, only_url
from digest.incoming.plain_html import tidy

#: Lines in which title, date and byline of an article are looked for.
HEAD = 25
#: Lines in which the headline is looked for below a site's menus, and above its article.
_MENUS = 600
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©\s*)?(?:(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)\d\d)?,?\s*)?(?:by\s+)?([^.|,\d©]{2,50})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty; of a paragraph broken at a column, all its lines as one."""

    words: str
    #: Counted from 1, as the editor's program shows it.
    number: int
    #: Nothing but an empty line, or the start, stands before it.
    after_gap: bool


def lines_of(text: str) -> list[Line]:
    """The lines that hold anything; paragraphs that were broken at a column are put together again."""
    raw = [tidy(line) for line in re.split(r"\r\n?|[\n\x0b\x0c\x85\u2028\u2029]", text)]
    found, block, start = [], list[str](), 0
    wrapped = _is_wrapped(raw)
    for number, words in enumerate([*raw, ""], 1):
        if words:
            start = start if block else number
            block.append(words)
            continue
        if len(block) > 1 and wrapped and _is_paragraph(block):
            found.append(Line(" ".join(block), start, True))
        else:
            found += [Line(each, start + offset, offset == 0) for offset, each in enumerate(block)]
        block = []
    return found


def _is_wrapped(raw: Sequence[str]) -> bool:
    """Whether the text was broken at a column, as mail programs and terminals do."""
    lengths = [len(line) for line in raw if len(line) > 40]
    widest = max(lengths, default=0)
    if len(lengths) < 3 or widest > 110 or "" not in raw:
        return False
    return sum(length > widest - 20 for length in lengths) >= 0.6 * len(lengths)


def _is_paragraph(block: Sequence[str]) -> bool:
    widest = max(map(len, block))
    if any(BULLET.match(line) or kind(line) for line in block[1:]) or widest < 50:
        return False
    return all(len(line) > widest - 20 for line in block[:-1])


def headline_below(lines: Sequence[Line], at: int, title: str) -> int | None:
    """Where the page's title at `at` comes again as the headline of the article; None when it does not.

    `title` is the line's words without the site's name. A page that was copied as a whole has its title
    first and its headline after a hundred words of menus.
    """
    alone, whole = headline.folded(title), headline.folded(lines[at].words)
    for place in range(at + 2, min(len(lines), _MENUS)):
        said = headline.folded(lines[place].words)
        begins = len(said) > 20 and 5 * len(said) >= 3 * len(whole) and whole.startswith(said)
        if (begins or said in (alone, whole)) and _begins_here(lines, place):
            return place
    place = _retold(lines, at, title) or 0
    return place if place and _begins_here(lines, place) else None


def _begins_here(lines: Sequence[Line], place: int) -> bool:
    """Whether most paragraphs stand below: a headline may also come again in the links under its article."""
    for each in lines[place + 1 : place + 7]:
        if len(each.words) < 80 and (byline(each.words) or written_dates.find(each.words)):
            return True
    above, below = (
        sum(len(each.words) for each in part if is_prose(each.words) and not kind(each.words))
        for part in (lines[:place], lines[place : place + 400])
    )
    return above <= below


def _retold(lines: Sequence[Line], at: int, title: str) -> int | None:
    """Where a line says nearly what the title says, and a paragraph follows soon."""
    wanted = {word for word in re.findall(r"\w+", title.casefold()) if len(word) > 3}
    if len(wanted) < 4:
        return None
    for number in range(at + 2, min(len(lines), _MENUS)):
        words = {word for word in re.findall(r"\w+", lines[number].words[:300].casefold()) if len(word) > 3}
        same = len(lines[number].words) < 200 and 5 * len(words & wanted) >= 4 * max(len(wanted), len(words))
        if same and any(is_prose(each.words) and not kind(each.words) for each in lines[number + 1 : number + 12]):
            return number
    return None


def day_first_in(lines: Sequence[Line], language: str) -> bool | None:
    """How 03/02/2024 is meant: as another date in the text shows, or as the language has it; None in English."""
    for line in lines[:300]:
        for first, second in re.findall(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(?:20)?\d\d(?![\d/])", line.words[:2_000]):
            if int(first) > 12 >= int(second):
                return True
            if int(second) > 12 >= int(first):
                return False
    return True if language and language != "en" else None


def sites_named(lines: Sequence[Line]) -> list[str]:
    """What the site may be called: the name after a copyright sign, and the host of the text's own address."""
    found = []
    for line in [*lines[:8], *lines[-25:]]:
        if len(line.words) < 200 and (name := _COPYRIGHT.search(line.words)):
            found.append(name[1].strip(" -–|"))
    return found + [url for line in lines[:HEAD] if (url := only_url(line.words))]
