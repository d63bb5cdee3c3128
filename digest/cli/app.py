"""The `digest` command: its parts, and the one place where errors are shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from digest import __version__
from digest.cli import (
    archive,
    build,
    check,
    desk,
    export,
    gather,
    help_pages,
    inbox,
    init,
    issues,
    login,
    output,
    preview,
    send_test,
    services,
    shots,
    themes,
)
from digest.errors import DigestError


class _Commands(help_pages.Group):
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


class _Export(export.Command, help_pages.Command):
    pass


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


#: What `digest --help` shows, in README's words: a heading, and the commands below it.
_SUBJECTS: dict[str, tuple[Callable[..., None], ...]] = {
    "An issue": (init.init, issues.new, build.build, preview.preview, check.check),
    "To your readers": (send_test.send_test, shots.shots, login.login, services.services, export.export),
    "A week's stories": (
        gather.gather,
        gather.add,
        inbox.inbox,
        inbox.show,
        inbox.shortlist,
        inbox.skip,
        inbox.later,
        inbox.renew,
        inbox.undo,
        inbox.reparse,
    ),
    "Into the issue": (desk.pick, desk.move, desk.drop, desk.draft),
    "What ran": (archive.sent, archive.unsent, archive.adopt),
}
for _subject, _commands in _SUBJECTS.items():
    for _command in _commands:
        _kind = _Export if _command is export.export else help_pages.Command
        app.command(cls=_kind, rich_help_panel=_subject)(_command)
app.add_typer(themes.app, name="themes", rich_help_panel="How it looks")


def main() -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console or a C locale must not turn a headline into a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app(prog_name="digest")
