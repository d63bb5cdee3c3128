"""Lines that stand around an article and are no part of it, and where the article among them ends."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Literal

from digest.incoming.headline import folded

#: "last": nothing that follows is the article ("Comments"); "end": what follows is no longer the article
#: ("Latest stories"); "box": the next few lines are not ("Related"); "line": this line alone is not ("Share").
Kind = Literal["", "last", "end", "box", "line"]

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SENTENCE = re.compile(r"[.!?…。！？।؟][»”\"’'」』)\]]*\s*$|[»”\"」』]\s*$")
_BULLET = re.compile(r"^\s*(?:[-*•‣▪–—·]|\d{1,3}[.)])\s")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def kind(line: str) -> Kind:
    """What a line is by its words alone; "" for one that may well be the article's."""
    if len(line) > 420:
        return ""
    words = " ".join(line.casefold().replace("’", "'").split())
    if re.match(r"[©]|\(c\)", words):
        return "line"
    bare = _EDGES.sub("", words)
    if not bare:
        return "line" if words and len(words) < 12 and not re.search(r"[.*#~=_-]{3}|\*", words) else ""
    for name, pattern in _patterns().items():
        if pattern.fullmatch(bare):
            # A bullet in front, or a full stop after several words, and it is rather a point or a sentence.
            if (
                name != "line"
                and (words.endswith((".", ";")) or (words.endswith("?") and name == "box"))
                and not words.endswith("...")
            ):
                return ""
            return name
    return ""


@functools.cache
def _patterns() -> dict[Kind, re.Pattern[str]]:
    """For each kind the phrases of around_articles.toml, in the order in which they are asked."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    kinds: tuple[Kind, ...] = ("line", "last", "box", "end")
    return {name: re.compile("|".join(table[name]).replace("{noun}", table["noun"])) for name in kinds}


def is_prose(line: str) -> bool:
    """Whether it reads like a paragraph: long, and with a sentence that ends."""
    size = len(line) + 2 * len(_UNSPACED.findall(line))
    return size >= 200 or (size >= 80 and _SENTENCE.search(line) is not None)


def parts(lines: Sequence[str], *, links: Collection[str] = ()) -> list[bool]:
    """For each line whether it is the article's.

    `lines` are paragraphs without the empty ones between; `links` the words of every link of the page, folded,
    by which a list of other stories gives itself away.
    """
    kinds = [kind(line) for line in lines]
    prose = [is_prose(line) and not kinds[number] for number, line in enumerate(lines)]
    keep = _without_sections(kinds, [len(line) if each else 0 for line, each in zip(lines, prose, strict=True)])
    _keep_main_run(lines, keep, prose, kinds)
    _cut_last_lines(lines, keep, prose, kinds, set(links))
    if not any(keep) and lines:
        return [not each for each in kinds] if not all(kinds) else [True] * len(lines)
    return keep


def _without_sections(kinds: Sequence[Kind], prose: Sequence[int]) -> list[bool]:
    """For each line whether it is neither a line to drop nor in a section of something else.

    `prose` has the length of each paragraph, 0 for other lines.
    """
    keep = [not each for each in kinds]
    number = 0
    while number < len(kinds):
        if kinds[number] in ("last", "end", "box"):
            goes_on = _goes_on(number, kinds, prose)
            for inner in range(number, goes_on):
                # A list or a sentence after "Read more" may still be the article's: only links and titles go.
                keep[inner] = False
            number = max(goes_on, number + 1)
        else:
            number += 1
    return keep


def _goes_on(start: int, kinds: Sequence[Kind], prose: Sequence[int]) -> int:
    """Where the article goes on after the heading of something else at `start`; the end when it does not."""
    before, total = sum(prose[:start]), len(prose)
    over = next((number for number in range(start + 1, total) if kinds[number] == "last"), total)
    after = [number for number in range(start + 1, total) if prose[number]]
    if not before:
        # Above the article: a heading of the site's own, with a few titles below it at most.
        return start + 1 if not after else min(after[0], start + 1)
    if kinds[start] == "last":
        return total
    if 3 * before < sum(prose[start:over]):
        # More to come than there was: a menu above the article, unless it is teasers between titles.
        for number in (number for number in after if number < over):
            if sum(map(bool, prose[number : number + 4])) >= 3:
                return number
    if kinds[start] == "box":
        if stop := next((n for n in range(start + 1, min([*after, total])) if kinds[n] in ("last", "end")), 0):
            return stop
        return next((number for number in after if number - start <= 8), total) if after else total
    for number in after:
        # Teasers under "Latest stories" take turns with titles; an article goes on in paragraphs.
        following = prose[number : number + 2]
        between = [each for each in kinds[start + 1 : number] if each == "end"]
        if len(following) == 2 and all(following) and number - start <= 12 and not between:
            return number
    return total


def _keep_main_run(lines: Sequence[str], keep: list[bool], prose: Sequence[bool], kinds: Sequence[Kind]) -> None:
    """Take off stray paragraphs far from the article, with the menus, forms and notices between."""
    runs: list[list[int]] = []
    for number in (number for number, each in enumerate(prose) if each and keep[number]):
        between = range(runs[-1][-1] + 1, number) if runs else range(0)
        if runs and not (len(between) > 8 and any(kinds[each] for each in between)):
            runs[-1].append(number)
        else:
            runs.append([number])
    if len(runs) < 2:
        return
    sizes = [sum(len(lines[number]) for number in run) for run in runs]
    large = [number for number, size in enumerate(sizes) if 4 * size >= max(sizes)]
    for number in range(len(lines)):
        if number > runs[large[-1]][-1] or (large[0] > 0 and number <= runs[large[0] - 1][-1]):
            keep[number] = False


def _cut_last_lines(
    lines: Sequence[str], keep: list[bool], prose: Sequence[bool], kinds: Sequence[Kind], links: set[str]
) -> None:
    """Take off, behind the last paragraph, titles of other stories: links, or lines after something cut."""
    last = max((number for number, each in enumerate(prose) if each and keep[number]), default=-1)
    if last < 0:
        return
    tail = range(last + 1, len(lines))
    titles = [number for number in tail if keep[number] and _is_title(lines[number])]
    cut_before = False
    for number in tail:
        if kinds[number]:
            cut_before = True
        elif _bare_item(lines[number]) in links or (cut_before and number in titles):
            keep[number] = False
    if cut_before and sum(keep[number] for number in tail) > 8:
        for number in tail:
            keep[number] = False
    run: list[int] = []
    for number in [*(each for each in tail if keep[each]), -1]:
        if number in titles and not _BULLET.match(lines[number]):
            run.append(number)
            continue
        if len(run) >= 3 and not lines[run[0] - 1].rstrip().endswith((":", "：")):
            for each in run:
                keep[each] = False
        run = []


def _is_title(line: str) -> bool:
    return len(line) < 140 and not re.search(r"[.:;,。、！？，；：।]['\"”’」』)]*$|[!?]['\"”’)]$", line.rstrip())


def _bare_item(line: str) -> str:
    return folded(_BULLET.sub("", line))
