"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """The folder of real material; the test skips, saying so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not on this machine: real material is not shipped")
    return SHARED
