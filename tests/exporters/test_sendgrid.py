"""SendGrid: the marker survives a long name, tests are mails of their own, and how readers leave is told in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bench import Bench

from digest import merge_tags
from digest.exporters import sendgrid
from digest.merge_tags import Blank
from digest.services.errors import CredentialRefused, ServiceError

pybars = pytest.importorskip("pybars", reason="pybars3, of the group dev, is not installed")


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("sendgrid")


def test_no_write_of_an_export_says_when_to_send(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    told = [seen.json for seen in bench.fake.writes()]
    assert [(seen.method, "send_at" in seen.json) for seen in bench.fake.writes()] == [
        ("POST", False),
        ("PATCH", False),
    ]
    assert [each["email_config"]["editor"] for each in told] == ["code", "code"]
    assert [each["email_config"]["generate_plain_content"] for each in told] == [False, False]


def test_a_long_title_leaves_room_for_the_marker(bench: Bench) -> None:
    object.__setattr__(bench.letter, "title", "A title that goes on and on, " * 9)
    bench.way().export()
    (made,) = bench.fake.drafts
    assert len(made["name"]) <= 100
    assert made["name"].endswith(bench.letter.marker)
    bench.path.unlink()
    assert bench.way().export().did == "adopted"


def test_our_text_part_is_the_one_that_goes_out(bench: Bench) -> None:
    bench.way().export()
    assert "Leave: {{{unsubscribe}}}" in bench.draft()["text part"]


def test_settings_go_where_sendgrid_looks_for_them(bench: Bench) -> None:
    segment = "9f2e1a52-7d3a-4d27-9c1f-1f6f0f9a6a11"
    bench.extra = {
        "segments": [segment],
        "unsubscribe_group": 0,
        "unsubscribe_url": "https://slownews.example/leave",
        "categories": ["digest"],
    }
    bench.way().export()
    (made,) = bench.fake.drafts
    assert made["send_to"] == {"all": False, "list_ids": bench.fake.settings["lists"], "segment_ids": [segment]}
    config = made["email_config"]
    assert (config["sender_id"], config["custom_unsubscribe_url"]) == (409907, "https://slownews.example/leave")
    assert "suppression_group_id" not in config
    assert made["categories"] == ["digest"]


def test_what_is_added_to_the_mails_own_table_stands_beside_the_html(bench: Bench) -> None:
    bench.extra = {"extra": {"email_config": {"ip_pool": "marketing"}}}
    bench.way().export()
    config = bench.fake.drafts[0]["email_config"]
    assert (config["ip_pool"], config["editor"], "The issue" in config["html_content"]) == ("marketing", "code", True)


def test_what_keeps_it_from_being_sent_is_told_with_the_draft(bench: Bench) -> None:
    bench.extra = {"sender": 0, "lists": [], "unsubscribe_group": 0}
    notes = " ".join(bench.way().export().notes)
    assert "sender is missing in [export.sendgrid]" in notes
    assert "lists, segments or everybody is missing" in notes
    assert "unsubscribe_group or unsubscribe_url is missing" in notes


def test_what_sendgrid_misses_is_told_by_our_key(bench: Bench) -> None:
    bench.extra = {"unsubscribe_group": 0}
    with pytest.raises(ServiceError, match="An unsubscribe group is required") as refused:
        bench.way().send()
    assert "unsubscribe_group in [export.sendgrid]" in str(refused.value)
    assert bench.fake.mailed == []


def test_a_test_is_a_mail_of_its_own_in_which_nobody_sees_the_others(bench: Bench) -> None:
    bench.way().test(["me@reader.example", "you@reader.example"])
    (mail,) = bench.fake.mails
    assert mail["personalizations"] == [
        {"to": [{"email": "me@reader.example"}]},
        {"to": [{"email": "you@reader.example"}]},
    ]
    assert mail["subject"] == "[test] Five stories"
    text, as_html = (each["value"] for each in mail["content"])
    assert "Dear reader," in as_html
    assert "Dear reader" in text
    assert "{{" not in text + as_html
    assert "(the sender's postal address)" in as_html


def test_a_test_from_a_sender_nobody_verified_is_told_with_its_key(bench: Bench) -> None:
    bench.fake.verified.clear()
    with pytest.raises(CredentialRefused, match="verified Sender Identity") as refused:
        bench.way().test(["me@reader.example"])
    assert "sender_email in [publication]" in str(refused.value)


def test_the_postal_address_is_that_of_the_sender(bench: Bench) -> None:
    bench.way().export()
    tags = "{{Sender_Address}}, {{Sender_City}}, {{Sender_State}} {{Sender_Zip}}"
    assert tags in bench.draft()["HTML"]
    assert "1 Road, Town" not in bench.draft()["HTML"]


def test_the_key_never_follows_the_address_of_a_next_page(bench: Bench) -> None:
    bench.way().export()
    bench.fake.crowd(120)
    bench.path.unlink()
    before = len(bench.fake.seen)
    bench.way().export()
    pages = [seen.query.get("page_token") for seen in bench.fake.seen[before:] if seen.path.endswith("/singlesends")]
    assert pages == [None, "50", "100"]


@pytest.mark.parametrize(
    "answer", [{"result": []}, {"result": [], "_metadata": {"next": "https://api.sendgrid.com/v3/x"}}]
)
def test_a_list_that_does_not_say_how_it_goes_on_is_no_proof(answer: Any, bench: Bench) -> None:
    bench.fake.refuses(0, 200, answer)
    with pytest.raises(ServiceError, match="of its list"):
        bench.way().export()
    assert bench.fake.writes() == []


READER = {"first_name": "O'Brien", "email": "o@r.example", "unsubscribe": "https://u.example/?a=1&b=2"}


@pytest.mark.parametrize(
    "title", ["{{ user }}", "{{{first_name}}}", "{{#if x}}y{{/if}}", "a {", "\\{{email}}", "{{!-- x"]
)
@pytest.mark.parametrize("where", ["html", "text"])
def test_a_real_engine_prints_a_title_as_it_is(where: str, title: str) -> None:
    import html

    syntax = getattr(sendgrid.Exporter, where)
    encode = html.escape if where == "html" else None
    written = merge_tags.fill(
        (html.escape(title) if encode else title) + Blank("email").mark(),
        syntax,
        **({"encode": encode} if encode else {}),
    )
    read = str(pybars.Compiler().compile(written)(READER))
    assert html.unescape(read).replace("\u2060", "") == title + READER["email"]


@pytest.mark.parametrize(
    ("reader", "wanted"),
    [(READER, "Dear O'Brien, https://u.example/?a=1&b=2"), ({"unsubscribe": ""}, "Dear you & me, ")],
)
def test_a_name_or_its_fallback_stands_in_the_text(reader: dict[str, str], wanted: str) -> None:
    text = f"Dear {Blank('first_name', 'you & me').mark()}, {Blank('unsubscribe_url').mark()}"
    written = merge_tags.fill(text, sendgrid.Exporter.text)
    assert str(pybars.Compiler().compile(written)(reader)) == wanted
