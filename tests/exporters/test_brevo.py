"""Brevo: the same requests as its own SDK makes, one template language, and no more questions than it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bench import Bench
from fakes.base import Seen

from digest.errors import DigestError
from digest.exporters import brevo
from digest.models import UtmPlan
from digest.services import languages
from digest.services.errors import CannotDo, ServiceError
from digest.services.settings import settings_of


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("brevo")


def test_no_write_of_an_export_says_when(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    assert [seen.method for seen in bench.fake.writes()] == ["POST", "PUT"]
    assert not [seen for seen in bench.fake.writes() if seen.json.keys() & {"scheduledAt", "sendAtBestTime"}]


@pytest.mark.parametrize("key", ["scheduledAt", "sendAtBestTime"])
def test_digest_toml_cannot_make_a_sending_of_a_draft(key: str) -> None:
    mistakes: list[DigestError] = []
    settings_of(brevo.Exporter, "brevo", {"extra": {key: "2027-01-01T09:00:00Z"}}, mistakes=mistakes)
    assert [key in str(each) for each in mistakes] == [True]


def test_a_test_to_nobody_is_no_test_to_everybody(bench: Bench) -> None:
    bench.way().export()
    service, remote = bench.way().service, bench.way().status().remote
    assert remote is not None
    with pytest.raises(ServiceError):
        service.test(remote, None, [])  # type: ignore[arg-type]
    assert bench.fake.tests == []


def test_a_test_to_somebody_who_is_no_contact_says_what_brevo_wants(bench: Bench) -> None:
    bench.fake.no_contacts = True
    with pytest.raises(ServiceError, match="could not be sent to all") as refused:
        bench.way().test(["me@reader.example"])
    assert "test list" in str(refused.value)
    assert "me@reader.example" not in str(refused.value)


def test_a_sender_that_brevo_does_not_know_is_told_by_our_keys(bench: Bench) -> None:
    bench.fake.senders = {"another@slownews.example"}
    with pytest.raises(ServiceError, match="Sender is invalid / inactive") as refused:
        bench.way().export()
    assert "sender_email in [publication] (or sender in [export.brevo])" in str(refused.value)


def test_when_no_request_is_left_it_waits_as_long_as_brevo_says(bench: Bench) -> None:
    bench.fake.remaining = 1
    bench.way().export()
    assert bench.slept[:1] == [9.0]


def test_a_sender_goes_by_number_or_by_address(bench: Bench) -> None:
    bench.way().export()
    assert bench.fake.drafts[0]["sender"] == {"name": "Slow News", "email": "editor@slownews.example"}
    bench.extra = {"sender": 3}
    bench.way().export()
    assert bench.fake.drafts[0]["sender"] == {"id": 3}


def test_links_are_tagged_once_where_brevo_tags_them(bench: Bench) -> None:
    object.__setattr__(bench.letter, "utm", UtmPlan(source="news"))
    bench.way().export()
    assert "utm_source" in bench.draft()["HTML"]
    bench.extra = {"adds_utm": True}
    bench.way().export()
    assert "utm_source" not in bench.draft()["HTML"]
    bench.extra = {"extra": {"utmCampaign": "weekly"}}
    bench.way().export()
    assert "utm_source" not in bench.draft()["HTML"]


def test_no_word_of_the_older_language_goes_beside_the_newer_one(bench: Bench) -> None:
    bench.letter = replace(bench.letter, email=replace(bench.letter.email, sender_name="Slow News [EU]"))
    bench.way().export()
    name = bench.fake.drafts[0]["sender"]["name"]
    assert ("[EU]" in name, name.replace("\u2060", "")) == (False, "Slow News [EU]")
    bench.extra = {"to_field": "{FNAME} {LNAME}"}
    with pytest.raises(CannotDo, match="older"):
        bench.way()
    bench.extra = {"to_field": "{{contact.FIRSTNAME}} {{ contact.LASTNAME }}"}
    assert bench.way().export().did == "updated"


@pytest.mark.parametrize("text", ["[UNSUBSCRIBE]", "{FNAME}", "{{ contact.X }}", "{% if x %}", "{# x #}", "[MIRROR]"])
def test_no_word_of_either_language_is_left_in_a_text(text: str) -> None:
    language = languages.BREVO
    assert text not in language.html(text)
    assert text not in language.text(text)
    assert language.text(text).replace("\u2060", "") == text


def test_plain_brackets_and_braces_stay() -> None:
    text = "[sic] {x} [1] {1999} [Ed.]"
    assert (languages.BREVO.text(text), languages.BREVO.html(text)) == (text, text)


# --- the vendor's own SDK


def as_told(seen: Seen) -> tuple[Any, ...]:
    """What counts of a request: not how the JSON is spaced, nor who says to have written it."""
    return seen.method, seen.path, dict(seen.query), seen.headers.get("api-key"), seen.json


@pytest.mark.mails_readers
def test_the_vendors_sdk_makes_the_same_requests(bench: Bench) -> None:
    sdk = pytest.importorskip("brevo", reason="brevo-python, of the group dev, is not installed")
    from brevo import email_campaigns as types

    object.__setattr__(bench.letter.email, "reply_to", "answers@slownews.example")
    bench.extra = {"segments": [8], "without": [9], "to_field": "{{contact.FIRSTNAME}}", "tag": "weekly"}
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    bench.way().test(["me@reader.example"])
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    bench.way().unschedule()
    bench.way().send()
    ours = bench.fake.writes()
    create, update, _, schedule = (seen.json for seen in ours[:4])
    number = int(bench.id)
    before = len(bench.fake.seen)

    client = sdk.Brevo(api_key=bench.fake.secret, base_url=bench.fake.url, max_retries=0).email_campaigns

    def fields(told: dict[str, Any], kind: str) -> dict[str, Any]:
        recipients = getattr(types, f"{kind}EmailCampaignRequestRecipients")
        sender = getattr(types, f"{kind}EmailCampaignRequestSender")
        chosen = told["recipients"]
        more = {"reply_to": told["replyTo"]} if "replyTo" in told else {}
        return {
            **more,
            "name": told["name"],
            "subject": told["subject"],
            "preview_text": told["previewText"],
            "html_content": told["htmlContent"],
            "mirror_active": told["mirrorActive"],
            "inline_image_activation": told["inlineImageActivation"],
            "to_field": told["toField"],
            "tag": told["tag"],
            "sender": sender(name=told["sender"]["name"], email=told["sender"]["email"]),
            "recipients": recipients(
                list_ids=chosen["listIds"],
                segment_ids=chosen["segmentIds"],
                exclusion_list_ids=chosen["exclusionListIds"],
            ),
        }

    made = client.create_email_campaign(**fields(create, "Create"))
    bench.fake.turn(str(number), "draft")
    client.update_email_campaign(number, **fields(update, "Update"))
    client.send_test_email(number, email_to=["me@reader.example"])
    client.update_email_campaign(number, scheduled_at=schedule["scheduledAt"])
    client.update_campaign_status(number, status="draft")
    client.send_email_campaign_now(number)
    theirs = [seen for seen in bench.fake.seen[before:] if seen.method != "GET"]
    assert made.id != number
    assert [as_told(seen) for seen in ours] == [as_told(seen) for seen in theirs]


@pytest.mark.mails_readers
def test_the_vendors_sdk_reads_a_list_with_the_same_questions(bench: Bench) -> None:
    sdk = pytest.importorskip("brevo", reason="brevo-python, of the group dev, is not installed")
    bench.way().service.look_up("digest-x")
    client = sdk.Brevo(api_key=bench.fake.secret, base_url=bench.fake.url, max_retries=0).email_campaigns
    client.get_email_campaigns(limit=100, offset=0, sort="desc", exclude_html_content=True)
    ours, theirs = bench.fake.seen
    assert as_told(ours) == as_told(theirs)
