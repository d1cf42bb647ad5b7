"""Where a large container was cut: spans of it, told to the parent as they are met."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.run.intake_work import microseconds
from tamis.syntax.mail.charset import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

SPAN_SCHEMA = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("position", pa.int64(), nullable=False),
        pa.field("byte_start", pa.int64(), nullable=False),
        pa.field("byte_end", pa.int64(), nullable=False),
        pa.field("claimed_type", pa.string()),
        pa.field("is_member", pa.bool_(), nullable=False),
        pa.field("is_path", pa.bool_(), nullable=False),
        pa.field("modified_us", pa.int64()),
        pa.field("member_of", pa.string()),
    ]
)
_FLUSH_SPANS = 10_000


@dataclass(slots=True)
class Cuts:
    """Rows of `span`, written while they are few: a mailbox of any size takes little memory."""

    out: Any
    count: int = 0
    _waiting: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, place: Mapping[str, Any], position: int) -> None:
        """Note one child that is read later, in a job of its own."""
        self._waiting.append(_span_row(name, place, position))
        self.count += 1
        if len(self._waiting) >= _FLUSH_SPANS:
            self.write()

    def write(self) -> None:
        """Hand over what was met so far."""
        if self._waiting:
            batch = pa.RecordBatch.from_pylist(self._waiting, SPAN_SCHEMA)
            self.out.arrow("span", SPAN_SCHEMA).write(batch)
            self._waiting.clear()


def _span_row(name: str, place: Mapping[str, Any], position: int) -> dict[str, Any]:
    return {
        "name": storable(name),
        "position": position,
        "byte_start": place["byte_start"],
        "byte_end": place["byte_end"],
        "claimed_type": place.get("claimed_type"),
        "is_member": bool(place.get("is_member")),
        "is_path": bool(place.get("is_path")),
        "modified_us": microseconds(place.get("container_modified_at")),
        "member_of": place["member_of"],
    }
