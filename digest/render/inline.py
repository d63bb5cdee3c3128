"""Styles move from `<style>` onto the elements, and only what a client can use stays in the head."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import Any

#: A start tag as lxml writes it: every "<", ">" and quotation mark inside a value is escaped.
_TAG = re.compile(r"<[a-z][^<>]*>")
_STYLE = re.compile(r""" style=(?:"([^"]*)"|'([^']*)')""")
_CLASSES = re.compile(r' class="([^"]*)"')
_KEPT_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_CLASS_IN_CSS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_IGNORE = re.compile(r'(<style\b[^>]*?)\s+data-premailer="[^"]*"')


def inline(html: str) -> str:
    """`html` with every `<style>` inlined, save those marked `data-premailer="ignore"`, as pure ASCII.

    Classes that no remaining rule names are taken off: they would only weigh. Nothing is fetched.
    Traps this goes around are told in premailer's tracker: #156 (doctype), #297 (braces in links).
    """
    inlined = _premailer()(
        html,
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
    ).transform()
    inlined = _IGNORE.sub(r"\1", inlined)
    return _lean(inlined).encode("ascii", "xmlcharrefreplace").decode("ascii")


@lru_cache(maxsize=1)
def _premailer() -> Any:
    """Premailer, imported when the first mail is made: it takes 0.2 s, requests and cssutils with it."""
    from premailer import Premailer

    return Premailer


def _lean(html: str) -> str:
    """`html` without classes that no rule in its head names, and without blanks in its style attributes."""
    used = {name for style in _KEPT_STYLE.finditer(html) for name in _CLASS_IN_CSS.findall(style[1])}

    def classes(found: re.Match[str]) -> str:
        names = [name for name in found[1].split() if name in used]
        return f' class="{" ".join(names)}"' if names else ""

    def style(found: re.Match[str]) -> str:
        # cssutils writes fonts' names in double quotes, so lxml puts the attribute between single ones.
        value = (found[1] or found[2] or "").replace('"', "'")
        value = re.sub(r"\s*([;,])\s*", r"\1", value).strip(";")
        return f' style="{value}"'

    def tag(found: re.Match[str]) -> str:
        return _STYLE.sub(style, _CLASSES.sub(classes, found[0]))

    head, body, rest = html.partition("<body")
    return head + _TAG.sub(tag, body + rest)
