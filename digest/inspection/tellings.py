"""Of one thing that several checks tell, the telling that is nearest to what an editor can do about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from digest.models import Finding

#: What reading and rendering told is said under this name.
ISSUE = "issue"
#: What need not be told of the mail when one of these is, and what need not be told of a place.
_BETTER_ANYWHERE = {
    "spam/picture-ratio": ("pictures/only-pictures",),
    "spam/parts-differ": ("text/missing-story", "text/empty"),
    "mail/no-one-click": ("required/no-unsubscribe",),
}
_BETTER_HERE = {
    "clients/css-display-none": ("spam/hidden-text",),
    "clients/css-opacity": ("spam/hidden-text",),
    "clients/css-visibility": ("spam/hidden-text",),
    "clients/html-hidden": ("spam/hidden-text",),
    "spam/ip-link": ("required/staging",),
    "links/private": ("required/staging",),
    "text/missing-link": ("accessibility/empty-link", "text/missing-story", "required/no-unsubscribe"),
    "text/missing-story": ("links/not-a-link", "links/scheme"),
}


def told_best(told: Sequence[Finding]) -> list[Finding]:
    """Without what another check says of the same thing, nearer to what an editor can do about it."""
    told = _once(told)
    places: dict[str, set[tuple[Path | None, int | None]]] = {}
    for each in told:
        here = {(each.path, line) for line in (each.line, *each.also)}
        for name in (each.check, f"{each.check}/{each.rule}"):
            places.setdefault(name, set()).update(here)

    def is_told(each: Finding) -> bool:
        here = {(each.path, line) for line in (each.line, *each.also)}
        name = f"{each.check}/{each.rule}"
        anywhere = any(better in places for better in _BETTER_ANYWHERE.get(name, ()))
        return anywhere or any(here & places.get(better, set()) for better in _BETTER_HERE.get(name, ()))

    return [each for each in told if not is_told(each)]


def _once(told: Sequence[Finding]) -> list[Finding]:
    """Without what reading or rendering told where a check says the same, better: by rule and line."""
    better = {(each.rule, each.line) for each in told if each.check != ISSUE}
    kept = [each for each in told if each.check != ISSUE or not each.rule or (each.rule, each.line) not in better]
    return list(dict.fromkeys(kept))
