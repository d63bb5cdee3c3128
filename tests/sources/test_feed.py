"""A feed's bytes become items in plain words, however the feed was made."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime

import pytest

from digest.models import Item, Unread
from digest.sources import feed
from digest.sources.base import Found

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)
URL = "https://paper.example/feeds/all.xml"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Paper</title>'


def read(text: str | bytes, *, url: str = URL, charset: str = "") -> Found:
    return feed.read(text.encode() if isinstance(text, str) else text, url=url, now=NOW, charset=charset)


def an_rss(*items: str, head: str = "") -> str:
    return f'<rss version="2.0"><channel><title>The Paper</title>{head}{"".join(items)}</channel></rss>'


def an_item(inside: str = "", *, title: str = "A title", link: str = "https://paper.example/1") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{inside}</item>"


def only(found: Found) -> Item:
    assert found.unread == ()
    (item,) = found.items
    return item


def test_an_item_of_rss_brings_all_its_fields() -> None:
    got = read(
        an_rss(
            an_item(
                "<guid isPermaLink='false'>id-1</guid><dc:creator>Ann Onym</dc:creator><category>Moths</category>"
                "<pubDate>Thu, 05 Nov 2026 10:30:00 +0100</pubDate>"
                "<description>A &lt;b&gt;short&lt;/b&gt; word.</description>"
                "<content:encoded><![CDATA[<p>First.</p><p>Second &amp; last.</p><img src='/m.jpg' alt='A moth'>]]>"
                "</content:encoded>",
                title="Moths &amp;amp; bats",
            ),
            head="<language>en-GB</language><ttl>90</ttl><link>https://paper.example/</link>",
        )
    )
    assert got == Found(
        items=(
            Item(
                url="https://paper.example/1",
                title="Moths & bats",
                guid="id-1",
                source="The Paper",
                author="Ann Onym",
                published=datetime(2026, 11, 5, 9, 30, tzinfo=UTC),
                description="A short word.",
                text="First.\n\nSecond & last.",
                picture="https://paper.example/m.jpg",
                picture_alt="A moth",
                language="en-GB",
                tags=("Moths",),
                found={"url": "link", "title": "title", "picture": "first picture of the text"},
            ),
        ),
        title="The Paper",
        facts={
            "encoding": "utf-8, as the bytes show",
            "ttl": "90",
            "language": "en-GB",
            "site": "https://paper.example/",
        },
    )


def test_an_entry_of_atom_brings_its_fields() -> None:
    item = only(
        read(
            ATOM + '<entry xml:lang="de"><title type="html">Motten &amp;amp; &lt;i&gt;mehr&lt;/i&gt;</title>'
            '<link rel="edit" href="https://paper.example/edit"/><link rel="alternate" href="https://paper.example/m"/>'
            "<id>tag:paper.example,2026:m</id><updated>2026-11-05T10:00:00+01:00</updated><author><name>Ann Onym</name>"
            '</author><category term="moths" label="Moths"/><summary>Kurz.</summary></entry></feed>'
        )
    )
    assert (item.title, item.url, item.guid, item.author, item.tags, item.description, item.published) == (
        "Motten & mehr",
        "https://paper.example/m",
        "tag:paper.example,2026:m",
        "Ann Onym",
        ("Moths",),
        "Kurz.",
        datetime(2026, 11, 5, 9, tzinfo=UTC),
    )


RDF_ITEM = '<item rdf:about="https://paper.example/1"><title>Moths</title><link>https://paper.example/1</link>'


def test_rss_1_keeps_its_items_outside_the_channel() -> None:
    item = only(
        read(
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>P</title></channel>'
            f"{RDF_ITEM}<dc:date>2026-11-05T10:00:00Z</dc:date></item></rdf:RDF>"
        )
    )
    assert (item.title, item.url, item.published) == (
        "Moths",
        "https://paper.example/1",
        datetime(2026, 11, 5, 10, tzinfo=UTC),
    )


def test_rss_0_90_is_read_too() -> None:
    item = only(
        read(
            '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>P</title></channel>'
            f"{RDF_ITEM.replace(' rdf:about=', ' about=')}</item></rdf:RDF>"
        )
    )
    assert (item.title, item.url) == ("Moths", "https://paper.example/1")


def a_json(*items: object, **more: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "items": items, **more})


def test_an_item_of_a_json_feed_brings_its_fields() -> None:
    item = only(
        read(
            a_json(
                {
                    "id": 7,
                    "url": "/7",
                    "title": "Moths",
                    "content_html": "<p>One</p><p>Two</p>",
                    "summary": "Short.",
                    "image": "m.png",
                    "date_published": "2026-11-05T10:00:00.25-05:00",
                    "tags": ["a", 3, None],
                    "authors": [{"name": "Ann"}, {"name": "Bo"}],
                },
                language="en",
            )
        )
    )
    assert item == Item(
        url="https://paper.example/7",
        title="Moths",
        guid="7",
        source="The Paper",
        author="Ann, Bo",
        published=datetime(2026, 11, 5, 15, 0, 0, 250000, tzinfo=UTC),
        description="Short.",
        text="One\n\nTwo",
        picture="https://paper.example/feeds/m.png",
        language="en",
        tags=("a", "3"),
        found={"url": "url", "title": "title", "picture": "image"},
    )


@pytest.mark.parametrize("item", [1, None, [], {}, {"title": ["x"], "url": {}, "authors": "x", "attachments": [3]}])
def test_an_item_of_a_json_feed_that_is_none_is_told(item: object) -> None:
    assert read(a_json(item)).unread == (Unread("item 1", "it has no title, no text and no link"),)


def test_half_a_letter_in_json_does_not_reach_a_file() -> None:
    item = only(read('{"items": [{"title": "a\\ud800b \\ud83d\\ude00", "url": "https://e.example/"}]}'))
    assert item.title == "ab 😀"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("<![CDATA[AT&amp;T]]>", "AT&T"),
        ("It&amp;#8217;s", "It’s"),
        ("It&rsquo;s caf&eacute; & more", "It’s café & more"),
        ("a &lt;em&gt;fine&lt;/em&gt; day", "a fine day"),
        ("What &lt;b&gt; does in HTML", "What <b> does in HTML"),
        ("Vec&lt;T&gt; and 1 &lt; 2", "Vec<T> and 1 < 2"),
        ("\n  on two\n  lines ", "on two lines"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Moths", "Moths"),
        ("&lt;svg onload=alert(1)&gt;Moths", "Moths"),
        ("&#147;quoted&#148;", "“quoted”"),
        ("a&#0;b&#xFFFE;c&nosuch;", "abc&nosuch;"),
        ("The <i>word</i> within", "The word within"),
    ],
)
def test_a_title_reads_as_it_was_meant(given: str, shown: str) -> None:
    assert only(read(an_rss(an_item(title=given)))).title == shown


def test_an_xhtml_title_is_read_whole() -> None:
    item = only(
        read(
            ATOM + '<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Moths <em>and</em> bats</div>'
            '</title><link href="https://paper.example/1"/></entry></feed>'
        )
    )
    assert item.title == "Moths and bats"


def test_an_item_without_a_title_goes_by_its_first_words() -> None:
    words = "one two three four five six seven eight nine ten eleven twelve thirteen"
    item = only(read(an_rss(f"<item><link>https://e.example/</link><description>{words}</description></item>")))
    assert (item.title, item.found["title"]) == (
        "one two three four five six seven eight nine ten eleven twelve…",
        "first words of the text",
    )


def test_an_item_that_is_a_link_only_goes_by_its_address() -> None:
    assert only(read(an_rss("<item><link>https://e.example/a/</link></item>"))).title == "e.example/a"


def test_a_long_description_is_the_text() -> None:
    words = " ".join(f"w{number}" for number in range(150))
    item = only(read(an_rss(an_item(f"<description>{words}</description>"))))
    assert (item.description, item.text) == ("", words)


def test_a_description_that_a_parser_made_of_the_text_is_none() -> None:
    body = "&lt;p&gt;" + "many words " * 200 + "&lt;/p&gt;"
    item = only(
        read(
            ATOM
            + '<entry><title>T</title><link href="https://e.example/"/>'
            + f'<content type="html">{body}</content></entry></feed>'
        )
    )
    assert (item.description, len(item.text.split())) == ("", 400)


def test_what_wordpress_puts_below_a_summary_is_cut() -> None:
    html = "&lt;p&gt;A word.&lt;/p&gt;&lt;p&gt;The post &lt;a href='x'&gt;T&lt;/a&gt; appeared first on P.&lt;/p&gt;"
    assert only(read(an_rss(an_item(f"<description>{html}</description>")))).description == "A word."


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("/a?b=1&amp;c=2", "https://paper.example/a?b=1&c=2"),
        ("../a", "https://paper.example/a"),
        ("//other.example/x", "https://other.example/x"),
        (" https://paper.example/a\n", "https://paper.example/a"),
        ("feed:https://paper.example/a", "https://paper.example/a"),
        ('https://paper.example/a b"c', "https://paper.example/a%20b%22c"),
        ("https://paper.example/?&utm=1#frag", "https://paper.example/?&utm=1#frag"),
        ("https://пример.example/путь", "https://пример.example/путь"),
    ],
)
def test_a_link_is_absolute_and_otherwise_as_given(given: str, found: str) -> None:
    assert only(read(an_rss(an_item(link=given)))).url == found


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("javascript:alert(1)", 'its link begins with "javascript:" and leads to no page on the web'),
        ("java\nscript:alert(1)", "its link is broken: java script:alert(1)"),
        ("file:///etc/passwd", 'its link begins with "file:" and leads to no page on the web'),
        ("data:text/html,x", 'its link begins with "data:" and leads to no page on the web'),
        ("https://", "its link is broken: https://"),
        ("https://[::1", "its link is broken: https://[::1"),
        ("https://e.example/" + "x" * 100_000, "its link is 100,018 characters long"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(given: str, why: str) -> None:
    got = read(an_rss(an_item(link=given), an_item()))
    assert (got.unread, len(got.items)) == ((Unread('item 1 "A title"', why),), 1)


def test_an_id_that_is_an_address_stands_in_for_a_link() -> None:
    item = only(read(an_rss("<item><title>T</title><guid>https://e.example/1</guid></item>")))
    assert (item.url, item.found["url"]) == ("https://e.example/1", "link")


def test_a_podcast_without_pages_links_to_its_sound() -> None:
    item = only(
        read(an_rss('<item><title>T</title><enclosure url="https://e.example/1.mp3" type="audio/mpeg"/></item>'))
    )
    assert (item.url, item.found["url"], item.picture) == ("https://e.example/1.mp3", "enclosure", "")


def test_a_relative_link_heeds_the_feeds_own_base() -> None:
    item = only(
        read(
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/blog/"><entry><title>T</title>'
            '<link href="one.html"/></entry></feed>'
        )
    )
    assert item.url == "https://base.example/blog/one.html"


@pytest.mark.parametrize(
    "given",
    [
        "0000-00-00T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
        "Sat, 14 Nov 2026 00:00:00 GMT",
        "1970-01-01T00:00:00Z",
        "Monday",
        "12",
        "soon",
        "1" * 5000,
        "",
    ],
)
def test_a_date_that_cannot_be_is_no_date(given: str) -> None:
    assert only(read(an_rss(an_item(f"<pubDate>{given}</pubDate>")))).published is None


@pytest.mark.parametrize(
    "given",
    [
        "Thu, 05 Nov 2026 10:00:00 +0000",
        "Thu, 5 Nov 26 05:00:00 EST",
        "2026-11-05T10:00:00Z",
        "2026-11-05 11:00:00+0100",
        "<![CDATA[ 2026-11-05T10:00:00Z ]]>",
        "Thursday, November 5, 2026 10:00 UTC",
    ],
)
def test_a_date_is_read_in_the_ways_feeds_write_it(given: str) -> None:
    assert only(read(an_rss(an_item(f"<pubDate>{given}</pubDate>")))).published == datetime(2026, 11, 5, 10, tzinfo=UTC)


def test_a_number_for_an_id_is_no_date() -> None:
    item = only(read(an_rss(an_item("<guid>12</guid>"))))
    assert (item.guid, item.published) == ("12", None)


@pytest.mark.parametrize(
    ("inside", "picture"),
    [
        ('<media:content url="/s.jpg" width="90"/><media:content url="/l.jpg" width="900" medium="image"/>', "/l.jpg"),
        ('<media:thumbnail url="/t.jpg"/>', "/t.jpg"),
        ('<enclosure url="/e.png" type="image/png" length="1"/>', "/e.png"),
        ("<description>&lt;img src='/d.png'&gt;</description>", "/d.png"),
        ("<description>&lt;img src='data:image/gif;base64,R0' data-src='/lazy.png'&gt;</description>", "/lazy.png"),
        ("<description>&lt;img src='/1x1.gif' width=1 height=1&gt;&lt;img src='/d.png'&gt;</description>", "/d.png"),
        ("<description>&lt;img src='https://pixel.example/p.png'&gt;</description>", ""),
        ("<description>&lt;img src='javascript:alert(1)'&gt;</description>", ""),
        ('<enclosure url="/e.mp3" type="audio/mpeg" length="1"/>', ""),
    ],
)
def test_the_picture_is_the_best_that_is_no_counter(inside: str, picture: str) -> None:
    expected = f"https://paper.example{picture}" if picture else ""
    assert only(read(an_rss(an_item(inside)))).picture == expected


def test_an_author_comes_without_the_address_for_mail() -> None:
    assert only(read(an_rss(an_item("<author>ann@paper.example (Ann Onym)</author>")))).author == "Ann Onym"


def test_a_tag_counts_once() -> None:
    item = only(read(an_rss(an_item("<category>Moths</category><category>moths</category><category> </category>"))))
    assert item.tags == ("Moths",)


@pytest.mark.parametrize(
    ("head", "ttl"),
    [
        ("<ttl>60</ttl>", "60"),
        ("<ttl>999999999</ttl>", "44640"),
        ("<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", "30"),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", "1440"),
        ("<ttl>soon</ttl>", None),
    ],
)
def test_how_long_a_feed_asks_to_be_left_alone_is_told_in_minutes(head: str, ttl: str | None) -> None:
    assert read(an_rss(an_item(), head=head)).facts.get("ttl") == ttl


def test_an_encoding_that_lies_is_seen_through() -> None:
    text = '<?xml version="1.0" encoding="utf-8"?>' + an_rss(an_item(title="Привет из Москвы, сегодня новости"))
    assert only(read(text.encode("cp1251"))).title == "Привет из Москвы, сегодня новости"


@pytest.mark.parametrize(
    "broken",
    [
        an_rss(an_item(), an_item()).removesuffix("</channel></rss>"),
        "\n\n junk " + '<?xml version="1.0"?>' + an_rss(an_item(), an_item()),
        '<?xml version="1.0" encoding="utf-16"?>' + an_rss(an_item(), an_item()),
        an_rss(an_item(title="A title\x0b"), an_item()),
        an_rss(an_item("<b>never closed"), an_item()),
        an_rss(an_item("<x:y a=b>1</x:y>"), an_item()),
        an_rss(an_item(), an_item()).replace("</title><link>", "</titel><link>", 1).replace("</titel>", "</title>", 1),
        "<!DOCTYPE rss [<!ELEMENT a (b)>]>" + an_rss(an_item(), an_item()),
    ],
)
def test_xml_that_is_broken_gives_its_items_all_the_same(broken: str) -> None:
    assert [(item.title, item.url) for item in read(broken).items] == [("A title", "https://paper.example/1")] * 2


def test_what_a_document_type_defines_is_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE rss [<!ENTITY a "lol">{bomb}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert only(read(doctype + an_rss(an_item(title="&j; and &x;")))).title == "&j; and &x;"


@pytest.mark.usefixtures("patience")
def test_a_swarm_of_attributes_costs_no_time() -> None:
    swarm = " ".join(f'a{number}="x"' for number in range(60_000))
    assert only(read(an_rss(f"<item {swarm}><title>T</title><link>https://e.example/</link></item>"))).title == "T"


@pytest.mark.usefixtures("patience")
def test_fifty_thousand_items_are_read_in_reasonable_time() -> None:
    text = an_rss(*(an_item(f"<guid>{number}</guid>") for number in range(50_000)))
    assert len(read(text).items) == 50_000


@pytest.mark.parametrize(
    ("inside", "items"),
    [
        (f"<description>{'lorem ipsum ' * 1_000_000}</description>", 1),
        (f"<description>{'<div>' * 50_000}", 1),
        (f"<description>{'<![CDATA[' * 100_000}", 1),
        (f"<description>{'<' * 300_000}</description>", 1),
        (f"<description>{'&' * 1_000_000}</description>", 1),
    ],
    ids=["words", "nested", "sections", "angles", "ampersands"],
)
@pytest.mark.usefixtures("patience")
def test_a_giant_item_is_read_in_little_time(inside: str, items: int) -> None:
    found = read(an_rss(an_item(inside)))
    assert len(found.items) == items


def test_an_empty_feed_is_a_feed() -> None:
    got = read(an_rss())
    assert (got.title, got.items, got.unread) == ("The Paper", (), ())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "There is nothing in it."),
        (b" \n<!-- x -->", "There is nothing in it."),
        (b"Not found", "This is no feed of any kind we know."),
        (b"\x89PNG\r\n\x1a\n\0\0", "This is no feed of any kind we know."),
        (b"<html><body>x</body></html>", "This is a web page, not a feed, and it names no feed."),
        (b"<opml version='2.0'/>", "This is a list of feeds (OPML), not a feed: import it instead."),
        (b"<urlset/>", "This is a site map for search engines, not a feed."),
        (b"{", "This looks like a feed, but it is too broken to be read."),
        (b'{"items": ' + b"[" * 100_000, "This looks like a feed, but it is too broken to be read."),
    ],
)
def test_what_is_no_feed_is_told_by_what_it_is(content: bytes, why: str) -> None:
    assert (read(content).unread, read(content).items) == ((Unread("feed", why),), ())


def test_a_page_offers_its_feeds_best_first() -> None:
    page = """<!doctype html><html><head><base href="https://cdn.example/blog/">
    <link rel="stylesheet" type="text/css" href="a.css">
    <link rel="alternate" type="application/json" href="https://paper.example/wp-json/x">
    <link rel="alternate" type="application/rss+xml" title="Moths" href="/tag/moths/feed">
    <link rel="alternate" type="application/rss+xml" title="Paper &raquo; Comments Feed" href="/comments/feed/">
    <LINK REL='alternate' TYPE='application/rss+xml' HREF='feed.xml?a=1&amp;b=2'>
    <link rel=alternate type=application/atom+xml href=//paper.example/atom>
    <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
    <link rel="alternate" hreflang="de" href="/de/"></head>"""
    got = read(page)
    assert got.offered == (
        "https://cdn.example/blog/feed.xml?a=1&b=2",
        "https://paper.example/atom",
        "https://cdn.example/tag/moths/feed",
    )
    assert got.unread == (Unread("feed", "This is a web page, not a feed; it offers one."),)


HOSTILE = "\x00\u202e<script>alert(1)</script><img src=x onerror=alert(1)>\x02first_name\x03 words"


@pytest.mark.parametrize("field", ["title", "description", "author", "category", "guid", "content:encoded"])
def test_no_field_carries_markup_or_signs_that_cannot_be_seen(field: str) -> None:
    item = only(read(an_rss(an_item(f"<{field}><![CDATA[{HOSTILE}]]></{field}>", title="A title"))))
    said = " ".join((item.title, item.description, item.author, *item.tags, item.text))
    assert re.search(r"<script|onerror|[\x00-\x08\x0e-\x1f\u202e]", said) is None
    assert re.search(r"[\x00-\x1f\u202e]", item.guid) is None


def test_a_text_of_megabytes_is_cut_at_a_word() -> None:
    item = only(read(an_rss(an_item(f"<description>{'word ' * 300_000}</description>", title="long " * 1000))))
    assert (len(item.title) <= 1001, item.title.endswith("long…"), item.text.endswith("word…")) == (True, True, True)


def test_an_answer_that_names_a_file_or_an_address_opens_neither() -> None:
    for name in (__file__, "https://127.0.0.1:9/feed", "file:///etc/passwd"):
        assert read(name).unread == (Unread("feed", "This is no feed of any kind we know."),)


def test_the_second_parser_reads_no_module_of_the_folder_it_lies_in() -> None:
    """`digest/encodings.py` beside it would hide the standard library's package, and nothing would start."""
    from digest.incoming import second_opinion

    found = second_opinion.read(b"<rss><channel><item><title>T</title></item></channel></rss>", url=URL, seconds=30)
    assert found is not None
    assert [entry["title"] for entry in found["entries"]] == ["T"]


@pytest.mark.skipif(not sys.executable, reason="this Python does not know where it lies")
@pytest.mark.usefixtures("patience")
def test_the_second_parser_is_stopped_when_it_takes_too_long() -> None:
    from digest.incoming import second_opinion

    slow = b"<rss><item " + b" ".join(b'a%d="x"' % number for number in range(60_000)) + b">"
    assert second_opinion.read(slow, url=URL, seconds=1) is None
