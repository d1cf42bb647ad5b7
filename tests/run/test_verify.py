"""`verify` answers as `add` and `run` do, whatever it leaves out for want of anything to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from signed_case import make, messages

from tamis.case import CaseView
from tamis.progress import Silent
from tamis.run import copies, quotes, reference
from tamis.run.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case import Case

_STAMP = {"run_id", "analysis_version"}
_TABLES = ("quote_match", "copy_pair", "reference_match", "reference_coverage")


def _answers(case: Case, table: str) -> list[dict[str, Any]]:
    with case.view() as view:
        rows = view.table(table).to_pylist()
    return [{k: v for k, v in row.items() if k not in _STAMP} for row in rows]


@pytest.mark.parametrize(
    "names",
    [("rsa",), ("damaged",), ("rsa", "changed"), tuple(messages())],
    ids=lambda names: "-".join(names) if len(names) < 3 else "all",
)
def test_verify_agrees_with_the_case(tmp_path: Path, names: tuple[str, ...]) -> None:
    case, _ = make(tmp_path, {name: messages()[name] for name in names})
    found = verify([tmp_path / "leak"], keys=tmp_path / "keys.json", jobs=1, progress=Silent())
    assert len(found.rows) == len(names)
    verdicts = {row["item_id"]: row for row in _answers(case, "verdict")}
    signatures = _answers(case, "signature")
    for row in found.rows:
        expected = verdicts.pop(row["item_id"])
        assert {name: row[name] for name in expected} == expected
        own = [one for one in signatures if one["item_id"] == row["item_id"]]
        assert row["signatures"] == sorted(own, key=lambda one: one["position"])
    assert not verdicts


def test_a_stage_that_is_left_out_would_have_found_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "short").mkdir()
    one = {"rsa": messages()["rsa"]}
    short, _ = make(tmp_path / "short", one)

    def refuse(*_: object) -> None:
        raise AssertionError

    for module in (copies, quotes, reference):
        monkeypatch.setattr(module, "written_empty", refuse)
    monkeypatch.setattr(reference, "_has_originals", lambda _view: True)
    counted = CaseView.row_count
    monkeypatch.setattr(
        CaseView, "row_count", lambda view, name: counted(view, name) + (name == "message")
    )
    whole, _ = make(tmp_path / "whole", one)
    for table in _TABLES:
        assert _answers(short, table) == _answers(whole, table) == []
    assert _answers(short, "verdict") == _answers(whole, "verdict")
