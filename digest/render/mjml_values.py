"""Whether an MJML attribute is known where it stands and its value understood, and in words what would be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from digest.errors import did_you_mean
from digest.render.mjml_tags import ATTRIBUTES, COLOURS, DRAWN, IGNORED

_COLOUR = re.compile(
    r"#(?:[0-9a-f]{3}|[0-9a-f]{6})|rgb\((?:\s*\d{1,3}\s*,){2}\s*\d{1,3}\s*\)"
    r"|rgba\((?:\s*\d{1,3}\s*,){3}\s*(?:0|1|[01]?\.\d{1,3}|1\.0)\s*\)",
    re.IGNORECASE,
)
_UNIT = re.compile(r"(unit|unitWithNegative)\(([^)]*)\)(?:\{(\d),(\d)\})?")
#: By name, the kinds of value that an attribute takes anywhere in the body.
_EVERYWHERE: Mapping[str, tuple[str, ...]] = {
    name: tuple(sorted({kinds[name] for tag, kinds in ATTRIBUTES.items() if tag in DRAWN and name in kinds}))
    for tag in sorted(DRAWN)
    for name in ATTRIBUTES[tag]
} | {"css-class": ("string",)}
_COUNTS = {4: "one to four lengths"}


def flaw_in(kind: str, value: str) -> str:
    """What `value` should have been, as in "a colour such as #1d1b18", with a guess; "" when it is fine.

    `kind` is MJML's own notation, such as "unit(px,%){1,4}" or "enum(left,right)".
    """
    if _pattern(kind).fullmatch(value):
        return ""
    if kind == "color":
        return "a colour such as #1d1b18." + did_you_mean(value, COLOURS)
    if kind.startswith("enum"):
        choices = [choice for choice in kind[5:-1].split(",") if choice]
        return " or ".join(f'"{choice}"' for choice in choices) + "." + did_you_mean(value, choices)
    if kind == "boolean":
        return '"true" or "false".'
    if kind == "integer":
        return "a whole number."
    return _length(kind)


def _length(kind: str) -> str:
    unit = _UNIT.fullmatch(kind)
    assert unit is not None, kind
    units = unit[2].split(",")
    words = " or ".join(one for one in units if one not in ("", "auto"))
    what = f"{_COUNTS[int(unit[4])]} in {words}" if unit[4] else f"a length in {words}"
    more = (', "auto"' if "auto" in units else "") + (", a bare number" if "" in units else "")
    return f"{what}{more}, such as {'12px 24px' if unit[4] else '12px'}."


@lru_cache(maxsize=200)
def _pattern(kind: str) -> re.Pattern[str]:
    if kind == "string":
        return re.compile(r".*", re.DOTALL)
    if kind == "color":
        return re.compile(f"(?:{_COLOUR.pattern}|{'|'.join(sorted(COLOURS))})", re.IGNORECASE)
    if kind.startswith("enum"):
        return re.compile("|".join(re.escape(choice) for choice in kind[5:-1].split(",")))
    if kind == "boolean":
        return re.compile("true|false")
    if kind == "integer":
        return re.compile(r"\d+", re.ASCII)
    unit = _UNIT.fullmatch(kind)
    assert unit is not None, kind
    units = unit[2].split(",")
    sign = "-?" if unit[1] == "unitWithNegative" else ""
    names = "|".join(re.escape(one) for one in units if one != "auto")
    one = rf"(?:{sign}(?:\d+(?:\.\d+)?|\.\d+)(?:{names})|0{'|auto' if 'auto' in units else ''})"
    least, most = (int(unit[3]), int(unit[4])) if unit[4] else (1, 1)
    return re.compile(rf"{one}(?: {one}){{{least - 1},{most - 1}}}", re.ASCII)


def flaws_in_attributes(tag: str, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What is wrong with the attributes of an MJML tag, each with a hint."""
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen:
            yield f'{tag} has "{name}" twice.', ""
        seen.add(name)
        kinds = _kinds(tag, name)
        if not kinds:
            yield _unknown(tag, name)
        elif name in IGNORED.get(tag, ()):
            yield f'"{name}" on {tag} has no effect: the compiler drops it.', _INSTEAD.get((tag, name), "")
        else:
            wanted = [flaw_in(kind, value) for kind in kinds]
            if all(wanted):
                short = value if len(value) <= 40 else value[:37] + "..."
                yield f'"{name}" of {tag} is "{short}", but should be {wanted[0]}', ""


def _kinds(tag: str, name: str) -> tuple[str, ...]:
    """The kinds of value that `name` takes: several for mj-all and mj-class, which stand for many tags."""
    if tag in ("mj-all", "mj-class"):
        return ("string",) if (tag, name) == ("mj-class", "name") else _EVERYWHERE.get(name, ())
    if name in ("css-class", "mj-class") and tag in DRAWN:
        return ("string",)
    kind = ATTRIBUTES.get(tag, {}).get(name)
    return (kind,) if kind else ()


def _unknown(tag: str, name: str) -> tuple[str, str]:
    known = [*ATTRIBUTES.get(tag, {}), *(("css-class", "mj-class") if tag in DRAWN else ())]
    if tag in ("mj-all", "mj-class"):
        known = [*_EVERYWHERE, "name"]
    known = sorted(set(known) - IGNORED.get(tag, frozenset()))
    guess = did_you_mean(name, known)
    if guess or tag in ("mj-all", "mj-class"):
        return f'{tag} knows no "{name}".{guess}', ""
    return f'{tag} knows no "{name}".', "It knows: " + ", ".join(known) + "." if known else "It knows none."


_INSTEAD = {
    ("mj-table", "role"): 'Write the table yourself, in mj-text: <table role="presentation">.',
    ("mj-text", "background-color"): 'Use "container-background-color".',
    ("mj-spacer", "border"): "Use an mj-divider.",
}
