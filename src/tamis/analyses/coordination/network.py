"""From what the walk gives to the tables of the network: sums over calls, weights, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.analyses.coordination.layers import LAYERS
from tamis.analyses.coordination.why import why
from tamis.plan import Kernel, Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.plan import Partition, Step

_WEIGHT_SQL = {
    "distinct_objects": "shared_count",
    "co_pairs": "pair_count",
    "distinct_messages": "GREATEST(message_count_a, message_count_b)",
}
WEIGHTS = tuple(_WEIGHT_SQL)
_PAIR = "layer, window_s, account_a, account_b"
_FIGURES = (
    "shared_count, pair_count, message_count_a, message_count_b, lag_median_s, lag_low_s, "
    "lag_high_s, a_first_share, object_count_a, object_count_b, cosine, jaccard"
)
RUN = "$run_id AS run_id, $analysis_version AS analysis_version"
EXCLUDED = (
    " UNION ALL SELECT layer, CAST(NULL AS DOUBLE), reason, CAST(NULL AS VARCHAR), "  # noqa: S608  # texts of this module
    f"row_count, CAST(NULL AS BIGINT), {RUN} FROM co_action_excluded"
)


def rows_of(layers: Sequence[str], columns: str, kinds: str) -> str:
    """Rows of the walk of every layer, of the given kinds."""
    return " UNION ALL ".join(
        f"SELECT '{layer}' AS layer, {columns} FROM {layer}_walked WHERE kind IN ({kinds})"  # noqa: S608  # names passed identifier()
        for layer in layers
    )


def _sorted_out(layers: Sequence[str]) -> Query:
    """The rows of the walk that are looked at several times: all but pairs that are final."""
    columns = (
        "kind, window_s, account_a, account_b, object_id, post_id_a, post_id_b, acted_at_a, "
        "acted_at_b, lag_us, source_item_id_a, byte_start_a, source_item_id_b, byte_start_b, "
        "pair_count, action_count, account_count, object_count, left_out_count"
    )
    kinds = quoted("total", "object", "part")
    return Query("walked_rest", rows_of(layers, columns, kinds), portable=True)


def left_out_steps(
    layers: Sequence[str], object_limit: int, *, has_excluded: bool
) -> tuple[Query, ...]:
    """The steps to `co_action_left_out`, and to `co_action_part` without what it names.

    A part of an object cannot know whether the whole is too large: the sum over all calls says.
    """
    large = (
        "SELECT layer, window_s, object_id, CAST(SUM(pair_count) AS BIGINT) AS pair_count "
        "FROM walked_rest WHERE kind = 'object' GROUP BY layer, window_s, object_id "
        "HAVING SUM(pair_count) > $object_limit"
    )
    held = " UNION ALL ".join(
        f"SELECT '{layer}' AS layer, object_id, COUNT(*) AS action_count FROM {layer}_action "  # noqa: S608  # names passed identifier()
        f"WHERE object_id IN (SELECT object_id FROM large_object WHERE layer = '{layer}') "
        "GROUP BY object_id"
        for layer in layers
    )
    told = (
        "SELECT l.layer, l.window_s, 'too_many_pairs' AS reason, l.object_id, h.action_count, "  # noqa: S608  # texts of this module
        f"l.pair_count, {RUN} FROM large_object AS l JOIN ({held}) AS h "
        "ON l.layer = h.layer AND l.object_id = h.object_id"
    )
    if has_excluded:
        told += EXCLUDED
    part = (
        "SELECT p.* FROM walked_rest AS p "
        "LEFT JOIN large_object AS l ON p.layer = l.layer AND p.window_s = l.window_s "
        "AND p.object_id = l.object_id WHERE p.kind = 'part' AND l.object_id IS NULL"
    )
    return (
        _sorted_out(layers),
        Query("large_object", large, {"object_limit": object_limit}, portable=True),
        Query("co_action_left_out", told, portable=True),
        Query("co_action_part", part, portable=True),
    )


def network_steps(
    least: Mapping[str, int], weights: Sequence[str], evidence_limit: int
) -> tuple[Query, ...]:
    """The steps to co_action, co_action_total and the pairs of actions that prove it.

    They hold however the walk saw its rows; `whole_steps` does with fewer where it saw them all.

    Input     least: the least weight of each layer, which are all the layers there are
    """
    layers = list(least)
    return (
        *_counted(layers, least),
        *_profiles([layer for layer in layers if not is_directed(layer)]),
        *_added_up(),
        _co_action(least, weights),
        *_shown(layers, weights, evidence_limit),
    )


def is_directed(layer: str) -> bool:
    """Whether the layer keeps who came first, so that its walk only lists pairs of actions."""
    return layer in LAYERS and LAYERS[layer].is_directed


def quoted(*names: str) -> str:
    """The names as SQL texts, separated by commas."""
    return ", ".join(f"'{name}'" for name in names)


def _counted(layers: Sequence[str], least: Mapping[str, int]) -> tuple[Query, ...]:
    """What each layer held; counted from the actions only where the walk came in parts."""
    summed = (
        "SELECT layer, window_s, MAX(action_count) AS action_count, "
        "MAX(account_count) AS account_count, MAX(object_count) AS object_count, "
        "CAST(SUM(pair_count) AS BIGINT) AS pair_count, "
        "CAST(SUM(left_out_count) AS BIGINT) AS left_out_pair_count "
        "FROM walked_rest WHERE kind = 'total' GROUP BY layer, window_s"
    )
    held = " UNION ALL ".join(
        f"SELECT '{layer}' AS layer, COUNT(*) AS action_count, "  # noqa: S608  # names passed identifier()
        "COUNT(DISTINCT account_id) AS account_count, COUNT(DISTINCT object_id) AS object_count "
        f"FROM {layer}_action WHERE EXISTS (SELECT 1 FROM summed_total AS s "
        f"WHERE s.layer = '{layer}' AND s.action_count IS NULL)"
        for layer in layers
    )
    hidden = (
        "SELECT p.layer, p.window_s, COUNT(*) AS pair_count FROM walked_rest AS p "
        "JOIN large_object AS l ON p.layer = l.layer AND p.window_s = l.window_s "
        "AND p.object_id = l.object_id WHERE p.kind = 'part' GROUP BY p.layer, p.window_s"
    )
    bounds = " ".join(f"WHEN s.layer = '{layer}' THEN {least[layer]}" for layer in layers)
    total = (
        f"SELECT s.layer, s.window_s, CAST(CASE {bounds} END AS BIGINT) AS min_weight, "  # noqa: S608  # texts of this module
        "COALESCE(s.action_count, h.action_count) AS action_count, "
        "COALESCE(s.account_count, h.account_count) AS account_count, "
        "COALESCE(s.object_count, h.object_count) AS object_count, s.pair_count, "
        "s.left_out_pair_count + COALESCE(g.pair_count, 0) AS left_out_pair_count, "
        f"{RUN} FROM summed_total AS s LEFT JOIN held_action AS h ON s.layer = h.layer "
        "LEFT JOIN hidden_pair AS g ON s.layer = g.layer AND s.window_s = g.window_s"
    )
    return (
        Query("summed_total", summed, portable=True),
        Query("held_action", held, portable=True),
        Query("hidden_pair", hidden, portable=True),
        Query("co_action_total", total, portable=True),
    )


def _profiles(layers: Sequence[str]) -> tuple[Query, ...]:
    """What the accounts of pairs in parts used at all; empty where the walk saw every action.

    The same numbers as `walk.profile` has, for the accounts that need them.
    """
    if not layers:
        return (Query("object_load", _NO_LOAD, portable=True),)
    used = " UNION ALL ".join(
        f"SELECT '{layer}' AS layer, account_id, object_id, COUNT(*) AS tf FROM {layer}_action "  # noqa: S608  # names passed identifier()
        f"WHERE account_id IN (SELECT account_id FROM paired WHERE layer = '{layer}') "
        "GROUP BY account_id, object_id"
        for layer in layers
    )
    spread = " UNION ALL ".join(
        f"SELECT '{layer}' AS layer, object_id, COUNT(DISTINCT account_id) AS user_count "  # noqa: S608  # names passed identifier()
        f"FROM {layer}_action WHERE object_id IN "
        f"(SELECT object_id FROM used_object WHERE layer = '{layer}') GROUP BY object_id"
        for layer in layers
    )
    paired = (
        "SELECT layer, account_a AS account_id FROM co_action_part "
        "UNION SELECT layer, account_b AS account_id FROM co_action_part"
    )
    load = (
        "SELECT u.layer, u.account_id, u.object_id, "
        "u.tf * (LN(CAST(1 + t.account_count AS DOUBLE) / (1 + s.user_count)) + 1) AS held "
        "FROM used_object AS u JOIN object_spread AS s "
        "ON u.layer = s.layer AND u.object_id = s.object_id "
        "JOIN (SELECT layer, MAX(account_count) AS account_count FROM co_action_total "
        "GROUP BY layer) AS t ON u.layer = t.layer"
    )
    return (
        Query("paired", paired, portable=True),
        Query("used_object", used, portable=True),
        Query("object_spread", spread, portable=True),
        Query("object_load", load, portable=True),
    )


_NO_LOAD = (
    "SELECT layer, account_a AS account_id, object_id, CAST(0 AS DOUBLE) AS held "
    "FROM co_action_part WHERE window_s < 0"
)


def _added_up() -> tuple[Query, ...]:
    """The pairs of accounts that several calls of the kernel share, over all calls."""
    ranked = (
        f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {_PAIR} ORDER BY lag_us) AS place, "  # noqa: S608  # texts of this module
        f"COUNT(*) OVER (PARTITION BY {_PAIR}) AS held FROM co_action_part"
    )
    summed = (
        f"SELECT {_PAIR}, COUNT(DISTINCT object_id) AS shared_count, COUNT(*) AS pair_count, "  # noqa: S608  # texts of this module
        "COUNT(DISTINCT post_id_a) AS message_count_a, "
        "COUNT(DISTINCT post_id_b) AS message_count_b, "
        "CAST(MEDIAN(lag_us) AS DOUBLE) / 1000000 AS lag_median_s, "
        "CAST(MIN(CASE WHEN 4 * place >= held THEN lag_us END) AS DOUBLE) / 1000000 AS lag_low_s, "
        "CAST(MAX(CASE WHEN 4 * (held - place + 1) >= held THEN lag_us END) AS DOUBLE) / 1000000 "
        "AS lag_high_s, "
        "CAST(SUM(CASE WHEN lag_us > 0 THEN 2 WHEN lag_us = 0 THEN 1 ELSE 0 END) AS DOUBLE) "
        f"/ (2 * COUNT(*)) AS a_first_share FROM ranked_part GROUP BY {_PAIR}"
    )
    length = (
        "SELECT layer, account_id, COUNT(*) AS object_count, SUM(held * held) AS square "
        "FROM object_load GROUP BY layer, account_id"
    )
    met = (
        "SELECT p.layer, p.window_s, p.account_a, p.account_b, SUM(x.held * y.held) AS met "  # noqa: S608  # texts of this module
        f"FROM (SELECT DISTINCT {_PAIR}, object_id FROM co_action_part) AS p "
        "JOIN object_load AS x ON x.layer = p.layer AND x.account_id = p.account_a "
        "AND x.object_id = p.object_id "
        "JOIN object_load AS y ON y.layer = p.layer AND y.account_id = p.account_b "
        "AND y.object_id = p.object_id "
        "GROUP BY p.layer, p.window_s, p.account_a, p.account_b"
    )
    joined = (
        "SELECT s.*, a.object_count AS object_count_a, b.object_count AS object_count_b, "
        "CASE WHEN m.met > SQRT(a.square * b.square) THEN 1 "
        "ELSE m.met / SQRT(a.square * b.square) END AS cosine, "
        "CAST(s.shared_count AS DOUBLE) / (a.object_count + b.object_count - s.shared_count) "
        "AS jaccard FROM summed_part AS s "
        "LEFT JOIN load_length AS a ON s.layer = a.layer AND s.account_a = a.account_id "
        "LEFT JOIN load_length AS b ON s.layer = b.layer AND s.account_b = b.account_id "
        "LEFT JOIN load_met AS m ON s.layer = m.layer AND s.window_s = m.window_s "
        "AND s.account_a = m.account_a AND s.account_b = m.account_b"
    )
    named = {
        "ranked_part": ranked,
        "summed_part": summed,
        "load_length": length,
        "load_met": met,
        "co_action_added_up": joined,
    }
    return tuple(Query(name, text, portable=True) for name, text in named.items())


def final_edges(least: Mapping[str, int], kind: str) -> list[str]:
    """The rows of co_action of one kind of weight, for pairs that the walk has settled."""
    return [
        _edges(
            kind,
            f"'{layer}' AS layer",
            f"{layer}_walked",
            f"kind = 'edge' AND {_WEIGHT_SQL[kind]} >= {bound}",
        )
        for layer, bound in least.items()
    ]


def _edges(kind: str, layer: str, source: str, chosen: str) -> str:
    return (
        f"SELECT {layer}, window_s, '{kind}' AS weight_kind, account_a, account_b, "  # noqa: S608
        f"{_WEIGHT_SQL[kind]} AS weight, {_FIGURES}, {RUN} FROM {source} WHERE {chosen}"
    )


def _co_action(least: Mapping[str, int], weights: Sequence[str]) -> Query:
    """Final pairs of accounts as they come, and those added up, once for each kind of weight."""
    parts = []
    bounds = " ".join(f"WHEN layer = '{layer}' THEN {bound}" for layer, bound in least.items())
    for kind in weights:
        chosen = f"{_WEIGHT_SQL[kind]} >= CASE {bounds} END"
        parts += final_edges(least, kind)
        parts.append(_edges(kind, "layer", "co_action_added_up", chosen))
    return Query("co_action", " UNION ALL ".join(parts), portable=True)


def _shown(layers: Sequence[str], weights: Sequence[str], evidence_limit: int) -> tuple[Query, ...]:
    """The pairs of actions of the strongest edges, as many whole classes as fit the limit."""
    columns = f"{_PAIR}, shared_count, pair_count"
    several = "DISTINCT " if len(weights) > 1 else ""
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
    if not evidence_limit:
        shown = f"SELECT {_PAIR} FROM co_action WHERE 1 = 0"  # noqa: S608  # a text of this module
    given = ", ".join((*CARRIED, "lag_us"))
    walked = rows_of(layers, given, quoted("pair")) + " UNION ALL " if evidence_limit else ""
    pairs = f"{walked}SELECT layer, {given} FROM co_action_part"  # noqa: S608
    picked = ", ".join(f"w.{name}" for name in CARRIED)
    text = (
        f"SELECT w.layer, {picked}, CAST(w.lag_us AS DOUBLE) / 1000000 AS lag_s "  # noqa: S608
        f"FROM ({pairs}) AS w JOIN co_action_shown AS s ON w.layer = s.layer "
        "AND w.window_s = s.window_s AND w.account_a = s.account_a AND w.account_b = s.account_b"
    )
    return (
        Query("co_action_shown", shown, {"evidence_limit": evidence_limit}, portable=True),
        Query("co_action_proof", text, portable=True),
    )


def evidence_steps() -> tuple[Step, ...]:
    """The steps from the pairs of actions that are shown to co_action_evidence."""
    columns = ", ".join(PROVEN.names)
    text = f"SELECT {columns}, {RUN} FROM co_action_proven"  # noqa: S608
    return (
        Kernel(
            "co_action_proven",
            1,
            _proven,
            "co_action_proof",
            PROVEN,
            ("object_id",),
            is_sorted=False,
        ),
        Query("co_action_evidence", text, portable=True),
    )


_TIME = pa.timestamp("us", tz="UTC")
PROVEN = pa.schema(
    [
        ("layer", pa.string()),
        ("window_s", pa.float64()),
        *((name, pa.string()) for name in ("account_a", "account_b", "object_id")),
        *((name, pa.string()) for name in ("post_id_a", "post_id_b")),
        *((name, _TIME) for name in ("acted_at_a", "acted_at_b")),
        ("lag_s", pa.float64()),
        ("source_item_id_a", pa.string()),
        ("byte_start_a", pa.int64()),
        ("source_item_id_b", pa.string()),
        ("byte_start_b", pa.int64()),
        ("why", pa.string()),
    ]
)
CARRIED = tuple(name for name in PROVEN.names if name not in {"layer", "lag_s", "why"})


def _proven(table: pa.Table, _: Mapping[str, Any], __: Partition) -> pa.Table:
    """The rows with the sentence that each of them is."""
    columns = [
        why(table) if field.name == "why" else table.column(field.name).cast(field.type)
        for field in PROVEN
    ]
    return pa.Table.from_arrays(columns, schema=PROVEN)
