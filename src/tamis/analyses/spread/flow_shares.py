"""Shares of clusters and of repeated texts, days of creation, and minutes: from the same flow."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tamis import records
from tamis.analyses.coordination.significance.tails import poisson_tail
from tamis.plan import Kernel, Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.plan import Partition, Step

LEAST_SPIKE = 5
ALPHA = 0.01
_AROUND, _NEAR = 45, 3
_WINDOWS = (
    ("all", "TRUE"),
    *(
        (f"first_{hours}h", f"object_no <> 0 AND posted_at < first_at + INTERVAL '{hours}' HOUR")
        for hours in (1, 6, 24)
    ),
)


def _shares(measure: str, flag: str, window: tuple[str, str]) -> str:
    kind, condition = window
    return (
        f"SELECT object_no, platform, '{measure}' AS measure, '{kind}' AS window_kind, "
        f"COUNT(*) AS post_count, SUM({flag}) AS hit_count, "
        f"COUNT(DISTINCT CASE WHEN {flag} = 1 THEN account_no END) AS hit_account_count "
        f"FROM flow WHERE {flag} IS NOT NULL AND {condition} GROUP BY object_no, platform"
    )


_COUNTED = " UNION ALL ".join(
    (
        *(_shares("clusters", "is_clustered", window) for window in _WINDOWS),
        _shares("repeated_text", "is_repeated", _WINDOWS[0]),
    )
)
_CROWD_SHARE = (
    "SELECT n.object_id, c.platform, c.measure, c.window_kind, c.post_count, "
    "CAST(c.hit_count AS BIGINT) AS hit_count, c.hit_account_count, "
    "c.hit_count / CAST(c.post_count AS DOUBLE) AS hit_share, b.post_count AS base_post_count, "
    "CAST(b.hit_count AS BIGINT) AS base_hit_count, "
    "b.hit_count / CAST(b.post_count AS DOUBLE) AS base_share, "
    "$run_id AS run_id, $analysis_version AS analysis_version FROM share_counted AS c "
    "JOIN object_named AS n ON n.object_no = c.object_no JOIN share_counted AS b "
    "ON b.object_no = 0 AND b.window_kind = 'all' AND b.platform = c.platform "
    "AND b.measure = c.measure"
)
_CREATED = (
    "SELECT a.account_no, DATE_TRUNC('day', MIN(c.created_at)) AS day_at "
    "FROM account AS c JOIN account_named AS a ON a.account_id = c.account_id "
    "WHERE c.created_at IS NOT NULL GROUP BY a.account_no"
)
_BORN = (
    "SELECT n.object_id, f.platform, c.day_at, COUNT(*) AS accounts FROM ("
    "SELECT DISTINCT object_no, platform, account_no FROM flow WHERE account_no IS NOT NULL) AS f "
    "JOIN created AS c ON c.account_no = f.account_no "
    "JOIN object_named AS n ON n.object_no = f.object_no GROUP BY n.object_id, f.platform, c.day_at"
)
_REPLAY = (
    "SELECT n.object_id, DATE_TRUNC('minute', f.posted_at) AS minute_at, f.platform, f.language, "
    "a.community_id, a.cluster_id, COUNT(*) AS post_count, "
    "CAST(SUM(f.is_repost) AS BIGINT) AS repost_count, $run_id AS run_id, "
    "$analysis_version AS analysis_version FROM flow AS f "
    "JOIN object_named AS n ON n.object_no = f.object_no "
    "LEFT JOIN account_named AS a ON a.account_no = f.account_no "
    "WHERE f.posted_at IS NOT NULL AND f.object_no <= $replayed "
    "GROUP BY n.object_id, DATE_TRUNC('minute', f.posted_at), f.platform, f.language, "
    "a.community_id, a.cluster_id"
)
_SPIKE = pa.schema(
    [
        field
        for field in records.table("creation_spike").schema
        if field.name not in {"run_id", "analysis_version"}
    ]
)
_STAMPED = "SELECT *, $run_id AS run_id, $analysis_version AS analysis_version FROM spike"


def share_steps() -> tuple[Step, ...]:
    """The steps from `flow` to crowd_share, creation_spike and minute_replay.

    Source    plain counting; Poisson tails with Bonferroni's correction over the days tested
    Limits    accounts of real people are made in bursts too, so that the Poisson chance is too
              small; texts of one word repeat by themselves, as the base share shows
    """
    return (
        Query("share_counted", _COUNTED),
        Query("crowd_share", _CROWD_SHARE),
        Query("created", _CREATED),
        Query("born", _BORN),
        Kernel("spike", 1, spikes, "born", _SPIKE),
        Query("creation_spike", _STAMPED),
        Query("minute_replay", _REPLAY),
    )


def spikes(table: pa.Table, _: Mapping[str, Any], __: Partition) -> pa.Table:
    """The days that stand out of each object and platform, from accounts made by day."""
    counts: dict[tuple[str, str], dict[int, int]] = {}
    days = table.column("day_at").cast(pa.int64()).to_numpy() // 86_400_000_000
    names = (table.column(name).to_pylist() for name in ("object_id", "platform", "accounts"))
    for one, platform, accounts, day in zip(*names, days.tolist(), strict=True):
        counts.setdefault((one, platform), {})[day] = accounts
    rows: list[dict[str, Any]] = []
    for key in sorted(counts):
        rows += _spikes_of(key, counts[key], counts[("*", key[1])])
    return pa.Table.from_pylist(rows, schema=_SPIKE)


def _spikes_of(
    key: tuple[str, str], found: Mapping[int, int], everyone: Mapping[int, int]
) -> list[dict[str, Any]]:
    known, population = sum(found.values()), sum(everyone.values())
    rows = []
    for day, count in sorted(found.items()):
        if count < LEAST_SPIKE:
            continue
        expected = _around(found, day) if key[0] == "*" else known * everyone[day] / population
        if count <= expected:
            continue
        chance = min(1.0, poisson_tail(max(expected, 1e-9), count) * len(found))
        if chance <= ALPHA:
            rows.append(_spike(key, day, count, (expected, chance, len(found), known)))
    return rows


def _around(found: Mapping[int, int], day: int) -> float:
    """Accounts made on a usual day near this one, the days beside it left out."""
    days = np.arange(day - _AROUND, day + _AROUND + 1)
    days = days[np.abs(days - day) > _NEAR]
    return float(np.mean([found.get(int(one), 0) for one in days]))


def _spike(
    key: tuple[str, str], day: int, count: int, told: tuple[float, float, int, int]
) -> dict[str, Any]:
    expected, chance, tested, known = told
    where = "all accounts" if key[0] == "*" else f"accounts that carried {key[0]}"
    date = np.datetime64(day, "D")
    return {
        "object_id": key[0],
        "platform": key[1],
        "day_at": date.astype("datetime64[us]").item(),
        "account_count": count,
        "expected": expected,
        "p_value": chance,
        "tested_count": tested,
        "known_count": known,
        "detail": (
            f"Of {known:,} {where} with a known creation, {count:,} were made on {date}, where "
            f"{expected:.1f} are expected (Poisson, {tested:,} days tested: p = {chance:.2g})."
        ),
    }
