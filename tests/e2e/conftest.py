"""One small invented incident, taken through every command, shared by the tests here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from program import Line, succeed

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.simulate import Truth


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    from tamis import simulate

    folder = tmp_path_factory.mktemp("line")
    incident = simulate.write(folder / "incident", scale=0.2)
    case = folder / "case"
    succeed("new", case, "--title", "Line")
    _declare(case / "case.toml", incident.truth)
    succeed("add", case, folder / "incident" / "leak")
    succeed("add", case, folder / "incident" / "keys", "--kind", "keys")
    succeed("add", case, folder / "incident" / "posts")
    for kind, name in (("silence", "context/silence.toml"), ("claims", "claims/claims.csv")):
        succeed("add", case, folder / "incident" / name, "--kind", kind)
    succeed("run", case)
    succeed("report", case, "-o", folder / "report.html")
    return Line(folder / "incident", case, folder / "report.html")


def _declare(path: Path, truth: Truth) -> None:
    """What an investigator writes into case.toml of the incident."""
    told = truth.settings
    days = ", ".join(told["polling_days"])
    values = {
        'election = ""': f'election = "{told["election"]}"',
        "polling_days = []": f"polling_days = [{days}]",
        "jurisdictions = []": f"jurisdictions = {json.dumps(told['jurisdictions'])}",
        "selectors = []": f"selectors = {json.dumps(told['selectors'])}",
        'leak_at = ""': f'leak_at = "{truth.story["origin"]["at"]}"',
    }
    text = path.read_text(encoding="utf-8")
    for old, new in values.items():
        assert text.count(f"\n{old}\n") == 1, old
        text = text.replace(f"\n{old}\n", f"\n{new}\n")
    path.write_text(text, encoding="utf-8")
