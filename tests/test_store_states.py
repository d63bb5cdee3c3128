"""Candidates move as the editor says, an undo takes it back, and whatever came in stays findable."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from digest.errors import CannotMove, DigestError, Mistakes
from digest.models import Item, State
from digest.store import Sent, Store


class Clock:
    """A clock that stands still until it is moved, in the editor's own time zone."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=1)))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(tmp_path / "inbox.db", clock=clock) as opened:
        yield opened


def a_story(store: Store, name: str = "moon") -> str:
    return store.add(Item(url=f"https://a.example/{name}", title=name)).id


def ran(name: str = "moon", slug: str = "12") -> Sent:
    return Sent(slug, None, date(2026, 3, 1), f"https://a.example/{name}", name)


def test_a_story_goes_to_the_shortlist_and_into_an_issue(store: Store) -> None:
    story = a_story(store)
    assert [each.state for each in store.shortlist([story])] == ["shortlisted"]
    placed = store.place(story, "12")
    assert (placed.state, placed.issue) == ("placed", "12")
    assert [each.id for each in store.candidates(issue="12")] == [story]


def test_a_skipped_story_tells_why(store: Store) -> None:
    story = a_story(store)
    [skipped] = store.skip([story], "too old")
    assert (skipped.state, skipped.why) == ("skipped", "too old")


def test_a_story_put_off_is_new_again_on_its_day_in_the_editors_time_zone(store: Store, clock: Clock) -> None:
    story = a_story(store)
    [put_off] = store.later([story], date(2026, 3, 4))
    assert (put_off.state, put_off.until) == ("later", date(2026, 3, 4))

    clock.now = datetime(2026, 3, 3, 23, 30, tzinfo=clock.now.tzinfo)
    assert store.candidates(states=["new"]) == []
    clock.now += timedelta(hours=1)
    assert clock.now.astimezone(UTC).day == 3

    [again] = store.candidates(states=["new"])
    assert (again.state, again.until) == ("new", None)
    assert store.counts()["later"] == 0


def test_a_story_is_put_off_to_a_day_that_is_to_come(store: Store) -> None:
    story = a_story(store)
    with pytest.raises(DigestError, match="2026-03-02 is not to come any more"):
        store.later([story], date(2026, 3, 2))


def test_what_stands_in_an_issue_is_neither_skipped_nor_placed_elsewhere(store: Store) -> None:
    story = a_story(store)
    store.place(story, "12")
    for refused in (lambda: store.skip([story]), lambda: store.place(story, "13")):
        with pytest.raises(CannotMove, match="it stands in 12"):
            refused()
    assert store.place(story, "12").issue == "12"
    assert store.find(story).state == "placed"


def test_what_ran_is_placed_again_only_when_asked_twice(store: Store) -> None:
    story = a_story(store)
    store.ledger_rebuild([ran()])
    with pytest.raises(CannotMove, match="it was sent in 12"):
        store.place(story, "13")
    assert store.place(story, "13", again=True).issue == "13"
    store.ledger_rebuild([ran()])
    assert store.find(story).state == "placed"
    assert [(each.state, each.issue) for each in store.unplace([story])] == [("sent", "12")]


def test_a_dropped_story_is_on_the_shortlist(store: Store) -> None:
    story = a_story(store)
    store.place(story, "12")
    assert [each.state for each in store.unplace([story])] == ["shortlisted"]
    with pytest.raises(CannotMove, match="it stands in no issue"):
        store.unplace([story])


def test_one_that_cannot_be_moved_keeps_all_where_they_are(store: Store) -> None:
    free, placed = a_story(store, "free"), a_story(store, "placed")
    store.place(placed, "12")
    with pytest.raises(Mistakes) as told:
        store.skip([free, placed, "nosuch"])
    assert len(told.value.mistakes) == 2
    assert store.find(free).state == "new"


def test_states_follow_the_ledger_both_ways(store: Store) -> None:
    story, never = a_story(store), a_story(store, "sun")
    store.place(story, "12")
    store.ledger_rebuild([ran()])
    assert (store.find(story).state, store.find(never).state) == ("sent", "new")
    store.ledger_rebuild([])
    assert (store.find(story).state, store.find(story).issue) == ("placed", "12")


def test_a_story_whose_link_the_editor_changed_is_sent_with_its_issue(store: Store) -> None:
    story = a_story(store)
    store.place(story, "12")
    store.ledger_rebuild([Sent("12", 12, date(2026, 3, 1), "https://better.example/1", "Moon")])
    assert store.find(story).state == "sent"


def test_states_follow_an_issue_file_that_was_edited_by_hand(store: Store) -> None:
    out, into = a_story(store, "out"), a_story(store, "into")
    store.place(out, "12")
    changed = store.reconcile("12", ["http://www.a.example/into/?utm_source=x", "https://never.example/"])
    assert {each.id: each.state for each in changed} == {out: "shortlisted", into: "placed"}
    assert store.reconcile("12", ["https://a.example/into"]) == []


def test_an_undo_takes_back_one_decision_at_a_time(store: Store) -> None:
    one, two = a_story(store, "one"), a_story(store, "two")
    store.skip([one, two], "old")
    store.renew([one])
    store.place(one, "12")

    assert store.undo().what == "place in 12"
    assert store.find(one).state == "new"
    assert store.undo().what == "renew"
    assert (store.find(one).state, store.find(one).why) == ("skipped", "old")
    assert [each.state for each in store.undo().candidates] == ["new", "new"]
    with pytest.raises(DigestError, match="nothing to undo"):
        store.undo()


def test_an_undo_does_not_unsend(store: Store) -> None:
    story = a_story(store)
    store.place(story, "12")
    store.ledger_rebuild([ran()])
    store.undo()
    assert store.find(story).state == "sent"


NAMES = st.sampled_from([f"story-{number}" for number in range(6)])
FREE = ("new", "shortlisted", "skipped", "later")


class StoriesOnlyGrow(RuleBasedStateMachine):
    """Whatever is done, in whatever order, with the inbox closed and opened between."""

    stories = Bundle("stories")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.store = self.opened()
        self.urls: dict[str, str] = {}
        self.states: dict[str, tuple[State, str]] = {}
        self.history: list[dict[str, tuple[State, str]]] = []

    def opened(self) -> Store:
        return Store.open(Path(self.folder.name) / "inbox.db", clock=self.clock)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(target=stories, name=NAMES, feed=st.sampled_from(["", "f", "g"]), guid=st.sampled_from(["", "1", "2"]))
    def add(self, name: str, feed: str, guid: str) -> str:
        url = f"https://a.example/{name}"
        added = self.store.add(Item(url=url, title=name, guid=guid), feed=feed)
        assert (added.outcome == "new") == (url not in self.urls)
        self.urls[url] = added.id
        self.states.setdefault(added.id, ("new", ""))
        return added.id

    def decided(self, story: str, state: State, issue: str = "") -> None:
        self.history.append(dict(self.states))
        self.states[story] = (state, issue)

    @rule(story=stories)
    def shortlist(self, story: str) -> None:
        if self.states[story][0] in FREE:
            self.store.shortlist([story])
            self.decided(story, "shortlisted")
        else:
            with pytest.raises(CannotMove):
                self.store.shortlist([story])

    @rule(story=stories, why=st.sampled_from(["", "old"]))
    def skip(self, story: str, why: str) -> None:
        if self.states[story][0] in FREE:
            self.store.skip([story], why)
            self.decided(story, "skipped")
        else:
            with pytest.raises(CannotMove):
                self.store.skip([story], why)

    @rule(story=stories)
    def put_off(self, story: str) -> None:
        if self.states[story][0] in FREE:
            self.store.later([story], self.clock.now.date() + timedelta(days=400))
            self.decided(story, "later")

    @rule(story=stories, slug=st.sampled_from(["1", "2"]))
    def place(self, story: str, slug: str) -> None:
        state, issue = self.states[story]
        if state in FREE or (state == "placed" and issue == slug):
            self.store.place(story, slug)
            self.decided(story, "placed", slug)
        else:
            with pytest.raises(CannotMove):
                self.store.place(story, slug)

    @rule(story=stories)
    def unplace(self, story: str) -> None:
        if self.states[story][0] == "placed":
            self.store.unplace([story])
            self.decided(story, "shortlisted")
        else:
            with pytest.raises(CannotMove):
                self.store.unplace([story])

    @precondition(lambda self: self.history)
    @rule()
    def undo(self) -> None:
        self.store.undo()
        self.states |= self.history.pop()

    @rule(story=consumes(stories))
    def group(self, story: str) -> None:
        self.store.suggest_groups()
        assert self.store.find(story).id == story

    @rule(hours=st.integers(1, 20))
    def wait(self, hours: int) -> None:
        self.clock.now += timedelta(hours=hours)

    @rule()
    def close_and_open(self) -> None:
        self.store.close()
        self.store = self.opened()

    @invariant()
    def every_story_is_there_in_its_state(self) -> None:
        found = self.store.candidates()
        assert {each.id: (each.state, each.issue) for each in found} == self.states
        assert {each.item.url: each.id for each in found} == self.urls
        assert sum(self.store.counts().values()) == len(self.urls)


TestStoriesOnlyGrow = StoriesOnlyGrow.TestCase
TestStoriesOnlyGrow.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
