"""The query that answers a claim: one SELECT over tables of the case, to be asked again."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

# One row per post: root, first time, account, whether it carries the subject itself.
_SHAPE = (
    "min(post.account_id) AS account_id, min(post.platform) AS platform, "
    "min(post.posted_at) AS begin_at, min(post.posted_low_at) AS low_at, "
    "min(post.posted_high_at) AS high_at, min(post.language_declared) AS language_is"
)
_ROOT = "coalesce(post.edited_of, post.post_id)"
_REPOSTED = "SELECT post_id FROM action WHERE type = 'repost' AND post_id IS NOT NULL"
_CARRIED = {
    "object": f"""
        SELECT {_ROOT} AS post_id, {_SHAPE}, max(mark.role <> 'inherited') AS is_own
        FROM post_object AS mark JOIN post ON post.post_id = mark.post_id
        WHERE list_contains($subjects, mark.object_id) GROUP BY {_ROOT}
    """,
    "account": f"""
        SELECT {_ROOT} AS post_id, {_SHAPE}, NOT bool_or(post.post_id IN ({_REPOSTED})) AS is_own
        FROM post WHERE list_contains($subjects, post.account_id) GROUP BY {_ROOT}
    """,
    "post": f"""
        SELECT {_ROOT} AS post_id, {_SHAPE}, true AS is_own
        FROM post WHERE list_contains($subjects, post.post_id) GROUP BY {_ROOT}
    """,
    "collection": f"""
        SELECT {_ROOT} AS post_id, {_SHAPE}, NOT bool_or(post.post_id IN ({_REPOSTED})) AS is_own
        FROM post WHERE len($subjects) = 0 GROUP BY {_ROOT}
    """,
}
_LIMITS = """
    ($platform IS NULL OR platform = $platform)
    AND ($from_at IS NULL OR begin_at >= CAST($from_at AS TIMESTAMPTZ))
    AND ($to_at IS NULL OR begin_at < CAST($to_at AS TIMESTAMPTZ))
    AND ($window_s IS NULL OR (begin_at >= (SELECT start_at FROM start)
        AND begin_at < (SELECT start_at FROM start)
            + to_microseconds(CAST($window_s * 1e6 AS BIGINT))))
"""
_PASSED = """
    SELECT coalesce(post_id, action_id) AS post_id, min(account_id) AS account_id,
        min(split_part(coalesce(post_id, account_id, target_post_id), ':', 1)) AS platform,
        min(acted_at) AS begin_at
    FROM action WHERE type = 'repost' AND (target_post_id IN (SELECT post_id FROM carried)
        OR list_contains($subjects, target_account_id))
    GROUP BY coalesce(post_id, action_id)
"""
_NUMBERS = {
    "posts": "SELECT count(*) AS measured FROM inside",
    "own_posts": "SELECT count(*) AS measured FROM inside WHERE is_own",
    "reposts": f"SELECT count(*) AS measured FROM ({_PASSED}) AS passed WHERE {_LIMITS}",
    "accounts": "SELECT count(DISTINCT account_id) AS measured FROM inside",
    "top_account_posts": """
        SELECT max(posts) AS measured FROM (
            SELECT account_id, count(*) AS posts FROM inside WHERE account_id IS NOT NULL
            GROUP BY account_id) AS busy
    """,
    "repost_share": f"""
        SELECT count(*) FILTER (WHERE post_id IN ({_REPOSTED})) / nullif(count(*), 0) AS measured
        FROM inside
    """,
    "language_share": """
        SELECT count(*) FILTER (WHERE lower(language_is) = $of_what) / nullif(count(language_is), 0)
            AS measured FROM inside
    """,
    "top_share": """
        SELECT sum(posts) FILTER (WHERE place <= greatest(1, CASE WHEN $top_percent IS NULL
            THEN $top_count ELSE round(accounts * $top_percent / 100.0) END)) / sum(posts)
            AS measured
        FROM (SELECT posts, row_number() OVER (ORDER BY posts DESC) AS place,
                count(*) OVER () AS accounts
            FROM (SELECT account_id, count(*) AS posts FROM inside WHERE account_id IS NOT NULL
                GROUP BY account_id) AS busy) AS ranked
    """,
}
_FIRST = """
    SELECT low_at, high_at, post_id FROM carried
    WHERE is_own AND low_at IS NOT NULL AND high_at IS NOT NULL
        AND ($platform IS NULL OR platform = $platform)
    ORDER BY low_at, post_id LIMIT 1
"""
_RANKED_BY = {
    "active_rank": "SELECT account_id AS who FROM inside",
    "reposted_rank": """
        SELECT coalesce(post.account_id, action.target_account_id) AS who
        FROM action JOIN inside ON inside.post_id = action.post_id
            LEFT JOIN (SELECT post_id, min(account_id) AS account_id FROM post GROUP BY post_id)
                AS post ON post.post_id = action.target_post_id
        WHERE action.type = 'repost'
    """,
    "mentioned_rank": """
        SELECT DISTINCT action.target_account_id AS who, action.post_id AS named_in
        FROM action JOIN inside ON inside.post_id = action.post_id WHERE action.type = 'mention'
    """,
}
_ORDERED = {
    "account_order": """
        SELECT list_position($names, account_id) AS position, min(low_at) AS low_at,
            min(high_at) AS high_at
        FROM inside WHERE list_contains($names, account_id) AND low_at IS NOT NULL
        GROUP BY account_id ORDER BY low_at, position
    """,
    "platform_order": """
        SELECT list_position($names, platform) AS position, min(low_at) AS low_at,
            min(high_at) AS high_at
        FROM inside WHERE list_contains($names, platform) AND is_own AND low_at IS NOT NULL
        GROUP BY platform ORDER BY low_at, position
    """,
}


def answer_query(
    claim: Mapping[str, Any], subjects: Sequence[str], names: Sequence[Sequence[str]]
) -> Query:
    """The query for a claim whose subject has these ids.

    Input     `names`: what `of_what` names, each with its ids
    Output    `measured` for a number; low_at, high_at and post_id for a time; position (into
              `names`, from 1), low_at and high_at for an order
    """
    measure = claim["measure"]
    params: dict[str, Any] = {
        "subjects": list(subjects),
        "platform": claim["platform"],
        "from_at": _text(claim["from_at"]),
        "to_at": _text(claim["to_at"]),
        "window_s": claim["window_s"],
    }
    if measure == "first_post":
        body = _FIRST
    elif measure in _ORDERED:
        body = _ORDERED[measure]
        params["names"] = [ids[0] for ids in names]
    elif measure in _RANKED_BY:
        body = _rank(measure)
        params["names"] = list(names[0])
    else:
        body = _NUMBERS[measure]
        params |= _of(claim)
    told = claim["subject_kind"]
    carried = _CARRIED[told if told in _CARRIED else "object"]
    sql = f"""
        WITH carried AS ({carried}), start AS (
            SELECT min(begin_at) AS start_at FROM carried
            WHERE is_own AND ($platform IS NULL OR platform = $platform)
        ), inside AS (SELECT * FROM carried WHERE {_LIMITS})
        {body}
    """
    used = {name: value for name, value in params.items() if f"${name}" in sql}
    return Query("claim_answer", sql, used)


def _rank(measure: str) -> str:
    """1 and the number of accounts before it; NULL where the account does not come at all."""
    return f"""
        SELECT CASE WHEN max(times) FILTER (WHERE is_it) IS NULL THEN NULL
            ELSE 1 + count(*) FILTER (WHERE NOT is_it AND times > its) END AS measured
        FROM (SELECT is_it, times, max(times) FILTER (WHERE is_it) OVER () AS its FROM (
            SELECT CASE WHEN list_contains($names, who) THEN '*' ELSE who END AS who,
                bool_or(list_contains($names, who)) AS is_it, count(*) AS times
            FROM ({_RANKED_BY[measure]}) AS named WHERE who IS NOT NULL GROUP BY 1) AS counted
        ) AS ranked
    """


def _of(claim: Mapping[str, Any]) -> dict[str, Any]:
    text = claim["of_what"] or ""
    if claim["measure"] == "language_share":
        return {"of_what": text.lower()}
    if claim["measure"] == "top_share":
        is_percent = text.endswith("%")
        number = float(text.rstrip("% "))
        return {
            "top_percent": number if is_percent else None,
            "top_count": None if is_percent else int(number),
        }
    return {}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
