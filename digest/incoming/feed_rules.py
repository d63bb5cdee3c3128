"""A feed's rules, as digest.toml has them, decide of each item whether it is a candidate, and say why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import FeedPlan, Item
from digest.store import Arrival


def arrivals(
    plan: FeedPlan,
    items: Sequence[Item],
    *,
    now: datetime,
    known: Sequence[bool] = (),
    raw: bytes = b"",
    raw_facts: Mapping[str, str] | None = None,
) -> list[Arrival]:
    """The items as they go into the inbox, each with the reason it is here or is left out.

    Rules are asked in this order: block, keep, window, max. What is left out arrives as skipped, so it is
    never lost and never asked about again. `known` are those that are there already: they take no room of `max`,
    for a feed need not begin with its newest. `raw` and `raw_facts` are what they were read from.
    """
    made: list[Arrival] = []
    taken = 0
    for at, item in enumerate(items):
        words = f"{item.title}\n{item.description}".casefold() if plan.block or plan.keep else ""
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
        if source != item.source or plan.tags:
            item = replace(item, source=source, tags=tuple(dict.fromkeys((*plan.tags, *item.tags))))
        made.append(Arrival(item, feed=plan.url, why=why, skipped=skipped, raw=raw, raw_facts=raw_facts or {}))
    return made
