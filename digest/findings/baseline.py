"""What is known and left for now: a file of findings that are not told again, wherever their lines have moved."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from digest import files
from digest.errors import DigestError
from digest.models import Finding

_VERSION = 1
Key = tuple[str, str, str, str]
#: The text of a line of a file; "" where there is none.
LineOf = Callable[[Path, int], str]


def write(path: Path, findings: Sequence[Finding], line_of: LineOf) -> int:
    """Keep these as known; how many there are. What says that a check did not run is never known."""
    known = [_entry(each, line_of) for each in findings if each.rule not in ("not-run", "broken")]
    text = json.dumps({"digest-baseline": _VERSION, "known": known}, ensure_ascii=False, indent=1)
    files.replace(path, f"{text}\n".encode())
    return len(known)


def fresh(path: Path, findings: Sequence[Finding], line_of: LineOf) -> tuple[Finding, ...]:
    """The findings that the baseline at `path` does not know. Raises CannotRead, or DigestError for another file.

    Known is what has the same check, rule and story, or text of its line, in a file of the same name: as often
    as the baseline has it, and first of all what is said in the same words.
    """
    exact: Counter[tuple[Key, str]] = Counter()
    for each in _read(path):
        exact[_key_of(each), str(each.get("what", ""))] += 1
    left = []
    for finding in findings:
        said = (_key(finding, line_of), finding.what)
        if exact[said] > 0:
            exact[said] -= 1
        else:
            left.append((said[0], finding))
    loose: Counter[Key] = Counter()
    for (key, _), count in exact.items():
        loose[key] += max(count, 0)
    told = []
    for key, finding in left:
        if loose[key] > 0 and finding.rule:
            loose[key] -= 1
        else:
            told.append(finding)
    return tuple(told)


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        data = json.loads(files.read(path))
        known = data["known"]
        if data["digest-baseline"] != _VERSION or not all(isinstance(each, dict) for each in known):
            raise ValueError
    except (ValueError, KeyError, TypeError) as error:
        hint = 'Make one with "digest check --write-baseline FILE".'
        raise DigestError("This is no baseline.", path=path, hint=hint) from error
    return list(known)


def _entry(finding: Finding, line_of: LineOf) -> dict[str, str]:
    file, check, rule, text = _key(finding, line_of)
    return {"file": file, "check": check, "rule": rule, "text": text, "what": finding.what}


def _key(finding: Finding, line_of: LineOf) -> Key:
    text = finding.story
    if not text and finding.path and finding.line:
        text = " ".join(line_of(finding.path, finding.line).split())
    return finding.path.name if finding.path else "", finding.check, finding.rule, text


def _key_of(entry: dict[str, Any]) -> Key:
    return (
        str(entry.get("file", "")),
        str(entry.get("check", "")),
        str(entry.get("rule", "")),
        str(entry.get("text", "")),
    )


def line_reader() -> LineOf:
    """Gives the text of lines, each file read once; a file that cannot be read has none."""
    kept: dict[Path, list[str]] = {}

    def line_of(path: Path, line: int) -> str:
        if path not in kept:
            try:
                kept[path] = re.split(r"\r\n|\r|\n", files.read(path).decode("utf-8", "replace"))
            except DigestError:
                kept[path] = []
        return kept[path][line - 1] if 0 < line <= len(kept[path]) else ""

    return line_of
