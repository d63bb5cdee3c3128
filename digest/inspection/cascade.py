"""What each element of a mail looks like once its styles are applied: colours, sizes, and whether it is seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cssselect
from lxml import etree

from digest.inspection import styles
from digest.inspection.styles import Declaration, Rule, Sheet


@dataclass(frozen=True, slots=True)
class Screen:
    """Who looks."""

    dark: bool = False
    #: CSS pixels.
    width: int = 700


LIGHT, DARK, PHONE = Screen(), Screen(dark=True), Screen(width=375)


@dataclass(frozen=True, slots=True)
class Look:
    """One element as it is seen."""

    #: "#rrggbb", what shines through mixed in.
    colour: str = "#000000"
    ground: str = "#ffffff"
    #: A picture or a gradient lies behind it, over `ground`.
    picture: bool = False
    #: That picture has no colour below it, to read a text on while it is missing.
    bare: bool = False
    #: Colour or ground is one that we cannot compute: a variable, a colour outside of sRGB, none at all.
    unsure: bool = False
    #: Pixels, of the letters and of a line.
    size: float = 16
    line: float = 19
    bold: bool = False
    underlined: bool = False
    align: str = ""
    capitals: bool = False
    right_to_left: bool = False
    hidden: bool = False

    @property
    def large(self) -> bool:
        """Large as WCAG means it: 24 pixels, or 18.66 in bold."""
        return self.size >= 24 or (self.bold and self.size >= 18.66)


Applied = Mapping[str, Declaration]
_Weighed = tuple[bool, int, tuple[int, int, int], int, Declaration]

#: What every program does before the mail's own styles: https://html.spec.whatwg.org/multipage/rendering.html
_BLOCK = "display:block"
_BY_ITSELF: Mapping[str, str] = {
    "a": "color:#0000ee;text-decoration:underline",
    "b": "font-weight:bold",
    "big": "font-size:1.2em",
    "center": "text-align:center",
    "code": "font-size:13px",
    "h1": "font-size:2em;font-weight:bold",
    "h2": "font-size:1.5em;font-weight:bold",
    "h3": "font-size:1.17em;font-weight:bold",
    "h4": "font-weight:bold",
    "h5": "font-size:.83em;font-weight:bold",
    "h6": "font-size:.67em;font-weight:bold",
    "head": "display:none",
    "ins": "text-decoration:underline",
    "mark": "background:#ffff00;color:#000000",
    "noscript": "display:none",
    "pre": "font-size:13px",
    "script": "display:none",
    "small": "font-size:.83em",
    "strong": "font-weight:bold",
    "style": "display:none",
    "sub": "font-size:.83em",
    "sup": "font-size:.83em",
    "template": "display:none",
    "th": "font-weight:bold;text-align:center",
    "title": "display:none",
    "u": "text-decoration:underline",
}
_FONT_SIZES = {"1": "10px", "2": "13px", "3": "16px", "4": "18px", "5": "24px", "6": "32px", "7": "48px"}
_NAMED_SIZES = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
}


class Cascade:
    """A document and its styles, ready to be looked at on any screen."""

    def __init__(self, root: Any, sheets: Sequence[Sheet]) -> None:
        self.root = root
        self._matched: dict[Any, list[tuple[tuple[int, int, int], int, Rule]]] = defaultdict(list)
        self._looks: dict[Screen, dict[Any, Look]] = {}
        order = 0
        for sheet in sheets:
            for rule in sheet.rules:
                for selector in rule.selectors:
                    order += 1
                    weight, found = matches(root, selector)
                    for element in found:
                        self._matched[element].append((weight, order, rule))

    def rules(self, element: Any) -> list[Rule]:
        """Every rule of a style sheet that is for the element, whatever the screen."""
        return [rule for _, _, rule in self._matched.get(element, ())]

    def applied(self, element: Any, screen: Screen = LIGHT) -> dict[str, Declaration]:
        """The declarations that win, by name; shorthands stand beside what they are short for."""
        found: list[_Weighed] = []
        for weight, order, rule in self._matched.get(element, ()):
            if all(holds(each.keyword, each.text, screen) for each in rule.conditions):
                found += [(each.important, 0, weight, order, each) for each in rule.declarations]
        if style := element.get("style"):
            found += [(each.important, 1, (0, 0, 0), 0, each) for each in styles.inline(style)]
        found.sort(key=lambda each: each[:4])
        won: dict[str, Declaration] = {}
        for *_, each in found:
            if each.name in won:
                del won[each.name]
            won[each.name] = each
        return won

    def looks(self, screen: Screen = LIGHT) -> Mapping[Any, Look]:
        """The look of every element of the body."""
        if screen not in self._looks:
            found: dict[Any, Look] = {}
            start = Look()
            if screen.dark and _wants_dark(self.root):
                start = replace(start, colour="#ffffff", ground="#1e1e1e")
            start = self._look(self.root, start, screen)
            found[self.root] = start
            below = [(child, start) for child in self.root]
            while below:
                element, parent = below.pop()
                if not isinstance(element.tag, str):
                    continue
                look = found[element] = self._look(element, parent, screen)
                below += [(child, look) for child in element]
            self._looks[screen] = found
        return self._looks[screen]

    def _look(self, element: Any, parent: Look, screen: Screen) -> Look:
        own = self.applied(element, screen)
        hinted = {each.name: each for each in styles.inline(_hints(element))}
        return _looking(parent, {**hinted, **own} if hinted else own)


def matches(root: Any, selector: str) -> tuple[tuple[int, int, int], list[Any]]:
    """Specificity of a selector and the elements it is for; none where it holds only in some state (":hover")."""
    compiled = _compiled(selector)
    if compiled is None:
        return (0, 0, 0), []
    weight, path = compiled
    return weight, [each for each in path(root) if isinstance(each.tag, str)]


@lru_cache(maxsize=2048)
def _compiled(selector: str) -> tuple[tuple[int, int, int], Any] | None:
    try:
        tree = cssselect.parse(selector)
        if len(tree) != 1 or tree[0].pseudo_element:
            return None
        path = cssselect.HTMLTranslator().selector_to_xpath(tree[0])
        a, b, c = tree[0].specificity()
        return (a, b, c), etree.XPath(path)
    except (cssselect.SelectorError, etree.XPathError):
        return None


def holds(keyword: str, text: str, screen: Screen) -> bool:
    """Whether a condition holds there; those other than @media are taken to."""
    return styles.applies(text, dark=screen.dark, width=screen.width) if keyword == "media" else True


def _wants_dark(root: Any) -> bool:
    """Whether the mail says that it may be drawn on dark by itself."""
    named = ("color-scheme", "supported-color-schemes")
    return any("dark" in (each.get("content") or "") for each in root.iter("meta") if each.get("name") in named)


def _hints(element: Any) -> str:
    """The element's own ways and its attributes, as CSS of the least weight."""
    tag = element.tag
    parts = [_BY_ITSELF.get(tag, "")]
    if tag == "a" and not element.get("href"):
        parts = []
    if ground := element.get("bgcolor"):
        parts.append(f"background-color:{ground}")
    if picture := element.get("background"):
        parts.append(f"background-image:url({picture!r})")
    if align := element.get("align") if tag not in ("img", "table") else "":
        parts.append(f"text-align:{align}")
    if direction := element.get("dir"):
        parts.append(f"direction:{direction}")
    if tag == "font":
        if ink := element.get("color"):
            parts.append(f"color:{ink}")
        parts.append(f"font-size:{_FONT_SIZES.get(element.get('size') or '', '')}")
    if element.get("hidden") is not None:
        parts.append("display:none")
    return ";".join(each for each in parts if each)


def _looking(parent: Look, own: Applied) -> Look:
    if not own:
        return parent
    size, bold, line = _letters(parent, own)
    ground, picture, bare, unsure = parent.ground, parent.picture, parent.bare, parent.unsure
    shown = [own[name] for name in own if name in ("background", "background-color", "background-image")]
    laid = None
    for each in shown:
        found = styles.ground_of(each) if each.name != "background-image" else None
        if found:
            laid = found
        elif _computed(each):
            unsure = True
    if laid:
        ground = _over(laid, parent.ground)
        covered = laid[3] == 1
        picture, bare, unsure = picture and not covered, bare and not covered, unsure and not covered
    if any(has_picture(each) for each in shown):
        picture, bare = True, not laid
    ink = styles.colour(own["color"].value) if "color" in own else None
    if "color" in own and (_computed(own["color"]) or (ink and not ink[3])):
        unsure = True
    decoration = _value(own, "text-decoration") + _value(own, "text-decoration-line")
    return Look(
        colour=_over(ink, ground) if ink else parent.colour,
        ground=ground,
        picture=picture,
        bare=bare,
        unsure=unsure,
        size=size,
        line=line,
        bold=bold,
        underlined="underline" in decoration or (parent.underlined and not decoration),
        align=_value(own, "text-align") or parent.align,
        capitals=_value(own, "text-transform") == "uppercase" if "text-transform" in own else parent.capitals,
        right_to_left=_value(own, "direction") == "rtl" if "direction" in own else parent.right_to_left,
        hidden=parent.hidden or _hides(own),
    )


def _letters(parent: Look, own: Applied) -> tuple[float, bool, float]:
    """Size, boldness and height of a line; `font` and its longhands in the order they won."""
    size, bold, ratio, line = parent.size, parent.bold, 0.0, parent.line
    for name, each in own.items():
        if name == "font":
            given = _font(each, parent)
            if given:
                size, bold, line = given
        elif name == "font-size":
            size = _size(each.value, parent.size) or size
            if "line-height" not in own and "font" not in own and parent.size:
                line = parent.line
        elif name == "font-weight":
            bold = each.value in ("bold", "bolder") or (styles.number(each.value) or 0) >= 600
    if "line-height" in own:
        value = own["line-height"].value
        ratio = styles.number(value) or 0.0
        line = ratio * size if ratio else styles.pixels(value, em=size, whole=size) or line
    return size, bold, line


def _font(declaration: Declaration, parent: Look) -> tuple[float, bool, float] | None:
    """What the shorthand says of size, weight and line."""
    bold, size, line, slash = False, 0.0, 0.0, False
    for token in declaration.tokens:
        text = styles.written(token)
        if token.type == "literal" and token.value == "/":
            slash = True
        elif slash:
            line = (styles.number(text) or 0) * size or styles.pixels(text, em=size, whole=size) or 0.0
            break
        elif size:
            break
        elif text.casefold() in ("bold", "bolder") or (styles.number(text) or 0) >= 600:
            bold = True
        else:
            size = _size(text, parent.size) or 0.0
    return (size, bold, line or size * 1.2) if size else None


def _size(text: str, whole: float) -> float | None:
    return _NAMED_SIZES.get(text.casefold()) or styles.pixels(text, em=whole, whole=whole)


def _hides(own: Applied) -> bool:
    if _value(own, "display") == "none" or _value(own, "visibility") in ("hidden", "collapse"):
        return True
    if (_value(own, "opacity") or "1").rstrip("%") in ("0", "0.0", ".0"):
        return True
    low = [name for name in ("max-height", "height") if name in own and styles.pixels(own[name].value) == 0]
    return bool(low) and _value(own, "overflow") == "hidden"


def has_picture(declaration: Declaration) -> bool:
    """Whether a background holds a picture or a gradient."""
    return bool(next(styles.urls(declaration.tokens), "")) or any(
        each.lower_name.endswith("-gradient") for each in styles.functions(declaration)
    )


def _computed(declaration: Declaration) -> bool:
    """Whether a colour is given in a way that we do not follow."""
    known = ("url", "src", "rgb", "rgba", "hsl", "hsla")
    return any(
        each.lower_name not in known and not each.lower_name.endswith("-gradient")
        for each in styles.functions(declaration)
    )


def _value(own: Applied, name: str) -> str:
    return own[name].value.casefold() if name in own else ""


def _over(colour: styles.Colour, ground: str) -> str:
    """A colour laid over a ground, as "#rrggbb"."""
    *channels, opaque = colour
    below = (int(ground[at : at + 2], 16) / 255 for at in (1, 3, 5))
    mixed: Iterable[float] = (one * opaque + two * (1 - opaque) for one, two in zip(channels, below, strict=True))
    return "#" + "".join(f"{round(each * 255):02x}" for each in mixed)
