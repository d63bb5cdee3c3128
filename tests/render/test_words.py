"""The table of words: whole in every language, and a publication's own words in it."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from babel import Locale

from digest.errors import BadValue, DigestError, Mistakes, RenderFailed, UnknownKey
from digest.render import language as module
from digest.render.language import FORMS, Language

WORDS = tomllib.loads(Path(module.__file__).with_name("words.toml").read_text(encoding="utf-8"))
LANGUAGES = [tag for tag in WORDS if "-" not in tag]
REGIONS = [tag for tag in WORDS if "-" in tag]
COUNTED = ("stories", "minutes", "min_read")
FRIDAY = date(2026, 11, 6)


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def without_forms(words: dict[str, str]) -> set[str]:
    return {name for name in words if not name.endswith(tuple(f"_{form}" for form in FORMS))}


# The table of words


def test_the_languages_asked_for_are_there() -> None:
    assert " ".join(LANGUAGES) == "en de fr es pt it nl sv pl uk tr ar he hi ja zh ko"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_every_word_and_no_other(tag: str) -> None:
    assert without_forms(WORDS[tag]) == without_forms(WORDS["en"])


@pytest.mark.parametrize("tag", REGIONS)
def test_a_region_changes_only_words_its_language_has(tag: str) -> None:
    assert set(WORDS[tag]) <= set(WORDS[tag.partition("-")[0]])


@pytest.mark.parametrize("tag", REGIONS)
def test_a_region_repeats_no_word_of_its_language(tag: str) -> None:
    language = WORDS[tag.partition("-")[0]]
    assert [name for name, text in WORDS[tag].items() if language[name] == text] == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_word_fills_in_what_the_english_one_fills_in(tag: str) -> None:
    words = {name: WORDS[tag][name] for name in without_forms(WORDS[tag]) if not name.startswith("date_")}
    assert {name: places(text) for name, text in words.items()} == {name: places(WORDS["en"][name]) for name in words}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_plural_forms_are_those_the_language_has(tag: str) -> None:
    rule = Locale.parse(tag).plural_form
    there = {rule(count) for count in range(200)}
    written = {name.rpartition("_")[2] for name in WORDS[tag] if name.startswith(COUNTED)} & set(FORMS)
    assert written <= there


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_form_leaves_out_the_number_only_where_it_means_one_number(tag: str) -> None:
    rule = Locale.parse(tag).plural_form
    bare = [
        name
        for name, text in WORDS[tag].items()
        if name.startswith(COUNTED) and name.endswith(tuple(FORMS)) and "{n}" not in text
    ]
    counts = {name: sum(rule(count) == name.rpartition("_")[2] for count in range(500)) for name in bare}
    assert set(counts.values()) <= {1}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_word_is_left_in_english_by_oversight(tag: str) -> None:
    if tag == "en":
        return
    telling = ("unsubscribe", "view_in_browser", "you_get_this_because", "sponsored", "read_more", "stories")
    assert [name for name in telling if WORDS[tag][name] == WORDS["en"][name]] == []


@pytest.mark.parametrize("tag", [*LANGUAGES, *REGIONS])
def test_every_method_answers_without_a_brace_left(tag: str) -> None:
    language = Language.of(tag)
    said = [
        language.date_long(FRIDAY),
        language.date_plain(FRIDAY),
        language.date_short(FRIDAY, FRIDAY),
        language.date_short(date(2025, 1, 1), FRIDAY),
        language.issue_number(12),
        language.quote("x"),
        language.labelled("a", "b"),
        *(language.count_line(count, count) for count in (0, 1, 2, 3, 5, 11, 100, 1_000_000)),
        *(language.minutes(count) for count in (1, 2, 6)),
        language.word("sponsored_by", name="Acme"),
        language.word("by_author", author="Ada"),
        language.word("you_get_this_because", publication="Slow News"),
    ]
    assert [text for text in said if "{" in text or "}" in text or not text.strip()] == []


# A publication's own words


def test_a_publications_own_word_stands_in_place_of_ours() -> None:
    assert Language.of("en", words={"unsubscribe": "Leave the list"}).word("unsubscribe") == "Leave the list"


def test_one_own_word_for_stories_stands_for_every_number() -> None:
    language = Language.of("pl", words={"stories": "{n} × czytanie"})
    assert [language.stories(count) for count in (1, 2, 5)] == [
        "1 × czytanie",
        "2 × czytanie",
        "5 × czytanie",
    ]


def test_own_plural_forms_stand_beside_each_other() -> None:
    language = Language.of("en", words={"stories": "{n} links", "stories_one": "{n} link"})
    assert [language.stories(count) for count in (1, 2)] == ["1 link", "2 links"]


def test_own_words_of_a_language_we_lack_follow_its_plural_rules() -> None:
    words = {"stories": "{n} статей", "stories_one": "{n} статья", "stories_few": "{n} статьи"}
    language = Language.of("ru", words=words)
    assert [language.stories(count) for count in (1, 3, 11, 21)] == [
        "1 статья",
        "3 статьи",
        "11 статей",
        "21 статья",
    ]


def test_an_own_date_pattern_is_followed_in_a_language_we_lack() -> None:
    language = Language.of("da", words={"date_long": "{weekday} {day}. {month}"})
    assert language.date_long(FRIDAY) == "fredag 6. november"


def test_an_unknown_word_is_told_with_line_and_near_miss() -> None:
    with pytest.raises(UnknownKey) as caught:
        Language.of("en", words={"unsubscibe": "x"}, path=Path("digest.toml"), lines={"words.unsubscibe": 9})

    assert str(caught.value) == '[words] knows no "unsubscibe". Did you mean "unsubscribe"?\n  digest.toml:9'


def test_a_lost_place_is_told() -> None:
    with pytest.raises(BadValue, match=r'"issue_number" in \[words\] should be a text with {n} in it'):
        Language.of("en", words={"issue_number": "Issue"})


def test_a_misspelled_place_is_told_once_and_with_what_was_meant() -> None:
    with pytest.raises(DigestError) as caught:
        Language.of("en", words={"labelled": "{what}: {value} {vaule}"})

    assert str(caught.value) == (
        '"labelled" in [words] fills in no {vaule}. Did you mean "value"?\n  It fills in: {value}, {what}.'
    )


def test_every_mistake_in_the_words_is_told_at_once() -> None:
    with pytest.raises(Mistakes) as caught:
        Language.of("en", words={"nope": "x", "sponsored": " ", "read_more": "a\nb", "min_read": "min"})

    assert len(caught.value.mistakes) == 4


def test_a_date_pattern_may_leave_out_the_year() -> None:
    language = Language.of("en", words={"date_long": "{weekday}, {day} {month}"})
    assert language.date_long(FRIDAY) == "Friday, 6 November"


def test_other_braces_in_an_own_word_are_text() -> None:
    assert Language.of("en", words={"read_more": "{{ more }} {"}).word("read_more") == "{{ more }} {"


def test_a_theme_that_asks_for_an_unknown_word_is_told() -> None:
    with pytest.raises(UnknownKey, match='Did you mean "unsubscribe"'):
        Language.of("en").word("unsubscribed")


def test_a_theme_that_forgets_a_value_is_told() -> None:
    with pytest.raises(RenderFailed, match="wants name"):
        Language.of("en").word("sponsored_by")
