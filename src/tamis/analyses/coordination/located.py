"""Where the post or action behind each row of evidence ends in its file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamis.analyses.coordination.network import PROVEN
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tamis.plan import Step

_RESULT = "co_action_evidence"
_RUN = ("run_id", "analysis_version")
_NAMED = ("source_item_id", "byte_start")
_SIDES = " UNION ".join(
    f"SELECT {', '.join(f'{name}_{side} AS {name}' for name in _NAMED)} FROM co_action_placed"  # noqa: S608
    for side in "ab"
)
_HELD = " UNION ALL ".join(
    f"SELECT t.source_item_id, t.byte_start, t.byte_end FROM {table} AS t "  # noqa: S608
    "JOIN evidence_place AS p ON t.source_item_id = p.source_item_id "
    "AND t.byte_start = p.byte_start"
    for table in ("post", "action")
)
# Rows of one place that end differently would be two readings of it: none is chosen.
_ENDS = (
    "SELECT source_item_id, byte_start, MIN(byte_end) AS byte_end "  # noqa: S608
    f"FROM ({_HELD}) AS held GROUP BY source_item_id, byte_start "
    "HAVING MIN(byte_end) = MAX(byte_end)"
)
_END = {
    "byte_start_a": "e.byte_start_a, x.byte_end AS byte_end_a",
    "byte_start_b": "e.byte_start_b, y.byte_end AS byte_end_b",
}
_COLUMNS = ", ".join(_END.get(name, f"e.{name}") for name in (*PROVEN.names, *_RUN))
_LOCATED = (
    f"SELECT {_COLUMNS} FROM co_action_placed AS e "  # noqa: S608
    "LEFT JOIN evidence_end AS x ON x.source_item_id = e.source_item_id_a "
    "AND x.byte_start = e.byte_start_a "
    "LEFT JOIN evidence_end AS y ON y.source_item_id = e.source_item_id_b "
    "AND y.byte_start = e.byte_start_b"
)


def located(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps, with `co_action_evidence` saying where each side's row of the file ends.

    Input     the steps to co_action_evidence; the tables post and action of the case
    Missing   byte_end is NULL where the file has no byte addresses
    """
    for step in steps:
        if step.name != _RESULT:
            yield step
            continue
        yield replace(step, name="co_action_placed")
        yield Query("evidence_place", _SIDES, portable=True)
        yield Query("evidence_end", _ENDS, portable=True)
        yield Query(_RESULT, _LOCATED, portable=True)
