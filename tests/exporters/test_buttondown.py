"""Buttondown: what could mail the whole list is asked for by a header of its own, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from bench import Bench

from digest.services.errors import ServiceError

LIVE = "X-Buttondown-Live-Dangerously"


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("buttondown")


@pytest.mark.mails_readers
def test_only_a_schedule_and_a_sending_say_that_they_are_meant(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.way().test(["me@reader.example"])
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    bench.way().unschedule()
    bench.way().send()
    told = [
        (seen.json.get("status", seen.path.rpartition("/")[2]), LIVE in seen.headers) for seen in bench.fake.writes()
    ]
    assert told == [
        ("draft", False),
        ("draft", False),
        ("send-draft", False),
        ("scheduled", True),
        ("draft", False),
        ("about_to_send", True),
    ]


def test_every_request_names_the_version_in_which_a_draft_is_what_there_is_without_a_status(bench: Bench) -> None:
    bench.way().export()
    assert {seen.headers.get("X-API-Version") for seen in bench.fake.seen} == {"2026-04-01"}


def test_the_html_is_never_taken_for_markdown_nor_for_front_matter(bench: Bench) -> None:
    bench.write(inside="<p>---</p>", title="--- a: b ---")
    bench.way().export()
    assert bench.fake.drafts[0]["body"].startswith("<!-- buttondown-editor-mode: fancy -->\n<!doctype html>")


@pytest.mark.parametrize(("template", "documents"), [("naked", 1), ("modern", 0), ("custom", 0)])
def test_a_frame_of_buttondowns_gets_no_document_within_a_document(template: str, documents: int, bench: Bench) -> None:
    bench.extra = {"template": template}
    bench.way().export()
    body = bench.fake.drafts[0]["body"]
    assert (body.count("<html"), body.count("<h1>The issue</h1>")) == (documents, 1)


def test_a_schedule_that_is_taken_back_leaves_no_time(bench: Bench) -> None:
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    assert bench.fake.drafts[0]["publish_date"] == "2027-01-01T09:00:00Z"
    bench.way().unschedule()
    assert bench.fake.drafts[0]["publish_date"] is None


def test_what_is_added_to_the_metadata_stands_beside_the_marker(bench: Bench) -> None:
    bench.extra = {
        "extra": {"metadata": {"desk": "news"}, "filters": {"predicate": "and", "filters": [], "groups": []}}
    }
    bench.way().export()
    (found,) = bench.fake.drafts
    assert found["metadata"] == {"desk": "news", "digest_marker": bench.letter.marker, "digest_issue": "012"}
    assert found["filters"]["predicate"] == "and"


def test_a_template_that_it_does_not_know_is_told_by_our_key(bench: Bench) -> None:
    said = {"type": "literal_error", "loc": ["body", "archival_mode"], "msg": "Not allowed on your plan"}
    bench.fake.refuses(1, 422, {"detail": [said]})
    with pytest.raises(ServiceError, match="Not allowed on your plan") as refused:
        bench.way().export()
    assert "archive in [export.buttondown]" in str(refused.value)
