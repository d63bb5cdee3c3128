"""A candidate becomes the lines of a story as an editor would type them. Pure."""

from __future__ import annotations

import re

from digest import issue_file, urls
from digest.models import Item

#: Words of a lead. A description as it stands beats every kind of summing up that was tried on real pages.
LEAD_WORDS = 40

#: What would turn words into markup wherever it stands; the rest is escaped only where a title needs it.
_ALWAYS = re.compile(r"([\\`*\[\]<>])|(?<!\w)(_)|(_)(?!\w)")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_LINE_START = re.compile(r"^(\s*)(?:(\d+)([.)])|([#>+\-=|~]))")


def blurb(item: Item) -> str:
    """What a story says before anybody wrote about it: the reader's own note, else the machine's words."""
    return item.note.strip() or machine_blurb(item)


def machine_blurb(item: Item) -> str:
    """The page's own description, else its lead of at most 40 words. A check compares blurbs with this."""
    words = (item.description or item.text).split()
    if item.description and len(words) <= 2 * LEAD_WORDS:
        return " ".join(words)
    if len(words) <= LEAD_WORDS:
        return " ".join(words)
    lead = " ".join(words[:LEAD_WORDS])
    # To the end of a sentence where one ends late enough, else with dots.
    end = max(lead.rfind(mark) for mark in (". ", "! ", "? ", "。"))
    return lead[: end + 1] if end > len(lead) // 2 else lead.rstrip(",;:") + "…"


def story(item: Item, *, picture: str = "", alt: str = "") -> str:
    """The story's Markdown: heading, head lines, picture, blurb. Reads back as the same title and URL."""
    lines = [heading(_one_line(item.title) or item.url or "Untitled", urls.clean(item.url))]
    facts = {
        "source": item.source,
        "author": item.author,
        "date": item.published.date().isoformat() if item.published else "",
        "minutes": str(item.minutes) if item.minutes else "",
    }
    lines += [f"{key}: {_one_line(value)}" for key, value in facts.items() if value]
    if picture:
        lines += ["", f"![{_escaped(_one_line(alt))}]({_destination(picture)})"]
    if words := blurb(item):
        lines += ["", _paragraphs(words)]
    return "\n".join(lines) + "\n"


def heading(title: str, url: str) -> str:
    """`### [title](url)`, escaped no more than it must be to be read as just this title."""
    title = _one_line(title)
    for escaped in (_escaped(title), _PUNCTUATION.sub(r"\\\1", title)):
        line = f"### [{escaped}]({_destination(url)})" if url else f"### {escaped}"
        stories = issue_file.parse(f"## S\n\n{line}\n\nText\n", slug="x").issue.stories
        if len(stories) == 1 and " ".join(stories[0].title.split()) == title:
            return line
    return line


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _escaped(text: str) -> str:
    return _ALWAYS.sub(lambda found: "\\" + (found[1] or found[2] or found[3]), text)


def _destination(url: str) -> str:
    if re.search(r"[\s()<>]", url):
        return "<" + url.replace("<", "%3C").replace(">", "%3E").replace("\n", "") + ">"
    return url


def _paragraphs(text: str) -> str:
    """Plain paragraphs as Markdown that says the same words."""
    parts = [_one_line(part) for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "\n\n".join(_LINE_START.sub(_literal, _escaped(part)) for part in parts)


def _literal(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}\\{found[3]}" if found[2] else f"{found[1]}\\{found[4]}"
