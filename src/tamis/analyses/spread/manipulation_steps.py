"""Windows of traffic as classes of accounts: the input of the panel."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from tamis.plan import Query

SIZES = (1_000, 10_000)
HOURS = (1, 6, 24)

_COLUMNS = "object_no, platform, account_no, posted_at, is_repost, is_sampled"


def _stretch(size: int) -> str:
    """Whole stretches of `size` posts: an object's first ones, and of all posts every n-th."""
    rank = f"CAST(place // {size} AS BIGINT)"
    return (
        f"SELECT {_COLUMNS}, 'posts_{size}' AS window_kind, {rank} AS window_rank FROM flow "
        f"WHERE (place // {size} + 1) * {size} <= total AND CASE WHEN object_no = 0 "
        f"THEN {rank} % GREATEST(1, CAST(CEIL(total / ({size} * $most_base)) AS BIGINT)) = 0 "
        f"ELSE {rank} < $most_stretches END"
    )


def _hours(hours: int) -> str:
    return (
        f"SELECT {_COLUMNS}, 'first_{hours}h' AS window_kind, 0 AS window_rank FROM flow "
        f"WHERE object_no <> 0 AND posted_at < first_at + INTERVAL '{hours}' HOUR"
    )


_ALL = f"SELECT {_COLUMNS}, 'all' AS window_kind, 0 AS window_rank FROM flow"


def _classes(source: str) -> str:
    """Accounts with the same numbers are one row; posts of hidden accounts are a row of their own.

    Only a window of everything holds posts without an account.
    """
    return (
        "SELECT object_no, platform, window_kind, window_rank, account_no IS NULL AS is_hidden, "
        "CAST(posts AS BIGINT) AS posts, CAST(reposts AS BIGINT) AS reposts, "
        "COUNT(*) AS accounts, CAST(SUM(sampled) AS BIGINT) AS sampled, MIN(from_at) AS from_at, "
        "MAX(to_at) AS to_at FROM ("
        "SELECT object_no, platform, window_kind, window_rank, account_no, COUNT(*) AS posts, "
        "SUM(is_repost) AS reposts, SUM(is_sampled) AS sampled, MIN(posted_at) AS from_at, "
        f"MAX(posted_at) AS to_at FROM ({source}) AS windowed "
        "GROUP BY object_no, platform, window_kind, window_rank, account_no) AS by_account "
        "GROUP BY object_no, platform, window_kind, window_rank, account_no IS NULL, posts, reposts"
    )


_LASTING = (
    "SELECT platform, MAX(CASE WHEN scope = 'thread' THEN 1 ELSE 0 END) AS is_thread_bound "
    "FROM account GROUP BY platform"
)
_INPUT = (
    "SELECT n.object_id, c.platform, c.window_kind, c.window_rank, c.is_hidden, c.posts, "
    "c.reposts, c.accounts, c.sampled, c.from_at, c.to_at, "
    "COALESCE(l.is_thread_bound, 0) AS is_thread_bound FROM account_class AS c "
    "JOIN object_named AS n ON n.object_no = c.object_no "
    "LEFT JOIN lasting AS l ON l.platform = c.platform"
)


def window_steps() -> tuple[Query, ...]:
    """The steps from `flow` to `window_class`: classes of accounts by object, platform, window."""
    sources = (_ALL, *map(_hours, HOURS), *map(_stretch, SIZES))
    return (
        Query("account_class", " UNION ALL ".join(map(_classes, sources))),
        Query("lasting", _LASTING),
        Query("window_class", _INPUT),
    )
