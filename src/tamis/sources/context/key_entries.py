"""What all readers of key files share: an entry becomes a row of `dkim_key`, or a reason."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.errors import FormatError
from tamis.sources.context.json_members import Pairs
from tamis.syntax.mail.charset import storable
from tamis.syntax.mail.dkim_keys import ANY_NAME, read_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa


SOURCES = ("dns", "archive", "party", "recovered")
NAME = re.compile(r"[^\s\"'\\]{1,190}\._domainkey\.[^\s\"'\\]{1,253}", re.IGNORECASE)
_LARGEST_BYTES = 256 << 20
# Rows that a reader holds before it hands them on.
BATCH_ROWS = 20_000
_COLUMNS = records.table("dkim_key").key
# What files call the same thing, once case, blanks and underscores are gone. The dates of the DNS
# come first: an archive that widens an entry by dates of mail keeps those apart.
_MEANINGS = {
    "name": ("name", "keyname", "dnsname", "recordname", "host"),
    "selector": ("selector", "s"),
    "domain": ("domain", "d"),
    "txt": ("txt", "value", "record", "dkimrecord", "data", "txtrecord"),
    "source": ("source",),
    "label": ("src", "sourcelabel", "label", "origin"),
    "seen_from": ("dnsfirstseenat", "seenfrom", "seenfromat", "firstseenat", "firstseen"),
    "seen_to": ("dnslastseenat", "seento", "seentoat", "lastseenat", "lastseen"),
    "submitted": ("submitted", "submittedat", "addedat", "createdat"),
    "private_published": ("privatepublished", "isprivatepublished"),
}
_REMARKS = ("source", "src", "sourcelabel", "label", "origin", "method", "provenance", "note")
# How archives mark a key that nobody saw in the DNS: it was computed from signatures.
_RECOVERED = re.compile(
    r"(?:^|[^a-z])gcd(?:$|[^a-z])|recover|reconstruct|factored|derived from|computed from",
    re.IGNORECASE,
)


@dataclass(slots=True)
class KeySheet:
    """The entries of one file: rows of `dkim_key`, rejected ones, remarks; equal ones count once.

    `default_source` is what an entry is when it does not say so itself.
    """

    item_id: str
    default_source: str = "party"
    default_label: str = "the key file itself"
    is_strict: bool = True
    remarks: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    _tally: Counter[str] = field(default_factory=Counter)
    _seen: set[bytes] = field(default_factory=set)
    _first_texts: dict[str, bytes] = field(default_factory=dict)
    _contradicted: set[str] = field(default_factory=set)

    def add(self, name: str | None, given: Any, place: int | None = None) -> None:
        """Take one entry: the text of a record, or an object with it."""
        position, self.count = self.count, self.count + 1
        entry = {"txt": given} if isinstance(given, str) else given
        made: dict[str, Any] | str = "an entry needs the text of its TXT record as `txt`"
        if isinstance(entry, dict | Pairs):
            fields = dict(entry)
            meant = _meant(fields) | ({} if name is None else {"name": name})
            made = _contradiction(entry) or self._row(meant, fields)
        if isinstance(made, str):
            shown = ascii(given if name is None else f"{name}: {given}")
            self._reject(position, made, shown[1:201], place)
            return
        if (key := _digest(*(made[column] for column in _COLUMNS))) not in self._seen:
            self._seen.add(key)
            self.rows.append(made)
            self._count(made)

    def _count(self, row: Mapping[str, Any]) -> None:
        """Take a row into what is said about the file."""
        self._tally["used"] += 1
        self._tally["undated"] += row["seen_from_at"] is None and row["seen_to_at"] is None
        self._tally["unusable"] += row["trouble"] is not None
        self._tally["recovered"] += row["source"] == "recovered"
        text = _digest(row["txt"])
        if self._first_texts.setdefault(row["key_name"], text) != text:
            self._contradicted.add(row["key_name"])

    def reject(self, reason: str, sample: str, place: int | None = None) -> None:
        """Take down one entry that cannot be used, and why."""
        self.count += 1
        self._reject(self.count - 1, reason, ascii(sample)[1:201], place)

    def _reject(self, position: int, reason: str, sample: str, place: int | None) -> None:
        self._tally["rejected"] += 1
        self.rejected.append(
            {
                "source_item_id": self.item_id,
                "byte_start": place,
                "position": position,
                "reason": reason,
                "sample": sample,
            }
        )

    def _row(self, meant: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any] | str:
        """A row of `dkim_key`, or why there is none."""
        name, is_private = _name(meant), meant.get("private_published") in (True, "true", "1")
        if NAME.fullmatch(name) is None and not (name == ANY_NAME and is_private):
            return "the name is not of the form selector._domainkey.domain"
        if not isinstance(meant.get("txt"), str):
            return "an entry needs the text of its TXT record as `txt`"
        source, label = self._source(meant)
        if source not in SOURCES:
            return f"source {source[:40]!r} is none of {', '.join(SOURCES)}"
        if _is_recovered(given):
            source = "recovered"
        try:
            seen_from, seen_to, submitted = (
                read_time(meant.get(one)) for one in ("seen_from", "seen_to", "submitted")
            )
        except ValueError as problem:
            return str(problem)
        if seen_from is not None and seen_to is not None and seen_to < seen_from:
            return "seen_to is earlier than seen_from"
        txt = storable(meant["txt"])
        return {
            "key_name": storable(name.lower()),
            "txt": txt,
            "source": source,
            "source_label": storable(label),
            "seen_from_at": seen_from,
            "seen_to_at": seen_to,
            "submitted_at": submitted,
            "is_private_published": is_private,
            "source_item_id": self.item_id,
            **describe_key(txt),
        }

    def _source(self, meant: Mapping[str, Any]) -> tuple[str, str]:
        """The source of an entry and its label, to which a foreign word for a source belongs."""
        stated, label = meant.get("source"), meant.get("label")
        label = label if isinstance(label, str) and label else self.default_label
        if stated is None or stated == "":
            return self.default_source, label
        if not self.is_strict and stated not in SOURCES:
            return self.default_source, f"{label} ({str(stated)[:80]})"
        return str(stated), label

    def drain(self) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """What was gathered since the last time, by table; a large file is drained on the way."""
        gathered = (("dkim_key", self.rows), ("rejected", self.rejected))
        self.rows, self.rejected = [], []
        for table, found in gathered:
            for batch in records.table(table).build(found).to_batches():
                yield {table: batch}

    def batches(self, reader: str) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """What was gathered since the last time, and the counts of the whole file."""
        yield from self.drain()
        used, rejected = self._tally["used"], self._tally["rejected"]
        count = {
            "source_item_id": self.item_id,
            "reader": reader,
            "row_count": self.count,
            "used_count": used,
            "rejected_count": rejected,
            "skipped_count": self.count - used - rejected,
            "post_count": 0,
            "action_count": 0,
            "note": self._note(),
        }
        for batch in records.table("intake_count").build([count]).to_batches():
            yield {"intake_count": batch}

    def _note(self) -> str | None:
        told = list(self.remarks)
        counts = {
            "undated": "have no dates",
            "unusable": "hold no usable key (revoked or damaged)",
            "recovered": "are keys recovered from signatures, which attest nothing",
        }
        told += [
            f"{self._tally[name]} of {self._tally['used']} entries {what}"
            for name, what in counts.items()
            if self._tally[name]
        ]
        if self._contradicted:
            told.append(f"{len(self._contradicted)} names have more than one record; all are kept")
        return "; ".join(told) or None


def _digest(*values: Any) -> bytes:
    text = repr(values).encode("utf-8", "backslashreplace")
    return hashlib.blake2b(text, digest_size=16).digest()


def describe_key(txt: str) -> dict[str, Any]:
    """The columns of `dkim_key` that follow from the record's text alone."""
    record = read_key(txt)
    bits = None if record.key is None else record.key.bits
    strength = None
    if record.key is not None:
        strength = "usual"
        if record.key.kind == "rsa" and record.key.bits < 2048:
            strength = "1024_to_2047" if record.key.bits >= 1024 else "below_1024"
    return {
        "is_testing": record.is_testing,
        "is_revoked": record.is_revoked,
        "key_bits": bits,
        "strength": strength,
        "trouble": record.trouble,
    }


def read_whole(stream: BinaryIO) -> bytes:
    """The bytes of a key file.

    Errors    FormatError when it is larger than 256 MiB.
    """
    data = stream.read(_LARGEST_BYTES + 1)
    if len(data) > _LARGEST_BYTES:
        raise FormatError("the key file is larger than 256 MiB")
    return data


def read_time(stated: Any) -> datetime | None:
    """An instant from ISO text with an offset, or a date, which counts as UTC.

    Errors    ValueError saying what is wrong, for anything else.
    """
    if stated is None or stated == "":
        return None
    if isinstance(stated, datetime) and stated.tzinfo is not None:
        return stated.astimezone(UTC)
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
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{stated[:40]!r} lies outside the years 1 to 9999") from None


def _meant(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry by meaning, whatever its file calls the fields."""
    plain = {_plain(name): value for name, value in entry.items()}
    found: dict[str, Any] = {}
    for meaning, names in _MEANINGS.items():
        stated = [plain[name] for name in names if plain.get(name) not in (None, "")]
        if stated:
            found[meaning] = stated[0]
    return found


def _contradiction(entry: Mapping[str, Any] | Pairs) -> str:
    """What an entry states twice with different values, by any spelling: none is chosen; or ""."""
    pairs = entry if isinstance(entry, Pairs) else entry.items()
    plain: dict[str, Any] = {}
    twice: dict[str, None] = {}
    for name, value in pairs:
        meant = _plain(name)
        if value in (None, "") or not meant:
            continue
        if meant in plain and plain[meant] != value:
            twice[meant[:40]] = None
        plain[meant] = value
    texts = {plain[one] for one in _MEANINGS["txt"] if _is_record(plain.get(one))}
    told = list(twice) or (["the record"] if len(texts) > 1 else [])
    return f"the entry says more than once, and differently: {', '.join(told)}" if told else ""


def _is_record(value: Any) -> bool:
    return isinstance(value, str) and re.search(r"(?:^|[;\s])p\s*=", value) is not None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _name(meant: Mapping[str, Any]) -> str:
    stated = meant.get("name")
    if stated is None and {"selector", "domain"} <= meant.keys():
        stated = f"{meant['selector']}._domainkey.{meant['domain']}"
    return stated.strip().removesuffix(".") if isinstance(stated, str) else ""


def _is_recovered(entry: Mapping[str, Any]) -> bool:
    """Whether an entry says that its key was computed from signatures."""
    plain = {_plain(name): value for name, value in entry.items() if value not in ("", None)}
    told = (plain[name] for name in _REMARKS if isinstance(plain.get(name), str))
    if any(_RECOVERED.search(text.replace("_", " ")) for text in told):
        return True
    return any(name.startswith("gcd") for name in plain) and "dnsfirstseenat" not in plain
