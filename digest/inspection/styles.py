"""CSS, read by its grammar: rules, declarations, values. The one module that knows tinycss2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import tinycss2
from tinycss2 import color4

#: Gmail drops a <style> longer than this: https://github.com/hteumeuleu/email-bugs/issues/90
GMAIL_BYTES = 16 * 1024
#: At-rules that say for whom the rules in them are.
_CONDITIONS = frozenset({"media", "supports", "layer", "container", "scope", "document"})

Colour = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name: value`, once."""

    #: Lower case.
    name: str
    #: Without blanks at its ends, comments and `!important`.
    value: str
    important: bool = False
    #: tinycss2's component values, blanks and comments left out; `walk` goes through them.
    tokens: tuple[Any, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """An at-rule around a rule: ("media", "(max-width:520px)")."""

    keyword: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Selectors and what they declare."""

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    #: From the outermost in.
    conditions: tuple[Condition, ...] = ()
    #: Written inside another rule, as CSS Nesting has it.
    nested: bool = False


@dataclass(frozen=True, slots=True)
class AtRule:
    """An at-rule that holds no rules: @import, @font-face, @keyframes."""

    keyword: str
    prelude: str
    declarations: tuple[Declaration, ...] = ()
    conditions: tuple[Condition, ...] = ()
    #: Addresses in the prelude, as @import has one.
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one <style> holds."""

    rules: tuple[Rule, ...] = ()
    at_rules: tuple[AtRule, ...] = ()
    #: Every condition met, those around no rule too.
    conditions: tuple[Condition, ...] = ()
    bytes: int = 0
    #: Whether an at-rule stands in an at-rule, for which Gmail drops the whole.
    deep: bool = False
    #: The <style> element; None for a text that was read by itself.
    element: Any = field(default=None, repr=False, compare=False)

    @property
    def survives(self) -> bool:
        """Whether Gmail keeps it, as far as its own text decides."""
        return not self.deep and self.bytes <= GMAIL_BYTES


@lru_cache(maxsize=64)
def sheet(text: str) -> Sheet:
    """The rules of a style sheet in their order; what cannot be read is left out, as every program does."""
    found = _Found()
    found.read(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), (), ())
    return Sheet(tuple(found.rules), tuple(found.at_rules), tuple(found.conditions), len(text.encode()), found.deep)


def sheets(root: Any) -> tuple[Sheet, ...]:
    """Every <style> of a document, in order."""
    found = []
    for element in root.iter("style"):
        one = sheet(element.text or "")
        found.append(Sheet(one.rules, one.at_rules, one.conditions, one.bytes, one.deep, element))
    return tuple(found)


@lru_cache(maxsize=4096)
def inline(text: str) -> tuple[Declaration, ...]:
    """What a style attribute declares."""
    return _declared(tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True))


class _Found:
    """What is met on the way through a sheet."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.at_rules: list[AtRule] = []
        self.conditions: list[Condition] = []
        self.deep = False

    def read(self, nodes: Iterable[Any], around: tuple[Condition, ...], parents: tuple[str, ...]) -> None:
        for node in nodes:
            if node.type == "qualified-rule":
                self._rule(node, around, parents)
            elif node.type == "at-rule":
                self._at_rule(node, around, parents)

    def _rule(self, node: Any, around: tuple[Condition, ...], parents: tuple[str, ...]) -> None:
        inside = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        selectors = tuple(_in_full(each, parents) for each in _split(node.prelude))
        self.rules.append(Rule(selectors, _declared(inside), around, bool(parents)))
        self.read((each for each in inside if each.type != "declaration"), around, selectors)

    def _at_rule(self, node: Any, around: tuple[Condition, ...], parents: tuple[str, ...]) -> None:
        keyword = node.lower_at_keyword
        prelude = tinycss2.serialize(node.prelude).strip()
        self.deep = self.deep or bool(around)
        if keyword in _CONDITIONS and node.content is not None:
            inner = Condition(keyword, prelude)
            self.conditions.append(inner)
            inside = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            if parents and (declared := _declared(inside)):
                self.rules.append(Rule(parents, declared, (*around, inner), nested=True))
            self.read(inside, (*around, inner), parents)
            return
        inside = [] if node.content is None else tinycss2.parse_blocks_contents(node.content)
        addresses = tuple(urls(node.prelude)) or tuple(
            each.value for each in node.prelude if each.type == "string" and keyword == "import"
        )
        self.at_rules.append(AtRule(keyword, prelude, _declared(inside), around, addresses))


def _split(prelude: Iterable[Any]) -> list[str]:
    """A selector list, each by itself; a comma in brackets parts nothing."""
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        elif token.type != "comment":
            parts[-1].append(token)
    return [text for part in parts if (text := tinycss2.serialize(part).strip())]


def _in_full(selector: str, parents: tuple[str, ...]) -> str:
    """A nested selector with its parent written out; of several parents the first stands for all."""
    if not parents:
        return selector
    return selector.replace("&", parents[0]) if "&" in selector else f"{parents[0]} {selector}"


def _declared(nodes: Iterable[Any]) -> tuple[Declaration, ...]:
    found = []
    for node in nodes:
        if node.type == "declaration":
            tokens = tuple(each for each in node.value if each.type not in ("whitespace", "comment"))
            value = tinycss2.serialize([each for each in node.value if each.type != "comment"]).strip()
            found.append(Declaration(node.lower_name, value, node.important, tokens))
    return tuple(found)


def walk(tokens: Iterable[Any]) -> Iterator[Any]:
    """Every token, those inside functions and brackets too."""
    for token in tokens:
        yield token
        inner = getattr(token, "arguments", None) or getattr(token, "content", None)
        if isinstance(inner, list):
            yield from walk(inner)


def functions(declaration: Declaration) -> Iterator[Any]:
    """Every function in a value: `lower_name` and `arguments`."""
    for token in walk(declaration.tokens):
        if token.type == "function":
            yield token


def words(declaration: Declaration) -> frozenset[str]:
    """Every bare word of a value, lower case, those in functions left out."""
    return frozenset(token.lower_value for token in declaration.tokens if token.type == "ident")


def units(declaration: Declaration) -> frozenset[str]:
    """Every unit in a value, lower case, "%" among them; a zero needs none and counts for none."""
    found = set()
    for token in walk(declaration.tokens):
        if token.type == "dimension" and token.value:
            found.add(token.lower_unit)
        elif token.type == "percentage":
            found.add("%")
    return frozenset(found)


def urls(tokens: Iterable[Any]) -> Iterator[str]:
    """Every address that `url()` gives, quoted or not."""
    for token in walk(tokens):
        if token.type == "url":
            yield token.value
        elif token.type == "function" and token.lower_name in ("url", "src"):
            yield from (each.value for each in token.arguments if each.type == "string")


def written(token: Any) -> str:
    """A token, or the inside of a function, as CSS."""
    return str(tinycss2.serialize(token if isinstance(token, list) else [token])).strip()


def strings(declaration: Declaration) -> Iterator[str]:
    """Every quoted text in a value."""
    for token in declaration.tokens:
        if token.type == "string":
            yield token.value


@lru_cache(maxsize=1024)
def colour(text: str) -> Colour | None:
    """Red, green, blue and how opaque, each from 0 to 1; None for what is no colour, or none of sRGB."""
    try:
        found = color4.parse_color(text.strip())
    except (ValueError, ArithmeticError, AttributeError, TypeError):
        return None
    if found is None or isinstance(found, str):
        return None
    try:
        red, green, blue = (min(1.0, max(0.0, float(each or 0))) for each in found.to("srgb").coordinates)
    except (NotImplementedError, ValueError, TypeError):
        return None
    return red, green, blue, float(found.alpha if found.alpha is not None else 1)


def ground_of(declaration: Declaration) -> Colour | None:
    """The colour in `background` or `background-color`; None when it names none."""
    whole = colour(declaration.value)
    if whole:
        return whole
    if declaration.name != "background":
        return None
    return next((found for token in declaration.tokens if (found := colour(written(token)))), None)


def pixels(text: str, *, em: float = 16, whole: float | None = None) -> float | None:
    """A length in CSS pixels; `em` is the font's size, `whole` what 100 % would be. None for what is no length."""
    token = tinycss2.parse_one_component_value(text, skip_comments=True)
    if token.type == "number":
        return float(token.value) if token.value == 0 else None
    if token.type == "percentage":
        return None if whole is None else float(token.value) * whole / 100
    if token.type != "dimension":
        return None
    sizes = {"px": 1.0, "pt": 4 / 3, "em": em, "rem": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "pc": 16.0}
    return float(token.value) * sizes[token.lower_unit] if token.lower_unit in sizes else None


def number(text: str) -> float | None:
    """A bare number, as `line-height: 1.5` has it."""
    token = tinycss2.parse_one_component_value(text, skip_comments=True)
    return float(token.value) if token.type == "number" else None


@lru_cache(maxsize=256)
def applies(query: str, *, dark: bool, width: int) -> bool:
    """Whether a media query holds on a screen of that width. What we do not know does not hold."""
    parts: list[list[Any]] = [[]]
    for token in tinycss2.parse_component_value_list(query, skip_comments=True):
        if token.type == "literal" and token.value == ",":
            parts.append([])
        elif token.type != "whitespace":
            parts[-1].append(token)
    return any(_holds(part, dark, width) for part in parts)


def _holds(tokens: list[Any], dark: bool, width: int) -> bool:
    wanted = True
    for token in tokens:
        if token.type == "ident" and token.lower_value == "not":
            wanted = False
            continue
        plain = token.type == "ident" and token.lower_value in ("only", "and", "all", "screen")
        if not plain and not (token.type == "() block" and _feature(token.content, dark, width)):
            return not wanted
    return wanted


def _feature(content: list[Any], dark: bool, width: int) -> bool:
    name, _, value = written(content).casefold().partition(":")
    name, value = name.strip(), value.strip()
    if name == "prefers-color-scheme":
        return (value == "dark") is dark
    if name in ("max-width", "max-device-width"):
        return (limit := pixels(value)) is not None and width <= limit
    if name in ("min-width", "min-device-width"):
        return (limit := pixels(value)) is not None and width >= limit
    if name == "orientation":
        return (value == "portrait") is (width < 600)
    return False


#: States that a reader's hand brings about, and parts of an element that no markup makes.
_STATES = (
    "active after before checked default first-letter first-line focus focus-visible focus-within hover link marker "
    "placeholder target visited"
)


@lru_cache(maxsize=2048)
def without_states(selector: str) -> str:
    """`.a:hover .b::before` as `.a .b`."""
    kept: list[Any] = []
    tokens = tinycss2.parse_component_value_list(selector, skip_comments=True)
    for token in tokens:
        if token.type == "ident" and token.lower_value in _STATES.split() and kept and _colon(kept[-1]):
            while kept and _colon(kept[-1]):
                kept.pop()
        else:
            kept.append(token)
    text = str(tinycss2.serialize(kept)).strip()
    return "*" if not text or text[-1] in ">+~" else text


def _colon(token: Any) -> bool:
    return bool(token.type == "literal" and token.value == ":")
