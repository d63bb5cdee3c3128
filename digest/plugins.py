"""A name becomes a plugin: a file of our own, or an entry point of somebody else's package."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module, metadata, util
from types import ModuleType
from typing import Literal

from digest.errors import DigestError, did_you_mean

Kind = Literal["checks", "exporters"]

#: Files in a plugin folder that are no plugin: what plugins are, and what several of them lean on.
_NO_PLUGIN = ("base",)


class NoSuchPlugin(DigestError):
    """Raised when a check or a service is named that nobody brought."""

    exit_code = 2

    def __init__(self, kind: Kind, name: str) -> None:
        known = names(kind)
        noun = {"checks": "check", "exporters": "service"}[kind]
        guess = did_you_mean(name, known)
        super().__init__(f'There is no {noun} "{name}".{guess}', hint=f"There are: {', '.join(known)}.")


class BrokenPlugin(DigestError):
    """Raised when somebody else's plugin cannot be loaded."""

    def __init__(self, kind: Kind, name: str, why: str) -> None:
        super().__init__(
            f'"{name}", which another package brings to digest.{kind}, cannot be loaded: {why}.',
            hint="Update or remove that package.",
        )


@cache
def names(kind: Kind) -> tuple[str, ...]:
    """Every plugin of a kind, ours and others', by alphabet."""
    return tuple(sorted({*_ours(kind), *(each.name for each in _others(kind))}))


def load(kind: Kind, name: str) -> ModuleType:
    """The module of a plugin; ours wins over somebody else's of the same name. Raises NoSuchPlugin or BrokenPlugin.

    Others register theirs as an entry point in the group "digest.checks" or "digest.exporters",
    its name the plugin's, its value a module.
    """
    if name in _ours(kind):
        return import_module(f"digest.{kind}.{name}")
    for each in _others(kind):
        if each.name == name:
            try:
                found = each.load()
            except Exception as error:  # whatever a stranger's module does on import
                raise BrokenPlugin(kind, name, f"{type(error).__name__}: {error}") from error
            if isinstance(found, ModuleType):
                return found
            raise BrokenPlugin(kind, name, "it is no module")
    raise NoSuchPlugin(kind, name)


@cache
def _ours(kind: Kind) -> tuple[str, ...]:
    package = util.find_spec(f"digest.{kind}")
    folders = package.submodule_search_locations if package else None
    found = (each.name for each in pkgutil.iter_modules(folders))
    return tuple(name for name in found if name not in _NO_PLUGIN and not name.startswith("_"))


def _others(kind: Kind) -> Iterator[metadata.EntryPoint]:
    yield from metadata.entry_points(group=f"digest.{kind}")
