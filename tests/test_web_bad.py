"""Servers that mean harm or are merely broken: a clear sentence each, in time and in little memory."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
import traceback
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fake_web import FakeWeb
from web_server import Server, answer

from digest.errors import Garbled, NoAnswer, TooBig, TooSlow, WebError, shown_url
from digest.web import Web

HOME = ["127.0.0.1/32"]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def door() -> Iterator[Web]:
    with Web(allow_private=HOME, whole=5) as web:
        yield web


def drip(head: bytes, bite: bytes, pause: float = 0.02):
    """Bytes that come forever, each well within the time that one silence may take."""

    def say(line: socket.socket) -> None:
        line.sendall(head)
        while True:
            line.sendall(bite)
            time.sleep(pause)

    return say


# Too big


def test_a_body_of_200_megabytes_is_not_waited_for(server: Server, door: Web) -> None:
    def pour(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            line.sendall(b"x" * 100_000)

    url = server.says("/", pour)
    tracemalloc.start()
    try:
        with pytest.raises(TooBig, match="it is more than 5 MB"):
            door.get(url, cap=5_000_000)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 12_000_000


def test_a_body_that_is_announced_too_big_is_not_read(server: Server, door: Web) -> None:
    url = server.says("/", lambda line: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n"))
    with pytest.raises(TooBig):
        door.get(url)


def test_a_body_of_exactly_the_cap_comes(server: Server, door: Web) -> None:
    url = server.says("/", answer(b"x" * 1000))
    assert len(door.get(url, cap=1000).body) == 1000
    with pytest.raises(TooBig, match=r"more than 0\.999 kB"):
        door.get(url, cap=999)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_at_the_cap(coding: str, server: Server, door: Web) -> None:
    """60 MB of zeroes in some 300 kB: what is unpacked is bounded, not looked at afterwards."""
    packed = gzip.compress(b"\0" * 60_000_000, 1)
    packed = packed if coding == "gzip" else packed[10:-8]
    url = server.says("/", answer(packed, "200 OK", f"Content-Encoding: {coding}"))
    tracemalloc.start()
    try:
        with pytest.raises(TooBig, match="it is more than 4 MB"):
            door.get(url, cap=4_000_000)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 20_000_000


def test_a_bomb_of_exactly_the_cap_is_read(server: Server, door: Web) -> None:
    url = server.says("/", answer(gzip.compress(b"\0" * 300_000), "200 OK", "Content-Encoding: gzip"))
    assert door.get(url, cap=300_000).body == b"\0" * 300_000
    with pytest.raises(TooBig):
        door.get(url, cap=299_999)


@pytest.mark.parametrize(
    "headers", [["Content-Encoding: gzip, gzip"], ["Content-Encoding: gzip", "Content-Encoding: deflate"]]
)
def test_stacked_codings_are_refused(headers: list[str], server: Server, door: Web) -> None:
    packed = gzip.compress(gzip.compress(b"\0" * 10_000_000))
    with pytest.raises(Garbled, match="compressed more than once"):
        door.get(server.says("/", answer(packed, "200 OK", *headers)))


def test_a_body_in_a_million_pieces_is_refused(server: Server, door: Web) -> None:
    packed = gzip.compress(b"") * 100_000
    with pytest.raises(Garbled, match="too many pieces"):
        door.get(server.says("/", answer(packed, "200 OK", "Content-Encoding: gzip")))


def test_a_compressed_body_that_never_says_anything_is_left(server: Server, door: Web) -> None:
    def pour(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n")
        while not server.ended.is_set():
            line.sendall(b"\x00\x00\x00\xff\xff" * 10_000)  # an empty block each five bytes

    with pytest.raises(TooBig):
        door.get(server.says("/", pour), cap=1_000_000)


# Too slow


@pytest.mark.parametrize(
    "say",
    [drip(b"", b"H"), drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
     drip(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
     drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
     drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x")],
    ids=["status", "headers", "body", "one header", "chunks", "continue", "length"],
)  # fmt: skip
@pytest.mark.usefixtures("patience")
def test_a_slow_drip_ends_when_the_time_is_over(say, server: Server) -> None:
    url = server.says("/", say)
    with Web(allow_private=HOME, whole=0.3) as web, pytest.raises(TooSlow, match=r"it was not done after 0\.3 seconds"):
        web.get(url)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12"])
@pytest.mark.usefixtures("patience")
def test_a_silence_ends_when_its_time_is_over(said: bytes, server: Server) -> None:
    def stop_talking(line: socket.socket) -> None:
        line.sendall(said)
        server.ended.wait(30)

    with Web(allow_private=HOME, read=0.2) as web, pytest.raises(TooSlow, match=r"nothing came for 0\.2 seconds"):
        web.get(server.says("/", stop_talking))


@pytest.mark.usefixtures("patience")
def test_a_silence_before_the_secure_connection_ends(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute, Web(allow_private=HOME, connect=0.2) as web:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        with pytest.raises(TooSlow, match="nothing came in time"):
            web.get(url)


@pytest.mark.usefixtures("patience")
def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    given_up = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        given_up.wait()
        return []

    with Web(lookup=hang, connect=0.2) as web, pytest.raises(TooSlow, match="could not be looked up in time"):
        web.get("https://news.example/")
    given_up.set()


def test_redirects_share_one_time(server: Server) -> None:
    def slowly(line: socket.socket) -> None:
        time.sleep(0.12)
        line.sendall(answer(b"", "302 x", f"Location: /{len(server.seen)}", "Connection: close"))

    for number in range(20):
        server.says(f"/{number}", slowly)
    with Web(allow_private=HOME, whole=0.4) as web, pytest.raises(TooSlow):
        web.get(server.url("/0"))


# Broken


def test_redirects_without_end_are_left(server: Server, door: Web) -> None:
    for number in range(20):
        server.says(f"/{number}", answer(b"", "302 x", f"Location: /{number + 1}"))
    with pytest.raises(NoAnswer, match="after 10 redirects there is still no page"):
        door.get(server.url("/0"))
    assert len(server.seen) == 11


def test_redirects_in_a_circle_are_left(server: Server, door: Web) -> None:
    server.says("/1", answer(b"", "301 x", "Location: /2"))
    server.says("/2", answer(b"", "302 x", "Location: /1"))
    with pytest.raises(NoAnswer, match="it leads back to itself"):
        door.get(server.url("/1"))
    assert len(server.seen) == 2


def reset(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of it")
    time.sleep(0.05)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (lambda line: None, NoAnswer),
        (reset, NoAnswer),
        (answer(b"half", "200 OK", "Connection: close", length=1000), Garbled),
        (answer(gzip.compress(b"news " * 999)[:-9], "200 OK", "Content-Encoding: gzip"), Garbled),
        (answer(b"no gzip at all", "200 OK", "Content-Encoding: gzip"), Garbled),
        (answer(b"x", "200 OK", "Content-Encoding: deflate"), Garbled),
        (answer(b"brotli", "200 OK", "Content-Encoding: br"), Garbled),
        (answer(b"x", "200 OK", "Transfer-Encoding: gzip, chunked"), Garbled),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n", Garbled),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhal", Garbled),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 90_000, Garbled),
        (b"220 mail.example ESMTP\r\n\r\n", Garbled),
        (b"\0\xff\xfe garbage \r\n\r\n", Garbled),
        (b"HTTP/1.1 abc\r\n\r\n", Garbled),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", Garbled),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n", Garbled),
    ],
    ids=["hangs up", "reset", "too short", "cut gzip", "no gzip", "no deflate", "brotli", "transfer coding",
         "bad chunk", "cut chunk", "endless chunk size", "SMTP", "garbage", "status", "long header", "many headers"],
)  # fmt: skip
def test_a_broken_answer_is_told_in_a_sentence(said, kind: type[WebError], server: Server, door: Web) -> None:
    url = server.says("/", said)
    with pytest.raises(kind) as told:
        door.get(url)
    assert str(told.value) == f"{url} {told.value._so}: {told.value.reason}."


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (answer(b"<rss/> and what follows", length=6), b"<rss/>"),
        (b"HTTP/1.0 200\r\n\r\nno length", b"no length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\nConnection: close\r\n\r\nx", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\nConnection: close\r\n\r\nx", b"x"),
        (b"HTTP/1.1 200 OK\nConnection: close\n\nbare line ends", b"bare line ends"),
        (b"HTTP/1.1 200 \xff\xfe\0\r\nX-\xff: \0\r\nConnection: close\r\n\r\n\0", b"\0"),
        (answer(b"", "200 OK", "Content-Encoding: gzip"), b""),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", b""),
    ],
    ids=["too long", "no length", "negative", "words", "line ends", "NUL", "empty gzip", "early hints"],
)  # fmt: skip
def test_an_odd_answer_is_read_all_the_same(said: bytes, body: bytes, server: Server, door: Web) -> None:
    url = server.says("/", said + b"" if b"Length" in said else lambda line: line.sendall(said))
    assert door.get(url).body == body


def test_what_an_answer_says_too_much_is_no_answer_to_the_next_request(server: Server, door: Web) -> None:
    door.get(server.says("/1", answer(b"<rss/>HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", length=6)))
    time.sleep(0.05)
    assert door.get(server.says("/2", answer(b"good"))).body == b"good"


def test_a_name_that_nobody_has_is_told(door: Web) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with (
        Web(lookup=unknown) as web,
        pytest.raises(NoAnswer, match=r"^https://news\.example/ did not answer: its name is"),
    ):
        web.get("https://news.example/")


def test_a_port_where_nobody_listens_is_told(door: Web) -> None:
    with socket.create_server(("127.0.0.1", 0)) as line:
        port = line.getsockname()[1]
    with pytest.raises(NoAnswer, match="nobody listens there"):
        door.get(f"http://127.0.0.1:{port}/")


# Secure connections


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of news.example, signed by itself, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("the openssl command, which makes a certificate for this test, is not here")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example",
         "-out", str(paths[0]), "-keyout", str(paths[1])],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return paths


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with Server(context=context) as server:
        yield server


def named(*hosts: str, **how) -> Web:
    """A door behind which all names lead to this computer."""
    return Web(allow_private=HOME, lookup=lambda host, port: ["127.0.0.1"], **how)


def test_a_secure_page_comes_on_one_connection(secure: Server, certificate: tuple[Path, Path]) -> None:
    secure.says("/", answer(b"secret news" * 10_000))
    with named(ca_file=certificate[0]) as web:
        assert [len(web.get(secure.url("/", "news.example")).body) for _ in range(3)] == [110_000] * 3
    assert secure.connections == 1


def test_a_certificate_of_another_site_is_refused(secure: Server, certificate: tuple[Path, Path]) -> None:
    with named(ca_file=certificate[0]) as web, pytest.raises(NoAnswer, match="it is another site's"):
        web.get(secure.url("/", "bank.example"))
    assert secure.seen == []


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Server) -> None:
    with named() as web, pytest.raises(NoAnswer, match="it is self-signed"):
        web.get(secure.url("/", "news.example"))
    assert secure.seen == []


@pytest.mark.usefixtures("patience")
def test_a_secure_drip_ends_when_the_time_is_over(secure: Server, certificate: tuple[Path, Path]) -> None:
    secure.says("/", drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"))
    with named(ca_file=certificate[0], whole=0.5) as web, pytest.raises(TooSlow):
        web.get(secure.url("/", "news.example"))


def test_a_feed_does_not_move_from_https_to_http(
    secure: Server, server: Server, certificate: tuple[Path, Path]
) -> None:
    secure.says("/", answer(b"", "301 x", f"Location: {server.says('/', answer(b'x'))}"))
    with named(ca_file=certificate[0]) as web:
        got = web.get(secure.url("/", "news.example"))
    assert (got.body, got.permanent_url) == (b"x", "")


def test_an_answer_without_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain, named() as web, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(web.get, f"https://news.example:{plain.getsockname()[1]}/")
        line, _ = plain.accept()
        with line:
            line.recv(4096)
            line.sendall(b"HTTP/1.1 400 Speak plainly\r\n\r\n")
        with pytest.raises(NoAnswer, match="no secure connection could be made"):
            asked.result()


# Secrets

SECRET = "hush4hush7hush9hush2hush"


def everything(error: BaseException) -> str:
    """All that a log, a traceback or a curious program could get out of an error."""
    seen: list[str] = []
    while error is not None:
        seen += [str(error), repr(error), repr(error.args), repr(vars(error)), *traceback.format_exception_only(error)]
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return "\n".join(seen)


@pytest.mark.parametrize(
    "path",
    ["/hang-up", "/garbage", "/short", "/coding", "/circle", "/out", "/inside", "/big", "/json", "/self-made"],
)
def test_no_error_holds_a_secret(path: str, server: Server, door: Web) -> None:
    asked = f"{path}?key={SECRET}"
    server.says(asked, {
        "/hang-up": lambda line: None,
        "/garbage": SECRET.encode() + b"\r\n\r\n",
        "/short": answer(SECRET.encode(), "200 OK", "Connection: close", length=99),
        "/coding": answer(SECRET.encode(), "200 OK", "Content-Encoding: gzip"),
        "/circle": answer(b"", "302 x", f"Location: {asked}"),
        "/out": answer(b"", "302 x", f"Location: ftp://me:{SECRET}@x.example/{SECRET}?{SECRET}#{SECRET}"),
        "/inside": answer(b"", "302 x", f"Location: http://me:{SECRET}@127.0.0.2/private/{SECRET}.xml"),
        "/big": answer(b"x" * 99),
        "/json": answer(SECRET.encode()),
        "/self-made": answer(b"", "302 x", f"Location: http://me:{SECRET}@[::1/?{SECRET}"),
    }[path])  # fmt: skip
    headers = {"Authorization": f"Bearer {SECRET}", "X-Key": SECRET}
    url = server.url(asked).replace("//", f"//me:{SECRET}@")

    with pytest.raises(WebError) as told:
        door.request("GET", url, headers=headers, cap=50).json()

    assert SECRET not in everything(told.value)


@pytest.mark.parametrize("key", [SECRET + "\n", SECRET + "\u2026", "\n" + SECRET, SECRET + "\r\nX: y"])
def test_a_key_pasted_badly_is_told_without_being_shown(key: str, web: FakeWeb) -> None:
    with pytest.raises(WebError, match="a key or another header") as told:
        web.request("POST", "https://api.example/", headers={"Authorization": f"Bearer {key}"}, json={})
    assert SECRET not in everything(told.value)
    assert web.requests == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/feed.xml", "https://news.example/feed.xml"),
        ("https://me:pw@news.example:8443/a?key=1#x", "https://news.example:8443/a?..."),
        ("https://me:p/w@news.example/a", "https://news.example/a"),
        ("https://me:p#w?@news.example/a", "https://news.example/a"),
        ("https://social.example/@name/feed", "https://social.example/@name/feed"),
        ("http://x.example:8080/@name", "http://x.example:8080/@name"),
        ("https://p.example/private/0b5c2f6e-7d0a-4a57-9d4f-3f1c7a0e9b11.rss", "https://p.example/private/....rss"),
        ("https://hooks.example/T0/B0/aB3dE6gH9jK2mN5pQ8sT1v", "https://hooks.example/T0/B0/..."),
        ("https://x.example/why-the-2024-budget-is-late-again-20240202", "https://x.example/why-the-2024-budget-is-late-again-20240202"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("http://[", "http://["),
        ("http://x.example/\x1b[31m\n", "http://x.example/ [31m "),
        ("", ""),
        ("https://x.example/" + "a/" * 200, "https://x.example/" + ("a/" * 200)[:79] + "..."),
    ],
)  # fmt: skip
def test_an_address_is_shown_without_what_is_secret_in_it(url: str, shown: str) -> None:
    assert shown_url(url) == shown
