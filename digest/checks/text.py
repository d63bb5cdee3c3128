"""Whether the text part says what the HTML says: every story, every link once, and no markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from digest.checks.base import Copy, Place, at, line_of, placed, shown
from digest.inspection.mail_words import texts, words
from digest.inspection.whereabouts import written
from digest.models import Brief, Finding, Story
from digest.render.address import address
from digest.render.wrap import columns

RULES = {
    "empty": "there is no text part",
    "missing-story": "a story's title is not in the text part",
    "missing-link": "a link of the HTML is not in the text part",
    "link-twice": "an address stands more than once in the text part",
    "markup": "tags, entities or Markdown left in the text part",
    "long-line": "a line wider than mail programs show a text part",
}

_STANDS_IN = "https://blank.invalid/"
#: What stands between the stories and the footer.
_RULER = "-" * 40
#: More findings of one kind than this are the theme's doing.
_SOME = 3
#: RFC 5322, 2.1.1, and the width of a terminal.
_WIDEST = 78
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>]+", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|a|b|i|u|em|strong|span|div|br|hr|img|table|tbody|tr|td|th|ul|ol|li|h[1-6]|blockquote|pre|code|font|center"
    r"|style|script|html|head|body|mj-[a-z-]+|mjml|sup|sub)(?:\s[^<>]*)?/?>|<!--|\[endif\]",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|copy|mdash|ndash|hellip|[lr]s?quo|rdquo|ldquo|#\d{2,6}|#x[0-9a-f]{2,6});",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(
    r"(?<![\w*])\*\*[^\s*][^*\n]*[^\s*]\*\*(?![\w*])|(?<!\w)__[^\s_][^_\n]*[^\s_]__(?!\w)|\]\([^()\s]*[:/.#][^()]*\)|!\[[^\]\n]*\]\("
    r"|\{\{|\{%|(?m:^#{1,6} \S)"
)


def check(copy: Copy) -> Iterator[Finding]:
    """What readers of the text part would miss or stumble over."""
    text = copy.proof.text
    if not text.strip():
        effect = "Who reads mail as text gets nothing, and filters distrust a mail without one."
        yield Place(copy.issue.path).finding("error", "empty", "The mail has no text part.", effect=effect)
        return
    yield from _stories(copy, text)
    yield from _links(copy, text)
    yield from _markup(copy, text)
    yield from _lines(copy, text)


def _titled(copy: Copy) -> list[Story | Brief]:
    return [*copy.issue.stories, *copy.issue.briefs]


def _stories(copy: Copy, text: str) -> Iterator[Finding]:
    said = "".join(words(text))
    missing = []
    for each in _titled(copy):
        if (title := "".join(words(each.title))) and title not in said:
            what = f"{shown(each.title)} is not in the text part."
            effect = "Readers of the text part miss the story."
            missing.append(at(copy.issue, each.line, "error", "missing-story", what, effect=effect, story=each.title))
    yield from _as_one(missing, "stories and briefs are not in the text part", "Readers of the text part miss them.")


def _as_one(told: list[Finding], what: str, effect: str) -> list[Finding]:
    """Many findings of one kind are one of the theme's, with all its places."""
    if len(told) <= _SOME:
        return told
    lines = sorted({each.line for each in told if each.line})
    first = next((each for each in told if each.line), told[0])
    hint = "Something is amiss in issue.txt, or in another of the theme's files for the text part."
    what = f"{len(told)} {what}, the first {shown(first.story)}." if first.story else f"{len(told)} {what}."
    return [replace(first, what=what, effect=effect, hint=hint, also=tuple(lines[1:]))]


def _links(copy: Copy, text: str) -> Iterator[Finding]:
    found = Counter(_addresses(text))
    # An address that is its own words is said once more, here as there.
    spelt = Counter(_addresses(" ".join(text for text, _ in texts(copy.proof.root))))
    seen: set[str] = set()
    twice: list[Finding] = []
    missing: list[Finding] = []
    for element in copy.proof.elements("a"):
        url = (element.get("href") or "").strip()
        if not url.lower().startswith(("http", "mailto:")) or url in seen:
            continue
        seen.add(url)
        there = max(found[url], found[_bare(url)])
        if not there and url.lower().startswith("mailto:"):
            # An address that is its own words needs no "mailto:".
            there = text.count(url[7:].partition("?")[0])
        elif not url.startswith(_STANDS_IN) and there > max(1, _stories_at(copy, url)) + spelt[url]:
            place = placed(copy, element, url, *written(element))
            what = f"{_name(place)} stands {there} times in the text part: {shown(url, 90)}."
            effect = "Readers of the text part wonder whether they have been there."
            twice.append(place.finding("note", "link-twice", what, effect=effect))
        if not there:
            place = placed(copy, element, url, *written(element))
            what = f"{_name(place)} is not in the text part: {shown(url, 90)}."
            effect = "Readers of the text part cannot follow it."
            missing.append(place.finding("error", "missing-link", what, effect=effect))
    yield from _as_one(twice, "links stand more than once in the text part", "Readers meet each of them again.")
    yield from _as_one(missing, "links are not in the text part", "Readers of the text part cannot follow them.")


def _name(place: Place) -> str:
    return f"A link of {shown(place.story)}" if place.story else "A link of the mail"


def _stories_at(copy: Copy, url: str) -> int:
    """How many stories lead there; each says so."""
    return sum(address(each.url) == url for each in _titled(copy))


def _addresses(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        yield found[0]
        if (bare := _bare(found[0])) != found[0]:
            yield bare


def _bare(url: str) -> str:
    """Without what a sentence may have put behind it."""
    return url.rstrip(".,;:!?)]>»”’'\"")


def _markup(copy: Copy, text: str) -> Iterator[Finding]:
    # What readers of the HTML see too is the editor's own: a story about <br>, or about *|FNAME|*.
    seen = "".join("".join(text for text, _ in texts(copy.proof.root)).split())
    told: set[str] = set()
    lines: set[int] = set()
    for pattern, what in ((_TAG, "an HTML tag"), (_ENTITY, "an HTML entity"), (_MARKDOWN, "Markdown")):
        for found in pattern.finditer(_ADDRESS.sub(" ", text)):
            if found[0] in told or "".join(found[0].split()) in seen:
                continue
            told.add(found[0])
            # The rest of a line that has some is of the same making.
            line = text.count("\n", 0, text.find(found[0]))
            if line in lines:
                continue
            lines.add(line)
            place = _where(copy, text, found[0])
            said = f"{what[0].upper()}{what[1:]} is left in the text part: {shown(found[0])}."
            yield place.finding("warning", "markup", said, effect="Readers of the text part see it as it stands.")


def _lines(copy: Copy, text: str) -> Iterator[Finding]:
    for line in text.split("\n"):
        if len(line) * 2 <= _WIDEST or columns(line) <= _WIDEST:
            continue
        words_only = _ADDRESS.sub("", line)
        # A word that cannot be broken is no line's fault.
        if any(columns(word) > _WIDEST - 8 for word in line.split()) or columns(
            words_only.strip()
        ) <= _WIDEST // 2 < len(line) - len(words_only):
            continue
        place = _where(copy, text, line)
        what = f"A line of the text part is {columns(line)} columns wide: {shown(line)}."
        hint = "Break the line; code is never broken by digest." if line.startswith("    ") else ""
        yield place.finding("note", "long-line", what, effect="Some mail programs break it where it hurts.", hint=hint)


def _where(copy: Copy, text: str, said: str) -> Place:
    """The story whose title stands last before a stretch of the text part."""
    at_character = text.find(said.strip())
    ruler = text.rfind(f"\n{_RULER}")
    if 0 <= ruler < at_character:  # in the footer, which is the theme's
        return Place(copy.issue.path, line_of(copy, 0, said.strip()) or None)
    before = "".join(words(text[: max(at_character, 0)]))
    best: tuple[int, Story | Brief] | None = None
    for each in _titled(copy):
        title = "".join(words(each.title))
        where = before.rfind(title) if title else -1
        if where >= 0 and (best is None or where > best[0]):
            best = (where, each)
    story = best[1] if best else None
    needle = said.strip()
    lines = range(story.line if story else 1, len(copy.lines) + 1)
    ends = [line for line in copy.starts if story and line > story.line]
    line = next(
        (number for number in lines if needle in copy.lines[number - 1] and number < min(ends, default=10**9)), 0
    )
    return Place(copy.issue.path, line or (story.line if story else None) or None, story.title if story else "")
