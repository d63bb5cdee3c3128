"""The next issue: its day, its name, its first text."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import compose, config, issue_file
from digest.models import SectionPlan

FRIDAY = date(2024, 2, 2)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("every", "last", "today", "due"),
    [
        ("friday", None, date(2024, 1, 31), FRIDAY),
        ("friday", None, FRIDAY, FRIDAY),
        ("friday", FRIDAY, FRIDAY, date(2024, 2, 9)),
        ("Friday", FRIDAY, date(2024, 2, 20), date(2024, 2, 23)),
        ("friday", date(2024, 3, 1), FRIDAY, date(2024, 3, 8)),
        ("day", FRIDAY, FRIDAY, date(2024, 2, 3)),
        ("day", FRIDAY, date(2024, 2, 20), date(2024, 2, 20)),
        ("week", FRIDAY, date(2024, 2, 10), date(2024, 2, 16)),
        ("fortnight", FRIDAY, FRIDAY, date(2024, 2, 16)),
        ("fortnight", FRIDAY, date(2024, 2, 17), date(2024, 3, 1)),
        ("month", date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29)),
        ("month", date(2023, 11, 15), date(2024, 2, 20), date(2024, 3, 15)),
        ("month", date(2024, 12, 5), date(2024, 12, 5), date(2025, 1, 5)),
        ("", None, FRIDAY, FRIDAY),
        ("", date(2024, 3, 1), FRIDAY, date(2024, 3, 2)),
    ],
)
def test_the_next_day_is_due(every: str, last: date | None, today: date, due: date) -> None:
    assert compose.next_date(every, last, today) == due


@given(st.sampled_from(config.RHYTHMS), DAYS, DAYS)
def test_an_issue_is_due_after_the_last_one_and_not_in_the_past(every: str, last: date, today: date) -> None:
    due = compose.next_date(every, last, today)
    assert due > last
    assert due >= today


def test_a_month_that_ends_early_does_not_move_the_months_after_it() -> None:
    days = [date(2026, 12, 31)]
    for _ in range(4):
        days.append(compose.next_date("month", days[-1], days[-1], before=days))
    assert days[1:] == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


@given(st.sampled_from(config.RHYTHMS), DAYS)
def test_issues_made_on_time_keep_their_rhythm(every: str, first: date) -> None:
    days = [first]
    for _ in range(5):
        days.append(compose.next_date(every, days[-1], days[-1], before=days))
    longest = {"day": 1, "fortnight": 14, "month": 31}.get(every, 7)
    assert all(timedelta() < later - earlier <= timedelta(days=longest) for earlier, later in pairwise(days))


@pytest.mark.parametrize(
    ("slugs", "number", "slug"),
    [
        ([], 1, "001"),
        (["012"], 13, "013"),
        (["099"], 100, "100"),
        (["issue-9"], 10, "issue-10"),
        (["2024-02-02"], 6, "2024-02-09"),
        (["2024-01-26-brief", "2024-02-02-brief"], 6, "2024-02-09-brief"),
        (["2024-01-26-a-vote", "2024-02-02-a-war"], 6, "2024-02-09"),
        (["11-cats", "12-dogs"], 13, "13"),
        (["11-en", "12-en"], 13, "13-en"),
        (["2023-12"], 13, "2023-13"),
        (["special"], 5, "005"),
        (["letter-04"], 13, "013"),
        (["special"], None, "2024-02-09"),
    ],
)
def test_a_name_follows_the_manner_of_the_last_ones(slugs: list[str], number: int | None, slug: str) -> None:
    assert compose.next_slug(slugs, number, date(2024, 2, 9)) == slug


def test_a_new_issue_has_a_head_to_fill_in_and_the_sections_in_order() -> None:
    text = compose.skeleton(
        number=13,
        day=FRIDAY,
        theme="brief",
        sections=[SectionPlan("Top stories"), SectionPlan("From our sponsor", sponsor="yes", layout="list")],
    )
    assert text == (
        "---\nnumber: 13\ndate: 2024-02-02\nsubject:\npreheader:\ntheme: brief\nstatus: draft\n---\n\n"
        "## Top stories\n\n## From our sponsor\nsponsor: yes\nlayout: list\n"
    )


def test_an_issue_can_do_without_a_number() -> None:
    text = compose.skeleton(number=None, day=FRIDAY, theme="brief", sections=[])
    assert text.startswith("---\nnumber:\ndate: ")
    assert issue_file.parse(text, slug="x").issue.number is None


LAST = """---
number: 12
---

The note is not carried.

## Top stories

### [Old](https://a.example/old)

Old news.

## Jobs

### [Editor wanted][post]

Write to [us].

### Inside

A section inside.

## Standing notes
carry: yes

- [Rules](https://a.example/rules) - the rules

[post]: https://jobs.example/1 "The \\"post\\""
[us]: <https://a.example/us>
[unused]: https://a.example/unused
"""


def test_sections_marked_carry_come_over_whole_with_the_links_they_use() -> None:
    last = issue_file.parse(LAST, slug="012")
    plans = [SectionPlan("Top stories"), SectionPlan("JOBS", carry=True)]
    text = compose.skeleton(number=13, day=FRIDAY, theme="brief", sections=plans, carried=compose.carried(last, plans))
    issue = issue_file.parse(text, slug="013").issue
    assert [section.title for section in issue.sections] == ["Top stories", "Jobs", "Standing notes"]
    assert [story.url for story in issue.stories] == ["https://jobs.example/1", ""]
    assert issue.references["US"] == ("https://a.example/us", "")
    assert issue.references["POST"] == ("https://jobs.example/1", 'The "post"')
    assert "Old news" not in text
    assert "not carried" not in text


def test_carried_text_ends_its_lines_as_the_new_file_does() -> None:
    last = issue_file.parse(LAST.replace("\n", "\r\n"), slug="012")
    assert "\r" not in "".join(compose.carried(last, [SectionPlan("Jobs", carry=True)]).values())
