"""Where a reader leaves, in a mail that no service fills in: one who is known, and nobody in particular."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest import filled, message
from digest.merge_tags import Blank
from digest.models import Email

LINK = Blank("unsubscribe_url").mark()
MAIL = Email(
    subject="Hello",
    preheader="",
    sender_name="News",
    sender_email="ed@news.example",
    html=f'<a href="{LINK}">Leave</a>',
    text=f"Leave: {LINK}",
    unsubscribe_url="https://news.example/leave?who={email}&list=1",
)


def test_the_page_to_leave_knows_who_it_is() -> None:
    found = filled.fill(MAIL, reader="ada+x@r.example")
    leave = "https://news.example/leave?who=ada%2Bx%40r.example&list=1"
    assert (found.text, found.unsubscribe_url) == (f"Leave: {leave}", leave)
    assert found.html == f'<a href="{leave.replace("&", "&amp;")}">Leave</a>'


def test_a_mail_of_nobody_in_particular_asks_who_leaves_and_has_no_button_for_it() -> None:
    """A click on such a button would tell a reader that they have left, and nobody had."""
    found = filled.fill(MAIL)
    assert found.text == "Leave: https://news.example/leave?who=&list=1"
    assert b"List-Unsubscribe" not in message.to_bytes(found)


def test_a_page_that_needs_to_know_nobody_has_its_button() -> None:
    found = filled.fill(replace(MAIL, unsubscribe_url="https://news.example/leave"))
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in message.to_bytes(found)


@pytest.mark.parametrize(("mailbox", "to"), [("", "ed@news.example"), ("bye&x@news.example", "bye%26x@news.example")])
def test_without_a_page_a_mail_leaves_the_list(mailbox: str, to: str) -> None:
    found = filled.fill(replace(MAIL, unsubscribe_url="", unsubscribe_email=mailbox))
    assert found.text == f"Leave: mailto:{to}?subject=unsubscribe"


def test_an_address_adds_nothing_to_the_page_but_itself() -> None:
    found = filled.fill(MAIL, reader='a"&b=<c>\r\nX: y@r.example')
    assert found.unsubscribe_url == "https://news.example/leave?who=a%22%26b%3D%3Cc%3E%0D%0AX%3A%20y%40r.example&list=1"
