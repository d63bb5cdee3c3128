"""A service that another package brings: what CONTRIBUTING shows is a whole one, and the tests that ship prove it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """CONTRIBUTING's example, as an installer would leave it."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("### A service in a package of its own")[2]
    files = dict(re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert {"pyproject.toml", "digest_postbox.py", "tests/conftest.py", "tests/test_postbox.py"} <= files.keys()
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    folder = tmp_path / "digest_postbox-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n", "utf-8")
    points = project["entry-points"]["digest.exporters"]
    lines = [f"{name} = {value}\n" for name, value in points.items()]
    (folder / "entry_points.txt").write_text("[digest.exporters]\n" + "".join(lines), "utf-8")
    return tmp_path


def run(package: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(package), str(ROOT)]), "POSTBOX_API_KEY": "k-1234567"}
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # what else is installed here is not theirs, and takes a second
    return subprocess.run(
        [sys.executable, *words], cwd=package, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def pytest_in(package: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", "tests", *words)


def test_the_service_in_contributing_passes_every_test_that_ships(package: Path) -> None:
    ended = pytest_in(package)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr
    assert int(re.search(r"(\d+) passed", ended.stdout)[1]) > 60  # type: ignore[index]


@pytest.mark.parametrize(
    ("right", "wrong", "fails"),
    [
        ('"status": "draft"', '"status": "now"', "test_an_export_leaves_one_draft_that_holds_the_issue"),
        (
            'make("/mails", ',
            'upload("/mails", json=',
            "test_after_any_fault_at_any_call_there_is_one_draft[drop_after]",
        ),
        ("== marker", '== "x"', "test_a_draft_whose_receipt_was_lost_is_found_in_a_crowd"),
    ],
    ids=["mails at once", "makes it again after a lost answer", "finds nothing"],
)
def test_a_service_that_breaks_a_promise_fails_the_test_of_that_name(
    right: str, wrong: str, fails: str, package: Path
) -> None:
    path = package / "digest_postbox.py"
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), "utf-8")
    ended = pytest_in(package, "-k", fails.partition("[")[0])
    assert ended.returncode == 1, ended.stdout
    assert f"::{fails}" in ended.stdout


def test_such_a_service_is_one_of_ours_on_the_command_line(package: Path) -> None:
    assert re.search(r"^postbox +yes ", run(package, "-m", "digest", "services").stdout, re.MULTILINE)
    said = run(package, "-m", "digest", "services", "postbox").stdout
    assert "Postbox: a draft in the outbox" in said
    assert "Postbox makes its own text part" in said


def test_nobody_needs_pytest_to_build_a_fake(package: Path) -> None:
    ended = run(package, "-c", "import sys, digest.testing; sys.exit('pytest' in sys.modules)")
    assert ended.returncode == 0


def test_pytest_is_not_told_of_digest_where_nobody_asked(package: Path) -> None:
    (package / "tests/conftest.py").write_text("", "utf-8")
    (package / "tests/test_postbox.py").write_text(
        "import sys\n\n\ndef test_it():\n    assert 'digest' not in sys.modules\n", "utf-8"
    )
    assert pytest_in(package).returncode == 0
