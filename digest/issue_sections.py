"""Headings and what stands below them become sections, stories and briefs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from digest import issue_head, issue_inline, issue_outline
from digest.errors import did_you_mean
from digest.issue_head import SECTION_KEYS, STORY_KEYS, HeadLine, Told
from digest.issue_inline import Title
from digest.issue_outline import Block as Lines
from digest.issue_outline import Heading, Outline
from digest.models import Block, Brief, Briefs, Picture, Prose, Section, Story

#: 0 for a story, else the depth of the section that a heading opens.
Kind = Literal[0, 1, 2]

_ONLY_STORY = STORY_KEYS - SECTION_KEYS
_ONLY_SECTION = SECTION_KEYS - STORY_KEYS


def kinds(outline: Outline, first: int) -> list[Kind]:
    """What each heading from the `first` on is: a section, one inside it, or a story."""
    found: list[Kind] = []
    under_h1 = False
    start = first
    for index in range(first, len(outline.headings)):
        heading = outline.headings[index]
        if heading.level == 3:
            found.append(0)
            continue
        _open_groups(outline, found, start, first)
        start = index + 1
        under_h1 = under_h1 or heading.level == 1
        found.append(2 if heading.level == 2 and under_h1 else 1)
    _open_groups(outline, found, start, first)
    return found


def sections(outline: Outline, titles: Sequence[Title], found: Sequence[Kind], told: Told) -> tuple[Section, ...]:
    """The sections in the order of writing; one without a title when a story comes before all of them."""
    made: list[tuple[Section, list[Block]]] = []
    headings = list(zip(outline.headings, titles, strict=True))[len(titles) - len(found) :]
    for (heading, title), kind in zip(headings, found, strict=True):
        _tell_head(heading, STORY_KEYS if kind == 0 else SECTION_KEYS, told)
        if kind:
            section = _section(heading, title, kind)
            made.append((section, _blocks(outline, heading)))
            continue
        if not made:
            made.append((Section("", "", line=heading.start + 1), []))
        made[-1][1].append(_story(outline, heading, title, told))
    return tuple(replace(section, blocks=tuple(blocks)) for section, blocks in made)


def _open_groups(outline: Outline, found: list[Kind], start: int, first: int) -> None:
    """Decide of each `###` from `start` on whether it is a story without a link or a section in a section.

    Real round-ups have "### Official" and a list of links below. Where such groups are the rule, a
    heading with other text below it is a group too.
    """
    headings = outline.headings[start : first + len(found)]
    plain = [heading for heading in headings if _may_be_group(outline, heading)]
    groups = [heading for heading in plain if _is_group(outline, heading)]
    if len(plain) == len(headings) > 1:
        likely = sum(_is_group(outline, heading) or _begins_with_list(heading) for heading in plain)
        groups = plain if likely * 2 >= len(plain) else groups
    lines = {heading.start for heading in groups}
    for index, heading in enumerate(headings, start - first):
        if heading.start in lines:
            found[index] = 2 if start > first else 1


def _may_be_group(outline: Outline, heading: Heading) -> bool:
    keys = {line.key for line in heading.head}
    return not keys & _ONLY_STORY and not issue_inline.holds_link(heading.content, outline.env)


def _is_group(outline: Outline, heading: Heading) -> bool:
    if heading.is_empty or {line.key for line in heading.head} & _ONLY_SECTION:
        return True
    for block in heading.blocks:
        if block.kind == "heading":
            # Lists below a #### are part of the text that it stands in.
            return False
        if block.is_list and _is_briefs(outline, block):
            return True
    return False


def _begins_with_list(heading: Heading) -> bool:
    return next((block.is_list for block in heading.blocks if not block.is_comment), False)


def _is_briefs(outline: Outline, block: Lines) -> bool:
    return any(
        issue_inline.leading_link(item.paragraph, outline.env) for item in issue_outline.items(block, outline.lines)
    )


def _tell_head(heading: Heading, known: frozenset[str], told: Told) -> None:
    issue_head.once([line for line in heading.head if line.key in issue_outline.known(heading.level)], told)
    if not heading.content.strip():
        told.warn("This heading has no words.", heading.start, "Write some, or take the # away.")
    for line in heading.head:
        if line.key not in issue_outline.known(heading.level):
            guess = did_you_mean(line.key, known)
            told.warn(f'"{line.key}" is no head line, so readers will see it.{guess}', line.line)


def _section(heading: Heading, title: Title, depth: Kind) -> Section:
    values = {line.key: line.value for line in heading.head if line.key in issue_outline.known(heading.level)}
    sponsor = values.pop("sponsor", "")
    if sponsor.lower() in ("yes", "no"):
        sponsor = sponsor.lower().removeprefix("no")
    markdown = issue_inline.without_comments(heading.content).replace("\n", " ").strip()
    return Section(
        title=title.text,
        title_markdown=markdown,
        depth=2 if depth == 2 else 1,
        sponsor=sponsor,
        layout=values.pop("layout", ""),
        extra=values,
        line=heading.start + 1,
    )


def _blocks(outline: Outline, heading: Heading) -> list[Block]:
    """A section's own text: lists of briefs, and the prose between them."""
    made: list[Block] = []
    prose: list[Lines] = []
    start = heading.end

    def end_prose(end: int) -> None:
        if any(not block.is_comment for block in prose):
            made.append(Prose(*outline.fragment(start, end)))
        prose.clear()

    for block in heading.blocks:
        briefs = _briefs(outline, block) if block.is_list else None
        if briefs is None:
            prose.append(block)
            continue
        end_prose(block.start)
        made.append(briefs)
        start = block.end
    end_prose(heading.blocks[-1].end if heading.blocks else start)
    return made


def _briefs(outline: Outline, block: Lines) -> Briefs | None:
    """A list with an item that begins with a link; None for any other list."""
    made: list[Brief] = []
    for item in issue_outline.items(block, outline.lines):
        lead = issue_inline.leading_link(item.paragraph, outline.env)
        if lead is None or not lead.url:
            made.append(Brief("", body=item.text, line=item.start + 1))
            continue
        note, dash = issue_inline.note(lead.rest)
        made.append(Brief(lead.text, lead.markdown, lead.url, note, dash, item.below, item.start + 1))
    if not any(brief.url for brief in made):
        return None
    number = block.tokens[0].attrs.get("start", 1) if block.kind == "ordered_list" else None
    return Briefs(tuple(made), None if number is None else int(number), block.start + 1)


def _story(outline: Outline, heading: Heading, title: Title, told: Told) -> Story:
    values: dict[str, HeadLine] = {}
    for line in heading.head:
        if line.key in issue_outline.known(3):
            values.setdefault(line.key, line)
    picture, instead = _picture(outline, heading)
    end = heading.blocks[-1].end if heading.blocks else heading.end
    body, body_line = outline.fragment(heading.end, end, instead)
    if not issue_inline.COMMENT.sub("", body).strip():
        body = ""

    def text(key: str) -> str:
        return values[key].value if key in values else ""

    if not title.url and issue_inline.EMPTY_LINK.search(heading.content):
        told.warn("The link in this title has no address.", heading.start)
    return Story(
        title=title.text,
        title_markdown=title.markdown,
        url=title.url or text("link"),
        source=text("source"),
        author=text("author"),
        date=issue_head.a_date(values.get("date"), told),
        minutes=issue_head.a_number(values.get("minutes"), told),
        language=text("language"),
        picture=picture,
        body=body,
        extra={
            key: line.value
            for key, line in values.items()
            if key not in ("source", "author", "date", "minutes", "language") and (key != "link" or title.url)
        },
        line=heading.start + 1,
        body_line=body_line,
    )


def _picture(outline: Outline, heading: Heading) -> tuple[Picture | None, dict[int, str]]:
    """The story's picture, if its first one has a paragraph of its own, and what takes its place."""
    if issue_inline.holds_image(heading.content, outline.env):
        return None, {}
    for at, block in enumerate(heading.blocks):
        if not any("![" in token.content for token in block.tokens if token.type == "inline"):
            continue
        if block.kind == "paragraph" and (found := issue_inline.lone_image(block.tokens[1].content, outline.env)):
            picture = Picture(found.src, found.alt, found.caption, found.link, block.start + 1)
            instead = dict.fromkeys(range(block.start, block.end), "")
            if at and heading.blocks[at - 1].is_list:
                # Without it, a list or indented text that follows would become part of the list above.
                instead[block.start] = "<!-- -->"
            return picture, instead
        inlines = (token.content for token in block.tokens if token.type == "inline")
        if any(issue_inline.holds_image(text, outline.env) for text in inlines):
            return None, {}
    return None, {}
