"""What [export.<service>] of a digest.toml says, as the service's own settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from digest import decode
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.exporters.base import Service


def settings_of(
    exporter: type[Service],
    name: str,
    table: Mapping[str, Any],
    *,
    mistakes: list[DigestError],
    path: Any = None,
    lines: Mapping[str, int] | None = None,
) -> Any:
    """The settings that `[export.<name>]` makes; None, and the reasons added to `mistakes`, when it makes none."""
    lines = lines or {}
    where = f"export.{name}"
    takes_extra = any(each.name == "extra" for each in fields(exporter.settings_class))
    extra = table.get("extra", {}) if takes_extra else {}
    if not isinstance(extra, Mapping):
        mistakes.append(
            DigestError(f"extra belongs into a table of its own, [{where}.extra].", path=path, line=lines.get(where))
        )
        extra = {}
    for dotted in exporter.ours:
        if _has(extra, dotted.split(".")):
            what = f'[{where}.extra] may not hold "{dotted}": by it a draft is sent, or found again.'
            line = lines.get(f"{where}.extra.{dotted}", lines.get(f"{where}.extra"))
            mistakes.append(DigestError(what, path=path, line=line, hint="Use --schedule or --send."))
    made = decode.table(
        exporter.settings_class,
        {key: value for key, value in table.items() if key != "extra" or not takes_extra},
        where=f"[{where}]",
        mistakes=mistakes,
        path=path,
        line_of=lambda key: lines.get(f"{where}.{key}", lines.get(where)),
        checks=exporter.checks,
        given={"extra": extra} if takes_extra else {},
    )
    if made is not None and (wrong := exporter.wrong_together(made)):
        line = lines.get(f"{where}.{wrong[0]}", lines.get(where))
        mistakes.append(DigestError(wrong[1], path=path, line=line, hint=wrong[2]))
    return made


def _has(table: Any, names: Sequence[str]) -> bool:
    if not names:
        return True
    return isinstance(table, Mapping) and names[0] in table and _has(table[names[0]], names[1:])
