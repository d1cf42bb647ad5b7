"""Accounts by the reposts, quotes and forwards they made, and how soon after the post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.once import action_once, post_once
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
PARAMS: Mapping[str, Any] = {"early_s": 60}

_ACTION = ("type", "account_id", "target_post_id", "target_account_id", "acted_at")
_TARGET = (
    "SELECT DISTINCT target_post_id AS post_id FROM action_once "
    "WHERE type IN ('repost', 'quote', 'forward') AND target_post_id IS NOT NULL"
)
_CARRIED = (
    "SELECT a.account_id, a.target_post_id, "
    "COALESCE(p.account_id, a.target_account_id) AS author_id, "
    "DATE_DIFF('microsecond', p.posted_at, a.acted_at) AS lag_us FROM action_once AS a "
    "LEFT JOIN post_once AS p ON a.target_post_id = p.post_id "
    "WHERE a.type IN ('repost', 'quote', 'forward')"
)
_MADE = (
    "SELECT account_id, COUNT(*) AS repost_count, COUNT(DISTINCT target_post_id) AS target_count, "
    "SUM(CASE WHEN lag_us BETWEEN 0 AND $early_s * 1000000 THEN 1 ELSE 0 END) AS early_count "
    "FROM carried WHERE account_id IS NOT NULL GROUP BY account_id"
)
# The middle lag, or the mean of the two middle ones, written so that every engine agrees.
_MIDDLE = (
    "SELECT account_id, AVG(lag_us) / 1000000.0 AS median_lag_s FROM ("
    "SELECT account_id, lag_us, ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY lag_us) "
    "AS place, COUNT(*) OVER (PARTITION BY account_id) AS lag_count FROM carried "
    "WHERE lag_us >= 0 AND account_id IS NOT NULL) AS ordered "
    "WHERE 2 * place BETWEEN lag_count AND lag_count + 2 GROUP BY account_id"
)
_RECEIVED = (
    "SELECT author_id, COUNT(*) AS received_count FROM carried WHERE author_id IS NOT NULL "
    "GROUP BY author_id"
)
_HANDLE = (
    "SELECT account_id, MAX(handle) AS handle FROM account WHERE handle IS NOT NULL "
    "GROUP BY account_id"
)
_AMPLIFIER = (
    "SELECT m.account_id, h.handle, m.repost_count, m.target_count, "
    "CAST(m.early_count AS BIGINT) AS early_count, CAST(d.median_lag_s AS DOUBLE) AS median_lag_s, "
    "COALESCE(r.received_count, 0) AS received_count, $run_id AS run_id, "
    "$analysis_version AS analysis_version FROM made AS m "
    "LEFT JOIN middle AS d ON m.account_id = d.account_id "
    "LEFT JOIN received AS r ON m.account_id = r.author_id "
    "LEFT JOIN known_handle AS h ON m.account_id = h.account_id"
)


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from actions to `amplifier`; `early_s` is how soon is early, in seconds.

    Input     action, post, account
    Output    amplifier: one row per account that carried another post
    Missing   `median_lag_s` is NULL where no carried post is in the collection with a time
    Source    plain counting. That reposts within a minute tell programs and readied crowds from
              readers is the reasoning of the 2017 reports on #MacronLeaks; the test against the
              account's own other posts is not made here.
    Limits    A count, no judgement: news desks, fans and programs all repost fast. Times have the
              clock's resolution (X: one second), so that a lag of 60 s may be 61. An account
              that reposts itself is counted. A repost dated before its post has no lag.
    """
    early_s = {**PARAMS, **params}["early_s"]
    return (
        *action_once(_ACTION),
        Query("target", _TARGET, portable=True),
        *post_once(("post_id", "account_id", "posted_at"), within="target"),
        Query("carried", _CARRIED, portable=True),
        Query("made", _MADE, {"early_s": int(early_s)}, portable=True),
        Query("middle", _MIDDLE, portable=True),
        Query("received", _RECEIVED, portable=True),
        Query("known_handle", _HANDLE, portable=True),
        Query("amplifier", _AMPLIFIER, portable=True),
    )


ANALYSIS = Analysis(
    name="amplifier",
    version=VERSION,
    question="spread",
    reads=("action", "post", "account"),
    writes=("amplifier",),
    params=PARAMS,
    build=build,
)
