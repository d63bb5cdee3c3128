"""HTML for services whose links to leave the list are elements of their own, `<unsubscribe>`, and no addresses."""

from __future__ import annotations

import re
from collections.abc import Set

_LINK = re.compile(r"<a\b((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>(.*?)</a\s*>", re.DOTALL | re.IGNORECASE)
_TO = re.compile(r"\s+href\s*=\s*([\"'])\[([a-z]+)\]\1", re.IGNORECASE)
#: What an address alone has a use for.
_OF_LINKS = re.compile(r"\s+(?:target|rel)\s*=\s*(?:\"[^\"]*\"|'[^']*')", re.IGNORECASE)
#: In what a reader reads, and not within a tag.
_WORD = re.compile(r"\[([a-z]+)\](?=[^<>]*(?:<|\Z))")


def written(html: str, names: Set[str]) -> str:
    """`html` with `<a href="[name]" style="...">words</a>` as `<name style="...">words</name>`, for these names.

    A "[name]" in the text becomes an element too, without words: services have their own for it.
    """

    def element(link: re.Match[str]) -> str:
        to = _TO.search(link[1])
        if to is None or to[2] not in names:
            return link[0]
        return f"<{to[2]}{_OF_LINKS.sub('', link[1].replace(to[0], ''))}>{link[2]}</{to[2]}>"

    def alone(word: re.Match[str]) -> str:
        return f"<{word[1]}></{word[1]}>" if word[1] in names else word[0]

    return _WORD.sub(alone, _LINK.sub(element, html))
