"""Which of caniemail's features an element, its attributes and its picture are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from digest.inspection import caniemail

_ELEMENTS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "dl"), "html-lists"),
    **dict.fromkeys(
        (
            "article",
            "aside",
            "details",
            "figcaption",
            "figure",
            "footer",
            "header",
            "main",
            "nav",
            "section",
            "summary",
        ),
        "html-semantics",
    ),
    "s": "html-strike",
    "map": "html-image-maps",
}
_ATTRIBUTES = (
    "align",
    "aria-describedby",
    "aria-hidden",
    "aria-label",
    "aria-labelledby",
    "aria-live",
    "background",
    "cellpadding",
    "cellspacing",
    "dir",
    "height",
    "hidden",
    "lang",
    "loading",
    "popover",
    "required",
    "role",
    "srcset",
    "target",
    "valign",
    "width",
)
_INPUTS = {"checkbox", "hidden", "radio", "reset", "submit", "text"}
#: What pictures are called, by the ending of their address and by the media type of a data: address.
_FORMATS = {
    "apng": "apng",
    "avif": "avif",
    "bmp": "bmp",
    "gif": "gif",
    "hdr": "hdr",
    "heic": "heif",
    "heif": "heif",
    "ico": "ico",
    "jpeg": "jpg",
    "jpg": "jpg",
    "mp4": "mp4",
    "png": "png",
    "svg": "svg",
    "svg+xml": "svg",
    "svgz": "svg",
    "tif": "tiff",
    "tiff": "tiff",
    "vnd.microsoft.icon": "ico",
    "webp": "webp",
    "x-icon": "ico",
}
#: What no mail program runs or shows; caniemail has no page for them, so plain it is.
NOWHERE = frozenset({"applet", "canvas", "embed", "frame", "iframe", "script"})


def of_element(element: Any) -> frozenset[str]:
    """Every feature in an element's own tag: its name, its attributes, its picture's format."""
    tag = element.tag
    found = {_ELEMENTS.get(tag, f"html-{tag}")} & _known() if tag not in NOWHERE else {f"html-{tag}"}
    attributes = element.attrib
    found |= {f"html-{name}" for name in _ATTRIBUTES if name in attributes}
    if tag == "input":
        kind = (element.get("type") or "text").casefold()
        found.add(f"html-input-{kind if kind in _INPUTS else 'text'}")
    elif tag == "button":
        found.add("html-button-reset" if element.get("type") == "reset" else "html-button-submit")
    elif tag == "img":
        found |= picture_formats(element.get("src") or "")
        found |= {"html-image-maps"} if "usemap" in attributes else set()
    elif tag == "a":
        found |= _of_link(element.get("href") or "")
    elif tag == "meta" and element.get("name") == "color-scheme":
        found.add("html-meta-color-scheme")
    return frozenset(found)


def _of_link(href: str) -> set[str]:
    if href.startswith("#") and len(href) > 1:
        return {"html-anchor-links"}
    return {"html-mailto-links"} if href.casefold().startswith("mailto:") else set()


@lru_cache(maxsize=1024)
def picture_formats(address: str) -> frozenset[str]:
    """The format of a picture, and whether it travels inside the mail's HTML."""
    if address[:5].casefold() == "data:":
        kind = address[5:80].partition(",")[0].partition(";")[0].casefold().removeprefix("image/")
        named = {f"image-{_FORMATS[kind]}"} if kind in _FORMATS else set()
        return frozenset({"image-base64", *named})
    try:
        path = urlsplit(address).path
    except ValueError:
        return frozenset()
    ending = path.rpartition(".")[2].casefold()
    return frozenset({f"image-{_FORMATS[ending]}"} if ending in _FORMATS else ())


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(caniemail.facts().rows)
