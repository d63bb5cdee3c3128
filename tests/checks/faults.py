"""A bench of faults: a sample of the newsletter, one thing in it spoilt, and what a check has to say of that."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.models import Email, Finding
from digest.project import Project
from digest.proofreading import report

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = ("011", "012", "letter-04")

#: From one text to another: pairs of what stands there and what is to stand there, or a function.
Edit = tuple[tuple[str, str], ...] | Callable[[str], str]


@dataclass(frozen=True)
class Fault:
    """A sample spoilt in one place."""

    #: What was done to it; the test's name.
    name: str
    check: str
    rule: str
    #: Words of the line that is to be named, as the spoilt file has it; "" where no line can be named.
    line: str = ""
    #: The title of the story that is to be named.
    story: str = ""
    issue: str = "012"
    #: The file that the line is looked for in.
    file: str = ""
    #: What is done to the issue's Markdown, to digest.toml, to the finished mail.
    text: Edit = ()
    settings: Edit = ()
    email: Callable[[Email], Email] = lambda email: email
    #: Further files of the publication, by name.
    files: tuple[tuple[str, str], ...] = ()
    service: str = ""
    level: str = ""
    #: The day on which somebody looks; None for the one it is.
    today: date | None = None


class Newsroom:
    """The sample publication in a folder of its own, whole again before every fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(CHECKOUT / "issues", folder / "issues")
        shutil.copy(CHECKOUT / "digest.toml", folder / "digest.toml")
        self._whole = {path: path.read_bytes() for path in self._texts()}

    def proofread(self, fault: Fault) -> list[Finding]:
        """What the fault's own check finds in the spoilt sample."""
        self.restore()
        _spoil(self.folder / f"issues/{fault.issue}.md", fault.text)
        _spoil(self.folder / "digest.toml", fault.settings)
        for name, content in fault.files:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
        project = Project(self.folder)
        email = fault.email(project.render(fault.issue))
        found = report(project, fault.issue, email, only=(fault.check,), service=fault.service, today=fault.today)
        return list(found.findings)

    def line(self, fault: Fault) -> int | None:
        """The number of the line that a fault names."""
        if not fault.line:
            return None
        path = self.folder / (fault.file or f"issues/{fault.issue}.md")
        lines = path.read_text("utf-8").split("\n")
        return next(number for number, text in enumerate(lines, 1) if fault.line in text)

    def restore(self) -> None:
        for path in self._texts():
            if path not in self._whole:
                path.unlink()
        for path, content in self._whole.items():
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)

    def _texts(self) -> list[Path]:
        found = [path for path in self.folder.rglob("*") if path.is_file()]
        return [path for path in found if "images" not in path.parts and ".digest" not in path.parts]


def _spoil(path: Path, edit: Edit) -> None:
    text = path.read_bytes().decode()
    if callable(edit):
        after = edit(text)
    else:
        after = text
        for old, new in edit:
            assert old in after, f"{path.name} holds no {old!r}"
            after = after.replace(old, new, 1)
    if after != text:
        path.write_bytes(after.encode())
