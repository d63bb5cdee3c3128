"""Colours as "#rrggbb": what reads on what, the nearest one that does, and a dark palette out of a light one.

Contrast is WCAG 2.2's (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); shades are made in OKLab
(https://bottosson.github.io/posts/oklab/), where a step in lightness looks like one in every hue.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: WCAG 2.2, success criterion 1.4.3, for text under 24 pixels: https://www.w3.org/TR/WCAG22/#contrast-minimum
READS = 4.5
#: What an accent on dark grounds is lightened to. More than READS, because it writes 12-pixel labels, and
#: light letters on dark look thinner than they are.
READS_WELL = 6.0

#: Foreground and ground of every text a theme sets, by the names of a palette.
PAIRS: tuple[tuple[str, str], ...] = (
    ("ink", "paper"),
    ("ink", "tint"),
    ("soft", "paper"),
    ("soft", "ground"),
    ("soft", "tint"),
    ("accent", "paper"),
    ("accent", "tint"),
)

DARK_PAPER = "#1b1d21"
DARK_INK = "#ece8e1"

#: The sixteen of HTML 4; enough for who types a word where a number is meant.
_NAMED = {
    "black": "#000000",
    "silver": "#c0c0c0",
    "gray": "#808080",
    "grey": "#808080",
    "white": "#ffffff",
    "maroon": "#800000",
    "red": "#ff0000",
    "purple": "#800080",
    "fuchsia": "#ff00ff",
    "green": "#008000",
    "lime": "#00ff00",
    "olive": "#808000",
    "yellow": "#ffff00",
    "navy": "#000080",
    "blue": "#0000ff",
    "teal": "#008080",
    "aqua": "#00ffff",
}
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Failing:
    """Text of one colour of a palette that does not read on another."""

    foreground: str
    ground: str
    ratio: float
    #: The nearest colour that reads there, and, where one can, on every other ground of this foreground.
    proposal: str


def parse(text: str) -> str | None:
    """A colour written `#rgb`, `#rrggbb` or by one of HTML's sixteen names, as "#rrggbb"; None for all else.

    Transparent ones (`#rrggbbaa`, `rgba()`) are none here: mail clients disagree on what shines through.
    """
    word = text.strip().casefold()
    if word in _NAMED:
        return _NAMED[word]
    if not _HEX.fullmatch(word):
        return None
    return word if len(word) == 7 else "#" + "".join(digit * 2 for digit in word[1:])


def luminance(colour: str) -> float:
    """Relative luminance, 0 for black, 1 for white."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, ground: str) -> float:
    """From 1, invisible, to 21, black on white. Never rounded: 4.499 fails."""
    darker, lighter = sorted((luminance(colour), luminance(ground)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(first: str, second: str, amount: float) -> str:
    """`first` with `amount` (0 to 1) of `second` laid over it, as a browser lays a translucent colour."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return _hex(tuple(one + (other - one) * amount for one, other in pairs))


def nearest_passing(colour: str, grounds: str | Sequence[str], ratio: float = READS) -> str:
    """`colour`, or the lightness of it nearest by that reads on `grounds`, one or all of several.

    Hue is kept. Where no lightness will do (a high ratio on mid grey, grounds of every kind), the better of
    black and white.
    """
    grounds = (grounds,) if isinstance(grounds, str) else grounds
    if _reads(colour, grounds, ratio):
        return colour
    shades = [shade for end in (0.0, 1.0) if (shade := _towards(colour, end, grounds, ratio))]
    lightness, a, b = _oklab(colour)
    if not shades and len(grounds) > 1:
        # Between a dark and a light ground there may be a grey that reads on both.
        between = (_shade(step / 128, a, b) for step in range(1, 128))
        shades = [shade for shade in between if _reads(shade, grounds, ratio)]
    return min(
        shades,
        key=lambda shade: abs(_oklab(shade)[0] - lightness),
        default=max("#000000", "#ffffff", key=lambda end: min(contrast(end, ground) for ground in grounds)),
    )


def lighten_until(colour: str, grounds: str | Sequence[str], ratio: float = READS) -> str:
    """`colour`, lightened as little as lets it read on `grounds`; white where nothing else does."""
    grounds = (grounds,) if isinstance(grounds, str) else grounds
    if _reads(colour, grounds, ratio):
        return colour
    return _towards(colour, 1.0, grounds, ratio) or "#ffffff"


def derive_dark(palette: Mapping[str, str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """A dark palette with every name of the light one, and ink, paper, ground, accent, soft, rule and tint.

    What is `given` stands as it is, and the rest is made to read on it. With nothing given everything in
    PAIRS reads, whatever the light palette holds. A name not known here is taken for a text where it can be
    told from the light paper, else for a ground.
    """
    given = given or {}
    paper = given.get("paper", DARK_PAPER)
    ground = given.get("ground", mix(paper, "#000000", 0.3))
    accent = palette.get("accent", DARK_INK)
    # Seven parts of a hundred: enough to see a box by, little enough that grey still reads on it.
    tint = given.get("tint", mix(paper, nearest_passing(accent, paper, READS_WELL), 0.07))
    grounds = (paper, ground, tint)
    ink = given.get("ink", nearest_passing(DARK_INK, grounds))
    dark = {
        "ink": ink,
        "paper": paper,
        "ground": ground,
        "accent": nearest_passing(accent, (paper, tint), READS_WELL),
        "soft": nearest_passing(mix(paper, ink, 0.64), grounds),
        "rule": mix(paper, ink, 0.12),
        "tint": tint,
    }
    for name in [name for name in palette if name not in dark]:
        text = contrast(palette[name], palette.get("paper", "#ffffff")) >= 3
        dark[name] = nearest_passing(palette[name], grounds) if text else mix(paper, palette[name], 0.07)
    return {name: given.get(name, colour) for name, colour in dark.items()}


def check_pairs(
    palette: Mapping[str, str], pairs: Iterable[tuple[str, str]] = PAIRS, *, ratio: float = READS
) -> list[Failing]:
    """Pairs of the palette that do not read, each with a proposal; names it lacks are passed over."""
    there = [(front, back) for front, back in pairs if front in palette and back in palette]
    failing = []
    for front, back in there:
        colour, ground = palette[front], palette[back]
        reached = contrast(colour, ground)
        if reached >= ratio:
            continue
        others = [palette[name] for each, name in there if each == front]
        proposal = nearest_passing(colour, others, ratio)
        if not _reads(proposal, others, ratio):
            proposal = nearest_passing(colour, ground, ratio)
        failing.append(Failing(front, back, reached, proposal))
    return failing


def inverted(colour: str, *, floor: str = "#000000") -> str:
    """The colour after a client that forces dark mode on a mail: light becomes dark, hue stays.

    CIE lightness is mirrored, and no darker than `floor`. Outlook.com's is "#333333", as in
    https://github.com/microsoft/roosterjs (packages/roosterjs-color-utils/lib/utils/getDarkColor.ts).
    Gmail does not publish its own; with black for a floor this comes near what its iOS app shows.
    """
    lightness, a, b = _cielab(colour)
    low = _cielab(floor)[0]
    return _from_cielab((low + (100 - lightness) * (100 - low) / 100, a, b))


def _reads(colour: str, grounds: Sequence[str], ratio: float) -> bool:
    return all(contrast(colour, ground) >= ratio for ground in grounds)


def _towards(colour: str, end: float, grounds: Sequence[str], ratio: float) -> str | None:
    """The first shade that reads on the way to black (0) or white (1); None when the end does not.

    Grounds of one side are met for good once met, so halving finds the place; among grounds of both sides it
    finds one place that holds, which is all that is promised.
    """
    lightness, a, b = _oklab(colour)
    if not _reads(_shade(end, a, b), grounds, ratio):
        return None
    failing, reading = lightness, end
    for _ in range(14):
        middle = (failing + reading) / 2
        if _reads(_shade(middle, a, b), grounds, ratio):
            reading = middle
        else:
            failing = middle
    return _shade(reading, a, b)


def _shade(lightness: float, a: float, b: float) -> str:
    """The colour of that OKLab lightness and hue, with as much of its chroma as a screen can show."""
    whole, none = 1.0, 0.0
    if _shown(_linear_from_oklab((lightness, a, b))):
        return _hex_from_linear(_linear_from_oklab((lightness, a, b)))
    for _ in range(12):
        middle = (whole + none) / 2
        if _shown(_linear_from_oklab((lightness, a * middle, b * middle))):
            none = middle
        else:
            whole = middle
    return _hex_from_linear(_linear_from_oklab((lightness, a * none, b * none)))


def _shown(linear: Triple) -> bool:
    return all(-1e-6 <= channel <= 1 + 1e-6 for channel in linear)


def _channels(colour: str) -> Triple:
    """Red, green and blue from 0 to 1, of anything that `parse` reads."""
    known = parse(colour)
    if known is None:
        raise ValueError(f"{colour!r} is no colour")
    return int(known[1:3], 16) / 255, int(known[3:5], 16) / 255, int(known[5:7], 16) / 255


def _hex(channels: Iterable[float]) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, channel)) * 255):02x}" for channel in channels)


def _linear(channel: float) -> float:
    """sRGB's curve taken off. WCAG 2.x prints 0.03928 for 0.04045; no 8-bit value lies between the two."""
    return channel / 12.92 if channel <= 0.04045 else math.pow((channel + 0.055) / 1.055, 2.4)


def _hex_from_linear(linear: Triple) -> str:
    return _hex(
        channel * 12.92 if channel <= 0.0031308 else 1.055 * math.pow(channel, 1 / 2.4) - 0.055 for channel in linear
    )


def _times(matrix: Sequence[Triple], triple: Triple) -> Triple:
    first, second, third = (sum(each * other for each, other in zip(row, triple, strict=True)) for row in matrix)
    return first, second, third


_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_LAB_OF_LMS = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_LMS_OF_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_RGB_OF_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


def _oklab(colour: str) -> Triple:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    long, medium, short = (math.cbrt(each) for each in _times(_LMS, (red, green, blue)))
    return _times(_LAB_OF_LMS, (long, medium, short))


def _linear_from_oklab(lab: Triple) -> Triple:
    long, medium, short = (each**3 for each in _times(_LMS_OF_LAB, lab))
    return _times(_RGB_OF_LMS, (long, medium, short))


#: sRGB to CIE XYZ and back, each row divided by D65's white, so that white is (1, 1, 1): IEC 61966-2-1.
_XYZ = (
    (0.4338873456, 0.3762240091, 0.1898886453),
    (0.2126390059, 0.7151686788, 0.0721923154),
    (0.0177500401, 0.1094476209, 0.8728023391),
)
_RGB_OF_XYZ = (
    (3.0803990907, -1.5373831776, -0.5430159131),
    (-0.9212233589, 1.8759675015, 0.0452558574),
    (0.0528739390, -0.2039769589, 1.1511030199),
)


def _cielab(colour: str) -> Triple:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    x, y, z = (
        math.cbrt(each) if each > (6 / 29) ** 3 else each * (29 / 6) ** 2 / 3 + 4 / 29
        for each in _times(_XYZ, (red, green, blue))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _from_cielab(lab: Triple) -> str:
    y = (lab[0] + 16) / 116
    x, y, z = (
        each**3 if each > 6 / 29 else (each - 4 / 29) * 3 * (6 / 29) ** 2
        for each in (y + lab[1] / 500, y, y - lab[2] / 200)
    )
    return _hex_from_linear(_times(_RGB_OF_XYZ, (x, y, z)))
