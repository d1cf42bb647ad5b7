"""What every engine can do, and the rules that all of them keep for kernels and parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol, Self

import pyarrow as pa

from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from tamis.plan import Kernel, Partition, Query, Step

_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)


class Engine(Protocol):
    """Tables by name, and steps that make further ones; results do not depend on the engine."""

    def register(
        self, name: str, files: Sequence[Path] | pa.Table, schema: pa.Schema | None = None
    ) -> None:
        """Make a table of Parquet files (or of an Arrow table) known as `name`.

        Without files the table is empty, and has `schema`. Columns that a file lacks are NULL.
        """

    def run(
        self, steps: Sequence[Step], keep: Sequence[str], params: Mapping[str, Any] | None = None
    ) -> None:
        """Materialise each step as a table of its name; drop those not named in `keep`.

        Of the queries that are needed only with or only without parts the others are passed over.

        Errors    QueryError when the engine refuses a query, PlanError when a kernel's result
                  has not its schema.
        """

    def fetch(self, name: str) -> pa.Table:
        """The whole table `name`, in no particular order."""

    def batches(self, name: str) -> pa.RecordBatchReader:
        """The table `name` in batches, for tables larger than memory."""

    def write(self, name: str, path: Path, order_by: Sequence[str] = ()) -> int:
        """The number of rows of the table `name` written to one Parquet file, sorted."""

    def query(self, query: Query, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of one query, which stays no table."""

    def close(self) -> None:
        """Give back memory and temporary files."""

    def __enter__(self) -> Self:
        """The engine itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the engine."""


def bound(query: Query, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """The values for the `$names` that the query's text mentions, its own before `params`.

    Errors    PlanError for a name that has no value.
    """
    wanted = set(_PARAMETER.findall(_QUOTED.sub(" ", query.sql)))
    known = {**(params or {}), **query.params}
    if missing := sorted(wanted - known.keys()):
        raise PlanError(f"query {query.name!r} mentions ${missing[0]}, but nobody gave its value")
    return {name: known[name] for name in sorted(wanted)}


def called(
    kernel: Kernel, rows: list[pa.Table], params: Mapping[str, Any], part: Partition
) -> pa.Table:
    """What the kernel makes of its rows, once the result has the declared schema.

    `rows` holds one table and is emptied, so that the kernel owns the rows alone and can let
    them go while it works.

    Errors    PlanError when the schema is another.
    """
    result = kernel.function(rows.pop(), {**params, **kernel.params}, part)
    expected = kernel.output_schema
    if not isinstance(result, pa.Table) or not result.schema.equals(expected):
        got = result.schema if isinstance(result, pa.Table) else type(result).__name__
        raise PlanError(
            f"kernel {kernel.name!r} (version {kernel.version}) returned {got}; "
            f"it declares {expected}"
        )
    for field in expected:
        if not field.nullable and result.column(field.name).null_count:
            raise PlanError(f"kernel {kernel.name!r} returned NULL in {field.name}")
    return result


def fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` with the columns of `schema`, in its order; absent ones are NULL."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
