"""A small box of brushes: functions that write SVG."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

Point = tuple[float, float]


def el(name: str, inside: str = "", /, **attributes: object) -> str:
    """An element; `stroke_width=2` becomes `stroke-width="2"`."""
    written = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f"<{name}{written}>{inside}</{name}>"


def fade(name: str, *stops: str, angle: float = 90) -> str:
    """A gradient: stops at equal steps, each "#rrggbb" or "#rrggbb opacity"; 90 degrees is downwards."""
    dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    marks = ""
    for step, stop in enumerate(stops):
        colour, _, opacity = stop.partition(" ")
        marks += el("stop", offset=step / (len(stops) - 1), stop_color=colour, stop_opacity=opacity or 1)
    ends = {"x1": 0.5 - dx / 2, "y1": 0.5 - dy / 2, "x2": 0.5 + dx / 2, "y2": 0.5 + dy / 2}
    return el("linearGradient", marks, id=name, **ends)


def glow(name: str, colour: str, strength: float = 0.6) -> str:
    stops = el("stop", offset=0.2, stop_color=colour, stop_opacity=strength)
    return el("radialGradient", stops + el("stop", offset=1, stop_color=colour, stop_opacity=0), id=name)


def ground(*stops: str, angle: float = 90, width: int = 1200, height: int = 900) -> str:
    return fade("ground", *stops, angle=angle) + el("rect", width=width, height=height, fill="url(#ground)")


def shape(d: str, fill: str = "none", /, **more: object) -> str:
    return el("path", d=d, fill=fill, **more)


def line(d: str, colour: str, width: float, **more: object) -> str:
    return shape(d, stroke=colour, stroke_width=width, stroke_linecap="round", **more)


def disc(x: float, y: float, r: float, fill: str, **more: object) -> str:
    return el("circle", cx=x, cy=y, r=r, fill=fill, **more)


def box(x: float, y: float, width: float, height: float, fill: str, **more: object) -> str:
    return el("rect", x=x, y=y, width=width, height=height, fill=fill, **more)


def oval(x: float, y: float, rx: float, ry: float, fill: str, **more: object) -> str:
    return el("ellipse", cx=x, cy=y, rx=rx, ry=ry, fill=fill, **more)


def group(inside: Iterable[str], transform: str = "", **more: object) -> str:
    return el("g", "".join(inside), transform=transform, **more)


def through(points: Iterable[Point], close: bool = False) -> str:
    """Path data through `points`, straight from one to the next."""
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if close else "")


def swell(y: float, rise: float, length: float, phase: float, width: int = 1200, floor: int = 900) -> str:
    """A wavy horizon with everything below it."""
    top = [
        (x, y + rise * math.sin(x / length + phase) + rise / 3 * math.sin(2.7 * x / length + 2 * phase))
        for x in range(0, width + 12, 12)
    ]
    return through([*top, (width, floor), (0, floor)], close=True)


def ring(x: float, y: float, r: float, *wobbles: tuple[int, float, float]) -> str:
    """A closed curve about a point; a wobble is (how many bulges, how deep, turned how far)."""
    turns = [step * math.tau / 180 for step in range(180)]
    radii = [r * (1 + sum(deep * math.sin(n * turn + at) for n, deep, at in wobbles)) for turn in turns]
    return through(
        [(x + 1.25 * far * math.cos(turn), y + far * math.sin(turn)) for far, turn in zip(radii, turns, strict=True)],
        close=True,
    )


def stars(count: int, seed: int, width: int, height: int, colour: str = "#fbefd6") -> str:
    dice = random.Random(seed)
    return "".join(
        disc(
            dice.uniform(0, width),
            dice.uniform(0, height),
            dice.choice((1.2, 1.6, 2.4, 3.4)),
            colour,
            opacity=o,
        )
        for o in (dice.uniform(0.25, 0.9) for _ in range(count))
    )
