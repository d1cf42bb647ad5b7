"""Posts and actions by hour and platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.once import action_once, post_once
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 2

# Edits that are posts of their own count as the post that they edit, at its first time.
_EDITED = "SELECT DISTINCT edited_of AS root_id FROM post WHERE edited_of IS NOT NULL"
_DATED = (
    "SELECT platform, account_id, posted_at FROM post_once WHERE posted_at IS NOT NULL "
    "AND root_id NOT IN (SELECT root_id FROM edited) UNION ALL "
    "SELECT platform, account_id, posted_at FROM (SELECT platform, account_id, posted_at, "
    "ROW_NUMBER() OVER (PARTITION BY root_id ORDER BY posted_at, post_id) AS place "
    "FROM post_once WHERE posted_at IS NOT NULL AND root_id IN (SELECT root_id FROM edited)) "
    "AS numbered WHERE place = 1"
)
# An action's platform is that of the post or account by which it was done.
_TALLIED = (
    "SELECT platform, 'post' AS kind, account_id, posted_at AS at_time FROM dated_post "
    "UNION ALL "
    "SELECT SPLIT_PART(COALESCE(post_id, account_id, target_post_id), ':', 1) AS platform, "
    "type AS kind, account_id, acted_at AS at_time FROM action_once WHERE acted_at IS NOT NULL "
    "AND COALESCE(post_id, account_id, target_post_id) IS NOT NULL"
)
# Accounts first, then hours: a count of distinct accounts in one step takes half as long again.
_TALLY = (
    "SELECT hour_at, platform, kind, CAST(SUM(count_of_account) AS BIGINT) AS count_in_hour, "
    "COUNT(account_id) AS account_count, $run_id AS run_id, "
    "$analysis_version AS analysis_version FROM ("
    "SELECT DATE_TRUNC('hour', at_time) AS hour_at, platform, kind, account_id, "
    "COUNT(*) AS count_of_account FROM tallied "
    "GROUP BY DATE_TRUNC('hour', at_time), platform, kind, account_id) AS by_account "
    "GROUP BY hour_at, platform, kind"
)


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from posts and actions to `tally`; there is nothing to set.

    Input     post, action
    Output    tally: one row per hour (UTC), platform and kind (post, or a type of action)
    Missing   a post or action without a time is counted nowhere; an hour without any has no row
    Source    plain counting, after no publication
    Limits    Counts the collection, which may be a sample. A post with several versions counts
              once, at its first. An hour is taken from the stated time, also where the interval
              is wider.
    """
    del params
    return (
        *post_once(("post_id", "root_id", "platform", "account_id", "posted_at")),
        *action_once(("type", "account_id", "post_id", "target_post_id", "acted_at")),
        Query("edited", _EDITED, portable=True),
        Query("dated_post", _DATED, portable=True),
        Query("tallied", _TALLIED, portable=True),
        Query("tally", _TALLY, portable=True),
    )


ANALYSIS = Analysis(
    name="tally",
    version=VERSION,
    question="spread",
    reads=("post", "action"),
    writes=("tally",),
    params={},
    build=build,
)
