"""Every fake service there is, started once; a test gets an empty account in it."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

import fakes
import pytest
from bench import Bench
from fakes.base import FakeService

NAMES = sorted(each.name for each in pkgutil.iter_modules(fakes.__path__) if each.name != "base")
DRAFTS = [name for name in NAMES if import_module(f"fakes.{name}").Fake.keeps_drafts]


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, FakeService]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(import_module(f"fakes.{name}").Fake()) for name in NAMES}


@pytest.fixture(params=DRAFTS)
def fake(request: pytest.FixtureRequest, services: dict[str, FakeService]) -> FakeService:
    """Each of them in turn, for the tests of `digest.testing.contract`."""
    return services[request.param]


@pytest.fixture
def bench_of(services: dict[str, FakeService], tmp_path: Path) -> Callable[[str], Bench]:
    """A bench of one service, by its name."""

    def made(name: str) -> Bench:
        services[name].reset()
        return Bench(services[name], tmp_path)

    return made
