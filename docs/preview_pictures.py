"""The README's pictures of `digest preview`: a preview of the sample newsletter, an editor's mistake, and a browser.

Run it after the page has changed: `python docs/preview_pictures.py`. It wants Playwright and a Chromium.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: A font that is the same wherever the pictures are drawn.
FONT = ":root { font-family: 'Liberation Sans', Arial, sans-serif !important; }"

MISTAKES = (("[[first_name|reader]]", "[[frist_name|reader]]"), ("preheader:", "preheadr:"))

#: Name in docs/, light or dark, window, what follows the address, and what the editor gets wrong meanwhile.
PICTURES: tuple[tuple[str, str, tuple[int, int], str, tuple[tuple[str, str], ...]], ...] = (
    ("preview-mail", "light", (1240, 780), "?width=600&panel=weight", ()),
    ("preview-mistake", "dark", (1240, 780), "?width=600&mode=dark", MISTAKES),
    ("preview-phone", "light", (375, 780), "?mode=dark", ()),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        shutil.copy(ROOT / "digest.toml", folder)
        shutil.copytree(ROOT / "issues", folder / "issues")
        path = next(found for name in BROWSERS if (found := shutil.which(name)))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        with preview(folder) as address:
            for name, scheme, (width, height), query, mistakes in PICTURES:
                window = {"width": width, "height": height}
                page = browser.new_context(viewport=window, color_scheme=scheme, bypass_csp=True).new_page()
                page.goto(address + query)
                page.add_style_tag(content=FONT)
                page.wait_for_timeout(1500)
                with mistaken(folder / "issues/012.md", mistakes):
                    page.wait_for_timeout(1000)
                    print(drawn(ROOT / "docs" / f"{name}.png", page))
                page.context.close()
        browser.close()


@contextmanager
def preview(folder: Path) -> Iterator[str]:
    """The address of a running preview."""
    typed = [sys.executable, "-m", "digest", "preview", "012", "--no-open"]
    env = {"PYTHONPATH": str(ROOT), "VISUAL": "code"}
    process = subprocess.Popen(typed, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.match(r"http://\S+", process.stdout.readline())
        assert found, "the preview did not start"
        yield found[0]
    finally:
        process.terminate()
        process.wait()


@contextmanager
def mistaken(path: Path, mistakes: tuple[tuple[str, str], ...]) -> Iterator[None]:
    """The file with something wrong in it, for a while."""
    text = path.read_text("utf-8")
    wrong = text
    for right, instead in mistakes:
        wrong = wrong.replace(right, instead, 1)
    path.write_text(wrong, "utf-8")
    yield
    path.write_text(text, "utf-8")


def drawn(path: Path, page: Any) -> Path:
    """The page as a small PNG."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


if __name__ == "__main__":
    main()
