"""Every blank arrives as the service writes its tags, and every brace of a text arrives as text."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import issue_file, merge_tags, render
from digest.merge_tags import Blank, Syntax
from digest.models import Email, Publication

PUBLICATION = Publication(
    name="News",
    sender_email="ed@news.example",
    postal_address="1 Road",
    reason="Sent to you, [[first_name|reason]].",
)


def syntax(
    unsubscribe: str, view: str | None, name: str, *, address: str | None = None, mail: str | None = None
) -> Syntax:
    """Tags as a service's documentation shows them; FALLBACK stands where one belongs."""
    tags = {
        "unsubscribe_url": unsubscribe,
        "view_url": view,
        "first_name": name,
        "postal_address": address,
        "email": mail,
    }

    def tag(blank: Blank) -> str | None:
        written = tags.get(blank.name)
        return written and written.replace("FALLBACK", blank.fallback)

    return Syntax(tag=tag)


SERVICES = {
    "Mailchimp": syntax("*|UNSUB|*", "*|ARCHIVE|*", "*|FNAME|*", address="*|LIST:ADDRESSLINE|*", mail="*|EMAIL|*"),
    "Buttondown": syntax(
        "{{ unsubscribe_url }}",
        "{{ email_url }}",
        "{{ subscriber.metadata.first_name|default:'FALLBACK' }}",
        mail="{{ subscriber.email }}",
    ),
    "Kit": syntax(
        "{{ unsubscribe_url }}",
        None,
        '{{ subscriber.first_name | default: "FALLBACK" }}',
        address="{{ address }}",
        mail="{{ subscriber.email_address }}",
    ),
    "Brevo": syntax(
        "{{ unsubscribe }}", "{{ mirror }}", "{{ contact.FIRSTNAME|default:'FALLBACK' }}", mail="{{ contact.EMAIL }}"
    ),
    "MailerLite": syntax("{$unsubscribe}", "{$url}", "{$name|default('FALLBACK')}", mail="{$email}"),
    "Campaign Monitor": syntax("[unsubscribe]", "[webversion]", "[firstname,fallback=FALLBACK]", mail="[email]"),
    "listmonk": syntax(
        "{{ UnsubscribeURL }}",
        "{{ MessageURL }}",
        '{{ .Subscriber.FirstName | default "FALLBACK" }}',
        mail="{{ .Subscriber.Email }}",
    ),
    "Ghost": syntax("%%{unsubscribe_url}%%", None, '%%{first_name, "FALLBACK"}%%'),
    "SendGrid": syntax(
        "{{{unsubscribe}}}",
        "{{{weblink}}}",
        '{{insert first_name "default=FALLBACK"}}',
        address="{{Sender_Address}}",
        mail="{{email}}",
    ),
    "Resend": syntax(
        "{{{RESEND_UNSUBSCRIBE_URL}}}", None, "{{{contact.first_name|FALLBACK}}}", mail="{{{contact.email}}}"
    ),
    "nobody": Syntax(tag=lambda blank: None),
}

PROSE = "Jinja's {{ user }} {% if a %}, {{{raw}}}, %%x%%, ${y}, {$z}, %7B, [firstname,fallback=], 50% | 3 || 4"

ISSUE = f"""---
title: For [[first_name|title]]
number: 12
subject: Dear [[first_name|subject]], {PROSE}
standfirst: What [[first_name|standfirst]] reads
preheader: Hello [[first_name|preheader]] {{{{ x }}}}
---

Good morning, [[first_name|note]]: **[[first_name|bold]]**. {PROSE}

[Leave [[first_name|linked]]]([[unsubscribe_url]]) or <a href="[[view_url]]">read on the web</a>.

## Section of [[first_name|section]]

### [Story for [[first_name|story]] {{{{ x }}}}](https://a.example/{{{{x}}}}?q=%7B%25)

Written to [[email]] at [[postal_address]]. {PROSE}

> Quoted [[first_name|quote]]

### A story by [[first_name|unlinked]]

- item [[first_name|item]]

## Also noted

- [Brief for [[first_name|brief]]](https://a.example/2) - a note for [[first_name|brief note]], {PROSE}
"""

#: Where a blank stands in the issue, told by its fallback.
PLACES = [
    "title",
    "standfirst",
    "reason",
    "note",
    "bold",
    "linked",
    "section",
    "story",
    "quote",
    "unlinked",
    "item",
    "brief",
    "brief note",
]


@pytest.fixture(scope="module", params=["brief", "letter"])
def email(request: pytest.FixtureRequest) -> Email:
    return render(issue_file.parse(ISSUE, slug="012").issue, PUBLICATION, request.param)


def filled(email: Email, service: Syntax) -> dict[str, str]:
    return {
        "html": merge_tags.fill(email.html, service, encode=html.escape),
        "text": merge_tags.fill(email.text, service),
        "subject": merge_tags.fill(email.subject, service),
    }


def written(service: Syntax, blank: Blank) -> str:
    tag = service.tag(blank)
    return html.escape(blank.fallback) if tag is None else tag


def kept(text: str, service: Syntax) -> str:
    """`text` with what its guards leave of it, by other means than the module's own."""
    while found := re.search(r"\x02\?([a-z_]+)\x03(.*?)\x02/\1\x03", text, re.DOTALL):
        inside = found[2] if service.tag(Blank(found[1])) is not None else ""
        text = text[: found.start()] + inside + text[found.end() :]
    return text


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
@pytest.mark.parametrize("part", ["html", "text", "subject"])
def test_every_tag_arrives_byte_for_byte_as_often_as_its_blank(email: Email, service: Syntax, part: str) -> None:
    neutral = kept(getattr(email, part), service)
    result = filled(email, service)[part]
    wanted = Counter(tag for blank in merge_tags.blanks(neutral) if (tag := service.tag(blank)))
    bare = re.sub(r"\x02[^\x03]*\x03", "", neutral)
    for tag, times in wanted.items():
        others = sum(other.count(tag) * often for other, often in wanted.items() if other != tag)
        assert result.count(tag) == bare.count(tag) + times + others, tag
    assert not re.search(r"[\x02\x03]", result)


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
@pytest.mark.parametrize("part", ["html", "text", "subject"])
def test_nothing_but_tags_is_added_and_nothing_lost(email: Email, service: Syntax, part: str) -> None:
    """Counted letter by letter, braces, bars and percent signs among them."""
    neutral = kept(getattr(email, part), service)
    wanted = Counter(re.sub(r"\x02[^\x03]*\x03", "", neutral))
    for blank in merge_tags.blanks(neutral):
        wanted.update(written(service, blank))
    assert Counter(filled(email, service)[part]) == wanted


@pytest.mark.parametrize("part", ["html", "text"])
@pytest.mark.parametrize("place", PLACES)
def test_a_blank_arrives_wherever_an_editor_writes_it(email: Email, part: str, place: str) -> None:
    assert Blank("first_name", place) in merge_tags.blanks(getattr(email, part))


@pytest.mark.parametrize("name", sorted(merge_tags.NAMES))
@pytest.mark.parametrize("part", ["html", "text"])
def test_every_name_arrives(email: Email, part: str, name: str) -> None:
    assert name in {blank.name for blank in merge_tags.blanks(getattr(email, part))}


def test_the_subject_and_the_line_after_it_have_theirs(email: Email) -> None:
    assert merge_tags.blanks(email.subject) == [Blank("first_name", "subject")]
    assert Blank("first_name", "preheader") in merge_tags.blanks(email.html)
    assert merge_tags.blanks(email.preheader) == [Blank("first_name", "preheader")]


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
def test_a_link_to_leave_is_the_services_own(email: Email, service: Syntax) -> None:
    tag = service.tag(Blank("unsubscribe_url"))
    result = filled(email, service)
    if tag is not None:
        assert result["html"].count(f'href="{tag}"') >= 2  # the editor's, and the footer's
        assert tag in result["text"]


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
def test_ordinary_text_is_as_it_was_written(email: Email, service: Syntax) -> None:
    result = filled(email, service)
    body = result["html"][result["html"].index("<body") :]
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
    assert words.count(PROSE) == 3
    assert " ".join(result["text"].split()).count(PROSE) == 3
    assert result["subject"].endswith(PROSE)
    assert "https://a.example/%7B%7Bx%7D%7D?q=%7B%25" in result["html"]


def test_what_only_a_tag_can_fill_is_left_out_where_there_is_none(email: Email) -> None:
    without, with_one = filled(email, SERVICES["Resend"]), filled(email, SERVICES["Brevo"])
    assert 'href="{{ mirror }}"' in with_one["html"]
    assert with_one["html"].count("{{ mirror }}") > without["html"].count("View in browser")
    assert "View in browser" in with_one["html"]
    assert "View in browser" not in without["html"]


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
def test_only_tags_reach_a_services_parser_unescaped(email: Email, service: Syntax) -> None:
    guarded = Syntax(tag=service.tag, escape=lambda text: re.sub(r"[{}%|*$\[\]]", "", text))
    for part, result in filled(email, guarded).items():
        blanks = merge_tags.blanks(kept(getattr(email, part), service))
        rest = result
        for tag in sorted({tag for blank in blanks if (tag := service.tag(blank))}, key=len, reverse=True):
            rest = rest.replace(tag, "")
        assert not re.search(r"[{}%|*$\[\]]", rest)


# The module by itself.

NAMES = st.sampled_from(sorted(merge_tags.NAMES))
TEXT = st.text(st.characters(exclude_characters="\x02\x03", exclude_categories=["Cs"]))
FALLBACKS = st.text(st.characters(exclude_characters="\x02\x03[]\n", exclude_categories=["Cs", "Cc"])).map(str.strip)
PIECES = st.lists(st.one_of(TEXT, st.builds(Blank, NAMES, FALLBACKS)))


@given(PIECES)
@settings(max_examples=100)
def test_a_marked_text_is_cut_and_counted_at_its_blanks(pieces: list[str | Blank]) -> None:
    text = "".join(piece if isinstance(piece, str) else piece.mark() for piece in pieces)
    parts = merge_tags.split(text)
    assert "".join(piece if isinstance(piece, str) else piece.mark() for piece in parts) == text
    assert merge_tags.blanks(text) == [piece for piece in pieces if isinstance(piece, Blank)]
    assert [isinstance(part, Blank) for part in parts] == [at % 2 == 1 for at in range(len(parts))]


@given(PIECES)
@settings(max_examples=100)
def test_filling_writes_tags_and_escapes_the_rest(pieces: list[str | Blank]) -> None:
    text = "".join(piece if isinstance(piece, str) else piece.mark() for piece in pieces)
    service = Syntax(tag=lambda blank: f"<{blank.name}>" if blank.name != "email" else None, escape=str.swapcase)
    wanted = ""
    for piece in pieces:
        tag = service.tag(piece) if isinstance(piece, Blank) else None
        wanted += (piece if isinstance(piece, str) else piece.fallback).swapcase() if tag is None else tag
    assert merge_tags.fill(text, service) == wanted


@given(NAMES, FALLBACKS, TEXT)
def test_what_an_editor_writes_is_what_is_marked(name: str, fallback: str, around: str) -> None:
    around = around.replace("[", "").replace("]", "")
    source = f"{around}[[{name}|{fallback}]]{around}" if fallback else f"{around}[[{name}]]{around}"
    assert merge_tags.mark(source) == around + Blank(name, fallback).mark() + around
    assert [blank for _, blank in merge_tags.written(source)] == [Blank(name, fallback)]


@pytest.mark.parametrize(
    "text", ["[[nobody]]", "[[ first_name ]]", "[first_name]", "[[first name]]", "[[]]", "[[first_name|a\nb]]"]
)
def test_what_is_no_blank_of_ours_stays_text(text: str) -> None:
    assert merge_tags.mark(text) == text


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"view_url": "https://a.example"}, "a https://a.example b"),
        ({"view_url": ""}, "a  b"),
        ({}, "a  b"),
    ],
)
def test_a_guard_keeps_its_inside_only_where_there_is_a_value(values: Mapping[str, str], wanted: str) -> None:
    text = f"a {merge_tags.when('view_url', Blank('view_url').mark())} b"
    assert merge_tags.fill(text, merge_tags.plain(values)) == wanted


def test_a_fallback_is_made_safe_for_where_it_stands() -> None:
    text = Blank("first_name", "<b>&").mark()
    assert merge_tags.fill(text, merge_tags.plain({}), encode=html.escape) == "&lt;b&gt;&amp;"
    assert merge_tags.fill(text, merge_tags.plain({})) == "<b>&"


def test_the_services_are_those_that_the_notes_on_services_name(shared: Path) -> None:
    notes = (shared / "services/README.md").read_text("utf-8").replace("\\|", "|")
    for tag in ("*|UNSUB|*", "{{ email_url }}", "{$url}", "%%{unsubscribe_url}%%", "{{{RESEND_UNSUBSCRIBE_URL}}}"):
        assert tag in notes


@pytest.mark.parametrize(
    ("values", "wanted"),
    [({"view_url": "v", "email": "e"}, "e-v."), ({"view_url": "v"}, "v."), ({"email": "e"}, "e."), ({}, ".")],
)
def test_what_joins_two_guarded_links_stands_between_both_or_not_at_all(values: Mapping[str, str], wanted: str) -> None:
    first, last = (Blank(name).mark() for name in ("email", "view_url"))
    joined = merge_tags.when("view_url", merge_tags.when("email", "-") + last)
    assert merge_tags.fill(f"{merge_tags.when('email', first)}{joined}.", merge_tags.plain(values)) == wanted


def test_what_a_frame_has_of_its_own_goes_and_what_an_editor_wrote_stays() -> None:
    leave, view = (Blank(name).mark() for name in ("unsubscribe_url", "view_url"))
    dot = merge_tags.when("unsubscribe_url", " - ")
    text = f"{leave} {merge_tags.when('unsubscribe_url', leave)}{merge_tags.when('view_url', dot + view)}"
    left = merge_tags.without(text, {"unsubscribe_url"})
    assert merge_tags.fill(left, merge_tags.plain({"unsubscribe_url": "u", "view_url": "v"})) == "u v"
