"""An issue's whole life as an editor lives it: told what happens, stopped before what cannot be undone."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from typing import Any

import pytest
from newsroom import PUBLICATION, Desk, an_issue, command, environment

KEY = "0123456789abcdef0123456789abcdef-us1"
HEAD = "---\nsubject: Five stories\npreheader: What is in it, for all who read\n"


@pytest.fixture
def fake(services: dict[str, Any]) -> Any:
    services["mailchimp"].reset()
    return services["mailchimp"]


@pytest.fixture
def desk(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, fake: Any) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    monkeypatch.setenv("MAILCHIMP_API_KEY", KEY)
    table = f'\n[web]\nallow_private = true\n\n[export.mailchimp]\nurl = "{fake.url}"\nlist = "l1"\n'
    publication = PUBLICATION.replace("every =", 'timezone = "Europe/Copenhagen"\nevery =')
    desk.write("digest.toml", publication + table)
    desk.write("issues/001.md", an_issue().replace("---\n", HEAD, 1))
    return desk


def at_terminal(desk: Desk, *words: str, answer: str) -> subprocess.CompletedProcess[str]:
    """`digest` and `words`, typed where somebody sits, who then answers."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        return subprocess.run(
            command(words),
            cwd=desk.folder,
            env=environment(),
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)


def add(desk: Desk, text: str) -> None:
    desk.write("issues/001.md", desk.read("issues/001.md") + text)


# --- before anything is written


def test_what_the_checks_call_an_error_stops_it_and_force_goes_on(desk: Desk, fake: Any) -> None:
    add(desk, "\n[A page](page.html) of ours.\n")
    stopped = desk.type("export", "mailchimp")
    assert (stopped.exit_code, fake.seen) == (3, [])
    assert "digest check 001 --for mailchimp" in stopped.stderr
    assert desk.type("check", "001", "--for", "mailchimp").exit_code == 3
    assert desk.type("export", "mailchimp", "--force").exit_code == 0


def test_a_mail_that_nobody_can_leave_stops_even_by_force(desk: Desk, fake: Any) -> None:
    for ending in ("mjml", "txt"):
        desk.write(f"templates/brief/parts/footer.{ending}", "")
    stopped = desk.type("export", "mailchimp", "--force")
    assert (stopped.exit_code, fake.writes()) == (3, [])
    assert "unsubscribe" in stopped.stderr


def test_what_a_service_cannot_is_told_once_an_issue(desk: Desk) -> None:
    first, again = desk.type("export", "mailchimp"), desk.type("export", "mailchimp")
    assert "drag-and-drop" in first.stderr
    assert "drag-and-drop" not in again.stderr


def test_an_issue_that_ran_is_no_draft_in_another_service_unless_by_force(desk: Desk, fake: Any) -> None:
    desk.write("issues/001.md", desk.read("issues/001.md").replace("---\n", "---\nstatus: sent\n", 1))
    stopped = desk.type("export", "mailchimp")
    assert (stopped.exit_code, fake.writes()) == (1, [])
    assert "marked as sent" in stopped.stderr
    assert desk.type("export", "mailchimp", "--force").exit_code == 0


# --- keys and connections


def test_a_wrong_key_says_where_it_was_found(desk: Desk, monkeypatch: pytest.MonkeyPatch, fake: Any) -> None:
    monkeypatch.delenv("MAILCHIMP_API_KEY")
    desk.write(".env", "MAILCHIMP_API_KEY=ffffffffffffffff-us1\n")
    ended = desk.type("export", "mailchimp")
    assert (ended.exit_code, fake.campaigns) == (4, {})
    assert "MAILCHIMP_API_KEY in .env" in ended.stderr
    assert "ffffffffffffffff" not in ended.output


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_keys_that_git_shares_are_told(desk: Desk) -> None:
    desk.write(".env", "A=b\n")
    for words in (["init", "-q"], ["add", "-f", ".env"]):
        subprocess.run(["git", *words], cwd=desk.folder, check=True)
    assert "git rm --cached .env" in desk.type("export", "mailchimp", "--status").stderr


def test_a_service_that_is_out_of_reach_is_told_and_nothing_was_written(desk: Desk, fake: Any) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    desk.write("digest.toml", re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", desk.read("digest.toml")))
    words = ("export", "mailchimp")
    ended = subprocess.run(
        command(words, "import time; time.sleep = lambda seconds: None"),
        cwd=desk.folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 5
    assert "cannot be reached" in ended.stderr
    assert "Nothing was written." in ended.stderr


def test_garbage_is_told_in_one_sentence(desk: Desk, fake: Any) -> None:
    fake.fault(0, "garbage_after")
    ended = desk.type("export", "mailchimp")
    assert ended.exit_code == 5
    assert "What Mailchimp answered cannot be read.\n  Nothing was written." in ended.stderr
    assert fake.campaigns == {}


def test_no_secret_is_in_any_output_or_file(desk: Desk, fake: Any) -> None:
    said = []
    for words in [("--dry-run",), (), ("--test", "me@a.example"), ("--status",)]:
        said.append(desk.type("export", "mailchimp", *words).output)
        fake.refuses(0, 403, fake.refusal(403, f"Key {KEY} may not."))
        said.append(desk.type("export", "mailchimp", "--status").output)
    said.append(desk.type("services").output + desk.type("services", "--json").output)
    everything = "".join(said).encode() + b"".join(desk.files().values())
    assert b"may not" in everything
    for secret in (KEY, KEY.partition("-")[0]):
        assert secret.encode() not in everything
    assert b"me@a.example" not in b"".join(desk.files().values())


# --- out to readers


@pytest.mark.usefixtures("terminal")
def test_sending_wants_the_issues_number(desk: Desk, fake: Any) -> None:
    wrong = at_terminal(desk, "export", "mailchimp", "--send", answer="2")
    assert (wrong.returncode, fake.mailed) == (1, [])
    assert "will mail News 1 to every reader. Type 1 to go on" in wrong.stderr
    right = at_terminal(desk, "export", "mailchimp", "--send", answer="1")
    assert (right.returncode, fake.mailed) == (0, ["id000001"])
    assert "digest export mailchimp 001 --status" in right.stderr


def test_a_schedule_is_shown_in_the_newsletters_time_and_in_utc(desk: Desk, fake: Any) -> None:
    said = desk.type("export", "mailchimp", "--schedule", "friday 09:00").stdout
    shown = re.match(r"Mailchimp: scheduled for (Friday .*, 09:00 (CES?T) \(\d{4}-\d\d-\d\d (\d\d):00 UTC\))\n", said)
    assert shown
    assert shown[3] == {"CET": "08", "CEST": "07"}[shown[2]]
    assert f"scheduled for {shown[1]}\n" in desk.type("export", "mailchimp", "--status").stdout
    add(desk, "\nMore.\n")
    stopped = desk.type("export", "mailchimp", "--force")
    assert "digest export mailchimp 001 --unschedule" in stopped.stderr


@pytest.mark.usefixtures("terminal")
def test_status_offers_to_mark_it_on_the_day_it_went(desk: Desk, fake: Any) -> None:
    desk.type("export", "mailchimp")
    fake.turn("id000001", "sent")
    # Half past midnight in Copenhagen.
    fake.campaigns["id000001"]["send_time"] = "2026-01-08T23:30:00+00:00"
    assert "digest sent 001 --date 2026-01-09\n" in desk.type("export", "mailchimp", "--status").stderr
    assert at_terminal(desk, "export", "mailchimp", "--status", answer="y").returncode == 0
    assert {"status: sent", "sent: 2026-01-09"} <= set(desk.read("issues/001.md").splitlines())
    refused = desk.type("export", "mailchimp", "--force")
    assert refused.exit_code == 1
    assert refused.stderr.endswith("It is at https://archive.example/id000001\n")


def test_what_was_sent_and_thrown_away_there_is_not_made_again(desk: Desk, fake: Any) -> None:
    desk.type("export", "mailchimp", "--send", "--yes")
    del fake.campaigns["id000001"]
    for _ in range(2):
        refused = desk.type("export", "mailchimp", "--force")
        assert (refused.exit_code, fake.campaigns) == (1, {})
        assert "has sent this issue" in refused.stderr


# --- what arrives


def test_where_it_is_on_the_web_is_in_the_mail_once_it_is_sent(desk: Desk, fake: Any) -> None:
    desk.type("export", "mailchimp")
    desk.type("build")
    before = desk.files()
    assert b"https://archive.example" not in before["build/001/email.txt"]
    desk.type("build")
    assert desk.files() == before
    fake.turn("id000001", "sent")
    desk.type("export", "mailchimp", "--status")
    desk.type("build")
    assert "https://archive.example/id000001" in desk.read("build/001/email.txt")
    text = desk.read("digest.toml")
    desk.write("digest.toml", text.replace("every =", 'view_url = "https://news.example/{slug}"\nevery =', 1))
    desk.type("build")
    assert "https://news.example/001" in desk.read("build/001/email.txt")
    assert "archive.example" not in desk.read("build/001/email.txt")


def test_links_are_tagged_but_for_sponsors_and_what_is_no_page(desk: Desk, fake: Any) -> None:
    add(
        desk,
        "\nWrite to [us](mailto:ed@news.example), or read [this](https://b.example/x?a=%20b&c=d/e#f:~:text=g%20h)"
        " or [that](https://c.example/?utm_source=them).\n\n## From our sponsor\nsponsor: Acme\n\n"
        "### [Paper](https://acme.example/notebooks?deal=1)\n\nMore [pens](https://acme.example/pens).\n",
    )
    desk.write("digest.toml", desk.read("digest.toml") + '\n[utm]\nsource = "news"\nmedium = "e mail"\n')
    assert desk.type("export", "mailchimp").exit_code == 0
    held = fake.held("id000001")
    added = "utm_source=news&utm_medium=e%20mail"
    wanted = {
        f"https://a.example/1?{added}",
        f"https://b.example/x?a=%20b&c=d/e&{added}#f:~:text=g%20h",
        "https://c.example/?utm_source=them",
        "https://acme.example/notebooks?deal=1",
        "https://acme.example/pens",
        "mailto:ed@news.example",
    }
    links = {each.replace("&amp;", "&") for each in re.findall(r'href="([^"]*)"', held["HTML"])}
    assert wanted <= links
    assert [each for each in wanted if each not in held["text part"] and "mailto" not in each] == []
    assert {"*|UNSUB|*", "*|ARCHIVE|*"} <= links


@pytest.mark.parametrize(("name", "hidden"), [("mailchimp", 0), ("buttondown", 1), ("ghost", 0)])
def test_a_real_mail_has_its_preheader_once(name: str, hidden: int, desk: Desk, services: dict[str, Any]) -> None:
    service = services[name]
    service.reset()
    table = f'\n[web]\nallow_private = true\n\n[export.{name}]\nurl = "{service.url}"\n'
    desk.write("digest.toml", PUBLICATION + table)
    desk.write(".env", f"{name.upper()}_API_KEY={service.secret}\n")
    os.environ.pop("MAILCHIMP_API_KEY")  # the desk's fixture puts it back
    ended = desk.type("export", name)
    assert ended.exit_code == 0, ended.output
    held = service.held(service.drafts[0]["id"])
    assert held["HTML"].count("for all who read") == hidden
    assert ("for all who read" in held.get("preheader", "")) == (not hidden)
