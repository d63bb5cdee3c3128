"""The table of MJML's tags is what npm's mjml says, less what mrml cannot do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import html5lib
import pytest
from mjml import mjml2html

from digest.render import mjml_tags
from digest.render.mjml import to_html
from digest.render.mjml_values import flaw_in

HERE = Path(__file__).parent


def asked(task: str = "table", said: str = ""):
    """The npm package's answer, or the test is skipped. It is looked for in DIGEST_MJML_NODE, then beside the tests."""
    folder = Path(os.environ.get("DIGEST_MJML_NODE") or HERE.parents[1])
    node = shutil.which("node")
    if node is None or not (folder / "node_modules" / "mjml").is_dir():
        pytest.skip("Node and the npm package mjml 5 are not here: npm i mjml@5, then set DIGEST_MJML_NODE")
    answer = subprocess.run(
        [node, str(HERE / "mjml_facts.mjs"), str(folder), task],
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def npm():
    return asked()


def test_attributes_are_npms(npm):
    theirs = {tag: kinds for tag, kinds in npm["attributes"].items() if tag not in mjml_tags.REFUSED}

    assert {tag: dict(kinds) for tag, kinds in mjml_tags.ATTRIBUTES.items() if tag != "mjml"} == theirs


def test_tags_stand_where_npm_has_them_but_for_mj_raw_where_mrml_fails(npm):
    theirs = {}
    for tag, inside in npm["dependencies"].items():
        names = {name for name in inside if isinstance(name, str)} - set(mjml_tags.REFUSED)
        names -= {"mj-raw"} if tag in mjml_tags.NO_RAW else set()
        if names and tag not in mjml_tags.REFUSED:
            theirs[tag] = names

    assert {tag: set(inside) for tag, inside in mjml_tags.INSIDE.items()} == theirs


def test_tags_that_hold_no_tags_are_npms(npm):
    nothing = {"mj-breakpoint", "mj-carousel-image"}

    assert mjml_tags.HTML | mjml_tags.TEXT | mjml_tags.CSS | nothing == set(npm["ending"])


LENGTHS = "unit(px,%){1,4}"
VALUES = [
    *(("color", value) for value in (
        "#12g", "#fff", "#FFFFFF", "#ffff", "#12345678", "red", "rebeccapurple", "transparent", "inherit", "none",
        "", "rgb(1,2,3)", "rgb(1, 2, 3)", "rgb(1 2 3)", "rgba(1,2,3,0.5)", "rgba(1,2,3)", "hsl(1,2%,3%)", "ff0000",
    )),
    *((LENGTHS, value) for value in (
        "0", "1px", "0 1px", "1px 2% 3px 4px", "1px 2px 3px 4px 5px", "1.5px", ".5px", "12pxx", "1em", "", "-1px",
        "1px  2px", "auto", "1", "px", "1px,2px ,",
    )),
    *(("unit(px,%,)", value) for value in ("1.5", "150%", "12px", "normal", "")),
    *(("unit(px,auto)", value) for value in ("auto", "1px", "50%")),
    *(("unitWithNegative(px,em)", value) for value in ("-1px", "-.1em", ".1em", "normal")),
    *(("enum(left,center,right)", value) for value in ("left", "Left", "lef", "", "left right")),
    *(("enum(full-width,false,)", value) for value in ("", "true", "full-width")),
    *(("integer", value) for value in ("0", "12", "a", "")),
]  # fmt: skip


def test_values_are_judged_as_npm_judges_them():
    theirs = asked("fits", json.dumps(VALUES))

    assert [(*value, not flaw_in(*value)) for value in VALUES] == [
        (*value, fits) for value, fits in zip(VALUES, theirs, strict=True)
    ]


@pytest.mark.parametrize(("kind", "value"), [(LENGTHS, "1,5px"), (LENGTHS, "1px "), ("integer", "1.5")])
def test_values_that_npm_lets_slip_are_flaws(kind, value):
    assert flaw_in(kind, value)


@pytest.mark.parametrize(("kind", "value"), [("color", "Red"), ("boolean", "true")])
def test_values_that_npm_refuses_for_no_reason_are_fine(kind, value):
    assert flaw_in(kind, value) == ""


HARD = ["हिन्दी में", "ที่นี่", "مَرْحَبًا", "👩‍👩‍👧 ❤️", "a\u00a0b\u202fc", "a\u00adb", "a\\b", "a \"b\" 'c'", "1 &lt; 2 &amp; 3"]


def test_alternative_texts_are_those_that_npm_writes():
    images = "".join(f'<mj-image src="a" alt="{value.replace(chr(34), "&quot;")}" />' for value in HARD)
    mjml = f'<mjml lang="en"><mj-body><mj-section><mj-column>{images}</mj-column></mj-section></mj-body></mjml>'

    def alts(html: str) -> list[str | None]:
        return [image.get("alt") for image in html5lib.parse(html, namespaceHTMLElements=False).iter("img")]

    assert alts(to_html(mjml, path=Path("t.mjml"))) == alts(asked("html", mjml)["html"])


# What mrml does with each fact. `@` stands where the attribute under test goes.


def in_column(part: str) -> str:
    return f"<mj-section><mj-column>{part}</mj-column></mj-section>"


ACCORDION = (
    "<mj-accordion{}><mj-accordion-element{}><mj-accordion-title{}>x</mj-accordion-title>"
    "<mj-accordion-text{}>x</mj-accordion-text></mj-accordion-element></mj-accordion>"
)
TWO = "<mj-column><mj-text>x</mj-text></mj-column>"
EXAMPLES = {
    "mj-hero": '<mj-hero background-url="u"@><mj-text>x</mj-text></mj-hero>',
    "mj-button": in_column('<mj-button href="u"@>x</mj-button>'),
    "mj-column": f'<mj-section><mj-column padding="3px"@><mj-text>x</mj-text></mj-column>{TWO}</mj-section>',
    "mj-divider": in_column("<mj-divider@ />"),
    "mj-group": f"<mj-section><mj-group@>{TWO}</mj-group></mj-section>",
    "mj-image": in_column('<mj-image src="q" href="u" srcset="a 2x"@ />'),
    "mj-raw": "<mj-raw@>x</mj-raw>",
    "mj-section": f'<mj-section background-url="u"@>{TWO}</mj-section>',
    "mj-spacer": in_column("<mj-spacer@ />"),
    "mj-text": in_column("<mj-text@>x</mj-text>"),
    "mj-table": in_column("<mj-table@><tr><td>x</td></tr></mj-table>"),
    "mj-wrapper": f'<mj-wrapper background-url="u"@><mj-section>{TWO}</mj-section><mj-section /></mj-wrapper>',
    "mj-social": in_column(
        '<mj-social@><mj-social-element src="q" href="h" name="facebook">x</mj-social-element></mj-social>'
    ),
    "mj-social-element": in_column(
        '<mj-social><mj-social-element src="q" href="h" name="facebook"@>x</mj-social-element></mj-social>'
    ),
    "mj-navbar": in_column('<mj-navbar hamburger="hamburger"@><mj-navbar-link href="a">x</mj-navbar-link></mj-navbar>'),
    "mj-navbar-link": in_column("<mj-navbar><mj-navbar-link@>x</mj-navbar-link></mj-navbar>"),
    "mj-accordion": in_column(ACCORDION.format("@", "", "", "")),
    "mj-accordion-element": in_column(ACCORDION.format("", "@", "", "")),
    "mj-accordion-title": in_column(ACCORDION.format("", "", "@", "")),
    "mj-accordion-text": in_column(ACCORDION.format("", "", "", "@")),
    "mj-carousel": in_column('<mj-carousel@><mj-carousel-image src="a" /><mj-carousel-image src="b" /></mj-carousel>'),
    "mj-carousel-image": in_column(
        '<mj-carousel><mj-carousel-image src="a"@ /><mj-carousel-image src="b" /></mj-carousel>'
    ),
}


def compiled(body: str) -> str:
    """mrml's HTML, without the numbers it draws by lot for accordions and carousels."""
    html = mjml2html(f'<mjml lang="en"><mj-body>{body}</mj-body></mjml>', fonts={})
    return re.sub(r"-[0-9a-f]{8,}|\b(id|for)=\"[^\"]*\"", "", html)


def values_for(kind: str) -> list[str]:
    if kind.startswith("enum"):
        return [choice for choice in kind[5:-1].split(",") if choice]
    fixed = {"color": ["#123456"], "string": ["zzqq"], "integer": ["7"], "boolean": ["true"]}
    return fixed.get(kind) or ["37px"]


@pytest.mark.parametrize("tag", EXAMPLES)
def test_mrml_honours_every_attribute_but_those_said_to_be_ignored(tag):
    plain = compiled(EXAMPLES[tag].replace("@", ""))

    def without_effect(name: str, kind: str) -> bool:
        return all(compiled(EXAMPLES[tag].replace("@", f' {name}="{value}"')) == plain for value in values_for(kind))

    ignored = {name for name, kind in mjml_tags.ATTRIBUTES[tag].items() if without_effect(name, kind)}
    # Carousels and heroes have a mode or a default that only shows with more of them.
    assert ignored - {"mode"} == set(mjml_tags.IGNORED.get(tag, ()))


def test_every_tag_of_the_body_has_an_example():
    assert set(EXAMPLES) | {"mj-body"} == mjml_tags.DRAWN | {"mj-raw"}


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        (parent, child)
        for parent in ("mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-hero")
        for child in sorted(mjml_tags.INSIDE[parent])
    ],
)
def test_mrml_renders_each_tag_where_it_may_stand(parent, child):
    around = {
        "mj-body": "{}",
        "mj-wrapper": "<mj-wrapper>{}</mj-wrapper>",
        "mj-section": "<mj-section>{}</mj-section>",
        "mj-group": "<mj-section><mj-group>{}</mj-group></mj-section>",
        "mj-column": in_column("{}"),
        "mj-hero": "<mj-hero>{}</mj-hero>",
    }
    html = compiled(around[parent].format(f"<{child}></{child}>"))

    assert f"<{child}" not in html


@pytest.mark.parametrize("parent", sorted(mjml_tags.NO_RAW - {"mjml", "mj-accordion-element"}))
def test_mrml_still_refuses_mj_raw_where_the_table_forbids_it(parent):
    """When this fails mrml has learnt it: take the tag out of NO_RAW."""
    with pytest.raises(ValueError, match="unexpected element"):
        compiled(in_column(f"<{parent}><mj-raw>x</mj-raw></{parent}>"))


@pytest.mark.parametrize("tag", sorted(mjml_tags.NO_CONDITIONALS))
def test_mrml_still_cannot_read_outlooks_comments_in(tag):
    with pytest.raises(ValueError, match="unexpected token"):
        compiled(in_column(f"<{tag}><!--[if mso]>x<![endif]--></{tag}>"))


@pytest.mark.parametrize("name", sorted(mjml_tags.VOID))
def test_mrml_takes_tags_without_content_as_such(name):
    assert f"<{name} />after" in compiled(f"<mj-raw><{name}>after</mj-raw>")
