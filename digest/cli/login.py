"""`digest login`: a service's key goes into this machine's keyring, and into no file."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from digest.cli import output


def login(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help='The mailing service; "smtp" for a mail server.')],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Which secret, for a service that has several; the key if left out.")
    ] = "",
    forget: Annotated[bool, typer.Option("--forget", help="Take it out of the keyring again.")] = False,
) -> None:
    """Keep the key of a mailing service, or a mail server's password."""
    from digest import credentials, plugins

    known = plugins.names("exporters")
    if service not in known:
        raise plugins.NoSuchPlugin("exporters", service)
    name = name or credentials.usual(service)
    called = f"{credentials.said(name)} for {service}"
    if forget:
        there = credentials.forget(service, name)
        output.say(f"The {called} is no longer in the keyring." if there else f"The keyring holds no {called}.")
    else:
        credentials.must_have_keyring()  # before anybody has typed a thing
        kept_by = credentials.keep(service, name, _asked(called))
        output.say(f"The {called} is in the keyring ({kept_by}).")
    _tell_what_wins(service, name)


def _asked(called: str) -> str:
    """What is typed without being shown; or the first line of what is piped in."""
    if not output.is_terminal(sys.stdin):
        return (sys.stdin.readline() if sys.stdin else "").rstrip("\r\n")
    return str(typer.prompt(f"The {called} (it is not shown)", hide_input=True, err=True))


def _tell_what_wins(service: str, name: str) -> None:
    """Say so when another place is looked at before the keyring."""
    from digest import credentials
    from digest.errors import NoPublication
    from digest.project import Project

    try:
        root = Project.here().root
    except NoPublication:
        root = None
    found = credentials.find(service, name, root=root)
    if found and found.where != credentials.KEYRING:
        output.talk(f"{found.where[0].upper()}{found.where[1:]} comes first, and is what digest uses.")
    if root is not None and credentials.tracked(root):
        output.talk(credentials.TRACKED, label="warning:", style="yellow")
