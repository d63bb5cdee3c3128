"""A list of feeds gives every feed once, whatever has become of its XML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digest.models import FeedPlan, Unread
from digest.sources import opml
from digest.sources.base import Found

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)


def a_list(body: str, *, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n<opml version="2.0"><head>{head}</head><body>\n{body}\n</body></opml>'.encode()


def an_outline(url: str = "https://paper.example/feed", *, text: str = "The Paper") -> str:
    return f'<outline type="rss" text="{text}" xmlUrl="{url}"/>'


def read(content: bytes) -> Found:
    assert opml.recognises(content)
    return opml.read(content, now=NOW)


def test_a_feed_has_its_name_and_the_folders_around_it_as_tags() -> None:
    body = f'<outline text="Science"><outline text="Insects">{an_outline()}</outline></outline>'

    got = read(a_list(body, head="<title>My feeds</title>"))

    plan = FeedPlan("https://paper.example/feed", name="The Paper", tags=("Science", "Insects"))
    assert got == Found(feeds=(plan,), title="My feeds")


def test_a_feed_in_two_folders_is_one_feed_with_both_tags() -> None:
    body = f'<outline text="Moths">{an_outline()}</outline><outline text="Bats">{an_outline()}</outline>'
    assert [(feed.url, feed.tags) for feed in read(a_list(body)).feeds] == [
        ("https://paper.example/feed", ("Moths", "Bats"))
    ]


def test_two_spellings_of_one_address_are_one_feed() -> None:
    body = an_outline("https://paper.example/feed/") + an_outline("http://www.paper.example/feed")
    assert [feed.url for feed in read(a_list(body)).feeds] == ["https://paper.example/feed/"]


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("feed://paper.example/rss", "http://paper.example/rss"),
        ("feed:https://paper.example/rss", "https://paper.example/rss"),
        ("itpc://paper.example/pod", "http://paper.example/pod"),
        ("//paper.example/rss", "https://paper.example/rss"),
        ("www.paper.example/rss", "https://www.paper.example/rss"),
        ("https://paper.example/?a=1&copy=2&lt=3", "https://paper.example/?a=1&copy=2&lt=3"),
        ("https://paper.example/?a=1&amp;b=2", "https://paper.example/?a=1&b=2"),
    ],
)
def test_addresses_are_read_as_readers_write_them(given: str, url: str) -> None:
    assert [feed.url for feed in read(a_list(an_outline(given))).feeds] == [url]


@pytest.mark.parametrize(
    "broken",
    [
        a_list(an_outline(text="Moths & bats <b>")),
        a_list(an_outline() + "</outline></outline>"),
        a_list("<outline text='Folder'>" + an_outline()),
        a_list(an_outline().replace("/>", ">")),
        a_list("<!-- A list --" + "> " + an_outline()).replace(b"</opml>", b""),
        a_list(an_outline().replace("xmlUrl", "XMLURL")),
        a_list(an_outline().replace("xmlUrl", "url")),
        b"\xef\xbb\xbf\n\n" + a_list(an_outline()),
        a_list(an_outline(text="A\0B")),
        a_list(an_outline()).decode().encode("utf-16"),
    ],
)
def test_broken_xml_loses_no_feed(broken: bytes) -> None:
    assert [feed.url for feed in read(broken).feeds] == ["https://paper.example/feed"]


@pytest.mark.parametrize(("said", "real"), [("ISO-8859-1", "latin-1"), ("ISO-8859-1", "utf-8"), ("UTF-8", "utf-16")])
def test_a_name_keeps_its_letters_whatever_is_said_of_their_encoding(said: str, real: str) -> None:
    content = a_list(an_outline(text="Café Zürich und überall sonst")).decode()
    encoded = content.replace("?>", f' encoding="{said}"?>', 1).encode(real)
    assert read(encoded).feeds[0].name == "Café Zürich und überall sonst"


def test_what_is_no_feed_is_told() -> None:
    body = (
        '<outline type="rss" text="Nothing"/>\n'
        + an_outline("file:///etc/hosts", text="File")
        + an_outline("/feed.xml", text="Relative")
        + '<outline text="Site" type="rss" xmlUrl="" htmlUrl="https://site.example/"/>'
        + '<outline text="More" type="include" url="https://paper.example/more.opml"/>'
    )
    assert read(a_list(body)).unread == (
        Unread('line 3 "Nothing"', "it is a feed without an address"),
        Unread('feed 1 "File"', 'its link begins with "file:" and leads to no page on the web'),
        Unread('feed 2 "Relative"', 'its link "/feed.xml" does not say on which site it is'),
        Unread(
            'entry "More"',
            "https://paper.example/more.opml is a page or another list of feeds, not a feed; add it by itself",
        ),
        Unread(
            'entry "Site"',
            "https://site.example/ is a site, and no feed of it is named; to follow it, add that address as a feed",
        ),
    )


def test_a_file_that_breaks_off_keeps_what_is_whole_and_says_where() -> None:
    got = opml.read(b'<opml><body>\n<outline xmlUrl="https://a.example/f"/>\n<outline xmlUrl="https://b.exa', now=NOW)
    assert [feed.url for feed in got.feeds] == ["https://a.example/f"]
    assert got.unread == (Unread("line 3", "the file breaks off in the middle of this feed"),)


def test_an_empty_list_is_told() -> None:
    assert read(a_list("")).unread == (Unread("file", "There is no feed in this list."),)


def test_friend_of_a_friend_is_a_list_of_feeds() -> None:
    content = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:foaf="http://xmlns.com/foaf/0.1/" '
        b'xmlns:rss="http://purl.org/rss/1.0/"><foaf:Agent><foaf:name>Ann</foaf:name>'
        b'<rss:channel rdf:about="https://ann.example/feed"/></foaf:Agent></rdf:RDF>'
    )
    assert read(content).feeds == (FeedPlan("https://ann.example/feed", name="Ann"),)


def test_the_tabs_of_igoogle_are_a_list_of_feeds() -> None:
    content = (
        b'<GadgetTabML xmlns="http://schemas.google.com/GadgetTabML/2008" xmlns:iGoogle="http://www.google.com/ig">'
        b'<Tab title="News"><Section><iGoogle:Module type="RSS"><iGoogle:ModulePrefs '
        b'xmlUrl="https://paper.example/feed"/></iGoogle:Module></Section></Tab></GadgetTabML>'
    )
    assert read(content).feeds == (FeedPlan("https://paper.example/feed", tags=("News",)),)


@pytest.mark.parametrize(
    "content", [b"", b"<html><body>opml</body></html>", b"<rss><channel/></rss>", b"About <opml> files", b'{"opml": 1}']
)
def test_other_files_are_left_to_others(content: bytes) -> None:
    assert not opml.recognises(content, name="feeds.opml")


def test_no_entity_is_expanded_and_no_file_opened() -> None:
    bomb = (
        b'<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
        b'<opml><body><outline text="&b;&f;" xmlUrl="https://paper.example/f"/></body></opml>'
    )
    assert read(bomb).feeds == (FeedPlan("https://paper.example/f", name="&b;&f;"),)


HUGE = {
    "folders in folders": "<outline text='x'>" * 30_000 + an_outline(),
    "one feed again and again": "".join(f"<outline text='x{i}'>{an_outline()}</outline>" for i in range(3_000)),
    "tags that never end": "<outline " * 100_000,
    "quotes that never end": "<outline xmlUrl='" * 100_000,
    "categories": f'<outline xmlUrl="https://a.example/" category="{",".join(map(str, range(30_000)))}"/>',
    "feeds without an address": "<outline type='rss'/>\n" * 5_000,
    "attributes": "<outline type='rss' " + " ".join(f"a{i}=''" for i in range(30_000)) + "/>",
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE.keys())
@pytest.mark.usefixtures("patience")
def test_a_list_made_to_harm_is_told_at_once(body: str) -> None:
    got = opml.read(b"<opml><body>" + body.encode(), now=NOW)
    assert got.unread
