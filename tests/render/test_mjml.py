"""MJML becomes HTML that says what the template said, or an error that says where it went wrong."""

from __future__ import annotations

import html as entities
import re
from pathlib import Path

import html5lib
import pytest

from digest.errors import DigestError, Mistakes, TemplateMistake
from digest.render.mjml import tidy, to_html

THEME = Path("templates/brief/issue.mjml")


def a_mail(part: str = "<mj-text>Hello</mj-text>", *, head: str = "", attributes: str = 'lang="en" dir="ltr"') -> str:
    """A whole MJML document; `part` begins in line 5."""
    return (
        f"<mjml {attributes}>\n<mj-head>{head}</mj-head>\n<mj-body>\n<mj-section><mj-column>\n"
        f"{part}\n</mj-column></mj-section>\n</mj-body>\n</mjml>\n"
    )


def rendered(part: str = "<mj-text>Hello</mj-text>", **others: str) -> str:
    return to_html(a_mail(part, **others), path=THEME)


def in_raw(markup: str) -> str:
    """`markup` in an mj-raw of the body, as it comes out."""
    html = to_html(f'<mjml lang="en"><mj-body><mj-raw>[[{markup}]]</mj-raw></mj-body></mjml>', path=THEME)
    return html.partition("[[")[2].rpartition("]]")[0]


def read(html: str):
    return html5lib.parse(html, namespaceHTMLElements=False)


def mistakes_in(mjml: str) -> list[DigestError]:
    with pytest.raises(DigestError) as told:
        to_html(mjml, path=THEME)
    error = told.value
    return list(error.mistakes) if isinstance(error, Mistakes) else [error]


# What goes wrong in a theme

BROKEN = [
    # A part of a column, words of the error, its line.
    ("<mj-txet>x</mj-txet>", 'MJML has no tag <mj-txet>. Did you mean "mj-text"?', 5),
    ("<MJ-text>x</MJ-text>", 'Did you mean "mj-text"?', 5),
    ('\n<mj-text colour="red">x</mj-text>', 'mj-text knows no "colour". Did you mean "color"?', 6),
    ('<mj-image src="a" css-clas="b" />', 'Did you mean "css-class"?', 5),
    ('<mj-text padding="12pxx">x</mj-text>', '"padding" of mj-text is "12pxx"', 5),
    ('<mj-text padding="1px 2px 3px 4px 5px">x</mj-text>', "one to four lengths in px or %", 5),
    ('<mj-text align="middel">x</mj-text>', '"left" or "right" or "center" or "justify"', 5),
    ('<mj-text align="centre">x</mj-text>', 'Did you mean "center"?', 5),
    ('<mj-text color="#12g">x</mj-text>', "should be a colour such as #1d1b18", 5),
    ('<mj-text color="">x</mj-text>', "should be a colour", 5),
    ('<mj-text color="dakrblue">x</mj-text>', 'Did you mean "darkblue"?', 5),
    ('<mj-image src="a" width="100%" />', "a length in px", 5),
    ('<mj-image src="a" fluid-on-mobile="yes" />', '"true" or "false"', 5),
    ('<mj-table cellpadding="none"><tr><td>x</td></tr></mj-table>', "a whole number", 5),
    ('<mj-text align="left" align="right">x</mj-text>', 'has "align" twice', 5),
    ('<mj-table role="presentation"><tr><td>x</td></tr></mj-table>', '"role" on mj-table has no effect', 5),
    ("<mj-section><mj-column></mj-column></mj-section>", "<mj-section> cannot stand in mj-column.", 5),
    ("<mj-column></mj-column>", "It belongs in mj-group or mj-section", 5),
    ("<mj-style>a{}</mj-style>", "It belongs in mj-head", 5),
    ("<mj-text>a\n<mj-button>b</mj-button></mj-text>", "<mj-button> stands in mj-text, which holds HTML", 6),
    ("<table><tr><td>x</td></tr></table>", "mj-column holds no HTML, but here is <table>", 5),
    ("<mj-text>a</mj-text>\n\n  lost words", 'mj-column holds no text, but here is "lost words"', 7),
    ("<mj-raw><table><tr><td>x</td></tr></table></mj-raw>", "<table> stands between the rows of a table", 5),
    ("<mj-raw>words</mj-raw>", '"words" stands between the rows of a table', 5),
    ("<mj-table><td>x</td></mj-table>", "<td> stands between the rows", 5),
    ("<mj-text>\n<p>x</mj-text>", "<p> is not closed before </mj-text>", 6),
    ("<mj-text><b><i>x</b></mj-text>", "<i> is not closed before </b>", 5),
    ("<mj-text><div>x</p></div></mj-text>", "</p> closes nothing", 5),
    ("<mj-text>one<br>two</br></mj-text>", "</br> is not needed", 5),
    ("<mj-text>a<BR>b</mj-text>", "<BR> must be written in small letters", 5),
    ("<mj-text>1 < 2</mj-text>", 'A bare "<" stands in the text', 5),
    ("<mj-text>{% if a <b %}</mj-text>", "cannot be read", 5),
    ("<mj-text><%x%></mj-text>", 'A bare "<" stands in the text', 5),
    ("<mj-text><a href=x>y</a></mj-text>", 'The value of "href" in <a> needs quotation marks', 5),
    ('<mj-text><a href="x>y</a>\n<b class="z">q</b></mj-text>', 'The value of "href" in <a> is never closed', 5),
    ('<mj-text><a href="x"title="y">z</a></mj-text>', "<a> cannot be read at", 5),
    ("<mj-text><p\n</mj-text>", '<p is not closed with ">"', 5),
    ('<mj-text><p id="a" id="b">x</p></mj-text>', '<p> has "id" twice', 5),
    ("<mj-text><![CDATA[x]]></mj-text>", "CDATA does not work in a mail", 5),
    ("<mj-text>\n\n<?php x ?></mj-text>", "does not belong in MJML", 7),
    ("<mj-text><script>x</script></mj-text>", "<script> does not belong in a mail", 5),
    ('<mj-text><a href="#" onclick="x()">y</a></mj-text>', "a mail runs no script", 5),
    ('<mj-text><a href=" Java&#115;cript:x">y</a></mj-text>', "is a script", 5),
    ("<mj-text>a\n<!-- never</mj-text>", "A comment is never closed", 6),
    ("<mj-text><!-- a -- b --></mj-text>", "A comment holds what ends it too early", 5),
    ("<mj-text>\n<!--[if mso]>x</mj-text>", "<!--[if mso]> is not closed before </mj-text>", 6),
    ("<mj-text>x<![endif]--></mj-text>", "ends no Outlook conditional comment", 5),
    ("<mj-text><!--[if mso]>x<![endif]-- ></mj-text>", "conditional comment is not written as one", 5),
    ("<mj-text><!--[if mso]>x<![endif]></mj-text>", "<!--[if mso]> is closed by <![endif]>", 5),
    ("<mj-text><!--[if mso]>a<!--[if IE]>b<![endif]--></mj-text>", "not closed before the next one", 5),
    ("<mj-text><!--[if mso]>a<!-- b --><![endif]--></mj-text>", "ends it for all other readers", 5),
    ("<mj-text><!--[if !mso]> <!-->a<!--<![endif]--></mj-text>", "Write <!--[if !mso]><!-->", 5),
    ("<!--[if mso]>x<![endif]-->", "must stand in an mj-raw or an mj-text", 5),
    ('<mj-button href="a"><!--[if mso]>x<![endif]--></mj-button>', "cannot read <!--[if mso]> here", 5),
    ('<mj-include path="part.mjml" />', "{% include", 5),
    ("<mj-html-attributes></mj-html-attributes>", "mj-html-attributes cannot be used", 5),
    ('<mj-text mj-class="led">x</mj-text>', 'There is no mj-class "led"', 5),
    ("<mj-image />", 'mj-image needs a "src"', 5),
    (
        '<mj-social><mj-social-element name="x" href="y">z</mj-social-element></mj-social>',
        "fetched from a stranger's server",
        5,
    ),
    ("<mj-carousel><mj-carousel-image src='a' /></mj-carousel>", '"left-icon" and "right-icon" of its own', 5),
    ("<mj-text>" + "<b>" * 16_000 + "</mj-text>", "More than 200 tags", 5),
    ("<mj-text></mj-text>", "The mail would be empty", 3),
    ("<mj-text> \n <p></p><!-- only a comment --> </mj-text>", "The mail would be empty", 3),
    ("<mj-text><style>a{width:1px}\n@media (1px < width) {}</style>x</mj-text>", 'A "<" stands in a style', 6),
]


@pytest.mark.parametrize(("part", "words", "line"), BROKEN)
def test_a_mistake_in_a_column_is_told_with_its_line(part, words, line):
    first = mistakes_in(a_mail(part))[0]

    assert isinstance(first, TemplateMistake)
    assert words in f"{first.what} {first.hint}"
    assert first.place == f"{THEME}:{line}"


WHOLE = [
    ("", "There is no <mjml>"),
    ("Dear reader", "Text stands outside <mjml>"),
    ('<mjml lang="en"></mjml>', "There is no <mj-body>"),
    ('<mjml lang="en" />', "There is no <mj-body>"),
    ('<mjml lang="en"><mj-head></mj-head></mjml>', "There is no <mj-body>"),
    ('<mjml lang="en"><mj-body></mj-body></mjml>', "The mail would be empty"),
    ('<mjml lang="en"><mj-body />\n</mjml>', "The mail would be empty"),
    ("<mj-body><mj-raw>x</mj-raw></mj-body>", "<mj-body> stands outside <mjml>"),
    ("<html><body>x</body></html>", "<html> stands outside <mjml>"),
    ('<?xml version="1.0"?><mjml lang="en"><mj-body><mj-raw>x</mj-raw></mj-body></mjml>', "does not belong"),
    ("<mjml><mj-body><mj-raw>x</mj-raw></mj-body></mjml>", 'mjml needs a "lang"'),
    ('<mjml lang=""><mj-body><mj-raw>x</mj-raw></mj-body></mjml>', 'mjml needs a "lang"'),
    ('<mjml lang="en" dir="right"><mj-body><mj-raw>x</mj-raw></mj-body></mjml>', '"ltr" or "rtl" or "auto"'),
    ('<mjml lang="en"><mj-body><mj-raw>x</mj-raw></mj-body>', "<mjml> is never closed"),
    ('<mjml lang="en"><mj-body><mj-raw>x</mj-raw></mj-body></mjml>more', "Text stands outside <mjml>"),
    (
        '<mjml lang="en"><mj-body><mj-raw>x</mj-raw></mj-body><mj-body><mj-raw>y</mj-raw></mj-body></mjml>',
        "There is a second <mj-body>",
    ),
    ('<mjml lang="en"><mj-raw>x</mj-raw><mj-body><mj-raw>x</mj-raw></mj-body></mjml>', "<mj-raw> cannot stand in mjml"),
]


@pytest.mark.parametrize(("mjml", "words"), WHOLE)
def test_a_document_that_would_lose_the_mail_is_refused(mjml, words):
    assert words in mistakes_in(mjml)[0].what + mistakes_in(mjml)[0].hint


HEADS = [
    ("<mj-title>a <b>c</b></mj-title>", "mj-title holds no tags, but here is <b>"),
    ("<mj-preview>a <b>c</b></mj-preview>", "mj-preview holds no tags"),
    ("<mj-style><!-- a --></mj-style>", "cannot read a comment in mj-style"),
    ("<mj-style>/* <b> */</mj-style>", "mj-style holds no tags"),
    ("<mj-style>a > b {} @media (1px < 2px) {}</mj-style>", 'A "<" stands in a style'),
    ("<meta name='a' content='b' />", "mj-head holds no HTML, but here is <meta>"),
    ("<mj-attributes><mj-txt color='red' /></mj-attributes>", 'Did you mean "mj-text"?'),
    ("<mj-attributes><mj-text colour='red' /></mj-attributes>", 'Did you mean "color"?'),
    (
        "<mj-attributes><mj-all font-famly='a' /></mj-attributes>",
        'mj-all knows no "font-famly". Did you mean "font-family"?',
    ),
    ("<mj-attributes><mj-class color='red' /></mj-attributes>", 'mj-class needs a "name"'),
    ("<mj-attributes><mj-class name='a' color='#12g' /></mj-attributes>", "a colour such as"),
    ("<mj-font name='a' />", 'mj-font needs a "href"'),
    ("<mj-section></mj-section>", "<mj-section> cannot stand in mj-head"),
]


@pytest.mark.parametrize(("head", "words"), HEADS)
def test_a_mistake_in_the_head_is_told(head, words):
    assert words in mistakes_in(a_mail(head=head))[0].what
    assert mistakes_in(a_mail(head=head))[0].line == 2


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines():
    part = '<mj-text colour="red">x</mj-text>\n<mj-buton>y</mj-buton>\n<mj-image src="a" width="wide" />'

    assert [(each.line, each.what.split(".")[0]) for each in mistakes_in(a_mail(part))] == [
        (5, 'mj-text knows no "colour"'),
        (6, "MJML has no tag <mj-buton>"),
        (7, '"width" of mj-image is "wide", but should be a length in px, such as 12px'),
    ]


def test_one_mistake_made_for_every_story_of_a_line_is_told_once():
    part = "".join('<mj-text colour="red">x</mj-text>' for _ in range(30))

    assert len(mistakes_in(a_mail(part))) == 1


def test_endless_mistakes_are_cut_short():
    part = "".join(f"<mj-a{number}></mj-a{number}>" for number in range(1000))

    assert len(mistakes_in(a_mail(part))) == 200


def test_an_error_quotes_little_of_a_long_text():
    assert len(str(mistakes_in(a_mail("words " * 10_000))[0])) < 250


def test_a_src_given_in_mj_attributes_or_by_a_class_counts():
    head = '<mj-attributes><mj-image src="a.png" /><mj-class name="f" src="b.png" /></mj-attributes>'
    part = '<mj-image /><mj-social><mj-social-element mj-class="f" href="x">y</mj-social-element></mj-social>'

    html = rendered(part, head=head)

    assert 'src="a.png"' in html
    assert 'src="b.png"' in html


def test_no_mail_asks_google_or_mailjet_for_anything():
    html = rendered(
        '<mj-text>x</mj-text><mj-social><mj-social-element src="f.png" href="x">y</mj-social-element></mj-social>'
    )

    assert not re.search("google|mailjet|imgur", html)


# What mrml corrupts

HARD = {
    "Hindi": "हिन्दी में",
    "Thai": "ที่นี่",
    "vowelled Arabic": "مَرْحَبًا",
    "pointed Hebrew": "שָׁלוֹם",
    "joined emoji": "👩‍👩‍👧 ❤️",
    "a no-break space": "10\u00a0km, 5\u202fkg",
    "a soft hyphen": "news\u00adletter",
    "line separators": "a\u2028b\u2029c",
    "a backslash": r"C:\new\u{41}\\",
    "line breaks": "one\ntwo\tthree",
    "quotation marks": "say \"no\" or 'yes'",
    "references": "&amp; < > &#8217;",
    "a combining letter": "e\u0301",
    "a byte order mark": "a\ufeffb",
    "direction marks": "a\u200fb\u2066c\u2069",
    "beyond the first plane": "𝔘𝔫𝔦\U000e0067",
}


def quoted(value: str) -> str:
    return entities.escape(value, quote=False).replace('"', "&quot;")


@pytest.mark.parametrize("value", HARD.values(), ids=HARD.keys())
def test_an_attribute_reads_back_as_it_was_written(value):
    written = quoted(value)
    single = entities.escape(value, quote=False).replace("'", "&#39;")
    html = rendered(
        f'<mj-image src="a" alt="{written}" /><mj-button href="{written}">x</mj-button>'
        f'<mj-text><img src="b" alt="{written}" title=\'{single}\' />'
        f'<!--[if mso]><img src="c" alt="{written}" /><![endif]--></mj-text>'
    )
    page = read(html)
    in_outlook = html5lib.parseFragment(re.search(r"<!--\[if mso\]>(<img[^\n]*?)<!\[endif\]-->", html)[1])[0]

    assert html.isascii()
    assert page.find(".//img[@src='a']").get("alt") == value
    assert page.find(".//a[@target='_blank']").get("href") == value
    assert page.find(".//img[@src='b']").attrib == {"src": "b", "alt": value, "title": value}
    assert in_outlook.get("alt") == value


@pytest.mark.parametrize("value", HARD.values(), ids=HARD.keys())
def test_a_title_and_a_text_read_back_as_they_were_written(value):
    page = read(rendered(f"<mj-text><p>{quoted(value)}</p></mj-text>", head=f"<mj-title>{quoted(value)}</mj-title>"))

    assert page.find(".//p").text == value
    assert page.find(".//div[@role='article']").get("aria-label") == re.sub(r"[\n\t]", " ", value)
    assert page.find(".//title").text == re.sub(r"[\n\t]", " ", value)


def test_css_says_in_ascii_what_it_said():
    head = '<mj-style>.a::before { content: "\\201C✓" }</mj-style><mj-raw><style>.b { content: "é" }</style></mj-raw>'

    html = rendered(head=head)

    assert '.a::before { content: "\\201C\\2713 " }' in html
    assert '.b { content: "\\e9 " }' in html


def test_control_characters_do_not_keep_a_mail_from_being_made():
    page = read(rendered("<mj-text><p title='a\x00b\x1f\x85c\x7f'>d\x01\ufffe\ud800e\r\nf\rg</p></mj-text>"))

    assert (page.find(".//p").get("title"), page.find(".//p").text) == ("abc", "de\nf\ng")


def test_comments_survive_byte_for_byte():
    comments = '<!--dg:story 12--><!-- [x]&amp; \\ "q" --><!--[if mso]><v:rect fill="a" /><![endif]-->'

    assert in_raw(comments) == comments


def test_markup_between_outlooks_comments_keeps_its_order():
    markup = (
        "<!--[if mso]><table><tr><td><![endif]--><div>x</div><!--[if mso]></td></tr></table><![endif]-->"
        "<!--[if !mso]><!--><p>y</p><!--<![endif]-->"
    )

    assert in_raw(markup) == markup


def test_190_elements_inside_one_another_come_out_with_what_follows_them():
    from premailer import Premailer

    html = to_html(
        '<mjml lang="en"><mj-body><mj-wrapper><mj-section><mj-group><mj-column><mj-text>'
        f"{'<div>' * 190}deep{'</div>' * 190}</mj-text></mj-column></mj-group></mj-section></mj-wrapper>"
        "<mj-raw>after</mj-raw></mj-body></mjml>",
        path=THEME,
    )
    inlined = Premailer(html, allow_network=False, disable_validation=True).transform()

    assert inlined.count("<div") == html.count("<div")
    assert "deep" in inlined
    assert "after" in inlined


# What comes out


def test_language_and_direction_arrive_at_the_page_and_at_the_article():
    page = read(rendered(attributes='lang="ar" dir="rtl"'))
    article = page.find(".//div[@role='article']")

    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert (article.get("lang"), article.get("dir")) == ("ar", "rtl")


def test_the_document_is_in_standards_mode_with_resets_that_premailer_leaves_alone():
    html = rendered()

    assert html.startswith("<!DOCTYPE html>")
    assert html.count('data-premailer="ignore"') == 1
    assert '<style type="text/css" data-premailer="ignore">\n#outlook a { padding: 0; }' in html


def test_outlooks_dpi_setting_stays_and_its_2003_fix_goes():
    html = rendered()

    assert "<o:PixelsPerInch>96</o:PixelsPerInch>" in html
    assert "mj-outlook-group-fix" not in html


def test_a_column_of_full_width_needs_no_rule():
    assert "mj-column-per-100" not in rendered()


def test_columns_side_by_side_keep_their_rules():
    html = to_html(
        '<mjml lang="en"><mj-body><mj-section><mj-column width="30%"><mj-text>a</mj-text></mj-column>'
        '<mj-column css-class="k" width="70%"><mj-text>b</mj-text></mj-column></mj-section></mj-body></mjml>',
        path=THEME,
    )

    assert ".mj-column-per-30 { width:30% !important; max-width:30%; }" in html
    assert [one.get("class") for one in read(html).iter("div") if one.get("class")] == [
        "mj-column-per-30",
        "mj-column-per-70 k",
    ]


def test_a_themes_own_rule_for_mjmls_class_keeps_the_class():
    html = rendered(head="<mj-style>.mj-column-per-100 { color: red }</mj-style>")

    assert '<div class="mj-column-per-100"' in html


def test_outlooks_comments_that_touch_become_one():
    before = (
        "<body><!--[if mso | IE]>a<![endif]--><!--[if mso | IE]>b<![endif]--> <!--[if mso | IE]>c<![endif]--></body>"
    )

    assert tidy(before) == "<body><!--[if mso | IE]>ab<![endif]--> <!--[if mso | IE]>c<![endif]--></body>"


@pytest.mark.parametrize(
    "body",
    [
        "<body><!--[if mso]>a<![endif]--><!--[if mso | IE]>b<![endif]--></body>",
        "<body><!--[if !mso]><!-->a<!--<![endif]--><!--[if mso | IE]>b<![endif]--></body>",
        "<body><!--[if mso | IE]><!-->a<!--<![endif]--><!--[if mso | IE]>b<![endif]--></body>",
    ],
)
def test_other_conditions_are_not_merged(body):
    assert tidy(body) == body


def test_a_story_about_mjml_is_not_edited():
    code = '<code>&lt;div class="mj-outlook-group-fix"&gt; &lt;!--[if mso | IE]&gt; .mj-column-per-100</code>'

    assert code in rendered(f"<mj-text>{code}</mj-text>")


def test_the_same_mjml_gives_the_same_bytes():
    part = "<mj-text>a</mj-text>" * 20

    assert len({rendered(part) for _ in range(20)}) == 1


@pytest.mark.usefixtures("patience")
def test_four_thousand_stories_are_not_looked_through_again_and_again():
    """The check may look at each `<` once; from each to the end of three megabytes takes minutes."""
    mail = a_mail("<mj-text>" + "<p class='a'>x <b title='y'>z</b></p>" * 20 * 4000 + "</mj-text>")

    assert to_html(mail, path=THEME).count("<b ") == 80_000
