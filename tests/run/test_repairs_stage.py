"""The repair stage over a case: rows, repaired bytes as blobs, and what forgetting takes along."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from carriers import FOOTER
from dkim_signer import BODY, LETTER, key_row, sign
from tamis.case import Case, audit
from tamis.case.forget import forget
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import Workers, add
from tamis.run.repairs import _share
from tamis.run.stages import stages

SIGNED = sign(LETTER, BODY)
DAMAGED = SIGNED + FOOTER
EDITED = SIGNED.replace(b"weaves", b"leaves")
MARKED = b"\xef\xbb\xbf" + sign([("From", "ada@example.org"), *LETTER[1:]], BODY)
LOST = SIGNED.replace(b"engine", b"weather") + b"And more.\r\n" * 3
MAILS = {
    "whole.eml": SIGNED,
    "damaged.eml": DAMAGED,
    "edited.eml": EDITED,
    "marked.eml": MARKED,
    "lost.eml": LOST,
}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    row = key_row()
    (tmp_path / "keys.json").write_text(json.dumps({row["key_name"]: row["txt"]}))
    folder = tmp_path / "leak"
    folder.mkdir()
    for name, raw in MAILS.items():
        (folder / name).write_bytes(raw)
    made = Case.create(tmp_path / "case", title="t")
    add(made, [folder], kind="leak", workers=Workers(jobs=1))
    add(made, [tmp_path / "keys.json"], kind="keys", workers=Workers(jobs=1))
    compute(made)
    return made


def compute(case: Case) -> list[str]:
    wanted = {"leak.signatures", "leak.repairs"}
    with case.writer() as writer:
        return [
            run_stage(writer, stage, RunContext("r", "duckdb", 1, Silent()))
            for stage in stages(("leak",))
            if stage.name in wanted
        ]


def item_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def test_every_message_that_does_not_hold_has_one_row(case: Case) -> None:
    with case.view() as view:
        rows = {row["item_id"]: row for row in view.table("repair").to_pylist()}
        outcomes = {name: rows.get(item_of(raw), {}).get("outcome") for name, raw in MAILS.items()}
        assert outcomes == {
            "whole.eml": None,
            "damaged.eml": "damage",
            "edited.eml": "edit",
            "marked.eml": "damage",
            "lost.eml": "not_repaired",
        }
        for row in rows.values():
            if row["repaired_item_id"] is not None:
                data = view.read_item(row["repaired_item_id"])
                assert item_of(data) == row["repaired_item_id"]
                assert row["repaired_verdict"] == "verified"
        notes = view.table("run").to_pylist()
        assert any(
            "edit_work" in row["settings"] for row in notes if row["stage"] == "leak.repairs"
        )
    assert audit(case.path, None).ok


def test_the_same_case_is_not_computed_twice(case: Case) -> None:
    assert all("up to date" in line for line in compute(case))


def test_forgetting_a_message_takes_its_repaired_bytes_along(case: Case) -> None:
    with case.view() as view:
        rows = {row["item_id"]: row for row in view.table("repair").to_pylist()}
    marked, damaged = rows[item_of(MARKED)], rows[item_of(DAMAGED)]
    blob = case.path / "blobs" / marked["repaired_item_id"][:2] / marked["repaired_item_id"]
    assert blob.exists()
    forget(case.path, item_of(MARKED), "asked for")
    assert not blob.exists()
    forget(case.path, item_of(DAMAGED), "asked for")
    with case.view() as view:
        left = view.table("repair").to_pylist()
        kept = {row["item_id"] for row in view.table("item").to_pylist()}
        assert damaged["item_id"] not in {row["item_id"] for row in left}
        assert "Crew mailing list" not in str(left)
        # The signed bytes are an item of the dump themselves, which nobody asked to forget.
        whole = item_of(SIGNED)
        assert whole in kept
        assert view.read_item(whole) == SIGNED
    assert audit(case.path, None).ok


def test_the_work_for_edits_is_shared() -> None:
    assert _share(0) == _share(1) == 1_500_000_000
    assert _share(400) == 100_000_000
    assert _share(1_000_000) == 40_000_000
