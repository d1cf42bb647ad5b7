"""What an Excel file before 2007 keeps beside its cells: the user, code page, hidden sheets, links.

Source    [MS-XLS] §2.1 (records), §2.4.21 BOF, §2.4.52 CodePage, §2.4.117 FilePass, §2.4.118
          FileSharing, §2.4.28 BoundSheet8, §2.4.271 SupBook, §2.4.349 WriteAccess, §2.4.140 HLink
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import TYPE_CHECKING

from tamis.sources.leak.documents.ole_properties import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tamis.sources.leak.documents.facts import Facts
    from tamis.sources.leak.documents.ole_storage import Storage

STREAMS = ("Workbook", "Book", "WORKBOOK", "BOOK")
_MAX_RECORDS = 1_000_000
_BOF, _EOF, _FILEPASS, _CODEPAGE, _WRITE_ACCESS, _SHARING = 0x809, 0x0A, 0x2F, 0x42, 0x5C, 0x5B
_SHEET, _SUPBOOK, _ROW, _COLUMN, _LINK, _NOTE, _PROGRAM = (
    0x85,
    0x1AE,
    0x208,
    0x7D,
    0x1B8,
    0x1C,
    0xD3,
)
_LABELS = {0x204, 0xD6, 0xFD}  # cells that hold text
_STATES = {1: "hidden", 2: "veryHidden"}
_KINDS = {0: "sheet", 1: "macro_sheet", 2: "chart", 6: "module"}
_URL_MONIKER = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")
_FILE_MONIKER = bytes.fromhex("0303000000000000c000000000000046")


def stream_of(storage: Storage) -> str | None:
    """The name of the stream with the workbook; None where there is none."""
    return next((name for name in STREAMS if name in storage), None)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each record, up to the first that is cut off."""
    place = 0
    for _ in range(_MAX_RECORDS):
        if place + 4 > len(data):
            return
        kind, size = struct.unpack_from("<HH", data, place)
        if place + 4 + size > len(data):
            return
        yield kind, data[place + 4 : place + 4 + size]
        place += 4 + size


def is_encrypted(data: bytes) -> bool:
    """Whether the workbook's records are encrypted: FILEPASS stands among the first."""
    for rank, (kind, _) in enumerate(records(data)):
        if kind == _FILEPASS:
            return True
        if rank > 20 or kind in {_EOF, _SHEET}:
            break
    return False


class Workbook:
    """What was found in the records of one workbook."""

    def __init__(self, facts: Facts, part: str) -> None:
        """Add to the facts of `part`, the stream's name."""
        self.facts = facts
        self.part = part
        self.is_wide = True
        self.codepage = 1252
        self.has_macros = False
        self.sheet_count = 0
        self.has_text = False
        self._hidden: Counter[str] = Counter()

    def tell(self, data: bytes) -> None:
        """Add what the records keep; when they are encrypted, what stands before."""
        handlers: dict[int, Callable[[bytes], None]] = {
            _BOF: self._bof,
            _CODEPAGE: self._codepage,
            _WRITE_ACCESS: self._write_access,
            _SHARING: self._sharing,
            _SHEET: self._sheet,
            _SUPBOOK: self._supbook,
            _ROW: self._row,
            _COLUMN: self._column,
            _LINK: self._link,
            _NOTE: self._note,
            _PROGRAM: self._program,
        }
        for kind, content in records(data):
            if kind == _FILEPASS:
                break
            self.has_text |= kind in _LABELS
            if kind in handlers:
                try:
                    handlers[kind](content)
                except (struct.error, IndexError):
                    continue
        for name, count in sorted(self._hidden.items()):
            self.facts.add("hidden", name, count, part=self.part)

    def _add(self, namespace: str, name: str, value: object) -> None:
        self.facts.add(namespace, name, value, part=self.part)

    def _bof(self, content: bytes) -> None:
        version, kind = struct.unpack_from("<HH", content)
        if kind == 5:
            self.is_wide = version >= 0x600
            build, year = struct.unpack_from("<HH", content, 4)
            self._add("biff", "version", f"{version:#06x}, build {build}, {year}")

    def _codepage(self, content: bytes) -> None:
        self.codepage = struct.unpack_from("<H", content)[0]
        self._add("biff", "codepage", self.codepage)

    def _write_access(self, content: bytes) -> None:
        """The name of the user who last opened the file to write it, padded with spaces."""
        if self.is_wide:
            name = self._wide(content, 0)
        else:
            name = decode(content[1 : 1 + content[0]], self.codepage)
        self._add("biff", "user_name", name.strip(" \0"))

    def _sharing(self, content: bytes) -> None:
        if struct.unpack_from("<H", content)[0]:
            self._add("settings", "read_only_recommended", "true")
        if len(content) > 6 and self.is_wide:
            self._add("biff", "reserved_by", self._wide(content, 4).strip(" \0"))

    def _sheet(self, content: bytes) -> None:
        state, kind = content[4] & 3, content[5]
        size = content[6]
        if self.is_wide:
            is_double = content[7] & 1
            raw = content[8 : 8 + (2 * size if is_double else size)]
            name = raw.decode("utf-16-le" if is_double else "latin-1", "replace")
        else:
            name = decode(content[7 : 7 + size], self.codepage)
        self.sheet_count += 1
        label = _KINDS.get(kind, f"sheet of kind {kind}")
        self.has_macros |= kind in {1, 6}
        if state in _STATES:
            self._add("hidden", f"hidden_{label}", f"{name} ({_STATES[state]})")
        else:
            self._add("sheet", label, name)

    def _supbook(self, content: bytes) -> None:
        size = struct.unpack_from("<H", content, 2)[0]
        if size in {0x0401, 0x3A01} or not size:
            return
        # Control characters stand for drives and folders in this encoding of a path.
        path = self._wide(content, 2)
        self._add("link", "workbook", "".join(one if one >= " " else "|" for one in path))

    def _row(self, content: bytes) -> None:
        self._hidden["hidden_row_count"] += bool(content[12] & 0x20)
        if not self._hidden["hidden_row_count"]:
            del self._hidden["hidden_row_count"]

    def _column(self, content: bytes) -> None:
        first, last = struct.unpack_from("<HH", content)
        if struct.unpack_from("<H", content, 8)[0] & 1:
            self._hidden["hidden_column_count"] += max(0, min(last, 16384) - first + 1)

    def _link(self, content: bytes) -> None:
        place = content.find(_URL_MONIKER)
        if place >= 0:
            size = struct.unpack_from("<I", content, place + 16)[0]
            raw = content[place + 20 : place + 20 + min(size, 8192)]
            self._add("link", "hyperlink", raw.decode("utf-16-le", "replace").split("\0")[0])
            return
        place = content.find(_FILE_MONIKER)
        if place >= 0:
            size = struct.unpack_from("<I", content, place + 18)[0]
            raw = content[place + 22 : place + 22 + min(size, 8192)]
            self._add("link", "file", decode(raw, self.codepage))

    def _note(self, content: bytes) -> None:
        if self.is_wide and len(content) > 11:
            self._add("comment", "author", self._wide(content, 8).strip("\0"))

    def _program(self, _: bytes) -> None:
        self.has_macros = True

    @staticmethod
    def _wide(content: bytes, place: int) -> str:
        """A string with its length and a flag before it: one or two bytes a character."""
        size, flags = struct.unpack_from("<HB", content, place)
        start = place + 3
        if flags & 1:
            return content[start : start + 2 * size].decode("utf-16-le", "replace")
        return content[start : start + size].decode("latin-1")
