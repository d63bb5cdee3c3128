"""Blanks travel as words, places as comments, and both come out as what they stand for."""

from __future__ import annotations

from digest import merge_tags
from digest.merge_tags import Blank
from digest.render.blanks import Blanks, measured, place


def test_a_blank_comes_back_from_its_word():
    blanks = Blanks(["Good morning"])
    word = blanks.word(Blank("first_name", "reader"))

    assert word.isalnum()
    assert blanks.marked(f"<p>Hi {word}</p>") == f"<p>Hi {Blank('first_name', 'reader').mark()}</p>"


def test_a_word_is_never_one_that_the_text_holds_already():
    first = Blanks(["text"])
    taken = first.word(Blank("email"))[:-3]

    assert not Blanks(["text", taken]).word(Blank("email")).startswith(taken)


def test_the_same_text_gives_the_same_words():
    assert Blanks(["a", "b"]).word(Blank("email")) == Blanks(["a", "b"]).word(Blank("email"))


def test_a_guard_comment_becomes_a_guard():
    html = Blanks([]).marked("<!--dg?view_url--><a>View</a><!--dg/view_url-->!")

    assert merge_tags.fill(html, merge_tags.plain({"view_url": "x"})) == "<a>View</a>!"
    assert merge_tags.fill(html, merge_tags.plain({})) == "!"


def test_each_story_is_weighed_without_the_marks_around_it():
    (start0, end0), (start1, end1) = place(0), place(1)

    html, spans = measured(f"<table>{start0}<tr>12345</tr>{end0}{start1}<p></p>{end1}</table>")

    assert html == "<table><tr>12345</tr><p></p></table>"
    assert {number: html[start:end] for number, (start, end) in spans.items()} == {0: "<tr>12345</tr>", 1: "<p></p>"}


def test_a_story_whose_end_was_lost_is_not_weighed():
    start, _ = place(3)

    assert measured(f"<b>{start}text</b>") == ("<b>text</b>", {})
