"""Findings in the forms that scripts, code hosts and GitHub's runner read."""

from __future__ import annotations

import json
from pathlib import Path

from digest.findings import findings_as
from digest.models import Finding

DEAD = Finding(
    "error",
    '"A budget" answers 404',
    Path("issues/012.md"),
    41,
    "Find it, or take it out.",
    check="links",
    rule="dead",
    effect="Readers get nowhere.",
    story="A budget",
    also=(52,),
)
NOT_RUN = Finding("note", "spam was not run: no SpamAssassin", check="spam", rule="not-run")


def a_log(*found: Finding) -> dict[str, object]:
    rules = {"links": {"dead": "the page is gone"}}
    return dict(findings_as.sarif(found, rules, version="0.1.0")["runs"][0])


def test_a_finding_is_a_mapping_of_plain_values() -> None:
    assert json.loads(json.dumps(findings_as.plain(DEAD))) == {
        "level": "error",
        "check": "links",
        "rule": "dead",
        "what": '"A budget" answers 404',
        "effect": "Readers get nowhere.",
        "hint": "Find it, or take it out.",
        "path": "issues/012.md",
        "line": 41,
        "also": [52],
        "story": "A budget",
    }


def test_findings_are_counted_in_words() -> None:
    assert findings_as.counted([DEAD, DEAD, NOT_RUN]) == "2 errors, 1 note"
    assert findings_as.counted([]) == ""


def test_sarif_has_the_rule_the_place_and_the_way_out() -> None:
    (result,) = a_log(DEAD)["results"]  # type: ignore[misc]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("links/dead", 0, "error")
    assert place == {"artifactLocation": {"uri": "issues/012.md"}, "region": {"startLine": 41}}
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 52}
    assert result["message"]["text"].endswith("Find it, or take it out.")


def test_sarif_says_so_where_a_check_did_not_run() -> None:
    log = a_log(NOT_RUN)
    assert log["results"] == []
    (invocation,) = log["invocations"]  # type: ignore[misc]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == NOT_RUN.what


def test_sarif_knows_a_finding_again_when_its_line_has_moved() -> None:
    from dataclasses import replace

    one, other, another = a_log(DEAD, replace(DEAD, line=90), replace(DEAD, story="Another"))["results"]  # type: ignore[misc]
    assert one["partialFingerprints"] == other["partialFingerprints"] != another["partialFingerprints"]


def test_github_gets_a_command_with_its_marks_escaped() -> None:
    odd = Finding("warning", "100% of\r\nit", Path("issues/a,b:c.md"), 3, check="links", rule="dead")
    assert findings_as.github(odd) == ("::warning file=issues/a%2Cb%3Ac.md,title=links/dead,line=3::100%25 of%0D%0Ait")


def test_github_calls_a_note_a_notice_and_needs_no_file() -> None:
    assert findings_as.github(NOT_RUN) == "::notice title=spam/not-run::spam was not run: no SpamAssassin"


def test_paths_are_told_from_the_root_of_the_checkout(tmp_path: Path) -> None:
    finding = Finding("error", "x", tmp_path / "news/issues/012.md", 1, check="links", rule="dead")
    assert findings_as.github(finding, root=tmp_path).startswith("::error file=news/issues/012.md,")


#: What the schema of SARIF 2.1.0 requires of each object, as far as we write it.
REQUIRED = {
    "": {"version", "runs"},
    "runs": {"tool"},
    "tool": {"driver"},
    "driver": {"name"},
    "rules": {"id"},
    "invocations": {"executionSuccessful"},
    "toolExecutionNotifications": {"message"},
    "results": {"message"},
}


def lacking(value: object, name: str = "") -> list[str]:
    """What an object of a log, or one inside it, lacks."""
    if isinstance(value, list):
        return [each for one in value for each in lacking(one, name)]
    if not isinstance(value, dict):
        return []
    found = [f"{name}: {key}" for key in REQUIRED.get(name, set()) - value.keys()]
    if name in ("message", "shortDescription") and not isinstance(value.get("text"), str):
        found.append(f"{name}: text")
    if name == "region" and not (isinstance(value.get("startLine"), int) and value["startLine"] > 0):
        found.append("region: startLine")
    return found + [each for key, one in value.items() for each in lacking(one, key)]


def test_a_log_has_what_the_schema_of_sarif_requires() -> None:
    bare = Finding("warning", "Something is amiss.")
    strange = Finding("note", "An odd name.", Path("issues/a b ü.md"), 0, check="x", rule="y")
    log = findings_as.sarif([DEAD, NOT_RUN, bare, strange], {"links": {"dead": "the page is gone"}}, version="0.1.0")
    assert lacking(log) == []
    (run,) = log["runs"]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    for each in run["results"]:
        assert each["level"] in ("none", "note", "warning", "error")
        assert rules[each["ruleIndex"]] == each["ruleId"]
        for place in each.get("locations", ()):
            assert place["physicalLocation"]["artifactLocation"]["uri"].isascii()
    assert log["version"] == "2.1.0"
