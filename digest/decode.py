"""A table of TOML, or the head lines of a file, becomes a dataclass; every mistake is told at once.

Plain dataclass fields are the schema: their types say what is accepted, their defaults what may be
left out. Done by hand because pydantic would cost a quarter of a quick build in start-up time alone.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from digest.errors import BadValue, CannotRead, DigestError, MissingKey, UnknownKey

T = TypeVar("T")

_TABLE = re.compile(r"\s*\[(\[?)\s*([^\[\]#]+?)\s*\]")
_KEY = re.compile(r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_NAMES = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date such as 2026-11-06",
}


def toml(text: str, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """What a TOML text says, and the line of each key by dotted name ("section.0.title").

    Raises CannotRead with the line of the fault, in words for somebody who never heard of TOML.
    """
    try:
        return tomllib.loads(text), _lines(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        reason = re.sub(r"\s*\(at .*\)", "", str(error))
        raise CannotRead(
            path,
            f"{reason[:1].lower()}{reason[1:]}",
            line=line,
            hint='A line is  key = "text in quotes"  or  [table] . Text needs quotes around it.',
        ) from error


def table(
    cls: type[T],
    data: Mapping[str, Any],
    *,
    where: str,
    mistakes: list[DigestError],
    path: Path | None = None,
    line_of: Callable[[str], int | None] = lambda key: None,
    checks: Mapping[str, Callable[[Any], str]] | None = None,
    given: Mapping[str, Any] | None = None,
) -> T | None:
    """`data` as a `cls`; None when it cannot be made, the reasons added to `mistakes`.

    `checks` maps a key to a function that says what was wanted instead of a value of the right type,
    or "" when the value is fine. Fields in `given` are taken from there and are no keys of the table.
    """
    hints = get_type_hints(cls)
    fields = {
        each.name: each
        for each in dataclasses.fields(cls)  # type: ignore[arg-type]  # every cls here is a dataclass
        if each.name not in (given or {})
    }
    values: dict[str, Any] = dict(given or {})
    before = len(mistakes)
    for key, value in data.items():
        if key not in fields:
            mistakes.append(UnknownKey(key, where, fields, path=path, line=line_of(key)))
            continue
        try:
            values[key] = _value(value, hints[key])
            wanted = checks[key](values[key]) if checks and key in checks else ""
        except ValueError as error:
            wanted = str(error)
        if wanted:
            mistakes.append(BadValue(key, wanted, value, path=path, line=line_of(key)))
    for name, each in fields.items():
        lacks_default = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
        if lacks_default and name not in data:
            mistakes.append(MissingKey(name, where, path=path))
    return cls(**values) if len(mistakes) == before else None


def _value(value: Any, hint: Any) -> Any:
    """`value` as the type `hint` wants it; ValueError with what was wanted."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        inner = [each for each in get_args(hint) if each is not type(None)]
        return _value(value, inner[0])
    if origin is Literal:
        if value in get_args(hint):
            return value
        raise ValueError(" or ".join(f'"{each}"' for each in get_args(hint)))
    if origin is tuple:
        if isinstance(value, list):
            return tuple(_value(each, get_args(hint)[0]) for each in value)
        raise ValueError("a list such as [\"one\", \"two\"]")
    if origin is not None and issubclass(origin, Mapping):
        if isinstance(value, Mapping):
            return dict(value)
        raise ValueError("a table")
    if hint is object or hint is typing.Any:
        return value
    if hint is date and isinstance(value, datetime):
        return value.date()
    right = isinstance(value, hint) and not (hint in (int, float) and isinstance(value, bool))
    if not right:
        raise ValueError(_NAMES.get(hint, f"a {hint.__name__}"))
    return value


def _lines(text: str) -> dict[str, int]:
    """Line of each table and key of a well-formed TOML text, by dotted name."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    quote = ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            if quote in line:
                quote = ""
            continue
        if found := _TABLE.match(line):
            name = re.sub(r"\s*\.\s*", ".", found[2]).replace('"', "")
            if found[1]:
                counts[name] = counts.get(name, -1) + 1
                name = f"{name}.{counts[name]}"
            lines.setdefault(name, number)
            prefix = name + "."
        elif found := _KEY.match(line):
            lines.setdefault(prefix + re.sub(r"\s*\.\s*", ".", found[1]).replace('"', ""), number)
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                quote = mark
    return lines
