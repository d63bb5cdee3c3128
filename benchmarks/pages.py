"""How well pages are read: bodies against gold ones, titles and dates as others pinned them, bare text likewise.

    python benchmarks/pages.py [--worst 10]

Needs the folder of real material beside the checkout. A body's score is that of ScrapingHub's benchmark:
https://github.com/scrapinghub/article-extraction-benchmark: shingles of four words, the mean of precision and
of recall over all pages, and F1 of these two.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

from digest.incoming import plain_html
from digest.incoming.encodings import text as decoded
from digest.models import Item
from digest.sources import page, text

ARTICLES = Path(__file__).resolve().parents[1] / "../shared/corpora/articles"


def shingles(words: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Each run of `size` words, and how often it comes."""
    each = re.findall(r"\w+", words)
    return Counter(tuple(each[at : at + size]) for at in range(max(1, len(each) - size + 1)) if each)


def agreement(gold: str, found: str) -> tuple[float, float]:
    """(precision, recall) of a body."""
    right, ours = shingles(gold), shingles(found)
    both = sum((right & ours).values())
    if not right and not ours:
        return 1.0, 1.0
    return both / (sum(ours.values()) or 1), both / (sum(right.values()) or 1)


def f1(scores: list[tuple[float, float]]) -> float:
    precision, recall = (mean(each[side] for each in scores) for side in (0, 1))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def newspaper_pages(folder: Path = ARTICLES) -> Iterator[tuple[str, bytes, str, str]]:
    """(name, page, address, gold body) of each newspaper page."""
    gold = json.loads((folder / "aeb/ground-truth.json").read_text("utf-8"))
    for path in sorted((folder / "aeb/html").glob("*.html.gz")):
        name = path.name.removesuffix(".html.gz")
        yield name, gzip.decompress(path.read_bytes()), gold[name]["url"], gold[name]["articleBody"]


def pages_with_heads(folder: Path = ARTICLES) -> Iterator[tuple[str, Item, dict[str, str | None]]]:
    """(name, what was read, what was to be read) of each page whose head is known."""
    for path in sorted((folder / "readability").glob("*/source.html")):
        wanted = json.loads((path.parent / "expected-metadata.json").read_text("utf-8"))
        yield path.parent.name, page.read(path.read_bytes(), url="http://fakehost/test/page.html").items[0], wanted


def segments(folder: Path = ARTICLES) -> tuple[list[bool], list[bool]]:
    """For each segment that a body should have, and for each that it should not, whether it has."""
    wanted: list[bool] = []
    unwanted: list[bool] = []
    for url, facts in json.loads((folder / "trafilatura/evaldata.json").read_text("utf-8")).items():
        path = folder / "trafilatura/html" / facts["file"]
        if path.is_file():
            items = page.read(path.read_bytes(), url=url).items
            words = " ".join(items[0].text.split()) if items else ""
            wanted += [each in words for each in facts["with"]]
            unwanted += [each in words for each in facts["without"]]
    return wanted, unwanted


def as_copied(content: bytes) -> str:
    """A page the way "select all, copy" gives it, menus and all, its title first."""
    html = decoded(content)[0]
    title = re.search(r"<title[^>]*>(.*?)</title>", html, re.DOTALL | re.IGNORECASE)
    return (plain_html.line(title[1]) + "\n\n" if title else "") + plain_html.text(html)


def same(one: str | None, other: str | None) -> bool:
    first, second = (re.sub(r"\W+", "", (each or "").casefold()) for each in (one, other))
    return first == second


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--worst", type=int, default=0, help="show that many pages with the lowest scores")
    worst = options.parse_args().worst
    if not ARTICLES.is_dir():
        print("skipped: the folder of real material, ../shared, is not here")
        return
    scores, started = {}, time.perf_counter()
    pages = list(newspaper_pages())
    items = {name: page.read(content, url=url).items[0] for name, content, url, _ in pages}
    took = time.perf_counter() - started
    scores = {name: agreement(gold, items[name].text) for name, _, _, gold in pages}
    precision, recall = (mean(each[side] for each in scores.values()) for side in (0, 1))
    print(f"bodies of {len(pages)} newspaper pages: F1 {f1(list(scores.values())):.3f}", end=" ")
    print(f"(precision {precision:.3f}, recall {recall:.3f}), {1000 * took / len(pages):.0f} ms a page")
    heads = list(pages_with_heads())
    print(f"titles: {sum(same(item.title, wanted['title']) for _, item, wanted in heads)} of {len(heads)}")
    for name, item, wanted in heads:
        if not same(item.title, wanted["title"]):
            print(f"  {name}: {item.title!r}, not {wanted['title']!r}")
    wanted_parts, unwanted_parts = segments()
    print(f"segments: {sum(wanted_parts)} of {len(wanted_parts)} that belong, ", end="")
    print(f"{sum(unwanted_parts)} of {len(unwanted_parts)} that do not")
    now = datetime(2024, 1, 1, tzinfo=UTC)
    copied = {name: text.read(as_copied(content), now=now).items[0] for name, content, _, _ in pages}
    pasted = {name: agreement(gold, copied[name].text) for name, _, _, gold in pages}
    precision, recall = (mean(each[side] for each in pasted.values()) for side in (0, 1))
    titles = sum(any(same(items[n].title, each) for each in (i.title, *i.other_titles)) for n, i in copied.items())
    print(f"copied as bare text, menus and all: precision {precision:.3f}, recall {recall:.3f}, titles {titles}")
    for name, each in sorted(scores.items(), key=lambda pair: sum(pair[1]))[:worst]:
        print(f"  {each[0]:.2f} {each[1]:.2f} {name[:12]} {items[name].url}")


if __name__ == "__main__":
    main()
