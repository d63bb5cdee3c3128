"""Both themes in a real browser: what a reader's screen shows, measured there."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from publications import KITCHEN, THEMES, a_picture, as_seen, head, made

from digest.render import colours

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: Each visible text with its colour and the colour behind it, as WCAG 2.2 compares them.
CONTRASTS = """() => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = channels(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility()) continue;
    const pair = [light(channels(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => b - a);
    found.push([walk.currentNode.data.trim().slice(0, 40), (pair[0] + 0.05) / (pair[1] + 0.05)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, by Playwright. Without them there is nothing to see, unless DIGEST_NEED_BROWSER=1 insists."""
    lacking = ""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking = "Playwright is not installed: pip install playwright"
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if not lacking and path is None:
        lacking = f"no browser on the PATH, none of {', '.join(BROWSERS)}"
    if lacking:
        (pytest.fail if os.environ.get("DIGEST_NEED_BROWSER") == "1" else pytest.skip)(lacking)
    try:
        playwright = sync_playwright().start()
    except Exception as error:
        # Its driver is a program of its own, which may lack a library (libatomic1 on a bare Debian).
        lacking = f"Playwright does not start: {error}"
        (pytest.fail if os.environ.get("DIGEST_NEED_BROWSER") == "1" else pytest.skip)(lacking)
    opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
    yield opened
    opened.close()
    playwright.stop()


@pytest.fixture(scope="module")
def mails(tmp_path_factory) -> dict[str, Path]:
    """A mail with everything an issue can hold, in both themes, and one from right to left in each."""
    arabic = (
        "صباح الخير.\n\n## أهم القصص\nlayout: rows\n\n### [المدينة التي تقرأ المطر](https://example.org/1)\n\n"
        "![دائرة](images/a.jpg)\n\nنص قصير.\n\n> اقتباس.\n"
    )
    found = {}
    for name in THEMES:
        for kind, text in (("", KITCHEN), ("-arabic", arabic)):
            keys = {"language": "ar", "title": "أخبار هادئة"} if kind else {"preheader": "Hidden from the body"}
            folder = tmp_path_factory.mktemp(f"{name}{kind}")
            found[name + kind] = as_seen(made(folder, head(name, **keys) + text), folder / "out")
    return found


@pytest.fixture(scope="module")
def shown(browser):
    """Shows a file, in one page for each light and with or without pictures; no test changes what it is shown."""
    pages: dict[tuple[bool, bool], Any] = {}

    def page(file: Path, width: int, *, dark: bool = False, pictures: bool = True) -> Any:
        way = (dark, pictures)
        if way not in pages:
            found = pages[way] = browser.new_page(color_scheme="dark" if dark else "light")
            found.on("request", lambda request: found.asked.append(request.url))
            if not pictures:
                found.route("**/*.jpg", lambda route: route.abort())
        found = pages[way]
        found.asked = []
        found.set_viewport_size({"width": width, "height": 800})
        found.goto(file.as_uri())
        return found

    yield page
    for each in pages.values():
        each.close()


@pytest.fixture(scope="module")
def opened(shown, mails):
    """Shows one of the mails."""
    return lambda name, width, **how: shown(mails[name], width, **how)


def box(page: Any, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return {**found, "right": found["x"] + found["width"], "bottom": found["y"] + found["height"]}


@pytest.mark.parametrize("width", [320, 375, 700])
@pytest.mark.parametrize("name", [*THEMES, "brief-arabic", "letter-arabic"])
def test_no_screen_has_to_be_pushed_sideways(opened, name, width):
    assert opened(name, width).evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", THEMES)
def test_without_pictures_no_phone_has_to_be_pushed_sideways(opened, name):
    assert opened(name, 320, pictures=False).evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", THEMES)
def test_the_picture_of_a_row_is_beside_its_words_and_on_a_phone_above_them(opened, name):
    for width, beside in ((700, True), (375, False)):
        page = opened(name, width)
        picture, words = box(page, ".i img"), box(page, ".i + .t h3, .i + .t h4")

        assert (picture["right"] <= words["x"] and abs(picture["y"] - words["y"]) < 8) is beside
        assert (picture["bottom"] <= words["y"] and abs(picture["x"] - words["x"]) < 1) is not beside


@pytest.mark.parametrize("name", THEMES)
def test_the_picture_of_a_row_fills_the_column_of_a_phone(opened, name):
    page = opened(name, 375)

    assert abs(box(page, ".i img")["width"] - box(page, "h1")["width"]) < 1


@pytest.mark.parametrize("name", THEMES)
def test_cards_stand_side_by_side_and_on_a_phone_below_each_other(opened, name):
    for width, beside in ((700, True), (375, False)):
        page = opened(name, width)
        first, second = box(page, ".cd"), box(page, ".ce")

        assert (abs(first["y"] - second["y"]) < 1) is beside
        assert (second["y"] >= first["bottom"]) is not beside


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", [*THEMES, "brief-arabic", "letter-arabic"])
def test_every_text_reads_on_its_ground(opened, name, dark):
    contrasts = opened(name, 700, dark=dark).evaluate(CONTRASTS)

    assert len(contrasts) > 10
    assert [text for text, ratio in contrasts if ratio < 4.5] == []


@pytest.mark.parametrize("name", THEMES)
def test_in_the_dark_no_light_ground_is_left(opened, name):
    light = opened(name, 700, dark=True).evaluate(
        """() => [...document.querySelectorAll("body, body *")].filter(node => {
          const [r, g, b, a] = getComputedStyle(node).backgroundColor.match(/[\\d.]+/g).map(Number);
          return node.checkVisibility() && a !== 0 && r + g + b > 384;
        }).map(node => node.outerHTML.slice(0, 80))"""
    )

    assert light == []


@pytest.mark.parametrize("name", THEMES)
def test_opening_a_mail_asks_the_network_for_nothing(opened, name):
    page = opened(name, 700)

    assert len(page.asked) > 1
    assert [url for url in page.asked if not url.startswith("file:")] == []


@pytest.mark.parametrize("name", THEMES)
def test_right_to_left_is_a_mirror(opened, name):
    page = opened(f"{name}-arabic", 700)
    column = box(page, "table.tt")

    edge = page.evaluate(
        """() => {
          const text = document.createRange();
          text.selectNodeContents(document.querySelector("h1").firstChild);
          return text.getBoundingClientRect().right;
        }"""
    )
    assert abs(edge - column["right"]) < 2
    picture, words = box(page, ".i img"), box(page, ".i + .t h3")
    assert abs(picture["right"] - column["right"]) < 1
    assert words["right"] <= picture["x"] - 16
    assert page.evaluate("getComputedStyle(document.querySelector('blockquote')).borderRightWidth") == "3px"


@pytest.mark.parametrize("name", THEMES)
def test_the_preheader_takes_no_room(opened, name):
    hidden = opened(name, 700).locator("text=Hidden from the body")

    assert hidden.count() == 1
    assert not hidden.is_visible()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", THEMES)
def test_with_pictures_off_their_words_are_set_to_be_read(opened, name, dark):
    """Small, grey and plain on a tinted ground, and not underlined for being a link."""
    page = opened(name, 700, dark=dark, pictures=False)

    for selector in (".i img", ".il img"):
        style = page.evaluate(
            f"""() => {{
              const picture = document.querySelector("{selector}"), style = getComputedStyle(picture);
              return [style.fontSize, style.color, style.backgroundColor,
                      getComputedStyle(picture.parentElement).textDecorationLine];
            }}"""
        )
        size, colour, ground, line = style
        assert size == "13px"
        assert line == "none"
        assert contrast(colour, ground) >= 4.5


def contrast(one: str, other: str) -> float:
    def as_hex(colour: str) -> str:
        return "#" + "".join(f"{int(part):02x}" for part in colour[4:-1].split(","))

    return colours.contrast(as_hex(one), as_hex(other))


@pytest.mark.parametrize("density", ["normal", "tight"])
@pytest.mark.parametrize("name", THEMES)
def test_from_one_brief_to_the_next_there_is_room_for_a_thumb(shown, tmp_path, name, density):
    conf = f'[theme]\ndensity = "{density}"\n'
    file = as_seen(made(tmp_path, head(name) + KITCHEN, conf=conf), tmp_path / "out")
    page = shown(file, 375)

    tops = [link.bounding_box()["y"] for link in page.locator('a[href*="/brief-"]').all()]

    assert len(tops) == 5
    assert min(below - above for above, below in itertools.pairwise(tops)) >= 40


@pytest.mark.parametrize("name", THEMES)
def test_when_the_styles_of_the_head_are_cut_off_a_mail_still_looks_like_itself(shown, mails, name):
    """As Gmail does for a mail with one rule that it dislikes, and for accounts of other providers."""
    bare = mails[name].with_name("bare.html")
    bare.write_text(re.sub(r"<style\b.*?</style>", "", mails[name].read_text("utf-8"), flags=re.S), encoding="utf-8")
    page = shown(bare, 700)

    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    assert box(page, ".i img")["width"] == 132
    assert "Georgia" in page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
    assert page.evaluate("getComputedStyle(document.querySelector('h3 a')).textDecorationLine") == "none"
    assert not page.locator("text=Hidden from the body").is_visible()


@pytest.mark.parametrize("name", THEMES)
def test_the_logo_changes_with_the_light(shown, tmp_path, name):
    files = {"day.png": a_picture(720, 240, "PNG"), "night.png": a_picture(600, 200, "PNG")}
    conf = '[theme]\nlogo = "day.png"\nlogo_dark = "night.png"\n'
    file = as_seen(made(tmp_path, head(name) + "Hello.\n", conf=conf, **files), tmp_path / "out")

    for dark in (False, True):
        page = shown(file, 1280, dark=dark)
        assert [page.locator(f'img[src*="{which}"]').is_visible() for which in ("day", "night")] == [not dark, dark]
