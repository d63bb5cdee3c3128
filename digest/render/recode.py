"""The bytes of a picture become the bytes of one that every mail program shows. Opens no file."""

from __future__ import annotations

import logging
import math
import threading
import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO

from PIL import Image, ImageChops, ImageCms, ImageFile

from digest.render import gif
from digest.render.recoded import Recoded, Remark, Unfit

#: A picture of this many pixels takes up to half a gigabyte to open.
LARGEST = 100_000_000

#: Larger ones are opened one at a time, whatever else goes on.
_LARGE = 24_000_000
_one_at_a_time = threading.Lock()

#: Good enough that nobody sees it at twice the density, and a third of the bytes of 95.
_QUALITY = 80

#: A picture of more colours than this is taken for a photo.
_FLAT = 2048

#: How far a channel may move, of 255, when 256 colours are made to do.
_UNSEEN = 12

#: Beyond either an animation goes into the mail as its first frame.
_HEAVIEST_ANIMATION = 3_000_000
_WIDEST_ANIMATION = 4_000_000
_MOST_FRAMES = 2_000

_ORIENTATION = 0x0112
#: EXIF 2.32, 4.6.4: how the sensor was held, and what puts it right.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})

_AS_JPEG = "Save it as JPEG and name that file instead."

_SIGNATURES = (
    (b"\xff\xd8\xff", "Jpeg"),
    (b"\x89PNG\r\n\x1a\n", "Png"),
    (b"GIF87a", "Gif"),
    (b"GIF89a", "Gif"),
    (b"II*\0", "Tiff"),
    (b"MM\0*", "Tiff"),
    (b"II+\0", "Tiff"),
    (b"MM\0+", "Tiff"),
    (b"BM", "Bmp"),
)


# Pillow tells stderr of odd tags in files that it then shows or refuses; of the latter an editor hears here.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which part of a picture is taken and how large it becomes, before it is turned upright."""

    #: Left, top, right, bottom, in pixels of the file.
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    shown: tuple[int, int]


def recode(content: bytes, *, show_width: int, show_height: int | None, pixels: int) -> Recoded:
    """The picture upright, in sRGB, at most `pixels` wide and never larger than it was; nothing else travels.

    With a height it is cut from the middle to that shape. A GIF that moves stays as it is where it can,
    any other animation becomes its first frame. Raises Unfit.
    """
    kind = _kind(content)
    try:
        with _opened(content, kind) as image:
            if image.width * image.height > LARGEST:
                raise Unfit(
                    f"is {image.width:,} × {image.height:,} pixels, more than can be opened safely.",
                    "Export it at most 3,000 pixels wide; a mail shows no more.",
                )
            remarks: tuple[Remark, ...] = ()
            if kind == "Gif":
                kept, remarks = _as_it_moves(content, image, show_width, show_height)
                if kept:
                    return kept
            elif kind in ("Png", "WebP", "Avif") and getattr(image, "is_animated", False):
                remarks = (_stands_still("of this kind", "Save it as an animated GIF if it has to move."),)
            return _as_it_stands(image, kind, show_width, show_height, pixels, remarks)
    except Unfit:
        raise
    except Exception as error:
        # What Pillow raises on a broken file is no closed set: OSError, SyntaxError, struct.error,
        # zlib.error, IndexError and more. Nothing but the file's own bytes can be the cause.
        raise Unfit("is broken or incomplete: it cannot be read to its end.", "Download or export it again.") from error


def _kind(content: bytes) -> str:
    """The kind of picture, judged by its first bytes alone, as Pillow's modules are called."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WebP"
    if content[4:8] == b"ftyp":
        # ISO/IEC 23008-12: the brands a file is compatible with follow its own.
        brands = content[8 : min(64, int.from_bytes(content[:4], "big"))]
        if b"avif" in brands or b"avis" in brands:
            return "Avif"
        if any(brand in brands for brand in (b"hei", b"hev", b"mif1", b"msf1")):
            raise Unfit("is a HEIC photo, as iPhones take them, which mail programs do not show.", _AS_JPEG)
        raise Unfit("is a film, not a picture.", "Take one frame of it and link to the film.")
    raise _no_picture(content)


def _no_picture(content: bytes) -> Unfit:
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content:
        return Unfit("is an empty file.", "Download or export it again.")
    if start.startswith(b"version https://git-lfs"):
        return Unfit("is only a placeholder of Git LFS, not the picture.", 'Fetch it with "git lfs pull".')
    if b"<svg" in start:
        return Unfit("is an SVG drawing, which mail programs do not show.", "Export it as PNG.")
    if start.startswith((b"<!doctype html", b"<html")):
        return Unfit(
            "is a web page, not a picture, whatever its name says.",
            "The download brought a page instead; open that address and save the picture itself.",
        )
    if start.startswith(b"%pdf"):
        return Unfit("is a PDF, which mail programs do not show.", "Export its page as PNG or JPEG.")
    if b"\0" not in content[:4096]:
        return Unfit("is a text file, not a picture, whatever its name says.")
    return Unfit("is not a picture of a kind that is known here.", "Save it as JPEG or PNG.")


def _opened(content: bytes, kind: str) -> ImageFile.ImageFile:
    """The picture's head; nothing is decoded yet.

    Not `Image.open`: that warns on stderr of what we refuse ourselves, and refuses without the measures.
    """
    try:
        module = import_module(f"PIL.{kind}ImagePlugin")
    except ImportError as error:
        raise Unfit(f"is {kind.upper()}, which cannot be read on this computer.", _AS_JPEG) from error
    if not getattr(module, "SUPPORTED", True):
        raise Unfit(f"is {kind.upper()}, which cannot be read on this computer.", _AS_JPEG)
    opened: ImageFile.ImageFile = getattr(module, f"{kind}ImageFile")(BytesIO(content))
    return opened


def _stands_still(why: str, hint: str) -> Remark:
    return Remark("warning", f"moves, but readers will see its first frame: animations {why} do not go.", hint)


def _as_it_moves(
    content: bytes, image: ImageFile.ImageFile, show_width: int, show_height: int | None
) -> tuple[Recoded | None, tuple[Remark, ...]]:
    """A GIF as it was, less its comments; None when it stands still or cannot go as it is."""
    frames, cleaned = gif.read(content)
    if frames > _MOST_FRAMES:
        raise Unfit(f"has {frames:,} frames, more than a mail can carry.", "Shorten it, or link to a film.")
    if frames < 2:
        return None, ()
    width, height = image.size
    if len(cleaned) > _HEAVIEST_ANIMATION or width * height > _WIDEST_ANIMATION:
        why = f"of {len(cleaned) / 1e6:.1f} MB and {width:,} × {height:,} pixels"
        return None, (_stands_still(why, "Make it smaller than 3 MB and 2,000 × 2,000 pixels."),)
    if show_height and abs(width * show_height / (height * show_width) - 1) > 0.02:
        why = f"that are cut to {show_width} × {show_height}"
        return None, (_stands_still(why, "Export it in that shape if it has to move here."),)
    shown = (show_width, show_height) if show_height else _shown(width, height, show_width)
    remarks: tuple[Remark, ...] = ()
    if gif.begins_empty(image, frames):
        # https://www.caniemail.com/features/image-gif/ : Outlook for Windows, 2007 to 2019.
        remarks = (
            Remark(
                "warning",
                "begins with an empty frame, and some Outlooks show no other.",
                "Put a frame first that says it all.",
                "empty-first-frame",
            ),
        )
    return Recoded(cleaned, "image/gif", *shown, remarks), remarks


def _as_it_stands(
    image: ImageFile.ImageFile,
    kind: str,
    show_width: int,
    show_height: int | None,
    pixels: int,
    remarks: tuple[Remark, ...],
) -> Recoded:
    whole = image.size
    turned = _orientation(image, kind)
    cut = _cut(whole, turned in _SIDEWAYS, show_width, show_height, pixels)
    shrunk = 1.0
    if kind == "Jpeg":
        # libjpeg leaves out what the smaller picture does not need: five times quicker for a photo.
        scale = cut.size[0] / (cut.box[2] - cut.box[0])
        drafted = image.draft(None, (math.ceil(whole[0] * scale), math.ceil(whole[1] * scale)))
        shrunk = whole[0] / drafted[1][2] if drafted else 1.0
    profile = image.info.get("icc_profile")
    with _room_for(image, whole):
        image.load()
        flat = kind != "Jpeg" and _few_colours(image)
        small = _shrunk(image, cut, shrunk)
    small = _in_srgb(small, profile)
    if turned in _UPRIGHT:
        small = small.transpose(_UPRIGHT[turned])
    if small.width < show_width and show_height:
        blurred = Remark(
            "warning",
            f"gives only {small.width} × {small.height} pixels and will look blurred at {show_width} × {show_height}.",
            f"Export it at least {2 * show_width} pixels wide.",
        )
        remarks = (*remarks, blurred)
    media_type, content = _encoded(small, flat)
    return Recoded(content, media_type, *cut.shown, remarks)


def _orientation(image: ImageFile.ImageFile, kind: str) -> int:
    """How the picture was held, 1 for upright. Pillow turns a TIFF by itself when it is loaded."""
    if kind == "Tiff":
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        # Cameras and editors write EXIF that nobody can parse; the picture is then shown as it lies.
        return 1


def _cut(whole: tuple[int, int], sideways: bool, show_width: int, show_height: int | None, pixels: int) -> _Cut:
    wide, high = (whole[1], whole[0]) if sideways else whole
    took_wide, took_high = float(wide), float(high)
    if show_height:
        took_wide = min(wide, high * show_width / show_height)
        took_high = min(high, wide * show_height / show_width)
    width = max(1, min(pixels, round(took_wide)))
    height = max(1, round(width * took_high / took_wide))
    shown = (show_width, show_height) if show_height else _shown(wide, high, show_width)
    if sideways:
        took_wide, took_high, width, height = took_high, took_wide, height, width
    left, top = (whole[0] - took_wide) / 2, (whole[1] - took_high) / 2
    return _Cut((left, top, left + took_wide, top + took_high), (width, height), shown)


def _shown(width: int, height: int, show_width: int) -> tuple[int, int]:
    """Width and height in the mail of a picture that is not cut: a small one is not blown up."""
    shown = min(show_width, width)
    return shown, max(1, round(shown * height / width))


def _room_for(image: ImageFile.ImageFile, whole: tuple[int, int]) -> AbstractContextManager[object]:
    """Held while a picture is decoded. A progressive JPEG is held whole even when drafted small."""
    held = whole if image.info.get("progressive") else image.size
    return _one_at_a_time if held[0] * held[1] > _LARGE else nullcontext()


def _few_colours(image: Image.Image) -> bool:
    if image.mode in ("1", "L", "P"):
        return True
    return image.mode in ("LA", "RGB", "RGBA") and image.getcolors(_FLAT) is not None


def _shrunk(image: Image.Image, cut: _Cut, already: float) -> Image.Image:
    """The part that is wanted at the size that is wanted, as L, RGB, RGBA or CMYK.

    Band by band, so that a large picture is never in memory a second time in a wider mode.
    """
    box = [edge / already for edge in cut.box]
    times = max(1, int(min((box[2] - box[0]) / cut.size[0], (box[3] - box[1]) / cut.size[1]) / 2))
    mode, brightness = _mode(image)
    rows = 256 * times
    thin = Image.new(mode, (math.ceil(image.width / times), math.ceil(image.height / times)))
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(image.height, top + rows)))
        band = _converted(band, mode, brightness)
        thin.paste(band.reduce(times) if times > 1 else band, (0, top // times))
    left, upper = max(0.0, box[0] / times), max(0.0, box[1] / times)
    right, lower = min(thin.width, box[2] / times), min(thin.height, box[3] / times)
    return thin.resize(cut.size, Image.Resampling.LANCZOS, box=(left, upper, right, lower))


def _mode(image: Image.Image) -> tuple[str, float]:
    """The mode to work in, and for more than 8 bits of grey what brings white to 255."""
    if image.mode.startswith("I;16"):
        return "L", 255 / 65535
    if image.mode in ("I", "F"):
        brightest = float(max(1, image.getextrema()[1]))  # type: ignore[arg-type]
        return "L", 255 / (65535 if 255 < brightest <= 65535 and image.mode == "I" else brightest)
    if image.has_transparency_data:
        return "RGBA", 1.0
    if image.mode in ("1", "L"):
        return "L", 1.0
    if image.mode in ("P", "RGB", "RGBX", "YCbCr"):
        return "RGB", 1.0
    if image.mode == "CMYK":
        return "CMYK", 1.0
    raise Unfit("keeps its colours in a way that mail programs do not know.", _AS_JPEG)


def _converted(band: Image.Image, mode: str, brightness: float) -> Image.Image:
    if brightness == 1.0:
        return band if band.mode == mode else band.convert(mode)
    # Pillow's own conversion from 16 bits clips: all but the darkest 255 of 65,536 greys turn white.
    wide = band if band.mode == "F" else band.convert("I")
    return wide.point(lambda value: value * brightness).convert("L")


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The picture in the colours every mail program assumes; L stays L, CMYK becomes RGB."""
    if isinstance(profile, bytes) and profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
                outputMode="RGBA" if image.mode == "RGBA" else "RGB",
            )
        except (ImageCms.PyCMSError, ImportError, OSError, ValueError, TypeError):
            # Broken, or of another kind than the picture: browsers pass over such a profile, and so do we.
            converted = None
        if converted is not None:
            return converted.convert("L") if image.mode == "L" else converted
    return image.convert("RGB") if image.mode == "CMYK" else image


def _encoded(image: Image.Image, flat: bool) -> tuple[str, bytes]:
    """Media type and bytes. Whatever came with the file (place, camera, comments, thumbnail) stays behind."""
    image.info = {}
    if image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 255:
        image = image.convert("RGB")
    if image.mode == "RGBA":
        return "image/png", _png(image)
    jpeg = _jpeg(image, flat)
    if flat and len(png := _png(image)) <= len(jpeg):
        return "image/png", png
    return "image/jpeg", jpeg


def _jpeg(image: Image.Image, flat: bool) -> bytes:
    file = BytesIO()
    # Pillow keeps a byte a pixel ready for a progressive JPEG, and fails on the noise that takes more.
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 4 * image.width * image.height)
    # Coloured lines and letters fray when colour is kept at half the measure, as photos can.
    image.save(
        file,
        "JPEG",
        quality=_QUALITY,
        optimize=True,
        progressive=True,
        subsampling="4:4:4" if flat else "4:2:0",
    )
    return file.getvalue()


def _png(image: Image.Image) -> bytes:
    if image.mode == "RGBA":
        # What is under full transparency is nobody's to see, and packs badly.
        seen = image.getchannel("A").point(lambda alpha: 255 if alpha else 0)
        image = Image.composite(image, Image.new("RGBA", image.size), seen)
    forms = [image]
    if image.mode != "L":
        method = Image.Quantize.FASTOCTREE if image.mode == "RGBA" else Image.Quantize.MAXCOVERAGE
        palette = image.quantize(256, method=method, dither=Image.Dither.NONE)
        moved = ImageChops.difference(palette.convert(image.mode), image).getextrema()
        if max(high for _, high in moved) <= _UNSEEN:  # type: ignore[misc]
            forms.append(palette)
    contents = []
    for form in forms:
        file = BytesIO()
        form.save(file, "PNG", optimize=True)
        contents.append(file.getvalue())
    return min(contents, key=len)
