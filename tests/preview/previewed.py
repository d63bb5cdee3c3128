"""A preview that really runs, in a process of its own, and what a browser would ask of it."""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from PIL import Image

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHECKOUT = Path(__file__).resolve().parents[2]

PUBLICATION = """[publication]
name = "News"
sender_email = "ed@news.example"
postal_address = "1 Road, Town"
"""


def a_picture(colour: str = "#35604f") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (120, 80), colour).save(kept, "PNG")
    return kept.getvalue()


def an_issue(words: str = "Good morning.", *, number: int = 1, stories: int = 3, title: str = "The news") -> str:
    told = "".join(
        f"### [Story {each}](https://a.example/{each})\n\nThe blurb of story {each}.\n\n"
        for each in range(1, stories + 1)
    )
    return f"---\ntitle: {title}\nnumber: {number}\ndate: 2024-02-0{number}\n---\n\n{words}\n\n## Top\n\n{told}"


def a_publication(folder: Path, **issues: str) -> Path:
    (folder / "issues" / "images").mkdir(parents=True)
    (folder / "digest.toml").write_text(PUBLICATION, "utf-8")
    for slug, text in (issues or {"first": an_issue()}).items():
        (folder / "issues" / f"{slug}.md").write_text(text, "utf-8")
    return folder


class Answer:
    def __init__(self, found: http.client.HTTPResponse) -> None:
        self.status = found.status
        self.headers = {name.lower(): value for name, value in found.getheaders()}
        self.body = found.read()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Preview:
    """What `digest preview` answers. A Host, and nothing else, is sent unless it is given."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address
        parts = urlsplit(address)
        assert parts.hostname
        assert parts.port
        self.host, self.port = parts.hostname, parts.port

    def ask(
        self, path: str, method: str = "GET", *, body: object = None, host: str | None = None, **headers: str
    ) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host if host is not None else f"{self.host}:{self.port}")
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            if content is not None:
                connection.putheader("Content-Length", str(len(content)))
            connection.endheaders(content)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def state(self, slug: str = "first") -> Any:
        return self.ask(f"/state/{quote(slug)}").json

    def token(self, slug: str = "first") -> str:
        found = re.search(r'data-token="([^"]+)"', self.ask(f"/issue/{slug}").text)
        assert found
        return found[1]

    def post(self, path: str, given: object, **headers: str) -> Answer:
        said = {"Content_Type": "application/json", "X_Digest_Token": self.token(), **headers}
        return self.ask(path, "POST", body=given, **said)

    def until(self, true: Callable[[Any], bool], slug: str = "first", *, within: float = 20.0) -> Any:
        """The state, as soon as it is as it should be."""
        end = time.monotonic() + within
        while True:
            state = self.state(slug)
            if true(state):
                return state
            assert time.monotonic() < end, {key: state[key] for key in ("ok", "version", "subject", "errors")}
            time.sleep(0.02)

    @contextmanager
    def events(self, slug: str = "first", key: str = "a-key-of-a-test") -> Iterator[Callable[[str], Any]]:
        """The stream of an open page; what is called gives the next event of a kind."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        connection.request("GET", f"/events/{quote(slug)}?key={key}", headers={"Host": f"{self.host}:{self.port}"})
        stream = connection.getresponse()
        assert stream.status == 200

        def following(kind: str) -> Any:
            name = ""
            while line := stream.readline().decode():
                if line.startswith("event: "):
                    name = line[7:].strip()
                elif line.startswith("data: ") and name == kind:
                    return json.loads(line[6:])
            raise AssertionError("the stream has ended")

        try:
            yield following
        finally:
            connection.close()


@contextmanager
def running(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> Iterator[Preview]:
    """`digest preview`, until the block ends or something in it ended it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", "preview", "--no-open", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "NO_COLOR": "1", **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        address = process.stdout.readline().strip()
        if not address:
            process.wait(10)
            raise AssertionError(process.stderr and process.stderr.read())
        yield Preview(process, address)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        process.communicate()


def lacks(what: str) -> None:
    (pytest.fail if os.environ.get("DIGEST_NEED_BROWSER") == "1" else pytest.skip)(what)


@pytest.fixture(scope="module")
def a_browser() -> Iterator[Any]:
    """Chromium, by Playwright. Without them there is nothing to see, unless DIGEST_NEED_BROWSER=1 insists."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacks("Playwright is not installed: pip install playwright")
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        lacks(f"no browser on the PATH, none of {', '.join(BROWSERS)}")
    try:
        playwright = sync_playwright().start()
    except Exception as error:
        # Its driver is a program of its own, which may lack a library (libatomic1 on a bare Debian).
        lacks(f"Playwright does not start: {error}")
    opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
    yield opened
    opened.close()
    playwright.stop()
