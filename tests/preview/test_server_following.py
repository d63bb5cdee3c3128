"""The preview follows what is saved, however it is saved, and keeps the last good mail through every mistake."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from previewed import CHECKOUT, Preview, a_picture, a_publication, an_issue, running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_publication(tmp_path / "news")


@pytest.fixture
def preview(folder: Path) -> Iterator[Preview]:
    with running(folder) as preview:
        yield preview


def file(folder: Path) -> Path:
    return folder / "issues" / "first.md"


def test_a_save_is_followed(preview, folder):
    with preview.events() as following:
        version = following("state")["version"]
        file(folder).write_text(an_issue("Another morning."))

        assert following("state")["version"] > version
    assert "Another morning." in preview.ask("/text/first").text


def test_a_mistake_leaves_the_last_good_mail_and_is_told_with_its_lines(preview, folder):
    with preview.events() as following:
        following("state")
        before = preview.ask("/source/first").text
        file(folder).write_text(an_issue().replace("date: 2024-02-01", "dote: 2024-02-01\nnumber: x"))
        state = preview.until(lambda state: not state["ok"])

        assert [(each["file"], each["line"]) for each in state["errors"]] == [
            ("issues/first.md", 4),
            ("issues/first.md", 5),
        ]
        assert [row["text"] for row in state["errors"][0]["code"] if row["here"]] == ["dote: 2024-02-01"]
        assert preview.ask("/source/first").text == before

        file(folder).write_text(an_issue())
        assert preview.until(lambda state: state["ok"])["errors"] == []


def test_twenty_quick_saves_end_in_the_last_state(preview, folder):
    with preview.events() as following:
        following("state")
        for number in range(20):
            file(folder).write_text(an_issue(f"Save number {number}."))
            time.sleep(0.01)
        preview.until(lambda state: "Save number 19." in preview.ask("/text/first").text)


def seen_while(preview: Preview, saving: threading.Thread) -> set[bool]:
    """Whether what was shown meanwhile had its end, and whether a mistake was told."""
    seen = set()
    saving.start()
    while saving.is_alive():
        seen.add("The blurb of story 3." in preview.ask("/text/first").text)
        seen.add(preview.state()["ok"])
    saving.join()
    return seen


def test_an_editor_that_empties_the_file_first_never_shows_half_of_it(preview, folder):
    def save() -> None:
        for number in range(5):
            text = an_issue(f"Slow save {number}.").encode()
            with open(file(folder), "wb", buffering=0) as slow:
                time.sleep(0.05)
                slow.write(text[: len(text) // 2])
                time.sleep(0.12)
                slow.write(text[len(text) // 2 :])
            time.sleep(0.1)

    with preview.events() as following:
        following("state")
        assert seen_while(preview, threading.Thread(target=save)) == {True}
        preview.until(lambda state: "Slow save 4." in preview.ask("/text/first").text)


def test_an_editor_that_renames_never_shows_half_a_file(preview, folder):
    def save() -> None:
        for number in range(5):
            beside = folder / "issues" / ".first.md.tmp"
            beside.write_text(an_issue(f"Renamed {number}."))
            # As vim does it: the old file goes first, and for a moment there is none.
            file(folder).rename(folder / "issues" / "first.md~")
            time.sleep(0.03)
            beside.rename(file(folder))
            time.sleep(0.1)

    with preview.events() as following:
        following("state")
        assert seen_while(preview, threading.Thread(target=save)) == {True}
        preview.until(lambda state: "Renamed 4." in preview.ask("/text/first").text)


def test_a_file_that_is_gone_is_told_and_awaited(preview, folder):
    with preview.events() as following:
        following("state")
        file(folder).rename(folder / "elsewhere.md")
        state = preview.until(lambda state: not state["ok"])

        assert state["errors"][0]["what"] == "This issue's file is gone."
        assert state["issues"] == []
        (folder / "elsewhere.md").rename(file(folder))
        preview.until(lambda state: state["ok"])


def test_settings_a_theme_and_a_picture_are_followed_too(preview, folder):
    picture = folder / "issues" / "images" / "square.png"
    with preview.events() as following:
        following("state")
        settings = folder / "digest.toml"
        settings.write_text(settings.read_text().replace('"News"', '"The Daily"'))
        preview.until(lambda state: state["sender_name"] == "The Daily")

        part = folder / "templates" / "brief" / "parts" / "footer.mjml"
        part.parent.mkdir(parents=True)
        part.write_text("<p>A footer of our own</p>")
        preview.until(lambda state: "A footer of our own" in preview.ask("/source/first").text)

        file(folder).write_text(an_issue("![A square](images/square.png)"))
        assert preview.until(lambda state: not state["ok"])["errors"][0]["line"] == 7
        picture.write_bytes(a_picture())
        preview.until(lambda state: state["ok"] and state["pictures"]["count"] == 1)
        before = preview.ask("/source/first").text
        picture.write_bytes(a_picture("#e0b060"))
        preview.until(lambda state: preview.ask("/source/first").text != before)


def test_a_new_issue_comes_into_the_list(preview, folder):
    with preview.events() as following:
        following("state")
        (folder / "issues" / "second.md").write_text(an_issue(number=2))

        preview.until(lambda state: [each["slug"] for each in state["issues"]] == ["first", "second"])


def test_ctrl_c_ends_it_at_once_with_streams_open_and_frees_the_port(folder):
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    # Not the usual one: another test's preview would take it as soon as it is free.
    with running(folder, "--port", str(port)) as preview, preview.events() as following:
        following("state")
        preview.process.send_signal(2)
        preview.process.wait(20)  # the streams themselves would never end

        assert preview.process.returncode == 0
        assert preview.process.stderr
        said = preview.process.stderr.read().split("\n")
        assert [line for line in said if line] == ["It follows every save. Ctrl-C ends it.", "The preview has ended."]
        with socket.socket() as free:
            assert free.connect_ex(("127.0.0.1", preview.port)) != 0


def test_a_port_that_is_taken_is_passed_over(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with running(folder, "--port", str(port)) as preview:
            assert preview.port > port
            assert preview.state()["ok"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_others_are_let_in_only_when_asked_and_only_by_the_whole_address(folder):
    with running(folder, "--host", "127.0.0.2") as preview:
        path = preview.address.split(f":{preview.port}")[1]
        welcome = preview.ask(path)
        cookie = welcome.headers["set-cookie"].split(";")[0]

        assert preview.ask("/issue/first").status == 403
        assert preview.ask("/issue/first?entry=guessed").status == 403
        assert (welcome.status, "HttpOnly" in welcome.headers["set-cookie"]) == (307, True)
        assert preview.ask("/issue/first", Cookie=cookie).status == 200
        assert preview.ask("/issue/first", host="evil.example", Cookie=cookie).status == 403


def test_once_says_how_the_mail_looks_and_leaves(folder):
    ran = subprocess.run(
        [sys.executable, "-m", "digest", "preview", "first", "--once"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0
    assert ran.stdout.split("\n")[0] == "issues/first.md  The news #1"
    assert "3 stories" in ran.stdout


def test_a_mail_server_that_is_set_meanwhile_makes_a_test_possible(preview, folder):
    with preview.events() as following:
        following("state")
        before = preview.state()
        settings = folder / "digest.toml"
        settings.write_text(settings.read_text() + '\n[export.smtp]\nhost = "127.0.0.1"\n')
        after = preview.until(lambda state: state["can_send"])

    assert not before["can_send"]
    assert before["cannot_send"].startswith("No mail server is set")
    assert after["cannot_send"] == ""


def test_a_page_that_listens_knows_whether_a_test_can_be_sent(preview):
    # The very first may come before that is known; a browser asks again as soon as it listens.
    preview.ask("/issue/first")
    again = preview.ask("/issue/first?key=a-key-of-a-test")
    assert "No mail server is set" in again.text


def test_a_digest_toml_that_is_broken_at_the_start_is_told_and_followed(folder):
    settings = folder / "digest.toml"
    right = settings.read_text()
    settings.write_text(right.replace("]", "", 1))
    with running(folder) as preview, preview.events() as following:
        following("state")
        before = preview.state()
        settings.write_text(right)
        preview.until(lambda state: state["ok"])

    assert [(each["file"], each["line"]) for each in before["errors"]] == [("digest.toml", 1)]
