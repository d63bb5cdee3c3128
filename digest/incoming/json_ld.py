"""What a page says of itself in JSON-LD, broken or not, as the one node that is about its article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from digest.incoming.headline import folded

Node = Mapping[str, Any]

_LARGEST = 2_000_000
_MOST_NODES = 2_000
_AROUND = re.compile(
    r"^[\s;]*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)?\s*|\s*(?://\s*)?(?:-->|\]\]>)?[\s;]*$"
)
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_LONE_BACKSLASH = re.compile(r'\\(?!["\\/bfnrtu])')
_NEXT = re.compile(r"\S")
#: A key of interest and its text, for what cannot be mended. The usual break is a quotation inside a
#: headline: a quote ends the text only before a comma or a bracket.
_PAIR = re.compile(
    r'"(headline|datePublished|dateCreated|description|articleBody|inLanguage)"\s*:\s*"((?>(?:[^"\\]++|\\.|"(?!\s*+(?:[,}\]]|\Z)))*))"',
    re.DOTALL,
)
_ARTICLES = frozenset({"report", "review", "claimreview", "recipe", "howto", "socialmediaposting", "opinionpiece"})
_LESSER = frozenset(
    {"webpage", "itempage", "creativework", "videoobject", "book", "dataset", "event", "podcastepisode"}
)


def article(scripts: Sequence[str], *, titles: Sequence[str] = (), urls: Sequence[str] = ()) -> tuple[Node, list[Node]]:
    """The node of the page's own article, {} when there is none, and all nodes.

    A page may list other articles too: the one is chosen that has one of the page's `urls` or `titles`.
    """
    nodes: list[Node] = []
    for script in scripts[:40]:
        nodes.extend(_nodes(_read(script)))
        if len(nodes) > _MOST_NODES:
            break
    wanted_titles, wanted_urls = {folded(title) for title in titles if title}, {_trimmed(url) for url in urls if url}

    def rank(node: Node) -> tuple[int, int, int]:
        own = any(
            _trimmed(url) in wanted_urls for key in ("url", "mainEntityOfPage", "@id") for url in texts(node.get(key))
        )
        headline = folded(text(node.get("headline")) or text(node.get("name")))
        named = bool(headline) and any(headline in title or title in headline for title in wanted_titles if title)
        return _kind(node), own + 2 * named, bool(headline)

    best = max((node for node in nodes if _kind(node)), key=rank, default={})
    # Of several articles none of which is the page's own, none is believed: they are what it links to.
    if best and rank(best)[1] == 0 and sum(_kind(node) == _kind(best) for node in nodes) > 1 and wanted_titles:
        return {}, nodes
    return best, nodes


def kinds(node: Node) -> set[str]:
    """Its types, lower case, without the schema's address."""
    return {each.rsplit("/", 1)[-1].casefold() for each in texts(node.get("@type"))}


def text(value: object) -> str:
    """The first text of a value that may be one, a list of them, or a node with a name."""
    return next(iter(texts(value)), "")


def texts(value: object) -> list[str]:
    """Every text of a value: itself, its list's, or the name, address or @id of a node."""
    found: list[str] = []
    for each in (value if isinstance(value, list) else [value])[:50]:
        if isinstance(each, Mapping):
            each = next((each[key] for key in ("name", "@value", "url", "@id") if isinstance(each.get(key), str)), "")
        if isinstance(each, str) and each.strip():
            found.append(each.strip())
    return found


def named(value: object, nodes: Sequence[Node]) -> list[str]:
    """The names of persons or organisations, where the value points at other nodes theirs."""
    by_id = {
        each["@id"]: each for each in nodes if isinstance(each.get("@id"), str) and isinstance(each.get("name"), str)
    }
    found = []
    for each in (value if isinstance(value, list) else [value])[:50]:
        if isinstance(each, Mapping):
            if not each.get("name"):
                each = by_id.get(each.get("@id"), {}) if isinstance(each.get("@id"), str) else {}
            found.extend(texts(each.get("name")))
        else:
            found.extend(texts(each))
    return list(dict.fromkeys(found))


def _read(script: str) -> object:
    """What the script holds; of broken JSON what can be mended, else its few telling pairs."""
    script = _AROUND.sub("", script[:_LARGEST])
    mended = (
        lambda words: words,
        lambda words: _LONE_BACKSLASH.sub(r"\\\\", _TRAILING_COMMA.sub("", words)),
    )
    for mend in mended:
        try:
            return _values(mend(script))
        except (ValueError, RecursionError):
            continue
    pairs: dict[str, str] = {}
    for key, words in _PAIR.findall(script):
        pairs.setdefault(key, re.sub(r"\\(.)", r"\1", re.sub(r"\\[nrt]", " ", words)))
    return {"@type": "Article", **pairs} if "headline" in pairs else {}


def _values(script: str) -> list[object]:
    """Every JSON value of a script that holds one after another; what follows the last does no harm."""
    decoder, found, at = json.JSONDecoder(strict=False), list[object](), 0
    while len(found) < 50:
        start = _NEXT.search(script, at)
        if start is None or (found and start[0] not in "[{"):
            break
        value, at = decoder.raw_decode(script, start.start())
        found.append(value)
    return found


def _nodes(value: object) -> Iterator[Node]:
    """Every node that may describe the page: of lists, graphs and what a page names as its main matter."""
    waiting, seen = [value], 0
    while waiting and seen < _MOST_NODES:
        each = waiting.pop(0)
        seen += 1
        if isinstance(each, list):
            waiting[:0] = each[:_MOST_NODES]
        elif isinstance(each, Mapping):
            yield each
            waiting[:0] = [each[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart") if key in each]


def _kind(node: Node) -> int:
    """2 for an article, 1 for what a page may be besides, 0 for the rest."""
    own = kinds(node)
    if any(kind.endswith(("article", "posting")) or kind in _ARTICLES for kind in own):
        return 2
    return 1 if own & _LESSER else 0


def _trimmed(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?|[#?].*$|/+$", "", url.strip())
