"""beehiiv: a post is waited for while it is built, stays a draft until told otherwise, and is found by a header."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bench import Bench
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest import merge_tags
from digest.errors import DigestError
from digest.exporters import beehiiv
from digest.exporting import AlreadySent, ChangedThere
from digest.merge_tags import Blank
from digest.services.errors import CannotDo, CredentialRefused, ServiceError
from digest.services.settings import settings_of

WHEN = datetime(2027, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("beehiiv")


def the_post(bench: Bench) -> dict[str, Any]:
    (found,) = bench.fake.drafts
    return found


# --- a draft, and nothing but a draft


def test_a_post_is_made_as_a_draft_and_an_update_leaves_it_one(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    made, updated = (seen.json for seen in bench.fake.writes())
    assert made["status"] == "draft"
    assert not {"status", "scheduled_at"} & updated.keys()
    assert (the_post(bench)["status"], bench.fake.mailed) == ("draft", [])


def test_a_schedule_confirms_the_post_for_its_time_and_keeps_the_mail(bench: Bench) -> None:
    bench.way().export()
    before = bench.draft()
    assert bench.way().schedule(WHEN).receipt.state == "scheduled"
    assert bench.fake.writes()[-1].json == {"status": "confirmed", "scheduled_at": "2027-01-01T09:00:00Z"}
    assert (bench.draft(), bench.fake.mailed) == (before, [])
    remote = bench.way().status().remote
    assert remote is not None
    assert (remote.state, remote.when) == ("scheduled", WHEN)


def test_a_schedule_that_cannot_be_taken_back_is_told_and_not_tried(bench: Bench) -> None:
    bench.way().schedule(WHEN)
    writes = len(bench.fake.writes())
    with pytest.raises(CannotDo, match="schedule back"):
        bench.way().unschedule()
    assert len(bench.fake.writes()) == writes


def test_the_days_last_test_is_told_in_beehiivs_words(bench: Bench) -> None:
    bench.fake.tests_left = 1  # type: ignore[attr-defined]
    bench.way().test(["me@reader.example"])
    with pytest.raises(ServiceError, match="daily test send limit"):
        bench.way().test(["me@reader.example"])


# --- built in the background


def test_a_post_is_waited_for_while_it_is_built(bench: Bench) -> None:
    bench.fake.builds_for = 3  # type: ignore[attr-defined]
    assert bench.way().export().did == "created"
    assert bench.slept == [2, 2, 2]
    assert bench.way().export().did == "unchanged"


def test_a_building_without_end_is_given_up_and_the_next_export_goes_on_with_the_same_post(bench: Bench) -> None:
    bench.fake.builds_for = 1000  # type: ignore[attr-defined]
    with pytest.raises(ServiceError, match="still building") as stopped:
        bench.way().export()
    assert "run the command again" in str(stopped.value)
    assert sum(bench.slept) == 60
    the_post(bench)["left"] = 1
    bench.way().export()
    assert bench.draft()["subject"] == "Five stories"
    assert bench.way().export().did == "unchanged"


def test_a_failed_building_is_told_in_beehiivs_words_and_made_anew_by_the_next_export(bench: Bench) -> None:
    bench.fake.fails = "The HTML is not valid at 12."  # type: ignore[attr-defined]
    with pytest.raises(ServiceError, match=r"could not build it: The HTML is not valid at 12\.") as stopped:
        bench.way().export()
    assert "No draft is there." in str(stopped.value)
    assert "was written" not in str(stopped.value)
    failed = bench.id
    bench.fake.campaigns.clear()
    bench.fake.fails = ""  # type: ignore[attr-defined]
    done = bench.way().export()
    assert (done.did, bench.id != failed) == ("created", True)


def test_what_reaches_people_is_not_taken_for_done_while_the_post_is_built(bench: Bench) -> None:
    bench.way().export()
    remote = bench.way().status().remote
    assert remote is not None
    service = bench.way().service
    for act in (
        lambda: service.schedule(remote, WHEN),
        lambda: service.send(remote),
        lambda: service.test(remote, None, ["me@reader.example"]),  # type: ignore[arg-type]
    ):
        the_post(bench)["left"] = 1
        with pytest.raises(ServiceError, match="still building"):
            act()
    assert (the_post(bench)["status"], bench.fake.tests, bench.fake.mailed) == ("draft", [], [])


# --- found again


def test_the_marker_stands_in_a_header_and_nowhere_where_readers_see_it(bench: Bench) -> None:
    bench.way().export()
    (made,) = (seen.json for seen in bench.fake.writes())
    marker = bench.letter.marker
    assert marker in str(made["headers"])
    assert marker not in str({name: value for name, value in made.items() if name != "headers"})


def test_a_list_without_headers_is_no_proof_that_nothing_is_there(bench: Bench) -> None:
    bench.way().export()
    bench.fake.crowd(3)
    bench.fake.lists_headers = False  # type: ignore[attr-defined]
    bench.path.unlink()
    assert bench.way().export().did == "adopted"


def test_a_draft_that_could_not_be_found_again_is_told(bench: Bench) -> None:
    bench.fake.shows_headers = False  # type: ignore[attr-defined]
    notes = bench.way().export().notes
    assert [note for note in notes if "header" in note] == [
        "beehiiv says: nothing of the header that digest gave the post, so without the receipt it is not found again"
    ]


def test_a_title_of_its_own_is_told_and_not_written_over(bench: Bench) -> None:
    bench.way().export()
    the_post(bench)["title"] = "A better title"
    bench.write(title="Another")
    with pytest.raises(ChangedThere) as stopped:
        bench.way().export()
    assert 'title, now "A better title"' in str(stopped.value)
    assert "subject" not in str(stopped.value).partition("\n")[2].partition("Bring")[0]
    bench.way().export(force=True)
    assert the_post(bench)["title"] == "Five stories"


@pytest.mark.parametrize("later", [-3600, 3600, None])
def test_a_post_that_was_archived_is_gone_unless_readers_have_it(later: int | None, bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    the_post(bench).update(status="archived", publish_date=int(time.time()) + later if later else None)
    if later == -3600:
        with pytest.raises(AlreadySent):
            bench.way().export()
        return
    assert bench.way().export().did == "created"
    assert [each["id"] for each in bench.fake.drafts if each["status"] == "draft"] != [first]


# --- who gets it, and from where


@pytest.mark.parametrize(
    ("chosen", "recipients"),
    [
        ({}, None),
        ({"tiers": ["premium"]}, {"email": {"tier_ids": ["premium"]}, "web": {"tier_ids": ["premium"]}}),
        ({"web": False}, {"email": {"tier_ids": ["free"]}, "web": {}}),
        (
            {"segments": ["seg_1"], "without": ["seg_2"]},
            {
                "email": {"include_segment_ids": ["seg_1"], "exclude_segment_ids": ["seg_2"]},
                "web": {"tier_ids": ["free"]},
            },
        ),
    ],
)
def test_who_gets_it_is_said_whole_or_left_to_beehiiv(
    chosen: dict[str, object], recipients: object, bench: Bench
) -> None:
    bench.extra = chosen
    bench.way().export()
    assert the_post(bench)["recipients"] == recipients


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"publication": ""}, "id of your publication"),
        ({"publication": "../../v2"}, "id of your publication"),
        ({"tiers": ["free"], "segments": ["seg_1"]}, "tiers and segments"),
    ],
)
def test_what_beehiiv_could_not_take_is_told_before_it_is_asked(given: dict[str, object], said: str) -> None:
    mistakes: list[DigestError] = []
    table = {"publication": "pub_12", **given}
    settings_of(beehiiv.Exporter, "beehiiv", table, mistakes=mistakes, lines={"export.beehiiv": 3})
    assert [(said in str(each), each.line) for each in mistakes] == [(True, 3)]


def test_the_mail_has_one_masthead_and_it_is_ours(bench: Bench) -> None:
    bench.way().export()
    (made,) = (seen.json for seen in bench.fake.writes())
    shown = {name: value for name, value in made["email_settings"].items() if name.startswith("display_")}
    assert shown == dict.fromkeys(
        ("display_title_in_email", "display_subtitle_in_email", "display_byline_in_email"), False
    )


def test_a_template_is_named_when_the_post_is_made_alone(bench: Bench) -> None:
    bench.extra = {"template": "post_template_1"}
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    told = [seen.json.get("post_template_id") for seen in bench.fake.writes()]
    assert told == ["post_template_1", None]


def test_a_plan_that_takes_no_posts_is_told_in_beehiivs_words(bench: Bench) -> None:
    bench.fake.plan = "scale"  # type: ignore[attr-defined]
    with pytest.raises(CredentialRefused, match="Max and Enterprise plans") as refused:
        bench.way().export()
    assert "No draft was made." in str(refused.value)


def test_a_publication_that_the_key_is_not_for_is_told_by_the_key_of_digest_toml(bench: Bench) -> None:
    bench.extra = {"publication": "pub_0"}
    with pytest.raises(ServiceError, match=r"Look at publication in \[export\.beehiiv\]"):
        bench.way().export()
    assert bench.fake.writes() == []


# --- its tags


def cleaned_and_filled(page: str, fields: dict[str, str]) -> str:
    """What beehiiv is said to do: it reads the HTML and writes it anew, then fills in what looks like a tag."""
    tag = re.compile(r"\{\{\s*([\w.]+)\s*(?:\|([^{}|]*))?\}\}")
    return tag.sub(lambda found: fields.get(found[1]) or found[2] or "", html.unescape(page))


PIECES = st.lists(st.sampled_from(["{", "}", "{{", "}}", "{{{", "user", " ", "&", "|", "ü", "first_name"]), max_size=9)


@settings(max_examples=80, deadline=None)
@given(before=PIECES.map("".join), after=PIECES.map("".join))
@example(before="{{ user }}", after="{{{ user }}}")
@example(before="{", after="}")
def test_what_looks_like_a_tag_is_text_though_beehiiv_writes_the_html_anew(before: str, after: str) -> None:
    syntax = beehiiv.Exporter.html
    page = f"{html.escape(before)}{Blank('first_name').mark()}{html.escape(after)}"
    made = cleaned_and_filled(merge_tags.fill(page, syntax, encode=html.escape), {"first_name": "Ann", "user": "Bob"})
    assert made.replace("\u2060", "") == f"{before}Ann{after}"


@pytest.mark.parametrize(("first_name", "wanted"), [("Ann", "Ann"), ("", "O'Reader x")])
def test_a_name_that_is_not_known_is_the_fallback(first_name: str, wanted: str) -> None:
    page = merge_tags.fill(Blank("first_name", "O'Reader {{x}}").mark(), beehiiv.Exporter.html, encode=html.escape)
    assert cleaned_and_filled(page, {"first_name": first_name}) == wanted
