"""URLs of one page share a key, those of two pages never do, and a shown link keeps every byte but trackers."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest import urls


def one_key(*spellings: str) -> bool:
    return len({urls.key(each) for each in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://news.example/a", "https://news.example/a"),
        ("https://www.news.example/a", "https://news.example/a"),
        ("HTTPS://News.EXAMPLE/a", "https://news.example/a"),
        ("https://news.example./a", "https://news.example/a"),
        ("https://news.example:443/a", "http://news.example:80/a"),
        ("https://news.example/a/", "https://news.example/a"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example//blog//a", "https://news.example/blog/a"),
        ("https://news.example/x/../a", "https://news.example/./a"),
        ("https://news.example/docs/index.html", "https://news.example/docs/"),
        ("https://news.example/a?", "https://news.example/a"),
        ("https://news.example/a#comments", "https://news.example/a"),
        ("https://news.example/a#:~:text=so%20it%20says", "https://news.example/a"),
        ("https://news.example/%7Eann/caf%c3%a9", "https://news.example/~ann/café"),
        ("https://news.example/men%27s", "https://news.example/men's"),
        ("https://news.example/?b=2&a=1", "https://news.example/?a=1&b=2"),
        ("https://news.example/?q=two%20words", "https://news.example/?q=two+words"),
        ("https://news.example/?a=1&amp;b=2", "https://news.example/?a=1&b=2"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        (" https://news.example/a\n", "https://news.example/a"),
        ("https://news.example/a;jsessionid=0F3A", "https://news.example/a"),
    ],
)
def test_two_spellings_of_one_address_share_a_key(one: str, other: str) -> None:
    assert urls.key(one) == urls.key(other)


@pytest.mark.parametrize(
    "tracker",
    [
        "utm_source=rss&utm_medium=feed",
        "UTM_Source=rss",
        "fbclid=IwAR0",
        "gclid=EAIa",
        "mc_cid=1f&mc_eid=2e",
        "ref=rss",
        "ref=letter.example",
        "source=rss----5f1b",
        "at_medium=RSS&at_campaign=rss",
        "ref_src=twsrc%5Etfw",
        "smid=tw-share",
        "_hsenc=p2&_hsmi=9",
        "guccounter=1",
    ],
)
def test_a_tracker_is_no_part_of_a_page(tracker: str) -> None:
    plain = "https://news.example/story?id=7"
    assert urls.key(f"{plain}&{tracker}") == urls.key(plain)
    assert urls.clean(f"{plain}&{tracker}") == plain
    assert urls.clean(f"https://news.example/story/?{tracker}") == "https://news.example/story/"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/item?id=1", "https://news.example/item?id=2"),
        ("https://news.example/?p=1", "https://news.example/?p=2"),
        ("https://news.example/watch?v=a", "https://news.example/watch?v=b"),
        ("https://news.example/cgi?d111:HR1", "https://news.example/cgi?d111:HR2"),
        ("https://git.example/file?ref=main", "https://git.example/file?ref=next"),
        ("https://git.example/file?ref=v1.2", "https://git.example/file?ref=v1.3"),
        ("https://jobs.example/?source=acme", "https://jobs.example/?source=other"),
        ("https://news.example/?story=3", "https://news.example/?article=3"),
        ("https://news.example/A", "https://news.example/a"),
        ("https://news.example/a%2Fb", "https://news.example/a/b"),
        ("https://news.example/?q=a%26b=1", "https://news.example/?q=a&b=1"),
        ("https://news.example/?q=c%2B%2B", "https://news.example/?q=c++"),
        ("https://chat.example/#/room/1", "https://chat.example/#/room/2"),
        ("https://groups.example/forum/#!topic/a", "https://groups.example/forum/#!topic/b"),
        ("https://tables.example/#search=svg", "https://tables.example/#search=css"),
        ("https://chat.example/#narrow/stream/1", "https://chat.example/#narrow/stream/2"),
        ("https://blog.example/a", "https://news.example/a"),
        ("https://news.example:8080/a", "https://news.example/a"),
        ("https://straße.example/", "https://strasse.example/"),
        ("https://guitars.example/amp", "https://guitars.example/"),
        ("https://m.example/", "https://example/"),
        ("https://pedia.example/Kleene&#39;s_theorem", "https://pedia.example/Kleene&#39;s_star"),
    ],
)
def test_two_pages_never_share_a_key(one: str, other: str) -> None:
    assert urls.key(one) != urls.key(other)


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "https://www.youtube.com/watch?feature=share&v=yOM2_UATlWw",
            "https://m.youtube.com/watch?v=yOM2_UATlWw&t=60s",
            "https://youtu.be/yOM2_UATlWw?si=x",
            "https://www.youtube.com/embed/yOM2_UATlWw",
        ),
        (
            "https://twitter.com/someone/status/1133435497806815232?s=09",
            "https://x.com/Someone/status/1133435497806815232/photo/1",
            "https://mobile.twitter.com/someone/status/1133435497806815232",
        ),
        ("https://old.reddit.com/r/a/comments/1/b/?context=3", "https://www.reddit.com/r/a/comments/1/b/"),
        ("https://www.amazon.co.uk/A-Book/dp/0679755101/ref=sr_1_4?ie=UTF8", "https://amazon.co.uk/dp/0679755101"),
        ("https://de.m.wikipedia.org/wiki/Zug", "https://de.wikipedia.org/wiki/Zug"),
    ],
)
def test_the_many_doors_of_a_large_site_lead_to_one_page(spellings: tuple[str, ...]) -> None:
    assert one_key(*spellings)


def test_an_anchor_is_told_apart_from_its_page() -> None:
    assert urls.anchor("https://netcast.example/#episode-15") == "episode-15"
    assert urls.anchor("https://chat.example/#/room/1") == ""
    assert urls.anchor("https://news.example/a") == ""


def test_a_shown_link_keeps_every_byte_but_trackers() -> None:
    shown = "HTTP://WWW.News.example:80//a/../b/?z=1&utm_source=x&A=%c3%a9&a=#Comments"
    assert urls.clean(shown) == "HTTP://WWW.News.example:80//a/../b/?z=1&A=%c3%a9&a=#Comments"


def test_a_shown_link_keeps_what_opens_the_door_for_a_reader() -> None:
    gift = "https://paper.example/a?unlocked_article_code=1.x"
    assert urls.clean(gift) == gift
    assert urls.key(gift) == urls.key("https://paper.example/a")


@pytest.mark.parametrize(
    "url", ["mailto:ann@example.org?utm_source=x", "story.txt", "javascript:alert(1)", "", "http://"]
)
def test_what_is_no_web_address_is_left_alone(url: str) -> None:
    assert urls.clean(url) == url
    assert urls.key(url) == url
    assert urls.site(url) == ""


_WEB = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://www.", "https:\\\\", "http:/", "//", ""]),
    st.text(st.sampled_from("aA.:@[]%2F/wéßΟς。＠xn-"), max_size=12),
    st.text(st.sampled_from("ab/.%2fE5&;=+?#!~: ampAMP39'\\\té漢\ud800utm_ref"), max_size=40),
)


@given(st.one_of(st.text(st.characters(codec=None), max_size=60), _WEB))
@example("https://e.example/?a&a%6Dp;b")
@example("https://e.example/&a%6Dp;amp;")
@example("https://www.www.a.b/")
@settings(max_examples=400, deadline=None)
def test_any_text_has_a_key_and_a_key_is_its_own(url: str) -> None:
    key = urls.key(url)
    assert urls.key(key) == key
    assert urls.clean(urls.clean(url)) == urls.clean(url)
    assert isinstance(urls.anchor(url) + urls.site(url), str)


@given(_WEB)
@settings(max_examples=100, deadline=None)
def test_a_shown_link_leads_to_the_same_page(url: str) -> None:
    assert urls.key(urls.clean(url)) == urls.key(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://e.example/" + "a/../%41" * 12_500,
        "https://e.example/?" + "&amp;" * 20_000,
        "https://" + "é" * 100_000,
        "https://" + "www." * 25_000 + "example",
        "https://e.example/?" + "a=b&" * 25_000,
        "https://e.example/#" + "&a=" * 33_000,
        "https://" + "@" * 100_000,
        "https://e.example/" + "%" * 100_000,
        " " * 100_000,
    ],
    ids=lambda url: str(url)[:24],
)
@pytest.mark.usefixtures("patience")
def test_a_url_of_100_kilobytes_is_read_at_once(url: str) -> None:
    urls.key(url)
    urls.clean(url)


def test_real_pages_never_share_a_key(shared: Path) -> None:
    """Two real URLs may share one only where they differ in nothing but scheme, www., anchor and trackers."""
    real = json.loads((shared / "corpora/feeds/urls_with_query_or_fragment.json").read_text("utf-8"))
    by_key: defaultdict[str, set[str]] = defaultdict(set)
    for url in real:
        page = urls.clean(url).split("#")[0] if urls.anchor(url) else urls.clean(url)
        by_key[urls.key(url)].add(page.split("://", 1)[-1].removeprefix("www.").rstrip("/?#"))
    assert {key: pages for key, pages in by_key.items() if len(pages) > 1} == {}


def test_links_that_a_real_newsletter_sent_twice_are_found(shared: Path) -> None:
    repeats = json.loads((shared / "corpora/twir/repeats.json").read_text("utf-8"))
    missed = [
        repeat["canonical"]
        for repeat in repeats
        if not one_key(f"https://{repeat['canonical']}", *repeat["sent"].values())
    ]
    assert missed == []
    assert repeats
