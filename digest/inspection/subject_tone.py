"""How a subject line sounds: shouted in capitals, or made of signs instead of words. Pure."""

from __future__ import annotations

import re

#: Words of two letters at least: one alone is an initial, or a grade.
_LETTERS = re.compile(r"[^\W\d_]{2,}")
#: One emoji as it is seen: with its skin, its joined parts, a flag of two letters, a number on a key.
_BASE = "[\u231a-\u23ff\u25aa-\u25fe\u2600-\u2604\u2607-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
_ONE = rf"{_BASE}[\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d{_BASE}[\ufe0f\U0001f3fb-\U0001f3ff]*)*"
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_EMOJI = re.compile(rf"{_FLAG}|[0-9#*]\ufe0f?\u20e3|{_ONE}")
#: Three flags name three countries.
_ROW = re.compile(rf"(?:(?!{_FLAG})(?:[0-9#*]\ufe0f?\u20e3|{_ONE})\s*){{3,}}")
_MOST_EMOJI = 4
#: Signs in a row, as nobody writes them between words; a line to be filled in, and stars given to a film, are others.
_SIGNS = re.compile(r"([^\w\s.…★☆⭐])\1{3,}|(?:[^\w\s.…★☆⭐()\[\]\"'“”‘’«»¿¡-]\s?){5,}")
#: Words that no abbreviation is, in the languages that most often shout.
_PLAIN = frozenset("""
    the and of is are an to for on in at by be do not don't never no now new today free sale last only first open read
    why how what when where stop must see get win buy best news week year all more chance just breaking urgent alert
    big hot your you our we this that with from out off up deal deals save miss final hours ends here act help win
    der die das und ist nicht jetzt neu nur heute alle mit von für le la les et est des pour pas vous nous gratuit
    el los las y es para con gratis ahora hoy
""".split())  # fmt: skip  # noqa: SIM905
#: Names of seven letters or more that are written so.
_NAMES = frozenset("""
    INTERPOL EUROPOL EUROJUST FRONTEX EUROCONTROL UNICEF UNESCO NASDAQ COVID LASIK MERCOSUR ECOWAS
    NAFTA DARPA SWIFT OPENAI AMBER ALDI JSTOR UNHCR UNCTAD UNIFIL UNRWA WIKIPEDIA README JAVASCRIPT FORTRAN
""".split())  # fmt: skip  # noqa: SIM905


def is_plain(word: str) -> bool:
    """Whether it is one of the small words that stand in capitals only where somebody shouts."""
    return word.replace("’", "'").casefold() in _PLAIN


def shouts(subject: str) -> bool:
    """Whether a subject, or three words of it and more, stand in capitals that are no abbreviations."""
    words = _LETTERS.findall(subject)
    cased = [word for word in words if word.lower() != word.upper()]
    letters = "".join(cased)
    loud = sum(letter.isupper() for letter in letters)
    if len(letters) >= 8 and len(words) >= 2 and loud >= 0.75 * len(letters):
        return not _abbreviations(cased)
    if cased and loud == len(letters):
        plain = any(is_plain(word) for word in cased)
        return (len(cased) > 1 and plain) or (len(cased) == 1 and len(letters) >= 7 and letters not in _NAMES)
    return any(_is_loud(run) for run in _runs(subject))


def _abbreviations(words: list[str]) -> bool:
    """Whether all that stands in capitals may be names: "NASA, UNESCO" and no word that is none."""
    loud = [word for word in words if word.isupper()]
    return len(loud) <= 3 and all(
        word in _NAMES or (len(word) <= 5 and not is_plain(word) and not _can_be_spoken(word)) for word in loud
    )


def _can_be_spoken(word: str) -> bool:
    """Five letters with vowels between them are mostly a word; four are as often an office: NASA, FIFA."""
    return len(word) == 5 and re.search(r"[^AEIOUY][AEIOUY]+[^AEIOUY]", word) is not None


def _runs(subject: str) -> list[list[str]]:
    """Words in capitals that follow each other, three at least."""
    found: list[list[str]] = [[]]
    for word in re.findall(r"[^\W\d_][\w'’]*", subject):
        if word.isupper() and word.lower() != word:
            found[-1].append(word)
        elif found[-1]:
            found.append([])
    return [run for run in found if len(run) >= 3]


def _is_loud(run: list[str]) -> bool:
    plain = sum(is_plain(word) for word in run)
    return len("".join(run)) >= 8 and (plain >= 2 or (plain == 1 and any(len(word) > 5 for word in run)))


def signs(subject: str) -> str:
    """What in a subject are signs in the place of words: a row of emoji, too many, or other signs; "" for none."""
    if row := _ROW.search(subject):
        return row[0].strip()
    if sum(not re.fullmatch(_FLAG, each[0]) for each in _EMOJI.finditer(subject)) > _MOST_EMOJI:
        return subject.strip()
    bare = _EMOJI.sub("", subject)
    found = _SIGNS.search(bare)
    return found[0].strip() if found else ""


def has_words(subject: str) -> bool:
    """Whether there is a letter or a number in it, of any script."""
    return any(letter.isalnum() for letter in _EMOJI.sub("", subject))
