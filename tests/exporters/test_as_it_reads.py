"""What services write anew is told from what an editor changed."""

from __future__ import annotations

import pytest

from digest.exporters.base import Fingerprint
from digest.exporting.as_it_reads import AS_IT_READS, prints, reading

HTML = (
    "<!doctype html><html><head><style>.a { color: red }</style></head><body><!-- ours -->"
    '<table><tr><td style="color: red;padding:0 4px" class="a">One &amp; <b>two</b></td></tr></table>'
    '<p><a href="https://a.example/?a=1&amp;b=2">Go</a> <img src="https://a.example/p.png" alt=""></p></body></html>'
)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("<!-- ours -->", ""),
        ("<table><tr>", "<table><tbody><tr>"),
        ("</tr></table>", "</tr></tbody></table>"),
        ("&amp; <b>", "&#38; <b>"),
        ("<b>two</b>", "<B >two</B>"),
        ('class="a"', "class=a"),
        ('style="color: red;padding:0 4px" class="a"', 'class="a" style="color:red; padding: 0 4px;"'),
        ("</td></tr>", "</td>\n  </tr>"),
        (' alt="">', " alt />"),
        (".a { color: red }", ".a{color:red}"),
        ("<!doctype html><html><head>", "<html><head>"),
        ("</p></body></html>", ""),
    ],
)
def test_html_that_is_only_written_otherwise_reads_the_same(ours: str, theirs: str) -> None:
    assert ours in HTML
    assert reading(HTML.replace(ours, theirs)) == reading(HTML)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("two", "three"),
        ("<b>two</b>", "two"),
        ("<b>two</b>", "<i>two</i>"),
        ("One &amp; <b>two</b>", "<b>One &amp; two</b>"),
        ("a=1", "a=2"),
        ("p.png", "q.png"),
        ('alt=""', 'alt="A"'),
        ("color: red;", "color: blue;"),
        (".a { color: red }", ".a { color: blue }"),
        ("<p>", "<p><p>"),
        ('class="a"', ""),
        ("</p></body>", "</p>More</body>"),
    ],
)
def test_whatever_a_reader_would_notice_reads_otherwise(ours: str, theirs: str) -> None:
    assert ours in HTML
    assert reading(HTML.replace(ours, theirs)) != reading(HTML)


def test_of_html_that_a_service_never_shows_nothing_is_read() -> None:
    assert AS_IT_READS not in prints({"HTML": Fingerprint("0" * 24), "subject": "S"})
    assert AS_IT_READS in prints({"HTML": HTML})
