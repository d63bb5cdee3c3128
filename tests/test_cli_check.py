"""`digest check`: what would embarrass us, before it is sent."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import CHECKOUT, Desk

SETTINGS = """[publication]
name = "News"
sender_email = "ed@news.example"
postal_address = "1 Road, Town"
unsubscribe_url = "https://news.example/leave"
"""
ISSUE = """---
number: 2
date: 2024-02-02
subject: A bridge, a budget and two more
preheader: What the council decided, and what it put off until the summer
---

Good morning.

## Top stories

### [The bridge is open again](https://a.example/bridge)
source: The Ledger

It was closed for three years, and nobody is sure why.

### [A budget in one chart](https://b.example/budget)

Every coin has its square.
"""
MINE = ("--only", "issue,required,stories,weight,mail")
TRACKED = ISSUE.replace("b.example/budget", "b.example/budget?utm_source=x")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    desk = Desk(tmp_path, monkeypatch)
    desk.write("digest.toml", SETTINGS)
    desk.write("issues/002.md", ISSUE)
    return desk


def test_when_all_is_well_there_is_one_quiet_line(desk: Desk) -> None:
    ended = desk.type("check", *MINE)
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr == "issues/002.md: all is well (4 checks).\n"


def test_a_finding_says_where_it_is_what_readers_meet_and_the_way_out(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    ended = desk.type("check", *MINE)
    assert ended.stdout == (
        'issues/002.md:17  warning  stories  The address of "A budget in one chart" carries utm_source.\n'
        "    It tells the other site how your readers came, or under whose name.\n"
        '    Take that off, or let "digest check --fix" do it.\n'
    )
    assert (ended.stderr, ended.exit_code) == ("1 warning.\n", 0)


def test_errors_end_with_3_and_warnings_do_when_told_to(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    assert desk.type("check", *MINE, "--strict").exit_code == 3
    desk.write("issues/002.md", ISSUE + "\nTODO say more\n")
    ended = desk.type("check", *MINE)
    assert ended.exit_code == 3
    assert "issues/002.md:21  error  required  A TODO stands here" in ended.stdout


def test_what_reading_told_is_not_told_a_second_time_by_a_check(desk: Desk) -> None:
    desk.write("issues/002.md", ISSUE + "\n## Also\n\n- [The bridge](https://a.example/bridge) - once more\n")
    said = [line for line in desk.type("check", *MINE).stdout.splitlines() if line.startswith("issues")]
    assert said == [
        'issues/002.md:23  warning  stories  "The bridge" has the address of "The bridge is open again" on line 12.'
    ]
    assert "the same address as the one on line 12" in desk.type("check", "--only", "issue").stdout


def test_findings_come_by_place(desk: Desk) -> None:
    desk.write(
        "issues/002.md", TRACKED.replace("subject: A bridge", "subject: DRAFT A bridge") + "\n## Empty\n\nTODO\n"
    )
    places = [line.split()[0] for line in desk.type("check", *MINE).stdout.splitlines() if line.startswith("issues")]
    assert places == ["issues/002.md:4", "issues/002.md:17", "issues/002.md:23"]


def test_only_and_skip_choose_the_checks(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    assert desk.type("check", "--only", "required").stdout == ""
    assert desk.type("check", *MINE, "--skip", "stories").stdout != ""
    assert "stories" not in desk.type("check", "--skip", "stories").stdout


def test_a_check_that_nobody_knows_is_told_with_what_was_meant(desk: Desk) -> None:
    ended = desk.type("check", "--only", "lnks")
    assert ended.exit_code == 2
    assert 'There is no check "lnks". Did you mean "links"?' in ended.stderr


def test_a_check_that_settings_skip_is_not_run(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    desk.write("digest.toml", SETTINGS + '\n[check]\nskip = ["stories", "reqired"]\n')
    ended = desk.type("check", "--json")
    said = json.loads(ended.stdout)
    assert "stories" not in said["ran"]
    assert [each["line"] for each in said["findings"] if each["rule"] == "unknown-check"] == [8]


def test_json_has_the_findings_and_what_ran(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    said = json.loads(desk.type("check", *MINE, "--json").stdout)
    assert (said["issue"], said["errors"], said["warnings"]) == ("002", 0, 1)
    assert said["ran"] == ["required", "stories", "weight", "mail"]
    assert [(each["rule"], each["line"], each["story"]) for each in said["findings"]] == [
        ("trackers", 17, "A budget in one chart")
    ]


def test_sarif_is_a_log_of_version_2_1_0(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    said = json.loads(desk.type("check", *MINE, "--sarif").stdout)
    assert said["version"] == "2.1.0"
    assert [each["ruleId"] for each in said["runs"][0]["results"]] == ["stories/trackers"]
    assert {"links/dead", "weight/clipped"} <= {each["id"] for each in said["runs"][0]["tool"]["driver"]["rules"]}


def test_what_keeps_an_issue_from_being_made_is_news_to_programs_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write("issues/002.md", ISSUE + "\n[[frist_name]]\n")
    as_json, as_sarif = desk.type("check", "--json"), desk.type("check", "--sarif")
    (told,) = json.loads(as_json.stdout)["findings"]
    assert (told["level"], told["check"], told["line"]) == ("error", "issue", 21)
    assert json.loads(as_sarif.stdout)["runs"][0]["results"][0]["level"] == "error"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ended = desk.type("check")
    assert "::error file=issues/002.md,title=issue/not-built,line=21::" in ended.stdout
    assert (as_json.exit_code, as_sarif.exit_code, ended.exit_code) == (1, 1, 1)


def test_on_github_each_finding_is_an_annotation_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    desk.write("issues/002.md", TRACKED)
    assert "::warning file=issues/002.md,title=stories/trackers,line=17::" in desk.type("check", *MINE).stdout
    json.loads(desk.type("check", *MINE, "--json").stdout)


def test_the_list_explains_every_check_and_its_rules(desk: Desk) -> None:
    said = desk.type("check", "--list").stdout
    assert "weight: Whether Gmail shows the whole mail" in said
    assert "    sent-before  the story ran in an earlier issue" in said


def test_all_issues_are_checked_at_once(desk: Desk) -> None:
    desk.write("issues/001.md", TRACKED.replace("number: 2", "number: 1").replace("02-02", "01-26").replace("A b", "B"))
    said = json.loads(desk.type("check", "--all", *MINE, "--json").stdout)
    assert [(each["issue"], each["warnings"]) for each in said] == [("001", 1), ("002", 0)]


def test_an_issue_that_cannot_be_read_ends_with_1_and_the_others_are_checked(desk: Desk) -> None:
    desk.write(
        "issues/001.md",
        ISSUE.replace("number: 2", "number: 1").replace("subject: A", "subject: The").replace("02-02", "01-26")
        + "\n[[frist_name]]\n",
    )
    ended = desk.type("check", "--all", *MINE)
    assert ended.exit_code == 1
    assert "[[frist_name]]" in ended.stderr


# What is known, and what is new


def test_what_a_baseline_knows_is_not_told_again_wherever_it_moves(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    assert desk.type("check", *MINE, "--write-baseline", "known.json").stdout == "known.json: 1 known\n"
    desk.write("issues/002.md", TRACKED.replace("Good morning.", "Good morning.\n\nAnd a good week."))
    assert desk.type("check", *MINE, "--baseline", "known.json", "--strict").exit_code == 0


def test_a_second_fault_of_the_same_kind_is_told_although_the_first_is_known(desk: Desk) -> None:
    desk.write("issues/002.md", TRACKED)
    desk.type("check", *MINE, "--write-baseline", "known.json")
    desk.write("issues/002.md", TRACKED.replace("a.example/bridge", "a.example/bridge?fbclid=1"))
    said = desk.type("check", *MINE, "--baseline", "known.json").stdout
    assert [line for line in said.splitlines() if line.startswith("issues")] == [
        'issues/002.md:12  warning  stories  The address of "The bridge is open again" carries fbclid.'
    ]


def test_a_file_that_is_no_baseline_is_refused(desk: Desk) -> None:
    desk.write("known.json", "[]")
    ended = desk.type("check", "--baseline", "known.json")
    assert (ended.exit_code, "This is no baseline." in ended.stderr) == (1, True)


@pytest.fixture
def history(desk: Desk) -> Desk:
    """The desk in a git repository, an issue with a tracker in its first story committed."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed here")
    desk.write("issues/002.md", ISSUE.replace("a.example/bridge", "a.example/bridge?utm_source=y"))
    who = ("-c", "user.name=Ed", "-c", "user.email=ed@news.example", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "first")):
        subprocess.run(["git", "-C", str(desk.folder), *words], check=True, capture_output=True)
    return desk


def test_since_a_point_in_git_only_what_changed_is_told(history: Desk) -> None:
    assert history.type("check", *MINE, "--since", "HEAD", "--strict").exit_code == 0
    history.write("issues/002.md", TRACKED.replace("a.example/bridge", "a.example/bridge?utm_source=y"))
    said = history.type("check", *MINE, "--since", "HEAD").stdout
    assert [line.split()[0] for line in said.splitlines() if line.startswith("issues")] == ["issues/002.md:17"]


def test_in_a_file_that_git_does_not_know_everything_is_new(history: Desk) -> None:
    history.write("issues/003.md", TRACKED.replace("number: 2", "number: 3").replace("02-02", "02-09"))
    assert "issues/003.md:17" in history.type("check", *MINE, "--since", "HEAD").stdout


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "HEAD; rm x", "a..b", ""])
def test_a_point_that_git_does_not_know_is_refused(history: Desk, ref: str) -> None:
    ended = history.type("check", *MINE, f"--since={ref}")
    assert ended.exit_code == (2 if ref else 0)
    assert not (history.folder / "x").exists()


def test_outside_of_a_repository_since_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("issues/002.md", TRACKED)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(desk.folder.parent))
    ended = desk.type("check", *MINE, "--since", "HEAD")
    assert (ended.exit_code, "no git repository" in ended.stderr) == (2, True)


# Permissions and mends


def test_a_permission_with_its_reason_quiets_a_finding(desk: Desk) -> None:
    said = "Every coin has its square.\n\n<!-- digest: allow trackers, they asked us to -->\n"
    desk.write("issues/002.md", TRACKED.replace("Every coin has its square.\n", said))
    assert desk.type("check", *MINE, "--strict").exit_code == 0


def test_a_permission_for_nothing_is_told_at_its_line(desk: Desk) -> None:
    desk.write("issues/002.md", ISSUE + "\n<!-- digest: allow stories/trackers, they asked us to -->\n")
    said = desk.type("check", *MINE).stdout
    assert said.startswith("issues/002.md:21  note  permissions  This permission allows nothing")


def test_fix_takes_trackers_off_and_leaves_every_other_byte(desk: Desk) -> None:
    before = TRACKED.replace("\n", "\r\n").replace("nobody is sure", "nobody — “really” -- is sure")
    desk.write("issues/002.md", before)
    ended = desk.type("check", *MINE, "--fix")
    assert desk.read("issues/002.md") == before.replace("?utm_source=x", "")
    assert (
        ended.stderr.splitlines()[0]
        == "mended: issues/002.md:17  https://b.example/budget?utm_source=x is now https://b.example/budget"
    )
    assert (ended.stdout, ended.exit_code) == ("", 0)


def test_fix_refuses_a_sent_issue(desk: Desk) -> None:
    sent = TRACKED.replace("number: 2", "number: 2\nstatus: sent\nsent: 2024-02-02")
    desk.write("issues/002.md", sent)
    ended = desk.type("check", *MINE, "--fix")
    assert (ended.exit_code, desk.read("issues/002.md")) == (1, sent)


# What ran, and the inbox


def sent_before(desk: Desk) -> str:
    """What is said of the issue when the one before it had its bridge."""
    first = ISSUE.replace("number: 2", "number: 1\nstatus: sent\nsent: 2024-01-26").replace("02-02", "01-26")
    desk.write("issues/001.md", first.replace("A bridge, a", "Only a"))
    desk.write(
        "issues/002.md", ISSUE.replace("[A budget in one chart](https://b.example/budget)", "[C](https://c.example/)")
    )
    return desk.type("check", *MINE).stdout


def test_a_story_that_ran_is_told_with_its_issue_and_day_and_no_inbox_is_made(desk: Desk) -> None:
    said = sent_before(desk)
    assert '"The bridge is open again" ran in number 1 on 2024-01-26.' in said
    assert not (desk.folder / ".digest/inbox.db").exists()


def test_it_is_told_from_the_inbox_too_and_when_that_is_out_of_date(desk: Desk) -> None:
    sent_before(desk)
    desk.type("inbox")
    assert '"The bridge is open again" ran in number 1' in desk.type("check", *MINE).stdout
    later = (
        desk.read("issues/001.md").replace("a.example/bridge", "a.example/tunnel").replace("[The bridge", "[A tunnel")
    )
    desk.write("issues/001.md", later)
    assert "ran in number 1" not in desk.type("check", *MINE).stdout


def test_an_issue_that_was_sent_is_not_told_to_have_run_in_itself(desk: Desk) -> None:
    desk.write("issues/002.md", ISSUE.replace("number: 2", "number: 2\nstatus: sent\nsent: 2024-02-02"))
    assert desk.type("check", *MINE).stdout == ""


def test_a_blurb_that_is_still_the_machines_is_told(desk: Desk) -> None:
    page = (
        "<html><head><title>Weirs of the Wye</title>"
        '<meta name="description" content="Nine weirs, one of them older than its river."></head></html>'
    )
    desk.write("page.html", page)
    desk.type("add", "page.html", "--url", "https://weirs.example/wye")
    blurb = "### [Weirs of the Wye](https://weirs.example/wye)\n\nNine *weirs*, one of them older than its river.\n"
    desk.write("issues/002.md", ISSUE + "\n" + blurb)
    said = desk.type("check", *MINE).stdout
    assert 'issues/002.md:21  warning  required  The blurb of "Weirs of the Wye" is still the machine\'s.' in said
    desk.write("issues/002.md", ISSUE + "\n" + blurb.replace("Nine", "Eight or nine"))
    assert desk.type("check", *MINE).stdout == ""


def test_an_inbox_that_cannot_be_read_is_told_and_the_rest_is_checked(desk: Desk) -> None:
    desk.write(".digest/inbox.db", b"no database at all, " * 100)
    desk.write("issues/002.md", TRACKED)
    said = desk.type("check", *MINE).stdout
    assert "note  required  required was not run" in said
    assert "carries utm_source" in said
    assert desk.read(".digest/inbox.db") == "no database at all, " * 100


# Checks of other people's


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path that holds somebody else's package with a check called "haiku"."""
    from digest import plugins

    package = tmp_path / "site"
    (package / "haiku-1.dist-info").mkdir(parents=True)
    (package / "haiku-1.dist-info/METADATA").write_text("Name: haiku\nVersion: 1\n", "utf-8")
    (package / "haiku-1.dist-info/entry_points.txt").write_text("[digest.checks]\nhaiku = haiku_check\n", "utf-8")
    monkeypatch.syspath_prepend(str(package))
    plugins.names.cache_clear()
    yield package
    monkeypatch.undo()
    sys.modules.pop("haiku_check", None)
    plugins.names.cache_clear()


def test_a_check_of_somebody_elses_that_breaks_is_told_and_the_others_run(desk: Desk, others: Path) -> None:
    (others / "haiku_check.py").write_text(
        '"""Seventeen syllables."""\nRULES = {}\ndef check(copy):\n    return 1 / 0\n'
    )
    desk.write("issues/002.md", TRACKED)
    said = desk.type("check", "--only", "haiku,stories").stdout
    assert "warning  haiku  The check haiku broke" in said
    assert "carries utm_source" in said


def test_a_check_that_cannot_run_says_so_and_does_not_count_as_passed(desk: Desk, others: Path) -> None:
    module = (
        '"""Seventeen syllables."""\nfrom digest.errors import CannotCheck\nRULES = {"sore": "too many"}\n'
        'def check(copy):\n    raise CannotCheck("There is no pen.", hint="Buy one.")\n'
    )
    (others / "haiku_check.py").write_text(module)
    ended = desk.type("check", "--only", "haiku", "--json")
    said = json.loads(ended.stdout)
    assert (said["ran"], said["not_run"]) == ([], ["haiku"])
    assert [(each["level"], each["rule"], each["what"]) for each in said["findings"]] == [
        ("note", "not-run", "haiku was not run: There is no pen.")
    ]


def test_the_sample_newsletter_of_the_checkout_gives_no_finding(desk: Desk) -> None:
    shutil.copytree(CHECKOUT / "issues", desk.folder / "issues", dirs_exist_ok=True)
    (desk.folder / "issues/002.md").unlink()
    shutil.copy(CHECKOUT / "digest.toml", desk.folder / "digest.toml")
    ended = desk.type("check", "--all")
    assert (ended.exit_code, ended.stdout) == (0, "")


def test_a_newsletter_just_begun_is_told_only_to_say_who_it_is(desk: Desk) -> None:
    desk.type("init", "fresh", "--yes")
    said = [line for line in desk.type("check", at="fresh").stdout.splitlines() if not line.startswith(" ")]
    assert said == [
        "digest.toml:7  warning  required  The sender's address, editor@example.org, is still the example's.",
        "digest.toml:9  warning  required  The postal address is still the example's.",
    ]
