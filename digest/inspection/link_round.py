"""Many pages asked at once, no site more than it bears, and what came of it kept for a day."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from digest import files
from digest.errors import DigestError, WebError
from digest.inspection import link_answers
from digest.inspection.link_answers import Visit, secure_form
from digest.web import Web

#: Requests under way in all; most of them wait for a slow site.
_THREADS = 64
#: Requests under way at one host: at first, and once it has shown that it answers well and at once. A browser that
#: opens one page of it asks for more together.
_AT_FIRST, _AT_MOST = 2, 8
#: Good answers after which a host is asked one more at a time.
_TRUSTED_AFTER = 6
#: Seconds after which a request no longer counts as one the host is busy with, as it must be waiting for something
#: else; the second where its other pages came at once. One page that never comes shall not hold up fifty.
_STUCK, _SOON_STUCK = 0.5, 0.2
#: Seconds that a page may take. Where the site's other pages came at once it may take so many times as long as they
#: did, and these seconds at least.
_PATIENCE, _TIMES, _LITTLE_PATIENCE = 4.0, 20, 1.5
_AT_ONCE = 0.3
#: Seconds. Who asks us to wait longer is not asked again.
_LONGEST_PAUSE = 5
#: What a page says of itself is on top; nobody needs the rest.
_ENOUGH = 65_536
#: Files that have no title to read: for these a server is first asked without the file being sent.
_FILES = (
    ".pdf", ".zip", ".gz", ".mp3", ".mp4", ".m4a", ".mov", ".webm", ".epub", ".doc", ".docx", ".xls", ".xlsx", ".ppt",
    ".pptx", ".csv", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg", ".iso", ".dmg", ".exe", ".tar", ".deb",
)  # fmt: skip
_AS_A_BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en,*;q=0.5",
}

#: Seconds that a visit is believed: a day; an hour where somebody has to mend something; a moment where the site may
#: only have been busy.
_DAY, _HOUR, _MOMENT = 86_400, 3_600, 300
_VERSION = 1
_MOST_KEPT = 5_000


def visited(
    addresses: Iterable[str],
    web: Web,
    *,
    kept: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    now: Callable[[], float] = time.time,
) -> dict[str, Visit]:
    """A visit to each address, by address; what `kept` remembers of today is not asked again.

    `kept` is a file that may be deleted at any time, be read-only or damaged: then all is asked again.
    """
    wanted = list(dict.fromkeys(addresses))
    known = _remembered(kept, now()) if kept else {}
    found = {url: known[url][1] for url in wanted if url in known}
    missing = [url for url in wanted if url not in found]
    if missing:
        came = _Round(missing, web, progress).all()
        insecure = {url: secure_form(url) for url, visit in came.items() if _worth_securing(visit)}
        came |= _secured(came, insecure, web)
        found |= came
        if kept and not offline(came.values()):
            _remember(kept, {**known, **{url: (now(), visit) for url, visit in came.items()}})
    return {url: found[url] for url in wanted}


def offline(visits: Iterable[Visit]) -> bool:
    """Whether it is this computer that has no network: no name is known to it, and not of one site alone."""
    every = list(visits)
    nameless = {_host(visit.url): visit.trouble for visit in every if visit.trouble in ("host", "offline")}
    return (
        bool(nameless)
        and all(visit.trouble in ("host", "offline") for visit in every)
        and (len(nameless) > 1 or "offline" in nameless.values())
    )


def _worth_securing(visit: Visit) -> bool:
    return visit.well and not visit.secure and bool(secure_form(visit.url))


def _secured(came: Mapping[str, Visit], insecure: Mapping[str, str], web: Web) -> dict[str, Visit]:
    """Those visits whose page was seen by https too."""
    asked = _Round(list(insecure.values()), web, lambda done, total: None).all()
    found = {}
    for url, secure in insecure.items():
        there = asked[secure]
        # A site that sends its https readers back, or greets them with another page, is not ready for them.
        if there.well and there.end.startswith("https:") and there.title == came[url].title:
            found[url] = replace(came[url], secure=secure)
    return found


# Asking.


@dataclass(slots=True)
class _Host:
    waiting: deque[_Errand] = field(default_factory=deque)
    #: When each request began that is under way.
    begun: list[float] = field(default_factory=list)
    at_once: int = _AT_FIRST
    good: int = 0
    #: Seconds that the good answers took together.
    spent: float = 0.0
    not_before: float = 0.0
    #: What is said of all further pages, of a site that wants to be left alone.
    closed: Visit | None = None

    def next(self, now: float) -> _Errand | None:
        """What it may be asked now; None when there is nothing, or not yet."""
        busy = sum(1 for began in self.begun if now - began < (_SOON_STUCK if self.quick else _STUCK))
        if now < self.not_before or busy >= self.at_once:
            return None
        for errand in self.waiting:
            if errand.due <= now:
                self.waiting.remove(errand)
                return errand
        return None

    @property
    def patience(self) -> float:
        return min(_PATIENCE, max(_LITTLE_PATIENCE, _TIMES * self.spent / self.good)) if self.quick else _PATIENCE

    @property
    def quick(self) -> bool:
        return self.good >= _TRUSTED_AFTER and self.spent / self.good < _AT_ONCE


@dataclass(frozen=True, slots=True)
class _Errand:
    url: str
    #: How often it was asked already.
    tries: int = 0
    #: Not to be asked before.
    due: float = 0.0


class _Round:
    """Threads that ask; every decision is taken under one lock."""

    def __init__(self, addresses: Sequence[str], web: Web, progress: Callable[[int, int], None]) -> None:
        self._web, self._progress = web, progress
        self._changed = threading.Condition()
        self._hosts: dict[str, _Host] = {}
        self._found: dict[str, Visit] = {}
        self._total = len(addresses)
        self._stopped = False
        self._failure: BaseException | None = None
        for url in addresses:
            self._hosts.setdefault(_host(url), _Host()).waiting.append(_Errand(url))

    def all(self) -> dict[str, Visit]:
        """Every visit, by address. An error that is ours, not the web's, is raised here."""
        for _ in range(min(_THREADS, self._total)):
            threading.Thread(target=self._work, name="digest follows links", daemon=True).start()
        try:
            while True:
                with self._changed:
                    self._changed.wait(timeout=0.2)
                    told, failure = len(self._found), self._failure
                if failure:
                    raise failure
                self._progress(told, self._total)
                if told == self._total:
                    return self._found
        finally:
            with self._changed:
                self._stopped = True
                self._changed.notify_all()

    def _work(self) -> None:
        try:
            while (errand := self._next()) is not None:
                host = self._hosts[_host(errand.url)]
                began = time.monotonic()
                visit, pause = visit_once(errand.url, self._web, host.patience)
                self._came(errand, host, visit, pause, time.monotonic() - began)
        except BaseException as failure:
            with self._changed:
                self._failure = failure
                self._changed.notify_all()

    def _next(self) -> _Errand | None:
        """The next address whose host may be asked now; None when there is no more to do."""
        with self._changed:
            while not self._stopped and len(self._found) < self._total:
                now = time.monotonic()
                for host in self._hosts.values():
                    if host.closed:
                        self._leave(host)
                    elif errand := host.next(now):
                        host.begun.append(now)
                        return errand
                self._changed.wait(0.05)
        return None

    def _came(self, errand: _Errand, host: _Host, visit: Visit, pause: float | None, took: float) -> None:
        with self._changed:
            # Which of them began when matters to nobody once one has ended: the oldest may be the one that is stuck.
            now = time.monotonic()
            host.begun.remove(min(host.begun, key=lambda began: abs(now - took - began)))
            again = not errand.tries and (visit.status >= 500 or _hung_up(visit))
            if visit.status == 429 or (visit.status == 503 and pause is not None):
                host.at_once = 1
                host.not_before = now + (pause or 1)
                again = errand.tries < 2
                if pause is not None and pause > _LONGEST_PAUSE:
                    again, host.closed = False, visit
            elif 0 < visit.status < 500 and not visit.trouble:
                host.good, host.spent = host.good + 1, host.spent + took
                if host.good % _TRUSTED_AFTER == 0 and host.quick:
                    host.at_once = min(host.at_once + 1, _AT_MOST)
            if again:
                host.waiting.append(replace(errand, tries=errand.tries + 1, due=now + 0.3))
            else:
                self._found[errand.url] = visit
            self._changed.notify_all()

    def _leave(self, host: _Host) -> None:
        while host.waiting:
            url = host.waiting.popleft().url
            assert host.closed is not None
            self._found[url] = replace(host.closed, url=url, end=url)
        self._changed.notify_all()


def _hung_up(visit: Visit) -> bool:
    return visit.trouble == "silent" and "hung up" in visit.reason


def _host(url: str) -> str:
    with suppress(ValueError):
        return (urlsplit(url).hostname or "").lower()
    return ""


def visit_once(url: str, web: Web, patience: float = _PATIENCE) -> tuple[Visit, float | None]:
    """One visit, of at most `patience` seconds, and how long its host asks us to wait before the next.

    A page is asked for as a browser would, and read as far as its title: what a HEAD says of a page is refused,
    or wrong, too often, and it cannot tell a page from one that says "not found" and 200. A file is asked with HEAD.
    """
    bare = urldefrag(url)[0]
    began = time.monotonic()
    try:
        if urlsplit(bare).path.lower().endswith(_FILES):
            with suppress(WebError):
                # Some servers keep silent to a HEAD: what time is left then is for the real question.
                answer = web.request("HEAD", bare, headers=_AS_A_BROWSER, seconds=patience * 0.5, at_once=_THREADS)
                if answer.ok:
                    return _arrived(url, link_answers.answered(url, answer)), None
        left = max(began + patience - time.monotonic(), 0.5)
        answer = web.request("GET", bare, headers=_AS_A_BROWSER, cap=_ENOUGH, cut=True, seconds=left, at_once=_THREADS)
    except WebError as error:
        return link_answers.unanswered(url, error), None
    except ValueError:
        return Visit(url, trouble="address", reason="it cannot be read"), None
    visit = _arrived(url, link_answers.answered(url, answer))
    if visit.well and time.monotonic() - began >= patience and b"</html" not in answer.body.lower():
        # It answered and then dripped; a reader would look at half a page. One whose length is a lie is all there.
        visit = replace(visit, trouble="slow", reason=f"after {patience:.1f} seconds the page was not there yet")
    return visit, answer.retry_after


def _arrived(url: str, visit: Visit) -> Visit:
    """The visit; where http led to the very same address by https, that was seen to work."""
    return replace(visit, secure=visit.end) if visit.well and visit.end == secure_form(url) else visit


# Remembering.


def _remembered(path: Path, now: float) -> dict[str, tuple[float, Visit]]:
    """Visits that are still believed, each with its time; none when the file is not whole."""
    names = {each.name for each in fields(Visit)}
    try:
        told = json.loads(files.read(path))
        if told["version"] != _VERSION:
            return {}
        found = {}
        for url, (at, facts) in told["visits"].items():
            visit = Visit(url=str(url), **facts)
            fits = set(facts) <= names and isinstance(visit.status, int) and isinstance(visit.reason, str)
            # A clock that was set back must not make a visit last for ever.
            if fits and 0 <= now - at < _believed(visit):
                found[str(url)] = (float(at), visit)
    except (DigestError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return found


def _believed(visit: Visit) -> int:
    if visit.well:
        return _DAY
    if visit.trouble == "offline":
        return 0
    passing = visit.trouble in ("slow", "silent", "garbled") or visit.status == 429 or visit.status >= 500
    return _MOMENT if passing else _HOUR


def _remember(path: Path, visits: Mapping[str, tuple[float, Visit]]) -> None:
    newest = sorted(visits.items(), key=lambda each: -each[1][0])[:_MOST_KEPT]
    facts = {
        url: (at, {name: value for name, value in asdict(visit).items() if name != "url"})
        for url, (at, visit) in newest
    }
    content = json.dumps({"version": _VERSION, "visits": facts}, indent=0).encode()
    with suppress(OSError, DigestError):  # what cannot be kept is asked again
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, content)
