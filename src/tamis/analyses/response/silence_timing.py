"""Posts and actions before, inside and after each silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.once import post_once
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

# One row a post, by its first version; one row an action.
_UNIT = (
    "SELECT 'post' AS counted, account_id, MIN(posted_low_at) AS low_at, "
    "MIN(posted_high_at) AS high_at FROM post_once GROUP BY root_id, account_id UNION ALL "
    "SELECT 'action' AS counted, MIN(account_id) AS account_id, MIN(acted_low_at) AS low_at, "
    "MIN(acted_high_at) AS high_at FROM action GROUP BY action_id"
)
_MEMBER = (
    "SELECT m.account_id, CASE WHEN MIN(c.grade) = 'first' THEN 'cluster_first' "
    "ELSE 'cluster_second' END AS who FROM cluster_member AS m "
    "JOIN cluster AS c ON m.cluster_id = c.cluster_id GROUP BY m.account_id"
)
# Borders lie on whole minutes, so that a minute's posts fall to one side of all of them.
_MINUTE = (
    "SELECT counted, who, low_at, high_at, COUNT(*) AS unit_count FROM ("
    "SELECT u.counted, 'all' AS who, DATE_TRUNC('minute', u.low_at) AS low_at, "
    "DATE_TRUNC('minute', u.high_at) AS high_at FROM unit AS u UNION ALL "
    "SELECT u.counted, m.who, DATE_TRUNC('minute', u.low_at) AS low_at, "
    "DATE_TRUNC('minute', u.high_at) AS high_at FROM unit AS u "
    "JOIN member AS m ON u.account_id = m.account_id) AS told "
    "GROUP BY counted, who, low_at, high_at"
)
_SIDE = (
    "SELECT w.jurisdiction, w.rule_id, w.kind, w.territory, w.vote_day, m.counted, m.who, "
    "m.unit_count, CASE WHEN m.low_at IS NULL AND m.high_at IS NULL THEN 'undated' "
    "WHEN m.high_at < w.start_low_at THEN 'before' "
    "WHEN m.low_at >= w.end_high_at THEN 'after' "
    "WHEN (w.start_state = 'any_time' OR m.low_at >= w.start_high_at) "
    "AND m.high_at < w.end_low_at THEN 'inside' ELSE 'unsure' END AS side "
    "FROM silence_window AS w CROSS JOIN minute_tally AS m "
    "WHERE NOT (w.start_state = 'not_established' AND w.end_state = 'not_established')"
)
_SUMS = ", ".join(
    f"CAST(SUM(CASE WHEN side = '{side}' THEN unit_count ELSE 0 END) AS BIGINT) AS {side}_count"
    for side in ("before", "inside", "after", "unsure", "undated")
)
_SUMMED = (
    f"SELECT jurisdiction, rule_id, kind, territory, vote_day, counted, who, {_SUMS} "  # noqa: S608 - constants
    "FROM side GROUP BY jurisdiction, rule_id, kind, territory, vote_day, counted, who"
)
_SURE = "(before_count + inside_count + after_count)"
_SHARES = ", ".join(
    f"CASE WHEN {_SURE} > 0 THEN CAST({side}_count AS DOUBLE) / {_SURE} END AS {side}_share"
    for side in ("before", "inside", "after")
)
_SILENCE_TIMING = (
    "SELECT jurisdiction, rule_id, kind, territory, vote_day, counted, who, before_count, "  # noqa: S608 - constants
    f"inside_count, after_count, unsure_count, undated_count, {_SHARES}, $run_id AS run_id, "
    "$analysis_version AS analysis_version FROM summed"
)


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from posts, actions and windows to `silence_timing`; there is nothing to set.

    Input     post, action, cluster, cluster_member, silence_window
    Output    silence_timing: one row per window, kind of unit and group of accounts
    Missing   shares are NULL where no unit has a time that decides; a window of which neither
              border is established gives no row
    Source    none: counts of intervals against borders
    Limits    This collection, not the platform; a post inside a silence may concern nobody whom
              the rule binds, and may have been written elsewhere. Membership of a cluster is no
              proof of a common will.
    """
    del params
    steps = (
        ("unit", _UNIT),
        ("member", _MEMBER),
        ("minute_tally", _MINUTE),
        ("side", _SIDE),
        ("summed", _SUMMED),
        ("silence_timing", _SILENCE_TIMING),
    )
    return (*post_once(), *(Query(name, sql, portable=True) for name, sql in steps))


ANALYSIS = Analysis(
    name="silence_timing",
    version=1,
    question="response",
    reads=("post", "action", "cluster", "cluster_member", "silence_window"),
    writes=("silence_timing",),
    params={},
    build=build,
)
