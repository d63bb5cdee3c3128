"""What becomes of the pictures an issue names."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import time
import unicodedata
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw

from digest.errors import Mistakes
from digest.models import Picture
from digest.render import unchanged
from digest.render.images import BadPicture, Pictures, Prepared, Request, hosted
from digest.render.recoded import Recoded
from digest.render.unchanged import Unchanged

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 160, 60), (30, 60, 200), (255, 255, 255)


@pytest.fixture
def publication(tmp_path: Path) -> Path:
    root = tmp_path / "news"
    (root / "images").mkdir(parents=True)
    (root / "issues").mkdir()
    (root / "issues" / "12.md").write_text("# Twelve\n")
    return root


def a_photo(width: int = 640, height: int = 480) -> Image.Image:
    """Left red, right blue, and as many colours as a camera would give it."""
    ground = Image.new("RGB", (width, height), RED)
    ground.paste(BLUE, (width // 2, 0, width, height))
    grain = Image.merge("RGB", [Image.effect_noise((width, height), 30) for _ in range(3)])
    return Image.blend(ground, grain, 0.15)


def a_chart(width: int = 1200, height: int = 800) -> Image.Image:
    """Three bars and an outline on white: few colours, sharp edges."""
    chart = Image.new("RGB", (width, height), WHITE)
    pen = ImageDraw.Draw(chart)
    for at, colour in enumerate((RED, GREEN, BLUE)):
        pen.rectangle((100 + 300 * at, 700 - 150 * at, 300 + 300 * at, 750), fill=colour, outline=(0, 0, 0))
    return chart


def saved(publication: Path, name: str, image: Image.Image, kind: str = "", **how: object) -> Path:
    path = publication / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, kind or None, **how)
    return path


def asked(publication: Path, src: str, **room: object) -> Request:
    alt, line = str(room.pop("alt", "A convoy")), 7
    return Request(Picture(src, alt=alt, line=line), publication / "issues" / "12.md", **{"show_width": 600, **room})


def prepared(publication: Path, src: str, *, cache: Path | None = None, **room: object) -> Prepared:
    return Pictures([publication], cache=cache).prepare(asked(publication, src, **room))


def refused(publication: Path, src: str, **room: object) -> str:
    with pytest.raises(BadPicture) as caught:
        prepared(publication, src, **room)
    assert (caught.value.path, caught.value.line) == (publication / "issues" / "12.md", 7)
    return str(caught.value)


def opened(made: Prepared) -> Image.Image:
    assert made.asset is not None
    return Image.open(BytesIO(made.asset.content))


def like(seen: object, wanted: tuple[int, ...], within: int = 25) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(one - other) <= within for one, other in zip(seen, wanted, strict=True))


def said(made: Prepared) -> list[str]:
    return [finding.what for finding in made.findings]


# Size and shape


def test_a_photo_is_kept_at_twice_the_width_it_is_shown_at(publication: Path) -> None:
    saved(publication, "images/a.jpg", a_photo(1600, 1200))
    made = prepared(publication, "images/a.jpg", show_width=300)
    assert (opened(made).size, made.width, made.height) == ((600, 450), 300, 225)


def test_a_small_picture_is_neither_blown_up_nor_shown_larger_than_it_is(publication: Path) -> None:
    saved(publication, "images/a.png", a_chart(200, 100))
    made = prepared(publication, "images/a.png", show_width=600)
    assert (opened(made).size, made.width, made.height) == ((200, 100), 200, 100)


@pytest.mark.parametrize(("pixels", "size"), [(700, (700, 525)), (None, (264, 198)), (90, (90, 68))])
def test_a_thumbnail_is_cut_from_the_middle(publication: Path, pixels: int | None, size: tuple[int, int]) -> None:
    """Green is the middle of 800 by 600, less or more than a little on either side."""
    for margin, ends in ((-20, RED), (20, GREEN)):
        wide = Image.new("RGB", (1800, 600), RED)
        wide.paste(GREEN, (500 - margin, 0, 1300 + margin, 600))
        saved(publication, "images/wide.jpg", wide, quality=95)
        made = prepared(publication, "images/wide.jpg", show_width=132, show_height=99, pixels=pixels)
        seen = opened(made)
        assert (seen.size, made.width, made.height) == (size, 132, 99)
        assert like(seen.getpixel((size[0] // 2, size[1] // 2)), GREEN)
        assert all(like(seen.getpixel((x, size[1] // 2)), ends, 60) for x in (0, size[0] - 1))


def test_a_tall_picture_is_cut_above_and_below(publication: Path) -> None:
    tall = Image.new("RGB", (600, 1800), RED)
    tall.paste(GREEN, (0, 650, 600, 1150))
    saved(publication, "images/tall.png", tall)
    seen = opened(prepared(publication, "images/tall.png", show_width=132, show_height=99)).convert("RGB")
    assert seen.size == (264, 198)
    assert all(like(seen.getpixel((130, y)), GREEN) for y in (2, 99, 195))


def test_a_thumbnail_too_small_to_be_sharp_is_told(publication: Path) -> None:
    saved(publication, "images/a.jpg", a_photo(80, 60))
    made = prepared(publication, "images/a.jpg", show_width=132, show_height=99)
    assert (made.width, made.height, opened(made).size) == (132, 99, (80, 60))
    assert said(made) == ['The picture "images/a.jpg" gives only 80 × 60 pixels and will look blurred at 132 × 99.']


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 2)])
def test_no_shape_is_too_odd(publication: Path, size: tuple[int, int]) -> None:
    saved(publication, "images/odd.png", Image.new("RGB", size, RED))
    whole = prepared(publication, "images/odd.png")
    cut = prepared(publication, "images/odd.png", show_width=132, show_height=99)
    assert min(whole.width or 0, whole.height or 0, *opened(whole).size, *opened(cut).size) >= 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_held_in_any_way_stands_upright(publication: Path, kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (900, 600), WHITE)
    upright.paste(RED, (0, 0, 450, 300))
    upright.paste(BLUE, (0, 300, 450, 600))
    upright.paste(GREEN, (450, 0, 900, 300))
    turned = {  # what the sensor saw: the inverse of what puts it right
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    sensor = upright.transpose(turned[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    saved(publication, "images/a.jpg", sensor, kind, exif=exif)
    made = prepared(publication, "images/a.jpg", show_width=150)
    seen = opened(made).convert("RGB")
    assert (seen.size, made.width, made.height) == ((300, 200), 150, 100)
    corners = [seen.getpixel(at) for at in ((20, 20), (20, 180), (280, 20), (280, 180))]
    assert all(like(corner, colour) for corner, colour in zip(corners, (RED, BLUE, GREEN, WHITE), strict=True))


# What is written


def test_where_and_by_whom_a_photo_was_taken_stays_at_home(publication: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of the source"
    exif.get_ifd(0x8825)[2] = (33.0, 18.0, 45.0)
    for name in ("a.jpg", "a.png", "a.webp"):
        saved(publication, f"images/{name}", a_photo(900, 600), exif=exif, xmp=b"<x>Camera of the source</x>")
        made = prepared(publication, f"images/{name}")
        assert made.asset is not None
        assert b"Camera" not in made.asset.content
        assert dict(opened(made).getexif()) == {}
        assert b"Exif" not in made.asset.content


def test_a_photo_is_a_progressive_jpeg_whatever_its_file_was(publication: Path) -> None:
    for name in ("a.jpg", "a.png", "a.webp", "a.tif", "a.bmp"):
        saved(publication, f"images/{name}", a_photo())
        made = prepared(publication, f"images/{name}")
        assert made.asset is not None
        assert (made.asset.media_type, made.asset.name[-4:]) == ("image/jpeg", ".jpg"), name
        assert opened(made).info.get("progressive"), name
        assert like(opened(made).getpixel((100, 400)), (205, 45, 45), 40), name


def test_a_chart_stays_sharp_and_small(publication: Path) -> None:
    saved(publication, "images/chart.png", a_chart())
    made = prepared(publication, "images/chart.png")
    assert made.asset is not None
    assert (made.asset.media_type, opened(made).mode) == ("image/png", "P")
    seen = opened(made).convert("RGB")
    assert [seen.getpixel((x, 740)) for x in (200, 500, 800)] == [RED, GREEN, BLUE]


def test_a_small_red_dot_on_a_grey_chart_stays_red(publication: Path) -> None:
    chart = Image.linear_gradient("L").resize((1200, 800)).convert("RGB")
    ImageDraw.Draw(chart).ellipse((600, 400, 606, 406), fill=RED)
    saved(publication, "images/chart.png", chart)
    assert like(opened(prepared(publication, "images/chart.png")).convert("RGB").getpixel((603, 403)), RED, 30)


def test_what_shines_through_goes_on_shining_through(publication: Path) -> None:
    logo = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    ImageDraw.Draw(logo).ellipse((200, 0, 600, 400), fill=(*GREEN, 255))
    saved(publication, "images/logo.png", logo)
    saved(publication, "images/logo.webp", logo, lossless=True)
    saved(publication, "images/logo.gif", logo)
    for name in ("logo.png", "logo.webp", "logo.gif"):
        made = prepared(publication, f"images/{name}", show_width=200)
        seen = opened(made).convert("RGBA")
        assert made.asset is not None
        assert made.asset.media_type == "image/png"
        assert like(seen.getpixel((5, 5)), (0, 0, 0, 0)), name
        assert like(seen.getpixel((200, 100)), (*GREEN, 255)), name


def test_an_alpha_channel_that_hides_nothing_does_not_make_a_photo_heavy(publication: Path) -> None:
    saved(publication, "images/shot.png", a_photo().convert("RGBA"))
    made = prepared(publication, "images/shot.png")
    assert made.asset is not None
    assert made.asset.media_type == "image/jpeg"


def test_a_photo_for_print_gets_the_colours_of_a_screen(publication: Path) -> None:
    saved(publication, "images/print.jpg", Image.new("CMYK", (900, 600), (0, 255, 255, 0)))
    seen = opened(prepared(publication, "images/print.jpg"))
    assert seen.mode == "RGB"
    assert like(seen.getpixel((10, 10)), (255, 0, 0), 10)


def test_colours_of_a_profile_are_translated(publication: Path) -> None:
    """A profile with the primaries swapped shows at once whether it was read."""
    srgb = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = srgb.index(b"rXYZ"), srgb.index(b"gXYZ")
    srgb[red : red + 4], srgb[green : green + 4] = b"gXYZ", b"rXYZ"
    for name in ("a.png", "a.jpg"):
        saved(publication, f"images/{name}", Image.new("RGB", (60, 60), (255, 0, 0)), icc_profile=bytes(srgb))
        made = prepared(publication, f"images/{name}")
        assert like(opened(made).convert("RGB").getpixel((30, 30)), (0, 255, 0), 40)
        assert "icc_profile" not in opened(made).info


def test_a_broken_profile_is_passed_over(publication: Path) -> None:
    saved(publication, "images/a.png", Image.new("RGB", (60, 60), RED), icc_profile=b"no profile at all")
    assert opened(prepared(publication, "images/a.png")).convert("RGB").getpixel((30, 30)) == RED


def test_sixteen_bits_of_grey_keep_their_greys(publication: Path) -> None:
    steps = b"".join(struct.pack("<H", value) * 30 for value in (0, 32768, 65535))
    deep = Image.frombytes("I;16", (90, 30), steps * 30)
    saved(publication, "images/deep.png", deep)
    saved(publication, "images/deep.tif", deep)
    for name in ("deep.png", "deep.tif"):
        seen = opened(prepared(publication, f"images/{name}")).convert("L")
        assert [seen.getpixel((x, 15)) for x in (15, 45, 75)] == pytest.approx([0, 128, 255], abs=2)


def test_a_black_and_white_scan_and_a_palette_come_through(publication: Path) -> None:
    saved(publication, "images/scan.tif", a_chart().convert("1"))
    saved(publication, "images/few.png", a_chart().quantize(8))
    assert opened(prepared(publication, "images/scan.tif")).convert("RGB").getpixel((20, 20)) == WHITE
    assert like(opened(prepared(publication, "images/few.png")).convert("RGB").getpixel((200, 740)), RED)


def test_the_name_is_safe_and_made_from_what_is_in_the_file(publication: Path) -> None:
    saved(publication, "images/Üllői út (2) 50%.jpg", a_photo(300, 200))
    saved(publication, "images/конвой.jpg", a_photo(300, 200))
    names = []
    for src in ("images/Üllői út (2) 50%.jpg", "images/конвой.jpg"):
        asset = prepared(publication, src).asset
        assert asset is not None
        names.append(asset.name)
        assert asset.source == src
    assert re.fullmatch(r"ulloi-ut-2-50-[0-9a-f]{8}\.jpg", names[0])
    assert re.fullmatch(r"picture-[0-9a-f]{8}\.jpg", names[1])


def test_the_same_picture_gives_the_same_bytes_and_another_another_name(publication: Path) -> None:
    saved(publication, "images/a.jpg", a_photo())
    first, again = prepared(publication, "images/a.jpg"), prepared(publication, "images/a.jpg")
    saved(publication, "images/a.jpg", a_photo())
    other = prepared(publication, "images/a.jpg")
    assert first == again
    assert first.src != other.src


def test_hosted_pictures_are_named_by_their_address(publication: Path) -> None:
    saved(publication, "images/a.jpg", a_photo(300, 200))
    here = prepared(publication, "images/a.jpg")
    there = Pictures([publication], assets_url="https://img.example/12/").prepare(asked(publication, "images/a.jpg"))
    assert here.asset is not None
    assert (here.src, there.src) == (
        f"images/{here.asset.name}",
        f"https://img.example/12/{here.asset.name}",
    )
    assert hosted("a.jpg", "https://img.example/12") == "https://img.example/12/a.jpg"


# Pictures that move


def frames(*colours: object, size: tuple[int, int] = (300, 200)) -> dict[str, object]:
    first, *rest = [Image.new("RGBA", size, colour) for colour in colours]
    for number, frame in enumerate(rest):
        ImageDraw.Draw(frame).rectangle((10 * number, 10, 10 * number + 40, 60), fill=BLUE)
    return {"image": first, "save_all": True, "append_images": rest, "duration": 200, "loop": 0}


def test_a_gif_goes_on_moving_and_loses_its_comments(publication: Path) -> None:
    film = frames(RED, GREEN, WHITE)
    ImageDraw.Draw(film["image"]).rectangle((50, 50, 90, 90), fill=BLUE)
    saved(publication, "images/a.gif", **film, comment=b"made by a source")
    made = prepared(publication, "images/a.gif")
    seen = opened(made)
    assert made.asset is not None
    assert (made.asset.media_type, getattr(seen, "n_frames", 1), seen.info.get("loop")) == ("image/gif", 3, 0)
    assert b"made by a source" not in made.asset.content
    assert (made.width, made.height, said(made)) == (300, 200, [])


@pytest.mark.parametrize("ground", [(0, 0, 0, 0), (*WHITE, 255)])
def test_a_gif_that_begins_with_nothing_is_told(publication: Path, ground: tuple[int, ...]) -> None:
    saved(publication, "images/a.gif", **frames(ground, WHITE, WHITE))
    assert said(prepared(publication, "images/a.gif")) == [
        'The picture "images/a.gif" begins with an empty frame, and some Outlooks show no other.'
    ]


def test_a_gif_that_is_cut_stands_still_and_that_is_told(publication: Path) -> None:
    saved(publication, "images/a.gif", **frames(RED, GREEN))
    made = prepared(publication, "images/a.gif", show_width=132, show_height=99)
    assert opened(made).format in ("PNG", "JPEG")
    assert "moves, but readers will see its first frame" in said(made)[0]


def test_a_heavy_gif_stands_still_and_that_is_told(publication: Path) -> None:
    saved(publication, "images/a.gif", **frames(RED, GREEN, size=(2100, 2000)))
    made = prepared(publication, "images/a.gif")
    assert like(opened(made).convert("RGB").getpixel((9, 9)), RED)
    assert "2,100 × 2,000 pixels" in said(made)[0]


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_other_animations_become_their_first_frame_and_that_is_told(publication: Path, kind: str) -> None:
    saved(publication, "images/a", kind=kind, **frames(RED, GREEN))
    made = prepared(publication, "images/a")
    assert like(opened(made).convert("RGB").getpixel((150, 100)), RED)
    assert "first frame" in said(made)[0]


def test_a_gif_of_very_many_frames_is_refused(publication: Path) -> None:
    small = BytesIO()
    Image.new("P", (2, 2)).save(small, "GIF")
    head, frame = re.split(rb"(?=,\x00\x00\x00\x00\x02\x00\x02\x00)", small.getvalue(), maxsplit=1)
    (publication / "images" / "a.gif").write_bytes(head + frame[:-1] * 5000 + b";")
    assert "has 5,000 frames" in refused(publication, "images/a.gif")


# Files that are no pictures


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is an empty file"),
        (b"just words\n", "is a text file, not a picture"),
        (b"<!DOCTYPE html><title>Log in</title>", "is a web page, not a picture"),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "Export it as PNG"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "Save it as JPEG"),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp42isom", "is a film"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"PK\3\4\0\0\0\0", "is not a picture of a kind that is known here"),
        (b"\xff\xd8\xff", "is broken or incomplete"),
        (b"GIF89a", "is broken or incomplete"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is broken or incomplete"),
        (b"RIFF\xff\xff\0\0WEBPVP8 ", "is broken or incomplete"),
        (b"II*\0\xff\xff\xff\xff", "is broken or incomplete"),
        (b"BM" + b"\xff" * 60, "is broken or incomplete"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(publication: Path, content: bytes, words: str) -> None:
    (publication / "images" / "a.jpg").write_bytes(content)
    assert words in refused(publication, "images/a.jpg")


def test_the_ending_of_a_name_does_not_matter(publication: Path) -> None:
    saved(publication, "images/really-a-chart.jpg", a_chart(), "PNG")
    asset = prepared(publication, "images/really-a-chart.jpg").asset
    assert asset is not None
    assert (asset.media_type, asset.name[-4:]) == ("image/png", ".png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_picture_that_breaks_off_is_told_with_file_and_line(publication: Path, kind: str) -> None:
    path = saved(publication, "images/a.jpg", a_photo(400, 300), kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    assert refused(publication, "images/a.jpg") == (
        'The picture "images/a.jpg" is broken or incomplete: it cannot be read to its end.\n'
        f"  {publication / 'issues' / '12.md'}:7\n"
        "  Download or export it again."
    )


def a_png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000_000))) + chunk(b"IEND", b"")


def test_a_picture_too_large_to_open_is_refused_by_its_measures(publication: Path) -> None:
    (publication / "images" / "a.png").write_bytes(a_png_that_claims(60_000, 60_000))
    assert "is 60,000 × 60,000 pixels" in refused(publication, "images/a.png")


def run_alone(script: str, publication: Path) -> subprocess.CompletedProcess[str]:
    """The script in a Python of its own, where `refusal(src)` prepares a picture and prints what is wrong."""
    before = (
        "import sys\nfrom pathlib import Path\nfrom digest.models import Picture\n"
        "from digest.render.images import BadPicture, Pictures, Request\n"
        "def refusal(src):\n"
        "    try: Pictures([Path(sys.argv[1])]).prepare(Request(Picture(src), None, 600))\n"
        "    except BadPicture as error: print(error.what)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", before + script, str(publication)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=30,
        check=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows tells the peak of memory in another way")
def test_a_picture_too_large_to_open_takes_no_memory(publication: Path) -> None:
    (publication / "images" / "a.png").write_bytes(a_png_that_claims(60_000, 60_000))
    ran = run_alone(
        "import resource\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = peak(); refusal('images/a.png'); print(peak() / before)\n",
        publication,
    )
    what, grown = ran.stdout.splitlines()
    assert "60,000 × 60,000" in what
    assert float(grown) < 1.5


def test_nothing_but_the_error_is_said_of_an_odd_file(publication: Path) -> None:
    """Pillow warns of the first and logs the second, and Python shows both on stderr."""
    (publication / "images" / "tags.tif").write_bytes(b"II*\0\xff\xff\xff\xff")
    tags = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in ((256, 9), (257, 9), (277, 2048)))
    (publication / "images" / "samples.tif").write_bytes(struct.pack("<2sHIH", b"II", 42, 8, 3) + tags + bytes(4))
    ran = run_alone("refusal('images/tags.tif'); refusal('images/samples.tif')\n", publication)
    assert ran.stdout.count("is broken or incomplete") == 2
    assert ran.stderr == ""


def test_a_file_too_large_to_read_is_refused(publication: Path) -> None:
    with open(publication / "images" / "a.jpg", "wb") as file:
        file.truncate(60_000_000)
    assert "is a file of 60 MB" in refused(publication, "images/a.jpg")


# Names and places


@pytest.mark.parametrize(
    ("name", "src"),
    [
        ("images/a b.jpg", "images/a b.jpg"),
        ("images/a b.jpg", "images/a%20b.jpg"),
        ("images/a (1).jpg", "images/a%20%281%29.jpg"),
        ("images/100%25.jpg", "images/100%25.jpg"),
        ("images/a.jpg", "images\\a.jpg"),
        ("images/a.jpg", "./images/../images/a.jpg"),
        ("images/a.jpg", "../images/a.jpg"),
        ("issues/a.jpg", "a.jpg"),
        ("issues/images/a.jpg", "images/a.jpg"),
        (
            "images/" + unicodedata.normalize("NFD", "йод.jpg"),
            "images/" + unicodedata.normalize("NFC", "йод.jpg"),
        ),
        (
            "images/" + unicodedata.normalize("NFC", "йод.jpg"),
            "images/" + unicodedata.normalize("NFD", "йод.jpg"),
        ),
        ("images/й.jpg", "images/%D0%B9.jpg"),
    ],
)
def test_a_picture_is_found_however_its_name_is_written(publication: Path, name: str, src: str) -> None:
    saved(publication, name, a_photo(60, 40))
    assert prepared(publication, src).width == 60


def test_a_picture_beside_the_issue_goes_before_one_of_the_publication(publication: Path) -> None:
    saved(publication, "images/a.png", Image.new("RGB", (20, 20), RED))
    saved(publication, "issues/images/a.png", Image.new("RGB", (30, 30), BLUE))
    assert prepared(publication, "images/a.png").width == 30


@pytest.mark.parametrize(
    "src", ["../../secret.png", "..\\..\\secret.png", "%2e%2e/%2e%2e/secret.png", "../../news-2/secret.png"]
)
def test_no_name_leads_out_of_the_publication(publication: Path, src: str) -> None:
    saved(publication, "../secret.png", a_chart())
    saved(publication, "../news-2/secret.png", a_chart())
    assert "lies outside the publication's folder" in refused(publication, src)


@pytest.mark.parametrize("src", ["/images/a.jpg", "C:\\images\\a.jpg", "C:/images/a.jpg", "\\\\server\\a.jpg"])
def test_a_place_on_one_computer_is_refused(publication: Path, src: str) -> None:
    assert "is named by its place on one computer" in refused(publication, src)


def a_link(link: Path, target: Path) -> None:
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system lets nobody make links")


def test_a_link_that_leads_out_is_refused(publication: Path) -> None:
    saved(publication, "../secret.png", a_chart())
    a_link(publication / "images" / "a.png", publication.parent / "secret.png")
    assert "leads outside the publication's folder" in refused(publication, "images/a.png")


def test_a_folder_that_is_a_link_leading_out_is_refused(publication: Path) -> None:
    saved(publication, "../elsewhere/secret.png", a_chart())
    a_link(publication / "linked", publication.parent / "elsewhere")
    assert "leads outside the publication's folder" in refused(publication, "linked/secret.png")


def test_a_link_that_stays_inside_is_followed(publication: Path) -> None:
    saved(publication, "images/a.png", a_chart(60, 40))
    a_link(publication / "images" / "b.png", publication / "images" / "a.png")
    assert prepared(publication, "images/b.png").width == 60


def test_a_link_that_leads_nowhere_or_in_a_circle_is_told(publication: Path) -> None:
    a_link(publication / "images" / "a.png", publication / "images" / "gone.png")
    a_link(publication / "images" / "b.png", publication / "images" / "b.png")
    assert "is a link to a file that is not there" in refused(publication, "images/a.png")
    assert "leads in a circle" in refused(publication, "images/b.png")


def test_a_folder_and_a_pipe_are_no_pictures(publication: Path) -> None:
    assert "is a folder, not a picture" in refused(publication, "../images")
    if hasattr(os, "mkfifo"):
        os.mkfifo(publication / "images" / "pipe.png")
        assert "is not an ordinary file" in refused(publication, "images/pipe.png")


def test_a_name_in_the_wrong_case_is_told_on_every_system(publication: Path) -> None:
    saved(publication, "images/Convoy.JPG", a_photo(60, 40), "JPEG")
    assert 'is called "../images/Convoy.JPG" on disk' in refused(publication, "images/convoy.jpg")


@pytest.mark.parametrize(
    ("src", "meant"),
    [
        ("images/convoi.jpg", "../images/convoy.jpg"),
        ("images/convoy.jpeg", "../images/convoy.jpg"),
        ("convoy.jpg", "../images/convoy.jpg"),
        ("pictures/convoy.jpg", "../images/convoy.jpg"),
    ],
)
def test_a_missing_picture_is_told_with_what_was_meant(publication: Path, src: str, meant: str) -> None:
    saved(publication, "images/convoy.jpg", a_photo(60, 40))
    saved(publication, "images/budget.jpg", a_photo(60, 40))
    assert refused(publication, src) == (
        f'The picture "{src}" was not found. Did you mean "{meant}"?\n  {publication / "issues" / "12.md"}:7'
    )


@pytest.mark.parametrize("src", ["images/a\0b.jpg", "images/%00.jpg", "x" * 5000, "images/\udc80.jpg", "?", "."])
def test_names_no_disk_can_hold_are_mistakes_like_others(publication: Path, src: str) -> None:
    assert refused(publication, src).startswith('The picture "')


# On the web


def test_a_picture_on_the_web_stays_there(publication: Path) -> None:
    assert prepared(publication, "https://img.example/a b.jpg") == Prepared(None, "https://img.example/a b.jpg")


@pytest.mark.parametrize(
    ("src", "words"),
    [
        ("", "has no file or address"),
        ("data:image/png;base64," + "A" * 5000, "Gmail and Outlook do not show"),
        ("javascript:alert(1)", 'begins with "javascript:"'),
        ("file:///etc/passwd", 'begins with "file:"'),
        ("cid:logo", 'begins with "cid:"'),
        ("//img.example/a.jpg", 'lacks the "https:"'),
        ("https:///a.jpg", "without a site's name"),
        ("http://[::1/a.jpg", "without a site's name"),
    ],
)
def test_other_addresses_are_refused(publication: Path, src: str, words: str) -> None:
    told = refused(publication, src)
    assert words in told
    assert len(told) < 400


# Words for those who do not see


@pytest.mark.parametrize("alt", ["", "  ", "IMG_1234.jpg", "img_1234"])
def test_a_picture_without_words_is_told_with_file_and_line(publication: Path, alt: str) -> None:
    saved(publication, "images/IMG_1234.jpg", a_photo(60, 40))
    (finding,) = prepared(publication, "images/IMG_1234.jpg", alt=alt).findings
    assert (finding.level, finding.path, finding.line) == ("warning", publication / "issues" / "12.md", 7)
    assert "for readers who do not see it" in finding.what
    assert "![A convoy on the road near Baghdad]" in finding.hint


# What is kept


def test_a_second_build_takes_what_the_first_one_kept(publication: Path, tmp_path: Path) -> None:
    """Seen by what lies in the cache: touched once, not written again."""
    cache = tmp_path / "kept"
    saved(publication, "images/a.gif", **frames(RED, GREEN))
    room = {"show_width": 132, "show_height": 99}
    first = prepared(publication, "images/a.gif", cache=cache, **room)
    (kept,) = cache.iterdir()
    os.utime(kept, (1, 1))
    assert prepared(publication, "images/a.gif", cache=cache, **room) == first
    assert kept.stat().st_mtime == 1


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"nonsense", b"[" * 100_000 + b"\n", b"\xff\xfe\n\0"])
def test_a_damaged_cache_costs_time_only(publication: Path, tmp_path: Path, damage: bytes) -> None:
    cache = tmp_path / "kept"
    saved(publication, "images/a.jpg", a_photo())
    first = prepared(publication, "images/a.jpg", cache=cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(damage)
    assert prepared(publication, "images/a.jpg", cache=cache) == first
    kept.write_bytes(kept.read_bytes()[:-1])
    assert prepared(publication, "images/a.jpg", cache=cache) == first


def test_a_cache_that_cannot_be_written_costs_time_only(publication: Path, tmp_path: Path) -> None:
    saved(publication, "images/a.jpg", a_photo(60, 40))
    (tmp_path / "kept").write_text("a file where the folder should be")
    assert prepared(publication, "images/a.jpg", cache=tmp_path / "kept").width == 60


def test_other_room_or_another_picture_is_never_served_from_the_cache(publication: Path, tmp_path: Path) -> None:
    cache = tmp_path / "kept"
    saved(publication, "images/a.jpg", a_photo())
    sizes = [
        opened(prepared(publication, "images/a.jpg", cache=cache, **room)).size
        for room in (
            {"show_width": 100},
            {"show_width": 100, "pixels": 300},
            {"show_width": 120, "show_height": 60},
        )
    ]
    saved(publication, "images/a.jpg", a_photo(600, 600))
    sizes.append(opened(prepared(publication, "images/a.jpg", cache=cache, show_width=100)).size)
    assert sizes == [(200, 150), (300, 225), (240, 120), (200, 200)]


def replaced(publication: Path, made: Unchanged[Recoded], colour: tuple[int, int, int]) -> Prepared:
    """A picture of another colour but the same size and times in the place of the one there was."""
    path = publication / "images" / "a.bmp"
    before = path.stat() if path.exists() else None
    saved(publication, "images/a.bmp", Image.new("RGB", (64, 48), colour))
    if before:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    return Pictures([publication], made=made).prepare_all([asked(publication, "images/a.bmp")])[0]


def test_a_picture_replaced_at_once_by_one_of_its_size_is_seen(publication: Path) -> None:
    made: Unchanged[Recoded] = Unchanged()
    shown = [opened(replaced(publication, made, colour)).getpixel((5, 5)) for colour in (RED, GREEN, BLUE)]
    assert all(like(seen, wanted) for seen, wanted in zip(shown, (RED, GREEN, BLUE), strict=True))


@pytest.mark.skipif(os.name == "nt", reason="there each picture is read each time")
def test_an_old_picture_is_made_once_and_seen_when_it_is_replaced(
    publication: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As though each had lain there for long.
    monkeypatch.setattr(unchanged, "_FRESH", -1)
    made: Unchanged[Recoded] = Unchanged()
    first = replaced(publication, made, RED)
    again = Pictures([publication], made=made).prepare_all([asked(publication, "images/a.bmp")])[0]
    time.sleep(0.02)
    other = replaced(publication, made, GREEN)

    assert first.asset
    assert again.asset
    assert again.asset.content is first.asset.content
    assert like(opened(other).getpixel((5, 5)), GREEN)


def test_what_a_mail_did_not_want_is_forgotten_with_the_next(
    publication: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unchanged, "_FRESH", -1)
    made: Unchanged[Recoded] = Unchanged()
    first = replaced(publication, made, RED)
    for _ in range(2):
        Pictures([publication], made=made).prepare_all([])
    again = Pictures([publication], made=made).prepare_all([asked(publication, "images/a.bmp")])[0]

    assert again == first
    assert first.asset
    assert again.asset
    assert again.asset.content is not first.asset.content


# Many at once


def test_many_pictures_come_back_in_the_order_asked_for(publication: Path) -> None:
    for number in range(1, 13):
        saved(publication, f"images/{number}.png", Image.new("RGB", (10 * number, 10), RED))
    told: list[tuple[int, int]] = []
    order = [7, 1, 12, 3, 3, 9, 2, 11, 4, 10, 5, 8, 6]
    made = Pictures([publication]).prepare_all(
        [asked(publication, f"images/{number}.png") for number in order],
        lambda done, of: told.append((done, of)),
    )
    assert [each.width for each in made] == [10 * number for number in order]
    assert told == [(done, 13) for done in range(1, 14)]


def test_old_and_new_pictures_come_back_in_order_and_are_counted(publication: Path, tmp_path: Path) -> None:
    names = [f"images/{number}.jpg" for number in range(6)]
    for number, name in enumerate(names):
        saved(publication, name, a_photo(64 + number, 48))
    requests = [asked(publication, name) for name in names]
    pictures = Pictures([publication], cache=tmp_path / "cache")
    pictures.prepare_all([*requests[:2], requests[4]])
    heard: list[tuple[int, int]] = []

    found = pictures.prepare_all(requests, lambda done, total: heard.append((done, total)))

    assert [each.width for each in found] == [64, 65, 66, 67, 68, 69]
    assert heard == [(done, 6) for done in range(1, 7)]


def test_every_mistake_is_told_and_each_once(publication: Path) -> None:
    (publication / "images" / "page.jpg").write_bytes(b"<html>")
    saved(publication, "images/a.jpg", a_photo(60, 40))
    wanted = ["images/gone.jpg", "images/a.jpg", "images/page.jpg", "images/page.jpg", "data:,"]
    with pytest.raises(Mistakes) as caught:
        Pictures([publication]).prepare_all([asked(publication, src) for src in wanted])
    assert len(caught.value.mistakes) == 3


def test_nothing_asked_is_nothing_given(publication: Path) -> None:
    assert Pictures([publication]).prepare_all([]) == []


def test_a_logo_is_told_by_the_file_that_names_it(publication: Path) -> None:
    (publication / "digest.toml").write_text("")
    (publication / "logo.txt").write_text("Our logo")
    with pytest.raises(BadPicture) as caught:
        Pictures([publication]).prepare(
            Request(Picture("logo.txt", alt="News", line=9), publication / "digest.toml", show_width=180)
        )
    assert caught.value.place == f"{publication / 'digest.toml'}:9"
    assert caught.value.what.startswith('The picture "logo.txt" is a text file, not a picture')
