"""`tamis add --columns`: own column names reach the reader, and nonsense is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tamis.case import Case
from tamis.cli import cli
from tamis.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def test_own_names_of_columns(tmp_path: Path) -> None:
    Case.create(tmp_path / "case", title="t")
    file = tmp_path / "own.csv"
    file.write_text("who,when,what\nfb_1,2017-05-05T20:49:00Z,one\ntw_2,2017-05-05T20:50:00Z,two\n")
    told = "account=who, time=when,text=what,platform_prefix=who"
    arguments = ["add", str(tmp_path / "case"), str(file), "--kind", "posts", "--columns", told]
    answer = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    with Case.open(tmp_path / "case").view() as view:
        assert sorted(view.table("post").column("platform").to_pylist()) == ["fb", "tw"]
    with pytest.raises(InputError, match="expected meaning=name"):
        CliRunner().invoke(cli, [*arguments[:-1], "account:who"], catch_exceptions=False)
