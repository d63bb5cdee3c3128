"""Where Gmail stops showing a mail, and what a mail's bytes are spent on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.models import Email, Weight

#: Bytes of the HTML part after which Gmail shows "View entire message" instead of the rest. Not published
#: by Google; measured by many: https://github.com/hteumeuleu/email-bugs/issues/41
GMAIL_CUTS_AT = 102_400
#: From this part of it on a service's own links, longer than ours, may bring a mail over the bound.
NEAR = 0.9
#: Bytes of CSS after which Gmail drops the style sheet: https://github.com/hteumeuleu/email-bugs/issues/90
GMAIL_STYLES = 16_384

_PLACE = re.compile(r"<!--dg([+-])(\d+)-->")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A mail on the scales."""

    #: UTF-8 bytes of the HTML part, blanks filled.
    bytes: int
    #: The story or brief inside which Gmail stops, else the first one after; None when all fits, or only
    #: the footer is lost.
    cut: Weight | None
    #: How many stories and briefs begin after the cut.
    lost: int


def weighed(email: Email) -> Weighed:
    """The bytes of a finished mail as a folder would hold it, and where Gmail would cut it."""
    from digest.filled import fill_html
    from digest.proof import with_places

    size = 0
    hit: int | None = None
    starts: dict[int, int] = {}
    parts = _PLACE.split(fill_html(email, with_places(email)))
    for text, sign, number in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        size += len(text.encode())
        if sign == "+":
            starts[int(number)] = size
        elif sign == "-" and hit is None and size > GMAIL_CUTS_AT:
            hit = int(number)
    lost = sum(start >= GMAIL_CUTS_AT for start in starts.values())
    return Weighed(size, email.weights[hit] if hit is not None else None, lost)
