"""How a tombstone is stated in custody, so that the table can be held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row of table `tombstone` as its custody line states it: what is set, time as text."""
    told = {name: value for name, value in row.items() if value is not None}
    return {**told, "forgotten_at": row["forgotten_at"].isoformat(timespec="microseconds")}
