"""The tables that a DuckDB connection knows by name, opened when a query first mentions them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tamis.engines.seam import fitted
from tamis.errors import PlanError, QueryError
from tamis.plan import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Offer:
    """A registered table that no query has mentioned yet: its files or rows, and its schema."""

    files: Sequence[Path] | pa.Table
    schema: pa.Schema | None


class Tables:
    """What one connection has of tables: offered and unopened, shown as views, or made by steps."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._offers: dict[str, _Offer] = {}
        self._arrow: dict[str, pa.Table] = {}
        self._views: set[str] = set()
        self._made: set[str] = set()

    def offer(self, name: str, files: Sequence[Path] | pa.Table, schema: pa.Schema | None) -> None:
        """Nothing; files or rows become the table `name` once a query mentions it."""
        self.drop(name)
        self._offers[name.lower()] = _Offer(files, schema)

    def show(self, name: str, rows: pa.Table) -> None:
        """Nothing; rows in memory are the table `name`."""
        self._database.register(name, rows)
        self._views.add(name.lower())

    def made(self, name: str) -> None:
        """Nothing; a step created the table `name`."""
        self._made.add(name.lower())

    def rows(self, name: str) -> pa.Table | None:
        """The rows of a table that was registered from memory."""
        return self._arrow.get(name.lower())

    def read(self, name: str, within: Sequence[Path], most: int) -> pa.Table | None:
        """The rows of Parquet files that no query has mentioned yet, straight into memory.

        None where a file lies outside of `within`, where there are more than `most` rows, or
        where a column would have to be converted: then a query reads them, or says what is wrong.
        """
        offer = self._offers.get(name.lower())
        if offer is None or offer.schema is None or isinstance(offer.files, pa.Table):
            return None
        paths = [Path(path).resolve() for path in offer.files]
        if not paths or any(not _lies(path, within) for path in paths):
            return None
        return _read(paths, offer.schema, most)

    def open(self, sql: str) -> None:
        """Open the registered tables that `sql` mentions; SQL can name a table in no other way."""
        if self._offers:
            for word in set(_WORD.findall(sql.lower())):
                if word in self._offers:
                    self._open(word, self._offers[word])
                    del self._offers[word]

    def _open(self, name: str, offer: _Offer) -> None:
        files, schema = offer.files, offer.schema
        if schema is not None and not isinstance(files, pa.Table) and not files:
            files = schema.empty_table()
        if isinstance(files, pa.Table):
            self._arrow[name] = fitted(files, schema) if schema is not None else files
            self._database.register(name, self._arrow[name])
        else:
            paths = tuple(Path(path).resolve() for path in files)
            text = literal([str(path) for path in paths])
            columns = "*" if schema is None else _columns(self._database, paths, schema)
            source = f"read_parquet({text}, union_by_name=true)"
            _execute(self._database, name, f"CREATE VIEW {name} AS SELECT {columns} FROM {source}")  # noqa: S608
        self._views.add(name)

    def drop(self, name: str) -> None:
        """Nothing; there is no table `name` any more."""
        key = name.lower()
        self._arrow.pop(key, None)
        if self._offers.pop(key, None) is not None:
            return
        if key in self._views:
            self._views.discard(key)
            self._database.execute(f"DROP VIEW IF EXISTS {name}")
            self._database.unregister(name)
        elif key in self._made:
            self._made.discard(key)
            self._database.execute(f"DROP TABLE IF EXISTS {name}")


def _lies(path: Path, within: Sequence[Path]) -> bool:
    return any(path == place or place in path.parents for place in within)


def _read(paths: Sequence[Path], schema: pa.Schema, most: int) -> pa.Table | None:
    """The rows of the files with the columns of `schema`, or None, see `Tables.read`."""
    parts = []
    try:
        for path in paths:
            with pa.memory_map(str(path)) as place, pq.ParquetFile(place) as file:
                most -= file.metadata.num_rows
                held = {field.name: field.type for field in file.schema_arrow}
                wanted = [field for field in schema if field.name in held]
                if most < 0 or any(held[field.name] != field.type for field in wanted):
                    return None
                parts.append(fitted(file.read([field.name for field in wanted]), schema))
    except (pa.ArrowException, OSError):
        return None
    return pa.concat_tables(parts)


def _execute(database: Any, name: str, sql: str) -> None:
    try:
        database.execute(sql)
    except duckdb.Error as problem:
        raise QueryError(name, sql, str(problem).strip()) from problem


def _columns(database: Any, paths: Sequence[Path], schema: pa.Schema) -> str:
    text = literal([str(path) for path in paths])
    sql = f"SELECT * FROM read_parquet({text}, union_by_name=true) LIMIT 0"  # noqa: S608
    try:
        found = database.sql(sql).to_arrow_table()
    except duckdb.Error as problem:
        raise QueryError("columns", sql, str(problem).strip()) from problem
    chosen = []
    for field in schema:
        column = f'"{identifier(field.name)}"'
        kind = _sql_type(field.type)
        source = column if field.name in found.column_names else "NULL"
        chosen.append(f"CAST({source} AS {kind}) AS {column}")
    return ", ".join(chosen)


def literal(value: object) -> str:
    """A value as it stands in SQL."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(literal(part) for part in value) + "]"
    return "'" + str(value).replace("'", "''") + "'"


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    names = {
        pa.string(): "VARCHAR",
        pa.int64(): "BIGINT",
        pa.int32(): "INTEGER",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.binary(): "BLOB",
        pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    }
    if kind not in names:
        raise PlanError(f"a table column cannot be of type {kind}")
    return names[kind]
