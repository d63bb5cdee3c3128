"""The preview page without a browser: what its HTML holds, and that nothing in it can be more than text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digest.preview import page

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"


def a_state(**changes: Any) -> dict[str, Any]:
    """What the server tells of an issue; `changes` replace keys."""
    state: dict[str, Any] = {
        "version": 3,
        "run": "r",
        "slug": "012",
        "key": "k.s",
        "file": "issues/012.md",
        "issues": [
            {"slug": "011", "number": 11, "title": "News", "date": "2024-01-26", "status": "sent"},
            {"slug": "012", "number": 12, "title": "News", "date": "2024-02-02", "status": "draft"},
        ],
        "ok": True,
        "title": "News",
        "subject": "A subject",
        "preheader": "A preheader",
        "sender_name": "News",
        "sender_email": "ed@news.example",
        "language": "en",
        "inbox": [
            {
                "client": "Gmail",
                "device": device,
                "sender": "News",
                "subject": "A sub\u2026",
                "preheader": "A pre\u2026",
            }
            for device in ("phone", "desktop")
        ],
        "errors": [],
        "findings": [],
        "looking": False,
        "weight": {
            "bytes": 38_200,
            "limit": 102_400,
            "stories": [a_story("First", 0.2, 0.5), a_story("Second", 0.5, 0.9)],
            "cut_story": "",
        },
        "pictures": {"count": 2, "bytes": 40_000},
        "took_ms": 61.2,
        "can_open": "code",
        "can_send": True,
    }
    return {**state, **changes}


def a_story(title: str, start: float, end: float, *, cut: bool = False, of: int = 38_200) -> dict[str, Any]:
    return {"title": title, "line": 9, "bytes": int((end - start) * of), "from": start, "to": end, "cut": cut}


def an_error(**changes: Any) -> dict[str, Any]:
    code = [{"n": 2, "text": "title: News", "here": False}, {"n": 3, "text": "number: twelve", "here": True}]
    return {"what": "number is wrong.", "file": "issues/012.md", "line": 3, "hint": "Mend it.", "code": code, **changes}


def a_finding(**changes: Any) -> dict[str, Any]:
    found = {"level": "warning", "check": "pictures", "what": "No words for a picture.", "effect": "Nobody hears it."}
    return {**found, "hint": "Write some.", "story": "First", "file": "issues/012.md", "line": 14, **changes}


class Read(HTMLParser):
    """Every element of a page with its attributes, and the text of all."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def having(self, name: str) -> list[str]:
        return [str(given[name]) for _, given in self.elements if name in given]


def read(state: dict[str, Any] | None = None, **choices: str) -> Read:
    return Read(page.render(state or a_state(), choices, "t0ken"))


def everywhere(text: str) -> dict[str, Any]:
    """A state in which every text is `text`."""

    def filled(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: filled(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each, name) for each in value]
        return text if isinstance(value, str) and name not in ("level", "device", "status") else value

    return dict(filled(a_state(ok=False, errors=[an_error()], findings=[a_finding()])))


VIEWS = [("view", name) for name in page.CHOICES["view"]] + [("panel", name) for name in page.CHOICES["panel"]]


@pytest.mark.parametrize(("choice", "value"), VIEWS)
def test_no_text_from_an_issue_becomes_markup(choice: str, value: str) -> None:
    plain = read(everywhere("plain"), **{choice: value})
    hostile = read(everywhere(HOSTILE), **{choice: value})
    assert [(tag, sorted(given)) for tag, given in hostile.elements] == [
        (tag, sorted(given)) for tag, given in plain.elements
    ]
    assert "{{ 7*7 }}" in hostile.text


@pytest.mark.parametrize(("choice", "value"), VIEWS)
def test_the_page_has_no_inline_script_or_style(choice: str, value: str) -> None:
    found = read(a_state(errors=[an_error()], findings=[a_finding()], ok=False), **{choice: value})
    assert [name for _, given in found.elements for name in given if name == "style" or name.startswith("on")] == []
    assert [given.get("src") for tag, given in found.elements if tag == "script"] == ["/page/preview.js"]
    assert not [tag for tag, _ in found.elements if tag == "style"]


def test_every_control_is_a_link_to_a_page_of_this_preview() -> None:
    for value in (*page.CHOICES["view"], *page.CHOICES["panel"]):
        choice = "panel" if value in page.CHOICES["panel"] else "view"
        found = read(**{choice: value})
        led = [str(given["href"]) for tag, given in found.elements if tag == "a" and "data-go" in given]
        assert led
        for href in led:
            assert re.fullmatch(r"/issue/01[12](\?[\w=&-]+)?", href), href
            asked = {name: values[0] for name, values in parse_qs(urlsplit(href).query).items()}
            assert page.chosen(asked) == {**page.chosen({}), **asked}


def test_a_link_changes_one_choice_and_keeps_the_others() -> None:
    found = read(width="375", mode="dark", panel="weight")
    (lighter,) = [given["href"] for _, given in found.elements if given.get("data-key") == "l"]
    assert lighter == "/issue/012?width=375&panel=weight"


def test_the_frame_runs_no_script_and_has_no_origin() -> None:
    found = read()
    (frame,) = [given for tag, given in found.elements if tag == "iframe"]
    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"


@pytest.mark.parametrize(
    ("asked", "meant"), [("375", "375"), ("9", "240"), ("99999", "1600"), ("wide", "desktop"), ("-5", "desktop")]
)
def test_any_width_can_be_asked_for_within_reason(asked: str, meant: str) -> None:
    assert page.chosen({"width": asked})["width"] == meant


def test_the_list_of_keys_has_every_key_of_the_page() -> None:
    found = read()
    listed = {key for keys, _ in page.KEYS for key in keys.split()}
    assert set(found.having("data-key")) - {"k.s"} <= listed
    assert listed - set(found.having("data-key")) == {"e", "j", "k"}


def test_a_mistake_stands_above_the_mail_with_its_place_its_line_and_the_way_out() -> None:
    found = read(a_state(ok=False, errors=[an_error(), an_error(what="Another.", line=7, code=[])]))
    assert "2 mistakes Below is the last mail that could be made." in found.text
    assert "number is wrong. issues/012.md:3" in found.text
    assert "This line: number: twelve" in found.text
    assert "Mend it." in found.text
    assert "Another. issues/012.md:7" in found.text
    assert "iframe" in {tag for tag, _ in found.elements}


def test_the_place_of_a_mistake_is_text_where_no_editor_can_be_opened() -> None:
    found = read(a_state(ok=False, errors=[an_error()], can_open=""))
    assert "issues/012.md:3" in found.text
    assert found.having("data-open") == []


def test_findings_stand_by_gravity_with_story_and_place() -> None:
    state = a_state(findings=[a_finding(level="note", what="By the way."), a_finding(level="error", what="Dead.")])
    text = read(state, panel="findings").text
    assert text.index("To mend Dead.") < text.index("Good to know By the way.")
    assert "First issues/012.md:14" in text


def test_a_mail_that_gmail_cuts_is_told_with_the_story_and_drawn_up_to_its_end() -> None:
    size = 120_000
    stories = [a_story("Shown", 0, 0.8, of=size), a_story("Hidden", 0.8, 1, cut=True, of=size)]
    weight = {"bytes": size, "limit": 102_400, "stories": stories, "cut_story": "Hidden"}
    html = page.render(a_state(weight=weight), {"panel": "weight"}, "t")
    assert "Gmail hides the last 17.6 kB: it cuts in \u201cHidden\u201d" in Read(html).text
    assert '<rect class="part cut" x="800.0" width="200.0"' in html
    assert '<rect class="limit" x="851.33"' in html


def test_a_storys_weight_names_its_line_and_opens_the_editor_there() -> None:
    html = page.render(a_state(), {"panel": "weight"}, "t")
    assert "First 11,460 bytes issues/012.md, line 9" in " ".join(Read(html).text.split())
    assert 'data-open="9" data-file="issues/012.md"' in html


def test_a_mail_that_fits_is_drawn_against_gmails_limit() -> None:
    html = page.render(a_state(), {"panel": "weight"}, "t")
    assert '<rect class="used" width="373.05"' in html
    assert "64.2 kB are left" in Read(html).text


def test_an_inbox_line_is_shown_as_that_client_cuts_it() -> None:
    text = read(view="inbox").text
    assert "A sub\u2026 A pre\u2026" in text
    assert "A subject 9 characters" in text


def test_a_missing_preheader_is_told_in_the_inbox_line() -> None:
    assert "none: the mail's first words stand there" in read(a_state(preheader=""), view="inbox").text


def test_an_issue_without_a_mail_yet_has_a_page() -> None:
    nothing = {"bytes": 0, "limit": 102_400, "stories": [], "cut_story": ""}
    empty = a_state(version=0, ok=False, errors=[an_error()], subject="", inbox=[], weight=nothing, sender_name="")
    for view in page.CHOICES["view"]:
        text = read(empty, view=view, panel="weight").text
        assert "number is wrong." in text
        assert "last mail that could be made" not in text
