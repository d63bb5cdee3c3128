"""A saved mail gives the stories it links to, and says what it left out."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from digest.models import Item, Unread
from digest.sources import letter
from digest.sources.base import Found

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)
HEAD = (
    b"From: Ann <ann@paper.example>\r\nTo: desk@news.example\r\nSubject: =?utf-8?q?Caf=C3=A9?= notes\r\n"
    b"Date: Fri, 6 Nov 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
)


def a_mail(*, text: str = "", html: str = "") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ann <ann@paper.example>", "desk@news.example", "Café notes"
    mail["Date"] = "Fri, 6 Nov 2026 10:00:00 +0100"
    mail.set_content(text or "Only in HTML.")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def read(content: bytes) -> Found:
    assert letter.recognises(content)
    return letter.read(content, now=NOW)


def titles(html: str) -> list[str]:
    return [item.title for item in read(a_mail(html=html)).items]


def test_a_link_has_its_words_the_mails_subject_and_the_day_it_came() -> None:
    got = read(
        a_mail(
            text="Other: https://other.example",
            html='<p>See <a href="https://click.example/r?u=1&copy=2&amp;x=3">How <b>moths</b> &amp; bats</a></p>',
        )
    )
    assert got == Found(
        items=(
            Item(
                url="https://click.example/r?u=1&copy=2&x=3",
                title="How moths & bats",
                found={"title": "words of the link", "saved": "2026-11-06T09:00:00+00:00"},
            ),
        ),
        title="Café notes",
    )


def test_a_mail_of_plain_text_gives_its_links_too() -> None:
    got = read(a_mail(text="Moths hear\nhttps://a.example/1\n\nhttps://b.example/2\n"))
    assert [(item.url, item.title) for item in got.items] == [
        ("https://a.example/1", "Moths hear"),
        ("https://b.example/2", "b.example/2"),
    ]


def test_words_that_say_nothing_give_way_to_the_heading_or_line_before() -> None:
    html = (
        "<h2>Moths hear</h2><p>A lead.</p><a href='https://a.example/1'>Read more</a>"
        "<p>Bats are heard</p><p><a href='https://a.example/2'>Weiterlesen &raquo;</a></p>"
    )
    assert titles(html) == ["Moths hear", "Bats are heard"]


def test_a_picture_speaks_through_its_alternative_text() -> None:
    assert titles("<a href=https://a.example/1><img src=x alt='A chart &amp; more'></a>") == ["A chart & more"]


def test_tags_that_nobody_closed_lose_no_link() -> None:
    assert titles("<a href='https://a.example/1'>One<a href='https://a.example/2'>Two<style>p {}") == ["One", "Two"]


def test_what_belongs_to_the_mailing_is_told_and_left_out() -> None:
    got = read(
        a_mail(
            html="<a href='https://a.example/v'>View this email in your browser</a><a href='#top'>Up</a>"
            "<a href='https://a.example/1'>How to read news on the web and stay calm</a>"
            "<a href='https://a.example/p'><img src=x></a><a href='mailto:a@b.example'>Write</a>"
            "<a href='https://a.example/f'>Facebook</a><a href='https://a.example/u'>Unsubscribe</a>"
        )
    )
    assert [item.title for item in got.items] == ["How to read news on the web and stay calm"]
    assert got.unread == (
        Unread('link 1 "View this email in your browser"', "it belongs to the mailing, not to a story"),
        Unread("link 3", "it has no words: a picture, or a counter"),
        Unread('link 4 "Write"', 'its link begins with "mailto:" and leads to no page on the web'),
        Unread('link 5 "Facebook"', "it belongs to the mailing, not to a story"),
        Unread('link 6 "Unsubscribe"', "it belongs to the mailing, not to a story"),
    )


@pytest.mark.parametrize(("said", "real"), [("iso-8859-1", "cp1252"), ("us-ascii", "utf-8"), ('"\xff"', "utf-8")])
def test_letters_survive_what_is_said_of_their_encoding(said: str, real: str) -> None:
    head = HEAD + b"Content-Type: text/html; charset=" + said.encode("latin-1") + b"\r\n\r\n"
    got = read(head + "<a href='https://a.example/1'>Déjà vu à la plage – “café”</a>".encode(real))
    assert [item.title for item in got.items] == ["Déjà vu à la plage – “café”"]


@pytest.mark.parametrize(
    "begins", [b"From ann@paper.example Fri Nov  6 10:00:00 2026\n", b"1234      \n", b"\xef\xbb\xbf"]
)
def test_what_mail_programs_put_before_a_mail_is_put_up_with(begins: bytes) -> None:
    content = begins + HEAD + b"\r\nMoths: https://a.example/1\r\n"
    assert letter.recognises(content, name="x.eml")
    assert [item.title for item in letter.read(content, now=NOW).items] == ["Moths"]


def test_a_mail_without_a_link_is_told() -> None:
    assert read(a_mail(text="Hello")).unread == (Unread("file", "There is no link in this mail."),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Title: A story\nDate: 2024-02-02\n\nFrom: here to there.\n",
        b"---\ntitle: An issue\nsubject: x\ndate: 2024-02-02\n---\n",
        b"From the desk: a story.\n\nSubject: moths\n",
        b"<html>From: a\nSubject: b\nMessage-ID: c\n</html>",
    ],
)
def test_other_files_are_left_to_others(content: bytes) -> None:
    assert not letter.recognises(content, name="story.txt")


HUGE = {
    "parts in parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(3_000)
    ),
    "mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 3_000,
    "open links": b"Content-Type: text/html\r\n\r\n" + b"<a href='x' " * 30_000,
    "links in links": b"Content-Type: text/html\r\n\r\n" + b"<a href='http://a.example'>" * 10_000,
    "open pictures": b"Content-Type: text/html\r\n\r\n<a href='http://a.example'>" + b"<img " * 50_000,
    "open headings": b"Content-Type: text/html\r\n\r\n" + b"<h1><a href='http://a.example'>more</a>" * 5_000,
    "open comments": b"Content-Type: text/html\r\n\r\n" + b"<!--" * 50_000,
    "no letters": b"Content-Type: text/html\r\n\r\n<a href='http://a.example'>" + b"-" * 200_000,
    "a broken code": b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!" + b"=" * 200_000,
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE.keys())
@pytest.mark.usefixtures("patience")
def test_a_mail_made_to_harm_is_told_in_a_moment(body: bytes) -> None:
    got = read(HEAD + body)
    assert got.unread or got.items
