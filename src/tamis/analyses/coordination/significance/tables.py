"""The stage of the null models: what it reads of a case or network, as queries."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = "coordination.significance"
VERSION = 2
READS = (
    *("action", "post", "post_object", "object", "text_cluster_member", "account"),
    *("co_action", "co_action_evidence", "co_action_total", "co_action_left_out"),
)
WRITES = (
    *("co_action_significance", "co_action_significance_total"),
    *("cluster", "cluster_member"),
)
PARAMS: Mapping[str, Any] = MappingProxyType({})
# A pair of who wrote and who reposted has one publisher, so its matches count once: no test.
UNTESTED = "fast_repost"

KEPT = Query(
    "kept_pair",
    """
    SELECT k.layer, k.window_s, k.account_a, k.account_b,
        COALESCE(e.evidence_count, 0) AS evidence_count
    FROM (
        SELECT layer, window_s, account_a, account_b FROM co_action WHERE layer <> 'fast_repost'
        GROUP BY layer, window_s, account_a, account_b
    ) AS k LEFT JOIN (
        SELECT layer, window_s, account_a, account_b, COUNT(*) AS evidence_count
        FROM co_action_evidence GROUP BY layer, window_s, account_a, account_b
    ) AS e ON k.layer = e.layer AND k.window_s = e.window_s AND k.account_a = e.account_a
        AND k.account_b = e.account_b
    ORDER BY k.layer, k.window_s, k.account_a, k.account_b
    """,
    portable=True,
)
LEFT_OUT = Query(
    "left_out_object",
    """
    SELECT layer, window_s, object_id FROM co_action_left_out
    WHERE reason = 'too_many_pairs' AND object_id IS NOT NULL
    """,
    portable=True,
)
LOOKS = Query(
    "look",
    """
    SELECT layer, window_s, min_weight, account_count FROM co_action_total
    WHERE layer <> 'fast_repost' ORDER BY layer, window_s
    """,
    portable=True,
)
CREATED = Query(
    "created_account",
    """
    SELECT account_id, MIN(created_at) AS created_at FROM account
    WHERE created_at IS NOT NULL GROUP BY account_id
    """,
    portable=True,
)
# Who published what is passed on, and when: its post in the case, else what a repost says of it.
_SOURCES: Mapping[str, str] = {
    "co_repost": """
        SELECT object_id, MIN(target_account_id) AS publisher_id, MIN(origin_at) AS published_at
        FROM fast_repost_candidate GROUP BY object_id
    """,
    "co_reply": """
        SELECT r.object_id, MIN(COALESCE(p.account_id, r.target_account_id)) AS publisher_id,
            MIN(p.posted_at) AS published_at
        FROM co_reply_candidate AS r LEFT JOIN first_post AS p ON p.post_id = r.object_id
        GROUP BY r.object_id
    """,
}


def actions_of(layer: str) -> Query:
    """The actions of one layer, from its table of `case_actions`."""
    return Query(
        f"{layer}_tested",
        f"SELECT object_id, account_id, acted_at FROM {layer}_action",  # noqa: S608  # of LAYERS
        portable=True,
    )


def source_steps(layers: Sequence[str]) -> tuple[Query, ...]:
    """The steps to `<layer>_source` (object_id, publisher_id, published_at), where any is known.

    Input     first_post, fast_repost_candidate and <layer>_candidate of `case_actions`
    Limits    a link, domain, hashtag, text or medium has no publisher that we could know: the
              owner of a site is not who brought it up
    """
    return tuple(
        Query(f"{layer}_source", text, portable=True)
        for layer, text in _SOURCES.items()
        if layer in layers
    )
