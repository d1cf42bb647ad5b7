"""One small invented incident, taken through every command, shared by the tests here."""

from __future__ import annotations

import pytest
from program import Line, succeed


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    from tamis import simulate

    folder = tmp_path_factory.mktemp("line")
    simulate.write(folder / "incident", scale=0.2)
    case = folder / "case"
    succeed("new", case, "--title", "Line")
    succeed("add", case, folder / "incident" / "leak")
    succeed("add", case, folder / "incident" / "keys", "--kind", "keys")
    succeed("add", case, folder / "incident" / "posts")
    succeed("run", case)
    succeed("report", case, "-o", folder / "report.html")
    return Line(folder / "incident", case, folder / "report.html")
