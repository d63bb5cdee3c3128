"""A finished issue is put before every check: quickly, and by what is known of the other issues."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from newsroom import Desk

from digest import proofreading
from digest.project import Project
from digest.store import database

SETTINGS = """[publication]
name = "News"
sender_email = "ed@news.example"
postal_address = "1 Road, Town"
unsubscribe_url = "https://news.example/leave"
"""
HEAD = """---
number: {number}
date: 2024-02-{number:02}
subject: What happened in week {number}, and why
preheader: Thirty stories, each of them told in as few words as it takes
status: {status}
---

## Top stories

"""
STORY = """### [{title}](https://site{n}.example/{week}/{n})
source: Site {n}
date: 2024-01-01

A blurb of some thirty words about number {n}, which says what was found there and why it deserves the morning
of a reader, and then goes on for a while.

"""


def a_story(week: int, n: int) -> str:
    name = "".join(chr(97 + (week * 7 + n * 11 + place * 5) % 26) for place in range(7))
    return STORY.format(title=f"{name.capitalize()} {week}-{n}", week=week, n=n)


def an_issue(week: int, status: str = "sent", stories: int = 30) -> str:
    return HEAD.format(number=week, status=status) + "".join(a_story(week, n) for n in range(stories))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    desk.write("digest.toml", SETTINGS)
    return desk


def found(project: Project, name: str) -> list[str]:
    """The rules of what is found by the checks of what stands in the file."""
    told = proofreading.findings(project, name, project.render(name), only=("stories", "required"))
    return [each.rule for each in told]


def test_an_issue_that_changes_is_read_again(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue(1, stories=3))
    desk.write("issues/002.md", an_issue(2, "draft", stories=3) + a_story(1, 7))
    project = Project(desk.folder)
    assert found(project, "002") == []
    desk.write("issues/001.md", an_issue(1, stories=8))
    assert found(project, "002") == ["sent-before"]


def test_an_issue_that_was_taken_back_did_not_run(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue(1, stories=8))
    desk.write("issues/002.md", an_issue(2, "draft", stories=3) + a_story(1, 7))
    desk.type("inbox")  # the inbox knows that it ran
    desk.write("issues/001.md", an_issue(1, "draft", stories=8))
    assert found(Project(desk.folder), "002") == []


def test_an_inbox_that_somebody_else_writes_into_does_not_keep_one_waiting(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue(1, stories=8))
    desk.write("issues/002.md", an_issue(2, "draft", stories=3) + a_story(1, 7))
    desk.type("inbox")
    lock = sqlite3.connect(desk.folder / ".digest/inbox.db", isolation_level=None)
    lock.execute("PRAGMA locking_mode = EXCLUSIVE")
    lock.execute("BEGIN EXCLUSIVE")
    try:
        began = time.monotonic()
        assert "sent-before" in found(Project(desk.folder), "002")
        # As long as that whoever writes into it would wait for its turn.
        assert time.monotonic() - began < database.PATIENCE
    finally:
        lock.close()


def test_findings_of_an_issue_come_before_those_of_other_files(desk: Desk) -> None:
    desk.write("digest.toml", SETTINGS.replace("postal_address", "# postal_address"))
    desk.write("issues/001.md", an_issue(1, "draft", stories=3) + "TODO more\n")
    project = Project(desk.folder)
    told = proofreading.findings(project, "001", project.render("001"), only=("required",))
    assert [each.path.name for each in told if each.path] == ["001.md", "digest.toml"]


def test_a_slow_check_runs_when_it_is_asked_for_by_name_only(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue(1, "draft", stories=3))
    project = Project(desk.folder)
    report = proofreading.report(project, "001", project.render("001"))
    assert "spamassassin" not in report.ran
    assert "spamassassin" in report.not_run
