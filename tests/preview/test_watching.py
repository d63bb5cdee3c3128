"""Which saves mean something for a mail, and when a file is whole."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.preview import whole
from digest.preview.watching import Change, Watcher, sorted_out


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("digest.toml", Change(settings=True)),
        ("templates/brief/parts/footer.mjml", Change(settings=True)),
        ("issues/images/convoy.jpg", Change(other=True)),
        ("logo.png", Change(other=True)),
        ("issues/.first.md.swp", Change()),
        ("issues/first.md~", Change()),
        ("issues/4913", Change()),
        ("issues/#first.md#", Change()),
        ("build/first/email.html", Change()),
        (".digest/pictures/abc", Change()),
        (".git/index", Change()),
        ("node_modules/mjml/package.json", Change()),
    ],
)
def test_a_save_is_known_by_its_place(tmp_path, name, change):
    assert sorted_out([str(tmp_path / name)], tmp_path) == change


def test_issue_files_are_told_by_name(tmp_path):
    names = [tmp_path / "issues" / "first.md", tmp_path / "issues" / "second.markdown"]

    assert sorted_out(map(str, names), tmp_path) == Change(issues=frozenset(names))


def test_a_theme_that_ships_with_us_counts_as_settings(tmp_path):
    theme = tmp_path / "shipped" / "templates"

    assert sorted_out([str(theme / "brief" / "issue.mjml")], tmp_path / "news", [theme]) == Change(settings=True)


def test_a_burst_of_saves_is_told_at_once_and_whole(tmp_path):
    told: list[Change] = []
    watcher = Watcher(tmp_path, [], told.append)
    watcher.start()
    time.sleep(0.3)
    for number in range(10):
        (tmp_path / f"{number}.md").write_text("x")
    end = time.monotonic() + 20
    while time.monotonic() < end and len({path for change in told for path in change.issues}) < 10:
        time.sleep(0.01)
    watcher.close()

    assert {path.name for change in told for path in change.issues} == {f"{number}.md" for number in range(10)}
    assert len(told) <= 4


def later(seconds: float, do) -> None:
    threading.Timer(seconds, do).start()


@contextmanager
def counted_naps() -> Iterator[list[object]]:
    """Each time that this thread lies down to sleep."""
    naps: list[object] = []

    def watch(frame: object, event: str, called: object) -> None:
        if event == "c_call" and called is time.sleep:
            naps.append(called)

    sys.setprofile(watch)
    try:
        yield naps
    finally:
        sys.setprofile(None)


def test_a_whole_file_is_not_waited_for(tmp_path):
    file = tmp_path / "first.md"
    file.write_bytes(b"one\ntwo and more\n")

    with counted_naps() as naps:
        assert whole.settled(file, b"one\ntwo\n")[1] == b"one\ntwo and more\n"
    assert naps == []


@pytest.mark.parametrize("cut", [b"", b"one\n", b"one\ntw", b"ONE\ntw"])
def test_what_may_be_the_beginning_of_a_file_is_waited_for(tmp_path, cut):
    file = tmp_path / "first.md"
    file.write_bytes(cut)
    later(0.08, lambda: file.write_bytes(b"one\ntwo\nthree\n"))

    assert whole.settled(file, b"one\ntwo\n")[1] == b"one\ntwo\nthree\n"


def test_a_file_that_is_away_for_a_moment_is_waited_for(tmp_path):
    file = tmp_path / "first.md"
    later(0.08, lambda: file.write_bytes(b"back\n"))

    assert whole.settled(file, b"old\n")[1] == b"back\n"


def test_who_deletes_half_an_issue_sees_it_soon(tmp_path):
    file = tmp_path / "first.md"
    file.write_bytes(b"one\n")

    with counted_naps() as naps:
        assert whole.settled(file, b"one\ntwo\nthree\n")[1] == b"one\n"
    # A quarter of a second, in naps of 4 ms; a slow machine takes fewer.
    assert 0 < len(naps) < 100


def test_a_file_that_is_gone_for_good_is_told_as_gone(tmp_path: Path):
    assert whole.settled(tmp_path / "first.md", b"old\n") == (None, b"")
