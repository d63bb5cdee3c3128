"""The text of a feed, before anybody parses it: what it is, what is broken about it, and what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import Literal
from urllib.parse import urljoin

Kind = Literal["json", "feed", "page", "opml", "sitemap", "other", "empty"]

_PROLOG = re.compile(
    r"\s++|<\?[^>]*+>|<!--(?>(?:[^-]++|-(?!->))*)(?:-->|\Z)|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*+)?>", re.I | re.S
)
_ELEMENT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_ROOT = re.compile(r"<(?:rss|feed|rdf:rdf|channel)(?=[\s>])|<[\w.-]{1,30}:(?:rss|feed|rdf)(?=[\s>])", re.I)
_DECLARED = re.compile(r"<\?xml\b", re.I)
_PAGE = frozenset("html head body title meta link script style div span p br a h1 h2 table center img b i".split())  # noqa: SIM905
_FEED = frozenset({"rss", "feed", "rdf", "channel", "item", "entry"})
_ITEM = re.compile(r"<(?:[\w.-]{1,30}:)?(?:item|entry)(?=[\s>/])", re.I)
_NOT_XML = re.compile("[^\t\n\r -\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Left alone: the five of XML, and numbers that stand for a letter.
_REFERENCE = re.compile(
    r"&(?!(?:lt|gt|amp|quot|apos);)(?:#(?P<ten>\d{1,7})(?:;|(?=[\s<]))|#[xX](?P<sixteen>[0-9a-fA-F]{1,6})(?:;|(?=[\s<]))"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]{1,31});)?"
)
#: Prefixes that feeds use without saying what they stand for.
_NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
_DATE = re.compile(
    r"(<((?:[\w.-]{1,30}:)?(?:pubDate|published|issued|date|lastBuildDate|updated|modified))(?=[\s>])[^<>]*>)"
    r"(\s*(?:<!\[CDATA\[)?)([^<\]]{0,400})(?=[<\]])",
    re.I,
)
# A year in four digits, or in two behind a month's name, as RFC 822 had it.
_YEAR = re.compile(r"\d{4}|[A-Za-z]{3}[a-z]*[\s.,-]+\d\d\b|\d\d?/\d\d?/\d\d\b")
_GUID = re.compile(r"(<guid(?=[\s>])[^<>]*>\s*(?:<!\[CDATA\[)?\s*)(?!\s*https?://)(?=[^\s<])", re.I)
#: Put before an id that is no address, so that no parser reads a date out of it ("12" is one to some, and
#: takes them long); fastfeedparser reads none out of more than 256 letters.
GUID_MARK = "urn:x-guid:" + "x" * 250 + ":"


def kind(text: str) -> Kind:
    """What a text is by its first element, junk before it put up with."""
    start = 0
    while found := _PROLOG.match(text, start):
        start = found.end()
    if start >= len(text):
        return "empty"
    if text[start] == "{":
        return "json"
    element = _ELEMENT.match(text, start)
    name = element[1].lower() if element else ""
    if name in _FEED or (name not in _PAGE and _ROOT.search(text, start, start + 8192)):
        return "feed"
    if name == "opml":
        return "opml"
    if name in ("urlset", "sitemapindex"):
        return "sitemap"
    if name in _PAGE or re.search(r"<html\b|<!doctype\s+html", text[:4096], re.I):
        return "page"
    return "feed" if _ITEM.search(text) and name else "other"


def items(text: str) -> int:
    """How many items begin in the text, those quoted in other items left out."""
    return sum(len(_ITEM.findall(outside)) for _, outside in _sections(text))


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """(a CDATA section with its marks, what follows it), the first section being empty."""
    first, *others = text.split("<![CDATA[")
    yield "", first
    for each in others:
        inside, end, outside = each.partition("]]>")
        yield f"<![CDATA[{inside}{end}", outside


def mended(text: str) -> str:
    """The feed without declaration or document type, every `&` in it a reference that XML knows.

    What a document type defines is not expanded: an entity of its own stays in the text as `&name;`.
    """
    text = _root_on(text)
    if not _is_plain(text) and _NOT_XML.search(text):
        # Windows' quotes where Unicode has controls: written so by those who converted nothing.
        text = _NOT_XML.sub(lambda found: _windows(ord(found[0])), text)
    text = "".join(inside + _REFERENCE.sub(_reference, _without_swarms(outside)) for inside, outside in _sections(text))
    missing = [
        f' xmlns:{prefix}="{uri}"'
        for prefix, uri in _NAMESPACES.items()
        if f"<{prefix}:" in text and f"xmlns:{prefix}" not in text
    ]
    if missing and (root := re.match(r"<[^\s/>]+", text)):
        text = root[0] + "".join(missing) + text[root.end() :]
    # Asked for "Monday" or "12", parsers of dates fill in the rest from today's.
    text = _DATE.sub(lambda found: found[1] + found[3] + (found[4] if _YEAR.search(found[4]) else ""), text)
    return _GUID.sub(rf"\g<1>{GUID_MARK}", text)


# To the end of a tag, quoted values passed over.
_TAG_REST = re.compile(r"""[^>"']*+(?>(?:(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))[^>"']*+)*)""")
_SWARM = 8_000


def _without_swarms(xml: str) -> str:
    """`xml` with the attributes taken from tags that have hundreds: parsers need time in their square."""
    if len(xml) < _SWARM:
        return xml
    pieces = xml.split("<")
    for number, piece in enumerate(pieces):
        if number and len(piece) > _SWARM and (rest := _TAG_REST.match(piece)) and rest[0].count("=") > 500:
            name = re.match(r"[^\s/>]*", piece)
            pieces[number] = (name[0] if name else "") + piece[rest.end() :]
    return "<".join(pieces)


_MARKED_UP = re.compile(r"<(?:title|summary|description)(?=[\s>])[^<>]*>[^<]*<(?!/|!|\?)", re.I)
_PACKED = re.compile(r"<(?:title|summary|content)\s[^<>]*(?:mode=[\"']base64|type=[\"']application/octet-stream)", re.I)


def has_elements_within(xml: str) -> bool:
    """Whether a title or summary has elements of its own, as Atom's XHTML has, or is wrapped in base64."""
    return _MARKED_UP.search(xml) is not None or _PACKED.search(xml) is not None


_CONTROLS = bytes(number for number in range(128) if _NOT_XML.match(chr(number)))


def _is_plain(text: str) -> bool:
    """Whether a text is ASCII without controls: seen at once, where a pattern looks at each letter."""
    return text.isascii() and len(text) == len(text.encode("ascii").translate(None, _CONTROLS))


def _root_on(text: str) -> str:
    """The text from its root element on."""
    start = 0
    while found := _PROLOG.match(text, start):
        start = found.end()
    if _ELEMENT.match(text, start):
        return text[start:]
    declared = _DECLARED.search(text, start, start + 8192)
    if declared:
        start = declared.start()
        while found := _PROLOG.match(text, start):
            start = found.end()
        return text[start:]
    root = _ROOT.search(text, start, start + 8192)
    return text[root.start() :] if root else text[start:]


def _windows(number: int) -> str:
    if 0x80 <= number <= 0x9F:
        return bytes([number]).decode("cp1252", "ignore")
    return ""


def _reference(found: re.Match[str]) -> str:
    """A reference as XML knows it; what is none gets its `&` written out."""
    if name := found["name"]:
        letters = html5.get(name + ";")
        return "".join(f"&#{ord(letter)};" for letter in letters) if letters else f"&amp;{name};"
    if found["ten"] or found["sixteen"]:
        number = int(found["ten"]) if found["ten"] else int(found["sixteen"], 16)
        if 0x80 <= number <= 0x9F:
            return _windows(number)
        return f"&#{number};" if number <= 0x10FFFF and not _NOT_XML.match(chr(number)) else ""
    return "&amp;"


def facts(text: str) -> dict[str, str]:
    """What a feed says of itself ahead of its items: "ttl" in minutes, "language"."""
    first = _ITEM.search(text)
    head = text[: min(first.start() if first else len(text), 65_536)]
    said: dict[str, str] = {}
    if minutes := _minutes(head):
        said["ttl"] = str(minutes)
    found = re.search(
        r"<(?:dc:)?language[^<>]{0,40}>\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2})\s*<", head
    ) or re.search(
        r"<(?:feed|rss|channel|rdf:RDF)\b[^<>]{0,2000}?\sxml:lang\s*=\s*[\"']([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2})[\"']",
        head,
    )
    if found:
        said["language"] = found[1].replace("_", "-")
    return said


def _minutes(head: str) -> int:
    """How long a feed asks to be left alone, 0 when it does not say; a month at most."""
    most = 31 * 24 * 60
    if found := re.search(r"<ttl[^<>]{0,40}>\s*(\d{1,9})\s*<", head):
        return min(int(found[1]), most)
    period = re.search(r"<sy:updatePeriod[^<>]{0,200}>\s*(hourly|daily|weekly|monthly|yearly)\s*<", head, re.I)
    if not period:
        return 0
    minutes = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}[period[1].lower()]
    times = re.search(r"<sy:updateFrequency[^<>]{0,200}>\s*(\d{1,4})\s*<", head)
    return min(max(1, minutes // max(1, int(times[1]) if times else 1)), most)


_LINK = re.compile(r"<link\b([^<>]{1,4000})>", re.I)
_BASE = re.compile(r"<base\b([^<>]{1,4000})>", re.I)
_ATTRIBUTE = re.compile(r"""([A-Za-z][\w:-]{0,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_TYPES = {
    "application/rss+xml": 0,
    "application/atom+xml": 0,
    "application/rdf+xml": 1,
    "application/feed+json": 1,
    "text/xml": 2,
    "application/xml": 2,
    "application/json": 3,
}
_COMMENTS = re.compile(r"\bcomments?\b|\bcommentaires\b|\bkommentare?\b|\bcomentarios\b", re.I)
_PART = re.compile(
    r"/(?:tags?|categor(?:y|ies|ia|ie)|authors?|search|podcasts?)(?:/|$)|[?&](?:s|cat|tag|author)=", re.I
)


def attributes(tag: str) -> dict[str, str]:
    """Name, in lower case, to value, entities resolved; the first of a name counts."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(tag):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def offered(page: str, *, url: str) -> tuple[str, ...]:
    """Feeds that a page names in its `<link rel=alternate>`, the site's own first; none of comments."""
    page = page[:2_000_000]
    base = next((attributes(found[1]).get("href", "") for found in _BASE.finditer(page)), "")
    base = link(base, base=url) or url
    ranked: list[tuple[int, int, str]] = []
    for number, (address, rank) in enumerate(_alternates(page, base)):
        if all(address != known for _, _, known in ranked):
            ranked.append((rank, number, address))
        if len(ranked) == 50:
            break
    return tuple(address for _, _, address in sorted(ranked))


def _alternates(page: str, base: str) -> Iterator[tuple[str, int]]:
    """(address, how far from being the site's own feed)."""
    for found in _LINK.finditer(page):
        said = attributes(found[1])
        rank = _TYPES.get(said.get("type", "").split(";")[0].strip().lower(), -1)
        rels = said.get("rel", "").lower().split()
        if rank < 0 or not {"alternate", "feed"} & set(rels) or "stylesheet" in rels:
            continue
        title, href = said.get("title", ""), said.get("href", "")
        address = link(href, base=base)
        # WordPress offers its API as JSON, other sites their pages.
        if not address or _COMMENTS.search(title) or _COMMENTS.search(href) or "wp-json" in href:
            continue
        if rank == 3 and "feed" not in (title + href).lower():
            continue
        yield address, rank + (10 if _PART.search(href) else 0)


_WEB = re.compile(r"https?://[^/?#\s\\@]+(?:@[^/?#\s\\@]+)?(?:[/?#].*)?", re.I | re.S)
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LONGEST = 8_000


# Nine in ten addresses are these, and need no joining and mending.
_PLAIN_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?#][!#-;=?-_a-z~|]*)?")


def link(address: str, *, base: str = "") -> str:
    """`address` as an absolute http or https one, resolved against `base`; "" when it is none.

    Otherwise as given, but for characters that cannot be seen and for blanks, quotes and angle brackets.
    """
    if not address or len(address) > _LONGEST:
        return ""
    if _PLAIN_WEB.fullmatch(address):
        return address
    address = _DROPPED.sub("", address).strip()
    if address.lower().startswith(("feed:http", "feed://")):
        address = re.sub(r"^feed:(?://(?!/))?(?=https?:)|^feed:(?=//)", "", address, flags=re.I)
    if address.rstrip("/").endswith(":"):
        return ""
    try:
        joined = urljoin(base, address) if base else address
    except ValueError:
        return ""
    if not _WEB.fullmatch(joined) or len(joined) > _LONGEST:
        return ""
    return re.sub(r"[\s\"<>`]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), joined)
