"""Markdown and raw HTML come out harmless, well-formed and with every word."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from digest.merge_tags import Blank
from digest.models import Brief, Briefs, Issue, Picture, Prose, Section, Story
from digest.render.address import address
from digest.render.markdown import Markdown, fragments
from digest.render.safe_html import pieces

#: What an attribute may be, judged apart from the code: name, and the form of its value.
HARMLESS = {
    "href": re.compile(r"(?:https?://[^/?#\s]|mailto:\S|#fn)", re.IGNORECASE),
    "src": re.compile(r"https?://", re.IGNORECASE),
}
OTHERS = {
    "alt",
    "title",
    "dir",
    "lang",
    "id",
    "value",
    "start",
    "align",
    "colspan",
    "rowspan",
    "scope",
    "datetime",
}
HOSTILE = """* _ ** ` ``` ~~~ ~~ [ ] ( ) ![ < > <b> </b> <div> </div> <script> </script> <a href="javascript:x">
<img/src=x/onerror=y> <!-- --> &lt; &#2; &colon; > # - 1. | |-| \\ ^[ [^1] [^1]: [[email]] <svg> <math> <style>
[x](http://y.example/) <title> <textarea> <p/onclick=x> <p onclick=x> " ' ="""
ODD = ["\n", "\n\n", "    ", " ", "\t", "\r", "\x02", "\ud800", "\ufffe", "\u202e", "\x85"]
FRAGMENT = st.lists(
    st.one_of(st.text(max_size=12), st.sampled_from(HOSTILE.split(" ")), st.sampled_from(ODD)),
    max_size=30,
).map("".join)


def parsed(html: str) -> ElementTree.Element:
    """The fragment as a browser reads it."""
    return html5lib.parseFragment(html, namespaceHTMLElements=False)


def words(html: str) -> str:
    return "".join(parsed(html).itertext())


def links(html: str) -> list[str]:
    return [tag.get("href", "") for tag in parsed(html).iter("a")]


def dangers(html: str) -> list[str]:
    """Elements and attributes in `html` that a mail must not have."""
    found = []
    for tag in parsed(html).iter():
        name = str(tag.tag)
        if name in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "svg",
            "math",
            "base",
            "link",
            "meta",
        }:
            found.append(name)
        for key, value in tag.attrib.items():
            form = HARMLESS.get(key)
            if (form and not form.match(value)) or (not form and key not in OTHERS):
                found.append(f"{name} {key}={value}")
    return found


def test_a_paragraph_with_emphasis_and_a_link():
    assert Markdown().block("Some *fine* [words](https://a.example/x?y=1&z=2#f).") == (
        '<p>Some <em>fine</em> <a href="https://a.example/x?y=1&#38;z=2#f">words</a>.</p>'
    )


def test_typed_quotes_dashes_and_addresses_stay_as_typed():
    text = '"Quotes" -- dashes... (c) \'n https://bare.example www.bare.example'

    html = Markdown().block(text)

    assert (words(html), links(html)) == (text, [])


def test_tables_and_strikethrough_are_known():
    html = Markdown().block("| a | b |\n|--:|---|\n| 1 | ~~2~~ |")

    assert html.replace("\n", "") == (
        '<table><thead><tr><th align="right">a</th><th>b</th></tr></thead>'
        '<tbody><tr><td align="right">1</td><td><s>2</s></td></tr></tbody></table>'
    )


def test_cells_beyond_a_tables_columns_keep_their_words():
    assert "b | [c] | d" in words(Markdown().block("| x | y |\n|---|---|\n| a | b | [c] | d |"))


def test_links_by_reference_use_the_definitions_of_the_whole_issue():
    markdown = Markdown({"Moths": ("https://a.example/moths", 'The "ear"')})

    assert markdown.inline("[how][moths]") == ('<a href="https://a.example/moths" title="The &#34;ear&#34;">how</a>')


def test_every_attribute_is_ascii_with_odd_characters_as_numbers():
    html = Markdown().block('![hइ\\\\❤️ "é"](https://a.example/i.png)\n\n<abbr title="tab\tand\nline">x</abbr>')

    assert html == (
        '<p><img src="https://a.example/i.png" alt="h&#2311;&#92;&#10084;&#65039; &#34;&#233;&#34;" /></p>\n'
        '<p><abbr title="tab&#9;and&#10;line">x</abbr></p>'
    )


def test_controls_and_lone_surrogates_do_not_come_through():
    assert Markdown().block("a\x00b\x07c\x9fd\ud800e\x02email\x03") == "<p>abcd\ufffdeemail</p>"


def test_the_highest_heading_takes_the_level_it_is_given_and_none_passes_the_sixth():
    html = Markdown().block("# A\n\n<h2>B</h2>\n\n###### C", heading=4)

    assert re.findall(r"<(h\d)>(\w)", html) == [("h4", "A"), ("h5", "B"), ("h6", "C")]


def test_a_fragment_never_holds_the_highest_heading_of_a_mail():
    assert Markdown().block("# A", heading=1) == "<h2>A</h2>"


def test_elements_carry_the_themes_classes_and_not_the_editors():
    markdown = Markdown(classes={"p": "p", "a": "link"})

    assert markdown.block('x [y](https://y.example/)\n\n<p class="big" id="a" style="color:red">z</p>') == (
        '<p class="p">x <a href="https://y.example/" class="link">y</a></p>\n<p class="p">z</p>'
    )


def test_direction_and_language_may_be_set_in_html():
    assert Markdown().inline('<span dir="rtl" lang="ar">x</span>') == '<span dir="rtl" lang="ar">x</span>'


def test_a_comment_is_never_rendered():
    assert Markdown().block("a <!-- b -->\n\n<!-- c\n\nd -->\n\ne").split() == ["<p>a", "</p>", "<p>e</p>"]


@pytest.mark.parametrize(
    "text",
    [
        "<div><!-- oops\n\nThe rest [stays](https://a.example/).",
        '<div title="oops>x</div>\n\nThe rest [stays](https://a.example/).',
        "Use <title> and <textarea> here. The rest [stays](https://a.example/).",
        "An open <script> here. The rest [stays](https://a.example/).",
        "<style>\n\nThe rest <a href='https://a.example/'>stays</a>.",
        "<svg>\n\nThe rest [stays](https://a.example/).",
    ],
)
def test_a_slip_in_html_takes_nothing_with_it(text):
    html = Markdown().block(text)

    assert "The rest stays." in words(html)
    assert links(html) == ["https://a.example/"]


def test_scripts_and_styles_go_with_all_they_hold():
    assert words(Markdown().block("a <script>alert(1)</script>b\n\n<style>\np{}\n</style>\n\nc")).split() == [
        "a",
        "b",
        "c",
    ]


def test_a_tag_that_is_no_html_is_the_editors_word():
    assert Markdown().inline("An Option<String> or Vec<T>") == "An Option&lt;String&gt; or Vec&lt;T&gt;"


def test_one_line_of_markdown_holds_no_blocks():
    assert Markdown().inline("<div># a *b*</div>") == "# a <em>b</em>"


def test_words_for_inside_a_link_hold_no_link():
    assert (
        Markdown().inline("*a* [b](https://b.example/) <a href='https://c.example/'>c</a>", links=False)
        == "<em>a</em> b c"
    )


def test_read_aloud_there_is_no_markup():
    markdown = Markdown(blank=lambda blank: blank.fallback, fragments=["[^1]: note"])

    said = markdown.plain("*A*  `b`\n[c](x)[^1] ![d](e) <b>f</b> &amp; [[first_name|you]] ^[g]")

    assert said == "A b c d f & you"


class TestBlanks:
    def test_are_handed_over_in_text_and_in_links(self):
        seen: list[Blank] = []

        def write(blank: Blank) -> str:
            seen.append(blank)
            return f"T{len(seen)}"

        html = Markdown(blank=write).block(
            "Dear [[first_name|reader & co]], [leave]([[unsubscribe_url]]) or [ask](https://q.example/?e=[[email]]&x=1)"
        )

        assert html == ('<p>Dear T1, <a href="T2">leave</a> or <a href="https://q.example/?e=T3&#38;x=1">ask</a></p>')
        assert seen == [Blank("first_name", "reader & co"), Blank("unsubscribe_url"), Blank("email")]

    @pytest.mark.parametrize(
        "text",
        [
            "`[[email]]`",
            "\\[[email]]",
            "[[nobody]]",
            "    [[email]]",
            "{{ email }} %EMAIL% |EMAIL|",
            "<code>[[email]]</code>",
        ],
    )
    def test_are_not_seen_in_code_or_behind_a_backslash_or_by_other_names(self, text):
        html = Markdown(blank=lambda blank: pytest.fail(f"{blank} was written")).block(text)

        assert words(html).strip() in text

    def test_in_raw_html_are_seen_as_well(self):
        markdown = Markdown(blank=lambda blank: blank.name.upper())

        html = markdown.block('<div>\n<a href="[[view_url]]">[[first_name]]</a> <code>[[email]]</code>\n</div>')

        assert '<a href="VIEW_URL">FIRST_NAME</a> <code>[[email]]</code>' in html

    def test_no_control_character_can_pretend_to_be_one(self):
        markdown = Markdown(blank=lambda blank: pytest.fail("a blank nobody wrote"))

        assert words(markdown.block("a \x02email\x03 &#2;email&#3;"))

    def test_that_are_no_address_make_no_link(self):
        assert Markdown(blank=lambda blank: "T").inline("[x]([[first_name]])") == "x"


class TestPictures:
    def test_alone_in_a_paragraph_have_no_paragraph_and_tell_their_link_and_line(self):
        seen: list[tuple[Picture, bool]] = []
        markdown = Markdown(picture=lambda picture, alone: seen.append((picture, alone)) or "<picture/>")

        html = markdown.block('Words\nand\n![b](b.png)\n\n[![A *c*](images/a.jpg "By D")](https://a.example/)', line=10)

        assert html == "<p>Words\nand\n<picture/></p>\n<picture/>"
        assert seen == [
            (Picture("b.png", "b", line=12), False),
            (Picture("images/a.jpg", "A c", "By D", "https://a.example/", line=14), True),
        ]

    def test_of_raw_html_go_the_same_way(self):
        markdown = Markdown(picture=lambda picture, alone: f"[{picture.src} {picture.alt}]")

        assert markdown.block('<div><img src="a.png" alt="A" onerror="x()"></div>') == "<div>[a.png A]</div>"

    def test_that_are_not_on_the_web_show_their_words(self):
        assert Markdown().block("x ![A dog](dog.png) ![](cat.png)") == "<p>x <em>A dog</em> </p>"


class TestFootnotes:
    def test_are_numbered_through_the_mail_and_lead_back(self):
        markdown = Markdown(fragments=["One[^a].", "Two[^b].\n\n[^a]: The *first*.\n[^b]: The second.\n"])

        first, second = markdown.block("One[^b]."), markdown.block("Two[^a] and[^b].")

        assert first == '<p>One<sup><a href="#fn1" id="fnref1">1</a></sup>.</p>'
        assert second == ('<p>Two<sup><a href="#fn2" id="fnref2">2</a></sup> and<sup><a href="#fn1">1</a></sup>.</p>')
        assert markdown.footnotes() == (
            '<ol>\n<li id="fn1"><p>The second. <a href="#fnref1">↩︎</a></p></li>\n'
            '<li id="fn2"><p>The <em>first</em>. <a href="#fnref2">↩︎</a></p></li>\n</ol>'
        )

    def test_can_be_written_where_they_are_meant(self):
        markdown = Markdown()

        assert markdown.block("A^[see *b*].") == '<p>A<sup><a href="#fn1" id="fnref1">1</a></sup>.</p>'
        assert "see <em>b</em>" in markdown.footnotes()

    def test_may_hold_paragraphs_links_and_further_notes(self):
        markdown = Markdown(fragments=["[^a]: One.\n\n    Two [x](https://x.example/)[^b].\n\n[^b]: Three.\n"])
        markdown.block("A[^a]")

        assert words(markdown.footnotes()).split() == ["One.", "Two", "x2.", "↩︎", "Three.", "↩︎"]

    def test_nobody_defined_are_text(self):
        assert Markdown().block("A[^a]") == "<p>A[^a]</p>"

    def test_nobody_refers_to_are_told(self):
        markdown = Markdown(fragments=["[^a]: One.\n[^b]: Two.\n"])
        markdown.block("x[^b]")

        assert (markdown.unused, words(markdown.footnotes()).split()) == (("a",), ["Two.", "↩︎"])


def test_every_stretch_of_an_issue_is_looked_through_for_definitions():
    blocks = (Story("T", "T", body="b"), Briefs((Brief("x", note="c", body="d"),)), Prose("e"))
    issue = Issue("s", note="a", sections=(Section("S", "S", blocks=blocks),))

    assert list(fragments(issue)) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join("> " * depth + f"w{depth}" for depth in range(1, 301)),
        "\n".join("  " * depth + f"- w{depth + 1}" for depth in range(300)),
        ">" * 299 + " " + " ".join(f"w{number}" for number in range(1, 300)) + " [w300](https://a.example/)",
        "<div>" * 300 + " ".join(f"w{number}" for number in range(1, 301)),
        "".join(f"<blockquote>w{number}" for number in range(1, 301)),
    ],
)
def test_what_lies_absurdly_deep_loses_its_depth_and_no_word(text):
    html = Markdown().block(text)

    assert set(re.findall(r"w\d+", html)) == {f"w{number}" for number in range(1, 301)}
    assert deepest(html) <= 60


def deepest(html: str) -> int:
    depth = most = 0
    for found in re.finditer(r"<(/?)[a-z][^>]*?(/?)>", html):
        depth += 0 if found[2] else -1 if found[1] else 1
        most = max(most, depth)
    return most


def test_links_stay_however_deep_they_lie():
    deep = "<div>" * 100 + '<a href="https://a.example/">x</a><ul><li><a href="https://b.example/">y</a></li></ul>'

    assert links(Markdown().block(deep)) == ["https://a.example/", "https://b.example/"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        "![" * 5000,
        "^[" * 5000,
        "[[" * 5000,
        "[^" * 5000,
        "![a" * 3000 + "](x)" * 3000,
        "^[a " * 1000 + "]" * 1000,
        "*a **a " * 3000,
        "<div>" * 16000,
        "<div>\n" * 60000,
        ">" * 16000,
        "> - " * 300,
        "<a " * 20000,
        "a<!--" * 10000,
        "`".join("a" * 3000),
        "word and more words. " * 50000,
    ],
    ids=lambda text: f"{text[:8]!r}x{len(text)}",
)
@pytest.mark.usefixtures("patience")
def test_a_bomb_harms_nobody(text):

    html = Markdown().block(text)

    ElementTree.fromstring(f"<r>{html}</r>")


@given(FRAGMENT)
@settings(max_examples=100, deadline=None)
@example("<p/onclick=x><a href='java&#x09;script:x'>y</a>")
@example("<svg><p><style><a id='</style><img src=x onerror=alert(1)>'>")
@example("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>")
def test_whatever_comes_in_what_comes_out_is_harmless_and_well_formed(text):
    markdown = Markdown(blank=lambda blank: "BLANK", fragments=[text])
    html = markdown.block(text) + markdown.inline(text) + markdown.footnotes()

    ElementTree.fromstring(f"<r>{html}</r>")
    assert [found for found in dangers(html) if "BLANK" not in found] == []
    assert all(tag.isascii() for tag in re.findall(r"<[^>]*>", html))


@given(st.text(st.characters(categories=["L", "N", "Zs", "Po", "Sc"], exclude_characters="*\\&!`'\"#@%")))
@settings(max_examples=100, deadline=None)
def test_every_word_of_a_paragraph_comes_out(text):
    assert words(Markdown().block(f"x {text} x")).split() == f"x {text} x".split()


def vectors(shared: Path) -> list[str]:
    folder = shared / "corpora" / "bad"
    found = (folder / "feeds_xss_h5sc" / "vectors.txt").read_text("utf-8", "replace").splitlines()
    items = (folder / "feeds_xss_h5sc" / "items.js").read_text("utf-8", "replace")
    found += [
        data.replace("\\'", "'").replace("\\n", "\n").replace("%js_uri_alert%", "javascript:alert(1)")
        for data in re.findall(r"'data'\s*:\s*'((?:[^'\\]|\\.)*)'", items)
    ]
    for test in sorted((folder / "xss_bleach").rglob("*.test")):
        found.append(test.read_text("utf-8").partition("\n--")[0])
    return found


def test_no_known_attack_leaves_anything_that_runs(shared):
    attacks = vectors(shared)
    assert len(attacks) > 300

    for attack in attacks:
        for text in (attack, f"a {attack} b", f"<div>\n{attack}\n</div>", f"[x](<{attack[:80]}>)"):
            html = Markdown().block(text)
            ElementTree.fromstring(f"<r>{html}</r>")
            assert dangers(html) == [], attack


def test_hostile_html_by_itself_is_cut_into_harmless_pieces():
    assert pieces('<b onclick="x">a<script>b</script>')[1:2] == ["a"]


def test_every_link_of_real_issues_is_kept(shared):
    for path in sorted((shared / "corpora" / "twir").glob("*/*.m*")):
        text = path.read_text("utf-8")
        bare = MarkdownIt("commonmark").enable("table").render(text)

        wanted = {address(url) for url in links(bare)} - {""}

        assert wanted
        assert wanted <= set(links(Markdown(fragments=[text]).block(text))), path.name


# The same text once more


def test_the_same_words_lead_where_each_mail_says():
    one, two = (Markdown({"a": (f"https://{name}.example", "")}) for name in ("one", "two"))
    assert [mail.block("[x][a]") for mail in (one, two, Markdown())] == [
        '<p><a href="https://one.example">x</a></p>',
        '<p><a href="https://two.example">x</a></p>',
        "<p>[x][a]</p>",
    ]


def test_a_link_defined_further_down_holds_from_there():
    mail = Markdown()
    before = mail.block("See [a].")
    mail.block("[a]: https://a.example")
    assert before == "<p>See [a].</p>"
    assert mail.block("See [a].") == '<p>See <a href="https://a.example">a</a>.</p>'


def test_footnotes_are_numbered_anew_in_each_mail_however_often_a_text_comes():
    for _ in range(2):
        mail = Markdown(fragments=["[^1]: One.\n\n[^2]: Two."])
        assert 'href="#fn1"' in mail.block("B[^2]")
        assert 'href="#fn2"' in mail.block("A[^1] and ^[three]")
        assert [text.strip() for _, text in mail.notes()] == ["Two.", "One.", "three"]


def test_a_text_is_the_same_in_both_parts_of_a_mail_and_in_the_next():
    text = "*One* [two](https://two.example) ![three](https://a.example/3.png) <b>four</b> [[first_name|reader]]"
    pictures, words = Markdown(), Markdown(picture=lambda picture, alone: f"({picture.alt})")
    first = pictures.block(text)
    assert "(three)" in words.block(text)
    assert pictures.block(text) == Markdown().block(text) == first
