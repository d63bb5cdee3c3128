"""What the preview is given, for it knows neither the publication nor who sends its mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from digest.models import Day, Email, Finding


@dataclass(frozen=True, slots=True)
class Listed:
    """An issue as the page lists it."""

    slug: str
    path: Path
    number: int | None = None
    title: str = ""
    date: Day | None = None
    status: str = "draft"


@dataclass(frozen=True, slots=True)
class Work:
    """A publication as the preview sees it. Any of the calls may come from a thread of its own."""

    #: The publication's folder; what is told of a file is told from here.
    root: Path
    #: Every issue, oldest first. Raises DigestError.
    issues: Callable[[], Sequence[Listed]]
    #: The mail of an issue, by slug. Raises DigestError with all that is wrong.
    build: Callable[[str], Email]
    #: The mail as one reads it whom no service serves: every blank filled.
    fill: Callable[[Email], Email]
    #: Forget what was read of digest.toml and the themes: they have changed.
    afresh: Callable[[], None] = lambda: None
    #: What to tell of an issue's mail besides what its building told; None when nobody looks any closer.
    findings: Callable[[str, Email], Sequence[Finding]] | None = None
    #: Why no test can be sent; "" when one can.
    cannot_send: Callable[[], str] = lambda: "No way to send is set up."
    #: Send a test of an issue to these addresses, the subject marked unless it is to stay plain.
    #: For each address why it failed; "" when it went out. Raises DigestError.
    send: Callable[[str, Sequence[str], bool], Sequence[tuple[str, str]]] = lambda slug, to, plain: ()
    #: The command that opens an editor, as digest.toml gives it; "" to find one.
    editor: Callable[[], str] = lambda: ""
    #: Folders and files beyond `root` that go into a mail: the themes that ship with us.
    themes: Sequence[Path] = field(default_factory=tuple)
