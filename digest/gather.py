"""Feeds come into the inbox: what is new, why it is here, and a line for each feed that says how it went."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.errors import DigestError, WebError
from digest.incoming.feed_rules import arrivals
from digest.models import FeedPlan
from digest.readers import Readers, Reading
from digest.store import FeedFacts, Store
from digest.web import Answer, Conditional, Web

#: Feeds asked at the same time; no host ever sees more than one of them.
_AT_ONCE = 32
#: Feeds kept in one transaction, and the seconds that the first of them waits for the others.
_TOGETHER, _HELD = 20, 0.3
#: Seconds after which a wait is begun anew, so that Ctrl-C is heard on Windows too.
_WAKE = 0.5
#: What a server says of its own caching is heeded this long; an editor gathers once a week.
_LONGEST_REST = timedelta(hours=6)
#: "Come back in ten years" is a mistake or a joke.
_LONGEST_WAIT = timedelta(days=7)
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Visit:
    """How it went with one feed."""

    plan: FeedPlan
    #: The editor's name for it, else its own, else its address.
    name: str
    #: Candidates that came in.
    new: int = 0
    #: Items that were there already.
    seen: int = 0
    #: Items that the feed's rules keep out.
    left_out: int = 0
    #: Items nothing could be made of.
    unread: int = 0
    #: Not asked again before; None for at once. UTC.
    next_check: datetime | None = None
    #: Why nothing came; "" when all went well.
    error: str = ""
    #: Where the feed moved for good, and was found to be one; "" for nowhere.
    moved_to: str = ""
    #: What the editor should know besides: it moved, it is gone, it rests.
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What a visit brought, before it is kept."""

    plan: FeedPlan
    facts: FeedFacts
    #: None when nothing came.
    reading: Reading | None = None
    error: str = ""
    note: str = ""
    moved_to: str = ""


def gather(
    plans: Sequence[FeedPlan],
    store: Store,
    web: Web,
    *,
    now: datetime,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
    visits: dict[int, Visit] | None = None,
) -> list[Visit]:
    """Ask every feed that may be asked, keep what is new; the visits in the order of `plans`.

    Feeds are kept within a moment of their coming, so an interruption loses nothing that came before: `visits`
    holds, by their places in `plans`, those that were made until then.
    `force` asks those that rest, too; a feed that is gone stays unasked. A dead feed is a line, not an error.
    """
    visits = {} if visits is None else visits
    known = store.feeds()
    asked: list[tuple[int, FeedPlan, FeedFacts]] = []
    for at, plan in enumerate(plans):
        facts = known.get(plan.url, FeedFacts())
        if rest := _rests(plan, facts, now, force):
            visits[at] = Visit(plan, _name(plan, facts), next_check=facts.next_check, note=rest)
        else:
            asked.append((at, plan, facts))
    pool = ThreadPoolExecutor(max_workers=_AT_ONCE)
    came: queue.SimpleQueue[Future[_Fetched]] = queue.SimpleQueue()
    batch: list[Future[_Fetched]] = []
    running: dict[Future[_Fetched], int] = {}
    with Readers(len(asked)) as readers:
        try:
            for at, plan, facts in asked:
                future = pool.submit(_fetch, plan, facts, web, readers, now)
                running[future] = at
                future.add_done_callback(came.put)
            while len(visits) < len(plans):
                _wait(came, batch, len(plans) - len(visits))
                _keep_all(batch, running, store, now, visits)
                if progress:
                    progress(len(visits) - len(plans) + len(asked), len(asked))
        except BaseException:
            # What had come before it was heard is kept; what fails because we hang up is no failure of a feed.
            while not came.empty():
                batch.append(came.get())
            web.close()
            readers.close()
            _keep_all(batch, running, store, now, visits)
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    return [visits[at] for at in range(len(plans))]


def _wait(came: queue.SimpleQueue[Future[_Fetched]], batch: list[Future[_Fetched]], left: int) -> None:
    """Until a feed has come, and a moment longer for more: twenty are kept in hardly more time than one."""
    until: float | None = None
    while len(batch) < min(_TOGETHER, left):
        patience = _WAKE if until is None else until - time.monotonic()
        if patience <= 0:
            return
        try:
            batch.append(came.get(timeout=patience))
        except queue.Empty:
            continue
        until = until or time.monotonic() + _HELD


def _keep_all(
    batch: list[Future[_Fetched]],
    running: Mapping[Future[_Fetched], int],
    store: Store,
    now: datetime,
    visits: dict[int, Visit],
) -> None:
    """Keep what came, all in one transaction; what cannot be kept so, one by one. Leaves `batch` empty."""
    some = [each for each in batch if not each.cancelled()]
    try:
        with store.together():
            made = [_keep(each.result(), store, now) for each in some]
    except DigestError:
        made = []
        for each in some:
            try:
                with store.together():
                    made.append(_keep(each.result(), store, now))
            except DigestError as error:
                made.append(replace(_visit(each.result()), error=error.what))
    visits.update((running[each], visit) for each, visit in zip(some, made, strict=True))
    batch.clear()


def _rests(plan: FeedPlan, facts: FeedFacts, now: datetime, force: bool) -> str:
    """Why a feed is not asked this time; "" when it is."""
    if plan.paused:
        return "paused in digest.toml"
    if facts.gone:
        return "gone for good, as its server said; take it out of digest.toml"
    if facts.next_check and facts.next_check > now and not force:
        return "asked to be left alone until then"
    return ""


def _name(plan: FeedPlan, facts: FeedFacts) -> str:
    return plan.name or facts.title or plan.url


def _fetch(plan: FeedPlan, facts: FeedFacts, web: Web, readers: Readers, now: datetime) -> _Fetched:
    """One visit; whatever goes wrong with it is in the result. Runs in a thread of its own."""
    url = facts.moved_to or plan.url
    note = ""
    try:
        answer = web.get(url, accept=_ACCEPT, conditional=Conditional(facts.etag, facts.last_modified))
        if answer.status == 304:
            rested = replace(facts, last_seen=now, failures=0, last_error="", next_check=_next(answer, "", now))
            return _Fetched(plan, rested)
        if answer.status == 410 and url == plan.url:
            return _Fetched(plan, replace(facts, gone=True, last_error="gone"), error="gone for good (410)")
        if not answer.ok:
            return _failed(plan, facts, _status(answer.status), _next(answer, "", now))
        reading = _read(plan, answer, readers, now)
        if reading.offered and not reading.coming:
            # A site's page was given in place of its feed.
            answer = web.get(reading.offered[0], accept=_ACCEPT)
            if not answer.ok:
                return _failed(plan, facts, f"a page, whose feed {_status(answer.status)}", None)
            reading = _read(plan, answer, readers, now)
            note = f"a page; its feed is {answer.url}"
    except WebError as error:
        return _failed(plan, facts, error.reason, None)
    except Exception as error:
        # One feed that nobody foresaw must not cost an editor all the others.
        return _failed(plan, facts, f"digest stumbled over it, please report this: {error!r:.200}", None)
    if not reading.coming and reading.unread:
        return _failed(plan, facts, reading.why, _next(answer, reading.ttl, now))
    moved = answer.url if note else answer.permanent_url
    settled = "" if note else moved
    if moved and moved != facts.moved_to:
        note = note or f"moved to {moved}"
    facts = replace(
        facts,
        etag=answer.etag,
        last_modified=answer.last_modified,
        # Only now: a feed that "moved for good" to a hotel's login page is asked for at home again.
        moved_to=moved or facts.moved_to,
        title=reading.title or facts.title,
        last_seen=now,
        failures=0,
        last_error="",
        next_check=_next(answer, reading.ttl, now),
    )
    return _Fetched(plan, facts, reading, note=note, moved_to=settled)


def _read(plan: FeedPlan, answer: Answer, readers: Readers, now: datetime) -> Reading:
    facts = {"url": answer.url, "charset": answer.charset, "media_type": answer.media_type}
    return readers.read(plan, answer.body, facts, now)


def _status(status: int) -> str:
    known = {
        401: "wants a password (401)",
        403: "refuses us (403)",
        404: "is not there (404)",
        429: "has been asked too often (429)",
    }
    return known.get(status, "is out of order" if status >= 500 else "answers oddly") + f" ({status})" * (
        status not in known
    )


def _next(answer: Answer, minutes: str, now: datetime) -> datetime | None:
    """When to ask again: after what Retry-After says, else after the longer of max-age and the feed's ttl."""
    if answer.retry_after:
        return now + min(timedelta(seconds=min(answer.retry_after, 10**9)), _LONGEST_WAIT)
    if not answer.ok and answer.status != 304:
        return None
    told = timedelta(minutes=int(minutes)) if minutes.isdigit() and len(minutes) < 6 else timedelta()
    rest = min(max(told, timedelta(seconds=min(answer.expires_in or 0, 10**9))), _LONGEST_REST)
    return now + rest if rest else None


def _failed(plan: FeedPlan, facts: FeedFacts, error: str, next_check: datetime | None) -> _Fetched:
    facts = replace(facts, failures=facts.failures + 1, last_error=error, next_check=next_check)
    if facts.moved_to:
        # Perhaps it moved back; the next visit asks at home.
        facts = replace(facts, moved_to="", etag="", last_modified="")
    times = f", {facts.failures} times in a row" if facts.failures > 1 else ""
    return _Fetched(plan, facts, error=error.rstrip(".") + times)


def _visit(fetched: _Fetched) -> Visit:
    plan, facts = fetched.plan, fetched.facts
    return Visit(
        plan,
        _name(plan, facts),
        next_check=facts.next_check,
        error=fetched.error,
        note=fetched.note,
        moved_to=fetched.moved_to,
    )


def _keep(fetched: _Fetched, store: Store, now: datetime) -> Visit:
    """Put what came into the inbox, and note the feed's facts."""
    plan, reading = fetched.plan, fetched.reading
    coming = reading.coming if reading else []
    if plan.max and coming:
        # Which of them are there already only the inbox knows.
        ruled = arrivals(plan, [each.item() for each in coming], now=now, known=store.known(coming))
        coming = [each._replace(why=rule.why, skipped=rule.skipped) for each, rule in zip(coming, ruled, strict=True)]
    added = store.add_all(coming) if coming else []
    store.save_feed(plan.url, fetched.facts)
    new = sum(one.outcome == "new" and one.state == "new" for one in added)
    out = sum(one.outcome == "new" and one.state == "skipped" for one in added)
    unread = reading.unread if reading else 0
    return replace(_visit(fetched), new=new, left_out=out, seen=len(added) - new - out, unread=unread)
