"""`digest shots`: pictures of the mail, for a colleague or a pull request."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from digest.cli import output


class _Mode(StrEnum):
    """`digest.shots.MODES`, in the form in which Typer offers a choice."""

    LIGHT = "light"
    DARK = "dark"
    INVERTED = "inverted"
    NO_PICTURES = "no-pictures"


_SAID = "light, dark, inverted or no-pictures"


def shots(
    issue: Annotated[
        str, typer.Argument(metavar="ISSUE", help="A name, a number or a file; the newest if left out.")
    ] = "latest",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder to write to, in place of shots/ and the issue's name.")
    ] = None,
    widths: Annotated[
        list[int] | None,
        typer.Option("--width", metavar="N", min=240, max=2000, help="Only this width, in pixels; can be repeated."),
    ] = None,
    modes: Annotated[
        list[_Mode] | None, typer.Option("--mode", metavar="MODE", help=f"Only so: {_SAID}. Can be repeated.")
    ] = None,
) -> None:
    """Take pictures of the mail on phone and desk, light and dark."""
    from digest import files
    from digest.project import Project
    from digest.shots import MODES, WIDTHS, taken

    project = Project.of(issue)
    path = project.find(issue)
    folder = out or project.root / "shots" / path.stem
    email = project.render(str(path), progress=output.progress("pictures"))
    chosen_widths = tuple(dict.fromkeys(widths or WIDTHS))
    chosen_modes = tuple(mode for mode in MODES if not modes or mode in modes)
    told = output.progress("shots")
    contents: dict[str, bytes] = {}
    for name, picture in taken(email, widths=chosen_widths, modes=chosen_modes):
        contents[name] = picture
        told(len(contents), len(chosen_widths) * len(chosen_modes))
    files.switch(folder, contents)
    for name in contents:
        output.say(str(folder / name))
