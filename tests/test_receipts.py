"""Receipts outlive everything that can happen to a command, and never hold what they must not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import receipts
from digest.errors import ChangedMeanwhile
from digest.receipts import BrokenReceipts, Intent, NewerReceipts, Receipt, Receipts

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(
    service=st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    url=TEXTS,
    maps=st.dictionaries(TEXTS, TEXTS.filter(bool), max_size=3),
    history=st.lists(TEXTS.filter(bool), max_size=3),
    started=st.integers(0, 2**33),
)
def test_what_is_put_in_comes_out(
    service: str,
    url: str,
    maps: dict[str, str],
    history: list[str],
    started: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("r") / "1.receipts.toml"
    intent = Intent("create", started, "c", maps)
    receipt = Receipt(marker="m", url=url, held=maps, pictures=maps, intent=intent, history=tuple(history))
    Receipts(path).put(service, receipt)
    found = Receipts(path).get(service)
    assert (found.url, dict(found.held), dict(found.pictures)) == (url, maps, maps)
    assert found.intent is not None
    assert (found.intent.what, found.intent.started) == ("create", started)
    assert found.history == tuple(history)


def test_what_no_file_of_settings_may_hold_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "1.receipts.toml"
    Receipts(path).put("ghost", Receipt(url="a\x7fb\x1b[31m\ud800c"))
    assert Receipts(path).get("ghost").url == "ab[31mc"


def test_services_do_not_touch_each_others_receipts(tmp_path: Path) -> None:
    path = tmp_path / "1.receipts.toml"
    Receipts(path).put("ghost", Receipt(id="g"))
    Receipts(path).put("mailchimp", Receipt(id="m"))
    Receipts(path).put("ghost", Receipt(id="g2"))
    assert (Receipts(path).get("ghost").id, Receipts(path).get("mailchimp").id) == ("g2", "m")


def test_what_somebody_else_wrote_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "1.receipts.toml"
    Receipts(path).put("ghost", Receipt(id="g"))
    early = Receipts(path)
    Receipts(path).put("mailchimp", Receipt(id="m"))
    with pytest.raises(ChangedMeanwhile):
        early.put("ghost", Receipt(id="g2"))
    assert Receipts(path).get("mailchimp").id == "m"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"version = 2\n[ghost]\nid = 5\n", NewerReceipts),
        (b"[ghost]\nid = '1'\n", BrokenReceipts),
        (b"version = 1\n[ghost]\nid = 1\n", BrokenReceipts),
        (b"version = 1\n[ghost]\nidd = '1'\n", BrokenReceipts),
        (b"version = 1\nghost = 1\n", BrokenReceipts),
        (b"version = 1\n[ghost]\nheld = 'x'\n", BrokenReceipts),
        (b"\x00\xff", BrokenReceipts),
        (b"", BrokenReceipts),
    ],
)
def test_a_file_that_is_none_of_ours_is_told(content: bytes, error: type[Exception], tmp_path: Path) -> None:
    path = tmp_path / "1.receipts.toml"
    path.write_bytes(content)
    with pytest.raises(error):
        Receipts(path)


@pytest.mark.parametrize(
    "odd", ["../../x", "a?b#c", "..", ".", "a/b", "%2e%2e", "", "x" * 201, "None", "a b", "ä", "a\n", 1]
)
def test_what_leads_elsewhere_in_an_address_is_no_id(odd: object) -> None:
    assert not receipts.is_id(odd)


@pytest.mark.parametrize("good", ["1", "id000001", "post_0f-9A", "nmc_x==", "a.b:c~d@e+f", "nulls"])
def test_what_services_call_their_drafts_is_an_id(good: str) -> None:
    assert receipts.is_id(good)


def test_an_id_that_leads_elsewhere_is_no_receipt(tmp_path: Path) -> None:
    path = tmp_path / "1.receipts.toml"
    path.write_text('version = 1\n[ghost]\nid = "../../users/me"\n', "utf-8")
    with pytest.raises(BrokenReceipts):
        Receipts(path)


def test_receipts_of_other_issues_are_found_and_broken_ones_passed_over(tmp_path: Path) -> None:
    for name in ("1", "2", "3"):
        Receipts(tmp_path / f"{name}.receipts.toml").put("ghost", Receipt(id=name))
    (tmp_path / "2.receipts.toml").write_text("<<<<<<<\n", "utf-8")
    found = receipts.others(tmp_path / "1.receipts.toml")
    assert [(path.name, each.get("ghost").id) for path, each in found] == [("3.receipts.toml", "3")]


def test_a_merge_that_was_left_half_done_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "1.receipts.toml"
    path.write_text("version = 1\n<<<<<<< HEAD\n[ghost]\n=======\n>>>>>>> theirs\n", "utf-8")
    with pytest.raises(BrokenReceipts, match="merge") as told:
        Receipts(path)
    assert told.value.line == 2


def test_the_memory_of_what_was_done_is_bounded() -> None:
    receipt = Receipt()
    for number in range(50):
        receipt = receipt.did(f"updated {number}", "2026-11-06T09:00:00Z")
    assert len(receipt.history) == 20
    assert receipt.history[-1] == "2026-11-06T09:00:00Z updated 49"


def test_receipts_lie_beside_the_issue_and_are_no_issue() -> None:
    assert receipts.path_of(Path("issues/012.md")) == Path("issues/012.receipts.toml")


def test_the_address_on_the_web_is_that_of_a_sent_issue_and_of_no_draft(tmp_path: Path) -> None:
    issue = tmp_path / "012.md"
    assert receipts.archive_url(issue) == ""
    found = Receipts(receipts.path_of(issue))
    found.put("a", Receipt(state="draft", archive_url="https://a.example/draft"))
    found.put("b", Receipt(state="sent", archive_url="javascript:alert(1)"))
    assert receipts.archive_url(issue) == ""
    found.put("d", Receipt(state="sent", archive_url="https://d.example/"))
    found.put("c", Receipt(state="sent", archive_url="https://c.example/"))
    assert receipts.archive_url(issue) == "https://c.example/"
    receipts.path_of(issue).write_text("<<<<<<< ours\n", "utf-8")
    assert receipts.archive_url(issue) == ""
