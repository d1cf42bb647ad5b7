"""The same files give the same rows: each worker hashes by a seed of its own, and none shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tamis.case import Case

TABLES = ("item", "place", "ledger", "message", "header", "part", "document", "property")


def rows(folder: Path, leak: Path, name: str) -> dict[str, list[str]]:
    case = folder / name
    Case.create(case, title="t")
    folders = [str(leak / name) for name in ("mixed", "outlook", "docs")]
    command = [sys.executable, "-m", "tamis", "add", str(case), *folders, "--kind", "leak"]
    subprocess.run(command, check=True, capture_output=True)
    with Case.open(case).view() as view:
        return {one: sorted(map(repr, view.table(one).to_pylist())) for one in TABLES}


@pytest.mark.slow
@pytest.mark.shared_data
def test_three_runs_give_the_same_rows(shared_data: Path, tmp_path: Path) -> None:
    first, *others = (rows(tmp_path, shared_data / "leak", name) for name in ("a", "b", "c"))
    assert all(first.values())
    for other in others:
        assert {name: other[name] == first[name] for name in TABLES} == dict.fromkeys(TABLES, True)
