"""digest.toml: what the publication is, read with every mistake told at once."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest import decode, files, urls
from digest.errors import BadValue, DigestError, Mistakes, UnknownKey, near
from digest.models import CheckPlan, FeedPlan, PreviewPlan, Publication, SectionPlan, UtmPlan, WebPlan

T = TypeVar("T")
P = TypeVar("P", WebPlan, CheckPlan, PreviewPlan, UtmPlan)
Checks = Mapping[str, Callable[[Any], str]]

NAME = "digest.toml"

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: What `every` may say.
RHYTHMS = (*WEEKDAYS, "day", "week", "fortnight", "month")

# What would end the line in some editor or mail client: C0, DEL, C1 and Unicode's two separators.
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_IN_AN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f-\x9f<>,;:\"()]")

_TABLES = ("publication", "section", "feed", "theme", "words", "web", "check", "preview", "utm", "export")
_UTM = ("source", "medium", "campaign", "content", "term")
#: What `[check] require` can ask of every story.
NEEDS = ("link", "source", "date", "author", "picture")
_SETTINGS = frozenset(each.name for each in dataclasses.fields(Publication)) - {
    "sections",
    "feeds",
    "web",
    "check",
    "preview",
    "utm",
    "exports",
    "options",
    "words",
    "path",
    "lines",
}


def read(path: Path) -> Publication:
    """The publication that a digest.toml describes. Raises CannotRead, or Mistakes with all that is wrong in it."""
    return parse(files.read(path), path)


def parse(content: bytes, path: Path) -> Publication:
    """The publication that the bytes of a digest.toml describe. `path` is where mistakes are said to be."""
    data, lines = decode.toml(decode.text(content, path), path)
    return _Reader(data, lines, path).publication()


def wanted(key: str, value: str) -> str:
    """What `[publication]` wants for `key` instead of a text like `value`; "" when it is fine."""
    return _CHECKS[key](value) if key in _CHECKS else ""


def time_zone(name: str) -> ZoneInfo:
    """The zone; UTC for a name that this machine does not know, which `read` has told already."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class _Reader:
    """One digest.toml, and what is wrong in it."""

    data: Mapping[str, Any]
    lines: Mapping[str, int]
    path: Path
    mistakes: list[DigestError] = field(default_factory=list)

    def publication(self) -> Publication:
        self._check_tables()
        table = self._table("publication")
        given = {
            "sections": self._sections(),
            "feeds": self._feeds(),
            "web": self._plan("web", WebPlan, {"allow_private": _networks}),
            "check": self._plan("check", CheckPlan, {"require": _needs}),
            "preview": self._plan("preview", PreviewPlan, {"editor": _line_or_none}),
            "utm": self._plan("utm", UtmPlan, dict.fromkeys(_UTM, _line_or_none)),
            "exports": self._exports(),
            "options": self._table("theme"),
            "words": self._words(),
            "path": self.path,
            "lines": self.lines,
        }
        publication = None
        if isinstance(self.data.get("publication"), dict):
            publication = decode.table(
                Publication,
                table,
                where="[publication]",
                mistakes=self.mistakes,
                path=self.path,
                line_of=lambda key: self.lines.get(f"publication.{key}", self.lines.get("publication")),
                checks=_CHECKS,
                given=given,
            )
        if self.mistakes or publication is None:
            raise Mistakes(self.mistakes)
        return publication

    def _check_tables(self) -> None:
        misspelt = set()
        for key, value in self.data.items():
            if key in _TABLES:
                continue
            line = self.lines.get(key, self.lines.get(f"{key}.0"))
            if key in _SETTINGS and not isinstance(value, dict):
                self._misplaced(key)
                misspelt.add("publication")
            else:
                self.mistakes.append(UnknownKey(key, NAME, _TABLES, path=self.path, line=line))
                misspelt.add(near(key, _TABLES))
        if not {"publication"} & (self.data.keys() | misspelt):
            hint = 'It begins with the line [publication], and below it name = "..." and sender_email = "...".'
            self.mistakes.append(DigestError("This file describes no publication.", path=self.path, hint=hint))

    def _misplaced(self, key: str) -> None:
        what, hint = f'"{key}" belongs into [publication].', "Put it below the line [publication]."
        self.mistakes.append(DigestError(what, path=self.path, line=self.lines.get(key), hint=hint))

    def _table(self, name: str) -> Mapping[str, Any]:
        value = self.data.get(name, {})
        if isinstance(value, dict):
            return value
        if name in _SETTINGS:
            self._misplaced(name)
            return {}
        wanted = f"a table that begins with [{name}]"
        line = self.lines.get(name, self.lines.get(f"{name}.0"))
        self.mistakes.append(BadValue(name, wanted, value, path=self.path, line=line))
        return {}

    def _words(self) -> dict[str, str]:
        table = self._table("words")
        for key, value in table.items():
            if not isinstance(value, str):
                line = self.lines.get(f"words.{key}")
                self.mistakes.append(BadValue(key, "a text in quotes", value, path=self.path, line=line))
        return {key: value for key, value in table.items() if isinstance(value, str)}

    def _sections(self) -> tuple[SectionPlan, ...]:
        checks: Checks = {"title": _one_line, "sponsor": _line_or_none, "layout": _line_or_none, "max": _count}
        plans = self._listed("section", SectionPlan, checks, written={"tag": "from"})
        self._tell_twice("section", "title", [plan.title.casefold() if plan else None for plan in plans], "are called")
        return tuple(plan for plan in plans if plan)

    def _feeds(self) -> tuple[FeedPlan, ...]:
        checks: Checks = {"url": _feed_address, "name": _line_or_none, "window": _count, "max": _count}
        plans = self._listed("feed", FeedPlan, checks)
        self._tell_twice("feed", "url", [urls.key(plan.url) if plan else None for plan in plans], "have the address")
        return tuple(plan for plan in plans if plan)

    def _plan(self, name: str, cls: type[P], checks: Checks) -> P:
        """The table `[name]`; all defaults when it is not there, or wrong."""
        plan = decode.table(
            cls,
            self._table(name),
            where=f"[{name}]",
            mistakes=self.mistakes,
            path=self.path,
            line_of=lambda key: self.lines.get(f"{name}.{key}", self.lines.get(name)),
            checks=checks,
        )
        return plan or cls()

    def _exports(self) -> dict[str, Mapping[str, object]]:
        """Each `[export.<service>]`; what is in it the service's exporter knows."""
        found: dict[str, Mapping[str, object]] = {}
        for name, table in self._table("export").items():
            if isinstance(table, dict):
                found[name] = table
            else:
                wanted = "a table that begins with [export.<service>], such as [export.buttondown]"
                line = self.lines.get(f"export.{name}", self.lines.get("export"))
                self.mistakes.append(BadValue(f"export.{name}", wanted, table, path=self.path, line=line))
        return found

    def _listed(
        self,
        name: str,
        cls: type[T],
        checks: Checks,
        *,
        written: Mapping[str, str] | None = None,
    ) -> list[T | None]:
        """Each `[[name]]` table as a `cls`, None in the place of one that cannot be read."""
        tables = self.data.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            wanted = f"tables that begin with [[{name}]], the brackets twice"
            self.mistakes.append(BadValue(name, wanted, tables, path=self.path, line=self.lines.get(name)))
            return []

        def line_of(key: str, index: int) -> int | None:
            places = (f"{name}.{index}.{key}", f"{name}.{index}", name)
            return next((self.lines[place] for place in places if place in self.lines), None)

        return [
            decode.table(
                cls,
                table,
                where=f"[[{name}]]",
                mistakes=self.mistakes,
                path=self.path,
                line_of=lambda key, index=index: line_of(key, index),  # type: ignore[misc]
                checks=checks,
                written=written,
            )
            for index, table in enumerate(tables)
        ]

    def _tell_twice(self, name: str, key: str, values: Sequence[str | None], how: str) -> None:
        """A mistake for each table whose value an earlier one has."""
        for index, value in enumerate(values):
            if value and value in values[:index]:
                said = self.data[name][index][key]
                line = self.lines.get(f"{name}.{index}.{key}", self.lines.get(f"{name}.{index}"))
                what = f'Two {name}s {how} "{said}".'
                self.mistakes.append(DigestError(what, path=self.path, line=line, hint="Change or remove one."))


def _count(value: int) -> str:
    return "" if value >= 0 else "a whole number, 0 for no bound"


def _feed_address(value: str) -> str:
    return _web(value) if value else "a web address that begins with https://"


def _networks(value: object) -> str:
    fine = isinstance(value, bool)
    if isinstance(value, list | tuple):
        try:
            fine = all(isinstance(each, str) and ipaddress.ip_network(each, strict=False) for each in value)
        except ValueError:
            fine = False
    return "" if fine else 'true, false, or a list of networks such as ["10.1.0.0/16"]'


def _needs(value: object) -> str:
    fine = isinstance(value, list | tuple) and all(each in NEEDS for each in value)
    return "" if fine else "a list of any of " + ", ".join(f'"{each}"' for each in NEEDS)


def _one_line(value: str) -> str:
    return _line_or_none(value) if value.strip() else "a line of text"


def _line_or_none(value: str) -> str:
    # Not str.isprintable(): Persian and joined emoji need characters that have no width.
    return "a line of text" if _NOT_IN_A_LINE.search(value) else ""


def _address(value: str) -> str:
    local, at, domain = value.rpartition("@")
    fine = at and local and all(domain.split(".")) and "." in domain and not _NOT_IN_AN_ADDRESS.search(value)
    return "" if not value or fine else "an address such as editor@example.org"


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
    known = 'a weekday, "day", "week", "fortnight" or "month"'
    return f'{known} (did you mean "{guess}"?)' if guess else known


def _clock(value: str) -> str:
    return "" if re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", value) else 'a time of day such as "09:00"'


def _language(value: str) -> str:
    fine = re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", value)
    return "" if fine else 'a language such as "en", "de" or "pt-BR"'


_CHECKS: Checks = {
    "name": _one_line,
    "sender_name": _line_or_none,
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
