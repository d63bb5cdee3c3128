"""Styles move from `<style>` onto the elements, and only what a client can use stays in the head."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

#: A start tag as lxml writes it: every "<" and ">" inside a value is escaped.
_TAG = re.compile(r"<[a-z][^<>]*>")
#: Read one after the other, so that no words within a value are taken for an attribute.
_ATTRIBUTE = re.compile(r""" ([^\s=<>"']+)=("[^"]*"|'[^']*')""")
_KEPT_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_CLASS_IN_CSS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_IGNORE = re.compile(r'(<style\b[^>]*?)\s+data-premailer="[^"]*"')

#: A comment, or a style that premailer puts onto elements: it leaves alone those for Outlook, print and so on.
_TO_INLINE = re.compile(
    r"<!--.*?-->|(<style\b(?![^>]*\b(?:data-premailer|media)\s*=)[^>]*>)(.*?)(?=</style)", re.DOTALL | re.IGNORECASE
)
_WORN = re.compile(r"""\bclass\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE)
#: A style that is nothing but rules, each easily told from the next; anything else premailer reads whole.
_RULE = r"""\s*+([^{}@<"'\\/]++)\{(?>(?:[^{}"'\\/]++|/(?!\*)|"[^"\n\\]*+"|'[^'\n\\]*+')*)\}"""
_RULES = re.compile(rf"(?>(?:{_RULE})*)\s*+")
_ONE_RULE = re.compile(_RULE)
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)\s*")


def inline(html: str) -> str:
    """`html` with every `<style>` inlined, save those marked `data-premailer="ignore"`, as pure ASCII.

    Classes that no remaining rule names are taken off: they would only weigh. Nothing is fetched.
    Traps this goes around are told in premailer's tracker: #156 (doctype), #297 (braces in links).
    """
    from lxml import etree

    # Left to itself, libxml2 drops whatever lies below 255 elements, a text of ten million bytes, and all
    # that follows them, without a word: https://gnome.pages.gitlab.gnome.org/libxml2/html/parser_8h.html
    tree = etree.fromstring(_needed(html.strip()), etree.HTMLParser(huge_tree=True))
    tree = _premailer()(
        tree,
        # The default strips !important from media rules too: phones and dark mode would lose theirs.
        strip_important=False,
        keep_style_tags=False,
        # width="100%" on pictures makes Outlook blow them up; the templates write their own attributes.
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        disable_validation=True,
        cssutils_logging_level=logging.CRITICAL,
        allow_network=False,
        disable_link_rewrites=True,
        disable_leftover_css=True,
        # Parses the style of every picture once more, to give those that float an attribute for Outlook.
        align_floating_images="float" in html.lower(),
    ).transform()
    inlined = etree.tostring(tree, method="html", pretty_print=True, encoding="utf-8").decode()
    inlined = _IGNORE.sub(r"\1", inlined)
    return _lean(inlined).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _needed(html: str) -> str:
    """`html` without the rules of classes that nothing in it wears.

    They change nothing, but cssutils takes about a millisecond for each: two thirds of a theme's.
    """
    worn = {name for found in _WORN.findall(html) for name in unescape(" ".join(found)).split()}

    def rule(found: re.Match[str]) -> str:
        name = _CLASS.fullmatch(found[1])
        return found[0] if name is None or name[1] in worn else ""

    def style(found: re.Match[str]) -> str:
        if found[1] is None or not _RULES.fullmatch(found[2]):
            return found[0]
        return found[1] + _ONE_RULE.sub(rule, found[2])

    return _TO_INLINE.sub(style, html)


@lru_cache(maxsize=1)
def _premailer() -> Any:
    """Premailer, imported when the first mail is made, for it brings cssutils with it."""
    put_off = _PutOff()
    sys.meta_path.insert(0, put_off)
    try:
        from premailer import Premailer
    finally:
        sys.meta_path.remove(put_off)
    return Premailer


class _PutOff:
    """Finds requests for premailer such that it is read no sooner than somebody uses it.

    Premailer wants it for style sheets on the web and is not let there; to read it took a seventh of a build.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(fullname, path) if fullname == "requests" else None
        if found and found.loader:
            found.loader = LazyLoader(found.loader)
        return found


def _lean(html: str) -> str:
    """`html` without classes that no rule in its head names, and without blanks in its style attributes."""
    used = {name for style in _KEPT_STYLE.finditer(html) for name in _CLASS_IN_CSS.findall(style[1])}

    def attribute(found: re.Match[str]) -> str:
        name, value = found[1], found[2][1:-1]
        if name == "class":
            names = [each for each in value.split() if each in used]
            return f' class="{" ".join(names)}"' if names else ""
        if name == "style":
            # cssutils writes fonts' names in double quotes, so lxml puts the attribute between single ones.
            value = re.sub(r"\s*([;,])\s*", r"\1", value.replace('"', "'")).strip(";")
            return f' style="{value}"'
        return found[0]

    def tag(found: re.Match[str]) -> str:
        return _ATTRIBUTE.sub(attribute, found[0])

    head, body, rest = html.partition("<body")
    return head + _TAG.sub(tag, body + rest)
