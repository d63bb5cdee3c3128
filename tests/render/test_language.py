"""What a language writes by itself: dates, numbers, counts; how long a text takes and which way it runs."""

from __future__ import annotations

import re
from datetime import date

import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import BadValue
from digest.merge_tags import Blank
from digest.render import english
from digest.render import language as module
from digest.render.language import Language, direction_of, no_widow, reading_minutes

LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "pl", "uk", "tr", "ar", "he", "hi", "ja", "zh", "ko")
NBSP = "\u00a0"
FRIDAY = date(2026, 11, 6)


# Dates


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("en", "Friday 6 November 2026"),
        ("en-GB", "Friday 6 November 2026"),
        ("en-US", "Friday, November 6, 2026"),
        ("de", "Freitag, 6. November 2026"),
        ("fr", "vendredi 6 novembre 2026"),
        ("es", "viernes, 6 de noviembre de 2026"),
        ("pt-BR", "sexta-feira, 6 de novembro de 2026"),
        ("it", "venerdì 6 novembre 2026"),
        ("nl", "vrijdag 6 november 2026"),
        ("sv", "fredag 6 november 2026"),
        ("pl", "piątek, 6 listopada 2026"),
        ("uk", "пʼятниця, 6 листопада 2026"),
        ("tr", "6 Kasım 2026 Cuma"),
        ("ar", "الجمعة، 6 نوفمبر 2026"),
        ("he", "יום שישי, 6 בנובמבר 2026"),
        ("hi", "शुक्रवार, 6 नवंबर 2026"),
        ("ja", "2026年11月6日 金曜日"),
        ("zh", "2026年11月6日 星期五"),
        ("zh-Hant", "2026年11月6日 星期五"),
        ("ko", "2026년 11월 6일 금요일"),
    ],
)
def test_a_long_date_is_in_the_languages_own_order(tag: str, written: str) -> None:
    assert Language.of(tag).date_long(FRIDAY) == written


def test_a_plain_date_has_no_weekday() -> None:
    assert Language.of("en").date_plain(date(2026, 11, 8)) == "8 November 2026"


def test_a_short_date_of_the_issues_year_has_no_year() -> None:
    assert Language.of("en").date_short(date(2026, 11, 3), FRIDAY) == "3 Nov"


def test_a_short_date_of_another_year_has_its_year() -> None:
    assert Language.of("en").date_short(date(2025, 12, 31), FRIDAY) == "31 Dec 2025"


def test_the_first_of_a_month_is_1er_in_french() -> None:
    assert Language.of("fr").date_plain(date(2026, 5, 1)) == "1er mai 2026"


def test_the_first_of_a_month_is_a_plain_1_in_portugal() -> None:
    assert Language.of("pt-PT").date_plain(date(2026, 5, 1)) == "1 de maio de 2026"


def test_january_is_jaenner_in_austria() -> None:
    assert Language.of("de-AT").date_plain(date(2026, 1, 6)) == "6. Jänner 2026"


def test_a_date_looks_the_same_under_another_system_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL", "LC_TIME", "LANGUAGE"):
        monkeypatch.setenv(name, "ja_JP.UTF-8")
    module._locale.cache_clear()

    assert Language.of("de").date_long(FRIDAY) == "Freitag, 6. November 2026"


@pytest.mark.parametrize("tag", sorted(english.TAGS))
def test_english_is_what_cldr_says_it_is(tag: str) -> None:
    cldr = Locale.parse(tag, sep="-")
    for width in ("wide", "abbreviated"):
        assert english.months["format"][width] == dict(cldr.months["format"][width])
    assert english.days["format"]["wide"] == dict(cldr.days["format"]["wide"])
    assert all(english.plural_form(count) == cldr.plural_form(count) for count in range(2000))


def test_september_is_four_letters_short_in_britain() -> None:
    assert Language.of("en").date_short(date(2026, 9, 3), FRIDAY) == "3 Sep"
    assert Language.of("en-GB").date_short(date(2026, 9, 3), FRIDAY) == "3 Sept"


# Numbers and counts


@pytest.mark.parametrize(
    ("tag", "four", "seven"),
    [
        ("en", "1,234", "1,234,567"),
        ("de", "1.234", "1.234.567"),
        ("de-CH", "1’234", "1’234’567"),
        ("fr", "1\u202f234", "1\u202f234\u202f567"),
        ("es", "1234", "1.234.567"),
        ("es-MX", "1,234", "1,234,567"),
        ("pl", "1234", f"1{NBSP}234{NBSP}567"),
        ("hi", "1,234", "12,34,567"),
        ("en-IN", "1,234", "12,34,567"),
        ("ar", "1,234", "1,234,567"),
        ("ja", "1,234", "1,234,567"),
    ],
)
def test_numbers_are_grouped_as_newspapers_group_them(tag: str, four: str, seven: str) -> None:
    language = Language.of(tag)
    assert (language.number(1234), language.number(1_234_567)) == (four, seven)


def test_small_and_negative_numbers_have_no_stray_separator() -> None:
    assert [Language.of("en").number(number) for number in (0, 7, 123, -123, -1234)] == [
        "0",
        "7",
        "123",
        "-123",
        "-1,234",
    ]


@given(number=st.integers(min_value=0, max_value=10**15), tag=st.sampled_from(LANGUAGES))
@settings(max_examples=60, deadline=None)
def test_a_grouped_number_keeps_its_digits(number: int, tag: str) -> None:
    assert re.sub(r"\D", "", Language.of(tag).number(number)) == str(number)


@pytest.mark.parametrize(
    ("tag", "counts"),
    [
        ("en", {0: "0 stories", 1: "1 story", 7: "7 stories", 1200: "1,200 stories"}),
        ("fr", {0: "0 article", 1: "1 article", 2: "2 articles"}),
        ("pl", {1: "1 tekst", 2: "2 teksty", 5: "5 tekstów", 12: "12 tekstów", 22: "22 teksty"}),
        ("uk", {1: "1 матеріал", 3: "3 матеріали", 11: "11 матеріалів", 21: "21 матеріал"}),
        (
            "ar",
            {1: "مقال واحد", 2: "مقالان", 7: "7 مقالات", 14: "14 مقالًا", 100: "100 مقال", 103: "103 مقالات"},
        ),
        ("he", {1: "כתבה אחת", 2: "שתי כתבות", 7: "7 כתבות"}),
        ("tr", {1: "1 yazı", 7: "7 yazı"}),
        ("ja", {1: "記事1本", 7: "記事7本"}),
    ],
)
def test_counts_take_the_languages_plural(tag: str, counts: dict[int, str]) -> None:
    language = Language.of(tag)
    assert {count: language.stories(count) for count in counts} == counts


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        ("en", "7 stories, 14 minutes"),
        ("de", "7 Beiträge, 14 Minuten"),
        ("pl", "7 tekstów, 14 minut"),
        ("ar", "7 مقالات، 14 دقيقة"),
        ("ja", "記事7本、14分"),
    ],
)
def test_the_count_line_is_stories_and_minutes(tag: str, line: str) -> None:
    assert Language.of(tag).count_line(7, 14) == line


def test_a_count_line_without_minutes_is_the_stories_alone() -> None:
    assert Language.of("en").count_line(1) == "1 story"


def test_a_storys_minutes_are_short() -> None:
    assert Language.of("en").minutes(6) == "6 min"


def test_an_issue_number_is_a_name_and_is_not_grouped() -> None:
    assert Language.of("en").issue_number(1204) == "No. 1204"


@pytest.mark.parametrize(
    ("tag", "quoted"),
    [
        ("en", "“a”"),
        ("de", "„a“"),
        ("de-CH", "«a»"),
        ("fr", f"«{NBSP}a{NBSP}»"),
        ("ja", "「a」"),
        ("zh-TW", "「a」"),
    ],
)
def test_quotation_marks_are_the_languages(tag: str, quoted: str) -> None:
    assert Language.of(tag).quote("a") == quoted


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert Language.of("en").labelled("{value}", "x") == "{value}: x"


# Tags


@pytest.mark.parametrize(
    ("written", "tag"),
    [("EN_gb", "en-GB"), ("zh-hant-tw", "zh-Hant-TW"), ("iw", "he"), ("en-u-NU-latn", "en-u-nu-latn")],
)
def test_a_tag_is_written_in_its_canonical_case(written: str, tag: str) -> None:
    assert Language.of(written).tag == tag


@pytest.mark.parametrize(
    ("tag", "direction", "script"),
    [
        ("en", "ltr", "latin"),
        ("uk", "ltr", "cyrillic"),
        ("ar-EG", "rtl", "arabic"),
        ("he", "rtl", "hebrew"),
        ("fa", "rtl", "arabic"),
        ("sr-Latn", "ltr", "latin"),
        ("hi", "ltr", "devanagari"),
        ("ja", "ltr", "han-ja"),
        ("zh", "ltr", "han-zh"),
        ("zh-HK", "ltr", "han-zh-hant"),
        ("zh-Hans-HK", "ltr", "han-zh"),
        ("ko", "ltr", "hangul"),
        ("th", "ltr", "other"),
    ],
)
def test_a_language_knows_its_script_and_direction(tag: str, direction: str, script: str) -> None:
    language = Language.of(tag)
    assert (language.direction, language.script) == (direction, script)


def test_taiwan_reads_traditional_words() -> None:
    assert Language.of("zh-TW").word("unsubscribe") == "取消訂閱"


def test_a_language_without_words_says_so_and_keeps_its_dates() -> None:
    danish = Language.of("da")

    assert not danish.complete
    assert danish.word("unsubscribe") == "Unsubscribe"
    assert danish.stories(1) == "1 story"
    assert danish.number(1234) == "1.234"
    assert "6. november 2026" in danish.date_long(FRIDAY)


def test_a_language_nobody_knows_is_english_throughout() -> None:
    unknown = Language.of("qqq")

    assert not unknown.complete
    assert unknown.date_long(FRIDAY) == "Friday 6 November 2026"


def test_our_languages_are_complete_in_every_region() -> None:
    assert all(Language.of(f"{tag}-{region}").complete for tag in LANGUAGES for region in ("DK", "JP", "419"))


def test_a_language_in_another_script_than_our_words_is_not_complete() -> None:
    assert not Language.of("uk-Latn").complete


@pytest.mark.parametrize("tag", ["", "e", "en US", 'en" onload="x', "english", "en-", "en\n"])
def test_what_cannot_be_a_tag_is_refused(tag: str) -> None:
    with pytest.raises(BadValue, match="should be a language tag"):
        Language.of(tag)


# Fonts


def test_a_scripts_fonts_come_before_the_generic_family() -> None:
    stack = Language.of("ja").font_stack("serif", "Georgia, serif")
    assert stack == "Georgia,Hiragino Mincho ProN,Yu Mincho,serif"


def test_a_scripts_fonts_follow_a_stack_without_a_generic_family() -> None:
    assert Language.of("ko").font_stack("sans", "Arial") == "Arial,Apple SD Gothic Neo,Malgun Gothic"


def test_latin_stacks_stay_as_the_theme_wrote_them() -> None:
    assert Language.of("pl").font_stack("sans", "'Segoe UI', Arial, sans-serif") == "'Segoe UI', Arial, sans-serif"


def test_joined_scripts_are_not_letter_spaced_nor_slanted() -> None:
    arabic, english = Language.of("ar"), Language.of("en")
    assert (arabic.takes_letter_spacing, arabic.has_italics) == (False, False)
    assert (english.takes_letter_spacing, english.has_italics) == (True, True)


# Reading time


def test_a_text_takes_at_least_a_minute() -> None:
    assert [reading_minutes(text) for text in ("", "Two words", "—")] == [1, 1, 1]


def test_english_is_read_at_238_words_a_minute() -> None:
    assert reading_minutes("word " * 2380) == 10


def test_a_language_of_long_words_has_fewer_in_a_minute() -> None:
    assert reading_minutes("Wort " * 2380, "de-AT") == 13


def test_punctuation_alone_is_no_word() -> None:
    assert reading_minutes("word — " * 2380) == 10


def test_japanese_and_chinese_are_counted_by_the_character() -> None:
    assert reading_minutes("雨が街を読む。" * 500, "ja") == 6


def test_a_mixed_text_adds_its_words_and_characters() -> None:
    assert reading_minutes("word " * 714 + "雨" * 1500, "zh") == 6


# Direction


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("Slow News", "ltr"),
        ("أخبار بطيئة", "rtl"),
        ("חדשות", "rtl"),
        ("12 · «أخبار» and English", "rtl"),
        ("2026: English, then عربي", "ltr"),
        ("12 — 34!", ""),
        ("", ""),
        ("雨", "ltr"),
        ("\u2068Acme\u2069 خبر", "rtl"),
        (f"{Blank('first_name', 'reader').mark()}، مرحبا", "rtl"),
    ],
)
def test_the_first_letter_that_tells_decides_the_direction(text: str, direction: str) -> None:
    assert direction_of(text) == direction


# Widows


def test_a_short_last_word_is_tied_to_the_one_before() -> None:
    assert no_widow("Why pencils are yellow now") == f"Why pencils are yellow{NBSP}now"


@pytest.mark.parametrize(
    "title",
    [
        "",
        "One",
        "Three short words",
        "A title that ends in incomprehensibility",
        "What became of the Kulturgeschichtlichen Tag",
        "The archive at https://example.org/a now",
        "This one lives at www.example.org now",
        'A title <a href="x">in markup</a>',
        "A title with a [link](https://example.org/a b)",
        "东京 的 雨 水",
        f"Hello again to you {Blank('first_name', 'dear reader').mark()}",
        f"Already tied by its good{NBSP}editor",
    ],
)
def test_titles_that_a_tie_would_harm_stay_as_they_are(title: str) -> None:
    assert no_widow(title) == title


@given(st.text(alphabet=st.sampled_from("ab \u00a0\n<雨é"), max_size=40))
@settings(max_examples=100, deadline=None)
def test_tying_twice_changes_nothing_more(title: str) -> None:
    assert no_widow(no_widow(title)) == no_widow(title)


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_tying_changes_blanks_only(title: str) -> None:
    assert no_widow(title).split() == title.split()
