"""What the page is told of an issue, ready for JSON."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from digest import files
from digest.clipping import GMAIL_CUTS_AT
from digest.errors import DigestError
from digest.models import Finding
from digest.preview import inbox_line
from digest.preview.finished import Finished
from digest.preview.room import Shown
from digest.preview.work import Listed, Work

#: Lines of a file shown before and after the one that is wrong.
_AROUND = 2
#: Letters of such a line at most.
_LONG = 240

State = dict[str, Any]


def of(shown: Shown, work: Work, issues: Sequence[Listed], *, run: str, can_open: str, cannot_send: str) -> State:
    """The state of one issue. `run` is another one each time the preview is started; `cannot_send` is "" if one can."""
    entry = next((each for each in issues if each.slug == shown.slug), None)
    mail = shown.mail
    email = mail.email if mail else None
    return {
        "version": shown.version,
        "run": run,
        "slug": shown.slug,
        "file": from_root(shown.path, work.root),
        "issues": [_listed(each) for each in issues],
        "ok": not shown.errors,
        "title": (entry.title if entry else "") or shown.slug,
        "subject": email.subject if email else "",
        "preheader": email.preheader if email else "",
        "sender_name": email.sender_name if email else "",
        "sender_email": email.sender_email if email else "",
        "language": email.language if email else "en",
        "inbox": inbox_line.lines(email.sender_name, email.subject, email.preheader) if email else [],
        "errors": [_error(each, work.root) for each in shown.errors],
        "findings": [_finding(each, work.root) for each in shown.findings],
        "looking": shown.looking,
        "weight": _weight(mail),
        "pictures": {
            "count": len(email.assets) if email else 0,
            "bytes": sum(len(each.content) for each in email.assets) if email else 0,
        },
        "took_ms": round(shown.took, 1),
        "can_open": can_open,
        "can_send": not cannot_send,
        "cannot_send": cannot_send,
    }


def from_root(path: Path | None, root: Path) -> str:
    """A file as an editor names it: from the publication's folder, or in full when it is elsewhere."""
    if path is None:
        return ""
    full, base = os.path.abspath(path), os.path.abspath(root)
    if full == base or full.startswith(os.path.join(base, "")):
        return Path(os.path.relpath(full, base)).as_posix()
    return full


def _listed(issue: Listed) -> State:
    return {
        "slug": issue.slug,
        "number": issue.number,
        "title": issue.title,
        "date": issue.date.isoformat() if issue.date else "",
        "status": issue.status,
    }


def _error(error: DigestError, root: Path) -> State:
    return {
        "what": error.what,
        "file": from_root(error.path, root),
        "line": error.line or 0,
        "hint": error.hint,
        "code": _code(error.path, error.line),
    }


def _code(path: Path | None, line: int | None) -> list[State]:
    """The line that is wrong and a few around it, as they stand in the file now."""
    if path is None or not line:
        return []
    try:
        lines = files.read(path).decode("utf-8", "replace").splitlines()
    except DigestError:
        return []
    first, last = max(1, line - _AROUND), min(len(lines), line + _AROUND)
    return [{"n": n, "text": lines[n - 1][:_LONG], "here": n == line} for n in range(first, last + 1)]


def _finding(finding: Finding, root: Path) -> State:
    return {
        "level": finding.level,
        "check": finding.check,
        "what": finding.what,
        "effect": finding.effect,
        "hint": finding.hint,
        "story": finding.story,
        "file": from_root(finding.path, root),
        "line": finding.line or 0,
    }


def _weight(mail: Finished | None) -> State:
    if mail is None:
        return {"bytes": 0, "limit": GMAIL_CUTS_AT, "stories": [], "cut_story": ""}
    size = len(mail.html)
    cut = mail.cut
    return {
        "bytes": size,
        "limit": GMAIL_CUTS_AT,
        "stories": [
            {
                "title": place.title,
                "line": place.line,
                "bytes": place.end - place.start,
                "from": round(place.start / size, 5),
                "to": round(place.end / size, 5),
                "cut": place.end > GMAIL_CUTS_AT,
            }
            for place in mail.places
        ],
        "cut_story": cut.title if cut else "",
    }
