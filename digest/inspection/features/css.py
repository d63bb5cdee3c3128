"""Which of caniemail's features a declaration, a selector or an at-rule is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import cssselect

from digest.inspection import caniemail, styles
from digest.inspection.styles import AtRule, Condition, Declaration

_SIDES = "(?:top|right|bottom|left)"
#: Properties whose feature is not called like them.
_GROUPS: tuple[tuple[str, str], ...] = (
    (r"(?:column-|row-)?gap", "css-gap"),
    (r"grid-template(?:-\w+)?", "css-grid-template"),
    (r"top|right|bottom|left", "css-left-right-top-bottom"),
    (r"border-(?:top|bottom)-(?:left|right)-radius", "css-border-radius"),
    (r"border-(?:start|end)-(?:start|end)-radius", "css-border-radius-logical"),
    (r"border-(?:inline|block)", "css-border-inline-block"),
    (r"border-(?:inline|block)-(?:start|end)(?:-\w+)?", "css-border-inline-block-individual"),
    (r"border-(?:inline|block)-(?:color|style|width)", "css-border-inline-block-longhand"),
    (r"border-image-\w+", "css-border-image"),
    (rf"border-{_SIDES}(?:-(?:color|style|width))?|border-(?:color|style|width)", "css-border"),
    (r"(?:block|inline)-size", "css-block-inline-size"),
    (r"inline-size", "css-inline-size"),
    (r"margin-(?:block|inline)", "css-margin-inline-block"),
    (r"margin-block-(?:start|end)", "css-margin-block-start-end"),
    (r"margin-inline-(?:start|end)", "css-margin-inline-start-end"),
    (rf"margin-{_SIDES}", "css-margin"),
    (r"padding-(?:block|inline)", "css-padding-inline-block"),
    (r"padding-block-(?:start|end)", "css-padding-block-start-end"),
    (r"padding-inline-(?:start|end)", "css-padding-inline-start-end"),
    (rf"padding-{_SIDES}", "css-padding"),
    (r"columns|column-(?:fill|rule\S*|span|width)", "css-column-layout-properties"),
    (r"overflow-[xy]|overflow-(?:block|inline)", "css-overflow"),
    (r"animation-\S+", "css-animation"),
    (r"transition-\S+", "css-transition"),
    (r"scroll-snap\S*", "css-scroll-snap"),
    (r"mask", "css-mask-image"),
    (r"outline-(?:color|style|width)", "css-outline"),
    (r"inset-\S+", "css-inset"),
    (r"text-emphasis-(?:color|style)", "css-text-emphasis"),
)
_PROPERTIES = tuple((re.compile(pattern), slug) for pattern, slug in _GROUPS)
_FUNCTIONS = {
    "calc": "css-unit-calc",
    "min": "css-function-min",
    "max": "css-function-max",
    "clamp": "css-function-clamp",
    "light-dark": "css-function-light-dark",
    "rgb": "css-rgb",
    "rgba": "css-rgba",
    "lab": "css-modern-color",
    "lch": "css-modern-color",
    "oklab": "css-modern-color",
    "oklch": "css-modern-color",
    "var": "css-variables",
    "fit-content": "css-intrinsic-size",
}
_WORDS = {
    "fit-content": "css-intrinsic-size",
    "min-content": "css-intrinsic-size",
    "max-content": "css-intrinsic-size",
    "initial": "css-unit-initial",
    "system-ui": "css-sytem-ui",
    "ui-serif": "css-sytem-ui",
    "ui-sans-serif": "css-sytem-ui",
    "ui-rounded": "css-sytem-ui",
    "ui-monospace": "css-sytem-ui",
}
_DISPLAYS = {
    "flex": "css-display-flex",
    "inline-flex": "css-display-flex",
    "grid": "css-display-grid",
    "inline-grid": "css-display-grid",
    "none": "css-display-none",
}
_VENDOR = re.compile(r"-(?:webkit|moz|ms|o)-")
_AT_RULES = {"import": "css-at-import", "font-face": "css-at-font-face", "keyframes": "css-at-keyframes"}
_MEDIA = {
    "prefers-color-scheme": "css-at-media-prefers-color-scheme",
    "prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
    "orientation": "css-at-media-orientation",
    "device-pixel-ratio": "css-at-media-device-pixel-ratio",
    "hover": "css-at-media-hover",
}


def bare(name: str) -> str:
    """A property without the prefix of a maker."""
    return _VENDOR.sub("", name, count=1)


@lru_cache(maxsize=4096)
def of_declaration(declaration: Declaration) -> frozenset[str]:
    """Property, words, functions, units and `!important` of a declaration, as caniemail calls them."""
    found = {*_of_property(declaration), *_of_value(declaration)}
    if declaration.important:
        found.add("css-important")
    return frozenset(found & _known())


def _of_property(declaration: Declaration) -> Iterator[str]:
    name = bare(declaration.name)
    yield f"css-{name}"
    if declaration.name.startswith("--"):
        yield "css-variables"
    yield from (slug for pattern, slug in _PROPERTIES if pattern.fullmatch(name))
    words = styles.words(declaration)
    if name == "display":
        yield from (_DISPLAYS[word] for word in words if word in _DISPLAYS)
    if name == "flex-flow":
        yield from (("css-flex-wrap",) if "wrap" in words else ())
        yield from (("css-flex-direction",) if words & {"column", "column-reverse"} else ())
    if name == "background" and next(styles.urls(declaration.tokens), ""):
        yield "css-background-image"
    if name == "background" and "text" in words:
        yield "css-background-clip"


def _of_value(declaration: Declaration) -> Iterator[str]:
    for function in styles.functions(declaration):
        name = bare(function.lower_name).removeprefix("repeating-")
        yield _FUNCTIONS.get(name, "")
        if name.endswith("-gradient"):
            yield f"css-{name}"
    yield from (_WORDS.get(word, "") for word in styles.words(declaration))
    for unit in styles.units(declaration):
        yield "css-unit-percent" if unit == "%" else f"css-unit-{unit}"


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(caniemail.facts().rows)


@lru_cache(maxsize=2048)
def of_selector(selector: str) -> frozenset[str]:
    """Combinators, classes and states of a selector, as caniemail calls them."""
    try:
        tree = cssselect.parse(selector)
    except cssselect.SelectorError:
        return frozenset()
    found: set[str] = set()
    for each in tree:
        pseudo = each.pseudo_element
        if isinstance(pseudo, str):
            found.add(f"css-pseudo-element-{pseudo.lstrip(':')}")
        _of_tree(each.parsed_tree, found)
    return frozenset(found & _known())


def _of_tree(tree: object, found: set[str]) -> None:
    kind = type(tree).__name__
    inner = getattr(tree, "selector", None)
    if kind == "Element":
        found.add("css-selector-type" if getattr(tree, "element", None) else "css-selector-universal")
    elif kind == "CombinedSelector":
        names = {" ": "descendant", ">": "child", "+": "adjacent-sibling", "~": "general-sibling"}
        found.add(f"css-selector-{names[tree.combinator]}")  # type: ignore[attr-defined]
        _of_tree(tree.subselector, found)  # type: ignore[attr-defined]
    elif kind in ("Class", "Hash", "Attrib"):
        found.add({"Class": "css-selector-class", "Hash": "css-selector-id", "Attrib": "css-selector-attribute"}[kind])
        if type(inner).__name__ in ("Class", "Hash", "Attrib"):
            found.add("css-selector-chaining")
    elif kind == "Pseudo":
        found.add(f"css-pseudo-class-{tree.ident}")  # type: ignore[attr-defined]
    elif kind == "Function":
        found.add(f"css-pseudo-class-{tree.name}")  # type: ignore[attr-defined]
    elif kind in ("Negation", "Relation", "Matching"):
        found.add({"Negation": "css-pseudo-class-not", "Relation": "css-pseudo-class-has"}.get(kind, ""))
    # A class or a state by itself stands on an unwritten "*", which is no universal selector.
    if inner is not None and not (type(inner).__name__ == "Element" and not inner.element):
        _of_tree(inner, found)


def of_condition(condition: Condition) -> frozenset[str]:
    """What an at-rule around rules asks for."""
    if condition.keyword == "supports":
        return frozenset({"css-at-supports"})
    if condition.keyword != "media":
        return frozenset()
    return frozenset({"css-at-media", *(slug for word, slug in _MEDIA.items() if word in condition.text)})


def of_at_rule(rule: AtRule) -> frozenset[str]:
    return frozenset({_AT_RULES[bare(rule.keyword)]} if bare(rule.keyword) in _AT_RULES else ())
