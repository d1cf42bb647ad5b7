"""The earliest known post of every object, on each platform and in the whole collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.once import post_once
from tamis.analyses.spread.order import may_precede
from tamis.plan import Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Step

VERSION = 3

# Objects go by numbers: text is compared where it comes in and where it goes out.
_NAMED = (
    "SELECT object_id, MIN(kind) AS kind, MIN(display) AS display, "
    "ROW_NUMBER() OVER (ORDER BY object_id) AS object_no FROM object GROUP BY object_id"
)
# One row per object and post; rank 5 is a post that carries the object only by repost.
_CARRIER = (
    "SELECT n.object_no, o.post_id, MIN(CASE o.role WHEN 'in_text' THEN 1 WHEN 'embed' THEN 2 "
    "WHEN 'card' THEN 3 WHEN 'attachment' THEN 4 ELSE 5 END) AS role_rank "
    "FROM post_object AS o JOIN named AS n ON o.object_id = n.object_id "
    "GROUP BY n.object_no, o.post_id"
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
_LATE = (
    "SELECT n.object_no, b.post_id, b.high_at, b.source_item_id, b.byte_start, b.byte_end "
    "FROM bound AS b JOIN named AS n ON b.object_id = n.object_id"
)
_EDITED = "SELECT DISTINCT edited_of AS root_id FROM post WHERE edited_of IS NOT NULL"
# An end that is not known stays NULL: such a post has no order with one that it may overlap.
# `shared_id` names the post that several rows are versions of; most posts are their only one.
_TIMED = (
    "SELECT c.object_no, c.post_id, e.root_id AS shared_id, c.role_rank, p.platform, "
    "p.account_id, p.posted_at, p.posted_low_at AS low_at, "
    "CASE WHEN p.posted_at IS NULL THEN b.high_at ELSE p.posted_high_at END AS high_at "
    "FROM carrier AS c JOIN post_once AS p ON c.post_id = p.post_id "
    "LEFT JOIN edited AS e ON p.root_id = e.root_id LEFT JOIN late AS b "
    "ON c.object_no = b.object_no AND c.post_id = b.post_id AND p.posted_at IS NULL"
)
# A post with one row is counted as it comes; only versions of one post have to be told apart.
_BY_ACCOUNT = (
    "SELECT object_no, platform, account_id, "
    "SUM(CASE WHEN role_rank < 5 AND shared_id IS NULL THEN 1 ELSE 0 END) AS own_count, "
    "SUM(CASE WHEN role_rank = 5 AND shared_id IS NULL THEN 1 ELSE 0 END) AS inherited_count, "
    "MIN(CASE WHEN role_rank < 5 AND high_at IS NOT NULL "
    "THEN COALESCE(low_at, high_at) END) AS begun_at, MAX(posted_at) AS last_at "
    "FROM timed GROUP BY object_no, platform, account_id"
)
_BY_PLATFORM = (
    "SELECT object_no, platform, SUM(own_count) AS own_count, "
    "SUM(inherited_count) AS inherited_count, COUNT(account_id) AS account_count, "
    "MIN(begun_at) AS begun_at, MAX(last_at) AS last_at FROM by_account "
    "GROUP BY object_no, platform"
)
# An account of several platforms is one account of the whole collection.
_EVERYWHERE = (
    "SELECT object_no, platform AS scope, own_count, inherited_count, account_count, last_at "
    "FROM by_platform UNION ALL "
    "SELECT t.object_no, '*' AS scope, t.own_count, t.inherited_count, a.account_count, t.last_at "
    "FROM (SELECT object_no, SUM(own_count) AS own_count, SUM(inherited_count) "
    "AS inherited_count, MAX(last_at) AS last_at FROM by_platform GROUP BY object_no) AS t "
    "JOIN (SELECT object_no, COUNT(account_id) AS account_count FROM ("
    "SELECT DISTINCT object_no, account_id FROM by_account) AS once GROUP BY object_no) AS a "
    "ON t.object_no = a.object_no"
)
_VERSIONS = (
    "SELECT object_no, platform, shared_id, role_rank FROM timed WHERE shared_id IS NOT NULL"
)
_SHARED = (
    "SELECT object_no, scope, COUNT(DISTINCT CASE WHEN role_rank < 5 THEN shared_id END) "
    "AS own_count, COUNT(DISTINCT CASE WHEN role_rank = 5 THEN shared_id END) AS inherited_count "
    "FROM (SELECT object_no, platform AS scope, shared_id, role_rank FROM versions UNION ALL "
    "SELECT object_no, '*' AS scope, shared_id, role_rank FROM versions) AS every "
    "GROUP BY object_no, scope"
)
# Where only the latest time of a post is known, it is the first one when even that is earlier.
_FIRST = (
    "SELECT object_no, platform AS scope, post_id, root_id, role_rank, account_id, low_at, high_at "
    "FROM (SELECT t.object_no, t.platform, t.post_id, COALESCE(t.shared_id, t.post_id) AS root_id, "
    "t.role_rank, t.account_id, t.low_at, t.high_at, ROW_NUMBER() OVER ("
    "PARTITION BY t.object_no, t.platform ORDER BY t.high_at, t.post_id) AS place "
    "FROM timed AS t JOIN by_platform AS b ON t.object_no = b.object_no "
    "AND t.platform = b.platform AND COALESCE(t.low_at, t.high_at) = b.begun_at "
    "WHERE t.role_rank < 5 AND t.high_at IS NOT NULL) AS numbered WHERE place = 1"
)
_EARLIEST = (
    "SELECT object_no, scope, post_id, root_id, role_rank, account_id, low_at, high_at "
    "FROM platform_first UNION ALL "
    "SELECT object_no, '*' AS scope, post_id, root_id, role_rank, account_id, low_at, high_at "
    "FROM (SELECT object_no, post_id, root_id, role_rank, account_id, low_at, high_at, "
    "ROW_NUMBER() OVER (PARTITION BY object_no ORDER BY COALESCE(low_at, high_at), high_at, "
    "post_id) AS place FROM platform_first) AS numbered WHERE place = 1"
)
_REACH = (
    "SELECT object_no, MAX(CASE WHEN low_at > high_at THEN low_at ELSE high_at END) AS until_at "
    "FROM earliest GROUP BY object_no"
)
# Nearly every post of an object is wholly later than its first ones: those that are not, are few.
_NEAR = (
    "SELECT t.object_no, t.platform, COALESCE(t.shared_id, t.post_id) AS root_id, t.role_rank, "
    "t.low_at, t.high_at FROM timed AS t JOIN reach AS r ON t.object_no = r.object_no "
    "WHERE t.low_at IS NULL OR t.low_at <= r.until_at"
)
# No other post with a latest time is wholly before the first one: each that is not wholly after it
# is a rival, one whose ends are unknown too.
_RIVALS = (
    "SELECT e.object_no, e.scope, "  # noqa: S608 - the inserted text is a constant condition
    "COUNT(DISTINCT CASE WHEN s.role_rank < 5 AND s.root_id <> e.root_id "
    f"AND {may_precede('s', 'e')} THEN s.root_id END) AS rival_count, "
    "SUM(CASE WHEN s.role_rank = 5 "
    "AND (s.low_at IS NULL OR s.low_at < e.low_at "
    "OR (e.low_at IS NULL AND s.low_at <= e.high_at)) THEN 1 ELSE 0 END) "
    "AS earlier_repost_count FROM ("
    "SELECT object_no, platform AS scope, root_id, role_rank, low_at, high_at FROM near UNION ALL "
    "SELECT object_no, '*' AS scope, root_id, role_rank, low_at, high_at FROM near) AS s "
    "JOIN earliest AS e ON s.object_no = e.object_no AND s.scope = e.scope "
    "GROUP BY e.object_no, e.scope"
)
_FIRST_POST = "SELECT DISTINCT post_id FROM earliest"
_FIRST_SEEN = (
    "SELECT o.object_id, o.kind, o.display, e.scope AS platform, e.post_id, e.account_id, "
    "e.low_at AS first_low_at, e.high_at AS first_high_at, p.clock, "
    "(r.rival_count = 0 AND r.earlier_repost_count = 0) AS is_certain, "
    "CAST(r.rival_count AS BIGINT) AS rival_count, "
    "CASE e.role_rank WHEN 1 THEN 'in_text' WHEN 2 THEN 'embed' WHEN 3 THEN 'card' "
    "ELSE 'attachment' END AS role, "
    "CAST(c.own_count + COALESCE(s.own_count, 0) AS BIGINT) AS post_count, "
    "CAST(c.inherited_count + COALESCE(s.inherited_count, 0) AS BIGINT) AS inherited_count, "
    "c.account_count, c.last_at, "
    "CASE WHEN b.post_id IS NULL THEN p.source_item_id ELSE b.source_item_id END "
    "AS source_item_id, "
    "CASE WHEN b.post_id IS NULL THEN p.byte_start ELSE b.byte_start END AS byte_start, "
    "CASE WHEN b.post_id IS NULL THEN p.byte_end ELSE b.byte_end END AS byte_end, "
    "$run_id AS run_id, $analysis_version AS analysis_version FROM earliest AS e "
    "JOIN counted AS c ON e.object_no = c.object_no AND e.scope = c.scope "
    "JOIN rivals AS r ON e.object_no = r.object_no AND e.scope = r.scope "
    "JOIN named AS o ON e.object_no = o.object_no "
    "JOIN post_once AS p ON e.post_id = p.post_id "
    "LEFT JOIN shared AS s ON e.object_no = s.object_no AND e.scope = s.scope "
    "LEFT JOIN late AS b ON e.object_no = b.object_no AND e.post_id = b.post_id "
    "AND p.posted_at IS NULL"
)
_MOMENTS = (
    *("post_id", "root_id", "platform", "account_id", "posted_at", "posted_low_at"),
    "posted_high_at",
)
_PLACES = ("post_id", "posted_at", "clock", "source_item_id", "byte_start", "byte_end")


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
        ("late", _LATE),
        ("edited", _EDITED),
        ("carrier", _CARRIER),
        ("timed", _TIMED),
        ("by_account", _BY_ACCOUNT),
        ("by_platform", _BY_PLATFORM),
        ("counted", _EVERYWHERE),
        ("versions", _VERSIONS),
        ("shared", _SHARED),
        ("platform_first", _FIRST),
        ("earliest", _EARLIEST),
        ("reach", _REACH),
        ("near", _NEAR),
        ("rivals", _RIVALS),
        ("first_post", _FIRST_POST),
    )
    return (
        *post_once(_MOMENTS),
        BOUND,
        Query("named", _NAMED, portable=True),
        *(Query(name, sql, portable=True) for name, sql in steps),
        *post_once(_PLACES, within="first_post"),
        Query("first_seen", _FIRST_SEEN, portable=True),
    )


ANALYSIS = Analysis(
    name="first_seen",
    version=VERSION,
    question="spread",
    reads=("post", "post_object", "object"),
    writes=("first_seen",),
    params={},
    build=build,
)
