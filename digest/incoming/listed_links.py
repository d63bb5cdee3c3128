"""Links in plain text and Markdown, each with the words about it that stand beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.incoming import plain_html
from digest.incoming.import_rows import Row

_LABEL = r"(?>(?:[^\[\]\n\\]|\\.|\[[^\[\]\n]{0,200}\]){0,500})"
# Pictures are matched so that nobody takes them for links; in a link a picture's words are its words.
_LINK = re.compile(
    rf"""
    !\[(?P<alt>{_LABEL})\]\([^()\s]{{0,8000}}(?:\s[^()\n]{{0,300}})?\)
  | \[(?P<words>{_LABEL})\]\(\s*(?:<(?P<angled>[^<>\n]{{1,8000}})>|(?P<inline>(?>(?:[^()\s]++|\([^()\s]*+\)){{1,200}})))
        (?:\s+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?\s*\)
  | \[(?P<said>{_LABEL})\](?:\[(?P<label>[^\[\]\n]{{0,200}})\])
  | <(?P<auto>(?:https?|ftp|file|javascript|mailto):[^<>\s]*)>
  | (?P<bare>(?<![A-Za-z0-9])(?:https?:/{{1,3}}|www\.)[^\s<>"“”«»|]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DEFINITION = re.compile(r"[ ]{0,3}\[([^\[\]\n]{1,200})\]:\s*<?(\S+?)>?(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*")
#: A list's mark, a checkbox, a quotation or heading before the words of a line.
_MARK = re.compile(r"\s*(?:(?:[-*+•–—]|\d{1,4}[.)])(?=\s|\[)\s*(?:\[[ xX]\]\s+)?|#{1,6}\s+|(?:>\s?)+)?")
_STARTS = re.compile(r"\s*(?:[-*+•]\s|\d{1,4}[.)]\s|#{1,6}\s)")
_HEADING = re.compile(r"\s{0,3}(?:#{1,6}\s|(?:[-*_=]\s*){3,}\Z)")
_RULE = re.compile(r"\s*(?:[-*_=]\s*){3,}")
#: A scraper's head of one story.
_LABEL_OF_A_STORY = re.compile(
    r"^[ \t]*(title|headline|author|byline|source|site|date|published)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
#: Between a title and what is said of it.
_BETWEEN = " \t-–—:|·•,;>"
_MEANT = re.compile(
    r"(?:https?|htp|htps|htt|ftp|file|javascript|data|mailto|about|chrome|place):\S*|[a-z]{3,10}://\S*", re.IGNORECASE
)
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,2}|~~|`)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_LONGEST_LINE = 100_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A link of a text."""

    #: Of the file, from 1.
    line: int
    row: Row


def find(text: str) -> Iterator[Listed]:
    """Every link in order; lines that are meant as one and are none come too, for others to refuse.

    The words of a link are its title; those before a bare address, on its line or the one above; what
    follows, up to the next link or an empty line, is a note.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    definitions = _definitions(lines)
    for first, block in _blocks(lines):
        yield from _of_block(first, block, definitions)


def looks_listed(text: str) -> bool:
    """Whether a text is a list of links, and no story that has some.

    A list has a link in most of its paragraphs, headings aside, and few words about each. A pasted story
    of three sentences with "Read more: https://..." at its end has neither.
    """
    links = words = long_ones = with_link = 0
    paragraphs: list[bool] = []
    for block in re.split(r"(?:\r\n|\r|\n)(?:[^\S\r\n]*(?:\r\n|\r|\n))+", text):
        lines = [line[:_LONGEST_LINE] for line in block.splitlines()]
        found = sum(len(_addresses(line)) for line in lines)
        rest = [_LINK.sub(" ", line).strip() for line in lines]
        links += found
        words += sum(len(line.split()) for line in rest)
        long_ones += sum(len(line) > 250 for line in rest)
        if found or not all(_HEADING.match(line) or not line.strip() for line in lines):
            paragraphs.append(bool(found))
            with_link += bool(found)
    if not links or words > 45 * links or long_ones > links // 3:
        return False
    if links == 1 and len({label.lower() for label in _LABEL_OF_A_STORY.findall(text)}) > 1:
        return False
    bare = len(paragraphs) - with_link
    return with_link > bare or (with_link == bare and (links >= 3 or paragraphs[0]))


def _addresses(line: str) -> list[re.Match[str]]:
    return [found for found in _LINK.finditer(line[:_LONGEST_LINE]) if found["alt"] is None]


def _definitions(lines: Sequence[str]) -> dict[str, str]:
    """Label to address, as Markdown has them below the text: `[label]: address`."""
    found: dict[str, str] = {}
    for line in lines:
        if "]:" in line[:300] and (each := _DEFINITION.fullmatch(line[:_LONGEST_LINE])):
            found.setdefault(_folded(each[1]), each[2])
    return found


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, lines) between empty lines, headings and marks of a list."""
    block: list[str] = []
    start = 1
    for number, line in enumerate(lines, 1):
        line = line[:_LONGEST_LINE]
        ends = not line.strip() or _RULE.fullmatch(line[:200]) or _DEFINITION.fullmatch(line)
        if (ends or _STARTS.match(line)) and block:
            yield start, block
            block = []
        if not ends:
            start = start if block else number
            block.append(line)
    if block:
        yield start, block


def _of_block(first: int, block: Sequence[str], definitions: dict[str, str]) -> Iterator[Listed]:
    linked = [bool(_addresses(line)) for line in block]
    # Where the block begins with words, each address has its title above it; else below it stands its note.
    title_above = not linked[0] and not _refused(block[0])
    above: list[str] = []
    at = 0
    while at < len(block):
        if not linked[at]:
            if bad := _refused(block[at]):
                yield Listed(first + at, Row(url=bad))
            else:
                above.append(_plain(_MARK.sub("", block[at], count=1)))
            at += 1
            continue
        below: list[str] = []
        next_one = at + 1
        while next_one < len(block) and not linked[next_one] and not _refused(block[next_one]):
            if title_above and linked[next_one + 1 : next_one + 2] == [True]:
                break
            below.append(_plain(re.sub(r"\s*(?:>\s?)+", "", block[next_one], count=1)))
            next_one += 1
        yield from _of_line(first + at, block[at], above, below, definitions)
        above, at = [], next_one


def _of_line(
    number: int, line: str, above: list[str], below: list[str], definitions: dict[str, str]
) -> Iterator[Listed]:
    found = _addresses(line)
    start = found[0].start()
    marked = _mark(line[:start])
    before = _plain(_LINK.sub(" ", line[marked:start])).lstrip(_BETWEEN).rstrip(_BETWEEN + "([<")
    after = _words(line[found[0].end() :]).lstrip(_BETWEEN).strip()
    for each in found:
        url, title = _target(each, definitions)
        if each is not found[0]:
            yield Listed(number, Row(url=url, title=title, plain=True))
            continue
        note = [*below]
        if title:
            # Words before a link belong to the sentence that it is part of.
            note = [*above, _words(line[marked:]) if before else after, *below]
        elif before:
            title, note = before, [*above, after, *below]
        elif above:
            title, note = above[-1].strip(_BETWEEN), [*above[:-1], after, *below]
        elif line[each.end() :].lstrip(" ")[:1] in ("|", "\t"):
            # One tab a line, as tab savers write them: address | title.
            title = after
        else:
            note = [after, *below]
        row = Row(url=url, title=title, note="\n".join(filter(None, note)), plain=True)
        yield Listed(number, row)


def _target(found: re.Match[str], definitions: dict[str, str]) -> tuple[str, str]:
    """(address, the link's own words)."""
    if found["said"] is not None:
        label = _folded(found["label"] or found["said"])
        return definitions.get(label, ""), _words(found["said"])
    if found["words"] is not None:
        url = found["angled"] or found["inline"]
        return _ESCAPED.sub(r"\1", url), _words(found["words"])
    return (found["auto"] or _trimmed(found["bare"])), ""


def _trimmed(url: str) -> str:
    """A bare address without the sentence's own marks behind it."""
    while url:
        last = url[-1]
        if (
            last in ".,;:!?'*_~`”’…"
            or (last == ")" and url.count(")") > url.count("("))
            or (last == "]" and "[" not in url)
        ):
            url = url[:-1]
        else:
            break
    return url


def _mark(line: str) -> int:
    found = _MARK.match(line)
    return found.end() if found else 0


def _refused(line: str) -> str:
    """The whole of a line that is meant as an address and leads nowhere on the web; "" for any other."""
    bare = line[_mark(line[:200]) :].strip()
    return bare if _MEANT.fullmatch(bare) else ""


def _words(markdown: str) -> str:
    """Markdown as words: of links what is read, of pictures nothing unless there is nothing else."""
    pictures: list[str] = []

    def said(found: re.Match[str]) -> str:
        if found["alt"] is not None:
            pictures.append(found["alt"])
            return ""
        words = found["words"] or found["said"] or ""
        return _words(words) if len(words) < len(markdown) else ""

    words = _plain(_LINK.sub(said, markdown))
    return words or " ".join(map(_plain, pictures))


def _plain(markdown: str) -> str:
    return " ".join(plain_html.tidy(_ESCAPED.sub(r"\1", _unstressed(markdown))).split())


def _unstressed(words: str) -> str:
    """Without the marks of emphasis that come in pairs around words."""
    parts = _EMPHASIS.split(words)
    opened: dict[str, int] = {}
    for at in range(1, len(parts), 2):
        mark, before, after = parts[at], parts[at - 1][-1:], parts[at + 1][:1]
        if mark in opened and before and not before.isspace() and not after.isalnum():
            parts[at] = parts[opened.pop(mark)] = ""
        elif after and not after.isspace() and not before.isalnum():
            opened[mark] = at
    return "".join(parts)
