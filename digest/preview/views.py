"""The finished mail as the page's frame shows it: light or dark, with pictures or without, its stories clickable."""

from __future__ import annotations

import html as html_
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote

from digest.clipping import GMAIL_CUTS_AT
from digest.preview import darkness, ruler
from digest.preview.finished import Finished
from digest.preview.tags import VOID, Tag, attributes, rewritten, tags, with_value

Mode = Literal["light", "dark", "inverted"]
MODES: tuple[str, ...] = get_args(Mode)

#: Where `Asset.name` is looked for: what a mail calls the pictures that lie beside it.
_BESIDE = "images/"
#: What part of a mail around the window is as good as seen: a story's bytes and its height go together only roughly.
_NEAR = 0.1

_LINES = (
    "div#digest-cut,#digest-cut div{background:#b3261e!important;color:#ffffff!important;text-align:center!important;"
    "font:bold 13px/18px system-ui,sans-serif!important;padding:6px 10px!important}"
    # The story that follows begins with its title.
    "div#digest-cut{margin-bottom:14px!important}#digest-cut td{padding:0 0 14px!important}"
)
_CLICKED = "a.digest-at{position:absolute!important;z-index:9;display:block;text-decoration:none!important}"
#: A small handle at the story's corner that shows when the mouse or the keyboard is there.
_HANDLES = _CLICKED + (
    "a.digest-at{opacity:0;transform:translateY(-100%);padding:3px 8px;border-radius:6px;background:#1c6560!important;"
    "color:#ffffff!important;font:bold 12px/16px system-ui,sans-serif!important}"
    ".digest-story:hover>a.digest-at,a.digest-at:focus{opacity:1}"
)
#: The whole story is one link: one a cell, of which the keyboard stops at the first.
_COVERS = _CLICKED + (
    ".digest-story{position:relative!important}"
    "a.digest-at{inset:0!important;font-size:0!important;cursor:crosshair;outline:0!important}"
)
#: A story under the mouse or the keyboard: a band across all of its cells, in a green seen on white and on black.
_LIT = "background:rgba(47,156,147,.2)!important;box-shadow:inset 0 2px #2f9c93,inset 0 -2px #2f9c93!important"


@dataclass(frozen=True, slots=True)
class View:
    """How the mail is looked at."""

    mode: Mode = "light"
    pictures: bool = True
    #: The whole of a story is clicked for its place; else only a handle, and links are links.
    find: bool = False
    #: Lets the frame have its pictures.
    key: str = ""
    #: The key is that of an open page, which wants to know how tall the mail is and what is clicked in it.
    watched: bool = False
    #: What part of the mail is in the window, from 0 for its top to 1 for its end.
    window: tuple[float, float] = (0.0, 0.15)
    #: Pictures out of the window are left blank, those whose size the mail tells: thirty of them take a browser as
    #: long as all the rest. A page that shows such a mail first loads the whole one behind it.
    quick: bool = False
    #: Pixels from top to end of the mail that a quick one takes the place of; 0 when unknown.
    tall: int = 0

    def sees(self, part: float) -> bool:
        """Whether what stands at a part of the mail is in the window, or near it."""
        return self.window[0] - _NEAR <= part <= self.window[1] + _NEAR


def window(asked: str) -> tuple[float, float]:
    """What part of the mail the page shows, as it says: "0.25-0.5"."""
    if found := re.fullmatch(r"([01](?:\.\d{1,6})?)-([01](?:\.\d{1,6})?)", asked):
        return float(found[1]), float(found[2])
    return View().window


def tall(asked: str) -> int:
    """How tall the page shows the mail, as it says; 0 when it does not."""
    return min(ruler.TALLEST, int(asked)) if re.fullmatch(r"[0-9]{1,6}", asked) else 0


def mail(finished: Finished, slug: str, view: View) -> str:
    """The HTML of the mail for a frame that runs no scripts."""
    changes = [*_cut(finished), *(_stories(finished, slug, view) if view.watched else ())]
    html = rewritten(finished.html, changes)
    html = darkness.inverted(html) if view.mode == "inverted" else darkness.in_scheme(html, view.mode)
    html = _framed(html, view, _lit(finished) if view.find else "")
    return rewritten(html, list(_pictures(html, finished, slug, view)))


def policy(origin: str, view: View) -> str:
    """The Content-Security-Policy of such a mail. Nothing leaves it but requests for pictures, if those are on."""
    pictures = f"{origin}/pictures/ {origin}/height/ https: http: data:" if view.pictures else f"{origin}/height/"
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )


def _framed(html: str, view: View, lit: str) -> str:
    """`html` with its links in tabs of their own, and with the ruler."""
    css = _LINES + (_COVERS + lit if view.find else _HANDLES) if view.watched else _LINES
    head = f'<base target="_blank"><style>{css}</style>'
    changes: list[tuple[int, int, str]] = []
    head_at = foot_at = None
    for tag in tags(html):
        if tag.name == "head" and tag.closes and head_at is None:
            head_at = tag.start
        elif tag.name == "body" and tag.closes:
            foot_at = tag.start
        elif tag.name == "a" and not tag.closes:
            given = {each.name: each.value or "" for each in attributes(html, tag)}
            # A link within the mail stays in it.
            if given.get("href", "").startswith("#") and "target" not in given:
                changes.append((tag.attributes[0], tag.attributes[0], ' target="_self"'))
    if view.watched:
        head += f"<style>{ruler.css(view.key, view.tall if view.quick else 0)}</style>"
        at = foot_at if foot_at is not None else len(html)
        changes.append((at, at, ruler.MARKUP))
    changes.append((head_at or 0, head_at or 0, head))
    return rewritten(html, changes)


_BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_NAMES_PICTURE = re.compile("src|background|poster|url", re.IGNORECASE)
_URL = re.compile(rf"url\((['\"]?){_BESIDE}([\w.-]+)\1\)")


def _pictures(html: str, finished: Finished, slug: str, view: View) -> Iterator[tuple[int, int, str]]:
    """The mail's own pictures from our memory, wherever they will be when it is sent; or no pictures at all."""

    def ours(name: str) -> str:
        return f"/pictures/{quote(slug, safe='')}/{quote(name)}?key={quote(view.key)}"

    for tag in tags(html):
        # Most tags name no picture, and to read all their attributes takes longer than all the rest.
        if tag.closes or not _NAMES_PICTURE.search(html, tag.attributes[0], tag.text_end):
            continue
        for each in attributes(html, tag):
            if each.name == "srcset" and not view.pictures:
                yield each.start, each.end, ""
            if each.name not in {"src", "background", "poster"}:
                continue
            if not view.pictures:
                yield each.start, each.end, ""
                continue
            address = html_.unescape(each.value or "")
            name = address.rsplit("/", 1)[-1]
            if name in finished.pictures and (address == _BESIDE + name or "://" in address):
                if view.quick and tag.name == "img" and not view.sees(tag.start / len(html)) and _sized(html, tag):
                    yield with_value(each, _BLANK)
                    continue
                yield with_value(each, ours(name))
        if not view.pictures:
            continue
        for found in _URL.finditer(html, tag.start, tag.text_end):
            if found[2] in finished.pictures:
                yield found.start(), found.end(), f"url({found[1]}{ours(found[2])}{found[1]})"


def _sized(html: str, tag: Tag) -> bool:
    return {"width", "height"} <= {each.name for each in attributes(html, tag)}


# --- where Gmail cuts


def _cut(finished: Finished) -> list[tuple[int, int, str]]:
    """The line across the mail, at the edge of an element that is nearest to the byte where Gmail stops."""
    if len(finished.html) <= GMAIL_CUTS_AT:
        return []
    place = min(_edges(finished.html), key=lambda edge: abs(edge[0] - GMAIL_CUTS_AT), default=None)
    if place is None:
        return []
    at, in_table = place
    rest = f"{(len(finished.html) - GMAIL_CUTS_AT) / 1000:.1f} kB"
    words = (
        f"Gmail cuts the mail here: {rest} too much. What follows is hidden behind &#8220;View entire message&#8221;."
    )
    line = f'<div id="digest-cut" role="note">{words}</div>'
    if in_table:
        line = f'<tr id="digest-cut" role="note"><td colspan="99"><div>{words}</div></td></tr>'
    return [(at, at, line)]


def _edges(html: str) -> Iterator[tuple[int, bool]]:
    """Where something can be put between two elements, and whether it must be a row of a table there."""
    open_: list[str] = []
    for tag in tags(html):
        if tag.closes:
            if tag.name in open_:
                while open_.pop() != tag.name:
                    pass
            continue
        inside = open_[-1] if open_ else ""
        if tag.name == "tr" and inside in {"table", "tbody", "thead", "tfoot"}:
            yield tag.start, True
        elif tag.name in {"table", "div", "p", "h1", "h2", "h3", "ul", "ol", "blockquote"} and inside in {
            "td",
            "th",
            "div",
            "body",
            "center",
        }:
            yield tag.start, False
        if tag.name not in VOID:
            open_.append(tag.name)


# --- stories to be clicked


def _stories(finished: Finished, slug: str, view: View) -> Iterator[tuple[int, int, str]]:
    """A link to each story's place in its file, such that a table stays a table."""
    for place in finished.places:
        if not place.line:
            continue
        name = html_.escape(f"Line {place.line}: {place.title}")
        shown = "" if view.find else f"Line {place.line}"
        link = (
            f'<a class="digest-at" data-story="{place.line}" target="_self" '
            f'href="/at/{quote(slug, safe="")}/{place.line}?key={quote(view.key)}" title="{name}" '
        )
        first, later = f'{link}aria-label="{name}">{shown}</a>', f'{link}tabindex="-1" aria-hidden="true"></a>'
        cells = list(_cells(finished.html, place.start, place.end))
        if not cells:
            # Between the cells of a table or the items of a list nothing else may stand.
            if _first(finished.html, place.start, place.end) in {
                "div",
                "p",
                "table",
                "h3",
                "h2",
                "h4",
                "a",
                "span",
                "",
            }:
                yield place.start, place.start, f'<div class="digest-story">{first}'
                yield place.end, place.end, "</div>"
            continue
        for number, cell in enumerate(cells):
            if number and not view.find:
                break
            at = cell.attributes[0]
            classed = next((each for each in attributes(finished.html, cell) if each.name == "class"), None)
            if classed:
                yield with_value(classed, f"digest-story {classed.value or ''}")
            else:
                yield at, at, ' class="digest-story"'
            yield cell.end, cell.end, later if number else first


def _lit(finished: Finished) -> str:
    """The rules by which all cells of a story light up when one does: they need not be in one row."""
    return "".join(
        f':root:has([data-story="{line}"]:is(:hover,:focus)) [data-story="{line}"]{{{_LIT}}}'
        for line in dict.fromkeys(place.line for place in finished.places)
        if line
    )


def _first(html: str, start: int, end: int) -> str:
    return next((tag.name for tag in tags(html, start, end)), "")


def _cells(html: str, start: int, end: int) -> Iterator[Tag]:
    """The outermost cells or list items of a stretch of HTML that begins with one, or with a row."""
    depth = 0
    first = True
    for tag in tags(html, start, end):
        if first and tag.name not in {"tr", "td", "th", "li"}:
            return
        first = False
        if tag.name not in {"td", "th", "li"}:
            continue
        if tag.closes:
            depth = max(0, depth - 1)
            continue
        if depth == 0:
            yield tag
        depth += 1
