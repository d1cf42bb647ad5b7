"""The invented case of tests/reports, for what runs on a whole case."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tamis.case import Case

BUILDER = Path(__file__).resolve().parents[1] / "reports" / "invented_case.py"


@pytest.fixture
def invented(tmp_path: Path) -> Case:
    """A fresh case full of hostile text."""
    spec = importlib.util.spec_from_file_location("invented_case_builder", BUILDER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    case: Case = module.make(tmp_path / "case")
    return case
