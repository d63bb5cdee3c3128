"""The issue that is measured: any number of stories that never happened, each as long as a real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

#: Of a story's address; the median of links in newsletters that count their clicks is longer still.
_ADDRESS_BYTES = 90
_PER_SECTION = 10

_PUBLICATION = """\
[publication]
name = "The Slow Post"
sender_name = "The Slow Post"
sender_email = "editor@slowpost.example"
postal_address = "The Slow Post, 7 Mill Lane, Nowhere"
url = "https://slowpost.example"
language = "en"
theme = "brief"
unsubscribe_url = "https://slowpost.example/leave"
view_url = "https://slowpost.example/{slug}"
"""

_HEAD = """\
---
title: The Slow Post
number: 30
date: 2026-11-06
subject: Thirty things that took their time
preheader: Ferries, orchards and clocks, and what became of them when nobody was looking
---

Good morning. Everything below was found without hurry, and may be read in the same way.
"""

_PLACES = ("Arden", "Brook", "Corran", "Dunmore", "Elling", "Farrow", "Glasten", "Harle", "Inver", "Jarrow")

#: A title, and a blurb of 36 words.
_MATTERS = (
    (
        "The ferry at {place} gets its old timetable back",
        "After nine years of trials the harbour board of {place} has gone back to the crossing times of 1911, which "
        "turn out to follow the tide more closely than anything that was planned since with computers.",
    ),
    (
        "An orchard outside {place} remembers each winter",
        "Rings cut from forty fallen pear trees near {place} show every hard frost since the railway came, and two "
        "that no diary mentions; the village archive is now asking all families for letters from those years.",
    ),
    (
        "Why the clock of {place} runs four minutes late",
        "A retired clockmaker explains in {place} why nobody ever corrected the tower: the bakers start by it, the "
        "school rings by it, and the one attempt to mend it in 1968 lasted until the following Tuesday.",
    ),
    (
        "{place} counts its swifts again, and finds more",
        "Volunteers with folding chairs watched every roof in {place} for three evenings in June and came home with "
        "a number a third above last year, most of it under the tiles of the new library building.",
    ),
    (
        "A night shift with the bread van of {place}",
        "The van leaves {place} at two, meets one fox and no traffic, and has delivered to the same eleven farms "
        "since before the road was paved; our reporter sat beside the driver and mostly kept quiet.",
    ),
    (
        "How {place} taught itself to read the river",
        "Painted lines on the bridge at {place} tell walkers how high the water stood in each flood, and since the "
        "gauge was switched off last spring they have become the only record that anyone still keeps.",
    ),
    (
        "The choir of {place} sings to an empty hall on purpose",
        "Once a month forty people in {place} rehearse with the doors shut and nobody listening, a custom begun in a "
        "quarantine long ago, and the members say that this is the concert they would never miss.",
    ),
    (
        "Chess by post: a game from {place} enters its 30th year",
        "Two former neighbours, one of them still living in {place}, have exchanged one card a month since 1996 and "
        "are now at move one hundred and eighty; both think they stand slightly better than the other.",
    ),
    (
        "A map of {place} drawn by people who lost their way",
        "Every wrong turn reported to the tourist office of {place} last summer was drawn on one sheet, and the "
        "council has used it to move seven signposts, remove four, and leave one that everybody misreads fondly.",
    ),
    (
        "The last typewriter shop near {place} finds an heir",
        "When its owner in {place} put a card in the window asking for somebody patient, a bus driver of thirty "
        "applied with a machine he had repaired himself, and the keys changed hands on Saturday morning.",
    ),
)
_SOURCES = ("The Ledger", "Harbour News", "Field Notes", "Quarterly Almanac")


@dataclass(frozen=True, slots=True)
class Piece:
    """A story as any of the measured programs is given it."""

    title: str
    url: str
    source: str
    blurb: str
    #: The name of its picture; "" for none.
    picture: str
    alt: str


def pieces(count: int, *, pictures: bool) -> list[Piece]:
    """`count` different stories."""
    found = []
    for number in range(count):
        title, blurb = _MATTERS[number % len(_MATTERS)]
        place = _PLACES[number // len(_MATTERS) % len(_PLACES)]
        words = blurb.format(place=place)
        assert len(words.split()) == 36, (len(words.split()), words)
        url = f"https://slowpost.example/2026/11/{number:05d}/" + "the-long-way-round-" * 5
        found.append(
            Piece(
                title=title.format(place=place),
                url=url[:_ADDRESS_BYTES],
                source=_SOURCES[number % len(_SOURCES)],
                blurb=words,
                picture=f"images/{number:05d}.jpg" if pictures else "",
                alt=f"What {place} looks like from the hill on a clear day" if pictures else "",
            )
        )
    return found


def publication(folder: Path, count: int, *, pictures: bool, size: tuple[int, int] = (1280, 960)) -> Path:
    """A new publication in `folder` with one issue of `count` stories, ready for `digest build`."""
    (folder / "issues" / "images").mkdir(parents=True)
    (folder / "digest.toml").write_text(_PUBLICATION, "utf-8")
    all_pieces = pieces(count, pictures=pictures)
    (folder / "issues" / "030.md").write_text("".join(_written(all_pieces)), "utf-8")
    for number, piece in enumerate(all_pieces):
        if piece.picture:
            draw(folder / "issues" / piece.picture, number, size)
    return folder


def as_json(count: int) -> str:
    """The same stories for programs in other languages, each picture at the size in which digest shows it."""
    return json.dumps([asdict(piece) | {"width": 132, "height": 99} for piece in pieces(count, pictures=True)])


def draw(path: Path, number: int, size: tuple[int, int]) -> None:
    """A picture with about as much in it as a photograph, no two numbers alike."""
    from PIL import Image, ImageChops, ImageOps

    grain = Image.effect_noise((size[0] // 8, size[1] // 8), 60).resize(size, Image.Resampling.BICUBIC)
    slope = Image.linear_gradient("L").rotate(number * 37 % 360).resize(size)
    mixed = ImageChops.add(slope, grain, scale=2)
    ImageOps.colorize(mixed, (number * 53 % 90, 40, 60), (255, 240 - number % 60, 200)).save(path, quality=88)


def _written(all_pieces: list[Piece]) -> Iterator[str]:
    yield _HEAD
    for number, piece in enumerate(all_pieces):
        if number % _PER_SECTION == 0:
            yield f"\n## Part {number // _PER_SECTION + 1}\n"
        picture = f"![{piece.alt}]({piece.picture})\n\n" if piece.picture else ""
        yield f"\n### [{piece.title}]({piece.url})\nsource: {piece.source}\n\n{picture}{piece.blurb}\n"
