"""What an editor allows in spite of a check: `<!-- digest: allow links, the archive is slow -->` beside a story."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from digest.errors import did_you_mean
from digest.issue_file import IssueFile, Span
from digest.models import Finding

_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_DIGEST = re.compile(r"\s*digest\s*:\s*", re.IGNORECASE)
_NEWLINE = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_AND = frozenset(("and", "&", "+"))
#: "links/dead", "links", "dead".
_NAME = re.compile(r"[A-Za-z][\w-]*(?:/[\w-]+)?")


@dataclass(frozen=True, slots=True)
class Permission:
    """One such comment."""

    #: Checks, rules, or "check/rule", as written but in small letters.
    names: tuple[str, ...]
    reason: str
    #: Of the comment.
    line: int
    #: The lines it speaks for, the last one included; None for the whole issue.
    lines: tuple[int, int] | None
    #: Names in it that no check and no rule has.
    unknown: tuple[str, ...] = ()
    #: What stands behind "digest:" when that is no "allow".
    odd: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this kind of finding."""
        said = (finding.check, finding.rule, f"{finding.check}/{finding.rule}")
        return any(name in said for name in self.names)

    def reaches(self, line: int | None) -> bool:
        return self.lines is None or (line is not None and self.lines[0] <= line <= self.lines[1])


def read(file: IssueFile, known: Iterable[str]) -> tuple[Permission, ...]:
    """Every permission in an issue file. `known` are the names of checks and rules, and "check/rule"."""
    names = {name.casefold() for name in known}
    found = []
    code = list(_code(file.source))
    for comment in _COMMENT.finditer(file.source):
        start = _DIGEST.match(comment[1])
        if not start or any(begin <= comment.start() < end for begin, end in code):
            continue
        line = _line_of(file.source, comment.start())
        place = _place(file, comment, line)
        found.append(_permission(comment[1][start.end() :], line, place, names))
    return tuple(found)


def mentioned(source: str) -> bool:
    """Whether there is anything that `read` might find; it answers at once."""
    return "<!--" in source and re.search(r"<!--\s*digest\s*:", source, re.IGNORECASE) is not None


def apply(
    permissions: Sequence[Permission], findings: Sequence[Finding], *, ran: Iterable[str], known: Iterable[str]
) -> tuple[Finding, ...]:
    """The findings that nobody allowed, and what is to be said of the permissions themselves.

    `ran` are the checks that ran whole: a permission for another cannot be said to be of no use.
    """
    used: set[Permission] = set()
    kept = []
    for finding in findings:
        left = _left(finding, [each for each in permissions if each.covers(finding)], used)
        if left is not None:
            kept.append(left)
    path = next((finding.path for finding in findings if finding.path), None)
    ran, known = set(ran), sorted(known)
    told = [one for each in permissions for one in _told(each, used, ran, known)]
    return (*kept, *(replace(one, path=path) for one in told))


def _left(finding: Finding, permissions: Sequence[Permission], used: set[Permission]) -> Finding | None:
    """The finding without the places where it is allowed; None when none is left."""
    places = [finding.line, *finding.also]
    open_places = []
    for line in places:
        allowed = [each for each in permissions if each.reaches(line)]
        used.update(allowed)
        if not allowed:
            open_places.append(line)
    if not open_places:
        return None
    if len(open_places) == len(places):
        return finding
    return replace(finding, line=open_places[0], also=tuple(each for each in open_places[1:] if each is not None))


def _told(each: Permission, used: set[Permission], ran: set[str], known: Sequence[str]) -> Iterator[Finding]:
    def note(rule: str, what: str, hint: str, level: str = "note") -> Finding:
        return Finding(level, what, None, each.line, hint, check="permissions", rule=rule)  # type: ignore[arg-type]

    example = 'Such as "<!-- digest: allow links, the archive is slow -->".'
    if each.odd:
        guess = did_you_mean(each.odd, ("allow",))
        yield note("unknown", f'A comment for digest begins with "allow", not "{each.odd}".{guess}', example, "warning")
        return
    for name in each.unknown:
        guess = did_you_mean(name, known)
        what = f'"{name}" is no check and no rule, so nothing is allowed by it.{guess}'
        yield note("unknown", what, "" if guess else '"digest check --list" shows them.', "warning")
    if not each.names and not each.unknown:
        yield note("unknown", "This permission does not say what it allows.", example, "warning")
    elif not each.reason:
        yield note("no-reason", "This permission gives no reason.", example)
    of = {name.partition("/")[0] for name in each.names}
    if each.names and each not in used and of <= ran:
        what = f"This permission allows nothing: {' and '.join(each.names)} found nothing here."
        yield note("unused", what, "Take it out.")


def _permission(said: str, line: int, lines: tuple[int, int] | None, known: set[str]) -> Permission:
    verb, _, rest = said.strip().partition(" ")
    if verb.casefold() != "allow":
        return Permission((), "", line, lines, odd=" ".join(verb.split())[:40] or "nothing")
    rest = " ".join(rest.split())
    names, unknown = [], []
    # Names end at the first mark; without one, at the first word that is no name.
    head, mark, reason = _headed(rest)
    words = head.split()
    while words:
        word = words[0].strip("`\"'").casefold()
        if word in _AND:
            words.pop(0)
        elif word in known:
            names.append(word)
            words.pop(0)
        elif mark and _NAME.fullmatch(word) and (not names or did_you_mean(word, known)):
            unknown.append(word)
            words.pop(0)
        else:
            break
    if not names and not unknown and words:
        unknown.append(words.pop(0).casefold())
    reason = " ".join([*words, reason]).strip()
    return Permission(tuple(names), reason, line, lines, tuple(unknown))


def _headed(text: str) -> tuple[str, str, str]:
    """What stands before the mark that begins the reason, the mark, and the reason.

    "links, weight, the archive is slow": a comma between names begins no reason.
    """
    found = re.match(r"((?:[\w/-]+\s*(?:,|\band\b|&|\+)\s*)*[\w/-]+)\s*(,|:|;|\s[-–—]+\s|\()\s*(.*)", text)
    if not found:
        return text, "", ""
    names = re.split(r"[,\s]+", found[1])
    return " ".join(names), found[2], found[3].rstrip(")") if found[2] == "(" else found[3]


def _place(file: IssueFile, comment: re.Match[str], line: int) -> tuple[int, int] | None:
    """The lines a comment speaks for.

    Right above a heading it speaks for what that heads; in a line with a brief, for the brief; else for the
    story, the section or, above all of them, the issue it stands in.
    """
    after = file.source[comment.end() :]
    spans = file.spans
    index = max(at for at, span in enumerate(spans) if span.start <= comment.start() < max(span.end, span.start + 1))
    following = next((span for span in spans[index + 1 :] if span.level), None)
    if (
        following is not None
        and spans[index].kind != "note"
        and re.fullmatch(
            r"[ \t]*(?:\r\n|\r|\n)(?:[ \t]*<!--.*?-->[ \t]*(?:\r\n|\r|\n))*",
            after[: following.start - comment.end()],
            re.S,
        )
    ):
        return _extent(file, following)
    span = spans[index]
    if span.kind in ("head", "note"):
        return None
    if span.kind == "section" and (brief := _brief(file, comment, line)):
        return brief
    return _extent(file, span)


def _extent(file: IssueFile, span: Span) -> tuple[int, int]:
    """From its heading to its last line; a section with all that is in it."""
    end = span.end
    if span.kind == "section":
        later = (each for each in file.spans if each.start > span.start and each.kind == "section")
        end = next((each.start for each in later if each.depth <= span.depth), len(file.source))
    return span.line, _line_of(file.source, max(span.start, end - 1))


def _brief(file: IssueFile, comment: re.Match[str], line: int) -> tuple[int, int] | None:
    """The lines of the list item that a comment stands in."""
    start = max((brief.line for brief in file.issue.briefs if brief.line <= line), default=0)
    lines = _NEWLINE.split(file.source)
    inside = start and all(each.startswith((" ", "\t")) for each in lines[start:line])
    before = lines[line - 1].partition("<!--")[0].strip()
    return (start, line) if inside or (start == line and before) else None


def _line_of(source: str, place: int) -> int:
    return len(_NEWLINE.findall(source, 0, place)) + 1


def _code(source: str) -> Iterator[tuple[int, int]]:
    """Where fenced code stands, in which a comment is text."""
    fence, start, place = "", 0, 0
    for line in source.splitlines(keepends=True):
        found = _FENCE.match(line)
        if found and not fence:
            fence, start = found[1], place
        elif fence and found and found[1].startswith(fence) and not line.strip(" `~\r\n"):
            yield start, place + len(line)
            fence = ""
        place += len(line)
