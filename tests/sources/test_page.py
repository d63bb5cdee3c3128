"""A page becomes a story: what its head says, where it says so, and its text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from digest.models import Item
from digest.sources import page

URL = "https://ledger.example/2024/02/02/ferry"
FIRST = (
    "After nine years of trials the harbour board has gone back to the crossing times of 1911, which turn out "
    "to follow the tide more closely than anything that was planned since with computers."
)
SECOND = (
    "The board said on Monday that it would print the old cards again, and that nobody would be asked to pay for "
    "them. A spokesman for the passengers called it a victory of sorts."
)
THIRD = "Two captains who remember the old times said that they had never stopped using them in bad weather."
BODY = f"<article><h1>The ferry gets its old timetable back</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></article>"


def a_page(head: str = "", body: str = BODY, lang: str = "") -> bytes:
    return f"<!doctype html><html{lang}><head>{head}</head><body>{body}</body></html>".encode()


def read(head: str = "", body: str = BODY, *, url: str = URL, lang: str = "") -> Item:
    return page.read(a_page(head, body, lang), url=url).items[0]


def json_ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value).replace("</", "<" + chr(92) + "/")}</script>'


def article(**facts: object) -> str:
    return json_ld({"@context": "https://schema.org", "@type": "NewsArticle", **facts})


# Titles


def test_a_title_is_told_with_where_it_stood():
    item = read('<meta property="og:title" content="The ferry is back">')
    assert (item.title, item.found["title"]) == ("The ferry is back", "og:title")


@pytest.mark.parametrize(
    ("title", "wanted", "source"),
    [
        ("The ferry is back on time | The Ledger", "The ferry is back on time", "The Ledger"),
        ("The ferry is back on time | Travel | The Ledger", "The ferry is back on time", "The Ledger"),
        ("The ferry is back on time - Ledger", "The ferry is back on time", "Ledger"),
        ("The ferry is back on time — ledger.example", "The ferry is back on time", "ledger.example"),
        ("Ledger: The ferry is back on time", "The ferry is back on time", "Ledger"),
        ("Ledger » The ferry is back on time", "The ferry is back on time", "Ledger"),
        ("Ferries - a history", "Ferries - a history", "ledger.example"),
        ("On ferries: a history of crossings", "On ferries: a history of crossings", "ledger.example"),
    ],
)
def test_the_sites_name_is_cut_off_a_pages_title(title: str, wanted: str, source: str):
    item = read(f"<title>{title}</title>", f"<p>{FIRST}</p>")
    assert (item.title, item.source) == (wanted, source)


def test_a_headline_that_has_a_dash_keeps_it_when_the_page_repeats_it():
    item = read(
        "<title>Crossing 1.8 - The Bountiful Tide</title>", f"<h1>Crossing 1.8 - The Bountiful Tide</h1><p>{FIRST}</p>"
    )
    assert item.title == "Crossing 1.8 - The Bountiful Tide"


def test_the_name_goes_from_an_opengraph_title_too():
    head = '<meta property="og:site_name" content="The Ledger">'
    head += '<meta property="og:title" content="Ferry back – The Ledger">'
    assert read(head).title == "Ferry back"


def test_a_title_escaped_twice_is_read_as_meant():
    assert (
        read('<meta property="og:title" content="Tide &amp;amp; time: the board&amp;#39;s view">').title
        == "Tide & time: the board's view"
    )


def test_markup_in_a_title_is_gone_and_words_in_angle_brackets_stay():
    assert read(article(headline="The <em>ferry</em> is <script>alert(1)</script>back")).title == "The ferry is back"
    assert read("<title>When to use &lt;nav&gt; in a page</title>").title == "When to use <nav> in a page"


def test_a_name_of_the_site_is_no_title_of_a_page():
    head = '<meta property="og:site_name" content="The Ledger"><meta property="og:title" content="The Ledger">'
    head += "<title>The ferry is back</title>"
    assert read(head).title == "The ferry is back"


def test_a_page_without_any_title_takes_its_first_heading():
    item = read()
    assert (item.title, item.found["title"]) == ("The ferry gets its old timetable back", "<h1>")


# JSON-LD


def test_json_ld_is_read_through_a_graph_and_its_references():
    graph = [
        {"@type": "WebSite", "name": "The Ledger"},
        {"@type": "Person", "@id": "#jane", "name": "Jane Roe"},
        {
            "@type": "Article",
            "headline": "The ferry is back",
            "author": {"@id": "#jane"},
            "datePublished": "2024-02-02T10:00:00+01:00",
        },
    ]
    item = read(json_ld({"@graph": graph}))
    assert (item.title, item.author, item.source) == ("The ferry is back", "Jane Roe", "The Ledger")
    assert item.published == datetime(2024, 2, 2, 10, tzinfo=timezone(timedelta(hours=1)))
    assert item.found["published"] == "JSON-LD datePublished"


def test_of_many_articles_in_json_ld_the_pages_own_is_taken():
    others = [{"@type": "NewsArticle", "headline": f"Another story {n}"} for n in range(3)]
    own = {"@type": "NewsArticle", "headline": "The ferry is back", "author": "Jane Roe"}
    assert read(json_ld([*others, own]) + "<title>The ferry is back | Ledger</title>").author == "Jane Roe"


def test_articles_of_others_alone_are_not_believed():
    others = [{"@type": "NewsArticle", "headline": f"Another story {n}", "author": "John Doe"} for n in range(3)]
    item = read(json_ld(others) + "<title>The ferry is back on time</title>")
    assert (item.title, item.author) == ("The ferry is back on time", "")


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "Article", "headline": "The ferry is back",}',
        '<!-- {"@type": "Article", "headline": "The ferry is back"} -->',
        '//<![CDATA[\n{"@type": "Article", "headline": "The ferry is back"}\n//]]>',
        '{"@type": "Article", "headline": "The ferry is back", "description": "two\nlines"}',
        '{"@type": "Article", "headline": "The ferry is back"}}',
        '{"@type": "WebSite"} {"@type": "Article", "headline": "The ferry is back"}',
        '{"@type": "Article", "articleBody": "He said "no" and left", "headline": "The ferry is back"',
        '{"@type": "Article", "headline": "The ferry is back", "path": "C:\\new\\dir\\x"}',
    ],
)
def test_broken_json_ld_is_mended(script: str):
    item = read(f'<script type="application/ld+json">{script}</script>', f"<p>{FIRST}</p>")
    assert (item.title, item.found["title"]) == ("The ferry is back", "JSON-LD headline")


def test_a_quotation_that_breaks_json_does_not_end_the_headline():
    item = read(
        '<script type="application/ld+json">{"@type":"Article","headline":"Board calls it "a victory"", "x":1}</script>'
    )
    assert item.title == 'Board calls it "a victory"'


def test_json_nested_without_end_costs_the_page_nothing():
    assert read(
        f'<script type="application/ld+json">{"[" * 100_000}</script><title>The ferry is back on time</title>'
    ).title


# Author, date, description, picture, language


@pytest.mark.parametrize(
    ("head", "body", "author"),
    [
        ('<meta name="author" content="By Jane Roe">', "", "Jane Roe"),
        (
            article(headline="x y z", author=[{"@type": "Person", "name": "Jane Roe"}, {"name": "John Doe"}]),
            "",
            "Jane Roe, John Doe",
        ),
        ('<meta property="article:author" content="https://facebook.example/jane">', "", ""),
        ("", '<p class="byline">By Jane Roe</p>', "Jane Roe"),
        ("", '<a rel="author" href="/jane">Jane Roe</a>', "Jane Roe"),
        (
            '<meta name="author" content="The Ledger"><meta property="og:site_name" content="The Ledger">',
            '<p class="byline">Von Jane Roe</p>',
            "Jane Roe",
        ),
    ],
)
def test_the_author_is_a_name_and_no_address(head: str, body: str, author: str):
    assert read(head, body + BODY).author == author


@pytest.mark.parametrize(
    ("head", "when"),
    [
        (
            '<meta property="article:published_time" content="2024-02-01T09:30:00Z">',
            datetime(2024, 2, 1, 9, 30, tzinfo=UTC),
        ),
        ('<meta name="date" content="2024-02-01">', datetime(2024, 2, 1, tzinfo=UTC)),
        ('<meta name="date" content="20240201">', datetime(2024, 2, 1, tzinfo=UTC)),
        ('<meta name="pubdate" content="Thu, 01 Feb 2024 10:00:00 GMT">', datetime(2024, 2, 1, 10, tzinfo=UTC)),
        ('<meta name="dc.date" content="1. Februar 2024">', datetime(2024, 2, 1, tzinfo=UTC)),
        ("", datetime(2024, 2, 2, tzinfo=UTC)),
        ('<meta name="date" content="0000-00-00">', datetime(2024, 2, 2, tzinfo=UTC)),
        ('<meta name="date" content="9999-12-31T23:59:59+14:00">', datetime(2024, 2, 2, tzinfo=UTC)),
    ],
)
def test_a_date_is_aware_and_the_address_is_the_last_to_be_asked(head: str, when: datetime):
    assert read(head).published == when


def test_a_description_that_only_repeats_the_title_is_none():
    head = '<meta property="og:title" content="Ferry back"><meta property="og:description" content="Ferry back">'
    assert (
        read(head + '<meta name="description" content="A board changes its mind.">').description
        == "A board changes its mind."
    )


@pytest.mark.parametrize(
    ("content", "picture"),
    [
        ("/img/ferry.jpg", "https://ledger.example/img/ferry.jpg"),
        ("//cdn.example/ferry.jpg", "https://cdn.example/ferry.jpg"),
        ("data:image/gif;base64,R0lGOD", ""),
        ("javascript:alert(1)", ""),
        ("https://stats.example/pixel.gif?id=7", ""),
        ("https://ledger.example/img/1x1.png", ""),
    ],
)
def test_a_picture_is_a_picture_on_the_web_and_no_tracker(content: str, picture: str):
    assert read(f'<meta property="og:image" content="{content}">').picture == picture


def test_a_picture_of_one_dot_is_passed_over():
    head = '<meta property="og:image" content="/a.gif"><meta property="og:image:width" content="1">'
    assert read(head + '<meta name="twitter:image" content="/b.jpg">').picture == "https://ledger.example/b.jpg"


def test_alternative_text_comes_from_the_same_picture_in_the_body():
    item = read(
        '<meta property="og:image" content="/f.jpg?w=1200">', BODY + '<img src="/f.jpg?w=300" alt="A ferry at dusk">'
    )
    assert item.picture_alt == "A ferry at dusk"


@pytest.mark.parametrize(
    ("canonical", "aliases"),
    [
        ("https://ledger.example/ferry", ("https://ledger.example/ferry",)),
        ("/ferry", ("https://ledger.example/ferry",)),
        (URL, ()),
        ("javascript:alert(1)", ()),
        ("https://ledger.example/", ()),
        ("http://localhost/ferry", ()),
        ("http://[", ()),
    ],
)
def test_a_canonical_link_is_believed_when_it_can_be_this_page(canonical: str, aliases: tuple[str, ...]):
    assert read(f'<link rel="canonical" href="{canonical}">').aliases == aliases


def test_the_language_is_a_tag_or_nothing():
    assert read(lang=' lang="pt_br"').language == "pt-BR"
    assert read(lang=' lang="english"').language == ""


def test_what_is_not_a_web_address_never_becomes_the_storys():
    assert read(url="javascript:alert(1)").url == ""


# Saved pages


def test_a_saved_page_remembers_where_it_was():
    saved = b"<!DOCTYPE html>\n<!-- saved from url=(0038)https://ledger.example/ferry -->\n" + a_page(
        "<title>Ferry</title>"
    )
    item = page.read(saved, url="").items[0]
    assert (item.url, item.found["url"]) == ("https://ledger.example/ferry", "the browser's note in the saved page")


def test_a_saved_page_without_a_note_has_its_canonical_address():
    item = read('<link rel="canonical" href="https://ledger.example/ferry">', url="")
    assert (item.url, item.aliases, item.found["url"]) == ("https://ledger.example/ferry", (), "rel=canonical")


# The text


def test_the_text_is_the_paragraphs_and_no_headline():
    item = read('<meta property="og:title" content="The ferry gets its old timetable back">')
    assert item.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
    assert item.minutes == 1


def test_what_stands_below_an_article_is_removed_and_kept():
    links = "<li><a href='/a'>A budget in one chart</a></li><li><a href='/b'>How moths hear</a></li>"
    related = f"<h2>Related stories</h2><ul>{links}</ul>"
    item = read("", f"<article><h1>Ferry back</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>{related}</article>")
    assert "budget" not in item.text
    assert item.text.endswith(THIRD)


def test_text_in_an_old_encoding_is_read():
    content = (
        '<html><head><meta charset="windows-1251"><title>Паром вернулся</title></head><body><p>Текст</p></body></html>'
    )
    assert page.read(content.encode("cp1251"), url=URL).items[0].title == "Паром вернулся"


# Bad input


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"%PDF-1.7 ...", "it is a PDF, not a page"),
        (b"\x89PNG\r\n", "it is a picture, not a page"),
    ],
)
def test_what_is_no_page_is_told(content: bytes, why: str):
    (unread,) = page.read(content, url=URL).unread
    assert (unread.where, unread.why) == (URL, why)


def test_a_page_that_says_nothing_is_told():
    assert (
        page.read(b"<html><body><div></div></body></html>", url=URL).unread[0].why
        == "neither a title nor a text was found in it"
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"<title>{'A ' * 1_000_000}</title><p>x", id="a title of two megabytes"),
        pytest.param("<title>x</title>" + "<div>" * 100_000 + FIRST, id="nested 100,000 deep"),
        pytest.param("<title>x</title><p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x", id="50,000 attributes"),
        pytest.param(
            "<title>x</title>" + ("<div class=author>" * 200 + "word " * 200 + "</div>" * 200) * 25, id="deep bylines"
        ),
        pytest.param("<title>x</title>" + "<p>Some words in a paragraph.</p>" * 40_000, id="40,000 paragraphs"),
        pytest.param("<title>" + "a - " * 100_000 + "</title>", id="100,000 dashes"),
        pytest.param(
            '<title>x</title><script type="application/ld+json">{"headline": "' + '"\\ ' * 200_000, id="a broken string"
        ),
    ],
)
@pytest.mark.usefixtures("patience")
def test_a_hostile_page_is_read_in_a_few_seconds(content: str):
    found = page.read(content.encode(), url=URL)
    assert all(len(item.title) <= 501 for item in found.items)


def test_no_control_character_gets_into_a_field():
    item = read('<meta property="og:title" content="The \x02ferry\x00 is\u202e back">', f"<p>{FIRST}\x03\x1b[31m</p>")
    assert item.title == "The ferry is back"
    assert not any(ord(letter) < 32 and letter != "\n" for letter in item.text)
