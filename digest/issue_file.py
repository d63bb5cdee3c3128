"""An issue file becomes an issue: its head, the note, sections, stories and briefs, each with its line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from digest import files, issue_head, issue_inline, issue_outline, issue_sections, merge_tags
from digest.errors import CannotRead, DigestError, Mistakes, did_you_mean
from digest.issue_head import Head, Told
from digest.issue_inline import Title
from digest.issue_outline import Outline
from digest.models import Brief, Finding, Issue, Story

_NEWLINE = re.compile(r"\r\n|\r|\n")
#: Comments and code, in which nothing is a picture.
_NO_TEXT = re.compile(r"<!--.*?(?:-->|\Z)|^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1|\Z)|`[^`\r\n]*`", re.DOTALL | re.MULTILINE)
_DRAWN = re.compile(r"!\[[^\[\]\r\n]*\]\(([^<>()\"'\r\n]*)\)")
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".avif", ".svg", ".tif", ".tiff", ".bmp")
_NO_FOLDER = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
# Windows opens a device by these names, with any ending.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Kind = Literal["head", "note", "section", "story"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the file. The spans of a file, in order, are the whole of it, character for character."""

    kind: Kind
    #: Characters from the beginning of the source, `end` excluded.
    start: int
    end: int
    #: Of its first line, counted from 1; a section's or story's heading.
    line: int
    #: As read aloud.
    title: str = ""
    #: Of a section: 1, or 2 for one inside the section before it. 0 otherwise.
    depth: int = 0
    #: 1 to 3 by the number of # in the heading, 0 without one.
    level: int = 0


@dataclass(frozen=True, slots=True)
class IssueFile:
    """An issue file as it was read: what it says, and every byte of how it says it."""

    #: The text, byte order mark and line ends included.
    source: str = field(repr=False)
    issue: Issue
    spans: tuple[Span, ...]
    #: What is worth telling but keeps nobody from building.
    findings: tuple[Finding, ...] = ()
    #: Lines with a TODO, in comments too.
    todos: tuple[int, ...] = ()
    #: What stood on the disk; None when the text came from elsewhere.
    original: bytes | None = field(default=None, repr=False)


def read(path: Path) -> IssueFile:
    """The issue in a file. Raises CannotRead, or Mistakes with all that is wrong in it."""
    content = files.read(path)
    return replace(parse(decoded(content, path), path=path), original=content)


def head(path: Path) -> Issue:
    """What the head of an issue file says, quickly, for a list: mistakes in it are not told here."""
    told = Told(path)
    lines = issue_outline.clean(decoded(files.read(path), path))
    return _headed(Issue(slug=path.stem, path=path), issue_head.read(lines, told), told)


def parse(text: str, *, path: Path | None = None, slug: str = "") -> IssueFile:
    """The issue in a text. Raises Mistakes with all that is wrong in it.

    Without `slug` the issue is called what its file is called.
    """
    told = Told(path)
    slug = slug or (path.stem if path else "")
    _check_name(slug, told)
    lines = issue_outline.clean(text)
    head = issue_head.read(lines, told)
    outline = issue_outline.read(lines, head.end)
    titles = [issue_inline.title(heading.content, outline.env) for heading in outline.headings]
    issue = _headed(Issue(slug=slug, path=path), head, told)
    first = 1 if _has_title_heading(outline, titles, issue.title) else 0
    kinds = issue_sections.kinds(outline, first)
    issue = replace(
        _noted(issue, outline, titles[:first], head.end),
        sections=issue_sections.sections(outline, titles, kinds, told),
        references={label: (found["href"], found["title"]) for label, found in outline.env["references"].items()},
    )
    _check_blanks(outline, head, told)
    _tell_hidden(outline, told)
    _tell_twice(issue, told)
    _tell_blanks(text, told)
    if told.mistakes:
        raise Mistakes(told.mistakes)
    return IssueFile(
        source=text,
        issue=issue,
        spans=_spans(text, head.end, outline, titles, kinds),
        findings=tuple(sorted(told.findings, key=lambda finding: finding.line or 0)),
        todos=_todos(text),
    )


def _todos(text: str) -> tuple[int, ...]:
    if "TODO" not in text:
        return ()
    from digest.inspection import unfinished  # what it knows of languages most issues never need

    return unfinished.todos(text)


def write(file: IssueFile, path: Path | None = None) -> IssueFile:
    """Put the text on the disk, whole or not at all; gives back the file with what stands there now.

    Raises ChangedMeanwhile when somebody else saved it since it was read.
    """
    target = path or file.issue.path
    if target is None:
        raise ValueError("an issue that came from no file needs a path")
    try:
        content = file.source.encode()
    except UnicodeEncodeError as error:
        line = len(_NEWLINE.findall(file.source, 0, error.start)) + 1
        raise DigestError(
            "Half a character stands here, which no file can hold.",
            path=target,
            line=line,
            hint="Type it again.",
        ) from error
    same = file.issue.path is None or target == file.issue.path
    files.replace(target, content, expected=file.original if same else None)
    return replace(file, original=content, issue=replace(file.issue, path=target))


def decoded(content: bytes, path: Path) -> str:
    """The text of a file, byte order mark included. Raises CannotRead unless it is UTF-8."""
    save = "Save it as UTF-8 in your text editor."
    if content.startswith(_UTF_16):
        raise CannotRead(path, "it is saved as UTF-16, not as UTF-8", hint=save)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = len(_NEWLINE.findall(content[: error.start].decode())) + 1
        raise CannotRead(path, "it is not UTF-8", line=line, hint=save) from error


def split(file: IssueFile) -> list[str]:
    """The text in its spans; `"".join` makes the source of it again."""
    return [file.source[span.start : span.end] for span in file.spans]


def _headed(issue: Issue, head: Head, told: Told) -> Issue:
    values = head.values

    def text(key: str) -> str:
        return values[key].value if key in values else ""

    return replace(
        issue,
        title=text("title"),
        number=issue_head.a_number(values.get("number"), told),
        date=issue_head.a_date(values.get("date"), told),
        subject=text("subject"),
        preheader=text("preheader"),
        theme=text("theme"),
        language=text("language"),
        status=issue_head.a_status(values.get("status"), told),
        sent=issue_head.a_date(values.get("sent"), told),
        standfirst=text("standfirst"),
        author=text("author"),
        extra={
            key: line.value
            for key, line in values.items()
            if key in issue_head.UNREAD_KEYS or key not in issue_head.HEAD_KEYS
        },
        lines={key: line.line + 1 for key, line in values.items()},
    )


def _has_title_heading(outline: Outline, titles: Sequence[Title], title: str) -> bool:
    """Whether the first heading is the issue's title, as on a page, and no section."""
    headings = outline.headings
    if not headings or headings[0].level != 1 or any(not block.is_comment for block in outline.blocks):
        return False
    if title:
        return " ".join(title.split()).casefold() == titles[0].text.casefold()
    others = [heading.level for heading in headings[1:]]
    return bool(titles[0].text) and 1 not in others and 2 in others


def _noted(issue: Issue, outline: Outline, titles: Sequence[Title], start: int) -> Issue:
    """The issue with what stands above its first section. `titles` holds the heading that is its title."""
    blocks = list(outline.blocks)
    rest = outline.headings[len(titles) :]
    end = rest[0].start if rest else len(outline.lines)
    kept = False
    if titles:
        heading = outline.headings[0]
        # A title is words alone; its link or picture is kept by keeping the heading in the note.
        kept = issue_inline.holds_link(heading.content, outline.env) or issue_inline.holds_image(
            heading.content, outline.env
        )
        start = start if kept else heading.end
        blocks = [*blocks, *heading.blocks]
        issue = replace(issue, title=issue.title or titles[0].text)
    if not kept and all(block.is_comment for block in blocks):
        return issue
    note, line = outline.fragment(start, end)
    return replace(issue, note=note, note_line=line)


def _spans(
    source: str, head_end: int, outline: Outline, titles: Sequence[Title], kinds: Sequence[int]
) -> tuple[Span, ...]:
    starts = [0, *(found.end() for found in _NEWLINE.finditer(source))]
    mark = len(source) - len(source.removeprefix("\ufeff"))

    def place(line: int) -> int:
        return max(mark, starts[line]) if line < len(starts) else len(source)

    skipped = len(titles) - len(kinds)
    headings = outline.headings[skipped:]
    ends = [*(place(heading.start) for heading in headings), len(source)]
    spans = [
        Span("head", 0, place(head_end), 1),
        Span("note", place(head_end), ends[0], head_end + 1),
    ]
    if kinds and not kinds[0]:
        spans.append(Span("section", ends[0], ends[0], headings[0].start + 1, depth=1))
    for index, heading in enumerate(headings):
        spans.append(
            Span(
                "section" if kinds[index] else "story",
                ends[index],
                ends[index + 1],
                heading.start + 1,
                titles[skipped + index].text,
                kinds[index],
                heading.level,
            )
        )
    return tuple(spans)


def _check_name(slug: str, told: Told) -> None:
    """The slug names a folder on every system."""
    fit = not _NO_FOLDER.search(slug) and not _DEVICES.fullmatch(slug) and slug == slug.strip(" .")
    if fit and len(slug.encode(errors="replace")) <= 200:
        return
    told.mistakes.append(
        DigestError(
            f'"{slug}" cannot be the name of a folder, and the issue is built into one of that name.',
            path=told.path,
            hint="Rename the file: letters, digits and - are safe everywhere.",
        )
    )


def _check_blanks(outline: Outline, head: Head, told: Told) -> None:
    """Tell of each `[[name]]` that is almost, but not quite, one we know. Others are text."""
    guesses: dict[str, str] = {}
    texts = [(line.value, line.line) for line in head.lines if "[[" in line.value]
    for token in outline.tokens:
        if token.type in ("inline", "html_block") and "[[" in token.content and token.map:
            texts.append((token.content, token.map[0]))
    for text, start in texts:
        shown = issue_inline.COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
        codes = issue_inline.code_ranges(shown)
        for found, blank in merge_tags.written(shown):
            if blank.name in merge_tags.NAMES or issue_inline.inside(found.start(), codes):
                continue
            if blank.name not in guesses:
                guesses[blank.name] = did_you_mean(blank.name, merge_tags.NAMES)
            if guess := guesses[blank.name]:
                line = start + shown.count("\n", 0, found.start())
                told.wrong(f"There is no blank [[{blank.name}]].{guess}", line)


def _tell_hidden(outline: Outline, told: Told) -> None:
    above = (outline.blocks, *(heading.blocks for heading in outline.headings))
    for block in (block for blocks in above for block in blocks):
        if issue_outline.is_unclosed(block, outline.lines):
            what, close = ("comment", "-->") if block.kind == "html_block" else ("code", "```")
            hint = f"Close it with {close}."
            told.warn(f"The {what} that begins here is never closed; it swallows the rest.", block.start, hint)


def _tell_blanks(text: str, told: Told) -> None:
    """Warn of pictures whose files have a blank in their name: CommonMark takes the whole for words."""
    if "![" not in text:
        return
    for number, line in enumerate(_NEWLINE.split(_NO_TEXT.sub(_emptied, text))):
        for found in _DRAWN.finditer(line):
            name = found[1].strip()
            if " " in name and name.lower().endswith(_PICTURES):
                what = f'The picture "{name}" has a blank in its name, so readers see brackets in its place.'
                hint = f"Rename the file; or write its name between < and >:  ![...](<{name}>)"
                told.warn(what, number, hint, level="error", rule="not-a-link")


def _emptied(found: re.Match[str]) -> str:
    return re.sub(r"[^\r\n]", " ", found[0])


def _tell_twice(issue: Issue, told: Told) -> None:
    """Warn of stories and briefs with the same address."""
    first: dict[str, int] = {}
    both: list[Story | Brief] = [*issue.stories, *issue.briefs]
    for each in sorted(both, key=lambda each: each.line):
        line = first.setdefault(each.url, each.line)
        if each.url and line != each.line:
            told.warn(f'"{each.title}" has the same address as the one on line {line}.', each.line - 1, rule="twice")
