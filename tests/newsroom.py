"""An editor at a desk: a folder with a newsletter in it, and the commands typed there."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import typer.testing
from typer.testing import CliRunner, Result

from digest.cli.app import app

# Typer makes the whole tree of commands anew for each that is typed; a shell starts with one, too.
typer.testing._get_command = functools.cache(typer.testing._get_command)

CHECKOUT = Path(__file__).resolve().parents[1]

PUBLICATION = """[publication]
name = "News"
sender_email = "ed@news.example"
postal_address = "1 Road, Town"
every = "friday"

[[section]]
title = "Top stories"
"""

ISSUE = """---
number: {number}
date: {date}
---

Good morning.

## Top stories

### [{title}](https://a.example/{number})

A blurb.
"""


def an_issue(*, number: int = 1, date: str = "2024-02-02", title: str = "A story") -> str:
    return ISSUE.format(number=number, date=date, title=title)


class Desk:
    """A folder, and what is typed in it. A command runs in this process; a bug in it raises."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._monkeypatch.setenv("NO_COLOR", "1")
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def type(self, *words: str, at: str = ".", answers: str | None = None) -> Result:
        """`digest` and `words`, typed in the folder or one below it."""
        self._monkeypatch.chdir(self.folder / at)
        return CliRunner().invoke(app, list(words), input=answers, prog_name="digest", catch_exceptions=False)

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def files(self) -> dict[str, bytes]:
        """Every file below the folder, by its name."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def typed(
    *words: str,
    folder: Path,
    env: Mapping[str, str] | None = None,
    first: str = "",
    **options: object,
) -> subprocess.CompletedProcess[str]:
    """`digest` and `words` in a process of its own; `first` is Python that runs before it."""
    return subprocess.run(
        command(words, first),
        cwd=folder,
        env=environment(env),
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
        **{"capture_output": True, **options},  # type: ignore[call-overload]
    )


def command(words: Sequence[str], first: str = "") -> list[str]:
    if first:
        return [sys.executable, "-c", f"{first}\nfrom digest.__main__ import main\nmain()", *words]
    return [sys.executable, "-m", "digest", *words]


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(CHECKOUT), "NO_COLOR": "1", **(env or {})}
