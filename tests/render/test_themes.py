"""Both themes: what they weigh, that the mail is correct, and that it reads as it was accepted."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

import pytest
from publications import KITCHEN, THEMES, Reader, head, made, many_stories, styles

from digest.exporters import folder

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
#: Beyond this Gmail cuts; beyond 16 KB of CSS, or with a rule in a rule in a rule, it drops the styles.
GMAIL_CUTS_AT, GMAIL_STYLES = 102_400, 16_384
REMOTE = re.compile(
    r"<(?:script|form|input|link|iframe|object|embed|video|audio|base)\b|@import|@font-face|url\(", re.I
)


@pytest.fixture(scope="module", params=THEMES)
def theme(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def html(theme, tmp_path_factory) -> str:
    """A mail with everything that an issue can hold."""
    return made(tmp_path_factory.mktemp(theme), head(theme, preheader="What is inside") + KITCHEN).html


@pytest.fixture(scope="module")
def arabic(theme, tmp_path_factory) -> str:
    text = head(theme, language="ar", title="أخبار هادئة") + (
        "صباح الخير.\n\n## أهم القصص\n\n### [المدينة التي تقرأ المطر](https://example.org/1)\n\n![دائرة](images/a.jpg)\n\n"
        "نص.\n\n> اقتباس.\n\n- أول\n\n"
        "### [A story in English](https://example.org/2)\nlanguage: en\n\nText.\n\n> Quoted.\n"
    )
    return made(tmp_path_factory.mktemp(f"{theme}-ar"), text).html


# What it weighs


@pytest.mark.parametrize("name", THEMES)
def test_thirty_stories_with_pictures_weigh_at_most_45_000_bytes(tmp_path, name):
    email = made(tmp_path, many_stories(name, 30, pictures=True), conf='assets_url = "https://gauge.example/{slug}"\n')

    assert len(folder.fill(email).html.encode()) <= 45_000


@pytest.mark.parametrize("name", THEMES)
def test_a_hundred_stories_without_pictures_are_shown_whole_by_gmail(tmp_path, name):
    email = made(tmp_path, many_stories(name, 100, pictures=False))

    assert len(folder.fill(email).html.encode()) < GMAIL_CUTS_AT


def test_the_styles_that_stay_in_the_head_are_few_enough_for_gmail(html):
    assert sum(len(style) for style in styles(html)) < GMAIL_STYLES


def test_no_rule_stands_in_a_rule_of_a_rule(html):
    for style in styles(html):
        depth = deepest = 0
        for sign in style:
            depth += {"{": 1, "}": -1}.get(sign, 0)
            deepest = max(deepest, depth)
        assert depth == 0
        assert deepest <= 2


# That it is a correct mail


def test_it_begins_with_the_doctype_of_html_5(html):
    assert html.startswith("<!DOCTYPE html>\n<html lang=")


def test_every_byte_is_ascii_so_that_no_service_can_garble_it(html, arabic):
    assert html.isascii()
    assert arabic.isascii()


def test_it_says_its_language_direction_and_title(html, arabic):
    left, right = Reader(html), Reader(arabic)

    assert {key: left.all("html")[0][key] for key in ("lang", "dir")} == {"lang": "en", "dir": "ltr"}
    assert {key: right.all("html")[0][key] for key in ("lang", "dir")} == {"lang": "ar", "dir": "rtl"}
    assert "<title>Rain</title>" in html


def test_rules_for_phones_and_the_dark_keep_their_important(html):
    rules = re.findall(r"@media[^{]*\{(.*?)\n\}", "\n".join(styles(html)), re.S)

    assert len(rules) >= 2
    for line in filter(None, "\n".join(rules).split("\n")):
        values = re.findall(r"[\w-]+:[^;}]+", line.partition("{")[2])
        assert values, line
        assert all("!important" in value for value in values), line


def test_every_table_is_for_layout_but_those_with_the_editors_figures(html):
    tables = Reader(html).all("table")

    assert sum(table.get("role") == "presentation" for table in tables) == len(tables) - 1


def test_every_table_that_only_outlook_sees_is_for_layout_too(html):
    hidden = [comment for comment in Reader(html).comments if "mso" in comment]

    assert hidden
    for comment in hidden:
        for table in re.findall(r"<table[^>]*>", comment):
            assert 'role="presentation"' in table


def test_what_is_for_outlook_alone_opens_and_closes(html):
    """Comments that Outlook reads and those it skips, each ended, no tag left open across them."""
    assert len(re.findall(r"<!--\[if ", html)) == len(re.findall(r"<!\[endif\]", html))
    seen_by_outlook = re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", html, flags=re.S)
    seen_by_outlook = re.sub(r"<!--\[if [^\]]*\]>(.*?)<!\[endif\]-->", r"\1", seen_by_outlook, flags=re.S)
    for tag in ("table", "tr", "td", "div"):
        opened = len(re.findall(rf"<{tag}[\s>]", seen_by_outlook))
        assert opened == len(re.findall(rf"</{tag}>", seen_by_outlook)), tag


def test_no_width_is_invented_for_pictures_or_cells(html):
    assert all(not picture.get("width", "").endswith("%") for picture in Reader(html).all("img"))
    assert {cell["width"] for cell in Reader(html).all("td") if "width" in cell} == {"132", "50%"}


def test_every_picture_has_words_and_a_size(html):
    for picture in Reader(html).all("img"):
        assert picture["alt"]
        assert int(picture["width"]) > 0
        assert int(picture["height"]) > 0


def test_no_picture_is_wider_than_its_room_in_outlook_which_reads_the_attribute_alone(html, theme):
    """The lead of a sponsor stands in a box, the picture among a story's words beside another."""
    column = {"brief": 576, "letter": 532}[theme]
    by_words = {picture["alt"]: int(picture["width"]) for picture in Reader(html).all("img")}

    assert by_words["A wide drawing"] <= column
    assert by_words["A notebook"] <= column - 48
    assert by_words["One"] <= column // 2


def test_headings_begin_with_one_h1_and_skip_no_level(html):
    levels = [int(tag[1]) for tag, _ in Reader(html).tags if re.fullmatch(r"h[1-6]", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_nothing_is_fetched_run_or_sent(html):
    assert not REMOTE.search(html)


def test_no_picture_is_there_to_count_readers(html):
    assert not [each for each in Reader(html).all("img") if each["width"] in ("0", "1") or each["height"] in ("0", "1")]


def test_the_preheader_is_hidden_and_pushes_the_note_out_of_the_inbox_line(html):
    found = re.search(r'<div class="hid" style="([^"]*)">What is inside((?:&#8199;&#847;)*)</div>', html)

    assert found is not None
    assert "display:none" in found[1]
    assert "mso-hide:all" in found[1]
    assert found[2].count("&#847;") > 100


def test_ground_and_colour_are_set_together_in_the_dark(html):
    """A client that takes one rule and not the other would show light letters on white."""
    dark = re.search(r"@media \(prefers-color-scheme:dark\)\{(.*?)\n\}", styles(html)[-1], re.S)

    assert dark is not None
    for line in dark[1].split("\n"):
        if line.startswith((".pp,", ".pp .tn")):
            assert "background:" in line
            assert "color:#" in line.partition("background:")[2]


# The way a language is written


def test_right_to_left_turns_cells_tables_and_the_sides_of_what_has_sides(arabic):
    cells = Reader(arabic)

    assert all(table.get("dir", "rtl") == "rtl" for table in cells.all("table"))
    assert 'align="right"' in arabic
    assert "border-right:3px" in re.search(r"<blockquote[^>]*>", arabic)[0]
    assert re.search(r'<ul[^>]*padding:0 24px 0 0"', arabic)


def test_a_story_that_reads_the_other_way_is_turned_whole(html, arabic):
    turned = re.search(
        r'<tr[^>]* dir="rtl" align="right" lang="ar">.*?</tr>', html.replace('<tr valign="top"', "<tr"), re.S
    )
    assert turned is not None
    assert "border-right:3px" in turned[0]
    assert "padding:0 24px 0 0" in turned[0]

    back = re.search(r'<tr[^>]* dir="ltr" align="left" lang="en">.*?</tr>', arabic, re.S)
    assert back is not None
    assert "border-left:3px" in back[0]


def test_arabic_letters_are_never_set_apart_or_slanted(arabic):
    assert "letter-spacing" not in arabic
    assert "italic" not in arabic


# As it was accepted

SMALL = """Good morning. It rained.[^1]

## Top stories

### [A town that reads its rain](https://example.org/town)
source: The Ledger
date: 2026-11-04
minutes: 6

![A copper gauge in wet grass](images/a.jpg)

Every morning at nine somebody walks out to the gauge & writes down what it says.

> Nothing is lost. It is only late.

## From our sponsor
sponsor: Acme Notebooks

### [Paper that lies flat](https://acme.example/notebooks)

Sewn, not glued.

## Also noted

- [A budget in one chart](https://example.org/budget) - *The Gazette*, 2 min
- [How moths hear bats](https://example.org/moths)

[^1]: In hundredths of an inch.
"""


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("part", ["html", "txt"])
def test_the_mail_is_as_it_was_accepted(tmp_path, name, part):
    """After a change on purpose: DIGEST_REFRESH_GOLDEN=1 pytest tests/render/test_themes.py, then read the
    difference as a reader would, in git and in a browser, before it is kept."""
    text = head(name, standfirst="A week of weather.", author="The keeper", preheader="Rain, and paper") + SMALL
    email = folder.fill(made(tmp_path, text))
    # A picture is named by its bytes, and these are another version of Pillow's to choose.
    found = re.sub(r"images/a-[0-9a-f]{8}\.jpg", "images/a.jpg", email.html if part == "html" else email.text)

    file = GOLDEN / f"{name}.{part}"
    if os.environ.get("DIGEST_REFRESH_GOLDEN") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(found.encode())

    assert found == file.read_bytes().decode()
