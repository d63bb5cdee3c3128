"""What premailer does to a mail, and that none of its known faults reaches ours."""

from __future__ import annotations

import re
import subprocess
import sys

import html5lib
import pytest

from digest.render.inline import inline


def document(body: str, *, inlined: str = "", kept: str = "") -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><title>T</title>'
        f'<style>{inlined}</style><style data-premailer="ignore">{kept}</style></head><body>{body}</body></html>'
    )


def test_a_class_becomes_a_style_on_its_element():
    assert '<p style="margin:0;color:#123456">' in inline(
        document('<p class="p">Hi</p>', inlined=".p{margin:0;color:#123456}")
    )


def test_the_html5_doctype_survives_so_no_client_falls_into_quirks_mode():
    assert inline(document("<p>Hi</p>")).startswith("<!DOCTYPE html>\n<html")


def test_important_survives_in_media_rules_or_phones_and_dark_mode_lose_theirs():
    kept = "@media (max-width:520px){.i{width:100%!important}}"
    assert kept in inline(document('<p class="i">Hi</p>', kept=kept))


@pytest.mark.parametrize(
    "kept",
    [
        "@font-face{font-family:X;src:local(X)}",
        "@supports (display:grid){.a{display:grid}}",
        "a:hover{color:red}",
        ".a:nth-child(2){color:rgb(0 0 0 / 50%)}",
        "td{mso-line-height-rule:exactly}",
    ],
)
def test_a_rule_marked_to_stay_stays_as_it_was_written(kept):
    assert kept in inline(document('<p class="a">Hi</p>', kept=kept))


def test_rules_marked_to_stay_are_not_copied_onto_the_elements():
    assert "<td>" in inline(document("<table><tr><td>x</td></tr></table>", kept="td{border-collapse:collapse}"))


def test_no_width_or_height_is_invented_for_outlook():
    html = inline(
        document('<img class="f" src="a.png" alt="A" width="550" height="20">', inlined=".f{width:100%;height:auto}")
    )
    assert 'width="550" height="20"' in html
    assert 'width="100%"' not in html


def test_no_bgcolor_or_align_is_invented():
    html = inline(
        document('<table><tr><td class="c">x</td></tr></table>', inlined=".c{background-color:#fff;text-align:right}")
    )
    assert "bgcolor" not in html
    assert not re.search(r"\salign=", html)


def test_outlook_conditionals_come_out_byte_for_byte():
    comment = '<!--[if mso | IE]><table role="presentation" width="640"><tr><td><![endif]-->'
    close = "<!--[if mso | IE]></td></tr></table><![endif]-->"
    html = inline(document(f"{comment}<p>Hi</p>{close}"))
    assert comment in html
    assert close in html


def test_what_is_not_ascii_becomes_references_that_no_service_can_garble():
    html = inline(document("<p>© – हिन्दी ❤️ \u00a0</p>"))
    assert html.isascii()
    assert "".join(html5lib.parse(html, namespaceHTMLElements=False).find(".//p").itertext()) == "© – हिन्दी ❤️ \u00a0"


def test_a_class_that_no_kept_rule_names_is_taken_off():
    html = inline(document('<p class="m p">Hi</p>', inlined=".p{margin:0}.m{color:red}", kept=".m{color:blue}"))
    assert '<p class="m" style=' in html


def test_a_word_in_a_text_that_looks_like_an_attribute_is_left_alone():
    said = 'Write class="p" style="a: b" here; <b class="x"> is a tag.'
    escaped = said.replace("<", "&lt;").replace(">", "&gt;")
    html = inline(document(f'<p>{escaped}</p><img alt="{escaped.replace(chr(34), "&quot;")}" src="a.png">'))
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    assert "".join(tree.find(".//p").itertext()) == said
    assert tree.find(".//img").get("alt") == said


def test_fonts_keep_their_quotes_within_the_attribute():
    html = inline(document('<p class="p">Hi</p>', inlined=".p{font:16px/25px 'Segoe UI',Arial,sans-serif}"))
    assert "style=\"font:16px/25px 'Segoe UI',Arial,sans-serif\"" in html


def test_a_link_keeps_every_byte_of_its_query_and_fragment():
    url = "https://example.org/a;b?q=%7B%7Bx%7D%7D&amp;l=*|x|*&amp;r=a+b#frag/ment?x"
    assert f'<a href="{url}">' in inline(document(f'<a href="{url}">x</a>'))


def test_nothing_is_printed_about_css_that_premailer_does_not_know():
    code = (
        "from digest.render.inline import inline;"
        "inline('<html><head><style>.a{mso-x:y;color:rgb(0 0 0 / 50%)}</style></head>'"
        "'<body><p class=a>x</p></body></html>')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    "idle",
    [
        ".idle{margin:0}",
        '.idle{font-family:"A } B",serif}.p{margin:0}',
        ".idle{margin:0}/* .p{ */ .p{padding:1px}",
        ".idle,.p{color:#123456}",
        ".p .idle{color:#123456}",
        ".p.idle{color:#123456}",
        "p{color:#123456}.idle{color:red}.p{color:#654321}",
    ],
)
def test_rules_for_what_the_mail_does_not_hold_change_nothing(idle):
    body = '<p class="p">Hi <b class="b">you</b></p>'
    wearing = document(body + '<i class="idle"></i>', inlined=idle + ".b{font-weight:bold}")
    without = document(body, inlined=idle + ".b{font-weight:bold}")
    # Somewhere else in the mail a word of that class keeps every rule; the paragraph must not care.
    assert re.search("<p.*</p>", inline(without))[0] == re.search("<p.*</p>", inline(wearing))[0]


@pytest.mark.parametrize(
    "special",
    [
        "<!--[if mso]><style>.idle{margin:0}</style><![endif]-->",
        '<style media="print">.idle{margin:0}</style>',
        '<style media="screen and (min-width:480px)">.idle{margin:0}</style>',
    ],
)
def test_a_style_for_outlook_print_or_screens_of_one_size_is_left_alone(special):
    html = inline(document('<p class="p">Hi</p>').replace("</head>", special + "</head>"))
    assert special in html


def test_a_picture_that_floats_is_aligned_for_outlook():
    assert ' align="right"' in inline(document('<img class="f" src="a.png" alt="A">', inlined=".f{float:right}"))


@pytest.mark.parametrize("written", ['class="a &#112;"', "class='p'", "class=p", 'CLASS = "p"'])
def test_a_class_is_read_however_it_is_written(written):
    assert 'style="margin:0"' in inline(document(f"<p {written}>Hi</p>", inlined=".p{margin:0}"))


def test_a_mail_waits_for_nothing_that_fetches_and_what_fetches_works_after_it():
    script = (
        "import sys\n"
        "from digest.render.inline import inline\n"
        "inline('<html><body><p>Hi</p></body></html>')\n"
        "print('urllib3' in sys.modules)\n"
        "import requests\n"
        "from requests.adapters import HTTPAdapter\n"
        "print(isinstance(requests.Session().get_adapter('https://a.example'), HTTPAdapter))\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]
