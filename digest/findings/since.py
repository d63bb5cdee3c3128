"""Which lines of a file changed since a point in its history; git is asked."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from digest.errors import DigestError
from digest.models import Finding, Issue

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
#: What git lets stand in the name of a revision, and no option: https://git-scm.com/docs/gitrevisions
_REF = re.compile(r"[A-Za-z0-9@_][\w./@{}^~+#=-]{0,250}")
_PATIENCE = 20


class NoHistory(DigestError):
    """Raised when git, a repository or the point asked for is not there."""

    exit_code = 2


def changed(findings: Sequence[Finding], ref: str, issue: Issue) -> tuple[Finding, ...]:
    """The findings whose lines changed since `ref`, and those that have no line. Raises NoHistory.

    What is said of a story as a whole stands at its heading, and counts when any line of the story changed.
    """
    known: dict[Path, set[int] | None] = {}
    kept = []
    for each in findings:
        if each.path is None or each.line is None:
            kept.append(each)
            continue
        if each.path not in known:
            known[each.path] = lines(each.path, ref)
        new = known[each.path]
        wanted = {each.line, *each.also}
        if each.story and each.path == issue.path:
            wanted |= _whole_story(issue, each.line)
        if new is None or wanted & new:
            kept.append(each)
    return tuple(kept)


def lines(path: Path, ref: str) -> set[int] | None:
    """The lines of `path` that are not as they were at `ref`; None when all are new. Raises NoHistory.

    Where lines were only taken out, the one above them counts.
    """
    if not _REF.fullmatch(ref) or ".." in ref:
        raise NoHistory(f'"{ref}" is no name of a point in git\'s history.', hint="Such as main, HEAD~1 or v1.2.")
    folder = path.resolve().parent
    if _git(folder, "rev-parse", "--is-inside-work-tree") is None:
        raise NoHistory("This newsletter is in no git repository.", path=path, hint="Leave --since out.")
    if _git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") is None:
        raise NoHistory(f'git knows no "{ref}".', hint="A shallow clone lacks history: fetch it first.")
    if _git(folder, "cat-file", "-e", f"{ref}:./{path.name}") is None:
        return None
    said = _git(folder, "diff", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", ref, "--", f"./{path.name}")
    if said is None:
        raise NoHistory("git could not compare this file.", path=path)
    found: set[int] = set()
    for hunk in _HUNK.finditer(said):
        start, count = int(hunk[1]), int(hunk[2] if hunk[2] is not None else 1)
        found.update(range(start, start + max(count, 1)))
    return found


def _whole_story(issue: Issue, line: int) -> set[int]:
    heads = sorted(
        [section.line for section in issue.sections]
        + [story.line for story in issue.stories]
        + [brief.line for brief in issue.briefs]
    )
    start = max((head for head in heads if head <= line), default=line)
    end = min((head for head in heads if head > line), default=line + 10_000)
    return set(range(start, end))


def _git(folder: Path, *words: str) -> str | None:
    """What git answers; None when it says no. Raises NoHistory when it is not there."""
    try:
        ended = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise NoHistory("git is not installed here.", hint="Install it, or leave --since out.") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoHistory("git did not answer.", hint="Leave --since out.") from error
    return ended.stdout.decode("utf-8", "replace") if ended.returncode == 0 else None
