"""The door to the network, against a real server on this computer."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_web import NOON
from web_server import Server, answer

from digest.errors import Garbled, NotTheWeb, RefusedAddress
from digest.web import Answer, Conditional, Web
from digest.web.addresses import is_public

HOME = ["127.0.0.1/32"]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def door() -> Iterator[Web]:
    """A door that lets 127.0.0.1 through, and nothing else that is private."""
    with Web(allow_private=HOME, whole=5, now=lambda: NOON) as web:
        yield web


# What an answer tells


def test_a_page_comes_with_all_that_was_said_of_it(server: Server, door: Web) -> None:
    headers = (
        'Content-Type: Text/XML; Charset="ISO-8859-2"',
        b'ETag: W/"5\xff, x" ',
        "Last-Modified: yesterday, about noon",
        "Cache-Control: public, Max-Age=3600",
        "Age: 600",
    )
    url = server.says("/feed?key=1", answer(b"\x00<rss/>", "200 OK", *headers))

    got = door.get(url)

    assert got == Answer(
        status=200,
        url=url,
        body=b"\x00<rss/>",
        headers=got.headers,
        media_type="text/xml",
        charset="iso-8859-2",
        etag='W/"5\xff, x"',
        last_modified="yesterday, about noon",
        expires_in=3000,
    )
    assert got.headers["content-TYPE"] == 'Text/XML; Charset="ISO-8859-2"'


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("120", 120), ("Fri, 02 Feb 2024 12:05:00 GMT", 300), ("Fri, 02 Feb 2024 11:00:00 GMT", 0), ("soon", None),
     ("-5", None), ("9" * 400, None), ("Fri, 99 Feb 2024 12:05:00 GMT", None), ("1e3", None), ("١٢", None)],
)  # fmt: skip
def test_when_to_come_back_is_read_in_seconds_or_as_a_date(
    told: str, seconds: int | None, server: Server, door: Web
) -> None:
    url = server.says("/", answer(b"", "429 Too Many Requests", f"Retry-After: {told}"))
    assert door.get(url).retry_after == seconds


def test_an_answer_of_404_is_an_answer(server: Server, door: Web) -> None:
    got = door.get(server.url("/gone"))
    assert (got.status, got.ok, got.body) == (404, False, b"nothing here")


def test_of_a_long_explanation_the_start_is_kept(server: Server, door: Web) -> None:
    url = server.says("/", answer(gzip.compress(b"sorry " * 100_000), "500 Oops", "Content-Encoding: gzip"))
    got = door.get(url)
    assert (got.status, len(got.body)) == (500, 64_000)


def test_json_is_read_and_what_is_none_is_told(server: Server, door: Web) -> None:
    assert door.get(server.says("/1", answer(b'{"id": "c1"}'))).json() == {"id": "c1"}
    with pytest.raises(Garbled, match="it is no JSON"):
        door.get(server.says("/2", answer(b"<html>"))).json()


# Asking again


def test_stamps_go_back_byte_for_byte(server: Server, door: Web) -> None:
    url = server.says("/", answer(b"", "304 Not Modified"))
    stamp = Conditional(etag='W/"a\xe9,  b"', last_modified="Fri, 2 Feb 2024 9:00:00 +0000")

    got = door.get(url, conditional=stamp)

    assert (got.status, got.body) == (304, b"")
    assert server.seen[0].header("If-None-Match") == b'W/"a\xe9,  b"'
    assert server.seen[0].header("If-Modified-Since") == b"Fri, 2 Feb 2024 9:00:00 +0000"


def test_what_an_answer_was_stamped_with_is_what_goes_back(server: Server, door: Web) -> None:
    url = server.says("/", answer(b"<rss/>", "200 OK", b'ETag: "\xfc\x80"', "Last-Modified: x"))
    door.get(url, conditional=door.get(url).conditional)
    assert server.seen[1].header("If-None-Match") == b'"\xfc\x80"'


@pytest.mark.parametrize("etag", ["a\r\nX-Evil: 1", "a\0b", " a", "北", "\n"])
def test_a_stamp_that_no_header_can_carry_stays_home(etag: str, server: Server, door: Web) -> None:
    door.get(server.says("/", answer(b"")), conditional=Conditional(etag=etag, last_modified="ok"))
    assert server.seen[0].header("If-None-Match") is None
    assert server.seen[0].header("If-Modified-Since") == b"ok"
    assert b"Evil" not in server.seen[0].raw


def test_a_program_says_who_it_is_and_what_it_can_read(server: Server) -> None:
    with Web(allow_private=HOME, user_agent="digest/1 (+https://news.example)") as web:
        web.get(server.says("/", answer()), accept="application/rss+xml")
    names = ("User-Agent", "Accept", "Accept-Encoding", "Cookie")
    assert [server.seen[0].header(name) for name in names] == [
        b"digest/1 (+https://news.example)",
        b"application/rss+xml",
        b"gzip, deflate",
        None,
    ]


@pytest.mark.parametrize("last", ["200 OK", "304 Not Modified"])
def test_one_connection_serves_several_requests(last: str, server: Server, door: Web) -> None:
    for path in ("/1", "/2", "/3"):
        door.get(server.says(path, answer(b"" if "304" in last else b"x", last)))
    door.head(server.says("/h", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"))
    door.get(server.says("/4", answer(b"x")))
    assert server.connections == 1


def test_a_connection_that_died_since_is_made_anew(server: Server, door: Web) -> None:
    url = server.says("/1", answer(b"x"))
    door.get(url)
    server.says("/2", lambda line: line.close())

    def hang_up_once(line: socket.socket) -> None:
        server.says("/2", answer(b"second"))

    assert door.get(server.says("/2", hang_up_once)).body == b"second"


def test_cookies_are_not_kept(server: Server, door: Web) -> None:
    url = server.says("/", answer(b"", "200 OK", "Set-Cookie: a=b; Path=/"))
    door.get(url)
    door.get(url)
    assert server.seen[1].header("Cookie") is None


def test_threads_take_turns_at_a_host(server: Server, door: Web) -> None:
    here: list[str] = []
    met: list[str] = []

    def slowly(line: socket.socket) -> None:
        met.extend(here)
        here.append("one")
        time.sleep(0.03)
        here.remove("one")  # before the answer: with it the next may set out
        line.sendall(answer(b"x", "200 OK", "Connection: close"))

    urls = [server.says(f"/{number}", slowly) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        bodies = [got.body for got in pool.map(door.get, urls)]
    assert (bodies, met) == ([b"x"] * 8, [])


def test_threads_are_at_different_hosts_at_once() -> None:
    meeting = threading.Barrier(4, timeout=15)

    def meet(line: socket.socket) -> None:
        meeting.wait()
        line.sendall(answer(b"x", "200 OK", "Connection: close"))

    with Server() as server, ThreadPoolExecutor(4) as pool:
        server.says("/", meet)
        names = [f"host{number}.example" for number in range(4)]
        with Web(allow_private=HOME, lookup=lambda host, port: ["127.0.0.1"]) as web:
            assert all(got.ok for got in pool.map(lambda name: web.get(server.url("/", name)), names))


def test_waiting_for_ones_turn_does_not_count(server: Server) -> None:
    def slowly(line: socket.socket) -> None:
        time.sleep(0.25)
        line.sendall(answer(b"x", "200 OK", "Connection: close"))

    url = server.says("/", slowly)
    with Web(allow_private=HOME, whole=1.4) as web, ThreadPoolExecutor(6) as pool:
        assert [got.status for got in pool.map(web.get, [url] * 6)] == [200] * 6


def test_hanging_up_ends_what_other_threads_wait_for(server: Server) -> None:
    reached = threading.Event()

    def say_nothing(line: socket.socket) -> None:
        reached.set()
        server.ended.wait(30)

    url = server.says("/", say_nothing)
    web = Web(allow_private=HOME)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(web.get, url) for _ in range(2)]
        assert reached.wait(30)
        web.close()
        reasons = {each.exception().reason for each in waiting}  # type: ignore[union-attr]
    assert reasons == {"digest was told to stop"}


# Compressed


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(b"news " * 999)), ("X-GZIP", gzip.compress(b"news " * 999)),
     ("deflate", zlib.compress(b"news " * 999)), ("deflate", zlib.compress(b"news " * 999, wbits=-15)),
     ("gzip", gzip.compress(b"news " * 500) + gzip.compress(b"news " * 499)),
     ("gzip", gzip.compress(b"news " * 999) + b"\0\0padding"), ("identity", b"news " * 999), ("UTF-8", b"news " * 999)],
    ids=["gzip", "x-gzip", "zlib", "bare deflate", "two members", "padding", "identity", "no coding"],
)  # fmt: skip
def test_a_compressed_page_is_unpacked(coding: str, packed: bytes, server: Server, door: Web) -> None:
    url = server.says("/", answer(packed, "200 OK", f"Content-Encoding: {coding}"))
    assert door.get(url).body == b"news " * 999


def test_a_page_in_chunks_is_put_together(server: Server, door: Web) -> None:
    chunks = b"".join(b"%x;a=b\r\n%s\r\n" % (len(bite), bite) for bite in (b"one ", b"\0" * 70_000, b"three"))
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\nTrailer: x\r\n\r\n"
    assert door.get(server.says("/", said)).body == b"one " + b"\0" * 70_000 + b"three"


# Redirects


def test_redirects_are_followed_and_told(server: Server, door: Web) -> None:
    start = server.says("/1", answer(b"", "301 Moved", "Location: /2"))
    second = server.says("/2", answer(b"x" * 9999, "308 Moved", "Location: ?3"))
    third = server.says("/2?3", answer(b"", "302 Found", f"Location: //127.0.0.1:{server.port}/4"))
    end = server.says("/4", answer(b"here"))

    got = door.get(start)

    assert (got.body, got.url, got.redirects) == (b"here", end, ((301, start), (308, second), (302, third)))
    assert got.permanent_url == third


@pytest.mark.parametrize(("status", "moved"), [(301, True), (302, False), (303, False), (307, False), (308, True)])
def test_a_feed_moves_only_when_told_that_it_is_for_good(status: int, moved: bool, server: Server, door: Web) -> None:
    got = door.get(server.says("/1", answer(b"", f"{status} x", f"Location: {server.says('/2', answer(b''))}")))
    assert got.permanent_url == (server.url("/2") if moved else "")


def test_a_feed_does_not_move_to_a_page_that_is_not_there(server: Server, door: Web) -> None:
    assert door.get(server.says("/1", answer(b"", "301 x", "Location: /nowhere"))).permanent_url == ""


def test_a_redirect_in_utf8_is_followed(server: Server, door: Web) -> None:
    server.says("/caf%C3%A9", answer(b"here"))
    assert door.get(server.says("/", answer(b"", "302 x", "Location: /café".encode()))).body == b"here"


def test_keys_are_not_told_to_another_host(server: Server, door: Web) -> None:
    with Server() as other:
        other.says("/", answer(b"", "302 x", f"Location: {server.says('/', answer(b'end'))}"))
        headers = {"Authorization": "Bearer hush", "X-Api-Key": "hush", "Accept-Language": "da"}
        door.get(other.url("/").replace("//", "//me:hush@"), headers=headers, conditional=Conditional('"1"'))
    assert b"Bearer hush" in other.seen[0].raw
    assert b"hush" not in server.seen[0].raw
    assert (server.seen[0].header("If-None-Match"), server.seen[0].header("Accept-Language")) == (b'"1"', b"da")


def test_name_and_password_of_an_address_are_sent_and_not_kept(server: Server, door: Web) -> None:
    server.says("/", answer(b"", "301 x", f"Location: {server.says('/2', answer(b''))}"))
    got = door.get(server.url("/").replace("//", "//me:h%40sh@"))
    assert server.seen[1].header("Authorization") == b"Basic bWU6aEBzaA=="
    assert "sh@" not in repr(got)


def test_a_post_is_not_led_elsewhere(server: Server, door: Web) -> None:
    got = door.request("POST", server.says("/1", answer(b"", "302 x", "Location: /2")), json={"a": 1})
    assert (got.status, len(server.seen)) == (302, 1)


# Where it may not go


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "javascript:alert(1)", "ftp://ftp.example/x", "data:text/html,x", "feed://x.example/",
     "", "news.example/feed", "//news.example", "http://", "http:///x", "http://[::1", "http://a b/",
     "http://x:99999/", "HTTP:x", "http://..", "http://\0/", "gopher://127.0.0.1:25/", "http://*.example/",
     "http://ex.example/" + "x" * 100_000],
)  # fmt: skip
def test_what_is_no_web_address_is_told_so(url: str) -> None:
    with Web() as web, pytest.raises(NotTheWeb):
        web.get(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[ff02::1]", "[::127.0.0.1]",
     "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
     "192.0.2.1", "198.18.0.1"],
)  # fmt: skip
def test_no_private_address_is_connected_to(host: str, server: Server) -> None:
    with Web(connect=0.5) as web, pytest.raises(RefusedAddress):
        web.get(f"http://{host}:{server.port}/")
    assert server.connections == 0


@pytest.mark.parametrize(
    "number", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_public_addresses_are_public(number: str) -> None:
    assert is_public(number)


def test_a_name_that_leads_to_this_computer_is_refused(server: Server) -> None:
    with (
        Web(lookup=lambda host, port: ["127.0.0.1", "::1"]) as web,
        pytest.raises(RefusedAddress, match=r"it leads to 127\.0\.0\.1"),
    ):
        web.get(server.url("/", "news.example"))
    assert server.connections == 0


def test_a_redirect_to_a_private_address_is_refused(door: Web, server: Server) -> None:
    url = server.says("/", answer(b"", "302 x", f"Location: {server.url('/secret', '127.0.0.2')}"))
    with pytest.raises(RefusedAddress) as refused:
        door.get(url)
    assert server.connections == 1
    assert refused.value.what.endswith(f"{url} leads there.")


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "javascript:alert(1)", "ftp://x.example/", "http://[", "data:,x"]
)
def test_a_redirect_out_of_the_web_is_refused(target: str, server: Server, door: Web) -> None:
    with pytest.raises(NotTheWeb):
        door.get(server.says("/", answer(b"", "302 x", f"Location: {target}")))


def test_the_address_that_was_checked_is_the_one_connected_to(server: Server) -> None:
    """A name that is looked up again between check and connection could lead elsewhere the second time."""
    answers = iter([["127.0.0.1"], ["127.0.0.9"]])
    with Web(allow_private=HOME, lookup=lambda host, port: next(answers)) as web:
        assert web.get(server.url(server.says("/", answer(b"x")) and "/", "news.example")).ok
        with pytest.raises(RefusedAddress):
            web.get(f"http://news.example:{server.port + 1}/")


def test_of_several_addresses_the_allowed_one_is_taken(server: Server, door: Web) -> None:
    server.says("/", answer(b"x"))
    with Web(allow_private=HOME, lookup=lambda host, port: ["10.0.0.1", "127.0.0.1"]) as web:
        assert web.get(server.url("/", "news.example")).body == b"x"


def test_the_environments_proxy_is_not_used_unless_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as proxy:
        proxy.says("http://news.example/", answer(b"by proxy"))
        proxy.says("http://news.example/in", answer(b"", "302 x", "Location: http://inside.example/"))
        monkeypatch.setenv("HTTP_PROXY", proxy.url("").replace("//", "//me:hush@"))
        monkeypatch.setenv("http_proxy", proxy.url("").replace("//", "//me:hush@"))
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        numbers = {"news.example": ["93.184.216.34"], "inside.example": ["10.0.0.1"]}
        with Web(allow_private=HOME) as direct:
            assert direct.get(server.says("/", answer(b"direct"))).body == b"direct"
        with Web(use_proxy=True, lookup=lambda host, port: numbers[host]) as web:
            assert web.get("http://news.example/").body == b"by proxy"
            with pytest.raises(RefusedAddress):
                web.get("http://news.example/in")
    assert len(proxy.seen) == 2
