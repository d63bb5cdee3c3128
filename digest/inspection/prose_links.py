"""Where the words of an issue file lead: every link of a stretch of Markdown, with its line. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: Comments, fenced and inline code hold no link; their line ends stay, so that lines keep their numbers.
_NO_LINKS = re.compile(
    r"<!--.*?(?:-->|\Z)|^ {0,3}(?P<fence>```+|~~~+).*?(?:^ {0,3}(?P=fence)|\Z)|(?P<tick>`+)[^`].*?(?P=tick)",
    re.DOTALL | re.MULTILINE,
)
_ADDRESS = r"<?\s*(?P<{0}>https?://(?:[^\s()<>]|\([^\s()<>]*\))+)"
_LINK = re.compile(
    # "![...](...)" is a picture, "[![...](...)](...)" a picture with a link: neither repeats what words say.
    r"(?<!!)\[(?P<said>(?:[^\[\]!]|!(?!\[)|\[[^\[\]]*\])*)\](?:\(\s*"
    + _ADDRESS.format("inline")
    + r"|\[(?P<label>[^\[\]]*)\])|<(?P<bare>https?://[^\s<>]+)>|<a\s[^>]*?href\s*=\s*[\"']?\s*(?P<html>https?://[^\s\"'>]+)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ProseLink:
    url: str
    line: int
    #: How many words of the stretch stand before it.
    words: int
    #: Which item of a list it stands in; 0 outside of lists.
    item: int = 0


def links(markdown: str, line: int, references: Mapping[str, tuple[str, str]]) -> Iterator[ProseLink]:
    """The links in words, in order; those of tables and of footnotes, which are notes upon notes, left out.

    `line` is that of the first line of `markdown`; `references` are the file's link definitions.
    """
    text = _NO_LINKS.sub(lambda found: re.sub(r"[^\r\n]", " ", found[0]), markdown)
    marks = [found.start() for found in _ITEM.finditer(text)]
    words = end = 0
    for found in _LINK.finditer(text):
        at = found.start()
        words += len(text[end:at].split())
        line += text.count("\n", end, at)
        end = at
        if found["label"] is not None:
            url = references.get(" ".join((found["label"] or found["said"]).split()).lower().upper(), ("", ""))[0]
        else:
            url = found["inline"] or found["bare"] or found["html"] or ""
        start = text.rfind("\n", 0, at) + 1
        if url.startswith(("http://", "https://")) and not re.match(r"\s*(?:\||\[\^)", text[start : at + 2]):
            number = bisect_right(marks, at)
            yield ProseLink(url, line, words, number if number and _goes_on(text[marks[number - 1] : at]) else 0)


def _goes_on(item: str) -> bool:
    """Whether the item of a list still goes on: nothing but indented lines follow an empty one."""
    return re.search(r"\n[ \t]*\n(?! |\t)", item) is None
