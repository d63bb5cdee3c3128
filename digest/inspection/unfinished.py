"""Marks that somebody meant to come back: TODO, lorem ipsum, a word that stands for one yet to be written. Pure."""

from __future__ import annotations

import re

#: What is no word of any text: addresses, and code.
_NO_PROSE = re.compile(r"<?\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+|\bmailto:\S+|`[^`]*`", re.IGNORECASE)
#: As the design has it, in capitals: "todo el mundo" is Spanish, and a to-do list is a subject.
TODO = re.compile(r"(?<![\w/#.-])TODO(?![\w/-])")
#: Beside a TODO these make it a word among words.
_BEFORE_TODO = re.compile(
    r"\b(?:a|an|the|every|each|no|any|this|that|one|old|another|first|last|of|in|like|about|his|her|my|your|our|their|its"
    r"|called|named|said|says|word)\s+[\"“‘'*_]*\Z",
    re.IGNORECASE,
)
_BEHIND_TODO = re.compile(
    r"[\"”’'*_]*[ -](?:comments|lists|apps?|items|files|managers?|trackers?|tags|markers?|annotations?|tickets|bots?"
    r"|driven|or not)\b"
)
#: "TODO list three of them" is one, "my old TODO list" is none.
_BEHIND_WITHIN = re.compile(r"[\"”’'*_]*[ -](?:comment|list|file|item|tag|ticket)\b")
_OPENS, _CLOSES = ('"', "“", "‘", "„", "«", "'"), ('"', "”", "’", "“", "»", "'")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
#: A program is shown with the TODOs it has.
_FENCED = re.compile(r"^ {0,3}(```+|~~~+)[^\r\n]*[\r\n].*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"\r\n|\r|\n")
_LOREM = re.compile(
    r"\blorem ipsum\b|\bdolor sit amet\b|\bconsectetu[er]r? adipisc\w+|\bsed do eiusmod\b|\bincididunt ut labore\b"
    r"|\bduis aute irure\b|\bexcepteur sint\b|\bquis nostrud exercitation\b",
    re.IGNORECASE,
)
#: "TK", to come, is what newsrooms write; alone it is also a country, an airline and a toolkit.
_MARKS = re.compile(
    r"(?<![\w/-])(?:FIXME|TKTK\w*|(?<![\"“‘«„*_])XXX+(?![\"”’»*_]))(?![\w/-])"
    r"|[\[(<](?:TK|TBD|TBC|XX+|DRAFT|PLACEHOLDER)[\])>](?!\()|(?<!\w)TK(?=[,;:]? TK\b)"
    # "TK years later"; the airline, the country and the shop are followed by a number, a verb or a name.
    r"|(?<![\w-])TK(?= (?:per ?cent|million|billion|thousand|hundred|more)\b"
    r"| (?!is\b|was\b|as\b|has\b|does\b|its\b)[a-z]{2,}s\b)"
    r"|\[(?i:(?:insert|add|fill in) [^\[\]\n]{2,40}"
    r"|(?:quote|link|name|number|date|picture|image|photo|source|intro|price) (?:here|goes here|to come))\](?![\[(:])"
    r"|\[(?i:draft|todo|to do|wip|entwurf|brouillon|borrador|rascunho|bozza|concept)\](?![\[(:])"
)
#: A line of its own that says "todo:" in small letters; where "todo" is a word for all, it is no mark.
_SMALL_TODO = re.compile(r"\s*(?:[-*+>]\s+|\d+[.)]\s+)*[*_]{0,2}(?:@todo\b|to-?do\s?:)", re.IGNORECASE)
_TODO_IS_ALL = frozenset({"es", "pt", "gl", "ast", "an"})
#: What nobody writes as a paragraph of its own, however short the others are.
_ALONE_IN_A_LINE = re.compile(
    r"(?:tbd|tba|tbc|tk|xx+|asdf\w*|placeholder|\?{3,}|(?:text|blurb|words) (?:here|goes here|to come))[.!]?",
    re.IGNORECASE,
)
_DRAFT = re.compile(r"(?<![\w'’&/-])DRAFT(?![\w'’/-])")
#: Thirty in Roman numerals.
_THIRTY = re.compile(r"\b(?:Bowl|Olympiad|Games|Vol\.|Volume|Chapter|Part|Book|Canto|Psalm|Article|No\.) XXX\b")
#: What stands alone in a field until somebody writes it.
_ALONE = re.compile(
    r"(?:x{2,}|tk|tbd|tba|tbc|todo|fixme|draft|test|testing|asdf\w*|title|headline|blurb|text|subject|preheader|"
    r"untitled|placeholder|(?:title|headline|blurb|text|subject|preheader|words) (?:here|goes here|to come)|"
    r"(?:your|the) (?:title|headline|blurb|text|subject|preheader)(?: goes)?(?: here)?|\.{3,}|…|\?{2,}|-+)[.!]?",
    re.IGNORECASE,
)


def without_addresses(text: str) -> str:
    """`text` with its addresses and code blanked: a TODO.md in a link is no mark."""
    return _NO_PROSE.sub(lambda found: " " * len(found[0]), text)


def mark(text: str, language: str = "") -> str:
    """The first mark of unfinished text in a line that readers see; "" for none. TODO is looked for apart."""
    text = _THIRTY.sub("", without_addresses(text))
    found = _LOREM.search(text) or _MARKS.search(text) or _DRAFT.search(text)
    if found is None and language.partition("-")[0].lower() not in _TODO_IS_ALL:
        found = _SMALL_TODO.match(text)
    found = found or _ALONE_IN_A_LINE.fullmatch(text.strip(" *_[]()<>\"'"))
    return found[0].strip() if found else ""


def is_lorem(text: str) -> bool:
    return _LOREM.search(text) is not None


def todos(source: str) -> tuple[int, ...]:
    """The lines of an issue file to which somebody meant to come back; in a comment every TODO is a mark."""
    source = source.removeprefix("\ufeff")
    source = _FENCED.sub(_blanked, source)
    lines = enumerate(zip(_LINE.split(source), _LINE.split(_COMMENT.sub(_blanked, source)), strict=True), 1)
    return tuple(number for number, (line, prose) in lines if has_todo(prose) or _count(line) > _count(prose))


def _blanked(found: re.Match[str]) -> str:
    return re.sub(r"[^\r\n]", " ", found[0])


def _count(line: str) -> int:
    return len(TODO.findall(without_addresses(line))) if "TODO" in line else 0


def has_todo(text: str) -> bool:
    """Whether somebody meant to come back to a line that readers see; addresses and code do not count.

    "A TODO in a source file" and "TODO comments" are what a story is about. A mark stands alone, or before what is
    to be done.
    """
    if "TODO" not in text:
        return False
    prose = without_addresses(re.sub(r"\]\([^)\s]*\)", "]", text))
    return any(not _is_subject(prose, found) for found in TODO.finditer(prose))


def _is_subject(line: str, found: re.Match[str]) -> bool:
    before, after = line[: found.start()], line[found.end() :]
    if before.endswith(_OPENS) and after.startswith(_CLOSES):
        return True  # in quotation marks
    if after.startswith(":"):
        return False
    within = re.search(r"[\w,’'][\s\"“‘'*_]+\Z", before) and _BEHIND_WITHIN.match(after)
    return (within or _BEFORE_TODO.search(before) or _BEHIND_TODO.match(after)) is not None


def is_placeholder(text: str) -> bool:
    """Whether a title, a blurb or a subject is nothing but a word for one yet to be written."""
    return _ALONE.fullmatch(text.strip(" *_[]()<>\"'")) is not None
