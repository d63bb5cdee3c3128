"""Feeds are added to digest.toml and moved in it, and no other byte of it changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import config, urls
from digest.errors import CannotRead, DigestError
from digest.incoming import feed_list
from digest.models import FeedPlan

HEAD = '# Ours\n[publication]\nname = "Slow News" # no feed yet\nsender_email = "editor@paper.example"\n'
PAPER = FeedPlan("https://paper.example/feed", name='The "Paper"', tags=("moths", "bats"))


def test_a_feed_is_added_below_all_that_is_there() -> None:
    text, added = feed_list.with_feeds(HEAD, [PAPER])
    assert added == (PAPER,)
    assert text == (
        HEAD + '\n[[feed]]\nurl = "https://paper.example/feed"\nname = "The \\"Paper\\""\ntags = ["moths", "bats"]\n'
    )


def test_what_was_added_is_what_the_publication_follows(tmp_path: Path) -> None:
    plans = (PAPER, FeedPlan("https://b.example/rss", window=14, max=3, keep=("async",), block=("ad",), paused=True))

    text, _ = feed_list.with_feeds(HEAD, plans)

    assert config.parse(text.encode(), tmp_path / "digest.toml").feeds == plans


@pytest.mark.parametrize(
    "again",
    ["https://paper.example/feed", "http://www.paper.example/feed/", "https://paper.example/feed?utm_source=x"],
)
def test_a_feed_is_never_listed_twice(again: str) -> None:
    text, _ = feed_list.with_feeds(HEAD, [PAPER])
    assert feed_list.with_feeds(text, [FeedPlan(again)]) == (text, ())
    assert feed_list.with_feeds(HEAD, [PAPER, FeedPlan(again)]) == (text, (PAPER,))


def test_nothing_to_add_changes_nothing() -> None:
    assert feed_list.with_feeds(HEAD.rstrip("\n"), []) == (HEAD.rstrip("\n"), ())


def test_line_ends_and_the_mark_at_the_beginning_stay() -> None:
    before = "\ufeff" + HEAD.replace("\n", "\r\n")

    text, _ = feed_list.with_feeds(before, [FeedPlan("https://a.example/f")])

    assert text == before + '\r\n[[feed]]\r\nurl = "https://a.example/f"\r\n'


def test_a_last_line_without_its_end_gets_one() -> None:
    text, _ = feed_list.with_feeds(HEAD + "# The end", [FeedPlan("https://a.example/f")])
    assert text == HEAD + '# The end\n\n[[feed]]\nurl = "https://a.example/f"\n'


@pytest.mark.parametrize("listed", ['feed = [{url = "https://b.example/f"}]\n', "[feed]\n", 'feed = "x"\n'])
def test_a_list_that_takes_no_table_is_told(listed: str) -> None:
    with pytest.raises(DigestError, match=r"\[\[feed\]\]"):
        feed_list.with_feeds(listed, [PAPER])


def test_a_file_that_is_no_toml_is_told_with_its_line() -> None:
    with pytest.raises(CannotRead) as told:
        feed_list.with_feeds(HEAD + "name =\n", [PAPER])
    assert told.value.line == 5


MOVED = {
    "in double quotes": 'url = "https://old.example/f"',
    "in single quotes": "url='https://old.example/f'",
    "in three quotes": 'url = """https://old.example/f"""',
    "escaped": 'url = "https://old.example\\u002ff"',
    "under a quoted key": '"url" = "https://old.example/f"',
}


@pytest.mark.parametrize("line", MOVED.values(), ids=MOVED.keys())
def test_a_feed_that_moved_gets_its_address_where_the_old_one_stood(line: str) -> None:
    quote = "'" if "='" in line else '"'
    before = f'{HEAD}\n[[feed]]\nname = "a" # url = "https://old.example/f"\n{line} # kept\n\n[[feed]]\nurl="https://c.example"'

    text = feed_list.moved(before, "https://old.example/f", "https://new.example/f")

    key = line.partition("=")[0] + ("= " if "= " in line else "=")
    assert text == before.replace(f"\n{line} #", f"\n{key}{quote}https://new.example/f{quote} #")


def test_the_same_words_elsewhere_stay() -> None:
    table = '[[feed]]\nurl = "https://old.example/f"\n'
    before = f'[words]\nurl = "https://old.example/f"\n[theme]\nnote = """\n{table}"""\n# {table}'

    text = feed_list.moved(before + table, "https://old.example/f", "https://new.example/f")

    assert text == before + table.replace("old", "new")


def test_an_address_in_another_spelling_is_the_feed_too() -> None:
    before = '[[feed]]\nurl = "http://www.old.example/f/"\n'
    assert feed_list.moved(before, "https://old.example/f", "https://new.example/f") == (
        '[[feed]]\nurl = "https://new.example/f"\n'
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://nobody.example/f", "https://new.example/f"),
        ("https://old.example/f", "https://taken.example/f/"),
        ("https://old.example/f", ""),
    ],
    ids=["no such feed", "one that is followed already", "nowhere"],
)
def test_a_move_that_cannot_be_leaves_the_file_as_it_was(old: str, new: str) -> None:
    before = '[[feed]]\nurl = "https://old.example/f"\n[[feed]]\nurl = "https://taken.example/f"\n'
    assert feed_list.moved(before, old, new) == before


texts = st.text(st.characters(exclude_categories=()), max_size=20)
addresses = st.builds(lambda path: f"https://paper.example/{path}", texts)
plans = st.lists(st.builds(FeedPlan, addresses, name=texts, tags=st.lists(texts, max_size=3).map(tuple)), max_size=4)
files = st.sampled_from(
    [
        "",
        HEAD,
        HEAD + "[words]\nx = 'y'",
        HEAD.replace("\n", "\r\n"),
        "\ufeff" + HEAD,
        HEAD + '[[feed]]\nurl = "https://paper.example/"\n[feed.more]\nx = [1,\n2]\n[section.deep]\ny = nan\n',
    ]
)


def without_halves(text: str) -> str:
    """What a file can hold: half of a letter cannot be written."""
    return text.encode("utf-8", "ignore").decode()


@settings(max_examples=100, deadline=None)
@given(files, plans)
def test_whatever_is_added_reads_back_and_all_else_is_as_it_was(before: str, feeds: list[FeedPlan]) -> None:
    text, added = feed_list.with_feeds(before, feeds)

    assert text.startswith(before)
    was, now = (tomllib.loads(each.removeprefix("\ufeff")) for each in (before, text))
    listed = was.pop("feed", [])
    assert now.pop("feed", [])[len(listed) :] == [
        {"url": plan.url}
        | ({"name": without_halves(plan.name)} if plan.name else {})
        | ({"tags": [without_halves(tag) for tag in plan.tags]} if plan.tags else {})
        for plan in added
    ]
    assert repr(now) == repr(was)
    keys = [urls.key(plan.url) for plan in added]
    assert len(set(keys)) == len(keys)


@settings(max_examples=100, deadline=None)
@given(files, addresses, addresses)
def test_whatever_it_moves_to_reads_back_and_all_else_is_as_it_was(before: str, old: str, new: str) -> None:
    text, added = feed_list.with_feeds(before, [FeedPlan(old, name=old), FeedPlan("https://last.example/f")])
    if len(added) < 2:
        return

    after = feed_list.moved(text, added[0].url, new)

    was, now = (tomllib.loads(each.removeprefix("\ufeff")) for each in (text, after))
    (table,) = [each for each in was["feed"] if each["url"] == added[0].url]
    if after != text:
        table["url"] = without_halves(new)
    assert repr(now) == repr(was)
    head = text[: text.index("[[feed]]\nurl" if "\r" not in text else "[[feed]]\r\nurl")]
    assert after.startswith(head)
    assert after.endswith(text[text.rindex("[[feed]]") :])
