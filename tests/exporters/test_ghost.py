"""Ghost: a post of one card, found again by a comment, in which an editor's own tags and code stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from bench import Bench

from digest.errors import DigestError
from digest.services.errors import CannotDo, ServiceError


@pytest.fixture
def bench(bench_of: Callable[[str], Bench]) -> Bench:
    return bench_of("ghost")


def test_outlooks_comments_are_in_the_card_byte_for_byte(bench: Bench) -> None:
    bench.way().export()
    (card,) = json.loads(bench.fake.drafts[0]["lexical"])["root"]["children"]
    assert card["type"] == "html"
    assert "<!--[if mso]><table><tr><td><![endif]-->" in card["html"]


def test_tags_and_code_that_an_editor_put_there_stay(bench: Bench) -> None:
    bench.way().export()
    post = bench.fake.campaigns[bench.id]
    assert (post["tags"], post["codeinjection_head"]) == ([{"name": "#digest"}], f"<!-- {bench.letter.marker} -->")
    mine = {"tags": [{"name": "Politics"}], "codeinjection_head": f"<style></style>\n<!-- {bench.letter.marker} -->"}
    post |= mine
    bench.write(title="Another")
    assert bench.way().export().did == "updated"
    assert {name: bench.fake.campaigns[bench.id][name] for name in mine} == mine


def test_code_for_the_pages_head_from_digest_toml_does_not_hide_the_draft(bench: Bench) -> None:
    bench.extra = {"extra": {"codeinjection_head": "<style></style>"}}
    bench.way().export()
    bench.write(title="Another")
    bench.way().export()
    assert bench.fake.drafts[0]["codeinjection_head"] == f"<style></style>\n<!-- {bench.letter.marker} -->"
    bench.path.unlink()
    assert bench.way().export().did == "adopted"


@pytest.mark.mails_readers
def test_the_first_newsletter_is_named_where_digest_toml_names_none(bench: Bench) -> None:
    bench.way().send()
    published = bench.fake.writes()[-1].query
    assert (published["newsletter"], published["email_segment"]) == ("default-newsletter", "all")
    assert bench.fake.mailed == [bench.id]


def test_an_audience_that_ghost_does_not_understand_is_told_by_our_key(bench: Bench) -> None:
    bench.extra = {"audience": "status:none-such", "newsletter": "weekly"}
    with pytest.raises(ServiceError, match="valid filter") as refused:
        bench.way().schedule(datetime(2027, 1, 1, 9, tzinfo=UTC))
    assert "audience in [export.ghost]" in str(refused.value)
    assert bench.fake.drafts[0]["status"] == "draft"


def test_a_test_with_the_key_of_an_integration_says_which_key_can(bench: Bench) -> None:
    bench.fake.staff = False
    with pytest.raises(CannotDo, match="integration") as refused:
        bench.way().test(["me@reader.example"])
    assert "staff access token" in str(refused.value)


def test_a_colleague_who_edits_the_post_meanwhile_is_not_written_over(bench: Bench) -> None:
    bench.way().export()
    bench.write(title="Another")
    way = bench.way()
    read = way.service.read

    def slowly(id: str) -> object:  # noqa: A002
        found = read(id)
        bench.fake.edit(bench.id, "A better subject")
        return found

    way.service.read = slowly  # type: ignore[method-assign, assignment]
    with pytest.raises(DigestError, match="A better subject"):
        way.export()
    assert bench.draft()["subject"] == "A better subject"
