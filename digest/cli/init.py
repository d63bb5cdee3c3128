"""`digest init`: a folder in which a newsletter can be written at once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import output

if TYPE_CHECKING:
    from digest.start import Answers


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; this folder if left out.")] = Path(),
    name: Annotated[str, typer.Option(help="The newsletter's name.")] = "",
    sender: Annotated[str, typer.Option(help="The name the mail comes from.")] = "",
    email: Annotated[str, typer.Option(help="The address the mail comes from.")] = "",
    address: Annotated[str, typer.Option(help="Your postal address, for the footer.")] = "",
    url: Annotated[str, typer.Option(help="The newsletter's site.")] = "",
    language: Annotated[str, typer.Option(help='Such as "en", "de", "pt-BR".')] = "en",
    timezone: Annotated[str, typer.Option(help='Such as "Europe/Copenhagen"; this machine\'s if left out.')] = "",
    every: Annotated[str, typer.Option(help="A weekday, day, week, fortnight or month.")] = "friday",
    theme: Annotated[str, typer.Option(help='"brief" for links, "letter" for long reading.')] = "brief",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; defaults for all that was not said.")] = False,
) -> None:
    """Start a newsletter: digest.toml, a first issue, a folder for pictures."""
    from digest import start

    given = {
        "name": name,
        "sender_name": sender,
        "sender_email": email,
        "postal_address": address,
        "url": url,
        "language": language,
        "timezone": timezone,
        "every": every,
        "theme": theme,
    }
    answers = start.Answers.default(folder, today=date.today()).with_(given)
    if not yes and sys.stdin.isatty() and sys.stdout.isatty():
        answers = answers.with_(_asked(answers, given))
    made = start.begin(folder, answers)
    for path in made:
        output.say(str(path))
    where = "" if folder.resolve() == Path.cwd().resolve() else f"cd {folder} && "
    output.talk(f"\n{answers.name} is ready. See its first issue:\n\n    {where}digest build --open\n")
    if answers.sender_email.endswith("@example.org"):
        output.talk("Before you send: put your own address into digest.toml (sender_email, postal_address).")


_QUESTIONS = {
    "name": "Name of the newsletter",
    "sender_name": "Who the mail comes from",
    "sender_email": "The address it comes from",
    "postal_address": "Your postal address (for the footer)",
    "every": "How often (a weekday, day, week, fortnight, month)",
    "theme": "How it looks: brief (links) or letter (long reading)",
}


def _asked(answers: Answers, given: Mapping[str, str]) -> dict[str, str]:
    """What the editor types for all that was not said on the command line; Enter keeps what is proposed."""
    said: dict[str, str] = {}
    for key, question in _QUESTIONS.items():
        if not given[key]:
            proposed = getattr(answers, key) or said.get("name", answers.name)
            said[key] = typer.prompt(question, default=proposed)
    return said
