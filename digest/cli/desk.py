"""`digest pick`, `drop`, `move`, `draft`: candidates into the issue's file, and out of it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from digest.cli import office as offices
from digest.cli import output, rounds

_STORY = "Its id in the inbox, its address, or the beginning of its title."

To = Annotated[str, typer.Option("--to", metavar="SECTION", help="A section by its title or the beginning of it.")]
First = Annotated[bool, typer.Option("--first", help="Before the section's other stories.")]
After = Annotated[str, typer.Option("--after", metavar="ID", help="Behind this story.")]
In = Annotated[
    str, typer.Option("--issue", metavar="ISSUE", help="A name, a number or a file; the newest if left out.")
]


def pick(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID...", help="As the inbox shows them; all, one after the other, if left out."),
    ] = None,
    to: To = "",
    first: First = False,
    after: After = "",
    issue: In = "latest",
    again: Annotated[bool, typer.Option("--again", help="Even if it ran, or stands in an issue.")] = False,
    alt: Annotated[
        str, typer.Option(metavar="TEXT", help="What its picture shows, for readers who cannot see it.")
    ] = "",
    picture: Annotated[bool, typer.Option("--picture/--no-picture", help="Fetch the page's picture.")] = True,
) -> None:
    """Put stories of the inbox into the issue; without ids, one after the other."""
    from digest.desk import Desk

    with ExitStack() as stack:
        office = stack.enter_context(offices.opened())
        web = stack.enter_context(office.web()) if picture else None
        desk = Desk(office.project, office.store, issue, web=web)
        if not ids:
            rounds.go(office, desk)
            return
        for each in reversed(ids) if first else ids:
            output.picked(desk.pick(each, to=to, first=first, after=after, again=again, alt=alt))
            after = each if after else ""


def drop(stories: Annotated[list[str], typer.Argument(metavar="STORY...", help=_STORY)], issue: In = "latest") -> None:
    """Take stories out of the issue; they go back to the shortlist."""
    from digest.desk import Desk

    with offices.opened() as office:
        desk = Desk(office.project, office.store, issue)
        for each in stories:
            title, words = desk.drop(each)
            output.talk(f"Taken out of {desk.path}: {title}. This stood there:\n")
            output.say(words.strip())


def move(
    story: Annotated[str, typer.Argument(metavar="STORY", help=_STORY)],
    to: To = "",
    first: First = False,
    after: After = "",
    issue: In = "latest",
) -> None:
    """Move a story within the issue."""
    from digest.desk import Desk

    with offices.opened() as office:
        desk = Desk(office.project, office.store, issue)
        line = desk.move(story, to=to, first=first, after=after)
        output.say(f"{desk.path}:{line}")


def draft(issue: In = "latest") -> None:
    """Fill the issue's sections by the rules in digest.toml (from, max)."""
    from digest.desk import Desk

    with offices.opened() as office, office.web() as web:
        plans = office.project.publication.sections
        if not any(plan.tag for plan in plans):
            output.talk(
                'No section says what it is filled from. Write  from = "a tag"  below its [[section]] in digest.toml.'
            )
            return
        none = True
        for picked in Desk(office.project, office.store, issue, web=web).draft(plans):
            output.picked(picked)
            none = False
        if none:
            output.talk("Nothing more fits: the sections are full, or no candidate has their tags.")
