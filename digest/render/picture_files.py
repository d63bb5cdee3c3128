"""Where on disk the picture is that an issue names; never outside the publication's folders."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath, PureWindowsPath
from urllib.parse import unquote

from digest.errors import near
from digest.render.recoded import Unfit

_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".tif", ".tiff", ".bmp", ".heic", ".svg"})
#: Names looked at in a folder for what the editor may have meant.
_ENOUGH = 2_000


def find(
    src: str,
    *,
    beside: Path | None,
    folders: Sequence[Path],
    names_in: Callable[[str], list[str]] = os.listdir,
) -> Path:
    """The file that `src` names, seen from the folder `beside` and then from each of `folders`.

    Upper and lower case must be right, composed and decomposed letters are the same, `%20` is a blank and
    a backslash a slash. Only names that a folder lists ever reach the disk. Raises Unfit.
    """
    if PureWindowsPath(src).anchor:
        raise Unfit(
            "is named by its place on one computer.",
            "Name it as seen from the issue file, such as images/convoy.jpg.",
        )
    roots = [os.path.realpath(folder) for folder in folders]
    bases = list(dict.fromkeys([*([os.path.realpath(beside)] if beside else []), *roots]))
    inside = False
    other_case = ""
    forms = _forms(src)
    for base, name in ((base, name) for name in forms for base in bases):
        wanted = os.path.normpath(os.path.join(base, name))
        root = _root(wanted, roots)
        if root is None:
            continue
        # As written "..\\x.png" is a harmless name where a backslash is a letter; the last form tells.
        inside = inside or name == forms[-1]
        found, exact = _listed(root, PurePath(wanted).relative_to(root).parts, names_in)
        if found and exact:
            return _checked(found, roots)
        if found and not other_case:
            other_case = _seen_from(bases[0], found)
    if other_case:
        raise Unfit(
            f'is called "{other_case}" on disk.',
            "Write it just so: Linux tells upper from lower case, though macOS and Windows do not.",
        )
    if not inside:
        raise Unfit("lies outside the publication's folder.", "Copy it into the folder images and name it there.")
    guess = _meant(src, bases, roots)
    raise Unfit("was not found." + (f' Did you mean "{guess}"?' if guess else ""))


def _forms(src: str) -> list[str]:
    """The name as written, then with blanks decoded, then with the slashes of everybody else."""
    written = [src, unquote(src)]
    return list(dict.fromkeys([*written, *(name.replace("\\", "/") for name in written)]))


def _root(path: str, roots: Sequence[str]) -> str | None:
    return next((root for root in roots if PurePath(path).is_relative_to(root)), None)


def _listed(root: str, parts: Sequence[str], names_in: Callable[[str], list[str]]) -> tuple[str, bool]:
    """The path as the folders themselves spell it, and whether only case differs; "" when there is none.

    Asking the disk whether a name exists would say yes to any case on macOS and Windows.
    """
    here, exact = root, True
    for part in parts:
        try:
            names = names_in(here)
        except OSError:
            return "", False
        if part not in names:
            wanted = unicodedata.normalize("NFC", part)
            same = {unicodedata.normalize("NFC", name): name for name in sorted(names)}
            if wanted in same:
                part = same[wanted]
            else:
                alike = {name.casefold(): spelt for name, spelt in same.items()}
                part = alike.get(wanted.casefold(), "")
                exact = False
        if not part:
            return "", False
        here = os.path.join(here, part)
    return here, exact


def _checked(found: str, roots: Sequence[str]) -> Path:
    """The ordinary file behind what was found, links followed."""
    try:
        real = os.path.realpath(found, strict=True)
        mode = os.stat(real).st_mode
    except FileNotFoundError as error:
        raise Unfit("is a link to a file that is not there.") from error
    except OSError as error:
        raise Unfit("cannot be reached: the link leads in a circle or the folder is closed.") from error
    if _root(real, roots) is None:
        raise Unfit("is a link that leads outside the publication's folder.", "Put the file itself in its place.")
    if stat.S_ISDIR(mode):
        raise Unfit("is a folder, not a picture.")
    if not stat.S_ISREG(mode):
        # A pipe would be waited for, a device has no end.
        raise Unfit("is not an ordinary file.")
    return Path(real)


def _meant(src: str, bases: Sequence[str], roots: Sequence[str]) -> str:
    """A picture there is whose name is much like the one asked for, as the issue would name it; or ""."""
    asked = unicodedata.normalize("NFC", unquote(src).replace("\\", "/"))
    folder, _, name = asked.rpartition("/")
    known: dict[str, str] = {}
    for base in bases:
        for inner in dict.fromkeys((folder, "images", "")):
            place = os.path.normpath(os.path.join(base, inner))
            if _root(place, roots):
                for file in _pictures(place):
                    known.setdefault(unicodedata.normalize("NFC", os.path.basename(file)), file)
    guess = near(name, known)
    return _seen_from(bases[0], known[guess]) if guess else ""


def _pictures(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))[:_ENOUGH]
    except (OSError, ValueError):
        return
    for name in names:
        if os.path.splitext(name)[1].lower() in _ENDINGS:
            yield os.path.join(folder, name)


def _seen_from(base: str, file: str) -> str:
    return Path(os.path.relpath(file, base)).as_posix()
