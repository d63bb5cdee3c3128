"""A publication on disk: its digest.toml, its issues, its themes, and where finished mail goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digest import compose, config, files, issue_file
from digest.errors import DigestError, Mistakes, NoPublication, NoSuchIssue
from digest.models import Email, Issue, Publication, Receipt

if TYPE_CHECKING:
    from digest.issue_file import IssueFile
    from digest.render.pipeline import Renderer
    from digest.render.theme import Theme

ENDINGS = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Entry:
    """An issue file as a list shows it: only its head has been read."""

    path: Path
    slug: str
    number: int | None
    date: date | None
    title: str
    status: str

    @property
    def order(self) -> tuple[date, int, str]:
        """Newest last."""
        return (self.date or date.min, self.number or 0, self.slug)


class Project:
    """A folder with a digest.toml in it, and what can be done there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def here(cls, start: Path | None = None) -> Project:
        """The publication that `start`, or the current folder, lies in. Raises NoPublication."""
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / config.NAME).is_file():
                return cls(_near(folder))
        raise NoPublication(start)

    @cached_property
    def publication(self) -> Publication:
        """What digest.toml says. Raises Mistakes."""
        return config.read(self.root / config.NAME)

    @property
    def issues_folder(self) -> Path:
        return self.root / "issues"

    @property
    def templates_folder(self) -> Path:
        """Where the publication's own themes and parts are, if it has any."""
        return self.root / "templates"

    def entries(self) -> tuple[Entry, ...]:
        """Every issue, oldest first. Raises Mistakes when two files would share one name."""
        found: list[Entry] = []
        folder = self.issues_folder
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
        for path in paths:
            if path.suffix.lower() in ENDINGS and path.is_file() and not path.name.startswith((".", "_")):
                found.append(_entry(path))
        twice: list[DigestError] = []
        seen: dict[str, Path] = {}
        for entry in found:
            other = seen.setdefault(entry.slug.casefold(), entry.path)
            if other != entry.path:
                twice.append(
                    DigestError(
                        f'Two issues are called "{entry.slug}"; they would be built into one folder.',
                        path=entry.path,
                        hint=f"Rename this one or {other.name}.",
                    )
                )
        if twice:
            raise Mistakes(twice)
        return tuple(sorted(found, key=lambda entry: entry.order))

    def find(self, name: str = "latest") -> Path:
        """The issue file meant by a slug, a number, a path, or "latest". Raises NoSuchIssue."""
        typed = Path(name)
        if typed.suffix.lower() in ENDINGS and typed.is_file():
            return typed
        entries = self.entries()
        known = [entry.slug for entry in entries]
        if name == "latest":
            if not entries:
                raise NoSuchIssue(name, known)
            return entries[-1].path
        for entry in entries:
            if name in (entry.slug, entry.path.name):
                return entry.path
        if re.fullmatch(r"#?\d+", name):
            numbered = [entry for entry in entries if entry.number == int(name.lstrip("#"))]
            if len(numbered) > 1:
                raise DigestError(
                    f"More than one issue has the number {int(name.lstrip('#'))}.",
                    hint="Say which by its name: " + ", ".join(entry.slug for entry in numbered) + ".",
                )
            if numbered:
                return numbered[0].path
        raise NoSuchIssue(name, known)

    def file(self, name: str = "latest") -> IssueFile:
        """The issue file, its text and its issue. Raises Mistakes with all that is wrong in it."""
        return issue_file.read(self.find(name))

    def issue(self, name: str = "latest") -> Issue:
        return self.file(name).issue

    @cached_property
    def renderer(self) -> Renderer:
        """The publication's themes, loaded once, ready for any number of issues."""
        from digest.render.pipeline import Renderer

        return Renderer(self.publication, root=self.root)

    def render(self, name: str = "latest", *, progress: Callable[[int, int], None] | None = None) -> Email:
        """The mail of an issue, with what its file gave cause to say among its findings."""
        file = self.file(name)
        email = self.renderer.render(file.issue, progress=progress)
        return replace(email, findings=(*file.findings, *email.findings))

    def build(
        self,
        name: str = "latest",
        *,
        out: Path | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> tuple[Email, Receipt]:
        """The mail of an issue, written to `out` or to build/<slug>/, all of it or nothing of it."""
        from digest.exporters import folder

        path = self.find(name)
        email = self.render(str(path), progress=progress)
        return email, folder.write(email, out or self.root / "build" / path.stem)

    def new(self, *, today: date, slug: str = "", day: date | None = None) -> Path:
        """The next issue's file, made from the publication's sections; never over another."""
        publication = self.publication
        entries = self.entries()
        last = entries[-1] if entries else None
        number = max((entry.number or 0 for entry in entries), default=0) + 1
        day = day or compose.next_date(publication.every, last.date if last else None, today)
        slug = slug or compose.next_slug(last.slug if last else "", number, day)
        if not re.fullmatch(r"[^\W_][\w.-]*", slug) or slug.casefold() in {entry.slug.casefold() for entry in entries}:
            raise DigestError(
                f'"{slug}" cannot name the new issue.',
                hint="A name is letters, digits, dots and hyphens, and no issue has it yet.",
            )
        text = compose.skeleton(
            number=number,
            day=day,
            theme=publication.theme,
            sections=publication.sections,
            carried=self._carried(last) if last else {},
        )
        path = self.issues_folder / f"{slug}.md"
        self.issues_folder.mkdir(exist_ok=True)
        files.create(path, text.encode())
        return path

    def eject(self, theme: Theme, part: str) -> Path:
        """A copy of a theme's part where it takes the theme's place; never over one that is there already."""
        source = theme.find(part)
        assert source is not None
        target = self.templates_folder / theme.name / part
        if target.exists():
            raise DigestError(
                "This part is your own already.", path=target, hint="Change it there, or delete it first."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        files.create(target, files.read(source))
        return target

    def _carried(self, last: Entry) -> dict[str, str]:
        """The whole text of each section of the last issue that comes over to the next, by its title."""
        wanted = {plan.title for plan in self.publication.sections if plan.carry}
        file = issue_file.read(last.path)
        wanted |= {section.title for section in file.issue.sections if section.extra.get("carry") == "yes"}
        carried: dict[str, str] = {}
        current = ""
        for span in file.spans:
            if span.kind == "section" and span.depth == 1:
                current = span.title
            if span.kind in ("section", "story") and current in wanted:
                text = file.source[span.start : span.end].replace("\r\n", "\n")
                carried[current] = carried.get(current, "") + text
        return carried


def _entry(path: Path) -> Entry:
    issue = issue_file.head(path)
    return Entry(path, issue.slug, issue.number, issue.date, issue.title, issue.status)


def _near(folder: Path) -> Path:
    """The folder as short as it can be said from here, so that messages name files as an editor would."""
    try:
        return folder.relative_to(Path.cwd().resolve())
    except ValueError:
        return folder
