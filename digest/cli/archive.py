"""`digest sent`, `unsent`, `adopt`: the ledger of what ran."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from digest.cli import office as offices
from digest.cli import output

Name = Annotated[str, typer.Argument(metavar="ISSUE", help="A name, a number or a file.")]


def sent(
    issue: Name,
    day: Annotated[
        datetime | None,
        typer.Option("--date", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="When; today if left out."),
    ] = None,
) -> None:
    """Mark an issue as sent: its stories have run, and it is frozen."""
    from digest import archive

    with offices.opened() as office:
        file = archive.mark_sent(
            office.project, issue, day=day.date() if day else office.now.date(), store=office.store
        )
    count = len(file.issue.stories) + len(file.issue.briefs)
    stories = "1 story" if count == 1 else f"{count} stories"
    output.say(f"{file.issue.path}: sent, {stories} in the ledger")
    output.talk(f'"digest unsent {file.issue.slug}" takes it back; "digest new" begins the next.')


def unsent(issue: Name) -> None:
    """Take the mark back: the issue is a draft again."""
    from digest import archive

    with offices.opened() as office:
        file = archive.mark_unsent(office.project, issue, store=office.store)
    output.say(f"{file.issue.path}: a draft again")


def adopt(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Issues that were sent before digest came.")],
) -> None:
    """Read issues of the past, so that what ran is known: Markdown, HTML, or a feed of the archive."""
    from digest import adoption, archive
    from digest.errors import DigestError, Mistakes

    mistakes: list[DigestError] = []
    found = []
    with offices.opened() as office:
        for path in paths:
            try:
                found += adoption.read(path, now=office.now)
            except DigestError as error:
                mistakes.append(error)
        new = archive.adopt(office.project, found, store=office.store)
    output.say(f"{len(found)} stories read, {new} of them new to the ledger")
    if mistakes:
        raise Mistakes(mistakes)
