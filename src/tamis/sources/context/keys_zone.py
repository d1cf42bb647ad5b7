"""DKIM keys from zone files and from what dig prints."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.key_entries import KeySheet, read_whole
from tamis.syntax.zone_file import ZoneTrouble, read_zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_RECORD = re.compile(rb"_domainkey[^\n\"]{0,300}?\sTXT[\s(]", re.IGNORECASE)
_ORIGIN = re.compile(rb"^\$ORIGIN[ \t]+_domainkey\.", re.IGNORECASE | re.MULTILINE)
_DIG = re.compile(r"^;.*(?:<<>> DiG|ANSWER SECTION)", re.IGNORECASE | re.MULTILINE)
_WHEN = re.compile(r"^;; WHEN:\s*(.+)$")
_SERVER = re.compile(r"^;; SERVER:\s*([0-9A-Fa-f.:]{2,45})#")


def recognises(glimpse: Glimpse) -> int:
    """60 for text with a TXT record below _domainkey in the form of a zone file."""
    return 60 if _RECORD.search(glimpse.head) or _ORIGIN.search(glimpse.head) else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's key rows, what could not be read, and their count; other records are passed over.

    A zone file is what a party gave; the output of dig is what the DNS said, dated where dig
    printed a time in UTC.
    Errors    FormatError when the file is larger than 256 MiB.
    """
    text = read_whole(stream).decode("utf-8-sig", "replace")
    is_dig = _DIG.search(text) is not None
    sheet = KeySheet(source.item_id, "dns" if is_dig else "party")
    asked = _asked(text) if is_dig else []
    undated = 0
    for found in read_zone(text):
        if isinstance(found, ZoneTrouble):
            if "_domainkey" in found.sample.lower() or found.sample.startswith("$"):
                sheet.reject(f"line {found.line}: {found.reason}", found.sample)
            continue
        if "._domainkey." not in f".{found.name.lower()}.":
            continue
        at, label = None, f"zone file {source.name}, line {found.line}"
        if is_dig:
            at, server = next(
                ((at, who) for line, at, who in asked if line > found.line), (None, "")
            )
            label = f"dig output {source.name}{server}"
            undated += at is None
        sheet.add(found.name, {"txt": found.text, "src": label, "seen_from": at, "seen_to": at})
    if undated:
        sheet.remarks.append(f"of {undated} records dig printed no time in UTC")
    yield from sheet.batches(READER.name)


def _asked(text: str) -> list[tuple[int, datetime | None, str]]:
    """For each look-up in a file the line it ends on, its time where it is in UTC, its server."""
    found: list[tuple[int, datetime | None, str]] = []
    server = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _SERVER.match(line):
            server = f", server {match[1]}"
        elif match := _WHEN.match(line):
            found.append((number, _time(match[1].strip()), server))
            server = ""
    return found


def _time(stated: str) -> datetime | None:
    """The time that dig printed; a zone's abbreviation says nothing for sure but UTC and GMT."""
    for zone in ("UTC", "GMT"):
        try:
            return datetime.strptime(stated, f"%a %b %d %H:%M:%S {zone} %Y").replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


READER = ContextReader(
    name="dkim_keys_zone",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each TXT record below _domainkey in a zone file or in the output of dig",
    cannot_know="since when a zone held a record; the zone's own name where no $ORIGIN states it",
)
