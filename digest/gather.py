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
    #: What the editor should know besides: it moved, it is gone, it rests.
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What a visit brought, before it is kept."""

    plan: FeedPlan
    facts: FeedFacts
    found: Found = field(default_factory=Found)
    #: That the items were read from; None without any.
    answer: Answer | None = None
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
    visits: dict[int, Visit] | None = None,
) -> list[Visit]:
    """Ask every feed that may be asked, keep what is new; the visits in the order of `plans`.

    Each feed is kept as soon as it has come, so an interruption loses nothing that came before: `visits`
    holds, by their places in `plans`, those that were made until then.
    `force` asks those that rest, too; a feed that is gone stays unasked. A dead feed is a line, not an error.
    """
    visits = {} if visits is None else visits
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


def arrivals(plan: FeedPlan, items: Sequence[Item], *, now: datetime, known: Sequence[bool] = ()) -> list[Arrival]:
    """The items as they go into the inbox, each with the reason it is here or is left out. Pure.

    Rules are asked in this order: block, keep, window, max. What is left out arrives as skipped, so it is
    never lost and never asked about again. `known` are those that are there already: they take no room of `max`,
    for a feed need not begin with its newest.
    """
    made: list[Arrival] = []
    taken = 0
    for at, item in enumerate(items):
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
        elif plan.max and (taken >= plan.max or (known and known[at])):
            skipped = f"more than {plan.max} of this feed at once"
        else:
            taken += 1
        source = plan.name or item.source or plan.url
        why = f'{source}, for "{kept}"' if kept else source
        named = replace(item, source=source, tags=tuple(dict.fromkeys((*plan.tags, *item.tags))))
        made.append(Arrival(named, feed=plan.url, why=why, skipped=skipped))
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
    note = ""
    try:
        answer = web.get(url, accept=_ACCEPT, conditional=Conditional(facts.etag, facts.last_modified))
        if answer.status == 304:
            rested = replace(facts, last_seen=now, failures=0, last_error="", next_check=_next(answer, Found(), now))
            return _Fetched(plan, rested)
        if answer.status == 410 and url == plan.url:
            return _Fetched(plan, replace(facts, gone=True, last_error="gone"), error="gone for good (410)")
        if not answer.ok:
            return _failed(plan, facts, _status(answer.status), _next(answer, Found(), now))
        found = _read(answer, now)
        if found.offered and not found.items:
            # A site's page was given in place of its feed.
            answer = web.get(found.offered[0], accept=_ACCEPT)
            if not answer.ok:
                return _failed(plan, facts, f"a page, whose feed {_status(answer.status)}", None)
            found = _read(answer, now)
            note = f"a page; its feed is {answer.url}"
    except WebError as error:
        return _failed(plan, facts, error.reason, None)
    except Exception as error:
        # One feed that nobody foresaw must not cost an editor all the others.
        return _failed(plan, facts, f"digest stumbled over it, please report this: {error!r:.200}", None)
    if not found.items and found.unread:
        return _failed(plan, facts, found.unread[0].why, _next(answer, found, now))
    moved = answer.url if note else answer.permanent_url
    if moved and moved != facts.moved_to:
        note = note or f"moved to {moved}"
    facts = replace(
        facts,
        etag=answer.etag,
        last_modified=answer.last_modified,
        # Only now: a feed that "moved for good" to a hotel's login page is asked for at home again.
        moved_to=moved or facts.moved_to,
        title=found.title or facts.title,
        last_seen=now,
        failures=0,
        last_error="",
        next_check=_next(answer, found, now),
    )
    return _Fetched(plan, facts, found, answer, note=note)


def _read(answer: Answer, now: datetime) -> Found:
    return feeds.read(answer.body, url=answer.url, now=now, charset=answer.charset, media_type=answer.media_type)


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


def _next(answer: Answer, found: Found, now: datetime) -> datetime | None:
    """When to ask again: after what Retry-After says, else after the longer of max-age and the feed's ttl."""
    if answer.retry_after:
        return now + min(timedelta(seconds=min(answer.retry_after, 10**9)), _LONGEST_WAIT)
    if not answer.ok and answer.status != 304:
        return None
    minutes = found.facts.get("ttl", "")
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


def _keep(fetched: _Fetched, store: Store, now: datetime) -> Visit:
    """Put what came into the inbox, then note the feed's facts: in this order, or a crash between would lose items."""
    plan, facts, answer = fetched.plan, fetched.facts, fetched.answer
    visit = Visit(plan, _name(plan, facts), next_check=facts.next_check, error=fetched.error, note=fetched.note)
    coming = arrivals(plan, fetched.found.items, now=now)
    try:
        if plan.max and coming:
            coming = arrivals(plan, fetched.found.items, now=now, known=store.known(coming))
        if answer:
            told = {"kind": "feed", "url": answer.url, "charset": answer.charset, "media_type": answer.media_type}
            coming = [replace(each, raw=answer.body, raw_facts=told) for each in coming]
        added = store.add_all(coming) if coming else []
        store.save_feed(plan.url, facts)
    except DigestError as error:
        return replace(visit, error=error.what)
    new = sum(one.outcome == "new" and one.state == "new" for one in added)
    out = sum(one.outcome == "new" and one.state == "skipped" for one in added)
    return replace(visit, new=new, left_out=out, seen=len(added) - new - out, unread=len(fetched.found.unread))
