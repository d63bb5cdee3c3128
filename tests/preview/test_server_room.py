"""The room: the last good mail, one build at a time, and no more memory after many saves than after a few."""

from __future__ import annotations

import gc
import sys
import threading
import time
from pathlib import Path

import pytest
from previewed import a_publication, an_issue

from digest.errors import DigestError
from digest.filled import fill
from digest.models import Finding
from digest.preview.room import Room, Shown
from digest.preview.work import Listed, Work
from digest.project import Project


class Newsroom:
    """A publication, and the room that shows it. Builds are counted, and can be held up."""

    def __init__(self, folder: Path, **given: object) -> None:
        self.project = Project(a_publication(folder))
        self.file = folder / "issues" / "first.md"
        self.builds = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.told: list[Shown] = []
        self.room = Room(
            Work(
                **{
                    "root": folder,
                    "issues": lambda: [Listed(each.slug, each.path) for each in self.project.entries()],
                    "build": self.build,
                    "fill": fill,
                    **given,
                }
            )
        )
        self.room.listen(self.told.append)
        self.room.watch("first", 1)

    def build(self, slug: str):
        self.builds += 1
        self.go_on.wait(10)
        return self.project.render(slug)

    def save(self, words: str) -> None:
        self.file.write_text(an_issue(words))
        self.room.changed(settings=False, issues=[self.file])

    def until(self, true, within: float = 10.0) -> None:
        end = time.monotonic() + within
        while not true():
            assert time.monotonic() < end
            time.sleep(0.002)

    def text(self) -> str:
        mail = self.room.last("first").mail
        return mail.email.text if mail else ""


@pytest.fixture
def newsroom(tmp_path):
    newsroom = Newsroom(tmp_path / "news")
    yield newsroom
    newsroom.go_on.set()
    newsroom.room.close()


def test_a_burst_of_saves_is_one_more_build(newsroom):
    newsroom.room.shown("first")
    newsroom.go_on.clear()
    newsroom.save("The first of many.")
    newsroom.until(lambda: newsroom.builds == 2)
    for number in range(10):
        newsroom.save(f"Number {number}.")
    newsroom.go_on.set()
    newsroom.until(lambda: "Number 9." in newsroom.text())

    assert newsroom.builds <= 4
    assert not any("Number 3." in shown.mail.email.text for shown in newsroom.told)


def test_who_asks_while_the_first_mail_is_built_waits_for_that_one(newsroom):
    newsroom.room.want("first")
    newsroom.room.shown("first")

    assert newsroom.builds == 1


def test_what_is_shown_counts_up_only_when_the_mail_is_another(newsroom):
    first = newsroom.room.shown("first").version
    newsroom.save("Good morning.")
    newsroom.until(lambda: len(newsroom.told) == 2)
    assert newsroom.room.last("first").version == first

    newsroom.save("Good evening.")
    newsroom.until(lambda: newsroom.room.last("first").version > first)


def test_an_issue_that_nobody_looks_at_is_built_when_it_is_asked_for(newsroom):
    newsroom.room.shown("first")
    newsroom.room.watch("first", -1)
    newsroom.save("While nobody looked.")
    time.sleep(0.1)
    assert newsroom.builds == 1

    assert "While nobody looked." in newsroom.room.shown("first").mail.email.text


def test_findings_come_after_the_mail_and_do_not_keep_it(tmp_path):
    look = threading.Event()

    def looked(slug: str, email) -> list[Finding]:
        look.wait(10)
        return [Finding("warning", "Seen.")]

    newsroom = Newsroom(tmp_path / "news", findings=looked)
    assert newsroom.room.shown("first").mail is not None
    assert newsroom.room.last("first").looking
    look.set()
    newsroom.until(lambda: not newsroom.room.last("first").looking)

    assert [each.what for each in newsroom.room.last("first").findings] == ["Seen."]
    assert {shown.version for shown in newsroom.told} == {1}
    newsroom.room.close()


@pytest.mark.parametrize("failing", [DigestError("The inbox is locked."), ZeroDivisionError()])
def test_a_look_that_fails_is_told_and_costs_nothing_else(tmp_path, failing, capfd):
    def looked(slug: str, email) -> list[Finding]:
        raise failing

    newsroom = Newsroom(tmp_path / "news", findings=looked)
    newsroom.room.shown("first")
    newsroom.until(lambda: not newsroom.room.last("first").looking)

    assert [each.level for each in newsroom.room.last("first").findings] == ["warning"]
    newsroom.room.close()


def test_a_bug_of_our_own_ends_no_preview(tmp_path, capfd):
    newsroom = Newsroom(tmp_path / "news")
    newsroom.room.shown("first")
    newsroom.project.render = lambda slug: 1 / 0  # type: ignore[method-assign, assignment]
    newsroom.save("Anything.")
    newsroom.until(lambda: newsroom.room.last("first").errors)

    assert "ZeroDivisionError" in newsroom.room.last("first").errors[0].what
    assert newsroom.room.last("first").mail is not None
    newsroom.room.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_hundred_and_fifty_saves_leave_no_more_in_memory_than_a_few(newsroom):
    def megabytes() -> float:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * 4096 / 1e6

    def saved(count: int) -> None:
        for number in range(count):
            newsroom.told.clear()
            newsroom.save(f"Save {number} of {count}.")
            newsroom.until(lambda: newsroom.told)

    newsroom.room.shown("first")
    saved(40)
    before = megabytes()
    saved(150)

    assert megabytes() - before < 6
