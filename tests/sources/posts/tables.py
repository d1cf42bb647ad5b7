"""What the tests of table readers share: invented rows as CSV, ids that carry a time, objects."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

START = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657


def number(second: int, millisecond: int = 500) -> str:
    """An id made in that second of the evening, as X makes them."""
    return str((int(START.timestamp()) + second) * 1000 + millisecond - EPOCH_MS << 22)


def table(*rows: dict[str, Any], names: tuple[str, ...] = ()) -> bytes:
    """Rows as CSV under their names, in the order given or that of the first row."""
    names = names or tuple(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def kinds(found: dict[str, list[dict[str, Any]]], post_id: str) -> dict[str, str]:
    """The objects of a post and their roles."""
    return {r["object_id"]: r["role"] for r in found["post_object"] if r["post_id"] == post_id}


def acts(found: dict[str, list[dict[str, Any]]]) -> set[tuple[Any, ...]]:
    """What was done: type, target post, target account, grade."""
    return {
        (a["type"], a["target_post_id"], a["target_account_id"], a["grade"])
        for a in found["action"]
    }
