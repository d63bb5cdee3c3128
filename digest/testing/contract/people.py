"""What reaches people is asked for by name, once, and never tried again; a rehearsal reaches nobody."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.exporting import AlreadySent, MarkedSent, OnItsWay
from digest.services.calls import Call, Dry
from digest.services.errors import CannotDo, ServiceError, UnknownOutcome
from digest.testing.bench import Bench, CrashingWeb, a_letter, pictures


def test_a_test_reaches_the_addresses_named_and_nobody_else(bench: Bench) -> None:
    if not bench.way().service.can.test:
        with pytest.raises(CannotDo):
            bench.way().test(["me@reader.example"])
        return
    bench.way().test(["me@reader.example", "you@reader.example"])
    assert {each for _, each in bench.fake.tests} == {("me@reader.example", "you@reader.example")}


WHEN = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


def test_a_schedule_can_be_taken_back(bench: Bench) -> None:
    can = bench.way().service.can
    if not (can.schedule and can.unschedule):
        pytest.skip("the service cannot")
    assert bench.way().schedule(WHEN).receipt.state == "scheduled"
    with pytest.raises(OnItsWay):
        bench.way().export()
    bench.way().unschedule()
    assert (bench.receipt.state, bench.way().export().did) == ("draft", "unchanged")


@pytest.mark.mails_readers
def test_sending_is_done_once(bench: Bench) -> None:
    if not bench.way().service.can.send:
        pytest.skip("the service cannot")
    bench.way().send()
    assert bench.fake.mailed == [bench.id]
    with pytest.raises((AlreadySent, OnItsWay)):
        bench.way().send()
    assert bench.fake.mailed == [bench.id]


@pytest.mark.mails_readers
@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "garbage_after", "500_after", "429_before"])
@pytest.mark.parametrize("act", ["test", "schedule", "send"])
def test_what_reaches_people_is_never_tried_twice(act: str, kind: str, bench: Bench) -> None:
    if not getattr(bench.way().service.can, act):
        pytest.skip("the service cannot")
    given: tuple[Any, ...] = {"test": (["me@reader.example"],), "schedule": (WHEN,), "send": ()}[act]
    bench.way().export()
    before = len(bench.fake.seen)
    getattr(bench.way(), act)(*given)
    writes = [number for number, seen in enumerate(bench.fake.seen[before:]) if seen.method != "GET"]
    bench.fake.reset()
    bench.path.unlink()
    bench.way().export()
    bench.fake.fault(writes[0], kind)
    asked = len(bench.fake.seen)
    with contextlib.suppress(ServiceError):
        getattr(bench.way(), act)(*given)
        # Nothing in an answer without a body can be garbled: Mailchimp sends two tests, HTML and text.
        assert kind in ("garbage_after", "truncate_after")
        return
    assert len([each for each in bench.fake.seen[asked:] if each.method != "GET"]) == 1
    assert len(bench.fake.tests) <= 1


def test_status_says_where_it_stands(bench: Bench) -> None:
    assert bench.way().status().remote is None
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    remote = bench.way().status().remote
    assert remote is not None
    assert remote.state == "sent"
    assert (bench.receipt.state, bench.receipt.archive_url) == ("sent", remote.archive_url)


@pytest.mark.mails_readers
def test_a_sending_whose_end_was_unknown_is_cleared_up_by_looking(bench: Bench) -> None:
    if not bench.way().service.can.send:
        pytest.skip("the service cannot")
    bench.way().export()
    asked = len(bench.fake.seen)
    with contextlib.suppress(ServiceError):
        bench.way(CrashingWeb(10_000, after=True, allow_private=True)).send()
    writes = [number for number, seen in enumerate(bench.fake.seen[asked:]) if seen.method != "GET"]
    bench.fake.reset()
    bench.path.unlink()
    bench.way().export()
    bench.fake.fault(writes[0], "drop_after")
    with pytest.raises(UnknownOutcome, match="not known"):
        bench.way().send()
    intent = bench.receipt.intent
    assert intent is not None
    assert intent.what == "send"
    done = bench.way().status()
    assert any("ended without an answer" in note for note in done.notes)
    assert bench.receipt.intent is None


# --- dry runs


def test_a_dry_run_shows_what_an_export_would_ask_and_asks_nothing(bench: Bench) -> None:
    bench.letter = a_letter(**pictures(2)) if bench.way().service.can.pictures else a_letter()
    shown: list[Call] = []
    bench.way(dry="shown", shown=shown.append).rehearse()
    assert (bench.fake.seen, bench.path.exists()) == ([], False)
    bench.way().export()
    wanted = [(each.method, each.path) for each in bench.fake.writes()]
    told = [(each.method, "/" + each.url.split("/", 3)[3]) for each in shown if each.method != "GET"]
    assert [(method, path.replace("{id}", bench.id)) for method, path in told] == wanted
    assert bench.fake.secret not in repr(shown)


@pytest.mark.parametrize("dry", ["shown", "read"])
def test_a_dry_run_says_that_an_issue_was_sent(dry: Dry, bench: Bench) -> None:
    bench.letter = replace(bench.letter, sent=True)
    with pytest.raises(MarkedSent):
        bench.way(dry=dry).rehearse()
    assert bench.way(dry=dry).rehearse(force=True).did == "created"
    bench.way().export(force=True)
    bench.fake.turn(bench.id, "sent")
    bench.way().status()
    with pytest.raises(AlreadySent):
        bench.way(dry=dry).rehearse(force=True)


def test_a_dry_run_that_may_look_writes_nothing(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    before = (len(bench.fake.writes()), bench.path.read_bytes())
    shown: list[Call] = []
    assert bench.way(dry="read", shown=shown.append).rehearse().did == "updated"
    assert (len(bench.fake.writes()), bench.path.read_bytes()) == before
    assert shown
