"""Joining the small files of each table, so that reading stays quick after many additions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tamis import records
from tamis.case import table_file
from tamis.case.layout import inside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from tamis.case.draft import Draft
    from tamis.case.manifest import Manifest, TableFile

# Files below this are joined, up to as many rows and bytes as are sorted in memory at a time.
_SMALL_BYTES = 4 << 20
_JOINED_BYTES = 16 << 20
_ROWS = 1_000_000
# So many small files of one table are joined by the commit that adds the last of them.
_CROWD = 32


def crowded(held: Manifest, tables: Collection[str]) -> tuple[str, ...]:
    """Those of the tables that have too many small files."""
    return tuple(
        name
        for name in tables
        if sum(one.size_bytes < _SMALL_BYTES for one in held.tables.get(name, ())) > _CROWD
    )


def join_small(root: Path, held: Manifest, tables: Collection[str], draft: Draft) -> None:
    """Nothing; the draft joins the small files of the tables, wherever two fit together.

    Every row stays, in a file sorted by the paging key; nothing to join changes nothing.
    """
    for name in tables:
        groups = list(_groups(held.tables.get(name, ())))
        if any(len(group) > 1 for group in groups):
            draft.rearrange(name, (_joined(root, name, group) for group in groups))


def _groups(files: Sequence[TableFile]) -> Iterator[tuple[TableFile, ...]]:
    """The files in groups, each to become one file; a large file is a group of its own."""
    waiting: list[TableFile] = []
    for one in files:
        if one.size_bytes >= _SMALL_BYTES:
            yield (one,)
            continue
        together = [*waiting, one]
        is_much = sum(two.size_bytes for two in together) > _JOINED_BYTES
        if waiting and (is_much or sum(two.row_count for two in together) > _ROWS):
            yield tuple(waiting)
            together = [one]
        waiting = together
    if waiting:
        yield tuple(waiting)


def _joined(root: Path, name: str, group: Sequence[TableFile]) -> TableFile | pa.Table:
    if len(group) == 1:
        return group[0]
    record = records.table(name)
    parts = [table_file.read(inside(root, one.path), record) for one in group]
    return pa.concat_tables([part.cast(record.schema) for part in parts])
