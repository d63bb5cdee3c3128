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
    #: It has a tag for the blank that was asked after. None where nobody can know: its plugin cannot be loaded, or what
    #: it makes is pasted into a page that has a frame of its own.
    fills: bool | None
    #: It adds a footer, or a frame, of its own.
    footer: bool = False
    #: It makes a mail of a draft. Others send, or keep, what they are handed.
    drafts: bool = False


def takers(blank: str, service: str, tables: Iterable[str]) -> list[Taker]:
    """Those meant: the service asked for, else those that have a table `[export.<service>]`. Empty for none."""
    return [_taker(blank, name) for name in ([service] if service else tables)]


def _taker(blank: str, key: str) -> Taker:
    try:
        module = plugins.load("exporters", key)
    except DigestError:
        return Taker(key, None)
    exporter = getattr(module, "Exporter", None)
    if exporter is None:
        # A place that makes a whole mail fills blanks with what the publication says of itself, and nobody after it.
        return Taker(key, False if hasattr(module, "fill") else None)
    name = str(getattr(exporter, "name", key))
    html = getattr(exporter, "html", None)
    return Taker(
        name,
        html is not None and html.tag(Blank(blank)) is not None,
        footer=bool(getattr(getattr(exporter, "can", None), "footer", False)),
        drafts=bool(getattr(exporter, "keeps_drafts", True)),
    )


def listed(names: Sequence[str], last: str) -> str:
    """ "Keila", "Keila or Resend", "Brevo, Keila or Resend", with `last` before the last; "" for none."""
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else "".join(names)
