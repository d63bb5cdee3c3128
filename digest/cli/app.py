"""The `digest` command: its parts, and the one place where errors are shown."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from digest import __version__
from digest.cli import (
    archive,
    build,
    check,
    desk,
    export,
    gather,
    inbox,
    init,
    issues,
    login,
    output,
    preview,
    send_test,
    shots,
    themes,
)
from digest.errors import DigestError


class _Commands(TyperGroup):
    """Shows what went wrong as an editor reads it, and ends with the number that tells a script why."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except DigestError as error:
            output.error(error)
            raise typer.Exit(error.exit_code) from error
        except (KeyboardInterrupt, typer.Abort) as error:  # Abort: Ctrl-C or Ctrl-D at a question
            output.talk("\nInterrupted; nothing half-done is left behind.")
            raise typer.Exit(130) from error


app = typer.Typer(
    name="digest",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="A week's stories become a newsletter that looks right in every mail client.",
    epilog="Start with:  digest init my-newsletter",
)


def _version(wanted: bool) -> None:
    if wanted:
        output.say(f"digest {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    pass


app.command()(init.init)
app.command()(issues.new)
app.command()(build.build)
app.command()(check.check)
app.command()(preview.preview)
app.command()(gather.gather)
app.command()(gather.add)
app.command()(inbox.inbox)
app.command()(inbox.show)
app.command()(inbox.shortlist)
app.command()(inbox.skip)
app.command()(inbox.later)
app.command()(inbox.renew)
app.command()(inbox.undo)
app.command()(inbox.reparse)
app.command()(desk.pick)
app.command()(desk.drop)
app.command()(desk.move)
app.command()(desk.draft)
app.command()(send_test.send_test)
app.command()(shots.shots)
app.command()(login.login)
app.command(cls=export.Command)(export.export)
app.command()(export.services)
app.command()(archive.sent)
app.command()(archive.unsent)
app.command()(archive.adopt)
app.add_typer(themes.app, name="themes")


def main() -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a C locale must not turn a headline into a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="digest")
