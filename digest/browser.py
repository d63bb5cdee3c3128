"""An installed Chromium, Chrome or Edge, found by itself and driven over a pipe, cut off from every network."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from digest.errors import DigestError

#: What may name the browser, the first that is set counting.
VARIABLES = ("DIGEST_BROWSER", "CHROME", "CHROMIUM", "CHROME_PATH")
#: What it is called on a PATH.
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "brave-browser",
)
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
)
_WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"BraveSoftware\Brave-Browser\Application\brave.exe",
)

#: Where the mail stands while it is looked at. No name below .invalid is ever given out (RFC 2606).
HERE = "https://mail.invalid/"

_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's is too small for a page of some length
    "--disable-checker-imaging",  # or a picture may be missing from the first frame
    "--hide-scrollbars",
    "--mute-audio",
    "--force-color-profile=srgb",
    # Requests are answered by us; should one ever pass, it finds no name and nobody who listens.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "about:blank",
)
#: Seconds for the browser to start, and for one answer.
_START, _ANSWER = 30.0, 20.0
#: Pixels that a picture may be high: a little less than Chromium's own bound, beyond which it repeats itself.
HIGHEST = 16_000


class NoBrowser(DigestError):
    """Raised when there is none to be found, or none that can be driven here."""


class BrowserFailed(DigestError):
    """Raised when the browser does not start, does not answer, or goes away."""


def find(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The program. Raises NoBrowser."""
    for variable in VARIABLES:
        if named := environ.get(variable, ""):
            found = shutil.which(named, path=environ.get("PATH"))
            if found is None:
                raise NoBrowser(f"The variable {variable} names no program that can be run.", hint="Mend or unset it.")
            return Path(found)
    for name in NAMES:
        if found := shutil.which(name, path=environ.get("PATH", "")):
            return Path(found)
    for place in _usual_places(environ, platform):
        if place.is_file():
            return place
    raise NoBrowser(
        "No Chromium, Chrome or Edge was found, and without one no picture of the mail can be made.",
        hint="Install one of them, or let the variable CHROME say where it is.",
    )


def _usual_places(environ: Mapping[str, str], platform: str) -> Iterator[Path]:
    if platform == "darwin":
        for folder in (Path("/Applications"), Path(environ.get("HOME", "/")) / "Applications"):
            yield from (folder / place for place in _MAC)
    if platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if folder_name := environ.get(variable):
                yield from (Path(folder_name) / place for place in _WINDOWS)


@contextmanager
def opened(program: Path | None = None) -> Iterator[Browser]:
    """A browser with an empty profile; both are gone afterwards. Raises NoBrowser or BrowserFailed."""
    if not hasattr(os, "posix_spawn"):
        # Windows hands pipes on in another way, which nobody has tried yet.
        raise NoBrowser(
            "On Windows digest cannot make pictures of a mail yet.",
            hint='Run it in WSL, or open the HTML that "digest build" writes in your browser.',
        )
    program = program or find()
    with tempfile.TemporaryDirectory(prefix="digest-browser-", ignore_cleanup_errors=True) as profile:
        browser = Browser(*_started(program, Path(profile)), Path(profile))
        try:
            browser.begin()
            yield browser
        finally:
            browser.end()


def _started(program: Path, profile: Path) -> tuple[int, int, int]:
    """Process, and the ends of the pipes that are ours: to write to, to read from."""
    import fcntl

    flags = [*_FLAGS]
    if os.geteuid() == 0:  # Chromium refuses to start otherwise; anybody else keeps its sandbox.
        flags.insert(0, "--no-sandbox")
    words = [str(program), f"--user-data-dir={profile}", *flags]
    orders, write_to = os.pipe()
    read_from, answers = os.pipe()
    # Out of the way of 3 and 4, which is where Chromium looks for them.
    far = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (orders, answers)]
    try:
        process = os.posix_spawn(
            program,
            words,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, str(profile / "said"), os.O_WRONLY | os.O_CREAT, 0o600),
                (os.POSIX_SPAWN_DUP2, far[0], 3),
                (os.POSIX_SPAWN_DUP2, far[1], 4),
            ],
            setpgroup=0,  # so that all its processes can be ended together
        )
    except OSError as error:
        os.close(write_to)
        os.close(read_from)
        raise BrowserFailed(f"{program.name} does not start: {str(error.strerror).lower()}.") from error
    finally:
        for end in (orders, answers, *far):
            os.close(end)
    os.set_blocking(write_to, False)
    return process, write_to, read_from


class Browser:
    """One page of a browser that shows what it is given and fetches nothing.

    Speaks Chromium's DevTools protocol: JSON, a NUL after each message.
    https://chromedevtools.github.io/devtools-protocol/
    """

    def __init__(self, process: int, write_to: int, read_from: int, profile: Path) -> None:
        self._process, self._write_to, self._read_from, self._profile = process, write_to, read_from, profile
        self._buffer = bytearray()
        self._last = 0
        self._session = ""
        self._loaded = False
        #: The document and its pictures by file name, media type and bytes; nothing else can be had.
        self._document = b""
        self._pictures: Mapping[str, tuple[str, bytes]] = {}

    def begin(self) -> None:
        page = self._ask("Target.createTarget", {"url": "about:blank"}, wait=_START)["targetId"]
        self._session = self._ask("Target.attachToTarget", {"targetId": page, "flatten": True})["sessionId"]
        self._ask("Page.enable")
        self._ask("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})
        self._ask("Emulation.setScriptExecutionDisabled", {"value": True})

    def show(self, html: str, pictures: Mapping[str, tuple[str, bytes]]) -> None:
        """Open a document. `pictures` are media type and bytes by file name, wherever the document looks for them."""
        self._document, self._pictures, self._loaded = html.encode(), pictures, False
        self._ask("Page.navigate", {"url": HERE})
        until = time.monotonic() + _ANSWER
        while not self._loaded:
            self._event(self._message(until))

    def picture(self, *, width: int, scheme: str = "light", sharpness: int = 1) -> bytes:
        """A PNG of the whole document, `width` CSS pixels wide, for a reader who prefers `scheme`.

        `sharpness` is pixels to a CSS pixel; less is used, and in the end the foot left off, where the
        picture would be higher than `HIGHEST`.
        """
        self._ask("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self._wide(width, 800, 1)
        height = int(self._ask("Page.getLayoutMetrics")["cssContentSize"]["height"]) or 1
        while sharpness > 1 and height * sharpness > HIGHEST:
            sharpness -= 1
        height = min(height, HIGHEST)
        self._wide(width, height, sharpness)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self._ask("Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": True})
        return base64.b64decode(shot["data"])

    def end(self) -> None:
        """End the browser and all its processes, and wait until it is gone."""
        os.close(self._write_to)  # which it takes for a goodbye
        until = time.monotonic() + 2
        while time.monotonic() < until and os.waitpid(self._process, os.WNOHANG)[0] == 0:
            time.sleep(0.02)
        with contextlib.suppress(OSError):
            os.killpg(self._process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._process, 0)
        os.close(self._read_from)

    def _wide(self, width: int, height: int, sharpness: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": sharpness, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", size)

    def _event(self, message: Mapping[str, Any]) -> None:
        if message.get("method") == "Page.loadEventFired":
            self._loaded = True
        elif message.get("method") == "Fetch.requestPaused":
            asked = message["params"]
            self._answer(asked["requestId"], str(asked["request"]["url"]), str(asked["resourceType"]))

    def _answer(self, request: str, url: str, kind: str) -> None:
        if url == HERE:
            self._fulfil(request, 200, "text/html; charset=utf-8", self._document)
        elif kind == "Document":
            self._fulfil(request, 204)  # "Nothing here, stay where you are": a mail that wants to be elsewhere
        elif found := self._pictures.get(re.split(r"[?#]", url)[0].rpartition("/")[2]):
            self._fulfil(request, 200, *found)
        else:
            self._send("Fetch.failRequest", {"requestId": request, "errorReason": "BlockedByClient"})

    def _fulfil(self, request: str, code: int, media_type: str = "", body: bytes = b"") -> None:
        headers = [{"name": "Content-Type", "value": media_type}] if media_type else []
        answer = {"requestId": request, "responseCode": code, "responseHeaders": headers}
        self._send("Fetch.fulfillRequest", {**answer, "body": base64.b64encode(body).decode()})

    def _ask(self, method: str, params: Mapping[str, Any] | None = None, *, wait: float = _ANSWER) -> dict[str, Any]:
        number = self._send(method, params or {})
        until = time.monotonic() + wait
        while True:
            message = self._message(until)
            if message.get("id") != number:
                self._event(message)
            elif "error" in message:
                raise BrowserFailed(f"The browser refused {method}: {message['error'].get('message', '')}")
            else:
                result: dict[str, Any] = message["result"]
                return result

    def _send(self, method: str, params: Mapping[str, Any]) -> int:
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        left = memoryview(json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _ANSWER
        while left:
            _, ready, _ = select.select([], [self._write_to], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise self._silent()
            try:
                left = left[os.write(self._write_to, left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._gone() from error
        return self._last

    def _message(self, until: float) -> dict[str, Any]:
        while (end := self._buffer.find(b"\0")) < 0:
            ready, _, _ = select.select([self._read_from], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise self._silent()
            piece = os.read(self._read_from, 1 << 20)
            if not piece:
                raise self._gone()
            self._buffer += piece
        message: dict[str, Any] = json.loads(self._buffer[:end])
        del self._buffer[: end + 1]
        return message

    def _silent(self) -> BrowserFailed:
        return BrowserFailed("The browser does not answer.", hint="Try it once more; is this machine very busy?")

    def _gone(self) -> BrowserFailed:
        """What to raise when it went away, with the last it said."""
        said: Sequence[str] = ()
        with contextlib.suppress(OSError):
            said = (self._profile / "said").read_text("utf-8", "replace").strip().splitlines()
        last = "".join(each if each.isprintable() else " " for each in said[-1])[:200] if said else "without a word"
        return BrowserFailed(
            f"The browser went away: {last}", hint="Does it start by itself? Name another one with the variable CHROME."
        )
