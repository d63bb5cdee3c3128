"""Feeds: RSS, Atom and JSON Feed, and the pages that offer one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from digest.incoming import encodings, feed_text, second_opinion
from digest.incoming.feed_entry import Entry, Unusable, headline, item
from digest.models import Item, Unread
from digest.sources.base import Found

_NO_FEED = {
    "empty": "There is nothing in it.",
    "page": "This is a web page, not a feed, and it names no feed.",
    "opml": "This is a list of feeds (OPML), not a feed: import it instead.",
    "sitemap": "This is a site map for search engines, not a feed.",
    "other": "This is no feed of any kind we know.",
}
_BROKEN = "This looks like a feed, but it is too broken to be read."


def read(content: bytes, *, url: str, now: datetime, charset: str = "", media_type: str = "") -> Found:
    """What a feed holds, in its own order.

    `charset` and `media_type` are what the server said; the bytes are believed first. A page that offers
    feeds gives no items but `offered`. What is no feed gives an `unread` that says what it is instead.
    Facts: "ttl" in minutes, "language", "encoding", "site", and "read by" when the second parser was asked.
    """
    text, known = encodings.text(content, charset=charset)
    kind = feed_text.kind(text)
    if kind == "json":
        feed = _json(text)
    elif kind == "feed":
        feed = _xml(text, url)
    else:
        offered = feed_text.offered(text, url=url) if kind == "page" else ()
        why = "This is a web page, not a feed; it offers one." if offered else _NO_FEED[kind]
        return Found(unread=(Unread("feed", why),), offered=offered)
    if feed is None:
        return Found(unread=(Unread("feed", _BROKEN),), facts={"encoding": known})
    facts = {"encoding": known, **feed.facts}
    if site := feed_text.link(feed.site, base=url):
        facts["site"] = site
    title = headline(feed.title)
    items: list[Item] = []
    unread: list[Unread] = []
    for number, entry in enumerate(feed.entries, 1):
        try:
            items.append(item(entry, url=url, source=title, language=facts.get("language", ""), now=now))
        except Unusable as error:
            name = headline(entry.title)[:60]
            unread.append(Unread(f'item {number} "{name}"' if name else f"item {number}", str(error)))
    return Found(items=tuple(items), unread=tuple(unread), title=title, facts=facts)


def with_markup(content: bytes, *, url: str, now: datetime) -> list[tuple[Item, str]]:
    """Each item with the markup of its text, for who looks for the links in it."""
    text, _ = encodings.text(content)
    feed = _json(text) if feed_text.kind(text) == "json" else _xml(text, url)
    found: list[tuple[Item, str]] = []
    for entry in feed.entries if feed else ():
        with contextlib.suppress(Unusable):
            made = item(entry, url=url, source=headline(feed.title) if feed else "", language="", now=now)
            found.append((made, entry.content or entry.description))
    return found


class _Feed:
    """A feed as one of the parsers gave it."""

    def __init__(self, entries: Sequence[Entry], *, title: str = "", site: str = "", **facts: str) -> None:
        self.entries, self.title, self.site = entries, title, site
        self.facts = {name: value for name, value in facts.items() if value}


def _xml(text: str, url: str) -> _Feed | None:
    """fastfeedparser's reading; feedparser's where it has none, fewer items, or cannot tell.

    On real feeds the first is forty times quicker and finds the same titles, links and dates; what it
    lacks are elements within titles, xml:base, base64, and patience with what is not well-formed.
    """
    facts = feed_text.facts(text)
    expected = feed_text.items(text)
    xml = feed_text.mended(text)
    first = _fast(xml)
    if first is None or len(first.entries) < expected or _leaves_out(xml, first):
        second = second_opinion.read(xml.encode("utf-8", "replace"), url=url)
        # An answer of "no version, no entries" is feedparser's way of saying that it is no feed.
        if second is not None and (second["entries"] or second["version"] or first is None):
            patient = _patient(second)
            if first is None or len(patient.entries) >= len(first.entries):
                first = patient if patient.entries or second["version"] else first
    if first is not None:
        first.facts = {**first.facts, **facts}
    return first


def _fast(xml: str) -> _Feed | None:
    import fastfeedparser

    try:
        # Bytes only: a string that begins with http:// would be fetched. Its XML parser reads no network
        # and expands no entity; the document type is gone anyway.
        parsed = fastfeedparser.parse(xml.encode("utf-8", "replace"))
    except Exception:  # A dozen kinds in the corpus, from ValueError to AttributeError: none is the editor's.
        return None
    feed = parsed["feed"]
    return _Feed(
        [_fast_entry(entry) for entry in parsed["entries"]],
        title=_string(feed.get("title")),
        site=_string(feed.get("link")),
    )


def _fast_entry(entry: Mapping[str, Any]) -> Entry:
    content = (entry.get("content") or [{}])[0]
    guid = _string(entry.get("id")).removeprefix(feed_text.GUID_MARK)
    links = [(_string(entry.get("link")), "link")]
    links += [(_string(each.get("href")), "link") for each in entry.get("links", ()) if each.get("rel") == "alternate"]
    links += [(guid, "guid")] if guid.startswith(("http://", "https://")) else []
    enclosures = [*entry.get("enclosures", ()), *_enclosed(entry.get("links", ()))]
    links += [(_string(each.get("url")), "enclosure") for each in enclosures]
    said = _string(content.get("type"))
    return Entry(
        title=_string(entry.get("title")),
        links=links,
        guid=guid,
        author=_string(entry.get("author")),
        description=_string(entry.get("description")),
        content=_string(content.get("value")),
        content_type="html" if "xhtml" in said else "",
        published=_moment(entry.get("published")),
        tags=[_string(tag.get("label") or tag.get("term")) for tag in entry.get("tags") or ()],
        pictures=[*_shown(entry.get("media_content", ())), *_shown(enclosures, "enclosure")],
        base=_string(content.get("base")),
        language=_string(content.get("language")),
    )


def _patient(parsed: Mapping[str, Any]) -> _Feed:
    return _Feed(
        [_patient_entry(entry) for entry in parsed["entries"]],
        title=parsed["title"],
        site=parsed["link"],
        language=parsed["language"],
        **{"read by": "feedparser"},
    )


def _patient_entry(entry: Mapping[str, Any]) -> Entry:
    guid = entry["id"].removeprefix(feed_text.GUID_MARK)
    enclosures = [{"url": each["href"], "type": each["type"]} for each in entry["enclosures"]]
    # An id that is no address stands in for a missing link there.
    links = [("" if entry["link"].startswith(feed_text.GUID_MARK) else entry["link"], "link")]
    links += [(each["href"], "link") for each in entry["links"] if each["rel"] == "alternate"]
    links += [(guid, "guid")] if guid.startswith(("http://", "https://")) else []
    links += [(each["url"], "enclosure") for each in enclosures]
    thumbnails = [{**each, "medium": "image"} for each in entry["thumbnails"]]
    return Entry(
        title=entry["title"],
        title_type=_kind(entry["title_type"]),
        links=links,
        guid=guid,
        author=entry["author"],
        description=entry["description"],
        description_type=_kind(entry["description_type"]),
        content=entry["content"],
        content_type=_kind(entry["content_type"]),
        published=_moment(entry["published"]),
        tags=entry["tags"],
        pictures=[*_shown(entry["media"]), *_shown(thumbnails), *_shown(enclosures, "enclosure")],
        base=entry["base"],
        language=entry["language"],
    )


def _kind(media_type: str) -> str:
    return "html" if "html" in media_type else "text" if media_type else ""


def _json(text: str) -> _Feed | None:
    """A JSON Feed, versions 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("items"), list):
        return None
    return _Feed(
        [_json_entry(each, said) for each in said["items"]],
        title=_string(said.get("title")),
        site=_string(said.get("home_page_url")),
        language=_string(said.get("language")),
    )


def _json_entry(each: object, feed: Mapping[str, Any]) -> Entry:
    if not isinstance(each, dict):
        return Entry()
    authors = [*_tables(each.get("authors")), *_tables([each.get("author")])]
    authors = authors or [*_tables(feed.get("authors")), *_tables([feed.get("author")])]
    attached = [{"url": table.get("url"), "type": table.get("mime_type")} for table in _tables(each.get("attachments"))]
    html = _string(each.get("content_html"))
    links = [(_string(each.get(name)), name) for name in ("url", "external_url")]
    if (guid := _string(each.get("id"))).startswith(("http://", "https://")):
        links.append((guid, "id"))
    links += [(_string(table["url"]), "attachment") for table in attached]
    tags = each.get("tags")
    return Entry(
        title=_string(each.get("title")),
        links=links,
        guid=guid,
        author=", ".join(filter(None, (_string(table.get("name")) for table in authors[:5]))),
        description=_string(each.get("summary")),
        content=html or _string(each.get("content_text")),
        content_type="html" if html else "text",
        published=_moment(each.get("date_published") or each.get("date_modified")),
        tags=[_string(tag) for tag in tags] if isinstance(tags, list) else (),
        pictures=[
            *((_string(each.get(name)), name) for name in ("image", "banner_image") if each.get(name)),
            *_shown(attached, "attachment"),
        ],
        language=_string(each.get("language")),
    )


def _tables(rows: object) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _string(value: object) -> str:
    """Texts and numbers as text; "" for what is neither. A number is an id in many a JSON Feed."""
    if isinstance(value, str):
        # A lone half of a pair, as JSON can spell it, could never be written to a file.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "ignore") if not value.isascii() else value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18:
        return str(value)
    return ""


def _moment(value: object) -> datetime | None:
    """ISO 8601 text, or year to second in UTC, as a datetime; None for what is no moment."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value.strip())
        if isinstance(value, list | tuple):
            return datetime(*value)
    except (ValueError, TypeError, OverflowError):
        pass
    return None


def _enclosed(links: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Atom's enclosures, which are links."""
    return ({"url": each.get("href"), "type": each.get("type")} for each in links if each.get("rel") == "enclosure")


def _shown(media: Sequence[Mapping[str, Any]], called: str = "media") -> list[tuple[str, str]]:
    """Pictures among the media of an entry, the widest first; of a film its still."""
    found: list[tuple[int, str]] = []
    for each in media:
        address, said = _string(each.get("url")), _string(each.get("type")).lower()
        path = address.lower().split("?")[0]
        image = path.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"))
        if _string(each.get("medium")) == "image" or said.startswith("image/") or (image and not said):
            width = _string(each.get("width"))
            found.append((int(width) if width.isdigit() and len(width) < 6 else 0, address))
        if each.get("thumbnail_url"):
            found.append((-1, _string(each["thumbnail_url"])))
    return [(address, called) for _, address in sorted(found, key=lambda pair: -pair[0])]


def _leaves_out(xml: str, feed: _Feed) -> bool:
    """Whether the feed says more than the quick parser can tell."""
    if feed_text.has_elements_within(xml):
        return True
    if any(not (entry.title or entry.description or entry.content or entry.links[0][0]) for entry in feed.entries):
        return True
    # Links are resolved against the feed's address; it may name another base.
    return "xml:base" in xml and any("://" not in entry.links[0][0] for entry in feed.entries)
