"""What reads on what, and the dark palette that a light one gives."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.colours import (
    PAIRS,
    READS,
    Failing,
    check_pairs,
    contrast,
    derive_dark,
    inverted,
    lighten_until,
    luminance,
    mix,
    nearest_passing,
    parse,
)

BRIEF = {
    "ink": "#1d1b18",
    "paper": "#ffffff",
    "ground": "#f1efea",
    "accent": "#8f3015",
    "soft": "#605b54",
    "rule": "#dedad3",
    "tint": "#faf0e8",
}
LETTER = {
    "ink": "#1d1b18",
    "paper": "#fffefa",
    "ground": "#f4f2ec",
    "accent": "#1f5a55",
    "soft": "#605b54",
    "rule": "#e2ded5",
    "tint": "#eef3f0",
}
THEMES = pytest.mark.parametrize("palette", [BRIEF, LETTER], ids=["brief", "letter"])

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
palettes = st.fixed_dictionaries(dict.fromkeys(BRIEF, colours))


def hue(colour: str) -> tuple[float, float]:
    """Hue in degrees and distance from grey, on the wheel of HSL's simplest cousin."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    across, up = red - (green + blue) / 2, math.sqrt(3) / 2 * (green - blue)
    return math.degrees(math.atan2(up, across)), math.hypot(across, up)


@pytest.mark.parametrize(
    ("written", "colour"),
    [
        ("#993311", "#993311"),
        ("#9931", None),
        ("#931", "#993311"),
        (" #FFF ", "#ffffff"),
        ("Navy", "#000080"),
        ("#12g", None),
        ("#99331180", None),
        ("rgb(1, 2, 3)", None),
        ("#１２３", None),
        ("993311", None),
        ("", None),
        ("red;background:url(x)", None),
        ("#993311\n#", None),
    ],
)
def test_a_colour_is_read_or_it_is_none(written: str, colour: str | None) -> None:
    assert parse(written) == colour


@given(st.text(max_size=12))
@settings(max_examples=100)
def test_what_is_read_once_reads_the_same_again(text: str) -> None:
    colour = parse(text)
    assert colour is None or parse(colour) == colour


def test_something_that_is_no_colour_has_no_contrast() -> None:
    with pytest.raises(ValueError, match="no colour"):
        contrast("bluish", "#ffffff")


@pytest.mark.parametrize(
    ("colour", "ground", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.478),
        ("#f00", "white", 3.998),
    ],
)
def test_contrast_is_wcags(colour: str, ground: str, ratio: float) -> None:
    assert contrast(colour, ground) == pytest.approx(ratio, abs=0.001)


@given(colours, colours)
@settings(max_examples=100)
def test_contrast_is_the_same_both_ways_and_from_1_to_21(first: str, second: str) -> None:
    assert contrast(first, second) == contrast(second, first)
    assert 1 <= contrast(first, second) <= 21.000001


def test_a_mix_lies_between_and_ends_at_its_ends() -> None:
    assert [mix("#000000", "#ff8000", amount) for amount in (0, 0.5, 1)] == ["#000000", "#804000", "#ff8000"]


@given(colours, colours, st.sampled_from([3.0, READS, 7.0]))
@settings(max_examples=100, deadline=None)
def test_the_nearest_colour_reads_or_nothing_could(colour: str, ground: str, ratio: float) -> None:
    nearest = nearest_passing(colour, ground, ratio)

    best = max(contrast("#000000", ground), contrast("#ffffff", ground))
    assert contrast(nearest, ground) >= min(ratio, best)


@given(colours, colours)
@settings(max_examples=100, deadline=None)
def test_a_colour_that_reads_stays_as_it_is(colour: str, ground: str) -> None:
    nearest = nearest_passing(colour, ground)
    assert nearest_passing(nearest, ground) == nearest
    assert nearest == colour or contrast(colour, ground) < READS


@given(colours, colours)
@settings(max_examples=100, deadline=None)
def test_the_nearest_colour_goes_hardly_further_than_it_must(colour: str, ground: str) -> None:
    """Half a step back towards the colour it came from, it would not read any more, or hardly."""
    nearest = nearest_passing(colour, ground)
    if nearest != colour:
        assert contrast(nearest, ground) < READS + 0.45


@pytest.mark.parametrize("colour", ["#ff6600", "#3399ff", "#44bb44", "#cc66cc", "#e0b000"])
def test_hue_is_kept_when_lightness_moves(colour: str) -> None:
    darker = nearest_passing(colour, "#ffffff")

    assert contrast(colour, "#ffffff") < READS <= contrast(darker, "#ffffff")
    turned = abs((hue(darker)[0] - hue(colour)[0] + 180) % 360 - 180)
    assert turned < 14
    assert hue(darker)[1] > 40


def test_grey_stays_grey() -> None:
    red, green, blue = bytes.fromhex(nearest_passing("#999999", "#ffffff")[1:])
    assert max(red, green, blue) - min(red, green, blue) <= 1


@given(colours, st.lists(colours, min_size=2, max_size=3))
@settings(max_examples=60, deadline=None)
def test_several_grounds_are_all_read_on_where_black_or_white_would_be(colour: str, grounds: list[str]) -> None:
    nearest = nearest_passing(colour, grounds)

    reached = min(contrast(nearest, ground) for ground in grounds)
    assert reached >= min(READS, *(max(contrast(end, each) for each in grounds) for end in ("#000000", "#ffffff"))) or (
        reached >= max(min(contrast(end, each) for each in grounds) for end in ("#000000", "#ffffff"))
    )


def test_a_grey_between_black_and_white_is_found() -> None:
    grey = nearest_passing("#333333", ["#000000", "#ffffff"])
    assert min(contrast(grey, "#000000"), contrast(grey, "#ffffff")) >= READS


@given(colours, st.sampled_from(["#000000", "#1b1d21", "#292425"]))
@settings(max_examples=60, deadline=None)
def test_lightening_reads_and_never_darkens(colour: str, ground: str) -> None:
    lighter = lighten_until(colour, ground)
    assert contrast(lighter, ground) >= READS
    assert luminance(lighter) >= luminance(colour)


def test_lightening_ends_at_white() -> None:
    assert lighten_until("#dddddd", "#ffffff") == "#ffffff"


@given(palettes)
@settings(max_examples=100, deadline=None)
def test_every_derived_dark_palette_reads(palette: dict[str, str]) -> None:
    dark = derive_dark(palette)
    assert check_pairs(dark) == []
    assert dark.keys() == palette.keys()


@given(palettes)
@settings(max_examples=60, deadline=None)
def test_a_derived_dark_palette_is_dark(palette: dict[str, str]) -> None:
    dark = derive_dark(palette)
    assert max(luminance(dark[name]) for name in ("paper", "ground", "tint")) < 0.05
    assert luminance(dark["ground"]) < luminance(dark["paper"])


@THEMES
def test_dark_rules_and_boxes_can_be_seen_and_do_not_shout(palette: dict[str, str]) -> None:
    dark = derive_dark(palette)
    assert all(1.05 < contrast(dark[name], dark["paper"]) < 1.6 for name in ("tint", "rule"))


def test_the_dark_palette_starts_from_the_themes_own_paper_and_ink() -> None:
    dark = derive_dark(BRIEF)
    assert (dark["paper"], dark["ink"]) == ("#1b1d21", "#ece8e1")


def test_an_accent_bright_enough_stays_as_it_is() -> None:
    assert derive_dark({**BRIEF, "accent": "#ffcc66"})["accent"] == "#ffcc66"


def test_what_the_editor_gave_stands_and_the_rest_reads_on_it() -> None:
    dark = derive_dark(BRIEF, {"paper": "#2a2a30", "rule": "#777777"})

    assert (dark["paper"], dark["rule"]) == ("#2a2a30", "#777777")
    assert check_pairs(dark) == []


def test_a_palette_with_an_accent_alone_gives_a_whole_dark_one() -> None:
    assert derive_dark({"accent": "#8f3015"}).keys() == BRIEF.keys()


def test_a_themes_further_colours_come_along() -> None:
    dark = derive_dark({**BRIEF, "link": "#003366", "box": "#eef0ff"})

    assert contrast(dark["link"], dark["paper"]) >= READS
    assert contrast(dark["ink"], dark["box"]) >= READS


@THEMES
def test_the_themes_own_colours_read(palette: dict[str, str]) -> None:
    assert check_pairs(palette) == []


def test_a_pair_that_fails_is_told_with_a_colour_that_reads_on_all_its_grounds() -> None:
    [one, two] = check_pairs({"accent": "#d9855f", "paper": "#ffffff", "tint": "#faf0e8"})

    assert one == Failing("accent", "paper", contrast("#d9855f", "#ffffff"), one.proposal)
    assert (two.ground, two.proposal) == ("tint", one.proposal)
    assert min(contrast(one.proposal, "#ffffff"), contrast(one.proposal, "#faf0e8")) >= READS


def test_a_proposal_reads_on_its_own_ground_when_no_colour_reads_on_all() -> None:
    palette = {"soft": "#808080", "paper": "#777777", "ground": "#ffffff", "tint": "#000000"}
    assert all(contrast(each.proposal, palette[each.ground]) >= READS for each in check_pairs(palette))


def test_only_the_pairs_asked_for_are_checked() -> None:
    assert check_pairs({**BRIEF, "soft": "#ffffff"}, [("ink", "paper")]) == []


@given(colours)
@settings(max_examples=60)
def test_inversion_turns_light_into_dark(colour: str) -> None:
    turned = inverted(colour)
    assert (luminance(turned) > 0.18) == (luminance(colour) < 0.18) or 0.1 < luminance(colour) < 0.3


def test_outlooks_inversion_ends_at_its_own_grey() -> None:
    assert [inverted(colour, floor="#333333") for colour in ("#ffffff", "#000000")] == ["#333333", "#ffffff"]


@THEMES
@pytest.mark.parametrize("floor", ["#000000", "#333333"], ids=["gmail", "outlook"])
def test_our_themes_survive_a_forced_inversion(palette: dict[str, str], floor: str) -> None:
    turned = {name: inverted(colour, floor=floor) for name, colour in palette.items()}
    assert check_pairs(turned, PAIRS) == []
