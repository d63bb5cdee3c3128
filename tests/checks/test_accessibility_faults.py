"""Mails with one fault each that keeps somebody from reading them, and mails with none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from faulty import PENCIL, SAMPLES, a_copy, line_of, mutated, with_markup, with_rules

from digest import config, issue_file
from digest.checks import accessibility
from digest.checks.base import Copy
from digest.models import Finding
from digest.render.pipeline import Renderer

LONG = "By July the river smelt so strong that the house hung its windows with curtains soaked in lime. " * 2
HEAD = "---\nnumber: 7\ndate: 2026-11-06\nsubject: Rain\n---\n\n## Top stories\n\n"


def found(copy: Copy) -> list[Finding]:
    return list(accessibility.check(copy))


def rules(copy: Copy) -> list[str]:
    return [each.rule for each in found(copy)]


def a_written(tmp_path: Path, stories: str, **files: str) -> Copy:
    """An issue from its text, with files of the publication's own."""
    toml = '[publication]\nname = "News"\nsender_email = "ed@news.example"\npostal_address = "1 Road"\n'
    for name, text in {"digest.toml": toml, "issues/7.md": HEAD + stories, **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    publication = config.read(tmp_path / "digest.toml")
    file = issue_file.read(tmp_path / "issues/7.md")
    email = Renderer(publication, root=tmp_path).render(file.issue)
    return Copy(issue=file.issue, email=email, publication=publication, text=file.source)


IN_A_STORY = [
    ('<p style="color:#999999">Pale words</p>', "contrast"),
    ('<p style="color:#fff">White on white</p>', "contrast"),
    ('<div style="background:#8f3015"><p style="color:#5c1f0d">Dark on dark</p></div>', "contrast"),
    ('<p style="color:rgba(0,0,0,.4)">See-through words</p>', "contrast"),
    ('<table role="presentation" bgcolor="#ffee00"><tr><td style="color:#fff">Yellow</td></tr></table>', "contrast"),
    (
        '<div style="background:url(https://a.example/a.jpg) #222"><p style="color:#fff">On it</p></div>',
        "text-on-picture",
    ),
    ('<p style="font-size:10px">Small print</p>', "small-text"),
    ('<p style="font-size:8pt">Small print</p>', "small-text"),
    (f'<p style="font-size:12px;line-height:18px">{LONG}</p>', "small-text"),
    (f'<p style="line-height:1">{LONG}</p>', "tight-lines"),
    (f'<p style="text-align:justify">{LONG}</p>', "justified"),
    (
        '<a href="https://a.example/"><img src="a.png" alt="" role="presentation" width="40" height="40"></a>',
        "empty-link",
    ),
    ('<a href="https://a.example/"></a>', "empty-link"),
    ("<table><tr><td>Rows</td></tr></table>", "table-role"),
    ('<table role="presentation"><tr><th>Year</th></tr><tr><td>1659</td></tr></table>', "table-role"),
    ('<h6 style="font-size:14px">Far too deep</h6>', "headings"),
    ("<h4></h4>", "headings"),
    ("<h1>Another first</h1>", "headings"),
    ("<p>NOBODY SHOULD EVER TYPE LIKE THIS TODAY</p>", "typed-capitals"),
    ('<a href="https://a.example/1">One</a> and <a href="https://a.example/2">one</a>', "same-words"),
    (
        '<p>See what <a href="https://a.example/" style="color:#1d1b18;text-decoration:none">they</a> say of it.</p>',
        "link-like-text",
    ),
    ('<a href="https://a.example/"><img src="a.png" alt="Share" style="width:16px;height:16px"></a>', "small-target"),
    (
        '<p style="margin:0;line-height:16px"><a href="https://a.example/1">Ann</a></p>'
        '<p style="margin:0;line-height:16px"><a href="https://a.example/2">Ben</a></p>',
        "small-target",
    ),
    (
        '<p style="line-height:18px"><a href="https://a.example/1">Ann</a><br><a href="https://a.example/2">Ben</a></p>',
        "small-target",
    ),
    ('<a href="https://a.example/" tabindex="3">First</a>', "reading-order"),
    ('<div style="display:flex;flex-direction:row-reverse"><p>Two</p><p>One</p></div>', "reading-order"),
    ('<table role="presentation" dir="rtl"><tr><td>Right</td><td>Left</td></tr></table>', "reading-order"),
    ('<p aria-hidden="true"><a href="https://a.example/">Unheard</a></p>', "hidden-link"),
]

IN_THE_MAIL = [
    ('<html lang="en-GB" dir="ltr"', '<html dir="ltr"', "no-language"),
    ('<html lang="en-GB"', '<html lang="und"', "no-language"),
    ('<html lang="en-GB"', '<html lang="de"', "no-language"),
    ('role="article" lang="en-GB" dir="ltr"', 'role="article" dir="ltr"', "no-language"),
    ('role="article" lang="en-GB" dir="ltr"', 'role="article" lang="en-GB"', "no-direction"),
    ('role="article" lang="en-GB" dir="ltr"', 'role="article" lang="en-GB" dir="rtl"', "no-direction"),
    ("<title>A town invented by a map, and eleven other true stories</title>", "<title></title>", "no-title"),
    (
        '<h1 class="u" style="margin:0;font:bold 36px/44px Georgia,serif;color:#1d1b18">Slow News</h1>',
        "<p>Slow News</p>",
        "headings",
    ),
    ("width=device-width", "width=device-width,user-scalable=no", "no-zoom"),
    ("width=device-width", "width=device-width,maximum-scale=1.0", "no-zoom"),
    (
        '<!--[if mso | IE]><table border="0" cellpadding="0" cellspacing="0" role="presentation"',
        '<!--[if mso | IE]><table border="0" cellpadding="0" cellspacing="0"',
        "table-role",
    ),
]


@pytest.mark.parametrize(("html", "rule"), IN_A_STORY)
def test_a_fault_in_a_story_is_found_with_its_story_and_line(html: str, rule: str) -> None:
    findings = found(with_markup(html))
    assert [(each.rule, each.story, each.line) for each in findings] == [(rule, PENCIL, line_of(PENCIL))]
    assert findings[0].effect
    assert findings[0].hint


@pytest.mark.parametrize(("old", "new", "rule"), IN_THE_MAIL)
def test_a_fault_of_the_whole_mail_is_found(old: str, new: str, rule: str) -> None:
    findings = found(mutated(a_copy(), old, new))
    assert [(each.rule, each.line, each.story) for each in findings] == [(rule, None, "")]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_read_by_everybody(name: str) -> None:
    assert found(a_copy(name)) == []


def test_text_that_only_dark_mode_makes_unreadable_is_found_there() -> None:
    css = "@media (prefers-color-scheme:dark){.w p.r{color:#1d1b18!important}}"
    findings = found(with_rules(css, '<p class="r">Dark on dark</p>'))
    assert [(each.rule, each.story, each.line) for each in findings] == [("contrast-dark", PENCIL, line_of(PENCIL))]


def test_a_dark_rule_that_sets_the_letters_alone_is_found() -> None:
    copy = mutated(
        a_copy(),
        ".pp,.pp table,.pp td,.pp th,.pp div{background:#1b1d21!important;color:#ece8e1!important}",
        ".pp,.pp table,.pp td,.pp th,.pp div{color:#ece8e1!important}",
    )
    assert set(rules(copy)) == {"contrast-dark"}


def test_a_theme_with_pale_labels_is_told_as_the_themes_fault(tmp_path: Path) -> None:
    own = {"templates/brief/parts/own.css": ".eh{color:#cccccc}"}
    findings = found(a_written(tmp_path, "### [A story](https://a.example/1)\n\nText.\n", **own))
    assert [each.rule for each in findings] == ["contrast"]
    assert "#cccccc on #ffffff" in findings[0].what


def test_a_story_in_arabic_in_an_english_issue_is_told_and_one_that_says_so_is_not(tmp_path: Path) -> None:
    text = "### [{}](https://a.example/1)\n{}\nفي كل صباح عند التاسعة عبر رجل النهر إلى الجزيرة ورفع القمع.\n"
    silent = a_written(tmp_path / "1", text.format("المدينة التي تعلمت قراءة مطرها", "language: ar\n"))
    telling = a_written(tmp_path / "2", text.format("المدينة التي تعلمت قراءة مطرها", ""))
    assert rules(silent) == []
    assert [(each.rule, each.line) for each in found(telling)] == [("wrong-language", 9)]


def test_words_in_capitals_in_a_text_are_told_and_abbreviations_are_not(tmp_path: Path) -> None:
    story = "### [A story](https://a.example/1)\n\n{}\n"
    shouting = a_written(tmp_path / "1", story.format("RAINFALL BREAKS EVERY RECORD, says the gauge."))
    quiet = a_written(tmp_path / "2", story.format("NATO, UN, EU, WHO and NASA agree."))
    assert [(each.rule, each.line) for each in found(shouting)] == [("typed-capitals", 11)]
    assert found(shouting)[0].what.startswith('"RAINFALL BREAKS EVERY RECORD" ')
    assert rules(quiet) == []


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color:#999999;font-size:26px"></p>',
        '<p style="color:#767676">Just dark enough</p>',
        '<p style="color:#949494;font-size:24px;line-height:30px">Large may be paler</p>',
        '<img src="https://a.example/a.png" alt="" width="40" height="40">',
        '<p style="display:none;color:#fff">Not seen</p>',
        "<table><tr><th>Year</th></tr><tr><td>1659</td></tr></table>",
        '<a href="https://a.example/1">One</a> and <a href="https://a.example/1#part">one</a>',
        '<div style="background:#222;color:#fff">White on black is fine</div>',
        "<sup style='font-size:12px;line-height:0'>1</sup>",
    ],
)
def test_what_everybody_can_read_is_passed_over(html: str) -> None:
    assert [each for each in rules(with_markup(html)) if each != "contrast-dark"] == []


def test_one_fault_in_many_places_is_told_once_with_all_lines() -> None:
    pale = '<p style="text-align:justify">' + LONG + "</p>"
    copy = with_markup(pale + pale)
    assert [(each.rule, each.line, each.also) for each in found(copy)] == [("justified", line_of(PENCIL), ())]


def test_a_wrong_language_is_an_error_that_names_both() -> None:
    (finding,) = found(mutated(a_copy(), '<html lang="en-GB"', '<html lang="de"'))
    assert finding.level == "error"
    assert '"de"' in finding.what
    assert '"en-GB"' in finding.what


def test_a_language_that_reads_the_other_way_wants_its_direction() -> None:
    copy = a_copy()
    arabic = replace(copy, email=replace(copy.email, language="ar"))
    assert "no-direction" in rules(arabic)
