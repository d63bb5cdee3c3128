"""The house keeps its floors: imports point down, never in a circle, never from leaf to leaf."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "digest"

#: Each floor may import from itself and from those before it. A name stands for the module or the folder;
#: what is named nowhere reads, keeps or renders, on the second floor.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "merge_tags"),
    ("models", "decode", "plugins", "web", "files"),
    ("config", "issue_file", "store", "urls", "compose", "message", "preview", "render"),
    ("sources", "checks", "exporters"),
    (
        *("start", "project", "gather", "readers", "archive", "adoption", "desk", "intake"),
        *("proofreading", "exporting", "sending"),
    ),
    ("cli",),
    ("__init__", "__main__"),
    # For those who add a service. It may import everything, and nothing imports it.
    ("testing",),
)
SECOND = 2
#: Folders whose modules may import each other's base only.
LEAVES = ("sources", "checks", "exporters")
#: Third parties that only certain modules may know.
KEEPERS = {
    "premailer": {"render.inline"},
    "mjml": {"render.mjml"},
    "jinja2": {"render.templates", "render.places", "start", "preview.page"},
    "nh3": {"render.safe_html"},
    "typer": {"cli"},
    "rich": {"cli"},
    "sqlite3": {"store"},
    "click": set(),
    "requests": {"web"},
    "feedparser": {"incoming.second_opinion"},
    "fastfeedparser": {"sources.feed"},
    "charset_normalizer": {"incoming.encodings"},
    "listparser": {"sources.opml"},
    "trafilatura": {"sources.page"},
    "PIL": {"render"},
    "starlette": {"preview"},
    "uvicorn": {"preview"},
    "watchfiles": {"preview"},
    "tinycss2": {"inspection.styles"},
    "smtplib": {"services.mail_server"},
    "boto3": {"exporters.ses"},
    "keyring": {"credentials"},
    "pytest": {"testing"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def floor_of(module: str) -> int:
    top = module.split(".")[0]
    return next((number for number, names in enumerate(FLOORS) if top in names), SECOND)


def imports(path: Path, *, typing_too: bool = False) -> Iterator[str]:
    """Every module that a file imports, wherever in it, by dotted name."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped: set[int] = set()
    if not typing_too:
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                skipped |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = node.module.startswith("digest") and _exists(inner)
                yield inner if is_module else node.module


def _exists(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def own_imports(path: Path) -> set[str]:
    found = {name.removeprefix("digest.") for name in imports(path) if name.startswith("digest.")}
    return {name for name in found if name != "__version__"}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_point_down(path: Path) -> None:
    module = name_of(path)
    floor = floor_of(module)
    upward = {other for other in own_imports(path) if floor_of(other) > floor}
    assert upward == set()


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_leaf_touches_no_other_leaf(path: Path) -> None:
    module = name_of(path)
    folder = module.split(".")[0]
    if folder not in LEAVES:
        return
    others = {
        other for other in own_imports(path) if other.split(".")[0] in LEAVES and not other.endswith((".base", folder))
    }
    assert others - {module} == set()


def test_nothing_imports_in_a_circle() -> None:
    graph = {name_of(path): own_imports(path) for path in modules()}

    def circle(module: str, trail: tuple[str, ...]) -> tuple[str, ...]:
        if module in trail:
            return (*trail[trail.index(module) :], module)
        for other in graph.get(module, ()):
            if found := circle(other, (*trail, module)):
                return found
        return ()

    assert [found for module in graph if (found := circle(module, ()))] == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_third_party_is_known_to_its_keepers_only(path: Path) -> None:
    module = name_of(path)
    known = {name.split(".")[0] for name in imports(path, typing_too=True)}
    misplaced = {
        package
        for package, keepers in KEEPERS.items()
        if package in known and module not in keepers and module.split(".")[0] not in keepers
    }
    assert misplaced == set()


def test_no_file_is_named_after_its_shape() -> None:
    shapeless = {"utils", "util", "helpers", "common", "core", "misc", "base_utils"}
    assert [name_of(path) for path in modules() if path.stem in shapeless] == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_opens_with_a_sentence(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    assert said.split("\n")[0].strip().endswith((".", "`"))


def test_printing_and_leaving_is_for_the_face() -> None:
    found = []
    for path in modules():
        if name_of(path).startswith("cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("print", "sys.exit", "exit", "quit", "typer.echo"):
                found.append(f"{name_of(path)}:{node.lineno} {called}")
    assert found == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_no_group_is_repeated_possessively(path: Path) -> None:
    """Python before 3.11.5, as Debian 12 has it, takes "(?:a|b)*+" wrong: github.com/python/cpython/issues/106052."""
    texts = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
    # A group, and no class that lists what stands in it.
    wrong = [text for text in texts if isinstance(text, str) and re.search(r"\(\?.*(?<!\\)\)[*+?}]\+", text)]
    assert wrong == []
