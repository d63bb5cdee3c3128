"""Lists of links come in as an editor jots them down, with the words beside each."""

from __future__ import annotations

import plistlib
from datetime import UTC, datetime

import pytest

from digest.models import Item, Unread
from digest.sources import links
from digest.sources.base import Found

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)


def read(content: str | bytes, *, name: str = "") -> Found:
    content = content.encode() if isinstance(content, str) else content
    assert links.recognises(content, name=name)
    return links.read(content, name=name, now=NOW)


def told(found: Found) -> list[tuple[str, str, str]]:
    assert found.unread == ()
    return [(item.url, item.title, item.note) for item in found.items]


def only(found: Found) -> Item:
    assert found.unread == ()
    (item,) = found.items
    return item


def test_every_line_is_a_link() -> None:
    got = read("https://a.example/how-moths-hear-bats\r\nhttps://b.example/2\r\n\r\nwww.c.example/3\r\n")
    assert told(got) == [
        ("https://a.example/how-moths-hear-bats", "how moths hear bats", ""),
        ("https://b.example/2", "b.example/2", ""),
        ("https://www.c.example/3", "c.example/3", ""),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Moths\nhttps://a.example/1\nBats\nhttps://b.example/2\n", [("Moths", ""), ("Bats", "")]),
        ("Moths\nhttps://a.example/1\nWorth it.\n\nBats\nhttps://b.example/2", [("Moths", "Worth it."), ("Bats", "")]),
        (
            "https://a.example/1\nWorth it.\nhttps://b.example/2\nToo.",
            [("a.example/1", "Worth it."), ("b.example/2", "Too.")],
        ),
        ("https://a.example/1 | Moths\nhttps://b.example/2 | Bats", [("Moths", ""), ("Bats", "")]),
        ("Moths: https://a.example/1\n* Bats - https://b.example/2 - too", [("Moths", ""), ("Bats", "too")]),
        (
            "1. <https://a.example/1> Worth it.\n2. https://b.example/2",
            [("a.example/1", "Worth it."), ("b.example/2", "")],
        ),
        ("> Moths (https://a.example/1).\n\n- [ ] Bats, https://b.example/2!", [("Moths", ""), ("Bats", "")]),
    ],
)
def test_the_words_beside_an_address_are_its_title_or_a_note(text: str, wanted: list[tuple[str, str]]) -> None:
    got = told(read(text))
    assert [url for url, _, _ in got] == ["https://a.example/1", "https://b.example/2"]
    assert [(title, note) for _, title, note in got] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[Moths](https://a.example/1)", ("Moths", "")),
        ("- [How *moths* [hear]](https://a.example/1 'Title') - worth **it**", ("How moths [hear]", "worth it")),
        ("- [Moths](https://a.example/1)\n  for the recordings\n  > alone", ("Moths", "for the recordings\nalone")),
        ("* Great piece: [Moths](https://a.example/1), by Ann", ("Moths", "Great piece: Moths, by Ann")),
        ("### [Moths][m]\n\n[m]: <https://a.example/1> 'Title'", ("Moths", "")),
        ("- ![A moth](https://a.example/p.png) [Moths](<https://a.example/1>)", ("Moths", "")),
        ("[![A moth](https://a.example/p.png)](https://a.example/1)", ("A moth", "")),
        ("- [snake\\_case in_the_wild](https://a.example/1)", ("snake_case in_the_wild", "")),
    ],
)
def test_markdown_says_title_and_note(text: str, wanted: tuple[str, str]) -> None:
    assert told(read(f"# Links\n\n{text}\n", name="links.md")) == [("https://a.example/1", *wanted)]


def test_a_list_may_have_a_word_before_it() -> None:
    got = read("Links for Friday, some of them odd:\n\nhttps://a.example/1\nhttps://a.example/2\nhttps://a.example/3\n")
    assert [item.url for item in got.items] == [f"https://a.example/{number}" for number in (1, 2, 3)]


def test_an_address_may_hold_brackets() -> None:
    got = read("[A](https://a.example/X_(moth))\nhttps://a.example/Y_(bat)\n(see https://a.example/z)\n")
    assert [item.url for item in got.items] == [
        "https://a.example/X_(moth)",
        "https://a.example/Y_(bat)",
        "https://a.example/z",
    ]


def test_each_link_of_a_line_is_one() -> None:
    got = read("- [Moths](https://a.example/1), and [Bats](https://b.example/2)\n")
    assert told(got) == [("https://a.example/1", "Moths", "and Bats"), ("https://b.example/2", "Bats", "")]


def test_a_line_that_is_no_link_to_the_web_is_told() -> None:
    got = read("https://a.example/1\nhtp://b.example/2\nfile:///etc/hosts\n[About](/about)\n[M](mailto:a@b.example)\n")
    assert [item.url for item in got.items] == ["https://a.example/1"]
    assert got.unread == (
        Unread("line 2", 'its link begins with "htp:" and leads to no page on the web'),
        Unread("line 3", 'its link begins with "file:" and leads to no page on the web'),
        Unread('line 4 "About"', 'its link "/about" does not say on which site it is'),
        Unread('line 5 "M"', 'its link begins with "mailto:" and leads to no page on the web'),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_list_may_be_in_any_encoding(encoding: str) -> None:
    assert told(read("Café\nhttps://a.example/é\n".encode(encoding))) == [("https://a.example/é", "Café", "")]


SAVED = {
    "Windows": (b"[InternetShortcut]\r\nURL=https://a.example/1?a=1&b=2\r\nIconIndex=0\r\n", "Moths & bats.url"),
    "Linux": (b"[Desktop Entry]\nType=Link\nName=Moths & bats\nURL=https://a.example/1?a=1&b=2\n", "x.desktop"),
    "macOS": (plistlib.dumps({"URL": "https://a.example/1?a=1&b=2"}), "Moths & bats.webloc"),
    "macOS, packed": (
        plistlib.dumps({"URL": "https://a.example/1?a=1&b=2"}, fmt=plistlib.FMT_BINARY),
        "Moths & bats.webloc",
    ),
    "macOS, badly written": (
        b'<?xml version="1.0"?><plist><dict><key>URL</key><string>https://a.example/1?a=1&b=2</string></dict></plist>',
        "Moths & bats.webloc",
    ),
}


@pytest.mark.parametrize(("content", "name"), SAVED.values(), ids=SAVED.keys())
def test_a_link_saved_as_a_file_is_called_as_the_file(content: bytes, name: str) -> None:
    item = only(read(content, name=name))
    assert (item.url, item.title) == ("https://a.example/1?a=1&b=2", "Moths & bats")


@pytest.mark.parametrize(
    "content",
    [
        b"[InternetShortcut]\nURL=file:///C:/x\n",
        plistlib.dumps({"URL": 7}),
        plistlib.dumps(["x"]),
        b"bplist00" + b"\xff" * 64,
        b"<plist>" + b"<array>" * 100_000,
        b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "https://a.example">]><plist><dict><key>URL</key>'
        b"<string>&a;</string></dict></plist>",
    ],
    ids=["a file", "a number", "a list", "garbage", "depth", "an entity"],
)
def test_a_saved_link_that_leads_nowhere_is_told(content: bytes) -> None:
    got = links.read(content, name="x.webloc", now=NOW)
    assert (got.items, len(got.unread)) == ((), 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"A story about moths.\n",
        (
            "Moths hear bats\n\n" + "They do so with ears on their chests, which took long to find. " * 20 + "\n\n"
        ).encode()
        + b"Share this: https://a.example/1 https://b.example/2 https://c.example/3\n",
        b"2 February 2024\nMoths hear | The Paper\n\nThey do so with their chests, a team said.\n\n"
        b"Read more: https://a.example/1\nShare this\n",
        b"Moths hear\n\nThey do so with their chests, a team said: https://a.example/1\n",
        b"Title: Moths hear\nAuthor: Ann Onym\nURL: https://a.example/1\n\nWith their chests.\n",
        b"<!DOCTYPE html><p>https://a.example</p>",
        b'{"url": "https://a.example"}',
        b"\x89PNG\r\n\x1a\n\0\0https://a.example",
    ],
)
def test_other_files_are_left_to_others(content: bytes) -> None:
    assert not links.recognises(content, name="links.md")


def test_a_text_without_a_link_is_told() -> None:
    assert links.read(b"Nothing here.\n", now=NOW).unread == (Unread("file", "There is no link in it."),)


@pytest.mark.parametrize(
    "piece",
    ["[", "[a](", "![", "*a_ ", "`", "(", "<https://", "[a](http://x ", '[a](x "', "[x]: y ", "- ", "https://", "> "],
)
@pytest.mark.usefixtures("patience")
def test_a_flood_of_marks_costs_little(piece: str) -> None:
    for text in (piece * (200_000 // len(piece)), f"{piece}\n" * 10_000):
        links.recognises(text.encode())
        links.read(text.encode(), now=NOW)
