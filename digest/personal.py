"""A mail that goes to readers one by one: what is theirs stays open in the draft, and is filled in for each."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from digest import merge_tags
from digest.mailing_list import Reader
from digest.merge_tags import Blank, Syntax

if TYPE_CHECKING:
    from digest.exporters.base import Draft


def _open(name: str) -> Callable[[str], str]:
    return lambda fallback: Blank(name, fallback).mark()


#: Tags of a service that fills in neither: a draft has them in it as they travel through a finished mail.
TAGS: Mapping[str, Callable[[str], str]] = {name: _open(name) for name in ("first_name", "email")}


def addressed(draft: Draft, reader: Reader, *, in_html: Syntax, in_text: Syntax) -> Draft:
    """The draft with its open blanks filled for one reader; the two are how the service escapes."""
    return replace(
        draft,
        subject=_filled(draft.subject, reader, in_text),
        html=_filled(draft.html, reader, in_html, is_html=True),
        text=_filled(draft.text, reader, in_text),
    )


def enclosing(draft: Draft) -> Draft:
    """The draft with its pictures looked for within the mail, each as `cid:` and its name (RFC 2392)."""
    if not draft.assets:
        return draft
    names = "|".join(sorted((re.escape(asset.name) for asset in draft.assets), key=len, reverse=True))
    return replace(draft, html=re.sub(rf"(?<=[\"'(])images/({names})(?=[\"')])", r"cid:\1", draft.html))


def _filled(text: str, reader: Reader, syntax: Syntax, *, is_html: bool = False) -> str:
    # A name that somebody typed into a form is no more to be trusted than a feed.
    known = {"first_name": " ".join(reader.first_name.split()), "email": reader.address}

    def tag(blank: Blank) -> str | None:
        value = "".join(each for each in known.get(blank.name, "") if each.isprintable())
        if not value:
            return None
        said = syntax.escape(html.escape(value) if is_html else value)
        return said.encode("ascii", "xmlcharrefreplace").decode() if is_html else said

    # All else was escaped when the draft was made, the fallbacks too.
    return merge_tags.fill(text, Syntax(tag=tag))
