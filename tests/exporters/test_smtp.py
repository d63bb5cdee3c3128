"""A small list over a mail server of one's own: each reader a mail of their own, once, whatever happens."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mail_server import MailServer, serving
from newsroom import CHECKOUT, PUBLICATION, Desk, an_issue, command, environment

from digest import exporting
from digest.exporting import drafting
from digest.exporting.mailing import Mailing
from digest.project import Project
from digest.receipts import Receipts
from digest.services.errors import CredentialRefused, ServiceError
from digest.services.mail_server import LoginRefused
from digest.testing.bench import an_email
from digest.web import Web

LIST = ["ada@r.example", "bob@r.example", "eve@r.example", "kim@r.example", "zoe@r.example"]
PICTURE = CHECKOUT / "templates" / "init" / "images" / "welcome.png"
LEAVE = 'unsubscribe_url = "https://slownews.example/leave?who={email}&from={slug}"\n'
HEAD = "---\nsubject: Five stories, [[first_name|friend]]\npreheader: What is in it, for all who read\n"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: MailServer) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    settle(desk, server)
    desk.write(
        "issues/001.md", an_issue().replace("---\n", HEAD, 1).replace("morning.", "morning, [[first_name|you]].")
    )
    desk.write("readers.csv", "\n".join(["email", *LIST]))
    return desk


def settle(desk: Desk, server: MailServer, *more: str, publication: str = LEAVE) -> None:
    """Write digest.toml for a server."""
    rate = [] if any(each.startswith("rate") for each in more) else ["rate = 1000"]
    lines = ['host = "127.0.0.1"', f"port = {server.port}", 'security = "none"', "timeout = 5", *rate, *more]
    settings = PUBLICATION.replace("\n[[section]]", f"{publication}\n[[section]]")
    desk.write("digest.toml", f"{settings}\n[export.smtp]\n" + "\n".join(lines) + "\n")


def send(desk: Desk, *words: str) -> Any:
    return desk.type("export", "smtp", "--send", "--yes", *words)


def way(desk: Desk, slept: list[float], letter: exporting.Letter | None = None, **environ: str) -> Mailing:
    """The list, mailed without a command and without waiting: `slept` has the seconds that would have been waited."""
    project = Project(desk.folder)
    opened: Any = exporting.opened(project, "smtp", web=Web(), environ=environ)
    letter = letter or exporting.Letter(email=an_email(), slug="001")
    path = desk.folder / "issues/001.receipts.toml"
    return Mailing(opened, "smtp", letter, path, root=desk.folder, sleep=slept.append)


def said(ended: Any) -> str:
    return " ".join((ended.stdout + ended.stderr).split())


# --- what arrives


def test_each_reader_gets_a_mail_of_their_own(desk: Desk, server: MailServer) -> None:
    desk.write("readers.csv", "email;first name\nada@r.example;Ada\nbob+list@r.example;\n")
    assert send(desk).exit_code == 0
    ada, bob = server.messages
    assert (ada["To"].addresses[0].addr_spec, bob["To"].addresses[0].addr_spec) == (
        "ada@r.example",
        "bob+list@r.example",
    )
    assert (ada["Subject"], bob["Subject"]) == ("Five stories, Ada", "Five stories, friend")
    for kind in ("plain", "html"):
        assert "Good morning, Ada." in ada.get_body((kind,)).get_content()
        assert "Good morning, you." in bob.get_body((kind,)).get_content()
        assert "\x02" not in ada.get_body((kind,)).get_content()
    assert b"bob" not in server.got[0].content
    assert b"ada" not in server.got[1].content.lower()


def test_each_mail_can_be_left_with_one_click_by_the_one_who_got_it(desk: Desk, server: MailServer) -> None:
    desk.write("readers.csv", "bob+list@r.example\n")
    send(desk)
    (mail,) = server.messages
    leave = "https://slownews.example/leave?who=bob%2Blist%40r.example&from=001"
    assert mail["List-Unsubscribe"] == f"<{leave}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f'href="{leave.replace("&", "&amp;")}"' in mail.get_body(("html",)).get_content()
    assert leave in mail.get_body(("plain",)).get_content()


def test_a_mailbox_to_leave_by_is_no_single_click(desk: Desk, server: MailServer) -> None:
    settle(desk, server, publication='unsubscribe_email = "leave@news.example"\n')
    send(desk)
    mail = server.messages[0]
    assert mail["List-Unsubscribe"] == "<mailto:leave@news.example?subject=unsubscribe>"
    assert mail["List-Unsubscribe-Post"] is None
    assert 'href="mailto:leave@news.example?subject=unsubscribe"' in mail.get_body(("html",)).get_content()


def test_the_head_of_a_mail_says_what_lists_say(desk: Desk, server: MailServer) -> None:
    send(desk)
    mails = server.messages
    assert {mail["List-Id"] for mail in mails} == {"News <news.news.example>"}
    assert len({mail["Message-ID"] for mail in mails}) == len(LIST)
    assert all(mail["Message-ID"].endswith("@news.example>") for mail in mails)
    assert all(mail["Date"].datetime for mail in mails)
    assert [mail["X-Unsent"] for mail in mails] == [None] * len(LIST)


def test_a_mail_that_is_offered_again_has_the_same_name(desk: Desk, server: MailServer) -> None:
    server.after_data["ada@r.example"] = "451 4.3.0 Come back later, too many mails"
    slept: list[float] = []
    with pytest.raises(ServiceError):
        way(desk, slept).send()
    assert len(server.got) > 2
    assert len({mail["Message-ID"] for mail in server.messages}) == 1


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: all@r.example", "Eve\u2028Bcc: all@r.example", "=?utf-8?q?a=0D=0ABcc=3A_b?="]
)
def test_no_name_adds_a_line_to_the_head(name: str, desk: Desk, server: MailServer) -> None:
    desk.write("readers.csv", f'email,first name\neve@r.example,"{name}"\n')
    way(desk, []).send()
    (mail,) = server.messages
    assert mail["Bcc"] is None
    assert [each.rcpt_tos for each in server.got] == [["eve@r.example"]]


def test_pictures_travel_with_each_mail_unless_they_are_on_the_web(desk: Desk, server: MailServer) -> None:
    desk.write(
        "issues/001.md", desk.read("issues/001.md").replace("A blurb.", "![A jar](images/welcome.png)\n\nA blurb.")
    )
    desk.write("issues/images/welcome.png", PICTURE.read_bytes())
    desk.write("readers.csv", "\n".join(LIST[:2]))
    assert send(desk).exit_code == 0
    for mail in server.messages:
        held = {each["Content-ID"].strip("<>") for each in mail.walk() if each["Content-ID"]}
        assert set(re.findall(r'src="cid:([^"]+)"', mail.get_body(("html",)).get_content())) == held != set()
    server.got.clear()
    (desk.folder / "issues/001.receipts.toml").unlink()
    (desk.folder / ".digest/mailed-001.smtp").unlink()
    settle(desk, server, publication=LEAVE + 'assets_url = "https://cdn.example"\n')
    send(desk)
    assert 'src="https://cdn.example/' in server.messages[0].get_body(("html",)).get_content()


def test_one_line_serves_for_all(desk: Desk, server: MailServer) -> None:
    send(desk)
    assert (server.mailed_to, server.hellos) == (LIST, 2)  # once more to look before anybody was asked


# --- whom it goes to


def test_who_left_is_not_mailed_though_another_line_says_otherwise(desk: Desk, server: MailServer) -> None:
    desk.write(
        "readers.csv", "email,status\nada@r.example,subscribed\nbob@r.example,active\nADA@r.example,unsubscribed\n"
    )
    ended = send(desk)
    assert server.mailed_to == ["bob@r.example"]
    assert "1 on the list has left it" in said(ended)


def test_who_leaves_between_two_runs_is_not_mailed_by_the_second(desk: Desk, server: MailServer) -> None:
    server.at_mail = ["", "", "535 5.7.8 No more"]
    assert send(desk).exit_code == 4
    desk.write("readers.csv", "\n".join(LIST[:4]))
    assert send(desk).exit_code == 0
    assert server.mailed_to == LIST[:4]


def test_one_bad_line_and_nobody_is_mailed(desk: Desk, server: MailServer) -> None:
    desk.write("readers.csv", "email\nada@r.example\nbob@\nkim@r.example\nzoe.r.example\n")
    ended = send(desk)
    assert (ended.exit_code, server.hellos) == (1, 0)
    assert "readers.csv:3" in ended.stderr
    assert "readers.csv:5" in ended.stderr
    assert not (desk.folder / "issues/001.receipts.toml").exists()


def test_without_a_way_to_leave_a_few_are_mailed_and_more_are_not(desk: Desk, server: MailServer) -> None:
    settle(desk, server, publication="")
    desk.write("readers.csv", "\n".join(f"r{number}@r.example" for number in range(21)))
    ended = send(desk, "--force")
    assert (ended.exit_code, server.hellos) == (1, 0)
    assert "no way for them to leave" in said(ended)
    assert "unsubscribe_url" in said(ended)
    desk.write("readers.csv", "\n".join(f"r{number}@r.example" for number in range(20)))
    ended = send(desk)
    assert ended.exit_code == 0
    assert "unsubscribed from by mail only" in said(ended)
    assert len(server.got) == 20
    assert server.messages[0]["List-Unsubscribe"] == "<mailto:ed@news.example?subject=unsubscribe>"


def test_a_list_that_is_too_long_is_for_a_mailing_service(desk: Desk, server: MailServer) -> None:
    settle(desk, server, "most = 4")
    ended = send(desk, "--force")
    assert (ended.exit_code, server.hellos) == (1, 0)
    assert "A mailing service is made for more" in said(ended)
    assert not (desk.folder / "issues/001.receipts.toml").exists()


def test_a_file_of_readers_that_is_not_there_is_told_with_how_to_write_one(desk: Desk, server: MailServer) -> None:
    (desk.folder / "readers.csv").unlink()
    ended = send(desk)
    assert (ended.exit_code, server.got) == (1, [])
    assert "There is no file of readers, readers.csv" in ended.stderr


def test_readers_that_git_shares_are_a_warning(desk: Desk) -> None:
    for words in (["init", "-q"], ["add", "readers.csv"]):
        subprocess.run(["git", *words], cwd=desk.folder, check=True)
    assert "git rm --cached readers.csv" in said(desk.type("export", "smtp", "--dry-run=remote"))


def test_the_file_is_only_read_and_nothing_keeps_an_address(desk: Desk, server: MailServer) -> None:
    before = desk.read("readers.csv")
    send(desk)
    assert desk.read("readers.csv") == before
    others = {name: content for name, content in desk.files().items() if name != "readers.csv"}
    assert [name for name, content in others.items() if b"r.example" in content] == []


# --- before


def test_a_dry_run_shows_one_mail_and_connects_to_nobody(desk: Desk, server: MailServer) -> None:
    ended = desk.type("export", "smtp", "--dry-run")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.startswith(f"SMTP 127.0.0.1:{server.port}\n")
    assert '"RCPT TO": "reader@example.org"' in ended.stdout
    assert '"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"' in ended.stdout
    assert server.hellos == 0


def test_a_dry_run_that_looks_logs_in_counts_and_mails_nobody(desk: Desk, server: MailServer) -> None:
    ended = desk.type("export", "smtp", "--dry-run=remote")
    assert "5 readers wait for it. Nothing was sent" in ended.stderr
    assert (server.hellos, server.got) == (1, [])


def test_a_test_goes_to_the_addresses_typed_alone(desk: Desk, server: MailServer) -> None:
    ended = desk.type("export", "smtp", "--test", "me@self.example,you@self.example")
    assert ended.exit_code == 0, ended.output
    assert server.mailed_to == ["me@self.example", "you@self.example"]
    assert [mail["Subject"] for mail in server.messages] == ["[test] Five stories, friend"] * 2
    assert not (desk.folder / "issues/001.receipts.toml").exists()


def test_nothing_is_sent_without_the_issues_number(desk: Desk, server: MailServer) -> None:
    ended = desk.type("export", "smtp", "--send")
    assert (ended.exit_code, server.got) == (1, [])


def test_the_table_knows_neither_url_nor_extra(desk: Desk, server: MailServer) -> None:
    settle(desk, server, 'url = "x"', 'readers = " "', "most = 100000", 'password = "swordfish"', "[export.smtp.extra]")
    ended = send(desk)
    assert (ended.exit_code, server.hellos) == (4, 0)
    for words in (
        'knows no "url"',
        'knows no "extra"',
        "readers should be",
        "most should be",
        '"password" is a secret',
    ):
        assert words in said(ended)
    assert 'knows no "password"' not in said(ended)
    assert "swordfish" not in ended.output


def test_a_password_is_asked_for_only_where_somebody_logs_in(
    desk: Desk, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    assert desk.type("export", "smtp", "--dry-run=remote").exit_code == 0
    settle(desk, server, 'user = "ed"')
    ended = desk.type("export", "smtp", "--dry-run=remote")
    assert ended.exit_code == 4
    assert "SMTP_PASSWORD" in ended.stderr
    assert desk.type("export", "smtp", "--dry-run").exit_code == 0


def test_a_relay_that_nobody_logs_in_to_is_not_listed_as_lacking_a_key(desk: Desk, server: MailServer) -> None:
    def wants_key() -> bool:
        (found,) = (each for each in json.loads(desk.type("services", "--json").stdout) if each["name"] == "smtp")
        return bool(found["wants_key"])

    assert not wants_key()
    settle(desk, server, 'user = "ed"')
    assert wants_key()


def test_a_list_that_was_begun_when_receipts_knew_the_settings_too_is_gone_on_with(
    desk: Desk, server: MailServer
) -> None:
    server.at_mail = ["", "", "550 5.4.5 Daily sending quota exceeded"]
    send(desk)
    half = way(desk, [], exporting.ready(Project(desk.folder), "latest", "smtp").letter)
    draft = replace(drafting.draft(half.letter, half.mailer, {}), settings="Settings()")
    receipts = Receipts(desk.folder / "issues/001.receipts.toml")
    receipts.put("smtp", replace(half.receipt, content=draft.content))
    assert "3 sent, 2 had it already" in send(desk).stdout


# --- when something goes wrong


def test_an_issue_is_sent_once(desk: Desk, server: MailServer) -> None:
    send(desk)
    ended = send(desk, "--force")
    assert (ended.exit_code, server.mailed_to) == (1, LIST)
    assert desk.type("export", "smtp", "--status").stdout == "SMTP: sent\n"


def test_readers_who_are_not_there_keep_nobody_else_from_the_mail(desk: Desk, server: MailServer) -> None:
    server.refused = dict.fromkeys(LIST[:4], "550 5.1.1 No such person here")
    ended = send(desk)
    assert (ended.exit_code, server.mailed_to) == (1, LIST[4:])
    assert "1 sent, 4 could not be sent" in ended.stdout
    assert "No such person here" in ended.stderr


def test_refusals_that_say_nothing_of_the_reader_stop_it_and_the_next_run_goes_on_with_the_others(
    desk: Desk, server: MailServer
) -> None:
    server.refused = dict.fromkeys(LIST[:3], "554 5.7.1 Relay access denied")
    assert send(desk).exit_code == 5
    assert server.got == []
    ended = send(desk)
    assert server.mailed_to == LIST[3:]
    assert "It stopped on its way: 2 sent, 3 could not be sent" in said(ended)


@pytest.mark.parametrize(
    "answer", ["450 4.7.1 Too many mails", "451 4.3.2 Please try again later", "421 4.7.0 Slow down"]
)
def test_a_server_that_wants_it_slower_gets_it_slower(answer: str, desk: Desk, server: MailServer) -> None:
    server.at_mail = ["", answer, answer]
    slept: list[float] = []
    tally = way(desk, slept).send()
    assert (tally.sent, server.mailed_to) == (5, LIST)
    assert max(slept) >= 2


def test_a_limit_for_the_day_stops_it_and_another_day_goes_on(desk: Desk, server: MailServer) -> None:
    server.at_mail = ["", "", "550 5.4.5 Daily sending quota exceeded"]
    ended = send(desk)
    assert (ended.exit_code, server.mailed_to) == (5, LIST[:2])
    assert "Daily sending quota exceeded" in said(ended)
    assert "It stopped on its way: 2 sent. Run it again to go on with the rest." in said(ended)
    assert desk.type("export", "smtp", "--status").stdout == "SMTP: sending; 2 have it\n"
    assert "3 sent, 2 had it already" in send(desk).stdout
    assert server.mailed_to == LIST


def test_another_server_and_pace_mail_the_rest_of_a_list(desk: Desk, server: MailServer) -> None:
    server.at_mail = ["", "", "550 5.4.5 Daily sending quota exceeded"]
    assert send(desk).exit_code == 5
    with serving() as other:
        settle(desk, other, "most = 10")
        assert "3 sent, 2 had it already" in send(desk).stdout
        assert (server.mailed_to, other.mailed_to) == (LIST[:2], LIST[2:])


def test_a_newsletter_that_is_called_otherwise_in_the_middle_of_a_list_mails_nobody_twice(
    desk: Desk, server: MailServer
) -> None:
    server.at_mail = ["", "", "550 5.4.5 Daily sending quota exceeded"]
    send(desk)
    desk.write("digest.toml", desk.read("digest.toml").replace('name = "News"', 'name = "Newer"'))
    assert "2 readers have this issue as it was" in said(send(desk))
    assert send(desk, "--force").exit_code == 0
    assert server.mailed_to == LIST


def test_who_waits_and_how_long_it_takes_is_told_before_the_question(desk: Desk, server: MailServer) -> None:
    desk.write("readers.csv", "\n".join(f"r{number}@r.example" for number in range(500)))
    settle(desk, server, "rate = 0.5")
    ended = desk.type("export", "smtp", "--send")
    assert "500 readers wait for it; at 30 mails a minute that takes about 17 minutes." in said(ended)
    assert server.got == []


def test_half_a_list_never_gets_another_mail_than_the_other_half(desk: Desk, server: MailServer) -> None:
    server.at_mail = ["", "", "550 5.4.5 Daily sending quota exceeded"]
    send(desk)
    desk.write("issues/001.md", desk.read("issues/001.md").replace("A blurb.", "Another blurb."))
    ended = send(desk)
    assert (ended.exit_code, server.mailed_to) == (1, LIST[:2])
    assert "2 readers have this issue as it was" in said(ended)


@pytest.mark.parametrize(
    "answer", ["552 Mailbox full, quota exceeded", "550 No such user", "450 4.2.2 Over quota, try again later"]
)
def test_a_mailbox_that_takes_nothing_is_no_limit_of_ours(answer: str, desk: Desk, server: MailServer) -> None:
    server.refused = dict.fromkeys(LIST[:3], answer)
    assert (len(way(desk, []).send().refused), server.mailed_to) == (3, LIST[3:])


@pytest.mark.parametrize("word", ["421 4.7.0 Too many messages in this connection", ""])
@pytest.mark.parametrize("per_line", [1, 2])
def test_a_server_that_hangs_up_after_some_mails_is_called_again(
    per_line: int, word: str, desk: Desk, server: MailServer
) -> None:
    server.per_line, server.last_word = per_line, word
    slept: list[float] = []
    assert way(desk, slept).send().sent == 5
    assert server.mailed_to == LIST
    assert max(slept, default=0) < 1, "it was taken for a server that wants it slower"


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_login_that_is_no_longer_taken_stops_it(desk: Desk) -> None:
    with serving(password="one", auth_require_tls=False) as server:
        settle(desk, server, 'user = "ed"')
        server.per_line = 2
        server.watch = lambda word, about: setattr(server, "password", "two") if len(server.got) == 2 else None
        with pytest.raises((LoginRefused, CredentialRefused)) as told:
            way(desk, [], SMTP_PASSWORD="one").send()
        assert told.value.exit_code == 4
        assert "It stopped on its way: 2 sent" in str(told.value)
        assert "Nothing was sent" not in str(told.value)
        tally = way(desk, [], SMTP_PASSWORD="two").send()
        assert (tally.sent, tally.had, server.mailed_to) == (3, 2, LIST)


@pytest.mark.parametrize("answer", ["", "999 what"])
def test_a_mail_nobody_answered_for_is_told_and_never_sent_again(answer: str, desk: Desk, server: MailServer) -> None:
    server.after_data[LIST[1]] = answer
    server.at_mail = ["", "", "", "535 5.7.8 No more"]
    ended = send(desk)
    assert (ended.exit_code, server.mailed_to) == (4, LIST[:3])
    server.after_data.clear()
    ended = send(desk)
    assert (ended.exit_code, server.mailed_to) == (1, LIST)
    assert f"{LIST[1]} may have it or not" in said(ended)
    later = desk.type("export", "smtp", "--status")
    assert later.stdout == "SMTP: sent; of 1 nobody knows\n"
    assert f"unsure: {LIST[1]} may have it or not" in said(later)


def test_nobody_at_the_port_is_told_before_anything_is_written(desk: Desk) -> None:
    with serving() as gone:
        settle(desk, gone)
    ended = send(desk)
    assert ended.exit_code == 5
    assert "Nothing was sent." in said(ended)
    assert not (desk.folder / "issues/001.receipts.toml").exists()


@pytest.mark.parametrize(
    ("word", "how", "before", "unsure"),
    [
        ("RCPT", signal.SIGKILL, 2, 0),
        ("DATA", signal.SIGKILL, 3, 1),
        ("DATA", signal.SIGINT, 3, 1),
        ("RCPT", signal.SIGINT, 2, 0),
    ],
)
def test_a_run_that_was_stopped_is_finished_by_the_next_and_nobody_is_mailed_twice(
    word: str, how: signal.Signals, before: int, unsure: int, desk: Desk, server: MailServer
) -> None:
    """Where nobody can say whether the one who was being mailed has it, that is told."""
    if os.name == "nt":
        pytest.skip("no signals here")
    # Where the tests themselves run in the background, SIGINT would be ignored.
    awake = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    words = ["export", "smtp", "--send", "--yes"]
    running: list[subprocess.Popen[str]] = []
    server.watch = _at_the_third(server, word, lambda: os.kill(running[0].pid, how))
    running.append(
        subprocess.Popen(
            command(words, awake),
            cwd=desk.folder,
            env=environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    )
    _, told = running[0].communicate(timeout=60)
    assert running[0].returncode == (130 if how == signal.SIGINT else -how)
    if how == signal.SIGINT:
        assert "Stopped on its way: 2 sent" in told
        assert told.count("may have it or not") == unsure
        assert "nobody is mailed twice" in told
    assert Receipts(desk.folder / "issues/001.receipts.toml").get("smtp").state == "sending"
    assert len(server.got) <= before
    server.watch = lambda word, about: None
    ended = send(desk)
    mailed = server.mailed_to
    assert len(mailed) == len(set(mailed))
    assert set(LIST) - set(mailed) <= ({LIST[2]} if unsure else set())
    assert said(ended).count("may have it or not") == unsure
    assert (f"{LIST[2]} may have it or not" in said(ended)) == bool(unsure)


def _at_the_third(server: MailServer, word: str, then: Callable[[], None]) -> Callable[[str, str], None]:
    seen = 0

    def watch(now: str, about: str) -> None:
        nonlocal seen
        seen += now == word
        if now == word and seen == 3:
            then()

    return watch
