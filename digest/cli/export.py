"""`digest export`: the issue as a draft in a mailing service, or at a place that is none."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from digest.cli import output
from digest.cli.build import IssueName

if TYPE_CHECKING:
    from digest.exporters.base import Can
    from digest.exporting import Done, Ready, Way
    from digest.moments import Moment
    from digest.project import Project
    from digest.services.calls import Call, Dry
    from digest.web import Web

#: Letters of a text in a request that `--dry-run` shows.
_SHORT = 120


class Command(TyperCommand):
    """Takes `--dry-run=remote` for `--dry-run-remote`: an option with or without a value is none typer knows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, ["--dry-run-remote" if each == "--dry-run=remote" else each for each in args])


def export(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help='Where to; "digest services" lists them.')],
    issue: IssueName = "latest",
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where to, for folder and markdown.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show each request; ask nothing, write nothing.")] = False,
    dry_run_remote: Annotated[
        bool, typer.Option("--dry-run-remote", help="The same, but look at the service; also --dry-run=remote.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Though checks found mistakes, or the draft was changed there.")
    ] = False,
    test: Annotated[
        list[str] | None, typer.Option("--test", metavar="ADDRESS", help="Then mail a test there; can be repeated.")
    ] = None,
    schedule: Annotated[
        str, typer.Option("--schedule", metavar="WHEN", help='Then have it sent at "friday 09:00".')
    ] = "",
    unschedule: Annotated[bool, typer.Option("--unschedule", help="Make it a draft again.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Then mail it to every reader. Asks first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --send: do not ask.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Ask only where it stands.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
) -> None:
    """Leave the issue as a draft in a mailing service; again, and that draft is updated."""
    from digest import credentials, exporting, message
    from digest.cli import mailing
    from digest.exporters.base import Mailer
    from digest.project import Project

    project = Project.of(issue)
    dry = _one_of(dry_run, dry_run_remote, bool(test), bool(schedule), unschedule, send, status)
    if exporting.is_place(service):
        if dry or test or schedule or unschedule or send or status:
            raise typer.BadParameter(f"{service} is no mailing service: it only takes --out.")
        _deliver(project, service, issue, out, force, as_json)
        return
    if credentials.tracked(project.root):
        output.talk(credentials.TRACKED, label="warning:", style="yellow")
    if yes and not send:
        raise typer.BadParameter("--yes answers what --send asks.")
    addresses = [message.ascii_address("The address for the test", each) for each in _split(test or [])]
    with _network(project) as web:
        # Of a script stdout is one JSON document.
        show = functools.partial(_show, say=output.talk if as_json else output.say)
        opened = exporting.opened(project, service, web=web, dry=dry, shown=show)
        if isinstance(opened, Mailer):
            if schedule or unschedule:
                raise typer.BadParameter(f"{service} only sends, and only now: it takes --test, --send and --status.")
            mailing.run(
                project,
                service,
                opened,
                issue,
                dry=dry,
                addresses=addresses,
                send=send,
                status=status,
                force=force,
                as_json=as_json,
                check=lambda ready: _check(ready, opened.can, service, force),
                confirm=lambda ready: None if yes else _confirm(ready, opened.name),
            )
            return
        moment = _moment(schedule, project, opened.can) if schedule else None
        ready = exporting.ready(project, issue, service, look_only=status or unschedule)
        way = exporting.way(project, service, opened, ready, say=output.talk)
        for step, wanted in {"test": addresses, "schedule": schedule, "unschedule": unschedule, "send": send}.items():
            if wanted:
                way.able(step)
        if not (status or unschedule):
            _check(ready, opened.can, service, force, again=bool(way.receipt.id))
        if send and not yes:
            _confirm(ready, opened.name)
        try:
            with exporting.leaving_pages(project, service, ready.letter.slug, dry=dry):
                if dry:
                    done = way.rehearse(force=force)
                else:
                    done = _done(way, force, addresses, moment, unschedule, send, status)
        except KeyboardInterrupt:
            said = f"Interrupted. How far it came is written down: run it again, and {opened.name} still has one draft."
            output.talk(f"\n{said if not send else f'Interrupted. See with --status whether {opened.name} sends it.'}")
            raise typer.Exit(130) from None
    _tell(done, opened.name, project, ready, service, moment=moment, dry=dry, as_json=as_json)


# --- before


def _one_of(dry_run: bool, remote: bool, *others: bool) -> Dry:
    if sum((dry_run or remote, *others)) > 1:
        raise typer.BadParameter(
            "One at a time, please: --dry-run, --test, --schedule, --unschedule, --send or --status."
        )
    return "read" if remote else "shown" if dry_run else ""


def _split(given: list[str]) -> list[str]:
    """Addresses, whether each was given by itself or several with commas between."""
    return [part for each in given for part in each.replace(",", " ").split()]


@contextmanager
def _network(project: Project) -> Iterator[Web]:
    from digest.web import Web

    plan = project.publication.web
    private = plan.allow_private if isinstance(plan.allow_private, bool) else list(plan.allow_private)
    with Web(allow_private=private, use_proxy=plan.use_proxy, connect=5, read=30, whole=120) as web:
        yield web


def _moment(words: str, project: Project, can: Can) -> Moment:
    from digest import config, moments

    zone = config.time_zone(project.publication.timezone)
    moment = moments.read(words, now=datetime.now(UTC), zone=zone, quarters=can.quarter_hours)
    for note in moment.notes:
        output.talk(note)
    return moment


def _check(ready: Ready, can: Can, service: str, force: bool, *, again: bool = False) -> None:
    """Tell what the checks found, and what the service cannot; that not `again` with every export of an issue."""
    _stop_at_mistakes(ready, service, force)
    for sentence in can.cannot if not again else ():
        output.talk(sentence, label="note:", style="dim")


def _stop_at_mistakes(ready: Ready, service: str, force: bool) -> None:
    from digest import exporting

    output.findings(ready.findings)
    wrong = exporting.errors(ready.findings)
    if wrong and not force:
        raise exporting.ChecksFailed(wrong, service, ready.letter.slug)


def _confirm(ready: Ready, name: str) -> None:
    """Ask for the issue's number, which nobody types by mistake."""
    from digest.errors import DigestError

    wanted = str(ready.letter.number if ready.letter.number is not None else ready.letter.slug)
    if not output.is_terminal(sys.stdin):
        raise DigestError(
            f"{name} would mail this issue to every reader, and nobody is here to be asked.",
            hint="Add --yes if that is what you want.",
        )
    typed = typer.prompt(f"{name} will mail {ready.letter.title} to every reader. Type {wanted} to go on", err=True)
    if str(typed).strip().lstrip("#") != wanted:
        raise DigestError("That is another issue; nothing was sent.")


def _done(
    way: Way, force: bool, test: list[str], moment: Moment | None, unschedule: bool, send: bool, status: bool
) -> Done:
    if status:
        return way.status()
    if unschedule:
        return way.unschedule()
    if send:
        return way.send(force=force)
    if moment is not None:
        return way.schedule(moment.when, force=force)
    if test:
        return way.test(test, force=force)
    return way.export(force=force)


# --- after


_SAID: dict[str, str] = {
    "created": "a new draft",
    "updated": "the draft was updated",
    "adopted": "the draft that was there is used",
    "unchanged": "nothing new in the issue, so nothing was written",
    "tested": "the draft is there, and a test was mailed",
    "scheduled": "scheduled for {moment}",
    "unscheduled": "a draft again",
    "sent": "on its way to every reader",
}


def _tell(
    done: Done, name: str, project: Project, ready: Ready, key: str, *, moment: Moment | None, dry: str, as_json: bool
) -> None:
    remote = done.remote
    state = remote.state if remote is not None else done.receipt.state
    when = moment.when if moment is not None else remote.when if remote is not None and state != "draft" else None
    if as_json:
        output.data(
            {
                "service": name,
                "issue": ready.letter.slug,
                "did": f"would be {done.did}" if dry else done.did,
                "state": state or None,
                "id": done.receipt.id or None,
                "url": done.receipt.url or None,
                "archive_url": done.receipt.archive_url or None,
                "when": when.astimezone(UTC).isoformat(timespec="seconds") if when is not None else None,
                "notes": list(done.notes),
            }
        )
        return
    for note in done.notes:
        output.talk(note)
    if dry:
        output.talk(f"Nothing was written; the draft would be {done.did}.")
        return
    if done.did == "looked":
        _tell_state(done, name, project, ready)
        return
    output.say(f"{name}: {_SAID[done.did].format(moment=moment)}")
    if done.receipt.url:
        output.say(done.receipt.url)
    if done.did == "sent":
        output.talk(f"Once it is out:  digest export {key} {ready.letter.slug} --status")


def _tell_state(done: Done, name: str, project: Project, ready: Ready) -> None:
    from digest import config, moments

    remote = done.remote
    if remote is None:
        output.say(f"{name}: no draft of this issue")
        return
    when = remote.when.astimezone(config.time_zone(project.publication.timezone)) if remote.when else None
    words = {"draft": "a draft", "sending": "being sent"}.get(remote.state, remote.state)
    at = " for" if remote.state == "scheduled" else " on"
    output.say(f"{name}: {words}{f'{at} {moments.Moment(when)}' if when and remote.state != 'draft' else ''}")
    if url := (remote.archive_url if remote.state == "sent" else "") or remote.url:
        output.say(url)
    if remote.state != "sent" or ready.letter.sent:
        return
    slug = ready.letter.slug
    if output.is_terminal(sys.stdin) and typer.confirm(f"Mark {slug} as sent, and freeze it?", err=True):
        from digest.cli import archive

        # The day on which it went, as the newsletter's clocks show it.
        archive.sent(str(ready.path), when)
    else:
        output.talk(f"Mark it as sent here too:  digest sent {slug}{f' --date {when:%Y-%m-%d}' if when else ''}")


def _deliver(project: Project, place: str, issue: str, out: Path | None, force: bool, as_json: bool) -> None:
    from digest import exporting

    ready = exporting.ready(project, issue, place)
    _stop_at_mistakes(ready, place, force)
    receipt = exporting.deliver(project, place, ready, out)
    if as_json:
        output.data({"service": place, "paths": [str(path) for path in receipt.paths]})
        return
    for path in receipt.paths:
        output.say(str(path))
    if not receipt.paths:
        output.say("On the clipboard: paste it.")


# --- how a request looks


def _show(call: Call, say: Callable[[str], None]) -> None:
    query = "&".join(f"{name}={value}" for name, value in call.params.items())
    say(f"{call.method} {call.url}{'?' if query else ''}{query}")
    for name, media, size in call.files:
        say(f"  {name}, {media}, {size:,} bytes")
    if call.json is not None:
        text = json.dumps(_shortened(call.json), ensure_ascii=False, indent=2)
        say("\n".join(f"  {line}" for line in text.split("\n")))


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(each) for each in value]
    if isinstance(value, str) and len(value) > _SHORT:
        return f"{' '.join(value[:_SHORT].split())}... ({len(value):,} letters)"
    return value
