"""One object through a collection: the queries of `tamis trace`."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params

from __future__ import annotations

from tamis.plan import Query

FIND = Query(
    "objects_named",
    """
    SELECT object_id, min(kind) AS kind, min(display) AS display, min(canonical) AS canonical,
        bool_or(canonical IN (SELECT item_id FROM post_item)) AS is_item FROM object
    WHERE object_id = $name OR lower(canonical) = lower($name) OR list_contains($forms, object_id)
        OR (length($name) >= 8 AND kind = 'leaked_item' AND starts_with(canonical, lower($name)))
    GROUP BY object_id ORDER BY object_id
    """,
)
ACCOUNTS = Query(
    "accounts_named",
    """
    SELECT account_id, string_agg(DISTINCT handle, ', ' ORDER BY handle) AS handles FROM account
    WHERE account_id IN (SELECT account_id FROM account
        WHERE account_id = $name OR lower(handle) = lower(ltrim($name, '@')))
    GROUP BY account_id ORDER BY account_id
    """,
)
# `www.` and the like are no part of a host's canonical form.
_ON_HOST = """
    object_id = 'url:https://' || $subject OR starts_with(object_id, 'url:https://' || $subject
        || '/') OR starts_with(object_id, 'url:https://' || $subject || ':')
"""
HOSTS = Query(
    "host_known",
    f"SELECT object_id FROM object WHERE {_ON_HOST} LIMIT 1",
)
CARRIED_BY = Query(
    "carried_by_post",
    """
    SELECT DISTINCT mark.object_id FROM post LEFT JOIN post_object AS mark
        ON mark.post_id = post.post_id
    WHERE post.post_id = $name ORDER BY mark.object_id
    """,
)
ITEMS = Query(
    "items_joined",
    """
    SELECT DISTINCT item_id FROM post_item WHERE starts_with(item_id, lower($name))
    ORDER BY item_id
    """,
)
_REPOSTS = """
    SELECT post_id FROM action WHERE type IN ('repost', 'forward') AND post_id IS NOT NULL
"""
# Which posts carry what is traced; rank 5 carries it by repost only.
CARRIERS = {
    "object": """
        SELECT post_id, min(CASE WHEN role = 'inherited' THEN 5 ELSE 1 END) AS rank
        FROM post_object WHERE object_id = $subject GROUP BY post_id""",
    "host": f"""
        SELECT post_id, min(CASE WHEN role = 'inherited' THEN 5 ELSE 1 END) AS rank
        FROM post_object WHERE {_ON_HOST} GROUP BY post_id""",
    "account": "SELECT DISTINCT post_id, 1 AS rank FROM post WHERE account_id = $subject",
    "item": f"""
        SELECT DISTINCT post_id, CASE WHEN post_id IN ({_REPOSTS}) THEN 5 ELSE 1 END AS rank
        FROM post_item WHERE item_id = $subject""",
    "phrase": f"""
        SELECT DISTINCT post_id, CASE WHEN post_id IN ({_REPOSTS}) THEN 5 ELSE 1 END AS rank
        FROM post WHERE contains(nfc_normalize(lower(text)), $word) AND contains(
            regexp_replace(nfc_normalize(lower(text)), '[\\s\\pZ]+', ' ', 'g'), $subject)""",
}
_TRACED = """
    SELECT post.post_id, coalesce(edited_of, post.post_id) AS root_id, carrier.rank, platform,
        container_id, account_id, text_hash, posted_low_at AS low_at, posted_high_at AS high_at,
        posted_at, clock, collected_at, source_item_id, byte_start, byte_end,
        nullif(split_part(lower(language_declared), '-', 1), 'und') AS language
    FROM post JOIN carrier ON carrier.post_id = post.post_id
    QUALIFY row_number() OVER (PARTITION BY post.post_id ORDER BY version, posted_at IS NULL,
        account_id IS NULL, source_item_id, coalesce(byte_start, 0)) = 1
"""
_PLACED = """
    SELECT traced.*, told.dimension, told.scope FROM (
        SELECT post_id AS told_id, unnest(['all', 'platform', 'container', 'language',
            'community']) AS dimension, unnest(['*', platform, container_id, language,
            member.community_id]) AS scope
        FROM traced LEFT JOIN community_member AS member
            ON member.account_id = traced.account_id) AS told
    JOIN traced ON traced.post_id = told.told_id WHERE told.scope IS NOT NULL
"""
_FIRST = """
    SELECT * FROM placed WHERE rank < 5 AND high_at IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY dimension, scope
        ORDER BY coalesce(low_at, high_at), high_at, post_id) = 1
"""
_SIGHT = """
    SELECT first.dimension, first.scope, first.post_id, first.account_id, first.low_at,
        first.high_at, first.clock, first.source_item_id, first.byte_start, first.byte_end,
        count(*) FILTER (WHERE placed.rank < 5) AS post_count,
        count(*) FILTER (WHERE placed.rank = 5) AS inherited_count,
        count(DISTINCT placed.account_id) AS account_count,
        count(*) FILTER (WHERE placed.rank < 5 AND placed.root_id <> first.root_id
            AND NOT coalesce(first.high_at < placed.low_at, false)) AS rival_count,
        count(*) FILTER (WHERE placed.rank = 5 AND (placed.low_at IS NULL
            OR placed.low_at < first.low_at OR first.low_at IS NULL)) AS earlier_repost_count
    FROM first JOIN placed ON placed.dimension = first.dimension AND placed.scope = first.scope
    GROUP BY ALL
"""
_DEED = """
    SELECT DISTINCT ON (action_id) action.type, action.post_id, action.account_id,
        action.target_post_id, action.target_account_id, action.acted_low_at,
        action.acted_high_at, action.acted_at, action.origin_at, action.source_item_id,
        action.byte_start
    FROM action WHERE type IN ('repost', 'quote', 'forward', 'crosspost', 'reply', 'quotelink')
        AND (post_id IN (SELECT post_id FROM traced)
            OR target_post_id IN (SELECT post_id FROM traced))
    ORDER BY action_id, acted_at IS NULL, source_item_id, coalesce(byte_start, 0)
"""


def steps(kind: str) -> tuple[Query, ...]:
    """The tables of one object: its posts, its first sights, what was done with its posts."""
    parts = (
        *(("carrier", CARRIERS[kind]), ("traced", _TRACED), ("placed", _PLACED)),
        *(("first", _FIRST), ("sight", _SIGHT), ("deed", _DEED)),
    )
    return tuple(Query(name, sql) for name, sql in parts)


KEPT = ("traced", "sight", "deed", "first")
SIGHTS = Query(
    "sights",
    """
    SELECT * FROM sight ORDER BY dimension <> 'all', dimension <> 'platform', dimension,
        coalesce(low_at, high_at), high_at, post_id
    """,
)
COVERAGE = Query(
    "coverage",
    """
    SELECT platform, count(*) AS row_count, min(posted_low_at) AS from_at,
        max(posted_high_at) AS to_at, count(posted_at) / count(*) AS known_time_share,
        list_sort(list(DISTINCT sampling)) AS sampling FROM post GROUP BY platform ORDER BY platform
    """,
)
# A repost, quote or forward of a post that was not collected: what it repeats is older than it.
# Of an account only what it repeats of its own is an earlier post of it.
UNSEEN = Query(
    "unseen_roots",
    """
    SELECT deed.type, deed.target_post_id, count(*) AS deed_count,
        min(coalesce(deed.origin_at, deed.acted_high_at)) AS not_later_than_at,
        bool_or(deed.origin_at IS NOT NULL) AS is_dated_by_origin,
        arg_min(deed.post_id, coalesce(deed.origin_at, deed.acted_high_at)) AS post_id,
        count(*) OVER () AS total_count
    FROM deed JOIN traced ON traced.post_id = deed.post_id
    WHERE deed.type IN ('repost', 'quote', 'forward', 'crosspost')
        AND ($by <> 'account' OR deed.target_account_id = $subject)
        AND (deed.target_post_id IS NULL
            OR deed.target_post_id NOT IN (SELECT post_id FROM post WHERE post_id IS NOT NULL))
        AND coalesce(deed.origin_at, deed.acted_high_at) IS NOT NULL
    GROUP BY deed.type, deed.target_post_id,
        CASE WHEN deed.target_post_id IS NULL THEN deed.origin_at END
    ORDER BY not_later_than_at, deed.target_post_id LIMIT 20
    """,
)
BACKDATED = Query(
    "backdated_clocks",
    """
    SELECT *, count(*) OVER () AS total_count FROM (
        SELECT traced.post_id, 'it answers or repeats a post that is dated later' AS why
        FROM deed JOIN traced ON traced.post_id = deed.post_id
            JOIN post AS target ON target.post_id = deed.target_post_id
        GROUP BY traced.post_id HAVING bool_or(traced.high_at < target.posted_low_at)
        UNION
        SELECT traced.post_id, 'it is dated before its account was made' AS why
        FROM traced JOIN account ON account.account_id = traced.account_id
        WHERE traced.high_at < account.created_at - INTERVAL 1 DAY
        UNION
        SELECT traced.post_id, 'a client stated its time, '
            || date_diff('day', traced.posted_at, traced.collected_at)
            || ' days before it was collected' AS why
        FROM traced WHERE traced.clock = 'client_claimed'
            AND traced.posted_at < traced.collected_at - INTERVAL 7 DAY
        UNION
        SELECT traced.post_id, 'a client stated its time, '
            || date_diff('second', traced.low_at, traced.high_at)
            || ' s away from when the platform first held it' AS why
        FROM traced WHERE traced.clock = 'client_claimed'
            AND traced.low_at < traced.high_at - INTERVAL 5 MINUTE) AS doubts
    ORDER BY post_id, why LIMIT 20
    """,
)
AMPLIFIERS = Query(
    "early_amplifiers",
    """
    SELECT deed.account_id, count(*) AS deed_count,
        count(*) FILTER (WHERE lag_s < 60) AS within_60_s_count,
        count(*) FILTER (WHERE lag_s < 300) AS within_300_s_count, min(lag_s) AS shortest_lag_s,
        count(*) OVER () AS total_count
    FROM (SELECT deed.account_id,
            date_diff('microsecond', traced.posted_at, deed.acted_at) / 1e6 AS lag_s
        FROM deed JOIN traced ON traced.post_id = deed.target_post_id
        WHERE deed.type IN ('repost', 'quote', 'forward') AND deed.account_id IS NOT NULL) AS deed
    WHERE lag_s >= 0 GROUP BY deed.account_id
    ORDER BY within_60_s_count DESC, within_300_s_count DESC, shortest_lag_s, account_id LIMIT 10
    """,
)
BRIDGES = Query(
    "bridges_of_object",
    """
    SELECT bridge.dimension, bridge.scope, bridge.account_id, bridge.crossing_count,
        bridge.expected, bridge.q_value, count(*) OVER () AS total_count
    FROM bridge_account AS bridge JOIN first ON first.account_id = bridge.account_id
        AND first.dimension = bridge.dimension AND first.scope = bridge.scope
    WHERE bridge.q_value <= 0.05
    ORDER BY bridge.q_value, bridge.account_id LIMIT 20
    """,
)
# Copies of its texts, and how many posts of the same cluster carry it in no form that is known.
COPIES = Query(
    "copies_of_texts",
    """
    SELECT copied.*, coalesce(other.other_count, 0) AS other_count, other.other_high_at,
        count(*) OVER () AS total_count
    FROM (SELECT member.kind, member.cluster_id, count(DISTINCT traced.post_id) AS post_count,
            count(DISTINCT traced.text_hash) AS text_count
        FROM traced JOIN text_cluster_member AS member ON member.text_hash = traced.text_hash
        GROUP BY ALL) AS copied
    LEFT JOIN (SELECT member.kind, member.cluster_id, count(DISTINCT post.post_id) AS other_count,
            min(post.posted_high_at) AS other_high_at
        FROM post JOIN text_cluster_member AS member ON member.text_hash = post.text_hash
        WHERE post.post_id NOT IN (SELECT post_id FROM traced) GROUP BY ALL) AS other
        ON other.kind = copied.kind AND other.cluster_id = copied.cluster_id
    ORDER BY copied.post_count DESC, copied.cluster_id LIMIT 10
    """,
)
TIES = Query(
    "ties_to_item",
    """
    SELECT method, grade, count(*) AS post_count, min(detail) AS detail
    FROM post_item WHERE $by = 'item' AND item_id = $subject
    GROUP BY ALL ORDER BY grade, method
    """,
)
TOTALS = Query(
    "posts_traced",
    """
    SELECT count(*) AS post_count, count(*) FILTER (WHERE rank < 5) AS own_count,
        count(*) FILTER (WHERE high_at IS NULL) AS undated_count,
        count(*) FILTER (WHERE language IS NULL) AS no_language_count,
        count(*) FILTER (WHERE account_id IS NULL OR account_id NOT IN
            (SELECT account_id FROM community_member)) AS no_community_count,
        count(*) FILTER (WHERE $by = 'item' AND post_id NOT IN (SELECT post_id FROM post_item
            WHERE item_id = $subject AND grade = 'strong')) AS weak_count
    FROM traced
    """,
)
UNREAD = Query(
    "rows_unread",
    """
    SELECT count(*) AS row_count FROM rejected
    WHERE source_item_id IN (SELECT item_id FROM item WHERE kind = 'posts')
    """,
)
