"""Kit: nothing is ever sent or published by a draft, and one kind of filter is all it takes."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from bench import Bench

from digest import merge_tags
from digest.exporters import kit
from digest.merge_tags import Blank
from digest.services.errors import ServiceError

liquid = pytest.importorskip("liquid", reason="python-liquid, of the group dev, is not installed")


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("kit")


def test_every_write_of_an_export_says_that_it_is_no_sending(bench: Bench) -> None:
    bench.extra = {"extra": {"thumbnail_alt": "A picture"}}
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    told = [seen.json for seen in bench.fake.writes()]
    assert [(each["send_at"], each["public"], each["thumbnail_alt"]) for each in told] == 2 * [
        (None, False, "A picture")
    ]
    assert bench.fake.published == []


@pytest.mark.parametrize(
    ("chosen", "filters"),
    [
        ({}, []),
        ({"tags": [7]}, [{"all": None, "any": [{"type": "tag", "ids": [7]}], "none": None}]),
        (
            {"tags": [7, 8], "segments": [9], "match": "all"},
            [{"all": [{"type": "tag", "ids": [7, 8]}, {"type": "segment", "ids": [9]}], "any": None, "none": None}],
        ),
    ],
)
def test_only_one_of_all_any_and_none_is_used(chosen: dict[str, object], filters: list[object], bench: Bench) -> None:
    bench.extra = chosen
    bench.way().export()
    assert bench.fake.drafts[0]["subscriber_filter"] == filters


def test_a_template_that_is_not_there_is_told_by_the_key_of_digest_toml(bench: Bench) -> None:
    bench.extra = {"template": 404}
    with pytest.raises(ServiceError, match="Email template not found") as refused:
        bench.way().export()
    assert "template in [export.kit]" in str(refused.value)


def test_a_picture_and_a_template_chosen_on_kits_pages_stay(bench: Bench) -> None:
    bench.way().export()
    chosen = {"thumbnail_url": "https://pictures.example/a.png", "thumbnail_alt": "A", "email_template_id": 9}
    bench.fake.campaigns[bench.id] |= chosen
    bench.write(title="Another")
    bench.way().export()
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    assert {name: bench.fake.drafts[0][name] for name in chosen} == chosen
    bench.way().unschedule()
    bench.extra = {"template": 12}
    bench.way().export()
    assert bench.fake.drafts[0]["email_template_id"] == 12


def test_where_an_editor_looks_is_the_page_that_kits_own_plugin_opens(bench: Bench) -> None:
    assert bench.way().export().receipt.url == f"https://app.kit.com/campaigns/{bench.id}/draft"


def test_a_time_that_kit_takes_without_scheduling_is_no_schedule(bench: Bench) -> None:
    bench.fake.schedules_public_alone = True
    with pytest.raises(ServiceError, match="left the issue a draft") as refused:
        bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    assert "public = true" in str(refused.value)
    assert (bench.receipt.state, bench.fake.published) == ("draft", [])
    bench.extra = {"public": True}
    assert bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC)).receipt.state == "scheduled"
    assert bench.fake.drafts[0]["published_at"] == "2027-01-01T09:00:00Z"


def test_an_issue_for_the_web_is_not_there_before_it_is_scheduled(bench: Bench) -> None:
    bench.extra = {"public": True}
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    assert bench.fake.published == []
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    bench.way().unschedule()
    assert bench.fake.drafts[0]["public"] is False


def test_a_schedule_and_its_end_keep_the_mail(bench: Bench) -> None:
    bench.way().export()
    before = bench.draft()
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    assert (bench.draft(), bench.fake.drafts[0]["send_at"]) == (before, "2027-01-01T09:00:00Z")
    bench.way().unschedule()
    assert (bench.draft(), bench.fake.drafts[0]["status"]) == (before, "draft")


def test_what_began_to_be_sent_is_refused_in_kits_words(bench: Bench) -> None:
    bench.way().export()
    service, remote = bench.way().service, bench.way().status().remote
    assert remote is not None
    bench.fake.turn(bench.id, "sent")
    with pytest.raises(ServiceError, match="already started sending"):
        service.schedule(remote, datetime(2027, 1, 1, 9, tzinfo=UTC))


@pytest.mark.parametrize(("status", "state"), [("draft", "draft"), (None, "draft"), ("completed", "sent")])
def test_a_status_is_read_and_one_that_is_left_out_is_no_sending(status: str | None, state: str, bench: Bench) -> None:
    bench.way().export()
    bench.fake.campaigns[bench.id]["status"] = status
    remote = bench.way().status().remote
    assert remote is not None
    assert remote.state == state


def test_a_status_that_nobody_knows_stops(bench: Bench) -> None:
    bench.way().export()
    bench.fake.campaigns[bench.id]["status"] = "recalled"
    with pytest.raises(ServiceError, match='"recalled"'):
        bench.way().export()


@pytest.mark.parametrize(
    ("first_name", "wanted"), [("Ann", "Ann"), ("", "O'Reader {{ x }}"), (None, "O'Reader {{ x }}")]
)
def test_a_name_that_is_not_known_is_the_fallback(first_name: str | None, wanted: str) -> None:
    page = merge_tags.fill(Blank("first_name", "O'Reader {{ x }}").mark(), kit.Exporter.html, encode=html.escape)
    made = str(liquid.Environment().from_string(page).render(subscriber={"first_name": first_name}))
    assert html.unescape(made) == wanted
