"""Links are followed to a server on this computer, and what an editor is told of each is right."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from fake_web import FakeWeb
from web_server import Says, Server, answer

from digest import config, issue_file
from digest.checks import links
from digest.checks.base import Copy
from digest.errors import CannotCheck
from digest.inspection import link_answers, link_round
from digest.inspection.link_answers import Visit
from digest.models import Finding
from digest.render.pipeline import Renderer
from digest.web import Web

TOML = b'[publication]\nname = "News"\nsender_email = "ed@news.example"\n'


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def web() -> Iterator[Web]:
    """Every name leads to this computer."""
    with Web(allow_private=True, lookup=lambda host, port: ["127.0.0.1"]) as web:
        yield web


def a_copy(folder: Path, addresses: dict[str, str], web: Web | None) -> Copy:
    """An issue with a story for each title and address."""
    stories = "".join(f"### [{title}]({url})\n\nA blurb of a few words.\n\n" for title, url in addresses.items())
    file = issue_file.parse(f"---\nnumber: 1\n---\n\n## Top\n\n{stories}", path=folder / "issues" / "001.md")
    publication = config.parse(TOML, folder / "digest.toml")
    email = Renderer(publication, root=folder).render(file.issue)
    return Copy(issue=file.issue, email=email, publication=publication, text=file.source, web=web)


def told(copy: Copy) -> list[tuple[str, str, str]]:
    return [(each.story, each.level, each.rule) for each in links.check(copy)]


def finding(copy: Copy) -> Finding:
    (found,) = links.check(copy)
    return found


def a_page(title: str = "How moths hear bats", body: str = "") -> bytes:
    said: bytes = answer(f"<!doctype html><title>{title}</title>{body}".encode(), "200 OK", "Content-Type: text/html")
    return said


def leading_to(where: str, status: str = "302 Found") -> bytes:
    said: bytes = answer(b"", status, f"Location: {where}")
    return said


def dripping(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<title>A</title>")
    for _ in range(60):
        time.sleep(0.2)
        line.sendall(b"x")


def breaking_off(line: socket.socket) -> None:
    line.sendall(answer(b"<title>Moths</title>", length=99_999))


def silent(line: socket.socket) -> None:
    time.sleep(12)


def hanging_up(line: socket.socket) -> None:
    pass


ANSWERS: dict[str, tuple[Says, list[tuple[str, str]]]] = {
    "well": (a_page(), []),
    "no-page": (answer(b"no", "404 Not Found"), [("error", "dead")]),
    "gone": (answer(b"no", "410 Gone"), [("error", "dead")]),
    "a-fault": (answer(b"no", "500 Internal Server Error"), [("warning", "broken")]),
    "forbidden": (answer(b"no", "403 Forbidden"), [("note", "unsure")]),
    "a-password": (answer(b"no", "401 Unauthorized"), [("note", "unsure")]),
    "linkedin": (answer(b"no", "999 Request denied"), [("note", "unsure")]),
    "bad-request": (answer(b"no", "400 Bad Request"), [("warning", "refused")]),
    "says-not-found": (a_page("Page not found | The Ledger"), [("warning", "unsure")]),
    "says-404": (a_page("404"), [("warning", "unsure")]),
    "for-sale": (a_page("moths.example is for sale"), [("warning", "unsure")]),
    "parked": (a_page("moths", '<script src="//img.sedoparking.com/a.js">'), [("warning", "unsure")]),
    "asks-to-log-in": (a_page("Log in", '<input type="password">'), [("note", "unsure")]),
    "to-a-login": (leading_to("/accounts/login?next=/a"), [("note", "unsure")]),
    "to-home": (leading_to("/"), [("warning", "unsure")]),
    "moved": (leading_to("/well", "301 Moved Permanently"), [("note", "moved")]),
    "led-on": (leading_to("/well"), [("note", "redirect")]),
    "in-circles": (leading_to("/in-circles-2"), [("error", "loop")]),
    "to-itself": (leading_to("/to-itself"), [("error", "loop")]),
    "wants-a-cookie": (
        answer(b"", "302 Found", "Location: /wants-a-cookie", "Set-Cookie: seen=1"),
        [("note", "unsure")],
    ),
    "hangs-up": (hanging_up, [("warning", "no-answer")]),
    "garbage": (b"\x00\x01\x02 what is this\r\n\r\n", [("warning", "garbled")]),
    "lies-about-its-length": (answer(b"<title>Moths</title></html>", length=99_999), []),
    "breaks-off": (breaking_off, []),
    "never-answers": (silent, [("warning", "slow")]),
    "drips": (dripping, [("warning", "slow")]),
    "an-article-about-404": (a_page("404 Media is founded by its writers"), []),
    "an-article-on-domains": (a_page("Not found: a city for sale"), []),
    "pdf.pdf": (answer(b"%PDF", "200 OK", "Content-Type: application/pdf"), []),
}


@pytest.mark.usefixtures("patience")  # Two of the pages would never end.
def test_every_verdict_is_right_and_stands_at_its_story(server: Server, web: Web, tmp_path: Path) -> None:
    for path, (said, _) in ANSWERS.items():
        server.says(f"/{path}", said)
    server.says("/accounts/login?next=/a", a_page("Log in"))
    server.says("/", a_page("The Ledger"))
    server.says("/in-circles-2", leading_to("/in-circles"))
    addresses = {f"On {path}": server.url(f"/{path}", f"{number}.example") for number, path in enumerate(ANSWERS)}
    copy = a_copy(tmp_path, addresses, web)
    found = list(links.check(copy))
    assert [(each.story, each.level, each.rule) for each in found] == [
        (f"On {path}", *verdict) for path, (_, verdicts) in ANSWERS.items() for verdict in verdicts
    ]
    lines = {story.title: story.line for story in copy.issue.stories}
    assert [each.line for each in found] == [lines[each.story] for each in found]


def test_three_hundred_links_on_one_site_are_asked_a_few_at_a_time(server: Server, web: Web) -> None:
    def late(line: socket.socket) -> None:
        time.sleep(0.02)
        line.sendall(a_page())

    addresses = [server.says(f"/{number}", late) for number in range(300)]
    found = link_round.visited(addresses, web)
    assert all(visit.well for visit in found.values())
    assert list(found) == addresses
    assert len(server.seen) == 300
    # Up to 8, and as many as hang while this computer is busy with something else.
    assert 2 <= server.most_at_once < 32


def test_a_site_that_is_asked_too_often_is_left_alone_for_a_moment(server: Server, web: Web, tmp_path: Path) -> None:
    answers = [answer(b"", "429 Too Many Requests", "Retry-After: 1"), a_page()]

    def busy(line: socket.socket) -> None:
        line.sendall(answers.pop(0))

    copy = a_copy(tmp_path, {"Busy": server.says("/busy", busy)}, web)
    began = time.monotonic()
    assert told(copy) == []
    assert time.monotonic() - began >= 1  # as it asked; a slow machine only waits longer


def test_a_site_that_wants_to_be_left_alone_for_long_is_and_none_of_its_pages_counts_as_dead(
    server: Server, web: Web, tmp_path: Path
) -> None:
    addresses = {
        f"Page {number}": server.says(f"/{number}", answer(b"", "429 Too Many Requests", "Retry-After: 600"))
        for number in range(30)
    }
    assert told(a_copy(tmp_path, addresses, web)) == [(title, "note", "unsure") for title in addresses]
    assert len(server.seen) <= 4


def test_what_was_seen_today_is_not_asked_again(server: Server, web: Web, tmp_path: Path) -> None:
    addresses = {
        "Well": server.says("/well", a_page()),
        "Moved": server.says("/moved", leading_to("/well", "301 Moved")),
    }
    first = told(a_copy(tmp_path, addresses, web))
    asked = len(server.seen)
    assert told(a_copy(tmp_path, addresses, web)) == first == [("Moved", "note", "moved")]
    assert len(server.seen) == asked


@pytest.mark.parametrize(("status", "hours", "again"), [(200, 23, 0), (200, 25, 1), (404, 0.9, 0), (404, 1.1, 1)])
def test_a_page_is_believed_for_a_day_and_a_fault_for_an_hour(
    server: Server, web: Web, tmp_path: Path, status: int, hours: float, again: int
) -> None:
    kept = tmp_path / ".digest" / "links.json"
    url = server.says("/a", answer(b"", f"{status} Status"))
    link_round.visited([url], web, kept=kept, now=lambda: 1_000_000.0)
    asked = len(server.seen)
    link_round.visited([url], web, kept=kept, now=lambda: 1_000_000.0 + hours * 3600)
    assert len(server.seen) - asked == again


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 99, "visits": {}}',
        b'{"version": 1, "visits": {"a": [0, {"colour": 1}]}}',
        b"\xff\x00",
    ],
)
def test_a_damaged_memory_costs_time_only(server: Server, web: Web, tmp_path: Path, content: bytes) -> None:
    kept = tmp_path / "links.json"
    kept.write_bytes(content)
    url = server.says("/a", a_page())
    assert link_round.visited([url], web, kept=kept)[url].well
    assert list(json.loads(kept.read_bytes())["visits"]) == [url]


def test_an_address_of_one_s_own_network_is_refused_not_asked(server: Server, tmp_path: Path) -> None:
    with Web() as web:
        found = finding(a_copy(tmp_path, {"Mine": server.says("/a", a_page())}, web))
    assert (found.level, found.rule) == ("error", "private")
    assert server.seen == []


def test_without_leave_nothing_is_asked_and_nobody_is_told(server: Server, tmp_path: Path) -> None:
    assert told(a_copy(tmp_path, {"Dead": server.url("/a")}, None)) == []
    assert (server.connections, (tmp_path / ".digest").exists()) == (0, False)


def test_blanks_and_mail_addresses_are_not_followed(tmp_path: Path, web: FakeWeb) -> None:
    with FakeWeb() as nobody:
        assert told(a_copy(tmp_path, {"Write": "mailto:ed@news.example", "On the web": "[[view_url]]"}, nobody)) == []
        assert nobody.requests == []


def test_a_name_that_nobody_has_is_a_dead_link(tmp_path: Path) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with Web(lookup=unknown) as web:
        found = finding(a_copy(tmp_path, {"Lost": "https://lost.example/"}, web))
    assert (found.level, found.rule) == ("error", "dead")
    assert "lost.example" in found.hint


@pytest.mark.parametrize("why", [socket.EAI_AGAIN, socket.EAI_NONAME])
def test_a_computer_that_is_offline_says_so_and_calls_no_link_dead(tmp_path: Path, why: int) -> None:
    def offline(host: str, port: int) -> list[str]:
        raise socket.gaierror(why, "unknown")

    with Web(lookup=offline) as web, pytest.raises(CannotCheck):
        told(a_copy(tmp_path, {"One": "https://one.example/", "Two": "https://two.example/"}, web))
    assert not (tmp_path / ".digest").exists()


@pytest.mark.parametrize(
    ("host", "ends", "trusted", "verdict"),
    [
        ("news.example", datetime(2099, 1, 1, tzinfo=UTC), True, []),
        ("news.example", datetime(2020, 1, 1, tzinfo=UTC), True, [("News", "error", "certificate")]),
        ("other.example", datetime(2099, 1, 1, tzinfo=UTC), True, [("News", "error", "certificate")]),
        ("news.example", datetime(2099, 1, 1, tzinfo=UTC), False, [("News", "warning", "certificate")]),
    ],
    ids=["well", "expired", "another-site", "nobody-vouches"],
)
def test_a_certificate_that_browsers_warn_of_is_told(
    tmp_path: Path, host: str, ends: datetime, trusted: bool, verdict: list[tuple[str, str, str]]
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, not_before=datetime(2019, 1, 1, tzinfo=UTC), not_after=ends).configure_cert(context)
    with Server(context=context) as server:
        server.says("/a", a_page())
        with Web(
            allow_private=True,
            lookup=lambda name, port: ["127.0.0.1"],
            ca_file=tmp_path / "ca.pem" if trusted else None,
        ) as web:
            assert told(a_copy(tmp_path, {"News": server.url("/a", "news.example")}, web)) == verdict


def test_https_is_proposed_where_it_was_seen_to_work_and_only_there(tmp_path: Path) -> None:
    with FakeWeb() as web:
        web.answers("GET", "http://a.example/1", a_page_body("One"), headers=HTML)
        web.answers("GET", "https://a.example/1", a_page_body("One"), headers=HTML)
        web.answers("GET", "http://b.example/2", a_page_body("Two"), headers=HTML)
        web.answers("GET", "https://b.example/2", "no", status=404)
        web.answers("GET", "http://c.example/3", a_page_body("Three"), headers=HTML)
        web.breaks("GET", "https://c.example/3", after_sending=False)
        web.answers("GET", "http://d.example/4", a_page_body("Four"), headers=HTML)
        web.answers("GET", "https://d.example/4", a_page_body("Welcome to nginx!"), headers=HTML)
        copy = a_copy(
            tmp_path,
            {f"On {each}": f"http://{each}" for each in ("a.example/1", "b.example/2", "c.example/3", "d.example/4")},
            web,
        )
        found = finding(copy)
    assert (found.story, found.level, found.rule) == ("On a.example/1", "note", "https")
    assert "https://a.example/1" in found.hint
    assert "http://a.example/1" in found.what


def test_a_redirect_to_https_counts_as_seen(tmp_path: Path) -> None:
    with FakeWeb() as web:
        web.answers("GET", "http://a.example/1", status=301, headers={"Location": "https://a.example/1"})
        web.answers("GET", "https://a.example/1", a_page_body("One"), headers=HTML)
        assert told(a_copy(tmp_path, {"One": "http://a.example/1"}, web)) == [("One", "note", "https")]


HTML = {"Content-Type": "text/html"}


def a_page_body(title: str) -> bytes:
    return f"<title>{title}</title>".encode()


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("http://a.example/b?c#d", "https://a.example/b?c#d"),
        ("http://a.example:80/b", "https://a.example/b"),
        ("http://a.example:8080/b", ""),
        ("https://a.example/", ""),
        ("mailto:a@b.example", ""),
    ],
)
def test_no_port_speaks_both_http_and_https(url: str, secure: str) -> None:
    assert link_answers.secure_form(url) == secure


@pytest.mark.parametrize(
    "visit",
    [
        Visit("https://a.example/story", 200, "https://a.example/story/"),
        Visit("https://a.example/story", 200, "https://www.a.example/story"),
        Visit("http://a.example/story", 200, "https://a.example/story"),
        Visit("https://a.example/", 200, "https://a.example/en/"),
        Visit("https://doi.org/10.1000/182", 200, "https://press.example/182"),
        Visit("https://a.example/login", 200, "https://a.example/login"),
        Visit("https://a.example/wiki/Missing", 200, "https://a.example/wiki/Missing", title="Missing - Wiki"),
    ],
    ids=lambda visit: visit.url,
)
def test_what_any_editor_would_call_the_page_itself_is_not_told(visit: Visit) -> None:
    assert link_answers.judge(visit) == ()


def test_the_picture_of_a_story_has_to_be_a_picture(server: Server, web: Web, tmp_path: Path) -> None:
    url = server.says("/a.jpg", a_page("Blocked"))
    text = f"---\nnumber: 1\n---\n\n## Top\n\n### A story\n\n![A convoy near Baghdad]({url})\n\nA blurb.\n"
    file = issue_file.parse(text, path=tmp_path / "1.md")
    publication = config.parse(TOML, tmp_path / "digest.toml")
    email = Renderer(publication, root=tmp_path).render(file.issue)
    found = finding(Copy(issue=file.issue, email=email, publication=publication, text=text, web=web))
    assert (found.level, found.rule, found.line, found.story) == ("error", "not-a-picture", 9, "A story")
