"""The hours that accounts keep, and the offsets from UTC that these are compatible with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tamis import records
from tamis.analyses.spread.clock_change import decided, is_summer, of_rule, ratios
from tamis.analyses.spread.quiet_hours import (
    BINS,
    MARGIN,
    OFFSETS,
    apart,
    compatible,
    concentration,
    lag,
    profiles,
    quiet,
)
from tamis.plan import Kernel, Query
from tamis.registry import Analysis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.analyses.spread.quiet_hours import Array, Quiet
    from tamis.plan import Partition, Step

VERSION = 2
LEAST_POSTS = 200
LEAST_DAYS = 7
LEAST_PEERS = 20
_MOVED = 3.0  # hours between two parts of the time, from which on quiet hours move
PARAMS: Mapping[str, Any] = {"least_posts": LEAST_POSTS}
LIMITS = (
    "Offsets, never a country: each offset crosses many. People who work at night for good look "
    "like people elsewhere; an account may be run by several people, or by a program that keeps "
    "the hours it is told."
)
_BUSY = (
    "SELECT account_id FROM post WHERE account_id IS NOT NULL GROUP BY account_id "
    "HAVING COUNT(*) >= $least_posts"
)
# Times of the platform itself, known to the hour or better; each post once.
_TIMED = (
    "SELECT p.post_id, p.account_id, MIN(p.posted_at) AS posted_at, "
    "MIN(p.language_declared) AS language FROM post AS p "
    "JOIN busy AS b ON b.account_id = p.account_id "
    "WHERE p.clock IN ('platform', 'id_derived') AND p.posted_at IS NOT NULL "
    "AND p.precision_s <= 1800 GROUP BY p.post_id, p.account_id"
)
_CELL = (
    "SELECT t.account_id, CAST(FLOOR(EPOCH(t.posted_at) / 1800) AS BIGINT) AS half, "
    "COUNT(*) AS posts FROM timed_post AS t JOIN (SELECT account_id FROM timed_post "
    "GROUP BY account_id HAVING COUNT(*) >= $least_posts) AS k ON k.account_id = t.account_id "
    "GROUP BY t.account_id, CAST(FLOOR(EPOCH(t.posted_at) / 1800) AS BIGINT)"
)
_LANGUAGE = (
    "SELECT account_id, language FROM (SELECT account_id, language, ROW_NUMBER() OVER ("
    "PARTITION BY account_id ORDER BY COUNT(*) DESC, language) AS place FROM timed_post "
    "WHERE language IS NOT NULL GROUP BY account_id, language) AS ranked WHERE place = 1"
)
_INPUT = (
    "SELECT c.account_id, c.half, c.posts, l.language FROM half_hour AS c "
    "LEFT JOIN language_of AS l ON l.account_id = c.account_id"
)
_SCHEMA = pa.schema(
    [
        field
        for field in records.table("activity_clock").schema
        if field.name not in {"run_id", "analysis_version"}
    ]
)
_STAMPED = "SELECT *, $run_id AS run_id, $analysis_version AS analysis_version FROM clock"


def build(params: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps from posts to `activity_clock`.

    Input     post
    Output    activity_clock: one row per account with 200 or more posts of certain time
    Missing   posts by claimed, exporter's or archive's clocks are left out; a post counts once,
              and a half hour counts once a day however many posts it holds
    Source    circular statistics of the half hours of the day; the longest window without activity;
              likelihood of a change of clocks; circular cross-correlation with the profile of
              accounts of the same language
    Limits    The middle of a night is taken to lie between 01:15 and 06:45 local time; whoever
              sleeps otherwise is given other offsets. How often the set holds the true offset on
              simulated accounts: docs/reference/activity-clock.md.
    """
    del params
    return (
        Query("busy", _BUSY),
        Query("timed_post", _TIMED),
        Query("half_hour", _CELL),
        Query("language_of", _LANGUAGE),
        Query("clock_input", _INPUT),
        Kernel("clock", VERSION, clocks, "clock_input", _SCHEMA),
        Query("activity_clock", _STAMPED),
    )


def clocks(table: pa.Table, _: Mapping[str, Any], __: Partition) -> pa.Table:
    """The rows of `activity_clock` from active half hours: account_id, half, posts, language."""
    if not table.num_rows:
        return _SCHEMA.empty_table()
    table = table.sort_by([("account_id", "ascending"), ("half", "ascending")])
    coded = table.column("account_id").combine_chunks().dictionary_encode()
    accounts = coded.indices.to_numpy().astype(np.int64)
    names = coded.dictionary.to_pylist()
    halves = table.column("half").to_numpy()
    firsts = np.flatnonzero(np.append(True, np.diff(accounts) != 0))
    languages = table.column("language").take(pa.array(firsts)).to_pylist()
    posts = np.bincount(accounts, weights=table.column("posts").to_numpy()).astype(int)
    told = _measured(accounts, halves, len(names), languages)
    rows = [
        _row(
            {"account_id": name, "post_count": int(posts[at]), "language": languages[at]}, told, at
        )
        for at, name in enumerate(names)
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _measured(
    accounts: Array, halves: Array, count: int, languages: Sequence[str | None]
) -> dict[str, Any]:
    """Everything that is computed of all accounts at once."""
    told, can = ratios(accounts, halves, count)
    rules, ratio = decided(told, can)
    # Where summer time was found, hours are those of winter; else as they are.
    moved = halves.copy()
    for rule in ("eu", "us", "south"):
        follows = np.asarray([one == rule or (one, rule) == ("eu_or_us", "eu") for one in rules])
        moved += 2 * (follows[accounts] & is_summer(halves, rule))
    active = profiles(accounts, moved, count)
    found = quiet(active)
    blurred = np.asarray([0.5 if one == "unclear" else 0.0 for one in rules])
    fits = compatible(found, MARGIN + blurred) & of_rule(rules)
    days, weekdays, weekday_p = _days(accounts, halves, count)
    peers, lags, fit = _beside(active, languages)
    return {
        "rules": rules,
        "ratio": ratio,
        "quiet": found,
        "fits": fits,
        "is_moving": _is_moving(accounts, moved, count),
        "concentration": concentration(active),
        "days": days,
        "weekdays": weekdays,
        "weekday_p": weekday_p,
        "peers": peers,
        "lag": lags,
        "fit": fit,
    }


def _is_moving(accounts: Array, halves: Array, count: int) -> Array:
    """Whether quiet hours differ between halves of the time, weeks, or week ends and other days."""
    days = halves // BINS
    sizes = np.bincount(accounts, minlength=count)
    ranks = np.arange(len(accounts)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    splits = (
        ranks * 2 < sizes[accounts],
        (days + 3) // 7 % 2 == 0,
        (days + 3) % 7 >= 5,
    )
    moving = np.zeros(count, bool)
    for split in splits:
        one = quiet(profiles(accounts[split], halves[split], count))
        two = quiet(profiles(accounts[~split], halves[~split], count))
        moving |= one.is_quiet & two.is_quiet & (apart(one.center, two.center) > _MOVED)
    return moving


def _days(accounts: Array, halves: Array, count: int) -> tuple[Array, Array, Array]:
    """Days with posts, share of active half hours by weekday, and the chance of such shares."""
    days = halves // BINS
    key = np.unique(accounts * 1_000_000 + days)
    owners = key // 1_000_000
    number = np.bincount(owners, minlength=count)
    weekday = (days + 3) % 7
    held = np.bincount(accounts * 7 + weekday, minlength=count * 7).reshape(count, 7)
    # What counts is days: a half hour more on the same day is no further witness.
    seen = np.bincount(owners * 7 + (key % 1_000_000 + 3) % 7, minlength=count * 7)
    seen = seen.reshape(count, 7)
    expected = seen.sum(axis=1, keepdims=True) / 7
    square = ((seen - expected) ** 2 / np.maximum(expected, 1e-9)).sum(axis=1)
    half = square / 2
    chance = np.exp(-half) * (1 + half + half**2 / 2)  # chi squared with six degrees
    return number, held / np.maximum(held.sum(axis=1, keepdims=True), 1), chance


def _beside(active: Array, languages: Sequence[str | None]) -> tuple[Array, Array, Array]:
    """Others of the same language, and how much later than theirs each account's day runs."""
    codes = {name: rank for rank, name in enumerate(sorted({one for one in languages if one}))}
    of = np.asarray([codes.get(one or "", -1) for one in languages])
    shares = active / np.maximum(active.sum(axis=1, keepdims=True), 1)
    total = np.zeros((len(codes) + 1, BINS))
    np.add.at(total, of, shares)
    peers = np.where(of >= 0, np.bincount(of + 1, minlength=len(codes) + 1)[of + 1] - 1, 0)
    lags, fit = lag(shares, total[of] - shares)
    return peers, lags, fit


def _row(row: dict[str, Any], told: Mapping[str, Any], at: int) -> dict[str, Any]:
    found: Quiet = told["quiet"]
    rule, peers = told["rules"][at], int(told["peers"][at])
    offsets = [OFFSETS[place] for place in np.flatnonzero(told["fits"][at])]
    outcome = "told"
    if told["days"][at] < LEAST_DAYS:
        outcome = "few_days"
    elif not found.is_quiet[at]:
        outcome = "no_quiet_hours"
    elif told["is_moving"][at]:
        outcome = "moving"
    elif not offsets:
        outcome = "no_offset"
    row |= {
        "day_count": int(told["days"][at]),
        "outcome": outcome,
        "concentration": float(told["concentration"][at]),
        "offsets": offsets if outcome == "told" else [],
        "dst_rule": rule,
        "dst_ratio": None if math.isnan(told["ratio"][at]) else float(told["ratio"][at]),
        "weekday_shares": told["weekdays"][at].tolist(),
        "weekday_p": float(told["weekday_p"][at]),
        "baseline_count": peers,
        "limits": LIMITS,
    }
    if found.is_quiet[at] and outcome != "moving":
        row |= {
            "quiet_from_hour": float(found.start[at]),
            "quiet_hours": float(found.hours[at]),
            "quiet_center_hour": float(found.center[at]),
        }
    if peers >= LEAST_PEERS:
        row |= {
            "baseline_lag_hours": float(told["lag"][at]),
            "baseline_fit": float(told["fit"][at]),
        }
    return {**row, "detail": _sentence(row)}


def _sentence(row: Mapping[str, Any]) -> str:
    size = f"Over {row['post_count']:,} posts on {row['day_count']:,} days"
    if row["outcome"] != "told":
        why = {
            "few_days": f"fewer than {LEAST_DAYS} days say nothing of nights",
            "no_quiet_hours": "there are no quiet hours",
            "moving": "the quiet hours move",
            "no_offset": "no offset fits both the quiet hours and the change of clocks",
        }[row["outcome"]]
        return f"{size}: {why}; no offset is told."
    begin, end = row["quiet_from_hour"], (row["quiet_from_hour"] + row["quiet_hours"]) % 24
    listed = ", ".join(f"{offset:+g}" for offset in row["offsets"])
    winter = {
        "eu": "; its hours follow the summer time of Europe: offsets of winter",
        "us": "; its hours follow the summer time of North America: offsets of winter",
        "eu_or_us": "; its hours follow the summer time of Europe or North America",
        "south": "; its hours follow a southern summer time: offsets of winter",
        "none": "; no change of clocks shows in its hours",
    }.get(row["dst_rule"] or "", "")
    return (
        f"{size} it is quiet from {_hour(begin)} to {_hour(end)} UTC, which is a usual night at "
        f"UTC {listed}{winter}."
    )


def _hour(value: float) -> str:
    return f"{int(value):02d}:{round(value % 1 * 60):02d}"


ANALYSIS = Analysis(
    name="activity_clock",
    version=VERSION,
    question="spread",
    reads=("post",),
    writes=("activity_clock",),
    params=PARAMS,
    build=build,
)
