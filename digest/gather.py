"""Feeds come into the inbox: what is new, why it is here, and a line for each feed that says how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.errors import DigestError, WebError
from digest.models import FeedPlan, Item
from digest.sources import feed as feeds
from digest.sources.base import Found
from digest.store import Arrival, FeedFacts, Store
from digest.web import Answer, Conditional, Web

#: Feeds asked at the same time; no host ever sees more than one of them.
_AT_ONCE = 32
#: What a server says of its own caching is heeded this long; an editor gathers once a week.
_LONGEST_REST = timedelta(hours=6)
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
    #: What the editor should know besides: it moved, it is gone, it rests.
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What a visit brought, before it is kept."""

    plan: FeedPlan
    facts: FeedFacts
    found: Found = field(default_factory=Found)
    raw: bytes = b""
    error: str = ""
    note: str = ""


def gather(
    plans: Sequence[FeedPlan],
    store: Store,
    web: Web,
    *,
    now: datetime,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Visit]:
    """Ask every feed that may be asked, keep what is new; the visits in the order of `plans`.

    Each feed is kept as soon as it has come, so an interruption loses nothing that came before.
    `force` asks those that rest, too; a feed that is gone stays unasked. A dead feed is a line, not an error.
    """
    visits: dict[int, Visit] = {}
    pool = ThreadPoolExecutor(max_workers=_AT_ONCE)
    running: dict[Future[_Fetched], int] = {}
    try:
        for at, plan in enumerate(plans):
            facts = store.feed(plan.url)
            if rest := _rests(plan, facts, now, force):
                visits[at] = Visit(plan, _name(plan, facts), next_check=facts.next_check, note=rest)
            else:
                running[pool.submit(_fetch, plan, facts, web, now)] = at
        for done, future in enumerate(as_completed(running), start=1):
            visits[running[future]] = _keep(future.result(), store, now)
            if progress:
                progress(done, len(running))
    except BaseException:
        web.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return [visits[at] for at in range(len(plans))]


def arrivals(plan: FeedPlan, items: Sequence[Item], *, now: datetime, raw: bytes = b"") -> list[Arrival]:
    """The items as they go into the inbox, each with the reason it is here or is left out. Pure.

    Rules are asked in this order: block, keep, window, max. What is left out arrives as skipped, so it is
    never lost and never asked about again.
    """
    made: list[Arrival] = []
    taken = 0
    for item in items:
        words = f"{item.title}\n{item.description}".casefold()
        blocked = next((word for word in plan.block if word.casefold() in words), "")
        kept = next((word for word in plan.keep if word.casefold() in words), "")
        skipped = ""
        if blocked:
            skipped = f'holds "{blocked}", which this feed blocks'
        elif plan.keep and not kept:
            skipped = "holds none of the words this feed keeps"
        elif plan.window and item.published and item.published < now - timedelta(days=plan.window):
            skipped = f"older than {plan.window} days"
        elif plan.max and taken >= plan.max:
            skipped = f"more than {plan.max} of this feed at once"
        else:
            taken += 1
        source = plan.name or item.source
        why = f'{source}, for "{kept}"' if kept else source
        named = replace(item, source=source, tags=tuple(dict.fromkeys((*plan.tags, *item.tags))))
        made.append(Arrival(named, feed=plan.url, why=why, skipped=skipped, raw=raw))
    return made


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


def _fetch(plan: FeedPlan, facts: FeedFacts, web: Web, now: datetime) -> _Fetched:
    """One visit; whatever goes wrong with it is in the result. Runs in a thread of its own."""
    url = facts.moved_to or plan.url
    try:
        answer = web.get(url, accept=_ACCEPT, conditional=Conditional(facts.etag, facts.last_modified))
        facts, note = _heeded(facts, answer, now)
        if answer.status == 304:
            return _Fetched(plan, facts, note=note)
        if answer.status == 410:
            return _Fetched(plan, replace(facts, gone=True), error="gone for good (410)")
        if not answer.ok:
            return _failed(plan, facts, f"answers {answer.status}", now)
        found = _read(answer, now)
        if found.offered and not found.items:
            # A site's page was given in place of its feed.
            answer = web.get(found.offered[0], accept=_ACCEPT)
            if answer.ok:
                found = _read(answer, now)
                note = f"a page, whose feed is {answer.url}"
                facts = replace(facts, moved_to=answer.url, etag=answer.etag, last_modified=answer.last_modified)
    except WebError as error:
        return _failed(plan, facts, error.what, now)
    if not found.items and found.unread:
        return _failed(plan, facts, found.unread[0].why, now)
    rest = _rest(answer, found)
    facts = replace(
        facts,
        title=found.title or facts.title,
        last_seen=now,
        failures=0,
        last_error="",
        next_check=now + rest if rest else None,
    )
    return _Fetched(plan, facts, found, answer.body, note=note)


def _read(answer: Answer, now: datetime) -> Found:
    return feeds.read(answer.body, url=answer.url, now=now, charset=answer.charset, media_type=answer.media_type)


def _heeded(facts: FeedFacts, answer: Answer, now: datetime) -> tuple[FeedFacts, str]:
    """What the answer's headers say for the next visit, and what of it the editor should know."""
    note = ""
    if answer.permanent_url and answer.permanent_url != facts.moved_to:
        facts = replace(facts, moved_to=answer.permanent_url)
        note = f"moved to {answer.permanent_url}"
    if answer.status == 304:
        return replace(facts, last_seen=now, failures=0, last_error="", next_check=None), note
    if answer.ok:
        facts = replace(facts, etag=answer.etag, last_modified=answer.last_modified)
    if answer.retry_after:
        facts = replace(facts, next_check=now + timedelta(seconds=answer.retry_after))
    return facts, note


def _rest(answer: Answer, found: Found) -> timedelta:
    """How long the feed asks to be left alone: the longer of its max-age and its ttl, within reason."""
    minutes = found.facts.get("ttl", "")
    told = timedelta(minutes=int(minutes)) if minutes.isdigit() and len(minutes) < 6 else timedelta()
    return min(max(told, timedelta(seconds=answer.expires_in or 0)), _LONGEST_REST)


def _failed(plan: FeedPlan, facts: FeedFacts, error: str, now: datetime) -> _Fetched:
    facts = replace(facts, failures=facts.failures + 1, last_error=error)
    times = f" ({facts.failures} times in a row)" if facts.failures > 1 else ""
    return _Fetched(plan, facts, error=error + times)


def _keep(fetched: _Fetched, store: Store, now: datetime) -> Visit:
    """Put what came into the inbox, then note the feed's facts: in this order, or a crash between would lose items."""
    plan, facts = fetched.plan, fetched.facts
    visit = Visit(plan, _name(plan, facts), next_check=facts.next_check, error=fetched.error, note=fetched.note)
    try:
        coming = arrivals(plan, fetched.found.items, now=now)
        added = store.add_all(coming)
    except DigestError as error:
        return replace(visit, error=error.what)
    store.save_feed(plan.url, facts)
    new = [one for arrival, one in zip(coming, added, strict=True) if one.outcome == "new" and not arrival.skipped]
    out = [one for arrival, one in zip(coming, added, strict=True) if one.outcome == "new" and arrival.skipped]
    return replace(
        visit,
        new=len(new),
        left_out=len(out),
        seen=len(added) - len(new) - len(out),
        unread=len(fetched.found.unread),
    )
