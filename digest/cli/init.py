"""`digest init`: a folder in which a newsletter can be written at once."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import output

if TYPE_CHECKING:
    from digest.start import Answers

#: The options that answer a question, by the answer's name.
_OPTIONS = {
    "name": "--name",
    "sender_name": "--sender",
    "sender_email": "--email",
    "postal_address": "--address",
    "url": "--url",
    "language": "--language",
    "timezone": "--timezone",
    "every": "--every",
    "theme": "--theme",
}
_QUESTIONS = {
    "name": "Name of the newsletter",
    "sender_name": "Who the mail comes from",
    "sender_email": "The address it comes from",
    "postal_address": "Your postal address (for the footer)",
    "language": "The language you write in (en, de, pt-BR ...)",
    "every": "How often (a weekday, day, week, fortnight, month)",
    "theme": "How it looks: brief (links) or letter (long reading)",
}


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; this folder if left out.")] = Path(),
    name: Annotated[str, typer.Option(metavar="TEXT", help="The newsletter's name; the folder's if left out.")] = "",
    sender: Annotated[str, typer.Option(metavar="TEXT", help="The name the mail comes from.")] = "",
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="The address the mail comes from.")] = "",
    address: Annotated[str, typer.Option(metavar="TEXT", help="Your postal address, for the footer.")] = "",
    url: Annotated[str, typer.Option(metavar="URL", help="The newsletter's site.")] = "",
    language: Annotated[
        str, typer.Option(metavar="TAG", help='Such as "en", "de", "pt-BR"; this machine\'s if left out.')
    ] = "",
    timezone: Annotated[
        str, typer.Option(metavar="NAME", help='Such as "Europe/Copenhagen"; this machine\'s if left out.')
    ] = "",
    every: Annotated[
        str, typer.Option(metavar="WHEN", help="A weekday, day, week, fortnight or month; friday if left out.")
    ] = "",
    theme: Annotated[
        str, typer.Option(metavar="NAME", help='"brief" for links, "letter" for long reading; brief if left out.')
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; defaults for all that was not said.")] = False,
) -> None:
    """Start a newsletter, with a first issue in it."""
    from digest import start

    typed = (name, sender, email, address, url, language, timezone, every, theme)
    given = {key: value for key, value in zip(_OPTIONS, typed, strict=True) if value}
    for key, value in given.items():
        if wanted := start.wanted(key, value):
            raise typer.BadParameter(f"should be {wanted}.", param_hint=f"'{_OPTIONS[key]}'")
    start.must_be_free(folder)
    answers = start.Answers.default(folder, today=date.today()).with_(given)
    if not yes and output.is_terminal(sys.stdin) and output.is_terminal(sys.stdout):
        answers = _asked(answers, given)
    for path in start.begin(folder, answers):
        output.say(str(path))
    there = folder.resolve() == Path.cwd().resolve()
    output.talk(f"\n{answers.name} is ready. See its first issue:\n")
    output.talk(f"    {'' if there else f'cd {shlex.quote(str(folder))} && '}digest build --open\n")
    made_up = start.Answers.default(folder, today=answers.today)
    left = [key for key in ("sender_email", "postal_address") if getattr(answers, key) == getattr(made_up, key)]
    if left:
        output.talk(f"Before you send: put your own address into digest.toml ({', '.join(left)}).")


def _asked(answers: Answers, given: Mapping[str, str]) -> Answers:
    """`answers` with what the editor types for all that was not said; Enter keeps what is proposed."""
    from digest import start

    for key, question in _QUESTIONS.items():
        if key in given:
            continue
        while True:
            said = typer.prompt(question, default=getattr(answers, key) or answers.name).strip()
            wanted = start.wanted(key, said)
            if not wanted:
                break
            output.talk(f"This should be {wanted}.")
        answers = answers.with_({key: said})
    return answers
