"""`digest new`: the next issue's file, never over another."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from newsroom import PUBLICATION, Desk, an_issue

from digest import issue_file


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    desk.write("digest.toml", PUBLICATION)
    return desk


def test_the_first_issue_has_number_one_and_the_publications_sections(desk: Desk) -> None:
    made = desk.type("new")
    assert (made.exit_code, made.stdout) == (0, "issues/001.md\n")
    issue = issue_file.read(desk.folder / "issues/001.md").issue
    assert (issue.number, [section.title for section in issue.sections]) == (1, ["Top stories"])
    assert issue.date is not None
    assert issue.date >= date.today()
    assert issue.date.weekday() == 4


@pytest.mark.parametrize(
    ("every", "days"), [("day", 1), ("week", 7), ("fortnight", 14), ("monday", 3), ("friday", 7), ("thursday", 6)]
)
def test_the_next_issue_comes_after_the_last_one(desk: Desk, every: str, days: int) -> None:
    last = date.today() + timedelta(days=(4 - date.today().weekday()) % 7)
    desk.write("digest.toml", PUBLICATION.replace("friday", every))
    desk.write("issues/012.md", an_issue(number=12, date=last.isoformat()))
    assert desk.type("new").stdout == "issues/013.md\n"
    issue = issue_file.read(desk.folder / "issues/013.md").issue
    assert (issue.number, issue.date) == (13, last + timedelta(days=days))


def test_a_month_after_the_last_one(desk: Desk) -> None:
    desk.write("digest.toml", PUBLICATION.replace("friday", "month"))
    desk.write("issues/012.md", an_issue(number=12, date="2099-01-31"))
    desk.type("new")
    assert issue_file.read(desk.folder / "issues/013.md").issue.date == date(2099, 2, 28)


def test_day_and_name_can_be_said(desk: Desk) -> None:
    assert (
        desk.type("new", "--date", "2031-05-06", "--slug", "spring.special-1").stdout == "issues/spring.special-1.md\n"
    )
    assert issue_file.read(desk.folder / "issues/spring.special-1.md").issue.date == date(2031, 5, 6)


def test_it_works_from_a_folder_inside(desk: Desk) -> None:
    (desk.folder / "deep/down").mkdir(parents=True)
    assert desk.type("new", at="deep/down").stdout == "../../issues/001.md\n"


@pytest.mark.parametrize(
    "slug", ["../../x", "a/b", "a\\b", ".hidden", "_draft", "con", "NUL.x", "a b", "trailing.", "a\nb", "x" * 300]
)
def test_a_name_that_leads_elsewhere_or_fits_no_system_is_refused(desk: Desk, slug: str) -> None:
    before = desk.files()
    result = desk.type("new", "--slug", slug)
    assert result.exit_code == 1
    assert "cannot be the name of an issue" in result.stderr
    assert desk.files() == before


@pytest.mark.parametrize("slug", ["012", "OLD"])
def test_no_issue_is_written_over(desk: Desk, slug: str) -> None:
    desk.write("issues/012.md", an_issue(number=12))
    desk.write("issues/old.markdown", "An old one.\n")
    before = desk.files()
    result = desk.type("new", "--slug", slug)
    assert result.exit_code == 1
    assert "Give the new issue another name with --slug." in result.stderr
    assert desk.files() == before


def test_a_folder_of_that_name_is_not_written_over(desk: Desk) -> None:
    (desk.folder / "issues/001.md").mkdir(parents=True)
    result = desk.type("new")
    assert result.exit_code == 1
    assert "there is something of that name already\n" not in result.stdout
    assert "issues/001.md" in result.stderr


def test_a_day_that_is_none_is_a_wrong_use(desk: Desk) -> None:
    assert desk.type("new", "--date", "2024-02-31").exit_code == 2


def test_what_carries_comes_over_with_every_word(desk: Desk) -> None:
    desk.write("digest.toml", PUBLICATION + '\n[[section]]\ntitle = "Jobs"\ncarry = true\n')
    jobs = "## Jobs\n\n### [Editor](https://jobs.example/1)\n\nTwo *days* a week.\n\n<!-- until May -->\n"
    desk.write("issues/001.md", an_issue() + "\n" + jobs)
    assert desk.type("new").exit_code == 0
    assert desk.read("issues/002.md").endswith("\n\n## Top stories\n\n" + jobs)


def test_mistakes_in_both_files_are_told_in_one_run(desk: Desk) -> None:
    desk.write("digest.toml", PUBLICATION.replace("name =", "nmae =", 1))
    desk.write("issues/001.md", an_issue().replace("number: 1", "number: one"))
    result = desk.type("new")
    assert result.exit_code == 1
    assert 'knows no "nmae". Did you mean "name"?\n  digest.toml:2' in result.stderr
    assert 'number should be a whole number, not "one".\n  issues/001.md:2' in result.stderr
    assert "2 mistakes." in result.stderr


def test_after_the_last_day_there_is_comes_none(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue(date="9999-12-31"))
    result = desk.type("new")
    assert result.exit_code == 1
    assert "issues/001.md" in result.stderr
    assert desk.type("new", "--date", "2024-02-02").exit_code == 0


def test_issues_without_numbers_are_numbered_by_their_names_or_not_at_all(desk: Desk) -> None:
    for name in ("001", "002"):
        desk.write(f"issues/{name}.md", "---\ntitle: x\n---\n")
    assert desk.type("new").stdout == "issues/003.md\n"


def test_dated_issues_without_numbers_get_none(desk: Desk) -> None:
    desk.write("issues/2024-01-26.md", "---\ndate: 2024-01-26\n---\n")
    desk.write("issues/2024-02-02.md", "---\ndate: 2024-02-02\n---\n")
    assert desk.type("new", "--date", "2024-02-09").stdout == "issues/2024-02-09.md\n"
    assert issue_file.read(desk.folder / "issues/2024-02-09.md").issue.number is None


def test_outside_a_newsletter_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = Desk(tmp_path / "empty", monkeypatch).type("new")
    assert result.exit_code == 1
    assert "No digest.toml in" in result.stderr
    assert '"digest init my-newsletter"' in result.stderr


def test_a_file_in_the_place_of_the_folder_is_told(desk: Desk) -> None:
    desk.write("issues", "mine")
    result = desk.type("new")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: Cannot read: it is a file, not a folder.\n  issues\n"
        "  Issues belong into a folder of this name: give the file another.\n",
    )


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_told(desk: Desk) -> None:
    desk.folder.chmod(0o500)
    result = desk.type("new")
    assert result.exit_code == 1
    assert "you may not write there" in result.stderr
