"""What stands in the README about a service is what the service understands."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from digest import plugins
from digest.exporters.base import Service, settings_of

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
SERVICES = [name for name in plugins.names("exporters") if hasattr(plugins.load("exporters", name), "Exporter")]


@pytest.mark.parametrize("name", SERVICES)
def test_every_key_of_a_service_is_shown_in_the_readme_and_can_be_read(name: str) -> None:
    exporter: type[Service] = plugins.load("exporters", name).Exporter
    fences = re.findall(rf"^```toml\n(\[export\.{name}\]\n.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert len(fences) == 1, f"README shows no [export.{name}]"
    table = tomllib.loads(fences[0])["export"][name]
    mistakes: list[Exception] = []
    settings_of(exporter, name, table, mistakes=mistakes)  # type: ignore[arg-type]
    assert mistakes == []
    known = {each.name for each in dataclasses.fields(exporter.settings_class)} - {"url", "extra"}
    assert known - table.keys() <= {"to_name"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_in_one_line_what_it_is(name: str) -> None:
    said = (plugins.load("exporters", name).__doc__ or "").strip().partition("\n")[0]
    assert said.endswith(".")
    assert len(said) < 130
