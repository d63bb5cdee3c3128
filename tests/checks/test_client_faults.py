"""Mails with one fault each that costs the readers of some program something, and mails with none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from faulty import PENCIL, SAMPLES, a_copy, line_of, mutated, with_markup, with_rules

from digest.checks import clients
from digest.checks.base import Copy
from digest.inspection import caniemail, mail_programs
from digest.inspection.features.costs import COSTS, NOT_IN_HTML, PLAINER
from digest.inspection.features.mail import Mail
from digest.models import CheckPlan, Finding

TWO = "<div>One</div><div>Two</div>"


def found(copy: Copy) -> list[Finding]:
    return list(clients.check(copy))


def read_with(copy: Copy, *programs: str) -> Copy:
    """`copy` of a publication that names its readers' programs."""
    return replace(copy, publication=replace(copy.publication, check=CheckPlan(clients=programs)))


#: What is put above a story's blurb, the rule it breaks, and whom it costs something.
IN_A_STORY = [
    (f'<div style="display:flex">{TWO}</div>', "css-display-flex", "classic Outlook on Windows"),
    (f'<div style="display:inline-flex;gap:8px">{TWO}</div>', "css-display-flex", "classic Outlook on Windows"),
    (f'<div style="display:grid">{TWO}</div>', "css-display-grid", "classic Outlook on Windows"),
    ('<div style="position:absolute;top:0">New</div>', "css-position", "Gmail"),
    (
        '<div style="background-image:url(https://a.example/a.jpg);color:#fff">Words</div>',
        "css-background-image",
        "Outlook",
    ),
    (
        '<div style="background:url(https://a.example/a.jpg) center/cover">Words</div>',
        "css-background-image",
        "Outlook",
    ),
    ('<div style="background:linear-gradient(#000,#333);color:#fff">Words</div>', "css-linear-gradient", "Yahoo Mail"),
    (
        '<table role="presentation"><tr><td background="https://a.example/a.jpg">W</td></tr></table>',
        "html-background",
        "Outlook",
    ),
    ('<video src="https://a.example/a.mp4"></video>', "html-video", "Gmail"),
    ('<audio src="https://a.example/a.mp3"></audio>', "html-audio", "Gmail"),
    ('<svg width="9" height="9" role="img" aria-label="A dot"><circle r="4"/></svg>', "html-svg", "Gmail"),
    ('<form action="https://a.example/"><input name="a"><button>Go</button></form>', "html-form", "classic Outlook"),
    ('<img src="https://a.example/a.tiff" alt="A" width="9" height="9">', "image-tiff", "classic Outlook"),
    ('<img src="https://a.example/a.heif?x=1" alt="A" width="9" height="9">', "image-heif", "Samsung Email"),
    ('<img src="https://a.example/a.mp4" alt="A" width="9" height="9">', "image-mp4", "Gmail"),
    ('<picture><source srcset="https://a.example/a.webp"></picture>', "html-picture", "Yahoo Mail"),
    (
        '<img src="https://a.example/a.jpg" alt="A" style="width:90px;height:90px;object-fit:cover">',
        "css-object-fit",
        "Outlook",
    ),
    ('<div style="width:calc(100% - 20px)">A</div>', "css-unit-calc", "Yahoo Mail"),
    ('<div style="width:min(600px, 100%)">A</div>', "css-function-min", "Outlook"),
    ('<div style="width:50vw">A</div>', "css-unit-vw", "classic Outlook"),
    ('<p style="font-size:1.2rem">A</p>', "css-unit-rem", "classic Outlook"),
    ('<div style="width:40ch">A</div>', "css-unit-ch", "Yahoo Mail"),
    ('<p style="color:var(--ink)">A</p>', "css-variables", "Gmail"),
    ('<p style="background:rgb(0 0 0 / 90%);color:#fff">A</p>', "css-rgb", "Gmail"),
    ('<p style="background:oklch(20% 0.1 120);color:#fff">A</p>', "css-modern-color", "Outlook"),
    ('<p style="visibility:hidden">Psst</p>', "css-visibility", "Gmail"),
    ("<p hidden>Psst</p>", "html-hidden", "Gmail"),
    ('<p style="opacity:0">Psst</p>', "css-opacity", "classic Outlook"),
    (
        '<div style="display:none"><table role="presentation"><tr><td>P</td></tr></table></div>',
        "css-display-none",
        "Outlook",
    ),
    ('<iframe src="https://a.example/"></iframe>', "html-iframe", "any mail program"),
    ("<script>1</script>", "html-script", "any mail program"),
    ('<map name="m"><area href="https://a.example/"></map>', "html-image-maps", "Yahoo Mail on Android"),
    ('<object data="https://a.example/a.pdf"></object>', "html-object", "Gmail"),
    ('<progress max="9" value="3"></progress>', "html-progress", "Gmail"),
]

#: Rules of the style sheet, and what they are for.
IN_A_SHEET = [
    (f".r{{display:flex;flex-wrap:wrap}}|<div class=r>{TWO}</div>", ["css-display-flex"]),
    (f".r{{display:flex;flex-direction:column}}|<div class=r>{TWO}</div>", ["css-flex-direction"]),
    (
        f".r{{display:grid;grid-template-columns:1fr 1fr}}|<div class=r>{TWO}</div>",
        ["css-display-grid"],
    ),
    (".r::before{content:'Sale: '}|<p class=r>Today</p>", ["css-pseudo-element-before"]),
    (
        ".r{max-height:0;overflow:hidden}#c:checked~.r{max-height:none}|<input type=checkbox id=c><p class=r>Yes</p>",
        ["css-pseudo-class-checked"],
    ),
    (".r{opacity:0;animation:in 1s forwards}|<p class=r>Welcome</p>", ["css-animation"]),
    (".r{color:transparent;-webkit-background-clip:text}|<p class=r>Gold</p>", ["css-background-clip"]),
    (".r{color:#000;.s{width:9px}}|<p class=r><span class=s>A</span></p>", ["css-nesting"]),
    (
        "@font-face{font-family:Icons;src:url(i.woff)}.r{font-family:Icons}|<span class=r>&#xe001;</span>",
        ["css-at-font-face"],
    ),
    ("@import url(https://a.example/all.css);|", ["css-at-import"]),
]


@pytest.mark.parametrize(
    ("html", "rule", "who"), IN_A_STORY, ids=[f"{rule}-{at}" for at, (_, rule, _) in enumerate(IN_A_STORY)]
)
def test_what_a_story_uses_is_found_with_its_story_and_line(html: str, rule: str, who: str) -> None:
    findings = found(with_markup(html))
    assert [(each.rule, each.story, each.line) for each in findings] == [(rule, PENCIL, line_of(PENCIL))]
    assert who in findings[0].what
    assert findings[0].effect
    assert findings[0].hint


@pytest.mark.parametrize(("written", "rules"), IN_A_SHEET)
def test_what_a_style_sheet_asks_for_is_found_where_it_is_used(written: str, rules: list[str]) -> None:
    css, _, html = written.partition("|")
    findings = found(with_rules(css, html))
    assert [each.rule for each in findings] == rules
    if html:
        assert {each.story for each in findings if each.rule != "css-at-font-face"} <= {PENCIL}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_cost_nobody_anything_in_any_program(name: str) -> None:
    everywhere = read_with(a_copy(name), *dict.fromkeys(each.family for each in mail_programs.programs()))
    assert found(everywhere) == []


@pytest.mark.parametrize(
    "html",
    [
        f'<div style="display:block;display:flex">{TWO}</div>',
        '<div style="display:flex"><p>Alone</p></div>',
        f'<div style="display:flex"><!--[if mso]><table role="presentation"><tr><td><![endif]-->{TWO}</div>',
        f'<!--[if !mso]><!--><div style="display:flex">{TWO}</div><!--<![endif]-->',
        '<div style="background:#222 url(https://a.example/a.jpg);color:#fff">Words</div>',
        '<div style="background-image:url(https://a.example/a.jpg)"></div>',
        '<video src="a.mp4"><a href="https://a.example/">Watch it</a></video>',
        '<picture><source srcset="a.webp"><img src="https://a.example/a.jpg" alt="A" width="9" height="9"></picture>',
        '<div style="width:600px;width:min(600px,100%)">A</div>',
        '<p style="color:#111;color:var(--ink)">A</p>',
        '<p style="border-radius:8px;box-shadow:0 0 3px #000;transition:all 1s;max-width:20ch">A</p>',
        '<p style="display:none;max-height:0;overflow:hidden;mso-hide:all">Psst</p>',
        '<img src="https://a.example/a.jpg" srcset="https://a.example/b.webp 2x" alt="A" width="9" height="9">',
        '<p style="position:relative;z-index:2">A</p>',
        '<a href="https://a.example/style=display:flex">position:absolute; display:flex {}</a>',
    ],
)
def test_where_something_stands_in_nothing_is_said(html: str) -> None:
    assert found(with_markup(html)) == []


@pytest.mark.parametrize(
    "css",
    [
        "@media (max-width:500px){.i{width:50vw!important}}",
        "@font-face{font-family:Own;src:url(o.woff)}.t{font-family:Own,Georgia,serif}",
        "@import url(https://fonts.example/css2?family=Own);",
        ".t:hover{color:#000}.t::after{content:'\\2192'}",
        "@supports (display:grid){.zz{display:grid}}.nobody{display:flex}",
    ],
)
def test_rules_that_only_make_it_nicer_are_passed_over(css: str) -> None:
    assert found(read_with(with_rules(css), "gmail", "outlook", "apple-mail")) == []


def test_a_feature_is_told_once_with_all_its_places() -> None:
    html = f'<div style="display:flex">{TWO}</div>'
    other = "The summer that built London's sewers"
    marked = mutated(with_markup(html), '<p style="margin:8px 0 0">', html + '<p style="margin:8px 0 0">', story=other)
    findings = found(marked)
    lines = sorted((line_of(other), line_of(PENCIL)))
    assert [(each.rule, each.line, each.also) for each in findings] == [("css-display-flex", lines[0], (lines[1],))]


def test_what_the_theme_brings_has_no_line_and_says_so() -> None:
    copy = mutated(a_copy(), '<h1 class="u"', f'<div style="display:flex">{TWO}</div><h1 class="u"')
    (finding,) = found(copy)
    assert (finding.line, finding.story) == (None, "")
    assert finding.what.endswith("The theme uses it.")


def test_only_the_programs_that_are_named_count() -> None:
    copy = with_markup(f'<div style="display:flex">{TWO}</div>')
    assert found(read_with(copy, "gmail", "apple-mail")) == []
    assert [each.rule for each in found(read_with(copy, "outlook"))] == ["css-display-flex"]


def test_a_program_nobody_knows_is_told_with_the_one_that_may_be_meant() -> None:
    (finding,) = found(read_with(a_copy(), "gmial"))
    assert (finding.rule, finding.path) == ("unknown-program", a_copy().publication.path)
    assert 'Did you mean "gmail"?' in finding.what


def test_content_that_is_lost_to_many_is_an_error_and_a_layout_a_warning() -> None:
    lost = found(with_markup("<svg><text>A</text></svg>"))
    torn = found(with_markup(f'<div style="display:flex">{TWO}</div>'))
    assert [each.level for each in (*lost, *torn)] == ["error", "warning"]


def test_every_feature_of_caniemail_has_its_cost_or_none() -> None:
    known = set(caniemail.facts().rows)
    assert known - set(COSTS) - PLAINER - NOT_IN_HTML == set()
    assert set(COSTS) & PLAINER == set()


def test_the_newest_version_is_the_last_in_the_files_order_and_not_in_the_alphabets() -> None:
    flexed = caniemail.facts().feature("css-variables")
    assert flexed is not None
    assert [each.version for each in flexed.versions("outlook.macos")] == ["2011", "2016", "16.80"]
    newest = flexed.newest("outlook.macos")
    assert newest is not None
    assert (newest.version, newest.word) == ("16.80", "n")


def test_the_facts_say_whose_they_are_and_of_when() -> None:
    facts = caniemail.facts()
    assert "MIT" in facts.source
    assert "Parmentier" in facts.source
    assert facts.edition >= "2026-06-29"


def test_what_a_mail_uses_is_told_by_grammar_and_not_by_its_words() -> None:
    copy = with_rules("/* display:grid */ .a{content:'position:absolute'}")
    used = Mail(copy.proof).every_feature()
    assert "css-display-grid" not in used
    assert "css-position" not in used
    assert {"css-at-media", "css-border-radius", "html-table", "image-jpg", "html-role"} <= used
