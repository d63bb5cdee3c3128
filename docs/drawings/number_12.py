"""The pictures of number 12."""

from __future__ import annotations

import math

from drawings.brushes import (
    box,
    disc,
    el,
    fade,
    glow,
    ground,
    group,
    line,
    oval,
    ring,
    shape,
    stars,
    swell,
    through,
)


def pencil() -> str:
    loops = [(36 * t - 62 * math.sin(t), -62 * math.cos(t) + 2.2 * t) for t in (step / 12 for step in range(196))]
    dx, dy = 402 - loops[-1][0], 662 - loops[-1][1]
    wood = "M46 -16 L236 -84 Q262 -62 240 -42 Q276 0 240 42 Q262 62 236 84 L46 16Z"
    return "".join(
        [
            ground("#4b3a63", "#a7566f", "#eeb08c", angle=68),
            disc(980, 180, 330, "#f6d3a0", opacity=0.16),
            disc(980, 180, 210, "#f6d3a0", opacity=0.16),
            line(
                through((x + dx, y + dy) for x, y in loops),
                "#fbeedb",
                9,
                stroke_linejoin="round",
                opacity=0.95,
            ),
            group(
                [shape("M0 0 L236 -84 H1500 V84 H236Z", "#2b1f3d", opacity=0.28)],
                "translate(424 706) rotate(-37)",
            ),
            group(
                [
                    box(225, -84, 1300, 46, "#f7c95a"),
                    box(225, -42, 1300, 86, "#eba62f"),
                    box(225, 42, 1300, 42, "#c27a20"),
                    shape(wood, "#f3dcb6"),
                    shape("M46 4 L240 42 Q262 62 236 84 L46 16Z", "#d9b584"),
                    shape("M0 0 L66 -23 Q56 0 66 23Z", "#2f2a35"),
                    box(420, -28, 300, 10, "#fbe6ae", rx=5, opacity=0.9),
                ],
                "translate(402 662) rotate(-37)",
            ),
        ]
    )


def pigeon() -> str:
    body = (
        "M262 486 C360 408 520 400 668 424 C704 372 778 362 812 404 L866 430 Q850 446 816 450 "
        "C800 520 700 588 560 590 C430 592 330 548 262 486Z"
    )
    near = (
        "M648 452 C600 330 520 190 366 96 Q372 138 398 166 Q352 158 326 140 Q340 200 384 232 "
        "Q340 232 306 216 Q336 292 398 318 Q362 326 332 318 Q392 440 520 500Z"
    )
    far = (
        "M640 440 C680 320 764 208 900 150 Q888 192 862 214 Q902 208 926 196 Q900 258 852 282 "
        "Q886 288 912 280 Q846 400 720 452Z"
    )
    return "".join(
        [
            ground("#2f6f7a", "#86b5a4", "#f2dcae"),
            glow("sun", "#fff1cf", 0.8),
            disc(930, 640, 320, "url(#sun)"),
            disc(930, 640, 120, "#fbe3ac"),
            line("M-20 760 C180 420 300 640 470 560", "#fdf4df", 6, stroke_dasharray="2 24", opacity=0.9),
            shape(swell(730, 44, 190, 0.6), "#5d8f87"),
            shape(swell(800, 34, 150, 2.2), "#3c6f70"),
            shape(swell(860, 18, 120, 4.0), "#285057"),
            shape(far, "#c9d6d6"),
            shape(
                "M300 474 L96 436 Q110 464 132 474 L78 498 Q110 516 142 514 L112 556 Q170 560 320 522Z",
                "#7a8ea0",
            ),
            shape(body, "#93a5b4"),
            shape(
                "M668 424 C704 372 778 362 812 404 L816 450 C806 500 760 548 690 574 Q724 500 668 424Z",
                "#5f7f86",
            ),
            shape("M700 492 Q752 500 796 482 Q782 520 742 546 Q728 512 700 492Z", "#9a6f8f", opacity=0.75),
            shape("M812 404 L866 430 Q850 446 816 450 Q806 430 812 404Z", "#e2a25c"),
            disc(778, 412, 11, "#f4e6c8"),
            disc(780, 412, 6, "#22303a"),
            shape(near, "#eef0ea"),
            shape("M648 452 C608 360 560 284 480 214 C520 330 540 420 520 500Z", "#b9c6cb"),
            line("M556 584 L540 668", "#c4683f", 12),
            group(
                [
                    box(-86, -34, 172, 68, "#fdf3dc", rx=10),
                    line("M-62 -12 H44 M-62 10 H20", "#b6a17a", 6),
                    oval(86, 0, 17, 34, "#e4cd9c"),
                    oval(86, 0, 7, 15, "#b99c66"),
                    box(-14, -36, 26, 72, "#b3472c"),
                ],
                "translate(536 690) rotate(-12)",
            ),
        ]
    )


def moth() -> str:
    fore = "M14 -74 C90 -190 250 -262 392 -238 C402 -150 364 -48 296 14 C196 26 84 4 16 -10Z"
    hind = "M14 -14 C110 6 232 16 286 36 C296 132 226 226 138 236 C76 196 30 112 12 52Z"
    half = [
        shape(hind, "#c98a78"),
        shape("M286 36 C296 132 226 226 138 236 Q124 226 112 212 C190 196 246 128 244 26Z", "#8f5560"),
        disc(150, 112, 30, "#f0cfa6"),
        disc(150, 112, 15, "#4a2f4e"),
        shape(fore, "#ead6b2"),
        shape("M392 -238 C402 -150 364 -48 296 14 Q276 16 254 16 C312 -52 346 -140 338 -242Z", "#a5735c"),
        shape("M212 -200 C206 -120 176 -40 138 12 Q118 8 100 6 C138 -52 160 -116 164 -172Z", "#c9a27c"),
        disc(258, -122, 34, "#fbf0d9"),
        disc(258, -122, 18, "#4a2f4e"),
        line("M10 -122 C34 -210 84 -262 168 -290", "#5b3b52", 7),
    ]
    calls = "".join(
        disc(
            1130,
            70,
            130 + 74 * n,
            "none",
            stroke="#8fd0c2",
            stroke_width=5,
            opacity=round(0.75 - 0.085 * n, 3),
        )
        for n in range(8)
    )
    return "".join(
        [
            ground("#1c2747", "#3d3a66", "#7b4f74"),
            stars(70, 7, 1200, 560),
            glow("moon", "#f6e3b8", 0.5),
            disc(560, 480, 470, "url(#moon)"),
            disc(560, 480, 290, "#f3ddb0"),
            disc(470, 400, 46, "#e6cb97", opacity=0.6),
            disc(690, 590, 64, "#e6cb97", opacity=0.6),
            calls,
            group(
                [
                    *half,
                    group(half, "scale(-1 1)"),
                    oval(0, 70, 34, 132, "#5b3b52"),
                    *(line(f"M{-28 + n} {44 + 34 * n} H{28 - n}", "#8a6274", 8) for n in range(4)),
                    oval(0, -40, 42, 70, "#f2e0bf"),
                    disc(0, -112, 22, "#5b3b52"),
                ],
                "translate(560 500) rotate(14)",
            ),
        ]
    )


def agloe() -> str:
    tints = ["#d9dfb8", "#c9d3a2", "#d5c88f", "#ddb67e", "#cf9a6c", "#b97e5f"]
    hills = [(290, 300, 372.0, 0.0), (960, 730, 350.0, 2.1), (1070, 80, 215.0, 4.2)]
    land = ""
    for level, tint in enumerate(tints):
        for x, y, size, at in hills:
            r = size * (1 - level / 6.4)
            wobbles = (
                (2, 0.16, at),
                (3, 0.11 - 0.008 * level, at + 0.25 * level),
                (5, 0.04, at * 2 - 0.3 * level),
            )
            land += shape(
                ring(x + 9 * level, y + 5 * level, r, *wobbles),
                tint,
                stroke="#8c6b46",
                stroke_width=3,
                stroke_opacity=0.6,
            )
    river = "M820 -20 C760 120 820 260 730 400 C660 510 560 560 480 640 C380 740 330 800 350 920"
    road, lane = (
        "M-20 720 C200 700 440 610 620 520 C800 430 980 400 1220 410",
        "M620 520 C620 660 540 780 590 920",
    )
    return "".join(
        [
            ground("#e9e6c6", "#e3e3bd"),
            land,
            line(river, "#5e9fb0", 24),
            line(river, "#8fc6cf", 14),
            line(road, "#8a3b26", 18) + line(road, "#f7e9c8", 9),
            line(lane, "#8a3b26", 10, stroke_dasharray="22 16"),
            disc(620, 520, 60, "none", stroke="#b3331f", stroke_width=8),
            disc(620, 520, 19, "#b3331f"),
            el(
                "text",
                "Agloe",
                x=700,
                y=610,
                font_family="Georgia, 'Liberation Serif', serif",
                font_size=118,
                font_style="italic",
                fill="#2c2620",
                stroke="#f3ecd0",
                stroke_width=16,
                paint_order="stroke",
            ),
        ]
    )


def pitch() -> str:
    dome = "M330 760 V380 C330 180 450 90 600 90 C750 90 870 180 870 380 V760Z"
    drop = (
        "M584 470 C586 520 590 540 588 566 C560 592 552 620 556 640 "
        "C560 676 640 676 644 640 C648 620 640 592 612 566 C610 540 614 520 616 470Z"
    )
    return "".join(
        [
            ground("#e9c9a0", "#dd9c7c", "#b9666a"),
            disc(600, 420, 420, "#f7e2bd", opacity=0.35),
            box(0, 784, 1200, 116, "#7d4144"),
            shape(dome, "#fdf3df", opacity=0.28),
            shape("M408 240 L560 420 V472 H640 V420 L792 240Z", "#fdf6e6", opacity=0.55),
            shape("M436 274 H764 L634 418 V478 H566 V418Z", "#2b2226"),
            shape("M436 274 H764 L750 290 Q600 318 450 290Z", "#4b3c40"),
            shape(drop, "#2b2226"),
            disc(580, 636, 8, "#8b7478"),
            line("M396 228 L560 420 V478 M804 228 L640 420 V478", "#fffaf0", 8, opacity=0.9),
            line("M484 330 H360 M716 330 H840", "#7b4a36", 10),
            line("M372 330 V758 M828 330 V758", "#7b4a36", 12),
            shape("M506 700 H694 V752 H506Z", "#2b2226"),
            shape("M520 700 C540 674 566 690 590 676 C620 664 660 680 682 700Z", "#2b2226"),
            line("M500 600 V756 H700 V600", "#fffaf0", 8, stroke_linejoin="round", opacity=0.9),
            line(dome[:-1], "#fff8ea", 7, opacity=0.85),
            line("M378 560 V390 C380 280 420 210 480 170", "#ffffff", 12, opacity=0.5),
            disc(600, 70, 24, "#fff3dc"),
            box(270, 756, 660, 50, "#5b2d33", rx=12),
            box(230, 800, 740, 36, "#4a242b", rx=12),
        ]
    )


def lighthouse() -> str:
    tower = "M536 300 C530 460 512 600 448 742 H752 C688 600 670 460 664 300Z"
    stones = "".join(
        line(f"M{600 - w} {y} H{600 + w}", "#9b8274", 3, opacity=0.5)
        for y, w in ((360, 66), (420, 70), (480, 75), (540, 84), (600, 96), (660, 116), (710, 136))
    )
    return "".join(
        [
            ground("#263153", "#6c5077", "#d98a7c", "#f3c894"),
            stars(60, 12, 1200, 380),
            fade("east", "#ffe9b0 0.85", "#ffe9b0 0", angle=0) + fade("west", "#ffe9b0 0", "#ffe9b0 0.85", angle=0),
            shape("M606 236 L1240 60 V330 L606 256Z", "url(#east)"),
            shape("M594 236 L-40 120 V390 L594 256Z", "url(#west)"),
            shape(swell(690, 10, 170, 1.0), "#5d5a80"),
            fade("stone", "#f6e6cd", "#e2c6a8", "#a98480", angle=0),
            shape(tower, "url(#stone)"),
            stones,
            box(582, 404, 36, 52, "#4b3a52", rx=16),
            box(582, 544, 36, 52, "#4b3a52", rx=16),
            box(512, 284, 176, 26, "#54374b", rx=6),
            line("M524 284 V252 M676 284 V252 M520 252 H680", "#54374b", 7),
            box(554, 198, 92, 88, "#ffe7a6"),
            line("M584 198 V286 M616 198 V286", "#54374b", 6),
            shape("M540 200 Q600 110 660 200Z", "#8f3b35"),
            line("M600 150 V112", "#54374b", 8),
            glow("lamp", "#fff2c4", 0.75) + disc(600, 244, 150, "url(#lamp)"),
            shape("M330 900 C350 800 400 742 470 726 L600 716 L740 730 C820 752 870 820 880 900Z", "#3a2d45"),
            shape("M470 726 L600 716 L560 790 L430 820Z", "#56425a"),
            shape(swell(790, 24, 96, 0.4), "#44507a", opacity=0.92),
            shape(swell(830, 20, 84, 2.6), "#34416a"),
            shape(swell(872, 14, 70, 4.4), "#242f54"),
            line("M404 800 q40 -44 76 -8 M690 800 q44 -46 84 -4", "#f2e3d6", 8, opacity=0.7),
        ]
    )


def forecast() -> str:
    isobars = "".join(
        line(
            ring(860, 150, 110 + 92 * n, (2, 0.12, 0.6), (3, 0.05, 0.3 * n)),
            "#f6ecd2",
            4,
            opacity=round(0.6 - 0.07 * n, 2),
        )
        for n in range(7)
    )
    ship = [
        shape("M-150 0 H160 Q140 60 96 66 H-104 Q-140 52 -150 0Z", "#3b2b30"),
        line("M-90 0 V-220 M20 0 V-260 M118 0 V-190 M150 -6 L232 -50", "#3b2b30", 9),
        shape("M-146 -36 Q-90 -58 -34 -36 L-46 -112 Q-90 -128 -134 -112Z", "#f8ecd2"),
        shape("M-130 -126 Q-90 -142 -50 -126 L-60 -196 Q-90 -206 -120 -196Z", "#f8ecd2"),
        shape("M-44 -36 Q20 -60 84 -36 L70 -128 Q20 -146 -30 -128Z", "#fff6e2"),
        shape("M-28 -142 Q20 -160 68 -142 L56 -228 Q20 -240 -16 -228Z", "#fff6e2"),
        shape("M92 -30 Q118 -40 146 -30 L138 -150 Q118 -160 98 -150Z", "#f8ecd2"),
        shape("M156 -22 L226 -52 L128 -176Z", "#ead8b6"),
        shape("M20 -262 l44 13 l-44 13Z", "#b3472c"),
    ]
    waves = [
        ("#4f8f92", 560, 40, 0.2),
        ("#3b7b84", 640, 44, 1.9),
        ("#2b6573", 720, 42, 3.1),
        ("#1f4f62", 800, 34, 5.0),
    ]
    return "".join(
        [
            ground("#33586e", "#6f9d9a", "#e6d6ac"),
            isobars,
            shape(swell(520, 26, 150, 4.1), "#78aaa1"),
            group(ship, "translate(400 560) rotate(-5) scale(1.18)"),
            *(shape(swell(y, rise, 128, phase), fill) for fill, y, rise, phase in waves),
            *(
                line(
                    through([(x, y + rise * math.sin(x / 128 + p)) for x in range(0, 1210, 10)]),
                    "#e9f0dc",
                    3,
                    opacity=0.22,
                )
                for _, y, rise, p in ((f, y + 34, r, p) for f, y, r, p in waves)
            ),
            shape(swell(866, 20, 100, 0.9), "#163c50"),
        ]
    )
