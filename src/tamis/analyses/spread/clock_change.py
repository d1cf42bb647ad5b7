"""Do the hours of an account follow a change of clocks? Its rows before and after, compared."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from tamis.analyses.spread.quiet_hours import BINS, OFFSETS, profiles

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

RULES = ("eu", "us", "south")
LEAST = 60  # active half hours on either side of a change
SURE, BETWEEN = 8.0, 12.0
_DISPERSION = 2.0
WINTERS: dict[str, tuple[float, ...]] = {
    "eu": (-1.0, 0.0, 1.0, 2.0),
    "us": (-10.0, -9.0, -8.0, -7.0, -6.0, -5.0, -4.0, -3.5),
    "south": (-4.0, -3.0, 9.5, 10.0, 10.5, 11.0, 12.0, 12.75),
}
WINTERS["eu_or_us"] = WINTERS["eu"] + WINTERS["us"]


def is_summer(halves: Array, rule: str) -> Array:
    """Whether each half hour since 1970 lies in the summer time of a rule.

    Source    eu: last Sundays of March and October, 01:00 UTC (Directive 2000/84/EC); us: second
              Sunday of March, first of November (Energy Policy Act of 2005), taken at 08:00 UTC;
              south: first Sundays of October and April (south-eastern Australia), at 16:00 UTC
              of the day before
    """
    years = np.unique(1970 + halves // 17_520) if len(halves) else np.array([], np.int64)
    found = np.zeros(len(halves), bool)
    for year in range(int(years.min()) - 1, int(years.max()) + 2) if len(years) else ():
        begin, end = _span(year, rule)
        found |= (halves >= begin) & (halves < end)
    return found


def _span(year: int, rule: str) -> tuple[int, int]:
    if rule == "eu":
        return _half(_sunday(year, 3, -1), 1), _half(_sunday(year, 10, -1), 1)
    if rule == "us":
        return _half(_sunday(year, 3, 1), 8), _half(_sunday(year, 11, 0), 8)
    return _half(_sunday(year, 10, 0), -8), _half(_sunday(year + 1, 4, 0), -8)


def _sunday(year: int, month: int, rank: int) -> dt.date:
    days = [dt.date(year, month, 1) + dt.timedelta(days=n) for n in range(31)]
    return [day for day in days if day.weekday() == 6 and day.month == month][rank]


def _half(day: dt.date, hour: int) -> int:
    return (day - dt.date(1970, 1, 1)).days * BINS + hour * 2


def ratios(accounts: Array, halves: Array, count: int) -> tuple[Array, Array]:
    """Log-likelihood of each rule against no change, by account; and where it can be asked.

    With summer time the day runs an hour earlier in UTC. Both sides lend each other their smoothed
    profile: as it is, and moved by the hour. Bursts make rows dependent, hence the divisor.
    """
    told = np.zeros((count, len(RULES)))
    can = np.zeros((count, len(RULES)), bool)
    for rank, rule in enumerate(RULES):
        summer = is_summer(halves, rule)
        warm = profiles(accounts[summer], halves[summer], count)
        cold = profiles(accounts[~summer], halves[~summer], count)
        can[:, rank] = np.minimum(warm.sum(axis=1), cold.sum(axis=1)) >= LEAST
        moved = _fit(np.roll(warm, 2, axis=1), cold)
        told[:, rank] = (moved - _fit(warm, cold)) / _DISPERSION
    return told, can


def _fit(one: Array, other: Array) -> Array:
    """How well two profiles explain each other: the likelihood of both under what they share."""
    told = one * np.log(_smooth(other)) + other * np.log(_smooth(one))
    return np.asarray(told.sum(axis=1))


def _smooth(rows: Array) -> Array:
    wide = rows + 0.5
    wide = wide + 0.5 * (np.roll(wide, 1, axis=1) + np.roll(wide, -1, axis=1))
    return np.asarray(wide / wide.sum(axis=1, keepdims=True))


def decided(told: Array, can: Array) -> tuple[list[str | None], Array]:
    """The rule of each account, None where no change lies in its time; and its ratio."""
    scores = np.where(can, told, -np.inf)
    best = scores.argmax(axis=1)
    top = scores.max(axis=1)
    names: list[str | None] = []
    for row, (rank, score) in enumerate(zip(best.tolist(), top.tolist(), strict=True)):
        if score == -np.inf:
            names.append(None)
        elif score < -SURE:
            names.append("none")
        elif score < SURE:
            names.append("unclear")
        else:
            names.append(_named(RULES[rank], told[row]))
    return names, np.where(np.isfinite(top), top, np.nan)


def _named(rule: str, scores: Array) -> str:
    """The rule, or both of the north: they part for a fortnight, also where one has few rows."""
    by_rule = dict(zip(RULES, scores.tolist(), strict=True))
    if rule == "south" or abs(by_rule["eu"] - by_rule["us"]) >= BETWEEN:
        return rule
    return "eu_or_us"


def of_rule(names: list[str | None]) -> Array:
    """Which OFFSETS have the winter of the rule found; all where none was found."""
    every = np.ones((len(names), len(OFFSETS)), bool)
    for row, name in enumerate(names):
        if name in WINTERS:
            every[row] = np.isin(OFFSETS, WINTERS[name])
    return every
