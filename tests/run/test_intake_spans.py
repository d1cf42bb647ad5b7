"""Spans of large containers: told in pieces, refused when they lie, cut into jobs in order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tamis.cell import Job, Outcome
from tamis.errors import CellError
from tamis.run import intake_cuts, intake_spans
from tamis.run.intake_check import LieError, Span, _Bytes
from tamis.run.intake_cuts import SPAN_SCHEMA, Cuts
from tamis.run.intake_spans import is_apart, pieces, read_spans

if TYPE_CHECKING:
    from pathlib import Path


def span(position: int, start: int, end: int, member_of: str | None = None) -> dict[str, Any]:
    return {
        "name": f"message-{position}",
        "position": position,
        "byte_start": start,
        "byte_end": end,
        "is_member": True,
        "is_path": False,
        "member_of": member_of,
    }


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), SPAN_SCHEMA)


def outcome(folder: Path, rows: pa.Table) -> Outcome:
    path = folder / "span"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, SPAN_SCHEMA) as writer:
        writer.write_table(rows)
    return Outcome(Job("x", "t", (), ()), "done", files={"span": path})


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([span(0, -1, 5)], "outside"),
        ([span(0, 6, 5)], "outside"),
        ([span(0, 0, 5), span(1, 5, 101)], "outside"),
        ([span(3, 0, 5), span(3, 5, 10)], "same rank"),
    ],
)
def test_spans_that_lie_are_refused(tmp_path: Path, rows: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(CellError, match=why):
        read_spans(outcome(tmp_path, table(*rows)), 100)


def test_spans_that_hold_are_read(tmp_path: Path) -> None:
    rows = table(span(0, 0, 5), span(1, 5, 100), span(2, 100, 100))
    assert read_spans(outcome(tmp_path, rows), 100).equals(rows)
    assert read_spans(Outcome(Job("x", "t", (), ()), "done"), 100).num_rows == 0
    assert not is_apart(rows)
    assert is_apart(table(span(0, 0, 5), span(1, 0, 0, "pst")))
    assert not is_apart(SPAN_SCHEMA.empty_table())


def slow_pieces(rows: list[dict[str, Any]]) -> list[list[int]]:
    """The obvious way: one span after another."""
    made: list[list[int]] = []
    size = 0
    for row in rows:
        length = row["byte_end"] - row["byte_start"]
        if row["member_of"]:
            length = intake_spans._JOB_BYTES // intake_spans._JOB_MEMBERS
        if not made or len(made[-1]) >= intake_spans.JOB_SPANS or size + length > 1000:
            made.append([])
            size = 0
        made[-1].append(row["position"])
        size += length
    return made


def test_pieces_are_those_of_the_obvious_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_spans, "JOB_SPANS", 7)
    monkeypatch.setattr(intake_spans, "_JOB_BYTES", 1000)
    monkeypatch.setattr(intake_spans, "_JOB_MEMBERS", 3)
    dice = random.Random(4)
    for _ in range(200):
        rows = [
            span(rank, 0, dice.choice((0, 10, 300, 2000)), dice.choice((None, None, "pst")))
            for rank in range(dice.randint(0, 40))
        ]
        got = [piece["position"].to_pylist() for piece in pieces(table(*rows))]
        assert got == slow_pieces(rows)


def test_cuts_are_written_while_they_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_cuts, "_FLUSH_SPANS", 4)
    written: list[pa.RecordBatch] = []

    class Out:
        def arrow(self, name: str, schema: pa.Schema) -> Out:
            assert (name, schema) == ("span", SPAN_SCHEMA)
            return self

        def write(self, batch: pa.RecordBatch) -> None:
            written.append(batch)

    cuts = Cuts(Out())
    for rank in range(10):
        cuts.add(f"m{rank}", {"byte_start": rank, "byte_end": rank + 1, "member_of": None}, rank)
        assert len(cuts._waiting) < 4
    cuts.write()
    cuts.write()
    assert cuts.count == 10
    assert [batch.num_rows for batch in written] == [4, 4, 2]
    assert pa.Table.from_batches(written)["position"].to_pylist() == list(range(10))


def test_bytes_are_those_of_the_span_whatever_was_read_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tamis.run.intake_check._WINDOW_BYTES", 64)
    dice = random.Random(7)
    contents = {tmp_path / name: dice.randbytes(500) for name in ("a", "b")}
    for path, data in contents.items():
        path.write_bytes(data)
    reader = _Bytes()
    for _ in range(2000):
        path = dice.choice(list(contents))
        start, end = sorted(dice.choices(range(501), k=2))
        inner = Span(path, start, end).part(0, end - start)
        assert bytes(reader.read(inner)) == contents[path][start:end]
    # A file that is shorter than was said gives less, and so another hash.
    assert len(reader.read(Span(tmp_path / "a", 490, 600))) == 10
    reader.close()
    for start, end in ((-1, 3), (3, 2), (0, 11)):
        with pytest.raises(LieError):
            Span(tmp_path / "a", 20, 30).part(start, end)
