"""Posts of objects by place and moment: what bursts, influence and mobilisation are made of."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.flow_steps import EMBEDDED
from tamis.analyses.spread.mobilisation.calls import call_steps
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

NAME = "spread.reactions"
VERSION = 7
READS = ("post", "post_object", "object", "action", "container", "community_member")
WRITES = ("burst", "influence", "mobilisation")
PARAMS: Mapping[str, Any] = MappingProxyType(
    {
        "least": 20,
        "scaling": 2.0,
        "gamma": 1.0,
        "levels": 2,
        "p_most": 0.01,
        "least_in_minute": 5,
        "coarsest_s": 60.0,
        "sets": 8,
        "least_group": 50,
        "most_posts": 4_000,
        "most_groups": 4,
        "replays": 40,
        "follow_s": 3_600.0,
        "shifts": 99,
        "others": 99,
        "most_calls": 20_000,
    }
)
# An account of no known community has number -1.
_COMMUNITY = """
    SELECT community_id, CAST(row_number() OVER (ORDER BY community_id) - 1 AS INTEGER)
        AS community_number FROM (SELECT DISTINCT community_id FROM community_member) AS found
"""
_MEMBER = """
    SELECT m.account_id, min(c.community_number) AS community_number FROM community_member AS m
        JOIN community_named AS c ON c.community_id = m.community_id GROUP BY m.account_id
"""
# One row a post, edits left out; a row with a time before one without.
_SEEN = """
    SELECT post_id, min(platform) AS platform, min(container_id) AS container_id,
        min(account_id) AS account_id, min(posted_at) AS posted_at,
        max(precision_s) AS precision_s, bool_or(sampling = 'stream_sample') AS is_sampled
    FROM post WHERE posted_at IS NOT NULL AND edited_of IS NULL AND precision_s <= $coarsest_s
    GROUP BY post_id
"""
_MOMENT = """
    SELECT s.*, coalesce(m.community_number, -1) AS community_number FROM seen AS s
        LEFT JOIN member AS m ON m.account_id = s.account_id
"""
_PLACE = """
    SELECT platform, container_id, CAST(row_number() OVER (
        ORDER BY platform, container_id NULLS FIRST) - 1 AS INTEGER) AS place_number,
        CAST(dense_rank() OVER (ORDER BY platform) - 1 AS INTEGER) AS platform_number
    FROM (SELECT DISTINCT platform, container_id FROM moment) AS places
"""
_CARRIED = "SELECT DISTINCT object_id, post_id FROM post_object"
_BUSY = """
    SELECT object_id, CAST(row_number() OVER (ORDER BY object_id) - 1 AS INTEGER) AS object_number
    FROM (SELECT object_id FROM carried GROUP BY object_id HAVING count(*) >= $least) AS enough
"""
_EVENT = """
    SELECT b.object_number, p.place_number, p.platform_number, m.community_number,
        epoch_us(m.posted_at) AS at_us,
        CAST(m.precision_s AS DOUBLE) AS precision_s, m.is_sampled
    FROM carried AS c JOIN busy AS b ON b.object_id = c.object_id
        JOIN moment AS m ON m.post_id = c.post_id
        JOIN place AS p ON p.platform = m.platform
            AND p.container_id IS NOT DISTINCT FROM m.container_id
    WHERE c.post_id NOT IN (SELECT post_id FROM embedded)
"""
_NAMED = """
    SELECT b.object_number, b.object_id, min(o.kind) AS kind, min(o.display) AS display
    FROM busy AS b JOIN object AS o ON o.object_id = b.object_id GROUP BY ALL
    ORDER BY b.object_number
"""
# A repost is no call of its own: it is counted with the post that it carries.
_POST_TEXT = """
    SELECT post_id, max(text) AS text FROM post WHERE text IS NOT NULL AND version = 1
        AND NOT starts_with(text, 'RT @')
        AND post_id NOT IN (SELECT post_id FROM action WHERE type IN ('repost', 'forward')
            AND post_id IS NOT NULL)
    GROUP BY post_id
"""
_NAMED_CALL = """
    SELECT c.post_id, o.object_id, b.object_number, c.pattern_id, c.language, c.kind, c.words,
        c.before, c.after, m.platform, m.container_id, p.place_number, m.account_id,
        epoch_us(m.posted_at) AS at_us, s.source_item_id, s.byte_start, s.byte_end,
        coalesce(r.repost_count, 0) AS repost_count
    FROM call AS c JOIN moment AS m ON m.post_id = c.post_id
        JOIN place AS p ON p.platform = m.platform
            AND p.container_id IS NOT DISTINCT FROM m.container_id
        JOIN (SELECT post_id, min(source_item_id) AS source_item_id,
            arg_min(byte_start, source_item_id) AS byte_start,
            arg_min(byte_end, source_item_id) AS byte_end FROM post
            WHERE post_id IN (SELECT post_id FROM call) GROUP BY post_id) AS s
            ON s.post_id = c.post_id
        LEFT JOIN (SELECT post_id, object_id FROM carried
            WHERE NOT regexp_matches(object_id, '^(domain:|phrase:#|phrase:https?://)')
            UNION SELECT post_id, object_id FROM said_tag) AS o
            ON o.post_id = c.post_id
        LEFT JOIN busy AS b ON b.object_id = o.object_id
        LEFT JOIN (SELECT target_post_id, count(DISTINCT action_id) AS repost_count FROM action
            WHERE type IN ('repost', 'quote', 'forward') GROUP BY target_post_id) AS r
            ON r.target_post_id = c.post_id
    ORDER BY m.posted_at, c.post_id, o.object_id
"""
# Not every platform marks hashtags: a call may name one in its words only.
_SAID_TAG = """
    SELECT DISTINCT said.post_id, o.object_id FROM (
        SELECT post_id, unnest(regexp_extract_all(
            lower(nfc_normalize(text)), '#([\\pL\\pM\\pN_]+)', 1)) AS tag
        FROM post_text WHERE post_id IN (SELECT post_id FROM call)) AS said
        JOIN object AS o ON o.kind = 'hashtag' AND o.object_id = 'hashtag:' || said.tag
"""
# Posts of an object in a place that were carried from a post outside the collection.
_UNSEEN = """
    SELECT b.object_number, p.place_number, m.community_number,
        count(DISTINCT a.post_id) AS unseen_count
    FROM (SELECT DISTINCT post_id, target_post_id FROM action
        WHERE type IN ('repost', 'quote', 'forward') AND post_id IS NOT NULL
            AND (target_post_id IS NULL OR target_post_id NOT IN (SELECT post_id FROM post))) AS a
        JOIN carried AS c ON c.post_id = a.post_id JOIN busy AS b ON b.object_id = c.object_id
        JOIN moment AS m ON m.post_id = a.post_id
        JOIN place AS p ON p.platform = m.platform
            AND p.container_id IS NOT DISTINCT FROM m.container_id
    GROUP BY ALL
"""


def reaction_steps() -> tuple[Step, ...]:
    """The steps to event, named, place, named_call and unseen, which the kernels read.

    Output    event: object_number, place_number, platform_number, community_number, at_us,
              precision_s, is_sampled; one row per object of 20 posts or more and post with a time
              to the minute or better; not of posts that a sample shows only inside others, which
              would make its begin a burst
    """
    first = (("community_named", _COMMUNITY), ("member", _MEMBER), ("seen", _SEEN))
    told = (("moment", _MOMENT), ("place", _PLACE), ("carried", _CARRIED), ("busy", _BUSY))
    rest = (("event", _EVENT), ("named", _NAMED), ("post_text", _POST_TEXT))
    last = (("said_tag", _SAID_TAG), ("named_call", _NAMED_CALL), ("unseen", _UNSEEN))
    return (
        EMBEDDED,
        *(Query(name, sql) for name, sql in (*first, *told, *rest)),
        *call_steps(),
        *(Query(name, sql) for name, sql in last),
    )


KEPT = ("event", "named", "place", "community_named", "named_call", "unseen")
BURST_TABLE = Query(
    "burst",
    """
    SELECT n.object_id, n.kind, n.display, coalesce(p.platform, '*') AS platform, r.method,
        r.level, make_timestamptz(r.started_us) AS started_at,
        make_timestamptz(r.ended_us) AS ended_at, r.post_count, r.usual, r.weight,
        r.p_value, r.tied_count, $run_id AS run_id, $analysis_version AS analysis_version
    FROM burst_row AS r JOIN named AS n ON n.object_number = r.object_number
        LEFT JOIN (SELECT DISTINCT platform, platform_number FROM place) AS p
            ON p.platform_number = r.platform_number
    """,
)
