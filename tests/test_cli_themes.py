"""`digest themes`: what a mail can look like, and how to make it one's own."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from newsroom import PUBLICATION, Desk, an_issue


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    desk.write("digest.toml", PUBLICATION)
    desk.write("issues/001.md", an_issue())
    return desk


def test_themes_are_told_with_their_layouts_and_options(desk: Desk) -> None:
    result = desk.type("themes")
    assert result.exit_code == 0
    for word in ("brief: ", "letter: ", "rows ", "accent "):
        assert word in result.stdout
    assert "footer.mjml" in result.stderr


def test_themes_are_told_outside_a_newsletter_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "brief: " in Desk(tmp_path / "empty", monkeypatch).type("themes").stdout


def test_a_script_gets_json(desk: Desk) -> None:
    said = {each["name"]: each for each in json.loads(desk.type("themes", "--json").stdout)}
    assert {"brief", "letter"} <= said.keys()
    assert said["brief"]["options"]["accent"]["kind"] == "colour"
    assert "rows" in said["brief"]["layouts"]
    assert "parts/footer.mjml" in said["brief"]["parts"]


@pytest.mark.parametrize("part", ["footer.mjml", "parts/footer.mjml"])
def test_an_ejected_part_takes_the_place_of_the_themes(desk: Desk, part: str) -> None:
    result = desk.type("themes", "eject", part)
    assert (result.exit_code, result.stdout) == (0, "templates/brief/parts/footer.mjml\n")
    desk.type("build")
    before = desk.read("build/001/email.html")
    own = desk.folder / "templates/brief/parts/footer.mjml"
    own.write_text(own.read_text("utf-8").replace("{{ mail.reason }}", "Our own end"), "utf-8")
    assert desk.type("build").exit_code == 0
    assert "Our own end" not in before
    assert "Our own end" in desk.read("build/001/email.html")


def test_a_part_of_another_theme_can_be_ejected(desk: Desk) -> None:
    result = desk.type("themes", "eject", "footer.mjml", "--theme", "letter")
    assert result.stdout == "templates/letter/parts/footer.mjml\n"


def test_a_part_that_is_ones_own_is_not_written_over(desk: Desk) -> None:
    desk.write("templates/brief/parts/footer.mjml", "mine")
    before = desk.files()
    result = desk.type("themes", "eject", "footer.mjml")
    assert result.exit_code == 1
    assert "This part is your own already.\n  templates/brief/parts/footer.mjml" in result.stderr
    assert desk.files() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["foter.mjml"], 'The theme "brief" has no part "foter.mjml". Did you mean "footer.mjml"?'),
        (["../../x"], 'has no part "../../x".'),
        (["footer.mjml", "--theme", "leter"], 'There is no theme "leter". Did you mean "letter"?'),
        (["footer.mjml", "--theme", "../brief"], 'There is no theme "../brief".'),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(desk: Desk, words: list[str], told: str) -> None:
    before = desk.files()
    result = desk.type("themes", "eject", *words)
    assert result.exit_code == 1
    assert told in result.stderr
    assert desk.files() == before


def test_a_file_in_the_place_of_the_folder_is_told(desk: Desk) -> None:
    desk.write("templates", "mine")
    result = desk.type("themes", "eject", "footer.mjml")
    assert result.exit_code == 1
    assert "Cannot write: " in result.stderr


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_told(desk: Desk) -> None:
    desk.folder.chmod(0o500)
    result = desk.type("themes", "eject", "footer.mjml")
    assert result.exit_code == 1
    assert "you may not write there" in result.stderr
