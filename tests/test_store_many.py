"""Many items kept at once come to the same as each kept by itself, and a search finds them all."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.models import Item
from digest.store import Arrival, Sent, Store

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG = ["Probe lands near the south pole of the Moon", "Council votes on the budget of the town"]

arrivals = st.builds(
    Arrival,
    st.builds(
        Item,
        url=st.sampled_from(["", *(f"https://a.example/{name}" for name in ("1", "2", "3#x", "3#y", "#!r", "3", ""))]),
        title=st.sampled_from([*LONG, "Links", "Moon", ""]),
        guid=st.sampled_from(["", "g1", "g2"]),
        description=st.sampled_from(["", "Told at length."]),
        published=st.sampled_from([None, NOW]),
        aliases=st.sampled_from([(), ("https://a.example/1",), ("https://b.example/9", "https://b.example/")]),
        tags=st.sampled_from([(), ("Town",)]),
        note=st.sampled_from(["", "Read this"]),
    ),
    feed=st.sampled_from(["", "https://a.example/f'{}", "https://b.example/f"]),
    why=st.just("A feed"),
    skipped=st.sampled_from(["", "too old"]),
    raw=st.sampled_from([b"", b"<one>", b"<two>"]),
)


def everything(store: Store) -> list[list[tuple[object, ...]]]:
    """All that is in the file, but for the words' index and the packing."""
    with sqlite3.connect(store.path) as sql:
        tables = ("candidate", "tag", "alias", "guid", "sighting", "raw", "fetched")
        return [sql.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in tables]


@settings(max_examples=60, deadline=None)
@given(st.lists(arrivals, min_size=2, max_size=9), st.integers(1, 8), st.booleans())
def test_many_at_once_come_to_the_same_as_one_by_one(coming: list[Arrival], cut: int, some_ran: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ways = []
        for name in ("together", "singly"):
            with Store.open(Path(folder) / f"{name}.db", clock=lambda: NOW) as store:
                if some_ran:
                    store.ledger_rebuild([Sent("7", 7, NOW.date(), "https://a.example/1", "Moon")])
                if name == "together":
                    added = [*store.add_all(coming[:cut]), *store.add_all(coming[cut:]), *store.add_all(coming)]
                else:
                    added = [store.add_all([each])[0] for each in (*coming, *coming)]
                found = {each.id for each in store.candidates(text='"told at length"')}
                ways.append((added, everything(store), found))
        assert ways[0] == ways[1]


def test_a_search_finds_what_came_in_after_the_last_one(tmp_path: Path) -> None:
    with Store.open(tmp_path / "inbox.db", clock=lambda: NOW) as store:
        for name in ("moth", "bat"):
            store.add_all([Arrival(Item(url=f"https://a.example/{name}{n}", title=f"A {name}, {n}")) for n in range(3)])
            assert len(store.candidates(text=name)) == 3


def test_what_is_read_anew_is_found_by_its_new_words_whether_it_was_searched_before_or_not(tmp_path: Path) -> None:
    with Store.open(tmp_path / "inbox.db", clock=lambda: NOW) as store:
        for searched in (False, True):
            id_ = store.add(Item(url=f"https://a.example/{searched}", title="A moth")).id
            if searched:
                assert store.candidates(text="moth")
            store.replace_item(id_, Item(url=f"https://a.example/{searched}", title="A bat"))
        assert (len(store.candidates(text="moth")), len(store.candidates(text="bat"))) == (0, 2)


def test_a_great_many_are_searched_without_a_wait(tmp_path: Path) -> None:
    """They are indexed as they come, so the search itself writes nothing."""
    with Store.open(tmp_path / "inbox.db", clock=lambda: NOW) as store:
        store.add_all([Arrival(Item(url=f"https://a.example/{n}", title=f"Moth {n}")) for n in range(10_001)])
        before = (tmp_path / "inbox.db-wal").stat().st_size
        assert len(store.candidates(text="moth", limit=5)) == 5
        assert (tmp_path / "inbox.db-wal").stat().st_size == before


def test_an_inbox_from_before_the_index_waited_is_searched_as_before(tmp_path: Path) -> None:
    """Brought up by hand to the first version's tables, with one story in them."""
    from digest.store.schema import APPLICATION, STEPS

    with sqlite3.connect(tmp_path / "inbox.db", isolation_level=None) as sql:
        for statement in STEPS[0]:
            sql.execute(statement)
        sql.execute(
            "INSERT INTO candidate (n, id, key, page, anchor, url, title, plain, source, source_key, description, text,"
            " tags, rest, feed, why, first_seen, state) VALUES (1, 'bb', 'k', 'k', '', 'https://a.example/1', 'A moth',"
            " 'a moth', '', '', '', '', '', '{}', '', '', 1, 'new')"
        )
        sql.execute(f"PRAGMA application_id = {APPLICATION}")
        sql.execute("PRAGMA user_version = 1")
    sql.close()
    with Store.open(tmp_path / "inbox.db", clock=lambda: NOW) as store:
        store.add(Item(url="https://a.example/2", title="A second moth"))
        assert len(store.candidates(text="moth")) == 2
