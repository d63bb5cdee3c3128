"""`digest export` to a service that keeps no drafts: a test, a mail to each reader of a list, or a word why not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from digest.cli import output
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.exporters.base import Mailer
    from digest.exporting import Ready
    from digest.exporting.mailing import Mailing, Tally
    from digest.project import Project
    from digest.services.calls import Dry


def run(
    project: Project,
    service: str,
    opened: Mailer,
    issue: str,
    *,
    dry: Dry,
    addresses: Sequence[str],
    send: bool,
    status: bool,
    force: bool,
    as_json: bool,
    check: Callable[[Ready], None],
    confirm: Callable[[Ready], None],
) -> None:
    """`check` and `confirm` raise; `confirm` asks the editor, or was told not to."""
    from digest import exporting
    from digest.exporting import mailing

    if not (dry or addresses or send or status):
        raise mailing.NoDrafts(opened.name)
    ready = exporting.ready(project, issue, service, look_only=status)
    way = mailing.mailing(project, service, opened, ready)
    if status:
        _status(way, opened, ready, as_json)
        return
    check(ready)
    if dry:
        plan = way.plan(force=force) if dry == "read" else None
        _note(opened)
        way.rehearse()
        waiting = f"{plan.words} " if plan else ""
        output.talk(waiting + f"Nothing was sent; {opened.name} would be asked this once for each reader of the list.")
        if as_json:
            waits = len(plan.readers) if plan else None
            facts = {"service": opened.name, "issue": ready.letter.slug, "did": "nothing was sent", "waiting": waits}
            output.data(facts)
    elif send:
        _send(way, opened, ready, force, as_json, confirm)
    else:
        way.test(addresses)
        _tell(way, opened.name, ready, "a test was mailed", None, as_json)


def _note(mailer: Mailer) -> None:
    for sentence in mailer.notes:
        output.talk(sentence, label="note:", style="yellow")


def _send(
    way: Mailing, mailer: Mailer, ready: Ready, force: bool, as_json: bool, confirm: Callable[[Ready], None]
) -> None:
    output.talk(way.plan(force=force).words)
    _note(mailer)
    confirm(ready)
    try:
        tally = way.send(force=force, progress=output.progress("Mailing"))
    except KeyboardInterrupt:
        output.talk(f"\nStopped on its way: {way.tally.words}.")
        _tell_unsure(way.tally.unsure)
        output.talk("Who has it is written down. Run it again, and the rest are mailed; nobody is mailed twice.")
        raise
    except DigestError:
        # The line that counts may stand there still.
        if output.is_terminal(sys.stderr):
            output.talk()
        raise
    for address, why in tally.refused:
        output.talk(f"{address}: {why}", label="not sent:", style="yellow")
    _tell_unsure(tally.unsure)
    _tell(way, mailer.name, ready, tally.words, tally, as_json)
    if tally.refused or tally.unsure:
        raise typer.Exit(1)


def _status(way: Mailing, mailer: Mailer, ready: Ready, as_json: bool) -> None:
    if way.unsure and not as_json:
        try:
            _tell_unsure(way.in_doubt())
        except DigestError as error:
            output.talk(f"Who they are cannot be told now: {error.what}")
    _tell(way, mailer.name, ready, way.standing, None, as_json)


def _tell_unsure(addresses: Sequence[str]) -> None:
    for address in addresses:
        output.talk(f"{address} may have it or not; it is not mailed again.", label="unsure:", style="yellow")
    if addresses:
        output.talk("Ask them, or mail it to them from your own mail program, which opens the email.eml of a build.")


def _tell(way: Mailing, name: str, ready: Ready, words: str, tally: Tally | None, as_json: bool) -> None:
    if not as_json:
        output.say(f"{name}: {words}")
        if way.receipt.state == "sent":
            output.talk(f"Say so here too:  digest sent {ready.letter.slug}")
        return
    facts: dict[str, object] = {
        "service": name,
        "issue": ready.letter.slug,
        "did": words,
        "state": way.receipt.state or None,
        "unsure": way.unsure,
    }
    if tally is not None:
        facts |= {
            "sent": tally.sent,
            "had": tally.had,
            "refused": len(tally.refused),
            "unsure": len(tally.unsure),
        }
    output.data(facts)
