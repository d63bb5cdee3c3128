"""What goes wrong for who sees badly, or reads in the sun or in the dark: contrast, size, lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from digest.inspection.cascade import Look
from digest.inspection.reading import Fault, Page, short, words
from digest.inspection.reading.words import own_text, spoken
from digest.render.colours import READS, contrast

#: WCAG 2.2, 1.4.3, for large text.
_LARGE = 3.0
#: Pixels; what is shorter than so many letters is a label.
_SMALLEST, _SMALL, _LONG = 12.0, 13.0, 100
_BLOCKS = frozenset(
    {"p", "div", "td", "th", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dd", "dt", "center"}
)


def faults(page: Page) -> Iterator[Fault]:
    for part in (_reads, _long_texts, _capitals):
        yield from part(page)


def _reads(page: Page) -> Iterator[Fault]:
    """Contrast, in daylight and in the dark, of every text as it stands."""
    failing: dict[Any, None] = {}
    for each, look in page.light.items():
        if not _shows_text(each, look):
            continue
        if look.picture:
            yield from _on_picture(page, each, look)
        elif _fails(look):
            failing[each] = None
            yield from _too_near(page, each, look, "contrast", "")
        yield from _like_text(page, each, look)
    for each, look in page.dark.items():
        if each not in failing and _shows_text(each, look) and not look.picture and _fails(look):
            yield from _too_near(page, each, look, "contrast-dark", " in dark mode")


def _shows_text(element: Any, look: Look) -> bool:
    """Whether there is a text of the element's own, whose colours can be computed."""
    return look.size > 1 and not look.unsure and bool(own_text(element).strip(words.NOTHING))


def _fails(look: Look) -> bool:
    return contrast(look.colour, look.ground) < (_LARGE if look.large else READS)


def _too_near(page: Page, element: Any, look: Look, rule: str, when: str) -> Iterator[Fault]:
    ratio = contrast(look.colour, look.ground)
    wanted = _LARGE if look.large else READS
    yield Fault(
        element,
        "error" if ratio < 2 else "warning",
        rule,
        f'"{short(own_text(element))}" is {look.colour} on {look.ground}{when}: a contrast of {ratio:.1f}.',
        effect="It cannot be seen at all." if ratio < 1.2 else "Many cannot read it, and nobody can in sunlight.",
        hint=f"It takes {wanted:g}; set colour and ground together.",
        same=f"{look.colour} {look.ground} {page.number(element)}",
    )


def _on_picture(page: Page, element: Any, look: Look) -> Iterator[Fault]:
    """Of a picture with nothing below it, or nothing fit to read on, the check of mail programs tells."""
    if look.bare or _fails(look):
        return
    yield Fault(
        element,
        "note",
        "text-on-picture",
        f'"{short(own_text(element))}" lies on a picture; we cannot tell whether it reads there.',
        effect="Where the picture is as light or as dark as the letters, they cannot be read.",
        hint="Look at it, on a phone too; put the text beside the picture if unsure.",
        same=str(page.number(element)),
    )


def _like_text(page: Page, element: Any, look: Look) -> Iterator[Fault]:
    """A link within a sentence that nothing but a shade marks: WCAG 2.2, 1.4.1."""
    parent = element.getparent()
    if element.tag != "a" or not element.get("href") or look.underlined or parent is None:
        return
    around = page.light.get(parent)
    if around is None or len(own_text(parent).strip()) < 20 or look.bold != around.bold:
        return
    own = page.mail.cascade.applied(element)
    marked = any(name.startswith(("border", "background")) for name in own) or any(
        (inner := page.light.get(each)) is not None and inner.underlined for each in element.iter()
    )
    if not marked and contrast(look.colour, around.colour) < _LARGE:
        yield Fault(
            element,
            "warning",
            "link-like-text",
            f'The link "{short(spoken(element))}" looks like the text around it.',
            effect="Nobody sees that it is a link.",
            hint="Underline it.",
            same=f"{look.colour} {around.colour}",
        )


def _long_texts(page: Page) -> Iterator[Fault]:
    """Size, lines and edges of what is read for longer than a label."""
    for each in page.met:
        look = page.light[each]
        text = own_text(each).strip(words.NOTHING)
        if not text or look.size <= 1:
            continue
        number = page.number(each)
        if look.size < (_SMALL if len(text) >= _LONG else _SMALLEST) and len(text) > 1:
            yield Fault(
                each,
                "warning",
                "small-text",
                f'"{short(text)}" is set in {look.size:g} pixels.',
                effect="On a phone many cannot read it.",
                hint="Give it 14 pixels or more; a label 12.",
                same=f"{look.size} {number}",
            )
        if each.tag in _BLOCKS and len("".join(each.itertext())) > 1.4 * _LONG:
            if 0 < look.line < 1.2 * look.size and look.line:
                what = f'"{short(text)}" has lines of {look.line:g} pixels for letters of {look.size:g}.'
                hint = "Give it a line-height of 1.4 or more."
                yield Fault(
                    each,
                    "warning",
                    "tight-lines",
                    what,
                    effect="Lines run into each other.",
                    hint=hint,
                    same=f"{look.line} {number}",
                )
            if look.align == "justify":
                yield Fault(
                    each,
                    "warning",
                    "justified",
                    f'"{short(text)}" is justified.',
                    effect="Holes open between the words; who reads slowly loses the line.",
                    hint="Leave text-align as it is.",
                    same=str(number),
                )


def _capitals(page: Page) -> Iterator[Fault]:
    for each in page.met:
        text = own_text(each)
        # Of titles the check of stories tells.
        titled = any(up.tag in ("a", "h1", "h2", "h3", "h4", "h5", "h6") for up in (each, *each.iterancestors()))
        if not titled and (loud := words.shouted(text)):
            yield Fault(
                each,
                "warning",
                "typed-capitals",
                f'"{short(loud)}" is typed in capitals.',
                effect="Some screen readers spell it out, letter by letter.",
                hint="Type it as usual; the theme can set it in capitals (text-transform).",
                said=(loud, " ".join(loud.split()[:2])),
            )
