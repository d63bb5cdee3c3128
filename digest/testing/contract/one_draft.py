"""An export leaves one draft, updates it, and never writes over what others did there."""

from __future__ import annotations

import contextlib
import copy
from dataclasses import replace
from typing import Any

import pytest

from digest.exporting import AlreadySent, ChangedThere, MarkedSent, OnItsWay, SeveralDrafts
from digest.exporting.stops import CopiedReceipts, LeftBehind, SentBefore
from digest.receipts import BrokenReceipts, NewerReceipts
from digest.services.errors import ServiceError
from digest.testing.bench import Bench, Crash, CrashingWeb, a_letter, told_as, written_anew


def test_an_export_leaves_one_draft_that_holds_the_issue(bench: Bench) -> None:
    done = bench.way().export()
    held = bench.draft()
    assert done.did == "created"
    assert held["subject"] == "Five stories"
    assert "<h1>The issue</h1>" in held["HTML"]
    assert "<!--[if mso]><table>" in held["HTML"]
    assert "\x02" not in "".join(held.values())


def test_every_part_that_the_service_has_a_place_for_arrives(bench: Bench) -> None:
    can = bench.way().service.can
    bench.way().export()
    held = bench.draft()
    assert ("What is in it" in held["HTML"]) == (not can.preheader)
    assert held.get("preheader", "") == ("What is in it" if can.preheader else "")
    assert ("Dear" in held.get("text part", "")) == can.text
    assert ("<html" in held["HTML"]) == (not can.fragment)


def test_the_same_issue_again_writes_nothing(bench: Bench) -> None:
    bench.way().export()
    before = (len(bench.fake.writes()), bench.path.read_bytes())
    done = bench.way().export()
    assert (done.did, len(bench.fake.writes()), bench.path.read_bytes()) == ("unchanged", *before)


def test_a_changed_issue_changes_the_same_draft(bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    bench.write(subject="Six stories", title="Another")
    assert bench.way().export().did == "updated"
    # Some can only put another one in its place.
    assert (bench.id != first, bench.draft()["subject"]) == (bench.way().service.can.replaces, "Six stories")
    assert "Another" in bench.draft()["HTML"]
    assert bench.way().export().did == "unchanged"


def test_what_somebody_changed_there_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    bench.fake.edit(bench.id, "A better subject")
    bench.write(title="Another")
    with pytest.raises(ChangedThere, match="subject"):
        bench.way().export()
    assert bench.draft()["subject"] == "A better subject"
    bench.way().export(force=True)
    assert bench.draft()["subject"] == "Five stories"


def test_what_somebody_changes_between_our_look_and_our_write_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    remote = bench.way().service.read(bench.id)
    if remote is None or not remote.version:
        pytest.skip("the service knows no locks")
    bench.write(title="Another")

    def changed_now(answer: Any) -> Any:
        bench.fake.retold = None
        answer = copy.deepcopy(answer)
        bench.fake.edit(bench.id, "A better subject")
        return answer

    bench.fake.retold = changed_now
    with pytest.raises(ChangedThere):
        bench.way().export()
    assert bench.draft()["subject"] == "A better subject"


def test_a_state_that_nobody_knows_is_no_draft(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.fake.retold = told_as("status", "frobbed")
    if "status" not in bench.fake.campaigns[bench.id]:
        pytest.skip("the service has no word for it")
    writes = len(bench.fake.writes())
    with pytest.raises(ServiceError, match="frobbed"):
        bench.way().export(force=True)
    assert len(bench.fake.writes()) == writes


def test_a_change_there_is_left_when_the_issue_has_none(bench: Bench) -> None:
    bench.way().export()
    bench.fake.edit(bench.id, "A better subject")
    done = bench.way().export()
    assert (done.did, bench.draft()["subject"]) == ("unchanged", "A better subject")
    assert any("by hand" in note for note in done.notes)
    assert bench.way().export(force=True).did == "updated"
    assert bench.draft()["subject"] == "Five stories"


def test_what_was_sent_is_refused_even_by_force(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    bench.write(title="Another")
    writes = len(bench.fake.writes())
    for force in (False, True):
        with pytest.raises(AlreadySent):
            bench.way().export(force=force)
    assert (len(bench.fake.writes()), bench.receipt.state) == (writes, "sent")


def test_what_was_sent_and_is_called_a_draft_again_is_written_over_by_force_alone(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    bench.way().status()
    bench.fake.turn(bench.id, "draft")
    assert bench.way().status().receipt.state == "sent"
    bench.write(title="Another")
    writes = len(bench.fake.writes())
    with pytest.raises(SentBefore):
        bench.way().export()
    assert len(bench.fake.writes()) == writes
    assert bench.way().export(force=True).did == "updated"
    assert bench.way().export().did == "unchanged"


def test_html_that_the_service_writes_anew_is_changed_by_nobody(bench: Bench) -> None:
    bench.fake.retold = written_anew
    bench.way().export()
    assert bench.way().export().notes == bench.way().export().notes
    assert not any("by hand" in note for note in bench.way().export().notes)
    bench.write(title="Another")
    assert bench.way().export().did == "updated"
    bench.path.unlink()
    assert bench.way().export().did == "adopted"


def test_what_is_scheduled_has_to_be_unscheduled_first(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "scheduled")
    bench.write(title="Another")
    writes = len(bench.fake.writes())
    with pytest.raises(OnItsWay, match="scheduled"):
        bench.way().export(force=True)
    assert len(bench.fake.writes()) == writes


def test_a_draft_that_is_gone_is_made_again_and_said_so(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "gone")
    done = bench.way().export()
    assert done.did == "created"
    assert any("gone" in note for note in done.notes)
    assert "The issue" in bench.draft()["HTML"]


def test_what_was_sent_and_is_gone_from_there_is_not_made_again(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    assert bench.way().status().receipt.state == "sent"
    bench.fake.turn(bench.id, "gone")
    writes = len(bench.fake.writes())
    for force in (False, True):
        with pytest.raises(AlreadySent):
            bench.way().export(force=force)
    assert (len(bench.fake.writes()), bench.receipt.state) == (writes, "sent")


def test_an_issue_that_ran_elsewhere_gets_a_draft_by_force_alone(bench: Bench) -> None:
    bench.letter = replace(bench.letter, sent=True)
    with pytest.raises(MarkedSent):
        bench.way().export()
    assert bench.fake.writes() == []
    assert bench.way().export(force=True).did == "created"


# --- by another name


def renamed(bench: Bench, slug: str, *, keep: bool = False) -> None:
    """The editor renames the issue and its receipts, or copies both."""
    content, old = bench.path.read_bytes(), bench.path
    bench.letter = replace(bench.letter, slug=slug)
    bench.path.write_bytes(content)
    if not keep:
        old.unlink()


def test_an_issue_that_is_renamed_keeps_its_draft(bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    renamed(bench, "012-late")
    assert (bench.way().export().did, bench.id != first) == ("updated", bench.way().service.can.replaces)
    first = bench.id
    assert bench.way().export().did == "unchanged"


def test_an_issue_of_a_newsletter_that_is_renamed_keeps_its_draft(bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    bench.letter = replace(bench.letter, publication="Slower News")
    bench.way().export()
    assert (bench.id == first) != bench.way().service.can.replaces
    assert bench.way().export().did == "unchanged"


@pytest.mark.parametrize("name", ["issue", "publication"])
def test_a_draft_whose_answer_was_lost_is_found_though_it_is_renamed_meanwhile(name: str, bench: Bench) -> None:
    creating = bench.creating()
    with pytest.raises(Crash):
        bench.way(CrashingWeb(creating, after=True, allow_private=True)).export()
    if name == "issue":
        renamed(bench, "012-late")
    else:
        bench.letter = replace(bench.letter, publication="Slower News")
    with contextlib.suppress(ChangedThere):  # its name is a part of it in some
        bench.way().export()
    bench.way().export(force=True)
    assert "The issue" in bench.draft()["HTML"]


def test_an_issue_copied_with_its_receipts_is_not_written_over_the_first(bench: Bench) -> None:
    bench.way().export()
    bench.path.with_name("012.md").write_text("", "utf-8")
    renamed(bench, "013", keep=True)
    bench.write(title="The next issue")
    seen = len(bench.fake.seen)
    for force in (False, True):
        with pytest.raises(CopiedReceipts, match=r"012\.receipts\.toml"):
            bench.way().export(force=force)
    with pytest.raises(CopiedReceipts):
        bench.way().status()
    assert len(bench.fake.seen) == seen
    bench.path.unlink()
    assert bench.way().export().did == "created"
    assert len(bench.fake.drafts) == 2


def test_an_issue_renamed_without_its_receipts_gets_no_second_draft(bench: Bench) -> None:
    bench.way().export()
    left = bench.path
    bench.letter = replace(bench.letter, slug="012-late")
    bench.write(subject="Five late stories")
    with pytest.raises(LeftBehind, match=r"012-late\.receipts\.toml"):
        bench.way().export()
    assert len(bench.fake.drafts) == 1
    # Beside its issue it is that issue's.
    left.with_name("012.md").write_text("", "utf-8")
    assert bench.way().export().did == "created"


# --- without a receipt


def test_a_draft_whose_receipt_was_lost_is_found_in_a_crowd(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    bench.fake.crowd(230)
    bench.path.unlink()
    done = bench.way().export()
    assert (done.did, done.receipt.id) == ("adopted", bench.id)


def test_what_was_sent_is_known_without_its_receipt(bench: Bench) -> None:
    bench.way().export()
    bench.fake.turn(bench.id, "sent")
    bench.path.unlink()
    writes = len(bench.fake.writes())
    with pytest.raises(AlreadySent):
        bench.way().export(force=True)
    assert len(bench.fake.writes()) == writes


def test_a_draft_without_a_receipt_that_differs_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    bench.path.unlink()
    bench.write(title="Another")
    with pytest.raises(ChangedThere, match="no receipt"):
        bench.way().export()
    assert bench.way().export(force=True).did == "adopted"
    assert "Another" in bench.draft()["HTML"]


def test_of_two_drafts_both_are_named_and_none_is_written(bench: Bench) -> None:
    bench.way().export()
    first = bench.id
    bench.fake.copy(first)
    bench.path.unlink()
    writes = len(bench.fake.writes())
    with pytest.raises(SeveralDrafts) as stopped:
        bench.way().export()
    assert all(each["id"] in str(stopped.value) for each in bench.fake.drafts)
    assert len(bench.fake.writes()) == writes


def test_another_newsletters_issue_of_the_same_name_is_another_draft(bench: Bench) -> None:
    bench.way().export()
    bench.path.unlink()
    bench.letter = a_letter(title="Elsewhere", subject="Elsewhere")
    bench.letter = replace(bench.letter, publication="Fast News")
    bench.way().export()
    assert len(bench.fake.drafts) == 2


@pytest.mark.parametrize("content", [b"version = 2\n", b"<<<<<<< HEAD\nversion = 1\n", b"\xff", b"a = 1\n"])
def test_receipts_that_cannot_be_read_are_never_written_over(content: bytes, bench: Bench) -> None:
    bench.path.write_bytes(content)
    with pytest.raises((BrokenReceipts, NewerReceipts)):
        bench.way().export()
    assert (bench.path.read_bytes(), bench.fake.seen) == (content, [])
