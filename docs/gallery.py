"""One page with pictures of both themes, in every width, mode and language: what to look at before a change is kept.

Run by `make gallery`; writes build/gallery/index.html. With `--readme` it draws the README's four pictures instead.
Playwright is used where it is installed, else a Chromium on the PATH.
"""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from digest import issue_file
from digest.exporters import folder
from digest.project import Project
from digest.render.pipeline import Renderer

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "gallery"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
#: Higher than any mail here; what stays empty below it is cut off.
TALL = 9000


@dataclass(frozen=True, slots=True)
class Shot:
    """One way to look at a mail."""

    width: int
    dark: bool = False
    #: "": as it is. "inverted": as an app does that knows no dark mails. "no pictures", "no style": as told.
    mode: str = ""
    scale: int = 1

    @property
    def about(self) -> str:
        return ", ".join(part for part in (f"{self.width} px", "dark" if self.dark else "", self.mode) if part)


FULL = (
    Shot(700),
    Shot(700, dark=True),
    Shot(375),
    Shot(375, dark=True),
    Shot(320),
    Shot(700, mode="inverted"),
    Shot(700, mode="no pictures"),
    Shot(700, mode="no style"),
)
SHORT = (Shot(700), Shot(375), Shot(375, dark=True))

#: Name in docs/, the issue, how to look at it, and the height to cut it to.
README = (
    ("brief-desktop", "012", Shot(700), 1040),
    ("brief-phone-dark", "011", Shot(375, dark=True), 1040),
    ("letter-desktop", "letter-04", Shot(700), 1040),
    ("letter-phone", "letter-04", Shot(375), 1040),
)

#: Takes a file and a way to look at it, gives a PNG.
Camera = Callable[[Path, Shot], bytes]


def main(arguments: list[str]) -> None:
    folders = dict(mails(OUT / "mails"))
    with tempfile.TemporaryDirectory() as profile:
        camera = with_playwright() or with_chromium(Path(profile))
        if "--readme" in arguments:
            for name, mail, shot, height in README:
                print(drawn(ROOT / "docs" / f"{name}.png", camera(folders[mail], shot), height))
            return
        rows = []
        for name, file in folders.items():
            figures = []
            for shot in SHORT if "-in-" in name else FULL:
                picture = OUT / "shots" / f"{name}-{re.sub(r'[^a-z0-9]+', '-', shot.about)}.png"
                picture.parent.mkdir(parents=True, exist_ok=True)
                picture.write_bytes(camera(file, shot))
                figures.append((shot, picture.relative_to(OUT).as_posix()))
            rows.append((name, figures))
            print(f"{name}: {len(figures)} pictures")
    (OUT / "index.html").write_text(page(rows), encoding="utf-8")
    print(OUT / "index.html")


def mails(out: Path) -> Iterator[tuple[str, Path]]:
    """Name and email.html of each mail shown: the sample issues, and a short one in other languages in both themes."""
    shutil.rmtree(out, ignore_errors=True)
    project = Project.here(ROOT)
    renderer = Renderer(replace(project.publication, view_url="https://example.org/{slug}"), root=ROOT)
    for entry in project.entries():
        yield entry.path.stem, built(renderer, entry.path, out / entry.path.stem)
    # Their footers too shall be in their own language.
    renderer = Renderer(replace(renderer.publication, reason=""), root=ROOT)
    for path in sorted((ROOT / "docs" / "gallery").glob("*.md")):
        for theme in ("brief", "letter"):
            name = f"{theme}-in-{path.stem}"
            yield name, built(renderer, path, out / name, theme)


def built(renderer: Renderer, path: Path, out: Path, theme: str = "") -> Path:
    issue = issue_file.read(path).issue
    out.mkdir(parents=True)
    receipt = folder.write(renderer.render(replace(issue, theme=theme or issue.theme)), out)
    return receipt.paths[0]


def seen(file: Path, shot: Shot) -> Path:
    """A copy of the mail as `shot` wants it, beside it so that its pictures are found."""
    text = file.read_text(encoding="utf-8")
    if shot.mode == "no style":
        text = re.sub(r"<style\b.*?</style>", "", text, flags=re.DOTALL)
    if shot.mode == "no pictures":
        text = text.replace('src="images/', 'src="none/')
    if shot.mode == "inverted":
        turned = "<style>html{filter:invert(1) hue-rotate(180deg);background:#fff}</style></head>"
        text = text.replace("</head>", turned)
    copy = file.with_name("seen.html")
    copy.write_text(text, encoding="utf-8")
    return copy


def with_playwright() -> Camera | None:
    """A camera by Playwright, with its own browser or the one on the PATH; None where it is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    browser = (
        sync_playwright()
        .start()
        .chromium.launch(executable_path=found_browser(), args=["--no-sandbox", "--disable-gpu"])
    )

    def camera(file: Path, shot: Shot) -> bytes:
        page = browser.new_page(
            viewport={"width": shot.width, "height": 700},
            color_scheme="dark" if shot.dark else "light",
            device_scale_factor=shot.scale,
        )
        page.goto(seen(file, shot).as_uri())
        png = page.screenshot(full_page=True)
        page.close()
        return bytes(png)

    return camera


def with_chromium(profile: Path) -> Camera:
    """A camera by Chromium alone. Its windows are at least 500 pixels wide, so the mail stands in a frame."""
    browser = found_browser()
    if browser is None:
        sys.exit(f"No browser: install Playwright, or put one of these on the PATH: {', '.join(BROWSERS)}.")

    def camera(file: Path, shot: Shot) -> bytes:
        around = file.with_name("frame.html")
        around.write_text(
            f'<!DOCTYPE html><meta name="color-scheme" content="{"dark" if shot.dark else "light"}">'
            f'<body style="margin:0"><iframe src="{seen(file, shot).name}" width="{shot.width}" height="{TALL}" '
            'style="border:0;display:block"></iframe>',
            encoding="utf-8",
        )
        png = profile / "shot.png"
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={profile}", f"--screenshot={png}", f"--window-size={max(shot.width, 500)},{TALL}"]
        command += ["--blink-settings=preferredColorScheme=0"] if shot.dark else []
        subprocess.run([*command, around.as_uri()], check=True, capture_output=True, timeout=120)
        with Image.open(png) as image:
            return as_png(without_tail(image.convert("RGB").crop((0, 0, shot.width, TALL))))

    return camera


def found_browser() -> str | None:
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def without_tail(image: Image.Image) -> Image.Image:
    """The picture without the rows at its end that are all like the last one."""
    last = image.crop((0, image.height - 1, image.width, image.height)).resize(image.size)
    from PIL import ImageChops

    box = ImageChops.difference(image, last).getbbox()
    return image.crop((0, 0, image.width, min(image.height, box[3] + 24 if box else 1)))


def as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def drawn(path: Path, png: bytes, height: int) -> str:
    """Write the top of a picture, in as many colours as 120 kB allow; what to say of it."""
    with Image.open(io.BytesIO(png)) as opened:
        image = opened.convert("RGB").crop((0, 0, opened.width, min(height, opened.height)))
    for colours in (256, 128, 64, 32):
        image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size < 120_000:
            break
    return f"{path.relative_to(ROOT)}: {image.width} x {image.height}, {path.stat().st_size:,} bytes"


def page(rows: list[tuple[str, list[tuple[Shot, str]]]]) -> str:
    parts = [
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Gallery</title><style>'
        "body{font:16px/1.5 sans-serif;margin:24px;background:#ddd}section{display:flex;gap:16px;overflow-x:auto}"
        "figure{margin:0;flex:none}figcaption{font-size:13px}img{display:block;height:auto}</style><h1>Gallery</h1>"
    ]
    for name, figures in rows:
        parts.append(f"<h2>{html.escape(name)}</h2><section>")
        for shot, source in figures:
            caption = f"<figcaption>{html.escape(shot.about)}</figcaption>"
            parts.append(f'<figure>{caption}<img loading="lazy" src="{source}" width="{shot.width}" alt=""></figure>')
        parts.append("</section>")
    return "\n".join(parts) + "\n</html>\n"


if __name__ == "__main__":
    main(sys.argv[1:])
