"""Keila: everything in `data`, no field it does not know, and no promise to send that it would not keep."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from bench import Bench

from digest import merge_tags
from digest.exporters import keila
from digest.exporting import ChangedThere
from digest.merge_tags import Blank
from digest.services.errors import CannotDo, CredentialRefused, ServiceError

liquid = pytest.importorskip("liquid", reason="python-liquid, of the group dev, is not installed")


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("keila")


def test_a_draft_is_an_html_campaign_without_counting(bench: Bench) -> None:
    bench.extra = {"segment": "sgm_1"}
    bench.way().export()
    told = bench.fake.writes()[0].json
    assert told.keys() == {"data"}
    assert told["data"]["settings"] == {"type": "html", "do_not_track": True}
    assert (told["data"]["sender_id"], told["data"]["segment_id"]) == ("ms_1", "sgm_1")
    assert told["data"]["data"]["digest_marker"] == bench.letter.marker


def test_data_of_ones_own_stands_beside_the_marker(bench: Bench) -> None:
    bench.extra = {"extra": {"data": {"desk": "news"}}}
    bench.way().export()
    assert bench.fake.drafts[0]["data"] == {
        "desk": "news",
        "digest_marker": bench.letter.marker,
        "digest_issue": "012",
    }


def test_an_address_with_or_without_the_path_of_its_api_is_the_same(bench: Bench) -> None:
    bench.way().export()
    bench.extra = {"url": bench.fake.url + "/"}
    bench.way().export()
    assert len(bench.fake.drafts) == 1


def test_where_the_draft_is_can_be_said_once_the_project_is_known(bench: Bench) -> None:
    bench.extra = {"project": "p_1"}
    done = bench.way().export()
    assert done.receipt.url == f"{bench.fake.settings['url']}/projects/p_1/campaigns/{bench.id}"


def test_nothing_is_promised_without_a_sender(bench: Bench) -> None:
    bench.extra = {"sender": ""}
    assert any("sender is missing in [export.keila]" in note for note in bench.way().export().notes)
    for act in (bench.way().send, lambda: bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))):
        with pytest.raises(CannotDo, match="no sender"):
            act()
    assert (bench.fake.mailed, bench.fake.drafts[0]["scheduled_for"]) == ([], None)


def test_a_sender_chosen_on_keilas_page_will_do(bench: Bench) -> None:
    bench.extra = {"sender": ""}
    bench.way().export()
    bench.fake.campaigns[bench.id]["sender_id"] = "ms_9"
    assert bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC)).receipt.state == "scheduled"


def test_a_schedule_is_taken_back_by_no_time_at_all(bench: Bench) -> None:
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    bench.way().unschedule()
    assert [seen.json for seen in bench.fake.writes()[-2:]] == [
        {"data": {"scheduled_for": "2027-01-01T09:00:00Z"}},
        {"data": {}},
    ]


def test_a_time_that_is_too_near_is_told_in_keilas_words(bench: Bench) -> None:
    with pytest.raises(ServiceError, match="at least 300 seconds"):
        bench.way().schedule(datetime(2020, 1, 1, 9, tzinfo=UTC))


def test_a_key_that_is_not_known_is_told_though_keila_calls_it_not_authorized(bench: Bench) -> None:
    bench.fake.refuses(0, 403, {"errors": [{"status": "403", "title": "Not authorized"}]})
    with pytest.raises(CredentialRefused, match="Not authorized"):
        bench.way().export()


def test_a_keila_that_shows_no_html_is_compared_by_what_it_shows(bench: Bench) -> None:
    bench.fake.shows_html = False
    bench.way().export()
    assert bench.way().export().did == "unchanged"
    bench.write(title="Another")
    assert bench.way().export().did == "updated"
    assert "Another" in bench.draft()["HTML"]
    bench.fake.edit(bench.id, "By hand")
    bench.write(title="A third")
    with pytest.raises(ChangedThere, match="By hand"):
        bench.way().export()


@pytest.mark.parametrize("title", ["{{ user }}", "{% raw %}", "{{ unsubscribe_link }}", "a {", "{% comment %} {{"])
def test_a_real_engine_prints_a_title_as_it_is(title: str) -> None:
    reader = {"contact": {"email": "o@r.example"}, "unsubscribe_link": "https://u.example/"}
    for syntax, encode in ((keila.Exporter.html, html.escape), (keila.Exporter.text, str)):
        written = merge_tags.fill(encode(title) + Blank("email").mark(), syntax)
        assert html.unescape(liquid.Template(written).render(**reader)) == title + "o@r.example"


@pytest.mark.parametrize(
    ("contact", "wanted"), [({"first_name": "Ada"}, "Ada"), ({"first_name": None}, "you"), ({"first_name": ""}, "you")]
)
def test_a_name_or_its_fallback_stands_in_the_mail(contact: dict[str, str | None], wanted: str) -> None:
    written = merge_tags.fill(Blank("first_name", "you").mark(), keila.Exporter.html)
    assert liquid.Template(written).render(contact=contact) == wanted
