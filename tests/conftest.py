"""What several tests share."""

from __future__ import annotations

import os
import signal
import threading
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


#: Seconds in which whatever a test asks for is done many times over, on the slowest machine; what grows with the square
#: of a hostile text, or waits for a server that never ends, is not.
_PATIENCE = 60


@pytest.fixture
def patience() -> Iterator[None]:
    """For tests of what might take for ever: one that does is ended. How long the rest takes benchmarks/ say."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield  # Windows has none; there whoever watches ends it
        return

    def end(*_: object) -> None:
        pytest.fail("it did not come to an end")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(_PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def terminal() -> None:
    """For tests in which somebody sits at a terminal; a container may have none to give."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as error:
        pytest.skip(f"no pseudo-terminal can be had here: {error}")
