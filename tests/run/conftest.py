"""The invented case of tests/reports, for what runs on a whole case."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from tamis.case import Case

BUILDER = Path(__file__).resolve().parents[1] / "reports" / "invented_case.py"


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = importlib.util.spec_from_file_location("invented_case_builder", BUILDER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path: Path = module.make(tmp_path_factory.mktemp("invented") / "case").path
    return path


@pytest.fixture
def invented(original: Path, tmp_path: Path) -> Case:
    """A case full of hostile text, a test's own copy."""
    shutil.copytree(original, tmp_path / "case")
    return Case.open(tmp_path / "case")
