"""A refusal is told in the service's words and in an editor's, and no key is told to anybody."""

from __future__ import annotations

from typing import Any

import pytest

from digest.errors import DigestError
from digest.receipts import BrokenReceipts
from digest.services.errors import CredentialRefused, ServiceError, UnknownOutcome
from digest.testing.bench import Bench, told_as
from digest.web import Web


@pytest.mark.parametrize(
    ("status", "kind", "ends"),
    [
        (400, ServiceError, 5),
        (401, CredentialRefused, 4),
        (403, CredentialRefused, 4),
        (404, ServiceError, 5),
        (409, ServiceError, 5),
        (422, ServiceError, 5),
        (429, ServiceError, 5),
        (501, UnknownOutcome, 6),
    ],
)
def test_a_refusal_is_told_in_the_services_words(
    status: int, kind: type[ServiceError], ends: int, bench: Bench
) -> None:
    creating = bench.creating()
    for more in range(4):  # 429 and the like are tried again
        bench.fake.refuses(creating + more, status, headers={"Retry-After": "61"})
    with pytest.raises(kind) as refused:
        bench.way().export()
    said = str(refused.value)
    assert refused.value.exit_code == ends
    assert bench.way().service.name in said
    assert str(status) in said
    assert "The vendor's words" in said
    assert ("OF_A_TEST" in said) == (status in (401, 403))
    assert ("No draft was made." in said) == (status != 501)


def test_a_key_that_the_service_repeats_is_blacked_out(bench: Bench) -> None:
    words = f"Key {bench.fake.secret} is not valid."
    bench.fake.refuses(0, 401, bench.fake.refusal(401, words))
    with pytest.raises(CredentialRefused) as refused:
        bench.way().export()
    assert bench.fake.secret not in str(refused.value)
    assert "is not valid" in str(refused.value)


def test_no_key_and_no_address_is_written_down(bench: Bench) -> None:
    bench.way().export()
    if bench.way().service.can.test:
        bench.way().test(["me@reader.example"])
    written = bench.path.read_text("utf-8")
    assert not [part for part in bench.fake.secret.split(":") if part in written]
    assert "me@reader.example" not in written


def test_another_account_is_told_and_nothing_is_made_in_it(bench: Bench) -> None:
    bench.way().export()
    text = bench.path.read_text("utf-8")
    bench.path.write_text(text.replace(bench.receipt.account, "elsewhere.example"), "utf-8")
    seen = len(bench.fake.seen)
    with pytest.raises(DigestError, match="another account"):
        bench.way().export()
    assert len(bench.fake.seen) == seen


# --- answers that are none

ODD = ["[]", "{}", "null", "7", '"x"', '{"id": [1], "status": null}', "[" * 100_000, "9" * 5000, "\x1b[2J\x07"]


def test_an_answer_that_is_none_is_told_in_a_sentence_and_there_is_one_draft(bench: Bench) -> None:
    for number in range(bench.calls()):
        # To each call three of them; the others have theirs with the next.
        for answer in (ODD * 3)[number * 3 % len(ODD) :][:3]:
            bench.fake.reset()
            bench.path.unlink(missing_ok=True)
            bench.fake.fault(number, f"says_after:{answer}")
            told = bench.until_done()
            assert "The issue" in bench.draft()["HTML"], f"{answer[:20]} at call {number}"
            assert all(line.isprintable() for error in told for line in str(error).split("\n"))


@pytest.mark.parametrize("odd", ["../../elsewhere", "a?b#c", [1]])
def test_an_id_that_leads_elsewhere_is_not_followed(odd: Any, bench: Bench) -> None:
    usual = {seen.path.count("/") for seen in bench.first_export()}
    bench.fake.retold = told_as(bench.fake.id_name, odd)
    for _ in range(2):
        with pytest.raises(ServiceError):
            bench.way().export()
    assert {seen.path.count("/") for seen in bench.fake.seen} <= usual
    assert not any("elsewhere" in seen.path or "a?b" in seen.path for seen in bench.fake.seen)


@pytest.mark.parametrize("odd", ["../../elsewhere", "a?b#c"])
def test_an_id_that_somebody_wrote_into_the_receipts_is_not_followed(odd: str, bench: Bench) -> None:
    bench.way().export()
    bench.path.write_text(bench.path.read_text("utf-8").replace(f'id = "{bench.id}"', f'id = "{odd}"'), "utf-8")
    seen = len(bench.fake.seen)
    with pytest.raises(BrokenReceipts):
        bench.way().export()
    assert len(bench.fake.seen) == seen


# --- where the key goes


def test_the_key_is_told_to_no_other_host(bench: Bench) -> None:
    bench.extra = {"url": "http://elsewhere.example/api"}
    with pytest.raises(DigestError, match=r"elsewhere\.example"):
        bench.way(Web())


def test_a_redirect_to_another_host_is_not_followed_with_the_key(bench: Bench) -> None:
    there = bench.fake.url.replace("127.0.0.1", "localhost").removesuffix(bench.fake.prefix) + "/elsewhere"
    for number in range(0, 8, 2):
        bench.fake.refuses(number, 307, {}, headers={"Location": there})
    with pytest.raises(ServiceError):
        bench.way().export()
    assert bench.fake.writes() == []
    assert not any(bench.fake.authorised(seen) for seen in bench.fake.seen if seen.path == "/elsewhere")
