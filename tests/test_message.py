"""A message, judged by parsing its bytes back."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import BadAddress
from digest.message import to_bytes
from digest.models import Asset, Email

LONG_URL = "https://news.example/leave?" + "&".join(f"key{number}=%7Bvalue%7D" for number in range(20))

HARD = [
    "=?utf-8?q?a=0D=0ABcc=3A_evil=40x?=",
    "a\r\nBcc: evil@x.example",
    "a\nBcc: evil@x.example\n\n<script>",
    "a\rBcc: evil@x.example",
    "a\0b\x0bc\x0cd\x1ce\x85f\u2028g\u2029h\x7fi",
    "إذ هنا " * 20,
    "שלום עולם, מה נשמע היום? " * 8,
    "نجباء: الهجمات مستمرة (1/2)",
    "हिन्दी में समाचार और विचार " * 5,
    "今週のニュース" * 20,
    "👩‍👩‍👧‍👦🏳️‍🌈" * 12,
    "é" * 300,
    "a" * 2000,
    "word " * 200,
    ("a" * 90 + " ") * 5,
    "two  blanks   and    more, " * 10,
    "trailing blanks   ",
    "   leading blanks",
    "a\tb",
    '"quoted", (not a comment) <a@b.example>; @ \\ back\\slash',
    "=?",
    "?==?utf-8?b?aGk=?= plain",
    "ends with é ",
    "half \ud83d of a pair",
    "\udcff\udc80",
    "",
    " ",
    ".",
    "\N{ZERO WIDTH NO-BREAK SPACE}bom",
    "100 % {{ braces }} *|BARS|* [[blank]]",
]


def an_email(**changes: object) -> Email:
    plain = Email(
        subject="One",
        preheader="",
        sender_name="The Ledger",
        sender_email="news@ledger.example",
        html="<p>One</p>",
        text="One\n",
        date=datetime(2024, 2, 2, 9, 0, tzinfo=ZoneInfo("Europe/Copenhagen")),
        message_id="12.ab@ledger.example",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def parsed(content: bytes) -> EmailMessage:
    """The message as the strict reader has it: no defects, in it or in any header or part."""
    found = email.message_from_bytes(content, policy=email.policy.default)
    email.message_from_bytes(content, policy=email.policy.strict)
    assert isinstance(found, EmailMessage)
    defects = list(found.defects)
    for part in found.walk():
        defects += part.defects
        for _, value in part.items():
            defects += getattr(value, "defects", ())
    assert defects == []
    return found


def header_lines(content: bytes) -> list[bytes]:
    return content.partition(b"\r\n\r\n")[0].split(b"\r\n")


def literally(content: bytes, name: str) -> str:
    """A header as it stands in the bytes, unfolded."""
    head = content.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ")
    found = re.search(rf"(?m)^{name}: (.*?)\r?$", head)
    assert found, head
    return found[1]


def one_line(text: str) -> str:
    """What a reader is to see of a text that went into a header."""
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    return "".join(
        " " if ord(each) < 32 or 127 <= ord(each) < 160 or each in "\u2028\u2029" else each for each in text
    ).strip(" ")


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, MIMEPart)
    return str(part.get_content()).replace("\r\n", "\n")


def assert_well_formed(content: bytes) -> None:
    """What RFC 5322, 2045 and 2047 ask of lines, whatever is in them."""
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert b"\0" not in content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert [word for word in re.findall(rb"=\?[^ \r\n]*\?=", content.split(b"\r\n\r\n")[0]) if len(word) > 75] == []
    assert [line for line in content.split(b"\r\n\r\n", 1)[1].split(b"\r\n") if len(line) > 76] == []
    assert [line for line in header_lines(content) if not line.strip()] == []


# --- the subject


HEADERS = [
    "From",
    "Subject",
    "Date",
    "Message-ID",
    "X-Unsent",
    "MIME-Version",
    "Content-Language",
    "Content-Type",
]


def subject_comes_back(subject: str, *, name: str = "The Ledger") -> None:
    content = to_bytes(an_email(subject=subject, sender_name=name))

    assert_well_formed(content)
    message = parsed(content)
    assert str(message["Subject"]) == one_line(subject)
    assert message.keys() == HEADERS
    assert name_of_sender(content, message) == one_line(name)


@pytest.mark.parametrize("subject", HARD)
def test_a_hard_subject_comes_back(subject: str) -> None:
    subject_comes_back(subject)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
@example("a =?utf-8?q?b?= c")
def test_any_subject_comes_back(subject: str) -> None:
    subject_comes_back(subject)


def test_a_plain_subject_is_written_as_it_is() -> None:
    subject = "Nujaba: attacks go on, and four other stories (50 % shorter)"

    assert f"Subject: {subject}".encode() in header_lines(to_bytes(an_email(subject=subject)))


def test_a_long_plain_subject_is_folded_not_encoded() -> None:
    subject = "one word after another " * 20

    lines = header_lines(to_bytes(an_email(subject=subject)))

    assert max(map(len, lines)) <= 78
    assert b"=?" not in b"".join(lines)


def test_every_encoded_word_can_be_read_alone() -> None:
    content = to_bytes(an_email(subject="中文é👩‍👧" * 30))

    for word in re.findall(r"=\?utf-8\?b\?([^?]*)\?=", literally(content, "Subject")):
        assert "\ufffd" not in base64.b64decode(word).decode("utf-8")


# --- names and addresses


def name_of_sender(content: bytes, message: EmailMessage) -> str:
    sender = message["From"]
    assert isinstance(sender, AddressHeader)
    assert [each.addr_spec for each in sender.addresses] == ["news@ledger.example"]
    written = literally(content, "From")
    if written.startswith("=?"):
        # The newer reader of Python 3.11 puts a blank between two encoded words; the older is right.
        return str(make_header(decode_header(written.rpartition(" ")[0])))
    return str(sender.addresses[0].display_name)


@pytest.mark.parametrize("name", HARD)
def test_a_hard_name_comes_back(name: str) -> None:
    subject_comes_back("One", name=name)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_name_comes_back(name: str) -> None:
    subject_comes_back("One", name=name)


def test_naughty_strings_come_back_as_subjects_and_names(shared: Path) -> None:
    naughty = json.loads((shared / "corpora/bad/text/blns.json").read_text(encoding="utf-8"))

    for text in naughty:
        subject_comes_back(text, name=text)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("The Ledger", "The Ledger <news@ledger.example>"),
        ("Ledger, The", '"Ledger, The" <news@ledger.example>'),
        ('The "Ledger"', '"The \\"Ledger\\"" <news@ledger.example>'),
        ("", "news@ledger.example"),
    ],
)
def test_a_plain_name_is_written_plainly(name: str, written: str) -> None:
    assert literally(to_bytes(an_email(sender_name=name)), "From") == written


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("news@bücher.example", "news@xn--bcher-kva.example"),
        ("news@BÜCHER.example", "news@xn--bcher-kva.example"),
        ("news@日本語.example", "news@xn--wgv71a119e.example"),
        ("o'brien+news@a-b.example", "o'brien+news@a-b.example"),
        ("two..dots@phone.example", '"two..dots"@phone.example'),
        (" news@ledger.example ", "news@ledger.example"),
    ],
)
def test_an_address_is_written_so_that_mail_servers_take_it(address: str, written: str) -> None:
    content = to_bytes(an_email(sender_name="", sender_email=address))

    parsed(content)
    assert literally(content, "From") == written


@pytest.mark.parametrize(
    "address",
    [
        "",
        "news",
        "@ledger.example",
        "news@",
        "news@ledger.example\r\nBcc: evil@x.example",
        "news@ledger.example, evil@x.example",
        "news@ledger.example> <evil@x.example",
        "a b@ledger.example",
        "jörg@ledger.example",
        "news@-ledger.example",
        "news@led ger.example",
        "news@straße.example",
        "news@ledger..example",
        "n" * 300 + "@ledger.example",
        "n" * 3000 + " @ledger.example",
        "news@" + "é" * 80 + ".example",
    ],
)
def test_an_address_that_would_not_arrive_is_refused_and_not_repeated(address: str) -> None:
    for changed in (
        {"sender_email": address},
        {"reply_to": address or "x"},
        {"unsubscribe_email": address or "x"},
    ):
        with pytest.raises(BadAddress) as told:
            to_bytes(an_email(**changed))
        assert "@ledger" not in str(told.value)


def test_the_reader_may_be_named() -> None:
    content = to_bytes(an_email(), to='"Doe, Jane" <jane@reader.example>')

    (reader,) = parsed(content)["To"].addresses
    assert (reader.display_name, reader.addr_spec) == ("Doe, Jane", "jane@reader.example")


def test_nobody_is_written_to_unasked() -> None:
    assert {"To", "Cc", "Bcc"}.isdisjoint(parsed(to_bytes(an_email())).keys())


# --- what else a mail says of itself


def test_the_headers_of_a_whole_newsletter() -> None:
    content = to_bytes(
        an_email(
            language="pt-BR",
            reply_to="Editors <editors@ledger.example>",
            unsubscribe_url="https://ledger.example/leave?id=7",
            unsubscribe_email="leave@ledger.example",
            list_id="The Ledger <list.ledger.example>",
        ),
        to="jane@reader.example",
    )

    assert dict(parsed(content)) == {
        "From": "The Ledger <news@ledger.example>",
        "To": "jane@reader.example",
        "Subject": "One",
        "Date": "Fri, 02 Feb 2024 09:00:00 +0100",
        "Message-ID": "<12.ab@ledger.example>",
        "Reply-To": "Editors <editors@ledger.example>",
        "List-Id": "The Ledger <list.ledger.example>",
        "List-Unsubscribe": ("<https://ledger.example/leave?id=7>, <mailto:leave@ledger.example?subject=unsubscribe>"),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "X-Unsent": "1",
        "MIME-Version": "1.0",
        "Content-Language": "pt-BR",
        "Content-Type": parsed(content)["Content-Type"],
    }


def test_what_is_not_known_is_left_out() -> None:
    bare = an_email(date=None, message_id="", language="")

    assert parsed(to_bytes(bare, draft=False)).keys() == ["From", "Subject", "MIME-Version", "Content-Type"]


@pytest.mark.parametrize(
    ("url", "written"),
    [
        (LONG_URL, LONG_URL),
        ("https://n.example/" + "a" * 900, "https://n.example/" + "a" * 900),
        ("https://bücher.example:8443/ä ö?<x>", "https://xn--bcher-kva.example:8443/%C3%A4%20%C3%B6?%3Cx%3E"),
        ("https://n.example/%F0%9F%98%80,a=?b", "https://n.example/%F0%9F%98%80,a=?b"),
        ("https://n.example/\r\nBcc:%20evil", "https://n.example/%20%20Bcc:%20evil"),
    ],
)
def test_the_way_out_is_written_literally_and_whole(url: str, written: str) -> None:
    """Encoded or broken, no mail client shows its unsubscribe button."""
    content = to_bytes(an_email(unsubscribe_url=url))

    assert_well_formed(content)
    parsed(content)
    assert f"<{written}>".encode() in content
    assert literally(content, "List-Unsubscribe") == f"<{written}>"


def test_a_way_out_longer_than_a_line_can_be_is_refused() -> None:
    with pytest.raises(BadAddress):
        to_bytes(an_email(unsubscribe_url="https://n.example/" + "a" * 1000))


@pytest.mark.parametrize("changes", [{"unsubscribe_url": "http://n.example/"}, {"unsubscribe_email": "a@n.example"}])
def test_one_click_is_promised_only_over_https(changes: dict[str, str]) -> None:
    """RFC 8058, 3.1."""
    message = parsed(to_bytes(an_email(**changes)))

    assert "List-Unsubscribe" in message
    assert "List-Unsubscribe-Post" not in message


def test_a_list_name_that_would_need_encoding_is_left_out() -> None:
    content = to_bytes(an_email(list_id="Jörgs Brief <list.ledger.example>"))

    assert literally(content, "List-Id") == "<list.ledger.example>"


def test_a_message_name_cannot_add_a_header() -> None:
    content = to_bytes(an_email(message_id="a b\r\nBcc: x>@bücher.example"))

    assert parsed(content)["Bcc"] is None
    assert literally(content, "Message-ID") == "<a%20b%20%20Bcc%3A%20x%3E@xn--bcher-kva.example>"


def test_a_picture_travels_once_and_only_where_it_has_no_address_of_its_own() -> None:
    jar = Asset("jar-1a2b3c4d.png", bytes(range(256)), media_type="image/png")
    far = Asset("far-1a2b3c4d.png", b"far", media_type="image/png")
    html = f'<img src="images/{jar.name}"><td background="images/{jar.name}"><img src="https://a.example/images/{far.name}">'
    mail = an_email(html=html, assets=(jar, far))
    arrived = parsed(to_bytes(mail, enclosed=True))
    (picture,) = [part for part in arrived.walk() if part["Content-ID"]]
    assert (picture.get_content_type(), picture.get_content()) == ("image/png", jar.content)
    address = "cid:" + picture["Content-ID"].strip("<>")
    assert arrived.get_body(("html",)).get_content().strip() == html.replace(f'"images/{jar.name}"', f'"{address}"')
    assert to_bytes(mail, enclosed=True) == to_bytes(mail, enclosed=True)
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "multipart/related"]


def test_a_mail_without_pictures_is_the_same_mail_with_them_enclosed() -> None:
    assert to_bytes(an_email(), enclosed=True) == to_bytes(an_email())


def test_only_a_draft_opens_as_one() -> None:
    assert parsed(to_bytes(an_email()))["X-Unsent"] == "1"
    assert "X-Unsent" not in parsed(to_bytes(an_email(), draft=False))


# --- the parts


def parts_come_back(text: str, html: str) -> None:
    content = to_bytes(an_email(text=text, html=html))

    assert_well_formed(content)
    message = parsed(content)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    for kind, given_ in (("plain", text), ("html", html)):
        assert body(message, kind) == re.sub("[\ud800-\udfff]", "\ufffd", re.sub("\r\n?", "\n", given_))


@pytest.mark.parametrize(
    "text",
    [
        *HARD,
        "",
        "\n",
        "\n\n\n",
        "no line end",
        "From the editor\n>From\nFrom: x\n" + "From " * 99,
        ".\n..\n. .\n" + "." * 500,
        "blank at the end \ntab at the end\t\nboth \t \n ",
        "a\r\nb\rc\nd",
        "--\n-- \n--=_digest_" + "0" * 32 + "\n--=_digest_" + "0" * 32 + "--\n",
        "=3D=\n=\n==C3=A9",
        "x" * 75 + "é",
        "x" * 76 + "\n" + "x" * 77 + "\n" + "x" * 75 + "=",
        "\ufeffbom",
        "a\x85b\u2028c\x0bd\x0ce",
        "begin 644 file\n",
        "Content-Type: text/html\n\n<b>",
        "\x1b[31mred\x07\0",
    ],
)
def test_a_hard_text_comes_back(text: str) -> None:
    parts_come_back(text, f"<p>{text}</p>")


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=400),
    st.text(alphabet=st.sampled_from(list(" \t\r\n.=-Fromé中👩_")), max_size=400),
)
def test_any_text_comes_back(text: str, html: str) -> None:
    parts_come_back(text, html)


@pytest.mark.parametrize("width", range(70, 80))
@pytest.mark.parametrize("then", [".", "From ", " ", "=", "é", "中", "👩"])
def test_a_text_breaks_anywhere(width: int, then: str) -> None:
    parts_come_back("x" * width + then * 60, then * width)


def test_no_line_of_a_part_begins_with_a_dot_or_as_in_a_mailbox() -> None:
    text = ".\n.hidden\nFrom me\n" + "x" * 75 + "." * 300 + "\n" + "x" * 75 + "From here on " * 30

    lines = to_bytes(an_email(text=text)).partition(b"\r\n\r\n")[2].split(b"\r\n")

    assert [line for line in lines if line.startswith((b".", b"From "))] == []


def test_ten_megabytes_of_text_come_back() -> None:
    text = "Zażółć gęślą jaźń, said the pangram. \n" * 260_000

    message = email.message_from_bytes(to_bytes(an_email(text=text)), policy=email.policy.default)

    assert isinstance(message, EmailMessage)
    assert body(message, "plain") == text


def test_the_same_email_is_the_same_bytes_and_another_has_another_boundary() -> None:
    one, again, other = to_bytes(an_email()), to_bytes(an_email()), to_bytes(an_email(text="Two\n"))

    assert one == again
    assert parsed(one).get_boundary() != parsed(other).get_boundary()


def test_a_date_is_in_the_publications_time_zone() -> None:
    utc = an_email(date=datetime(2024, 7, 2, 7, 0, tzinfo=UTC))

    assert literally(to_bytes(utc), "Date") == "Tue, 02 Jul 2024 07:00:00 +0000"
