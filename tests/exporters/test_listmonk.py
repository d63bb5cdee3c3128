"""listmonk reads a mail as a template of Go's; what is in it arrives all the same, and only known readers get tests."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bench import Bench
from fakes.listmonk import read_by_a_reader
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest import merge_tags
from digest.errors import DigestError
from digest.exporters import listmonk
from digest.merge_tags import Blank
from digest.models import Asset
from digest.services import go_templates
from digest.services.errors import CannotDo, ServiceError


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("listmonk")


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{",
        "}",
        "`",
        "<",
        "<!--",
        "-->",
        "@TrackLink",
        "https://x.example/",
        "@",
        "TrackLink",
        " ",
        '"',
        "\\",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def read(template: str, *, html: bool = True) -> str:
    """With the one tag of these tests filled in, too."""
    return read_by_a_reader(template, html=html).replace("{{ .Subscriber.Email }}", "ME")


@settings(max_examples=100, deadline=None)
@given(before=TEXTS, after=TEXTS)
@example(before="https://x.example/a@TrackLink", after="@TrackLink")
@example(before="{<", after="{@TrackLink")
def test_a_text_comes_out_as_it_went_in(before: str, after: str) -> None:
    written = merge_tags.fill(before + Blank("email").mark() + after, listmonk.Exporter.text)
    wanted = before + "ME" + after
    assert read(written.replace("Safe .Sub", ".Sub"), html=False) == wanted
    part = go_templates.text_kept(written)
    assert (read(part.replace("Safe .Sub", ".Sub")), go_templates.as_it_was(part)) == (wanted, written)


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
@example(text="https://x.example/a@TrackLink")
def test_a_page_keeps_its_words_its_links_and_outlooks_comments(text: str) -> None:
    said = html.escape(text)
    page = f'<p title="{said}">{said}</p><!--[if mso]><td title="{said}"><![endif]-->'
    written = go_templates.html_kept(merge_tags.fill(page, listmonk.Exporter.html, encode=html.escape))
    assert html.unescape(read(written)) == html.unescape(page)


def test_a_tag_inside_of_a_comment_stays_a_tag() -> None:
    page = f'<!--[if mso]><a href="{Blank("unsubscribe_url").mark()}">`</a><![endif]-->'
    written = go_templates.html_kept(merge_tags.fill(page, listmonk.Exporter.html))
    assert read_by_a_reader(written) == '<!--[if mso]><a href="{{ UnsubscribeURL }}">&#96;</a><![endif]-->'


def test_a_story_whose_address_ends_in_tracklink_keeps_it(bench: Bench) -> None:
    link = '<a href="https://a.example/x@TrackLink">https://a.example/x@TrackLink</a>'
    bench.write(inside=link, subject="See https://a.example/x@TrackLink {{ now }}")
    bench.way().export()
    held = bench.draft()
    assert html.unescape(held["HTML"]).count("https://a.example/x@TrackLink") == 2
    assert held["subject"] == "See https://a.example/x@TrackLink {{ now }}"


def test_the_mail_is_not_put_into_a_second_document(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    assert bench.draft()["HTML"].count("<html") == 1
    assert [each["body"] for each in bench.fake.templates[1:]] == ['{{ template "content" . }}']


def test_a_template_of_ones_own_is_used(bench: Bench) -> None:
    bench.extra = {"template": 1}
    bench.way().export()
    (found,) = bench.fake.drafts
    assert (found["template_id"], len(bench.fake.templates)) == (1, 1)


def test_only_subscribers_get_a_test_and_that_is_said(bench: Bench) -> None:
    bench.fake.subscribers = {"me@reader.example"}
    bench.way().test(["me@reader.example", "you@reader.example"])
    assert bench.fake.tests == [(bench.id, ("me@reader.example",))]
    with pytest.raises(ServiceError, match="add the addresses there"):
        bench.way().test(["you@reader.example"])
    assert any("subscribers" in each for each in bench.way().service.can.cannot)


@pytest.mark.parametrize(
    ("words", "key"),
    [("Invalid list IDs.", "lists"), ("Unknown messenger sms.", "messenger")],
)
def test_what_listmonk_does_not_know_is_told_by_our_key(words: str, key: str, bench: Bench) -> None:
    bench.fake.refuses(bench.creating(), 400, {"message": words})
    with pytest.raises(ServiceError) as refused:
        bench.way().export()
    assert f"{key} in [export.listmonk]" in str(refused.value)


def test_a_schedule_keeps_all_the_rest(bench: Bench) -> None:
    bench.way().export()
    before = bench.draft()
    bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    (found,) = bench.fake.drafts
    assert (bench.draft(), found["lists"], found["send_at"]) == (before, [1], "2027-01-01T09:00:00Z")


def test_a_date_that_has_passed_there_does_not_stop_an_export(bench: Bench) -> None:
    bench.way().export()
    bench.fake.campaigns[bench.id]["send_at"] = "2020-01-01T00:00:00Z"
    bench.write(title="Another")
    assert bench.way().export().did == "updated"


def test_what_stopped_on_its_way_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    bench.fake.campaigns[bench.id]["status"] = "paused"
    bench.write(title="Another")
    with pytest.raises(DigestError, match="is sending this issue"):
        bench.way().export(force=True)


def test_pictures_that_no_reader_could_reach_are_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.fake.root = "http://localhost:9000/uploads"
    service = bench.way().service
    service.site = "https://lists.example"
    with pytest.raises(CannotDo, match="localhost:9000"):
        service.upload(Asset("a.png", b"\x89PNG", "a.png", "image/png"))


@pytest.mark.parametrize(("settings", "key", "said"), [
    ({"lists": (1,)}, "a:b", "lacks url"),
    ({"url": "https://lists.example"}, "a:b", "lacks lists"),
    ({"url": "https://lists.example", "lists": (1,)}, "token", "colon"),
])  # fmt: skip
def test_what_is_missing_is_told_before_anything_is_asked(settings: dict[str, Any], key: str, said: str) -> None:
    with pytest.raises(DigestError, match=said):
        listmonk.Exporter(listmonk.Settings(**settings), key, None)  # type: ignore[arg-type]


def test_it_is_found_in_the_archive_only_where_that_was_wanted(bench: Bench) -> None:
    assert bench.way().export().receipt.archive_url == ""
    bench.extra = {"archive": True}
    bench.way().export()
    assert bench.receipt.archive_url == bench.fake.url.removesuffix("/api") + f"/archive/uuid-{bench.id}"
