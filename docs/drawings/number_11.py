"""The pictures of number 11, of the letter, and of the first issue that `digest init` writes."""

from __future__ import annotations

import math
import random

from drawings.brushes import box, disc, fade, glow, ground, group, line, oval, shape, stars, swell, through


def record() -> str:
    rays = "".join(
        line(
            f"M600 450 L{600 + far * math.cos(turn):.0f} {450 + far * math.sin(turn):.0f}",
            "#e7c98b",
            3,
            opacity=0.4,
        )
        for far, turn in ((430 + 130 * (n * 5 % 7), 0.35 + n * math.tau / 14) for n in range(14))
    )
    grooves = "".join(
        disc(600, 450, r, "none", stroke="#8a5a1c", stroke_width=2, opacity=0.45) for r in range(132, 318, 15)
    )
    shine = "".join(
        shape(
            f"M600 450 L{600 + 322 * math.cos(a):.0f} {450 + 322 * math.sin(a):.0f} A322 322 0 0 1 "
            f"{600 + 322 * math.cos(a + w):.0f} {450 + 322 * math.sin(a + w):.0f}Z",
            "#fff3c9",
            opacity=0.16,
        )
        for a, w in ((-2.5, 0.5), (-2.36, 0.22), (0.64, 0.5), (0.78, 0.22))
    )
    return "".join(
        [
            ground("#141b34", "#2a2f56", "#553f66", angle=60),
            stars(80, 1977, 1200, 900),
            rays,
            glow("halo", "#f3c977", 0.5) + disc(600, 450, 470, "url(#halo)"),
            fade("gold", "#f8dc8f", "#dba845", "#b97c2a", angle=50) + disc(600, 450, 326, "url(#gold)"),
            grooves,
            shine,
            disc(600, 450, 112, "#f1d79a"),
            disc(600, 450, 112, "none", stroke="#8a5a1c", stroke_width=4),
            line("M536 424 H664 M520 450 H560 M640 450 H680 M536 476 H664", "#8a5a1c", 7, opacity=0.8),
            disc(600, 450, 18, "#1d2342"),
            disc(190, 720, 26, "#8fc6d6"),
            disc(182, 712, 26, "#1a2140", opacity=0.35),
        ]
    )


def summer() -> str:
    far = [
        (0, 560),
        (120, 470),
        (220, 520),
        (360, 400),
        (470, 500),
        (600, 430),
        (760, 530),
        (900, 420),
        (1040, 500),
    ]
    near = [
        (0, 610),
        (160, 540),
        (300, 600),
        (420, 560),
        (560, 612),
        (700, 590),
        (860, 500),
        (1010, 560),
        (1200, 480),
    ]
    glints = "".join(
        line(f"M{560 - w} {y} H{560 + w}", "#ffd79a", 9, opacity=o)
        for y, w, o in ((668, 96, 0.75), (702, 60, 0.6), (738, 84, 0.5), (778, 46, 0.4), (822, 70, 0.3))
    )
    return "".join(
        [
            ground("#4a2440", "#9c3b42", "#dd7440", "#f2b65e", "#f2b65e", "#b9584a"),
            *(
                oval(x, y, long, long / 22, c, opacity=0.32)
                for x, y, long, c in (
                    (260, 120, 420, "#2f1a3a"),
                    (930, 190, 380, "#2f1a3a"),
                    (180, 260, 300, "#6b2440"),
                    (1000, 330, 330, "#8f3040"),
                    (330, 420, 260, "#fbe0a0"),
                    (900, 460, 300, "#fbe0a0"),
                )
            ),
            glow("dim", "#ffe3a4", 0.7) + disc(560, 330, 260, "url(#dim)"),
            disc(560, 330, 92, "#ffe9bd"),
            shape(through([*far, (1200, 440), (1200, 700), (0, 700)], close=True), "#7c3a54"),
            shape(through([*near, (1200, 700), (0, 700)], close=True), "#4f2a4a"),
            fade("lake", "#a5484c", "#4a2440") + box(0, 636, 1200, 264, "url(#lake)"),
            glints,
            shape("M760 900 C800 760 930 690 1200 668 V900Z", "#2b1730"),
            shape("M938 706 V604 L1030 548 L1122 604 V690Z", "#2b1730"),
            box(974, 624, 26, 42, "#ffcf7d"),
            box(1056, 624, 26, 42, "#ffcf7d"),
            line("M60 900 C70 800 50 720 66 600 M66 700 L120 640 M64 760 L16 690", "#2b1730", 16),
        ]
    )


def bottles() -> str:
    dice = random.Random(1879)
    seeds = "".join(
        disc(dice.uniform(-34, 34), dice.uniform(-80, 66), 5, dice.choice(("#4a3324", "#7b3f2a", "#2f2620")))
        for _ in range(34)
    )
    glass = "M-50 -120 Q-50 -136 -34 -136 H34 Q50 -136 50 -120 V66 Q48 92 22 104 V150 H-22 V104 Q-48 92 -50 66Z"
    bottle = [
        shape(glass, "#e8d3a4"),
        seeds,
        shape(glass, "#bfe0d4", opacity=0.35, stroke="#f4fbf2", stroke_width=7),
        line("M-32 -108 V40", "#ffffff", 8, opacity=0.7),
    ]
    places = [(180, 640, 160), (430, 690, 172), (690, 650, 163), (960, 700, 168)]
    leaf = "M0 0 C40 -50 110 -60 150 -34 C110 2 50 16 0 0Z"
    return "".join(
        [
            ground("#1f2f52", "#3f5b78", "#7d9a94", "#7d9a94"),
            stars(50, 21, 1200, 300),
            shape("M250 82 A70 70 0 1 0 300 178 A60 60 0 0 1 250 82Z", "#f6e6bd"),
            shape(swell(408, 10, 160, 1.2), "#5d7a4a"),
            shape(swell(444, 12, 140, 2.4), "#6b4630"),
            shape(swell(560, 18, 180, 0.3), "#59382a"),
            shape(swell(800, 16, 150, 3.3), "#432a24"),
            *(
                disc(dice.uniform(0, 1200), dice.uniform(470, 890), dice.uniform(4, 13), "#8a6248", opacity=0.6)
                for _ in range(46)
            ),
            *(group(bottle, f"translate({x} {y}) rotate({turn - 150}) scale(1.06)") for x, y, turn in places),
            line("M770 414 C766 320 782 220 776 120", "#89a860", 12),
            *(
                group([shape(leaf, "#89a860")], f"translate(772 {y}) scale({s} 1)")
                for y, s in ((404, 1), (404, -1), (330, 0.7), (316, -0.7))
            ),
            *(
                disc(776 + dx, y, 24, "#f3cc5a") + disc(776 + dx, y, 9, "#a2543a")
                for y, dx in ((262, 26), (236, -24), (198, 24), (172, -20), (136, 14), (112, -4))
            ),
        ]
    )


def gauge() -> str:
    dice = random.Random(4)
    glints = (
        (60, 470, 170),
        (300, 488, 90),
        (130, 516, 240),
        (470, 508, 130),
        (960, 478, 150),
        (1010, 520, 110),
    )
    return "".join(
        [
            ground("#213f52", "#4f8685", "#a9b99b", "#e6d6b0", angle=76, width=1160, height=640),
            shape(swell(372, 34, 210, 0.4, 1160, 640), "#7fa394", opacity=0.8),
            shape(swell(418, 22, 170, 2.3, 1160, 640), "#5d8880"),
            fade("water", "#cfd5b8", "#6c9a94") + box(0, 446, 1160, 110, "url(#water)"),
            *(line(f"M{x} {y} h{w}", "#f3ecd0", 4, opacity=0.55) for x, y, w in glints),
            _lock_island(),
            shape(swell(556, 10, 150, 1.0, 1160, 640), "#38604f"),
            *(_raindrop(dice) for _ in range(150)),
            _copper_can(),
            *(_blade_of_grass(dice) for _ in range(130)),
        ]
    )


def _lock_island() -> str:
    return "".join(
        [
            shape("M0 456 Q150 418 330 430 T700 456 Q600 466 420 464 H0Z", "#4a7468"),
            shape("M196 440 V372 H340 V440Z", "#e9dcc0"),
            shape("M182 376 L222 322 H314 L354 376Z", "#5a3a3c"),
            shape("M238 330 V296 H262 V330Z", "#7b4a40"),
            shape("M220 390 H246 V416 H220Z M290 390 H316 V416 H290Z", "#f4bf66"),
            shape("M258 440 V396 H280 V440Z", "#3f5a57"),
            line("M400 440 V330 M400 400 L432 366 M400 376 L374 346", "#2f4c4a", 8),
            disc(400, 318, 46, "#3f6a5c") + disc(440, 346, 32, "#3f6a5c") + disc(366, 340, 34, "#3f6a5c"),
            shape("M470 446 V404 H482 V446Z M560 448 V404 H572 V448Z M440 398 H580 V412 H440Z", "#3a4f4c"),
        ]
    )


def _copper_can() -> str:
    """A gauge with a window cut into it, so that one sees where the rain goes."""
    bottle = "M788 352 H820 V388 Q862 404 862 442 V574 H746 V442 Q746 404 788 388Z"
    return "".join(
        [
            fade("copper", "#8c4423", "#d98a54", "#f0b07c", "#c8733f", "#8f4623", "#6f3319", angle=0),
            shape("M690 128 H918 L906 190 V604 H702 V190Z", "url(#copper)"),
            line("M702 196 H906 M702 262 H906", "#7b3b1f", 5, opacity=0.6),
            oval(804, 128, 114, 26, "#f3bd8d"),
            oval(804, 130, 104, 21, "#6f3319"),
            box(726, 300, 156, 290, "#2c3f42", rx=18),
            shape("M742 300 H866 L816 340 V362 H792 V340Z", "#b5622f"),
            line("M804 366 V446", "#9fd3d4", 6, stroke_dasharray="7 14"),
            shape(bottle, "#dfeee6", opacity=0.28),
            shape("M746 470 H862 V574 H746Z", "#4c9fb0"),
            oval(804, 470, 58, 10, "#8fd0d2"),
            line(bottle, "#f4fbf2", 5),
            *(line(f"M836 {y} h18", "#f4fbf2", 3) for y in range(430, 570, 28)),
            box(726, 300, 156, 290, "none", rx=18, stroke="#7b3b1f", stroke_width=7),
            box(692, 594, 224, 16, "#6f3319", rx=6),
        ]
    )


def _raindrop(dice: random.Random) -> str:
    x, y, long = dice.uniform(0, 1260), dice.uniform(-60, 520), dice.uniform(26, 64)
    path = f"M{x:.0f} {y:.0f} l{-0.2 * long:.0f} {long:.0f}"
    return line(path, "#f4efdd", dice.choice((2, 2.5, 3.5)), opacity=round(dice.uniform(0.2, 0.6), 2))


def _blade_of_grass(dice: random.Random) -> str:
    x, bend, lean, tall = (dice.uniform(*span) for span in ((0, 1160), (-10, 10), (-24, 24), (46, 96)))
    colour = dice.choice(("#24443c", "#31584a", "#3f6a54"))
    return line(f"M{x:.0f} 640 q{bend:.0f} -40 {lean:.0f} {-tall:.0f}", colour, 5)


def welcome() -> str:
    turns = [math.pi + (n + 0.25) * math.pi / 12 for n in range(12)]
    rays = (
        through([(600, 470), *((600 + 900 * math.cos(a), 470 + 900 * math.sin(a)) for a in (t, t + 0.13))], True)
        for t in turns
    )
    flap = "M230 470 L560 680 Q600 704 640 680 L970 470 V790 Q970 810 950 810 H250 Q230 810 230 790Z"
    fold = "M230 796 L520 648 L560 680 Q600 704 640 680 L680 648 L970 796 Q966 810 950 810 H250 Z"
    rows = ((300, "#4f8685", 240), (404, "#c98a5a", 270), (508, "#8f5560", 200))
    return "".join(
        [
            box(0, 0, 1200, 900, "#f3d9a6"),
            *(shape(ray, "#f0c88a") for ray in rays),
            disc(600, 470, 330, "#eba95f"),
            box(0, 690, 1200, 210, "#2f5a5e"),
            shape("M230 470 L600 190 L970 470 V790 H230Z", "#8a3520"),
            box(350, 130, 500, 600, "#fdf6e6", rx=10),
            box(350, 130, 500, 14, "#b3472c", rx=5),
            box(396, 184, 250, 34, "#3b3433", rx=4),
            box(396, 236, 160, 12, "#b3a58c", rx=4),
            *(box(396, y, 112, 80, picture, rx=6) for y, picture, _ in rows),
            *(box(532, y + 6, wide, 20, "#3b3433", rx=4) for y, _, wide in rows),
            *(box(532, y + 38 + 22 * n, 280 - 60 * n, 10, "#cbbda4", rx=4) for y, _, _ in rows for n in (0, 1)),
            shape(flap, "#c4512f"),
            shape(fold, "#b04425"),
        ]
    )
