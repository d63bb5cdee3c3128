"""Mailgun: a list is read to its end and from nowhere else, and who has left the domain is left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fakes.mailgun import DOMAIN, LIST

from digest.errors import DigestError
from digest.exporters import mailgun
from digest.exporting import Letter, drafting, prepared
from digest.mailing.delivery import NotTaken, Reader, TooFast
from digest.services.errors import CannotDo, CredentialRefused, ServiceError
from digest.services.settings import settings_of
from digest.testing.bench import an_email
from digest.web import Web

READERS = [f"{letter}@reader.example" for letter in "abcde"]


@pytest.fixture
def fake(services: dict[str, Any]) -> Any:
    services["mailgun"].reset()
    services["mailgun"].join(*READERS)
    return services["mailgun"]


@pytest.fixture
def mailer(fake: Any) -> Callable[..., mailgun.Exporter]:
    def opened(key: str = "", **more: Any) -> mailgun.Exporter:
        settings = mailgun.Settings(**{**fake.settings, **more})
        made = prepared(mailgun.Exporter, settings, key or fake.secret, web=Web(allow_private=True))
        assert isinstance(made, mailgun.Exporter)
        return made

    return opened


def addresses(mailer: mailgun.Exporter, root: Path = Path()) -> list[str]:
    return [each.address for each in mailer.readers(root)]


def mail(mailer: mailgun.Exporter) -> None:
    letter = Letter(email=an_email(), slug="012", title="T", publication="Slow News")
    mailer.mail(drafting.draft(letter, mailer, {}), Reader(READERS[0]))


def test_a_list_is_read_to_its_end(mailer: Any) -> None:
    assert addresses(mailer()) == READERS


def test_the_next_page_is_asked_of_mailgun_alone_wherever_it_is_said_to_be(fake: Any, mailer: Any) -> None:
    fake.next_host = "http://elsewhere.invalid"
    assert addresses(mailer()) == READERS


def test_a_list_that_never_ends_is_not_half_read(fake: Any, mailer: Any) -> None:
    fake.never_ends = True
    with pytest.raises(ServiceError, match="the end of a list"):
        addresses(mailer())
    assert len(fake.seen) < 10


def test_who_left_the_list_the_domain_or_complained_is_left_out(fake: Any, mailer: Any) -> None:
    fake.join("gone@reader.example", subscribed=False)
    fake.left["unsubscribes"] = [
        {"address": "A@reader.example", "tags": ["*"]},
        {"address": READERS[1], "tags": ["another-newsletter"]},
        {"address": READERS[2], "tags": ["weekly"]},
    ]
    fake.left["complaints"] = [{"address": READERS[3]}]
    assert addresses(mailer(tag="weekly")) == [READERS[1], READERS[4]]


def test_a_member_who_left_is_left_out_though_mailgun_shows_all_of_them(fake: Any, mailer: Any) -> None:
    fake.shows_all = True
    fake.members[1]["subscribed"] = False
    assert addresses(mailer()) == [READERS[0], *READERS[2:]]


@pytest.mark.parametrize(
    ("name", "given", "first_name"),
    [("Ann Lee", {}, "Ann"), ("Ann Lee", {"first_name": "Annie"}, "Annie"), ("", {}, ""), ("", {"age": 27}, "")],
)
def test_a_members_first_name_is_what_the_list_says(
    name: str, given: dict[str, Any], first_name: str, fake: Any, mailer: Any
) -> None:
    fake.members.clear()
    fake.join("a@reader.example", name=name, **given)
    assert [each.first_name for each in mailer().readers(Path())] == [first_name]


def test_a_file_of_readers_takes_the_place_of_a_list(fake: Any, mailer: Any, tmp_path: Path) -> None:
    (tmp_path / "readers.csv").write_text("email,first name\nz@reader.example,Zoë\ny@reader.example,\n")
    fake.left["unsubscribes"] = [{"address": "y@reader.example", "tags": ["*"]}]
    assert list(mailer(list="", readers="readers.csv").readers(tmp_path)) == [Reader("z@reader.example", "Zoë")]


def test_a_list_and_a_file_together_are_one_too_many(fake: Any) -> None:
    mistakes: list[DigestError] = []
    table = {**fake.settings, "readers": "readers.csv"}
    settings_of(mailgun.Exporter, "mailgun", table, mistakes=mistakes, lines={"export.mailgun.readers": 7})
    assert [(each.line, "which of them" in each.what) for each in mistakes] == [(7, True)]


def test_a_domain_whose_mail_nobody_could_leave_is_told_before_the_first_mail(fake: Any, mailer: Any) -> None:
    fake.looks_after_leaving = False
    with pytest.raises(CannotDo) as told:
        mailer().pace()
    assert "Turn on unsubscribes" in told.value.hint


@pytest.mark.parametrize(
    ("change", "ask", "key"),
    [
        ({"domain": "mg.other.example"}, mailgun.Exporter.pace, "domain in"),
        ({"domain": "mg.other.example"}, mail, "domain in"),
        ({"list": "x@mg.slownews.example"}, addresses, "list in"),
    ],
)
def test_what_mailgun_does_not_know_is_told_by_the_key_of_digest_toml(
    change: dict[str, str], ask: Callable[[mailgun.Exporter], object], key: str, mailer: Any
) -> None:
    made = mailer(**change)
    with pytest.raises(ServiceError) as told:
        ask(made)
    assert key in told.value.hint
    assert 'region = "us"' in told.value.hint


def test_a_refused_key_may_be_one_of_the_other_region(mailer: Any) -> None:
    with pytest.raises(CredentialRefused) as told:
        mailer("another-key-0123456789").pace()
    assert 'region = "us"' in told.value.hint


@pytest.mark.parametrize(("region", "host"), [("us", "api.mailgun.net"), ("eu", "api.eu.mailgun.net")])
def test_an_account_in_the_eu_is_asked_for_there(region: str, host: str, mailer: Any) -> None:
    assert mailer(url="", region=region).session.base == f"https://{host}"


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, "to parameter is not a valid address. please check documentation", NotTaken),
        (429, "Domain mg.slownews.example is not allowed to send: limit exceeded, try again later", TooFast),
        (400, "from parameter is not a valid address. please check documentation", ServiceError),
        (402, "Your account has no mails left", ServiceError),
        (403, "Free accounts are for test purposes only.", CredentialRefused),
    ],
)
def test_what_is_about_one_reader_or_our_haste_is_told_from_the_rest(
    status: int, words: str, kind: type[ServiceError], fake: Any, mailer: Any
) -> None:
    fake.no[READERS[0]] = (status, words)
    with pytest.raises(ServiceError) as told:
        mail(mailer())
    assert type(told.value) is kind
    assert words.rstrip(".") in told.value.what


def test_a_mail_bears_its_tag_and_counts_nothing_unless_the_editor_says_so(fake: Any, mailer: Any) -> None:
    mail(mailer())
    mail(mailer(tag="weekly", track_opens=True, track_clicks=True))
    names = ("o:tag", "o:tracking-opens", "o:tracking-clicks")
    assert [tuple(each.form[name] for name in names) for each in fake.mails] == [
        ("012", "no", "no"),
        ("weekly", "yes", "yes"),
    ]


def test_a_test_is_no_rehearsal_that_nobody_gets(fake: Any, mailer: Any) -> None:
    """With o:testmode Mailgun answers as ever, and delivers nothing."""
    mail(mailer(extra={"o:require-tls": "yes"}))
    assert "o:testmode" not in fake.mails[0].form
    assert fake.mails[0].form["o:require-tls"] == "yes"
    assert "o:testmode" in mailgun.Exporter.ours


def test_the_account_is_the_domain_and_its_list(mailer: Any) -> None:
    assert mailer().account.endswith(f"/{DOMAIN}/{LIST}")
