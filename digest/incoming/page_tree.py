"""A page's bytes as a tree that is safe to walk, and what its tags say, in the order of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from digest.incoming import encodings
from digest.incoming.headline import folded
from digest.incoming.plain_html import line, tidy
from digest.render.address import address

#: Characters of a page that are read; the longest article in print would fit twenty times.
LARGEST = 5_000_000
#: libxml2 compares each attribute of a tag with all before it: 20,000 in one take it four seconds.
_MOST_ATTRIBUTES = 2_000
_TAG = re.compile(
    r"""<!--(?>(?:[^-]++|-(?!->))*)
      | <(?P<code>script|style)\b[^>]*+>(?>(?:[^<]++|<(?!/(?P=code)))*)
      | <(?P<name>[A-Za-z][^\s<>/"']{0,30})(?>(?:[^<>"']++|"[^"]*+"|'[^']*+')*)>?""",
    re.VERBOSE | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""[^\s"'>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?""")
_MARKUP = re.compile(r"</[a-z]|<(?:br|p|script|img|svg|style|iframe|b|i|em|strong|span)\b[^>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d?);", re.IGNORECASE)
_SAVED_FROM = re.compile(
    r"<!--\s*saved from url=\(\d+\)(?P<ie>https?://\S+?)\s*-->"
    r"|<!--[\s\w]{0,40}SingleFile\s+url:\s*(?P<single>https?://\S+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tags:
    """What a page's head, and a few marks in its body, say: by name in lower case, the first first."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    #: `rel` to address, absolute.
    links: dict[str, list[str]] = field(default_factory=dict)
    #: `itemprop` to content, for those the head reader asks for.
    props: dict[str, list[str]] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)
    title: str = ""
    #: First-rank headings, in order.
    headings: list[str] = field(default_factory=list)
    #: `datetime` of `<time>`, those marked as the date of publication first.
    times: list[str] = field(default_factory=list)
    #: What is marked by class or rel as the author's name.
    bylines: list[str] = field(default_factory=list)
    #: Address to alternative text, of pictures that have one.
    pictures: dict[str, str] = field(default_factory=dict)
    #: The words of each link, folded.
    anchors: set[str] = field(default_factory=set)
    #: The words of each heading below the first rank, folded.
    subheadings: set[str] = field(default_factory=set)
    language: str = ""
    base: str = ""


def parse(content: bytes, *, charset: str = "") -> tuple[Any, str]:
    """The tree, None for a page without any element, and the page as text.

    libxml2 drops what is nested deeper than 256; nothing that is read is.
    """
    from lxml import etree, html

    words = encodings.text(content[: 4 * LARGEST], charset=charset)[0][:LARGEST].replace("\x00", "")
    words = _TAG.sub(_with_few_attributes, words)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(words.encode("utf-8", "replace"), parser=parser), words
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return None, words


def saved_from(words: str) -> str:
    """The address that a browser left in a page it saved; "" when there is none."""
    found = _SAVED_FROM.search(words[:20_000])
    return web_address(found["ie"] or found["single"]) if found else ""


def web_address(url: str, base: str = "") -> str:
    """`url` absolute and http(s); "" for anything else."""
    url = url.strip()
    if not url or len(url) > 4_000:
        return ""
    try:
        joined = urljoin(base, url) if base else url
    except ValueError:
        return ""
    joined = address(joined)
    return joined if joined.lower().startswith(("http://", "https://")) else ""


def words_of(value: str, most: int = 500) -> str:
    """A field's value on one line, no markup, no longer than `most`."""
    value = value[:20_000]
    if _ENTITY.search(value) or _MARKUP.search(value):
        # Escaped twice, as half of all sites do: the tree has undone the one, `line` undoes the other.
        value = line(value if _MARKUP.search(value) else value.replace("<", "&lt;"))
        value = line(value) if _MARKUP.search(value) else value
    value = re.sub(r"\s+", " ", tidy(value)).strip()
    return value if len(value) <= most else value[:most].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def tags(tree: Any, *, url: str = "") -> Tags:
    """What the tags of `tree` say. One walk; texts are as written, addresses absolute."""
    found = Tags()
    base, title, language = url, "", ""
    for number, element in enumerate(tree.iter()):
        tag = element.tag
        if not isinstance(tag, str) or number > 300_000:
            continue
        get = element.attrib.get
        if tag == "meta":
            _meta(found, get)
        elif tag == "link" or (tag == "a" and get("rel")):
            _link(found, tag, get("rel") or "", web_address(get("href") or "", base), element)
        elif tag == "title" and not title and not _inside(element, "svg"):
            title = words_of(_text(element))
        elif tag == "script" and "ld+json" in (get("type") or "").lower():
            found.scripts.append(element.text or "")
        elif tag == "html":
            language = get("lang") or get("xml:lang") or ""
        elif tag == "base" and get("href") and base == url:
            base = web_address(get("href") or "", url) or base
        elif tag == "h1" and len(found.headings) < 5 and (words := words_of(_text(element))):
            found.headings.append(words)
        elif tag in ("h2", "h3", "h4") and len(found.subheadings) < 500:
            found.subheadings.add(folded(_text(element)))
        elif tag == "time" and get("datetime"):
            published = get("pubdate") is not None or "publish" in (get("class") or "") + (get("itemprop") or "")
            found.times.insert(0 if published else len(found.times), get("datetime") or "")
        elif tag == "img" and get("src") and (get("alt") or "").strip() and len(found.pictures) < 300:
            found.pictures.setdefault(web_address(get("src") or "", base), words_of(get("alt") or ""))
        _marks(found, tag, element, get)
    return Tags(
        **{name: getattr(found, name) for name in Tags.__slots__} | {"title": title, "language": language, "base": base}
    )


def first(tags: Tags, names: Sequence[str]) -> tuple[str, str]:
    """The first meta that says anything, and its name."""
    for name in names:
        for value in tags.metas.get(name, ()):
            if value.strip():
                return value, name
    return "", ""


def _with_few_attributes(tag: re.Match[str]) -> str:
    if not tag["name"] or tag.end() - tag.start() < 2 * _MOST_ATTRIBUTES:
        return tag[0]
    return tag[0] if len(_ATTRIBUTE.findall(tag[0])) <= _MOST_ATTRIBUTES else f"<{tag['name']}>"


def _meta(found: Tags, get: Any) -> None:
    content = (get("content") or "").strip()
    if not content:
        return
    # "og:title dc:title": one element may bear several names.
    names = (
        f"{get('property') or ''} {get('name') or ''}".lower()
        .replace("dc:", "dc.")
        .replace("dcterm:", "dcterms.")
        .split()
    )
    if get("http-equiv"):
        names.append("http:" + (get("http-equiv") or "").lower())
    if get("itemprop"):
        found.props.setdefault((get("itemprop") or "").lower(), []).append(content)
    for name in names[:6]:
        values = found.metas.setdefault(name, [])
        if len(values) < 20:
            values.append(content)


def _link(found: Tags, tag: str, rel: str, href: str, element: Any) -> None:
    for kind in rel.lower().split()[:5]:
        if tag == "link" and href:
            found.links.setdefault(kind, []).append(href)
        if kind == "author" and tag == "a" and len(found.bylines) < 8:
            found.bylines.append(words_of(_text(element), 120))


def _marks(found: Tags, tag: str, element: Any, get: Any) -> None:
    """Microdata, bylines by class, and the words of links."""
    if tag == "a":
        if len(found.anchors) < 20_000 and (words := folded(_text(element))):
            found.anchors.add(words)
        return
    prop = (get("itemprop") or "").lower()
    if prop in ("headline", "datepublished", "author", "name") and tag != "meta":
        value = get("datetime") or get("content") or _text(element)
        if value.strip() and len(found.props.setdefault(prop, [])) < 5:
            found.props[prop].append(value.strip())
    marks = f" {get('class') or ''} {get('id') or ''} "[:400].lower()
    if ("byline" in marks or "author" in marks or " p-author" in marks) and len(found.bylines) < 8:
        words = _text(element)
        if 2 < len(words.strip()) < 120 and not {"comment", "bio"} & set(re.split(r"[\W_]+", marks)):
            found.bylines.append(words_of(words, 120))


def _inside(element: Any, tag: str) -> bool:
    return next(element.iterancestors(tag), None) is not None


def _text(element: Any) -> str:
    """Its words, the first few thousand; of a picture in it the alternative text."""
    found, length = [], 0
    for each in element.itertext():
        found.append(each)
        length += len(each)
        if length > 3_000:
            break
    return "".join(found)
