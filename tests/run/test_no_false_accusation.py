"""Real honest mail: nobody is accused but the one copy that was truly altered."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Wishes, add
from tamis.run.stages import stages_for

FOLDERS = ("lists", "signed", "outlook")
# dkimpy's authors made it from rfc6376.signed.msg by changing From under the same Message-ID.
ALTERED = {"dkimpy/rfc6376.w1258.msg"}


@pytest.mark.long
@pytest.mark.shared_data
def test_real_mail_of_lists_signers_and_stores(shared_data: Path, tmp_path: Path) -> None:
    root = shared_data / "leak"
    case = Case.create(tmp_path / "case", title="honest")
    add(case, [root / one for one in FOLDERS], wishes=Wishes(by_reference=True))
    add(case, [root / "keys.json"], kind="keys", wishes=Wishes(by_reference=True))
    with case.writer() as writer:
        for stage in stages_for("verdict"):
            run_stage(writer, stage, RunContext("r", "duckdb", 2, Silent()))
    with case.view() as view:
        rows = view.table("verdict").to_pylist()
        paths = {row["item_id"]: row["path"] for row in view.table("place").to_pylist()}
    print(len(rows), Counter(row["verdict"] for row in rows))  # noqa: T201  the figures
    accused = {
        paths[row["item_id"]] for row in rows if row["verdict"] in {"altered_copy", "contradicted"}
    }
    assert accused == ALTERED
    assert len(rows) > 500
