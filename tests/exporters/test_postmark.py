"""Postmark: who left the stream is left out, and a stream that readers could not leave is not used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from newsroom import PUBLICATION, Desk, an_issue

from digest.exporters import postmark
from digest.exporting import prepared
from digest.mailing.delivery import NotTaken, Reader, TooFast
from digest.services.errors import CannotDo, ServiceError, UnknownOutcome
from digest.testing.bench import an_email
from digest.web import Web


@pytest.fixture
def fake(services: dict[str, Any]) -> Any:
    services["postmark"].reset()
    return services["postmark"]


@pytest.fixture
def mailer(fake: Any) -> postmark.Exporter:
    made = prepared(postmark.Exporter, postmark.Settings(**fake.settings), fake.secret, web=Web(allow_private=True))
    assert isinstance(made, postmark.Exporter)
    return made


def mail(mailer: postmark.Exporter, address: str = "a@reader.example") -> None:
    from digest.exporting import Letter, drafting

    letter = Letter(email=an_email(), slug="012", title="T", publication="Slow News")
    mailer.mail(drafting.draft(letter, mailer, {}), Reader(address))


def test_who_left_the_stream_or_never_got_its_mail_gets_no_other(
    fake: Any, mailer: postmark.Exporter, tmp_path: Path
) -> None:
    (tmp_path / "readers.csv").write_text("email,first name\nAnn@reader.example,Ann\nbob@reader.example,Bob\n")
    fake.suppressed["broadcast"] = ["ann@Reader.example"]
    assert list(mailer.readers(tmp_path)) == [Reader("bob@reader.example", "Bob")]


def test_a_mail_goes_through_the_broadcast_stream_and_a_test_through_the_other(
    fake: Any, mailer: postmark.Exporter
) -> None:
    from digest.exporters.base import Draft, Remote

    draft = Draft("1", "m", "T", "S", "", "<p>H</p>", "T", "N", "editor@slownews.example")
    mailer.mail(draft, Reader("a@reader.example"))
    mailer.test(Remote(""), draft, ["me@self.example"])
    assert [(each["To"], each["MessageStream"]) for each in fake.mails] == [
        ("a@reader.example", "broadcast"),
        ("me@self.example", "outbound"),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MessageStreamType": "Transactional"}, "transactional"),
        ({"ArchivedAt": "2026-01-01T00:00:00Z"}, "archived"),
        ({"SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": "Custom"}}, "who leaves"),
    ],
)
def test_a_stream_that_newsletters_may_not_use_is_told_before_the_first_mail(
    change: dict[str, Any], words: str, fake: Any, mailer: postmark.Exporter
) -> None:
    fake.streams["broadcast"] |= change
    with pytest.raises(CannotDo, match=words):
        mailer.pace()


def test_a_stream_that_is_not_there_is_told_by_the_key_of_digest_toml(fake: Any, mailer: postmark.Exporter) -> None:
    del fake.streams["broadcast"]
    with pytest.raises(ServiceError) as told:
        mailer.pace()
    assert "stream in [export.postmark]" in told.value.hint


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (406, "You tried to send to recipient(s) that have been marked as inactive.", NotTaken),
        (300, "Error parsing 'To': Illegal email address 'a@reader.example'.", NotTaken),
        (429, "Rate limit exceeded.", TooFast),
    ],
)
def test_what_is_about_one_reader_or_our_haste_is_told_from_the_rest(
    code: int, words: str, kind: type[ServiceError], fake: Any, mailer: postmark.Exporter
) -> None:
    fake.no["a@reader.example"] = (code, words)
    with pytest.raises(kind) as told:
        mail(mailer)
    assert "a@reader.example" not in told.value.what


@pytest.mark.parametrize(
    ("code", "words", "hint"),
    [
        (300, "Error parsing 'From': Illegal email address.", ""),
        (400, "The 'From' address you supplied is not a Sender Signature on your account.", "sender_email"),
        (401, "The Sender Signature you tried to send from isn't confirmed.", "sender_email"),
        (405, "Not allowed to send: you ran out of credits.", "billing"),
        (412, "While your account is pending approval, all recipients must share a domain.", "approved"),
        (413, "Your account is pending approval.", "approved"),
    ],
)
def test_what_is_the_same_for_all_stops_with_the_way_out(
    code: int, words: str, hint: str, fake: Any, mailer: postmark.Exporter
) -> None:
    fake.no["a@reader.example"] = (code, words)
    with pytest.raises(ServiceError) as told:
        mail(mailer)
    assert not isinstance(told.value, NotTaken | TooFast | UnknownOutcome)
    assert words.rstrip(".") in told.value.what
    assert hint in told.value.hint


def test_opens_and_clicks_are_counted_only_when_the_editor_says_so(fake: Any) -> None:
    for wanted, said in ((False, (False, "None")), (True, (True, "HtmlAndText"))):
        settings = postmark.Settings(**fake.settings, track_opens=wanted, track_clicks=wanted)
        made = prepared(postmark.Exporter, settings, fake.secret, web=Web(allow_private=True))
        assert isinstance(made, postmark.Exporter)
        mail(made)
        assert (fake.mails[-1]["TrackOpens"], fake.mails[-1]["TrackLinks"]) == said


@pytest.mark.parametrize("name", ["To", "Bcc", "MessageStream"])
def test_nobody_else_can_be_put_on_the_mail_by_extra(name: str, fake: Any, tmp_path: Path, monkeypatch: Any) -> None:
    desk = Desk(tmp_path / "news", monkeypatch)
    table = (
        f'\n[export.postmark]\nurl = "{fake.url}"\nreaders = "r.csv"\n[export.postmark.extra]\n{name} = "x@y.example"\n'
    )
    desk.write("digest.toml", PUBLICATION + table)
    desk.write("issues/001.md", an_issue())
    ended = desk.type("export", "postmark", "--dry-run")
    assert (ended.exit_code, fake.seen) == (1, [])
    assert f'may not hold "{name}"' in ended.stderr


def test_a_reader_whose_line_says_that_he_left_is_not_mailed(mailer: postmark.Exporter, tmp_path: Path) -> None:
    (tmp_path / "readers.csv").write_text("email,status\na@reader.example,unsubscribed\nb@reader.example,subscribed\n")
    assert [each.address for each in mailer.readers(tmp_path)] == ["b@reader.example"]
