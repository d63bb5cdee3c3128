"""Amazon SES keeps no drafts, so that each reader of a list is mailed by us: once, whatever happens."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from newsroom import CHECKOUT, PUBLICATION, Desk, an_issue
from ses_account import ROOT, SesAccount

from digest import merge_tags
from digest.exporters import ses
from digest.exporters.base import Draft
from digest.exporting import Letter, prepared
from digest.exporting.mailing import Mailing
from digest.mailing.delivery import Reader
from digest.receipts import Receipts
from digest.services.errors import CannotDo
from digest.testing.bench import an_email
from digest.web import Web

pytest.importorskip("boto3", reason="boto3, of the extra ses, is not installed")
READERS = ["a@reader.example", "b@reader.example", "c@reader.example", "d@reader.example", "e@reader.example"]


@pytest.fixture(scope="module")
def started() -> Iterator[SesAccount]:
    with SesAccount() as account:
        yield account


@pytest.fixture
def account(started: SesAccount) -> SesAccount:
    started.reset()
    # Faster than the test has time for.
    started.quota["MaxSendRate"] = 10_000.0
    started.join(*READERS)
    return started


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, account: SesAccount) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not/a/real/secret+0123456789")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    table = f'\n[export.ses]\nurl = "{account.endpoint}"\nregion = "eu-west-1"\nlist = "readers"\n'
    desk.write("digest.toml", PUBLICATION + table)
    head = "---\nsubject: Five stories\npreheader: What is in it, for all who read\n"
    desk.write("issues/001.md", an_issue().replace("---\n", head, 1))
    return desk


def way(desk: Desk, account: SesAccount, **more: str) -> Mailing:
    """The list, mailed without a command around it."""
    settings = ses.Settings(url=account.endpoint, region="eu-west-1", list="readers", **more)
    mailer: Any = prepared(ses.Exporter, settings, "", web=Web())
    return Mailing(mailer, "ses", Letter(email=an_email(), slug="001"), desk.folder / "r.toml", root=desk.folder)


def test_without_a_word_for_sending_nothing_is_asked_and_the_way_on_is_told(desk: Desk, account: SesAccount) -> None:
    ended = desk.type("export", "ses")
    assert (ended.exit_code, account.seen) == (1, [])
    assert "keeps no drafts" in ended.stderr
    assert "--test" in ended.stderr


def test_a_dry_run_shows_one_request_and_asks_nothing(desk: Desk, account: SesAccount) -> None:
    ended = desk.type("export", "ses", "--dry-run")
    assert ended.exit_code == 0, ended.output
    assert f"POST {account.endpoint}{ROOT}/outbound-emails\n" in ended.stdout
    assert '"ContactListName": "readers"' in ended.stdout
    assert account.seen == []


def test_a_dry_run_that_looks_counts_the_readers_and_mails_none(desk: Desk, account: SesAccount) -> None:
    ended = desk.type("export", "ses", "--dry-run=remote")
    assert ended.exit_code == 0, ended.output
    assert f"POST {account.endpoint}{ROOT}/outbound-emails\n" in ended.stdout
    assert "5 readers wait for it. Nothing was sent" in ended.stderr
    assert account.mails == []


def test_a_test_goes_to_the_addresses_typed_and_bears_no_list(desk: Desk, account: SesAccount) -> None:
    ended = desk.type("export", "ses", "--test", "me@self.example,you@self.example")
    assert ended.exit_code == 0, ended.output
    assert account.mailed_to == ["me@self.example", "you@self.example"]
    mail = account.mails[0]
    assert mail["Content"]["Simple"]["Subject"]["Data"] == "[test] Five stories"
    assert "ListManagementOptions" not in mail
    assert "{{" not in mail["Content"]["Simple"]["Body"]["Html"]["Data"]
    assert not (desk.folder / "issues/001.receipts.toml").exists()


def test_each_reader_gets_a_mail_that_can_be_left(desk: Desk, account: SesAccount) -> None:
    ended = desk.type("export", "ses", "--send", "--yes")
    assert ended.exit_code == 0, ended.output
    assert account.mailed_to == READERS
    mail = account.mails[0]
    assert mail["ListManagementOptions"] == {"ContactListName": "readers"}
    body = mail["Content"]["Simple"]["Body"]
    assert 'href="{{amazonSESUnsubscribeUrl}}"' in body["Html"]["Data"]
    assert "{{amazonSESUnsubscribeUrl}}" in body["Text"]["Data"]
    assert "Amazon SES: 5 sent" in ended.stdout


def test_pictures_travel_with_each_mail(desk: Desk, account: SesAccount) -> None:
    picture = (CHECKOUT / "templates/init/images/welcome.png").read_bytes()
    desk.write("issues/images/welcome.png", picture)
    issue = desk.read("issues/001.md")
    desk.write("issues/001.md", issue.replace("A blurb.", "![A jar](images/welcome.png)\n\nA blurb."))
    shown = desk.type("export", "ses", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "image/png" in shown.stdout
    assert desk.type("export", "ses", "--send", "--yes").exit_code == 0
    simple = account.mails[0]["Content"]["Simple"]
    (enclosed,) = simple["Attachments"]
    assert f'src="cid:{enclosed["ContentId"]}"' in simple["Body"]["Html"]["Data"]
    assert (enclosed["ContentDisposition"], enclosed["ContentType"]) == ("INLINE", "image/png")
    assert base64.b64decode(enclosed["RawContent"])[:4] == b"\x89PNG"
    assert account.mails[0]["ListManagementOptions"] == {"ContactListName": "readers"}


def test_an_issue_is_sent_once(desk: Desk, account: SesAccount) -> None:
    desk.type("export", "ses", "--send", "--yes")
    ended = desk.type("export", "ses", "--send", "--yes", "--force")
    assert (ended.exit_code, len(account.mails)) == (1, len(READERS))
    assert "has sent this issue" in ended.stderr
    assert desk.type("export", "ses", "--status").stdout == "Amazon SES: sent\n"


def test_who_has_left_gets_nothing(desk: Desk, account: SesAccount) -> None:
    account.join("gone@reader.example", gone=True)
    way(desk, account).send()
    assert account.mailed_to == READERS


def test_of_a_topic_only_those_who_chose_it_get_it(desk: Desk, account: SesAccount) -> None:
    account.contacts.clear()
    account.join("yes@reader.example", topic="weekly")
    account.join("no@reader.example", topic="weekly", opted="OPT_OUT")
    account.join("other@reader.example", topic="daily")
    way(desk, account, topic="weekly").send()
    assert account.mailed_to == ["yes@reader.example"]
    assert account.mails[0]["ListManagementOptions"]["TopicName"] == "weekly"


def test_nothing_is_sent_without_the_issues_number(desk: Desk, account: SesAccount) -> None:
    ended = desk.type("export", "ses", "--send")
    assert (ended.exit_code, account.mails) == (1, [])
    assert "5 readers wait for it" in ended.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sandbox": True}, "sandbox"),
        ({"enabled": False}, "SHUTDOWN"),
        ({"quota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 196.0}}, "4 more"),
        ({"contacts": []}, "Nobody"),
    ],
)
def test_what_would_stop_it_half_way_stops_it_before(
    change: dict[str, Any], words: str, desk: Desk, account: SesAccount
) -> None:
    vars(account).update(change)
    with pytest.raises(CannotDo, match=words):
        way(desk, account).send()
    assert account.mails == []
    assert not (desk.folder / "r.toml").exists()


def test_more_links_to_leave_than_ses_fills_in_are_told_before_anybody_is_mailed(
    desk: Desk, account: SesAccount
) -> None:
    leave = "A blurb, and [leave]([[unsubscribe_url]])."
    desk.write("issues/001.md", desk.read("issues/001.md").replace("A blurb.", leave))
    ended = desk.type("export", "ses", "--send", "--yes", "--force")
    assert (ended.exit_code, account.mails) == (1, [])
    assert "2 links to leave in its HTML and 2 in its text part" in " ".join(ended.stderr.split())


def test_a_reader_sees_their_own_address_in_its_blank(desk: Desk, account: SesAccount) -> None:
    desk.write("issues/001.md", desk.read("issues/001.md").replace("A blurb.", "To [[email]], not {{email}}."))
    assert desk.type("export", "ses", "--send", "--yes").exit_code == 0
    for address, mail in zip(READERS, account.mails, strict=True):
        assert f"To {address}, not {{{{email}}}}." in mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def test_a_list_that_is_not_there_is_told_with_its_key(desk: Desk, account: SesAccount) -> None:
    desk.write("digest.toml", desk.read("digest.toml").replace('"readers"', '"raeders"'))
    ended = desk.type("export", "ses", "--send", "--yes")
    assert ended.exit_code == 5
    assert "does not exist" in ended.stderr
    assert "list" in ended.stderr


@pytest.mark.parametrize("kind", ["drop_after", "garbage_after", "500_after"])
def test_a_mail_whose_answer_was_lost_is_told_and_never_sent_again(kind: str, desk: Desk, account: SesAccount) -> None:
    account.fault(1 + 3 + 1, kind)  # the account and three pages of readers, and a first mail
    assert (way(desk, account).send().unsure, account.mailed_to) == ([READERS[1]], READERS)


def test_after_a_crash_only_the_rest_are_mailed(
    desk: Desk, account: SesAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(BaseException):
        pass

    mail = ses.Exporter.mail

    def until_the_third(self: ses.Exporter, draft: Any, reader: Any) -> None:
        mail(self, draft, reader)
        if reader.address == READERS[2]:
            raise Crash

    with monkeypatch.context() as only_now:
        only_now.setattr(ses.Exporter, "mail", until_the_third)
        with pytest.raises(Crash):
            desk.type("export", "ses", "--send", "--yes")
    assert Receipts(desk.folder / "issues/001.receipts.toml").get("ses").state == "sending"
    ended = desk.type("export", "ses", "--send", "--yes")
    # The third had it, and nobody who was there could say so any more.
    assert account.mailed_to == READERS
    assert f"{READERS[2]} may have it or not" in " ".join(ended.stderr.split())
    assert "2 sent, 2 had it already" in ended.stdout


def test_half_a_list_never_gets_another_mail_than_the_other_half(desk: Desk, account: SesAccount) -> None:
    account.no[READERS[3]] = (403, "AccessDeniedException")
    assert desk.type("export", "ses", "--send", "--yes").exit_code == 4
    account.no.clear()
    desk.write("issues/001.md", desk.read("issues/001.md").replace("Five stories", "Six stories"))
    ended = desk.type("export", "ses", "--send", "--yes")
    assert (ended.exit_code, len(account.mails)) == (1, 3)
    assert "3 readers have this issue as it was" in " ".join(ended.stderr.split())
    assert desk.type("export", "ses", "--send", "--yes", "--force").exit_code == 0
    assert account.mailed_to == READERS


def test_half_a_list_whose_journal_is_lost_is_not_mailed_even_by_force(desk: Desk, account: SesAccount) -> None:
    account.no[READERS[3]] = (403, "AccessDeniedException")
    desk.type("export", "ses", "--send", "--yes")
    account.no.clear()
    (desk.folder / ".digest/mailed-001.ses").unlink()
    ended = desk.type("export", "ses", "--send", "--yes", "--force")
    assert (ended.exit_code, len(account.mails)) == (1, 3)
    assert "the file that says who has it" in " ".join(ended.stderr.split())


def test_an_address_that_is_refused_keeps_nobody_else_from_the_mail(desk: Desk, account: SesAccount) -> None:
    account.no[READERS[1]] = (400, "MessageRejected")
    ended = desk.type("export", "ses", "--send", "--yes")
    assert account.mailed_to == [READERS[0], *READERS[2:]]
    assert ended.exit_code == 1
    assert "SES's own words" in ended.stderr


def test_no_address_is_kept_and_no_key_is_said(desk: Desk, account: SesAccount) -> None:
    account.no[READERS[3]] = (403, "AccessDeniedException")
    ended = desk.type("export", "ses", "--send", "--yes")
    kept = (desk.folder / "issues/001.receipts.toml").read_text() + (desk.folder / ".digest/mailed-001.ses").read_text()
    assert "reader.example" not in kept
    assert "AKIAEXAMPLE" not in kept + ended.output


def test_a_schedule_is_no_thing_of_it(desk: Desk, account: SesAccount) -> None:
    ended = desk.type("export", "ses", "--schedule", "tomorrow 9:00")
    assert (ended.exit_code, account.seen) == (2, [])


def test_the_result_can_be_read_by_a_script(desk: Desk) -> None:
    said = json.loads(desk.type("export", "ses", "--send", "--yes", "--json").stdout)
    assert (said["state"], said["sent"], said["unsure"]) == ("sent", 5, 0)


@pytest.mark.parametrize("title", ["{{amazonSESUnsubscribeUrl}}", "{{{amazonSESUnsubscribeUrl}}}", "{{ user }} {"])
def test_a_title_that_looks_like_a_tag_stays_as_it_is(title: str) -> None:
    for syntax in (ses.Exporter.html, ses.Exporter.text):
        written = merge_tags.fill(title, syntax)
        assert "{{amazonSESUnsubscribeUrl}}" not in written
        assert written.replace("\u2060", "").replace("&#123;", "{") == title


# --- the vendor's own specification, and another fake


def test_every_mail_is_one_that_the_specification_knows(desk: Desk, account: SesAccount, shared: Path) -> None:
    from test_against_specs import specification, wrong_with

    path = shared / "services" / "ses.openapi.json"
    if not path.is_file():
        pytest.skip("the specification of SES is not here")
    spec = specification(path, account.endpoint)
    desk.type("export", "ses", "--send", "--yes")
    sent = [seen for seen in account.seen if seen.path.endswith("/outbound-emails")]
    assert len(sent) == len(READERS)
    bare = type("Bare", (), {"url": account.endpoint})()
    assert [said for seen in sent if (said := wrong_with(seen, bare, spec))] == []


def test_another_ses_that_is_not_ours_takes_the_same_calls(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    server = pytest.importorskip("moto.server", reason="moto[server], of the group dev, is not installed")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        settings = ses.Settings(url=f"http://{host}:{port}", region="eu-west-1", list="readers")
        import boto3

        client = boto3.client("sesv2", region_name="eu-west-1", endpoint_url=settings.url)
        client.create_email_identity(EmailIdentity="editor@slownews.example")
        client.create_contact_list(ContactListName="readers")
        for address in READERS:
            client.create_contact(ContactListName="readers", EmailAddress=address, UnsubscribeAll=address == READERS[0])
        mailer = prepared(ses.Exporter, settings, "", web=Web())
        assert isinstance(mailer, ses.Exporter)
        assert [each.address for each in mailer.readers(Path())] == READERS[1:]
        draft = Draft("1", "m", "T", "S", "", "<p>H</p>", "T", "Slow, News", "editor@slownews.example")
        mailer.mail(draft, Reader(READERS[1]))
        assert boto3.client("ses", region_name="eu-west-1", endpoint_url=settings.url).get_send_statistics()
    finally:
        running.stop()
