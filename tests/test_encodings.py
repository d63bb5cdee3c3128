"""Bytes become the text their writer meant, whatever is said of them."""

from __future__ import annotations

import codecs

import pytest

from digest.incoming import encodings

RUSSIAN = "Сегодня в городе открыли новый мост через реку, и движение пошло."
JAPANESE = "今日は東京からのニュースです。新しい記事が公開されました。"
CHINESE = "今天北京的新闻很多，请大家阅读这篇文章。"
KOREAN = "오늘 서울에서 온 소식입니다. 새로운 기사가 나왔습니다."
FRENCH = "L'été dernier, à Genève, où les élèves ont reçu la leçon."


def a_feed(words: str, declared: str = "") -> str:
    return (f'<?xml version="1.0" encoding="{declared}"?>' if declared else "") + f"<rss><title>{words}</title></rss>"


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_mark_at_the_start_is_believed_before_anybody(mark: bytes, name: str) -> None:
    assert encodings.text(mark + a_feed(RUSSIAN, "koi8-r").encode(name), charset="iso-8859-1")[0] == a_feed(
        RUSSIAN, "koi8-r"
    )


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_letters_are_seen_without_a_mark(name: str) -> None:
    assert encodings.text(a_feed(RUSSIAN).encode(name))[0] == a_feed(RUSSIAN)


def test_utf_8_is_utf_8_whoever_says_otherwise() -> None:
    text, known = encodings.text(a_feed(FRENCH, "iso-8859-1").encode(), charset="windows-1252")
    assert (text, known) == (a_feed(FRENCH, "iso-8859-1"), "utf-8, as the bytes show")


def test_the_server_goes_before_the_xml_declaration() -> None:
    text, known = encodings.text(a_feed(RUSSIAN, "iso-8859-1").encode("koi8-r"), charset="KOI8-R")
    assert (text, known) == (a_feed(RUSSIAN, "iso-8859-1"), "koi8-r, as the server says")


@pytest.mark.parametrize(
    ("label", "codec", "words"),
    [
        ("windows-1251", "cp1251", RUSSIAN),
        ("Shift_JIS", "cp932", JAPANESE),
        ("EUC-JP", "euc_jp", JAPANESE),
        ("ISO-2022-JP", "iso2022_jp", JAPANESE),
        ("gb2312", "gb18030", CHINESE),
        ("euc-kr", "cp949", KOREAN),
        ("latin1", "latin-1", FRENCH),
    ],
)
def test_the_xml_declaration_is_heeded(label: str, codec: str, words: str) -> None:
    assert encodings.text(a_feed(words, label).encode(codec))[0] == a_feed(words, label)


def test_a_pages_meta_line_is_heeded() -> None:
    page = f'<html><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><p>{RUSSIAN}'
    assert encodings.text(page.encode("cp1251")) == (page, "cp1251, as its meta line says")


@pytest.mark.parametrize(
    ("codec", "words"),
    [("cp1251", RUSSIAN), ("koi8-r", RUSSIAN), ("cp932", JAPANESE), ("gb18030", CHINESE), ("cp949", KOREAN)],
)
def test_an_encoding_nobody_names_is_guessed(codec: str, words: str) -> None:
    assert encodings.text(a_feed(words * 3).encode(codec))[0] == a_feed(words * 3)


def test_the_wests_letters_are_guessed_as_the_wests() -> None:
    assert encodings.text(a_feed(FRENCH + " “oui” – non").encode("cp1252"))[0] == a_feed(FRENCH + " “oui” – non")


def test_latin_1_is_read_with_the_quotes_of_windows() -> None:
    assert encodings.text(b"\x93quoted\x94", charset="iso-8859-1")[0] == "“quoted”"


def test_one_letter_of_windows_does_not_spoil_a_text_in_utf_8() -> None:
    text, known = encodings.text("été à Genève, là-bas ".encode() + b"\x93oui\x94")
    assert (text, known) == ("été à Genève, là-bas “oui”", "utf-8, as the bytes show, broken in places")


@pytest.mark.parametrize("label", ["utf-7", "zlib", "unicode_escape", "rot13", "idna", "../../x", "x" * 5000, "\0"])
def test_a_label_that_is_no_encoding_of_text_is_ignored(label: str) -> None:
    assert encodings.known(label) == ""
    assert encodings.text(b"+ADw-script+AD4-", charset=label)[0] == "+ADw-script+AD4-"


@pytest.mark.parametrize("content", [b"", b"\0" * 100, bytes(range(256)), b"\xff" * 5000, b"\xff\xfe\x00"])
def test_any_bytes_become_some_text(content: bytes) -> None:
    assert isinstance(encodings.text(content, charset="utf-8")[0], str)


@pytest.mark.parametrize("words", ["Café", "Actualités françaises", "Größe für Straßen", "“Quoted” – text’s"])
def test_a_word_or_two_in_windows_letters_within_markup_is_not_taken_for_chinese(words: str) -> None:
    page = f"<opml><body><outline text='{words}' xmlUrl='https://n.example/f'/></body></opml>"
    assert encodings.text(page.encode("cp1252"))[0] == page


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Новости дня: бюджет города", "cp1251"),
        ("日本語のニュース、東京で", "cp932"),
        ("中文新闻，今天发布", "gb18030"),
    ],
)
def test_other_scripts_within_markup_are_told_by_what_stands_in_it(words: str, name: str) -> None:
    page = f"<opml><body><outline text='{words}' xmlUrl='https://n.example/f'/></body></opml>"
    assert encodings.text(page.encode(name))[0] == page
