"""Settings become dataclasses, and whatever is wrong in them is told in an editor's words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from digest import decode
from digest.errors import CannotRead, DigestError

PATH = Path("digest.toml")


@dataclass(frozen=True)
class Paper:
    name: str
    pages: int = 4
    folded: bool = False
    kinds: tuple[str, ...] = ()
    size: Literal["a4", "letter"] = "a4"


def decoded(data: dict[str, object]) -> tuple[Paper | None, list[str]]:
    mistakes: list[DigestError] = []
    made = decode.table(Paper, data, where="[paper]", mistakes=mistakes)
    return made, [each.what for each in mistakes]


def test_a_table_becomes_a_dataclass_and_defaults_fill_the_rest() -> None:
    assert decoded({"name": "News", "pages": 8, "kinds": ["daily"]}) == (Paper("News", 8, kinds=("daily",)), [])


def test_every_mistake_of_a_table_is_told_at_once() -> None:
    made, told = decoded({"name": 5, "pages": "eight", "folded": 1, "kinds": "daily", "size": "a5"})
    assert made is None
    assert told == [
        "name should be a text in quotes, not 5.",
        'pages should be a whole number, not "eight".',
        "folded should be true or false, not 1.",
        'kinds should be a list such as ["one", "two"], not "daily".',
        'size should be "a4" or "letter", not "a5".',
    ]


def test_true_is_no_number() -> None:
    assert decoded({"name": "News", "pages": True})[1] == ["pages should be a whole number, not true."]


def test_a_missing_key_is_told_with_the_line_to_write() -> None:
    mistakes: list[DigestError] = []
    decode.table(Paper, {}, where="[paper]", mistakes=mistakes, path=PATH, line_of=lambda key: 3)
    assert [str(each) for each in mistakes] == [
        '[paper] lacks "name".\n  digest.toml:3\n  Write a line  name = "..."  below [paper].'
    ]


def test_a_misspelt_key_is_not_told_a_second_time_as_missing() -> None:
    assert decoded({"nmae": "News"})[1] == ['[paper] knows no "nmae". Did you mean "name"?']


def test_a_text_with_control_characters_is_refused() -> None:
    """Two of them would pass for a blank, and mrml takes none."""
    assert decoded({"name": "a\x02unsubscribe_url\x03"})[1][0].startswith("name should be a text without control")


def test_a_value_of_thousands_of_letters_is_shown_in_one_line() -> None:
    assert len(decoded({"name": "News", "size": "x" * 5000})[1][0]) < 140


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a = hello", 1, "what stands behind the = is no value; a text needs quotes around it"),
        ("\na = “curly”", 2, "the quotes around a text have to be straight ones"),
        ('a = "x" y', 1, "the value goes on behind its end; a text needs quotes around all of it"),
        ('a = "x\nb = 1', 1, "a text is not closed with quotes on its line"),
        ('b = 1\na = """x\n\n', 2, "a text is never closed with quotes"),
        ("a = '''x", 1, "a text is never closed with quotes"),
        ('a = "1"\n\na = "2"', 3, "this stands here a second time"),
        ("[x]\n[x]", 2, "this table stands here a second time"),
        ("name: x", 1, "behind a key belongs = and a value"),
        ("[publication\n", 1, "the name of a table is not closed with ]"),
        ('a = "C:\\docs"', 1, "a backslash in a text has to be written twice"),
        ('a = "\x07"', 1, "there is a character here that nobody can see"),
        ("a = " + "9" * 5000, 1, "this is no setting"),
        ("= 3", 1, "this is no setting"),
    ],
)
def test_a_fault_in_the_toml_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(CannotRead) as caught:
        decode.toml(text, PATH)
    assert (caught.value.what, caught.value.line) == (f"Cannot read: {reason}.", line)


def test_lists_nested_by_the_thousand_are_refused() -> None:
    with pytest.raises(CannotRead, match="too deep"):
        decode.toml("a = " + "[" * 5000, PATH)


def test_every_key_has_its_line() -> None:
    text = '# a\n[one]\n"k" = 1\ntext = """\nfake = 2\n[fake]\n"""\n\n[[two]]\na.b = 1\n[[two]]\na = "\u2028"\nb = 2\n'
    assert decode.toml(text, PATH)[1] == {
        "one": 2,
        "one.k": 3,
        "one.text": 4,
        "two.0": 9,
        "two.0.a.b": 10,
        "two.1": 11,
        "two.1.a": 12,
        "two.1.b": 13,
    }


def test_a_comment_with_three_quotes_hides_no_line() -> None:
    assert decode.toml('# """\n[a]\nb = 1\n', PATH)[1] == {"a": 2, "a.b": 3}


@pytest.mark.parametrize("content", ["\ufeffa = 1\r\nb = 2\r\n".encode(), b"a = 1\rb = 2\r"])
def test_byte_order_mark_and_line_ends_do_not_matter(content: bytes) -> None:
    assert decode.toml(decode.text(content, PATH), PATH) == ({"a": 1, "b": 2}, {"a": 1, "b": 2})


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    with pytest.raises(CannotRead, match="UTF-16"):
        decode.text("\ufeffa = 1".encode(encoding), PATH)


def test_another_encoding_is_told_with_its_line() -> None:
    with pytest.raises(CannotRead) as caught:
        decode.text('a = 1\nb = "Café"'.encode("latin-1"), PATH)
    assert caught.value.place == "digest.toml:2"
