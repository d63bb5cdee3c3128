"""What goes wrong for who reads with a thumb: targets that are too small or too near to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from digest.inspection import styles
from digest.inspection.cascade import Look
from digest.inspection.features.mail import Mail
from digest.inspection.reading import Fault, Page, short
from digest.inspection.reading.words import NOTHING, own_text, spoken

#: Pixels from the middle of one target to that of the next: WCAG 2.2, 2.5.8.
_TARGET = 24.0


def faults(page: Page) -> Iterator[Fault]:
    """Pictures to be tapped that are too small, and links below one another without room between."""
    for each in page.met:
        if (
            each.tag == "img"
            and (link := next(each.iterancestors("a"), None)) is not None
            and not own_text(link).strip()
        ):
            own = page.mail.cascade.applied(each)
            sides = [
                styles.pixels(own[side].value if side in own else f"{each.get(side) or ''}px")
                for side in ("width", "height")
            ]
            known = [side for side in sides if side]
            if known and min(known) < _TARGET and not _padded(link, page.mail, _TARGET - min(known)):
                name = short(each.get("alt") or each.get("src") or "")
                what = f'The picture to tap "{name}" is {min(known):g} pixels small.'
                yield from _small(page, each, what)
    for first, second in _stacked(page.met):
        distance = _pitch(first, second, page.light, page.mail)
        if distance < _TARGET:
            what = f'"{short(spoken(first))}" and "{short(spoken(second))}" are {distance:g} pixels apart.'
            yield from _small(page, second, what)


def _small(page: Page, element: Any, what: str) -> Iterator[Fault]:
    yield Fault(
        element,
        "warning",
        "small-target",
        what,
        effect="A finger hits the wrong one.",
        hint="Let there be 24 pixels from the middle of one to the middle of the next, better 40.",
        same=str(page.number(element)),
    )


def _stacked(met: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Links that are all there is in their block, with the one in the block right below."""
    alone = [(link, each) for each in met if (link := _only_link(each)) is not None]
    for (first, one), (second, two) in pairwise(alone):
        if _next(one) is two and one.tag == two.tag:
            yield first, second
    for each in met:
        yield from _broken_lines(each)


def _broken_lines(element: Any) -> Iterator[tuple[Any, Any]]:
    """Links with nothing but a <br> between."""
    inside = [each for each in element if isinstance(each.tag, str)]
    for first, middle, last in zip(inside, inside[1:], inside[2:], strict=False):
        if (first.tag, middle.tag, last.tag) == ("a", "br", "a"):
            around = (_before(first), first.tail, middle.tail)
            if not "".join(each or "" for each in around).strip():
                yield first, last


def _before(element: Any) -> str | None:
    """The text right before an element."""
    previous = element.getprevious()
    text: str | None = element.getparent().text if previous is None else previous.tail
    return text


def _only_link(element: Any) -> Any:
    if element.tag not in ("p", "li", "div") or own_text(element).strip(NOTHING):
        return None
    inside = [each for each in element if isinstance(each.tag, str)]
    return inside[0] if len(inside) == 1 and inside[0].tag == "a" and own_text(inside[0]).strip() else None


def _next(element: Any) -> Any:
    after = element.getnext()
    while after is not None and not isinstance(after.tag, str):
        after = after.getnext()
    return after


def _pitch(first: Any, second: Any, looks: Mapping[Any, Look], mail: Mail) -> float:
    """Pixels from the middle of one link to that of another right below it."""
    line = (looks[first].line + looks[second].line) / 2
    blocks = [first.getparent(), second.getparent()] if first.getparent() is not second.getparent() else []
    margins = [_edges(block, "margin", mail) for block in blocks]
    paddings = [_edges(each, "padding", mail) for each in (*blocks, first, second)]
    gap = max(margins[0][1], margins[1][0]) if margins else 0.0
    inner = sum(bottom if at % 2 == 0 else top for at, (top, bottom) in enumerate(paddings))
    return line + gap + inner


def _padded(link: Any, mail: Mail, missing: float) -> bool:
    """Whether a link's padding makes up for what its picture lacks."""
    return sum(_edges(link, "padding", mail)) >= missing


def _edges(element: Any, name: str, mail: Mail) -> tuple[float, float]:
    """Top and bottom of `margin` or `padding`; a paragraph without any has its program's own."""
    own = mail.cascade.applied(element)
    top = bottom = 16.0 if name == "margin" and element.tag == "p" else 0.0
    if name in own:
        sides = [styles.pixels(part) or 0.0 for part in own[name].value.split()]
        top, bottom = (sides[0], sides[2] if len(sides) > 2 else sides[0]) if sides else (top, bottom)
    if f"{name}-top" in own:
        top = styles.pixels(own[f"{name}-top"].value) or 0.0
    if f"{name}-bottom" in own:
        bottom = styles.pixels(own[f"{name}-bottom"].value) or 0.0
    return top, bottom
