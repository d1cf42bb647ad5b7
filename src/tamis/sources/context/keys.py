"""DKIM keys from a JSON file: `{name: txt}` or `{name: [{txt, src, seen_from, seen_to, …}]}`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from tamis import records
from tamis.errors import FormatError
from tamis.registry import ContextReader, Glimpse, Source
from tamis.syntax.mail.dkim_keys import read_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

SOURCES = ("dns", "archive", "party", "recovered")
_NAME = re.compile(r"[^\s\"'\\]{1,190}\._domainkey\.[^\s\"'\\]{1,253}", re.IGNORECASE)
_IN_HEAD = re.compile(rb'"[^"\s]{1,190}\._domainkey\.[^"\s]{1,253}"\s*:', re.IGNORECASE)
_LARGEST_BYTES = 256 << 20
_COLUMNS = ("key_name", "txt", "source_label", "seen_from_at", "seen_to_at")


def recognises(glimpse: Glimpse) -> int:
    """95 for a JSON object whose first names are names of DKIM keys."""
    head = glimpse.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(b"{"):
        return 0
    return 95 if _IN_HEAD.match(head[1:].lstrip()) else 0


def load_keys(data: bytes, item_id: str = "") -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `dkim_key`, and rows of `rejected` for what is no usable key entry.

    The source of an entry is dns, archive, party or recovered; `party` (given by somebody) where
    the file does not say. Equal entries count once.

    Errors    FormatError when the bytes are no JSON object.
    """
    try:
        whole = orjson.loads(data)
    except orjson.JSONDecodeError as problem:
        raise FormatError(f"the key file is no JSON ({problem})") from None
    if not isinstance(whole, dict):
        raise FormatError("the key file is no JSON object of the form {name: txt}")
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    rejected: list[dict[str, Any]] = []
    for position, (name, entry) in enumerate(_entries(whole)):
        made = _row(name, entry, item_id)
        if isinstance(made, str):
            rejected.append(_rejected(item_id, position, made, name, entry))
        else:
            rows.setdefault(tuple(made[column] for column in _COLUMNS), made)
    return list(rows.values()), rejected


def _entries(whole: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, stated in whole.items():
        for entry in stated if isinstance(stated, list) else [stated]:
            yield name, entry


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's key rows, its rejected entries, and their count.

    Errors    FormatError when the file is no JSON object, or larger than 256 MiB.
    """
    data = stream.read(_LARGEST_BYTES + 1)
    if len(data) > _LARGEST_BYTES:
        raise FormatError("the key file is larger than 256 MiB")
    rows, rejected = load_keys(data, source.item_id)
    total = sum(1 for _ in _entries(orjson.loads(data)))
    count = {
        "source_item_id": source.item_id,
        "reader": READER.name,
        "row_count": total,
        "used_count": len(rows),
        "rejected_count": len(rejected),
        "skipped_count": total - len(rows) - len(rejected),
        "post_count": 0,
        "action_count": 0,
        "note": _note(rows),
    }
    for table, found in (("dkim_key", rows), ("rejected", rejected), ("intake_count", [count])):
        for batch in records.table(table).build(found).to_batches():
            yield {table: batch}


def _note(rows: list[dict[str, Any]]) -> str | None:
    told = []
    undated = sum(1 for row in rows if row["seen_from_at"] is None and row["seen_to_at"] is None)
    if undated:
        told.append(f"{undated} of {len(rows)} entries have no dates")
    unusable = sum(1 for row in rows if read_key(row["txt"]).trouble is not None)
    if unusable:
        told.append(f"{unusable} records hold no usable key (revoked or damaged)")
    return "; ".join(told) or None


def _row(name: str, entry: Any, item_id: str) -> dict[str, Any] | str:
    """A row of `dkim_key`, or why there is none."""
    given = {"txt": entry} if isinstance(entry, str) else entry
    if _NAME.fullmatch(name.rstrip(".")) is None:
        return "the name is not of the form selector._domainkey.domain"
    if not isinstance(given, dict) or not isinstance(given.get("txt"), str):
        return "an entry needs the text of its TXT record as `txt`"
    source = given.get("source", "party")
    if source not in SOURCES:
        return f"source {str(source)[:40]!r} is none of {', '.join(SOURCES)}"
    try:
        seen_from, seen_to = _time(given.get("seen_from")), _time(given.get("seen_to"))
    except ValueError as problem:
        return str(problem)
    if seen_from is not None and seen_to is not None and seen_to < seen_from:
        return "seen_to is earlier than seen_from"
    record = read_key(given["txt"])
    label = given.get("src")
    return {
        "key_name": name.rstrip(".").lower(),
        "txt": given["txt"],
        "source": source,
        "source_label": label if isinstance(label, str) and label else "the key file itself",
        "seen_from_at": seen_from,
        "seen_to_at": seen_to,
        "is_testing": record.is_testing,
        "is_private_published": given.get("private_published") is True,
        "is_revoked": record.is_revoked,
        "source_item_id": item_id,
    }


def _time(stated: Any) -> datetime | None:
    """An instant from ISO text with an offset, or a date, which counts as UTC."""
    if stated is None or stated == "":
        return None
    if not isinstance(stated, str):
        raise ValueError("a date must be ISO text such as 2017-05-05T10:00:00+00:00")  # noqa: TRY004 (a row's reason)
    try:
        found = datetime.fromisoformat(stated)
    except ValueError:
        raise ValueError(f"{stated[:40]!r} is no ISO date") from None
    if found.tzinfo is None:
        if len(stated) > len("2017-05-05"):
            raise ValueError(f"{stated[:40]!r} has a time but no offset from UTC")
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


def _rejected(item_id: str, position: int, reason: str, name: str, entry: Any) -> dict[str, Any]:
    sample = ascii(f"{name}: {entry}")[1:201]
    return {
        "source_item_id": item_id,
        "byte_start": None,
        "position": position,
        "reason": reason,
        "sample": sample,
    }


READER = ContextReader(
    name="dkim_keys_json",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each key record with its source and the dates on which the source saw it",
    cannot_know="whether a party's statement about a key is true; dates that the file leaves out",
)
