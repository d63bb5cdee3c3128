"""A page of the web, or one saved to a file, becomes a story: what its head says, and its text."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from digest.incoming import around_articles, headline, page_head, page_tree, plain_html, written_dates
from digest.incoming.page_head import Head
from digest.incoming.page_tree import Tags, web_address, words_of
from digest.incoming.plain_html import tidy
from digest.models import Item, Unread
from digest.render.language import reading_minutes
from digest.sources.base import Found

#: Elements that trafilatura is given; it takes a tenth of a millisecond for each.
_MOST_ELEMENTS = 20_000
#: The depths of all elements together: it asks many an element for the words of all within.
_MOST_STEPS = 1_200_000
#: Characters of a page that it is given.
_MOST_CHARACTERS = 2_000_000
#: Characters of a body that are kept.
_LONGEST = 500_000
_OTHER_FORMATS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a compressed file"),
)
_ITEM = re.compile(r"^\s*-\s+\S")


def read(content: bytes, *, url: str, charset: str = "") -> Found:
    """The story of the page at `url`; of a file saved from a browser `url` is "" and the page itself is asked.

    `charset` is what the HTTP header says. A page without title and text is told as unread.
    """
    place = url or "page"
    for start, what in _OTHER_FORMATS:
        if content.startswith(start):
            return Found(unread=(Unread(place, f"it is {what}, not a page"),))
    tree, words = page_tree.parse(content, charset=charset)
    if tree is None:
        return Found(unread=(Unread(place, "it is empty"),))
    saved_from = "" if url else page_tree.saved_from(words)
    address = web_address(url) or saved_from
    tags = page_tree.tags(tree, url=address)
    head = page_head.read(tags, url=address)
    own = address or head.canonical
    found = dict(head.found)
    if not url and own:
        found["url"] = "the browser's note in the saved page" if saved_from else found["canonical"]
    values = _completed(head, tree, words, own, found)
    text, removed, body_from = _body(tree, words, tags, [values["title"], *head.other_titles, tags.title], head)
    if not values["title"] and not text:
        return Found(unread=(Unread(place, "neither a title nor a text was found in it"),))
    if not values["title"]:
        values["title"], found["title"] = words_of(text.split("\n")[0], 100), "the first words of the text"
    if text:
        found["text"] = body_from
    language = head.language
    item = Item(
        url=own,
        title=values["title"],
        source=values["source"],
        author=values["author"],
        published=values["published"],
        description=values["description"],
        text=text,
        picture=values["picture"],
        picture_alt=head.picture_alt,
        aliases=(head.canonical,) if head.canonical and head.canonical != own else (),
        language=language,
        minutes=reading_minutes(text, language or "en") if text else None,
        other_titles=head.other_titles,
        removed=removed,
        found=_renamed(found),
    )
    return Found(items=(item,), title=head.site)


def _renamed(found: dict[str, str]) -> dict[str, str]:
    names = {"site": "source", "canonical": "aliases"}
    return {names.get(name, name): where for name, where in found.items()}


def _completed(head: Head, tree: Any, words: str, url: str, found: dict[str, str]) -> dict[str, Any]:
    """The head's fields, and for those it lacks what trafilatura makes of the page."""
    values: dict[str, Any] = {
        "title": head.title,
        "source": head.site,
        "author": head.author,
        "published": head.published,
        "description": head.description,
        "picture": head.picture,
    }
    lacking = {name for name in ("title", "author", "published") if not values[name]}
    if not lacking or not _is_bearable(tree, words):
        return values
    said = _metadata(tree, url)
    if said is None:
        return values
    if "title" in lacking and (title := words_of(said.title or "")):
        values["title"], found["title"] = headline.cut(title, sites=[head.site, url])[0], "trafilatura"
    author = page_head.name((said.author or "").replace("; ", ", "))
    if "author" in lacking and author and headline.folded(author) != headline.folded(head.site):
        values["author"], found["author"] = author, "trafilatura"
    if "published" in lacking and (when := _day(said.date)):
        values["published"], found["published"] = when, "trafilatura"
    return values


def _day(date: str | None) -> datetime | None:
    return written_dates.stamp(date) if date else None


def _metadata(tree: Any, url: str) -> Any:
    import copy

    from trafilatura.metadata import extract_metadata

    _hush()

    bare = copy.deepcopy(tree)
    # What scripts say was read already, and patiently; trafilatura searches them with expressions that may not end.
    for script in list(bare.iter("script", "style")):
        script.text = ""
    try:
        return extract_metadata(bare, default_url=url or None, extensive=False)
    except Exception:  # the page is hostile, and trafilatura makes no promise what it raises on one
        return None


def _body(tree: Any, words: str, tags: Tags, titles: Sequence[str], head: Head) -> tuple[str, str, str]:
    """The text in paragraphs, what was taken off it, and who found it."""
    lines, where = _by_trafilatura(tree) if _is_bearable(tree, words) else [], "trafilatura"
    if not lines:
        lines, where = _densest(tree), "the longest run of paragraphs"
    if not lines:
        lines, where = _lines(plain_html.text(words[:_MOST_CHARACTERS])[:_LONGEST]), "all words of the page"
    lines = _without_head(lines, titles, head, tags)
    keep = around_articles.parts(lines, links=tags.anchors)
    text = _paragraphs([line for line, kept in zip(lines, keep, strict=True) if kept])[:_LONGEST]
    removed = "\n".join(line for line, kept in zip(lines, keep, strict=True) if not kept)
    return text, removed[:_LONGEST], where


def _is_bearable(tree: Any, words: str) -> bool:
    """Whether trafilatura will be done with it in a second or two."""
    if len(words) > _MOST_CHARACTERS:
        return False
    from lxml import etree

    elements = depth = steps = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        elements += event == "start"
        steps += depth
        if elements > _MOST_ELEMENTS or steps > _MOST_STEPS:
            return False
    return True


def _by_trafilatura(tree: Any) -> list[str]:
    import copy

    from trafilatura import bare_extraction

    _hush()

    try:
        found = bare_extraction(copy.deepcopy(tree), include_comments=False, with_metadata=False)
    except Exception:  # the page is hostile, and trafilatura makes no promise what it raises on one
        return []
    return _lines(found.text or "") if found is not None and not isinstance(found, dict) else []


def _hush() -> None:
    """What trafilatura thinks of a page ("discarding data") is no editor's business; it goes to stderr unasked."""
    for name in ("trafilatura", "htmldate", "courlan", "readability"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _densest(tree: Any) -> list[str]:
    """The paragraphs of the element that holds most of them; of a page too large or too odd for trafilatura."""
    weights: dict[Any, float] = {}
    for number, each in enumerate(tree.iter("p", "pre", "blockquote")):
        if number > 100_000:
            break
        length = len("".join(each.itertext())) if len(each) < 1_000 else len(each.text or "")
        parent = each.getparent()
        if length < 40 or parent is None:
            continue
        weights[parent] = weights.get(parent, 0) + length
        if (above := parent.getparent()) is not None:
            weights[above] = weights.get(above, 0) + length / 2
    if not weights:
        return []
    best = max(weights, key=lambda each: weights[each])
    lines, length = [], 0
    for each in best.iter("p", "pre", "blockquote", "h2", "h3", "li"):
        words = " ".join(tidy("".join(each.itertext()) if len(each) < 1_000 else (each.text or "")).split())
        lines.append(words)
        length += len(words)
        if length > _LONGEST:
            break
    return [line for line in lines if line]


def _lines(text: str) -> list[str]:
    return [line for each in tidy(text).split("\n") if (line := each.strip())]


def _without_head(lines: list[str], titles: Sequence[str], head: Head, tags: Tags) -> list[str]:
    """The lines without the title, byline and date that stand before the first paragraph.

    A standfirst goes too where it is the description and set as a heading: the story has it already.
    """
    standfirst = headline.folded(head.description)
    addresses = {tags.base, head.canonical}
    own = {headline.folded(each) for each in titles if each}
    author = headline.folded(head.author)
    start = 0
    for number, line in enumerate(lines[:12]):
        if around_articles.is_prose(line) and headline.folded(line) not in own:
            break
        if headline.folded(line) in own:
            start = number + 1
    kept = []
    for number, line in enumerate(lines):
        early = number < start + 4
        if number < start and len(line) < 160:
            continue
        if early and len(line) < 100 and _is_byline(line, author):
            continue
        if early and standfirst and (folded := headline.folded(line)) == standfirst and folded in tags.subheadings:
            continue
        if line in addresses:
            continue
        kept.append(line)
    return kept or lines


def _is_byline(line: str, author: str) -> bool:
    words = headline.folded(line)
    if author and len(words) < 60 and author in words and len(words) < 2 * len(author) + 12:
        return True
    if (date := written_dates.find(line)) is not None:
        rest = len(line) - len(date.words)
        return rest < 40 or (date.start < 25 and not line.endswith((".", ":", "?", "!")))
    return False


def _paragraphs(lines: Sequence[str]) -> str:
    """Lines with an empty one between; items of one list on lines of their own."""
    text = ""
    for number, line in enumerate(lines):
        in_list = number and _ITEM.match(line) and _ITEM.match(lines[number - 1])
        text += ("" if not number else "\n" if in_list else "\n\n") + line
    return text
