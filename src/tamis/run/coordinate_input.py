"""What runs inside the cell for `coordinate`: tables of posts in, actions by layer out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.errors import FormatError
from tamis.run.coordinate_columns import Read, ids, times
from tamis.run.coordinate_layers import ON_POSTS, ORIGIN, Made, chosen, offered
from tamis.sources.posts.table_columns import recognise
from tamis.sources.posts.table_rows import open_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tamis.cell.output import Output

_LACKS = ("no account", "no time", "no post id")
_CHUNK_ROWS = 50_000
_EXAMPLES = 20


def convert(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> list[dict[str, Any]]:
    """What each file held and how it was read; the actions go to `out`, one file a layer.

    Input     `args["layers"]` names layers or object columns (all where empty);
              `args["assume_zone"]` is the zone of times that state none
    Output    for each layer the columns of schema.ACTIONS; source_item_id is the file's number
    Errors    FormatError when a file is no table, or lacks an account, a time or any object
    """
    return [_File(item, inputs[int(item["input"])], args, out).convert() for item in items]


class _File:
    """One input file on its way into actions."""

    def __init__(
        self, item: Mapping[str, Any], stream: BinaryIO, args: Mapping[str, Any], out: Output
    ) -> None:
        """Keep what is asked; nothing is read yet."""
        self._name = str(item["name"])
        self._number = str(item["number"])
        self._stream = stream
        self._wanted = [str(layer) for layer in args.get("layers") or ()]
        self._zone = args.get("assume_zone")
        self._out = out
        self._left_out: Counter[str] = Counter()
        self._read_as: Counter[str] = Counter()
        self._actions: Counter[str] = Counter()
        self._examples: list[dict[str, Any]] = []
        self._rows = 0

    def convert(self) -> dict[str, Any]:
        """How the file was read."""
        names, chunks = _chunks(self._stream, self._name)
        known = recognise(names)
        layers = self._layers(names)
        if missing := [role for role in ("account", "time") if role not in known.roles]:
            wanted = " and ".join(
                {"account": "account_id", "time": "timestamp"}[m] for m in missing
            )
            raise FormatError(
                f"{self._name}: no column for {' and '.join(missing)} was recognised; name one "
                f"{wanted}. Its columns are: {', '.join(names)}"
            )
        roles = known.roles
        for start, columns in chunks:
            self._chunk(start, columns, roles, layers)
        if not self._rows:
            raise FormatError(f"{self._name}: it has the names of columns but no rows")
        if sum(self._left_out[lack] for lack in _LACKS) == self._rows:
            lack, count = self._left_out.most_common(1)[0]
            why = self._examples[0]["why"] if self._examples else f"{count:,} have {lack}"
            raise FormatError(
                f"{self._name}: none of its {self._rows:,} rows can be used, for example: {why}"
            )
        return {
            "name": self._name,
            "row_count": self._rows,
            "columns": {role: roles[role] for role in ("account", "time", "id") if role in roles},
            "layers": {layer: made.column for layer, made in layers.items()},
            "action_count": dict(self._actions),
            "left_out": dict(self._left_out),
            "time_read_as": dict(self._read_as),
            "examples": self._examples,
        }

    def _layers(self, names: Sequence[str]) -> dict[str, Made]:
        """The layers asked for, or all that the file has."""
        found = chosen(names, self._wanted)
        if not found:
            has = ", ".join(
                f"{column} ({layer})"
                for layer, columns in offered(names).items()
                for column in columns
            )
            raise FormatError(
                f"{self._name}: no column of objects "
                f"{'for ' + ', '.join(self._wanted) if self._wanted else 'was recognised'}; "
                f"it has: {has or 'none'}. Name one object_id, url_id, hashtag_id, domain_id or "
                f"repost_id, or choose with --layer. Its columns are: {', '.join(names)}"
            )
        return found

    def _chunk(
        self,
        start: int,
        columns: Mapping[str, pa.Array],
        roles: Mapping[str, str],
        layers: Mapping[str, Made],
    ) -> None:
        accounts = ids(columns[roles["account"]], "account id")
        moments = times(columns[roles["time"]], self._zone)
        posts = self._posts(start, columns, roles.get("id"))
        self._rows += len(accounts.values)
        self._read_as.update(moments.read_as)
        usable = self._usable(dict(zip(_LACKS, (accounts, moments, posts), strict=True)), columns)
        starts = columns.get("\0start")
        acts = pa.table(
            {
                "account_id": accounts.values,
                "post_id": posts.values,
                "acted_at": moments.values,
                "source_item_id": pa.repeat(self._number, len(usable)),
                "byte_start": pa.nulls(len(usable), pa.int64()) if starts is None else starts,
            }
        )
        for layer, made in layers.items():
            objects = made.read(columns[made.column])
            self._count(objects, f"{layer}: no object")
            self._actions[layer] += self._write(layer, acts, objects, usable)
        if "id" in roles and not layers.keys().isdisjoint(ON_POSTS):
            self._write(ORIGIN, acts, posts, usable)

    def _write(self, name: str, acts: pa.Table, objects: Read, usable: pa.Array) -> int:
        """The number of rows written: one per object of a usable row."""
        if objects.rows is not None:
            acts, usable = acts.take(objects.rows), usable.take(objects.rows)
        table = acts.append_column("object_id", objects.values).select(ACTIONS.names)
        actions = table.filter(pa.compute.and_(usable, objects.values.is_valid())).cast(ACTIONS)
        self._out.arrow(name, ACTIONS).write(actions)
        return int(actions.num_rows)

    def _posts(self, start: int, columns: Mapping[str, pa.Array], name: str | None) -> Read:
        if name is not None:
            return ids(columns[name], "post id")
        count = len(next(iter(columns.values())))
        return Read(pa.array([f"row {number + 1}" for number in range(start, start + count)]))

    def _usable(self, read: Mapping[str, Read], columns: Mapping[str, pa.Array]) -> pa.Array:
        """Which rows have everything; each other row is counted under its first lack."""
        count = len(next(iter(read.values())).values)
        usable = pa.repeat(pa.scalar(True), count)
        for lack, column in read.items():
            valid = column.values.is_valid()
            lost = pa.compute.sum(pa.compute.and_not(usable, valid)).as_py() or 0
            if lost:
                self._left_out[lack] += lost
                self._example(column, columns)
            usable = pa.compute.and_(usable, valid)
        return usable

    def _count(self, objects: Read, lack: str) -> None:
        empty = objects.values.null_count + objects.empty
        if empty:
            self._left_out[lack] += empty

    def _example(self, column: Read, columns: Mapping[str, pa.Array]) -> None:
        starts = columns.get("\0start")
        for row, why in column.reasons[: _EXAMPLES - len(self._examples)]:
            at = None if starts is None else starts[row].as_py()
            self._examples.append({"byte_start": at, "why": why})


def _chunks(
    stream: BinaryIO, name: str
) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, pa.Array]]]]:
    """The names of the columns, and the rows by columns, some thousands at a time."""
    head = stream.read(4)
    stream.seek(0)
    if head == b"PAR1":
        return _parquet_chunks(stream, name)
    if name.lower().endswith((".parquet", ".pq")):
        raise FormatError(f"{name}: it is no Parquet file, which begins with PAR1; export it again")
    table = open_rows(stream, name)
    return table.names, _row_chunks(table.names, table.rows)


def _parquet_chunks(
    stream: BinaryIO, name: str
) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, pa.Array]]]]:
    try:
        file = pq.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{name}: this Parquet file cannot be read: {error}") from error

    def chunks() -> Iterator[tuple[int, dict[str, pa.Array]]]:
        at = 0
        try:
            for batch in file.iter_batches(_CHUNK_ROWS):
                yield at, dict(zip(batch.schema.names, batch.columns, strict=True))
                at += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise FormatError(f"{name}: this Parquet file breaks off: {error}") from error

    return tuple(file.schema_arrow.names), chunks()


def _row_chunks(
    names: Sequence[str], rows: Iterator[Any]
) -> Iterator[tuple[int, dict[str, pa.Array]]]:
    at = 0
    held: list[Any] = []
    for row in rows:
        if row.values or row.why:
            held.append(row)
        if len(held) == _CHUNK_ROWS:
            yield at, _columns(names, held)
            at += len(held)
            held = []
    if held:
        yield at, _columns(names, held)


def _columns(names: Sequence[str], rows: Sequence[Any]) -> dict[str, Any]:
    """Columns of Python values; a row that could not be read is empty in all of them."""
    empty = (None,) * len(names)
    columns: dict[str, Any] = dict(
        zip(names, map(list, zip(*(row.values or empty for row in rows), strict=True)), strict=True)
    )
    columns["\0start"] = pa.array([row.start for row in rows], pa.int64())
    return columns
