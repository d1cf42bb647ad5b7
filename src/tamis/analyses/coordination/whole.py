"""From what a walk over all actions at once gives to the tables of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.analyses.coordination.network import (
    CARRIED,
    EXCLUDED,
    RUN,
    final_edges,
    quoted,
    rows_of,
)
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def whole_steps(
    least: Mapping[str, int], weights: Sequence[str], *, has_excluded: bool
) -> tuple[Query, ...]:
    """The steps to what `left_out_steps` and `network_steps` make of a walk in parts.

    Such a walk has left out what is too large, settled every pair and chosen what is shown, so
    that its rows are copied, not added up.

    Input     least: the least weight of each layer, which are all the layers there are
    """
    layers = list(least)
    told = rows_of(
        layers,
        "window_s, 'too_many_pairs' AS reason, object_id, action_count, pair_count, " + RUN,
        quoted("object"),
    )
    total = " UNION ALL ".join(
        rows_of(
            [layer],
            f"window_s, CAST({bound} AS BIGINT) AS min_weight, action_count, account_count, "
            f"object_count, pair_count, left_out_count AS left_out_pair_count, {RUN}",
            quoted("total"),
        )
        for layer, bound in least.items()
    )
    proof = rows_of(
        layers,
        f"{', '.join(CARRIED)}, CAST(lag_us AS DOUBLE) / 1000000 AS lag_s",
        quoted("pair"),
    )
    edges = " UNION ALL ".join(part for kind in weights for part in final_edges(least, kind))
    named = {
        "co_action_left_out": told + EXCLUDED * has_excluded,
        "co_action_total": total,
        "co_action": edges,
        "co_action_proof": proof,
    }
    return tuple(Query(name, text, portable=True) for name, text in named.items())
