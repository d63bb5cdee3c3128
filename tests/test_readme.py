"""The README tells the truth: its commands, tables, script and examples are tried, as a reader would."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer.main
from typer.testing import CliRunner

import digest
from digest import config, issue_file, issue_head, merge_tags
from digest.cli.app import app
from digest.errors import DigestError, Mistakes
from digest.render import theme
from digest.render.language import Language

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SERVICES = (ROOT / "docs/services.md").read_text("utf-8")
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/services.md")
#: The sites a reader may be sent to. All else is an example, or has no place in a document.
SITES = {"en.wikipedia.org", "www.rfc-editor.org"}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


# What is read from the documents


def section(title: str) -> str:
    """The text below a heading, up to the next of its rank."""
    start = re.search(rf"^(#+) {re.escape(title)}$", README, re.MULTILINE)
    assert start is not None, f"README has no section called {title}"
    end = re.compile(rf"^#{{1,{len(start[1])}}} ", re.MULTILINE).search(without_fences(README), start.end())
    return README[start.end() : end.start() if end else len(README)]


def without_fences(text: str) -> str:
    """`text` with what stands in fences blanked out, every other character in its place."""
    return _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def fences(text: str, language: str) -> list[str]:
    return [found[2] for found in _FENCE.finditer(text) if found[1] == language]


def command_lines() -> list[str]:
    """Every `digest ...` that the README and its page on services show to be typed, comments off."""
    shown = (fence for page in (README, SERVICES) for kind in ("sh", "console") for fence in fences(page, kind))
    lines = (line for fence in shown for line in fence.splitlines())
    return [line for line in (line.removeprefix("$ ") for line in lines) if line.startswith("digest ")]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, heads and rules left out."""
    found = [re.split(r"(?<!\\)\|", line.strip("|\n")) for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in found]
    return [row for row in cells if row[0].startswith("`")]


def first_cells(text: str) -> list[str]:
    """What stands in backticks in the first cell of every row, `digest` tables and others alike."""
    return [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])]


def table_after(head: str) -> str:
    """The table that begins with a cell `head`."""
    at = README.index(f"| {head} |")
    return README[at : README.index("\n\n", at)]


def anchor(heading: str) -> str:
    """The fragment by which a forge links to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def kinds_of(cls: type[DigestError]) -> Iterator[type[DigestError]]:
    """Every kind of error that any module of ours knows."""
    for module in pkgutil.walk_packages(digest.__path__, "digest."):
        with contextlib.suppress(ImportError):  # an extra that is not installed
            if module.name == "digest.__main__":
                continue  # changes the process it is imported into
            importlib.import_module(module.name)
    yield cls
    for below in cls.__subclasses__():
        yield from kinds_of(below)


# What the program itself says


def commands(group: Any, prefix: str = "") -> Iterator[str]:
    """Every command by what is typed for it, a group by its own name as well."""
    for name, command in group.commands.items():
        yield f"{prefix}{name}"
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix}{name} ")


COMMANDS = tuple(commands(typer.main.get_command(app)))


def help_of(command: str) -> str:
    result = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"}, prog_name="digest")
    assert result.exit_code == 0, result.output
    return result.output


def known_keys(toml: str, table: str) -> set[str]:
    """The keys that a table of digest.toml knows, as it says when asked for one that it does not."""
    with pytest.raises(Mistakes) as told:
        config.parse(toml.encode(), Path("digest.toml"))
    said = next(each for each in told.value.mistakes if f'{table} knows no "qqqqqqqq"' in each.what)
    return set(said.hint.removeprefix("It knows: ").removesuffix(".").split(", "))


def run(line: str) -> str:
    """What an editor sees who types `line`, the line itself left out."""
    result = CliRunner().invoke(app, shlex.split(line)[1:], prog_name="digest")
    return result.stdout + result.stderr


@pytest.fixture
def newsletter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the README's examples can be put, and where commands run."""
    (tmp_path / "issues").mkdir()
    (tmp_path / "digest.toml").write_text(
        '[publication]\nname = "Slow News"\nsender_email = "editor@slownews.example"\n', "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Commands


@pytest.mark.parametrize("line", command_lines())
def test_a_command_in_the_readme_can_be_typed(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    name = max((name for name in COMMANDS if words[: len(name.split())] == name.split()), key=len, default="")
    assert name, f"there is no such command: {line}"
    options = {word.split("=")[0] for word in words if word.startswith("-")}
    assert options - set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", help_of(name))) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert any(line.split()[1:][: len(name.split())] == name.split() for line in command_lines())


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_option_is_in_the_readme(name: str) -> None:
    options = set(re.findall(r"(?<!\S)--[a-z][a-z-]*", help_of(name)))
    assert {option for option in options if f"{option}`" not in README and f"{option} " not in README} == set()


def test_every_option_listed_in_a_table_exists() -> None:
    listed = {name for name in first_cells(README) if re.match(r"--[a-z]", name)}
    assert listed - set(re.findall(r"--[a-z][a-z-]*", "".join(map(help_of, COMMANDS)))) == set()


def test_make_has_every_target_that_is_named() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    texts = [(ROOT / name).read_text("utf-8") for name in DOCUMENTS]
    targets = {found for text in texts for found in re.findall(r"^make (\w+)|`make (\w+)", text, re.MULTILINE)}
    assert [name for pair in targets for name in pair if name and f"\n{name}:" not in makefile] == []


# digest.toml and head lines


def test_every_key_of_the_publication_is_in_its_table() -> None:
    toml = '[publication]\nname = "A"\nsender_email = "a@a.example"\nqqqqqqqq = 1\n'
    assert set(first_cells(table_after("In `[publication]` | | If left out"))) == known_keys(toml, "[publication]")


def test_every_key_of_a_section_is_in_its_table() -> None:
    toml = '[publication]\nname = "A"\nsender_email = "a@a.example"\n[[section]]\ntitle = "B"\nqqqqqqqq = 1\n'
    assert set(first_cells(table_after("In each `[[section]]` |"))) == known_keys(toml, "[[section]]")


def test_every_digest_toml_in_the_readme_can_be_read() -> None:
    shown = [fence for fence in fences(README, "toml") if "[publication]" in fence]
    assert [config.parse(fence.encode(), Path("digest.toml")).name for fence in shown] == ["Slow News"] * len(shown)


def test_every_line_of_an_issues_head_is_in_its_table() -> None:
    read = issue_head.HEAD_KEYS - issue_head.UNREAD_KEYS - issue_head.ALIASES.keys()
    assert set(first_cells(table_after("In the head of the issue |"))) == read


def test_every_head_line_below_a_heading_that_is_shown_is_known() -> None:
    assert set(first_cells(table_after("Below a section's heading |"))) <= issue_head.SECTION_KEYS
    assert set(first_cells(table_after("Below a story's heading |"))) <= issue_head.STORY_KEYS


def test_every_blank_is_in_its_table() -> None:
    shown = " ".join(first_cells(section("Blanks"))).replace("\\|", "|")
    assert {blank.name for _, blank in merge_tags.written(shown)} == set(merge_tags.NAMES)


# Themes and languages


@pytest.mark.parametrize("name", theme.names())
def test_every_option_and_layout_of_a_theme_is_in_the_readme(name: str) -> None:
    found = theme.load(name)
    told = set(first_cells(section("Themes")))
    assert f"**`{name}`**" in README
    assert {*found.options, *found.layouts} - {"text"} - told == set()


def test_every_option_of_a_theme_in_the_readme_exists() -> None:
    known = {option for name in theme.names() for option in theme.load(name).options}
    assert set(first_cells(table_after("Option | |\n|---|---|\n| `accent`"))) - known == set()


@pytest.mark.parametrize("name", theme.names())
def test_the_layout_of_a_section_that_asks_for_none_is_told(name: str) -> None:
    row = next(row for row in rows(section("Themes")) if row[0] == f"`{theme.load(name).layout}`")
    assert f"what `{name}` does if not told" in row[1]


def test_every_language_that_has_its_own_words_is_named() -> None:
    told, _, _ = section("Languages").partition("In any other")
    named = set(re.findall(r"`([a-z]{2}(?:-[A-Z][a-z]+)?)`", told))
    two_letters = {first + second for first in ascii_lowercase for second in ascii_lowercase}
    assert {Language.of(tag).tag for tag in two_letters | named if Language.of(tag).complete} == named


def test_the_words_shown_are_the_english_ones() -> None:
    shown = f'[publication]\nname = "A"\nsender_email = "a@a.example"\n{fences(section("Languages"), "toml")[0]}'
    assert config.parse(shown.encode(), Path("digest.toml")).words == Language.of("en").words


# Examples


def test_the_example_issue_reads_without_a_word_of_complaint() -> None:
    example = fences(section("An issue is a text file"), "markdown")[0]
    file = issue_file.parse(example, slug="012")
    assert file.findings == ()
    assert [len(each.stories) for each in file.issue.sections] == [2, 1, 0]
    assert [len(each.briefs) for each in file.issue.sections] == [0, 0, 2]


def test_the_example_issue_builds_into_what_is_shown(newsletter: Path) -> None:
    (newsletter / "issues/012.md").write_text(fences(section("An issue is a text file"), "markdown")[0], "utf-8")
    shutil.copytree(ROOT / "issues/images", newsletter / "issues/images")
    command, _, said = fences(section("What digest build writes"), "console")[0].partition("\n")
    assert unmeasured(run(command.removeprefix("$ "))) == unmeasured(said)
    folder = next(fence for fence in fences(README, "") if fence.startswith("build/012/"))
    named = re.findall(r"^  ([\w.]+)", folder, re.MULTILINE)
    assert sorted(path.name for path in (newsletter / "build/012").glob("[!.]*")) == sorted(named)


def unmeasured(said: str) -> str:
    """What was said, with every figure as "#": they change whenever a theme does, and the order by weight too."""
    said = re.sub(r"-[0-9a-f]{8}\.", "-#.", said.partition("Heaviest:")[0])
    return re.sub(r"(?<![/\w])\d+(\.\d)?(?=%| )(?! of the)", "#", said)


def test_the_mistakes_shown_are_what_is_said_of_them(newsletter: Path) -> None:
    text = section("When something is wrong")
    (newsletter / "issues/012.md").write_text(fences(text, "markdown")[0], "utf-8")
    command, _, said = fences(text, "console")[0].partition("\n")
    assert run(command.removeprefix("$ ")) == said


def test_the_colour_that_is_refused_is_refused_in_these_words(newsletter: Path) -> None:
    text = section("Themes")
    (newsletter / "digest.toml").write_text(fences(text, "toml")[0], "utf-8")
    (newsletter / "issues/001.md").write_text("## A section\n\n### A story\n\nWords.\n", "utf-8")
    command, _, said = fences(text, "console")[0].partition("\n")
    assert run(command.removeprefix("$ ")) == said


def test_a_command_ends_with_a_number_that_is_told(newsletter: Path) -> None:
    (newsletter / "issues/001.md").write_text("## A section\n", "utf-8")
    ended = [CliRunner().invoke(app, typed).exit_code for typed in (["build"], ["build", "7"], ["biuld"])]
    told = first_cells(table_after("Number |"))
    assert [*map(str, ended)] == told[:3]
    raised = {str(each.exit_code) for each in kinds_of(DigestError)}
    assert raised | {"130"} <= {*told}


def test_the_script_runs(newsletter: Path) -> None:
    run("digest init my-newsletter --yes")
    (script,) = fences(section("In a script"), "python")
    (newsletter / "script.py").write_text(script, "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "script.py"], env=environment, capture_output=True, check=False)
    said = ended.stdout.decode()
    assert ended.stderr.decode() == ""
    assert "A story is a heading with a link in it https://en.wikipedia.org/wiki/Newsletter 4\n" in said
    assert "out/email.eml\n" in said.replace("\\", "/")
    assert (newsletter / "out/email.eml").is_file()


def test_the_first_ten_minutes_go_as_told(newsletter: Path) -> None:
    lines = [line for fence in fences(section("The first ten minutes"), "sh") for line in fence.splitlines()]
    assert lines[-4:] == ["digest init my-newsletter", "cd my-newsletter", "digest build --open", "digest preview"]
    run("digest init my-newsletter --yes")
    assert (newsletter / "my-newsletter/issues/001.md").is_file()
    assert (newsletter / "my-newsletter/digest.toml").is_file()


def test_ejecting_a_part_puts_it_where_the_readme_says(newsletter: Path) -> None:
    (place,) = re.findall(r"The copy is `([^`]+)`", README)
    line = next(line for line in command_lines() if "eject" in line)
    run(line)
    assert (newsletter / place).is_file()


# Links, places, and names


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_within_the_documents_leads_somewhere(name: str) -> None:
    text = without_fences((ROOT / name).read_text("utf-8"))
    text = re.sub(r"`[^`\n]*`", "", text)
    dead = []
    for link in [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'src="([^"]+)"', text)]:
        file, _, fragment = link.partition("#")
        if "://" in link:
            continue
        target = (ROOT / name).parent / file if file else ROOT / name
        headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE) if fragment else []
        if not target.is_file() or (fragment and fragment not in map(anchor, headings)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_readers_are_sent_to_examples_and_lasting_pages_only(name: str) -> None:
    addresses = re.findall(r"https?://[^\s)\"'`>]+", (ROOT / name).read_text("utf-8"))
    hosts = {str(urlsplit(address).hostname) for address in addresses if address.strip("./:") not in ("https", "http")}
    assert {host for host in hosts - SITES if not host.endswith(".example") and host != "..."} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_names_a_place_on_one_computer(name: str) -> None:
    # An example of a service in CONTRIBUTING has routes.
    text = re.sub(r"https?://\S+|\"/mails[^\"]*\"", "", (ROOT / name).read_text("utf-8"))
    assert re.findall(r"(?<![\w.<>~*/-])/[a-z]\w*/?", text) == []
