"""How one file of posts is read, value by value, on any platform: nothing is lost silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.sources.posts.frames import BrokenValueError, shown, value
from tamis.sources.posts.gather import Gather, batches_of
from tamis.sources.posts.post_rows import EXTRA, MAX_COUNT, Writer, times
from tamis.sources.posts.x_marks import UnusableRowError
from tamis.syntax.clock import UnreadableTimeError, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pyarrow as pa

    from tamis.registry import Source

SHAPE_ERRORS = (TypeError, KeyError, AttributeError, ValueError, OverflowError, IndexError)


class Reading:
    """One file being read: its rows, what it said before, what a person should know."""

    def __init__(self, source: Source, reader: str, platform: str) -> None:
        self.source = source
        self.platform = platform
        self.gather = Gather(source, reader, times, EXTRA)
        self.writer = Writer(self.gather, platform)
        self.sampling = str(source.options.get("sampling") or "unknown")
        self.zone: str | None = source.options.get("assume_zone")
        self.notes: dict[str, int] = {}

    def batches(
        self, values: Iterable[Any], take: Callable[[Any], None]
    ) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """The file's tables in batches, last its row of `intake_count`."""
        yield from batches_of(self.gather, values, take)
        yield {**self.gather.flush(), **self.gather.counts(self.note())}

    def row(
        self,
        start: int,
        end: int,
        data: bytes | None,
        use: Callable[[dict[str, Any]], None],
        parsed: Any = None,
    ) -> None:
        """One JSON object: used, or rejected with the reason; `parsed` where it was read before."""
        self.gather.byte_count += end - start
        if data is None:
            self.reject(start, "the value is larger than 64 MiB and was not read", b"")
        elif not data:
            self.skip()
        else:
            self.attempt(start, data, lambda: use(_object(data, parsed)))

    def attempt(self, start: int, data: bytes, use: Callable[[], None]) -> None:
        """Count a row as used, or as rejected when `use` says that it cannot be."""
        try:
            use()
        except (UnusableRowError, UnreadableTimeError, BrokenValueError) as error:
            self.reject(start, str(error), data)
        except SHAPE_ERRORS as error:
            why = f"this is not shaped as {self.platform} exports are: {error!r}"[:300]
            self.reject(start, why, data)
        else:
            self.gather.row_count += 1

    def reject(self, start: int | None, why: str, data: bytes | None) -> None:
        """One row that cannot be used."""
        self.gather.reject(start, why, shown(data))

    def skip(self) -> None:
        """One row that holds nothing by design."""
        self.gather.row_count += 1
        self.gather.skipped_count += 1

    def place(self, start: int, end: int, seen_us: int | None, sampling: str = "") -> int:
        """The number of the line that rows name."""
        told = sampling if self.sampling == "unknown" and sampling else self.sampling
        return self.gather.place(start, end, seen_us, told, self.platform)  # type: ignore[arg-type]

    def remark(self, text: str) -> None:
        """Count something that a person should know; `{}` stands for how often."""
        self.notes[text] = self.notes.get(text, 0) + 1

    def note(self) -> str | None:
        """All that a person should know about the file, or None."""
        told = [text.replace("{}", f"{count:,}") for text, count in self.notes.items()]
        return "; ".join([*self.writer.told(), *told]) or None


def _object(data: bytes, parsed: Any) -> dict[str, Any]:
    whole = value(data) if parsed is None else parsed
    if type(whole) is not dict:
        raise UnusableRowError("a JSON object was expected here")
    return whole


def text_of(given: Any, what: str) -> str | None:
    """A text, None for none.

    Errors    UnusableRowError for anything else
    """
    if given is None or type(given) is str:
        return given or None
    raise UnusableRowError(f"the {what} is no text")


def id_of(given: Any, what: str) -> str:
    """An id of digits as text.

    Errors    UnusableRowError for a decimal number (its last digits are lost) or anything else
    """
    if type(given) is str and given.isascii() and given.isdigit() and len(given) <= 20:
        return given.lstrip("0") or "0"
    if type(given) is int and 0 <= given < 1 << 64:
        return str(given)
    if type(given) is float:
        raise UnusableRowError(
            f"the {what} {given!r} was stored as a decimal number, so its last digits are lost; "
            "export again with ids as text"
        )
    raise UnusableRowError(f"the {what} {str(given)[:40]!r} is no number")


def count_of(given: Any) -> int | None:
    """A public count, None for none.

    Errors    UnusableRowError for what no platform ever counted
    """
    if given is None:
        return None
    if type(given) is not int or not 0 <= given < MAX_COUNT:
        raise UnusableRowError(f"the count {str(given)[:40]!r} is no whole number of a platform")
    return given


def micros_of(given: Any, zone: str | None = None) -> int | None:
    """A time in microseconds since 1970, None where there is none or it cannot be read."""
    if isinstance(given, bool) or not isinstance(given, (str, int, float)) or given == "":
        return None
    try:
        return moment(given, zone).at_us
    except (UnreadableTimeError, OverflowError, ValueError):
        return None
