"""A sound issue, and the same with one fault in it."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from pathlib import Path

from digest.checks.base import Copy
from digest.models import Weight
from digest.project import Project
from digest.proof import with_places

CHECKOUT = Path(__file__).resolve().parents[2]
PENCIL = "Why so many pencils are yellow"
SAMPLES = ("011", "012", "letter-04")

_PLACE = re.compile(r"<!--dg([+-])(\d+)-->")
_BLURB = '<p style="margin:8px 0 0">'


@functools.cache
def a_copy(name: str = "012") -> Copy:
    """One of the sample issues, as it is: nothing is wrong with it."""
    project = Project(CHECKOUT)
    file = project.file(name)
    email = project.renderer.render(file.issue)
    return Copy(issue=file.issue, email=email, publication=project.publication, text=file.source)


def with_html(copy: Copy, marked: str) -> Copy:
    """`copy` with other HTML, given with its places marked as `with_places` marks them."""
    parts: list[str] = []
    at = end = 0
    spans: dict[int, list[int]] = {}
    for found in _PLACE.finditer(marked):
        parts.append(marked[end : found.start()])
        at += len(parts[-1])
        end = found.end()
        spans.setdefault(int(found[2]), [0, 0])[found[1] == "-"] = at
    html = "".join([*parts, marked[end:]])
    weights = tuple(_moved(each, spans[number]) for number, each in enumerate(copy.email.weights))
    return replace(copy, email=replace(copy.email, html=html, weights=weights))


def _moved(weight: Weight, span: list[int]) -> Weight:
    return replace(weight, start=span[0], end=span[1], bytes=span[1] - span[0])


def mutated(copy: Copy, old: str, new: str, *, story: str = "") -> Copy:
    """`copy` with the first `old` of its HTML, or of one story's, put otherwise."""
    marked = with_places(copy.email)
    start, end = 0, len(marked)
    if story:
        number = next(at for at, each in enumerate(copy.email.weights) if each.title == story)
        start, end = marked.index(f"<!--dg+{number}-->"), marked.index(f"<!--dg-{number}-->")
    at = marked.index(old, start, end)
    return with_html(copy, marked[:at] + new + marked[at + len(old) :])


def with_markup(html: str, *, story: str = PENCIL) -> Copy:
    """Number 12 with some more HTML above a story's blurb."""
    return mutated(a_copy(), _BLURB, html + _BLURB, story=story)


def with_rules(css: str, html: str = "") -> Copy:
    """Number 12 with rules added to the style sheet that stays, and perhaps what they are for."""
    copy = with_markup(html) if html else a_copy()
    return mutated(copy, ".hid{display:none}", ".hid{display:none}" + css)


def line_of(title: str, copy: Copy | None = None) -> int:
    return next(each.line for each in (copy or a_copy()).email.weights if each.title == title)
