"""Dates as people and pages write them, in many languages, each with the reason it is read the way it is."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

#: Whose month names are known. Where two languages mean different months by one word, the earlier wins:
#: "listopad" is November in Czech and Polish, October in Croatian.
_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "da", "nb", "nn", "fi", "cs", "sk", "hu", "ro"),
    *("ca", "gl", "hr", "sl", "sr", "sr_Latn", "bg", "ru", "uk", "el", "tr", "id", "lt", "lv", "et", "ar", "he"),
    *("fa", "hi", "vi", "is"),
)
#: What people write and CLDR does not list.
_MORE_MONTHS = {
    "sept": 9,
    "mrt": 3,
    "maerz": 3,
    "märz": 3,
    "feber": 2,
    "jänner": 1,
    "set": 9,
    "setiembre": 9,
    "juin": 6,
}

_ZONES = {"z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "west": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120}
_ZONES |= {"eet": 120, "eest": 180, "msk": 180, "ist": 330, "sgt": 480, "hkt": 480, "jst": 540, "kst": 540, "aest": 600}
_ZONES |= {
    "et": -300,
    "pt": -480,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
}

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:(?P<mark>[:.h])(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?)?"
    r"(?:\s*(?P<half>[ap])\.?\s?m\b\.?)?"
    r"(?:\s*(?P<offset>[+-]\d{2}:?\d{2}|Z\b)|\s+\(?(?P<zone>[A-Z]{2,5})\b)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\sT,|·•—–@-]*(?:(?:at|um|à|às|a las|alle|om|kl\.?|klo|o godz\.?|em)\s+)?", re.IGNORECASE)
_ISO = re.compile(r"(?<![\d/.-])(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)")
_EAST_ASIAN = re.compile(r"(?P<y>(?:19|20)\d\d)\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]")
_NUMBERS = re.compile(
    r"(?<![\d/.,-])(?P<a>\d{1,2})(?P<s>[-/.]) ?(?P<b>\d{1,2})(?P=s) ?(?P<y>(?:19|20)\d\d|\d\d)(?![\d/-]|\.\d)"
)
_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)?"
_DAY_FIRST = re.compile(
    rf"(?<![\d.,])(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°])?,?[\s-]+(?:(?:de|d['’]|of|ng|tháng)\s*)?(?P<m>{_WORD})\.?"
    r"(?:,?[\s-]+(?:(?:de|del|of)\s+)?(?P<y>(?:19|20)\d\d))?(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<!\w)(?P<m>{_WORD})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?(?:,?\s+(?P<y>(?:19|20)\d\d))?(?![\d:])",
    re.IGNORECASE,
)
#: "2024. február 2.", as Hungarian has it; "2024 m. vasario 2 d." in Lithuanian.
_YEAR_FIRST = re.compile(
    rf"(?<!\d)(?P<y>(?:19|20)\d\d)\.?\s+(?:m\.\s+|gada\s+)?(?P<m>{_WORD})\.?\s+(?P<d>\d{{1,2}})(?!\d)", re.IGNORECASE
)
_VIETNAMESE = re.compile(r"(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2}),?\s+(?:năm\s+)?(?P<y>(?:19|20)\d\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """A date found in a text."""

    when: datetime
    #: As it was written.
    words: str
    start: int
    end: int
    #: Why it is read this way, when that is not plain; "" when it is.
    why: str = ""
    #: False: more than one reading is possible, and nothing tells which.
    certain: bool = True


def find(text: str, *, now: datetime | None = None, day_first: bool | None = None) -> Written | None:
    """The first date in `text`; a day without a clock time is midnight UTC, a clock time without a zone UTC.

    `day_first` tells how 03/02/2024 is meant; None when unknown. A date without a year is read as the last
    such day before `now`, and not at all without it.
    """
    text = _in_ascii_digits(text[:400])
    found = [each for each in _all(text, now, day_first) if each is not None]
    return min(found, key=lambda each: (each.start, -each.end)) if found else None


def stamp(text: str) -> datetime | None:
    """The moment that a machine-readable field names: ISO 8601, RFC 5322, or a date in words."""
    text = _in_ascii_digits(text.strip()[:100])
    compact = re.fullmatch(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?Z?)?", text)
    if compact:
        text = "{}-{}-{}".format(*compact.groups()[:3]) + (
            "T{}:{}".format(*compact.groups()[3:5]) if compact[4] else ""
        )
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    # Two digits come the American way in one page and the European in the next: better no date than a wrong one.
    found = find(text)
    return found.when if found and found.certain else None


def _all(text: str, now: datetime | None, day_first: bool | None) -> Iterator[Written | None]:
    for pattern in (_ISO, _EAST_ASIAN, _VIETNAMESE):
        for found in pattern.finditer(text):
            yield _made(text, found, int(found["y"]), int(found["m"]), int(found["d"]))
    for found in _NUMBERS.finditer(text):
        yield _from_numbers(text, found, now, day_first)
    for pattern in (_YEAR_FIRST, _DAY_FIRST, _MONTH_FIRST):
        for found in pattern.finditer(text):
            month = _month(found["m"])
            if not month:
                continue
            if found["y"]:
                yield _made(text, found, int(found["y"]), month, int(found["d"]))
            elif now is not None and not re.match(r"\s*[%:]", text[found.end() :]):
                yield _without_year(text, found, month, now)


def _from_numbers(text: str, found: re.Match[str], now: datetime | None, day_first: bool | None) -> Written | None:
    first, second, year = int(found["a"]), int(found["b"]), int(found["y"])
    if year < 100:
        if found["s"] == "-":
            return None
        year += 2000
    if found["s"] == "." or first > 12 or first == second:
        return _made(text, found, year, second, first)
    if second > 12:
        return _made(text, found, year, first, second)
    if day_first is not None:
        why = "day first, as its language has it" if day_first else "month first, as Americans write"
        return _made(text, found, year, *((second, first) if day_first else (first, second)), why=why)
    readings = [_made(text, found, year, second, first), _made(text, found, year, first, second)]
    possible = [each for each in readings if each and (now is None or each.when <= now + timedelta(days=1))]
    if len(possible) == 1:
        only = possible[0]
        return Written(only.when, only.words, only.start, only.end, "the other way round it would lie in the future")
    first_one = readings[0]
    if first_one is None:
        return None
    why = "day and month could be either way round"
    return Written(first_one.when, first_one.words, first_one.start, first_one.end, why, certain=False)


def _without_year(text: str, found: re.Match[str], month: int, now: datetime) -> Written | None:
    latest = (now + timedelta(days=1)).date()
    for year in (latest.year, latest.year - 1):
        day = _day(year, month, int(found["d"]))
        if day and day <= latest:
            return _made(text, found, year, month, day.day, why=f"no year is given; {year} is the last that fits")
    return None


def _made(text: str, found: re.Match[str], year: int, month: int, day: int, *, why: str = "") -> Written | None:
    that_day = _day(year, month, day)
    if that_day is None:
        return None
    moment, end = _clock(text, found.end())
    when = datetime.combine(that_day, moment or time(tzinfo=UTC))
    return Written(when, text[found.start() : end].strip(), found.start(), end, why)


def _day(year: int, month: int, day: int) -> date | None:
    # Before 1900 nothing was on the web; after 2100 nothing is yet. Zones may shift a moment by a day.
    if not 1900 <= year <= 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock(text: str, start: int) -> tuple[time | None, int]:
    """The clock time that follows a date, and where it ends."""
    gap = _BETWEEN.match(text, start)
    found = _CLOCK.match(text, gap.end() if gap else start)
    if not found or not (found["minute"] or found["half"]):
        return None, start
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None, start
    zone, end = UTC, found.end()
    if found["offset"] and found["offset"].upper() != "Z":
        digits = found["offset"].replace(":", "")
        minutes = (int(digits[1:3]) * 60 + int(digits[3:5])) * (-1 if digits[0] == "-" else 1)
        if abs(minutes) <= 14 * 60:
            zone = timezone(timedelta(minutes=minutes))
    elif found["zone"]:
        if found["zone"].lower() in _ZONES:
            zone = timezone(timedelta(minutes=_ZONES[found["zone"].lower()])) if _ZONES[found["zone"].lower()] else UTC
        else:
            end = found.start("zone")
    return time(hour, minute, second, tzinfo=zone), end


def _in_ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter, letter)) if letter.isdecimal() else letter for letter in text)


def _month(word: str) -> int:
    folded = word.casefold().replace("’", "'")
    months = _months()
    # "d'agost"; "בפברואר", where the first letter is the word "in".
    return months.get(folded) or months.get(folded.split("'")[-1]) or months.get(folded.removeprefix("ב"), 0)


@functools.cache
def _months() -> dict[str, int]:
    """Month by name, in any of the languages, dots and case aside, with accents and without."""
    from babel import Locale

    found = dict(_MORE_MONTHS)
    for code in _LANGUAGES:
        for names in Locale.parse(code).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in names[width].items():
                    for form in _forms(name):
                        found.setdefault(form, number)
    return {name: number for name, number in found.items() if len(name) > 2 and not name.isdigit()}


def _forms(name: str) -> Iterator[str]:
    plain = name.casefold().strip(". ").removesuffix(".")
    yield plain
    if len(plain) > 4:
        bare = "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))
        yield bare
