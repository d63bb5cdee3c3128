"""The editor's desk: candidates become stories in an issue's file, and go out of it again."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from digest import archive, files, issue_file, issue_spans, story_text, urls
from digest.errors import DigestError, NoSuchCandidate, WebError, did_you_mean
from digest.files.disk import told
from digest.issue_file import IssueFile
from digest.models import Candidate, Item, SectionPlan, Story
from digest.project import Project
from digest.store import Sent, Store, Undone
from digest.web import Web

#: Pixels a picture kept beside an issue is wide at most: twice the widest column.
_PIXELS = 1440


@dataclass(frozen=True, slots=True)
class Picked:
    """A candidate that became a story."""

    candidate: Candidate
    path: Path
    #: Of the story's heading.
    line: int
    section: str
    #: Where its picture was put; None for one without.
    picture: Path | None = None
    #: Why it has no picture although the page has one; "" otherwise.
    note: str = ""


class Desk:
    """One issue and the inbox beside it. Changes go to the file first: it is the truth, the inbox follows."""

    def __init__(self, project: Project, store: Store, issue: str = "latest", *, web: Web | None = None) -> None:
        """`web` fetches pictures; without it stories come without."""
        self._project = project
        self._store = store
        self._web = web
        self.path = project.find(issue)
        archive.refresh(project, store)
        # What was cut or pasted by hand since, or written by a command that was stopped, is brought in line.
        self._followed()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While the file is read and written, no other command of ours does the same."""
        lock = self._project.root / ".digest" / "desk.lock"
        with files.lock(lock, wait=10):
            yield

    def sections(self) -> list[str]:
        """The titles a story can be put under, in the file's order."""
        return [section.title for section in issue_file.read(self.path).issue.sections]

    def pick(
        self, asked: str, *, to: str = "", first: bool = False, after: str = "", again: bool = False, alt: str = ""
    ) -> Picked:
        """Put a candidate into the issue. Raises DigestError for one that stands or ran in an issue, unless `again`."""
        candidate = self._store.find(asked)
        if not again:
            self._refuse_twice(candidate)
        file = issue_file.read(self.path)
        if after and not to:
            to = self._home(file, self._story_of(file, after))
        section = self._section(file, to, candidate)
        if file.issue.status == "sent":
            raise DigestError(
                "This issue was sent.",
                path=self.path,
                hint='Start the next one: "digest new"; or name one with --issue.',
            )
        kept, note = self._picture(candidate.item)
        source = kept.relative_to(self.path.parent).as_posix() if kept else ""
        written = story_text.story(candidate.item, picture=source, alt=alt or candidate.item.picture_alt)
        with self._alone():
            file = issue_file.read(self.path)
            behind = self._story_of(file, after) if after else None
            changed = issue_spans.insert_story(file, section, written, first=first, after=behind)
            issue_file.write(changed)
        placed = self._store.place(candidate.id, self.path.stem, again=again)
        line = next((story.line for story in changed.issue.stories if self._is(story, candidate.item)), 0)
        return Picked(placed, self.path, line, section, kept, note)

    def drop(self, asked: str) -> tuple[str, str]:
        """Take a story out of the issue, its candidate back to the shortlist; its title and what stood there."""
        with self._alone():
            file = issue_file.read(self.path)
            story = self._story_of(file, asked)
            words = next(file.source[span.start : span.end] for span in file.spans if span.line == story.line)
            issue_file.write(issue_spans.remove_story(file, story))
        with suppress(DigestError):  # What the editor wrote by hand has no candidate.
            self._store.unplace([self._store.find(story.url or asked).id])
        self._followed()
        return story.title, words

    def move(self, asked: str, *, to: str = "", first: bool = False, after: str = "") -> int:
        """Move a story to another section or place; its new line."""
        with self._alone():
            changed, story = self._moved(asked, to, first, after)
            issue_file.write(changed)
        return next((each.line for each in changed.issue.stories if each.title == story.title), 0)

    def _moved(self, asked: str, to: str, first: bool, after: str) -> tuple[IssueFile, Story]:
        file = issue_file.read(self.path)
        story = self._story_of(file, asked)
        behind = self._story_of(file, after) if after else None
        target = self._named(file, to) if to else self._home(file, behind or story)
        return issue_spans.move_story(file, story, target, first=first, after=behind), story

    def undo(self) -> tuple[Undone, str]:
        """Take back the last decision; a story that it put into an issue goes out of the file again.

        Unless somebody wrote in it since, or the issue was sent: then it stays, and the second value says so.
        """
        undone = self._store.undo()
        if undone.what == "take out":
            archive.follow(self._project, self._store)
            now = tuple(self._store.find(each.id) for each in undone.candidates)
            return replace(
                undone, candidates=now
            ), 'The file stays as it is: pick the story again, or paste what "digest drop" showed.'
        _, placed, slug = undone.what.partition("place in ")
        if not placed:
            return undone, ""
        try:
            path = self.path if slug == self.path.stem else self._project.find(slug)
        except DigestError:
            return undone, ""
        said = ""
        with self._alone():
            file = issue_file.read(path)
            for candidate in undone.candidates:
                story = next((story for story in file.issue.stories if self._is(story, candidate.item)), None)
                if story is None:
                    continue
                if file.issue.status == "sent":
                    said = f"{path} was sent; the story stays in it."
                elif not _as_picked(story, candidate.item):
                    said = f'{path}:{story.line} was written on since and stays; take it out with "digest drop".'
                else:
                    file = issue_spans.remove_story(file, story)
            issue_file.write(file)
        archive.follow(self._project, self._store)
        return undone, said

    def draft(self, plans: Sequence[SectionPlan]) -> Iterator[Picked]:
        """Fill each section that has a rule with its newest candidates, shortlisted ones first, up to its `max`."""
        for plan in plans:
            if not plan.tag:
                continue
            found = [
                *self._store.candidates(states=["shortlisted"], tag=plan.tag),
                *self._store.candidates(states=["new"], tag=plan.tag),
            ]
            file = issue_file.read(self.path)
            if plan.title not in self.sections():
                file = issue_file.write(issue_spans.insert_section(file, plan.title))
            standing = sum(len(each.stories) for each in file.issue.sections if each.title == plan.title)
            room = max(0, plan.max - standing) if plan.max else len(found)
            for candidate in found:
                if room and self._store.find(candidate.id).state in ("new", "shortlisted") and not self._ran(candidate):
                    yield self.pick(candidate.id, to=plan.title)
                    room -= 1

    def _home(self, file: IssueFile, story: Story) -> str:
        return next(section.title for section in file.issue.sections if story in section.stories)

    def _followed(self) -> None:
        issue = issue_file.read(self.path).issue
        if issue.status != "sent":
            archive.stand_in(issue, self._store)

    def _ran(self, candidate: Candidate) -> Sent | None:
        return self._store.sent(candidate.item.url or candidate.key, title=candidate.item.title)

    def _refuse_twice(self, candidate: Candidate) -> None:
        if before := self._ran(candidate):
            number = f"number {before.number}" if before.number is not None else before.slug
            raise DigestError(
                f'"{candidate.item.title}" ran already: in {number}, of {before.date.isoformat()}.',
                hint="To run it once more, add --again.",
            )
        if candidate.state == "placed":
            raise DigestError(
                f'"{candidate.item.title}" stands in {candidate.issue} already.', hint="To have it twice, add --again."
            )

    def _section(self, file: IssueFile, to: str, candidate: Candidate) -> str:
        """The section meant: named, else the one whose rule fits the candidate's tags, else the first."""
        if to:
            return self._named(file, to)
        tags = {tag.casefold() for tag in candidate.item.tags}
        titles = [section.title for section in file.issue.sections if not section.sponsor]
        for plan in self._project.publication.sections:
            if plan.tag and plan.tag.casefold() in tags and plan.title in titles:
                return plan.title
        if not titles:
            raise DigestError(
                "The issue has no section yet.", path=self.path, hint='Write a line such as "## Top stories".'
            )
        return titles[0]

    def _named(self, file: IssueFile, to: str) -> str:
        """A section by its title or the beginning of it, in any case."""
        titles = [section.title for section in file.issue.sections]
        found = [title for title in titles if title.casefold() == to.casefold()]
        found = found or [title for title in titles if title.casefold().startswith(to.casefold())]
        if len(set(found)) == 1:
            return found[0]
        raise DigestError(
            f'No section "{to}".{did_you_mean(to, titles)}' if not found else f'"{to}" could be several sections.',
            path=self.path,
            hint="There are: " + ", ".join(titles) + "." if titles else "The issue has no section yet.",
        )

    def _story_of(self, file: IssueFile, asked: str) -> Story:
        """A story of the file by its URL, its title, its candidate's id, or the beginning of its title."""
        stories = file.issue.stories
        found = [story for story in stories if asked in (story.url, story.title)]
        if not found:
            with suppress(NoSuchCandidate):
                item = self._store.find(asked).item
                found = [story for story in stories if self._is(story, item)]
        if not found and len(asked) > 2:
            found = [story for story in stories if story.title.casefold().startswith(asked.casefold())]
        if len(found) == 1:
            return found[0]
        if found:
            lines = ", ".join(str(story.line) for story in found)
            raise DigestError(
                f'"{asked}" could be several stories of this issue, in lines {lines}.',
                path=self.path,
                hint="Give more of the title, or edit the file.",
            )
        titles = [story.title for story in stories]
        raise DigestError(
            f'"{asked}" is no story of this issue.{did_you_mean(asked, titles)}',
            path=self.path,
            hint="Name one by its id in the inbox, its address, or the beginning of its title.",
        )

    def _is(self, story: Story, item: Item) -> bool:
        if item.url and story.url:
            return urls.key(item.url) == urls.key(story.url)
        return story.title == " ".join(item.title.split())

    def _picture(self, item: Item) -> tuple[Path | None, str]:
        """The page's picture, fetched, made fit and kept beside the issue; or why not."""
        if not item.picture or self._web is None:
            return None, ""
        from digest.render.recode import recode
        from digest.render.recoded import Unfit

        try:
            answer = self._web.get(item.picture, accept="image/*")
            if not answer.ok:
                return None, f"its picture answers {answer.status}"
            made = recode(answer.body, show_width=_PIXELS // 2, show_height=None, pixels=_PIXELS)
        except WebError as error:
            return None, f"its picture cannot be had: {error.reason}"
        except Unfit as error:
            return None, f"its picture {error.what}"
        return self._kept(item, made.content, made.media_type), ""

    def _kept(self, item: Item, content: bytes, media_type: str) -> Path:
        plain = unicodedata.normalize("NFKD", item.title).encode("ascii", "ignore").decode().lower()
        name = "-".join(re.findall(r"[a-z0-9]+", plain)[:5]) or "picture"
        ending = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}[media_type]
        path = self.path.parent / "images" / f"{name}-{hashlib.sha256(content).hexdigest()[:8]}.{ending}"
        with told(path):
            path.parent.mkdir(exist_ok=True)
        if not path.exists():
            files.create(path, content)
        return path


def _as_picked(story: Story, item: Item) -> bool:
    """Whether a story still says what `pick` wrote, and nothing of the editor's."""
    written = issue_file.parse(f"## S\n\n{story_text.story(item)}").issue.stories[0]
    return (story.title, story.body.strip()) == (written.title, written.body.strip())
