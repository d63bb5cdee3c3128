"""A publication on disk: its digest.toml, its issues, its themes, and where finished mail goes."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digest import compose, config, files, issue_file, receipts
from digest.errors import AlreadyThere, CannotRead, DigestError, Mistakes, NoPublication, NoSuchIssue
from digest.files.disk import in_words, told
from digest.models import Day, Email, Finding, Issue, Publication, Receipt

if TYPE_CHECKING:
    from digest.issue_file import IssueFile
    from digest.render.pipeline import Renderer
    from digest.render.theme import Theme

ENDINGS = (".md", ".markdown")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """An issue file as a list shows it: only its head has been read."""

    path: Path
    slug: str
    number: int | None = None
    date: Day | None = None
    title: str = ""
    status: str = "draft"
    #: Newest last: by day, number and name. An issue without a day is under way, and newer than all that
    #: have one; a file without any head is none the newer for it.
    order: tuple[Day, int, str] = (Day.min, 0, "")
    #: Why number and day cannot be relied on; None when all is well.
    problem: DigestError | None = None


class Project:
    """A folder with a digest.toml in it, and what can be done there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries: dict[Path, tuple[tuple[int, ...], Entry]] = {}

    @classmethod
    def here(cls, start: Path | None = None) -> Project:
        """The publication that `start`, or the current folder, lies in. Raises NoPublication."""
        try:
            start = (start or Path.cwd()).resolve()
        except FileNotFoundError as error:
            raise DigestError("The folder you are in was removed.", hint="Go to your newsletter's folder.") from error
        for folder in (start, *start.parents):
            if os.path.lexists(folder / config.NAME):
                return cls(_as_said_from_here(folder))
        raise NoPublication(start)

    @classmethod
    def of(cls, issue: str) -> Project:
        """The publication of an issue: the one its file lies in, else the one we are in. Raises NoPublication."""
        if _is_issue(issue):
            try:
                return cls.here(Path(issue).parent)
            except NoPublication:
                pass
        return cls.here()

    @cached_property
    def publication(self) -> Publication:
        """What digest.toml says. Raises CannotRead or Mistakes."""
        return config.read(self.root / config.NAME)

    @property
    def issues_folder(self) -> Path:
        return self.root / "issues"

    @property
    def templates_folder(self) -> Path:
        """Where the publication's own themes and parts are, if it has any."""
        return self.root / "templates"

    def entries(self) -> tuple[Entry, ...]:
        """Every issue, oldest first. Raises Mistakes when two files would be built into one folder."""
        found = [self._entry(path) for path in self._issue_files()]
        twice: list[DigestError] = []
        seen: dict[str, Path] = {}
        for entry in found:
            # Windows and macOS take names for one that differ in case or in how an accent is stored.
            other = seen.setdefault(unicodedata.normalize("NFC", entry.slug).casefold(), entry.path)
            if other != entry.path:
                what = f'Two issues are called "{entry.slug}"; they would be built into one folder.'
                twice.append(DigestError(what, path=entry.path, hint=f"Rename this one or {other.name}."))
        if twice:
            raise Mistakes(twice)
        return tuple(sorted(found, key=lambda entry: entry.order))

    def find(self, name: str = "latest") -> Path:
        """The issue file meant by a slug, a number, a path, or "latest". Raises NoSuchIssue.

        Raises Mistakes when "latest", or a number, depends on a head that cannot be read.
        """
        try:
            return self._find(name)
        except DigestError as error:
            raise self._with_settings(error) from error

    def paths(self) -> tuple[Path, ...]:
        """Every issue file, oldest first. Raises NoSuchIssue when there is none."""
        try:
            found = tuple(entry.path for entry in self.entries())
            if not found:
                raise NoSuchIssue("latest", ())
            return found
        except DigestError as error:
            raise self._with_settings(error) from error

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

    def render(self, name: str = "latest", *, progress: Progress | None = None) -> Email:
        """The mail of an issue, with what its file gave cause to say among its findings.

        Raises Mistakes with all that is wrong in digest.toml and in the issue's file.
        """
        mistakes: list[DigestError] = []
        try:
            file = self.file(name)
        except DigestError as error:
            mistakes.append(error)
        try:
            # Of a theme's options digest.toml knows nothing; when there is something to mend they are looked at too.
            _ = self.renderer.look(Issue(slug="")) if mistakes else self.renderer
        except DigestError as error:
            mistakes.append(error)
        if mistakes:
            raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
        email = self.renderer.render(file.issue, progress=progress)
        if not email.view_url:
            # Of an issue that was sent. It is read from a file beside the issue, so that the same files make the same
            # mail, and nobody is asked.
            email = replace(email, view_url=receipts.archive_url(self.find(name)))
        return replace(email, findings=(*self._told(file.issue), *file.findings, *email.findings))

    def build(
        self, name: str = "latest", *, out: Path | None = None, progress: Progress | None = None
    ) -> tuple[Email, Receipt]:
        """The mail of an issue, written to `out` or to build/<slug>/, all of it or nothing of it."""
        from digest.exporters import folder

        path = self.find(name)
        email = self.render(str(path), progress=progress)
        return email, folder.write(email, out or self.root / "build" / path.stem)

    def new(self, *, today: date, slug: str = "", day: date | None = None) -> Path:
        """The next issue's file, made from the publication's sections; never over another."""
        try:
            entries = self.entries()
            if problems := [entry.problem for entry in entries if entry.problem]:
                raise Mistakes(problems)
        except DigestError as error:
            raise self._with_settings(error) from error
        publication = self.publication
        last = entries[-1] if entries else None
        number = _next_number(entries)
        try:
            dates = [entry.date for entry in entries[-12:] if entry.date is not None]
            day = day or compose.next_date(publication.every, last.date if last else None, today, before=dates)
        except OverflowError as error:
            what = "No issue can come after this one: its date is the last there is."
            raise DigestError(
                what, path=last.path if last else None, hint="Mend the date there, or give one with --date."
            ) from error
        slug = slug or compose.next_slug([entry.slug for entry in entries], number, day)
        path = self.issues_folder / f"{slug}.md"
        self._check_new(slug, path, entries)
        text = compose.skeleton(
            number=number,
            day=day,
            theme=publication.theme,
            sections=publication.sections,
            carried=compose.carried(issue_file.read(last.path), publication.sections) if last else {},
        )
        with told(path):
            path.parent.mkdir(exist_ok=True)
        files.create(path, text.encode())
        return path

    def eject(self, theme: Theme, part: str) -> Path:
        """A copy of a theme's part where it takes the theme's place; never over one that is there already."""
        source = theme.find(part)
        if source is None:
            raise ValueError(f"the theme {theme.name} has no part {part}")
        target = self.templates_folder / theme.name / part
        if os.path.lexists(target):
            raise DigestError(
                "This part is your own already.", path=target, hint="Change it there, or delete it first."
            )
        with told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        files.create(target, files.read(source))
        return target

    def _find(self, name: str) -> Path:
        if _is_issue(name):
            return Path(name)
        if _is_issue(self.root / name):
            return self.root / name
        entries = self.entries()
        known = [entry.slug for entry in entries]
        problems = [entry.problem for entry in entries if entry.problem]
        if name == "latest" and entries:
            if problems:
                raise Mistakes(problems)
            return entries[-1].path
        for entry in entries:
            if name in (entry.slug, entry.path.name):
                return entry.path
        if found := re.fullmatch(r"#?([0-9]{1,9})", name):
            number = int(found[1])
            numbered = [entry for entry in entries if entry.number == number]
            if len(numbered) > 1:
                names = ", ".join(entry.slug for entry in numbered)
                raise DigestError(f"{len(numbered)} issues have the number {number}.", hint=f"Say which one: {names}.")
            if numbered:
                return numbered[0].path
            if problems:
                raise Mistakes(problems)
        raise NoSuchIssue(name, known)

    def _issue_files(self) -> list[Path]:
        try:
            with os.scandir(self.issues_folder) as found:
                names = sorted(each.name for each in found if not each.name.startswith((".", "_")))
        except FileNotFoundError:
            return []
        except NotADirectoryError as error:
            hint = "Issues belong into a folder of this name: give the file another."
            raise CannotRead(self.issues_folder, "it is a file, not a folder", hint=hint) from error
        except OSError as error:
            raise CannotRead(self.issues_folder, in_words(error, refused="you may not look into it")) from error
        return [self.issues_folder / name for name in names if _is_issue(self.issues_folder / name)]

    def _entry(self, path: Path) -> Entry:
        """The entry of a file, read again only when the file is another one than before."""
        try:
            now = path.stat()
        except OSError:
            return _entry(path)
        stamp = (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
        known = self._entries.get(path)
        if known is None or known[0] != stamp:
            known = self._entries[path] = (stamp, _entry(path))
        return known[1]

    def _told(self, issue: Issue) -> list[Finding]:
        """What only somebody who knows the other issues would say; and that there is nothing in this one."""
        told = []
        if not issue.note and not any(section.blocks for section in issue.sections):
            told.append(Finding("warning", "There is nothing to read in this issue yet.", path=issue.path))
        others = [
            entry.path.name
            for entry in (self.entries() if issue.number is not None and issue.path else ())
            if entry.number == issue.number and not _same_file(entry.path, issue.path)
        ]
        if others:
            what = f"Number {issue.number} is taken: {', '.join(others)} has it too."
            told.append(Finding("warning", what, path=issue.path, line=issue.lines.get("number")))
        return told

    def _with_settings(self, error: DigestError) -> DigestError:
        """`error`, and with it whatever is wrong in digest.toml."""
        try:
            _ = self.publication
        except DigestError as other:
            return Mistakes([other, error])
        return error

    def _check_new(self, slug: str, path: Path, entries: tuple[Entry, ...]) -> None:
        """Raise unless a new issue can be called `slug`."""
        fits = re.fullmatch(r"[^\W_](?:[\w.-]*[\w-])?", slug)
        try:
            issue_file.parse("", slug=slug)  # knows the names that some system keeps for itself
        except DigestError:
            fits = None
        if not fits:
            hint = "Use letters, digits, hyphens and dots, and no word that means something to Windows."
            raise DigestError(f'"{slug}" cannot be the name of an issue.', hint=hint)
        taken = next((entry.path for entry in entries if entry.slug.casefold() == slug.casefold()), None)
        if taken is not None:
            raise AlreadyThere(taken, hint="Give the new issue another name with --slug.")


def _entry(path: Path) -> Entry:
    try:
        issue = issue_file.head(path)
        if any(key in issue.lines and getattr(issue, key) is None for key in ("number", "date", "sent")):
            issue = issue_file.read(path).issue  # raises when a number or a day is there but cannot be read
    except DigestError as error:
        return Entry(path, path.stem, problem=error)
    undated = date.max if issue.lines and issue.status != "sent" else date.min
    order = (issue.date or issue.sent or undated, issue.number or 0, issue.slug)
    return Entry(path, issue.slug, issue.number, issue.date, issue.title, issue.status, order)


def _next_number(entries: tuple[Entry, ...]) -> int | None:
    """The number after the highest; None when there are issues and none has one."""
    if not entries:
        return 1
    numbers = [entry.number for entry in entries if entry.number is not None]
    if not numbers:
        named = [re.fullmatch(r"[^0-9]*([0-9]{1,4})[^0-9]*", entry.slug) for entry in entries]
        numbers = [int(found[1]) for found in named if found] if all(named) else []
    return max(numbers) + 1 if numbers else None


def _is_issue(path: str | Path) -> bool:
    # os.path answers False for names that no system takes; pathlib would raise.
    return os.path.splitext(path)[1].lower() in ENDINGS and os.path.isfile(path)


def _same_file(one: Path, other: Path | None) -> bool:
    return other is not None and os.path.realpath(one) == os.path.realpath(other)


def _as_said_from_here(folder: Path) -> Path:
    """The folder as short as it can be said from here, so that messages name files as an editor would."""
    here = Path.cwd().resolve()
    if here.is_relative_to(folder) or folder.is_relative_to(here):
        return Path(os.path.relpath(folder, here))
    return folder
