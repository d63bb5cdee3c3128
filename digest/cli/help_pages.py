"""How `--help` and a wrong use read: in an editor's words, every sentence whole."""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

#: What Typer adds behind an option and says nothing to an editor: "latest" is in the sentence before it already.
_NO_NEWS = re.compile(r"  \[(?:default: latest|required|\d+<=x(?:<=\d+)?)\]$|; \d+<=x(?:<=\d+)?(?=\]$)")
#: What pydantic, through which Typer reads values, says of one that it cannot read; the way we say it.
_SAID_BY_PYDANTIC = (
    (re.compile(r"Input should be a valid integer\b.*"), "should be a whole number."),
    (re.compile(r"Input should be greater than or equal to (\S+?)\.?"), r"should be \1 or more."),
    (re.compile(r"Input should be less than or equal to (\S+?)\.?"), r"should be \1 or less."),
    (
        re.compile(r"Value error, '(.*)' does not match the formats? '%Y-%m-%d'\.?", re.DOTALL),
        r'should be a day such as 2026-11-27, not "\1".',
    ),
    (re.compile(r"Value error, '(.*)' is not one of (.*?)\.?", re.DOTALL), r'should be one of \2, not "\1".'),
)


class Command(TyperCommand):
    """A command whose help names no programmer's type, and whose mistakes are told without any."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            if error.message:
                error.message = _in_words(error.message)
            else:  # nothing was typed where something must be
                error.message = getattr(error.param, "help", None) or ""
            raise

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        # Typer writes {ID...}... and [[ID...]]... where an editor expects ID... and [ID...].
        arguments = [each for each in self.get_params(ctx) if isinstance(each, TyperArgument)]
        names = [each.display_name_raw for each in arguments]
        usage = [name if each.required else f"[{name}]" for each, name in zip(arguments, names, strict=True)]
        return ["[OPTIONS]", *usage]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        arguments, options = [], []
        for each in self.get_params(ctx):
            if isinstance(each, TyperArgument):
                arguments.append((each.display_name_raw, each.help or ""))
            elif row := each.get_help_record(ctx):
                options.append((row[0], _NO_NEWS.sub("", row[1])))
        for title, rows in (("Arguments", arguments), ("Options", options)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class Group(TyperGroup):
    """Commands under headings, in the order in which an issue comes about; no sentence is cut off."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        subjects: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            subject = getattr(command, "rich_help_panel", None)
            subjects.setdefault(subject if isinstance(subject, str) else "Commands", []).append(
                (name, command.help or "")
            )
        wide = max(len(name) for rows in subjects.values() for name, _ in rows)
        for subject, rows in subjects.items():
            with formatter.section(subject):
                # Each heading's own column would jump; the names are made equally wide.
                formatter.write_dl([(f"{name:<{wide}}", said) for name, said in rows])


def _in_words(message: str) -> str:
    for pattern, said in _SAID_BY_PYDANTIC:
        if found := pattern.fullmatch(message):
            return found.expand(said)
    return message
