"""The earliest known post of every object, on each platform and in the whole collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.once import POST_ONCE
from tamis.analyses.spread.order import may_precede
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 3

# One row per object and post; rank 5 is a post that carries the object only by repost.
_CARRIER = (
    "SELECT object_id, post_id, MIN(CASE role WHEN 'in_text' THEN 1 WHEN 'embed' THEN 2 "
    "WHEN 'card' THEN 3 WHEN 'attachment' THEN 4 ELSE 5 END) AS role_rank "
    "FROM post_object GROUP BY object_id, post_id"
)
# A page that crawlers saw several times carried an object not later than the first crawl that
# shows it, whatever the page held before.
_BOUND = (
    "SELECT object_id, post_id, high_at, source_item_id, byte_start, byte_end FROM ("
    "SELECT o.object_id, o.post_id, p.posted_high_at AS high_at, p.source_item_id, p.byte_start, "
    "p.byte_end, ROW_NUMBER() OVER (PARTITION BY o.object_id, o.post_id "
    "ORDER BY p.posted_high_at, p.source_item_id, p.byte_start) AS place FROM post_object AS o "
    "JOIN post AS p ON o.post_id = p.post_id AND o.source_item_id = p.source_item_id "
    "AND o.byte_start = p.byte_start "
    "WHERE p.posted_at IS NULL AND p.posted_high_at IS NOT NULL) AS numbered WHERE place = 1"
)
BOUND = Query("bound", _BOUND, portable=True)
# An end that is not known stays NULL: such a post has no order with one that it may overlap.
_TIMED = (
    "SELECT c.object_id, c.post_id, p.root_id, c.role_rank, p.platform, p.account_id, "
    "p.posted_at, p.posted_low_at AS low_at, "
    "CASE WHEN p.posted_at IS NULL THEN b.high_at ELSE p.posted_high_at END AS high_at, p.clock, "
    "CASE WHEN b.post_id IS NULL THEN p.source_item_id ELSE b.source_item_id END "
    "AS source_item_id, "
    "CASE WHEN b.post_id IS NULL THEN p.byte_start ELSE b.byte_start END AS byte_start, "
    "CASE WHEN b.post_id IS NULL THEN p.byte_end ELSE b.byte_end END AS byte_end "
    "FROM carrier AS c JOIN post_once AS p ON c.post_id = p.post_id LEFT JOIN bound AS b "
    "ON c.object_id = b.object_id AND c.post_id = b.post_id AND p.posted_at IS NULL"
)
_SIGHTING = (
    "SELECT object_id, platform AS scope, post_id, root_id, role_rank, account_id, posted_at, "
    "low_at, high_at, clock, source_item_id, byte_start, byte_end FROM timed UNION ALL "
    "SELECT object_id, '*' AS scope, post_id, root_id, role_rank, account_id, posted_at, "
    "low_at, high_at, clock, source_item_id, byte_start, byte_end FROM timed"
)
# Where only the latest time of a post is known, it is the first one when even that is earlier.
_EARLIEST = (
    "SELECT object_id, scope, post_id, root_id, role_rank, account_id, low_at, high_at, clock, "
    "source_item_id, byte_start, byte_end FROM (SELECT object_id, scope, post_id, root_id, "
    "role_rank, account_id, low_at, high_at, clock, source_item_id, byte_start, byte_end, "
    "ROW_NUMBER() OVER (PARTITION BY object_id, scope "
    "ORDER BY COALESCE(low_at, high_at), high_at, post_id) AS place "
    "FROM sighting WHERE role_rank < 5 AND high_at IS NOT NULL) AS numbered WHERE place = 1"
)
# No other post with a latest time is wholly before the first one: each that is not wholly after it
# is a rival, one whose ends are unknown too.
_COUNTED = (
    "SELECT s.object_id, s.scope, "  # noqa: S608 - the inserted text is a constant condition
    "COUNT(DISTINCT CASE WHEN s.role_rank < 5 THEN s.root_id END) AS own_count, "
    "COUNT(DISTINCT CASE WHEN s.role_rank = 5 THEN s.root_id END) AS inherited_count, "
    "COUNT(DISTINCT CASE WHEN s.role_rank < 5 AND s.root_id <> e.root_id "
    f"AND {may_precede('s', 'e')} THEN s.root_id END) AS rival_count, "
    "SUM(CASE WHEN s.role_rank = 5 "
    "AND (s.low_at IS NULL OR s.low_at < e.low_at "
    "OR (e.low_at IS NULL AND s.low_at <= e.high_at)) THEN 1 ELSE 0 END) "
    "AS earlier_repost_count, "
    "COUNT(DISTINCT s.account_id) AS account_count, MAX(s.posted_at) AS last_at "
    "FROM sighting AS s JOIN earliest AS e ON s.object_id = e.object_id AND s.scope = e.scope "
    "GROUP BY s.object_id, s.scope"
)
_NAMED = (
    "SELECT object_id, MIN(kind) AS kind, MIN(display) AS display FROM object GROUP BY object_id"
)
_FIRST_SEEN = (
    "SELECT e.object_id, o.kind, o.display, e.scope AS platform, e.post_id, e.account_id, "
    "e.low_at AS first_low_at, e.high_at AS first_high_at, e.clock, "
    "(c.rival_count = 0 AND c.earlier_repost_count = 0) AS is_certain, "
    "CAST(c.rival_count AS BIGINT) AS rival_count, "
    "CASE e.role_rank WHEN 1 THEN 'in_text' WHEN 2 THEN 'embed' WHEN 3 THEN 'card' "
    "ELSE 'attachment' END AS role, CAST(c.own_count AS BIGINT) AS post_count, "
    "CAST(c.inherited_count AS BIGINT) AS inherited_count, c.account_count, c.last_at, "
    "e.source_item_id, e.byte_start, e.byte_end, $run_id AS run_id, "
    "$analysis_version AS analysis_version FROM earliest AS e "
    "JOIN counted AS c ON e.object_id = c.object_id AND e.scope = c.scope "
    "JOIN named AS o ON e.object_id = o.object_id"
)


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from posts and their objects to `first_seen`; there is nothing to set.

    Input     post, post_object, object
    Output    first_seen: one row per object and platform, and one with platform * per object
    Missing   no row for an object that only reposts carry, or only posts whose latest time is
              unknown: nothing bounds its first sight. first_low_at is NULL where the post, such as
              a page that a crawler saw, is known only to be not later than first_high_at; such a
              post has no order with one that is not wholly later. A post of unknown time, or with
              a claimed time that nothing bounds, is a rival of every first sight.
    Source    the sequence of first occurrences of Zannettou et al., IMC 2017 (arXiv 1705.06947).
              We differ in giving an interval instead of a moment, and in counting reposts of a
              post apart, because they prove an earlier original.
    Limits    Earliest in this collection, never earliest. `is_certain` says that no other post
              that carries the object itself has an interval that reaches into the first one's,
              and that no repost can begin earlier (which would prove an original outside the
              collection); it trusts the named clock. Equal intervals are ordered by post_id,
              which means nothing.
    """
    del params
    steps = (
        ("carrier", _CARRIER),
        ("timed", _TIMED),
        ("sighting", _SIGHTING),
        ("earliest", _EARLIEST),
        ("counted", _COUNTED),
        ("named", _NAMED),
        ("first_seen", _FIRST_SEEN),
    )
    return (POST_ONCE, BOUND, *(Query(name, sql, portable=True) for name, sql in steps))


ANALYSIS = Analysis(
    name="first_seen",
    version=VERSION,
    question="spread",
    reads=("post", "post_object", "object"),
    writes=("first_seen",),
    params={},
    build=build,
)
