"""What the mailing services that an issue may go to put into it themselves, as their exporters say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest import plugins
from digest.errors import DigestError
from digest.merge_tags import Blank


@dataclass(frozen=True, slots=True)
class Taker:
    """A service, or a place that is none, as far as it fills in blanks."""

    #: As editors know it.
    name: str
    #: It has a tag for the blank that was asked after. None where nobody can know: its plugin cannot be loaded.
    fills: bool | None
    #: It adds a footer, or a frame, of its own.
    footer: bool = False


def takers(blank: str, service: str, tables: Iterable[str]) -> list[Taker]:
    """Those meant: the service asked for, else those that have a table `[export.<service>]`. Empty for none.

    A place without a class `Exporter`, such as a folder, fills in nothing.
    """
    return [_taker(blank, name) for name in ([service] if service else tables)]


def _taker(blank: str, key: str) -> Taker:
    try:
        module = plugins.load("exporters", key)
    except DigestError:
        return Taker(key, None)
    exporter = getattr(module, "Exporter", None)
    name = str(getattr(exporter, "name", key))
    html = getattr(exporter, "html", None)
    can = getattr(exporter, "can", None)
    return Taker(name, html is not None and html.tag(Blank(blank)) is not None, bool(getattr(can, "footer", False)))


def listed(names: Sequence[str]) -> str:
    """ "Keila", "Keila and Resend", "Keila, Resend and SendGrid"."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
