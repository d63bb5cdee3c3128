"""What a page says of itself, and where it says so: title, site, author, date, picture and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from digest.incoming import headline, json_ld, page_tree, written_dates
from digest.incoming.page_tree import Tags, web_address, words_of
from digest.render.language import is_tag

_TITLES = (
    "og:title",
    "twitter:title",
    "dc.title",
    "dcterms.title",
    "citation_title",
    "parsely-title",
    "sailthru.title",
    "title",
)
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "citation_journal_title", "dc.publisher")
_AUTHORS = (
    *("citation_author", "dc.creator", "dcterms.creator", "author", "article:author", "parsely-author", "byl"),
    *("sailthru.author", "article:author_name", "article:author:name", "og:author", "twitter:data1", "creator"),
)
_DATES = (
    *(
        "article:published_time",
        "og:published_time",
        "article:published",
        "citation_publication_date",
        "dc.date.issued",
    ),
    *("dcterms.issued", "dcterms.created", "dc.date.created", "parsely-pub-date", "sailthru.date", "pubdate"),
    *("publishdate", "publish-date", "publish_date", "publication_date", "published_time", "datepublished", "dc.date"),
    *(
        "dcterms.date",
        "cxenseparse:recs:publishtime",
        "article.published",
        "article_date_original",
        "originalpublicationdate",
    ),
    *("ptime", "displaydate", "date", "article:post_date", "bt:pubdate", "analytics-s-pubdate", "rnews:datepublished"),
)
_DESCRIPTIONS = (
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "dcterms.description",
    "sailthru.description",
)
_PICTURES = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
    "sailthru.image.full",
    "thumbnail",
)
_TRACKER = re.compile(
    r"(?:[/._-]|^)(?:pixel|spacer|blank|beacon|1x1|transparent|tracker?|counter|impression)(?:[/._?-]|$)"
    r"|scorecardresearch|doubleclick|google-analytics|facebook\.com/tr|/b\.gif|/wp-content/plugins/",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_BY = re.compile(
    r"^(?:(?:(?:written|posted|words|story|reported|report|edited)\s+)?by|von|par|por|di|door|av|af|autor(?:en|in|a)?|author|"
    r"redaktion|text|przez|от|автор)\b[\s:·]*",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(r"https?:|www\.|@|\d{4}|\d[/:.]\d\d|[<>{}|]|^\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """What was found; "" or None where nothing was. `found` tells for each field where."""

    title: str = ""
    other_titles: tuple[str, ...] = ()
    site: str = ""
    author: str = ""
    published: datetime | None = None
    description: str = ""
    picture: str = ""
    picture_alt: str = ""
    #: rel=canonical or og:url, absolute.
    canonical: str = ""
    language: str = ""
    #: The body, where the page gives it in JSON-LD; on one line as often as not.
    body: str = ""
    found: Mapping[str, str] = field(default_factory=dict)


def read(tags: Tags, *, url: str = "") -> Head:
    """The head of the page at `url`; what neither head nor marks tell stays empty."""
    canonical, canonical_from = _canonical(tags, url)
    own = url or canonical
    titles = [tags.title, page_tree.first(tags, _TITLES)[0], *tags.headings[:2]]
    node, nodes = json_ld.article(tags.scripts, titles=titles, urls=[url, canonical])
    site, site_from = _site(tags, node, nodes)
    title, others, title_from, cut_site = _title(tags, node, [site, own])
    if not site and cut_site:
        site, site_from = cut_site, "<title>"
    if not site and (site := headline.host(own)):
        site_from = "the address"
    said: dict[str, tuple[str, str]] = {
        "title": (title, title_from),
        "site": (site, site_from),
        "author": _author(tags, node, nodes, [site, own]),
        "description": _description(tags, node, title),
        "picture": _picture(tags, node, own),
        "language": _language(tags, node),
        "canonical": (canonical, canonical_from),
    }
    published, date_from = _published(tags, node, own)
    picture = said["picture"][0]
    alt, alt_from = _alt(tags, node, picture) if picture else ("", "")
    found = {name: where for name, (value, where) in said.items() if value}
    found |= {"published": date_from} if published else {}
    found |= {"picture_alt": alt_from} if alt else {}
    return Head(
        **{name: value for name, (value, _) in said.items()},
        other_titles=others,
        published=published,
        picture_alt=alt,
        body=json_ld.text(node.get("articleBody")),
        found=found,
    )


def name(words: str) -> str:
    """An author's name without "By" and marks; "" when it cannot be one."""
    words = words_of(words, 120)
    words = _BY.sub("", words).strip(" ,;:·|-–—")
    return "" if _NOT_A_NAME.search(words) or len(words) < 2 or len(words.split()) > 16 else words


def _title(tags: Tags, node: json_ld.Node, sites: Sequence[str]) -> tuple[str, tuple[str, ...], str, str]:
    """Title, other titles, where from, and the site's name that was cut off."""
    sources: list[tuple[str, str]] = [("JSON-LD headline", json_ld.text(node.get("headline")))]
    if "webpage" not in json_ld.kinds(node):
        sources.append(("JSON-LD name", json_ld.text(node.get("name"))))
    sources += [(name, value) for name in _TITLES for value in tags.metas.get(name, ())[:1]]
    sources += [("itemprop headline", value) for value in tags.props.get("headline", ())[:1]]
    sources.append(("<title>", tags.title))
    sources += [("<h1>", value) for value in tags.headings[:1]]
    candidates = [(where, words_of(value)) for where, value in sources if words_of(value)]
    cut_site, kept = "", []
    for where, value in candidates:
        elsewhere = [other for source, other in candidates if other != value] + list(tags.headings[:3])
        alone, behind = headline.cut(value, sites=sites, headlines=elsewhere)
        # Of <title> alone any name may be believed; a headline in JSON-LD has none but by proof.
        if where not in ("<title>",) and behind and not _known(behind, sites, cut_site, elsewhere, alone):
            alone, behind = value, ""
        cut_site = cut_site or behind
        kept.append((where, alone))
    # A site that calls every page by its own name says nothing of this one.
    telling = [each for each in kept if not headline.names_site(each[1], [site for site in sites if site])] or kept
    if not telling:
        return "", (), "", ""
    where, chosen = telling[0]
    for source, other in telling[1:]:
        start = chosen.rstrip(" .…")
        if (
            chosen.endswith(("…", "..."))
            and other.startswith(start)
            and len(other) > len(start) + 3
            and not other.endswith("…")
        ):
            where, chosen = source, other
    others = {headline.folded(each): each for source, each in telling if source != "<title>" or source == where}
    others.pop(headline.folded(chosen), None)
    return chosen, tuple(list(others.values())[:3]), where, cut_site


def _known(behind: str, sites: Sequence[str], cut_site: str, elsewhere: Iterable[str], alone: str) -> bool:
    if headline.names_site(behind, sites) or (cut_site and headline.folded(cut_site) == headline.folded(behind)):
        return True
    return headline.folded(alone) in {headline.folded(each) for each in elsewhere}


def _site(tags: Tags, node: json_ld.Node, nodes: Sequence[json_ld.Node]) -> tuple[str, str]:
    if value := page_tree.first(tags, _SITES[:1])[0]:
        return _without_scheme(words_of(value, 100)), _SITES[0]
    for key in ("publisher", "isPartOf", "sourceOrganization"):
        if (names := json_ld.named(node.get(key), nodes)) and not names[0].startswith("http"):
            return words_of(names[0], 100), f"JSON-LD {key}"
    for each in nodes:
        if (
            "website" in json_ld.kinds(each)
            and (value := json_ld.text(each.get("name")))
            and not value.startswith("http")
        ):
            return words_of(value, 100), "JSON-LD WebSite"
    value, source = page_tree.first(tags, _SITES[1:])
    return words_of(value, 100), source


def _author(tags: Tags, node: json_ld.Node, nodes: Sequence[json_ld.Node], sites: Sequence[str]) -> tuple[str, str]:
    """A person if any place names one; the site, where it signs its articles itself."""
    signed_by_site = ("", "")
    for values, where in _said_authors(tags, node, nodes):
        names = _names(values)
        if names and not headline.names_site(names, sites):
            return names, where
        signed_by_site = signed_by_site if signed_by_site[0] else (names, where)
    return signed_by_site if signed_by_site[0] else ("", "")


def _said_authors(tags: Tags, node: json_ld.Node, nodes: Sequence[json_ld.Node]) -> Iterator[tuple[Iterable[str], str]]:
    for key in ("author", "creator"):
        yield json_ld.named(node.get(key), nodes), f"JSON-LD {key}"
    for source in _AUTHORS:
        if source == "twitter:data1" and "written by" not in " ".join(tags.metas.get("twitter:label1", ())).casefold():
            continue
        yield tags.metas.get(source, ()), source
    yield tags.props.get("author", ())[:1], "itemprop author"
    for each in tags.bylines:
        yield [each], "the byline"


def _names(values: Iterable[str]) -> str:
    found: dict[str, str] = {}
    for value in values:
        if each := name(value):
            found.setdefault(headline.folded(each), each)
    return ", ".join(list(found.values())[:8])


def _published(tags: Tags, node: json_ld.Node, url: str) -> tuple[datetime | None, str]:
    for where, value in _said_dates(tags, node):
        if (when := written_dates.stamp(value)) and 1990 <= when.year <= 2100:
            return when, where
    path = urlsplit(url).path if url else ""
    if found := _IN_ADDRESS.search(path):
        year, month, day = map(int, found.groups())
        if when := written_dates.stamp(f"{year}-{month:02}-{day:02}"):
            return when, "the address"
    return None, ""


def _said_dates(tags: Tags, node: json_ld.Node) -> Iterator[tuple[str, str]]:
    for key in ("datePublished", "dateCreated", "uploadDate"):
        yield f"JSON-LD {key}", json_ld.text(node.get(key))
    for source in _DATES:
        for value in tags.metas.get(source, ())[:1]:
            yield source, value
    for value in tags.props.get("datepublished", ())[:1]:
        yield "itemprop datePublished", value
    for value in tags.times[:1]:
        yield "<time>", value


def _description(tags: Tags, node: json_ld.Node, title: str) -> tuple[str, str]:
    sources = [(name, value) for name in _DESCRIPTIONS for value in tags.metas.get(name, ())[:1]]
    sources.insert(1, ("JSON-LD description", json_ld.text(node.get("description"))))
    for where, value in sources:
        words = words_of(value, 1_000)
        if words and headline.folded(words) != headline.folded(title):
            return words, where
    return "", ""


def _picture(tags: Tags, node: json_ld.Node, url: str) -> tuple[str, str]:
    sizes = [tags.metas.get(f"og:image:{side}", [""])[0] for side in ("width", "height")]
    tiny = any(size.isdigit() and int(size) < 10 for size in sizes)
    sources = [
        (name, value)
        for name in _PICTURES
        for value in tags.metas.get(name, ())[:3]
        if not (tiny and name.startswith("og:"))
    ]
    sources += [
        ("JSON-LD image", value) for value in _pictures(node.get("image")) + _pictures(node.get("thumbnailUrl"))
    ]
    sources += [("rel=image_src", value) for value in tags.links.get("image_src", ())]
    for where, value in sources:
        if value.lower().startswith("data:"):
            continue
        found = web_address(value, tags.base or url)
        if found and not _TRACKER.search(urlsplit(found).netloc + urlsplit(found).path):
            return found, where
    return "", ""


def _pictures(value: object) -> list[str]:
    found = []
    for each in (value if isinstance(value, list) else [value])[:10]:
        if isinstance(each, Mapping):
            each = next((each[key] for key in ("url", "contentUrl", "@id") if isinstance(each.get(key), str)), "")
        if isinstance(each, str) and each:
            found.append(each)
    return found


def _alt(tags: Tags, node: json_ld.Node, picture: str) -> tuple[str, str]:
    if found := page_tree.first(tags, ("og:image:alt", "twitter:image:alt"))[0]:
        return words_of(found, 300), "og:image:alt"
    image = node.get("image")
    for each in image if isinstance(image, list) else [image]:
        if isinstance(each, Mapping) and isinstance(each.get("caption"), str) and picture in _pictures(each):
            return words_of(each["caption"], 300), "JSON-LD caption"
    bare = picture.split("?")[0]
    for address, alt in tags.pictures.items():
        if address and address.split("?")[0] == bare:
            return alt, "alt of the same picture"
    return "", ""


def _canonical(tags: Tags, url: str) -> tuple[str, str]:
    """Not believed when it leads to another page: the front page, or a host nobody else can reach."""
    candidates = [("rel=canonical", each) for each in tags.links.get("canonical", ())[:1]]
    candidates += [("og:url", each) for each in tags.metas.get("og:url", ())[:1]]
    for where, each in candidates:
        found = web_address(each, tags.base or url)
        parts = urlsplit(found)
        if not found or "." not in (parts.hostname or ""):
            continue
        front = parts.path in ("", "/") and not parts.query
        if front and url and urlsplit(url).path not in ("", "/"):
            continue
        if where == "og:url" and url and headline.host(found) != headline.host(url):
            continue
        return found, where
    return "", ""


def _language(tags: Tags, node: json_ld.Node) -> tuple[str, str]:
    said = [("<html lang>", tags.language), ("JSON-LD inLanguage", json_ld.text(node.get("inLanguage")))]
    said += [
        (name, value)
        for name in ("og:locale", "language", "dc.language", "http:content-language")
        for value in tags.metas.get(name, ())[:1]
    ]
    for where, value in said:
        tag = value.strip().split(",")[0].replace("_", "-")
        if is_tag(tag):
            first, *rest = tag.split("-")
            return "-".join([first.lower(), *(each.upper() if len(each) == 2 else each for each in rest)]), where
    return "", ""


def _without_scheme(site: str) -> str:
    return headline.host(site) or site if site.startswith(("http://", "https://")) else site
