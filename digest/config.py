"""digest.toml: what the publication is, read with every mistake told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest import decode, files
from digest.errors import BadValue, CannotRead, DigestError, Mistakes, UnknownKey, near
from digest.models import Publication, SectionPlan

NAME = "digest.toml"

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: What `every` may say.
RHYTHMS = (*WEEKDAYS, "day", "week", "fortnight", "month")

_TABLES = ("publication", "section", "theme", "words")


def read(path: Path) -> Publication:
    """The publication that a digest.toml describes. Raises Mistakes with all that is wrong in it."""
    return parse(files.read(path), path)


def parse(content: bytes, path: Path) -> Publication:
    """The publication that the bytes of a digest.toml describe. `path` is where mistakes are said to be."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotRead(path, "it is not UTF-8 text", hint="Save it again as UTF-8.") from error
    data, lines = decode.toml(text.replace("\r\n", "\n"), path)
    mistakes: list[DigestError] = []
    for key in data:
        if key not in _TABLES:
            mistakes.append(UnknownKey(key, NAME, _TABLES, path=path, line=lines.get(key, lines.get(f"{key}.0"))))
    publication = decode.table(
        Publication,
        _table(data, "publication", lines, path, mistakes),
        where="[publication]",
        mistakes=mistakes,
        path=path,
        line_of=lambda key: lines.get(f"publication.{key}", lines.get("publication")),
        checks=_CHECKS,
        given={
            "sections": _sections(data.get("section", []), lines, path, mistakes),
            "options": _table(data, "theme", lines, path, mistakes),
            "words": _words(_table(data, "words", lines, path, mistakes), lines, path, mistakes),
            "path": path,
            "lines": lines,
        },
    )
    if mistakes or publication is None:
        raise Mistakes(mistakes)
    return publication


def time_zone(name: str) -> ZoneInfo:
    """The zone; UTC for a name that this machine does not know, which `read` has told already."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _table(
    data: Mapping[str, Any], name: str, lines: Mapping[str, int], path: Path, mistakes: list[DigestError]
) -> dict[str, Any]:
    value = data.get(name, {})
    if isinstance(value, dict):
        return value
    mistakes.append(BadValue(name, f"a table that begins with [{name}]", value, path=path, line=lines.get(name)))
    return {}


def _words(
    table: Mapping[str, Any], lines: Mapping[str, int], path: Path, mistakes: list[DigestError]
) -> dict[str, str]:
    for key, value in table.items():
        if not isinstance(value, str):
            mistakes.append(BadValue(key, "a text in quotes", value, path=path, line=lines.get(f"words.{key}")))
    return {key: value for key, value in table.items() if isinstance(value, str)}


def _sections(
    tables: Any, lines: Mapping[str, int], path: Path, mistakes: list[DigestError]
) -> tuple[SectionPlan, ...]:
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        mistakes.append(
            BadValue(
                "section", "tables that begin with [[section]]", "something else", path=path, line=lines.get("section")
            )
        )
        return ()
    plans: list[SectionPlan] = []
    for index, each in enumerate(tables):
        key_line = lines.get(f"section.{index}")
        plan = decode.table(
            SectionPlan,
            each,
            where="[[section]]",
            mistakes=mistakes,
            path=path,
            line_of=lambda key, index=index, other=key_line: lines.get(f"section.{index}.{key}", other),  # type: ignore[misc]
            checks={"title": _one_line},
        )
        if plan is None:
            continue
        if any(plan.title.casefold() == other.title.casefold() for other in plans):
            mistakes.append(
                DigestError(f'Two sections are called "{plan.title}".', path=path, line=key_line, hint="Rename one.")
            )
        plans.append(plan)
    return tuple(plans)


def _one_line(value: str) -> str:
    return "" if value.strip() and value.isprintable() else "a line of text"


def _address(value: str) -> str:
    local, at, domain = value.rpartition("@")
    fine = at and local and "." in domain.strip(".") and value.isprintable() and not re.search(r"[\s<>,;:\"()]", value)
    return "" if not value or fine else "an address such as editor@example.org"


def _needed(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: check(value) if value else check(" ")


def _web(value: str) -> str:
    try:
        parts = urlsplit(value)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", value)
    except ValueError:
        fine = False
    return "" if not value or fine else "a web address that begins with https://"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return 'a time zone such as "Europe/Copenhagen" or "America/New_York"'
    return ""


def _rhythm(value: str) -> str:
    if not value or value.casefold() in RHYTHMS:
        return ""
    guess = near(value, RHYTHMS)
    return f'a weekday, "day", "week", "fortnight" or "month"{f" (did you mean {guess}?)" if guess else ""}'


def _clock(value: str) -> str:
    return "" if re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value) else 'a time of day such as "09:00"'


def _language(value: str) -> str:
    fine = re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", value)
    return "" if fine else 'a language such as "en", "de" or "pt-BR"'


_CHECKS: Mapping[str, Callable[[Any], str]] = {
    "name": _needed(_one_line),
    "sender_name": lambda value: _one_line(value) if value else "",
    "sender_email": lambda value: _address(value) if value else "an address such as editor@example.org",
    "reply_to": _address,
    "unsubscribe_email": _address,
    "url": _web,
    "assets_url": _web,
    "unsubscribe_url": _web,
    "view_url": _web,
    "timezone": _zone,
    "language": _language,
    "every": _rhythm,
    "at": _clock,
    "theme": _one_line,
}
