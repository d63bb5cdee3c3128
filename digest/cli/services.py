"""`digest services`: where an issue can go, at a glance, and all that is to be known of one place."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import output

if TYPE_CHECKING:
    from digest.exporters.base import Service
    from digest.exporting import Known

_HEAD = ("", "draft", "text", "preheader", "pictures", "test", "schedule", "send", "key")
_LEGEND = (
    'Text: your text part is used. Preheader: it has a field for it, else it is the hidden line. Pictures: "there", '
    'it keeps them; "in mail", they travel within; "your web", you put them up (assets_url).'
)


def services(
    service: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVICE...]", help="All about these; every service if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """List where an issue can go, what each service can, and whether its key is there."""
    from digest import exporting, plugins
    from digest.errors import NoPublication
    from digest.project import Project

    try:
        project: Project | None = Project.here()
    except NoPublication:
        project = None
    for name in service or ():
        if name not in plugins.names("exporters"):
            raise plugins.NoSuchPlugin("exporters", name)
    found = [each for each in exporting.known(project) if not service or each.key in service]
    if as_json:
        output.data([_facts(each) for each in found])
    elif service:
        for number, each in enumerate(found):
            output.say(("\n" if number else "") + _all_about(each))
    else:
        _table(found)


def _table(found: list[Known]) -> None:
    """The services a line each, those of this newsletter first; then the places that are none, and what is broken."""
    able = sorted((each for each in found if each.exporter is not None), key=lambda each: not each.set_up)
    rows = [_HEAD, *(_row(each) for each in able)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        output.say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for each in found:
        if each.exporter is None or each.problem:
            output.say(f"{each.key.ljust(widths[0])}  {each.problem or each.about}")
    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    output.talk("\n" + textwrap.fill(_LEGEND, width))
    first = able[0].key if able else "folder"
    output.talk(f"All about one:  digest services {first}")


def _row(each: Known) -> tuple[str, ...]:
    exporter = each.exporter
    assert exporter is not None
    can = exporter.can
    pictures = "there" if can.pictures else "in mail" if can.encloses else "your web"
    marks = (exporter.keeps_drafts, can.text, can.preheader)
    key = "?" if each.problem else "there" if each.key_from else "none yet" if _lacks_key(each) else "-"
    return (
        each.key,
        *("yes" if mark else "-" for mark in marks),
        pictures,
        *("yes" if mark else "-" for mark in (can.test, can.schedule, can.send)),
        key,
    )


def _lacks_key(each: Known) -> bool:
    return each.exporter is not None and bool(each.exporter.secret) and each.wants_key


def _all_about(each: Known) -> str:
    """What it is, what it can, what it cannot and where its key is, in lines as wide as the terminal."""
    told = [each.about]
    if each.exporter is not None:
        told += [f"It can: {', '.join(_abilities(each.exporter))}.", *each.exporter.can.cannot, _key(each)]
    elif each.problem:
        told.append(each.problem)
    width = max(shutil.get_terminal_size((100, 24)).columns, 40)
    return "\n".join(textwrap.fill(line, width, subsequent_indent="  ") for line in told if line)


def _abilities(exporter: type[Service]) -> list[str]:
    can = exporter.can
    has: list[tuple[bool, str]] = [
        (exporter.keeps_drafts, "draft"),
        (can.text, "your text part"),
        (can.preheader, "preheader"),
        (can.pictures, "pictures"),
        (can.test, "test"),
        (can.schedule, "schedule"),
        (can.send, "send"),
    ]
    return [word for yes, word in has if yes]


def _facts(each: Known) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": each.key, "about": each.about, "problem": each.problem or None}
    if each.exporter is not None:
        facts |= {
            "can": _abilities(each.exporter),
            "cannot": list(each.exporter.can.cannot),
            "key": each.key_from or None,
            "wants_key": each.wants_key,
            "set_up": each.set_up,
        }
    return facts


def _key(each: Known) -> str:
    """Where the key of a service is, or what to do about it."""
    from digest import credentials

    assert each.exporter is not None
    if each.exporter.secret and not each.wants_key:
        return "No key is needed, as it is set up."
    if not each.exporter.secret or each.problem or each.key_from:
        return each.problem or (f"Its key: {each.key_from}." if each.key_from else "digest keeps no key for it.")
    return f"No key yet: set {credentials.variable(each.key, each.exporter.secret)}, or  digest login {each.key}"
