"""`digest preview` as an editor has it: a text editor that saves, and the page beside it in a real browser."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from previewed import a_browser, a_picture

#: One for all of these tests.
browser = a_browser
AXE = Path(os.environ.get("AXE_JS", "~/.digest-qa/node/node_modules/axe-core/axe.min.js")).expanduser()

PUBLICATION = """[publication]
name = "News"
sender_email = "ed@news.example"
postal_address = "1 Road, Town"

[preview]
editor = "{python} {recorder} {{file}} {{line}}"

[export.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
"""
RECORDER = "import pathlib, sys\npathlib.Path(__file__).with_name('opened').write_text(' '.join(sys.argv[1:]))\n"
STORIES = 12


def an_issue(number: int = 2, *, word: str = "Hello", head: str = "") -> str:
    """An issue taller than the window; `word` begins the note."""
    stories = "".join(
        f"### [Story {n}](https://a.example/{n})\n\n" + "A blurb of some length. " * 12 + "\n\n"
        for n in range(1, STORIES + 1)
    )
    top = f"---\ntitle: News\nnumber: {number}\ndate: 2024-02-0{number}\nsubject: The subject\n{head}---\n"
    return f"{top}\n{word} reader.\n\n## Top stories\n\n{stories}"


class Preview:
    """A running `digest preview`, its publication, and a page of it."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.page: Any = None

    @property
    def issue(self) -> Path:
        return self.folder / "issues/002.md"

    def save(self, text: str) -> None:
        self.issue.write_text(text, "utf-8")

    def open(self, query: str = "") -> Any:
        self.page.goto(f"{self.address}/issue/002{query}")
        self.shown()
        return self.page

    def shown(self) -> None:
        """The mail stands there, as tall as it is."""
        if self.page.locator("iframe.mail").count():
            until(lambda: self.page.evaluate("document.querySelector('#sheet').style.height !== ''"))

    @property
    def mail(self) -> Any:
        return self.page.frame_locator("iframe.mail")

    def says(self, word: str) -> None:
        self.mail.get_by_text(f"{word} reader.", exact=True).wait_for(timeout=20_000)

    @property
    def choices(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.page.evaluate("location.search.slice(1)")).items()}


def until(true: Callable[[], Any], *, seconds: float = 20.0) -> Any:
    """What `true` gives, once it is something."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)
    return found


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def post() -> Iterator[Any]:
    """A real mail server on this machine. It keeps every envelope."""
    smtp = pytest.importorskip("aiosmtpd.controller", reason="no mail server to try: pip install aiosmtpd")

    class Keeps:
        def __init__(self) -> None:
            self.envelopes: list[Any] = []

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            self.envelopes.append(envelope)
            return "250 kept"

    controller = smtp.Controller(Keeps(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture(scope="module")
def running(browser: Any, post: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    folder = tmp_path_factory.mktemp("news")
    (folder / "issues").mkdir()
    recorder = folder / "recorder.py"
    recorder.write_text(RECORDER, "utf-8")
    said = PUBLICATION.format(python=Path(sys.executable).as_posix(), recorder=recorder.as_posix(), port=post.port)
    (folder / "digest.toml").write_text(said, "utf-8")
    (folder / "issues/001.md").write_text(an_issue(1, word="First"), "utf-8")
    (folder / "issues/002.md").write_text(an_issue(), "utf-8")
    typed = [sys.executable, "-m", "digest", "preview", "--no-open", "--port", str(free_port())]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(typed, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    found = re.match(r"http://127\.0\.0\.1:\d+", address)
    assert found, address
    yield Preview(folder, found[0])
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    process.kill()


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    """One for all: a new one is a new process of the browser, half a second each."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def preview(running: Preview, page: Any) -> Iterator[Preview]:
    """The preview with the issue as it was, and a page that shows nothing yet."""
    if running.issue.read_text("utf-8") != an_issue():
        running.save(an_issue())
    (running.folder / "opened").unlink(missing_ok=True)
    running.page = page
    faults: list[str] = []

    def told(said: Any) -> None:
        if "Content Security" in said.text:
            faults.append(said.text)

    def failed(error: Any) -> None:
        faults.append(str(error))

    page.on("pageerror", failed)
    page.on("console", told)
    yield running
    page.context.set_offline(False)
    page.emulate_media(color_scheme="light")
    page.mouse.move(0, 0)
    page.goto("about:blank")
    page.remove_listener("pageerror", failed)
    page.remove_listener("console", told)
    assert faults == []


# --- saves


def test_a_save_shows_up_in_the_mail(preview: Preview) -> None:
    preview.open()
    preview.says("Hello")
    preview.save(an_issue(word="Goodbye"))
    preview.says("Goodbye")


def test_a_save_leaves_the_place_one_reads_at(preview: Preview) -> None:
    page = preview.open("?width=375&panel=weight")
    page.evaluate("document.querySelector('#desk').scrollTop = 900")
    preview.save(an_issue(word="Goodbye"))
    preview.says("Goodbye")
    assert page.evaluate("document.querySelector('#desk').scrollTop") == 900
    assert page.locator("#panel h2").inner_text() == "Weight"
    assert preview.choices == {"width": "375", "panel": "weight"}


def test_a_broken_save_is_told_with_its_line_above_the_mail_that_stays_until_it_is_mended(preview: Preview) -> None:
    page = preview.open()
    preview.save(an_issue(head="preheadr: x\nthemee: y\n"))
    page.locator("#errors h3").first.wait_for()
    told = " ".join(page.locator("#errors").inner_text().split())
    assert "2 mistakes" in told
    assert "preheader" in told
    assert "issues/002.md:6" in told
    assert "themee: y" in page.locator("#errors .row.here").last.inner_text()
    assert "2 mistakes" in page.title()
    assert "issues/002.md:6" in page.locator("#alarm").inner_text()
    preview.says("Hello")

    preview.save(an_issue(word="Mended"))
    preview.says("Mended")
    page.locator("#errors h3").first.wait_for(state="detached")
    assert page.locator("#told").inner_text() == "Mended. Mail updated."


def test_twenty_quick_saves_end_in_the_last(preview: Preview) -> None:
    preview.open()
    for number in range(20):
        preview.save(an_issue(word=f"Save{number}"))
        time.sleep(0.015)
    preview.says("Save19")
    time.sleep(0.4)
    preview.says("Save19")


@pytest.mark.parametrize("way", ["temporary file and rename", "truncate, then write"])
def test_an_editors_way_of_saving_never_shows_half_a_file(preview: Preview, way: str) -> None:
    page = preview.open()
    texts = f"{preview.address}/text/002"
    seen: set[tuple[bool, bool]] = set()
    for number in range(6):
        whole = an_issue(word=f"Save{number}")
        if way == "temporary file and rename":
            aside = preview.issue.with_name(".002.md.tmp")
            aside.write_text(whole, "utf-8")
            os.replace(aside, preview.issue)
        else:
            with preview.issue.open("w", encoding="utf-8") as file:
                file.flush()
                time.sleep(0.03)
                file.write(whole)
        for _ in range(5):
            text = page.request.get(texts).text()
            seen.add((f"Story {STORIES}" in text, page.locator("#errors h3").count() == 0))
            time.sleep(0.01)
    preview.says("Save5")
    assert seen == {(True, True)}


def test_the_text_follows_a_save_and_keeps_its_place(preview: Preview) -> None:
    page = preview.open("?view=text")
    page.locator("#lines").get_by_text("Hello reader.").wait_for()
    page.evaluate("document.querySelector('#desk').scrollTop = 300")
    preview.save(an_issue(word="Goodbye"))
    page.locator("#lines").get_by_text("Goodbye reader.").wait_for()
    assert page.evaluate("document.querySelector('#desk').scrollTop") == 300


def test_a_preview_that_ended_is_told_and_one_that_is_back_goes_on(preview: Preview) -> None:
    page = preview.open()
    page.context.set_offline(True)
    page.evaluate("stream.dispatchEvent(new Event('error'))")
    assert "The preview has stopped. What you see stays" in page.locator("#link").inner_text()
    preview.says("Hello")
    page.context.set_offline(False)
    page.evaluate("listen()")
    until(lambda: page.locator("#link").inner_text() == "Following your saves")


# --- views and keys


@pytest.mark.parametrize(
    ("key", "view", "shows"),
    [
        ("t", "text", "https://a.example/1"),
        ("s", "source", "<!DOCTYPE html>"),
        ("h", "headers", "Subject: The subject"),
        ("n", "inbox", "The subject 11 characters"),
    ],
)
def test_a_key_shows_another_view_which_is_an_address_and_back_returns(
    preview: Preview, key: str, view: str, shows: str
) -> None:
    page = preview.open()
    page.keyboard.press(key)
    until(lambda: shows in " ".join(page.locator("#desk").inner_text().split()))
    assert preview.choices == {"view": view}
    assert page.locator("#views [aria-current]").inner_text().lower() == view
    page.reload()
    until(lambda: shows in " ".join(page.locator("#desk").inner_text().split()))
    page.go_back()
    preview.says("Hello")


@pytest.mark.parametrize(("key", "width"), [("1", 320), ("2", 375), ("3", 600)])
def test_a_key_makes_the_mail_as_wide_as_a_screen(preview: Preview, key: str, width: int) -> None:
    page = preview.open()
    page.keyboard.press(key)
    until(lambda: page.evaluate("document.querySelector('iframe.mail').clientWidth") == width)
    preview.shown()
    assert preview.choices == {"width": str(width)}


def test_the_mail_is_shown_in_the_mode_that_was_asked_for_whatever_the_page_is_in(preview: Preview) -> None:
    page = preview.open()

    def ground() -> str:
        """Light or dark, as the mail's own ground is; "" while one mail takes the other's place."""
        try:
            said = preview.mail.locator("body").evaluate("body => getComputedStyle(body).backgroundColor", timeout=2000)
        except Exception:
            return ""
        return "light" if min(int(number) for number in re.findall(r"\d+", said)[:3]) > 200 else "dark"

    for key, mode, seen in (("d", "dark", "dark"), ("l", "light", "light"), ("i", "inverted", "dark")):
        page.keyboard.press(key)
        until(lambda seen=seen: ground() == seen)
        assert preview.choices.get("mode", "light") == mode
    page.emulate_media(color_scheme="dark")
    page.keyboard.press("l")
    until(lambda: ground() == "light")


def test_the_handle_is_moved_by_keys_and_by_hand(preview: Preview) -> None:
    page = preview.open("?width=375")
    page.locator("#handle").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(lambda: preview.choices.get("width") == "395")
    assert page.locator("#handle").get_attribute("aria-valuenow") == "395"
    preview.shown()
    box = page.locator("#handle").bounding_box()
    page.mouse.move(box["x"] + 10, 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, 300)
    page.mouse.up()
    until(lambda: preview.choices.get("width") == "495")
    assert page.evaluate("document.querySelector('iframe.mail').clientWidth") == 495


def test_the_frame_is_as_tall_as_the_mail(preview: Preview) -> None:
    page = preview.open("?width=375")

    def hidden() -> int:
        """Pixels of the mail below the frame's edge; 1 while one mail takes the other's place."""
        with suppress(Exception):
            frame = next(each for each in page.frames if "/mail/" in each.url)
            return int(frame.evaluate("document.documentElement.scrollHeight - innerHeight"))
        return 1

    until(lambda: hidden() <= 0)
    assert page.evaluate("document.querySelector('#desk').scrollHeight > 2000")


def test_the_other_issue_is_a_key_away_and_in_the_list(preview: Preview) -> None:
    page = preview.open()
    page.keyboard.press("k")
    preview.says("First")
    assert "/issue/001" in page.url
    page.keyboard.press("/")
    page.locator("#issue-list a", has_text="2").first.click()
    preview.says("Hello")


def test_a_panel_opens_and_closes_by_its_key(preview: Preview) -> None:
    page = preview.open()
    page.keyboard.press("w")
    page.locator("#panel").get_by_text("Story 12", exact=True).wait_for()
    assert "of 102.4 kB" in page.locator("#panel").inner_text()
    page.keyboard.press("c")
    until(lambda: page.locator("#panel h2").inner_text() == "Findings")
    page.keyboard.press("c")
    until(lambda: page.locator("#panel").is_hidden())
    assert preview.choices == {}


def test_the_keys_are_listed_and_the_focus_comes_back(preview: Preview) -> None:
    page = preview.open()
    page.locator("#view-text").focus()
    page.keyboard.press("?")
    assert "find in source" in page.get_by_role("dialog", name="Keys").inner_text()
    page.keyboard.press("t")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "view-text"
    assert preview.choices == {}


def test_keys_that_belong_to_the_browser_or_to_a_field_do_nothing_here(preview: Preview) -> None:
    page = preview.open()
    page.keyboard.press("Control+d")
    page.keyboard.press("Alt+t")
    page.click("#send")
    page.keyboard.type("dt1@a.example")
    page.keyboard.press("Escape")
    assert preview.choices == {}


# --- from a story to its source


def test_a_click_on_a_story_names_its_place_and_opens_the_editor_there(preview: Preview) -> None:
    line = an_issue().splitlines().index("### [Story 2](https://a.example/2)") + 1
    page = preview.open("?find=1")
    preview.mail.get_by_role("link", name=f"Line {line}: Story 2").first.click()
    page.locator("#card").wait_for()
    assert page.locator("#card-title").inner_text() == "Story 2"
    assert page.locator("#card-place").inner_text() == f"issues/002.md:{line}"
    page.keyboard.press("e")
    opened = until(lambda: (preview.folder / "opened").is_file() and (preview.folder / "opened").read_text("utf-8"))
    assert opened == f"{preview.issue} {line}"


def test_a_story_lights_up_as_one_under_mouse_and_keyboard(preview: Preview) -> None:
    (preview.folder / "issues/hill.png").write_bytes(a_picture())
    heading = "### [Story 2](https://a.example/2)\n\n"
    preview.save(an_issue().replace(heading, f"{heading}![A hill](hill.png)\n\n"))
    page = preview.open("?find=1")
    line = an_issue().splitlines().index("### [Story 2](https://a.example/2)") + 1
    frame = preview.mail

    def lit() -> list[bool]:
        cells = frame.locator(f"a[data-story='{line}']")
        return cells.evaluate_all("all => all.map(each => getComputedStyle(each).boxShadow !== 'none')")  # type: ignore[no-any-return]

    until(lambda: len(lit()) == 2)
    assert not any(lit())
    frame.locator(f"a[data-story='{line}']").first.hover()
    assert all(lit())
    frame.locator("h1, p, td").first.hover()
    frame.get_by_role("link", name=f"Line {line}: Story 2").focus()
    assert all(lit())
    page.keyboard.press("Enter")
    page.locator("#card").wait_for()
    assert page.locator("#card-place").inner_text() == f"issues/002.md:{line}"


def test_the_place_of_a_mistake_opens_the_editor(preview: Preview) -> None:
    page = preview.open()
    preview.save(an_issue(head="preheadr: x\n"))
    page.locator("#errors").get_by_role("button", name="Open").click()
    opened = until(lambda: (preview.folder / "opened").is_file() and (preview.folder / "opened").read_text("utf-8"))
    assert opened == f"{preview.issue} 6"


# --- a test mail, and the file


def test_a_test_mail_arrives_at_each_address_and_at_no_other(preview: Preview, post: Any) -> None:
    page = preview.open()
    page.click("#send")
    page.fill("#to", "a@reader.example, b@reader.example")
    page.keyboard.press("Enter")
    until(lambda: "b@reader.example: sent" in page.locator("#sent").inner_text())
    assert [each.rcpt_tos for each in post.handler.envelopes] == [["a@reader.example"], ["b@reader.example"]]
    assert b"Subject: [test] The subject\r\n" in post.handler.envelopes[0].content
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_an_address_that_is_none_is_told_in_the_dialog(preview: Preview, post: Any) -> None:
    page = preview.open()
    before = len(post.handler.envelopes)
    page.click("#send")
    page.fill("#to", "nobody")
    page.click("#send-now")
    until(lambda: "name@example.org" in page.locator("#sent").inner_text())
    assert len(post.handler.envelopes) == before


def test_the_message_can_be_downloaded(preview: Preview) -> None:
    page = preview.open()
    with page.expect_download() as coming:
        page.locator(".ends a[download]").click()
    assert coming.value.suggested_filename == "002.eml"


# --- for everybody


def test_without_javascript_the_mail_is_there_and_every_control_is_a_link(running: Preview, browser: Any) -> None:
    running.save(an_issue())
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{running.address}/issue/002?width=375")
    page.frame_locator("iframe.mail").get_by_text("Story 1", exact=True).wait_for()
    assert page.locator("iframe.mail").bounding_box()["width"] == 375
    assert page.locator("#send").is_hidden()
    page.get_by_role("link", name="Inbox").click()
    page.get_by_text("11 characters").wait_for()
    page.get_by_role("link", name="Text").click()
    page.get_by_role("link", name="Open it by itself").click()
    assert "Hello reader." in page.locator("body").inner_text()
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")])
def test_axe_finds_nothing_to_mend_on_the_page(running: Preview, browser: Any, width: int, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not here; AXE_JS can name its axe.min.js")
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    found: list[str] = []

    def look() -> None:
        if not page.evaluate("typeof axe !== 'undefined'"):
            page.evaluate(AXE.read_text("utf-8"))
        run = "axe.run(document, {iframes: false, resultTypes: ['violations']})"
        found.extend(page.evaluate(f"async () => (await {run}).violations.map(v => v.id + ' ' + v.nodes[0].html)"))

    running.save(an_issue(head="preheadr: x\n"))
    page.goto(f"{running.address}/issue/002?panel=findings")
    page.locator("#errors h3").wait_for()
    look()
    running.save(an_issue())
    page.locator("#errors h3").wait_for(state="detached")
    if width == 1280:
        page.keyboard.press("w")
        page.keyboard.press("n")
        page.locator("#inbox").wait_for()
        look()
    else:
        page.click("#send")
        look()
    context.close()
    assert found == []
