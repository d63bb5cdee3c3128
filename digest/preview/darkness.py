"""A mail in light, in its own dark, and in the dark that some mail programs force on it.

Its own dark is what it says in `@media (prefers-color-scheme: dark)`: Apple Mail, Thunderbird and others follow it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from digest.preview.tags import attributes, rewritten, tags, with_value
from digest.render import colours

#: What Outlook.com paints behind a mail, and no colour of a forced dark is darker.
_GROUND = "#333333"

#: Comments and texts of CSS, which are passed over, or what is looked for.
_PASSED_OVER = r"/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_MEDIA = re.compile(rf"{_PASSED_OVER}|(?P<media>@media\b[^{{;]*)", re.DOTALL | re.IGNORECASE)
_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*(?::\s*(?P<scheme>light|dark)\s*)?\)", re.IGNORECASE)
_ALWAYS, _NEVER = "(min-width:0px)", "(max-width:0px)"

_SCHEMES = ("color-scheme", "supported-color-schemes")
_PAINTED = ("bgcolor", "color", "text", "link", "vlink", "alink")


def in_scheme(html: str, scheme: str) -> str:
    """`html` as a mail program shows it whose reader prefers `scheme`, "light" or "dark"."""
    changes: list[tuple[int, int, str]] = []
    declared = False
    for tag in tags(html):
        if tag.closes or tag.name not in {"style", "meta", "source", "link"}:
            continue
        if tag.name == "style":
            css = html[tag.end : tag.text_end]
            # `color-scheme: light dark`, or a rule for those who prefer the dark.
            declared = declared or re.search(r"color-scheme\s*:[^;}]*dark", css) is not None
            changes.append((tag.end, tag.text_end, _css_in_scheme(css, scheme)))
        given = {each.name: each for each in attributes(html, tag)}
        name, content, media = given.get("name"), given.get("content"), given.get("media")
        if tag.name == "meta" and name and content and (name.value or "").lower() in _SCHEMES:
            declared = declared or "dark" in (content.value or "")
            changes.append(with_value(content, scheme))
        elif tag.name != "meta" and media and "prefers-color-scheme" in (media.value or ""):
            changes.append(with_value(media, _query(media.value or "", scheme)))
    # A mail that knows nothing of the dark is shown light in it, on the white of its reader's program.
    wanted = scheme if declared else "light"
    changes.append((*(2 * (_head_end(html),)), f"<style>:root{{color-scheme:{wanted}!important}}</style>"))
    return rewritten(html, changes)


def inverted(html: str) -> str:
    """`html` as a mail program shows it that makes every mail dark: light rules, each colour's lightness mirrored.

    Outlook.com's way is known: it takes every colour and ground, of attributes, of inline and of embedded styles,
    mirrors its CIE lightness between white and #333333 and writes the result back
    (https://www.hteumeuleu.com/2019/dealing-with-outlook-com-s-dark-mode/ for where,
    roosterjs' `getDarkColor` for how). Gmail publishes nothing; its iOS app was seen to turn dark on light into
    light on dark and the other way round just so (https://hteumeuleu.medium.com/fixing-gmails-dark-mode-issues-
    with-css-blend-modes-1b26174fcfd9), its Android app to leave dark grounds as they are. Pictures stay. Outlook.com's
    own hooks for themes (`[data-ogsc]`) do not match here, for Gmail has none: this is the harder of the two.
    """
    html = in_scheme(html, "light")
    changes: list[tuple[int, int, str]] = []
    for tag in tags(html):
        if tag.closes:
            continue
        if tag.name == "style":
            changes.append((tag.end, tag.text_end, _css_inverted(html[tag.end : tag.text_end])))
        for each in attributes(html, tag):
            if each.value and each.name == "style":
                changes.append(with_value(each, _css_inverted(each.value)))
            elif each.value and each.name in _PAINTED:
                changes.append(with_value(each, _one_inverted(each.value)))
    first = f"<style>html{{background:{_GROUND};color:{_dark('#000000')}}}a{{color:{_dark('#0000ee')}}}</style>"
    changes.append((*(2 * (_head_start(html),)), first))
    return rewritten(html, changes)


def _head_end(html: str) -> int:
    """Where a style can be put that wins over those before it."""
    return next((tag.start for tag in tags(html) if tag.name == "head" and tag.closes), _head_start(html))


def _head_start(html: str) -> int:
    found = next((tag.end for tag in tags(html) if tag.name == "head" and not tag.closes), None)
    return found if found is not None else next((tag.end for tag in tags(html) if tag.name == "html"), 0)


def _css_in_scheme(css: str, scheme: str) -> str:
    return _MEDIA.sub(lambda found: _query(found["media"], scheme) if found["media"] else found[0], css)


def _query(query: str, scheme: str) -> str:
    """A media query that no longer asks what its reader prefers."""
    return _PREFERS.sub(lambda found: _ALWAYS if (found["scheme"] or scheme).lower() == scheme else _NEVER, query)


# --- colours


#: What may hold a colour. A picture among the values of `background` stays.
_DECLARATION = re.compile(
    rf"{_PASSED_OVER}|(?<![\w-])(?P<property>color|background|background-color|background-image|border(?:-[a-z-]+)?"
    r"|outline(?:-color)?|text-decoration(?:-color)?|text-emphasis-color|box-shadow|text-shadow|fill|stroke"
    r"|column-rule(?:-color)?|caret-color|accent-color|--[\w-]+|-webkit-text-fill-color)(?P<colon>\s*:)"
    r"(?P<value>(?:[^;{}\"'(]|\((?:[^()\"']|\"[^\"]*\"|'[^']*'|\([^()]*\))*\)|\"[^\"]*\"|'[^']*')*)",
    re.DOTALL | re.IGNORECASE,
)
_COLOUR = re.compile(
    r"url\([^)]*\)|(?<![\w#&-])(?:#[0-9a-f]{3,8}\b|(?:rgb|hsl)a?\([^()]*\)|[a-z]{3,20}(?![\w(-]))", re.IGNORECASE
)


def _css_inverted(css: str) -> str:
    def turned(found: re.Match[str]) -> str:
        if not found["property"]:
            return found[0]
        return found["property"] + found["colon"] + _COLOUR.sub(lambda each: _one_inverted(each[0]), found["value"])

    return _DECLARATION.sub(turned, css)


@lru_cache(maxsize=2000)
def _one_inverted(text: str) -> str:
    """A colour mirrored, how much shines through it kept; anything else as it is."""
    read = _read(text)
    if read is None:
        return text
    colour, alpha = read
    dark = _dark(colour)
    if alpha >= 1:
        return dark
    red, green, blue = (int(dark[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


@lru_cache(maxsize=2000)
def _dark(colour: str) -> str:
    return colours.inverted(colour, floor=_GROUND)


def _read(text: str) -> tuple[str, float] | None:
    """A CSS colour as "#rrggbb", and how much of what lies behind it covers."""
    word = text.strip().lower()
    if word.startswith("#") and len(word) in (5, 9):
        digits = word[1:] if len(word) == 9 else "".join(digit * 2 for digit in word[1:])
        return f"#{digits[:6]}", int(digits[6:], 16) / 255
    if word.startswith(("rgb", "hsl")):
        return _function(word)
    if not re.fullmatch(r"#[0-9a-f]{3}|#[0-9a-f]{6}|[a-z]{3,20}", word):
        return None
    named = colours.parse(word)
    return (named, 1.0) if named else None


def _function(word: str) -> tuple[str, float] | None:
    """`rgb()` and `hsl()` in both their spellings."""
    import colorsys

    name, _, inside = word.partition("(")
    values = re.split(r"[\s,/]+", inside.rstrip(") ").strip())
    if not 3 <= len(values) <= 4 or not all(re.fullmatch(r"[+-]?[\d.]+(?:%|deg)?", value) for value in values):
        return None
    try:
        numbers = [float(value.rstrip("%deg")) for value in values]
    except ValueError:
        return None
    alpha = 1.0
    if len(numbers) == 4:
        alpha = min(1.0, max(0.0, numbers[3] / 100 if values[3].endswith("%") else numbers[3]))
    if name.startswith("rgb"):
        channels = [
            number * 2.55 if value.endswith("%") else number for number, value in zip(numbers, values, strict=True)
        ]
    else:
        hue, saturation, lightness = numbers[0] % 360 / 360, numbers[1] / 100, numbers[2] / 100
        channels = [255 * channel for channel in colorsys.hls_to_rgb(hue, lightness, saturation)]
    red, green, blue = (min(255, max(0, round(channel))) for channel in channels[:3])
    return f"#{red:02x}{green:02x}{blue:02x}", alpha
