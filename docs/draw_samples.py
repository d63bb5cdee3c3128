"""The pictures of the sample publication and of the first issue, drawn from nothing but numbers.

    python docs/draw_samples.py [NAME...]

Each picture is a function that gives the inside of an SVG; Chromium draws it and Pillow packs it. Only who
wants another picture needs to run this: what it draws is kept in git.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from drawings import number_11, number_12
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
#: Nobody's thumbnail should weigh more than the whole mail; the first issue's travels in the wheel as well.
HEAVIEST = {".jpg": 60_000, ".png": 30_000}

PICTURES: dict[str, tuple[Callable[[], str], int, int]] = {
    "issues/images/pencil.jpg": (number_12.pencil, 1200, 900),
    "issues/images/pigeon.jpg": (number_12.pigeon, 1200, 900),
    "issues/images/moth.jpg": (number_12.moth, 1200, 900),
    "issues/images/map.jpg": (number_12.agloe, 1200, 900),
    "issues/images/pitch.jpg": (number_12.pitch, 1200, 900),
    "issues/images/lighthouse.jpg": (number_12.lighthouse, 1200, 900),
    "issues/images/forecast.jpg": (number_12.forecast, 1200, 900),
    "issues/images/record.jpg": (number_11.record, 1200, 900),
    "issues/images/summer.jpg": (number_11.summer, 1200, 900),
    "issues/images/bottles.jpg": (number_11.bottles, 1200, 900),
    "issues/images/gauge.jpg": (number_11.gauge, 1160, 640),
    "templates/init/images/welcome.png": (number_11.welcome, 1200, 900),
}


def main(wanted: list[str]) -> None:
    for name, (draw, width, height) in PICTURES.items():
        if not wanted or Path(name).stem in wanted:
            pack(photograph(draw(), width, height), ROOT / name)


def photograph(drawing: str, width: int, height: int) -> Image.Image:
    """`drawing` as Chromium shows it."""
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome", "msedge"))), None)
    if browser is None:
        sys.exit("draw_samples needs Chromium or Chrome on the PATH.")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{drawing}</svg>'
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        page.write_text(f"<!doctype html><body style='margin:0'>{svg}", encoding="utf-8")
        # Taller than the picture: the window's own frame is taken off the height.
        size = f"--window-size={width},{height + 200}"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", size]
        subprocess.run([browser, *flags, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True)
        with Image.open(shot) as image:
            return image.convert("RGB").crop((0, 0, width, height))


def pack(image: Image.Image, path: Path) -> None:
    """Write `image` in the best quality that is light enough."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(84, 50, -4):
        if path.suffix == ".png":
            image.quantize(quality // 2, dither=Image.Dither.NONE).save(path, optimize=True)
        else:
            image.save(path, quality=quality, optimize=True, progressive=True)
        weight = path.stat().st_size
        if weight <= HEAVIEST[path.suffix]:
            print(f"{path.relative_to(ROOT)}  {image.width}x{image.height}  {weight:,} bytes at {quality}")
            return
    sys.exit(f"{path.name} is too heavy: {weight:,} bytes.")


if __name__ == "__main__":
    main(sys.argv[1:])
