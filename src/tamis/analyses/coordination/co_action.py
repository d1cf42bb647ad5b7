"""Which accounts acted on the same object within a window, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.coordination.case_actions import LAYERS, case_actions
from tamis.analyses.coordination.walk.schema import WALKED
from tamis.errors import PlanError
from tamis.plan import Kernel, Query, identifier
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tamis.plan import Partition, Step

VERSION = 1
_WEIGHT_SQL = {
    "distinct_objects": "shared_count",
    "co_pairs": "pair_count",
    "distinct_messages": "GREATEST(message_count_a, message_count_b)",
}
WEIGHTS = tuple(_WEIGHT_SQL)
PARAMS: Mapping[str, Any] = {
    "windows_s": (60.0,),
    "min_weight": 2,
    "weights": ("distinct_objects",),
    "layers": LAYERS,
    "evidence_limit": 1_000_000,
    "pair_budget": 2_000_000_000,
}


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from a case's tables to `co_action` and `co_action_evidence`.

    Input     action, post, post_object, object
    Output    co_action: one row per layer, window, kind of weight and pair of accounts
              co_action_evidence: one row per pair of actions behind a kept pair of accounts
              co_action_total: in-window pairs of actions of different accounts
              co_action_excluded: rows left out, by layer and reason
    Missing   rows without account or time take no part and are counted in co_action_excluded
    Source    co-action within a sliding window as in CooRTweet 2.1.3 and the Coordination Network
              Toolkit 1.5.2. `co_pairs` counts pairs of actions (CooRTweet); `distinct_messages`
              is the larger of the two directed counts of own posts (the Toolkit keeps both);
              `distinct_objects`, the default, cannot be raised by repetition. Unlike them we
              never pair an account with itself, order the pair by text and keep every figure
              on its own side, and every pair of actions stays visible as evidence.
    Limits    acting together is no proof of a common will: sessions, alerts and influencers
              produce it too; without a null model the weight alone accuses nobody
    """
    settled = {**PARAMS, **params}
    return (*case_actions(tuple(settled["layers"])), *merged(settled))


def merged(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from tables called `<layer>_action` (columns: schema.ACTIONS) to the results.

    Errors    PlanError for a kind of weight, a window or a minimum that makes no sense.
    """
    settled = {**PARAMS, **params}
    _check(settled)
    layers = [identifier(layer) for layer in settled["layers"]]
    return (
        *(_walked(layer, settled) for layer in layers),
        _added_up(layers),
        _co_action(layers, settled),
        *_evidence(layers, settled),
        _totals(layers),
    )


def _check(params: Mapping[str, Any]) -> None:
    wrong = [kind for kind in params["weights"] if kind not in WEIGHTS]
    if wrong or not params["weights"]:
        raise PlanError(f"weight {wrong[:1] or 'list'} is unknown; use {', '.join(WEIGHTS)}")
    if not params["windows_s"] or any(not 0 <= window < 10**9 for window in params["windows_s"]):
        raise PlanError("a window is a number of seconds from 0 up")
    if int(params["min_weight"]) < 1:
        raise PlanError("min_weight is at least 1")


def _walk(table: pa.Table, params: Mapping[str, Any], part: Partition) -> pa.Table:
    from tamis.analyses.coordination.walk.kernel import walk  # noqa: PLC0415  # imports numba

    return walk(table, params, part)


def _walked(layer: str, params: Mapping[str, Any]) -> Kernel:
    names = ("windows_s", "min_weight", "weights", "evidence_limit", "pair_budget")
    return Kernel(
        name=f"{layer}_walked",
        version=VERSION,
        function=_walk,
        source=f"{layer}_action",
        output_schema=WALKED,
        partition_by=("object_id",),
        order_by=("acted_at",),
        halo_s=float(max(params["windows_s"])),
        is_sorted=False,
        params={"layer": layer, **{name: params[name] for name in names}},
    )


_FIGURES = "shared_count, pair_count, message_count_a, message_count_b, lag_median_s, a_first_share"


def _added_up(layers: list[str]) -> Query:
    """The pairs of accounts that several calls of the kernel share, over all calls."""
    return Query(
        "co_action_added_up",
        " UNION ALL ".join(
            f"SELECT '{layer}' AS layer, window_s, account_a, account_b, "  # noqa: S608  # names passed identifier()
            "COUNT(DISTINCT object_id) AS shared_count, COUNT(*) AS pair_count, "
            "COUNT(DISTINCT post_id_a) AS message_count_a, "
            "COUNT(DISTINCT post_id_b) AS message_count_b, "
            "CAST(MEDIAN(lag_us) AS DOUBLE) / 1000000 AS lag_median_s, "
            "CAST(SUM(CASE WHEN lag_us > 0 THEN 2 WHEN lag_us = 0 THEN 1 ELSE 0 END) AS DOUBLE) "
            "/ (2 * COUNT(*)) AS a_first_share "
            f"FROM {layer}_walked WHERE kind = 'part' "
            "GROUP BY window_s, account_a, account_b"
            for layer in layers
        ),
        portable=True,
    )


def _co_action(layers: list[str], params: Mapping[str, Any]) -> Query:
    """Final pairs of accounts as they come, and those added up, once for each kind of weight."""

    def rows(kind: str, layer: str, source: str, chosen: str) -> str:
        weight = _WEIGHT_SQL[kind]
        return (
            f"SELECT {layer}, window_s, '{kind}' AS weight_kind, account_a, account_b, "  # noqa: S608
            f"{weight} AS weight, {_FIGURES}, CAST(NULL AS DOUBLE) AS expected, "
            "CAST(NULL AS DOUBLE) AS p_value, CAST(NULL AS DOUBLE) AS q_value, "
            "$run_id AS run_id, $analysis_version AS analysis_version "
            f"FROM {source} WHERE {chosen}{weight} >= $min_weight"
        )

    parts = []
    for kind in params["weights"]:
        parts += [
            rows(kind, f"'{layer}' AS layer", f"{layer}_walked", "kind = 'edge' AND ")
            for layer in layers
        ]
        parts.append(rows(kind, "layer", "co_action_added_up", ""))
    limit = {"min_weight": int(params["min_weight"])}
    return Query("co_action", " UNION ALL ".join(parts), limit, portable=True)


def _evidence(layers: list[str], params: Mapping[str, Any]) -> tuple[Query, ...]:
    """The pairs of actions of the strongest edges, as many whole classes as fit the limit."""
    columns = "layer, window_s, account_a, account_b, shared_count, pair_count"
    several = "DISTINCT " if len(params["weights"]) > 1 else ""
    edges = f"(SELECT {several}{columns} FROM co_action)"  # noqa: S608
    strength = (
        "SELECT layer, window_s, shared_count, pair_count, SUM(pair_count) AS held "  # noqa: S608
        f"FROM {edges} AS edge GROUP BY layer, window_s, shared_count, pair_count"
    )
    running = (
        "SELECT layer, window_s, shared_count, pair_count, SUM(held) OVER ("  # noqa: S608
        "PARTITION BY layer, window_s ORDER BY shared_count DESC, pair_count DESC "
        f"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far FROM ({strength}) AS class"
    )
    shown = (
        "SELECT e.layer, e.window_s, e.account_a, e.account_b "  # noqa: S608
        f"FROM {edges} AS e JOIN ({running}) AS c "
        "ON e.layer = c.layer AND e.window_s = c.window_s AND e.shared_count = c.shared_count "
        "AND e.pair_count = c.pair_count WHERE c.so_far <= $evidence_limit"
    )
    pairs = " UNION ALL ".join(
        f"SELECT '{layer}' AS layer, w.* FROM {layer}_walked AS w "  # noqa: S608
        "WHERE w.kind IN ('pair', 'part')"
        for layer in layers
    )
    text = (
        "SELECT w.layer, w.window_s, w.account_a, w.account_b, w.object_id, "  # noqa: S608
        "w.post_id_a, w.post_id_b, w.acted_at_a, w.acted_at_b, "
        "CAST(w.lag_us AS DOUBLE) / 1000000 AS lag_s, w.source_item_id_a, w.byte_start_a, "
        "w.source_item_id_b, w.byte_start_b, "
        "$run_id AS run_id, $analysis_version AS analysis_version "
        f"FROM ({pairs}) AS w JOIN co_action_shown AS s ON w.layer = s.layer "
        "AND w.window_s = s.window_s AND w.account_a = s.account_a AND w.account_b = s.account_b"
    )
    limit = {"evidence_limit": int(params["evidence_limit"])}
    return (
        Query("co_action_shown", shown, limit, portable=True),
        Query("co_action_evidence", text, portable=True),
    )


def _totals(layers: list[str]) -> Query:
    return Query(
        "co_action_total",
        " UNION ALL ".join(
            f"SELECT '{layer}' AS layer, window_s, CAST(SUM(pair_count) AS BIGINT) AS pair_count "  # noqa: S608
            f"FROM {layer}_walked WHERE kind = 'total' GROUP BY window_s"
            for layer in layers
        ),
        portable=True,
    )


ANALYSIS = Analysis(
    name="co_action",
    version=VERSION,
    question="coordination",
    reads=("action", "post", "post_object", "object"),
    writes=("co_action", "co_action_evidence"),
    params=PARAMS,
    build=build,
)
