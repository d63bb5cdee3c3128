"""Real pages: bodies against gold ones, heads as others pinned them, and both again from bare text."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

import pytest

from digest.sources import page, text

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from benchmarks import pages

#: Every third page; benchmarks/pages.py reads them all.
STEP = 3


@pytest.fixture(scope="module")
def articles(shared: Path) -> Path:
    return shared / "corpora/articles"


def test_bodies_agree_with_the_gold_ones(articles: Path):
    scores = [
        pages.agreement(gold, page.read(content, url=url).items[0].text)
        for _, content, url, gold in list(pages.newspaper_pages(articles))[::STEP]
    ]
    assert pages.f1(scores) >= 0.955


def test_titles_are_found_nine_times_of_ten(articles: Path):
    found = [pages.same(item.title, wanted["title"]) for _, item, wanted in pages.pages_with_heads(articles)]
    assert sum(found) / len(found) >= 114 / 127


def test_a_day_that_a_page_names_is_the_storys(articles: Path):
    for name, item, wanted in pages.pages_with_heads(articles):
        if wanted.get("publishedTime"):
            assert (name, str(item.published)[:10]) == (name, str(wanted["publishedTime"])[:10])


def test_hardly_anything_from_around_an_article_gets_into_it(articles: Path):
    wanted, unwanted = pages.segments(articles)
    assert sum(wanted) / len(wanted) >= 0.88
    assert sum(unwanted) / len(unwanted) <= 0.06


def test_every_page_is_found_somewhere_and_says_where(articles: Path):
    for name, item, _ in pages.pages_with_heads(articles):
        for field in ("title", "source", "author", "description", "picture", "text"):
            assert bool(getattr(item, field)) <= (field in item.found), (name, field)


def test_a_page_copied_as_bare_text_is_found_among_its_menus(articles: Path):
    now, scores = datetime(2024, 1, 1, tzinfo=UTC), []
    for name, content, _, gold in list(pages.newspaper_pages(articles))[::STEP]:
        copied = pages.as_copied(content)
        (item,) = text.read(copied, now=now).items
        scores.append(pages.agreement(gold, item.text))
        held = " ".join(" ".join((item.title, *item.other_titles, item.text, item.removed)).split())
        assert [line for line in copied.split("\n") if " ".join(line.split()) not in held] == [], name
    assert mean(recall for _, recall in scores) >= 0.9
    assert mean(precision for precision, _ in scores) >= 0.7
