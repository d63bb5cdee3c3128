"""A table of TOML becomes a dataclass, and every mistake in it is told at once.

Plain dataclass fields are the schema: their types say what is accepted, their defaults what may be
left out. Done by hand because pydantic would cost a quarter of a quick build in start-up time alone.
"""

from __future__ import annotations

import codecs
import contextlib
import dataclasses
import re
import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from digest.errors import BadValue, CannotRead, DigestError, MissingKey, UnknownKey, near

T = TypeVar("T")

_NAME = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_TABLE = re.compile(r"\s*\[(\[?)\s*([^\[\]#]+?)\s*\]")
_KEY = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
# Of no use in a text, refused by mrml, and two of them would pass for a blank (merge_tags).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TYPES = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}
#: How what tomllib says begins, and how it reads to somebody who never heard of TOML.
_FAULTS = {
    "Expected '=' after a key": "behind a key belongs = and a value",
    "Invalid value": "what stands behind the = is no value; a text needs quotes around it",
    "Expected newline or end of document": "the value goes on behind its end; a text needs quotes around all of it",
    "Cannot overwrite a value": "this stands here a second time",
    "Duplicate inline table key": "this stands here a second time",
    "Cannot declare": "this table stands here a second time",
    "Cannot redefine": "this table stands here a second time",
    "Cannot mutate": "this belongs to a table that was closed above",
    "Unclosed array": "a list is never closed with ]",
    "Unclosed inline table": "a table is never closed with }",
    "Unterminated string": "a text is never closed with quotes",
    "Expected \"'": "a text is never closed with quotes",
    "Illegal character '\\n'": "a text is not closed with quotes on its line",
    "Found invalid character '\\n'": "a text is not closed with quotes on its line",
    "Illegal character": "there is a character here that nobody can see",
    "Found invalid character": "there is a character here that nobody can see",
    "Unescaped": "a backslash in a text has to be written twice",
    "Invalid hex value": "a backslash in a text has to be written twice",
    "Expected ']": "the name of a table is not closed with ]",
    "Invalid date or datetime": "there is no such day or time",
}


def text(content: bytes, path: Path) -> str:
    """The text of a file of settings, every line end a line feed. Raises CannotRead unless it is UTF-8."""
    save = "Save it as UTF-8 in your text editor."
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise CannotRead(path, "it is saved as UTF-16, not as UTF-8", hint=save)
    try:
        decoded = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CannotRead(path, "it is not UTF-8", line=line, hint=save) from error
    return re.sub(r"\r\n?", "\n", decoded)


def toml(text: str, path: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """What a TOML text says, and the line of each key by dotted name ("section.0.title").

    Raises CannotRead with the line of the fault.
    """
    try:
        return tomllib.loads(text), _lines(text)
    except RecursionError as error:
        raise CannotRead(path, "its lists or tables lie too deep in one another") from error
    except ValueError as error:  # tomllib's own, and int()'s for a number of thousands of digits
        said = str(error)
        place = re.search(r"\(at line (\d+), column \d+\)", said)
        line = int(place[1]) if place else text.rstrip().count("\n") + 1
        reason = next((ours for theirs, ours in _FAULTS.items() if said.startswith(theirs)), "this is no setting")
        if re.search(r"=\s*[“”„«»‘’]", text.split("\n")[line - 1]):
            reason = "the quotes around a text have to be straight ones"
        hint = 'A setting is a line  key = "text in quotes"; a line that begins with # is a comment.'
        raise CannotRead(path, reason, line=line, hint=hint) from error


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
    written: Mapping[str, str] | None = None,
) -> T | None:
    """`data` as a `cls`; None when it cannot be made, the reasons added to `mistakes`.

    `checks` maps a key to a function that says what was wanted instead of a value of the right type,
    or "" when the value is fine. Fields in `given` are taken from there and are no keys of the table.
    `written` names the key of a field that is written otherwise, such as "from", which Python keeps for itself.
    """
    hints = get_type_hints(cls)
    fields = {
        (written or {}).get(each.name, each.name): each
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
            name = fields[key].name
            values[name] = _value(value, hints[name])
            wanted = checks[key](values[name]) if checks and key in checks else ""
        except ValueError as error:
            wanted = str(error)
        if wanted:
            mistakes.append(BadValue(key, wanted, value, path=path, line=line_of(key)))
    # Whoever wrote "nmae" has given a name, and need not be told of it twice.
    misspelt = {near(key, fields) for key in data if key not in fields}
    for name, each in fields.items():
        lacks_default = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
        if lacks_default and name not in data and name not in misspelt:
            hint = f'Write a line  {name} = "..."  below {where}.'
            mistakes.append(MissingKey(name, where, path=path, line=line_of(name), hint=hint))
    return cls(**values) if len(mistakes) == before else None


def _value(value: Any, hint: Any) -> Any:
    """`value` as the type `hint` wants it; ValueError with what was wanted."""
    origin = get_origin(hint)
    if origin is typing.Union or isinstance(hint, types.UnionType):
        *others, last = (each for each in get_args(hint) if each is not type(None))
        for each in others:
            with contextlib.suppress(ValueError):
                return _value(value, each)
        return _value(value, last)
    if origin is Literal:
        if value in get_args(hint):
            return value
        raise ValueError(" or ".join(f'"{each}"' for each in get_args(hint)))
    if origin is tuple:
        if isinstance(value, list):
            return tuple(_value(each, get_args(hint)[0]) for each in value)
        raise ValueError('a list such as ["one", "two"]')
    if hint is object or hint is Any:
        return value
    if not isinstance(value, hint) or (hint in (int, float) and isinstance(value, bool)):
        raise ValueError(_TYPES.get(hint, f"a {hint.__name__}"))
    if isinstance(value, str) and _CONTROL.search(value):
        raise ValueError("a text without control characters")
    return value


def _lines(text: str) -> dict[str, int]:
    """Line of each table and key of a well-formed TOML text, by dotted name."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        if quote:
            if quote in line:
                quote = ""
            continue
        if line.lstrip().startswith("#"):
            continue
        if found := _TABLE.match(line):
            name = _bare(found[2])
            if found[1]:
                counts[name] = counts.get(name, -1) + 1
                name = f"{name}.{counts[name]}"
            lines.setdefault(name, number)
            prefix = name + "."
        elif found := _KEY.match(line):
            lines.setdefault(prefix + _bare(found[1]), number)
        quote = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return lines


def _bare(name: str) -> str:
    """A dotted name without quotes and blanks."""
    return re.sub(r"\s*\.\s*", ".", name).replace('"', "").replace("'", "")
