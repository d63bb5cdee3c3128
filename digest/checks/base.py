"""What every check is given, and the shape of what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from digest.models import Day, Email, Finding, Issue, Publication, Story
from digest.proof import Proof

if TYPE_CHECKING:
    from digest.web import Web

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ran:
    """A story that was sent before."""

    #: The slug of the issue it ran in, its number where it had one, and its day.
    issue: str
    number: int | None
    day: Day | None
    title: str = ""
    url: str = ""


@dataclass(frozen=True)
class Copy:
    """A finished issue, as every check is given it."""

    issue: Issue
    email: Email
    publication: Publication
    #: The issue file's text; "" for an issue that came from none.
    text: str = ""
    #: Where a story ran before: of a canonical address and a title. None when it never did.
    ran: Callable[[str, str], Ran | None] = lambda url, title: None
    #: The blurb that digest itself would write for a story's address; "" when it would write none.
    machine_blurb: Callable[[str], str] = lambda url: ""
    #: The issues before this one, oldest first, their heads alone read.
    before: Sequence[Issue] = field(default_factory=tuple)
    #: The mailing service it is checked for; "" for none.
    service: str = ""
    #: The day on the wall where the newsletter is made; None where nobody looked, and then no date has passed.
    today: Day | None = None
    #: The network, where it may be used; None where it may not.
    web: Web | None = None
    #: Told how many of how many, by checks that take their time.
    progress: Callable[[int, int], None] = lambda done, total: None

    @cached_property
    def starts(self) -> Sequence[int]:
        """Lines at which a section, a story or a brief begins, in order."""
        lines = [each.line for each in self.issue.sections]
        lines += [each.line for each in self.issue.stories] + [each.line for each in self.issue.briefs]
        return sorted({line for line in lines if line})

    def about(self, line: int) -> tuple[str, ...]:
        """Title, source and section of the story or brief at a line; () for a line that has none."""
        return self._about.get(line, ())

    @cached_property
    def _about(self) -> dict[int, tuple[str, ...]]:
        found: dict[int, tuple[str, ...]] = {}
        for section in self.issue.sections:
            found |= {each.line: (each.title, each.source, section.title) for each in section.stories}
            found |= {each.line: (each.title, each.note, section.title) for each in section.briefs}
        return found

    @cached_property
    def proof(self) -> Proof:
        """The mail as a reader without a service would get it, parsed once for all checks."""
        return Proof.of(self.email, self.issue)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The issue file line by line, comments blanked: what readers can come to see."""
        text = _COMMENT.sub(lambda found: re.sub(r"[^\r\n]", " ", found[0]), self.text)
        return tuple(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")))


class Check(Protocol):
    """A module in this folder. The first line of its docstring explains it in `digest check --list`.

    A module whose check takes more than a tenth of a second says `SLOW = True`: it runs when it is named, and
    with --links, never in the preview. One that says `OPTIONAL = True` leans on a program that most do not have:
    where it cannot run, nobody is told unless it was named. One without these names is quick, and always there.
    """

    #: Rules it can report, each with what it means in one line, for `--list` and SARIF.
    RULES: dict[str, str]

    def check(self, copy: Copy) -> Iterable[Finding]:
        """All that is wrong, each finding with `rule`, `story` and a line; `check` is filled in by the caller.

        Raises CannotCheck when it cannot run here; that is told, and never counts as passed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the editor's files a thing of the mail was written."""

    path: Path | None = None
    line: int | None = None
    #: Title of the story; "" outside of stories.
    story: str = ""

    def finding(self, level: str, rule: str, what: str, *, effect: str = "", hint: str = "") -> Finding:
        return Finding(level, what, self.path, self.line, hint, rule=rule, effect=effect, story=self.story)  # type: ignore[arg-type]


def placed(copy: Copy, element: Any, *written: str) -> Place:
    """Where an element of `copy.proof` was written: a line that holds one of `written`, else its story's.

    `written` has the surest first. Looked for in the element's story, then in the whole file; a Place without a
    line when it is nowhere.
    """
    story = copy.proof.story_of(element) if element is not None else None
    line = line_of(copy, story.line if story else 0, *written)
    return Place(copy.issue.path, line or (story.line if story else 0) or None, story.title if story else "")


def line_of(copy: Copy, start: int, *written: str) -> int:
    """The first line of the issue file that holds one of `written`: from `start` to the next story, else anywhere.

    An earlier one of `written` is looked for everywhere near before a later one is. 0 when none stands anywhere.
    With a `start` of 0 all of the file is looked through.
    """
    lines = copy.lines
    wanted = [text for text in dict.fromkeys(written) if text]
    if start:
        ends = [line for line in copy.starts if line > start]
        near = range(start, min([*ends, len(lines) + 1]))
        for text in wanted:
            for number in near:
                if text in lines[number - 1]:
                    return number
    # Far from its story: `[label]: address` may stand at the end of the file.
    for text in wanted:
        for number, line in enumerate(lines, 1):
            if text in line:
                return number
    return 0


def of_story(
    story: Story, issue: Issue, level: str, rule: str, what: str, *, effect: str = "", hint: str = ""
) -> Finding:
    """A finding about a story, at its heading."""
    return Finding(level, what, issue.path, story.line or None, hint, rule=rule, effect=effect, story=story.title)  # type: ignore[arg-type]


def at(
    issue: Issue,
    line: int | None,
    level: str,
    rule: str,
    what: str,
    *,
    effect: str = "",
    hint: str = "",
    story: str = "",
) -> Finding:
    """A finding at a line of the issue file; None or 0 for the mail as a whole."""
    return Finding(level, what, issue.path, line or None, hint, rule=rule, effect=effect, story=story)  # type: ignore[arg-type]


def in_settings(
    publication: Publication, key: str, level: str, rule: str, what: str, *, effect: str = "", hint: str = ""
) -> Finding:
    """A finding about digest.toml, at the line of a key such as "publication.postal_address", else its table's."""
    line = publication.lines.get(key, publication.lines.get(key.partition(".")[0]))
    return Finding(level, what, publication.path, line, hint, rule=rule, effect=effect)  # type: ignore[arg-type]


def shown(text: str, longest: int = 60) -> str:
    """A text in quotes, on one line and no longer than a line bears."""
    text = " ".join(text.split())
    return f'"{text}"' if len(text) <= longest else f'"{text[: longest - 1].rstrip()}…"'
