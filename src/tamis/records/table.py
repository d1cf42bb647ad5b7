"""What a table is: named columns with a type, a meaning, a unit, and what NULL says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TEXT = pa.string()
INT = pa.int64()
REAL = pa.float64()
FLAG = pa.bool_()
TIME = pa.timestamp("us", tz="UTC")
TEXTS = pa.list_(pa.field("item", pa.string()))


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `missing` says what NULL means, and None there forbids NULL."""

    name: str
    kind: pa.DataType
    meaning: str
    unit: str | None = None
    missing: str | None = None

    @property
    def is_nullable(self) -> bool:
        """Whether NULL may stand in the column."""
        return self.missing is not None


# What every row read from a file carries: where it stands there.
SOURCE_COLUMNS = (
    Column("source_item_id", TEXT, "file the row was read from: SHA-256 of its bytes"),
    Column(
        "byte_start",
        INT,
        "first byte of the row in that file, after decompression",
        unit="bytes",
        missing="the format has no byte addresses (Parquet)",
    ),
    Column(
        "byte_end",
        INT,
        "one past the last byte of the row",
        unit="bytes",
        missing="the format has no byte addresses (Parquet)",
    ),
)
# What every computed row carries: which run and which version made it.
RUN_COLUMNS = (
    Column("run_id", TEXT, "run that produced the row"),
    Column("analysis_version", TEXT, "name and version of the analysis that produced the row"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the case: its columns, its key, who writes it, how its files are sorted.

    `key` is unique over the table; `order` is the paging key its files are sorted by;
    `stage` is the single stage that writes it.
    """

    name: str
    stage: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, in column order."""
        return pa.schema([pa.field(c.name, c.kind, nullable=c.is_nullable) for c in self.columns])

    @property
    def paging(self) -> tuple[str, ...]:
        """The columns that files of the table are sorted by."""
        return self.order or self.key

    def build(self, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
        """An Arrow table of `rows` (column name to value); absent columns are NULL.

        Errors    KeyError for a name the table has not; pyarrow.ArrowInvalid for a wrong type;
                  ValueError for NULL where the column forbids it.
        """
        kept = list(rows)
        known = {column.name for column in self.columns}
        for row in kept:
            if not row.keys() <= known:
                raise KeyError(f"{self.name} has no column {sorted(row.keys() - known)}")
        arrays = [pa.array([r.get(c.name) for r in kept], type=c.kind) for c in self.columns]
        return self.check(pa.Table.from_arrays(arrays, schema=self.schema))

    def check(self, table: pa.Table) -> pa.Table:
        """`table` itself, once its columns, types, and NULLs are those of this record.

        Errors    ValueError naming the first column that disagrees.
        """
        if not table.schema.equals(self.schema):
            raise ValueError(f"{self.name}: expected {self.schema}, got {table.schema}")
        for column in self.columns:
            if not column.is_nullable and table.column(column.name).null_count:
                raise ValueError(f"{self.name}.{column.name} must not be NULL")
        return table
