"""Where the bytes of an item stand: a blob, a file outside, or a span of a container."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.case.layout import CHUNK, blob_path, digest
from tamis.case.transform import transform
from tamis.errors import CaseBrokenError, CaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Location:
    """A span of a file, and the steps from there to the item: a decoding or a further span."""

    path: Path
    byte_start: int
    byte_end: int
    steps: tuple[str | tuple[int, int], ...] = ()

    def inside(self, start: int, end: int, decoding: str | None) -> Location:
        """Where a part of this item stands."""
        steps: tuple[str | tuple[int, int], ...] = () if decoding is None else (decoding,)
        if self.steps:
            return Location(
                self.path, self.byte_start, self.byte_end, (*self.steps, (start, end), *steps)
            )
        return Location(self.path, self.byte_start + start, self.byte_start + end, steps)

    def decode(self, data: bytes) -> bytes:
        """The item's bytes, from those of the span."""
        for step in self.steps:
            data = transform(step, data) if isinstance(step, str) else data[step[0] : step[1]]
        return data


class Span(io.RawIOBase):
    """A part of a file, read as if it were a whole one."""

    def __init__(self, location: Location) -> None:
        """Open the file at the span."""
        super().__init__()
        self._descriptor = os.open(location.path, os.O_RDONLY | os.O_CLOEXEC)
        self._start, self._size, self._at = (
            location.byte_start,
            location.byte_end - location.byte_start,
            0,
        )

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """The new position."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """The number of bytes put into `buffer`."""
        wanted = min(len(buffer), max(0, self._size - self._at))
        data = os.pread(self._descriptor, wanted, self._start + self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Give the file back."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class Locator:
    """The whereabouts of every item of one generation, held in memory."""

    def __init__(self, root: Path, table: Callable[..., pa.Table]) -> None:
        """Read the tables `blob`, `place` and `tombstone` through `table(name, columns)`."""
        self._files: dict[str, Path] = {}
        self._sizes: dict[str, int] = {}
        self._outside: set[str] = set()
        columns = table("blob", ["item_id", "location", "size_bytes"]).to_pydict().values()
        for item_id, location, size in zip(*columns, strict=True):
            self._files[item_id] = Path(location) if location else blob_path(root, item_id)
            self._sizes[item_id] = size
            if location is not None:
                self._outside.add(item_id)
        self._places: dict[str, list[tuple[str, int, int, str | None]]] = {}
        self._packed: dict[str, set[str]] = {}
        self._seen: set[str] = set()
        names = ["item_id", "parent_item_id", "byte_start", "byte_end", "transform"]
        columns = table("place", names).to_pydict().values()
        for item_id, parent, start, end, decoding in zip(*columns, strict=True):
            self._seen.add(item_id)
            if parent is not None and start is not None and end is not None:
                self._places.setdefault(item_id, []).append((parent, start, end, decoding))
            elif parent is not None:
                self._packed.setdefault(item_id, set()).add(parent)
        self.tombstones = table("tombstone").to_pylist()
        self.forgotten = {row["item_id"] for row in self.tombstones}
        self._checked: set[str] = set()

    def locations(self, item_id: str, depth: int = 0) -> Iterator[Location]:
        """Every place where the bytes of an item can be read, its own file first."""
        if item_id in self._files:
            yield Location(self._files[item_id], 0, self._sizes[item_id])
        if depth < _DEPTH:
            for parent, start, end, decoding in self._places.get(item_id, ()):
                for whole in self.locations(parent, depth + 1):
                    yield whole.inside(start, end, decoding)

    def locate(self, item_id: str) -> Location:
        """The first place of an item that nothing was cut out of.

        Errors    CaseError when the item is unknown, forgotten, or redacted.
        """
        why = self._absence(item_id)
        if why is None:
            for found in self.locations(item_id):
                if not self._is_redacted(found):
                    return found
                why = "a part of it was forgotten on purpose (see table tombstone)"
        raise CaseError(f"item {item_id}: {why or 'the case holds no bytes of it'}")

    def knows(self, item_id: str) -> bool:
        """Whether the case holds bytes of an item, or a place where it occurs."""
        return item_id in self._files or item_id in self._seen

    def file(self, item_id: str) -> Path | None:
        """The file that holds an item and nothing else, in the case or outside."""
        return self._files.get(item_id)

    def is_outside(self, item_id: str) -> bool:
        """Whether an item's own file lies outside the case."""
        return item_id in self._outside

    def packed_in(self, item_id: str) -> set[str]:
        """Containers that an item came out of without being a span of them."""
        return self._packed.get(item_id, set())

    def spans(self, item_id: str, depth: int = 0) -> Iterator[tuple[str, Location, str | None]]:
        """Every span of a container file that holds an item.

        Yields the item whose file it is, the span, and the outermost container inside which the
        item stands decoded, if there is one: then the span is that whole container, encoded.
        """
        if depth == _DEPTH:
            return
        for parent, start, end, decoding in self._places.get(item_id, ()):
            if parent in self._files:
                whole = Location(self._files[parent], 0, self._sizes[parent])
                yield parent, whole.inside(start, end, decoding), None
            for holder, span, coarse in self.spans(parent, depth + 1):
                is_decoded = bool(span.steps)
                yield (
                    holder,
                    span.inside(start, end, decoding),
                    coarse or (parent if is_decoded else None),
                )

    def _absence(self, item_id: str) -> str | None:
        for row in self.tombstones:
            if row["item_id"] == item_id:
                return f"forgotten on {row['forgotten_at']:%Y-%m-%d}: {row['why']}"
        return None

    def _is_redacted(self, found: Location) -> bool:
        return any(
            row["redacted_item_id"] is not None
            and found.path == self._files.get(row["redacted_item_id"])
            and found.byte_start < row["byte_end"]
            and row["byte_start"] < found.byte_end
            for row in self.tombstones
        )

    def read(self, item_id: str) -> bytes:
        """The bytes of an item, their hash checked.

        Errors    CaseError when there are none; CaseBrokenError when they are other bytes.
        """
        found = self.locate(item_id)
        with self._open(item_id, found) as stream:
            data = found.decode(stream.read())
        if digest(data) != item_id:
            raise self._broken(item_id, found)
        return data

    def open(self, item_id: str) -> BinaryIO:
        """A stream of an item's bytes, their hash checked first.

        Errors    as `read`.
        """
        found = self.locate(item_id)
        if found.steps:
            return io.BytesIO(self.read(item_id))
        if item_id not in self._checked:
            told = hashlib.sha256()
            with self._open(item_id, found) as stream:
                while chunk := stream.read(CHUNK):
                    told.update(chunk)
            if told.hexdigest() != item_id:
                raise self._broken(item_id, found)
            self._checked.add(item_id)
        return io.BufferedReader(Span(found), CHUNK)

    def _open(self, item_id: str, found: Location) -> Span:
        try:
            return Span(found)
        except OSError as problem:
            raise CaseBrokenError(
                f"{found.path}: expected the bytes of item {item_id}: {problem.strerror}; "
                "bring the file back to this place"
            ) from None

    def _broken(self, item_id: str, found: Location) -> CaseBrokenError:
        return CaseBrokenError(
            f"{found.path} bytes {found.byte_start} to {found.byte_end}: expected item {item_id}, "
            "found other bytes; bring back the file from a backup"
        )
