"""A publication on disk: which issues there are, which one is meant, and a script that renders them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from newsroom import PUBLICATION, Desk, an_issue, environment

from digest import Project, render
from digest.errors import CannotRead, DigestError, Mistakes, NoPublication, NoSuchIssue


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    desk.write("digest.toml", PUBLICATION)
    monkeypatch.chdir(desk.folder)
    return desk


def slugs() -> list[str]:
    return [entry.slug for entry in Project.here().entries()]


def test_issues_are_in_the_order_of_their_days(desk: Desk) -> None:
    desk.write("issues/b.md", an_issue(number=1, date="2024-02-02"))
    desk.write("issues/a.markdown", an_issue(number=2, date="2024-02-09"))
    desk.write("issues/c.md", an_issue(number=3, date="2024-01-05"))
    assert slugs() == ["c", "b", "a"]


def test_one_without_a_day_is_under_way_and_newest(desk: Desk) -> None:
    desk.write("issues/012.md", an_issue(number=12, date="2030-01-01"))
    desk.write("issues/013.md", "---\nnumber: 13\ndate:\n---\n")
    desk.write("issues/002.md", "---\nnumber: 2\nstatus: sent\nsent: 2019-01-01\n---\n")
    desk.write("issues/README.md", "What lies in this folder.\n")
    assert slugs() == ["README", "002", "012", "013"]


def test_hidden_files_folders_and_others_are_no_issues(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue())
    for name in (".001.md.swp", ".draft.md", "_template.md", "notes.txt", "images/x.md"):
        desk.write(f"issues/{name}", "x")
    (desk.folder / "issues/folder.md").mkdir()
    assert slugs() == ["001"]


@pytest.mark.parametrize("name", ["latest", "012", "12", "#12", "#012", "012.md", "issues/012.md"])
def test_an_issue_is_found_by_slug_number_or_file(desk: Desk, name: str) -> None:
    desk.write("issues/011.md", an_issue(number=11, date="2024-01-26"))
    desk.write("issues/012.md", an_issue(number=12))
    assert Project.here().find(name) == Path("issues/012.md")


def test_a_name_comes_before_a_number(desk: Desk) -> None:
    desk.write("issues/12.md", an_issue(number=3))
    desk.write("issues/x.md", an_issue(number=12))
    assert Project.here().find("12") == Path("issues/12.md")


def test_a_file_is_found_from_a_folder_beside_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("issues/012.md", an_issue(number=12))
    monkeypatch.chdir(desk.folder / "issues")
    assert Project.here().find("012.md") == Path("012.md")
    assert Project.here().find("issues/012.md") == Path("../issues/012.md")


@pytest.mark.parametrize("name", ["13", "#13", "", "x\0y", "x" * 5000, "9" * 5000, "../../etc/passwd", "٢", "issues"])
def test_what_is_no_issue_is_told_with_those_there_are(desk: Desk, name: str) -> None:
    desk.write("issues/012.md", an_issue(number=12))
    with pytest.raises(NoSuchIssue) as caught:
        Project.here().find(name)
    assert caught.value.hint == "There are: 012."
    assert len(caught.value.what) < 150


def test_a_near_miss_is_answered_with_the_one_meant(desk: Desk) -> None:
    desk.write("issues/spring-special.md", an_issue(number=12))
    with pytest.raises(NoSuchIssue, match=r'Did you mean "spring-special"\?'):
        Project.here().find("issues/sprnig-special.md")


def test_without_issues_the_way_to_the_first_is_told(desk: Desk) -> None:
    with pytest.raises(NoSuchIssue, match=r"There is no issue yet\.\n  Make the first with"):
        Project.here().find()


def test_two_with_one_number_have_to_be_said_by_name(desk: Desk) -> None:
    desk.write("issues/a.md", an_issue(number=7))
    desk.write("issues/b.md", an_issue(number=7))
    with pytest.raises(DigestError, match=r"2 issues have the number 7\.\n  Say which one: a, b\."):
        Project.here().find("#7")


@pytest.mark.parametrize(
    ("one", "other"), [("a.md", "a.markdown"), ("Issue.md", "issue.md"), ("\u00e9.md", "e\u0301.md")]
)
def test_two_that_would_share_a_folder_are_told(desk: Desk, one: str, other: str) -> None:
    desk.write(f"issues/{one}", an_issue(number=1))
    desk.write(f"issues/{other}", an_issue(number=2))
    if len(os.listdir(desk.folder / "issues")) == 1:
        pytest.skip("this disk takes the two names for one")
    with pytest.raises(Mistakes, match="they would be built into one folder"):
        Project.here().find("latest")


def test_a_day_that_cannot_be_read_is_told_and_no_older_issue_taken(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue(number=1))
    desk.write("issues/002.md", an_issue(number=2, date="2024-02-31"))
    with pytest.raises(Mistakes, match=r'a date such as 2024-02-29, not "2024-02-31"\.\n  issues/002\.md:3'):
        Project.here().find()
    assert Project.here().find("001") == Path("issues/001.md")


def test_a_file_that_is_no_text_stops_only_what_depends_on_it(desk: Desk) -> None:
    desk.write("issues/001.md", b"Caf\xe9\n")
    desk.write("issues/002.md", an_issue(number=2))
    assert Project.here().find("2") == Path("issues/002.md")
    for name in ("latest", "1"):
        with pytest.raises(Mistakes, match=r"it is not UTF-8\.\n  issues/001\.md:1"):
            Project.here().find(name)


def test_entries_follow_what_is_saved_meanwhile(desk: Desk) -> None:
    path = desk.write("issues/001.md", an_issue(number=1))
    project = Project.here()
    assert [entry.number for entry in project.entries()] == [1]
    path.unlink()
    desk.write("issues/001.md", an_issue(number=2))
    assert [entry.number for entry in project.entries()] == [2]


def test_an_issue_brings_its_own_publication(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("issues/001.md", an_issue())
    monkeypatch.chdir(tmp_path)
    assert Project.of("news/issues/001.md").root == Path("news")
    with pytest.raises(NoPublication):
        Project.of("001")


@pytest.mark.skipif(os.name != "posix", reason="Windows removes no folder somebody is in")
def test_a_folder_that_is_gone_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk.folder / "gone").mkdir()
    monkeypatch.chdir(desk.folder / "gone")
    (desk.folder / "gone").rmdir()
    with pytest.raises(DigestError, match="The folder you are in was removed"):
        Project.here()


def test_a_digest_toml_that_is_a_folder_is_told(desk: Desk) -> None:
    (desk.folder / "digest.toml").unlink()
    (desk.folder / "digest.toml").mkdir()
    with pytest.raises(CannotRead, match=r"it is a folder, not a file\.\n  digest\.toml"):
        _ = Project.here().publication


SCRIPT = """
from digest import Project, render

project = Project.here()
email = project.render("012")
print(email.subject)
again = render(project.issue("012"), project.publication)
print(again.html == email.html, again.text == email.text)
"""


def test_a_script_can_render(desk: Desk) -> None:
    desk.write("issues/012.md", an_issue(number=12, title="Moths"))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=desk.folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("News #12\nTrue True\n", "")


def test_a_mail_rendered_in_a_script_has_the_words_and_the_findings(desk: Desk) -> None:
    text = an_issue(number=12, title="Moths") + "\n### [Moths again](https://a.example/12)\n\nx\n"
    desk.write("issues/012.md", text)
    project = Project.here()
    email = project.render("012")
    assert "Moths again" in email.html
    assert "Moths again" in email.text
    assert [(each.level, each.line) for each in email.findings] == [("warning", 14)]
    assert render(project.issue("012"), project.publication).html == email.html


def test_an_empty_issue_is_told(desk: Desk) -> None:
    desk.write("issues/001.md", "")
    email = Project.here().render("001")
    assert [each.what for each in email.findings] == ["There is nothing to read in this issue yet."]


def test_a_number_that_is_taken_is_told(desk: Desk) -> None:
    desk.write("issues/001.md", an_issue(number=7))
    desk.write("issues/002.md", an_issue(number=7))
    told = Project.here().render("002").findings
    assert [(each.what, each.line) for each in told] == [("Number 7 is taken: 001.md has it too.", 2)]


def test_mistakes_of_both_files_and_of_the_themes_options_are_told_together(desk: Desk) -> None:
    desk.write("digest.toml", PUBLICATION + '[theme]\naccnt = "#000"\n')
    desk.write("issues/001.md", an_issue().replace("date:", "dtae:"))
    with pytest.raises(Mistakes) as caught:
        Project.here().render("001")
    assert [each.place for each in caught.value.mistakes] == ["digest.toml:10", "issues/001.md:3"]
