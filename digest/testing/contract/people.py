"""What reaches people is asked for by name, once, and never tried again; a rehearsal reaches nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.exporting import AlreadySent, ChangedThere, MarkedSent, OnItsWay
from digest.services.calls import Call, Dry
from digest.services.errors import CannotDo, ServiceError, UnknownOutcome
from digest.testing.bench import Bench, CrashingWeb, a_letter, pictures
from digest.testing.fake import Seen


def test_a_test_reaches_the_addresses_named_and_nobody_else(bench: Bench) -> None:
    if not bench.way().service.can.test:
        with pytest.raises(CannotDo):
            bench.way().test(["me@reader.example"])
        return
    bench.way().test(["me@reader.example", "you@reader.example"])
    assert {address for _, each in bench.fake.tests for address in each} == {"me@reader.example", "you@reader.example"}


WHEN = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


def test_a_schedule_can_be_taken_back(bench: Bench) -> None:
    can = bench.way().service.can
    if not (can.schedule and can.unschedule):
        pytest.skip("the service cannot")
    done = bench.way().schedule(WHEN)
    assert (done.did, done.receipt.state) == ("scheduled", "scheduled")
    assert done.remote is not None
    assert done.remote.when == WHEN
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


def test_what_somebody_made_of_a_draft_is_not_sent_as_the_issue(bench: Bench) -> None:
    able = bench.way().service.can
    bench.way().export()
    bench.fake.edit(bench.id, "A better subject")
    for act in ("schedule", "send"):
        if getattr(able, act):
            with pytest.raises(ChangedThere, match="subject"):
                getattr(bench.way(), act)(*ACTS[act])
    assert (bench.fake.mailed, bench.draft()["subject"]) == ([], "A better subject")
    assert bench.way().status().remote.state == "draft"  # type: ignore[union-attr]


ACTS: dict[str, tuple[Any, ...]] = {"test": (["me@reader.example"],), "schedule": (WHEN,), "unschedule": (), "send": ()}


def stands(bench: Bench) -> tuple[str, int, list[str]]:
    """What came of all that was asked: the draft's state, tests and sendings."""
    found = bench.way().service.read(bench.id)
    return found.state if found is not None else "", len(bench.fake.tests), list(bench.fake.mailed)


def begin(act: str, bench: Bench) -> int:
    """A draft to which `act` can be done; how many requests there were so far."""
    bench.fake.reset()
    bench.path.unlink(missing_ok=True)
    bench.way().export()
    if act == "unschedule":
        bench.way().schedule(WHEN)
    return len(bench.fake.seen)


@pytest.mark.mails_readers
@pytest.mark.parametrize("kind", ["drop_after", "says_after:[7]", "429_before"])
@pytest.mark.parametrize("act", ACTS)
def test_what_reaches_people_is_never_tried_twice_and_its_end_is_told_truly(act: str, kind: str, bench: Bench) -> None:
    can = bench.way().service.can
    if not getattr(can, act) or (act == "unschedule" and not can.schedule):
        pytest.skip("the service cannot")
    before = begin(act, bench)
    getattr(bench.way(), act)(*ACTS[act])
    wanted, calls = stands(bench), bench.fake.seen[before:]
    for number in (number for number, seen in enumerate(calls) if seen.method != "GET"):
        begin(act, bench)
        was, asked = stands(bench), len(bench.fake.seen)
        bench.fake.fault(number, kind)
        error: ServiceError | None = None
        try:
            getattr(bench.way(), act)(*ACTS[act])
        except ServiceError as refused:
            error = refused
        writes = [each for each in bench.fake.seen[asked:] if each.method != "GET"]
        said, now = str(error or ""), stands(bench)
        if error is None:
            # Nothing in an answer without a body can be garbled.
            assert kind == "says_after:[7]"
            assert now == wanted
        else:
            # Those before it, and it: once each.
            assert len(writes) == number_of(calls, number)
            told = isinstance(error, UnknownOutcome) or "now it says" in said
            assert (now == was) if "Nothing was" in said else (now != was or told)
        assert bench.way().status().remote == bench.way().service.read(bench.id)
        assert now == stands(bench)


def number_of(calls: Sequence[Seen], number: int) -> int:
    return len([each for each in calls[: number + 1] if each.method != "GET"])


@pytest.mark.mails_readers
def test_a_sending_that_comes_about_long_after_its_answer_was_lost_is_not_asked_for_again(bench: Bench) -> None:
    if not bench.way().service.can.send:
        pytest.skip("the service cannot")
    before = begin("send", bench)
    bench.way().send()
    writes = [number for number, seen in enumerate(bench.fake.seen[before:]) if seen.method != "GET"]
    begin("send", bench)
    bench.fake.fault(writes[0], "done_late:3")
    with pytest.raises(UnknownOutcome):
        bench.way().send()
    with pytest.raises((AlreadySent, OnItsWay)):
        bench.way().send()
    assert bench.fake.mailed == [bench.id]


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
