"""The cells of a workbook's sheets, row by row, out of the hardened package and XML readers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError
from tamis.sources.leak.documents import xml_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamis.sources.leak.documents.xml_reader import Event
    from tamis.sources.leak.documents.zip_package import Package

_COLUMN = re.compile(r"([A-Z]{1,3})\d*")
_MAX_COLUMNS = 16_384
_MAX_STRINGS = 64 << 20  # characters of shared strings that are held
# Built-in number formats that show a date; further ones are told by their letters.
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NO_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DAY_ONE = {False: datetime(1899, 12, 30, tzinfo=UTC), True: datetime(1904, 1, 1, tzinfo=UTC)}
_MAX_DAY = 2_958_465  # 31 December 9999
_EXACT = 1 << 53


class Workbook:
    """A workbook whose sheets give their rows as tuples of cells."""

    def __init__(self, package: Package) -> None:
        """Read what all sheets share.

        Errors    FormatError where a part is missing, refused or broken
        """
        self._package = package
        self._sheets: list[tuple[str, str]] = []
        self._is_1904 = False
        self._read_book()
        self._strings = self._read_strings()
        self._dates = self._read_styles()

    def sheets(self) -> Iterator[tuple[str, Iterator[tuple[Any, ...]]]]:
        """Each sheet's name and rows, in the order of the workbook."""
        for name, part in self._sheets:
            if part in self._package:
                yield name, self._rows(part)

    def _read_book(self) -> None:
        parts = {
            given.get("Id", ""): given.get("Target", "")
            for name, given in self._starts("xl/_rels/workbook.xml.rels")
            if name == "Relationship"
        }
        for name, given in self._starts("xl/workbook.xml"):
            if name == "workbookPr":
                self._is_1904 = given.get("date1904", "").lower() in {"1", "true"}
            elif name == "sheet":
                target = parts.get(given.get("r:id", ""), "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                self._sheets.append((given.get("name", ""), part))

    def _read_strings(self) -> list[str]:
        strings: list[str] = []
        if "xl/sharedStrings.xml" not in self._package:
            return strings
        pieces: list[str] = []
        size, is_phonetic = 0, False
        for event in self._events("xl/sharedStrings.xml"):
            if event.name == "rPh" and event.kind != "text":
                is_phonetic = event.kind == "start"
            elif event.kind == "text" and event.name == "t" and not is_phonetic:
                pieces.append(event.text)
                size += len(event.text)
                if size > _MAX_STRINGS:
                    raise FormatError("the workbook's shared texts are larger than is held")
            elif event.kind == "end" and event.name == "si":
                strings.append("".join(pieces))
                pieces = []
        return strings

    def _read_styles(self) -> list[bool]:
        """For each cell style whether it shows a date."""
        dates: list[bool] = []
        own: dict[str, str] = {}
        is_cells = False
        for event in self._events("xl/styles.xml") if "xl/styles.xml" in self._package else ():
            if event.name == "cellXfs":
                is_cells = event.kind == "start"
            elif event.kind == "start" and event.name == "numFmt":
                given = event.attributes
                own[given.get("numFmtId", "")] = given.get("formatCode", "")
            elif event.kind == "start" and event.name == "xf" and is_cells:
                number = event.attributes.get("numFmtId", "0")
                code = _NO_DATE.sub("", own.get(number, "")).lower()
                shows = any(letter in code for letter in "ymdhs") and "general" not in code
                dates.append(shows or (number.isdecimal() and int(number) in _DATE_FORMATS))
        return dates

    def _rows(self, part: str) -> Iterator[tuple[Any, ...]]:
        row: list[Any] = []
        cell: Mapping[str, str] = {}
        pieces: list[str] = []
        for event in self._events(part):
            if event.kind == "text":
                if event.name in {"v", "t"}:
                    pieces.append(event.text)
            elif event.kind == "start":
                if event.name == "row":
                    row = []
                elif event.name == "c":
                    cell, pieces = event.attributes, []
            elif event.name == "c":
                at = _rank(cell.get("r", ""), len(row))
                row.extend([None] * (at - len(row)))
                row.append(self._value(cell, "".join(pieces)))
            elif event.name == "row":
                yield tuple(row)

    def _value(self, cell: Mapping[str, str], text: str) -> Any:
        """A cell as text, number, or wall time without a zone in ISO form; None when empty."""
        kind = cell.get("t", "n")
        if kind == "s":
            at = int(text) if text.isdecimal() else -1
            return self._strings[at] if 0 <= at < len(self._strings) else None
        if kind in {"str", "inlineStr", "d"}:
            return text or None
        if kind == "e" or not text:
            return None
        if kind == "b":
            return "true" if text == "1" else "false"
        style = cell.get("s", "")
        is_date = style.isdecimal() and int(style) < len(self._dates) and self._dates[int(style)]
        return self._date(text) if is_date else _number(text)

    def _date(self, text: str) -> Any:
        try:
            days = float(text)
        except ValueError:
            return text
        if not 1 <= days <= _MAX_DAY:
            return text
        seconds = round(days * 86_400)
        wall = _DAY_ONE[self._is_1904] + timedelta(seconds=seconds)
        return wall.strftime("%Y-%m-%d %H:%M:%S")

    def _events(self, part: str) -> Iterator[Event]:
        return xml_reader.events(self._package.chunks(part))

    def _starts(self, part: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        return xml_reader.starts(self._package.chunks(part))


def _rank(reference: str, otherwise: int) -> int:
    """The column of `AB12`, from 0."""
    found = _COLUMN.fullmatch(reference)
    if found is None:
        return otherwise
    rank = 0
    for letter in found[1]:
        rank = rank * 26 + ord(letter) - 64
    if rank > _MAX_COLUMNS or rank - 1 < otherwise:
        raise FormatError(f"the cell {reference[:20]!r} stands where no cell can")
    return rank - 1


def _number(text: str) -> Any:
    """A stored number: whole where it is exact, else the float that Excel kept."""
    try:
        number = float(text)
    except ValueError:
        return text
    if number == number and abs(number) < _EXACT and number == int(number):  # noqa: PLR0124
        return int(number)
    return number
