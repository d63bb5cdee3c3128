"""`digest new`: the next issue's file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from digest.cli import output


def new(
    slug: Annotated[str, typer.Option(metavar="NAME", help="The file's name, if not the next in the row.")] = "",
    day: Annotated[
        datetime | None,
        typer.Option(
            "--date", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="The day it goes out, if not the next due."
        ),
    ] = None,
) -> None:
    """Start the next issue: number, date, sections."""
    from digest.project import Project

    project = Project.here()
    path = project.new(today=date.today(), slug=slug, day=day.date() if day else None)
    output.say(str(path))
    output.talk('Write in it with any editor, then: "digest build".')
