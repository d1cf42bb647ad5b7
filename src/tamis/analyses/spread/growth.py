"""Who carried an object from hundreds of posts to tens of thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 1
PARAMS: Mapping[str, Any] = {"least_posts": 1_000, "places": 10}

_HOT = (
    "SELECT object_id, ROW_NUMBER() OVER (ORDER BY object_id) AS hot_no FROM ("
    "SELECT m.object_id FROM post_object AS m WHERE m.object_id IN (SELECT object_id FROM object "
    "WHERE kind IN ('hashtag', 'url', 'phrase')) GROUP BY m.object_id "
    "HAVING COUNT(*) >= $least_posts) AS much"
)
# Posts once each, however many files and roles tell of them; a post without a time has no place.
_CARRIED = (
    "SELECT h.hot_no, m.post_id, MIN(p.posted_at) AS posted_at, MIN(p.account_id) AS account_id "
    "FROM post_object AS m JOIN hot AS h ON m.object_id = h.object_id "
    "JOIN post AS p ON m.post_id = p.post_id WHERE p.posted_at IS NOT NULL "
    "GROUP BY h.hot_no, m.post_id"
)
_PLACED = (
    "SELECT hot_no, post_id, account_id, posted_at, CASE WHEN place <= 100 THEN 1 "
    "WHEN place <= 1000 THEN 100 WHEN place <= 10000 THEN 1000 WHEN place <= 100000 THEN 10000 "
    "WHEN place <= 1000000 THEN 100000 ELSE 1000000 END AS from_count FROM ("
    "SELECT hot_no, post_id, account_id, posted_at, ROW_NUMBER() OVER ("
    "PARTITION BY hot_no ORDER BY posted_at, post_id) AS place FROM carried) AS numbered"
)
_PASSING = (
    "SELECT post_id, MIN(target_account_id) AS account_id FROM action "
    "WHERE type IN ('repost', 'forward') AND post_id IS NOT NULL "
    "AND target_account_id IS NOT NULL GROUP BY post_id"
)
_STRETCH = (
    "SELECT hot_no, from_count, COUNT(*) AS stretch_count, MIN(posted_at) AS from_at, "
    "MAX(posted_at) AS to_at FROM placed GROUP BY hot_no, from_count"
)
_RECEIVED = (
    "SELECT p.hot_no, p.from_count, a.account_id, COUNT(*) AS received_count "
    "FROM placed AS p JOIN passing AS a ON p.post_id = a.post_id "
    "GROUP BY p.hot_no, p.from_count, a.account_id"
)
_RANKED = (
    "SELECT hot_no, from_count, account_id, received_count, SUM(received_count) OVER ("
    "PARTITION BY hot_no, from_count) AS repost_count, ROW_NUMBER() OVER ("
    "PARTITION BY hot_no, from_count ORDER BY received_count DESC, account_id) AS place "
    "FROM received"
)
_BEST = (
    "SELECT hot_no, from_count, account_id, received_count, repost_count, place FROM ranked "
    "WHERE place <= $places"
)
# An account's own posts with the object, reposts apart.
_BEGUN = (
    "SELECT c.hot_no, c.account_id, MIN(c.posted_at) AS first_at FROM carried AS c "
    "WHERE c.account_id IN (SELECT account_id FROM best) "
    "AND c.post_id NOT IN (SELECT post_id FROM passing) GROUP BY c.hot_no, c.account_id"
)
_GROWTH = (
    "SELECT h.object_id, CAST(b.from_count AS BIGINT) AS from_count, "
    "CASE WHEN b.from_count = 1 THEN s.stretch_count ELSE b.from_count + s.stretch_count END "
    "AS to_count, s.from_at, s.to_at, CAST(b.repost_count AS BIGINT) AS repost_count, b.place, "
    "b.account_id, b.received_count, "
    "CAST(b.received_count AS DOUBLE) / b.repost_count AS received_share, "
    "g.first_at AS account_first_at, g.first_at < s.from_at AS is_before, "
    "$run_id AS run_id, $analysis_version AS analysis_version FROM best AS b "
    "JOIN hot AS h ON b.hot_no = h.hot_no "
    "JOIN stretch AS s ON b.hot_no = s.hot_no AND b.from_count = s.from_count "
    "LEFT JOIN begun AS g ON b.hot_no = g.hot_no AND b.account_id = g.account_id"
)


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from posts, their objects and actions to `growth`.

    Input     post, post_object, object, action. Only objects with `least_posts` posts have a
              growth; `places`: how many accounts a stretch lists
    Output    growth: one row per object, stretch (to 100 posts, to 1,000, to 10,000, …) and account
              whose posts were passed on most in it
    Missing   no row for a stretch in which nothing was passed on
    Source    plain counting, after no publication
    Limits    An account received reposts while the object grew; that it made the object grow does
              not follow. A repost is credited to the author of what it passes on, not to who
              brought it there. Posts of one instant are ordered by their id, which means nothing.
    """
    told = {**PARAMS, **params}
    chosen = {name: int(told[name]) for name in PARAMS}
    steps = (
        ("hot", _HOT),
        ("carried", _CARRIED),
        ("placed", _PLACED),
        ("passing", _PASSING),
        ("stretch", _STRETCH),
        ("received", _RECEIVED),
        ("ranked", _RANKED),
        ("best", _BEST),
        ("begun", _BEGUN),
        ("growth", _GROWTH),
    )
    return tuple(Query(name, sql, chosen, portable=True) for name, sql in steps)


ANALYSIS = Analysis(
    name="growth",
    version=VERSION,
    question="spread",
    reads=("action", "object", "post", "post_object"),
    writes=("growth",),
    params=PARAMS,
    build=build,
)
