"""A story pasted as bare text: what it is called, when it ran, who wrote it, and where it ends."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.incoming.plain_html import tidy
from digest.models import Item
from digest.sources import text

NOW = datetime(2024, 2, 5, 12, tzinfo=UTC)
ONE = (
    "The harbour board said on Thursday that the ferry would go by the tide again, because the timetable that was "
    "planned with computers had left passengers standing on the pier."
)
TWO = (
    "A week earlier the other company had announced a pause. Analysts in the capital said that the quarrel was the "
    "first in public for years."
)
THREE = (
    "“We were not consulted,” said a spokesman. Two officials confirmed that talks had broken down on Tuesday night."
)
BODY = f"{ONE}\n\n{TWO}\n\n{THREE}"


def read(content: str | bytes) -> Item:
    (item,) = text.read(content, now=NOW).items
    assert_nothing_is_lost(content if isinstance(content, str) else content.decode(), item)
    return item


def assert_nothing_is_lost(content: str, item: Item) -> None:
    held = " ".join(" ".join((item.title, *item.other_titles, item.text, item.removed)).split())
    lines = [" ".join(tidy(line).split()) for line in re.split(r"[\r\n\x0b\x0c\x85\u2028\u2029]", content)]
    assert [line for line in lines if line not in held] == []


# Five layouts, and more


def test_a_date_the_pages_title_and_the_headline_above_paragraphs():
    item = read(
        "Friday, February 2, 2024\n"
        "Ferry board goes back to the tide | The Harbour Ledger\n"
        "Board quarrels with its own timetable, and goes back to the tide\n\n"
        f"{ONE}\n\n{TWO}\n\nRead more: A map of the piers\n\n{THREE}\n\n"
        "Latest stories\nBudget passes by one vote\nHow moths hear bats\nShare this\nFacebook\nTwitter\n"
        "Sign up for our newsletter\nEmail address\n© 2024 The Harbour Ledger. All rights reserved."
    )
    titles = {item.title, *item.other_titles}
    assert titles == {
        "Ferry board goes back to the tide",
        "Board quarrels with its own timetable, and goes back to the tide",
    }
    assert (item.source, item.published) == ("The Harbour Ledger", datetime(2024, 2, 2, tzinfo=UTC))
    assert item.found["published"] == 'line 1, "February 2, 2024"'
    assert item.text == BODY
    assert item.removed.split("\n")[-9:-7] == ["Latest stories", "Budget passes by one vote"]
    assert "Read more: A map of the piers" in item.removed
    assert item.url == ""


def test_lines_without_gaps_with_the_papers_name_on_top_and_comments_below():
    item = read(
        "The Harbour Ledger\nWorld\nFerry board goes back to the tide\nBy Jane Roe and John Doe\n"
        f"Published 2 February 2024, 14:05 GMT\nShare\n{ONE}\n{TWO}\n{THREE}\nRelated articles\nBudget passes\n"
        "Comments (12)\nI think that this is a very bad thing, and nobody should be allowed to do it again.\nMe too."
    )
    assert (item.title, item.source, item.author) == (
        "Ferry board goes back to the tide",
        "The Harbour Ledger",
        "Jane Roe and John Doe",
    )
    assert item.published == datetime(2024, 2, 2, 14, 5, tzinfo=UTC)
    assert item.text == BODY


def test_labelled_lines_as_a_scraper_writes_them():
    item = read(
        "Title: Ferry board goes back to the tide\nAuthor: Jane Roe\nSource: The Harbour Ledger\nDate: 02/02/2024\n"
        f"URL: https://ledger.example/ferry\n\n{BODY}\n"
    )
    assert (item.title, item.author, item.source, item.url) == (
        "Ferry board goes back to the tide",
        "Jane Roe",
        "The Harbour Ledger",
        "https://ledger.example/ferry",
    )
    assert item.published == datetime(2024, 2, 2, tzinfo=UTC)
    assert item.text == BODY


def test_a_german_page_with_two_dates_and_an_advertisement():
    first = "Die Regierung hat sich nach langen Verhandlungen auf einen Haushalt geeinigt, wie sie mitteilte."
    second = (
        "Am Abend soll das Parlament darüber abstimmen. Eine Mehrheit gilt als sicher, auch wenn einige noch zögern."
    )
    item = read(
        "Startseite > Politik\nRegierung einigt sich auf neuen Haushalt - Hafenzeitung\nVon Erika Beispiel, Berlin\n"
        "Aktualisiert: 3. Februar 2024, 09:10 Uhr\nVeröffentlicht: 2. Februar 2024, 18:30 Uhr\nLesezeit: 4 Minuten\n\n"
        f"{first}\n\nAnzeige\n\n{second}\n\nMehr zum Thema\nWas der Haushalt kostet\nKommentare (3)"
    )
    assert (item.title, item.source, item.author) == (
        "Regierung einigt sich auf neuen Haushalt",
        "Hafenzeitung",
        "Erika Beispiel",
    )
    assert item.published == datetime(2024, 2, 2, 18, 30, tzinfo=UTC)
    assert (item.text, item.language) == (f"{first}\n\n{second}", "de")


def test_an_agencys_dateline():
    item = read(f"Ferry board goes back to the tide\n\nHARBOUR, Feb 2 (Reuters) - {ONE}\n\n{TWO}")
    assert (item.source, item.published) == ("Reuters", datetime(2024, 2, 2, tzinfo=UTC))
    assert "no year is given" in item.found["published"]
    assert item.text.startswith("HARBOUR, Feb 2 (Reuters)")


def test_a_mail_broken_at_a_column_becomes_whole_paragraphs():
    item = read(
        "Ferry gets its old timetable back\n\n"
        "After nine years of trials the harbour board has gone back to the crossing\n"
        "times of 1911, which turn out to follow the tide more closely than anything\n"
        "that was planned since with computers.\n\n"
        "The board said on Monday that it would print the old cards again, and that\n"
        "nobody would be asked to pay for them.\n"
    )
    assert [len(paragraph.split("\n")) for paragraph in item.text.split("\n\n")] == [1, 1]
    assert "the crossing times of 1911" in item.text


def test_a_japanese_page():
    item = read(
        "港新聞\n2024年2月2日 10時30分\nフェリー、古い時刻表に戻る｜港新聞\n\n"
        "港湾委員会は9年間の試行を経て、1911年の時刻表に戻すことを決めた。潮の流れに最もよく合うためだという。\n\n"
        "関連記事\n予算が一票差で成立"
    )
    assert (item.title, item.source, item.language) == ("フェリー、古い時刻表に戻る", "港新聞", "ja")
    assert item.published == datetime(2024, 2, 2, tzinfo=UTC)
    assert item.removed.endswith("関連記事\n予算が一票差で成立")
    assert item.text.startswith("港湾委員会")


def test_a_whole_page_copied_with_cookies_and_menus():
    item = read(
        "Ferry board goes back to the tide - The Harbour Ledger\nWe use cookies to improve your experience.\n"
        "Accept all\nSkip to content\nMenu\nHome\nNews\nTop stories\nOpinion\nSport\nTravel\n"
        "Ferry board goes back to the tide\nJane Roe\n02 Feb 2024\nListen to this article\n"
        f"{ONE}\nAdvertisement\n{TWO}\n{THREE}\nSign up for The Morning Newsletter\n"
        "Get the day's headlines in your inbox.\nTrending\nBudget passes by one vote\n2 hours ago\n"
    )
    assert (item.title, item.source, item.author) == (
        "Ferry board goes back to the tide",
        "The Harbour Ledger",
        "Jane Roe",
    )
    assert item.text == BODY


def test_a_text_of_paragraphs_alone_keeps_them_all_and_invents_nothing():
    item = read(BODY)
    assert (item.text, item.removed, item.source, item.published) == (BODY, "", "", None)
    assert item.title.rstrip("…") in ONE


# Titles


def test_the_worse_of_two_headlines_is_kept_too():
    item = read(f"WHY FERRIES GO SLOW NOW | The Ledger\nFerry board goes back to the tide\n2 February 2024\n\n{BODY}")
    assert (item.title, item.other_titles) == ("Ferry board goes back to the tide", ("WHY FERRIES GO SLOW NOW",))


def test_a_headline_that_was_cut_short_gives_way_to_the_whole_one():
    item = read(f"Ferry board goes back… | The Ledger\nFerry board goes back to the tide\n\n{BODY}")
    assert item.title == "Ferry board goes back to the tide"


def test_a_standfirst_stays_in_the_text():
    item = read(
        f"Ferry board goes back to the tide\nA retired captain explains what it took.\n2 February 2024\n\n{BODY}"
    )
    assert item.text.startswith("A retired captain explains")


# Dates


@pytest.mark.parametrize(
    "line",
    [
        "2024-02-02",
        "02/02/2024",
        "2/2/2024",
        "02.02.2024",
        "2 February 2024",
        "February 2nd, 2024",
        "Fri 2 Feb 2024",
        "Published: Feb. 2, 2024",
        "Posted on February 2, 2024 by Jane Roe",
        "2 Feb 2024 | 5 min read",
        "2. Februar 2024",
        "Freitag, 2. Februar 2024",
        "2 février 2024",
        "Publié le vendredi 2 février 2024",
        "2 de febrero de 2024",
        "2 febbraio 2024",
        "2 de fevereiro de 2024",
        "2 februari 2024",
        "den 2 februari 2024",
        "2 lutego 2024",
        "2. února 2024",
        "2 февраля 2024",
        "2 лютого 2024 р.",
        "2 Şubat 2024",
        "2. helmikuuta 2024",
        "2. február 2024",
        "2024. február 2.",
        "2 februarie 2024",
        "2 Φεβρουαρίου 2024",
        "٢ فبراير ٢٠٢٤",
        "2 בפברואר 2024",
        "2024年2月2日",
        "2024년 2월 2일",
        "2 tháng 2, 2024",
    ],
)
def test_a_date_line_is_read_in_many_languages(line: str):
    item = read(f"Ferry board goes back to the tide\n{line}\n\n{BODY}")
    assert item.published == datetime(2024, 2, 2, tzinfo=UTC)
    assert item.found["published"].startswith("line 2")
    assert line not in item.text


def test_a_clock_time_and_its_zone_are_kept():
    item = read(f"Ferry board goes back to the tide\nFeb 2, 2024 at 3:15 p.m. EST\n\n{BODY}")
    assert item.published == datetime(2024, 2, 2, 15, 15, tzinfo=timezone(timedelta(hours=-5)))


def test_a_date_that_could_be_either_way_round_is_not_believed():
    item = read(f"Ferry board goes back to the tide\n03/01/2023\n\n{BODY}")
    assert item.published is None
    assert item.found["published"] == 'not believed: line 2, "03/01/2023": day and month could be either way round'


def test_a_date_is_read_the_way_that_does_not_lie_in_the_future():
    item = read(f"Ferry board goes back to the tide\n03/02/2024\n\n{BODY}")
    assert item.published == datetime(2024, 2, 3, tzinfo=UTC)
    assert item.found["published"].endswith("the other way round it would lie in the future")


def test_another_date_shows_which_way_round_dates_are_meant():
    item = read(f"Ferry board goes back to the tide\n03/01/2023\n\n{ONE} It began on 25/12/2022.\n\n{TWO}")
    assert item.published == datetime(2023, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "line", ["Published 3 hours ago", "vor 3 Stunden", "il y a 2 heures", "hace 5 minutos", "Yesterday", "3時間前"]
)
def test_a_date_that_counts_from_an_unknown_moment_is_not_believed(line: str):
    item = read(f"Ferry board goes back to the tide\n{line}\n\n{BODY}")
    assert item.published is None
    assert item.found["published"].startswith("not believed: line 2")
    assert line not in item.text


def test_a_date_in_the_future_is_not_believed():
    item = read(f"Ferry board goes back to the tide\n2 March 2025\n\n{BODY}")
    assert (item.published, item.found["published"]) == (
        None,
        'not believed: line 2, "2 March 2025" lies in the future',
    )


def test_a_date_inside_a_sentence_is_no_date_line():
    item = read(
        f"Ferry board goes back to the tide\n\nThe last ferry of that kind left on 2 May 1911, they say.\n\n{BODY}"
    )
    assert item.published is None
    assert "2 May 1911" in item.text


# Bylines and addresses


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Jane Roe", "Jane Roe"),
        ("BY JANE ROE", "JANE ROE"),
        ("By Jane Roe, Political Editor", "Jane Roe"),
        ("Written by Jane Roe and John Doe", "Jane Roe and John Doe"),
        ("Von Jane Roe", "Jane Roe"),
        ("Par Jeanne de la Rue", "Jeanne de la Rue"),
        ("Por Juana Pérez", "Juana Pérez"),
        ("Door Jan van der Berg", "Jan van der Berg"),
        ("Av Jon Doe", "Jon Doe"),
        ("By Jane Roe | 2 February 2024", "Jane Roe"),
    ],
)
def test_a_byline_names_its_author(line: str, author: str):
    assert read(f"Ferry board goes back to the tide\n{line}\n\n{BODY}").author == author


@pytest.mark.parametrize(
    "line", ["By the numbers: what a ferry costs", "By subscribing you agree to our terms", "De kosten"]
)
def test_a_line_that_only_begins_like_a_byline_names_nobody(line: str):
    assert read(f"Ferry board goes back to the tide\n{line}\n\n{BODY}").author == ""


def test_the_texts_own_address_is_its_url_and_names_its_source():
    item = read(f"https://www.ledger.example/2024/02/02/ferry\nFerry board goes back to the tide\n\n{BODY}")
    assert (item.url, item.source) == ("https://www.ledger.example/2024/02/02/ferry", "ledger.example")
    assert (item.published, item.found["published"]) == (datetime(2024, 2, 2, tzinfo=UTC), "its address")


def test_an_address_inside_the_text_is_not_its_own():
    assert (
        read(f"Ferry board goes back to the tide\n\n{ONE} See https://ledger.example/cards for more.\n\n{TWO}").url
        == ""
    )


def test_an_address_that_runs_something_is_none():
    assert read(f"Ferry board goes back to the tide\nURL: javascript:alert(1)\n\n{BODY}").url == ""


# Where it ends


@pytest.mark.parametrize(
    "tail",
    [
        "Most read\nOne thing\nAnother thing",
        "Mehr zum Thema\nNoch ein Artikel",
        "À lire aussi\nUn autre article",
        "Te puede interesar\nOtra noticia",
        "Leia também\nOutra notícia",
        "Leggi anche\nUn altro articolo",
        "Lees ook\nEen ander stuk",
        "Läs mer\nEn annan artikel",
        "Czytaj także\nInny artykuł",
        "Читайте также\nДругая статья",
        "Tags: ferries, tides",
        "Follow us on Twitter",
        "Leave a comment",
    ],
)
def test_what_follows_the_article_is_cut_off_in_many_languages(tail: str):
    item = read(f"Ferry board goes back to the tide\n\n{BODY}\n\n{tail}")
    assert item.text == BODY
    assert item.removed == tail


def test_an_article_that_goes_on_below_a_box_is_kept_whole():
    item = read(f"Ferry board goes back to the tide\n\n{ONE}\n\nRelated\nA map of the piers\n\n{TWO}\n\n{THREE}")
    assert item.text == BODY


def test_a_sentence_that_begins_like_a_button_is_the_articles():
    sentence = "Share prices fell on Monday after the board had met behind closed doors."
    item = read(f"Ferry board goes back to the tide\n\n{ONE}\n\n{sentence}\n\n{TWO}")
    assert sentence in item.text


def test_a_list_in_the_article_stays():
    points = "- a boat\n- a pier\n- a tide"
    item = read(f"Ferry board goes back to the tide\n\n{ONE}\n\nWhat it needs:\n\n{points}\n\n{TWO}")
    assert points in item.text


# Bad input


@pytest.mark.parametrize("content", ["", "  \n\t\n", "\x00\x01", "---\n***", b"\xff\xfe"])
def test_a_text_without_a_word_is_told(content: str | bytes):
    (unread,) = text.read(content, name="story.txt", now=NOW).unread
    assert (unread.where, unread.why) == ("story.txt", "it holds no text")


def test_bytes_in_an_old_encoding_are_read():
    found = text.read(f"Die Fähre kehrt zurück\n\nÜber {ONE}".encode("cp1252"), now=NOW)
    assert found.items[0].title == "Die Fähre kehrt zurück"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a " * 1_000_000, id="one line"),
        pytest.param("Share this\n" * 100_000, id="buttons"),
        pytest.param("2 February 2024\n" * 30_000, id="dates"),
        pytest.param("a - " * 300_000, id="dashes"),
        pytest.param(f"{ONE}\n\n" * 10_000, id="paragraphs"),
        pytest.param("A headline that comes again and again\n" * 20_000, id="headlines"),
        pytest.param(("By " + "A. " * 40 + "x\n") * 3_000, id="bylines"),
    ],
)
@pytest.mark.usefixtures("patience")
def test_a_hostile_text_is_read_in_a_few_seconds(content: str):
    assert text.read(content, now=NOW).items


def test_naughty_strings_lose_nothing(shared: Path):
    strings = json.loads((shared / "corpora/bad/text/blns.json").read_text("utf-8"))
    for each in [*strings, "\n".join(strings), "\n\n".join(strings)]:
        for item in text.read(each, now=NOW).items:
            assert_nothing_is_lost(each, item)


LINES = st.one_of(
    st.sampled_from(
        [
            *("", ONE, TWO, "Latest stories", "Related", "Share this", "Comments", "2 February 2024", "By Jane Roe"),
            *("Ferry board goes back | The Ledger", "Source: The Ledger", "Title: x", "https://ledger.example/"),
            *("- a point", "© 2024 X", "3 hours ago", "URL: x", "The Ledger", "Updated 2/2/2024 | Jane Roe"),
            *("# A heading of words", "Budget passes by one vote"),
        ]
    ),
    st.text(max_size=60),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_no_line_is_ever_lost(lines: list[str]):
    content = "\n".join(lines)
    for item in text.read(content, now=NOW).items:
        assert_nothing_is_lost(content, item)
