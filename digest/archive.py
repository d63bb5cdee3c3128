"""What ran: issues are marked as sent in their own files, and the ledger is read from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from digest import files, issue_file, issue_spans, urls
from digest.errors import DigestError
from digest.issue_file import IssueFile
from digest.models import Briefs, Candidate, Issue
from digest.project import Project
from digest.store import Sent, Store

#: Stories that ran before digest came, one a line: date, slug, URL, title, with tabs between.
ADOPTED = "adopted.tsv"

_LINK = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()]+)\)")


def mark_sent(project: Project, name: str, *, day: date, store: Store) -> IssueFile:
    """Mark the issue as sent on `day`, in its file first; the ledger follows, now or at the next look."""
    path = project.find(name)
    if path.resolve().parent != project.issues_folder.resolve():
        raise DigestError(
            f"Only issues in {project.issues_folder} are in the ledger.", path=path, hint="Move the file there first."
        )
    file = issue_file.read(path)
    if file.issue.status == "sent":
        raise DigestError(f"This issue was sent already, on {file.issue.sent or file.issue.date}.", path=path)
    if file.todos:
        raise DigestError("A TODO stands here still.", path=path, line=file.todos[0], hint="Mend it, or take it out.")
    # The status last: an issue that says it was sent lets nothing more be set.
    file = issue_spans.set_head(file, "sent", day.isoformat())
    file = issue_file.write(issue_spans.set_head(file, "status", "sent"))
    refresh(project, store)
    return file


def mark_unsent(project: Project, name: str, *, store: Store) -> IssueFile:
    """Take the mark back: the issue is a draft again, its stories stand in it."""
    path = project.find(name)
    file = issue_file.read(path)
    if file.issue.status != "sent":
        raise DigestError("This issue was not sent.", path=path)
    file = issue_spans.set_head(file, "status", "draft", force=True)
    head = next(span for span in file.spans if span.kind == "head")
    lines = re.sub(r"(?m)^sent[ \t]*:[^\r\n]*(?:\r\n|\r|\n)", "", file.source[: head.end], count=1)
    again = issue_file.parse(lines + file.source[head.end :], path=path, slug=path.stem)
    file = issue_file.write(replace(again, original=file.original))
    refresh(project, store)
    return file


def refresh(project: Project, store: Store) -> None:
    """Make the ledger say what the issue files say, if one of them changed since it was made.

    So a lost database, and another editor's `git pull`, mend themselves.
    """
    stamps = {path.name: _stamp(path) for path in _sources(project)}
    known = store.ledger_stamp()
    if stamps == known:
        return
    entries: list[Sent] = list(adopted(project.issues_folder / ADOPTED))
    unread: set[str] = set()
    for entry in project.entries():
        try:
            if entry.problem:
                raise entry.problem
            if entry.status == "sent":
                issue = issue_file.read(entry.path).issue
                entries += ran(issue, issue.sent or issue.date or date.min)
        except DigestError:
            unread.add(entry.path.name)
    if unread & known.keys():
        # Half-way through a merge, say. What is known of it stays known; who works on it is told by others.
        return
    store.ledger_rebuild(entries, files={name: stamp for name, stamp in stamps.items() if name not in unread})
    follow(project, store)


def follow(project: Project, store: Store) -> None:
    """Let the inbox know what stands in the drafts; the files decide."""
    for entry in project.entries():
        if entry.status == "sent" or entry.problem:
            continue
        try:
            issue = issue_file.read(entry.path).issue
        except DigestError:
            continue  # Told when somebody works on this issue.
        stand_in(issue, store)


def stand_in(issue: Issue, store: Store) -> list[Candidate]:
    """Let the inbox know what stands in this draft; the candidates whose state that changes."""
    links = [*(story.url for story in issue.stories), *(brief.url for brief in issue.briefs)]
    titles = [*(story.title for story in issue.stories), *(brief.title for brief in issue.briefs)]
    return store.reconcile(issue.slug, links, titles)


def adopt(project: Project, found: list[Sent], *, store: Store) -> int:
    """Keep what ran before digest came, in a file that travels with the issues; how many were not known."""
    path = project.issues_folder / ADOPTED
    before = list(adopted(path))
    known = {(entry.slug, urls.key(entry.url) if entry.url else entry.title) for entry in before}
    fresh = {
        (entry.slug, urls.key(entry.url) if entry.url else entry.title): entry
        for entry in found
        if (entry.slug, urls.key(entry.url) if entry.url else entry.title) not in known
    }
    if fresh:
        lines = [_line(entry) for entry in (*before, *fresh.values())]
        project.issues_folder.mkdir(exist_ok=True)
        expected = path.read_bytes() if path.exists() else None
        files.replace(path, "".join(lines).encode(), expected=expected)
    refresh(project, store)
    return len(fresh)


def ran(issue: Issue, day: date) -> list[Sent]:
    """The stories and briefs of an issue as the ledger has them, "[video] [Title](url)" in a list among them."""
    told: list[tuple[str, str]] = [(story.url, story.title) for story in issue.stories]
    for section in issue.sections:
        for block in section.blocks:
            for item in block.items if isinstance(block, Briefs) else ():
                told += (
                    [(item.url, item.title)] if item.url else [(url, words) for words, url in _LINK.findall(item.body)]
                )
    seen: dict[str, Sent] = {}
    for url, title in told:
        seen.setdefault(urls.key(url) if url else title, Sent(issue.slug, issue.number, day, url, title))
    return list(seen.values())


def adopted(path: Path) -> Iterator[Sent]:
    """The stories in the file of what ran before digest came; none where there is no such file."""
    if not path.is_file():
        return
    for number, line in enumerate(files.read(path).decode("utf-8", "replace").splitlines(), 1):
        parts = line.split("\t")
        if len(parts) != 4 or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", parts[0]):
            raise DigestError("This line is no story that ran.", path=path, line=number, hint="Take it out.")
        yield Sent(parts[1], None, date.fromisoformat(parts[0]), parts[2], parts[3])


def _sources(project: Project) -> list[Path]:
    paths = [entry.path for entry in project.entries()]
    before_us = project.issues_folder / ADOPTED
    return [*paths, *([before_us] if before_us.is_file() else [])]


def _stamp(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_mtime_ns, facts.st_size


def _line(entry: Sent) -> str:
    fields = (entry.date.isoformat(), entry.slug, entry.url, entry.title)
    return "\t".join(re.sub(r"\s+", " ", field) for field in fields) + "\n"
