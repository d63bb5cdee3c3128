"""An issue file edited by whole spans: what is put in, moved or taken out, and every other byte as it was.

Each function gives back the file as it would read; `issue_file.write` puts it on the disk. The result
is read again before it is given back, so no edit can hide a story, change a heading or turn a link.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from markdown_it.common.utils import normalizeReference

from digest import issue_file, issue_head, issue_outline
from digest.errors import BadValue, DigestError, UnknownKey, did_you_mean
from digest.issue_file import IssueFile, Span
from digest.issue_head import ALIASES, HEAD_KEYS, Told
from digest.models import Section, Story

_NEWLINE = re.compile(r"\r\n|\r|\n")
_BLANK_END = re.compile(r"(?:\A|[\r\n])[ \t]*(?:\r\n|\r|\n)\Z")
_DEFINED = re.compile(r" {0,3}\[")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.){1,999})\]")


def insert_story(
    file: IssueFile,
    section: str | Section,
    markdown: str,
    *,
    first: bool = False,
    after: Story | str | None = None,
    force: bool = False,
) -> IssueFile:
    """The file with one story more: last in its section, before all its stories, or after one of them.

    `markdown` begins with the story's `###`. Raises DigestError when the issue was sent, unless forced,
    and when the story would not stand there as a story.
    """
    _refuse_sent(file, force)
    if not re.match(r"#{3}(?:[ \t]|$)", markdown.lstrip("\r\n")):
        raise DigestError("A story begins with ### and its title.", hint='Such as "### [Title](https://...)".')
    place = _story_place(file, section, first, after)
    return _inserted(file, place, markdown)


def remove_story(file: IssueFile, story: Story | str, *, force: bool = False) -> IssueFile:
    """The file without a story and what stands below it, but with the link definitions others need."""
    _refuse_sent(file, force)
    span = _story(file, story)
    return _removed(file, span.start, span.end)


def move_story(
    file: IssueFile,
    story: Story | str,
    section: str | Section,
    *,
    first: bool = False,
    after: Story | str | None = None,
    force: bool = False,
) -> IssueFile:
    """The file with a story elsewhere: last in `section`, before all its stories, or after one of them."""
    _refuse_sent(file, force)
    span = _story(file, story)
    return _moved(file, span.start, span.end, _story_place(file, section, first, after))


def insert_section(
    file: IssueFile,
    markdown: str,
    *,
    first: bool = False,
    after: str | Section | None = None,
    force: bool = False,
) -> IssueFile:
    """The file with one section more, at the end unless said otherwise: its Markdown, or only its title."""
    _refuse_sent(file, force)
    place = _section_place(file, first, after)
    if not re.match(r"#{1,2}(?:[ \t]|$)", markdown.lstrip("\r\n")):
        tops = [span for span in file.spans if span.kind == "section" and span.depth == 1 and span.level]
        before = [span for span in tops if span.start < place] or tops
        level = before[-1 if before[0].start < place else 0].level if before else 2
        markdown = f"{'#' * min(level, 2)} {markdown.strip()}"
    return _inserted(file, place, markdown)


def remove_section(file: IssueFile, section: str | Section, *, force: bool = False) -> IssueFile:
    """The file without a section, its stories and the sections inside it."""
    _refuse_sent(file, force)
    return _removed(file, *_whole(file, section))


def move_section(
    file: IssueFile,
    section: str | Section,
    *,
    first: bool = False,
    after: str | Section | None = None,
    force: bool = False,
) -> IssueFile:
    """The file with a section and all that is inside it elsewhere: at the end unless said otherwise."""
    _refuse_sent(file, force)
    return _moved(file, *_whole(file, section), _section_place(file, first, after))


def set_head(file: IssueFile, key: str, value: str, *, force: bool = False) -> IssueFile:
    """The file with `key: value` in its head; a line that is there changes behind its colon only.

    Where a file is to be marked as sent, set the day first and the status last.
    """
    _refuse_sent(file, force)
    key = key.lower()
    if key not in HEAD_KEYS:
        raise UnknownKey(key, "The head", HEAD_KEYS, path=file.issue.path)
    if _NEWLINE.search(value):
        raise BadValue(key, "a single line", value, path=file.issue.path)
    value = issue_outline.clean(value)[0].strip()
    lines = _lines(file.source)
    head = issue_head.read(issue_outline.clean(file.source), Told(None))
    newline = _newline(file.source)
    same = ALIASES.get(key, key)
    old = next((line.line for line in head.lines if ALIASES.get(line.key, line.key) == same), None)
    mark = "\ufeff" if file.source.startswith("\ufeff") else ""
    if old is not None:
        text = lines[old].rstrip("\r\n")
        kept = text[: text.index(":") + 1]
        kept += text[len(kept) : len(text) - len(text[len(kept) :].lstrip(" \t"))]
        if value and not kept.endswith((" ", "\t")):
            kept += " "
        lines[old] = kept + value + lines[old][len(text) :]
    elif head.style == "none":
        lines[0] = lines[0].removeprefix(mark)
        opening = ["---", f"{key}: {value}".rstrip(), "---", ""]
        lines = [mark, *(line + newline for line in opening), *lines]
    else:
        if head.style == "plain":
            key = key.capitalize()
        # Below the last line of an older head; above the closing line of one between ---.
        at = head.lines[-1].line + 1 if head.style == "plain" else _closing(issue_outline.clean(file.source))
        if at and not lines[at - 1].endswith(("\r", "\n")):
            lines[at - 1] += newline
        lines.insert(at, f"{key}: {value}".rstrip() + newline)
    return _again(file, "".join(lines))


def _inserted(file: IssueFile, place: int, markdown: str) -> IssueFile:
    newline = _newline(file.source)
    core = _NEWLINE.sub(newline, markdown).strip("\r\n")
    before, after = file.source[:place], file.source[place:]
    part = issue_file.parse(core)
    result = _again(file, before + _set_in(before, core, after, newline) + after)
    index = sum(1 for span in file.spans if span.level and span.start < place)
    old, new, added = _titles(file), _titles(result), _titles(part)
    if new != [*old[:index], *added, *old[index:]]:
        raise _would_change(file, "what is put in would run into the text around it")
    if any(result.issue.references.get(label) != link for label, link in file.issue.references.items()):
        raise _would_change(file, "it defines a link label that this file uses already")
    if any(result.issue.references.get(label) != link for label, link in part.issue.references.items()):
        raise _would_change(file, "it uses a link label that this file defines differently")
    return result


def _removed(file: IssueFile, start: int, end: int) -> IssueFile:
    before, after = _without(file.source, start, end)
    needed = _needed_definitions(file, start, end)
    if needed:
        newline = _newline(file.source)
        before = file.source[:start]
        above = newline if before and not _BLANK_END.search(before) else ""
        kept = [line for lines in needed.values() for line in lines]
        before += above + newline.join(kept) + (newline * 2 if after else newline)
    result = _again(file, before + after)
    gone = Counter(span.title for span in file.spans if span.level and start <= span.start < end)
    _check(file, result, Counter(_titles(file)) - gone)
    if needed.keys() - result.issue.references.keys():
        raise _would_change(file, "a link label that is defined here would be lost")
    return result


def _moved(file: IssueFile, start: int, end: int, place: int) -> IssueFile:
    if start < place < end:
        raise DigestError("A section cannot be moved into itself.", path=file.issue.path)
    if place in (start, end):
        return file
    newline = _newline(file.source)
    text = file.source[start:end]
    before, after = _without(file.source, start, end)
    if place < start:
        before, after = before[:place], before[place:] + after
    else:
        before, after = before + after[: place - end], after[place - end :]
    core = text.rstrip("\r\n")
    blanks = len(_NEWLINE.findall(text[len(core) :])) - 1
    result = _again(file, before + _set_in(before, core, after, newline, blanks) + after)
    _check(file, result, Counter(_titles(file)))
    if result.issue.references != file.issue.references:
        raise _would_change(file, "a link label is defined twice, and the other definition would count")
    return result


def _set_in(before: str, core: str, after: str, newline: str, blanks: int = 1) -> str:
    """`core` with what it needs around it between `before` and `after`.

    A blank line separates spans. At the end of a file it stands above the span, and the file goes on
    ending as it did, so that `_without` finds what to take back.
    """
    blanks = max(blanks, 1)
    if after or not before:
        return core + newline * (1 + blanks if after else 1)
    if not before.endswith(("\r", "\n")):
        return newline * (1 + blanks) + core if before != "\ufeff" else core + newline
    if _BLANK_END.search(before):
        return core + newline * (1 + blanks)
    return newline + core + newline * blanks


def _without(source: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a span; with the last one goes the blank line above it."""
    before, text, after = source[:start], source[start:end], source[end:]
    newline = _newline(source)
    if after or _BLANK_END.search(text) or not before.endswith(newline):
        return before, after
    shorter = before[: -len(newline)]
    if not shorter.endswith(("\r", "\n")):
        return before, after
    if not text.endswith(("\r", "\n")) and shorter.endswith(newline):
        shorter = shorter[: -len(newline)]
    return shorter, after


def _needed_definitions(file: IssueFile, start: int, end: int) -> dict[str, list[str]]:
    """The lines in a span that define links which the rest of the file uses, by label."""
    if not file.issue.references:
        return {}
    lines = issue_outline.clean(file.source)
    head = issue_head.read(lines, Told(None))
    defined = issue_outline.read(lines, head.end).env["references"]
    first = len(_NEWLINE.findall(file.source[:start]))
    last = len(_NEWLINE.findall(file.source[:end])) + (end == len(file.source))
    outside = file.source[:start] + "\n" + file.source[end:]
    used = {normalizeReference(found[1]) for found in _LABEL.finditer(outside)}
    return {
        label: _definition(lines[found["map"][0] : found["map"][1]], label, found["href"], found["title"])
        for label, found in defined.items()
        if label in used and first <= found["map"][0] < last
    }


def _definition(lines: Sequence[str], label: str, href: str, title: str) -> list[str]:
    """The lines as they were written, unless they stand in a quote or list."""
    if lines and _DEFINED.match(lines[0]):
        return list(lines)
    return [f"[{label}]: <{href}>" + (f' "{title}"' if title and '"' not in title else "")]


def _story_place(file: IssueFile, section: str | Section, first: bool, after: Story | str | None) -> int:
    index = _section(file, section)
    spans = file.spans
    last = index
    while last + 1 < len(spans) and spans[last + 1].kind == "story":
        last += 1
    if after is not None:
        span = _story(file, after)
        if span not in spans[index + 1 : last + 1]:
            raise DigestError(
                f'"{span.title}" does not stand in "{spans[index].title}".',
                path=file.issue.path,
                line=span.line,
            )
        return span.end
    return spans[index].end if first else spans[last].end


def _section_place(file: IssueFile, first: bool, after: str | Section | None) -> int:
    if after is not None:
        return _whole(file, after)[1]
    tops = [span for span in file.spans if span.kind == "section"]
    return tops[0].start if first and tops else len(file.source)


def _whole(file: IssueFile, section: str | Section) -> tuple[int, int]:
    """From a section's heading up to the next that is not inside it."""
    index = _section(file, section)
    start = file.spans[index]
    later = (span for span in file.spans[index + 1 :] if span.kind == "section" and span.depth <= start.depth)
    following = next(later, None)
    return start.start, following.start if following else len(file.source)


def _section(file: IssueFile, section: str | Section) -> int:
    """The place among the spans of the first section with that title, or of exactly that section."""
    line = section.line if isinstance(section, Section) else 0
    title = section.title if isinstance(section, Section) else section
    for index, span in enumerate(file.spans):
        if span.kind == "section" and _same(span.title, title) and line in (0, span.line):
            return index
    known = [span.title for span in file.spans if span.kind == "section" and span.title]
    raise DigestError(
        f'There is no section "{title}".{did_you_mean(title, known)}',
        path=file.issue.path,
        hint=f"There are: {', '.join(known)}." if known else "The file has no section yet.",
    )


def _story(file: IssueFile, story: Story | str) -> Span:
    """The span of exactly that story, or of the first with that address or title."""
    if isinstance(story, Story):
        lines = [story.line] if any(story == each for each in file.issue.stories) else []
    else:
        stories = file.issue.stories
        lines = [each.line for each in stories if each.url == story]
        lines += [each.line for each in stories if _same(each.title, story)]
    for span in file.spans:
        if lines and span.kind == "story" and span.line == lines[0]:
            return span
    name = story.title if isinstance(story, Story) else story
    known = [each.title for each in file.issue.stories]
    raise DigestError(f'There is no story "{name}".{did_you_mean(name, known)}', path=file.issue.path)


def _check(file: IssueFile, result: IssueFile, titles: Counter[str]) -> None:
    if Counter(_titles(result)) != +titles:
        raise _would_change(file, "the text around it would run into each other")
    for label, link in result.issue.references.items():
        if file.issue.references.get(label) != link:
            raise _would_change(file, "a link label would come to mean another address")


def _would_change(file: IssueFile, why: str) -> DigestError:
    return DigestError(
        f"This edit would change more than it should: {why}. Nothing was changed.",
        path=file.issue.path,
        hint="Do it by hand in your text editor.",
    )


def _again(file: IssueFile, source: str) -> IssueFile:
    """The file read anew from a changed text; it still knows what stands on the disk."""
    read = issue_file.parse(source, path=file.issue.path, slug=file.issue.slug)
    return replace(read, original=file.original)


def _refuse_sent(file: IssueFile, force: bool) -> None:
    if file.issue.status == "sent" and not force:
        raise DigestError(
            "This issue was sent, and its file tells what readers got.",
            path=file.issue.path,
            line=file.issue.lines.get("status"),
            hint="Use --force to change it all the same.",
        )


def _titles(file: IssueFile) -> list[str]:
    return [span.title for span in file.spans if span.level]


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _newline(source: str) -> str:
    found = _NEWLINE.search(source)
    return found[0] if found else "\n"


def _lines(source: str) -> list[str]:
    """With their ends, as the reader counts them."""
    starts = [0, *(found.end() for found in _NEWLINE.finditer(source)), len(source)]
    return [source[start:end] for start, end in pairwise(starts)]


def _closing(lines: Sequence[str]) -> int:
    rules = (index for index, line in enumerate(lines) if line.rstrip() == "---")
    next(rules)
    return next(rules)
