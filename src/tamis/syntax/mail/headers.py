"""The header block of a message as raw fields: order, duplicates, folding and byte ranges kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_BOM = b"\xef\xbb\xbf"
# A field name that some lenient reader may still recognise; RFC 5322 section 2.2 allows 33-126.
_NAME_REST = re.compile(rb"[^!-9;-~]")
_ENVELOPE = re.compile(rb"From [^\r\n]*")
_FIELD_CALLED_FROM = re.compile(rb"From[ \t]*:")
_BLANK_FOLD = re.compile(rb"\n[ \t]+\r?(?=\n|\Z)")
# Control characters that no header may hold (RFC 5322 section 2.2); TAB, CR and LF are looked at
# on their own.
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])


class Defect(NamedTuple):
    """Something readers of mail may disagree about, and the byte where it stands.

    `kind` is one of: bom, leading_blank_line, malformed_line, malformed_name, space_before_colon,
    blank_fold, bare_cr, nul, control_character, no_body_separator.
    """

    kind: str
    byte_start: int


class Field(NamedTuple):
    """One header field.

    `name` is as written, without the white space before the colon; it is empty for a line that is
    no field. `value` is what follows the colon (the whole line if it is no field), folding
    included, without the final line end. `byte_end` is one past the final line end.
    """

    name: bytes
    value: bytes
    byte_start: int
    byte_end: int

    @property
    def lower(self) -> bytes:
        """The name in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Headers:
    """What stands before the body.

    `envelope` is the span of an mbox `From ` line on top, or None. `body_start` is the first byte
    after the blank line (the length of the message if there is none). `line_ends` is crlf, lf,
    cr, mixed or none, over the whole message; `block_line_ends` over the header block alone.
    """

    fields: tuple[Field, ...]
    body_start: int
    line_ends: str
    block_line_ends: str
    envelope: tuple[int, int] | None
    defects: tuple[Defect, ...]

    def named(self, name: bytes) -> tuple[Field, ...]:
        """Every field called `name` (any case), from the top."""
        wanted = name.lower()
        return tuple(field for field in self.fields if field.name.lower() == wanted)

    def first(self, name: bytes) -> Field | None:
        """The topmost field called `name`, or None."""
        wanted = name.lower()
        return next((field for field in self.fields if field.name.lower() == wanted), None)


def split(raw: bytes) -> Headers:
    """The header block of `raw`; never raises, in time linear in the block.

    A line ends at LF or CRLF; a CR alone ends a line only in a message without any LF (and is a
    defect otherwise). Blank lines, a byte order mark and an mbox line on top are stepped over and
    reported. A line that is no field is kept as a field without a name and does not end the block.

    Source    RFC 5322 sections 2.2, 2.2.3, 4.5.
    Limits    Readers of mail disagree about malformed blocks; `defects` names every such place.
    """
    mark = b"\r" if b"\n" not in raw and b"\r" in raw else b"\n"
    defects: list[Defect] = []
    start, envelope = _skip_top(raw, mark, defects)
    spans, body_start = _spans(raw, start, mark)
    fields = tuple([_field(raw, span, defects) for span in spans])
    block_end = spans[-1][1] if spans else start
    if spans and body_start == block_end:
        defects.append(Defect("no_body_separator", block_end))
    block = raw[start:block_end]
    _find_odd_bytes(block, start, mark, defects)
    return Headers(
        fields,
        body_start,
        line_ends(raw),
        line_ends(raw[start:body_start]),
        envelope,
        tuple(sorted(defects, key=lambda defect: defect.byte_start)) if defects else (),
    )


def line_ends(raw: bytes) -> str:
    """The line ends of `raw`: crlf, lf, cr, mixed, or none."""
    cr_count = raw.count(b"\r")
    lf_count = raw.count(b"\n")
    if not cr_count:
        return "lf" if lf_count else "none"
    if not lf_count:
        return "cr"
    pair_count = raw.count(b"\r\n")
    return "crlf" if pair_count == cr_count == lf_count else "mixed"


def unfold(value: bytes) -> bytes:
    """A field's value with its line ends taken out and outer white space stripped.

    Source    RFC 5322 section 2.2.3.
    """
    return value.translate(None, b"\r\n").strip(b" \t")


def _skip_top(raw: bytes, mark: bytes, defects: list[Defect]) -> tuple[int, tuple[int, int] | None]:
    """Where the first field may start, and the span of an mbox line before it."""
    start = 0
    envelope = None
    if raw.startswith(_BOM):
        defects.append(Defect("bom", 0))
        start = len(_BOM)
    start = _skip_blank(raw, start, mark, defects)
    if _ENVELOPE.match(raw, start) and not _FIELD_CALLED_FROM.match(raw, start):
        end = _next_line(raw, start, mark)
        envelope = (start, end)
        start = _skip_blank(raw, end, mark, defects)
    return start, envelope


def _skip_blank(raw: bytes, start: int, mark: bytes, defects: list[Defect]) -> int:
    while start < len(raw):
        if raw.startswith(mark, start):
            step = 1
        elif mark == b"\n" and raw.startswith(b"\r\n", start):
            step = 2
        else:
            break
        if not (defects and defects[-1].kind == "leading_blank_line"):
            defects.append(Defect("leading_blank_line", start))
        start += step
    return start


def _next_line(raw: bytes, start: int, mark: bytes) -> int:
    """The first byte after the line that starts at `start`."""
    found = raw.find(mark, start)
    return len(raw) if found < 0 else found + 1


def _spans(raw: bytes, start: int, mark: bytes) -> tuple[list[tuple[int, int]], int]:
    """The span of every field, and where the body starts."""
    spans: list[tuple[int, int]] = []
    find, size = raw.find, len(raw)
    opened = position = start
    while position < size:
        first = raw[position]
        if first in (10, 13) and _is_blank(raw, position, mark):
            if position > opened:
                spans.append((opened, position))
            return spans, position + (2 if first == 13 and mark == b"\n" else 1)
        if first not in (32, 9) and position > opened:
            spans.append((opened, position))
            opened = position
        found = find(mark, position)
        position = size if found < 0 else found + 1
    if size > opened:
        spans.append((opened, size))
    return spans, size


def _is_blank(raw: bytes, position: int, mark: bytes) -> bool:
    return raw.startswith(mark, position) or (mark == b"\n" and raw.startswith(b"\r\n", position))


def _field(raw: bytes, span: tuple[int, int], defects: list[Defect]) -> Field:
    start, end = span
    line = raw[start:end]
    if line.endswith(b"\r\n"):
        line = line[:-2]
    elif line.endswith((b"\n", b"\r")):
        line = line[:-1]
    name, colon, value = line.partition(b":")
    if not colon or not name or b"\n" in name or name[0] in (32, 9):
        defects.append(Defect("malformed_line", start))
        return Field(b"", line, start, end)
    if _NAME_REST.search(name):
        bare = name.rstrip(b" \t")
        is_odd = _NAME_REST.search(bare) is not None or not bare
        defects.append(Defect("malformed_name" if is_odd else "space_before_colon", start))
        name = bare
    return Field(name, value, start, end)


def _find_odd_bytes(block: bytes, start: int, mark: bytes, defects: list[Defect]) -> None:
    """Note the first of each kind of byte that readers of mail take differently."""
    if len(block.translate(None, _CONTROLS)) != len(block):
        for kind, wanted in (("nul", b"\0"), ("control_character", _CONTROLS[1:])):
            places = [place for byte in wanted if (place := block.find(byte)) >= 0]
            if places:
                defects.append(Defect(kind, start + min(places)))
    if mark == b"\n" and block.count(b"\r") != block.count(b"\r\n"):
        lone = re.search(rb"\r(?!\n)", block)
        defects.append(Defect("bare_cr", start + (lone.start() if lone else 0)))
    if mark == b"\r":
        defects.append(Defect("bare_cr", start))
    fold = _BLANK_FOLD.search(block)
    if fold:
        defects.append(Defect("blank_fold", start + fold.start() + 1))
