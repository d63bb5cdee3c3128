"""What a reader sees of HTML, and nothing that only a machine does."""

from __future__ import annotations

import pytest

from digest.incoming import plain_html


def test_paragraphs_have_an_empty_line_between_and_a_break_is_one_line() -> None:
    assert plain_html.text("<p>One\n  two<br>three</p>\n<div>four</div> five") == "One two\nthree\n\nfour\n\nfive"


def test_the_lines_of_a_list_stand_below_each_other() -> None:
    assert plain_html.text("Read:<ul>\n<li>this</li>\n<li>that</li>\n</ul>now") == "Read:\n\nthis\nthat\n\nnow"


def test_cells_of_a_table_do_not_run_together() -> None:
    assert plain_html.text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>") == "a b\nc"


def test_letters_of_a_word_stay_together_across_tags() -> None:
    assert plain_html.line("a<b>b</b>c <wbr>d&shy;e") == "abc de"


def test_entities_are_letters_and_what_only_looks_like_one_stays() -> None:
    assert plain_html.line("caf&eacute; &#8217; &#x1F642; AT&T &nosuch; 4 &lt; 5") == "café ’ 🙂 AT&T &nosuch; 4 < 5"


def test_a_less_than_sign_is_no_tag() -> None:
    assert plain_html.line("1 < 2, I <3 you, <<") == "1 < 2, I <3 you, <<"


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>if (a < b) { '<p>' }</script>",
        "<SCRIPT src=x>alert(1)</SCRIPT >",
        "<style>p { color: red }</style>",
        "<!-- a > b -- -->",
        "<!--[if mso]><p>Outlook</p><![endif]-->",
        "<noscript><img src=x>script is off</noscript>",
        "<svg><title>t</title><text>x</text></svg>",
        "<video controls><source src=x>No video</video>",
        "<iframe src=x>frame</iframe>",
        "<?php echo 1 ?>",
        "<img alt='a > b' src=x>",
        "<textarea><b>x</b></textarea>",
    ],
)
def test_what_a_reader_does_not_see_is_left_out(hidden: str) -> None:
    assert plain_html.line(f"before {hidden}after") == "before after"


def test_a_player_that_nobody_closed_takes_nothing_with_it() -> None:
    assert plain_html.line("<p>one</p><video src=x><p>two</p>") == "one two"


def test_a_smiley_that_is_a_picture_stays_in_its_sentence() -> None:
    assert plain_html.line('Good <img class="wp-smiley" alt="🙂" src="x.png"> day') == "Good 🙂 day"


def test_html_that_was_wrapped_twice_is_unwrapped() -> None:
    assert plain_html.line("<![CDATA[<b>bold</b><script>x</script>]]>") == "bold"


def test_preformatted_lines_stay_lines() -> None:
    assert plain_html.text("<pre>a\n  b</pre>c\nd") == "a\nb\n\nc d"


def test_what_hides_or_turns_letters_round_is_dropped() -> None:
    given = "invoice\u202efdp.exe \u2066x\u2069 a\u200bb \ufeff\x02name\x03 \U000e0041\U000e0042 \x85\x00 \ud800end"
    assert plain_html.tidy(given) == "invoicefdp.exe x ab name end"


def test_joiners_that_scripts_and_emoji_need_are_kept() -> None:
    kept = "👩‍💻 می‌خواهم 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert plain_html.tidy(kept) == kept


def test_an_escaped_mark_of_a_blank_is_dropped_too() -> None:
    assert plain_html.line("&#2;unsubscribe_url&#3;") == "unsubscribe_url"


@pytest.mark.parametrize(
    "piece",
    [
        "<a '",
        '<a x="',
        "<!--",
        "<",
        "<script>",
        "<div>",
        "<![CDATA[",
        "&",
        "\n \n",
        "<svg>",
        "<a = ",
        "<!-",
        "</",
        "&#",
    ],
)
@pytest.mark.usefixtures("patience")
def test_a_megabyte_of_anything_is_read_at_once(piece: str) -> None:
    hostile = piece * (1_000_000 // len(piece))
    plain_html.text(hostile)
