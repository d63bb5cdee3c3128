"""In a finished mail every element knows the story it came from."""

from __future__ import annotations

from pathlib import Path

from digest import issue_file
from digest.models import Publication
from digest.proof import Proof, with_places
from digest.render.pipeline import Renderer

ISSUE = """---
subject: For [[first_name|you]]
---

Hello [[first_name|reader]], [leave]([[unsubscribe_url]]).

## Top

### [One](https://a.example/1)

First blurb with [a link](https://b.example/).

### [Two](https://a.example/2)

Second.

## Also

- [Three](https://a.example/3) - third
"""


def a_proof() -> Proof:
    issue = issue_file.parse(ISSUE, slug="012", path=Path("issues/012.md")).issue
    email = Renderer(Publication("News", "ed@news.example", postal_address="1 Road")).render(issue)
    return Proof.of(email, issue)


def test_each_link_knows_the_line_of_its_story() -> None:
    proof = a_proof()
    lines = {}
    for link in proof.elements("a"):
        story = proof.story_of(link)
        lines[link.get("href")] = story.line if story else None
    assert lines == {
        "https://blank.invalid/unsubscribe_url": None,
        "https://a.example/1": 9,
        "https://b.example/": 9,
        "https://a.example/2": 13,
        "https://a.example/3": 19,
    } | {href: None for href in lines if "blank.invalid" in href}


def test_blanks_are_filled_with_what_a_reader_nobody_knows_would_see() -> None:
    proof = a_proof()
    assert proof.subject == "For you"
    assert "Hello reader," in proof.root.text_content()
    assert "Hello reader," in proof.text


def test_places_add_comments_and_change_nothing_else() -> None:
    issue = issue_file.parse(ISSUE, slug="012").issue
    email = Renderer(Publication("News", "ed@news.example")).render(issue)
    marked = with_places(email)
    for number, weight in enumerate(email.weights):
        inside = marked.partition(f"<!--dg+{number}-->")[2].partition(f"<!--dg-{number}-->")[0]
        assert inside == email.html[weight.start : weight.end]
        assert weight.title in inside.replace("&nbsp;", " ")
