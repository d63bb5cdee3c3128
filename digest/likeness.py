"""Whether two items tell of the same: equal titles are one story, like wording is one event. Pure.

Only an equal title may fold two items into one. Like wording makes a group, a suggestion to the editor.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

#: Shorter titles ("Weekly links", "This week in Rust") come again and mean another story each time.
TITLE_LENGTH = 25
#: Equal titles further apart are a column that comes again.
TITLE_DAYS = timedelta(days=60)
#: Of the cosine. Of 33 labelled pairs of news on different sites, all hard ones, it groups 23 of the 24 that
#: tell one event and 5 of the 9 that are merely related, by their titles alone (.20: 24 and 7; .35: 20 and 3).
#: Of 918 items of 27 feeds it groups 46 into 18 events: two groups are wrong, three hold what is merely related.
THRESHOLD = 0.28
#: Words of a description that count; a body would drown the title.
_WORDS = 80

_WORD = re.compile(r"[^\W_]+")
#: Scripts that put no blank between words: two letters in a row stand for a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Telling:
    """An item, as far as its wording goes."""

    id: str
    title: str
    description: str = ""
    #: Two items of one site are never grouped: a site does not tell one event twice by chance.
    site: str = ""


def title_key(title: str) -> str:
    """What equal titles share; "" for a title too short to tell a story by."""
    normal = plain_title(title)
    return normal if len(normal) >= TITLE_LENGTH else ""


def plain_title(title: str) -> str:
    """A title without case, punctuation and look of its letters."""
    return " ".join(_WORD.findall(_folded(title)))


def similar_titles(one: str, other: str) -> bool:
    """Whether one title may be an edit of the other: half of all their words are in both, and every number.

    "Release 1.2" and "Release 1.3" are two.
    """
    if set(re.findall(r"\d+", one)) != set(re.findall(r"\d+", other)):
        return False
    first, second = set(_words(one)), set(_words(other))
    return bool(first & second) and 2 * len(first & second) >= len(first | second)


def alike(
    new: Sequence[Telling], known: Sequence[Telling], *, threshold: float = THRESHOLD
) -> Iterator[tuple[str, str, float]]:
    """For each of `new` the one of `known` or of the new ones before it that it is most like: ids, cosine.

    Nothing for one that is like none. Rare words weigh most: TF-IDF over all that is given.
    """
    every = [*known, *new]
    counts = [_counted(each) for each in every]
    spread = Counter(word for count in counts for word in count)
    vectors = [_vector(count, spread, len(every)) for count in counts]
    # A word in every tenth item tells no event; without this the commonest words cost all the time.
    common = max(8, len(every) // 10)
    holders: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, vector in enumerate(vectors):
        here = every[place]
        if place >= len(known):
            scores: defaultdict[int, float] = defaultdict(float)
            for word, weight in vector.items():
                for other, its_weight in holders[word] if spread[word] <= common else ():
                    scores[other] += weight * its_weight
            found = [
                (score, -other)
                for other, score in scores.items()
                if score >= threshold and (not here.site or every[other].site != here.site)
            ]
            if found:
                score, other = max(found)
                yield here.id, every[-other].id, score
        for word, weight in vector.items():
            holders[word].append((place, weight))


def groups(links: Iterable[tuple[str, str, float]], leaders: Mapping[str, str]) -> dict[str, str]:
    """Which group each newly linked item belongs to, by the id of the group's first member.

    `leaders` says it of those that were in a group before; one that was in none leads its own.
    """
    found: dict[str, str] = {}
    for one, other, _ in links:
        leader = found.get(other) or leaders.get(other) or other
        found.setdefault(other, leader)
        found[one] = leader
    return found


def _folded(text: str) -> str:
    """Without case; "don't" and "U.S." stay one word."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if "'" not in text and "’" not in text and "." not in text:
        return text
    return re.sub(r"(?<=\w)['’](?=\w)|(?<=\b\w)\.(?=\w\b)|(?<=\b\w\.\w)\.", "", text)


def _words(text: str) -> list[str]:
    """Words, the commonest plural ending taken off, so that "strikes" and "strike" meet."""
    words: list[str] = []
    for word in _WORD.findall(_folded(text)):
        if _UNSPACED.search(word):
            words += [word[at : at + 2] for at in range(max(1, len(word) - 1))]
        elif len(word) > 1:
            words.append(word[:-1] if len(word) > 3 and word.endswith("s") else word)
    return words


def _counted(telling: Telling) -> Counter[str]:
    count = Counter(_words(telling.title))
    count.update(_words(telling.description[:2000])[:_WORDS])
    return count


def _vector(count: Counter[str], spread: Counter[str], total: int) -> dict[str, float]:
    """Words by weight, of length one together."""
    weights = {
        word: (1 + math.log(often)) * (math.log((1 + total) / (1 + spread[word])) + 1) for word, often in count.items()
    }
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}
