"""Pictures of a mail, taken with an installed browser that can reach nothing."""

from __future__ import annotations

import contextlib
import io
import os
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import CHECKOUT, PUBLICATION, Desk, an_issue
from PIL import Image

from digest import browser
from digest.browser import Browser, NoBrowser


@pytest.fixture(scope="module")
def program() -> Path:
    """A browser. Without one there is nothing to see, unless DIGEST_NEED_BROWSER=1 insists."""
    lacking = "" if hasattr(os, "posix_spawn") else "browsers are driven on POSIX systems only"
    try:
        return browser.find() if not lacking else Path()
    except NoBrowser as error:
        lacking = error.what
    finally:
        if lacking:
            (pytest.fail if os.environ.get("DIGEST_NEED_BROWSER") == "1" else pytest.skip)(lacking)


@pytest.fixture(scope="module")
def page(program: Path) -> Iterator[Browser]:
    with browser.opened(program) as page:
        yield page


def size(png: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(png)).size


def colour(png: bytes, at: tuple[int, int] = (5, 5)) -> tuple[int, ...]:
    return Image.open(io.BytesIO(png)).convert("RGB").getpixel(at)  # type: ignore[return-value]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    desk.write("digest.toml", PUBLICATION)
    desk.write("issues/001.md", an_issue().replace("A blurb.", "![A jar](images/jar.png)\n\nA blurb."))
    desk.write("issues/images/jar.png", (CHECKOUT / "templates" / "init" / "images" / "welcome.png").read_bytes())
    return desk


def test_every_width_and_mode_is_taken_and_says_so(desk: Desk, program: Path) -> None:
    result = desk.type("shots")
    assert result.exit_code == 0
    taken = sorted(path.name for path in (desk.folder / "shots" / "001").glob("*.png"))
    assert taken == sorted(
        f"{width}-{mode}.png"
        for width in (320, 375, 600, 1280)
        for mode in ("light", "dark", "inverted", "no-pictures")
    )
    assert sorted(Path(line).name for line in result.stdout.split()) == taken
    shots = {name: (desk.folder / "shots" / "001" / name).read_bytes() for name in taken}
    assert {size(shots[f"{width}-light.png"])[0] for width in (320, 375, 600)} == {640, 750, 1200}
    assert size(shots["1280-light.png"])[0] == 1280
    light, dark, inverted = (sum(colour(shots[f"375-{mode}.png"])) for mode in ("light", "dark", "inverted"))
    assert light > 600 > 250 > max(dark, inverted)
    assert len({bytes(each) for name, each in shots.items() if name.startswith("375")}) == 4


def test_one_width_one_mode_another_folder(desk: Desk, program: Path) -> None:
    result = desk.type("shots", "1", "--width", "500", "--mode", "dark", "--out", "pictures")
    assert (result.exit_code, result.stdout.split()) == (0, [str(Path("pictures/500-dark.png"))])


def test_a_picture_has_the_whole_height(page: Browser) -> None:
    page.show("<body style='margin:0'><div style='height:3000px;background:#123456'></div>", {})
    shot = page.picture(width=400, sharpness=2)
    assert (size(shot), colour(shot, (5, 5990))) == ((800, 6000), (0x12, 0x34, 0x56))


def test_a_mail_higher_than_a_picture_can_be_is_less_sharp_and_then_cut(page: Browser) -> None:
    page.show("<body style='margin:0'><div style='height:9000px'>", {})
    assert size(page.picture(width=320, sharpness=2)) == (320, 9000)
    page.show("<body style='margin:0'><div style='height:90000px'>", {})
    assert size(page.picture(width=320, sharpness=2)) == (320, browser.HIGHEST)


def test_pictures_are_found_by_their_names_wherever_the_mail_looks_for_them(page: Browser) -> None:
    red = io.BytesIO()
    Image.new("RGB", (10, 10), "#ff0000").save(red, "PNG")
    for address in ("images/red.png", "https://cdn.example/001/red.png?x=1"):
        page.show(
            f"<body style='margin:0'><img src='{address}' width=50 height=50>",
            {"red.png": ("image/png", red.getvalue())},
        )
        assert colour(page.picture(width=300)) == (255, 0, 0)


def test_nothing_runs_and_nothing_leaves_the_machine(page: Browser) -> None:
    asked: list[bytes] = []

    class Door(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked.append(self.request.recv(100))

    with socketserver.TCPServer(("127.0.0.1", 0), Door) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_address[1]}"
        page.show(
            f"<html style='background:#00ff00'><img src='{there}/1'><link rel=stylesheet href='{there}/2'>"
            f"<iframe src='{there}/3'></iframe><style>@import '{there}/4'; body{{background:url({there}/5)}}</style>"
            f"<link rel=preconnect href='{there}'><link rel=prefetch href='{there}/6'>"
            f"<meta http-equiv=refresh content='0;url={there}/7'>"
            "<script>document.documentElement.style.background='#ff0000'</script>"
            "<img src=x onerror=\"document.documentElement.style.background='#ff0000'\">",
            {},
        )
        time.sleep(0.3)
        assert colour(page.picture(width=300), (5, 700)) == (0, 255, 0)
        server.shutdown()
    assert asked == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="looks for processes as Linux lists them")
def test_the_browser_and_its_profile_are_gone_whatever_happens(
    program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def processes() -> int:
        """Those that work with this test's profile; one that has ended has no words any more."""
        found = 0
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                found += os.fsencode(tmp_path) in path.read_bytes()
        return found

    seen = []
    with contextlib.suppress(ZeroDivisionError), browser.opened(program):
        seen += [processes(), len(list(tmp_path.iterdir()))]
        raise ZeroDivisionError
    assert seen[0] > 1
    assert seen[1] == 1
    assert (processes(), list(tmp_path.iterdir())) == (0, [])


def a_program(folder: Path, name: str, text: str = "#!/bin/sh\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name != "posix", reason="makes programs as POSIX knows them")
class TestFinding:
    def test_a_variable_comes_before_the_path(self, tmp_path: Path) -> None:
        own, other = a_program(tmp_path / "own", "mine"), a_program(tmp_path / "bin", "google-chrome")
        assert browser.find({"CHROME": str(own), "PATH": str(other.parent)}) == own
        assert browser.find({"PATH": str(other.parent)}) == other

    def test_a_variable_that_names_nothing_is_told(self) -> None:
        with pytest.raises(NoBrowser, match="The variable CHROME names no program"):
            browser.find({"CHROME": "/nowhere/at/all", "PATH": ""})

    def test_a_mac_keeps_it_among_its_applications(self, tmp_path: Path) -> None:
        inside = tmp_path / "Applications" / "Chromium.app" / "Contents" / "MacOS"
        program = a_program(inside, "Chromium")
        # One that this machine has for everybody comes first.
        assert browser.find({"HOME": str(tmp_path), "PATH": ""}, "darwin") in {
            program,
            *Path("/Applications").rglob("*"),
        }

    def test_without_one_it_is_told_what_to_do(self) -> None:
        with pytest.raises(NoBrowser) as told:
            browser.find({"PATH": ""}, "linux")
        assert "Install one of them, or let the variable CHROME say where it is." in str(told.value)

    def test_one_that_does_not_start_is_told_with_its_last_words(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = a_program(tmp_path / "bin", "broken", "#!/bin/sh\necho libnss3.so is missing >&2\nexit 127\n")
        monkeypatch.setenv("DIGEST_BROWSER", str(broken))
        result = desk.type("shots")
        assert result.exit_code == 1
        assert "The browser went away: libnss3.so is missing" in result.stderr
        assert not (desk.folder / "shots").exists()
