"""The text part reads well: every word, every link once, no line too long."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.markdown import Markdown
from digest.render.plaintext import Text, tidy
from digest.render.wrap import columns


def a_text(markdown: Markdown | None = None, *, width: int = 72) -> Text:
    return Text(markdown or Markdown(), width=width)


def links(html: str) -> set[str]:
    tree: ElementTree.Element = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return {tag.get("href", "") for tag in tree.iter("a")}


def addresses(text: str) -> list[str]:
    """What stands on a line of its own and is an address, its number and indent taken off."""
    found = (re.fullmatch(r"(?:> )*\s*(?:- )?(?:\[\d+\] )?((?:https?|mailto):\S+)", line) for line in text.split("\n"))
    return [match[1] for match in found if match]


def test_a_link_in_a_sentence_is_numbered_and_stands_below_its_paragraph():
    assert a_text().block("The group [broke ranks](https://a.example/x) with *Kataib*.\n\nNext.") == (
        "The group broke ranks [1] with Kataib.\n[1] https://a.example/x\n\nNext."
    )


def test_numbers_run_through_the_mail_and_no_address_comes_twice():
    text = a_text()

    first = text.block("[a](https://a.example/) and [b](https://b.example/)")
    second = text.block("[c](https://c.example/) and [again](https://a.example/)")

    assert first == "a [1] and b [2]\n[1] https://a.example/\n[2] https://b.example/"
    assert second == "c [3] and again [1]\n[3] https://c.example/"


def test_an_address_the_template_writes_is_not_written_again():
    text = a_text()

    assert text.address("https://a.example/é") == "https://a.example/%C3%A9"
    assert text.block("Read [all of it](https://a.example/é).") == "Read all of it."


def test_what_is_no_web_address_is_none():
    assert a_text().address("javascript:alert(1)") == ""


def test_a_link_that_is_a_whole_paragraph_needs_no_number():
    assert a_text().block("**[A budget](https://a.example/)**\n\n<https://b.example/>") == (
        "A budget\nhttps://a.example/\n\nhttps://b.example/"
    )


def test_an_address_as_its_own_words_is_said_by_its_number():
    assert a_text().block("See <https://a.example/> or write to <me@a.example>.") == (
        "See [1] or write to me@a.example.\n[1] https://a.example/"
    )


def test_links_of_raw_html_count_as_well():
    assert a_text().block('<div>Read <a href="https://a.example/?b=1&amp;c">this</a> <!-- not this --></div>') == (
        "Read this [1]\n[1] https://a.example/?b=1&c"
    )


def test_lists_hang_and_addresses_stand_below_their_item():
    assert a_text(width=30).block(
        "- [A lone one](https://a.example/)\n"
        "- words go on until [the end](https://b.example/) of it\n"
        "  1. inner\n"
        "  2. other\n"
    ) == (
        "- A lone one\n  https://a.example/\n- words go on until the end\n  [1] of it\n"
        "  [1] https://b.example/\n  1. inner\n  2. other"
    )


def test_an_ordered_list_begins_where_it_was_told_to():
    assert a_text().block("9. nine\n10. ten") == "9. nine\n10. ten"


def test_a_loose_list_has_room_between_its_items():
    assert a_text().block("- a\n\n  b\n\n- c") == "- a\n\n  b\n\n- c"


def test_a_quote_keeps_its_mark_on_every_line_and_its_addresses_below():
    assert a_text(width=29).block("> One two [three](https://a.example/) four and five\n>\n> > six") == (
        "> One two three [1] four and\n> five\n>\n> > six\n[1] https://a.example/"
    )


def test_code_stands_as_it_was_typed():
    line = "x = '" + "y" * 90 + "'  #  [[email]]"

    assert a_text().block(f"```\nif a:\n    {line}\n```") == f"    if a:\n        {line}"


def test_a_table_that_fits_has_columns():
    assert a_text().block("| Day | 雨 |\n|---|--:|\n| Monday | 3 |\n| [x](https://a.example/) | 12 |") == (
        "Day     雨\n------  --\nMonday   3\nx [1]   12\n[1] https://a.example/"
    )


def test_a_table_that_does_not_fit_is_told_row_by_row():
    assert a_text(width=24).block(
        "| Name | What it is |\n|---|---|\n| Moth | An insect with ears |\n| Bat | A mammal |"
    ) == ("Name: Moth\n  What it is: An insect\n  with ears\nName: Bat\n  What it is: A mammal")


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("## A *fine* heading", "A fine heading"),
        ("![A dog](dog.png) ![](cat.png)", "[A dog]"),
        ("![](cat.png)", ""),
        ("a  \nb\nc", "a\nb c"),
        ("10<sup>6</sup> m, 4<sup>th</sup>, H<sub>2</sub>O", "10^6 m, 4th, H2O"),
        ("~~30~~ 20", "~~30~~ 20"),
        ("***", " " * 33 + "* * *"),
        ("<!-- no -->", ""),
        ("<script>x</script>", ""),
        ("&lt;b&gt; \\*x\\* `*y*`", "<b> *x* *y*"),
        ("a\x07b\x9bc", "abc"),
    ],
)
def test_markup_becomes_words(markdown, plain):
    assert a_text().block(markdown) == plain


def test_blanks_are_handed_over_and_never_broken():
    text = a_text(Markdown(blank=lambda blank: f"<{blank.name} {blank.fallback}>"), width=20)

    assert text.block("Good morning, dear [[first_name|friend of ours]]: [leave]([[unsubscribe_url]])") == (
        "Good morning, dear\n<first_name friend of ours>:\nleave [1]\n[1] <unsubscribe_url >"
    )


def test_footnotes_come_at_the_end_under_the_numbers_of_the_html():
    text = a_text(Markdown(fragments=["[^x]: Seen by [me](https://a.example/).\n\n    Twice.\n"]))

    assert text.block("Moths hear[^x] well^[very].") == "Moths hear[^1] well[^2]."
    assert text.footnotes() == ("[^1] Seen by me [1].\n     [1] https://a.example/\n\n     Twice.\n\n[^2] very")


def test_a_brief_is_put_together_from_its_parts():
    text = a_text(width=40)
    title = text.inline("A *budget* in one chart")
    note = text.inline("by [The Ledger](https://l.example/), two minutes")

    assert text.wrap(f"{title} - {note}", first="- ", indent="  ") == (
        "- A budget in one chart - by The Ledger\n  [1], two minutes"
    )
    assert text.addresses(indent="  ") == "  [1] https://l.example/"
    assert text.addresses() == ""


def test_an_underline_is_as_wide_as_its_title_looks():
    assert a_text().underline("雨 🌧️ café", "=") == "雨 🌧️ café\n=========="


def test_a_body_can_be_indented_and_stays_within_its_width():
    assert a_text(width=20).block("One two three four five\n\nsix", indent="    ") == (
        "    One two three\n    four five\n\n    six"
    )


def test_chinese_and_japanese_break_without_blanks_but_not_before_a_full_stop():
    assert a_text(width=10).block("今日はいい天気。「散歩」に行こう、と言う。") == (
        "今日はいい\n天気。\n「散歩」に\n行こう、\nと言う。"
    )


def test_korean_breaks_at_blanks():
    assert a_text(width=12).block("오늘은 날씨가 좋아요") == "오늘은\n날씨가\n좋아요"


def test_combining_characters_take_no_room():
    assert a_text(width=5).block("e\u0301e\u0301 e\u0301e\u0301") == "e\u0301e\u0301 e\u0301e\u0301"


def test_tidy_text_has_no_stray_blanks_and_one_newline_at_its_end():
    assert tidy("\n\na  \n\n\n\nb\t\n \n\n") == "a\n\nb\n"
    assert tidy(" \n") == ""


def test_deep_quotes_and_lists_keep_room_for_words():
    plain = a_text().block("> - " * 30 + "some words that go on " * 8)

    assert max(map(columns, plain.split("\n"))) <= 72


MARKS = "* ** ` ~~ > - 1. | |-| <div> </div> <b> </b> # --- <li> <table> <td> </a> 日本語、 ![p](p.png)"
LINKS = [
    "[a](https://a.example/)",
    "[b](https://b.example/?q=é)",
    "<https://c.example/>",
    "<m@d.example>",
    '<a href="https://e.example/">',
    "**[f](mailto:f@f.example)**",
    "^[n [g](https://g.example/)]",
]
MARKDOWN = st.lists(
    st.one_of(
        st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=10),
        st.sampled_from(MARKS.split(" ")),
        st.sampled_from(LINKS),
        st.sampled_from(["\n", "\n\n", "    ", " ", "  \n"]),
    ),
    max_size=25,
).map("".join)


@given(MARKDOWN)
@settings(max_examples=100, deadline=None)
def test_every_link_of_the_html_is_in_the_text_once(source):
    html = Markdown()
    wanted = links(html.block(source) + html.footnotes())
    text = a_text()
    plain = text.block(source) + "\n" + text.footnotes()

    written = addresses(plain)

    # Addresses of notes are for the HTML; an e-mail address may stand among the words, as itself.
    wanted = {url for url in wanted if not url.startswith("#")}
    unwritten = {url for url in wanted - set(written) if url.removeprefix("mailto:") not in plain}
    assert unwritten == set()
    assert len(written) == len(set(written))


@given(MARKDOWN)
@settings(max_examples=100, deadline=None)
def test_no_line_is_too_long_but_for_what_cannot_be_broken(source):
    for line in a_text().block(source).split("\n"):
        assert line == line.rstrip(" ")
        if columns(line) > 72 and not line.startswith("    "):
            assert " " not in re.sub(r"^(?:[>\-*\d.\[\]]*\s+)*", "", line).strip()


def test_every_link_of_real_issues_is_in_the_text_once(shared):
    for path in sorted((shared / "corpora" / "twir").glob("*/*.m*")):
        source = path.read_text("utf-8")
        html, text = Markdown(fragments=[source]), a_text(Markdown(fragments=[source]))
        wanted = links(html.block(source) + html.footnotes())
        plain = text.block(source) + "\n" + text.footnotes()

        written = addresses(plain)

        wanted = {url for url in wanted if not url.startswith("#")}
        assert {url for url in wanted - set(written) if url.removeprefix("mailto:") not in plain} == set(), path.name
        assert len(written) == len(set(written)), path.name
