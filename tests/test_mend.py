"""Addresses are mended where a finding asks for it, and every other byte stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import issue_file
from digest.errors import DigestError
from digest.findings import mend
from digest.models import Finding

PATH = Path("issues/012.md")

SOURCE = """---
title: News
---

## Top — stories

### [One — "two"](https://a.example/x?utm_source=t&id=7 "A title?utm_source=t")
source: A

Text --- with [a (link)](<https://b.example/a_(b)?utm_medium=m&amp;z=1>) and `[c](https://c.example/?utm_source=x)`.

<!-- editor: [d](https://d.example/?utm_source=x) -->

### [Two](http://plain.example/page)

See <https://e.example/?fbclid=1>, and [old][ref].

## Also

- [Three](https://f.example/?utm_source=t) - third
- [Four](https://g.example/?utm_source=t) - fourth

[ref]: https://h.example/?utm_source=t
"""


def a_file(source: str = SOURCE) -> issue_file.IssueFile:
    return issue_file.parse(source, path=PATH)


def tracked(line: int, story: str = "") -> Finding:
    return Finding("warning", "carries utm_source", PATH, line, check="stories", rule="trackers", story=story)


def test_trackers_come_off_the_story_that_was_named_and_off_no_other() -> None:
    fixed, mends = mend.mended(a_file(), [tracked(7, 'One — "two"')])
    assert fixed.source == SOURCE.replace("x?utm_source=t&id=7", "x?id=7").replace("?utm_medium=m&amp;z=1", "?z=1")
    assert [each.line for each in mends] == [7, 10]


def test_what_stands_in_a_comment_or_in_code_is_left_alone() -> None:
    fixed, _ = mend.mended(a_file(), [tracked(7, 'One — "two"')])
    assert "`[c](https://c.example/?utm_source=x)`" in fixed.source
    assert "[d](https://d.example/?utm_source=x) -->" in fixed.source


def test_a_brief_is_mended_and_its_neighbour_is_not() -> None:
    fixed, _ = mend.mended(a_file(), [tracked(20, "Three")])
    assert fixed.source == SOURCE.replace("https://f.example/?utm_source=t", "https://f.example/")


def test_an_address_in_angle_brackets_is_mended() -> None:
    fixed, _ = mend.mended(a_file(), [tracked(14, "Two")])
    assert "See <https://e.example/>" in fixed.source


def test_the_definition_of_a_label_that_the_story_uses_is_mended() -> None:
    fixed, mends = mend.mended(a_file(), [tracked(14, "Two")])
    assert fixed.source.endswith("[ref]: https://h.example/\n")
    assert [each.line for each in mends] == [16, 23]


def test_a_definition_that_was_found_itself_is_mended() -> None:
    fixed, mends = mend.mended(a_file(), [tracked(23, "Two")])
    assert fixed.source == SOURCE.replace("h.example/?utm_source=t", "h.example/")
    assert [each.line for each in mends] == [23]


def test_http_becomes_https_where_it_was_seen_to_work() -> None:
    seen = Finding(
        "note",
        '"Two" is linked by http (http://plain.example/page)',
        PATH,
        14,
        check="links",
        rule="https",
        story="Two",
    )
    fixed, mends = mend.mended(a_file(), [seen])
    assert fixed.source == SOURCE.replace("http://plain", "https://plain")
    assert [(each.old, each.new) for each in mends] == [("http://plain.example/page", "https://plain.example/page")]


def test_http_stays_where_another_address_was_seen_to_work() -> None:
    seen = Finding(
        "note", "is linked by http (http://plain.example/other)", PATH, 14, check="links", rule="https", story="Two"
    )
    assert mend.mended(a_file(), [seen]) == (a_file(), ())


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    source = "\ufeff" + SOURCE.replace("\n", "\r\n")
    fixed, _ = mend.mended(a_file(source), [tracked(20, "Three")])
    assert fixed.source == source.replace("https://f.example/?utm_source=t", "https://f.example/")


def test_a_sent_issue_is_not_mended() -> None:
    sent = a_file(SOURCE.replace("title: News", "title: News\nstatus: sent"))
    with pytest.raises(DigestError, match="was sent"):
        mend.mended(sent, [tracked(8)])


def test_findings_that_no_machine_can_mend_change_nothing() -> None:
    vague = Finding("warning", "says nothing", PATH, 7, check="stories", rule="vague-link")
    assert mend.mended(a_file(), [vague]) == (a_file(), ())
