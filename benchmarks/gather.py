"""Gathering, side by side: 200 feeds on 200 hosts of this computer with 20 ms to each, and a large inbox.

    PYTHONPATH=. python benchmarks/gather.py [feeds] [stories]

The other side is feedparser over the same answers, as many threads fetching, which keeps nothing. Each feed has 30
stories of the size and with the markup that real ones have on average (2.5 kB and some forty tags). The server is
a process of its own. Linux only: elsewhere 127.0.0.2 and its neighbours are nobody's.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

_ROUNDS = 3
_ITEMS = 30
_AT_ONCE = 32
_WORDS = ("budget town river council votes long debate paper moth bats chart pencil storm bridge school").split()  # noqa: SIM905


def a_feed(number: int, items: int = _ITEMS) -> bytes:
    def words(at: int, count: int) -> str:
        return " ".join(_WORDS[(at * 7 + n * (number + 3)) % len(_WORDS)] for n in range(count))

    def paragraph(at: int, place: int) -> str:
        return (
            f'<p>{words(at + place, 34)} <a href="https://site{number}.example/{at}/{place}">{words(at, 3)}</a>'
            f" {words(place, 8)} <em>{words(at, 2)}</em> &amp; {words(at + place, 10)}</p>\n"
        )

    rows = "".join(
        f"<item><title>Feed {number}, story {at}: {words(at, 6)}</title><guid>{number}-{at}</guid>"
        f"<link>https://site{number}.example/{at}</link><pubDate>Fri, 02 Feb 2024 10:{at:02}:00 GMT</pubDate>"
        f"<description><![CDATA[<p>{words(at, 40)}</p>]]></description>"
        f'<content:encoded><![CDATA[<img src="https://site{number}.example/{at}.jpg" alt="A {words(at, 2)}">'
        f"{''.join(paragraph(at, place) for place in range(4))}]]></content:encoded></item>"
        for at in range(items)
    )
    space = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    return f"<rss version='2.0' {space}><channel><title>Feed {number}</title>{rows}</channel></rss>".encode()


class _Feed(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    bodies: ClassVar[dict[int, bytes]] = {}

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        time.sleep(0.02)
        same = self.headers.get("If-None-Match") == '"1"'
        body = b"" if same else self.bodies[int(self.path[1:])]
        self.send_response(304 if same else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    request_queue_size = 512


def serve(feeds: int) -> None:
    """Serve until killed; the port is the first line of what is said."""
    _Feed.bodies = {number: a_feed(number) for number in range(1, feeds + 1)}
    server = _Server(("0.0.0.0", 0), _Feed)
    print(server.server_port, flush=True)
    server.serve_forever()


@contextmanager
def a_server(feeds: int) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, __file__, "serve", str(feeds)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def network(feeds: int, folder: Path, port: int) -> None:
    import feedparser

    from digest import gather
    from digest.models import FeedPlan
    from digest.store import Store
    from digest.web import Web

    plans = [FeedPlan(f"http://127.0.0.{number}:{port}/{number}") for number in range(1, feeds + 1)]

    def once(store: Store) -> None:
        with Web(allow_private=True) as web:
            visits = gather.gather(plans, store, web, now=datetime.now(UTC))
        assert not any(visit.error for visit in visits), visits

    def theirs(url: str) -> int:
        with urllib.request.urlopen(url) as answer:
            return len(feedparser.parse(answer.read()).entries)

    def alone() -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            assert sum(pool.map(theirs, [plan.url for plan in plans])) == _ITEMS * feeds

    firsts, agains, groups, others = [], [], [], []
    for number in range(_ROUNDS):
        with Store.open(folder / f"{number}.db", clock=lambda: datetime.now(UTC)) as store:
            firsts.append(timed(lambda: once(store)))
            agains.append(timed(lambda: once(store)))
            groups.append(timed(store.suggest_groups))
        others.append(timed(alone))
    first, again, group, other = map(statistics.median, (firsts, agains, groups, others))
    print(f"{feeds} feeds of {_ITEMS}, 20 ms each, median of {_ROUNDS}:")
    print(f"  first {first:.2f} s, again {again:.2f} s, grouping what is new {group:.2f} s")
    print(f"  feedparser alone {other:.2f} s: ratio first {first / other:.2f}, again {again / other:.2f}")


def inbox(stories: int, folder: Path) -> None:
    from digest.models import Item
    from digest.store import Arrival, Store

    with Store.open(folder / "large.db", clock=lambda: datetime.now(UTC)) as store:
        made = [
            Arrival(Item(url=f"https://s.example/{n}", title=f"Story {n} of the {_WORDS[n % 15]}", source="S"))
            for n in range(stories)
        ]
        kept = timed(lambda: store.add_all(made))
        again = timed(lambda: store.add_all(made))
        listed = statistics.median(
            timed(lambda: (store.candidates(states=["shortlisted", "new"], limit=50), store.counts()))
            for _ in range(_ROUNDS)
        )
        found = statistics.median(timed(lambda: store.candidates(text="moth", limit=50)) for _ in range(_ROUNDS))
    print(f"{stories} stories: kept in {kept:.1f} s, the same again in {again:.1f} s")
    print(f"  inbox listed in {listed:.3f} s, searched in {found:.3f} s")


def one_large_feed(items: int, folder: Path) -> None:
    from digest import readers
    from digest.models import FeedPlan
    from digest.store import Store

    head = b"<rss version='2.0'><channel><title>All of it</title>"
    rows = (
        f"<item><title>Story {n} &amp; more</title><link>https://s.example/{n}</link><guid>g{n}</guid></item>"
        for n in range(items)
    )
    body = head + "".join(rows).encode() + b"</channel></rss>"
    facts = {"url": "https://s.example/feed", "charset": "", "media_type": ""}
    with Store.open(folder / "one.db", clock=lambda: datetime.now(UTC)) as store:
        took = timed(lambda: store.add_all(readers.read(FeedPlan(facts["url"]), body, facts, datetime.now(UTC)).coming))
    print(f"a feed of {items} items ({len(body) / 1e6:.0f} MB): read and kept in {took:.1f} s")


def compared(new: int = 200, known: int = 5000) -> None:
    from digest.likeness import Telling, alike

    dice = random.Random(1)
    words = [f"w{int(dice.paretovariate(0.6))}" for _ in range(50_000)]
    tellings = [
        Telling(str(number), " ".join(dice.choices(words, k=10)), " ".join(dice.choices(words, k=40)), str(number % 50))
        for number in range(new + known)
    ]
    took = min(timed(lambda: list(alike(tellings[known:], tellings[:known]))) for _ in range(_ROUNDS))
    print(f"{new} new stories compared with {known}: {took:.2f} s (1 s)")


def main(feeds: int = 200, stories: int = 100_000) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with a_server(feeds) as port:
            network(feeds, Path(folder), port)
        inbox(stories, Path(folder))
        one_large_feed(stories, Path(folder))
    compared()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
