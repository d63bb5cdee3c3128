"""A finished mail, taken apart for the question of what it uses where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from digest.inspection import styles
from digest.inspection.cascade import LIGHT, Cascade, Look, matches
from digest.inspection.features import css, markup
from digest.inspection.styles import Condition, Declaration, Rule
from digest.proof import Proof

#: Classic Outlook on Windows, which reads what stands in conditional comments for it.
WORD = frozenset({"outlook.windows", "outlook.windows-mail"})


@dataclass(frozen=True, slots=True)
class Use:
    """One feature at one place."""

    slug: str
    #: None for an at-rule, which is for the whole mail.
    element: Any = None
    declaration: Declaration | None = None
    #: What else the same rule or style attribute declares.
    beside: tuple[Declaration, ...] = ()
    conditions: tuple[Condition, ...] = ()
    #: The selector of a rule; "" for a style attribute and for markup.
    selector: str = ""
    #: The address of an @import.
    address: str = ""


class Mail:
    """A proof with its style sheets read and its conditional comments known."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        self.sheets = styles.sheets(proof.root)
        self.cascade = Cascade(proof.root, self.sheets)
        self.elements = [each for each in proof.root.iter() if isinstance(each.tag, str)]
        self.not_for_word = frozenset(_not_for_word(proof.root))

    @classmethod
    def of(cls, proof: Proof) -> Mail:
        """The same one for every check of a proof: reading the styles takes the most of the time."""
        if _last and _last[0].proof is proof:
            return _last[0]
        _last[:] = [cls(proof)]
        return _last[0]

    def look(self, element: Any) -> Look:
        """As it is seen on a computer, in daylight."""
        return self.cascade.looks(LIGHT).get(element, Look())

    def uses(self, wanted: frozenset[str]) -> Iterator[Use]:
        """Every use of the features `wanted`, markup and style attributes first, then the sheets."""
        for element in self.elements:
            for slug in sorted(markup.of_element(element) & wanted):
                yield Use(slug, element)
            if style := element.get("style"):
                declared = styles.inline(style)
                for each in declared:
                    for slug in sorted(css.of_declaration(each) & wanted):
                        yield Use(slug, element, each, declared)
        for sheet in self.sheets:
            for at_rule in sheet.at_rules:
                for slug in sorted(css.of_at_rule(at_rule) & wanted):
                    yield Use(slug, None, conditions=at_rule.conditions, address=" ".join(at_rule.urls))
            for rule in sheet.rules:
                yield from self._in_rule(rule, wanted)

    def _in_rule(self, rule: Rule, wanted: frozenset[str]) -> Iterator[Use]:
        declared = [(each, slug) for each in rule.declarations for slug in sorted(css.of_declaration(each) & wanted)]
        for selector in rule.selectors:
            states = sorted(css.of_selector(selector) & wanted)
            if rule.nested and "css-nesting" in wanted:
                states.append("css-nesting")
            if not declared and not states:
                continue
            found = matches(self.proof.root, at_rest(selector))[1]
            for element in found:
                for slug in states:
                    yield Use(slug, element, None, rule.declarations, rule.conditions, selector)
                for each, slug in declared:
                    yield Use(slug, element, each, rule.declarations, rule.conditions, selector)

    def every_feature(self) -> frozenset[str]:
        """All that the mail uses, whether or not anybody minds."""
        found: set[str] = set()
        for element in self.elements:
            found |= markup.of_element(element)
            for each in styles.inline(element.get("style") or ""):
                found |= css.of_declaration(each)
        for sheet in self.sheets:
            for condition in sheet.conditions:
                found |= css.of_condition(condition)
            for at_rule in sheet.at_rules:
                found |= css.of_at_rule(at_rule)
            for rule in sheet.rules:
                found |= {"css-nesting"} if rule.nested else set()
                for selector in rule.selectors:
                    found |= css.of_selector(selector)
                for each in rule.declarations:
                    found |= css.of_declaration(each)
        return frozenset(found)

    def others(self, use: Use) -> Iterator[Declaration]:
        """What else is declared for the element: beside the use, in its style attribute, in rules for everybody."""
        yield from (each for each in use.beside if each is not use.declaration)
        if use.element is None:
            return
        if use.selector:
            yield from styles.inline(use.element.get("style") or "")
        for rule in self.cascade.rules(use.element):
            if not rule.conditions:
                yield from (each for each in rule.declarations if each is not use.declaration)

    def spared(self, use: Use) -> frozenset[str]:
        """Programs that do not come to the place, or find something of their own there."""
        if use.element is None:
            return frozenset()
        return WORD if use.element in self.not_for_word or _has_own_for_word(use.element) else frozenset()


def at_rest(selector: str) -> str:
    """A selector without the states and the made-up elements in it: what it is for when nobody touches anything."""
    return styles.without_states(selector)


def _not_for_word(root: Any) -> Iterator[Any]:
    """Elements between `<!--[if !mso]><!-->` and `<!--<![endif]-->`."""
    left_out = False
    for each in root.iter():
        if isinstance(each.tag, str):
            if left_out:
                yield each
            continue
        text = (each.text or "").strip().casefold()
        if text.startswith("[if") and text.endswith("<!"):
            left_out = "!mso" in text.replace(" ", "") or "!gte" in text
        elif text == "<![endif]":
            left_out = False


def _has_own_for_word(element: Any) -> bool:
    """Whether a comment that only Word reads, right before the element or in it, lays out or draws in its place."""
    near = [each for each in element if not isinstance(each.tag, str)]
    before = element.getprevious()
    if before is not None and not isinstance(before.tag, str):
        near.append(before)
    return any(_draws(each.text or "") for each in near)


def _draws(comment: str) -> bool:
    text = comment.casefold()
    return text.startswith("[if") and "mso" in text[:40] and any(tag in text for tag in ("<v:", "<table", "<td"))


_last: list[Mail] = []
