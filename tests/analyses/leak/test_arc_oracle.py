"""ARC states beside dkimpy over the real material: every disagreement has its explanation."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ORACLE = Path(__file__).parents[3] / "benchmarks/dkim_oracle.py"


@pytest.mark.shared_data
def test_every_chain_agrees_with_dkimpy_or_the_difference_is_explained(shared_data: Path) -> None:
    pytest.importorskip("dkim", reason="the oracle is not installed")
    spec = importlib.util.spec_from_file_location("dkim_oracle_page", ORACLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    cases = module.compare_arc(shared_data / "leak")
    assert len(cases) >= 16
    assert sum(case.agrees for case in cases) >= 12
    for case in cases:
        pair = (case.answer, case.finding.chain.state)
        assert case.agrees or pair in module.EXPLAINED_ARC, (case.path, pair)
        assert case.finding.chain.state != "pass" or case.answer == "pass", case.path
