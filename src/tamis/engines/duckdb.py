"""DuckDB inside this process, locked down: the engine that every run uses unless told else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from tamis.closing import Closing
from tamis.engines.duckdb_tables import Tables, literal
from tamis.engines.seam import bound, called
from tamis.errors import PlanError, QueryError
from tamis.plan import Kernel, Partition, Query, identifier, needed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.plan import Step

_MEMORY_SHARE = 0.6
_BATCH_ROWS = 100_000
# A kernel's input of more rows lies in a file that is mapped: the system may drop its pages.
SPILL_ROWS = 20_000_000


class DuckEngine(Closing):
    """One DuckDB connection that reads `allowed`, writes `scratch`, and can do nothing else."""

    def __init__(
        self,
        allowed: Sequence[Path],
        scratch: Path,
        *,
        memory_gib: float | None = None,
        threads: int | None = None,
    ) -> None:
        """Open the connection and lock its configuration."""
        self._scratch = Path(scratch).resolve()
        self._scratch.mkdir(parents=True, exist_ok=True)
        self._allowed = [self._scratch, *(Path(path).resolve() for path in allowed)]
        self._database = duckdb.connect(
            ":memory:",
            config={
                "threads": threads or os.cpu_count() or 1,
                "memory_limit": f"{_most_gib(memory_gib):.2f}GiB",
                "preserve_insertion_order": True,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
        _lock(self._database, allowed, self._scratch)
        self._tables = Tables(self._database)

    def register(
        self, name: str, files: Sequence[Path] | pa.Table, schema: pa.Schema | None = None
    ) -> None:
        """Make a table of Parquet files (or of an Arrow table) known as `name`.

        Its files are opened when a query first mentions it: a case has many tables and most
        queries few.
        """
        identifier(name)
        if not isinstance(files, pa.Table) and not files and schema is None:
            raise PlanError(f"table {name!r} has neither files nor a schema")
        self._tables.offer(name, files, schema)

    def run(
        self, steps: Sequence[Step], keep: Sequence[str], params: Mapping[str, Any] | None = None
    ) -> None:
        """Materialise each step as a table of its name; drop those not named in `keep`."""
        steps = needed(steps, of_parts=False)
        for step in steps:
            if isinstance(step, Kernel):
                self._run_kernel(step, params or {})
            else:
                values = bound(step, params)
                _must_select(self._database, step.name, step.sql)
                self._tables.open(step.sql)
                self._tables.drop(step.name)
                self._execute(step.name, f"CREATE TABLE {step.name} AS {step.sql}", values)
                self._tables.made(step.name)
        for step in steps:
            if step.name not in keep:
                self._tables.drop(step.name)

    def _run_kernel(self, kernel: Kernel, params: Mapping[str, Any]) -> None:
        result = called(kernel, [self._rows_of(kernel)], params, Partition())
        # The pool keeps what the rows took, beside what the database now needs.
        pa.default_memory_pool().release_unused()
        self._tables.drop(kernel.name)
        self._tables.show(kernel.name, result)

    def _rows_of(self, kernel: Kernel) -> pa.Table:
        order = ", ".join((*kernel.partition_by, *kernel.order_by))
        sort = f" ORDER BY {order}" if order and kernel.is_sorted else ""
        if not sort:
            read = self._tables.read(kernel.source, self._allowed, SPILL_ROWS)
            if read is not None:
                return read
        self._tables.open(kernel.source)
        if not sort and (rows := self._tables.rows(kernel.source)) is not None:
            return rows
        sql = f"SELECT * FROM {kernel.source}{sort}"  # noqa: S608  # names passed identifier()
        count = f"SELECT count(*) AS n FROM {kernel.source}"  # noqa: S608  # names passed identifier()
        answer = self._ask(kernel.name, sql)
        if self._ask(kernel.name, count).to_arrow_table().column("n")[0].as_py() <= SPILL_ROWS:
            return answer.to_arrow_table()
        return _mapped(answer.to_arrow_reader(_BATCH_ROWS), self._scratch / f"{kernel.name}.arrow")

    def fetch(self, name: str) -> pa.Table:
        """The whole table `name`."""
        return self._ask(name, f"SELECT * FROM {identifier(name)}").to_arrow_table()  # noqa: S608

    def batches(self, name: str) -> pa.RecordBatchReader:
        """The table `name` in batches; close the reader before the next call."""
        result = self._ask(name, f"SELECT * FROM {identifier(name)}")  # noqa: S608
        return result.to_arrow_reader(_BATCH_ROWS)

    def write(self, name: str, path: Path, order_by: Sequence[str] = ()) -> int:
        """The number of rows of the table `name` written to one Parquet file, sorted."""
        order = ", ".join(f'"{identifier(column)}"' for column in order_by)
        sort = f" ORDER BY {order}" if order else ""
        target = literal(str(Path(path).resolve()))
        self._tables.open(name)
        row = self._execute(
            name,
            f"COPY (SELECT * FROM {identifier(name)}{sort}) TO {target} "  # noqa: S608
            "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)",
        ).fetchone()
        return int(row[0]) if row else 0

    def query(self, query: Query, params: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of one query, which stays no table."""
        return self._ask(query.name, query.sql, bound(query, params)).to_arrow_table()

    def close(self) -> None:
        """Give back memory and temporary files."""
        self._database.close()

    def _ask(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> Any:
        """A lazy relation; unlike `_execute`, its way into Arrow makes no copy."""
        try:
            _must_select(self._database, name, sql)
            self._tables.open(sql)
            answer = self._database.sql(sql, params=dict(values) if values else None)
        except duckdb.Error as problem:
            raise QueryError(name, sql, str(problem).strip()) from problem
        return _Answer(name, sql, answer)

    def _execute(self, name: str, sql: str, values: Mapping[str, Any] | None = None) -> Any:
        try:
            return (
                self._database.execute(sql, dict(values)) if values else self._database.execute(sql)
            )
        except duckdb.Error as problem:
            raise QueryError(name, sql, str(problem).strip()) from problem


def _mapped(rows: pa.RecordBatchReader, path: Path) -> pa.Table:
    """The rows as a table that lies in a file; the file goes when nobody holds the table."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema) as writer:
        for batch in rows:
            writer.write_batch(batch)
    rows.close()
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    path.unlink()
    return table


def _most_gib(wanted: float | None) -> float:
    share = _machine_gib() * _MEMORY_SHARE
    return share if wanted is None else min(wanted, share)


def _lock(database: Any, allowed: Sequence[Path], scratch: Path) -> None:
    paths = [Path(path).resolve() for path in allowed]
    folders = [str(path) for path in paths if not path.is_file()]
    files = [str(path) for path in paths if path.is_file()]
    for setting, value in (
        ("TimeZone", "UTC"),
        ("python_enable_replacements", False),
        ("enable_progress_bar", False),
        ("temp_directory", str(scratch / "spill")),
        ("allowed_directories", [*folders, str(scratch)]),
        ("allowed_paths", files),
        ("enable_external_access", False),
        ("lock_configuration", True),
    ):
        database.execute(f"SET {setting} = {literal(value)}")


def _must_select(database: Any, name: str, sql: str) -> None:
    kinds = [statement.type for statement in database.extract_statements(sql)]
    if kinds != [duckdb.StatementType.SELECT]:
        raise QueryError(name, sql, "a query is exactly one SELECT")


class _Answer:
    """A relation whose errors name the query, also when they come up while rows are fetched."""

    def __init__(self, name: str, sql: str, relation: Any) -> None:
        """Keep the relation and what an error must show."""
        self._name, self._sql, self._relation = name, sql, relation

    def to_arrow_table(self) -> pa.Table:
        """All rows."""
        try:
            return self._relation.to_arrow_table()
        except duckdb.Error as problem:
            raise QueryError(self._name, self._sql, str(problem).strip()) from problem

    def to_arrow_reader(self, rows: int) -> pa.RecordBatchReader:
        """All rows, in batches."""
        return self._relation.to_arrow_reader(rows)


def _machine_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
