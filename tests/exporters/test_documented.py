"""What the documents say of a service is what the service understands and can."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from digest import plugins
from digest.exporters.base import Mailer, Service
from digest.services.settings import settings_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/services.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
#: Keys that decide what digest does, or of which no refusal is known.
NEVER_REFUSED = {
    "brevo": {"to_field", "tag", "adds_utm"},
    "campaignmonitor": {"timezone"},
    "ghost": {"email_only"},
    "keila": {"project", "track"},
    "kit": {"public"},
    "listmonk": {"template", "archive"},
}
SERVICES = [name for name in plugins.names("exporters") if hasattr(plugins.load("exporters", name), "Exporter")]
#: Those that keep drafts.
DRAFTING = [name for name in SERVICES if not issubclass(plugins.load("exporters", name).Exporter, Mailer)]


def documented(name: str) -> Any:
    """The settings that docs/services.md shows; every key of a service is among them."""
    exporter: type[Service] = plugins.load("exporters", name).Exporter
    fences = re.findall(rf"^```toml\n(\[export\.{name}\]\n.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(fences) == 1, f"docs/services.md shows no [export.{name}]"
    table = tomllib.loads(fences[0])["export"][name]
    mistakes: list[Exception] = []
    settings = settings_of(exporter, name, table, mistakes=mistakes)  # type: ignore[arg-type]
    assert mistakes == []
    assert keys_of(exporter) - table.keys() == set()
    return settings


def keys_of(exporter: type[Service]) -> set[str]:
    return {each.name for each in dataclasses.fields(exporter.settings_class)} - {"url", "extra"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_key_of_a_service_is_shown_and_can_be_read(name: str) -> None:
    assert documented(name)


@pytest.mark.parametrize("name", SERVICES)
def test_the_readme_compares_services_as_they_are(name: str) -> None:
    exporter: type[Service] = plugins.load("exporters", name).Exporter
    (row,) = re.findall(rf"^\| \[[^\]]+\]\(docs/services\.md#([a-z-]+)\) \| `{name}` \|(.*)\|$", README, re.MULTILINE)
    can = exporter.can
    pictures = "kept there" if can.pictures else "in the mail" if can.encloses else "your web"
    said = ["yes" if yes else "" for yes in (exporter.keeps_drafts, can.text, can.preheader)]
    said += [pictures, *("yes" if yes else "" for yes in (can.test, can.schedule, can.send))]
    assert [cell.strip() for cell in row[1].split("|")] == said
    assert f"](#{row[0]})" in PAGE


class _Listening:
    """Hears which of the vendor's words an exporter knows, and asks nothing."""

    base = "https://lists.example"

    def open(self, base: str, **told: Any) -> None:
        self.fields = told.get("fields") or {}


@pytest.mark.parametrize("name", DRAFTING)
def test_what_a_service_may_refuse_is_told_by_the_key_that_an_editor_wrote(name: str) -> None:
    exporter: type[Service] = plugins.load("exporters", name).Exporter
    session = _Listening()
    exporter(documented(name), exporter.example, session)  # type: ignore[arg-type]
    if not session.fields:
        pytest.skip("nobody knows what it says when it refuses a field")
    told = " ".join(session.fields.values())
    refused = keys_of(exporter) - NEVER_REFUSED.get(name, set())
    assert {key for key in refused if not re.search(rf"\b{key}\b[^;]*\[export\.{name}\]", told)} == set()


@pytest.mark.parametrize("name", DRAFTING)
def test_what_does_not_arrive_is_said_in_a_sentence(name: str) -> None:
    can = plugins.load("exporters", name).Exporter.can
    said = " ".join(can.cannot)
    assert can.text or re.search("its own text part.*; yours is not used", said)
    assert can.test or "no test" in said
    assert all((each[0].isupper() or each.startswith(name)) and each.endswith(".") for each in can.cannot)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_in_one_line_what_it_is(name: str) -> None:
    said = (plugins.load("exporters", name).__doc__ or "").strip().partition("\n")[0]
    assert said.endswith(".")
    assert len(said) < 130
