"""One invented incident at scale 1 and one tiny one, written once for the tests here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tamis import simulate

if TYPE_CHECKING:
    from tamis.simulate import Incident


@pytest.fixture(scope="session")
def incident(tmp_path_factory: pytest.TempPathFactory) -> Incident:
    return simulate.write(tmp_path_factory.mktemp("incident") / "one", scale=1.0)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Incident:
    return simulate.write(tmp_path_factory.mktemp("incident") / "tiny", scale=0.05)
