"""`digest init`: a newsletter that builds at once, and nothing that was there before is touched."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from newsroom import Desk, command, environment, typed

from digest import config

MADE = {".gitignore", "digest.toml", "issues/001.md", "issues/images/welcome.png"}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path / "my-weekly news", monkeypatch)


def test_a_new_newsletter_builds_at_once(desk: Desk) -> None:
    started = desk.type("init", "--yes")
    assert (started.exit_code, set(started.stdout.split())) == (0, MADE)
    assert set(desk.files()) == MADE
    assert desk.type("build").exit_code == 0


def test_flags_are_what_digest_toml_says(desk: Desk) -> None:
    words = ["--name", "Moths", "--sender", "Ada", "--email", "ada@moths.example", "--address", "1 Wing Road"]
    words += ["--url", "https://moths.example", "--language", "de", "--timezone", "Asia/Tokyo"]
    assert desk.type("init", *words, "--every", "month", "--theme", "letter").exit_code == 0
    found = config.read(desk.folder / "digest.toml")
    assert (found.name, found.sender_name, found.sender_email) == ("Moths", "Ada", "ada@moths.example")
    assert (found.postal_address, found.url, found.language) == ("1 Wing Road", "https://moths.example", "de")
    assert (found.timezone, found.every, found.theme) == ("Asia/Tokyo", "month", "letter")
    assert desk.type("build").exit_code == 0


def test_the_name_is_the_folders_unless_said(desk: Desk) -> None:
    desk.type("init", "-y")
    assert config.read(desk.folder / "digest.toml").name == "My Weekly News"


@pytest.mark.parametrize(
    "name", ['The "Quoted" \\ Backslash', "می‌خواهم 👩‍👩‍👧", "{{ x }} {% y %} # z", "'''", "週報", "[[section]]"]
)
def test_any_name_survives_into_the_mail(desk: Desk, name: str) -> None:
    assert desk.type("init", "--yes", f"--name={name}").exit_code == 0
    assert config.read(desk.folder / "digest.toml").name == name
    assert desk.type("build").exit_code == 0
    assert name in desk.read("build/001/email.txt")


def test_a_second_start_refuses_and_touches_nothing(desk: Desk) -> None:
    desk.type("init", "--yes")
    desk.write("issues/001.md", "mine now")
    before = desk.files()
    again = desk.type("init", "--yes", "--name", "Other")
    assert again.exit_code == 1
    assert "There is a newsletter here already; nothing was written.\n  digest.toml\n" in again.stderr
    assert desk.files() == before


def test_files_that_are_there_already_stay(desk: Desk) -> None:
    desk.write(".gitignore", "mine\n")
    started = desk.type("init", "--yes")
    assert ".gitignore" not in started.stdout
    assert desk.read(".gitignore") == "mine\n"


def test_where_there_are_issues_no_first_one_is_made_up(desk: Desk) -> None:
    desk.write("issues/2019-01-04.md", "# An old one\n")
    assert desk.type("init", "--yes").exit_code == 0
    assert set(desk.files()) == {".gitignore", "digest.toml", "issues/2019-01-04.md"}


def test_an_interrupted_start_can_be_made_again(desk: Desk) -> None:
    desk.type("init", "--yes")
    (desk.folder / "digest.toml").unlink()
    again = desk.type("init", "--yes")
    assert (again.exit_code, again.stdout) == (0, "digest.toml\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--every", "fryday"], '(did you mean "friday"?)'),
        (["--theme", "lettr"], '(did you mean "letter"?)'),
        (["--timezone", "Mars"], "'--timezone': should be a time zone"),
        (["--email", "ada"], "'--email': should be an address"),
        (["--url", "moths.example"], "'--url': should be a web address"),
        (["--language", "x y"], "'--language': should be a language"),
        (["--name", "two\nlines"], "'--name': should be a line of text"),
        (["--address", "bell\x07"], "'--address': should be a text without control characters"),
    ],
)
def test_an_answer_that_cannot_be_is_a_wrong_use(desk: Desk, words: list[str], told: str) -> None:
    result = desk.type("init", "--yes", *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert desk.files() == {}


def test_it_says_how_to_go_on_from_here(desk: Desk) -> None:
    assert "\n    cd 'over here' && digest build --open\n" in desk.type("init", "over here", "--yes").stderr
    assert "\n    digest build --open\n" in desk.type("init", "--yes").stderr


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ([], "(sender_email, postal_address)"),
        (["--email", "ada@moths.example"], "(postal_address)"),
        (["--address", "1 Wing Road"], "(sender_email)"),
    ],
)
def test_an_address_that_is_still_the_examples_is_named(desk: Desk, words: list[str], left: str) -> None:
    assert f"Before you send: put your own address into digest.toml {left}." in desk.type("init", "-y", *words).stderr


def test_who_gave_all_addresses_is_asked_for_none(desk: Desk) -> None:
    started = desk.type("init", "-y", "--email", "ada@moths.example", "--address", "1 Wing Road")
    assert "Before you send" not in started.stderr


def test_a_file_in_the_place_of_the_folder_is_told(desk: Desk) -> None:
    desk.write("taken", "mine")
    result = desk.type("init", "taken", "--yes")
    assert result.exit_code == 1
    assert "Cannot write" in result.stderr
    assert desk.files() == {"taken": b"mine"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_told(desk: Desk) -> None:
    desk.folder.chmod(0o500)
    result = desk.type("init", "--yes")
    assert result.exit_code == 1
    assert "you may not write there" in result.stderr


@pytest.mark.parametrize("every", config.RHYTHMS)
def test_the_first_issue_is_due_today_or_later(desk: Desk, every: str) -> None:
    desk.type("init", "--yes", "--every", every)
    found = re.search(r"^date: (.*)$", desk.read("issues/001.md"), re.MULTILINE)
    assert found
    assert date.fromisoformat(found[1]) >= date.today()


def test_without_a_terminal_nothing_is_asked(desk: Desk) -> None:
    result = typed("init", folder=desk.folder, input="")
    assert (result.returncode, set(result.stdout.split())) == (0, MADE)


def test_a_closed_input_and_output_are_no_terminal(desk: Desk) -> None:
    result = typed("init", folder=desk.folder, first="import sys; sys.stdin = sys.stdout = None")
    assert (result.returncode, set(desk.files())) == (0, MADE)


def at_a_terminal(desk: Desk, *words: str, answers: dict[str, str]) -> tuple[int, str]:
    """Exit code and screen of a command in a terminal, each question answered when it has been asked."""
    import pty

    child, screen = pty.fork()
    if child == 0:  # pragma: no cover  # another process
        # Whoever runs the tests in the background has them ignore Ctrl-C, and a child inherits that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(desk.folder)
        os.execvpe(sys.executable, command(words), environment())
    shown = ""
    waiting = dict(answers)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            piece = os.read(screen, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece.decode()
        for question in [each for each in waiting if each in shown]:
            os.write(screen, waiting.pop(question).encode())
    os.close(screen)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


QUESTIONS = {
    "Name of the newsletter": "Moths\n",
    "Who the mail comes from [Moths]": "\n",
    "The address it comes from": "ada\n",
    "This should be an address such as editor@example.org.": "ada@moths.example\n",
    "Your postal address": "1 Wing Road\n",
    "The language you write in": "\n",
    "How often": "sunday\n",
    "How it looks": "\n",
}


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.usefixtures("terminal")
def test_in_a_terminal_it_asks_and_asks_again_after_a_wrong_answer(desk: Desk) -> None:
    code, shown = at_a_terminal(desk, "init", answers=QUESTIONS)
    assert code == 0, shown
    found = config.read(desk.folder / "digest.toml")
    assert (found.name, found.sender_name, found.sender_email) == ("Moths", "Moths", "ada@moths.example")
    assert (found.postal_address, found.every, found.theme) == ("1 Wing Road", "sunday", "brief")


@pytest.mark.parametrize(
    ("here", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de-AT"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "fr_FR"}, "fr-FR"),
        ({"LANG": "ja"}, "ja"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fi_FI.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_mail_speaks_the_language_of_the_machine_where_it_can(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, here: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in here.items():
        monkeypatch.setenv(name, value)
    desk.type("init", "--yes")
    assert config.read(desk.folder / "digest.toml").language == language
    assert desk.type("build").exit_code == 0


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.usefixtures("terminal")
def test_what_was_said_on_the_command_line_is_not_asked(desk: Desk) -> None:
    rest = {question: answer for question, answer in QUESTIONS.items() if "Name" not in question}
    code, shown = at_a_terminal(desk, "init", "--name", "Moths", "--every", "day", answers=rest)
    assert code == 0, shown
    assert "Name of the newsletter" not in shown
    assert "How often" not in shown


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("key", ["\x03", "\x04"])
@pytest.mark.usefixtures("terminal")
def test_ctrl_c_at_a_question_leaves_nothing_behind(desk: Desk, key: str) -> None:
    code, shown = at_a_terminal(desk, "init", answers={"Name of the newsletter": "Moths\n", "Who the mail": key})
    assert code == 130
    assert "Traceback" not in shown
    assert desk.files() == {}
