"""Mailchimp: HTML that its newer editor ignores is told, and so is what it would have mended before a sending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bench import Bench

from digest.errors import DigestError
from digest.exporters import mailchimp
from digest.models import UtmPlan
from digest.services.errors import CannotDo, ServiceError
from digest.services.settings import settings_of


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("mailchimp")


@pytest.mark.parametrize(
    "extra",
    [
        {"settings": {"template_id": 7}},
        {"settings": {"title": "Ours"}},
        {"content_type": "multichannel"},
        {"type": "rss"},
    ],
)
def test_nothing_can_be_added_by_which_it_ignores_the_html_or_loses_the_draft(extra: Any) -> None:
    mistakes: list[DigestError] = []
    settings_of(mailchimp.Exporter, "mailchimp", {"extra": extra}, mistakes=mistakes)
    assert len(mistakes) == 1


def test_what_is_added_stands_beside_what_digest_sets(bench: Bench) -> None:
    bench.extra = {"extra": {"settings": {"fb_comments": False}, "tracking": {"salesforce": {"campaign": True}}}}
    bench.way().export()
    (found,) = bench.fake.drafts
    assert found["settings"]["fb_comments"] is False
    assert bench.letter.marker in found["settings"]["title"]
    assert bench.fake.writes()[0].json["tracking"]["opens"] is False


def test_links_are_not_tagged_twice_whichever_way_mailchimp_was_told(bench: Bench) -> None:
    bench.letter = replace(bench.letter, utm=UtmPlan(source="news"))
    for told in ({"google_analytics": "weekly"}, {"extra": {"tracking": {"google_analytics": "weekly"}}}):
        bench.extra = told
        bench.way().export()
        assert "utm_source" not in bench.draft()["HTML"]
    bench.extra = {}
    bench.way().export()
    assert "utm_source" in bench.draft()["HTML"]


def test_its_checklist_is_shown_mistakes_first(bench: Bench) -> None:
    bench.write(preheader="")
    assert [each for each in bench.way().export().notes if "says" in each] == [
        "Mailchimp says: Preview Text: Think about adding it."
    ]
    bench.letter = replace(bench.letter, email=replace(bench.letter.email, sender_email=""))
    assert "Mailchimp says: From: There is no address." in bench.way().export().notes


def test_both_parts_are_tested(bench: Bench) -> None:
    bench.way().test(["me@reader.example"])
    tests = [seen.json["send_type"] for seen in bench.fake.seen if seen.path.endswith("/actions/test")]
    assert tests == ["html", "plaintext"]


def test_a_time_that_is_no_quarter_is_refused_in_its_words_with_what_to_change(bench: Bench) -> None:
    with pytest.raises(ServiceError, match="on the quarter-hour") as refused:
        bench.way().schedule(datetime(2027, 1, 1, 9, 7, tzinfo=UTC))
    assert "--schedule" in str(refused.value)
    assert "995c5cb0" in str(refused.value)


def test_a_key_that_names_no_data_centre_is_told(bench: Bench) -> None:
    with pytest.raises(CannotDo, match="us21"):
        mailchimp.Exporter(mailchimp.Settings(), "0123456789abcdef", None)  # type: ignore[arg-type]
