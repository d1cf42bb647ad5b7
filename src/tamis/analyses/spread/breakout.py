"""The breakout scale as a checklist: what a case can say on each criterion, and no level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 2
NAME = "spread.breakout"
READS = ("post", "post_object", "object", "account_snapshot", "community_member")
WRITES = ("breakout_row",)
PARAMS: Mapping[str, Any] = {"selectors": [], "followers": 100_000, "least_accounts": 5}

# The objects of the case's selectors; without any, the one that most posts carry.
SUBJECTS = Query(
    "breakout_subjects",
    """
    SELECT object_id FROM (
        SELECT mark.object_id AS object_id, count(*) AS posts,
            max(object.is_selected) AS is_selected,
            max(max(object.is_selected)) OVER () AS is_any
        FROM post_object AS mark JOIN (
            SELECT object_id, max(CASE WHEN list_contains($selectors, canonical)
                OR list_contains($selectors, '#' || canonical)
                OR list_contains($selectors, display) THEN 1 ELSE 0 END) AS is_selected
            FROM object GROUP BY object_id) AS object ON object.object_id = mark.object_id
        GROUP BY mark.object_id) AS counted
    WHERE is_selected = is_any AND object_id NOT IN (
        SELECT 'phrase:#' || strip_accents(canonical) FROM object WHERE kind = 'hashtag'
        UNION ALL SELECT 'phrase:#' || canonical FROM object WHERE kind = 'hashtag'
        UNION ALL SELECT 'phrase:' || canonical FROM object WHERE kind <> 'phrase')
    QUALIFY is_any = 1 OR row_number() OVER (ORDER BY posts DESC, object_id) = 1
    ORDER BY object_id
    """,
)
_CARRIERS = """
    FROM post_object AS mark JOIN post ON post.post_id = mark.post_id
    WHERE mark.object_id = $object_id
"""
# NULL where no communities are known: then nothing was counted. One account is no community.
_COMMUNITIES = """
    SELECT CASE WHEN (SELECT count(*) FROM community_member) > 0 THEN count(*) END AS measured
    FROM (SELECT member.community_id FROM post_object AS mark
            JOIN post ON post.post_id = mark.post_id
            JOIN community_member AS member ON member.account_id = post.account_id
        WHERE mark.object_id = $object_id GROUP BY member.community_id
        HAVING count(DISTINCT member.account_id) >= $least_accounts) AS reached
"""
_PRESS = "post.platform IN ('web', 'warc', 'feed', 'gdelt')"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: which levels need it, the count that speaks to it, and what that decides."""

    name: str
    needed_for: str
    sql: str | None
    least: int | None
    words: str
    unmeasured: str = ""


CRITERIA = (
    Criterion(
        "seen",
        "all",
        f"SELECT count(DISTINCT post.post_id) AS measured {_CARRIERS}",
        1,
        "posts that carry it",
    ),
    Criterion(
        "several_platforms",
        "2 (this or several communities), 3 and up",
        f"SELECT count(DISTINCT post.platform) AS measured {_CARRIERS} AND NOT {_PRESS}",
        2,
        "platforms of this collection that carry it",
    ),
    Criterion(
        "several_communities",
        "2 (this or several platforms), 3 and up",
        _COMMUNITIES,
        2,
        "communities with {least_accounts} accounts or more that carry it",
        "no community of the time before the incident is known here",
    ),
    Criterion(
        "outside_social_media",
        "4 and up: mainstream media carry it on",
        f"SELECT count(DISTINCT post.post_id) AS measured {_CARRIERS} AND {_PRESS}",
        None,
        "pages outside social media that carry it (whether they are mainstream media, a person "
        "says)",
    ),
    Criterion(
        "prominent_accounts",
        "5 and up: celebrities or candidates carry it on",
        f"SELECT count(DISTINCT post.account_id) AS measured {_CARRIERS} AND post.account_id IN ("  # noqa: S608
        "SELECT account_id FROM account_snapshot WHERE follower_count >= $followers)",
        None,
        "accounts of {followers:,} followers or more that carry it (whether they are prominent, a "
        "person says)",
    ),
    Criterion(
        "response",
        "6: a response of policy, concrete action, or a call for violence",
        None,
        None,
        "a collection of posts does not show it",
    ),
)


def outcome(criterion: Criterion, measured: int | None) -> str:
    """Met or not where a count decides; else not testable, with what there is to look at.

    Source    the breakout scale (Nimmo, Brookings, September 2020): 1 one platform and community;
              2 several of either; 3 several of both; 4 mainstream media; 5 prominent people;
              6 a response of policy, action or a call for violence
    Limits    a collection holds what somebody collected: what is not met in it may be met outside
    """
    if criterion.least is None or measured is None:
        return "not_testable"
    return "met" if measured >= criterion.least else "not_met"
