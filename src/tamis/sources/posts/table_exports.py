"""Tables of one tool's making: opened, looked at for a zone, read row by row, cut where large."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from tamis.registry import Ranges
from tamis.sources.posts.row_taking import position, table_batches
from tamis.sources.posts.stamps import assumed_zone, refuse_without_zone
from tamis.sources.posts.table_cuts import row_starts, shared_of
from tamis.sources.posts.table_rows import Row, Rows, open_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    import pyarrow as pa

    from tamis.registry import Source
    from tamis.sources.posts.gather import Gather
    from tamis.sources.posts.row_taking import Taker

    Check = Callable[[str, Sequence[str], Sequence[Row]], None]

LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class TableExport:
    """How one reader takes its tables.

    gather    the rows of a file, before the first
    taker     what takes them: of the gather, the source, the columns' names, the named zone
    check     refuses a file, by its name, columns and first rows, where no zone was named
    """

    gather: Callable[[Source], Gather]
    taker: Callable[[Gather, Source, tuple[str, ...], str | None], Taker]
    check: Check | None = None

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """The table's rows in batches, last its row of `intake_count`.

        Errors    FormatError where no zone was named, and the file's times need one
        """
        zone = assumed_zone(source)
        table = open_rows(stream, source.name, source.shared)
        early = self._checked(source, table, zone) if source.shared is None else []
        gather = self.gather(source)
        taker = self.taker(gather, source, table.names, zone)
        yield from table_batches(table, gather, taker, chain(early, table.rows))

    def ranges(self, stream: BinaryIO, source: Source, every: int) -> Ranges | None:
        """Where the table can be cut; None for Parquet, JSON over several lines, and UTF-16.

        Errors    FormatError as `read`
        """
        shared = shared_of(stream, source.name)
        if shared is None:
            return None
        stream.seek(0)
        self._checked(source, open_rows(stream, source.name), assumed_zone(source))
        return Ranges(row_starts(stream, source, shared, every), shared)

    def _checked(self, source: Source, table: Rows, zone: str | None) -> list[Row]:
        early = list(islice(table.rows, LOOKED_AT))
        if zone is None and self.check is not None:
            self.check(source.name, table.names, early)
        return early


def zoned(column: str) -> Check:
    """Refuses a table if all the times in a column are wall times that name no zone."""

    def check(file: str, names: Sequence[str], early: Sequence[Row]) -> None:
        at = position(file, names, column)
        given: list[Any] = [row.values[at] for row in early if row.values]
        refuse_without_zone(file, column, given)

    return check
