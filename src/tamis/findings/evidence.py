"""One measured fact, and where it stands in bytes or rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outcome(StrEnum):
    """What a fact does to a claim; `UNABLE` is always a possible answer."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    NEUTRAL = "neutral"
    UNABLE = "unable"


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a fact can be looked up: a span of an item, or rows of a table."""

    item_id: str | None = None
    byte_start: int | None = None
    byte_end: int | None = None
    table: str | None = None
    rows: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The reference as canonical JSON, absent parts left out."""
        parts = {
            "item_id": self.item_id,
            "byte_start": self.byte_start,
            "byte_end": self.byte_end,
            "table": self.table,
            "rows": dict(self.rows) or None,
        }
        kept = {key: value for key, value in parts.items() if value is not None}
        try:
            return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
        except TypeError:  # text that UTF-8 cannot hold
            return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact: its outcome, a sentence a reporter can quote, and its reference."""

    outcome: Outcome
    detail: str
    ref: Ref

    def identify(self, subject_id: str, check: str, version: int) -> str:
        """The evidence_id of this fact about a subject, 32 hex digits."""
        text = "\x1f".join((subject_id, check, str(version), self.ref.to_json()))
        return hashlib.sha256(text.encode()).hexdigest()[:32]
