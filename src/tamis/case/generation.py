"""One generation as its manifest states it: what it says, and its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tamis import records
from tamis.case import table_file
from tamis.case.layout import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tamis.case.custody import Head
    from tamis.case.manifest import Manifest, Mark
    from tamis.case.settings import Settings


class Generation:
    """The tables and facts of one generation; whoever reads it must hold a lease."""

    def __init__(self, root: Path, held: Manifest) -> None:
        """Read the generation that the manifest `held` describes."""
        self._root = root
        self._manifest = held

    @property
    def path(self) -> Path:
        """The case folder."""
        return self._root

    @property
    def generation(self) -> int:
        """The number of the generation."""
        return self._manifest.generation

    @property
    def settings(self) -> Settings:
        """The settings that held when the generation was made."""
        return self._manifest.settings

    @property
    def head(self) -> Head:
        """Where custody ended."""
        return self._manifest.head

    @property
    def stages(self) -> Mapping[str, Mark]:
        """Which inputs each stage's result was made from."""
        return self._manifest.stages

    @property
    def manifest(self) -> Manifest:
        """The manifest itself."""
        return self._manifest

    @property
    def manifest_sha256(self) -> str:
        """The digest of the generation's content, as custody notes it."""
        return self._manifest.content_sha256()

    def files(self, table: str) -> tuple[Path, ...]:
        """The Parquet files of a table."""
        found = self._manifest.tables.get(records.table(table).name, ())
        return tuple(inside(self._root, one.path) for one in found)

    def table_hashes(self, table: str) -> tuple[str, ...]:
        """The SHA-256 of each file of a table, in order."""
        return tuple(one.sha256 for one in self._manifest.tables.get(table, ()))

    def row_count(self, table: str) -> int:
        """How many rows a table has."""
        found = self._manifest.tables.get(records.table(table).name, ())
        return sum(one.row_count for one in found)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A whole table, or some of its columns, in memory."""
        record = records.table(name)
        schema = table_file.part_of(record.schema, columns)
        parts = [table_file.read(path, record, columns) for path in self.files(name)]
        return pa.concat_tables(
            [part.select(schema.names).cast(schema) for part in parts] or [schema.empty_table()]
        )

    def batches(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a table in batches, for tables larger than memory."""
        record = records.table(name)
        for path in self.files(name):
            yield from table_file.stream(path, record, columns)
