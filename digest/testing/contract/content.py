"""What is in the issue arrives: every part, once, whatever it looks like."""

from __future__ import annotations

import contextlib
import html
import json
from typing import Any

import pytest

from digest import plugins
from digest.errors import DigestError
from digest.merge_tags import NAMES, Blank
from digest.services.calls import Call
from digest.services.errors import ServiceError
from digest.services.settings import settings_of
from digest.testing.bench import Bench, a_letter, pictures


def test_an_emoji_in_the_subject_arrives(bench: Bench) -> None:
    bench.write(subject="👩‍🚀 Über “Ärger” & <b>Käse</b> {x} हिन्दी")
    bench.way().export()
    assert bench.draft()["subject"] == "👩‍🚀 Über “Ärger” & <b>Käse</b> {x} हिन्दी"


def test_200_kilobytes_of_html_arrive(bench: Bench) -> None:
    most = bench.way().service.can.max_bytes
    size = min(200_000, most - 2000) if most else 200_000
    bench.write(inside="<p>1234567</p>" * (size // 14))
    bench.way().export()
    assert bench.draft()["HTML"].count("<p>1234567</p>") == size // 14


def test_a_title_that_looks_like_a_tag_is_no_tag(bench: Bench) -> None:
    bench.way().export()
    plain = bench.draft()["HTML"]
    bench.write(title="{{ user }} {% raw %} *|X|* %%{x}%% {$y} [z] {# c #} {{{ d }}}")
    bench.way().export()
    escaped = bench.draft()["HTML"]
    service = bench.way().service
    tags = ("{{", "{%", "*|", "%%{", "{$", "[z")
    own = [mark for mark in tags if service.html.escape(f"a{mark}b") != f"a{mark}b"]
    assert own
    assert {mark: escaped.count(mark) for mark in own} == {mark: plain.count(mark) for mark in own}


def test_a_text_that_is_one_of_the_services_own_tags_is_no_tag(bench: Bench) -> None:
    """What the service would fill in for us it would fill in for a story's title too."""
    service = bench.way().service
    bench.way().export()
    plain = bench.draft()
    blanks = [Blank(name, "there") for name in NAMES]
    tags = {str(service.html.tag(each)) for each in blanks if service.html.tag(each) is not None}
    bench.write(title=html.escape(" ".join(["A", *sorted(tags)]), quote=False))
    bench.way().export()
    held = bench.draft()
    assert {tag: held["HTML"].count(tag) for tag in tags} == {tag: plain["HTML"].count(tag) for tag in tags}
    in_subject = {str(service.text.tag(each)) for each in blanks if service.text.tag(each) is not None}
    assert [tag for tag in in_subject if tag in service.text.escape(f"A {tag}")] == []


def test_pictures_are_uploaded_once(bench: Bench) -> None:
    bench.letter = a_letter(**pictures(20))
    if not bench.way().service.can.pictures:
        with pytest.raises(DigestError, match="assets_url"):
            bench.way().export()
        return
    bench.way().export()
    assert len(bench.fake.pictures) == 20
    assert "images/p-" not in bench.draft()["HTML"]
    bench.write(title="Another", **pictures(20))
    bench.way().export()
    assert len(bench.fake.pictures) == 20


@pytest.mark.parametrize("src", ["images/none.png", "data:image/png;base64,AAAA", "../a.png", "//cdn.example/a.png"])
def test_an_address_that_leads_nowhere_never_leaves(src: str, bench: Bench) -> None:
    bench.write(inside=f'<!--[if mso]><img src="{src}"><![endif]-->')
    with pytest.raises(DigestError):
        bench.way().export()
    assert bench.fake.writes() == []


def test_the_preheader_is_in_the_services_field_or_the_hidden_line_and_never_in_both(bench: Bench) -> None:
    bench.write(preheader="Only once & <here>")
    bench.way().export()
    held = bench.draft()
    hidden = held["HTML"].count("Only once")
    if bench.way().service.can.preheader:
        assert (held["preheader"], hidden) == ("Only once & <here>", 0)
    else:
        assert (held.get("preheader", ""), hidden) == ("", 1)


def test_an_issue_without_a_preheader_leaves_none_behind(bench: Bench) -> None:
    bench.way().export()
    bench.write(preheader="")
    bench.way().export()
    held = bench.draft()
    assert "What is in it" not in "".join(held.values())
    assert held.get("preheader", "") == ""


def test_what_the_editor_adds_to_the_request_arrives_and_nothing_of_ours_is_lost(bench: Bench) -> None:
    shown: list[Call] = []
    bench.extra = {"extra": {"of_the_editor": {"a": 1}}}
    bench.way(dry="shown", shown=shown.append).rehearse()
    asked = [each.json for each in shown if isinstance(each.json, dict)]
    assert any('"of_the_editor": {"a": 1}' in json.dumps(each) for each in asked)
    assert any("Five stories" in json.dumps(each) for each in asked)


#: By which one service or another sends, or shows the world, what it is given.
_SENDS = {"send": True, "status": "about_to_send", "publish_date": "2020-01-01T00:00:00Z", "delivery": "instant"}
_SENDS |= dict.fromkeys(("send_at", "sendAt", "scheduledAt", "scheduled_at", "scheduled_for"), "2020-01-01T00:00:00Z")


def test_nothing_that_sends_elsewhere_sends_as_an_editors_addition(bench: Bench) -> None:
    exporter = plugins.load("exporters", bench.fake.key_name).Exporter
    bench.extra = {"extra": {name: value for name, value in _SENDS.items() if name not in exporter.ours}}
    with contextlib.suppress(ServiceError):
        assert bench.way().export().receipt.state == "draft"
    assert bench.fake.mailed == []


def test_what_could_send_a_draft_cannot_be_added_to_the_request(bench: Bench) -> None:
    exporter = plugins.load("exporters", bench.fake.key_name).Exporter
    for dotted in exporter.ours:
        extra: Any = True
        for name in reversed(dotted.split(".")):
            extra = {name: extra}
        mistakes: list[DigestError] = []
        settings_of(exporter, bench.fake.key_name, {**bench.fake.settings, "extra": extra}, mistakes=mistakes)
        assert [dotted in str(each) for each in mistakes] == [True]
