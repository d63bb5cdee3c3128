"""`digest gather` and `digest add`: stories come into the inbox."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import office as offices
from digest.cli import output

if TYPE_CHECKING:
    from digest.gather import Visit
    from digest.intake import Taken
    from digest.models import Item
    from digest.sources.base import Found


def gather(
    force: Annotated[bool, typer.Option("--force", help="Ask the feeds that asked to be left alone, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
) -> None:
    """Fetch what is new in the feeds."""
    from digest import archive, intake
    from digest import gather as gathering

    with offices.opened() as office:
        plans = office.project.publication.feeds
        if not plans:
            output.talk('No feed is followed yet: add one with "digest add https://...", or a list of them.')
            return
        made: dict[int, Visit] = {}
        stopped = False
        try:
            with office.web() as web:
                gathering.gather(
                    plans,
                    office.store,
                    web,
                    now=office.now,
                    force=force,
                    progress=output.progress("feeds"),
                    visits=made,
                )
        except KeyboardInterrupt:
            stopped = True
        visits = intake.settle(office.project, office.store, [made[at] for at in sorted(made)])
        archive.follow(office.project, office.store)
        grouped = office.store.suggest_groups()
    if as_json:
        output.data([_facts(visit) for visit in visits])
    elif visits:
        _table(visits)
    if stopped:
        output.talk(f"Interrupted. What came in stays; {len(plans) - len(visits)} feeds were not asked.")
        raise typer.Exit(130)
    _sum_up(visits, grouped)


def _sum_up(visits: list[Visit], grouped: int) -> None:
    new = sum(visit.new for visit in visits)
    output.talk(f'{new} new. See them: "digest inbox".' if new else "Nothing new.")
    if grouped:
        output.talk(f"{grouped} seem to tell of something another one tells of; the inbox shows which.")
    failed = sum(bool(visit.error) for visit in visits)
    if 0 < failed < len(visits):
        output.talk(f"{failed} of {len(visits)} feeds could not be had.")
    if all(visit.error for visit in visits):
        output.talk("No feed could be had. Are you online?" if len(visits) > 1 else "The feed could not be had.")
        raise typer.Exit(1)


def add(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT...",
            help="An address or a file: a page, a text, an export, a list of feeds; - for what is piped in.",
        ),
    ],
    title: Annotated[str, typer.Option(metavar="TEXT", help="Put in place of the title that was found.")] = "",
    url: Annotated[str, typer.Option(metavar="URL", help="The story's address, if it was not found.")] = "",
    date: Annotated[
        datetime | None, typer.Option(metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="The day it appeared.")
    ] = None,
    source: Annotated[str, typer.Option(metavar="NAME", help="Where it appeared.")] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Your own words about it; they become the blurb.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be taken.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
) -> None:
    """Take a story, an export of saved links or a list of feeds."""
    from digest import archive
    from digest.errors import DigestError, Mistakes

    results: list[dict[str, Any]] = []
    mistakes: list[DigestError] = []
    with offices.opened() as office:
        day = date.replace(hour=12, tzinfo=office.now.tzinfo) if date else None
        given = {"title": title, "url": url, "published": day, "source": source, "note": note}
        for each in what:
            try:
                taken = _corrected(_taken(each, office), given)
                results.append(_kept(taken, each, office, dry_run=dry_run))
            except DigestError as error:
                mistakes.append(error)
                continue
            if not as_json:
                _tell(taken.found, results[-1], dry_run=dry_run)
        archive.follow(office.project, office.store)
    if as_json:
        output.data(results)
    elif any(each["feeds"] for each in results) and not dry_run:
        output.talk('Fetch what is new there: "digest gather".')
    elif sum(len(each["stories"]) for each in results) > 1 and not dry_run:
        output.talk('See them: "digest inbox".')
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else Mistakes(mistakes)
    if not any(each["stories"] or each["feeds"] or each["followed_already"] for each in results):
        raise typer.Exit(1)


def _taken(what: str, office: offices.Office) -> Taken:
    from digest import intake
    from digest.errors import DigestError, NotTheWeb

    if what == "-":
        return intake.from_bytes(sys.stdin.buffer.read(intake.LARGEST), name="", now=office.now)
    if what.lower().startswith(("http://", "https://")):
        with office.web() as web:
            return intake.from_web(what, web, now=office.now)
    if not what.strip():
        raise DigestError("Nothing was named.", hint="Give an address or a file:  digest add https://...")
    if "://" in what and not Path(what).exists():
        raise NotTheWeb(what, "only an address that begins with http:// or https:// can be asked")
    return intake.from_file(Path(what), now=office.now)


def _corrected(taken: Taken, given: dict[str, Any]) -> Taken:
    """With what the editor says about a story; of several nobody could tell which is meant."""
    from dataclasses import replace

    from digest import intake
    from digest.errors import DigestError

    if not any(given.values()):
        return taken
    if len(taken.found.items) != 1:
        names = ", ".join(f"--{'date' if name == 'published' else name}" for name, value in given.items() if value)
        raise DigestError(
            f"{names} can be given for one story, and here are {len(taken.found.items) or 'none'}.",
            hint="Add them without, and correct them in the issue. Nothing was added.",
        )
    return replace(taken, found=replace(taken.found, items=(intake.corrected(taken.found.items[0], **given),)))


def _kept(taken: Taken, what: str, office: offices.Office, *, dry_run: bool) -> dict[str, Any]:
    """Put it into the inbox and into digest.toml, unless it is only to be shown; what became of it."""
    from digest import intake

    found = taken.found
    followed = found.feeds if dry_run else intake.follow(office.project, found.feeds)
    place = "standard input" if what == "-" else what
    kept = [] if dry_run else intake.keep(taken, office.store, why=f"added from {place}")
    return {
        "from": what,
        "stories": [
            {**_item(item), **({"id": kept[at].id, "outcome": kept[at].outcome} if kept else {})}
            for at, item in enumerate(found.items)
        ],
        "feeds": [feed.url for feed in followed],
        "followed_already": len(found.feeds) - len(followed),
        "unread": [{"where": one.where, "why": one.why} for one in found.unread],
    }


def _tell(found: Found, result: dict[str, Any], *, dry_run: bool) -> None:
    """A line a field for one story, a line a story for many."""
    if len(found.items) == 1:
        item, story = found.items[0], result["stories"][0]
        for name in ("title", "url", "source", "author", "published", "language", "minutes", "picture", "description"):
            value = getattr(item, name)
            if value:
                shown = value.date().isoformat() if isinstance(value, datetime) else str(value)
                where = f"   ({item.found[name]})" if name in item.found else ""
                output.say(f"{name + ':':<13}{shown if len(shown) <= 160 else shown[:159] + '…'}{where}")
        if not item.published and (doubt := item.found.get("published", "")).startswith("not believed"):
            output.say(f"{'published:':<13}{doubt}")
        for other in item.other_titles:
            output.say(f"{'or:':<13}{other}")
        if item.text:
            output.say(f"{'text:':<13}{len(item.text.split())} words")
        if item.removed:
            output.say(f"{'cut off:':<13}{len(item.removed.split())} words")
        if not dry_run:
            known = {"new": "in the inbox as", "known": "is in the inbox already:", "folded": "is the same story as"}
            output.say(f"{known[story['outcome']]} {story['id']}")
            if not item.url:
                output.talk("It has no address: give one with --url, or in the issue; or say there  text: yes.")
    elif found.items:
        new = sum(story.get("outcome") == "new" for story in result["stories"])
        output.say(f"{len(found.items)} stories read" + ("" if dry_run else f", {new} of them new"))
    for url in result["feeds"]:
        output.say(f"follows {url}" if not dry_run else f"would follow {url}")
    if known := result["followed_already"]:
        output.say(f"{known} {'feed is' if known == 1 else 'feeds are'} followed already")
    for one in found.unread:
        output.talk(f"{one.where}: {one.why}", label="left:", style="yellow")


def _table(visits: list[Visit]) -> None:
    """A line a feed: name, what is new, what was there, when next, what went wrong."""
    wide = min(40, max(len(visit.name) for visit in visits))
    output.talk(f"{'feed':<{wide}}  {'new':>5}  {'seen':>5}  {'left out':>8}  next check")
    for visit in visits:
        name = visit.name if len(visit.name) <= wide else visit.name[: wide - 1] + "…"
        when = f"{visit.next_check:%d %b %H:%M}" if visit.next_check else "any time"
        told = visit.error or visit.note
        output.say(
            f"{name:<{wide}}  {visit.new:>5}  {visit.seen:>5}  {visit.left_out:>8}  {when}{f'  {told}' if told else ''}"
        )


def _facts(visit: Visit) -> dict[str, Any]:
    return {
        "feed": visit.plan.url,
        "name": visit.name,
        "new": visit.new,
        "seen": visit.seen,
        "left_out": visit.left_out,
        "unread": visit.unread,
        "next_check": visit.next_check and visit.next_check.isoformat(),
        "error": visit.error,
        "note": visit.note,
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "title": item.title,
        "url": item.url,
        "source": item.source,
        "author": item.author,
        "date": item.published and item.published.date().isoformat(),
        "description": item.description,
        "picture": item.picture,
        "language": item.language,
        "minutes": item.minutes,
        "tags": list(item.tags),
        "note": item.note,
        "other_titles": list(item.other_titles),
        "text": item.text,
        "removed": item.removed,
        "found": dict(item.found),
    }
