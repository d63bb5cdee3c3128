"""Links that become elements: what they look like stays, and nothing else becomes one."""

from __future__ import annotations

import pytest

from digest.services.link_elements import written

NAMES = frozenset({"unsubscribe", "webversion"})


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<a href="[unsubscribe]">Leave</a>', "<unsubscribe>Leave</unsubscribe>"),
        (
            "<A class='v' href='[webversion]' style=\"color:red\" target=\"_blank\" rel='noopener'>See <b>it</b></A>",
            "<webversion class='v' style=\"color:red\">See <b>it</b></webversion>",
        ),
        ('<a title="a > b" href="[unsubscribe]">x</a>', '<unsubscribe title="a > b">x</unsubscribe>'),
        ("<p>Leave: [unsubscribe]</p>", "<p>Leave: <unsubscribe></unsubscribe></p>"),
        ("<p>[unsubscribe]", "<p><unsubscribe></unsubscribe>"),
    ],
)
def test_a_link_becomes_an_element(html: str, wanted: str) -> None:
    assert written(html, NAMES) == wanted


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://a.example/[unsubscribe]">x</a>',
        '<a href="[firstname]">x</a> [email]',
        '<v:roundrect href="[unsubscribe]">x</v:roundrect>',
        "<abbr href='[unsubscribe]'>x</abbr>",
        '<a href="https://a.example">x</a><!--[if mso]><a href="https://b.example">y</a><![endif]-->',
    ],
)
def test_what_is_no_such_link_stays(html: str) -> None:
    assert written(html, NAMES) == html
