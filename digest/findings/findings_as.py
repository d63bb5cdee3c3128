"""Findings as others read them: JSON for scripts, SARIF for code hosts, commands for GitHub's runner. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from digest.models import Finding

#: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def counted(findings: Iterable[Finding]) -> str:
    """ "2 errors, 1 warning"; "" for none."""
    levels = [each.level for each in findings]
    many = ((levels.count(level), level) for level in ("error", "warning", "note"))
    return ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for count, level in many if count)


def plain(finding: Finding) -> dict[str, Any]:
    """One finding as a mapping of texts and numbers."""
    return {
        "level": finding.level,
        "check": finding.check,
        "rule": finding.rule,
        "what": finding.what,
        "effect": finding.effect,
        "hint": finding.hint,
        "path": None if finding.path is None else finding.path.as_posix(),
        "line": finding.line,
        "also": list(finding.also),
        "story": finding.story,
    }


def sarif(
    findings: Sequence[Finding], rules: Mapping[str, Mapping[str, str]], *, version: str, root: Path | None = None
) -> dict[str, Any]:
    """A SARIF 2.1.0 log. `rules` are each check's, with what they mean; paths are written from `root` on."""
    ids = {f"{check}/{rule}": about for check, each in rules.items() for rule, about in each.items()}
    for each in findings:
        ids.setdefault(_id(each), each.check)
    told = [each for each in findings if each.rule not in ("not-run", "broken")]
    missed = [each for each in findings if each.rule in ("not-run", "broken")]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "digest check",
                        "semanticVersion": version,
                        "rules": [{"id": name, "shortDescription": {"text": about}} for name, about in ids.items()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not missed,
                        "toolExecutionNotifications": [
                            {"level": each.level, "message": {"text": each.what}} for each in missed
                        ],
                    }
                ],
                "results": [_result(each, list(ids), root) for each in told],
            }
        ],
    }


def _result(finding: Finding, ids: Sequence[str], root: Path | None) -> dict[str, Any]:
    name = _id(finding)
    text = " ".join(part for part in (finding.what, finding.effect, finding.hint) if part)
    seed = "\0".join([name, finding.story or finding.what])
    found: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": ids.index(name),
        "level": finding.level,
        "message": {"text": text},
        "partialFingerprints": {"digest/v1": hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:32]},
    }
    if finding.path is not None:
        found["locations"] = [_location(finding.path, finding.line, root)]
        if finding.also:
            found["relatedLocations"] = [_location(finding.path, line, root) for line in finding.also]
    return found


def _location(path: Path, line: int | None, root: Path | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(_from(path, root))}}
    if line:
        place["region"] = {"startLine": line}
    return {"physicalLocation": place}


def github(finding: Finding, *, root: Path | None = None) -> str:
    """The line that makes GitHub's runner write the finding beside the file's line.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, with the escapes of
    its toolkit: percent and line ends everywhere, colon and comma in properties too.
    """
    facts = {"title": _id(finding)}
    if finding.path is not None:
        facts = {"file": _from(finding.path, root), **facts}
        if finding.line:
            facts["line"] = str(finding.line)
    said = "\n".join(part for part in (finding.what, finding.effect, finding.hint) if part)
    properties = ",".join(f"{name}={_property(value)}" for name, value in facts.items())
    return f"::{_COMMANDS[finding.level]} {properties}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _id(finding: Finding) -> str:
    return f"{finding.check}/{finding.rule}" if finding.rule else finding.check or "issue"


def _from(path: Path, root: Path | None) -> str:
    """The path as seen from `root`, where it lies in it; slashes on every system."""
    if root is not None:
        whole, root = path.resolve(), root.resolve()
        if whole.is_relative_to(root):
            return whole.relative_to(root).as_posix()
    return path.as_posix()
