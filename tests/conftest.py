"""What several tests share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real material beside the checkout; a user's clone has none."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not (folder / "corpora").is_dir():
        pytest.skip("the folder of real material, ../shared, is not here")
    return folder
