"""What the stage of crossings reads and writes, and the queries before and after its kernel."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tamis.analyses.spread.first_seen import BOUND
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "spread.crossing"
VERSION = 4
READS = ("post", "post_object", "object", "action", "account", "community_member", "activity_clock")
WRITES = ("first_sight_scope", "crossing", "crossing_order", "bridge_account")
PARAMS: Mapping[str, Any] = MappingProxyType(
    {"least_accounts": 5, "least_objects": 20, "most_scopes": 10, "draws": 200, "seed": 2017}
)
# In which dimensions a first sight is looked for; crossings leave out the container.
DIMENSIONS = ("platform", "container", "language", "community", "clock")
CROSSED = ("platform", "language", "community", "clock")

_OBJECT = """
    SELECT object_id, kind, row_number() OVER (ORDER BY object_id) - 1 AS object_no
    FROM (SELECT object_id, min(kind) AS kind FROM object GROUP BY object_id)
"""
# What a post only repeats was introduced by the post that it repeats.
_CARRIED = """
    SELECT DISTINCT sight_object.object_no AS object_no, post_object.post_id AS post_id
    FROM post_object JOIN sight_object ON sight_object.object_id = post_object.object_id
    WHERE post_object.role <> 'inherited'
"""
# As `once.POST_ONCE` chooses, with more columns and only the posts that carry something.
_POST = """
    SELECT row_number() OVER () - 1 AS post_no, post_id, edited_of, platform, container_id,
        account_id, posted_low_at, posted_high_at, posted_at IS NULL AS is_bound_only, clock,
        source_item_id, byte_start, byte_end,
        CASE WHEN split_part(lower(language_declared), '-', 1) IN ('', 'und', 'zxx', 'mis', 'mul',
            'qme', 'qst', 'qht', 'qam', 'qct', 'art') THEN NULL
            ELSE split_part(lower(language_declared), '-', 1) END AS language
    FROM (SELECT * FROM post WHERE post_id IN (SELECT post_id FROM carried_by) QUALIFY row_number()
        OVER (PARTITION BY post_id ORDER BY version, posted_at IS NULL, account_id IS NULL,
            source_item_id, coalesce(byte_start, 0), posted_at, account_id) = 1)
"""
# A post that answers or quotes a post with the same object did not bring it from elsewhere.
_ANSWER = """
    SELECT DISTINCT carried_by.object_no AS object_no, carried_by.post_id AS post_id
    FROM action JOIN carried_by ON carried_by.post_id = action.post_id
        JOIN carried_by AS target ON target.post_id = action.target_post_id
            AND target.object_no = carried_by.object_no
    WHERE action.type IN ('reply', 'quote', 'quotelink', 'repost', 'forward', 'crosspost',
        'link_to_post')
"""
_SIGHTING = """
    SELECT carried_by.object_no AS object_no, sight_post.post_no AS post_no,
        epoch_us(sight_post.posted_low_at) AS low_us,
        epoch_us(CASE WHEN is_bound_only THEN bound.high_at ELSE sight_post.posted_high_at END)
            AS high_us,
        answer.post_id IS NOT NULL AS is_answer
    FROM carried_by JOIN sight_post ON sight_post.post_id = carried_by.post_id
        JOIN sight_object ON sight_object.object_no = carried_by.object_no
        LEFT JOIN bound ON is_bound_only AND bound.object_id = sight_object.object_id
            AND bound.post_id = carried_by.post_id
        LEFT JOIN answer ON answer.object_no = carried_by.object_no
            AND answer.post_id = carried_by.post_id
    ORDER BY carried_by.object_no, coalesce(low_us, high_us), high_us, carried_by.post_id
"""
SIGHTINGS = (
    Query("sight_object", _OBJECT),
    Query("carried_by", _CARRIED),
    Query("sight_post", _POST),
    BOUND,
    Query("answer", _ANSWER),
    Query("object_sighting", _SIGHTING),
)
KEPT = ("sight_object", "sight_post", "object_sighting")
# What each post is in each dimension, in the order of post_no; NULL is unknown.
_OF_ACCOUNT = """
    SELECT told.{column} AS scope FROM sight_post LEFT JOIN (
        SELECT account_id, min({value}) AS {column} FROM {table} GROUP BY account_id) AS told
        ON told.account_id = sight_post.account_id
    ORDER BY sight_post.post_no
"""
SCOPES: Mapping[str, Query] = MappingProxyType(
    {
        "platform": Query("platforms", "SELECT platform AS scope FROM sight_post ORDER BY post_no"),
        "container": Query(
            "containers", "SELECT container_id AS scope FROM sight_post ORDER BY post_no"
        ),
        "language": Query("languages", "SELECT language AS scope FROM sight_post ORDER BY post_no"),
        "community": Query(
            "communities",
            _OF_ACCOUNT.format(
                column="community_id", value="community_id", table="community_member"
            ),
        ),
        "clock": Query(
            "clock_profiles",
            _OF_ACCOUNT.format(
                column="profile",
                value="CASE WHEN len(offsets) > 0 THEN 'hours from UTC: ' || regexp_replace("
                "array_to_string(offsets, ', '), '\\.0\\b', '', 'g') END",
                table="activity_clock",
            ),
        ),
    }
)
ACCOUNTS = Query("sight_accounts", "SELECT account_id FROM sight_post ORDER BY post_no")
ROOTS = Query(
    "sight_roots",
    """
    SELECT post.post_no AS post_no, coalesce(root.post_no, post.post_no) AS root_no
    FROM sight_post AS post JOIN sight_post AS root ON root.post_id = post.edited_of
    """,
)
KINDS = Query("sight_kinds", "SELECT kind FROM sight_object ORDER BY object_no")
# An account that lives no longer than its thread brings nothing twice.
LASTING = Query(
    "lasting_accounts", "SELECT DISTINCT account_id FROM account WHERE scope = 'global'"
)

_RUN = "$run_id AS run_id, $analysis_version AS analysis_version"
FIRST_SIGHT_SCOPE = Query(
    "first_sight_scope_made",
    f"""
    SELECT o.object_id, o.kind, f.dimension, s.scope, f.place, p.post_id, p.account_id,
        make_timestamptz(f.low_us) AS first_low_at, make_timestamptz(f.high_us) AS first_high_at,
        p.clock, f.rival_count = 0 AS is_certain, f.rival_count, f.post_count,
        f.introduction_count, p.source_item_id, p.byte_start, p.byte_end, {_RUN}
    FROM scope_found AS f JOIN sight_object AS o ON o.object_no = f.object_no
        JOIN sight_post AS p ON p.post_no = f.post_no
        JOIN scope_name AS s ON s.dimension = f.dimension AND s.scope_no = f.scope_no
    """,  # noqa: S608  # texts of this module
)
# A lag between two intervals is an interval too.
CROSSING = Query(
    "crossing_made",
    f"""
    WITH f AS (
        SELECT *, lag(scope_no) OVER w AS before_no, lag(low_us) OVER w AS before_low_us,
            lag(high_us) OVER w AS before_high_us, first_value(scope_no) OVER w AS origin_no,
            first_value(low_us) OVER w AS origin_low_us
        FROM scope_found WHERE dimension <> 'container'
        WINDOW w AS (PARTITION BY dimension, object_no ORDER BY place)
    )
    SELECT o.object_id, o.kind, f.dimension, f.place, origin_name.scope AS origin_scope,
        before_name.scope AS from_scope, s.scope AS to_scope, p.post_id, p.account_id,
        make_timestamptz(f.low_us) AS crossed_low_at,
        make_timestamptz(f.high_us) AS crossed_high_at,
        p.clock, (f.low_us - f.before_high_us) / 1e6 AS lag_low_s,
        (f.high_us - f.before_low_us) / 1e6 AS lag_high_s,
        (f.low_us - f.origin_low_us) / 1e6 AS origin_lag_s,
        coalesce(f.before_high_us < f.low_us, false) AS is_order_certain,
        f.introduction_count, p.source_item_id, p.byte_start, p.byte_end, {_RUN}
    FROM f JOIN sight_object AS o ON o.object_no = f.object_no
        JOIN sight_post AS p ON p.post_no = f.post_no
        JOIN scope_name AS s ON s.dimension = f.dimension AND s.scope_no = f.scope_no
        JOIN scope_name AS before_name ON before_name.dimension = f.dimension
            AND before_name.scope_no = f.before_no
        JOIN scope_name AS origin_name ON origin_name.dimension = f.dimension
            AND origin_name.scope_no = f.origin_no
    WHERE f.place > 1
    """,  # noqa: S608  # texts of this module
)
