"""The inbox keeps what comes in, folds what it has, and stays whole whatever stops it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from digest.errors import BrokenInbox, Busy, CannotRead, CannotWrite, NewerInbox, NoSuchCandidate
from digest.models import Item
from digest.store import Arrival, FeedFacts, Sent, Store
from digest.store.ids import id_of

MOON = "Probe lands near the south pole of the Moon"
FEED = "https://a.example/feed"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def go(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(tmp_path / "inbox.db", clock=clock) as opened:
        yield opened


def an_item(url: str = "https://a.example/moon", title: str = MOON, **more: object) -> Item:
    return Item(url=url, title=title, **more)  # type: ignore[arg-type]  # a maker of test data


def titles(store: Store, **asked: object) -> list[str]:
    return [each.item.title for each in store.candidates(**asked)]  # type: ignore[arg-type]


# Coming in


def test_an_item_comes_back_as_it_was_given(store: Store, clock: Clock) -> None:
    item = Item(
        url="https://a.example/moon?utm_source=x",
        title=MOON,
        guid="g1",
        source="The Ledger",
        author="Staff",
        published=datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        description="A lander.",
        text="One.\n\nTwo.",
        picture="https://a.example/moon.jpg",
        picture_alt="The Moon",
        aliases=("https://b.example/x",),
        language="en",
        minutes=4,
        tags=("space", "climate change"),
        note="Read this.",
        other_titles=("Moon landing",),
        removed="Share this",
        found={"title": "og:title"},
    )

    added = store.add(item, feed=FEED, why="A, keeps 'moon'")
    candidate = store.find(added.id)

    assert candidate.item == item
    assert (candidate.key, candidate.first_seen, candidate.state) == ("https://a.example/moon", clock.now, "new")
    assert (candidate.why, candidate.feed, candidate.also_at) == ("A, keeps 'moon'", FEED, ())


def test_times_come_back_in_utc(store: Store) -> None:
    local = timezone(timedelta(hours=-5))
    added = store.add(an_item(published=datetime(2026, 1, 1, 23, tzinfo=local)))
    published = store.find(added.id).item.published
    assert published is not None
    assert published.isoformat() == "2026-01-02T04:00:00+00:00"


@pytest.mark.parametrize("year", [1, 9999])
def test_a_date_at_the_end_of_time_is_kept_or_left_out(store: Store, year: int) -> None:
    for number, hours in enumerate((-14, 14)):
        moment = datetime(
            year, 12 if year > 1 else 1, 31 if year > 1 else 1, 12, tzinfo=timezone(timedelta(hours=hours))
        )
        added = store.add(an_item(f"https://a.example/{number}", f"{number}", published=moment))
        assert store.find(added.id).item.published in (moment, None)


def test_the_same_bytes_again_add_nothing(store: Store) -> None:
    arrivals = [Arrival(an_item(f"https://a.example/{n}", f"Story {n}", guid=str(n)), feed=FEED) for n in range(50)]
    first = store.add_all(arrivals)
    again = store.add_all(arrivals)

    assert {each.outcome for each in first} == {"new"}
    assert [(each.outcome, each.by, each.id) for each in again] == [("known", "key", each.id) for each in first]
    assert len(store.candidates()) == 50


def test_another_spelling_of_the_address_is_known(store: Store) -> None:
    first = store.add(an_item())
    again = store.add(an_item("http://www.a.example/moon/?utm_medium=rss#top", "Another headline for it"), feed=FEED)
    assert (again.outcome, again.by, again.id) == ("known", "key", first.id)


def test_where_a_redirect_ended_is_another_name_of_the_story(store: Store) -> None:
    short = store.add(an_item("https://sho.rt/1", "t", aliases=("https://a.example/moon",)))
    long = store.add(an_item("https://a.example/moon"))
    assert (long.outcome, long.by, long.id) == ("known", "alias", short.id)


def test_a_canonical_link_leads_to_the_story_that_is_there(store: Store) -> None:
    there = store.add(an_item("https://a.example/moon"))
    copy = store.add(an_item("https://amp.a.example/moon", "Moon", aliases=("https://a.example/moon",)))
    assert (copy.outcome, copy.by, copy.id) == ("known", "alias", there.id)
    assert store.find(there.id).also_at == ("https://amp.a.example/moon",)


@pytest.mark.parametrize("everywhere", ["https://a.example/", "https://consent.example/agree"])
def test_pages_that_all_name_one_address_stay_apart(store: Store, everywhere: str) -> None:
    stories = ["Rain in the north", "Ten books for winter", "How moths hear bats", "A budget in one chart"]
    added = [
        store.add(an_item(f"https://a.example/{n}", title, aliases=(everywhere,))) for n, title in enumerate(stories)
    ]
    assert [each.outcome for each in added] == ["new"] * 4


def test_a_guid_finds_a_story_whose_address_and_title_were_corrected(store: Store) -> None:
    first = store.add(
        an_item("https://a.example/mon", "Probe lands near the south pole of the Mon", guid="7"), feed=FEED
    )
    second = store.add(an_item(guid="7"), feed=FEED)
    assert (second.outcome, second.by, second.id) == ("known", "guid", first.id)


def test_a_feed_that_gives_every_item_one_guid_loses_none(store: Store) -> None:
    stories = ["Rain in the north", "Ten books for winter", "How moths hear bats"]
    added = store.add_all(
        Arrival(an_item(f"https://a.example/{n}", title, guid="1"), feed=FEED) for n, title in enumerate(stories)
    )
    assert [each.outcome for each in added] == ["new"] * 3


def test_two_feeds_may_use_one_guid(store: Store) -> None:
    store.add(an_item("https://a.example/1", "The first of two stories", guid="1"), feed=FEED)
    other = store.add(an_item("https://b.example/1", "The first of two tales", guid="1"), feed="https://b.example/feed")
    assert other.outcome == "new"


def test_an_equal_title_elsewhere_folds_and_is_shown(store: Store) -> None:
    first = store.add(an_item(), feed=FEED)
    other = store.add(an_item("https://b.example/77?utm_source=x", MOON.upper() + "!"), feed="https://b.example/feed")

    assert (other.outcome, other.by, other.id) == ("folded", "title", first.id)
    assert store.find(first.id).also_at == ("https://b.example/77",)


def test_an_equal_title_after_two_months_is_another_story(store: Store, clock: Clock) -> None:
    store.add(an_item())
    clock.go(days=61)
    assert store.add(an_item("https://b.example/77")).outcome == "new"


def test_a_short_title_folds_nothing(store: Store) -> None:
    store.add(an_item(title="Weekly links"))
    assert store.add(an_item("https://b.example/77", "Weekly links")).outcome == "new"


def test_a_column_that_comes_every_week_is_a_story_each_time(store: Store, clock: Clock) -> None:
    column = "What is everyone reading this week?"
    store.add(an_item("https://a.example/1", column, published=clock.now), feed=FEED)
    second = store.add(an_item("https://a.example/2", column, published=clock.now + timedelta(days=7)), feed=FEED)
    assert second.outcome == "new"


def test_stories_at_places_of_one_page_stay_apart(store: Store) -> None:
    episodes = ["https://cast.example/#episode-1", "https://cast.example/#episode-2", "https://cast.example/#episode-3"]
    added = [store.add(an_item(url, f"Episode {n}"), feed=FEED) for n, url in enumerate(episodes)]
    again = [store.add(an_item(url, f"Episode {n}"), feed=FEED) for n, url in enumerate(episodes)]

    assert [each.outcome for each in added] == ["new"] * 3
    assert [each.id for each in again] == [each.id for each in added]


def test_a_home_page_in_the_inbox_hides_none_of_its_places(store: Store) -> None:
    store.add(an_item("https://cast.example/", "The netcast"))
    assert store.add(an_item("https://cast.example/#episode-1", "Episode 1")).outcome == "new"


def test_a_place_in_a_story_is_that_story(store: Store) -> None:
    first = store.add(an_item())
    assert store.add(an_item("https://a.example/moon#comments", "Comments on: Probe")).id == first.id


def test_texts_without_an_address_are_known_by_their_words(store: Store) -> None:
    first = store.add(an_item("", "A note", text="Some words."))
    again = store.add(an_item("", "A note", text="Some  words."))
    other = store.add(an_item("", "A note", text="Other words."))
    assert (again.id, other.outcome) == (first.id, "new")


def test_what_a_later_sighting_knows_fills_what_was_empty(store: Store) -> None:
    added = store.add(an_item(author="Staff"))
    store.add(an_item(title="Moon!", author="Somebody else", description="A lander.", minutes=3))
    item = store.find(added.id).item
    assert (item.title, item.author, item.description, item.minutes) == (MOON, "Staff", "A lander.", 3)


def test_two_notes_are_both_kept(store: Store) -> None:
    added = store.add(an_item(note="Read this."))
    store.add(an_item(note="For the opening?"))
    store.add(an_item(note="Read this."))
    assert store.find(added.id).item.note == "Read this.\n\nFor the opening?"


def test_what_one_feeds_rule_drops_another_feed_brings_back(store: Store) -> None:
    added = store.add(an_item(), feed=FEED, skipped="A blocks 'moon'")
    assert (added.state, store.find(added.id).why) == ("skipped", "A blocks 'moon'")

    store.add(an_item(), feed="https://b.example/feed", why="B")

    assert (store.find(added.id).state, store.find(added.id).why) == ("new", "B")


def test_what_the_editor_skipped_stays_skipped_when_it_comes_again(store: Store) -> None:
    added = store.add(an_item(), feed=FEED)
    store.skip([added.id], "old")
    assert store.add(an_item(), feed="https://b.example/feed").state == "skipped"
    assert store.find(added.id).why == "old"


def test_what_was_fetched_can_be_read_again(store: Store) -> None:
    added = store.add(an_item(note="Mine."), raw=b"<html>" + bytes(5000))
    store.replace_item(added.id, an_item(title="A better title", text="More."))
    candidate = store.find(added.id)
    assert store.raw(added.id) == b"<html>" + bytes(5000)
    assert (candidate.item.title, candidate.item.text, candidate.item.note) == ("A better title", "More.", "Mine.")
    assert titles(store, text="better") == ["A better title"]
    assert titles(store, text="probe") == []


def test_a_text_no_database_could_hold_is_held(store: Store) -> None:
    added = store.add(an_item("https://a.example/\ud800", "half \ud800 and \x00 nul", guid="\ud800"), feed="\ud800")
    assert store.find(added.id).item.title == "half ? and  nul"


# Found again


def test_the_last_seen_comes_first(store: Store, clock: Clock) -> None:
    for title in ("one", "two", "three"):
        store.add(an_item(f"https://a.example/{title}", title, published=datetime(2040, 1, 1, tzinfo=UTC)))
        clock.go(minutes=1)
    assert titles(store) == ["three", "two", "one"]
    assert titles(store, oldest_first=True, limit=2) == ["one", "two"]


def test_candidates_are_chosen_by_what_they_are(store: Store, clock: Clock) -> None:
    store.add(an_item("https://a.example/1", "one", source="Rust Blog", tags=("Rust",)), feed=FEED)
    clock.go(days=1)
    noon = clock.now
    two = store.add(an_item("https://a.example/2", "two", source="The Ledger", tags=("news",)))
    store.shortlist([two.id])

    assert titles(store, states=["shortlisted"]) == ["two"]
    assert titles(store, source="rust") == titles(store, source=FEED) == titles(store, tag="rust") == ["one"]
    assert titles(store, since=noon) == ["two"]
    assert store.counts() == {"new": 1, "shortlisted": 1, "placed": 0, "sent": 0, "skipped": 0, "later": 0}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("moths", True),
        ("MOTH bats", True),
        ("mot", True),
        ("café", True),
        ("cafe", True),
        ('"hear bats"', True),
        ('"bats hear"', False),
        ("moths AND", False),
        ("NEAR(", False),
        ("title:moths", False),
        ('"unclosed moths', False),
        ("moths*", True),
        ("-moths", True),
        ("蛾", True),
        ("鳥", False),
        ("!!!", False),
        ("'; DROP TABLE candidate; --", False),
        ("\x00", False),
    ],
)
def test_words_are_looked_for_as_typed(store: Store, typed: str, found: bool) -> None:
    store.add(an_item("https://a.example/1", "How moths hear bats", description="In a café. 夜の蛾と蝙蝠"))
    assert bool(store.candidates(text=typed)) is found


def test_ids_are_short_and_all_different() -> None:
    ids = [id_of(number) for number in range(1, 20_001)]
    assert len(set(ids)) == 20_000
    assert [len(id_of(number)) for number in (1, 391, 392, 9384, 9385, 216_223)] == [2, 2, 3, 3, 4, 4]
    assert not set("".join(ids)) & set("aeiouyl01s5z2")


def test_an_id_is_found_however_it_is_typed(store: Store) -> None:
    added = store.add(an_item())
    for typed in (added.id, added.id.upper(), f" #{added.id} ", added.id[0], "http://www.a.example/moon/"):
        assert store.find(typed).id == added.id


def test_a_mistyped_id_is_guessed(store: Store) -> None:
    added = store.add(an_item())
    for wrong in (added.id[0] + "9", added.id + "9"):
        with pytest.raises(NoSuchCandidate, match=f'Did you mean: {added.id} "Probe lands'):
            store.find(wrong)


def test_a_beginning_that_several_ids_share_names_them(store: Store) -> None:
    ids = [store.add(an_item(f"https://a.example/{n}", f"Story {n}")).id for n in range(60)]
    shared = next(id_[0] for id_ in ids if sum(other[0] == id_[0] for other in ids) > 1)
    with pytest.raises(NoSuchCandidate, match="More than one candidate begins with"):
        store.find(shared)


def test_the_same_event_on_other_sites_is_grouped_and_none_is_dropped(store: Store) -> None:
    first = store.add(an_item())
    second = store.add(an_item("https://b.example/1", "Lander touches down near the Moon's south pole, probe intact"))
    store.add(an_item("https://c.example/1", "Ten books for winter evenings"))

    store.suggest_groups()

    assert [each.group for each in store.candidates(oldest_first=True)] == [first.id, first.id, ""]
    assert len(titles(store, group=second.id)) == 2
    assert len(titles(store, states=["new"])) == 3


def test_a_list_of_100000_is_chosen_from_an_index_alone(store: Store, tmp_path: Path) -> None:
    """The wide rows are read for those that are shown; timings are for benchmarks."""
    store.add(an_item())
    with sqlite3.connect(tmp_path / "inbox.db") as sql:
        plan = sql.execute(
            "EXPLAIN QUERY PLAN SELECT n FROM candidate INDEXED BY by_age"
            " WHERE state = 'new' AND instr(source_key, 'x') ORDER BY first_seen DESC, n DESC LIMIT 50"
        ).fetchall()
    assert [row[3] for row in plan] == ["SCAN candidate USING COVERING INDEX by_age"]


# Feeds and the ledger


def test_what_is_known_of_a_feed_comes_back(store: Store, clock: Clock) -> None:
    facts = FeedFacts(
        etag='W/"x\xe9"',
        last_modified="Mon, 02 Mar 2026 09:00:00 GMT",
        next_check=clock.now,
        failures=2,
        moved_to="https://b.example/feed",
        gone=True,
        title="A",
        last_seen=clock.now,
        last_error="timed out",
    )
    store.save_feed(FEED, facts)
    assert store.feed(FEED) == facts
    assert store.feed("https://never.example/") == FeedFacts()
    assert store.feeds() == {FEED: facts}


SENT = Sent("2020-01-01", 1, date(2020, 1, 1), "http://www.a.example/moon/", MOON)


def test_what_ran_is_found_back_to_the_first_issue(store: Store) -> None:
    store.ledger_rebuild([SENT, Sent("2021-01-01", None, date(2021, 1, 1), "", "A note")], files={"i.md": (1, 2)})
    assert store.sent("https://a.example/moon?utm_source=x") == SENT
    assert store.sent("https://a.example/sun", title=MOON) is None
    assert store.ledger_stamp() == {"i.md": (1, 2)}


def test_the_last_time_a_story_ran_is_told(store: Store) -> None:
    again = Sent("2022-01-01", 9, date(2022, 1, 1), "https://a.example/moon", "Moon")
    store.ledger_rebuild([SENT, again])
    assert store.sent("https://a.example/moon") == again


def test_a_title_that_ran_lately_is_found_at_another_address(store: Store, clock: Clock) -> None:
    lately = Sent("2026-02-20", 5, date(2026, 2, 20), "https://a.example/moon", MOON)
    store.ledger_rebuild([lately])
    assert store.sent("https://b.example/1", title=MOON) == lately
    clock.go(days=90)
    assert store.sent("https://b.example/1", title=MOON) is None


def test_an_episode_that_ran_does_not_stand_for_the_next(store: Store) -> None:
    store.ledger_rebuild([Sent("1", 1, date(2020, 1, 1), "https://cast.example/#episode-1", "Episode 1")])
    assert store.sent("https://cast.example/#episode-2", title="Episode 2") is None
    assert store.sent("https://cast.example/#episode-1", title="Episode 1") is not None


def test_what_ran_before_arrives_as_sent(store: Store) -> None:
    store.ledger_rebuild([SENT])
    added = store.add(an_item())
    assert (added.outcome, added.state, added.issue) == ("new", "sent", "2020-01-01")


def test_a_story_is_found_in_the_ledger_by_its_other_name(store: Store) -> None:
    store.add(an_item("https://sho.rt/1", "t", aliases=("https://a.example/moon",)))
    store.ledger_rebuild([SENT])
    assert store.sent("https://sho.rt/1") == SENT
    assert store.find("https://sho.rt/1").state == "sent"


# Whatever happens


def test_a_newer_inbox_is_left_alone(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "inbox.db"
    Store.open(path, clock=clock).close()
    with sqlite3.connect(path) as sql:
        sql.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerInbox, match="A newer digest has written this inbox"):
        Store.open(path, clock=clock)


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\x00" + b"\xff" * 8000])
def test_a_damaged_file_is_told_with_what_would_be_lost(tmp_path: Path, clock: Clock, content: bytes) -> None:
    path = tmp_path / "inbox.db"
    path.write_bytes(content)
    with pytest.raises(BrokenInbox) as told:
        Store.open(path, clock=clock).candidates()
    assert "What you lose are candidates" in told.value.hint
    assert path.read_bytes() == content


def test_a_file_damaged_in_the_middle_is_told(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "inbox.db"
    with Store.open(path, clock=clock) as store:
        store.add_all(Arrival(an_item(f"https://a.example/{n}", f"Story {n}")) for n in range(300))
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xa5" * (len(whole) - 8192))
    with pytest.raises(BrokenInbox), Store.open(path, clock=clock) as store:
        store.candidates()


def test_somebody_elses_database_is_left_alone(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "inbox.db"
    with sqlite3.connect(path) as sql:
        sql.execute("PRAGMA user_version = 1")
        sql.execute("CREATE TABLE theirs (a)")
    with pytest.raises(BrokenInbox):
        Store.open(path, clock=clock)


def test_a_file_that_holds_nothing_yet_becomes_an_inbox(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "inbox.db").touch()
    with Store.open(tmp_path / "inbox.db", clock=clock) as store:
        assert store.candidates() == []


def test_a_folder_in_the_way_is_told(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(CannotRead, match="it is a folder"):
        Store.open(tmp_path, clock=clock)
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite):
        Store.open(tmp_path / "file" / "inbox.db", clock=clock)


def test_a_mistake_in_the_middle_adds_nothing(store: Store) -> None:
    with pytest.raises(AttributeError):
        store.add_all([Arrival(an_item()), Arrival(None)])  # type: ignore[list-item]  # our own bug, say
    assert store.candidates() == []
    assert store.add(an_item()).outcome == "new"


def test_who_waits_too_long_is_told(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "inbox.db"
    Store.open(path, clock=clock).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy), Store.open(path, clock=clock, wait=0.1) as store:
        store.add(an_item())
    holder.close()


def test_a_reader_need_not_wait_for_a_writer(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "inbox.db"
    with Store.open(path, clock=clock) as store:
        store.add(an_item())
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("UPDATE candidate SET title = 'half'")
    with Store.open(path, clock=clock, wait=0.1) as store:
        assert titles(store) == [MOON]
    holder.close()


def in_a_child(work: str, path: Path, *words: str) -> subprocess.Popen[str]:
    """Another program with the inbox open as `store`; it prints what it has finished."""
    code = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from digest.errors import DigestError\nfrom digest.models import Item\n"
        "from digest.store import Arrival, Store\n"
        "clock = lambda: datetime.now(UTC)\npath, words = Path(sys.argv[1]), sys.argv[2:]\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code + work, str(path), *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    )


ADDING = """
with Store.open(path, clock=clock) as store:
    for n in range(int(words[1])):
        store.add_all([Arrival(Item(url=f"https://{words[0]}.example/{n}/{m}", title=f"{n} {m}")) for m in range(3)])
        store.shortlist([store.find(f"https://{words[0]}.example/{n}/0").id])
        print(n, flush=True)
"""


def test_two_programs_add_at_once_and_nothing_is_lost(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "inbox.db"
    children = [in_a_child(ADDING, path, name, "40") for name in ("a", "b")]
    for child in children:
        assert len(child.communicate(timeout=60)[0].split()) == 40
        assert child.returncode == 0
    with Store.open(path, clock=clock) as store:
        assert len(store.candidates()) == 240
        assert store.counts()["shortlisted"] == 80


@pytest.mark.parametrize("after", [0, 1, 4, 11])
def test_what_was_finished_before_a_kill_is_there_after_it(tmp_path: Path, clock: Clock, after: int) -> None:
    path = tmp_path / "inbox.db"
    child = in_a_child(ADDING, path, "a", "100000")
    assert child.stdout is not None
    for _ in range(after):
        child.stdout.readline()
    if not after:  # while the tables are being made
        deadline = time.monotonic() + 20
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.001)
    child.kill()
    done = after + len(child.stdout.read().split())
    child.wait()

    with Store.open(path, clock=clock) as store:
        for n in range(done):
            assert store.find(f"https://a.example/{n}/0").state == "shortlisted"
        assert len(store.candidates()) % 3 == 0
        assert store.add(an_item()).outcome == "new"
    with sqlite3.connect(path) as sql:
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)


WITH_LITTLE_ROOM = """
import resource
with Store.open(path, clock=clock) as store:
    store.add(Item(url="https://a.example/kept", title="Kept"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        for n in range(1000):
            store.add(Item(url=f"https://a.example/{n}", title="x", text=f"{n} " + "y" * 5000))
            print(n, flush=True)
    except DigestError as error:
        print(error.what)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit of this kind")
def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "inbox.db"
    *kept, told = in_a_child(WITH_LITTLE_ROOM, path).communicate(timeout=60)[0].splitlines()
    assert "the disk is full" in told
    with Store.open(path, clock=clock) as store:
        assert len(store.candidates()) == 1 + len(kept) > 1


READ_ONLY = """
import os
if os.geteuid() == 0:
    os.chmod(path.parent, 0o555)
    os.setuid(65534)
for wanted in (path, path.parent / "sub" / "other.db", path.parent / "other.db"):
    try:
        with Store.open(wanted, clock=clock) as store:
            store.add(Item(url="https://a.example/2", title="Two"))
        print("written")
    except DigestError as error:
        print(error.what)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a folder is made read-only another way there")
def test_a_read_only_folder_is_told(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    with Store.open(folder / "inbox.db", clock=clock) as store:
        store.add(an_item())
    for each in (tmp_path, *tmp_path.parents):
        if each.is_relative_to(tempfile.gettempdir()) and each != Path(tempfile.gettempdir()):
            each.chmod(0o755)
    folder.chmod(0o555)
    said = in_a_child(READ_ONLY, folder / "inbox.db").communicate(timeout=60)[0].splitlines()
    folder.chmod(0o755)
    assert len(said) == 3
    assert all(line.startswith("Cannot write") or "Nothing was written" in line for line in said), said


def test_writers_take_turns(tmp_path: Path, clock: Clock) -> None:
    """Each waits for the others instead of failing, the first time too, when the tables are made."""
    path = tmp_path / "inbox.db"
    failed: list[BaseException] = []

    def add(name: str) -> None:
        try:
            with Store.open(path, clock=clock) as store:
                for n in range(25):
                    store.add(an_item(f"https://{name}.example/{n}", f"{name} {n}"))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=add, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with Store.open(path, clock=clock) as store:
        assert len(store.candidates()) == 75
