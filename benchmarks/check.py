"""How long `digest check` takes beyond building: thirty stories, each check by itself; and 300 links to follow.

    python benchmarks/check.py [--stories 30] [--links 300]

The links lead to a server on this computer that answers after 50 ms; some pages are dead, silent, in circles, or say
other than they do. Once they are spread over thirty sites, once all are on one.
"""

from __future__ import annotations

import argparse
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter

import stories

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]


def main() -> None:
    """Measure, and print a table as it comes."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--stories", type=int, default=30)
    options.add_argument("--links", type=int, default=300)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        _checks(stories.publication(Path(temporary), asked.stories, pictures=True), asked.stories)
    for sites in (30, 1):
        _links(asked.links, sites)


def _checks(folder: Path, count: int) -> None:
    from digest import plugins
    from digest.checks.base import Copy
    from digest.project import Project
    from digest.proofreading import report

    project = Project(folder)
    file = project.file()
    project.render()
    print(f"{count} stories with pictures            first    again")
    email = project.render()
    copy = Copy(issue=file.issue, email=email, publication=project.publication, text=file.source)
    first, again = _twice(lambda: Copy(file.issue, email, project.publication, file.source).proof)
    print(f"  {'the mail parsed':<30} {first:8.1f} {again:8.1f} ms")
    for name in plugins.names("checks"):
        began = perf_counter()
        module = plugins.load("checks", name)
        loading = perf_counter() - began
        slow = "   (named, or with --links)" if getattr(module, "SLOW", False) else ""
        try:
            first, again = _twice(lambda check=module.check: list(check(copy)))  # type: ignore[misc]
        except Exception as error:  # such as a program that is not installed
            print(f"  {name:<30} did not run: {error}")
            continue
        print(f"  {name:<30} {first + loading * 1000:8.1f} {again:8.1f} ms{slow}")
    first, again = _twice(lambda: report(project, "latest", email))
    print(f"  {'all that run without --links':<30} {first:8.1f} {again:8.1f} ms   (400 ms)")


def _twice(call: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of a first run, with what it loads, and the least of five more."""
    times = []
    for _ in range(6):
        began = perf_counter()
        call()
        times.append((perf_counter() - began) * 1000)
    return times[0], min(times[1:])


def _links(count: int, sites: int) -> None:
    from web_server import Server

    from digest.inspection import link_answers, link_round
    from digest.web import Web

    with Server() as server:
        wanted = dict(_pages(server, count, sites))
        with Web(allow_private=True, lookup=lambda host, port: ["127.0.0.1"]) as web:
            began = perf_counter()
            found = link_round.visited(wanted, web)
            took = perf_counter() - began
        wrong = [
            url for url, visit in found.items() if {each.rule for each in link_answers.judge(visit)} != wanted[url]
        ]
        where = "one site" if sites == 1 else f"{sites} sites"
        print(
            f"\n{len(wanted)} links to {where}: {took:.1f} s (6 s); {len(wrong)} verdicts wrong; "
            f"{server.connections} connections, at most {server.most_at_once} at once"
        )
        print("  " + ", ".join(f"{number} {kind}" for kind, number in Counter(map(_kind, wanted)).most_common()))


def _kind(url: str) -> str:
    return url.split("/")[3]


def _pages(server: object, count: int, sites: int) -> Iterable[tuple[str, set[str]]]:
    from web_server import answer

    def page(title: str = "A page") -> bytes:
        body = f"<title>{title}</title>".encode() + b"words " * 3000
        return bytes(answer(body, "200 OK", "Content-Type: text/html"))

    def late(said: bytes) -> Callable[[socket.socket], None]:
        def say(line: socket.socket) -> None:
            time.sleep(0.05)
            line.sendall(said)

        return say

    def silent(line: socket.socket) -> None:
        time.sleep(15)

    def dripping(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n")
        for _ in range(75):
            time.sleep(0.2)
            line.sendall(b"x")

    to_home = late(answer(b"", "302 Found", "Location: /"))
    kinds: dict[str, tuple[Callable[[socket.socket], None], set[str]]] = {
        "dead": (late(answer(b"", "404 Not Found")), {"dead"}),
        "broken": (late(answer(b"", "500 Internal Server Error")), {"broken"}),
        "forbidden": (late(answer(b"", "403 Forbidden")), {"unsure"}),
        "not-found-with-200": (late(page("Page not found")), {"unsure"}),
        "silent": (silent, {"slow"}),
        "dripping": (dripping, {"slow"}),
        "garbled": (late(b"\x00 what is this\r\n\r\n"), {"garbled"}),
        "too-long-a-length": (late(answer(b"<title>Good</title>", length=99_999)), set()),
        "hanging-up": (late(b""), {"no-answer"}),
        "home": (to_home, {"unsure"}),
        "moved": (late(answer(b"", "301 Moved Permanently", "Location: /well/0")), {"moved"}),
    }
    say = server.says  # type: ignore[attr-defined]
    say("/", late(page("Home")))
    chosen = random.Random(1)
    for number in range(count):
        # Every second page is what it should be.
        kind = "well" if number % 2 == 0 else [*kinds, "circling"][number // 2 % (len(kinds) + 1)]
        path = f"/{kind}/{number}"
        said, rules = kinds.get(kind, (late(page()), set()))
        if kind == "circling":
            said, rules = late(answer(b"", "302 Found", f"Location: {path}/b")), {"loop"}
            say(f"{path}/b", late(answer(b"", "302 Found", f"Location: {path}")))
        say(path, said)
        yield server.url(path, f"site{chosen.randrange(sites)}.example"), rules  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
