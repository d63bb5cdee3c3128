"""Equal titles are one story; like wording makes a suggestion."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import likeness
from digest.likeness import Telling

MOON = "Probe lands near the south pole of the Moon"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Parliament votes to lower the speed limit", "PARLIAMENT VOTES TO LOWER THE SPEED LIMIT!"),
        ("The editor's choice: ten books for winter", "The editor’s choice – ten books for winter"),
        ("U.S. and E.U. sign the long-awaited treaty", "US and EU sign the long awaited treaty"),
        ("  Ｗide letters, and how  they came to be", "Wide letters and how they came to be"),
    ],
)
def test_titles_that_differ_in_looks_are_equal(one: str, other: str) -> None:
    assert likeness.title_key(one) == likeness.title_key(other) != ""


def test_a_short_title_tells_no_story() -> None:
    assert likeness.title_key("This week in Rust") == ""


def test_titles_with_one_word_changed_are_not_equal() -> None:
    assert likeness.title_key("Parliament votes to lower the limit") != likeness.title_key(
        "Parliament votes to raise the limit"
    )


def test_a_corrected_title_is_similar_and_another_is_not() -> None:
    assert likeness.similar_titles(MOON, "Probe lands at the south pole of the Moon (updated)")
    assert not likeness.similar_titles(MOON, "Ten books for winter")
    assert not likeness.similar_titles("", "")
    assert not likeness.similar_titles("Release 1.2 of the editor", "Release 1.3 of the editor")


def test_the_same_event_on_another_site_is_found() -> None:
    known = [
        Telling("b", "Ten books for winter evenings", site="books.example"),
        Telling("m", MOON, "The lander touched down after a week in orbit.", site="a.example"),
    ]
    new = [Telling("n", "Lander touches down near the Moon's south pole", site="b.example")]

    assert [(one, other) for one, other, _ in likeness.alike(new, known)] == [("n", "m")]


def test_two_items_of_one_site_are_never_alike() -> None:
    known, new = [Telling("m", MOON, site="a.example")], [Telling("n", MOON, site="a.example")]
    assert list(likeness.alike(new, known)) == []


def test_new_items_are_compared_with_each_other() -> None:
    new = [Telling("n", MOON, site="a.example"), Telling("m", MOON, site="b.example")]
    assert [(one, other) for one, other, _ in likeness.alike(new, [])] == [("m", "n")]


def test_a_script_without_blanks_is_compared_by_pairs_of_letters() -> None:
    known = [
        Telling("k", "探査機が月の南極に着陸した", site="a.example"),
        Telling("x", "冬に読みたい本を十冊", site="c.example"),
    ]
    new = [Telling("n", "月の南極に探査機が着陸", site="b.example")]
    assert [(one, other) for one, other, _ in likeness.alike(new, known)] == [("n", "k")]


def test_a_group_is_led_by_its_first_member() -> None:
    links = [("b", "a", 0.5), ("c", "b", 0.5), ("y", "x", 0.5)]
    assert likeness.groups(links, {"x": "w"}) == {"a": "a", "b": "a", "c": "a", "x": "w", "y": "w"}


@given(st.lists(st.text(max_size=30), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_likeness_lies_between_none_and_all(titles: list[str]) -> None:
    tellings = [Telling(str(number), title, site=str(number)) for number, title in enumerate(titles)]
    found = list(likeness.alike(tellings, [], threshold=0.01))
    assert all(0 < score < 1.0001 for _, _, score in found)


def test_labelled_news_of_one_event_is_grouped(shared: Path) -> None:
    """By titles alone; what else the feeds held gives words their weight, as in an inbox."""
    pairs = json.loads((shared / "corpora/feeds/same_story_pairs.json").read_text("utf-8"))
    titles: list[str] = []
    for path in sorted((shared / "corpora/feeds/real").iterdir()):
        titles += re.findall(r"<title[^>]*>(?:<!\[CDATA\[)?([^<]+?)[<\]]", path.read_text("utf-8", "replace"))

    def grouped(label: str) -> tuple[int, int]:
        wanted = [pair for pair in pairs if pair["label"] == label]
        found = 0
        for pair in wanted:
            rest = [Telling(f"{number}", title, site="a") for number, title in enumerate(titles)]
            known = [*rest, Telling("b", pair["b"]["title"], site="b")]
            found += bool(list(likeness.alike([Telling("a", pair["a"]["title"], site="a")], known)))
        return found, len(wanted)

    same, of_same = grouped("same-event")
    related, _ = grouped("related")
    assert same / of_same >= 0.9
    assert same / (same + related) >= 0.75
