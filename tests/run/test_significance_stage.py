"""The stages of chance and habits on cases: a cell in posts taken in, one account, nothing."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400
START = 1_493_596_800
TABLES = ("co_action_significance", "cluster", "cluster_member", "automation")


def _case(folder: Path, rows: list[tuple[Any, ...]]) -> Case:
    case = Case.create(folder / "case", title="chance")
    if rows:
        with (folder / "posts.csv").open("w", newline="") as file:
            csv.writer(file).writerows(
                [("post_id", "account_id", "text", "url", "posted_at"), *rows]
            )
        add(case, [folder / "posts.csv"], kind="posts")
    list(analyse(case, only=["coordination"], jobs=1, progress=Silent()))
    return case


def _read(case: Case, table: str) -> list[dict[str, Any]]:
    with case.view() as view:
        return [row for batch in view.batches(table) for row in batch.to_pylist()]


def _post(number: int, account: str, thing: str, second: float) -> tuple[Any, ...]:
    when = np.datetime64(START + round(second), "s")
    return (f"p{number}", account, f"words {number}", f"https://u.example/{thing}", f"{when}Z")


def _crowd_and_cell() -> list[tuple[Any, ...]]:
    """Fifty links of a crowd of 600; five accounts share thirty of them within seconds."""
    rng = np.random.default_rng(8)
    acts = []
    for thing in range(50):
        born = thing * DAY / 2
        who = rng.choice(600, 14, replace=False)
        acts += [(f"n{one}", f"t{thing}", born + rng.uniform(0, 30_000)) for one in who]
        if thing < 30:
            at = born + rng.uniform(5_000, 25_000)
            acts += [(f"cell{n}", f"t{thing}", at + 4 * n) for n in range(5)]
    return [_post(number, *act) for number, act in enumerate(acts)]


def test_a_cell_in_a_crowd_is_one_cluster_with_its_evidence(tmp_path: Path) -> None:
    case = _case(tmp_path, _crowd_and_cell())
    clusters = [row for row in _read(case, "cluster") if row["layer"] == "co_link"]
    assert [row["grade"] for row in clusters] == ["first"]
    (row,) = clusters
    names = {m["account_id"] for m in _read(case, "cluster_member")
             if m["cluster_id"] == row["cluster_id"]}  # fmt: skip
    assert {name.rpartition(":")[2] for name in names} == {f"cell{n}" for n in range(5)}
    assert (row["edge_count"], row["object_count"], row["evidence_count"]) == (10, 30, 300)
    assert row["crowd_within_share"] < 0.1 < row["member_within_share"] == 1.0
    (run,) = [one for one in _read(case, "run") if one["stage"] == "coordination.significance"]
    assert "co_link 60s" in json.loads(run["settings"])["placebo_factor"]
    assert json.loads(run["settings"])["unexplained_pair_count"] == "10"
    habits = {one["account_id"].rpartition(":")[2] for one in _read(case, "automation")}
    assert habits >= {f"cell{n}" for n in range(5)}
    again = list(analyse(case, only=["coordination"], jobs=1, progress=Silent()))
    assert any(line.startswith("coordination.significance: up to date") for line in again)


@pytest.mark.parametrize("count", [0, 30])
def test_nobody_and_one_account_alone_are_answers(tmp_path: Path, count: int) -> None:
    case = _case(tmp_path, [_post(n, "a", f"t{n}", 600 * n) for n in range(count)])
    found = {name: len(_read(case, name)) for name in TABLES}
    assert found.pop("automation") == (4 if count else 0)
    assert not any(found.values())
    assert all(row["pair_count"] == 0 for row in _read(case, "co_action_significance_total"))
