"""Links say where readers came from, and nothing else of them changes."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import utm
from digest.merge_tags import Blank
from digest.models import UtmPlan

PLAN = UtmPlan(source="slow news", medium="email", campaign="{slug}-{number}")
FACTS = {"slug": "012", "number": "12", "date": "2026-11-06"}
ADDED = "utm_source=slow%20news&utm_medium=email&utm_campaign=012-12"


def tagged(url: str, plan: UtmPlan = PLAN) -> str:
    """The address that a link to `url` gets."""
    found, _ = utm.tagged(f'<p><a class="x" href="{html.escape(url)}">t</a></p>', "", plan, FACTS)
    return html.unescape(found.partition('href="')[2].partition('"')[0])


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://a.example", f"https://a.example?{ADDED}"),
        ("https://a.example/b?c=%20d&e=f/g", f"https://a.example/b?c=%20d&e=f/g&{ADDED}"),
        ("https://a.example/b#:~:text=c%20d", f"https://a.example/b?{ADDED}#:~:text=c%20d"),
        ("https://a.example/?#", f"https://a.example/?{ADDED}#"),
        ("https://a.example/?a&", f"https://a.example/?a&{ADDED}"),
        ("https://a.example/it's", f"https://a.example/it's?{ADDED}"),
        (
            "https://a.example/?utm_medium=x",
            "https://a.example/?utm_medium=x&" + ADDED.replace("utm_medium=email&", ""),
        ),
    ],
)
def test_parameters_stand_behind_the_query_and_before_the_fragment(url: str, wanted: str) -> None:
    assert tagged(url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/?utm_source=them",
        "https://a.example/?x=1&UTM_SOURCE=them#y",
        "mailto:a@a.example",
        "#top",
        "tel:+4512345678",
        "https://a.example/" + Blank("email").mark(),
        Blank("unsubscribe_url").mark(),
        "https://[broken",
    ],
)
def test_what_is_no_editorial_link_is_left(url: str) -> None:
    assert tagged(url) == url


def test_hosts_are_chosen() -> None:
    chosen = UtmPlan(source="n", hosts=("a.example",), skip=("shop.a.example",))
    assert [tagged(f"https://{host}/", chosen).partition("?")[2] for host in
            ("a.example", "www.A.example", "shop.a.example", "b.example", "nota.example")] \
        == ["utm_source=n", "utm_source=n", "", "", ""]  # fmt: skip


def test_the_text_part_has_the_same_links() -> None:
    page = '<a href="https://a.example/b?c=1&amp;d=2">t</a> <a href="https://a.example/b">u</a>'
    text = "One\nhttps://a.example/b?c=1&d=2\nTwo\nhttps://a.example/b\nhttps://elsewhere.example/\n"
    _, found = utm.tagged(page, text, PLAN, FACTS)
    assert found == text.replace("d=2\n", f"d=2&{ADDED}\n").replace("/b\n", f"/b?{ADDED}\n")


def test_without_a_plan_nothing_changes() -> None:
    page = '<a href="https://a.example/">t</a>'
    assert utm.tagged(page, page, UtmPlan(), FACTS) == (page, page)


@settings(max_examples=100, deadline=None)
@given(
    path=st.text(alphabet="ab/%2F.~é&;'", max_size=8),
    query=st.none() | st.text(alphabet="a=&%20+;/?'", max_size=8),
    fragment=st.none() | st.text(alphabet="a=&%20/?'", max_size=8),
)
def test_every_other_byte_of_an_address_stays(path: str, query: str | None, fragment: str | None) -> None:
    url = f"https://a.example/{path}" + (f"?{query}" if query is not None else "")
    whole = url + (f"#{fragment}" if fragment is not None else "")
    found = tagged(whole)
    assert found.startswith(url)
    assert found.endswith(f"#{fragment}" if fragment is not None else "012-12")
    assert ADDED in found


def test_addresses_to_leave_are_left_in_both_parts() -> None:
    page = '<a href="https://acme.example/?a=1&amp;b=2">t</a><a href="https://acme.example/">u</a>'
    text = "https://acme.example/?a=1&b=2\nhttps://acme.example/\n"
    found = utm.tagged(page, text, UtmPlan(source="n"), {}, leave={"https://acme.example/?a=1&b=2"})
    assert found == (
        page.replace('example/"', 'example/?utm_source=n"'),
        text.replace("example/\n", "example/?utm_source=n\n"),
    )


def test_an_address_at_the_end_of_a_sentence_is_tagged_in_the_text_too() -> None:
    page, text = (
        '<a href="https://a.example/x">t</a>',
        "See https://a.example/x. (Or https://a.example/x), or https://a.example/xy.",
    )
    found = utm.tagged(page, text, UtmPlan(source="n"), {})[1]
    tagged_one = "https://a.example/x?utm_source=n"
    assert found == f"See {tagged_one}. (Or {tagged_one}), or https://a.example/xy."


def test_what_looks_like_a_link_in_a_title_is_a_title() -> None:
    page = """<a title="a href='https://b.example/'" href="https://a.example/">t</a>"""
    assert utm.tagged(page, "", UtmPlan(source="n"), {})[0] == page.replace('a.example/"', 'a.example/?utm_source=n"')


@pytest.mark.parametrize("page", ["<a x=", "<a ", "<a x", '<a x="', "<a" + " x" * 9], ids=range(5))
@pytest.mark.usefixtures("patience")
def test_a_page_of_half_links_is_read_at_once(page: str) -> None:
    utm.tagged(page * 10_000, "", UtmPlan(source="n"), {})
