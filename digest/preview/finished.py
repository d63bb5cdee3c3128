"""A mail as its reader gets it, with every story's place in it, and where Gmail would cut it off."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from digest import message
from digest.clipping import GMAIL_CUTS_AT
from digest.models import Asset, Email
from digest.proof import with_places

_PLACE = re.compile(r"<!--dg([+-])(\d+)-->")


@dataclass(frozen=True, slots=True)
class Place:
    """A story or brief, and where in `Finished.html` it begins and ends."""

    title: str
    #: Of the issue file; 0 when unknown.
    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Finished:
    """A mail with every blank filled. Its HTML is ASCII, so a character is a byte."""

    email: Email = field(repr=False)
    places: tuple[Place, ...]
    #: The mail before filling, for those who look at it more closely.
    neutral: Email = field(repr=False)

    @classmethod
    def of(cls, email: Email, fill: Callable[[Email], Email]) -> Finished:
        """`email` filled. Where its stories stand is found again though the blanks before them grow."""
        filled = fill(replace(email, html=with_places(email)))
        parts: list[str] = []
        starts: dict[int, int] = {}
        places: dict[int, Place] = {}
        at = length = 0
        for found in _PLACE.finditer(filled.html):
            parts.append(filled.html[at : found.start()])
            length += found.start() - at
            at = found.end()
            number = int(found[2])
            if found[1] == "+":
                starts[number] = length
            elif number in starts and number < len(email.weights):
                weight = email.weights[number]
                places[number] = Place(weight.title, weight.line, starts[number], length)
        html = "".join([*parts, filled.html[at:]])
        return cls(replace(filled, html=html), tuple(places[number] for number in sorted(places)), email)

    @property
    def html(self) -> str:
        return self.email.html

    @cached_property
    def eml(self) -> bytes:
        """The message, with a Date where the issue has one. Raises BadAddress."""
        return message.to_bytes(self.email)

    @cached_property
    def headers(self) -> str:
        """The message's own headers, folded as they are sent."""
        return self.eml.partition(b"\r\n\r\n")[0].decode("ascii", "replace").replace("\r\n", "\n") + "\n"

    @cached_property
    def pictures(self) -> Mapping[str, Asset]:
        return {asset.name: asset for asset in self.email.assets}

    @property
    def cut(self) -> Place | None:
        """The story that Gmail's cut goes through, or the first after it; None when all of it is shown."""
        if len(self.html) <= GMAIL_CUTS_AT:
            return None
        return next((place for place in self.places if place.end > GMAIL_CUTS_AT), None)
