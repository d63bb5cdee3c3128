"""Resend: no call of an export can send, and what is asked is what the vendor's own client would ask."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bench import Bench

from digest import merge_tags
from digest.exporters import resend
from digest.merge_tags import Blank
from digest.services.errors import ServiceError


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("resend")


def test_no_write_of_an_export_says_anything_of_sending(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    told = [seen.json for seen in bench.fake.writes()]
    assert len(told) == 2
    assert [name for each in told for name in ("send", "scheduled_at", "audience_id") if name in each] == []


@pytest.mark.parametrize("key", ["send", "scheduled_at", "name", "audience_id"])
def test_what_would_send_is_refused_in_extra(key: str) -> None:
    assert key in resend.Exporter.ours


def test_text_preheader_sender_and_segment_arrive(bench: Bench) -> None:
    bench.extra = {"topic": "b6d24b8e-af0b-4c3c-be0c-359bbd97381e"}
    bench.way().export()
    (made,) = bench.fake.drafts
    assert made["from"] == "Slow News <editor@slownews.example>"
    assert made["preview_text"] == "What is in it"
    assert (made["segment_id"], made["topic_id"]) == (bench.fake.settings["segment"], bench.extra["topic"])
    assert "Leave: {{{RESEND_UNSUBSCRIBE_URL}}}" in made["text"]
    assert "Dear {{{contact.first_name|reader}}}," in made["html"]


@pytest.mark.parametrize(
    ("name", "mailbox"),
    [
        ("Slow News", "Slow News <e@x.example>"),
        ("News, slowly", '"News, slowly" <e@x.example>'),
        ('The "Slow" News', '"The \\"Slow\\" News" <e@x.example>'),
        ("Übersicht 📰", "Übersicht 📰 <e@x.example>"),
        ("", "e@x.example"),
    ],
)
def test_a_senders_name_cannot_end_before_its_end(name: str, mailbox: str, bench: Bench) -> None:
    bench.write()
    object.__setattr__(bench.letter.email, "sender_name", name)
    object.__setattr__(bench.letter.email, "sender_email", "e@x.example")
    bench.way().export()
    assert bench.fake.drafts[0]["from"] == mailbox


def test_a_test_is_a_mail_of_its_own_with_every_blank_filled(bench: Bench) -> None:
    bench.way().test(["me@reader.example"])
    (mail,) = bench.fake.mails.values()
    assert mail["subject"] == "[test] Five stories"
    assert "Dear reader," in mail["html"]
    assert "{{{" not in mail["html"] + mail["text"]
    assert bench.fake.drafts[0]["status"] == "draft"


def test_nobody_who_gets_a_test_sees_who_else_does(bench: Bench) -> None:
    bench.way().test(["me@reader.example", "you@reader.example"])
    assert [mail["to"] for mail in bench.fake.mails.values()] == [["me@reader.example"], ["you@reader.example"]]


def test_a_test_repeated_after_a_lost_answer_is_one_mail(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 1, 1, 9, 30, tzinfo=tz)

    monkeypatch.setattr(resend, "datetime", Clock)
    bench.way().export()
    before = len(bench.fake.seen)
    bench.way().test(["me@reader.example"])
    number = next(n for n, seen in enumerate(bench.fake.seen[before:]) if seen.path == "/emails")
    bench.write(title="Another")
    bench.way().export()
    bench.fake.fault(number, "drop_after")
    with pytest.raises(ServiceError, match="not known"):
        bench.way().test(["me@reader.example"])
    bench.way().test(["me@reader.example"])
    assert len(bench.fake.tests) == 2  # one of the first issue, one of the second


def test_two_requests_a_second_are_kept_to(bench: Bench) -> None:
    bench.fake.counts = True
    bench.way().export()
    assert len(bench.slept) == (len(bench.fake.seen) - 1) // 2
    assert all(0 < seconds <= 1 for seconds in bench.slept)


def test_a_list_that_does_not_say_whether_it_goes_on_is_no_proof(bench: Bench) -> None:
    bench.fake.refuses(0, 200, {"object": "list", "data": []})
    with pytest.raises(ServiceError, match="end of its list"):
        bench.way().export()
    assert bench.fake.writes() == []


@pytest.mark.parametrize(
    ("status", "sent_at", "state"),
    [("canceled", None, "sent"), ("canceled", "2026-01-01 09:00:00.1+00", "sent"), ("queued", None, "sending")],
)
def test_what_was_stopped_on_its_way_some_have(status: str, sent_at: str | None, state: str, bench: Bench) -> None:
    bench.way().export()
    bench.fake.campaigns[bench.id] |= {"status": status, "sent_at": sent_at}
    found = bench.way().status().remote
    assert found is not None
    assert found.state == state


def test_a_domain_that_is_not_verified_is_told_by_the_address_that_has_it(bench: Bench) -> None:
    words = "The slownews.example domain is not verified. Please, add and verify your domain."
    bench.fake.refuses(1, 403, {"statusCode": 403, "name": "validation_error", "message": words})
    with pytest.raises(ServiceError, match="domain is not verified") as refused:
        bench.way().export()
    assert "sender_email in [publication]" in str(refused.value)


def test_a_segment_that_is_not_there_is_told_by_our_key(bench: Bench) -> None:
    bench.fake.refuses(1, 422, bench.fake.refusal(422, "Invalid `segment_id` field. The id must be a valid UUID."))
    with pytest.raises(ServiceError) as refused:
        bench.way().export()
    assert "segment in [export.resend]" in str(refused.value)


def test_a_word_for_a_state_that_nobody_knows_stops_the_export(bench: Bench) -> None:
    bench.way().export()
    bench.fake.campaigns[bench.id]["status"] = "resting"
    with pytest.raises(ServiceError, match="resting"):
        bench.way().export()


@pytest.mark.parametrize("syntax", [resend.Exporter.html, resend.Exporter.text])
@pytest.mark.parametrize(
    "title", ["{{{contact.email}}}", "{{ user }}", "a {", "{{{RESEND_UNSUBSCRIBE_URL}}} {{{x|y}}}"]
)
def test_braces_of_a_story_arrive_as_braces(title: str, syntax: Any) -> None:
    written = merge_tags.fill(title + Blank("email").mark(), syntax)
    read = re.sub(r"\{\{\{([\w.]+)(?:\|[^{}]*)?\}\}\}", r"<\1>", written)
    assert html.unescape(read).replace("\u2060", "") == title + "<contact.email>"


def test_a_fallback_cannot_end_its_tag() -> None:
    mark = Blank("first_name", "you}}} | {{{email}}}").mark()
    assert merge_tags.fill(mark, resend.Exporter.text).count("}}}") == 1


# --- the vendor's own client


@pytest.mark.mails_readers
def test_the_vendors_client_asks_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = pytest.importorskip("resend", reason="resend, of the group dev, is not installed")
    monkeypatch.setattr(vendor, "api_url", bench.fake.url)
    monkeypatch.setattr(vendor, "api_key", bench.fake.secret)
    bench.way().export()
    bench.write(title="Another")
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    bench.way().unschedule()
    bench.way().test(["me@reader.example"])
    bench.way().send()
    ours, mine = bench.fake.writes(), bench.id
    written, updated, scheduled, _, mail, _ = [seen.json for seen in ours]
    bench.fake.seen.clear()
    theirs = vendor.Broadcasts.create(written)["id"]
    vendor.Broadcasts.update({"broadcast_id": theirs, **updated})
    vendor.Broadcasts.send({"broadcast_id": theirs, **scheduled})
    vendor.Broadcasts.cancel(theirs)
    (key,) = [seen.headers["Idempotency-Key"] for seen in ours if seen.path == "/emails"]
    vendor.Emails.send(mail, {"idempotency_key": key})
    vendor.Broadcasts.send({"broadcast_id": theirs})
    assert [_asked(seen, theirs) for seen in bench.fake.writes()] == [_asked(seen, mine) for seen in ours]


def _asked(seen: Any, id: str) -> tuple[Any, ...]:  # noqa: A002
    # The vendor's client repeats in the body the id that the path says.
    body = {name: value for name, value in (seen.json or {}).items() if name != "broadcast_id"}
    key = seen.headers.get("Idempotency-Key")
    return seen.method, seen.path.replace(id, "{id}"), body, seen.headers["Authorization"], key
