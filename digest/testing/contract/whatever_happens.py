"""Whatever breaks, wherever it breaks, there is one draft in the end, and it holds the issue."""

from __future__ import annotations

import pytest

from digest.exporting import ChangedThere
from digest.services.errors import ServiceError
from digest.testing.bench import Bench, Crash, CrashingWeb, a_letter, pictures, written_anew
from digest.testing.fake import FAULTS


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_around_any_call_of_the_first_export_is_mended_by_the_next(after: bool, bench: Bench) -> None:
    bench.letter = a_letter(**pictures(2)) if bench.way().service.can.pictures else a_letter()
    for number in range(bench.calls()):
        bench.fake.reset()
        bench.path.unlink(missing_ok=True)
        with pytest.raises(Crash):
            bench.way(CrashingWeb(number, after=after, allow_private=True)).export()
        bench.way().export()
        assert "The issue" in bench.draft()["HTML"], f"crashed at call {number}"
        assert bench.way().export().did == "unchanged"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_around_any_call_of_an_update_is_mended_by_the_next(after: bool, bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Title 0")
    for number in range(bench.calls()):
        bench.write(title=f"Title {number + 1}")
        with pytest.raises(Crash):
            bench.way(CrashingWeb(number, after=after, allow_private=True)).export()
        bench.way().export()
        assert f"Title {number + 1}" in bench.draft()["HTML"], f"crashed at call {number}"
        assert bench.way().export().did == "unchanged"


def test_after_a_crash_html_that_the_service_wrote_anew_is_still_ours(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Title 0")
    calls = bench.calls()
    bench.fake.reset()
    bench.path.unlink()
    bench.fake.retold = written_anew
    for number in range(calls):
        bench.write(title=f"Title {number}")
        with pytest.raises(Crash):
            bench.way(CrashingWeb(number, after=True, allow_private=True)).export()
        bench.way().export()
        assert f"Title {number}" in bench.draft()["HTML"], f"crashed at call {number}"


def test_after_a_crash_what_somebody_changed_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    before = len(bench.fake.seen)
    bench.way().export()
    writes = [number for number, seen in enumerate(bench.fake.seen[before:]) if seen.method != "GET"]
    bench.write(title="A third")
    with pytest.raises(Crash):
        bench.way(CrashingWeb(writes[-1], after=True, allow_private=True)).export()
    bench.fake.edit(bench.id, "A better subject")
    # Of a draft that took the place of ours nothing was written down when we were stopped.
    said = "no receipt.*A better subject" if bench.way().service.can.replaces else "cut short.*A better subject.*Either"
    with pytest.raises(ChangedThere, match=rf"(?s){said}"):
        bench.way().export()
    assert bench.draft()["subject"] == "A better subject"


@pytest.mark.parametrize("kind", FAULTS)
def test_after_any_fault_at_any_call_there_is_one_draft(kind: str, bench: Bench) -> None:
    for number in range(bench.calls()):
        bench.fake.reset()
        bench.path.unlink(missing_ok=True)
        bench.fake.fault(number, kind)
        bench.until_done()
        assert "The issue" in bench.draft()["HTML"], f"{kind} at call {number}"


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "garbage_after", "500_after", "503_before"])
def test_after_any_fault_at_any_call_of_an_update_it_holds_the_new_issue(kind: str, bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Title 0")
    for number in range(bench.calls()):
        bench.write(title=f"Title {number + 1}")
        bench.fake.fault(number, kind)
        bench.until_done()
        assert f"Title {number + 1}" in bench.draft()["HTML"], f"{kind} at call {number}"


def test_a_service_that_is_down_for_long_gets_one_draft_in_the_end(bench: Bench) -> None:
    for number in range(40):
        bench.fake.fault(number, ("drop_after", "500_after", "garbage_after", "reset")[number % 4])
    for _ in range(30):
        try:
            bench.way().export()
        except ServiceError:
            continue
        break
    assert "The issue" in bench.draft()["HTML"]


def test_an_answer_that_comes_too_late_is_no_second_draft(bench: Bench) -> None:
    bench.patience = 0.15
    creating = bench.creating()
    bench.fake.fault(creating, "late_after:0.4")
    bench.until_done()
    assert "The issue" in bench.draft()["HTML"]


@pytest.mark.parametrize("more", [1, 3])
def test_what_the_service_does_long_after_it_hung_up_is_no_second_draft(more: int, bench: Bench) -> None:
    creating = bench.creating()
    bench.fake.fault(creating, f"done_late:{more}")
    bench.until_done()
    assert "The issue" in bench.draft()["HTML"]


def test_nobody_waits_longer_than_the_service_asks(bench: Bench) -> None:
    bench.fake.refuses(0, 429, headers={"Retry-After": "7"})
    bench.way().export()
    assert bench.slept == [7.0]
    bench.write(title="Another")
    bench.fake.refuses(0, 429, headers={"Retry-After": "7200"})
    with pytest.raises(ServiceError, match="429"):
        bench.way().export()
    assert bench.slept == [7.0]
