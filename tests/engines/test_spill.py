"""A kernel's input that is too large to hold: it comes from a mapped file, and is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from tamis.engines import duckdb as duck
from tamis.engines import open_engine
from tamis.plan import Kernel, Partition

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SCHEMA = pa.schema([("name", pa.string()), ("number", pa.int64())])


def test_large_input_is_mapped_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duck, "SPILL_ROWS", 1_000)
    count = 250_000
    rows = pa.table({"name": [f"n{n % 977}" for n in range(count)], "number": range(count)})
    path = tmp_path / "rows.parquet"
    pq.write_table(rows.cast(SCHEMA), path)
    seen: list[int] = []

    def kernel(table: pa.Table, _: Any, __: Partition) -> pa.Table:
        seen.append(pa.total_allocated_bytes())
        assert table.num_rows == count
        return table

    before = pa.total_allocated_bytes()
    with open_engine("duckdb", allowed=[path], scratch=tmp_path / "s", threads=1) as engine:
        engine.register("given", [path], SCHEMA)
        engine.run((Kernel("same", 1, kernel, "given", SCHEMA, is_sorted=False),), ["same"])
        assert engine.fetch("same").sort_by("number").equals(rows.cast(SCHEMA).combine_chunks())
    assert seen[0] - before < rows.nbytes / 2
    assert list((tmp_path / "s").rglob("*.arrow")) == []
