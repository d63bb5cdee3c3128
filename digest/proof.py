"""A finished mail, parsed, in which every element knows the story and the line it came from."""

from __future__ import annotations

import html as html_
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lxml import html as lxml_html

from digest import merge_tags
from digest.models import Email, Issue, Weight

_PLACE = re.compile(r"dg([+-])(\d+)")


@dataclass(frozen=True, slots=True)
class Proof:
    """The mail as a reader gets it when no service fills its blanks, and where everything in it stands."""

    #: Blanks filled: addresses with stand-ins below "https://blank.invalid/", the rest with their fallbacks.
    html: str
    text: str
    subject: str
    preheader: str
    #: The document's root element (lxml), parsed as a browser does the common cases; comments stay.
    root: Any
    #: For each element, by identity, the number of the story or brief it stands in.
    numbers: Mapping[Any, int]
    #: Title and line of each story and brief, by number.
    stories: tuple[Weight, ...]

    @classmethod
    def of(cls, email: Email, issue: Issue) -> Proof:
        """The proof of a mail rendered from `issue`."""
        marked = with_places(email)
        values = {name: f"https://blank.invalid/{name}" for name in merge_tags.ADDRESSES}
        values |= {"preheader": "yes", "postal_address": email.postal_address}
        as_html = merge_tags.plain({name: html_.escape(value) for name, value in values.items()})
        as_text = merge_tags.plain(values)
        whole = merge_tags.fill(marked, as_html, encode=html_.escape)
        root = lxml_html.document_fromstring(whole, parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True))
        numbers: dict[Any, int] = {}
        inside: list[int] = []
        for element in list(root.iter()):
            if isinstance(element.tag, str):
                if inside:
                    numbers[element] = inside[-1]
                continue
            if found := _PLACE.fullmatch((element.text or "").strip()):
                if found[1] == "+":
                    inside.append(int(found[2]))
                elif inside:
                    inside.pop()
        return cls(
            html=re.sub(r"<!--dg[+-]\d+-->", "", whole),
            text=merge_tags.fill(email.text, as_text),
            subject=merge_tags.fill(email.subject, as_text),
            preheader=merge_tags.fill(email.preheader, as_text),
            root=root,
            numbers=numbers,
            stories=email.weights,
        )

    def story_of(self, element: Any) -> Weight | None:
        """The story or brief an element stands in; None in masthead, headings and footer."""
        number = self.numbers.get(element)
        return None if number is None else self.stories[number]

    def elements(self, *tags: str) -> Iterator[Any]:
        """Elements of the document in order, those named or all; never comments."""
        for element in self.root.iter(*tags):
            if isinstance(element.tag, str):
                yield element


def with_places(email: Email) -> str:
    """`email.html`, blanks neutral, each story and brief number N between `<!--dg+N-->` and `<!--dg-N-->`."""
    parts: list[str] = []
    at = 0
    ends = [(each.start, f"<!--dg+{number}-->") for number, each in enumerate(email.weights)]
    ends += [(each.end, f"<!--dg-{number}-->") for number, each in enumerate(email.weights)]
    # Where one ends and the next begins, the end comes first.
    for offset, comment in sorted(ends, key=lambda each: (each[0], each[1].startswith("<!--dg+"))):
        parts += [email.html[at:offset], comment]
        at = offset
    return "".join([*parts, email.html[at:]])


def replaced(email: Email, html: str) -> Email:
    """`email` with other HTML and no places in it."""
    return replace(email, html=html, weights=())
