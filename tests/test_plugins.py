"""A name becomes a plugin: ours, or one that another package brings by an entry point."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import plugins
from digest.exporters import folder


@pytest.fixture
def another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package that brings the checks "haiku", "torn", "word" and a service called "folder"."""
    (tmp_path / "haiku.py").write_text('"""Whether the subject is a haiku."""\n', "utf-8")
    (tmp_path / "torn.py").write_text("raise OSError('half of it is missing')\n", "utf-8")
    facts = tmp_path / "haiku-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: haiku\nVersion: 1.0\n", "utf-8")
    (facts / "entry_points.txt").write_text(
        "[digest.checks]\nhaiku = haiku\ntorn = torn\nword = os:sep\n[digest.exporters]\nfolder = haiku\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "haiku", raising=False)
    plugins.names.cache_clear()
    yield tmp_path
    plugins.names.cache_clear()


def test_somebody_elses_check_is_found_by_its_entry_point(another_package: Path) -> None:
    assert "haiku" in plugins.names("checks")
    assert plugins.load("checks", "haiku").__doc__ == "Whether the subject is a haiku."


def test_ours_wins_over_somebody_elses_of_the_same_name(another_package: Path) -> None:
    assert plugins.load("exporters", "folder") is folder


def test_what_plugins_lean_on_is_no_plugin() -> None:
    assert "base" not in plugins.names("checks")


@pytest.mark.parametrize(("name", "why"), [("torn", "OSError: half of it is missing"), ("word", "it is no module")])
def test_a_plugin_that_cannot_be_loaded_is_named_with_the_reason(another_package: Path, name: str, why: str) -> None:
    with pytest.raises(plugins.BrokenPlugin) as caught:
        plugins.load("checks", name)
    assert caught.value.what == f'"{name}", which another package brings to digest.checks, cannot be loaded: {why}.'


def test_a_misspelt_service_is_answered_with_the_one_meant() -> None:
    with pytest.raises(plugins.NoSuchPlugin) as caught:
        plugins.load("exporters", "foldr")
    assert caught.value.what == 'There is no service "foldr". Did you mean "folder"?'
    assert caught.value.exit_code == 2
