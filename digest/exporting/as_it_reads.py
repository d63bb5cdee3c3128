"""HTML as it reads: the same for two documents that differ in how they are written down and in nothing else.

Services write HTML anew when they take it or when an editor opens it: attributes in another order, references as
characters, comments gone, a <tbody> where browsers would put one. Nobody changed anything by that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

from digest.exporters.base import Fingerprint, fingerprint

#: Beside "HTML" among the hashes of a draft's parts.
AS_IT_READS = "HTML as it reads"
#: As it was given to the service, whatever that made of it.
AS_WRITTEN = "HTML as written"

#: Written or left out as one likes: https://html.spec.whatwg.org/multipage/syntax.html#optional-tags
_OPTIONAL = frozenset({"html", "head", "body", "tbody"})
_ENDS_BY_ITSELF = frozenset(
    {*("html", "head", "body", "tbody", "thead", "tfoot", "tr", "td", "th", "p", "li", "dt", "dd", "option"),
     *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")}
)  # fmt: skip


def prints(parts: Mapping[str, str]) -> dict[str, str]:
    """Hashes of a draft's parts, by name; of HTML that can be seen, one more of how it reads."""
    found = {name: fingerprint(value) for name, value in parts.items()}
    html = parts.get("HTML", "")
    if html and not isinstance(html, Fingerprint):
        found[AS_IT_READS] = reading(html)
    return found


def reading(html: str) -> str:
    """A hash of what is in HTML: every word, element and attribute, in their order."""
    parser = _Reading()
    parser.feed(html)
    parser.close()
    return hashlib.sha256("\0".join(parser.whole()).encode("utf-8", "replace")).hexdigest()[:24]


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[tuple[str, str]] = []

    def whole(self) -> Iterator[str]:
        """Elements, and the texts between them with their blanks made one."""
        text = ""
        for kind, value in [*self._found, ("end", "")]:
            if kind == "text":
                text += value
                continue
            if said := " ".join(text.split()):
                yield said
            text = ""
            yield value

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = sorted((name, _value(name, value or "")) for name, value in attrs)
        if written or tag not in _OPTIONAL:
            self._found.append(("tag", f"<{tag} {written}"))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _ENDS_BY_ITSELF:
            self._found.append(("tag", f"</{tag}"))

    def handle_data(self, data: str) -> None:
        # In a style sheet no blank means anything that an editor would change.
        in_style = bool(self._found) and self._found[-1][1].startswith("<style ")
        self._found.append(("style", "".join(data.split())) if in_style else ("text", data))


def _value(name: str, value: str) -> str:
    value = " ".join(value.split())
    if name == "style":
        value = ";".join(re.sub(r"\s*([:,])\s*", r"\1", each.strip()) for each in value.split(";") if each.strip())
    return value
