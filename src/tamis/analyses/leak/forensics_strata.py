"""Which honest messages a message may be compared with, and how many of them are verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.errors import PlanError
from tamis.plan import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.plan import Step

_COLUMNS = ("route", "from_domain", "mailer_family", "period")
# From the finest to the coarsest: what each leaves unpooled, and what is assumed by pooling.
POOLINGS = {
    "domain": (
        ("route", "from_domain", "mailer_family", "period"),
        (
            "honest messages of one sending domain, chain of relays, mailer, kind and year "
            "are taken as exchangeable, whether verified or not"
        ),
    ),
    "route": (
        ("route", "mailer_family", "period"),
        (
            "as by domain, and sending domains behind the same chain of relays with the same "
            "mailer are taken as alike"
        ),
    ),
    "years": (
        ("route", "mailer_family"),
        "as by route, and the years of the same relays and mailer are taken as alike",
    ),
    "kind": ((), "all messages of one kind, bulk or person to person, are taken as alike"),
}

_OF_SENDER = """
    SELECT sender, count(*) AS verified_count
    FROM chosen WHERE fold <> 'judged' AND sender IS NOT NULL GROUP BY sender
"""
# The verified messages of the sender that stand around a Date: habits change, and where a key is
# missing for a year, nothing verified shows what they were in it.
_AROUND = """
    SELECT item_id, date_diff('second', before_at, after_at) / 86400.0 AS gap_days FROM (
        SELECT item_id,
            max(CASE WHEN fold <> 'judged' THEN sent_at END) OVER (PARTITION BY sender
                ORDER BY sent_at RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                EXCLUDE CURRENT ROW) AS before_at,
            min(CASE WHEN fold <> 'judged' THEN sent_at END) OVER (PARTITION BY sender
                ORDER BY sent_at RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
                EXCLUDE CURRENT ROW) AS after_at
        FROM chosen WHERE sender IS NOT NULL AND sent_at IS NOT NULL)
"""
# Calibration messages are those that the rule would speak about if they were not verified: mail of
# rare senders, whose habits nobody knows, would make everybody else's look odd.
_PLACED = """
    SELECT chosen.* REPLACE (CASE WHEN chosen.fold = 'calibrate' AND $least_sender_verified > 0
            AND NOT coalesce(of_sender.verified_count - 1 >= $least_sender_verified
                AND around.gap_days <= $most_sender_gap_days, false)
        THEN 'spare' ELSE chosen.fold END AS fold)
    FROM chosen LEFT JOIN of_sender ON of_sender.sender = chosen.sender
        LEFT JOIN around ON around.item_id = chosen.item_id
"""

# Each message once a pooling. Parts are hashed one by one, so that no name can run into the next.
_LEVEL = """
    SELECT item_id, '{pooling}' AS pooling, {rank} AS pooling_rank,
        md5('{pooling}' || {hashed} || CAST(is_bulk AS VARCHAR)) AS stratum_id,
        {columns}, is_bulk, period AS own_period, fold, sender, is_verified
    FROM placed
"""
_COUNTED = """
    SELECT stratum_id, any_value(pooling) AS pooling, any_value(pooling_rank) AS pooling_rank,
        any_value(route) AS infrastructure, any_value(from_domain) AS from_domain,
        any_value(mailer_family) AS mailer_family, any_value(period) AS period,
        any_value(is_bulk) AS is_bulk, count(*) AS message_count,
        count(*) FILTER (WHERE fold <> 'judged') AS verified_count,
        count(DISTINCT sender) FILTER (WHERE fold <> 'judged') AS sender_count,
        count(*) FILTER (WHERE fold = 'learn') AS learnt_count,
        count(*) FILTER (WHERE fold = 'calibrate') AS calibration_count
    FROM level GROUP BY stratum_id
"""
_LOUDEST = """
    SELECT stratum_id, max(sent_count) AS loudest_count FROM (
        SELECT stratum_id, sender, count(*) AS sent_count FROM level
        WHERE fold = 'calibrate' GROUP BY stratum_id, sender)
    GROUP BY stratum_id
"""
# `least_m`: the m-th highest calibration score is the threshold, m = floor(rate (n + 1)).
_BASIS = """
    SELECT counted.*, coalesce(loudest.loudest_count, 0) AS loudest_count,
        counted.verified_count >= $least_verified AND counted.learnt_count > 0
            AND counted.calibration_count > 0 AS is_calibrated,
        CAST(floor($rate * (counted.calibration_count + 1) + 1e-9) AS BIGINT) AS allowed_count
    FROM counted LEFT JOIN loudest ON loudest.stratum_id = counted.stratum_id
"""
# The finest pooling that reaches the stated rate, else the finest that is calibrated at all.
_PICK = """
    SELECT level.item_id AS item_id,
        min_by(level.stratum_id, CASE
            WHEN basis.is_calibrated AND basis.allowed_count >= 1 THEN level.pooling_rank
            WHEN basis.is_calibrated THEN 100 + level.pooling_rank
            ELSE 200 + level.pooling_rank END) AS stratum_id
    FROM level JOIN basis ON basis.stratum_id = level.stratum_id
    WHERE NOT level.is_verified GROUP BY level.item_id
"""
_OF_PERIOD = """
    SELECT stratum_id, own_period, count(*) AS verified_count FROM level
    WHERE fold <> 'judged' GROUP BY stratum_id, own_period
"""
# Whom the joint rule may speak about; every reason against it is a sentence.
_STANDING = """
    SELECT pick.item_id AS item_id, pick.stratum_id AS stratum_id,
        coalesce(of_sender.verified_count, 0) AS sender_verified_count,
        CASE
            WHEN chosen.is_rebuilt THEN 'it was rebuilt from a mail store: the headers are the '
                || 'store''s'
            WHEN NOT basis.is_calibrated THEN 'its stratum holds ' || basis.verified_count
                || ' verified messages, ' || $least_verified || ' are needed'
            WHEN basis.allowed_count < 1 THEN 'its stratum has ' || basis.calibration_count
                || ' calibration messages, which bound no rate of ' || $rate || ': '
                || CAST(ceil(1 / $rate - 1e-9) - 1 AS BIGINT) || ' are needed'
            WHEN basis.loudest_count > $most_sender_share * basis.calibration_count THEN
                'one sender wrote ' || basis.loudest_count || ' of the '
                || basis.calibration_count || ' calibration messages of its stratum'
            WHEN coalesce(of_period.verified_count, 0) < $least_period_verified THEN
                'its stratum holds ' || coalesce(of_period.verified_count, 0)
                || ' verified messages of its year, ' || $least_period_verified || ' are needed'
            WHEN coalesce(of_sender.verified_count, 0) < $least_sender_verified THEN
                'the case holds ' || coalesce(of_sender.verified_count, 0)
                || ' verified messages of its sender, ' || $least_sender_verified || ' are needed'
            WHEN $least_sender_verified > 0
                AND NOT coalesce(around.gap_days <= $most_sender_gap_days, false)
                THEN 'its Date does not lie between two verified messages of its sender at most '
                    || $most_sender_gap_days || ' days apart'
        END AS why_not
    FROM pick JOIN basis ON basis.stratum_id = pick.stratum_id
        JOIN chosen ON chosen.item_id = pick.item_id
        LEFT JOIN of_sender ON of_sender.sender = chosen.sender
        LEFT JOIN around ON around.item_id = pick.item_id
        LEFT JOIN of_period ON of_period.stratum_id = pick.stratum_id
            AND of_period.own_period = chosen.period
"""


def steps(poolings: Sequence[str]) -> tuple[Step, ...]:
    """The steps to `basis` (one row a stratum), and `standing` (one a message not verified).

    Input     chosen
    Output    basis: what a stratum has in common and its counts; standing: the stratum a message
              is compared with, and why the joint rule may not speak about it
    Errors    PlanError for a pooling that does not exist
    """
    if unknown := [name for name in poolings if name not in POOLINGS]:
        raise PlanError(f"{unknown[0]!r} is no pooling: choose among {', '.join(POOLINGS)}")
    levels = " UNION ALL ".join(_level(name, rank) for rank, name in enumerate(poolings))
    named = (
        ("of_sender", _OF_SENDER),
        ("around", _AROUND),
        ("placed", _PLACED),
        ("level", levels),
        ("counted", _COUNTED),
        ("loudest", _LOUDEST),
        ("basis", _BASIS),
        ("pick", _PICK),
        ("of_period", _OF_PERIOD),
        ("standing", _STANDING),
    )
    return tuple(Query(name, sql) for name, sql in named)


def _level(pooling: str, rank: int) -> str:
    kept = POOLINGS[pooling][0]
    hashed = " || ".join(f"coalesce(md5({name}), '-')" for name in kept) or "''"
    columns = ", ".join(
        f"{name} AS {name}" if name in kept else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in _COLUMNS
    )
    return _LEVEL.format(pooling=pooling, rank=rank, hashed=hashed, columns=columns)
