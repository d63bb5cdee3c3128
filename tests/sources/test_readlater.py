"""What read-later services export comes in row by row, whatever they call their columns."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.models import Item, Unread
from digest.sources import readlater
from digest.sources.base import Found

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)


def read(content: str | bytes) -> Found:
    content = content.encode() if isinstance(content, str) else content
    assert readlater.recognises(content)
    return readlater.read(content, now=NOW)


def only(found: Found) -> Item:
    assert found.unread == ()
    (item,) = found.items
    return item


def facts(item: Item) -> dict[str, Any]:
    """What is not as in an empty item, `found` aside."""
    names = ("title", "note", "description", "author", "published", "tags", "text", "picture", "language", "minutes")
    return {name: value for name in names if (value := getattr(item, name))}


CSV = {
    "Pocket": (
        "title,url,time_added,tags,status\nMoths,https://a.example/1,1700000000,bats|night,unread\n",
        {"title": "Moths", "tags": ("bats", "night")},
    ),
    "Instapaper": (
        'URL,Title,Selection,Folder,Timestamp\nhttps://a.example/1,Moths,"What I marked",Archive,1700000000\n',
        {"title": "Moths", "note": "What I marked"},
    ),
    "Instapaper, a folder of one's own and tags": (
        'URL,Title,Selection,Folder,Timestamp,Tags\nhttps://a.example/1,Moths,,Insects,1,"[""bats""]"\n',
        {"title": "Moths", "tags": ("bats", "Insects")},
    ),
    "Readwise": (
        "Title,URL,ID,Document tags,Saved date,Reading progress,Location,Seen\n"
        '"Moths, bats",https://a.example/1,01,"[""night"", ""two words""]",2024-02-02 10:00:00,0.1,archive,True\n',
        {"title": "Moths, bats", "tags": ("night", "two words")},
    ),
    "Raindrop": (
        "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
        '1,Moths,Mine,Its own words,https://a.example/1,Work / Insects,"bats, night",2024-02-02T10:00:00.000Z,'
        "https://a.example/p.png,Marked,false\n",
        {
            "title": "Moths",
            "note": "Mine\n\nMarked",
            "description": "Its own words",
            "tags": ("bats", "night", "Work", "Insects"),
            "picture": "https://a.example/p.png",
        },
    ),
    "Pinboard": (
        "href,description,extended,tags,time\nhttps://a.example/1,Moths,Mine,bats night,2024-02-02T10:00:00Z\n",
        {"title": "Moths", "note": "Mine", "tags": ("bats", "night")},
    ),
    "a spreadsheet": (
        "sep=;\r\nURL;Titel;Title\r\nhttps://a.example/1;x;Moths; bats\r\n",
        {"title": "Moths; bats"},
    ),
}


@pytest.mark.parametrize(("text", "wanted"), CSV.values(), ids=CSV.keys())
def test_a_table_is_read_by_the_names_of_its_columns(text: str, wanted: dict[str, Any]) -> None:
    item = only(read(text))
    assert (item.url, facts(item)) == ("https://a.example/1", wanted)


JSON: dict[str, tuple[Any, dict[str, Any]]] = {
    "Pinboard": (
        [
            {
                "href": "https://a.example/1",
                "description": "Moths",
                "extended": "Mine",
                "tags": "bats night",
                "time": "2024-02-02T10:00:00Z",
            }
        ],
        {"title": "Moths", "note": "Mine", "tags": ("bats", "night")},
    ),
    "Omnivore": (
        [
            {
                "slug": "moths",
                "title": "Moths",
                "description": "Its own",
                "author": "Ann Onym",
                "url": "https://a.example/1",
                "state": "Archived",
                "thumbnail": "https://a.example/p.png",
                "labels": ["bats"],
                "savedAt": "2024-10-29T16:30:11.000Z",
                "publishedAt": "2024-10-01T16:30:11.000Z",
            }
        ],
        {
            "title": "Moths",
            "description": "Its own",
            "author": "Ann Onym",
            "published": datetime(2024, 10, 1, 16, 30, 11, tzinfo=UTC),
            "tags": ("bats",),
            "picture": "https://a.example/p.png",
        },
    ),
    "Wallabag 1": (
        [
            {
                "0": "1",
                "title": "Moths",
                "url": "https://a.example/1",
                "is_read": "0",
                "content": "<p>A</p>",
                "tags": "x,y",
            }
        ],
        {"title": "Moths", "tags": ("x", "y"), "text": "A"},
    ),
    "Wallabag 2": (
        [
            {
                "title": "Moths",
                "url": "https://a.example/1",
                "tags": ["bats", {"label": "night"}],
                "content": "<p>A</p><p>B<script>x()</script></p>",
                "language": "pt_BR",
                "reading_time": 4,
                "annotations": [{"text": "Mine", "quote": "Theirs"}],
                "published_by": ["Ann", "Bob"],
                "created_at": "2016-09-08T11:55:58+0200",
            }
        ],
        {
            "title": "Moths",
            "note": "Mine\n\nTheirs",
            "author": "Ann, Bob",
            "tags": ("bats", "night"),
            "text": "A\n\nB",
            "language": "pt-BR",
            "minutes": 4,
        },
    ),
    "Readability": (
        {
            "bookmarks": [
                {
                    "article__url": "https://a.example/1",
                    "article__title": "Moths",
                    "article__excerpt": "It&#x2019;s night&hellip;",
                    "date_added": "2016-08-25T12:05:00",
                    "archive": False,
                }
            ],
            "recommendations": [],
        },
        {"title": "Moths", "description": "It’s night…"},
    ),
    "elCurator": (
        [{"created_at": "2015-09-09 11:10:32 UTC", "title": "Moths", "url": "https://a.example/1", "tags": ["a"]}],
        {"title": "Moths", "tags": ("a",)},
    ),
    "Delicious": (
        [
            {
                "title": "Moths",
                "tags": [""],
                "url": "https://a.example/1",
                "description": "Mine",
                "created": "1358531607",
                "private": "0",
            }
        ],
        {"title": "Moths", "note": "Mine"},
    ),
    "Pocket's own lists": (
        {
            "status": 1,
            "list": {"12": {"resolved_url": "https://a.example/1", "resolved_title": "M", "tags": {"x": {}}}},
        },
        {"title": "M", "tags": ("x",)},
    ),
}


@pytest.mark.parametrize(("data", "wanted"), JSON.values(), ids=JSON.keys())
def test_a_list_is_read_by_the_names_of_its_fields(data: Any, wanted: dict[str, Any]) -> None:
    item = only(read(json.dumps(data)))
    assert (item.url, facts(item)) == ("https://a.example/1", wanted)


def test_found_names_the_column_of_each_field_and_when_it_was_kept() -> None:
    item = only(read("URL,Title,Selection,Timestamp\nhttps://a.example/1,Moths,Marked,1700000000\n"))
    assert item.found == {
        "url": "URL",
        "title": "Title",
        "note": "Selection",
        "saved": "2023-11-14T22:13:20+00:00",
    }


@pytest.mark.parametrize("when", ["9999-12-31T00:00:00Z", "0000-00-00", "nan", "99999999999999999", "soon", ""])
def test_a_date_that_cannot_be_is_none(when: str) -> None:
    item = only(read(json.dumps([{"url": "https://a.example/1", "published_at": when, "created_at": when}])))
    assert (item.published, "saved" in item.found) == (None, False)


@pytest.mark.parametrize(
    "title", ["No title found", "[no title]", "Untitled", "https://a.example/how-moths-hear-bats", ""]
)
def test_a_title_that_is_none_is_made_of_the_address(title: str) -> None:
    item = only(read(json.dumps([{"url": "https://a.example/how-moths-hear-bats", "title": title}])))
    assert (item.title, "title" in item.found) == ("how moths hear bats", False)


def test_a_row_that_cannot_be_read_is_told_with_its_line() -> None:
    got = read(
        'title,url\n"Two\nlines",https://a.example/1\nA book,\nMine,file:///home/me/x.pdf\n\nB,https://a.example/2\n'
    )
    assert [item.title for item in got.items] == ["Two lines", "B"]
    assert got.unread == (
        Unread('line 4 "A book"', "it has no link"),
        Unread('line 5 "Mine"', 'its link begins with "file:" and leads to no page on the web'),
    )


def test_a_title_with_commas_and_no_quotes_keeps_its_link() -> None:
    item = only(read("title,url,tags\nMoths, bats, and night,https://a.example/1,x\n"))
    assert (item.title, item.url, item.tags) == ("Moths, bats, and night", "https://a.example/1", ("x",))


def test_a_quote_that_nobody_closed_costs_no_other_row() -> None:
    got = read('title,url\n"Open,https://a.example/1\n"Shut",https://a.example/2\nC,https://a.example/3\n')
    assert [item.url for item in got.items] == [f"https://a.example/{number}" for number in (1, 2, 3)]


def test_highlights_of_one_page_are_one_item_with_all_of_them() -> None:
    got = read(
        "Highlight,Book Title,Note,URL\nFirst marked,Moths,my word,https://a.example/1\nSecond,Moths,,https://a.example/1\n"
    )
    assert only(got).note == "my word\n\nFirst marked\n\nSecond"


def test_a_note_keeps_its_lines_and_what_looks_like_markup() -> None:
    item = only(read(json.dumps([{"url": "https://a.example/1", "note": "1 < 2\nR&amp;D & more\n\nvector<int>"}])))
    assert item.note == "1 < 2\nR&D & more\n\nvector<int>"


def test_markup_and_hidden_letters_do_not_come_in() -> None:
    row = {
        "url": "https://a.example/1",
        "title": "Mo\u202eths<script>x()</script>",
        "note": "<p>a</p><p>b\x00\ud800</p>",
    }
    item = only(read(json.dumps([row])))
    assert (item.title, item.note) == ("Moths", "a\n\nb")


def test_a_list_that_breaks_off_keeps_what_stands_before() -> None:
    got = read('[{"url": "https://a.example/1"},\n{"url": "https://a.example/2"},\n{"url": "https://a.ex')
    assert [item.url for item in got.items] == ["https://a.example/1", "https://a.example/2"]
    assert got.unread == (Unread("file", "From line 3 on it is broken and cannot be read."),)


def test_what_is_no_row_is_told() -> None:
    got = read('[{"url": 1, "title": ["x"]}, 3, "https://a.example/1", {"title": "Nothing"}]')
    assert [item.url for item in got.items] == ["https://a.example/1"]
    assert got.unread == (
        Unread("row 1", 'its link "1" does not say on which site it is'),
        Unread("row 2", "it is not a table of fields"),
        Unread('row 4 "Nothing"', "it has no link"),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_letters_survive_any_encoding(encoding: str) -> None:
    text = "title,url\nDéjà vu à la plage du café,https://a.example/1\n"
    assert only(read(text.encode(encoding))).title == "Déjà vu à la plage du café"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title,url\n", "There is no row in it."),
        ('{"bookmarks": [], "href": 1}', "There is no row in it."),
        ('[{"url":' + "[" * 100_000, "It is JSON, but nested so deep that nobody can have meant it."),
        ('[{"url": ' + "9" * 5_000 + "}]", "It is JSON, but holds a number that nobody can have meant."),
    ],
    ids=["no line", "empty list", "too deep", "endless number"],
)
def test_a_file_without_a_row_is_told(text: str, why: str) -> None:
    assert Unread("file", why) in read(text).unread


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"url",
        b"A headline, a comma\n\nAnd a story about a url, too.\n",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "https://a.example"}]}',
        b'{"roots": {"bookmark_bar": {"url": "x", "url": "https://a.example"}}}',
        b'[{"name": "no address"}]',
        b"[A link](https://a.example)",
    ],
)
def test_other_files_are_left_to_others(content: bytes) -> None:
    assert not readlater.recognises(content, name="export.json")


HUGE = {
    "a cell of megabytes": 'url,title,note\nhttps://a.example/1,x,"' + "word " * 600_000 + '"\n',
    "quotes": "url,title\n" + 'https://a.example/1,"x\n' * 8_000,
    "more quotes": "url,title\n" + 'a,"b"""\n"\n' * 4_000,
    "commas": "url,title\n" + "," * 300_000,
    "one page again and again": "url,title,note\n" + "".join(f"https://a.example/1,x,{i}\n" for i in range(5_000)),
    "nothing but NUL": "url,title\n" + "\0" * 1_000_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE.keys())
@pytest.mark.usefixtures("patience")
def test_a_table_made_to_harm_is_read_in_a_moment(text: str) -> None:
    read(text)
