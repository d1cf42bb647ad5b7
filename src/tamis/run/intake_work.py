"""One item that is to be read: where it lies, and how its bytes are reached."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

from tamis.cell.span import Span
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_PART = 300
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAILDIR = {"cur", "new", "tmp"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Bytes `start` to `end` of something that `reopen` opens any number of times."""

    reopen: Callable[[int, int], BinaryIO]
    start: int
    end: int

    def open(self) -> BinaryIO:
        """Those bytes as a seekable stream."""
        return self.reopen(self.start, self.end)

    def part(self, start: int, end: int) -> Origin:
        """A span of them."""
        return Origin(self.reopen, self.start + start, self.start + end)


@dataclass(frozen=True, slots=True)
class Work:
    """One item that is to be read: where it lies, and its bytes, its stream or its origin.

    `around` are the ids of the containers it lies in; `folder` the folder inside the container
    that is its parent; `damage` what is wrong with bytes that came out; `absent` status and
    reason of an entry without bytes.
    """

    item_id: str
    root: str
    path: str
    name: str
    data: bytes | memoryview | None
    size_bytes: int
    parent_item_id: str | None = None
    position: int = 0
    depth: int = 0
    claimed_type: str | None = None
    mailbox_id: str | None = None
    mailbox_path: str = ""
    is_member: bool = False
    span: tuple[int, int] | None = None
    transform: str | None = None
    stream: BinaryIO | None = None
    origin: Origin | None = None
    is_held: bool = False
    is_deferred: bool = False
    around: tuple[str, ...] = ()
    folder: str | None = None
    modified_us: int | None = None
    damage: str | None = None
    absent: tuple[str, str] | None = None

    @property
    def own_name(self) -> str:
        """The last part of its name, whichever slash the container's maker used."""
        if self.folder is None:
            return self.name
        return self.name.replace("\\", "/").rpartition("/")[2] or self.name


class Window(Span):
    """A span of a seekable stream as a stream of its own; closing it leaves the other open."""

    def __init__(self, stream: BinaryIO, start: int, end: int) -> None:
        """Show bytes `start` to `end` of `stream`."""
        super().__init__(end - start)
        self._stream = stream
        self._start = start

    def fill(self, view: memoryview, position: int) -> int:
        """The number of bytes put into `view`."""
        self._stream.seek(self._start + position)
        data = self._stream.read(len(view))
        view[: len(data)] = data
        return len(data)


def window(stream: BinaryIO) -> Callable[[int, int], BinaryIO]:
    """What opens spans of a stream, each independent of the others' positions."""

    def reopen(start: int, end: int) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(Window(stream, start, end), 1 << 16))

    return reopen


def part_of_path(name: str) -> str:
    """A name as one part of a path: it can neither climb nor branch."""
    kept = storable(name).replace("/", "_").replace("\0", "_")
    return "_" if kept in {"", ".", ".."} else kept


def path_of_name(name: str) -> str:
    """A path inside a container as parts of a path: none climbs, none is empty or endless."""
    return "/".join(_short(part_of_path(part)) for part in _parts(name)) or "_"


def folder_of_name(name: str) -> str:
    """The folder that counts as a mailbox for a message of that path: of a Maildir, the whole."""
    parts = _parts(name)[:-1]
    if parts and parts[-1] in _MAILDIR:
        parts = parts[:-1]
    return path_of_name("/".join(parts)) if parts else ""


def _parts(name: str) -> list[str]:
    return storable(name).replace("\\", "/").strip("/").split("/")


def _short(part: str) -> str:
    if len(part) <= _LONGEST_PART:
        return part
    told = hashlib.sha256(part.encode()).hexdigest()[:8]
    return f"{part[: _LONGEST_PART - 9]}~{told}"


def mailbox_of(item_id: str, path: str) -> str:
    """The id of the mailbox that is one container file, or one folder in it."""
    return hashlib.sha256(f"{item_id}\0{path}".encode()).hexdigest()


def stand_in_id(root: str, path: str, position: int) -> str:
    """An item id for an entry without bytes: the hash of its place, never of content."""
    told = f"tamis: no bytes came out at\0{root}\0{path}\0{position}"
    return hashlib.sha256(told.encode()).hexdigest()


def microseconds(moment: datetime | None) -> int | None:
    """Microseconds since 1970; None for None."""
    return None if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)
