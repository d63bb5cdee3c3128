"""What a command imports: whoever asks for help does not wait for what makes mail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]
#: Each takes between ten and a hundred milliseconds.
_SLOW = {"PIL", "babel", "cssutils", "jinja2", "lxml", "markdown_it", "mjml", "nh3", "premailer", "requests", "rich"}


def imported(*command: str, cwd: Path) -> set[str]:
    """Every module that was imported when `digest` ends."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('\\nIMPORTED', *sys.modules))\n"
        f"sys.argv = ['digest', *{command!r}]\n"
        "from digest.__main__ import main\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.rpartition("IMPORTED")[2].split())


@pytest.mark.parametrize("command", [("--help",), ("--version",), ("build", "--help")])
def test_help_waits_for_nothing_that_makes_mail(command: tuple[str, ...], tmp_path: Path) -> None:
    assert imported(*command, cwd=tmp_path) & _SLOW == set()


def test_a_build_waits_for_pillow_with_new_pictures_only_and_never_for_the_network(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "issues").mkdir()
    (tmp_path / "digest.toml").write_text('[publication]\nname = "Post"\nsender_email = "a@post.example"\n', "utf-8")
    story = "### [A story](https://news.example/a)\n\n![A red field](red.png)\n\nWords.\n"
    head = "---\ntitle: Post\ndate: 2026-11-06\n---\n"
    (tmp_path / "issues" / "1.md").write_text(f"{head}\n## Top\n\n{story}", "utf-8")
    Image.new("RGB", (640, 480), "red").save(tmp_path / "issues" / "red.png")

    first, second = imported("build", cwd=tmp_path), imported("build", cwd=tmp_path)

    assert "PIL.Image" in first
    # urllib3 is what requests is slow by; babel is for languages other than English.
    assert second & {"PIL.Image", "urllib3", "babel", "digest.web", "digest.exporters.base"} == set()
