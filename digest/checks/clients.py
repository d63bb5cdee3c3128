"""What readers of this or that mail program would miss: layouts that break, pictures that stay away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from digest.checks.base import Copy, Place, placed
from digest.inspection import caniemail, mail_programs
from digest.inspection.features.costs import COSTS, Cost, Loss
from digest.inspection.features.mail import Mail, Use
from digest.inspection.features.markup import NOWHERE
from digest.inspection.mail_programs import Program
from digest.inspection.whereabouts import first_words, written
from digest.models import Finding

RULES = {
    "unknown-program": f"[check] clients names a mail program that is none of {mail_programs.all_names()}",
    **{slug: f"{cost.name}: {cost.effect[0].lower()}{cost.effect[1:].rstrip('.')}" for slug, cost in COSTS.items()},
}

#: A loss of content for at least so many of a hundred readers is an error, any other a warning.
_MANY = 5
#: What is of no use without another feature, and costs the reader the same.
_PARTS = {
    "css-grid-template": "css-display-grid",
    "css-flex-direction": "css-display-flex",
    "css-flex-wrap": "css-display-flex",
}


@dataclass(slots=True)
class _Missed:
    """One feature, who lacks it, and where that costs them something."""

    programs: set[Program] = field(default_factory=set)
    uses: list[Use] = field(default_factory=list)


def check(copy: Copy) -> Iterator[Finding]:
    """One finding a feature, with all its places; nothing for what only looks plainer or has something to stand in."""
    plan = copy.publication.check
    programs, unknown = mail_programs.named(plan.clients)
    for name, guess in unknown:
        yield Finding(
            "warning",
            f'[check] clients names "{name}", which is no mail program we know.{guess}',
            copy.publication.path,
            copy.publication.lines.get("check.clients"),
            '"digest check --list" names them all.',
            rule="unknown-program",
            effect="What its readers would see is not checked.",
        )
    mail = Mail.of(copy.proof)
    for slug, missed in _whole(_missed(mail, programs)).items():
        yield _told(slug, missed, programs, copy)


def _whole(found: dict[str, _Missed]) -> dict[str, _Missed]:
    """Without what is only a part of another loss: columns that are named need a grid first."""
    for part, whole in _PARTS.items():
        if part in found and whole in found:
            of = {use.element for use in found[whole].uses}
            if all(use.element in of for use in found[part].uses):
                found[whole].programs |= found.pop(part).programs
    return found


def _missed(mail: Mail, programs: Sequence[Program]) -> dict[str, _Missed]:
    lacking = {slug: _lacking(slug, cost, programs) for slug, cost in COSTS.items()}
    wanted = frozenset(slug for slug, (not_at_all, partly) in lacking.items() if not_at_all or partly)
    no_media = _lacking("css-at-media", Cost("", Loss.LAYOUT, "", ""), programs)[0]
    found: dict[str, _Missed] = defaultdict(_Missed)
    for use in mail.uses(wanted):
        cost = COSTS[use.slug]
        not_at_all, partly = lacking[use.slug]
        if partly and cost.partly_when(use, mail):
            not_at_all = not_at_all | partly
        if any(each.keyword == "media" for each in use.conditions):
            # Who reads no @media stays with what stands outside of it.
            not_at_all = not_at_all - no_media
        spared = mail.spared(use)
        missing = {each for each in not_at_all if each.name not in spared}
        if missing and cost.when(use, mail):
            found[use.slug].programs |= missing
            found[use.slug].uses.append(use)
    return found


def _lacking(slug: str, cost: Cost, programs: Sequence[Program]) -> tuple[frozenset[Program], frozenset[Program]]:
    """Programs that lack a feature, and those that have it only in a way that counts as lacking it here."""
    if slug.removeprefix("html-") in NOWHERE:
        return frozenset(programs), frozenset()
    feature = caniemail.facts().feature(slug)
    if feature is None:
        return frozenset(), frozenset()
    answers = {each: feature.newest(each.key) for each in programs}
    none = frozenset(each for each, answer in answers.items() if answer and answer.word == "n")
    partly = frozenset(
        each for each, answer in answers.items() if answer and answer.word == "a" and answer.notes & cost.partly
    )
    return none, partly


def _told(slug: str, missed: _Missed, programs: Sequence[Program], copy: Copy) -> Finding:
    cost = COSTS[slug]
    places = [_place(copy, use) for use in missed.uses]
    first = next((each for each in places if each.line), places[0])
    lines = sorted({each.line for each in places if each.line} - {first.line})
    in_theme = any(not each.line and not each.story for each in places)
    by_nobody = slug.removeprefix("html-") in NOWHERE
    who = "any mail program" if by_nobody else mail_programs.told(_in_order(missed, programs), programs)
    many = cost.loss is Loss.CONTENT and mail_programs.share(missed.programs) >= _MANY
    finding = first.finding(
        "error" if many else "warning",
        slug,
        f"No {cost.name} in {who}.{' The theme uses it.' if in_theme else ''}",
        effect=cost.effect,
        hint=f"{cost.hint}{'' if by_nobody else _tested(slug)}",
    )
    return replace(finding, also=tuple(lines))


def _in_order(missed: _Missed, programs: Sequence[Program]) -> list[Program]:
    return [each for each in programs if each in missed.programs]


def _tested(slug: str) -> str:
    """When and by whom that was found out; some of it years ago."""
    feature = caniemail.facts().feature(slug)
    return f" (caniemail.com, last tested {feature.tested})" if feature and feature.tested else ""


def _place(copy: Copy, use: Use) -> Place:
    element = use.element
    if element is None:
        return Place(copy.issue.path)
    if copy.proof.story_of(element) is not None:
        return placed(copy, element, *written(element))
    return placed(copy, element, *(written(element) or first_words(element)))
