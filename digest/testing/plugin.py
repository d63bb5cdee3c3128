"""What pytest has to know to try a service: `pytest_plugins = ["digest.testing.plugin"]` in a conftest.py.

It is no entry point of pytest's, which would load it wherever digest is installed, whatever is tested there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

# So that a failure shows what was compared, as in a test of one's own; before they are imported.
pytest.register_assert_rewrite("digest.testing.contract")

from digest.testing.bench import Bench  # noqa: E402
from digest.testing.fake import FakeService  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mails_readers: what is tested here may reach readers")


@pytest.fixture
def fake() -> FakeService:
    """The fake of the service that is tried, started; every package that tries one has this fixture of its own."""
    raise pytest.UsageError("Write a fixture called fake that gives the started fake of your service.")


@pytest.fixture
def bench(request: pytest.FixtureRequest, fake: FakeService, tmp_path: Path) -> Iterator[Bench]:
    """An empty account, and a folder for the receipts. Whatever a test is about, no export may reach a reader."""
    fake.reset()
    yield Bench(fake, tmp_path)
    if "mails_readers" not in request.keywords:
        assert fake.mailed == []
