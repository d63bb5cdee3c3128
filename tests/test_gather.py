"""Feeds come into the inbox: politely, each once, and a dead one costs nobody else anything."""

from __future__ import annotations

import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from web_server import Server, answer

from digest import gather as gathering
from digest.gather import Visit
from digest.incoming import feed_rules
from digest.models import FeedPlan, Item
from digest.store import Store
from digest.web import Web

NOW = datetime(2024, 2, 2, 9, tzinfo=UTC)


def a_feed(*titles: str, extra: str = "", date: str = "Thu, 01 Feb 2024 10:00:00 GMT") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://news.example/{title.replace(' ', '-')}</link>"
        f"<description>All about it.</description><pubDate>{date}</pubDate></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>News</title>{extra}{items}</channel></rss>".encode()


class Round:
    """A server with feeds, an inbox, and the rounds made between them."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.now = NOW
        self.server = server
        self.store = Store.open(folder / "inbox.db", clock=lambda: self.now)

    def __call__(self, *plans: FeedPlan, force: bool = False) -> list[Visit]:
        with Web(allow_private=True, connect=2, read=2, whole=4) as web:
            return gathering.gather(plans, self.store, web, now=self.now, force=force)

    def titles(self) -> set[str]:
        return {each.item.title for each in self.store.candidates()}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def make(tmp_path: Path, server: Server) -> Iterator[Round]:
    made = Round(tmp_path, server)
    yield made
    made.store.close()


def test_what_is_new_comes_in_and_the_same_again_adds_nothing(make: Round) -> None:
    plan = FeedPlan(make.server.says("/f", answer(a_feed("One thing", "Another thing"))))

    first, again = make(plan)[0], make(plan)[0]

    assert (first.name, first.new, first.seen) == ("News", 2, 0)
    assert (again.new, again.seen) == (0, 2)
    assert make.titles() == {"One thing", "Another thing"}


def test_a_feeds_stamps_are_sent_back_byte_for_byte(make: Round) -> None:
    stamps = (b'ETag: W/"a\xe9-1"', b"Last-Modified: Thu,  1 Feb 2024 8:00 GMT")
    plan = FeedPlan(make.server.says("/f", answer(a_feed("One thing"), "200 OK", *stamps)))
    make(plan)
    make.server.says("/f", answer(b"", "304 Not Modified"))

    visit = make(plan)[0]

    asked = make.server.seen[-1]
    assert asked.header("If-None-Match") == b'W/"a\xe9-1"'
    assert asked.header("If-Modified-Since") == b"Thu,  1 Feb 2024 8:00 GMT"
    assert (visit.new, visit.seen, visit.error) == (0, 0, "")


def test_a_feed_that_moved_for_good_is_asked_at_its_new_place(make: Round) -> None:
    new = make.server.says("/new", answer(a_feed("One thing")))
    plan = FeedPlan(make.server.says("/old", answer(b"", "301 Moved Permanently", f"Location: {new}")))

    first, again = make(plan)[0], make(plan)[0]

    assert first.note == f"moved to {new}"
    assert again.note == ""
    assert [seen.path for seen in make.server.seen] == ["/old", "/new", "/new"]


def test_a_login_page_that_a_feed_moved_to_does_not_become_the_feed(make: Round) -> None:
    login = make.server.says("/login", answer(b"<html><body>Welcome to our hotel</body></html>"))
    plan = FeedPlan(make.server.says("/f", answer(b"", "301 Moved Permanently", f"Location: {login}")))
    assert "web page" in make(plan)[0].error

    make.server.says("/f", answer(a_feed("One thing")))

    assert make(plan)[0].new == 1


def test_a_feed_that_moved_and_moved_back_is_found_again(make: Round) -> None:
    new = make.server.says("/new", answer(a_feed("One thing")))
    plan = FeedPlan(make.server.says("/old", answer(b"", "301 Moved Permanently", f"Location: {new}")))
    make(plan)
    make.server.says("/new", answer(b"", "404 Not Found"))
    make.server.says("/old", answer(a_feed("Another thing")))

    make(plan)

    assert make(plan)[0].new == 1


def test_a_feed_that_is_gone_for_good_is_not_asked_again_even_by_force(make: Round) -> None:
    plan = FeedPlan(make.server.says("/f", answer(b"", "410 Gone")))

    first, again = make(plan)[0], make(plan, force=True)[0]

    assert first.error == "gone for good (410)"
    assert "take it out of digest.toml" in again.note
    assert len(make.server.seen) == 1


def test_a_feed_that_asks_for_time_is_left_alone_until_then_unless_forced(make: Round) -> None:
    busy = answer(b"", "429 Too Many Requests", "Retry-After: 600")
    plan = FeedPlan(make.server.says("/f", busy))

    first, rested = make(plan)[0], make(plan)[0]
    make.now += timedelta(seconds=601)
    make(plan)
    make(plan, force=True)

    assert first.next_check == NOW + timedelta(seconds=600)
    assert rested.note == "asked to be left alone until then"
    assert len(make.server.seen) == 3


def test_nobody_can_ask_to_be_left_alone_for_years(make: Round) -> None:
    plan = FeedPlan(make.server.says("/f", answer(b"", "503 Busy", "Retry-After: 999999999999")))

    assert make(plan)[0].next_check == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("headers", "extra", "minutes"),
    [
        (("Cache-Control: max-age=1800",), "", 30),
        ((), "<ttl>45</ttl>", 45),
        (("Cache-Control: max-age=1800",), "<ttl>45</ttl>", 45),
        (("Cache-Control: max-age=31536000",), "", 360),
    ],
)
def test_the_longer_of_max_age_and_ttl_is_heeded_up_to_six_hours(
    make: Round, headers: tuple[str, ...], extra: str, minutes: int
) -> None:
    plan = FeedPlan(make.server.says("/f", answer(a_feed("One thing", extra=extra), "200 OK", *headers)))

    assert make(plan)[0].next_check == NOW + timedelta(minutes=minutes)


def test_a_sites_page_leads_to_its_feed_and_the_next_visit_goes_there_at_once(make: Round) -> None:
    page = b"<html><head><link rel=alternate type='application/rss+xml' href='/rss'></head><body>Hi</body></html>"
    make.server.says("/rss", answer(a_feed("One thing")))
    plan = FeedPlan(make.server.says("/", answer(page)))

    assert make(plan)[0].new == 1
    make(plan)

    assert [seen.path for seen in make.server.seen] == ["/", "/rss", "/rss"]


def test_dead_feeds_are_lines_of_the_table_and_cost_the_others_nothing(make: Round) -> None:
    good = make.server.says("/good", answer(a_feed("One thing")))
    plans = [
        FeedPlan("http://127.0.0.1:9/nobody"),
        FeedPlan(make.server.says("/gone", answer(b"", "404 Not Found"))),
        FeedPlan(make.server.says("/torn", answer(a_feed("Half")[:60], length=5000) + b"")),
        FeedPlan(make.server.says("/page", answer(b"<html><body>Hello</body></html>"))),
        FeedPlan("ftp://news.example/f"),
        FeedPlan(good),
    ]

    visits = make(*plans)

    assert [visit.plan for visit in visits] == plans
    assert [bool(visit.error) for visit in visits] == [True] * 5 + [False]
    assert make.titles() == {"One thing"}


def test_failures_are_counted_until_the_feed_answers_again(make: Round) -> None:
    plan = FeedPlan(make.server.says("/f", answer(b"", "500 Oh dear")))
    make(plan)

    assert make(plan)[0].error.endswith(", 2 times in a row")
    make.server.says("/f", answer(a_feed("One thing")))
    make(plan)
    assert make.store.feed(plan.url).failures == 0


def test_a_paused_feed_is_not_asked(make: Round) -> None:
    plan = FeedPlan(make.server.says("/f", answer(a_feed("One thing"))), paused=True)

    assert make(plan)[0].note == "paused in digest.toml"
    assert make.server.seen == []


def test_an_interruption_keeps_what_came(make: Round) -> None:
    plans = [FeedPlan(make.server.says(f"/{n}", answer(a_feed(f"Story {n}")))) for n in range(3)]

    def nothing(_: socket.socket) -> None:
        make.server.ended.wait(3)

    make.server.says("/slow", nothing)
    slow = FeedPlan(f"http://localhost:{make.server.port}/slow")

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    made: dict[int, Visit] = {}
    with Web(allow_private=True) as web, pytest.raises(KeyboardInterrupt):
        gathering.gather([*plans, slow], make.store, web, now=NOW, progress=interrupt, visits=made)

    assert 3 not in made
    assert make.titles() == {f"Story {at}" for at in made} != set()
    make(*plans)
    assert make.titles() == {"Story 0", "Story 1", "Story 2"}
    assert make.store.feed(slow.url).failures == 0


def many_feeds(server: Server) -> list[FeedPlan]:
    """So many that another process reads them; one is no feed."""
    told = [a_feed(f"Story {n}", f"Buy {n}") for n in range(30)] + [b"<html><body>Hello</body></html>"]
    return [FeedPlan(server.says(f"/{n}", answer(body)), block=("buy",)) for n, body in enumerate(told)]


def test_many_feeds_come_in_as_few_do(make: Round) -> None:
    visits = make(*many_feeds(make.server))

    assert [(visit.new, visit.left_out) for visit in visits[:30]] == [(1, 1)] * 30
    assert "web page" in visits[30].error
    assert {each.item.title for each in make.store.candidates(states=["new"])} == {f"Story {n}" for n in range(30)}


def test_many_feeds_come_in_where_no_other_process_can_be_had(
    make: Round, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once where nothing can be started, once where what starts ends at once."""
    plans = many_feeds(make.server)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert sum(visit.new for visit in make(*plans)) == 30
    monkeypatch.setattr(sys, "executable", "/bin/false")
    again = make(*plans)
    assert sum(visit.seen for visit in again) == 60, [(v.error, v.note, v.seen, v.new) for v in again][:4]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="/proc names the children of a process on Linux")
def test_no_process_outlives_an_interruption(make: Round) -> None:
    def children() -> set[str]:
        return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}

    before = children()
    during: set[str] = set()

    def interrupt(done: int, total: int) -> None:
        during.update(children() - before)
        raise KeyboardInterrupt

    with Web(allow_private=True) as web, pytest.raises(KeyboardInterrupt):
        gathering.gather(many_feeds(make.server), make.store, web, now=NOW, progress=interrupt)

    assert during
    assert not any(Path("/proc", pid).exists() for pid in during)


def test_a_feed_that_cannot_be_kept_costs_those_that_come_with_it_nothing(make: Round) -> None:
    plans = [FeedPlan(make.server.says(f"/{n}", answer(a_feed(f"Story {n}")))) for n in range(3)]
    other = sqlite3.connect(make.store.path)
    other.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON candidate WHEN new.title = 'Story 1'"
        " BEGIN SELECT RAISE(ABORT, 'no such table: told by a test'); END"
    )
    other.commit()

    visits = make(*plans)

    assert [bool(visit.error) for visit in visits] == [False, True, False]
    assert make.titles() == {"Story 0", "Story 2"}


# A feed's rules


def items(*titles: str, published: datetime | None = None) -> list[Item]:
    return [Item(url=f"https://a.example/{title}", title=title, source="A", published=published) for title in titles]


def skipped(plan: FeedPlan, found: list[Item]) -> list[str]:
    return [each.skipped for each in feed_rules.arrivals(plan, found, now=NOW)]


def test_a_blocked_word_is_stronger_than_a_kept_one() -> None:
    plan = FeedPlan("https://a.example/f", keep=("rust",), block=("sponsored",))

    assert skipped(plan, items("Rust 2", "Sponsored: Rust", "Go")) == [
        "",
        'holds "sponsored", which this feed blocks',
        "holds none of the words this feed keeps",
    ]


def test_what_the_feed_dates_before_the_window_is_left_out_and_what_it_does_not_date_stays() -> None:
    plan = FeedPlan("https://a.example/f", window=7)

    old = items("Old", published=NOW - timedelta(days=8)) + items("Undated") + items("Next year", published=NOW)

    assert skipped(plan, old) == ["older than 7 days", "", ""]


def test_each_candidate_says_why_it_is_here() -> None:
    plan = FeedPlan("https://a.example/f", name="Rust Blog", keep=("ASYNC",), tags=("rust",))

    arrival = feed_rules.arrivals(plan, items("All about async"), now=NOW)[0]

    assert (arrival.why, arrival.item.source, arrival.item.tags) == ('Rust Blog, for "ASYNC"', "Rust Blog", ("rust",))


def test_a_cap_counts_what_is_new_wherever_in_the_feed_it_stands(make: Round) -> None:
    plan = FeedPlan(make.server.says("/f", answer(a_feed("One", "Two", "Three"))), max=2)
    first = make(plan)[0]
    make.server.says("/f", answer(a_feed("One", "Two", "Three", "Four", "Five", "Six")))

    again = make(plan)[0]

    assert (first.new, first.left_out) == (2, 1)
    assert (again.new, again.left_out, again.seen) == (2, 1, 3)
    assert {each.item.title for each in make.store.candidates(states=["new"])} == {"One", "Two", "Four", "Five"}


def test_what_a_rule_left_out_is_kept_and_says_why(make: Round) -> None:
    plan = FeedPlan(make.server.says("/f", answer(a_feed("Buy this now", "News"))), block=("buy",))
    make(plan)

    left = make.store.candidates(states=["skipped"])

    assert [(each.item.title, each.why) for each in left] == [("Buy this now", 'holds "buy", which this feed blocks')]


def test_what_was_fetched_is_kept_once_for_all_its_stories(make: Round) -> None:
    body = a_feed("One", "Two")
    url = make.server.says("/f", answer(body, "200 OK", "Content-Type: application/rss+xml; charset=utf-8"))
    make(FeedPlan(url))

    one, two = make.store.fetched([each.id for each in make.store.candidates()])

    assert one[0] == body
    assert one[0] is two[0]
    assert (one[1]["url"], one[1]["charset"]) == (url, "utf-8")


# Any order of failures


class Weeks(RuleBasedStateMachine):
    """Feeds fail, come back, forget and repeat; the inbox only grows, and holds each story once."""

    folder: Callable[[], Path]

    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.make = Round(self.folder(), self.server)
        self.published: list[list[str]] = [[], []]
        self.plans = [FeedPlan(self.server.url(f"/{n}")) for n in range(2)]
        self.before: set[str] = set()
        self.came: set[str] = set()
        for feed in range(2):
            self.say(feed)

    def say(self, feed: int, body: bytes | None = None, status: str = "200 OK") -> None:
        shown = self.published[feed][-3:] if body is None else []
        self.server.says(f"/{feed}", answer(a_feed(*shown) if body is None else body, status))
        self.shown = {**getattr(self, "shown", {}), feed: set(shown)}

    @rule(feed=st.integers(0, 1))
    def publish(self, feed: int) -> None:
        self.published[feed].append(f"Feed {feed} story {len(self.published[feed])}")
        self.say(feed)

    @rule(feed=st.integers(0, 1), how=st.sampled_from(["500 No", "404 Not Found", "429 Busy", "200 OK"]))
    def fail(self, feed: int, how: str) -> None:
        self.say(feed, b"\x00<rss><broken", how)

    @rule(seed=st.integers(0, 9))
    def gather(self, seed: int) -> None:
        plans = list(self.plans)
        Random(seed).shuffle(plans)
        self.make.now += timedelta(days=1)
        self.make(*plans)
        self.came |= self.shown[0] | self.shown[1]

    @invariant()
    def only_grows(self) -> None:
        titles = [each.item.title for each in self.make.store.candidates()]
        assert len(titles) == len(set(titles))
        assert self.before <= set(titles)
        assert self.came <= set(titles)
        self.before = set(titles)

    def teardown(self) -> None:
        self.make.store.close()
        self.server.__exit__()


def test_stories_only_grow_however_feeds_fail(tmp_path_factory: pytest.TempPathFactory) -> None:
    class Here(Weeks):
        folder = staticmethod(lambda: tmp_path_factory.mktemp("weeks"))

    rules = settings(
        max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Here, settings=rules)
