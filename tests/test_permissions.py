"""An editor's comment allows a check beside a story, in a section, or for the whole issue."""

from __future__ import annotations

from pathlib import Path

from digest import issue_file
from digest.findings import permissions
from digest.models import Finding

PATH = Path("issues/012.md")
KNOWN = ("links", "dead", "links/dead", "weight", "clipped", "weight/clipped", "stories")

SOURCE = """---
title: News
---

NOTE

## Top

### [One](https://a.example/1)
BELOW ONE

First.

IN ONE

ABOVE TWO
### [Two](https://a.example/2)

Second.

## Also
IN ALSO

- [Three](https://a.example/3) - third IN THREE
- [Four](https://a.example/4)
"""
LINES = {"One": 9, "Two": 17, "Three": 24, "Four": 25}


def a_file(**comments: str) -> issue_file.IssueFile:
    """The source, each comment in its place ("in_one"), the other places empty."""
    source = SOURCE
    for place in ("NOTE", "BELOW ONE", "IN ONE", "ABOVE TWO", "IN ALSO", "IN THREE"):
        said = comments.get(place.lower().replace(" ", "_"), "")
        source = source.replace(place, f"<!-- {said} -->" if said else "")
    return issue_file.parse(source, path=PATH)


def dead(story: str) -> Finding:
    return Finding("error", f"{story} answers 404", PATH, LINES[story], check="links", rule="dead", story=story)


def left(
    file: issue_file.IssueFile, *found: Finding, ran: tuple[str, ...] = ("links", "weight", "stories")
) -> list[str]:
    """The titles of what is still told, and the rules of what is told of permissions."""
    kept = permissions.apply(permissions.read(file, KNOWN), found, ran=ran, known=KNOWN)
    return [each.story or each.rule for each in kept]


def all_dead() -> list[Finding]:
    return [dead(story) for story in LINES]


def test_inside_a_story_it_speaks_for_that_story() -> None:
    assert left(a_file(in_one="digest: allow links, the archive is slow"), *all_dead()) == ["Two", "Three", "Four"]
    assert left(a_file(below_one="digest: allow links, the archive is slow"), *all_dead()) == ["Two", "Three", "Four"]


def test_right_above_a_heading_it_speaks_for_what_follows() -> None:
    assert left(a_file(above_two="digest: allow dead, it comes back"), *all_dead()) == ["One", "Three", "Four"]


def test_in_a_section_it_speaks_for_all_of_it() -> None:
    assert left(a_file(in_also="digest: allow links/dead, known"), *all_dead()) == ["One", "Two"]


def test_on_the_line_of_a_brief_it_speaks_for_the_brief() -> None:
    assert left(a_file(in_three="digest: allow links, known"), *all_dead()) == ["One", "Two", "Four"]


def test_above_all_sections_it_speaks_for_the_issue() -> None:
    whole = Finding("error", "too long", PATH, None, check="weight", rule="clipped")
    assert left(a_file(note="digest: allow weight, nobody here reads with Gmail"), whole) == []


def test_a_finding_in_several_places_keeps_those_that_were_not_allowed() -> None:
    finding = Finding("error", "dead", PATH, 9, check="links", rule="dead", also=(17, 24))
    file = a_file(in_one="digest: allow links, slow")
    (kept,) = permissions.apply(permissions.read(file, KNOWN), [finding], ran=("links",), known=KNOWN)
    assert (kept.line, kept.also) == (17, (24,))


def test_several_checks_can_be_allowed_at_once() -> None:
    (found,) = permissions.read(a_file(note="digest: allow links, weight and stories: a special issue"), KNOWN)
    assert (found.names, found.reason) == (("links", "weight", "stories"), "a special issue")


def test_without_a_comma_the_reason_begins_where_the_names_end() -> None:
    (found,) = permissions.read(a_file(note="digest: allow links because the archive is slow"), KNOWN)
    assert (found.names, found.reason) == (("links",), "because the archive is slow")


def test_a_reason_is_asked_for() -> None:
    assert left(a_file(in_one="digest: allow links"), dead("One")) == ["no-reason"]


def test_one_that_allows_nothing_any_more_is_told() -> None:
    assert left(a_file(in_one="digest: allow links, slow"), dead("Two")) == ["Two", "unused"]


def test_one_for_a_check_that_did_not_run_is_not_called_useless() -> None:
    assert left(a_file(in_one="digest: allow links, slow"), ran=("weight",)) == []


def test_a_misspelt_check_is_told_with_what_was_meant() -> None:
    file = a_file(in_one="digest: allow lniks, slow")
    _, told = permissions.apply(permissions.read(file, KNOWN), [dead("One")], ran=("links",), known=KNOWN)
    assert 'Did you mean "links"?' in told.what
    assert (told.level, told.line) == ("warning", 14)


def test_a_misspelt_word_for_allow_is_told() -> None:
    file = a_file(in_one="digest: alow links, slow")
    _, told = permissions.apply(permissions.read(file, KNOWN), [dead("One")], ran=("links",), known=KNOWN)
    assert 'Did you mean "allow"?' in told.what


def test_what_stands_in_code_is_no_permission() -> None:
    source = SOURCE.replace("First.", "```\n<!-- digest: allow links, slow -->\n```")
    assert permissions.read(issue_file.parse(source, path=PATH), KNOWN) == ()
