"""A picture that an issue names becomes one that a mail can carry."""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import PIL

from digest import files, models
from digest.errors import DigestError, Mistakes
from digest.render import picture_files, unchanged
from digest.render.recoded import RECIPE, Recoded, Remark, Unfit
from digest.render.unchanged import Unchanged

#: Bytes of a file beyond which it is not even read.
LARGEST_FILE = 50_000_000

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class BadPicture(DigestError):
    """Raised when a picture is missing, broken, or nothing that a mail program shows."""

    def __init__(self, src: str, what: str, *, path: Path | None, line: int | None, hint: str = "") -> None:
        super().__init__(f'The picture "{_shortened(src)}" {what}', path=path, line=line, hint=hint)


class _NotKept(Exception):
    """A picture is yet to be made; always caught."""


@dataclass(frozen=True, slots=True)
class Request:
    """A picture, and the room a theme has for it."""

    picture: models.Picture
    #: The file that names it: an issue, or digest.toml for a logo. None when neither does.
    issue_path: Path | None
    #: CSS pixels. A picture that is smaller is shown smaller.
    show_width: int
    #: With a height the picture is cut, from the middle, to just this shape.
    show_height: int | None = None
    #: Its own pixels from left to right at most; None for twice `show_width`. More than that for a
    #: thumbnail which takes the whole width of a phone.
    pixels: int | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture as it goes into the mail."""

    #: None for one that stays on the web.
    asset: models.Asset | None
    #: For the `src` of the mail: an address, or a path beside email.html.
    src: str
    #: CSS pixels; None for one on the web, which nobody measured.
    width: int | None = None
    height: int | None = None
    findings: tuple[models.Finding, ...] = ()


class Pictures:
    """The pictures of a publication, made fit for mail and kept so that the next build is quick.

    They are looked for beside the file that names them, then in each of `folders`, and never outside
    these. `cache` may be deleted at any time, be read-only or damaged: then the work is done again.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        cache: Path | None = None,
        assets_url: str = "",
        made: Unchanged[Recoded] | None = None,
    ) -> None:
        """`made` has the pictures of the mail before this one, so that none is read again without need."""
        self._folders = tuple(folders)
        self._cache = cache
        self._assets_url = assets_url
        self._made: Unchanged[Recoded] = made or Unchanged()
        # Most pictures of a mail lie in one folder, which need not be listed for each.
        self._names = lru_cache(maxsize=100)(os.listdir)

    def prepare(self, request: Request) -> Prepared:
        """One picture, upright, in sRGB, no larger than asked for, its metadata gone. Raises BadPicture."""
        return self._prepared(request, new=True)

    def _prepared(self, request: Request, *, new: bool) -> Prepared:
        """As `prepare`; when not even a `new` picture may be made, raises _NotKept where there is no old one."""
        picture = request.picture
        try:
            if remote(picture.src):
                return Prepared(None, picture.src.strip(), findings=_findings(request, _about_remote(picture.src)))
            made = self._ready(request, new=new)
        except Unfit as error:
            raise BadPicture(
                picture.src, error.what, path=request.issue_path, line=picture.line or None, hint=error.hint
            ) from error
        asset = models.Asset(_name(picture.src, made), made.content, source=picture.src, media_type=made.media_type)
        return Prepared(
            asset,
            hosted(asset.name, self._assets_url),
            made.width,
            made.height,
            _findings(request, made.remarks),
        )

    def prepare_all(
        self, requests: Sequence[Request], progress: Callable[[int, int], None] | None = None
    ) -> list[Prepared]:
        """Every picture, in the order asked for; raises Mistakes with all that cannot be had.

        `progress` hears, in this thread, how many are done of how many.
        """
        outcomes: dict[int, Prepared | DigestError] = {}
        self._made.begin()

        def had(at: int, prepared: Callable[[], Prepared]) -> None:
            try:
                outcomes[at] = prepared()
            except DigestError as error:
                outcomes[at] = error
            if progress:
                progress(len(outcomes), len(requests))

        with suppress(_NotKept):
            # Reading a picture that was made before is sooner done than handed to a thread.
            for at, request in enumerate(requests):
                had(at, partial(self._prepared, request, new=False))
        if len(outcomes) < len(requests):
            # Pillow works outside the interpreter's lock; more threads than these only cost memory.
            pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
            try:
                rest = range(len(outcomes), len(requests))
                running = {pool.submit(self.prepare, requests[at]): at for at in rest}
                for future in as_completed(running):
                    had(running[future], future.result)
            finally:
                pool.shutdown(cancel_futures=True)
        each = [outcomes[at] for at in range(len(requests))]
        if mistakes := {str(one): one for one in each if isinstance(one, DigestError)}:
            raise Mistakes(list(mistakes.values()))
        return [one for one in each if isinstance(one, Prepared)]

    def _ready(self, request: Request, *, new: bool) -> Recoded:
        beside = request.issue_path.parent if request.issue_path else None
        path = picture_files.find(
            request.picture.src.strip(), beside=beside, folders=self._folders, names_in=self._names
        )
        wanted = (path, request.show_width, request.show_height, request.pixels)
        stamp = unchanged.stamp(path)
        made = self._made.get(wanted, stamp)
        if made is None:
            made = self._recoded(_content(path), request, new=new)
            self._made.keep(wanted, stamp, made)
        return made

    def _recoded(self, content: bytes, request: Request, *, new: bool) -> Recoded:
        pixels = request.pixels or 2 * request.show_width
        wanted = (RECIPE, PIL.__version__, request.show_width, request.show_height, pixels)
        key = hashlib.sha256(repr(wanted).encode() + hashlib.sha256(content).digest()).hexdigest()
        kept = self._cache / key if self._cache else None
        if kept and (made := _unpacked(kept)):
            return made
        if not new:
            raise _NotKept
        # Late: Pillow takes 15 ms, and most builds make no new picture.
        from digest.render.recode import recode

        made = recode(content, show_width=request.show_width, show_height=request.show_height, pixels=pixels)
        if kept:
            try:
                kept.parent.mkdir(parents=True, exist_ok=True)
                files.replace(kept, _packed(made))
            except (OSError, DigestError):
                pass  # A cache that cannot be written costs time, no mail.
        return made


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read() if size <= LARGEST_FILE else b""
    except OSError as error:
        raise Unfit("may not be read, or its disk is failing.", "See whether you can open it.") from error
    if size > LARGEST_FILE:
        raise Unfit(f"is a file of {size / 1e6:,.0f} MB.", "Export it at most 3,000 pixels wide, as JPEG.")
    return content


def remote(src: str) -> bool:
    """Whether the picture stays on the web. Raises Unfit for what is neither there nor in a folder."""
    src = src.strip()
    if not src:
        raise Unfit("has no file or address.", "Put one between the round brackets: ![alt](images/convoy.jpg).")
    if src.startswith("//"):
        raise Unfit('lacks the "https:" before "//"; a mail has no page to take it from.')
    scheme = _SCHEME.match(src)
    if scheme is None:
        return False
    name = scheme[1].lower()
    if name in ("http", "https"):
        try:
            host = urlsplit(src).hostname
        except ValueError:
            host = None
        if not host:
            raise Unfit("has an address without a site's name.")
        return True
    if name == "data":
        raise Unfit(
            "is written into the issue itself, which Gmail and Outlook do not show.",
            "Save it as a file in the folder images and name that.",
        )
    raise Unfit(f'begins with "{name}:", where no reader can follow.', "Name a file or an https address.")


def hosted(name: str, assets_url: str = "") -> str:
    """The `src` of a picture: under the publication's own address, or beside email.html."""
    return f"{assets_url.rstrip('/')}/{name}" if assets_url else f"images/{name}"


def _about_remote(src: str) -> tuple[Remark, ...]:
    if PurePosixPath(urlsplit(src.strip()).path).suffix.lower() in (".svg", ".svgz"):
        return (Remark("warning", "is an SVG drawing, which mail programs do not show.", "Use a PNG of it.", "type"),)
    return ()


def _findings(request: Request, remarks: Sequence[Remark]) -> tuple[models.Finding, ...]:
    picture = request.picture
    alt = picture.alt.strip().casefold()
    file = PurePosixPath(unquote(urlsplit(picture.src).path if "://" in picture.src else picture.src))
    if not alt:
        remarks = (*remarks, _alt_missing("has no words for readers who do not see it.", "no-alt"))
    elif alt in (file.name.casefold(), file.stem.casefold()) and re.search(r"[\d_.]", alt):
        remarks = (
            *remarks,
            _alt_missing("has only its file's name for readers who do not see it.", "alt-says-nothing"),
        )
    return tuple(
        models.Finding(
            remark.level,
            f'The picture "{_shortened(picture.src)}" {remark.what}',
            request.issue_path,
            picture.line or None,
            remark.hint,
            rule=remark.rule,
        )
        for remark in remarks
    )


def _alt_missing(what: str, rule: str) -> Remark:
    return Remark(
        "warning",
        what,
        "Say in the square brackets what it shows: ![A convoy on the road near Baghdad](images/convoy.jpg).",
        rule,
    )


def _name(src: str, made: Recoded) -> str:
    """A name that tells the picture, is new when its bytes are, and is fine on any disk and in any URL."""
    stem = PurePosixPath(unquote(src).replace("\\", "/")).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "picture"
    return f"{slug}-{made.sha256[:8]}.{_ENDINGS[made.media_type]}"


def _shortened(src: str) -> str:
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in src)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _packed(made: Recoded) -> bytes:
    """A line of facts, then the picture."""
    facts = {
        "sha256": made.sha256,
        "media_type": made.media_type,
        "width": made.width,
        "height": made.height,
        "remarks": [asdict(remark) for remark in made.remarks],
    }
    return json.dumps(facts).encode() + b"\n" + made.content


def _unpacked(kept: Path) -> Recoded | None:
    """What was kept; None when it is not there or not whole."""
    try:
        head, _, content = kept.read_bytes().partition(b"\n")
        facts = json.loads(head)
        remarks = tuple(Remark(**remark) for remark in facts["remarks"])
        made = Recoded(content, facts["media_type"], int(facts["width"]), int(facts["height"]), remarks)
        return made if made.sha256 == facts["sha256"] and made.media_type in _ENDINGS else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
