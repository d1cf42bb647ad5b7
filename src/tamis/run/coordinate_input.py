"""What runs inside the cell for `coordinate`: tables of posts in, actions by layer out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.errors import FormatError
from tamis.run.coordinate_chunks import row_chunks, torn
from tamis.run.coordinate_columns import Read, ids
from tamis.run.coordinate_layers import NATIVE, ON_POSTS, ORIGIN, SPAN, SPANS, Made, chosen, offered
from tamis.run.coordinate_times import Clock
from tamis.sources.posts.table_columns import recognise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output

_TORN = "a form that cannot be read"
_LACKS = (_TORN, "no platform", "no account", "no time", "no post id")
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
        self._clock = Clock(args.get("assume_zone"))
        self._out = out
        self._left_out: Counter[str] = Counter()
        self._actions: Counter[str] = Counter()
        self._examples: list[dict[str, Any]] = []
        self._rows = 0

    def convert(self) -> dict[str, Any]:
        """How the file was read."""
        names, chunks = row_chunks(self._stream, self._name)
        _check_names(self._name, names)
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
            "columns": {
                role: roles[role] for role in ("account", "time", "id", "platform") if role in roles
            },
            "layers": {layer: made.column for layer, made in layers.items()},
            "action_count": dict(self._actions),
            "left_out": dict(self._left_out),
            **self._clock.told(),
            "examples": self._examples,
        }

    def _layers(self, names: Sequence[str]) -> dict[str, Made]:
        """The layers asked for, or all that the file has."""
        found = chosen(names, self._wanted)
        if not found:
            raise FormatError(f"{self._name}: {_no_layer(names, self._wanted)}")
        return found

    def _chunk(
        self,
        start: int,
        columns: Mapping[str, pa.Array],
        roles: Mapping[str, str],
        layers: Mapping[str, Made],
    ) -> None:
        usable, acts, platforms = self._acts(start, columns, roles)
        for layer, made in layers.items():
            objects = made.read(columns[made.column])
            self._count(objects, f"{layer}: no object", columns)
            if layer in NATIVE:
                objects = _on(platforms, objects)
            self._actions[layer] += self._write(layer, acts, objects, usable)
        if "id" in roles and not layers.keys().isdisjoint(ON_POSTS):
            self._write(ORIGIN, acts, Read(acts.column("post_id").combine_chunks()), usable)

    def _acts(
        self, start: int, columns: Mapping[str, pa.Array], roles: Mapping[str, str]
    ) -> tuple[pa.Array, pa.Table, Read | None]:
        """Which rows have everything; who acted when in which post; on which platform."""
        moments = self._clock.read(columns[roles["time"]])
        platforms = None
        if "platform" in roles:
            named = ids(columns[roles["platform"]], "platform")
            platforms = Read(pc.utf8_lower(named.values), named.reasons)
        accounts = _on(platforms, ids(columns[roles["account"]], "account id"))
        posts = _on(platforms if "id" in roles else None, _posts(start, columns, roles))
        self._rows += len(accounts.values)
        found = (torn(columns), platforms, accounts, moments, posts)
        usable = self._usable(
            {lack: read for lack, read in zip(_LACKS, found, strict=True) if read is not None},
            columns,
        )
        starts, ends = columns.get("\0start"), columns.get("\0end")
        number = pa.repeat(self._number, len(usable))
        acts = pa.table(
            {
                "account_id": accounts.values,
                "post_id": posts.values,
                "acted_at": moments.values,
                "source_item_id": number,
                "byte_start": pa.nulls(len(usable), pa.int64()) if starts is None else starts,
            }
        )
        if starts is not None and ends is not None:
            self._out.arrow(SPAN, SPANS).write(pa.table([number, starts, ends], schema=SPANS))
        return usable, acts, platforms

    def _write(self, name: str, acts: pa.Table, objects: Read, usable: pa.Array) -> int:
        """The number of rows written: one per object of a usable row."""
        if objects.rows is not None:
            acts, usable = acts.take(objects.rows), usable.take(objects.rows)
        table = acts.append_column("object_id", objects.values).select(ACTIONS.names)
        actions = table.filter(pc.and_(usable, objects.values.is_valid())).cast(ACTIONS)
        self._out.arrow(name, ACTIONS).write(actions)
        return int(actions.num_rows)

    def _usable(self, read: Mapping[str, Read], columns: Mapping[str, pa.Array]) -> pa.Array:
        """Which rows have everything; each other row is counted under its first lack."""
        count = len(next(iter(read.values())).values)
        usable = pa.repeat(pa.scalar(True), count)
        for lack, column in read.items():
            valid = column.values.is_valid()
            lost = pc.sum(pc.and_not(usable, valid)).as_py() or 0
            if lost:
                self._left_out[lack] += lost
                self._example(column, columns)
            usable = pc.and_(usable, valid)
        return usable

    def _count(self, objects: Read, lack: str, columns: Mapping[str, pa.Array]) -> None:
        lost = torn(columns)
        empty = objects.values.null_count + objects.empty
        empty -= 0 if lost is None else lost.values.null_count
        if empty:
            self._left_out[lack] += empty
            self._example(objects, columns)

    def _example(self, column: Read, columns: Mapping[str, pa.Array]) -> None:
        starts = columns.get("\0start")
        for row, why in column.reasons[: _EXAMPLES - len(self._examples)]:
            at = None if starts is None else starts[row].as_py()
            self._examples.append({"byte_start": at, "why": why})


def _posts(start: int, columns: Mapping[str, pa.Array], roles: Mapping[str, str]) -> Read:
    if "id" in roles:
        return ids(columns[roles["id"]], "post id")
    count = len(next(iter(columns.values())))
    return Read(pa.array([f"row {number + 1}" for number in range(start, start + count)]))


def _check_names(file: str, names: Sequence[str]) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1 and name]:
        raise FormatError(
            f"{file}: {len(twice):,} columns share a name with another one, such as "
            f"{twice[0]!r}, and which is meant is not guessed; name each column once"
        )


def _no_layer(names: Sequence[str], wanted: Sequence[str]) -> str:
    """That no column makes a layer that is wanted, and what could be had."""
    has = ", ".join(
        f"{column} ({layer})" for layer, columns in offered(names).items() for column in columns
    )
    return (
        f"no column of objects {'for ' + ', '.join(wanted) if wanted else 'was recognised'}; "
        f"it has: {has or 'none'}. Name one object_id, url_id, hashtag_id, domain_id or "
        f"repost_id, or choose with --layer. Its columns are: {', '.join(names)}"
    )


def _on(platforms: Read | None, read: Read) -> Read:
    """Ids with their platform before them: the same id elsewhere is another account or post."""
    if platforms is None:
        return read
    names = platforms.values if read.rows is None else platforms.values.take(read.rows)
    named = pc.binary_join_element_wise(names, read.values, ":")
    return replace(read, values=named)
