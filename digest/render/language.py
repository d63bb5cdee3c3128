"""A language's dates, numbers, quotation marks and fixed words, and which way it is written.

The words are in `words.toml`, a table a language. Nothing here looks at the system's locale or the clock.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from digest.errors import BadValue, DigestError, Mistakes, RenderFailed, UnknownKey, did_you_mean
from digest.merge_tags import CLOSE, OPEN
from digest.render import english

if TYPE_CHECKING:
    from babel import Locale

Direction = Literal["ltr", "rtl"]

#: The names that CLDR gives the plural rules, as endings of a counted word ("stories_few").
FORMS = ("zero", "one", "two", "few", "many")

#: RFC 5646, 2.2.1, but for the first part: of five to eight letters ("english") none was ever registered.
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_PLACE = re.compile(r"\{([a-z_]+)\}")
#: What follows a single letter in a tag ("en-u-nu-latn") says nothing about words or letters.
_EXTENSION = re.compile(r"-[A-Za-z0-9](?:-.*)?$")
_DATE_PLACES = frozenset({"weekday", "day", "month", "month_short", "month_number", "year"})
_OLD_NAMES = {"iw": "he", "in": "id", "ji": "yi"}

#: ISO 15924 script of the languages in words.toml; the rest of them are Latin.
_SCRIPTS = {"uk": "Cyrl", "ar": "Arab", "he": "Hebr", "hi": "Deva", "ja": "Jpan", "ko": "Kore", "zh": "Hans"}
_TRADITIONAL_CHINESE = frozenset({"TW", "HK", "MO"})
_FAMILIES = {
    "Latn": "latin",
    "Cyrl": "cyrillic",
    "Grek": "greek",
    "Arab": "arabic",
    "Hebr": "hebrew",
    "Deva": "devanagari",
    "Jpan": "han-ja",
    "Hans": "han-zh",
    "Hant": "han-zh-hant",
    "Kore": "hangul",
}
_RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})

#: Apple's and Windows' own fonts for what Georgia and Helvetica lack; Android has one font a script and needs
#: no name. Unquoted: a family name of several words is valid CSS, and quotes in a style attribute cost bytes.
_FONTS = {
    "arabic": {"serif": "Geeza Pro,Times New Roman", "sans": "Geeza Pro,Segoe UI,Tahoma"},
    "hebrew": {"serif": "New Peninim MT,Times New Roman", "sans": "Arial Hebrew,Segoe UI"},
    "devanagari": {"serif": "Kohinoor Devanagari,Nirmala UI", "sans": "Kohinoor Devanagari,Nirmala UI"},
    "han-ja": {"serif": "Hiragino Mincho ProN,Yu Mincho", "sans": "Hiragino Sans,Yu Gothic"},
    "han-zh": {"serif": "Songti SC,SimSun", "sans": "PingFang SC,Microsoft YaHei"},
    "han-zh-hant": {"serif": "Songti TC,PMingLiU", "sans": "PingFang TC,Microsoft JhengHei"},
    "hangul": {"serif": "AppleMyungjo,Batang", "sans": "Apple SD Gothic Neo,Malgun Gothic"},
}

_GENERIC = frozenset({"serif", "sans-serif", "monospace", "system-ui"})

#: Digits from which a number is grouped, where it is not 4 (1234, but 12.345): CLDR's minimumGroupingDigits.
_GROUPED_FROM = {"es": 5, "es-MX": 4, "es-US": 4, "pl": 5, "pt-PT": 5}
#: 12,34,567: lakh and crore.
_LAKHS = frozenset({"hi", "en-IN"})


@dataclass(frozen=True, slots=True)
class Language:
    """How one language writes what a mail says by itself. Made by `Language.of`."""

    #: BCP 47 in its canonical case, fit for a `lang` attribute.
    tag: str
    #: False: the words are English, because we have none in this language.
    complete: bool
    #: ISO 15924, such as "Latn", given or the language's usual one.
    script_code: str
    words: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(
        cls,
        tag: str,
        *,
        words: Mapping[str, str] | None = None,
        path: Path | None = None,
        lines: Mapping[str, int] | None = None,
    ) -> Language:
        """The language of a BCP 47 tag, with the publication's own `words` in place of ours.

        A language we have no words in gets English ones, and dates and numbers as CLDR has them.
        Every mistake in `words` is raised at once, with its place in `path` as `lines` ("words.unsubscribe")
        has it; a tag that cannot be one is a BadValue without a place.
        """
        if not is_tag(tag):
            raise BadValue("language", 'a language tag such as "en" or "pt-BR"', tag)
        language, script, region = _subtags(tag)
        own = _own_words(language, script, region)
        table = dict(own or _table()["en"])
        mistakes = list(_mistakes(words or {}, table, path, lines or {}))
        if mistakes:
            raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
        for name, text in (words or {}).items():
            if name in _counted(table):
                # "stories" alone stands for every number, or "1 story" would be left among "7 pieces".
                for form in FORMS:
                    if f"{name}_{form}" not in (words or {}):
                        table.pop(f"{name}_{form}", None)
            table[name] = text
        return cls(_canonical(tag), own is not None, script, MappingProxyType(table))

    @property
    def direction(self) -> Direction:
        return "rtl" if self.script_code in _RIGHT_TO_LEFT else "ltr"

    @property
    def script(self) -> str:
        """The family of letters, for fonts: "latin", "arabic", "han-ja" and so on; "other" for rarer ones."""
        return _FAMILIES.get(self.script_code, "other")

    @property
    def has_italics(self) -> bool:
        """Whether slanted text is a thing in this script; elsewhere it is faked, and ugly or unreadable."""
        return self.script in ("latin", "cyrillic", "greek")

    @property
    def takes_letter_spacing(self) -> bool:
        """Whether letters may be set apart; Arabic and Devanagari join theirs, and would fall to pieces."""
        return self.script not in ("arabic", "devanagari", "other")

    def font_stack(self, kind: Literal["serif", "sans"] = "sans", stack: str = "") -> str:
        """`stack` with this script's system fonts before its generic family; the fonts alone without one."""
        added = _FONTS.get(self.script, {}).get(kind, "")
        if not added or not stack:
            return added or stack
        *named, last = [name.strip() for name in stack.split(",")]
        return ",".join([*named, added, last] if last in _GENERIC else [*named, last, added])

    def word(self, name: str, /, **values: str) -> str:
        """A fixed word, its {places} filled with `values`."""
        if name not in self.words:
            raise UnknownKey(name, "The table of words", self.words)
        text = self.words[name]
        lacking = [place for place in _PLACE.findall(text) if place not in values]
        if lacking:
            raise RenderFailed(f'The word "{name}" ("{text}") wants {" and ".join(lacking)}.')
        return _PLACE.sub(lambda found: values[found[1]], text)

    def quote(self, text: str) -> str:
        """`text` between quotation marks."""
        return self.word("quote", text=text)

    def labelled(self, what: str, value: str) -> str:
        """ "Unsubscribe: https://..." with the language's own colon."""
        return self.word("labelled", what=what, value=value)

    def number(self, number: int) -> str:
        """A count as a newspaper prints it: Latin digits, grouped."""
        known = None if self.complete or self._own("thousands") else _locale(self.tag)
        if known is not None:
            from babel.numbers import format_decimal

            return format_decimal(number, locale=known, numbering_system="latn")
        digits, sign = str(abs(number)), "-" if number < 0 else ""
        language = self.tag.partition("-")[0]
        if len(digits) < _GROUPED_FROM.get(self.tag, _GROUPED_FROM.get(language, 4)):
            return sign + digits
        groups = r"(?:\d\d)*\d{3}" if {self.tag, language} & _LAKHS else r"(?:\d{3})+"
        return sign + self.words["thousands"].join(re.split(rf"(?<=\d)(?={groups}$)", digits))

    def minutes(self, count: int) -> str:
        """ "6 min", for a story's line."""
        return self._counted("min_read", count)

    def stories(self, count: int) -> str:
        """ "7 stories", "1 story"."""
        return self._counted("stories", count)

    def count_line(self, stories: int, minutes: int = 0) -> str:
        """ "7 stories, 14 minutes"; without minutes only the stories."""
        if not minutes:
            return self.stories(stories)
        return self.word("count_line", stories=self.stories(stories), minutes=self._counted("minutes", minutes))

    def issue_number(self, number: int) -> str:
        """ "No. 12". Ungrouped: the number is a name, not a count."""
        return self.word("issue_number", n=str(number))

    def date_long(self, day: date) -> str:
        """ "Friday 6 November 2026"."""
        return self._date("date_long", day)

    def date_plain(self, day: date) -> str:
        """ "6 November 2026"."""
        return self._date("date_plain", day)

    def date_short(self, day: date, today: date) -> str:
        """ "3 Nov", with the year when it is not `today`'s, the day of the issue."""
        return self._date("date_short" if day.year == today.year else "date_short_year", day)

    def _counted(self, name: str, count: int) -> str:
        form = _names(self.tag if self.complete or self._own(name) else "en").plural_form(abs(count))
        name = f"{name}_{form}" if f"{name}_{form}" in self.words else name
        return self.word(name, **({"n": self.number(count)} if "{n}" in self.words[name] else {}))

    def _date(self, name: str, day: date) -> str:
        known = None if self.complete or self._own(name) else _locale(self.tag)
        if known is not None:
            return _cldr_date(name, day, known)
        names = _names(self.tag)
        months = names.months["format"]
        return self.word(
            name,
            weekday=names.days["format"]["wide"][day.weekday()],
            day=self.words["first_of_month"] if day.day == 1 else str(day.day),
            month=months["wide"][day.month],
            month_short=months["abbreviated"][day.month],
            month_number=str(day.month),
            year=str(day.year),
        )

    def _own(self, name: str) -> bool:
        """Whether the word is not the English one: the language's, or what the publication says instead."""
        return self.words[name] != _table()["en"][name]


def is_tag(text: str) -> bool:
    """Whether `text` has the shape of a BCP 47 tag; "_" is taken for "-"."""
    return _TAG.fullmatch(text) is not None


def has_words(tag: str) -> bool:
    """Whether the fixed words of a mail are there in this language, for publications that bring none of their own."""
    return _own_words(*_subtags(tag)) is not None


#: Silent reading of English non-fiction, the mean of 190 studies: Brysbaert, How many words do we read per
#: minute?, J. of Memory and Language 109 (2019), https://doi.org/10.1016/j.jml.2019.104047
_WORDS_A_MINUTE = 238
#: Words a minute of one text in several languages, read aloud; only their ratio to English is used, as
#: Brysbaert recommends: Trauzettel-Klosinski and Dietz, IOVS 53 (2012), table 2,
#: https://doi.org/10.1167/iovs.11-8284. A language of long words has fewer of them in a minute.
# fmt: off
_IREST = {
    "en": 228, "es": 218, "nl": 202, "sv": 199, "fr": 195, "it": 188, "he": 187, "ru": 184,
    "pt": 181, "de": 179, "pl": 166, "tr": 166, "fi": 161, "ar": 138,
}
# fmt: on
#: The figure that publishers in Tokyo, Beijing and Seoul reckon with; the texts just named, read aloud, give
#: 357 (Japanese) and 255 (Chinese), and reading in silence is quicker by a third.
_CHARACTERS_A_MINUTE = 500
_CJK = (
    "[\u1100-\u11ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)


def reading_minutes(text: str, language: str = "en") -> int:
    """Minutes to read `text`, plain and without markup, at least 1; `language` is a BCP 47 tag.

    Chinese, Japanese and Korean are counted by the character, the rest by the word, each wherever it stands.
    """
    characters, rest = len(_cjk().findall(text)), _cjk().sub(" ", text)
    words = sum(any(letter.isalnum() for letter in word) for word in rest.split())
    spoken = re.split("[-_]", language.casefold())[0]
    pace = _WORDS_A_MINUTE * _IREST.get(spoken, _IREST["en"]) / _IREST["en"]
    return max(1, round(words / pace + characters / _CHARACTERS_A_MINUTE))


@functools.cache
def _cjk() -> re.Pattern[str]:
    # Compiled when first needed: so many characters take 3 ms.
    return re.compile(_CJK)


def _has_cjk(text: str) -> bool:
    return max(text) >= "\u1100" and _cjk().search(text) is not None


def direction_of(text: str) -> Direction | Literal[""]:
    """The way a text of unknown language runs; "" when it holds no letter that tells.

    The first strong character decides (Unicode Standard Annex #9, rules P2 and P3); isolated stretches
    and blanks that a service fills in are passed over.
    """
    isolated = 0
    for character in re.sub(f"{OPEN}[^{CLOSE}]*{CLOSE}", "", text):
        kind = unicodedata.bidirectional(character)
        if kind in ("LRI", "RLI", "FSI"):
            isolated += 1
        elif kind == "PDI":
            isolated = max(0, isolated - 1)
        elif not isolated and kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return ""


_LAST_TWO = re.compile(r"(?P<before>\S+)(?P<gap>\s+)(?P<last>\S+)\s*$")
#: Where a no-break space would change an address, a tag or a blank, or break no line in the first place.
_NOT_PROSE = re.compile(rf"://|\]\(|www\.|[<>={OPEN}{CLOSE}]")


def no_widow(title: str) -> str:
    """`title` with a no-break space before its last word, so that a short one does not stand alone.

    Titles of under four words, long last words and Chinese, Japanese and Korean are left as they are:
    there the tie would cost more than it gives. Done twice it changes nothing.
    """
    found = _LAST_TWO.search(title)
    if found is None or len(title.split()) < 4 or _NOT_PROSE.search(found[0]) or _has_cjk(found[0]):
        return title
    tied = len(found["before"]) + 1 + len(found["last"])
    if len(found["last"]) > 9 or tied > 20 or set(found["gap"]) != {" "}:
        return title
    return title[: found.start("gap")] + "\u00a0" + title[found.end("gap") :]


def _mistakes(
    words: Mapping[str, str], table: Mapping[str, str], path: Path | None, lines: Mapping[str, int]
) -> Iterator[DigestError]:
    """What is wrong with a publication's own words: unknown names, lost or unknown {places}, no text."""
    for name, text in words.items():
        line = lines.get(f"words.{name}")
        base = name.rpartition("_")[0] if name.endswith(tuple(f"_{form}" for form in FORMS)) else name
        own = table.get(name, table.get(base) if base in _counted(table) else None)
        if own is None:
            yield UnknownKey(name, "[words]", table, path=path, line=line)
            continue
        key = f'"{name}" in [words]'
        if not text.strip() and own.strip():
            yield BadValue(key, f'a text such as "{own}"', text, path=path, line=line)
            continue
        if any(unicodedata.category(character) == "Cc" for character in text):
            yield BadValue(key, "one line of text", text, path=path, line=line)
        places, known = set(_PLACE.findall(text)), set(_PLACE.findall(own))
        wanted = {"day"} if name.startswith("date_") else known
        known = set(_DATE_PLACES) if name.startswith("date_") else known
        for place in sorted(wanted - places):
            yield BadValue(key, f"a text with {{{place}}} in it", text, path=path, line=line)
        for place in sorted(places - known):
            said = f'"{name}" in [words] fills in no {{{place}}}.{did_you_mean(place, known)}'
            hint = "It fills in: " + ", ".join(f"{{{each}}}" for each in sorted(known)) + "." if known else ""
            yield DigestError(said, path=path, line=line, hint=hint)


def _counted(table: Mapping[str, str]) -> frozenset[str]:
    """Names of the words that have plural forms in some language."""
    return frozenset({"stories", "minutes", "min_read"} & table.keys())


@functools.cache
def _table() -> Mapping[str, Mapping[str, str]]:
    with Path(__file__).with_name("words.toml").open("rb") as file:
        return tomllib.load(file)


def _own_words(language: str, script: str, region: str) -> Mapping[str, str] | None:
    """Our words in a language, its script's and then its region's laid over; None when we have none."""
    table = _table()
    usual = _SCRIPTS.get(language, "Latn")
    if language not in table or (script != usual and f"{language}-{script}" not in table):
        return None
    return {
        **table[language],
        **table.get(f"{language}-{script}", {}),
        **table.get(f"{language}-{region}", {}),
    }


def _subtags(tag: str) -> tuple[str, str, str]:
    """Language, script and region of a tag; the script is the usual one where the tag names none."""
    first, *others = _EXTENSION.sub("", tag.replace("_", "-")).split("-")
    language = _OLD_NAMES.get(first.lower(), first.lower())
    script = next((part.title() for part in others if len(part) == 4 and part.isalpha()), "")
    region = next((part.upper() for part in others if len(part) == 2 and part.isalpha()), "")
    if not script and language == "zh" and region in _TRADITIONAL_CHINESE:
        script = "Hant"
    if not script and language in _table():
        script = _SCRIPTS.get(language, "Latn")
    return language, script or _usual_script(language, region), region


def _usual_script(language: str, region: str) -> str:
    from babel.core import get_global

    likely = get_global("likely_subtags")
    full = likely.get(f"{language}_{region}") or likely.get(language) or "en_Latn_US"
    return str(full).split("_")[1]


def _canonical(tag: str) -> str:
    """The tag as RFC 5646, 2.1.1 writes it: "zh-Hant-TW"."""
    tag = tag.replace("_", "-").lower()
    extension = _EXTENSION.search(tag)
    first, *others = _EXTENSION.sub("", tag).split("-")
    script = [part.title() if len(part) == 4 and part.isalpha() else part for part in others]
    region = [part.upper() if len(part) == 2 else part for part in script]
    return "-".join([_OLD_NAMES.get(first, first), *region]) + (extension[0] if extension else "")


@functools.cache
def _locale(tag: str) -> Locale | None:
    """CLDR's names for the nearest locale it has: the tag's own, without the region, or none."""
    from babel import Locale, UnknownLocaleError

    language, script, region = _subtags(tag)
    for parts in ((language, script, region), (language, region), (language, script), (language,)):
        try:
            return Locale.parse("_".join(filter(None, parts)))
        except (UnknownLocaleError, ValueError):
            continue
    return None


def _names(tag: str) -> Any:
    """CLDR's names and plural rules, a Locale or what answers like one; English for what it does not know."""
    return (None if tag in english.TAGS else _locale(tag)) or english


def _cldr_date(name: str, day: date, locale: Locale) -> str:
    from babel.dates import format_date, format_skeleton

    if name in ("date_long", "date_plain"):
        return format_date(day, "full" if name == "date_long" else "long", locale=locale)
    return format_skeleton("MMMd" if name == "date_short" else "yMMMd", day, locale=locale)
