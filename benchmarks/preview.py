"""How soon the preview shows what was saved: in a real browser, from the save to the mail that is drawn.

    python benchmarks/preview.py [--saves 30] [--memory 2000]

Needs Playwright and an installed Chromium. Trust the ratios, not the milliseconds. Of the others no preview is
measured here: react-email's and Maizzle's each want a project and several hundred megabytes of their own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import stories

HERE = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: Milliseconds that are promised for 30 stories, and from the command to the first mail.
SAVED_WITHIN, STARTED_WITHIN = 150, 1000
#: A page whose mail has been drawn.
SHOWN = "body[data-shown]:not([data-shown='0'])"
#: Resolves when another mail has taken the place of the one that is shown and was drawn; the browser's clock then.
NEXT_MAIL = """() => new Promise(resolve => {
  const before = document.body.dataset.shown;
  const drawn = () => document.body.dataset.shown !== before &&
    requestAnimationFrame(() => { watch.disconnect(); resolve(performance.timeOrigin + performance.now()); });
  const watch = new MutationObserver(drawn);
  watch.observe(document.body, {attributes: true, attributeFilter: ["data-shown"]});
})"""


def main() -> None:
    """Measure, and print a line for each."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--saves", type=int, default=30, help="how many saves are timed")
    options.add_argument("--memory", type=int, default=0, help="after so many saves, how much memory has grown")
    given = options.parse_args()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("Playwright is not installed: pip install playwright")
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        sys.exit(f"No browser on the PATH, none of {', '.join(BROWSERS)}.")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"{os.cpu_count()} cores, load {load}, {given.saves} saves\n")
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for count, pictures in ((30, True), (30, False), (100, False)):
            what = f"{count} stories{' with pictures' if pictures else ''}"
            folder = stories.publication(Path(temporary) / what.replace(" ", "-"), count, pictures=pictures)
            subprocess.run(_command("build"), cwd=folder, env=_environment(folder), check=True, capture_output=True)
            _started(browser, folder, what)
            _saved(browser, folder, what, given.saves)
        if given.memory:
            _grown(browser, Path(temporary) / "30-stories", given.memory)
        browser.close()


def _started(browser: Any, folder: Path, what: str) -> None:
    """From the command to the first mail, pictures kept from before, in a browser that is open."""
    times = []
    for _ in range(3):
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.goto("about:blank")
        began = time.time()
        with _preview(folder) as (address, _process):
            # Loaded is a page when the mail in its frame is.
            page.goto(address)
            times.append((time.time() - began) * 1000)
        page.close()
    print(f"{what:<26} start to visible {median(times):6.0f} ms   (at most {STARTED_WITHIN})")


def _saved(browser: Any, folder: Path, what: str, saves: int) -> None:
    """From a save to the mail that shows it."""
    file = folder / "issues" / "030.md"
    text = file.read_text("utf-8")
    times = []
    with _preview(folder) as (address, _process):
        page = _opened(browser, address)
        for number in range(saves):
            page.evaluate(f"() => {{ window.next = ({NEXT_MAIL})(); }}")
            saved = time.time()
            file.write_text(text.replace("Good morning.", f"Good morning, {number}."), "utf-8")
            times.append(page.evaluate("() => window.next") - saved * 1000)
            # Past the closer look that follows a save, as an editor's next save is.
            time.sleep(0.7)
        page.close()
    file.write_text(text, "utf-8")
    late = quantiles(times, n=20)[-1]
    bound = f"   (at most {SAVED_WITHIN})" if "30 stories" in what else ""
    print(f"{what:<26} save to visible  {median(times):6.0f} ms, 95 % within {late:.0f}{bound}")


def _grown(browser: Any, folder: Path, saves: int) -> None:
    """How much the server has grown by, once it is warm."""
    file = folder / "issues" / "030.md"
    text = file.read_text("utf-8")
    with _preview(folder) as (address, process):
        page = _opened(browser, address)
        sizes = []
        for number in range(saves + 100):
            page.evaluate(f"() => {{ window.next = ({NEXT_MAIL})(); }}")
            file.write_text(text.replace("Good morning.", f"Good morning, {number}."), "utf-8")
            page.evaluate("() => window.next")
            if number in (99, saves + 99):
                sizes.append(_megabytes(process.pid))
        page.close()
    print(f"{saves} saves: from {sizes[0]:.0f} to {sizes[1]:.0f} MB   (20 more at most)")


def _opened(browser: Any, address: str) -> Any:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.goto(address)
    page.wait_for_selector(SHOWN, state="attached")
    time.sleep(1.5)
    return page


@contextmanager
def _preview(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        _command("preview", "--no-open"),
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(10)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "digest", *words]


def _environment(folder: Path) -> dict[str, str]:
    """What child processes get: digest from this checkout, and bytecode kept as an installed package has it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join(filter(None, [str(HERE.parent), kept.get("PYTHONPATH", "")]))
    return {**kept, "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode")}


def _megabytes(process: int) -> float:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
