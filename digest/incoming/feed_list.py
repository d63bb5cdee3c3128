"""The feeds in digest.toml: some added at its end, one that moved given its new address, all else as it was."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from digest import decode, urls
from digest.errors import DigestError
from digest.models import FeedPlan

_PATH = Path("digest.toml")
#: What TOML wants escaped in a text (https://toml.io/en/v1.0.0#string), and what editors show as an end of line.
_ESCAPED = re.compile(r"[\x00-\x1f\"\\\x7f-\x9f\u2028\u2029\ufeff]")
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_LONE_HALF = re.compile(r"[\ud800-\udfff]")
_URL = re.compile(
    r"""(?<![\w-])(?:url|"url"|'url')[ \t]*=[ \t]*
    (\"{3}(?:[^\\"]|\\.|"(?!""))*"{3,5}|'{3}(?:[^']|'(?!''))*'{3,5}|"(?:[^"\\\n\r]|\\.)*"|'[^'\n\r]*')""",
    re.VERBOSE | re.DOTALL,
)


def with_feeds(toml_text: str, feeds: Sequence[FeedPlan], *, path: Path = _PATH) -> tuple[str, tuple[FeedPlan, ...]]:
    """(the text with a `[[feed]]` table at its end for each feed that it lacks, those feeds).

    A feed that is listed under any spelling of its address is not added again. Line ends and all that was
    there stay. Raises CannotRead for what is no TOML, and DigestError where no such table can stand.
    `path` is where mistakes are said to be.
    """
    before = _read(toml_text, path)
    known = {urls.key(url) for url in _listed(before)}
    added: list[FeedPlan] = []
    for feed in feeds:
        feed = dataclasses.replace(feed, url=_LONE_HALF.sub("", feed.url))
        if feed.url and (key := urls.key(feed.url)) not in known:
            known.add(key)
            added.append(feed)
    if not added:
        return toml_text, ()
    end = _line_end(toml_text)
    tables = [end.join(_table(feed)) + end for feed in added]
    gap = "" if not toml_text.lstrip("\ufeff") else end if toml_text.endswith(("\n", "\r")) else end + end
    text = toml_text + gap + end.join(tables)
    expected = before | {"feed": [*_tables(before), *map(_said, added)]}
    if not _same(text, expected):
        raise DigestError(
            'The feeds are listed in a way that none can be added to: as "feed = ...", or as [feed].',
            path=path,
            hint='Give each feed a table of its own, the brackets twice: [[feed]], and below it url = "...".',
        )
    return text, tuple(added)


def moved(toml_text: str, old_url: str, new_url: str, *, path: Path = _PATH) -> str:
    """The text in which the feed at `old_url` has `new_url`; nothing else changes.

    Unchanged when no feed has that address, or another feed has the new one already: two tables of one
    feed are a mistake. Raises CannotRead for what is no TOML.
    """
    data = _read(toml_text, path)
    tables = _tables(data)
    new_url = _LONE_HALF.sub("", new_url)
    same = [number for number, table in enumerate(tables) if table.get("url") == old_url]
    if not same:
        key = urls.key(old_url)
        same = [number for number, table in enumerate(tables) if urls.key(str(table.get("url", ""))) == key]
    others = [url for number, url in enumerate(_listed(data)) if number not in same]
    if not same or not new_url or urls.key(new_url) in map(urls.key, others):
        return toml_text
    wanted = [table | {"url": new_url} if number == same[0] else table for number, table in enumerate(tables)]
    expected = data | {"feed": wanted}
    # What looks like the place may stand in another table, a comment or a longer text: the one is it
    # that makes the file say what it should.
    for start, stop in _places(toml_text, tables[same[0]]["url"]):
        text = toml_text[:start] + _quoted(new_url, like=toml_text[start]) + toml_text[stop:]
        if _same(text, expected):
            return text
    return toml_text


def _read(text: str, path: Path) -> dict[str, Any]:
    data, _ = decode.toml(decode.text(text.encode("utf-8", "replace"), path), path)
    return data


def _same(text: str, expected: dict[str, Any]) -> bool:
    """Whether a TOML text says what it should; as written out, because no `nan` equals another."""
    try:
        said = tomllib.loads(re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")))
    except (ValueError, RecursionError):
        return False
    return repr(sorted(said.items())) == repr(sorted(expected.items()))


def _tables(data: dict[str, Any]) -> list[dict[str, Any]]:
    tables = data.get("feed")
    return [each for each in tables if isinstance(each, dict)] if isinstance(tables, list) else []


def _listed(data: dict[str, Any]) -> list[str]:
    return [str(table.get("url", "")) for table in _tables(data)]


def _line_end(text: str) -> str:
    found = re.search(r"\r\n|\n|\r", text)
    return found[0] if found else "\n"


def _said(feed: FeedPlan) -> dict[str, Any]:
    """What a table of the feed says: its address, and all that is not as usual."""
    said: dict[str, Any] = {"url": feed.url}
    for field in dataclasses.fields(feed):
        value = getattr(feed, field.name)
        if field.name == "url" or value == field.default:
            continue
        if isinstance(value, tuple):
            said[field.name] = [_LONE_HALF.sub("", each) for each in value]
        else:
            said[field.name] = _LONE_HALF.sub("", value) if isinstance(value, str) else value
    return said


def _table(feed: FeedPlan) -> Iterator[str]:
    """The lines of a table, without their ends."""
    yield "[[feed]]"
    for name, value in _said(feed).items():
        if isinstance(value, list):
            yield f"{name} = [{', '.join(map(_quoted, value))}]"
        elif isinstance(value, str):
            yield f"{name} = {_quoted(value)}"
        else:
            yield f"{name} = {str(value).lower()}"


def _quoted(text: str, *, like: str = '"') -> str:
    """A text as TOML has it; in single quotes where those were used and can be."""
    if like == "'" and "'" not in text and not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text):
        return f"'{text}'"
    return '"' + _ESCAPED.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}", text) + '"'


def _places(text: str, url: str) -> Iterator[tuple[int, int]]:
    """Where a text in quotes that says `url` stands behind a key of that name, quotes included."""
    for found in _URL.finditer(text):
        try:
            said = tomllib.loads("url = " + re.sub(r"\r\n?", "\n", found[1]))["url"]
        except (ValueError, KeyError):
            continue
        if said == url:
            yield found.span(1)
