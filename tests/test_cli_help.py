"""What `--help` says, and what a command says that was typed wrongly: in words, and every sentence whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from newsroom import Desk
from typer.testing import CliRunner

from digest.cli.app import app


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    desk.type("init", "--yes")
    return desk


def help_of(*words: str, columns: int = 80) -> str:
    result = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": str(columns)}, prog_name="digest")
    assert result.exit_code == 0, result.output
    return result.output


def commands(group: Any, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if hasattr(command, "commands"):
            yield from commands(command, *before, name)


EVERY = tuple(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("columns", [40, 80])
def test_no_sentence_about_a_command_is_cut_off(columns: int) -> None:
    said = help_of(columns=columns)
    assert "..." not in said.replace("COMMAND [ARGS]...", "")
    assert "unless asked otherwise." in " ".join(said.split())


def test_commands_stand_under_headings_in_the_order_of_an_issues_week() -> None:
    headings = re.findall(r"^(\S.*):$", help_of(), re.MULTILINE)
    assert headings[1:] == [
        "An issue",
        "To your readers",
        "A week's stories",
        "Into the issue",
        "What ran",
        "How it looks",
    ]


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_help_names_no_programmers_type(words: tuple[str, ...]) -> None:
    said = help_of(*words)
    assert re.findall(r"<\w+(?:\[\w+\])?>|list\[|default: latest|<=x|\{|\.\.\.\]?\.\.\.", said) == []


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_help_explains_whatever_can_be_typed(words: tuple[str, ...]) -> None:
    said = help_of(*words, columns=200)
    rows = re.findall(r"^  (\S.*)$", said.partition("Arguments:")[2] or said.partition("Options:")[2], re.MULTILINE)
    assert [row for row in rows if "  " not in row.strip()] == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("inbox --days x", "'--days': should be a whole number."),
        ("inbox --limit -1", "'--limit': should be 0 or more."),
        ("shots --width 5", "'--width': should be 240 or more."),
        ("preview --port 99999", "'--port': should be 65535 or less."),
        ("shots --mode sepia", "should be one of 'light', 'dark', 'inverted', 'no-pictures', not \"sepia\"."),
        ("later bb --until tomorrow", "'--until': should be a day such as 2026-11-27, not \"tomorrow\"."),
        ("new --date 2026-02-30", "'--date': should be a day such as 2026-11-27, not \"2026-02-30\"."),
        ("sent", "Missing argument 'ISSUE'. A name, a number or a file."),
        ("skip", "Missing argument 'ID...'. As the inbox shows them."),
        ("themes eject", "Missing argument 'PART'. Such as \"footer.mjml\""),
        ("biuld", "Did you mean 'build'?"),
        ("build --opne", "--open"),
    ],
)
def test_what_was_typed_wrongly_is_told_in_words(desk: Desk, typed: str, told: str) -> None:
    result = desk.type(*typed.split())
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Input should" not in result.stderr
    assert "Value error" not in result.stderr
