"""Gathering, side by side: 200 feeds on 200 hosts of this computer with 20 ms to each, and a large inbox.

    python benchmarks/gather.py [feeds] [stories]

The other side is feedparser over the same answers, eight threads fetching, which keeps nothing. Linux only: elsewhere
127.0.0.2 and its neighbours are nobody's.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser

from digest import gather
from digest.models import FeedPlan, Item
from digest.store import Arrival, Store
from digest.web import Web

_PORT = 18790
_WORDS = ("budget town river council votes long debate paper moth bats chart pencil storm bridge school").split()  # noqa: SIM905


def a_feed(number: int, items: int = 30) -> bytes:
    def words(at: int, count: int) -> str:
        return " ".join(_WORDS[(at * 7 + n * (number + 3)) % len(_WORDS)] for n in range(count))

    rows = "".join(
        f"<item><title>Feed {number}, story {at}: {words(at, 6)}</title><guid>{number}-{at}</guid>"
        f"<link>https://site{number}.example/{at}</link><pubDate>Fri, 02 Feb 2024 10:{at:02}:00 GMT</pubDate>"
        f"<description><![CDATA[<p>{words(at, 40)}</p>]]></description>"
        f"<content:encoded><![CDATA[<p>{words(at, 300)}</p>]]></content:encoded></item>"
        for at in range(items)
    )
    space = "xmlns:content='http://purl.org/rss/1.0/modules/content/'"
    return f"<rss version='2.0' {space}><channel><title>Feed {number}</title>{rows}</channel></rss>".encode()


class _Feed(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        time.sleep(0.02)
        same = self.headers.get("If-None-Match") == '"1"'
        body = b"" if same else BODIES[int(self.path[1:])]
        self.send_response(304 if same else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


BODIES: dict[int, bytes] = {}


class _Server(ThreadingHTTPServer):
    request_queue_size = 512


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(feeds: int = 200, stories: int = 100_000) -> None:
    for number in range(1, feeds + 1):
        BODIES[number] = a_feed(number)
    server = _Server(("0.0.0.0", _PORT), _Feed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    plans = [FeedPlan(f"http://127.0.0.{number}:{_PORT}/{number}") for number in range(1, feeds + 1)]

    def once(store: Store) -> None:
        with Web(allow_private=True) as web:
            visits = gather.gather(plans, store, web, now=datetime.now(UTC))
        assert not any(visit.error for visit in visits), visits

    def theirs(url: str) -> int:
        with urllib.request.urlopen(url) as answer:
            return len(feedparser.parse(answer.read()).entries)

    def alone() -> None:
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(theirs, [plan.url for plan in plans])) == 30 * feeds

    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "a.db", clock=lambda: datetime.now(UTC)) as store:
            first, again, last = timed(lambda: once(store)), timed(lambda: once(store)), timed(lambda: once(store))
            groups = timed(store.suggest_groups)
        other = timed(alone)
        print(
            f"{feeds} feeds, 20 ms each: first {first:.2f} s, again {min(again, last):.2f} s, grouping {groups:.2f} s"
        )
        print(f"feedparser alone {other:.2f} s: ratio first {first / other:.2f}, again {min(again, last) / other:.2f}")
        with Store.open(Path(folder) / "b.db", clock=lambda: datetime.now(UTC)) as store:
            made = [
                Arrival(Item(url=f"https://s.example/{n}", title=f"Story {n} of the {_WORDS[n % 15]}", source="S"))
                for n in range(stories)
            ]
            kept = timed(lambda: store.add_all(made))
            listed = timed(lambda: (store.candidates(states=["shortlisted", "new"], limit=50), store.counts()))
            found = timed(lambda: store.candidates(text="moth", limit=50))
        print(f"{stories} stories: kept in {kept:.1f} s; inbox listed in {listed:.3f} s, searched in {found:.3f} s")
    server.shutdown()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
