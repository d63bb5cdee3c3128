"""Candidates become stories of an issue's file, and go out of it; no word of the editor's is lost on the way."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fake_web import FakeWeb
from newsroom import PUBLICATION, an_issue
from PIL import Image

from digest import archive
from digest.desk import Desk
from digest.errors import DigestError
from digest.models import Item, SectionPlan
from digest.project import Project
from digest.store import Store

NOW = datetime(2024, 2, 3, 9, tzinfo=UTC)
DRAFT = """---
number: 2
date: 2024-02-09
---

## Top stories

### [First](https://a.example/first)

The editor's own words.

## Also noted

- [A brief](https://a.example/brief) - noted
"""


class Newsroom:
    """A publication, its inbox, and the issue that is under way."""

    def __init__(self, folder: Path) -> None:
        (folder / "digest.toml").write_text(PUBLICATION)
        (folder / "issues").mkdir()
        self.folder = folder
        self.issue = folder / "issues" / "002.md"
        self.issue.write_text(DRAFT)
        self.store = Store.open(folder / "inbox.db", clock=lambda: NOW)
        self.project = Project(folder)

    def desk(self, issue: str = "002", web: FakeWeb | None = None) -> Desk:
        return Desk(Project(self.folder), self.store, issue, web=web)

    def candidate(self, title: str, *, url: str | None = None, **more: object) -> str:
        address = f"https://b.example/{title.replace(' ', '-')}" if url is None else url
        return self.store.add(Item(url=address, title=title, **more)).id  # type: ignore[arg-type]

    def state(self, id_: str) -> str:
        return self.store.find(id_).state

    def titles(self) -> list[list[str]]:
        issue = Project(self.folder).issue("002")
        return [[story.title for story in section.stories] for section in issue.sections]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    room = Newsroom(tmp_path)
    yield room
    room.store.close()


def a_picture() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (2000, 800), "red").save(kept, "JPEG")
    return kept.getvalue()


def test_a_picked_story_stands_last_in_its_section_and_all_else_stays_byte_for_byte(room: Newsroom) -> None:
    picked = room.desk().pick(room.candidate("Second", description="What it says."), to="top")

    text = room.issue.read_text()
    written = "### [Second](https://b.example/Second)\n\nWhat it says.\n\n"
    assert text == DRAFT.replace("## Also noted", written + "## Also noted")
    assert text.splitlines()[picked.line - 1].startswith("### [Second]")
    assert (picked.candidate.state, picked.candidate.issue) == ("placed", "002")


def test_a_story_goes_first_or_behind_another_one(room: Newsroom) -> None:
    desk = room.desk()
    zero, one = room.candidate("Zero"), room.candidate("One and a half")

    desk.pick(zero, to="Top", first=True)
    desk.pick(one, after=zero)

    assert room.titles() == [["Zero", "One and a half", "First"], []]


def test_a_story_without_a_section_goes_where_its_tags_belong(room: Newsroom) -> None:
    plans = '\n[[section]]\ntitle = "Also noted"\nfrom = "charts"\n'
    (room.folder / "digest.toml").write_text(PUBLICATION + plans)

    assert room.desk().pick(room.candidate("A chart", tags=("Charts",))).section == "Also noted"
    assert room.desk().pick(room.candidate("No chart")).section == "Top stories"


def test_a_section_that_is_not_there_is_told_with_those_that_are(room: Newsroom) -> None:
    with pytest.raises(DigestError) as told:
        room.desk().pick(room.candidate("Second"), to="Tip stories")

    assert told.value.what == 'No section "Tip stories". Did you mean "Top stories"?'
    assert told.value.hint == "There are: Top stories, Also noted."
    assert room.issue.read_text() == DRAFT


def test_what_ran_is_refused_with_its_issues_number_and_day_unless_wanted_again(room: Newsroom) -> None:
    (room.folder / "issues" / "001.md").write_text(an_issue(number=1, title="It ran").replace("---\n\n", "---\n\n", 1))
    archive.mark_sent(room.project, "001", day=date(2024, 2, 2), store=room.store)
    id_ = room.candidate("It ran, told anew", url="https://www.a.example/1?utm_source=x")

    with pytest.raises(DigestError) as told:
        room.desk().pick(id_)

    assert told.value.what == '"It ran, told anew" ran already: in number 1, of 2024-02-02.'
    assert room.desk().pick(id_, again=True).candidate.state == "placed"


def test_what_stands_in_an_issue_is_not_put_there_twice(room: Newsroom) -> None:
    id_ = room.candidate("Second")
    room.desk().pick(id_)

    with pytest.raises(DigestError, match="stands in 002 already"):
        room.desk().pick(id_)


def test_nothing_is_put_into_an_issue_that_was_sent(room: Newsroom) -> None:
    archive.mark_sent(room.project, "002", day=date(2024, 2, 9), store=room.store)
    before = room.issue.read_bytes()

    with pytest.raises(DigestError, match="This issue was sent"):
        room.desk().pick(room.candidate("Second"))

    assert room.issue.read_bytes() == before


def test_a_dropped_story_is_on_the_shortlist_and_its_words_are_given_back(room: Newsroom) -> None:
    id_ = room.candidate("Second", description="What it says.")
    room.desk().pick(id_)

    title, words = room.desk().drop(id_)

    assert (title, words.strip()) == ("Second", "### [Second](https://b.example/Second)\n\nWhat it says.")
    assert room.state(id_) == "shortlisted"
    assert room.issue.read_text() == DRAFT


def test_a_title_that_two_stories_begin_with_drops_neither(room: Newsroom) -> None:
    desk = room.desk()
    desk.pick(room.candidate("Same start, one"))
    desk.pick(room.candidate("Same start, two"))
    before = room.issue.read_bytes()

    with pytest.raises(DigestError, match="could be several stories of this issue"):
        room.desk().drop("same start")

    assert room.issue.read_bytes() == before


def test_a_story_moves_with_every_word_that_was_written_below_it(room: Newsroom) -> None:
    room.desk().move("First", to="also")

    assert room.titles() == [[], ["First"]]
    assert "The editor's own words." in room.issue.read_text()


def test_undo_takes_a_picked_story_out_again(room: Newsroom) -> None:
    id_ = room.candidate("Second")
    room.desk().pick(id_)

    room.desk().undo()

    assert room.issue.read_text() == DRAFT
    assert room.state(id_) == "new"


def test_undo_leaves_a_story_that_somebody_wrote_on(room: Newsroom) -> None:
    id_ = room.candidate("Second", description="What it says.")
    room.desk().pick(id_)
    written = room.issue.read_text().replace("What it says.", "What I say.")
    room.issue.write_text(written)

    _, said = room.desk().undo()

    assert "was written on since and stays" in said
    assert room.issue.read_text() == written
    assert room.state(id_) == "placed"


def test_what_was_cut_and_pasted_by_hand_is_followed(room: Newsroom) -> None:
    mine, text = room.candidate("First", url="https://a.example/first"), room.candidate("A text", url="", text="W.")
    room.desk().pick(text)

    room.desk()
    assert (room.state(mine), room.state(text)) == ("placed", "placed")

    room.issue.write_text(DRAFT.replace("### [First](https://a.example/first)", "### Nothing"))
    room.desk()
    assert (room.state(mine), room.state(text)) == ("shortlisted", "shortlisted")


def test_a_story_that_was_given_another_link_is_still_the_same(room: Newsroom) -> None:
    id_ = room.candidate("Second")
    room.desk().pick(id_)
    room.issue.write_text(room.issue.read_text().replace("https://b.example/Second", "https://better.example/"))

    room.desk()

    assert room.state(id_) == "placed"


def test_a_picture_is_kept_beside_the_issue_no_larger_than_it_can_be_shown(room: Newsroom, web: FakeWeb) -> None:
    web.answers("GET", "https://b.example/p.jpg", a_picture())
    id_ = room.candidate("Second", picture="https://b.example/p.jpg")

    picked = room.desk(web=web).pick(id_, alt="A red wall")

    assert picked.picture is not None
    with Image.open(picked.picture) as picture:
        assert picture.width == 1440
    assert f"![A red wall](images/{picked.picture.name})" in room.issue.read_text()


@pytest.mark.parametrize("body", [b"<html>no</html>", b"\xff\xd8\xff\xe0 torn", b""])
def test_a_picture_that_is_none_leaves_the_story_without_one_and_says_why(
    room: Newsroom, web: FakeWeb, body: bytes
) -> None:
    web.answers("GET", "https://b.example/p.jpg", body)

    picked = room.desk(web=web).pick(room.candidate("Second", picture="https://b.example/p.jpg"))

    assert picked.picture is None
    assert picked.note
    assert "![" not in room.issue.read_text()


def test_a_draft_fills_sections_up_to_their_rule_shortlisted_first_and_none_twice(room: Newsroom) -> None:
    plans = [SectionPlan("Top stories", tag="rust", max=3), SectionPlan("New section", tag="go")]
    room.candidate("Go", tags=("go", "rust"))
    ids = [room.candidate(f"Rust {n}", tags=("rust",)) for n in range(4)]
    room.store.shortlist([ids[0]])

    made = list(room.desk().draft(plans))

    assert [picked.candidate.item.title for picked in made] == ["Rust 0", "Go"]
    assert room.titles() == [["First", "Rust 0", "Go"], [], []]
    assert list(room.desk().draft(plans)) == []
