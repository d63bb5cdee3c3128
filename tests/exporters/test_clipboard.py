"""The clipboard gets headings, links and pictures, for services that take an issue by pasting alone."""

from __future__ import annotations

import base64
import io
import os
import signal
import sys
from pathlib import Path

import pytest
from newsroom import PUBLICATION, Desk, an_issue, typed
from PIL import Image

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the system's own clipboard is asked there")


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stand-in for xclip leaves what it was given."""
    programs, got = tmp_path / "bin", tmp_path / "clipboard"
    programs.mkdir()
    xclip = programs / "xclip"
    xclip.write_text(f'#!/bin/sh\necho "$@" > {got}.words\ncat > {got}\n')
    xclip.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return got


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    desk.write("digest.toml", PUBLICATION)
    desk.write("issues/001.md", an_issue())
    return desk


@pytest.fixture
def boat(desk: Desk) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (400, 300), "#35604f").save(drawn, "PNG")
    desk.write("issues/images/boat.png", drawn.getvalue())
    desk.write("issues/001.md", an_issue().replace("A blurb.", "![A boat](images/boat.png)\n\nA blurb."))


def test_what_is_pasted_has_headings_and_links_and_no_comments(desk: Desk, screen: Path) -> None:
    desk.write("issues/001.md", desk.read("issues/001.md").replace("A blurb.", "A **blurb**.<!-- mine -->"))
    ended = desk.type("export", "clipboard")
    assert (ended.exit_code, ended.stdout) == (0, "On the clipboard: paste it.\n")
    assert "-t text/html" in Path(f"{screen}.words").read_text()
    pasted = screen.read_text("utf-8")
    assert '<h3><a href="https://a.example/1">A story</a></h3>' in pasted
    assert "<strong>blurb</strong>" in pasted
    assert "mine" not in pasted


def test_who_reads_what_is_said_does_not_wait_for_the_program_that_keeps_the_clipboard(
    desk: Desk, screen: Path
) -> None:
    xclip = screen.parent / "bin" / "xclip"
    xclip.write_text("#!/bin/sh\ncat > /dev/null\nsleep 30 &\necho $! > " + f"{screen}.keeper\n")
    try:
        ended = typed("export", "clipboard", folder=desk.folder)
        assert (ended.returncode, ended.stdout) == (0, "On the clipboard: paste it.\n"), ended.stderr
    finally:
        os.kill(int(Path(f"{screen}.keeper").read_text()), signal.SIGTERM)


def test_a_picture_that_is_nowhere_on_the_web_goes_along(desk: Desk, boat: None, screen: Path) -> None:
    assert desk.type("export", "clipboard").exit_code == 0
    start = screen.read_text("utf-8").partition('src="data:image/png;base64,')[2]
    assert base64.b64decode(start.partition('"')[0]).startswith(b"\x89PNG")


def test_a_picture_on_the_web_is_pasted_by_its_address(desk: Desk, boat: None, screen: Path) -> None:
    web = PUBLICATION.replace("[publication]", '[publication]\nassets_url = "https://pictures.example/"')
    desk.write("digest.toml", web)
    assert desk.type("export", "clipboard").exit_code == 0
    assert 'src="https://pictures.example/boat-' in screen.read_text("utf-8")


def test_without_a_screen_the_way_out_is_told(desk: Desk, screen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    ended = desk.type("export", "clipboard")
    assert ended.exit_code == 1
    assert "digest export markdown" in ended.stderr
    assert not screen.exists()


def test_an_issue_with_a_todo_is_left_where_it_is(desk: Desk, screen: Path) -> None:
    desk.write("issues/001.md", desk.read("issues/001.md") + "\n<!-- TODO the last line -->\n")
    for place in ("clipboard", "folder", "markdown"):
        ended = desk.type("export", place, "--force")
        assert ended.exit_code == 3
        assert "A TODO stands here still" in ended.stderr
    assert not screen.exists()
