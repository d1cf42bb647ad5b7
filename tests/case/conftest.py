"""A small case, empty and filled."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_rows import add_bytes, add_mbox, put

from tamis.case import Case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case.create(tmp_path / "case", title="A test")


@pytest.fixture
def filled(case: Case, tmp_path: Path) -> Case:
    """A case with a file, a mailbox, a reference, two generations and two decisions."""
    outside = tmp_path / "outside.bin"
    outside.write_bytes(b"left where it was")
    with case.writer() as writer:
        plain = add_bytes(writer, tmp_path, b"plain file")
        writer.note("added", path="plain file")
        writer.commit()
        add_mbox(writer, tmp_path)
        item_id, size = writer.store(outside, by_reference=True)
        put(writer, "item", item_id=item_id, size_bytes=size, status="read")
        writer.commit()
    case.decide("tag", [plain], "seen", "because", "me")
    case.decide("tag", ["b", "c", "d"], "bulk", "because", "me")
    return case
