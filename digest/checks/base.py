"""What every check is given, and the shape of what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from digest.models import Day, Email, Finding, Issue, Publication, Story
from digest.proof import Proof

if TYPE_CHECKING:
    from digest.web import Web


@dataclass(frozen=True, slots=True)
class Ran:
    """A story that was sent before."""

    #: The slug of the issue it ran in, its number where it had one, and its day.
    issue: str
    number: int | None
    day: Day | None
    title: str = ""


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
    #: The network, where it may be used; None where it may not.
    web: Web | None = None
    #: Told how many of how many, by checks that take their time.
    progress: Callable[[int, int], None] = lambda done, total: None

    @cached_property
    def proof(self) -> Proof:
        """The mail as a reader without a service would get it, parsed once for all checks."""
        return Proof.of(self.email, self.issue)


class Check(Protocol):
    """A module in this folder. The first line of its docstring explains it in `digest check --list`."""

    #: Rules it can report, each with what it means in one line, for `--list` and SARIF.
    RULES: dict[str, str]

    def check(self, copy: Copy) -> Iterable[Finding]:
        """All that is wrong, each finding with `rule`, `story` and a line; `check` is filled in by the caller.

        Raises CannotCheck when it cannot run here; that is told, and never counts as passed.
        """
        ...


def of_story(
    story: Story, issue: Issue, level: str, rule: str, what: str, *, effect: str = "", hint: str = ""
) -> Finding:
    """A finding about a story, at its heading."""
    return Finding(level, what, issue.path, story.line or None, hint, rule=rule, effect=effect, story=story.title)  # type: ignore[arg-type]
