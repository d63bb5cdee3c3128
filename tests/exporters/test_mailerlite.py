"""MailerLite: the same requests as its own SDK makes; HTML that it refuses, forgets or never shows is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import fakes.mailerlite
import pytest
from bench import Bench
from fakes.base import Seen

from digest.exporting import ChangedThere
from digest.services.errors import ServiceError


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("mailerlite")


def test_a_plan_without_html_is_told_in_its_words_and_no_draft_is_left(bench: Bench) -> None:
    bench.fake.plan = "free"
    with pytest.raises(ServiceError) as refused:
        bench.way().export()
    said = str(refused.value)
    assert "only available on advanced plan" in said
    assert "the mail's HTML" in said
    assert bench.fake.drafts == []


def test_html_that_was_not_kept_is_told(bench: Bench) -> None:
    bench.fake.plan = "forgetful"
    done = bench.way().export()
    assert any("did not keep your HTML" in note for note in done.notes)


def test_where_an_editor_looks_is_the_list_in_which_the_draft_is(bench: Bench) -> None:
    assert bench.way().export().receipt.url == "https://dashboard.mailerlite.com/campaigns/status/draft"
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    assert bench.way().status().receipt.url == "https://dashboard.mailerlite.com/campaigns/status/ready"


def test_what_is_missing_before_it_can_be_sent_is_told(bench: Bench) -> None:
    bench.extra = {"groups": []}
    assert any("recipients is missing" in note for note in bench.way().export().notes)


def test_html_that_is_never_shown_is_known_by_its_fingerprint(bench: Bench) -> None:
    bench.way().export()
    bench.path.unlink()
    assert bench.way().export().did == "adopted"
    bench.path.unlink()
    bench.write(inside="<p>One word more</p>")
    with pytest.raises(ChangedThere, match="HTML, another one"):
        bench.way().export()


def test_the_email_is_always_sent_whole(bench: Bench) -> None:
    bench.way().export()
    bench.write(subject="Six stories")
    bench.way().export()
    (email,) = bench.fake.writes()[-1].json["emails"]
    assert email.keys() >= {"subject", "from", "from_name", "content"}
    assert "The issue" in bench.draft()["HTML"]


@pytest.mark.parametrize(("tag", "number"), [("en", 4), ("de-AT", 7), ("pt-BR", 9), ("pt", 9), ("xx", None)])
def test_its_own_words_are_in_the_publications_language(tag: str, number: int | None, bench: Bench) -> None:
    bench.letter = replace(bench.letter, email=replace(bench.letter.email, language=tag))
    bench.way().export()
    assert bench.fake.drafts[0].get("language_id") == number


def test_a_list_of_time_zones_without_utc_has_one_that_is_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fakes.mailerlite, "_ZONES", [("43", "Europe/London", 0), ("42", "Africa/Abidjan", 0)])
    bench.way().schedule(datetime(2027, 6, 1, 9, tzinfo=UTC))
    assert bench.fake.drafts[0]["scheduled_for"] == "2027-06-01 09:00:00"


def test_a_group_that_is_not_there_is_told_by_our_key(bench: Bench) -> None:
    bench.fake.refuses(2, 422, {"message": "Invalid.", "errors": {"groups.0": ["The selected group is invalid."]}})
    with pytest.raises(ServiceError, match="selected group is invalid") as refused:
        bench.way().export()
    assert "groups in [export.mailerlite]" in str(refused.value)


def test_a_time_is_told_in_utc(bench: Bench) -> None:
    when = datetime(2027, 1, 1, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    bench.way().schedule(when)
    assert bench.fake.drafts[0]["scheduled_for"] == "2026-12-31 23:05:00"
    remote = bench.way().status().remote
    assert remote is not None
    assert (remote.state, remote.when) == ("scheduled", when.astimezone(UTC))


def as_told(seen: Seen) -> tuple[Any, ...]:
    names = ("Authorization", "Content-Type", "Accept")
    return seen.method, seen.path, dict(seen.query), [seen.headers.get(name) for name in names], seen.json


@pytest.mark.mails_readers
def test_the_vendors_sdk_makes_the_same_requests(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    mailerlite = pytest.importorskip("mailerlite", reason="mailerlite, of the group dev, is not installed")
    api_client = pytest.importorskip("mailerlite.api_client")
    monkeypatch.setattr(api_client.ApiClient, "HOST", bench.fake.url.removesuffix("api"))
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    bench.way().unschedule()
    bench.way().send()
    bench.way().service.look_up("digest-x")
    ours = list(bench.fake.seen)
    wanted = {as_told(seen)[:2] for seen in ours}
    number = int(bench.id)
    bench.fake.turn(bench.id, "draft")

    campaigns = mailerlite.Client({"api_key": bench.fake.secret}).campaigns
    writes = [seen.json for seen in ours if seen.method != "GET"]
    campaigns.create(writes[0])
    campaigns.update(number, writes[1])
    campaigns.schedule(number, writes[2])
    campaigns.cancel(number)
    campaigns.schedule(number, writes[4])
    campaigns.get(number)
    campaigns.languages()
    campaigns.list(filter={"status": "draft"}, limit=100, page=1)
    theirs = bench.fake.seen[len(ours) :]
    known = [as_told(seen) for seen in ours]
    assert [each for each in map(as_told, theirs) if _plain(each) not in map(_plain, known)] == []
    assert wanted - {as_told(seen)[:2] for seen in theirs} == {("GET", "/api/timezones")}


def _plain(told: tuple[Any, ...]) -> tuple[Any, ...]:
    """The SDK names a type of content without having any, and "null" is what it cancels with."""
    method, path, query, (authorization, content, accept), json = told
    return method, path, query, authorization, content if json else None, accept, json
