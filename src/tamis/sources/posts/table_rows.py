"""The rows of CSV, TSV, JSON and Parquet tables: names once, then values with their bytes."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tamis.errors import FormatError
from tamis.sources.posts.frames import BrokenValueError, frames, shown, value
from tamis.sources.posts.table_columns import recognise
from tamis.sources.posts.table_lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

HEAD_BYTES = 1 << 16
_JSON_NAMES_FROM = 100
_PREAMBLE_LINES = 40
_PARQUET_ROWS = 20_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Row(NamedTuple):
    """One row: where it stands, its values by column; `why` says why there are none."""

    start: int | None
    end: int | None
    values: tuple[Any, ...]
    why: str | None = None
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A table being read: the names of its columns, its rows, and what a person should know."""

    names: tuple[str, ...]
    rows: Iterator[Row]
    note: str | None = None


def open_rows(stream: BinaryIO, name: str, shared: Mapping[str, Any] | None = None) -> Rows:
    """The rows of a table by what its first bytes show it to be, or, of a range of one, are told.

    Errors    FormatError when it is no table, or a Parquet file that cannot be read.
    """
    if shared is not None:
        return _range(stream, shared)
    head = stream.read(HEAD_BYTES)
    if head.startswith(b"PAR1"):
        return _parquet(stream, head, name)
    whole = io.BufferedReader(Joined(head, stream))
    if head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}:
        return _json(whole)
    return _delimited(whole, head, name)


def dialect(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The delimiter of a text table and its column names; None when it shows fewer than two."""
    best: tuple[tuple[int, int, int], str, tuple[str, ...]] | None = None
    lines = text.splitlines(keepends=True)[:50]
    for rank, delimiter in enumerate(",\t;|"):
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        names = tuple(cell.strip() for cell in rows[0])
        known = recognise(names)
        score = (len(known.roles) + len(known.objects), len(names), -rank)
        if best is None or score > best[0]:
            best = (score, delimiter, names)
    return None if best is None else (best[1], best[2])


def charset(head: bytes) -> tuple[str, int, str | None]:
    """The encoding of a text, the length of its byte order mark, and a remark if it is a guess."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom), None
    for zeros, encoding in ((head[1:64:2], "utf-16-le"), (head[0:64:2], "utf-16-be")):
        if len(zeros) > 3 and zeros.count(0) * 10 >= len(zeros) * 9:
            return encoding, 0, "the file has no byte order mark; it was read as UTF-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252", 0, "the file is not UTF-8; its text was read as Windows-1252, a guess"
    return "utf-8", 0, None


def beginning(head: bytes) -> tuple[str, int, str | None]:
    """As `charset`, but the length is that of all before the line with the names of columns.

    Tools that watch media put lines on the query before their tables: they are left out where
    the first line names too little and one of the next ones names all that a post needs.
    """
    encoding, mark, remark = charset(head)
    lines = head[mark:].decode(encoding, "replace").splitlines(keepends=True)[:_PREAMBLE_LINES]
    for count in range(len(lines)):
        known = dialect("".join(lines[count : count + 5]))
        if known is not None and not recognise(known[1]).missing:
            if not count:
                break
            told = f"{count} lines before the names of the columns were left out"
            skipped = len("".join(lines[:count]).encode(encoding, "replace"))
            return encoding, mark + skipped, "; ".join(one for one in (remark, told) if one)
    return encoding, mark, remark


def _range(stream: BinaryIO, shared: Mapping[str, Any]) -> Rows:
    names = tuple(shared["names"])
    if shared["delimiter"] is None:
        return Rows(names, _json_rows((), _json_objects(stream, is_range=True), names))
    lines = Lines(stream, shared["encoding"], 0, shared["delimiter"])
    return Rows(names, _delimited_rows(lines, len(names)), shared["note"])


class Joined(io.RawIOBase):
    """A stream with the bytes that were read from it put back in front."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, target: Any) -> int:
        """How many bytes were put into `target`: first those in front, then the rest."""
        if len(self._head):
            taken = self._head[: len(target)]
            target[: len(taken)] = taken
            self._head = self._head[len(taken) :]
            return len(taken)
        chunk = self._rest.read(len(target))
        target[: len(chunk)] = chunk
        return len(chunk)


def _delimited(whole: BinaryIO, head: bytes, name: str) -> Rows:
    encoding, bom, remark = beginning(head)
    text = head[bom:].decode(encoding, "replace")
    if encoding.startswith("utf-16") and text.lstrip()[:1] in {"{", "["}:
        raise FormatError(f"{name}: it is JSON in UTF-16; write it anew in UTF-8 and add that")
    known = dialect(text)
    if known is None:
        raise FormatError(
            f"{name}: this shows no table: a first line with the names of at least two columns, "
            "separated by comma, tab, semicolon or |, was expected"
        )
    delimiter, names = known
    whole.read(bom)
    lines = Lines(whole, encoding, bom, delimiter)
    for header in lines.reader:
        if header:
            break
    return Rows(names, _delimited_rows(lines, len(names)), remark)


def _delimited_rows(lines: Lines, width: int) -> Iterator[Row]:
    reader = lines.reader
    end = lines.at
    while True:
        start = end
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            end = lines.at
            why = f"this row cannot be split into columns: {error} (a quote left open?)"
            yield Row(start, end, (), why)
            continue
        end = lines.at
        if not cells:
            yield Row(start, end, ())
        elif len(cells) != width:
            why = f"the row has {len(cells)} columns where the first line names {width}"
            sample = shown(",".join(cells)[:400].encode("utf-8", "replace"))
            yield Row(start, end, (), why, sample)
        elif lines.is_torn:
            yield Row(start, end, tuple(map(_clean, cells)))
        else:
            yield Row(start, end, tuple([cell or None for cell in cells]))


def _clean(cell: str) -> str | None:
    if cell.isascii():
        return cell or None
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _json(whole: BinaryIO) -> Rows:
    """Objects, their names taken from the first hundred; one level of nesting as `a.b`."""
    waiting = _json_objects(whole)
    early = [one for _, one in zip(range(_JSON_NAMES_FROM), waiting, strict=False)]
    names = tuple(dict.fromkeys(name for _, flat in early for name in flat))
    return Rows(names, _json_rows(early, waiting, names))


def _json_rows(
    early: Sequence[tuple[Row, dict[str, Any]]],
    waiting: Iterator[tuple[Row, dict[str, Any]]],
    names: tuple[str, ...],
) -> Iterator[Row]:
    for part in (early, waiting):
        for row, flat in part:
            if flat:
                yield row._replace(values=tuple(flat.get(name) for name in names))
            else:
                yield row


def _json_objects(
    whole: BinaryIO, *, is_range: bool = False
) -> Iterator[tuple[Row, dict[str, Any]]]:
    for frame in frames(whole, is_range=is_range):
        row = Row(frame.start, frame.end, (), sample=shown(frame.data))
        if frame.data is None:
            yield row._replace(why="the value is larger than 64 MiB and was not read"), {}
        elif not frame.data:
            yield row, {}
        else:
            try:
                one = value(frame.data)
            except BrokenValueError as error:
                yield row._replace(why=str(error)), {}
                continue
            if isinstance(one, dict) and one:
                yield row, _flatten(one)
            else:
                yield row._replace(why="a JSON object with columns as names was expected"), {}


def _flatten(one: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, given in one.items():
        if isinstance(given, dict):
            flat.update({f"{name}.{inner}": deeper for inner, deeper in given.items()})
        else:
            flat[name] = given
    return flat


def _parquet(stream: BinaryIO, head: bytes, name: str) -> Rows:
    import pyarrow as pa  # noqa: PLC0415 - with the Parquet reader, only where one is read
    import pyarrow.parquet as pq  # noqa: PLC0415

    if stream.seekable():
        stream.seek(0)
        source = stream
    else:
        source = io.BytesIO(head + stream.read())
    try:
        file = pq.ParquetFile(source)
        names = tuple(one.name for one in _leaves(file.schema_arrow))
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{name}: this Parquet file cannot be read: {error}") from error
    return Rows(names, _parquet_rows(file, name))


def _parquet_rows(file: Any, name: str) -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415 - as above

    try:
        for part in file.iter_batches(batch_size=_PARQUET_ROWS):
            flat = pa.Table.from_batches([part])
            while any(map(pa.types.is_struct, flat.schema.types)):
                flat = flat.flatten()
            for values in zip(*(column.to_pylist() for column in flat.columns), strict=True):
                yield Row(None, None, values)
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{name}: this Parquet file breaks off: {error}") from error


def _leaves(fields: Any, prefix: str = "") -> Iterator[Any]:
    """The columns of nested structs one by one, as `a.b`, in the order in which they flatten."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    for field in fields:
        if pa.types.is_struct(field.type):
            inner = [field.type.field(at) for at in range(field.type.num_fields)]
            yield from _leaves(inner, f"{prefix}{field.name}.")
        else:
            yield field.with_name(f"{prefix}{field.name}")
