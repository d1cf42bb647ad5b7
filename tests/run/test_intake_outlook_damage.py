"""Damaged Outlook files inside the cell: one outcome each, and ledgers that add up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from cfb_writer import attachment, compound_file, message
from tamis.case import Case
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

STORES = ("testPST.pst", "testPST_variousBodyTypes.pst")


def damaged(data: bytes, dice: random.Random) -> bytes:
    """The file with bits turned, bytes changed, a stretch emptied or copied, or the end cut."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        start, length = dice.randrange(len(found)), dice.randint(1, 2000)
        match dice.randrange(5):
            case 0:
                for _ in range(dice.randint(1, 200)):
                    found[dice.randrange(len(found))] ^= 1 << dice.randrange(8)
            case 1:
                for _ in range(dice.randint(1, 30)):
                    found[dice.randrange(len(found))] = dice.randrange(256)
            case 2:
                found[start : start + length] = bytes(len(found[start : start + length]))
            case 3:
                place = dice.randrange(len(found))
                copied = found[start : start + length]
                found[place : place + len(copied)] = copied
            case _ if dice.random() < 0.3:
                del found[max(64, start) :]
    return bytes(found)


def check(case: Case, count: int) -> None:
    """Each file has one status, and a reason unless it was read; each ledger adds up."""
    with case.view() as view:
        items = {row["item_id"]: row for row in view.table("item").to_pylist()}
        places = view.table("place").to_pylist()
        ledgers = view.table("ledger").to_pylist()
    assert sum(row["depth"] == 0 for row in places) == count
    assert {row["item_id"] for row in places} == set(items)
    for row in items.values():
        assert (row["status"] == "read") or row["reason"], row
    for row in ledgers:
        if row["expected_count"] is not None:
            assert row["expected_count"] == row["emitted_count"] + row["failed_count"], row


def test_damaged_messages(tmp_path: Path) -> None:
    held = message({0x0037001F: "inner"}, head=24)
    top = message(
        {0x0037001F: "outer", 0x1000001F: "text " * 800, 0x10090102: b"x" * 300},
        ({0x0C150003: 1, 0x3003001F: "a@b.example"},),
        (attachment({0x37050003: 5}, held), attachment({0x37050003: 1, 0x37010102: b"y" * 9000})),
    )
    whole, dice = compound_file(top), random.Random(5)
    box = tmp_path / "box"
    box.mkdir()
    for rank in range(100):
        (box / f"{rank}.msg").write_bytes(damaged(whole, dice))
    case = Case.create(tmp_path / "case", title="t")
    add(case, [box], kind="leak")
    check(case, 100)


@pytest.mark.slow
@pytest.mark.shared_data
def test_damaged_stores(shared_data: Path, tmp_path: Path) -> None:
    dice = random.Random(6)
    box = tmp_path / "box"
    box.mkdir()
    for rank in range(100):
        name = f"leak/outlook/tika/test-documents__{STORES[rank % len(STORES)]}"
        (box / f"{rank}.pst").write_bytes(damaged((shared_data / name).read_bytes(), dice))
    case = Case.create(tmp_path / "case", title="t")
    add(case, [box], kind="leak")
    check(case, 100)
