"""`digest export` and `digest services`, as an editor types them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from newsroom import PUBLICATION, Desk, an_issue

from digest.receipts import Receipts

KEY = "0123456789abcdef0123456789abcdef-us1"


@pytest.fixture
def fake(services: dict[str, Any]) -> Any:
    services["mailchimp"].reset()
    return services["mailchimp"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake: Any) -> Desk:
    desk = Desk(tmp_path / "news", monkeypatch)
    monkeypatch.setenv("MAILCHIMP_API_KEY", KEY)
    table = f'\n[web]\nallow_private = true\n\n[export.mailchimp]\nurl = "{fake.url}"\nlist = "l1"\n'
    desk.write("digest.toml", PUBLICATION + table)
    head = "---\nsubject: Five stories\npreheader: What is in it, for all who read\n"
    desk.write("issues/001.md", an_issue().replace("---\n", head, 1))
    return desk


def test_an_export_says_what_it_did_and_where_to_look(desk: Desk, fake: Any) -> None:
    first = desk.type("export", "mailchimp")
    again = desk.type("export", "mailchimp", "1")
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert first.stdout.splitlines()[0] == "Mailchimp: a new draft"
    assert first.stdout.splitlines()[1].startswith("https://us1.admin.mailchimp.com/campaigns/show/?id=4")
    assert again.stdout.splitlines()[0] == "Mailchimp: nothing new in the issue, so nothing was written"
    assert (len(fake.campaigns), fake.mailed) == (1, [])
    assert Receipts(desk.folder / "issues/001.receipts.toml").get("mailchimp").id == "id000001"


def test_a_file_of_receipts_is_no_issue(desk: Desk) -> None:
    desk.type("export", "mailchimp")
    assert desk.type("build", "--all").stdout.count("email.html") == 1


def test_the_result_can_be_read_by_a_script(desk: Desk) -> None:
    said = json.loads(desk.type("export", "mailchimp", "--json").stdout)
    assert (said["service"], said["issue"], said["did"], said["state"]) == ("Mailchimp", "001", "created", "draft")


def test_a_todo_stops_it_even_by_force(desk: Desk, fake: Any) -> None:
    desk.write("issues/001.md", desk.read("issues/001.md") + "\nTODO: a better end\n")
    ended = desk.type("export", "mailchimp", "--force")
    assert (ended.exit_code, fake.seen) == (3, [])
    assert "TODO" in ended.stderr


@pytest.mark.parametrize("words", ["--dry-run", "--dry-run=remote", "--dry-run-remote"])
def test_a_dry_run_shows_the_requests_and_no_key(words: str, desk: Desk, fake: Any) -> None:
    ended = desk.type("export", "mailchimp", words)
    assert ended.exit_code == 0, ended.output
    assert f"POST {fake.url}/campaigns\n" in ended.stdout
    assert '"subject_line": "Five stories"' in ended.stdout
    assert "letters)" in ended.stdout
    assert KEY not in ended.output
    assert fake.writes() == []
    assert (fake.seen == []) == (words == "--dry-run")


def test_a_dry_run_needs_no_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILCHIMP_API_KEY")
    assert desk.type("export", "mailchimp", "--dry-run").exit_code == 0
    ended = desk.type("export", "mailchimp")
    assert ended.exit_code == 4
    assert "MAILCHIMP_API_KEY" in ended.stderr


def test_a_mistake_in_the_table_is_told_with_its_line(desk: Desk, fake: Any) -> None:
    text = desk.read("digest.toml")
    desk.write("digest.toml", text + 'segmnt = 5\n\n[export.mailchimp.extra]\ntype = "rss"\n')
    ended = desk.type("export", "mailchimp")
    assert ended.exit_code == 1
    assert '[export.mailchimp] knows no "segmnt". Did you mean "segment"?' in ended.stderr
    assert '[export.mailchimp.extra] may not hold "type"' in ended.stderr
    assert fake.seen == []


def test_what_is_not_modelled_is_merged_into_the_payload(desk: Desk, fake: Any) -> None:
    extra = '[export.mailchimp.extra.settings]\nfolder_id = "f9"\n[export.mailchimp.extra.social_card]\ntitle = "T"\n'
    desk.write("digest.toml", desk.read("digest.toml") + extra)
    desk.type("export", "mailchimp")
    made = next(seen.json for seen in fake.seen if seen.method == "POST")
    assert (made["settings"]["folder_id"], made["social_card"]) == ("f9", {"title": "T"})
    assert made["settings"]["subject_line"] == "Five stories"


def test_a_test_goes_to_the_addresses_typed(desk: Desk, fake: Any) -> None:
    ended = desk.type("export", "mailchimp", "--test", "a@a.example,b@b.example", "--test", "c@c.example")
    assert ended.exit_code == 0, ended.output
    assert fake.tests == [("id000001", ("a@a.example", "b@b.example", "c@c.example"))] * 2


def test_a_schedule_is_said_back_in_words_and_utc(desk: Desk, fake: Any) -> None:
    ended = desk.type("export", "mailchimp", "--schedule", "tomorrow 9:05")
    assert ended.exit_code == 0, ended.output
    assert "full quarters of an hour: 09:15" in ended.stderr
    assert re.match(r"Mailchimp: scheduled for \w+day \d+ \w+ 20\d\d, 09:15 UTC\n", ended.stdout)
    assert fake.campaigns["id000001"]["status"] == "schedule"
    assert desk.type("export", "mailchimp").exit_code == 1
    assert desk.type("export", "mailchimp", "--unschedule").exit_code == 0
    assert fake.campaigns["id000001"]["status"] == "save"


def test_a_moment_that_has_passed_is_refused_before_anything_is_asked(desk: Desk, fake: Any) -> None:
    ended = desk.type("export", "mailchimp", "--schedule", "2020-01-01 09:00")
    assert (ended.exit_code, fake.seen) == (2, [])


def test_nothing_is_sent_where_nobody_can_be_asked(desk: Desk, fake: Any) -> None:
    ended = desk.type("export", "mailchimp", "--send", answers="1\n")
    assert (ended.exit_code, fake.mailed) == (1, [])
    assert desk.type("export", "mailchimp", "--send", "--yes").exit_code == 0
    assert fake.mailed == ["id000001"]


def test_two_wishes_at_once_are_refused(desk: Desk, fake: Any) -> None:
    assert desk.type("export", "mailchimp", "--send", "--status").exit_code == 2
    assert fake.seen == []


def test_status_says_that_it_was_sent_and_what_to_type(desk: Desk, fake: Any) -> None:
    desk.type("export", "mailchimp")
    fake.turn("id000001", "sent")
    ended = desk.type("export", "mailchimp", "--status")
    assert ended.stdout == "Mailchimp: sent\nhttps://archive.example/id000001\n"
    assert "digest sent 001" in ended.stderr


def test_utm_parameters_are_in_what_arrives(desk: Desk, fake: Any) -> None:
    desk.write("digest.toml", desk.read("digest.toml") + '\n[utm]\nsource = "news"\ncampaign = "{slug}"\n')
    desk.type("export", "mailchimp")
    held = fake.held("id000001")
    assert 'href="https://a.example/1?utm_source=news&amp;utm_campaign=001"' in held["HTML"]
    assert "https://a.example/1?utm_source=news&utm_campaign=001" in held["text part"]
    assert "*|UNSUB|*" in held["HTML"]


def test_services_are_listed_with_what_they_can_and_where_the_key_is(desk: Desk) -> None:
    lines = [line.split() for line in desk.type("services").stdout.splitlines()]
    assert lines[0] == ["draft", "text", "preheader", "pictures", "test", "schedule", "send", "key"]
    # What this newsletter uses comes first.
    assert lines[1] == ["mailchimp", "yes", "yes", "yes", "there", "yes", "yes", "yes", "there"]
    assert ["kit", "yes", "-", "yes", "your", "web", "-", "yes", "-", "none", "yet"] in lines
    facts = {each["name"]: each for each in json.loads(desk.type("services", "--json").stdout)}
    assert facts["mailchimp"]["set_up"]
    assert facts["ghost"]["key"] is None


def test_all_about_one_service_is_told_when_it_is_named(desk: Desk) -> None:
    said = desk.type("services", "mailchimp", "kit").stdout
    assert "It can: draft, your text part, preheader, pictures, test, schedule, send.\n" in said
    assert "Its key: the variable MAILCHIMP_API_KEY.\n" in said
    assert "Kit makes its own text part; yours is not used.\n" in said
    assert "No key yet: set KIT_API_KEY, or  digest login kit\n" in said
    assert "Brevo" not in said
    assert desk.type("services", "mailchimb").exit_code == 2


def test_a_folder_gets_a_zip_with_all_of_it(desk: Desk) -> None:
    import zipfile

    assert desk.type("export", "folder").exit_code == 0
    with zipfile.ZipFile(desk.folder / "build/001/001.zip") as packed:
        assert {"email.html", "email.txt", "email.eml"} <= set(packed.namelist())
        assert packed.read("email.html") == (desk.folder / "build/001/email.html").read_bytes()
    assert desk.type("build").exit_code == 0


def test_markdown_is_for_services_that_take_text_by_hand(desk: Desk) -> None:
    text = desk.read("issues/001.md").replace("Good morning.", "Good morning, [[first_name|reader]].<!-- no -->")
    desk.write("issues/001.md", text)
    assert desk.type("export", "markdown", "--out", "md").exit_code == 0
    assert desk.read("md/001.md") == (
        "Good morning, reader.\n\n## Top stories\n\n### [A story](<https://a.example/1>)\n\nA blurb.\n"
    )


def test_a_service_nobody_knows_is_told_with_the_nearest(desk: Desk) -> None:
    ended = desk.type("export", "mailchimb")
    assert ended.exit_code == 2
    assert 'Did you mean "mailchimp"?' in ended.stderr


@pytest.mark.parametrize("words", [("--send",), ("--send", "--yes"), ("--test", "me@slownews.example")])
def test_what_a_service_cannot_is_told_before_anything_is_asked(
    words: tuple[str, ...], desk: Desk, services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = services["kit"]
    kit.reset()
    monkeypatch.setenv("KIT_API_KEY", kit.secret)
    desk.write("digest.toml", desk.read("digest.toml") + f'\n[export.kit]\nurl = "{kit.url}"\n')
    ended = desk.type("export", "kit", *words)
    assert (ended.exit_code, kit.seen, "--yes" in ended.stderr) == (1, [], False)
    assert ended.stderr.startswith("error: Kit cannot "), ended.stderr


def test_a_dry_run_for_a_script_is_one_document(
    desk: Desk, services: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = desk.type("export", "mailchimp", "--dry-run", "--json")
    assert (json.loads(ended.stdout)["did"], "POST http" in ended.stderr) == ("would be created", True)
    postmark = services["postmark"]
    postmark.reset()
    monkeypatch.setenv("POSTMARK_API_KEY", postmark.secret)
    table = f'\n[export.postmark]\nurl = "{postmark.url}"\nreaders = "readers.csv"\n'
    desk.write("digest.toml", desk.read("digest.toml") + table)
    desk.write("readers.csv", "ada@example.org\nbob@example.org\n")
    ended = desk.type("export", "postmark", "--dry-run=remote", "--json")
    assert (json.loads(ended.stdout)["waiting"], "POST http" in ended.stderr) == (2, True)
    assert postmark.mailed_to == []


def test_a_dry_run_that_looks_tells_what_was_changed_by_hand(desk: Desk, fake: Any) -> None:
    desk.type("export", "mailchimp")
    fake.edit("id000001", "A better subject")
    assert 'by hand: subject, now "A better subject"' in desk.type("export", "mailchimp", "--dry-run=remote").stderr


def test_a_refused_change_leaves_the_draft_as_it_was_and_says_so(desk: Desk, fake: Any) -> None:
    desk.type("export", "mailchimp")
    desk.write("issues/001.md", desk.read("issues/001.md").replace("A blurb.", "Another blurb."))
    fake.refuses(2, 422)
    assert "The draft id000001 is there, as it was; nothing was sent." in desk.type("export", "mailchimp").stderr
    fake.refuses(3, 422)
    assert "The draft id000001 is there, perhaps not as you want it;" in desk.type("export", "mailchimp").stderr
