"""Bookmarks come in with their folders, tags and notes, from every browser and service that writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from digest.models import FeedPlan, Item, Unread
from digest.sources import bookmarks
from digest.sources.base import Found

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)
NETSCAPE = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<DL><p>\n"


def read(content: str | bytes) -> Found:
    content = content.encode() if isinstance(content, str) else content
    assert bookmarks.recognises(content)
    return bookmarks.read(content, now=NOW)


def only(found: Found) -> Item:
    assert found.unread == ()
    (item,) = found.items
    return item


def test_a_bookmark_has_title_note_tags_and_the_day_it_was_kept() -> None:
    got = read(
        NETSCAPE + '<DT><A HREF="https://a.example/1?a=1&copy=2&amp;b=3" ADD_DATE="1700000000" TAGS="bats, night">'
        "Moths &amp; &lt;bats&gt;</A>\n<DD>Mine, <a href='https://b.example'>with a link</a>\nand a second line\n</DL>"
    )
    assert only(got) == Item(
        url="https://a.example/1?a=1&copy=2&b=3",
        title="Moths & <bats>",
        note="Mine, with a link\nand a second line",
        tags=("bats", "night"),
        found={"title": "title", "note": "description", "saved": "2023-11-14T22:13:20+00:00"},
    )


def test_folders_are_tags_but_those_that_every_browser_has() -> None:
    got = read(
        NETSCAPE + '<DT><H3 PERSONAL_TOOLBAR_FOLDER="true">Bar</H3><DL><p><DT><H3>Insects</H3><DD>All about them<DL><p>'
        '<DT><A HREF="https://a.example/1">One</A></DL><p><DT><A HREF="https://a.example/2">Two</A></DL><p>'
        '<DT><A HREF="https://a.example/3">Three</A></DL>'
    )
    assert [(item.title, item.tags, item.note) for item in got.items] == [
        ("One", ("Insects",), ""),
        ("Two", (), ""),
        ("Three", (), ""),
    ]


def test_one_page_in_two_folders_is_one_item_with_both_notes_and_tags() -> None:
    got = read(
        NETSCAPE + '<DT><H3>A</H3><DL><DT><A HREF="https://a.example/1">One</A><DD>first</DL>'
        '<DT><H3>B</H3><DL><DT><A HREF="https://a.example/1">Uno</A><DD>second</DL></DL>'
    )
    assert (only(got).title, only(got).tags, only(got).note) == ("One", ("A", "B"), "first\n\nsecond")


def test_tags_that_nobody_closed_lose_no_bookmark() -> None:
    got = read(NETSCAPE + '<DT><A HREF="https://a.example/1">One\n<DT><A HREF=https://a.example/2>Two<DD>note')
    assert [(item.title, item.note) for item in got.items] == [("One", ""), ("Two", "note")]


def test_what_is_no_page_is_told_by_its_place_and_title() -> None:
    got = read(
        NETSCAPE + '<DT><A HREF="javascript:x()">Small print</A><DT><A HREF="place:sort=8">Most visited</A>'
        '<DT><A HREF="https://a.example/1">One</A><DT><A HREF="chrome://settings">Settings</A><DT><A>Empty</A>'
    )
    assert [item.title for item in got.items] == ["One"]
    assert got.unread == (
        Unread('bookmark 1 "Small print"', "it is a small program (a bookmarklet), not a page"),
        Unread('bookmark 2 "Most visited"', "it is one of the browser's own searches, not a page"),
        Unread('bookmark 4 "Settings"', 'its link begins with "chrome:" and leads to no page on the web'),
        Unread('bookmark 5 "Empty"', "it has no link"),
    )


def test_a_live_bookmark_is_a_feed() -> None:
    got = read(NETSCAPE + '<DT><A FEEDURL="https://a.example/rss" HREF="https://a.example">The Paper</A>')
    assert (got.feeds, got.items) == ((FeedPlan("https://a.example/rss", name="The Paper"),), ())


def test_pockets_page_is_read() -> None:
    got = read(
        "<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul>"
        '<li><a href="https://a.example/1" time_added="1700000000" tags="bats,night">One</a></li></ul>'
        '<h1>Read Archive</h1><ul><li><a href="https://a.example/2" time_added="1700000000" tags="">'
        "https://a.example/2</a></li></ul></body></html>"
    )
    assert [(item.title, item.tags) for item in got.items] == [("One", ("bats", "night")), ("a.example/2", ())]


def test_a_title_that_the_export_lacks_is_made_of_the_address_and_not_said_to_be_found() -> None:
    item = only(read(NETSCAPE + '<DT><A HREF="https://a.example/2024/how-moths-hear-bats.html"></A>'))
    assert (item.title, "title" in item.found) == ("how moths hear bats", False)


def chrome(*children: object) -> str:
    bar = {"type": "folder", "name": "Lesezeichenleiste", "children": list(children)}
    return json.dumps({"checksum": "0", "roots": {"bookmark_bar": bar, "other": {"children": []}}, "version": 1})


def test_chromes_own_file_is_read() -> None:
    page = {"type": "url", "name": "Using <br> well", "url": "https://a.example/1", "date_added": "13118850929335823"}

    got = read(chrome({"type": "folder", "name": "HTML", "children": [page]}))

    assert only(got) == Item(
        url="https://a.example/1",
        title="Using <br> well",
        tags=("HTML",),
        found={"title": "name", "saved": "2016-09-20T13:15:29+00:00"},
    )


def test_firefoxs_own_file_is_read() -> None:
    note = {"name": "bookmarkProperties/description", "value": "Mine"}
    feed = {"name": "livemark/feedURI", "value": "https://a.example/rss"}
    page = {"type": "text/x-moz-place", "uri": "https://a.example/1", "title": "One", "tags": "x,y", "annos": [note]}
    page["dateAdded"] = 1388166091644000
    live = {"type": "text/x-moz-place-container", "title": "The Paper", "annos": [feed]}
    folder = {"type": "text/x-moz-place-container", "title": "Bats", "children": [page, {"type": "x"}, live]}
    root = {"type": "text/x-moz-place-container", "root": "toolbarFolder", "title": "Barre", "children": [folder]}

    got = read(json.dumps({"root": "placesRoot", "title": "", "children": [root]}))

    assert got == Found(
        items=(
            Item(
                url="https://a.example/1",
                title="One",
                note="Mine",
                tags=("x", "y", "Bats"),
                found={"title": "title", "note": "description", "saved": "2013-12-27T17:41:31+00:00"},
            ),
        ),
        feeds=(FeedPlan("https://a.example/rss", name="The Paper", tags=("Bats",)),),
    )


def test_firefoxs_packed_backup_is_told_with_the_way_out() -> None:
    (unread,) = read(b"mozLz40\0\x10\x00\x00\x00abc").unread
    assert "Export Bookmarks to HTML" in unread.why


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (NETSCAPE, "There is no bookmark in it."),
        (chrome(), "There is no bookmark in it."),
        (chrome()[:-20], "From line 1 on it is broken and cannot be read."),
        (chrome()[:-1] + ', "x": ' + "[" * 100_000, "It is JSON, but nested so deep that nobody can have meant it."),
        ('{"roots": {"other": 7}}', "There is no bookmark in it."),
        ('{"root": "placesRoot", "children": {"a": [1]}}', "There is no bookmark in it."),
    ],
    ids=["empty list", "empty roots", "broken off", "too deep", "roots that are none", "children that are none"],
)
def test_a_file_without_a_bookmark_is_told(content: str, why: str) -> None:
    assert read(content) == Found(unread=(Unread("file", why),))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body><dl><dt>A word<dd>What it means</dl><a href='https://a.example'>x</a></body></html>",
        b'[{"url": "https://a.example"}]',
        b"title,url\n",
    ],
)
def test_other_files_are_left_to_others(content: bytes) -> None:
    assert not bookmarks.recognises(content, name="bookmarks.html")


@pytest.mark.parametrize(
    "body",
    ["<a href='x' ", '<A HREF="', "<!--", "<DL><DT><H3>x</H3>", "<DT><A HREF='https://a.example/'>x</A><DD>y", "<dd>"],
)
@pytest.mark.usefixtures("patience")
def test_a_flood_of_broken_marks_costs_little(body: str) -> None:
    read(NETSCAPE + body * (300_000 // len(body)))
