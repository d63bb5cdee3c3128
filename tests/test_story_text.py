"""A candidate becomes the lines of a story, and reads back as what it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import issue_file, story_text
from digest.models import Item, Story

#: A line as a source gives it: no control characters, but all that Markdown minds.
LINES = st.one_of(
    st.text(st.characters(blacklist_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40),
    st.text("[]()<>*_`\\!#&;{}|~-+=.:1 a\u00e9", max_size=30),
)
URLS = st.text("abc()<>[]*_%&?=#/ ~!$'", max_size=25).map(lambda rest: "https://a.example/" + rest)


def read(item: Item) -> Story:
    issue = issue_file.parse(
        f"## S\n\n{story_text.story(item)}\n### [Next](https://n.example/)\n\nWords.\n", slug="x"
    ).issue
    assert [story.title for story in issue.stories][1:] == ["Next"]
    return issue.stories[0]


def test_a_story_has_all_that_is_known_of_it() -> None:
    item = Item(
        url="https://a.example/x?utm_source=feed",
        title="On *Lisp*",
        source="The Ledger",
        author="P. G.",
        published=datetime(2024, 2, 2, 9, tzinfo=UTC),
        minutes=4,
        description="A language.",
    )

    assert story_text.story(item, picture="images/a.jpg", alt="A list [of lists]") == (
        "### [On \\*Lisp\\*](https://a.example/x)\n"
        "source: The Ledger\nauthor: P. G.\ndate: 2024-02-02\nminutes: 4\n\n"
        "![A list \\[of lists\\]](images/a.jpg)\n\nA language.\n"
    )


def test_a_text_without_an_address_is_not_said_to_be_meant_so() -> None:
    assert story_text.story(Item(url="", title="A note", text="Words.")) == "### A note\n\nWords.\n"


def test_the_readers_own_note_is_the_blurb_before_anything_else() -> None:
    assert story_text.blurb(Item(url="", title="T", description="D", note=" Mine. ")) == "Mine."


def test_a_lead_ends_with_a_sentence_and_has_forty_words_at_most() -> None:
    text = " ".join(["word"] * 24) + " end. " + " ".join(["more"] * 40)

    assert story_text.machine_blurb(Item(url="", title="T", text=text)) == " ".join(["word"] * 24) + " end."
    assert len(story_text.machine_blurb(Item(url="", title="T", text="word " * 90)).split()) == 40


@pytest.mark.parametrize("note", ["# No heading", "1. No list", "- none", "> not quoted", "| a | b", "TITLE\n==="])
def test_a_note_that_looks_like_markup_stays_words(note: str) -> None:
    story = read(Item(url="https://a.example/", title="T", note=note))

    assert story.title == "T"
    assert story.body.replace("\\", "") == " ".join(note.split())


@given(LINES)
@settings(max_examples=100, deadline=None)
def test_any_title_reads_back(title: str) -> None:
    wanted = " ".join(title.split()) or "https://a.example/1"

    assert " ".join(read(Item(url="https://a.example/1", title=title)).title.split()) == wanted


@given(LINES.filter(lambda line: line.split()))
@settings(max_examples=60, deadline=None)
def test_any_title_without_a_link_reads_back(title: str) -> None:
    assert " ".join(read(Item(url="", title=title, text="Words.")).title.split()) == " ".join(title.split())


@given(URLS)
@settings(max_examples=80, deadline=None)
def test_any_address_reads_back(url: str) -> None:
    from digest import urls

    assert urls.key(read(Item(url=url, title="T")).url) == urls.key(url)


@given(st.lists(LINES, max_size=4), LINES, LINES)
@settings(max_examples=80, deadline=None)
def test_no_blurb_source_or_author_makes_another_story_or_section(blurb: list[str], source: str, author: str) -> None:
    note = "\n\n".join(blurb)

    story = read(Item(url="https://a.example/1", title="T", source=source, author=author, note=note))

    assert story.title == "T"
    assert story.source == " ".join(source.split())
    assert story.picture is None
