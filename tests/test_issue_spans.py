"""An issue file edited: what was asked for changes, and not a byte besides."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import issue_file, issue_spans
from digest.errors import ChangedMeanwhile, DigestError
from digest.issue_file import IssueFile

ISSUE = """\
---
title: Brief
subject: One: two
status: draft
---

Hello.

## Top

### [A](https://a.example)
source: TOME

About A.

<!-- editor: keep -->

### [B](https://b.example)

About B.

## Rest

Some prose.
"""
NEW = "### [N](https://n.example)\n\nAbout N."


def a_file(text: str = ISSUE) -> IssueFile:
    return issue_file.parse(text, path=Path("issues/012.md"))


def titles(file: IssueFile) -> list[str]:
    return [span.title for span in file.spans if span.level]


def test_a_story_goes_to_the_end_of_its_section():
    after = issue_spans.insert_story(a_file(), "top", NEW)
    assert after.source == ISSUE.replace("## Rest", NEW + "\n\n## Rest")
    assert [story.title for story in after.issue.stories] == ["A", "B", "N"]


def test_a_story_goes_before_all_others_of_its_section():
    after = issue_spans.insert_story(a_file(), "Top", NEW, first=True)
    assert after.source == ISSUE.replace("### [A]", NEW + "\n\n### [A]")


def test_a_story_goes_after_another():
    file = a_file()
    after = issue_spans.insert_story(file, file.issue.sections[0], NEW, after=file.issue.stories[0])
    assert after.source == ISSUE.replace("### [B]", NEW + "\n\n### [B]")


def test_a_story_goes_before_the_sections_inside_its_section():
    file = a_file("## S\n\n### G\n\n- [x](y)\n")
    assert issue_spans.insert_story(file, "S", NEW).source == "## S\n\n" + NEW + "\n\n### G\n\n- [x](y)\n"


@pytest.mark.parametrize(
    ("end", "result"),
    [
        ("prose\n", "prose\n\n" + NEW + "\n"),
        ("prose", "prose\n\n" + NEW),
        ("prose\n\n", "prose\n\n" + NEW + "\n\n"),
    ],
)
def test_a_file_goes_on_ending_as_it_did(end, result):
    file = a_file("## S\n\n" + end)
    after = issue_spans.insert_story(file, "S", NEW)
    assert after.source == "## S\n\n" + result
    assert issue_spans.remove_story(after, "N").source == file.source


def test_line_ends_and_byte_order_mark_stay():
    text = "\ufeff" + ISSUE.replace("\n", "\r\n")
    after = issue_spans.insert_story(a_file(text), "Top", NEW)
    assert after.source == text.replace("## Rest", NEW.replace("\n", "\r\n") + "\r\n\r\n## Rest")


def test_a_story_leaves_with_its_head_lines_and_comments():
    after = issue_spans.remove_story(a_file(), "https://a.example")
    start, end = ISSUE.index("### [A]"), ISSUE.index("### [B]")
    assert after.source == ISSUE[:start] + ISSUE[end:]


def test_link_definitions_that_others_use_stay_when_their_story_leaves():
    text = "## S\n\n### A\n\nSee [x][r].\n\n[r]: https://r.example\n[own]: https://own.example\n\n### B\n\nAlso [r].\n"
    after = issue_spans.remove_story(a_file(text), "A")
    assert after.source == "## S\n\n[r]: https://r.example\n\n### B\n\nAlso [r].\n"


def test_a_story_moves_to_another_section():
    after = issue_spans.move_story(a_file(), "A", "Rest")
    assert [[story.title for story in section.stories] for section in after.issue.sections] == [["B"], ["A"]]
    assert Counter(after.source.splitlines()) == Counter(ISSUE.splitlines())


def test_a_story_moves_before_the_others():
    start, middle, end = (ISSUE.index(mark) for mark in ("### [A]", "### [B]", "## Rest"))
    after = issue_spans.move_story(a_file(), "B", "Top", first=True)
    assert after.source == ISSUE[:start] + ISSUE[middle:end] + ISSUE[start:middle] + ISSUE[end:]


def test_a_section_goes_where_it_is_wanted():
    file = a_file()
    assert issue_spans.insert_section(file, "News").source == ISSUE + "\n## News\n"
    assert issue_spans.insert_section(file, "News", first=True).source == ISSUE.replace("## Top", "## News\n\n## Top")
    assert issue_spans.insert_section(file, "## News\n\nText.", after="Top").source == ISSUE.replace(
        "## Rest", "## News\n\nText.\n\n## Rest"
    )


def test_a_section_leaves_and_moves_with_all_that_is_inside_it():
    text = "## A\n\n### G\n\n- [x](y)\n\n### H\n\n- [z](w)\n\n## B\n\nText.\n"
    assert issue_spans.remove_section(a_file(text), "A").source == "## B\n\nText.\n"
    assert issue_spans.move_section(a_file(text), "A").source == (
        "## B\n\nText.\n\n## A\n\n### G\n\n- [x](y)\n\n### H\n\n- [z](w)\n"
    )


@pytest.mark.parametrize(
    ("text", "key", "value", "result"),
    [
        ("---\ntitle:   A\nnumber: 1\n---\n", "title", "B: c", "---\ntitle:   B: c\nnumber: 1\n---\n"),
        ("---\nsubject:\n---\n", "subject", "B", "---\nsubject: B\n---\n"),
        ("---\ntitle: A\n---\nHi", "sent", "2024-02-02", "---\ntitle: A\nsent: 2024-02-02\n---\nHi"),
        ("Title: A\nLang: de\n\nHi", "language", "en", "Title: A\nLang: en\n\nHi"),
        ("Title: A\r\n\r\nHi", "status", "sent", "Title: A\r\nStatus: sent\r\n\r\nHi"),
        ("Title: A", "status", "sent", "Title: A\nStatus: sent\n"),
        ("\ufeffHi\r\n", "title", "A", "\ufeff---\r\ntitle: A\r\n---\r\n\r\nHi\r\n"),
        ("", "title", "A", "---\ntitle: A\n---\n\n"),
    ],
)
def test_a_line_of_the_head_is_set_in_the_heads_own_style(text, key, value, result):
    assert issue_spans.set_head(a_file(text), key, value).source == result


@pytest.mark.parametrize(("key", "value"), [("titel", "x"), ("title", "a\nb"), ("number", "x")])
def test_a_head_line_that_could_not_be_read_is_not_written(key, value):
    with pytest.raises(DigestError):
        issue_spans.set_head(a_file(), key, value)


def test_a_sent_issue_is_left_alone_unless_told():
    file = issue_spans.set_head(a_file(), "status", "sent")
    with pytest.raises(DigestError, match="was sent"):
        issue_spans.remove_story(file, "A")
    assert titles(issue_spans.remove_story(file, "A", force=True)) == ["Top", "B", "Rest"]


@pytest.mark.parametrize(
    ("text", "story"),
    [
        ("## S\n\n```\nnever closed\n", NEW),
        ("## S\n\n### [A](https://a.example)\n", NEW + "\n\n```\nnever closed"),
        ("## S\n\n[r]\n\n## T\n\n[r]: https://r.example\n", NEW + "\n\n[r]: https://other.example"),
        ("## S\n", "## A section"),
    ],
)
def test_what_would_not_stand_as_a_story_is_refused(text, story):
    with pytest.raises(DigestError):
        issue_spans.insert_story(a_file(text), "S", story, first=True)


def test_an_unknown_section_or_story_is_told_with_a_guess():
    with pytest.raises(DigestError, match='Did you mean "Rest"'):
        issue_spans.insert_story(a_file(), "Rset", NEW)
    with pytest.raises(DigestError, match='There is no story "C"'):
        issue_spans.remove_story(a_file(), "C")


def test_an_edited_file_is_written_and_can_be_edited_again(tmp_path):
    path = tmp_path / "012.md"
    path.write_bytes(ISSUE.encode())
    file = issue_file.read(path)
    file = issue_file.write(issue_spans.remove_story(file, "A"))
    file = issue_file.write(issue_spans.remove_story(file, "B"))
    assert path.read_bytes() == file.source.encode()


def test_what_somebody_else_saved_is_not_written_over(tmp_path):
    path = tmp_path / "012.md"
    path.write_bytes(ISSUE.encode())
    edited = issue_spans.remove_story(issue_file.read(path), "A")
    path.write_bytes(b"saved by an editor")
    with pytest.raises(ChangedMeanwhile):
        issue_file.write(edited)
    assert path.read_bytes() == b"saved by an editor"


BODIES = st.lists(
    st.sampled_from(["Text.", "- [x](y)\n- z", "> q", "<!-- c -->", "    code", "[r]", "| a |\n|---|", "<div>"]),
    max_size=3,
).map("\n\n".join)
HEADINGS = st.sampled_from(["## S", "## T", "# U", "### [A](https://a.example)", "### B", "V\n==="])
PARTS = st.tuples(HEADINGS, st.sampled_from(["\n", "\n\n"]), BODIES, st.sampled_from(["\n", "\n\n", "\n\n\n"]))
FILES = st.builds(
    lambda head, parts, newline, cut: (
        (head + "".join(a + b + c + d for a, b, c, d in parts)).removesuffix(cut).replace("\n", newline)
    ),
    st.sampled_from(["", "\ufeff", "---\ntitle: x\n---\n\n", "Title: x\n\n", "Note.\n\n"]),
    st.lists(PARTS, min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\n"]),
)


@settings(max_examples=100, deadline=None)
@given(FILES, st.data())
def test_putting_a_story_in_and_taking_it_out_gives_the_same_bytes(text, data):
    file = issue_file.parse(text)
    section = data.draw(st.sampled_from(file.issue.sections))
    try:
        inserted = issue_spans.insert_story(file, section, NEW, first=data.draw(st.booleans()))
    except DigestError:
        assert "<div>" in text  # raw HTML runs on to the next blank line
        return
    spans = [span for span in inserted.spans if span.title == "N"]
    assert len(spans) == 1
    assert re.sub(r"\s", "", inserted.source).replace(re.sub(r"\s", "", NEW), "", 1) == re.sub(r"\s", "", text)
    assert issue_spans.remove_story(inserted, "N").source == text


@settings(max_examples=100, deadline=None)
@given(FILES, st.data())
def test_moving_a_story_keeps_every_line(text, data):
    file = issue_file.parse(text)
    if not file.issue.stories:
        return
    story = data.draw(st.sampled_from(file.issue.stories))
    section = data.draw(st.sampled_from(file.issue.sections))
    try:
        moved = issue_spans.move_story(file, story, section, first=data.draw(st.booleans()))
    except DigestError:
        assert "<div>" in text or "===" in text  # what stands above runs into these
        return
    before, after = (Counter(re.split(r"\r\n|\r|\n", each.removeprefix("\ufeff"))) for each in (text, moved.source))
    del before[""], after[""]
    assert after == before
    assert sorted(titles(moved)) == sorted(titles(file))


@settings(max_examples=100, deadline=None)
@given(FILES, st.data())
def test_taking_a_section_out_changes_nothing_before_or_after_it(text, data):
    file = issue_file.parse(text)
    index = data.draw(st.integers(0, len(file.issue.sections) - 1))
    section = file.issue.sections[index]
    try:
        after = issue_spans.remove_section(file, section)
    except DigestError:
        assert "<div>" in text or "===" in text or "# U" in text
        return
    start = next(span.start for span in file.spans if span.line == section.line and span.kind == "section")
    rest = after.source[len(text[:start].rstrip("\r\n")) :]
    assert after.source.startswith(text[:start].rstrip("\r\n"))
    assert text.endswith(rest.lstrip("\r\n"))


def test_a_real_issue_keeps_its_bytes_through_an_edit_and_back(shared):
    folder = shared / "corpora" / "twir"
    paths = sorted([*(folder / "content").glob("*.m*"), *(folder / "draft").glob("*.m*")])
    if not paths:
        pytest.skip("no real issues are here")
    for path in paths:
        file = issue_file.read(path)
        for section in file.issue.sections[::4]:
            inserted = issue_spans.insert_story(file, section, NEW)
            assert issue_spans.remove_story(inserted, "N").source == file.source
