"""A store is read item by item in jobs of its own: when it is large, and when it kills a parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tamis.case import Case, audit
from tamis.cell import Cell, Outcome
from tamis.run import intake_files
from tamis.run.intake import Workers, add

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

STORE = "leak/outlook/tika/test-documents__testPST.pst"
_run = Cell.run


def rows(case: Case) -> dict[str, list[Any]]:
    """What a case says of a store, but for what differs from case to case."""
    with case.view() as view:
        return {
            name: sorted(repr(row) for row in view.table(name).to_pylist())
            for name in ("item", "place", "message", "header", "part", "mailbox", "ledger")
        }


@pytest.fixture
def whole(shared_data: Path, tmp_path: Path) -> tuple[Path, dict[str, list[Any]]]:
    """A store, and the rows of it read in one piece."""
    case = Case.create(tmp_path / "whole", title="t")
    add(case, [shared_data / STORE], kind="leak", workers=Workers(jobs=1))
    found = rows(case)
    assert len(found["message"]) == 8
    return shared_data / STORE, found


@pytest.mark.shared_data
def test_a_large_store_gives_the_same_rows(
    whole: tuple[Path, dict[str, list[Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, wanted = whole
    monkeypatch.setattr(intake_files, "DEFER_BYTES", 1000)
    case = Case.create(tmp_path / "apart", title="t")
    report = add(case, [path], kind="leak", workers=Workers(jobs=2))
    assert rows(case) == wanted
    assert report.item_statuses["read"] == len(wanted["item"])
    assert audit(case.path, None).ok


@pytest.mark.shared_data
def test_an_item_that_kills_its_parser_costs_one(
    whole: tuple[Path, dict[str, list[Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parser dies on the whole file, and again on the third item."""

    def dying(cell: Cell, jobs: Iterable[Any]) -> Iterator[Outcome]:
        for job in jobs:
            apart = [one for one in job.items if one.get("member_of")]
            if job.task != intake_files.TASK or job.args["is_deferred"]:
                yield from _run(cell, [job])
                continue
            if not apart:
                yield Outcome(job, "failed", "the parser crashed")
            for one in job.singly() if apart else ():
                if one.items[0]["position"] == 2:
                    yield Outcome(one, "failed", "the parser crashed")
                else:
                    yield from _run(cell, [one])

    path, wanted = whole
    monkeypatch.setattr(Cell, "run", dying)
    case = Case.create(tmp_path / "apart", title="t")
    add(case, [path], kind="leak", workers=Workers(jobs=1))
    found = rows(case)
    assert len(found["message"]) == len(wanted["message"]) - 1
    with case.view() as view:
        lost = [row for row in view.table("item").to_pylist() if row["status"] == "failed"]
        places = {row["item_id"]: row for row in view.table("place").to_pylist()}
        (ledger,) = [row for row in view.table("ledger").to_pylist() if row["reader"] == "pst"]
    counts = ledger["expected_count"], ledger["emitted_count"], ledger["failed_count"]
    assert counts == (7, 6, 1)
    assert [row["reason"] for row in lost] == [
        "the parser crashed; the id stands for the place, not for content"
    ]
    assert places[lost[0]["item_id"]]["position"] == 2
    assert audit(case.path, None).ok
