"""digest.toml is read whole, and every mistake in it is told at once with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import config
from digest.errors import DigestError
from digest.models import CheckPlan, PreviewPlan, SectionPlan, UtmPlan

PATH = Path("digest.toml")


def parsed(text: str) -> object:
    return config.parse(text.encode(), PATH)


def publication_with(line: str) -> str:
    return f'[publication]\nname = "News"\nsender_email = "ed@news.example"\n{line}\n'


def mistakes(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(DigestError) as caught:
        config.parse(text.encode(), PATH)
    return [(each.line, each.what) for each in getattr(caught.value, "mistakes", (caught.value,))]


def test_a_whole_file_becomes_a_publication() -> None:
    text = publication_with('every = "Friday"\nat = "7:30"\n[[section]]\ntitle = "Top"\n[[section]]\ntitle = "Jobs"')
    text += 'carry = true\nsponsor = "yes"\nlayout = "list"\n[theme]\naccent = "#123456"\n[words]\nnote = "Hello"\n'
    found = config.parse(text.encode(), PATH)
    assert (found.name, found.every, found.at) == ("News", "Friday", "7:30")
    assert found.sections == (SectionPlan("Top"), SectionPlan("Jobs", carry=True, sponsor="yes", layout="list"))
    assert (found.options, found.words) == ({"accent": "#123456"}, {"note": "Hello"})
    assert found.lines["section.1.title"] == 9


def test_the_tables_for_checks_preview_utm_and_services_are_read() -> None:
    text = publication_with("") + (
        '[check]\nclients = ["gmail"]\nrequire = ["source"]\n[preview]\neditor = "code -g {file}:{line}"\n'
        '[utm]\nsource = "news"\nhosts = ["news.example"]\n[export.buttondown]\ntemplate = "naked"\n'
    )
    found = config.parse(text.encode(), PATH)
    assert found.check == CheckPlan(clients=("gmail",), require=("source",))
    assert found.preview == PreviewPlan(editor="code -g {file}:{line}")
    assert found.utm == UtmPlan(source="news", hosts=("news.example",))
    assert found.exports == {"buttondown": {"template": "naked"}}
    assert found.lines["export.buttondown.template"] == 14


def test_what_a_check_cannot_ask_of_a_story_is_told_with_its_line() -> None:
    assert mistakes(publication_with("") + '[check]\nrequire = ["blurb"]\n') == [
        (6, 'require should be a list of any of "link", "source", "date", "author", "picture", not a list.'),
    ]


def test_a_service_needs_a_table_of_its_own() -> None:
    wanted = "a table that begins with [export.<service>], such as [export.buttondown]"
    assert mistakes(publication_with("") + '[export]\nmailchimp = "yes"\n') == [
        (6, f'export.mailchimp should be {wanted}, not "yes".'),
    ]


def test_every_mistake_is_told_in_one_run() -> None:
    text = publication_with('nmae = "x"\nevery = "fryday"\nat = 9\ntimezone = "Mars/Base"\nurl = "news.example"')
    text += '[[section]]\ntitel = "x"\n[[section]]\ntitle = "A"\ncarry = "yes"\n[wrods]\n[publikation2]\n'
    assert mistakes(text) == [
        (4, '[publication] knows no "nmae". Did you mean "name"?'),
        (
            5,
            'every should be a weekday, "day", "week", "fortnight" or "month" (did you mean "friday"?), not "fryday".',
        ),
        (6, "at should be a text in quotes, not 9."),
        (7, 'timezone should be a time zone such as "Europe/Copenhagen" or "America/New_York", not "Mars/Base".'),
        (8, 'url should be a web address that begins with https://, not "news.example".'),
        (10, '[[section]] knows no "titel". Did you mean "title"?'),
        (13, 'carry should be true or false, not "yes".'),
        (14, 'digest.toml knows no "wrods". Did you mean "words"?'),
        (15, 'digest.toml knows no "publikation2". Did you mean "publication"?'),
    ]


def test_settings_above_their_table_are_told_where_they_belong() -> None:
    told = mistakes('name = "News"\nsender_email = "ed@news.example"\n')
    assert told == [(1, '"name" belongs into [publication].'), (2, '"sender_email" belongs into [publication].')]


def test_a_misspelt_table_brings_no_other_complaint() -> None:
    assert mistakes('[publicaton]\nname = "x"\n') == [
        (1, 'digest.toml knows no "publicaton". Did you mean "publication"?')
    ]


@pytest.mark.parametrize("text", ["", "\n# only a comment\n", "[theme]\n"])
def test_a_file_without_a_publication_says_how_it_begins(text: str) -> None:
    assert mistakes(text) == [(None, "This file describes no publication.")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("publication = 5", "publication should be a table that begins with [publication], not 5."),
        (
            publication_with("") + "[section]\ntitle = 'x'",
            "section should be tables that begin with [[section]], the brackets twice, not a table.",
        ),
        (
            "section = 3\n" + publication_with(""),
            "section should be tables that begin with [[section]], the brackets twice, not 3.",
        ),
        ("theme = 3\n" + publication_with(""), '"theme" belongs into [publication].'),
        (publication_with("[words]\nnote = 3"), "note should be a text in quotes, not 3."),
        (publication_with('[[section]]\ntitle = "A"\n[[section]]\ntitle = "a"'), 'Two sections are called "a".'),
        (publication_with("[[section]]\ncarry = true"), '[[section]] lacks "title".'),
    ],
)
def test_tables_of_the_wrong_kind(text: str, told: str) -> None:
    assert [what for _, what in mistakes(text)] == [told]


@pytest.mark.parametrize("key", ["name", "sender_name", "theme"])
@pytest.mark.parametrize("value", ["two\\nlines", "bell\\u0007", "separator\\u2028"])
def test_what_stands_in_one_line_is_one_line(key: str, value: str) -> None:
    text = f'[publication]\nname = "n"\nsender_email = "e@n.example"\n{key} = "{value}"\n'
    text = text.replace('name = "n"\n', "", 1) if key == "name" else text
    assert mistakes(text)[0][1].startswith(f"{key} should be a ")


@pytest.mark.parametrize(
    "name", ["می‌خواهم", "👩‍👩‍👧 Family", "Caf\u00e9\u00a0News", "שבועון", "週報", "C#", "=?utf-8?q?x?="]
)
def test_a_name_may_be_in_any_script(name: str) -> None:
    assert parsed(f'[publication]\nname = "{name}"\nsender_email = "ed@news.example"\n').name == name  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "address", ["ed", "ed@", "@news.example", "ed@news", "ed@news..example", "a b@news.example", ""]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    told = mistakes(f'[publication]\nname = "News"\nsender_email = "{address}"\n')
    assert told == [(3, f'sender_email should be an address such as editor@example.org, not "{address}".')]


@pytest.mark.parametrize("address", ["ed@news.example", "ed+list@sub.news.example", "réd@büro.example"])
def test_addresses_of_many_kinds_are_taken(address: str) -> None:
    assert config.wanted("sender_email", address) == ""


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://news.example", "https://", "https://a b.example", "http://[::1", "news"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert config.wanted("url", url) == "a web address that begins with https://"


def test_places_for_the_issue_may_stand_in_an_address() -> None:
    assert config.wanted("view_url", "https://news.example/{slug}?n={number}") == ""


@pytest.mark.parametrize("zone", ["Mars", "../../etc/passwd", "", "Europe", "/etc/localtime"])
def test_a_time_zone_that_nobody_knows_is_refused_and_stands_for_utc(zone: str) -> None:
    assert config.wanted("timezone", zone).startswith("a time zone such as")
    assert config.time_zone(zone).key == "UTC"


@pytest.mark.parametrize("at", ["24:00", "7", "7:60", "seven", "٠٧:٠٠"])
def test_a_time_of_day_that_no_clock_shows_is_refused(at: str) -> None:
    assert config.wanted("at", at) == 'a time of day such as "09:00"'
