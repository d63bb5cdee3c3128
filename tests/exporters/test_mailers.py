"""Postmark and Mailgun keep no drafts, so that each reader of a list is mailed by us: once, whatever happens."""

from __future__ import annotations

import base64
import html
import json
import re
import subprocess
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from newsroom import PUBLICATION, Desk, an_issue, command, environment

from digest import plugins
from digest.errors import DigestError
from digest.exporters.base import Mailer
from digest.exporting import Letter, drafting, opened, prepared, ready
from digest.exporting.mailing import Mailing
from digest.mailing.delivery import Reader, Tally
from digest.project import Project
from digest.receipts import Receipts
from digest.services.errors import CannotDo, ServiceError
from digest.testing.bench import an_email, pictures
from digest.web import Web

NAMES = ("postmark", "mailgun")
READERS = [f"{letter}@reader.example" for letter in "abcde"]
TABLES = {
    "postmark": 'readers = "readers.csv"\n',
    "mailgun": 'domain = "mg.slownews.example"\nlist = "weekly@mg.slownews.example"\n',
}
KEYS = {"postmark": "POSTMARK_API_KEY", "mailgun": "MAILGUN_API_KEY"}
SENDING = {"postmark": "/email", "mailgun": "/v3/mg.slownews.example/messages"}
HEAD = "---\nsubject: Five stories\npreheader: What is in it, for all who read\n"


@dataclass
class Post:
    """A service of that kind, and an editor who has it in digest.toml."""

    name: str
    fake: Any
    desk: Desk

    def type(self, *words: str) -> Any:
        return self.desk.type("export", self.name, *words)

    def sends(self) -> list[Any]:
        return [seen for seen in self.fake.seen if seen.path == SENDING[self.name]]

    def refuse(self, address: str, *, all_of_them: bool) -> None:
        """A mail to this address is refused, because of it or because of something that is the same for all."""
        no = {
            ("postmark", False): (406, "You tried to send to recipients that have been marked as inactive."),
            ("postmark", True): (412, "While your account is pending approval, all recipients must share a domain."),
            ("mailgun", False): (400, "to parameter is not a valid address. please check documentation"),
            ("mailgun", True): (403, "Domain mg.slownews.example is not allowed to send"),
        }
        self.fake.no[address] = no[self.name, all_of_them]

    def before_the_first_mail(self) -> int:
        """Requests of `send` up to then; a command asks them before the editor is asked too."""
        return {"postmark": 2, "mailgun": 1 + 2 + 4}[self.name]

    @property
    def receipt(self) -> Any:
        return Receipts(self.desk.folder / "issues/001.receipts.toml").get(self.name)

    def mailer(self, **more: Any) -> Mailer:
        """The service as `digest.exporting.mailing` has it, with these settings besides."""
        exporter = plugins.load("exporters", self.name).Exporter
        chosen = exporter.settings_class(**{**self.fake.settings, **more})
        made = prepared(exporter, chosen, self.fake.secret, web=Web(allow_private=True), sleep=lambda seconds: None)
        assert isinstance(made, Mailer)
        return made

    def send(self) -> Tally:
        """An issue mailed to the list, without a command around it."""
        letter = Letter(email=an_email(), slug="001", title="Slow News 1", publication="Slow News")
        path = self.desk.folder / "issues/001.receipts.toml"
        return Mailing(self.mailer(), self.name, letter, path, root=self.desk.folder).send()


@pytest.fixture(params=NAMES)
def post(
    request: pytest.FixtureRequest, services: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Post:
    name = request.param
    fake = services[name]
    fake.reset()
    if name == "mailgun":
        fake.join(*READERS)
    # Nobody waits between two mails.
    monkeypatch.setitem(Mailing.__init__.__kwdefaults__, "sleep", lambda seconds: None)
    monkeypatch.setenv(KEYS[name], fake.secret)
    desk = Desk(tmp_path / "news", monkeypatch)
    near = "[web]\nallow_private = true\n"
    desk.write("digest.toml", f'{PUBLICATION}\n{near}\n[export.{name}]\nurl = "{fake.url}"\n{TABLES[name]}')
    desk.write("issues/001.md", an_issue().replace("---\n", HEAD, 1))
    desk.write("readers.csv", "".join(f"{address}\n" for address in ["email", *READERS]))
    return Post(name, fake, desk)


def test_without_a_word_for_sending_nothing_is_asked_and_the_way_on_is_told(post: Post) -> None:
    ended = post.type()
    assert (ended.exit_code, post.fake.seen) == (1, [])
    assert "keeps no drafts" in ended.stderr


def test_a_dry_run_shows_one_request_and_asks_nothing(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEYS[post.name])
    ended = post.type("--dry-run")
    assert ended.exit_code == 0, ended.output
    assert f"POST {post.fake.url}{SENDING[post.name]}\n" in ended.stdout
    assert "{reader}" in ended.stdout
    assert post.fake.seen == []


def test_a_dry_run_that_looks_counts_the_readers_and_mails_none(post: Post) -> None:
    ended = post.type("--dry-run=remote")
    assert ended.exit_code == 0, ended.output
    assert "5 readers wait for it. Nothing was sent" in ended.stderr
    assert post.fake.mails == []


def test_a_test_is_a_mail_to_the_addresses_typed_and_leaves_no_list(post: Post) -> None:
    ended = post.type("--test", "me@self.example", "--test", "you@self.example")
    assert ended.exit_code == 0, ended.output
    assert post.fake.mailed_to == ["me@self.example", "you@self.example"]
    subject, page, text = post.fake.as_read(0)
    assert subject == "[test] Five stories"
    assert 'href="#not-in-a-test"' in page
    assert "unsubscribe.example" not in page + text
    assert not (post.desk.folder / "issues/001.receipts.toml").exists()


def test_each_reader_gets_a_mail_that_can_be_left(post: Post) -> None:
    ended = post.type("--send", "--yes")
    assert ended.exit_code == 0, ended.output
    assert post.fake.mailed_to == READERS
    for number, address in enumerate(READERS):
        subject, page, text = post.fake.as_read(number)
        assert subject == "Five stories"
        assert f'href="https://unsubscribe.example/{address}"' in page
        assert f"https://unsubscribe.example/{address}" in text
    assert "5 sent" in ended.stdout


def test_an_issue_is_sent_once(post: Post) -> None:
    post.type("--send", "--yes")
    ended = post.type("--send", "--yes", "--force")
    assert (ended.exit_code, post.fake.mailed_to) == (1, READERS)
    assert post.type("--status").stdout.endswith(": sent\n")


def test_nothing_is_sent_without_the_issues_number(post: Post) -> None:
    ended = post.type("--send")
    assert (ended.exit_code, post.fake.mails) == (1, [])
    assert "5 readers wait for it" in ended.stderr


def test_the_result_can_be_read_by_a_script(post: Post) -> None:
    said = json.loads(post.type("--send", "--yes", "--json").stdout)
    assert (said["state"], said["sent"], said["unsure"]) == ("sent", 5, 0)


@pytest.mark.parametrize("kind", ["drop_after", "garbage_after", "truncate_after", "500_after", "503_after"])
def test_a_mail_whose_answer_was_lost_is_told_and_never_sent_again(kind: str, post: Post) -> None:
    post.fake.fault(post.before_the_first_mail() + 1, kind)
    assert post.send().unsure == [READERS[1]]
    assert post.fake.mailed_to == READERS
    assert len(post.sends()) == len(READERS)


@pytest.mark.parametrize("body", [{}, [], "", {"ErrorCode": 0, "Message": "OK"}, {"message": "Queued. Thank you."}])
def test_an_answer_that_names_no_mail_is_none(body: Any, post: Post) -> None:
    post.fake.refuses(post.before_the_first_mail(), 200, body)
    assert post.send().unsure == READERS[:1]
    assert len(post.sends()) == len(READERS)


def test_where_it_wants_fewer_mails_a_second_all_get_theirs(post: Post) -> None:
    post.fake.fault(post.before_the_first_mail() + 2, "429_before")
    assert (post.send().sent, post.fake.mailed_to) == (5, READERS)


def test_an_address_that_is_refused_keeps_nobody_else_from_the_mail(post: Post) -> None:
    post.refuse(READERS[1], all_of_them=False)
    ended = post.type("--send", "--yes")
    assert (ended.exit_code, post.fake.mailed_to) == (1, [READERS[0], *READERS[2:]])
    assert f"not sent: {READERS[1]}" in ended.stderr


def test_old_addresses_one_after_another_do_not_stop_the_list(post: Post) -> None:
    for address in READERS[:4]:
        post.refuse(address, all_of_them=False)
    assert (len(post.send().refused), post.fake.mailed_to) == (4, READERS[4:])
    assert post.receipt.state == "sent"


def test_what_is_refused_for_all_stops_at_once_and_goes_on_later(post: Post) -> None:
    post.refuse(READERS[3], all_of_them=True)
    ended = post.type("--send", "--yes")
    assert ended.exit_code in (4, 5)
    assert post.fake.mailed_to == READERS[:3]
    assert "3 sent" in ended.stderr
    post.fake.no.clear()
    ended = post.type("--send", "--yes")
    assert (ended.exit_code, post.fake.mailed_to) == (0, READERS), ended.output
    assert "2 sent, 3 had it already" in ended.stdout


def test_half_a_list_never_gets_another_mail_than_the_other_half(post: Post) -> None:
    post.refuse(READERS[3], all_of_them=True)
    post.type("--send", "--yes")
    post.fake.no.clear()
    post.desk.write("issues/001.md", post.desk.read("issues/001.md").replace("Five stories", "Six stories"))
    ended = post.type("--send", "--yes")
    assert (ended.exit_code, len(post.fake.mails)) == (1, 3)
    assert post.type("--send", "--yes", "--force").exit_code == 0
    assert post.fake.mailed_to == READERS


def test_settings_that_no_reader_sees_change_nothing_for_the_rest_of_a_list(post: Post) -> None:
    post.refuse(READERS[3], all_of_them=True)
    post.type("--send", "--yes")
    post.fake.no.clear()
    post.desk.write("digest.toml", post.desk.read("digest.toml") + 'track_opens = true\ntag = "weekly"\n')
    ended = post.type("--send", "--yes")
    assert (ended.exit_code, post.fake.mailed_to) == (0, READERS), ended.output


def test_what_is_merged_into_each_mail_may_be_seen_by_readers(post: Post) -> None:
    post.refuse(READERS[3], all_of_them=True)
    post.type("--send", "--yes")
    post.fake.no.clear()
    extra = f'[export.{post.name}.extra]\nsubject = "Other"\n'
    post.desk.write("digest.toml", post.desk.read("digest.toml") + extra)
    assert (post.type("--send", "--yes").exit_code, len(post.fake.mails)) == (1, 3)


def test_a_list_that_was_begun_when_receipts_knew_the_settings_too_is_gone_on_with(post: Post) -> None:
    post.refuse(READERS[3], all_of_them=True)
    post.type("--send", "--yes")
    post.fake.no.clear()
    project = Project(post.desk.folder)
    mailer: Any = opened(project, post.name, web=Web(allow_private=True))
    draft = drafting.draft(ready(project, "latest", post.name).letter, mailer, {})
    receipts = Receipts(post.desk.folder / "issues/001.receipts.toml")
    receipts.put(post.name, replace(post.receipt, content=draft.content))
    ended = post.type("--send", "--yes")
    assert (ended.exit_code, post.fake.mailed_to) == (0, READERS), ended.output


def test_of_a_test_to_several_it_is_told_which_was_mailed(post: Post) -> None:
    post.refuse("you@self.example", all_of_them=True)
    ended = post.type("--test", "me@self.example,you@self.example")
    assert post.fake.mailed_to == ["me@self.example"]
    assert "This was test 2 of 2; those before it were mailed." in ended.stderr


def test_a_key_that_is_refused_is_told_with_its_variable_and_never_said(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEYS[post.name], "not-the-key-0123456789")
    ended = post.type("--send", "--yes")
    assert (ended.exit_code, post.fake.mails) == (4, [])
    assert KEYS[post.name] in ended.stderr
    assert "not-the-key" not in ended.output


@pytest.mark.parametrize("body", [[], ["x"], {"items": [{}], "Suppressions": [{}]}, {"items": 7, "Suppressions": 7}, 7])
def test_a_list_that_cannot_be_read_is_no_empty_one(body: Any, post: Post, mailer: Any) -> None:
    post.fake.refuses(0, 200, body)
    with pytest.raises(ServiceError, match="gave an answer without"):
        list(mailer().readers(post.desk.folder))


def test_no_address_and_no_key_is_kept(post: Post) -> None:
    post.refuse(READERS[3], all_of_them=True)
    ended = post.type("--send", "--yes")
    kept = post.desk.read("issues/001.receipts.toml") + post.desk.read(f".digest/mailed-001.{post.name}")
    assert "reader.example" not in kept
    assert post.fake.secret not in kept + ended.output


def test_a_run_that_is_killed_amid_the_list_is_gone_on_with_and_mails_nobody_twice(post: Post) -> None:
    """A whole process, and no word of farewell: kill -9 while the third mail waits for its answer."""
    post.fake.fault(2 * post.before_the_first_mail() + 2, "late_after:1.5")
    env = environment({KEYS[post.name]: post.fake.secret})
    words = ("export", post.name, "--send", "--yes")
    running = subprocess.Popen(
        command(words), cwd=post.desk.folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    waited = time.monotonic()
    while len(post.fake.mails) < 3:
        assert running.poll() is None
        assert time.monotonic() - waited < 30
        time.sleep(0.01)
    running.kill()
    assert running.wait() != 0
    assert post.receipt.state == "sending"
    again = subprocess.run(command(words), cwd=post.desk.folder, env=env, capture_output=True, check=False, text=True)
    assert post.fake.mailed_to == READERS
    # The third had it, and nobody who was there could say so any more.
    assert f"{READERS[2]} may have it or not" in " ".join(again.stderr.split())
    assert "2 sent, 2 had it already" in again.stdout
    assert (again.returncode, post.receipt.state) == (1, "sent")


# --- what is in the mails


@pytest.fixture
def mailer(post: Post) -> Callable[..., Mailer]:
    return post.mailer


def mailed(mailer: Mailer, reader: Reader, **email: Any) -> None:
    letter = Letter(email=an_email(**email), slug="012", number=12, title="Slow News 12", publication="Slow News")
    mailer.mail(drafting.draft(letter, mailer, {}), reader)


def seen_by_a_reader(page: str) -> str:
    return html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", "", page, flags=re.DOTALL)).replace("\u2060", "")


@pytest.mark.parametrize(
    ("first_name", "wanted"),
    [("Ann", "Ann"), ("", "reader"), ("  ", "reader"), ("Zoë <b>&", "Zoë <b>&"), ("A\nBcc: x@y.z", "A Bcc: x@y.z")],
)
def test_a_readers_name_is_text_and_without_one_the_fallback_stands(
    first_name: str, wanted: str, post: Post, mailer: Any
) -> None:
    mailed(mailer(), Reader("a@reader.example", first_name))
    _, page, text = post.fake.as_read(0)
    assert f"Dear {wanted}, read." in seen_by_a_reader(page)
    assert f"Dear {wanted}\n" in text


PIECES = st.sampled_from(
    ["{", "}", "{{", "}}", "{{{", "{{{ pm:unsubscribe }}}", "{{{pm:unsubscribe}}}", " pm:", "pm:unsubscribe", "name",
     "{{ user }}", "%", "%recipient.name%", "%unsubscribe_url%", "unsubscribe_url%", "%tag_unsubscribe_url%", "%ce%b1",
     "100 %", " ", "<", "&", '"', "ü", "🚀", "\\", "#"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXTS, name=TEXTS)
@example(title="Jinja's {{ user }} and {% raw %}", name="{{{ pm:unsubscribe }}}")
@example(title="{", name="{{ pm:unsubscribe }}}")
@example(title="%", name="unsubscribe_url%")
def test_what_looks_like_a_tag_in_a_title_or_a_name_arrives_as_itself(
    title: str, name: str, post: Post, mailer: Any
) -> None:
    post.fake.mails.clear()
    title, name = f"T{title}", f"N{name}" if name.strip() else name
    mailed(
        mailer(), Reader("a@reader.example", name), subject=title, title=title, inside=f"<b>|{html.escape(title)}|</b>"
    )
    subject, page, text = post.fake.as_read(0)
    shown = " ".join(name.split()) or "reader"
    assert subject.replace("\u2060", "") == title
    assert f"|{title}|" in seen_by_a_reader(page)
    assert f"Dear {shown}, read." in seen_by_a_reader(page)
    assert text.replace("\u2060", "").startswith(f"{title}\n\nDear {shown}\n\n")
    assert page.count("https://unsubscribe.example/") == 1
    assert text.count("https://unsubscribe.example/") == 1


def test_an_address_in_the_text_part_is_left_byte_for_byte(post: Post, mailer: Any) -> None:
    url = "https://el.news.example/%ce%b1%ed%95%9c?of=100%25&x=%7b%7b"
    mailed(mailer(), Reader("a@reader.example"), title=url)
    assert url in post.fake.as_read(0)[2]


def test_a_link_says_once_where_a_reader_came_from(post: Post) -> None:
    post.desk.write("digest.toml", post.desk.read("digest.toml") + '\n[utm]\nsource = "news"\n')
    post.type("--test", "me@self.example")
    assert post.fake.as_read(0)[1].count("https://a.example/1?utm_source=news") >= 1
    assert "utm_source=news&amp;utm_source" not in post.fake.as_read(0)[1]


def test_where_the_issue_is_on_the_web_and_the_postal_address_come_from_the_publication(post: Post) -> None:
    told = post.desk.read("digest.toml").replace(
        'every = "friday"', 'every = "friday"\nview_url = "https://news.example/{slug}"'
    )
    post.desk.write("digest.toml", told)
    post.type("--test", "me@self.example")
    _, page, text = post.fake.as_read(0)
    assert "https://news.example/001" in page
    assert "1 Road, Town" in page
    assert "1 Road, Town" in text


def test_without_a_postal_address_nothing_is_sent_because_no_service_puts_one_in(post: Post) -> None:
    post.desk.write("digest.toml", post.desk.read("digest.toml").replace('postal_address = "1 Road, Town"\n', ""))
    ended = post.type("--send", "--yes")
    assert (ended.exit_code, post.fake.mails) == (3, [])
    assert "postal address" in ended.stderr


def test_a_sender_whose_name_would_end_it_stands_in_quotes(post: Post, mailer: Any) -> None:
    draft = drafting.draft(Letter(email=an_email(), slug="012", title="T", publication="P"), made := mailer(), {})
    made.mail(replace(draft, sender_name='Söhne, "Co" <x>'), Reader("a@reader.example"))
    sent = post.fake.mails[0]
    name = sent["From"] if post.name == "postmark" else sent.form["from"]
    assert name == '"Söhne, \\"Co\\" <x>" <editor@slownews.example>'


def test_pictures_without_an_address_travel_in_the_mail_and_are_found_there(post: Post, mailer: Any) -> None:
    mailed(mailer(), Reader("a@reader.example"), **pictures(2))
    mail, page = post.fake.mails[0], post.fake.as_read(0)[1]
    if post.name == "postmark":
        within = {each["ContentID"]: base64.b64decode(each["Content"]) for each in mail["Attachments"]}
    else:
        within = {f"cid:{name}": content for name, content in mail.inline.items()}
    assert within == {"cid:p-0000.png": b"\x89PNG\x00", "cid:p-0001.png": b"\x89PNG\x01"}
    assert re.findall(r'src="([^"]*)"', page) == list(within)


def test_a_mail_that_is_too_big_with_its_pictures_goes_to_nobody(post: Post, mailer: Any) -> None:
    most = {"postmark": 7_500_000, "mailgun": 18_750_000}[post.name]
    for size, fine in ((most - 10_000, True), (most, False)):
        big = pictures(1)
        big["assets"] = (replace(big["assets"][0], content=b"x" * size),)
        letter = Letter(email=an_email(**big), slug="012", title="T", publication="P")
        with nullcontext() if fine else pytest.raises(CannotDo, match="takes mails of"):
            (made := mailer()).look_over(drafting.draft(letter, made, {}), [])


def test_a_file_of_readers_that_is_not_there_is_told_with_the_key_that_names_it(post: Post, mailer: Any) -> None:
    chosen = {"list": "", "readers": "nobody.csv"} if post.name == "mailgun" else {"readers": "nobody.csv"}
    with pytest.raises(DigestError) as told:
        list(mailer(**chosen).readers(post.desk.folder))
    assert f"[export.{post.name}]" in told.value.hint


def test_who_left_there_is_counted_before_the_editor_says_yes(post: Post) -> None:
    if post.name == "postmark":
        post.fake.suppressed["broadcast"] = [READERS[0]]
    else:
        post.fake.left["complaints"] = [{"address": READERS[0]}]
    ended = post.type("--send")
    assert re.search("^(note|warning)?.*1 (in the file|on the list) left", ended.stderr, re.MULTILINE)
    assert "4 readers wait for it" in ended.stderr
    assert post.fake.mails == []


# --- the vendor's own specification

#: Of what is said in a mail, that the copies of the specifications do not name, though the documentation does:
#: https://postmarkapp.com/developer/user-guide/send-email-with-api; "h:" is any header.
UNNAMED = {"postmark": {"MessageStream"}, "mailgun": {"h:Reply-To"}}


def test_every_request_is_one_that_the_specification_knows(post: Post, shared: Path, tmp_path: Path) -> None:
    pytest.importorskip("openapi_core", reason="openapi-core, of the group dev, is not installed")
    from test_against_specs import specification, wrong_with

    path = shared / "services" / f"{post.name}.openapi.json"
    if not path.is_file():
        pytest.skip(f"the specification of {post.name} is not here")
    spec = json.loads(path.read_text("utf-8"))
    fields = _fields(spec, SENDING[post.name].replace("mg.slownews.example", "{domain_name}"))
    for each in fields.values():
        # openapi-core reads no text from a form where the specification leaves a choice.
        each.update({"type": "string"} if each.pop("anyOf", None) else {})
    bent = tmp_path / path.name
    bent.write_text(json.dumps(spec))
    everything = 'tag = "weekly"\ntrack_opens = true\ntrack_clicks = true\n'
    post.desk.write(
        "digest.toml",
        post.desk.read("digest.toml").replace('every = "friday"\n', 'every = "friday"\nreply_to = "re@news.example"\n')
        + everything,
    )
    assert post.type("--test", "me@self.example").exit_code == 0
    assert post.type("--send", "--yes").exit_code == 0
    # The copies that are here know no streams, and of domains and suppressions nothing.
    known = [seen for seen in post.fake.seen if seen.method == "POST" or "/members/" in seen.path]
    assert len(known) == 1 + len(READERS) + (2 * 4 if post.name == "mailgun" else 0)
    made = specification(bent, post.fake.url)
    assert [said for seen in known if (said := wrong_with(seen, post.fake, made))] == []
    mail = post.fake.mails[0]
    assert set(mail if post.name == "postmark" else mail.form) - fields.keys() == UNNAMED[post.name]


def _fields(spec: Any, path: str) -> dict[str, Any]:
    """What the specification says of each field of a mail."""
    (content,) = spec["paths"][path]["post"]["requestBody"]["content"].values()
    found = content["schema"]
    while "$ref" in found:
        place = found["$ref"].removeprefix("#/").split("/")
        found = spec
        for name in place:
            found = found[name]
    return dict(found["properties"])
