"""The inbox: what came in, why it is here, and what the editor decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from digest.cli import office as offices
from digest.cli import output

if TYPE_CHECKING:
    from digest.models import Candidate

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="As the inbox shows them.")]


def inbox(
    words: Annotated[list[str] | None, typer.Argument(metavar="WORDS...", help="Only stories that hold these.")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="new, shortlisted, placed, sent, skipped or later; several if repeated."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="In every state.")] = False,
    source: Annotated[str, typer.Option(metavar="NAME", help="Only from sources whose name holds this.")] = "",
    tag: Annotated[str, typer.Option(metavar="TAG", help="Only with this tag.")] = "",
    days: Annotated[
        int, typer.Option(metavar="N", min=0, show_default=False, help="Only what came in so many days.")
    ] = 0,
    limit: Annotated[int, typer.Option(metavar="N", min=0, help="How many at most; 0 for all.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
    path: Annotated[bool, typer.Option("--path", help="Only say where the inbox is kept.")] = False,
) -> None:
    """Show what came in: the new stories and the shortlist, unless asked otherwise."""
    if path:
        from digest.project import Project

        output.say(str(offices.inbox_path(Project.here())))
        return
    from digest.errors import BadValue
    from digest.models import State

    states = get_args(State)
    for wrong in state or ():
        if wrong not in states:
            raise BadValue("state", "one of " + ", ".join(states), wrong)
    asked = cast("list[State]", state or ([] if every else ["shortlisted", "new"]))
    with offices.opened() as office:
        since = office.now - timedelta(days=days) if days else None
        found = office.store.candidates(
            states=asked, source=source, tag=tag, since=since, text=" ".join(words or ()), limit=limit
        )
        counts = office.store.counts()
    if as_json:
        output.data([_facts(each) for each in found])
        return
    for each in found:
        output.say(_line(each))
    said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    if said and not found:
        said = f"Nothing in it is as you asked. It holds {said}."
    output.talk(said or 'The inbox is empty: "digest gather" or "digest add" fills it.')
    if limit and len(found) == limit:
        output.talk(f"The newest {limit} are shown; --limit 0 shows all.")


def show(
    asked: Annotated[str, typer.Argument(metavar="ID", help="As the inbox shows it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
) -> None:
    """Show all that is known of a story in the inbox."""
    with offices.opened() as office:
        found = office.store.find(asked)
    if as_json:
        output.data(_facts(found, whole=True))
        return
    for name, value in (_facts(found) | {"first_seen": f"{found.first_seen:%Y-%m-%d %H:%M}"}).items():
        if value:
            output.say(f"{name.replace('_', ' ') + ':':<13}{', '.join(value) if isinstance(value, list) else value}")
    if found.item.text:
        output.say("\n" + found.item.text)
    if found.item.removed:
        output.talk("\nCut off as no part of the story:")
        output.say(found.item.removed)


def shortlist(ids: Ids) -> None:
    """Mark as likely for the next issue."""
    with offices.opened() as office:
        _moved(office.store.shortlist(ids), "on the shortlist")


def skip(ids: Ids, why: Annotated[str, typer.Option(metavar="TEXT", help="For your own memory.")] = "") -> None:
    """Put aside for good."""
    with offices.opened() as office:
        _moved(office.store.skip(ids, why), "skipped")


def later(
    ids: Ids,
    until: Annotated[
        datetime | None,
        typer.Option(metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="The day it comes back; in a week if left out."),
    ] = None,
) -> None:
    """Put aside until a day."""
    with offices.opened() as office:
        day = until.date() if until else office.now.date() + timedelta(days=7)
        _moved(office.store.later(ids, day), f"back on {day.isoformat()}")


def renew(ids: Ids) -> None:
    """Make new again what was skipped, put off or shortlisted."""
    with offices.opened() as office:
        _moved(office.store.renew(ids), "new again")


def undo(
    issue: Annotated[
        str, typer.Option("--issue", metavar="ISSUE", help="The issue that was picked for; the newest if left out.")
    ] = "latest",
) -> None:
    """Take back the last decision; a story just picked leaves the issue again."""
    from digest.desk import Desk

    with offices.opened() as office:
        said = ""
        if office.project.entries():
            undone, said = Desk(office.project, office.store, issue).undo()
        else:
            undone = office.store.undo()
    output.undone(undone, said)
    for each in undone.candidates:
        output.say(_line(each))


def reparse(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID...", help="As the inbox shows them; the new and the shortlisted if left out."),
    ] = None,
) -> None:
    """Read again what was fetched, with what digest has learned since."""
    from digest import intake

    with offices.opened() as office:
        asked = ids or [each.id for each in office.store.candidates(states=["new", "shortlisted"])]
        changed = intake.reread(office.store, asked, now=office.now)
        for each in changed:
            output.say(_line(office.store.find(each)))
    output.talk(f"{len(changed)} of {len(asked)} read differently now.")


def _moved(candidates: Sequence[Candidate], how: str) -> None:
    for each in candidates:
        output.say(f"{each.id}  {each.item.title}  ({how})")


def _line(candidate: Candidate) -> str:
    """A candidate on a line: id, state, title, where from, why, what it belongs with."""
    item = candidate.item
    marks = {"new": " ", "shortlisted": "*", "placed": "=", "sent": "x", "skipped": "-", "later": ">"}
    facts = [candidate.why or item.source]
    if item.published:
        facts.append(item.published.date().isoformat())
    if candidate.issue:
        facts.append(f"in {candidate.issue}")
    if candidate.until and candidate.state == "later":
        facts.append(f"until {candidate.until.isoformat()}")
    if candidate.also_at:
        facts.append("also at " + ", ".join(candidate.also_at[:3]))
    if candidate.group and candidate.group != candidate.id:
        facts.append(f"like {candidate.group}")
    return (
        f"{candidate.id:<4} {marks[candidate.state]} {item.title}\n       {' · '.join(fact for fact in facts if fact)}"
    )


def _facts(candidate: Candidate, *, whole: bool = False) -> dict[str, Any]:
    item = candidate.item
    facts: dict[str, Any] = {
        "id": candidate.id,
        "state": candidate.state,
        "title": item.title,
        "url": item.url,
        "source": item.source,
        "author": item.author,
        "date": item.published and item.published.date().isoformat(),
        "first_seen": candidate.first_seen.isoformat(),
        "why": candidate.why,
        "description": item.description,
        "note": item.note,
        "tags": list(item.tags),
        "issue": candidate.issue,
        "until": candidate.until and candidate.until.isoformat(),
        "also_at": list(candidate.also_at),
        "group": candidate.group,
        "minutes": item.minutes,
        "picture": item.picture,
        "other_titles": list(item.other_titles),
    }
    if whole:
        facts |= {"text": item.text, "removed": item.removed, "found": dict(item.found), "key": candidate.key}
    return facts
