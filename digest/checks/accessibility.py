"""Whether everybody can read it: with a screen reader, with weak eyes, with big fingers, in the dark."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

from digest.checks.base import Copy, Place, placed
from digest.inspection.features.mail import Mail
from digest.inspection.reading import Fault, Page, aloud, sight, touch
from digest.inspection.whereabouts import first_words, written
from digest.models import Finding

RULES = {
    "no-language": "the mail, or what stands in it, does not say its language",
    "wrong-language": "a text is written in other letters than the language it says it is in",
    "no-direction": "the mail does not say which way it reads, or says the wrong one",
    "no-title": "the document has no title",
    "headings": "no first heading, several, an empty one, or a level left out",
    "table-role": "a table that only lays out is read aloud as one with data, or the other way round",
    "no-alt": "a drawing for Outlook has no alt attribute; of pictures the check of that name tells",
    "empty-link": "a link holds neither words nor a picture",
    "same-words": "two links of one story have the same words and lead to different pages",
    "contrast": "text and ground are too near to each other",
    "contrast-dark": "text and ground are too near to each other in dark mode",
    "text-on-picture": "text lies on a picture, so nobody can compute whether it can be read",
    "link-like-text": "a link in a text can be told by its colour alone, and that is nearly the text's",
    "small-text": "letters under 12 pixels, or long text under 13",
    "tight-lines": "lines of a long text are too close",
    "justified": "a long text is justified, which tears holes into it",
    "typed-capitals": "words are typed in capitals, which screen readers spell out",
    "small-target": "a link is too small to be hit with a finger",
    "reading-order": "things are read aloud in another order than they are seen",
    "hidden-link": "a link is hidden from screen readers, and still reached with the keyboard",
    "no-zoom": "readers may not enlarge the mail",
}

#: In more stories than these nobody writes the same thing by hand.
_SOME = 3


def check(copy: Copy) -> Iterator[Finding]:
    """The Email Markup Consortium's points, as far as a mail itself tells them; each with all its places."""
    page = Page(Mail.of(copy.proof), copy.email.language)
    told: dict[tuple[str, str], list[tuple[Place, Fault]]] = defaultdict(list)
    for fault in chain(aloud.faults(page), sight.faults(page), touch.faults(page)):
        told[fault.rule, fault.same or fault.what].append((_place(copy, fault), fault))
    for faults in _of_the_theme(told):
        yield _finding(faults)


def _of_the_theme(told: Mapping[tuple[str, str], list[tuple[Place, Fault]]]) -> Iterator[list[tuple[Place, Fault]]]:
    """The faults by what they are; what many stories have alike is the theme's doing, and one."""
    alike = defaultdict(list)
    for (rule, _), faults in told.items():
        if faults[0][1].same:
            alike[rule].append(faults)
    many = {rule for rule, groups in alike.items() if len(groups) > _SOME}
    for rule in many:
        yield [each for faults in alike[rule] for each in faults]
    yield from (faults for (rule, _), faults in told.items() if rule not in many or not faults[0][1].same)


def _finding(told: list[tuple[Place, Fault]]) -> Finding:
    """The words of the first fault that has a line, and the lines of all."""
    place, fault = next((each for each in told if each[0].line), told[0])
    theme = "" if place.line or place.story or fault.element is None else " It is in the theme."
    finding = place.finding(fault.level, fault.rule, fault.what + theme, effect=fault.effect, hint=fault.hint)
    lines = {each.line for each, _ in told if each.line and each.line != place.line}
    return replace(finding, also=tuple(sorted(lines)))


def _place(copy: Copy, fault: Fault) -> Place:
    element = fault.element
    if element is None:
        return Place(copy.issue.path)
    if copy.proof.story_of(element) is not None:
        return placed(copy, element, *fault.said, *written(element))
    return placed(copy, element, *fault.said, *(written(element) or first_words(element)))
