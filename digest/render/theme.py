"""A theme: a folder of templates, and the options an editor may tune it with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, TypeVar

from digest import decode
from digest.errors import BadValue, CannotRead, DigestError, Mistakes, UnknownKey, did_you_mean
from digest.models import Publication
from digest.render import colours

#: Parts that every theme can include live here, beside the themes.
SHARED = "shared"
#: What `digest init` writes lives here.
INIT = "init"
ENTRY_POINTS = "digest.themes"

#: What the shared parts and the dark palette are made of.
_COLOURS = ("accent", "ground", "ink", "paper", "rule", "soft", "tint")
_OPTIONS = ("serif", "sans", "width")

#: Pixels between two pictures side by side, half of them on each side.
_BETWEEN = 12
#: Pixels between a picture and the words beside it.
_BESIDE = 20

T = TypeVar("T")
Kind = Literal["colour", "text", "fonts", "number", "choice", "logo"]


def own_folder() -> Path:
    """Where our themes are: beside the package in a wheel, beside the package's folder in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing an editor may tune, as theme.toml declares it."""

    about: str
    kind: Kind = "text"
    default: object = ""
    choices: tuple[str, ...] = ()
    min: int = 0
    max: int = 10_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two colours of which one must be readable on the other."""

    text: str
    ground: str
    #: WCAG 2.2, 1.4.3: 4.5 for text, 3 for what is large or no text.
    ratio: float = 4.5


@dataclass(frozen=True, slots=True)
class Layout:
    """How a section can be laid out, and the room it has for a story's picture."""

    about: str
    #: CSS pixels of the picture; 0 for a layout that shows none.
    width: int = 0
    #: With a height pictures are cut to that shape.
    height: int | None = None
    #: Percent of the column that the picture takes, however wide the paper; then `width` and `height`
    #: only tell the shape.
    share: int = 0
    #: Of the file, from left to right; more than twice `width` where a phone shows it larger.
    pixels: int | None = None


@dataclass(frozen=True)
class Theme:
    """A theme as found, before a publication tunes it."""

    name: str
    #: Searched in this order: the publication's own parts, the theme's, the shared ones.
    folders: tuple[Path, ...]
    about: str
    options: Mapping[str, Option] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    #: By name; the first is what a section has that asks for none. "text" is the room for pictures
    #: among the editor's own words, and no layout of a section.
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    #: Pixels between the paper's edge and the column, on each side.
    padding: int = 32
    #: Pixels between the edge of a sponsor's box and what is in it, on each side.
    box: int = 24
    path: Path | None = None

    @property
    def layout(self) -> str:
        return next(iter(self.layouts))

    def find(self, part: str) -> Path | None:
        """The file that stands for `part`, "parts/story.mjml" say."""
        for folder in self.folders:
            if (folder / part).is_file():
                return folder / part
        return None

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Every file a publication can put its own in place of, by its name within a theme."""
        found = {
            file.relative_to(folder).as_posix()
            for folder in self.folders
            if folder.is_dir()
            for file in folder.rglob("*")
            if file.suffix in (".mjml", ".txt", ".css") and file.is_file()
        }
        return tuple(sorted(found))


def names(publication_folder: Path | None = None) -> tuple[str, ...]:
    """Every theme that can be used: the publication's, ours, and those other packages bring."""
    found = {
        folder.name
        for root in (publication_folder, own_folder())
        if root and root.is_dir()
        for folder in root.iterdir()
        if (folder / "theme.toml").is_file()
    }
    return tuple(sorted(found | {each.name for each in entry_points(group=ENTRY_POINTS)}))


def load(name: str, publication_folder: Path | None = None) -> Theme:
    """The theme of that name. `publication_folder` holds a publication's own themes and parts.

    Another package brings a theme by an entry point of the group "digest.themes" that names a Path,
    or a function that returns one. Ours win a clash, and a publication's own folder wins over both.
    Raises a DigestError when there is none, or when its theme.toml cannot be read.
    """
    own = own_folder()
    folders = [publication_folder / name] if publication_folder else []
    if (own / name / "theme.toml").is_file():
        folders.append(own / name)
    else:
        folders += [_brought(each.load()) for each in entry_points(group=ENTRY_POINTS) if each.name == name]
    if publication_folder:
        folders.append(publication_folder / SHARED)
    folders.append(own / SHARED)
    described = next((folder / "theme.toml" for folder in folders if (folder / "theme.toml").is_file()), None)
    if described is None:
        known = names(publication_folder)
        raise DigestError(
            f'There is no theme "{name}".{did_you_mean(name, known)}',
            hint="There are: " + ", ".join(known) + ".",
        )
    return _described(name, tuple(folders), described)


def _brought(what: Any) -> Path:
    return Path(what() if callable(what) else what)


def _described(name: str, folders: tuple[Path, ...], path: Path) -> Theme:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRead(path, "the theme's description is no readable text") from error
    # A new Theme each time: the files in its folders may not be the same.
    return replace(_parsed(name, folders, path, text))


@lru_cache(maxsize=8)
def _parsed(name: str, folders: tuple[Path, ...], path: Path, text: str) -> Theme:
    data, lines = decode.toml(text, path)
    mistakes: list[DigestError] = []

    def named(cls: type[T], table: str) -> dict[str, T]:
        made = {
            key: decode.table(
                cls,
                each,
                where=f"[{table}.{key}]",
                mistakes=mistakes,
                path=path,
                line_of=lambda name, key=key: lines.get(f"{table}.{key}.{name}"),  # type: ignore[misc]
            )
            for key, each in data.get(table, {}).items()
        }
        return {key: each for key, each in made.items() if each is not None}

    options, layouts = named(Option, "option"), named(Layout, "layout")
    pairs = [
        decode.table(Pair, each, where="[[contrast]]", mistakes=mistakes, path=path)
        for each in data.get("contrast", [])
    ]
    kept = tuple(pair for pair in pairs if pair)
    mistakes += _lacking(name, options, layouts, kept, path)
    if mistakes:
        raise Mistakes(mistakes)
    about, padding, box = str(data.get("about", "")), int(data.get("padding", 32)), int(data.get("box", 24))
    return Theme(name, folders, about, options, kept, layouts, padding, box, path)


def _lacking(
    name: str, options: Mapping[str, Option], layouts: Mapping[str, Layout], pairs: Sequence[Pair], path: Path
) -> list[DigestError]:
    """What every theme must declare, and does not here."""
    colourful = {key for key, option in options.items() if option.kind == "colour"}
    asked = {colour for pair in pairs for colour in (pair.text, pair.ground)} | set(_COLOURS)
    lacks = [f"[option.{colour}], a colour" for colour in sorted(asked - colourful)]
    lacks += [f"[option.{key}]" for key in _OPTIONS if key not in options]
    lacks += ["[layout.text]"] if "text" not in layouts else []
    lacks += ["a layout for sections"] if not set(layouts) - {"text"} else []
    return [DigestError(f'The theme "{name}" lacks {each}.', path=path) for each in lacks]


@dataclass(frozen=True, slots=True)
class Look:
    """A theme as a publication tuned it: every option has its value, every colour has been checked."""

    theme: Theme
    values: Mapping[str, Any]
    light: Mapping[str, str]
    dark: Mapping[str, str]

    @property
    def column(self) -> int:
        """CSS pixels from the beginning of a line to its end, on a wide screen."""
        return int(self.values["width"]) - 2 * self.theme.padding

    def room(self, layout: str, *, boxed: bool = False) -> Layout:
        """The layout, its picture as wide as this paper, or the sponsor's box on it, gives room for."""
        found = self.theme.layouts[layout]
        if not found.share:
            return found
        column = self.column - (2 * self.theme.box if boxed else 0)
        width = column * found.share // 100 - (_BETWEEN if found.share < 100 else 0)
        height = round(width * found.height / found.width) if found.height and found.width else None
        return replace(found, width=width, height=height)

    def room_among(self, layout: str, *, boxed: bool, picture: bool) -> Layout:
        """Room for a further picture among a story's words; less where its own stands beside them."""
        found, text = self.room(layout, boxed=boxed), self.room("text", boxed=boxed)
        if found.share:
            return replace(text, width=min(found.width, text.width))
        return replace(text, width=text.width - found.width - _BESIDE) if picture and found.width else text


def tune(theme: Theme, publication: Publication) -> Look:
    """The theme with the publication's `[theme]` put in. Raises Mistakes: unknown options, values that
    are out of bounds, colours that cannot be read, each with its line and a colour that could be."""
    mistakes: list[DigestError] = []
    values: dict[str, Any] = {}
    for key in publication.options:
        if key not in theme.options:
            mistakes.append(
                UnknownKey(
                    key,
                    f'[theme] of "{theme.name}"',
                    theme.options,
                    path=publication.path,
                    line=_line(publication, key),
                )
            )
    for key, option in theme.options.items():
        given = publication.options.get(key, option.default)
        wanted = _wanted(option, given)
        if wanted:
            mistakes.append(BadValue(key, wanted, given, path=publication.path, line=_line(publication, key)))
        values[key] = given
    if mistakes:
        raise Mistakes(mistakes)
    light, dark = _palettes(theme, values)
    mistakes = [*_unreadable(theme, light, publication, ""), *_unreadable(theme, dark, publication, "dark_")]
    if mistakes:
        raise Mistakes(mistakes)
    return Look(theme, values, light, dark)


def _line(publication: Publication, key: str) -> int | None:
    return publication.lines.get(f"theme.{key}")


def _wanted(option: Option, value: object) -> str:
    """What the option wants instead of `value`; "" when it is fine."""
    if option.kind == "number":
        if isinstance(value, int) and not isinstance(value, bool) and option.min <= value <= option.max:
            return ""
        return f"a whole number from {option.min} to {option.max}"
    if not isinstance(value, str):
        return "a text in quotes"
    if option.kind == "colour":
        fine = (not value and option.default == "") or colours.parse(value) is not None
        return "" if fine else 'a colour such as "#8f2f12"'
    if option.kind == "choice":
        return "" if value in option.choices else "one of " + ", ".join(f'"{each}"' for each in option.choices)
    if option.kind == "fonts" and (set(value) & set(';{}<>"\\') or not value.strip()):
        return 'names of fonts with commas between, such as "Georgia, serif"'
    return ""


def _palettes(theme: Theme, values: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The light colours, and the dark ones: given, or derived from the light."""
    light = {
        key: str(values[key])
        for key, option in theme.options.items()
        if option.kind == "colour" and not key.startswith("dark_")
    }
    given = {key: str(values[f"dark_{key}"]) for key in light if values.get(f"dark_{key}")}
    dark = dict(colours.derive_dark(light, given))
    if light["ground"] == light["paper"] and "ground" not in given:
        # A letter without edges has none in the dark either.
        dark["ground"] = dark["paper"]
    return light, dark


def _unreadable(
    theme: Theme, palette: Mapping[str, str], publication: Publication, prefix: str
) -> Sequence[DigestError]:
    """A mistake for every pair of colours that a reader could not tell apart."""
    found = []
    for pair in theme.pairs:
        text, ground = palette[pair.text], palette[pair.ground]
        ratio = colours.contrast(text, ground)
        if ratio < pair.ratio:
            key = prefix + pair.text
            line = _line(publication, key) or _line(publication, prefix + pair.ground)
            # One that reads wherever this colour is used, or the next run would complain again.
            grounds = [palette[other.ground] for other in theme.pairs if other.text == pair.text]
            better = colours.nearest_passing(text, grounds, pair.ratio)
            found.append(
                DigestError(
                    f"{key} {text} on {prefix}{pair.ground} {ground} cannot be read: contrast {ratio:.1f}, "
                    f"at least {pair.ratio:g} is needed.",
                    path=publication.path,
                    line=line,
                    hint=f'The nearest colour that reads: {key} = "{better}"',
                )
            )
    return found
