"""What several tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_web import FakeWeb

#: Has to stand in the topmost conftest.py. It brings what tests of mailing services share.
pytest_plugins = ["digest.testing.plugin"]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real material beside the checkout; a user's clone has none."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not (folder / "corpora").is_dir():
        pytest.skip("the folder of real material, ../shared, is not here")
    return folder


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    """A network that answers as it is told; what nobody told it fails the test."""
    with FakeWeb() as web:
        yield web


@pytest.fixture
def terminal() -> None:
    """For tests in which somebody sits at a terminal; a container may have none to give."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        pytest.skip(f"no pseudo-terminal can be had here: {error}")
