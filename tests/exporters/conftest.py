"""Every fake service there is, started once; a test gets an empty account in it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

import fakes
import pytest
from bench import Bench
from fakes.base import FakeService

NAMES = sorted(each.name for each in pkgutil.iter_modules(fakes.__path__) if each.name != "base")


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, FakeService]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(import_module(f"fakes.{name}").Fake()) for name in NAMES}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mails_readers: what is tested here may reach readers")


@pytest.fixture(params=NAMES)
def bench(request: pytest.FixtureRequest, services: dict[str, FakeService], tmp_path: Path) -> Iterator[Bench]:
    """A bench of every service in turn. Whatever a test is about, no call of an export may reach a reader."""
    fake = services[request.param]
    fake.reset()
    yield Bench(fake, tmp_path)
    if "mails_readers" not in request.keywords:
        assert fake.mailed == []


@pytest.fixture
def bench_of(services: dict[str, FakeService], tmp_path: Path) -> object:
    """A bench of one service, by its name."""

    def made(name: str) -> Bench:
        services[name].reset()
        return Bench(services[name], tmp_path)

    return made
