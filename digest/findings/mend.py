"""The mechanical mends of an issue file: addresses in it are put right, and every other byte stays as it was."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it.common.utils import unescapeAll

from digest import issue_file, issue_inline, urls
from digest.errors import DigestError
from digest.inspection.link_answers import secure_form
from digest.issue_file import IssueFile
from digest.models import Finding

_NEWLINE = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
#: Where an address can begin: a link or picture, an address in angle brackets, a definition, a head line.
_OPENING = re.compile(
    r"\]\([ \t]*(?:\r\n|\r|\n)?[ \t]*|(?=<https?://)|^ {0,3}\[[^\]\n]+\]:[ \t]*|^ {0,3}link:[ \t]*",
    re.MULTILINE | re.IGNORECASE,
)
_DEFINITION = re.compile(r" {0,3}(\[[^\]]+\]):")
_HTTP = re.compile(r"http://[^\s\"'<>”“]+")


@dataclass(frozen=True, slots=True)
class Mend:
    """One address that was put right."""

    line: int
    old: str
    new: str


def mended(file: IssueFile, findings: Sequence[Finding]) -> tuple[IssueFile, tuple[Mend, ...]]:
    """The file with what these findings ask for and a machine can do: trackers off, https where it was seen to work.

    Only the addresses the findings stand for are touched. Raises DigestError for an issue that was sent, and
    when the file would not read as before but for its addresses.
    """
    wanted = [each for each in findings if each.path == file.issue.path and _what_for(each)]
    if not wanted:
        return file, ()
    if file.issue.status == "sent":
        raise DigestError(
            "This issue was sent, and its file tells what readers got; nothing was mended.",
            path=file.issue.path,
            line=file.issue.lines.get("status"),
            hint='If it was not sent after all: "digest unsent".',
        )
    mends: list[Mend] = []
    parts: list[str] = []
    at = 0
    asked = _asked_for(wanted, file)
    starts = [0, *(found.end() for found in _NEWLINE.finditer(file.source))]
    for start, end in _addresses(file.source):
        line = bisect_right(starts, start)
        raw = new = file.source[start:end]
        for each in asked.get(line, ()):
            new = _put_right(new, each)
        if new != raw:
            parts += [file.source[at:start], new]
            at = end
            mends.append(Mend(line, raw, new))
    if not mends:
        return file, ()
    source = "".join([*parts, file.source[at:]])
    again = issue_file.parse(source, path=file.issue.path, slug=file.issue.slug)
    if not _same_but_addresses(file, again):
        raise DigestError(
            "These addresses cannot be mended without changing more; nothing was changed.",
            path=file.issue.path,
            line=mends[0].line,
            hint="Do it by hand in your text editor.",
        )
    return replace(again, original=file.original), tuple(mends)


def _what_for(finding: Finding) -> str:
    """The kind of mend a finding asks for; "" for none."""
    if (finding.check, finding.rule) == ("stories", "trackers"):
        return "trackers"
    return "https" if finding.check == "links" and "https" in finding.rule else ""


def _put_right(raw: str, finding: Finding) -> str:
    if _what_for(finding) == "trackers":
        return urls.clean(raw)
    told = _HTTP.findall(f"{finding.what} {finding.hint} {finding.effect}")
    shown = [form for each in told for form in (each, each.rstrip(".,;:)…")) if len(form) > 10]
    if any(_is_meant(unescapeAll(raw), each) for each in shown):
        return secure_form(raw) or raw
    return raw


def _is_meant(url: str, told: str) -> bool:
    """Whether a finding names this address; a long one it may have cut."""
    return url.rstrip("/") == told.rstrip("/") or (len(told) > 40 and url.startswith(told))


def _asked_for(findings: Sequence[Finding], file: IssueFile) -> dict[int, list[Finding]]:
    """The findings that speak for each line: a story's from its heading to its end, others for their line alone.

    A definition's line has those of the lines in which its label is used.
    """
    issue = file.issue
    lines = _NEWLINE.split(file.source)
    heads = sorted(
        {each.line for each in issue.sections}
        | {each.line for each in issue.stories}
        | {each.line for each in issue.briefs}
    )
    asked: dict[int, list[Finding]] = {}
    for finding in findings:
        for start in (finding.line, *finding.also):
            if start is None:
                continue
            following = bisect_right(heads, start)
            end = heads[following] if following < len(heads) else len(lines) + 1
            for line in range(start, end if finding.story else start + 1):
                asked.setdefault(line, []).append(finding)
    for number, text in enumerate(lines, 1):
        if defined := _DEFINITION.match(text):
            label = defined[1].casefold()
            used = [line for line in sorted(asked) if line <= len(lines) and label in lines[line - 1].casefold()]
            # What was found at the definition itself speaks for it too; what runs on from the story above does not.
            here = [each for each in findings if number in (each.line, *each.also)]
            asked[number] = here + [finding for line in used if line != number for finding in asked[line]]
    return asked


def _addresses(source: str) -> Iterator[tuple[int, int]]:
    """Where each written address begins and ends, comments and code left out."""
    hidden = sorted(
        [(found.start(), found.end()) for pattern in (_COMMENT, _FENCED) for found in pattern.finditer(source)]
        + issue_inline.code_ranges(source)
    )
    helpers = issue_inline.grammar().helpers
    end = 0
    for opening in _OPENING.finditer(source):
        start = opening.end()
        if start < end or any(begin <= start < stop for begin, stop in hidden):
            continue
        if opening[0].strip().lower().endswith("link:"):
            found = re.compile(r"\S+").match(source, start)
            end = found.end() if found else start
        else:
            read = helpers.parseLinkDestination(source, start, len(source))
            if not read.ok:
                continue
            end = read.pos
            if source.startswith("<", start):
                start, stop = start + 1, end - 1
                yield start, stop
                continue
        yield start, end


def _same_but_addresses(before: IssueFile, after: IssueFile) -> bool:
    """Whether a file reads as it did: the same spans by title, the same stories but for what leads elsewhere."""

    def shape(file: IssueFile) -> list[tuple[object, ...]]:
        spans: list[tuple[object, ...]] = [(each.kind, each.line, each.title, each.depth) for each in file.spans]
        stories = [(each.line, each.title, urls.key(each.url), each.source) for each in file.issue.stories]
        briefs = [(each.line, each.title, urls.key(each.url)) for each in file.issue.briefs]
        return [*spans, *stories, *briefs, tuple(file.issue.references)]

    return shape(before) == shape(after) and len(before.findings) >= len(after.findings)
