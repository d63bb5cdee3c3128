"""`digest themes`: what a mail can look like, and how to make it one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli import help_pages, output

if TYPE_CHECKING:
    from digest.render.theme import Theme

app = typer.Typer(cls=help_pages.Group, help="List the themes; make a part your own.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def themes(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Say the result as JSON.")] = False,
) -> None:
    """List the themes, their layouts and their options."""
    if ctx.invoked_subcommand:
        return
    from digest.render import theme

    folder = _templates_folder()
    found = [theme.load(name, folder) for name in theme.names(folder)]
    if as_json:
        output.data([_facts(each) for each in found])
        return
    for each in found:
        output.say(f"{each.name}: {each.about}")
        output.say("  A section may ask for a layout below its heading, layout: NAME")
        for name, layout in each.layouts.items():
            if name != "text":
                output.say(f"    {name:<14} {layout.about}")
        output.say("  [theme] in digest.toml may set")
        for name, option in each.options.items():
            bounds = " | ".join(option.choices) or (f"{option.min} to {option.max}" if option.kind == "number" else "")
            default = f" ({option.default})" if option.default != "" else ""
            output.say(f"    {name:<14} {option.about}{f' {bounds}.' if bounds else ''}{default}")
        output.say()
    output.talk('Change a part for good: "digest themes eject PART", where PART is one of')
    output.talk("  " + ", ".join(part.removeprefix("parts/") for part in found[0].parts if part.startswith("parts/")))


@app.command(cls=help_pages.Command)
def eject(
    part: Annotated[str, typer.Argument(metavar="PART", help='Such as "footer.mjml"; "digest themes" lists them.')],
    name: Annotated[
        str, typer.Option("--theme", metavar="NAME", help="Of this theme; of the newsletter's if left out.")
    ] = "",
) -> None:
    """Copy a part to your own templates, to change it."""
    from digest.errors import DigestError, did_you_mean
    from digest.project import Project
    from digest.render import theme

    project = Project.here()
    found = theme.load(name or project.publication.theme, project.templates_folder)
    wanted = next((known for known in found.parts if part in (known, known.removeprefix("parts/"))), None)
    if wanted is None:
        short = [known.removeprefix("parts/") for known in found.parts]
        raise DigestError(
            f'The theme "{found.name}" has no part "{part}".{did_you_mean(part, short)}',
            hint="It has: " + ", ".join(short) + ".",
        )
    target = project.eject(found, wanted)
    output.say(str(target))
    output.talk("This file now takes the place of the theme's own. Delete it to have the theme's back.")


def _templates_folder() -> Path | None:
    from digest.errors import NoPublication
    from digest.project import Project

    try:
        return Project.here().templates_folder
    except NoPublication:
        return None


def _facts(theme: Theme) -> dict[str, Any]:
    return {
        "name": theme.name,
        "about": theme.about,
        "layouts": {name: each.about for name, each in theme.layouts.items() if name != "text"},
        "options": {
            name: {"about": each.about, "kind": each.kind, "default": each.default}
            for name, each in theme.options.items()
        },
        "parts": list(theme.parts),
    }
