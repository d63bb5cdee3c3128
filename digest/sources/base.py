"""What every source gives: the items it could read, and word of those it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from digest.models import FeedPlan, Item, Unread


@dataclass(frozen=True, slots=True)
class Found:
    """What a source made of a file, a page or a feed."""

    items: tuple[Item, ...] = ()
    unread: tuple[Unread, ...] = ()
    #: Feeds that an OPML list names.
    feeds: tuple[FeedPlan, ...] = ()
    #: The feed's or file's own title.
    title: str = ""
    #: Addresses of feeds that a page offers, best first, when the page was asked for as a feed.
    offered: tuple[str, ...] = ()
    #: What the feed says of itself that the next visit heeds: "ttl" in minutes.
    facts: Mapping[str, str] = field(default_factory=dict)
