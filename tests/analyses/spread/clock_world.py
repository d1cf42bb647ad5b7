"""Simulated accounts whose offset is known: sleepers, shift workers, schedulers and programs."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

ZONES = (
    *("Europe/Paris", "Europe/London", "America/New_York", "America/Los_Angeles"),
    *("Europe/Moscow", "Asia/Kolkata", "Asia/Tokyo", "America/Sao_Paulo", "Africa/Lagos"),
    *("Australia/Sydney", "Pacific/Auckland", "America/Chicago"),
)
START = dt.datetime(2016, 11, 1, tzinfo=dt.UTC)


def _shift(kind: str, rng: np.random.Generator, day: int, middle: float) -> float:
    """The middle of the sleep of that day, local."""
    if kind == "rotating":
        return middle + (0.0, 8.0)[day // 14 % 2]
    if kind == "nights":
        return middle + (8.0 if day % 7 < 5 else 0.0)
    return middle + (0.8 if day % 7 >= 5 else 0.0) + rng.normal(0, 0.5)


def account(
    kind: str, zone: str, rng: np.random.Generator, days: int = 190
) -> tuple[np.ndarray[Any, Any], float]:
    """Seconds since 1970 of its posts, and its offset in winter (hours)."""
    middle, length = rng.normal(4.0, 1.15), rng.normal(7.6, 0.6)
    rate = rng.uniform(2, 12)
    place = ZoneInfo(zone)
    winters = [START + dt.timedelta(days=n) for n in range(0, 365, 30)]
    winter = min(
        one.astimezone(place).utcoffset().total_seconds() / 3600  # type: ignore[union-attr]
        for one in winters
    )
    found = []
    for day in range(days):
        local = dt.datetime(2016, 11, 1, tzinfo=place) + dt.timedelta(days=day)
        base = local.timestamp()
        for _ in range(rng.poisson(rate)):
            hour = _hour(kind, rng, day, (middle, length))
            found.append(base + hour * 3600)
    return np.sort(np.asarray(found, float)), winter


def _hour(kind: str, rng: np.random.Generator, day: int, sleep: tuple[float, float]) -> float:
    """A local hour at which it posts: awake, more in the evening; now and then in the night."""
    if kind == "program":
        return rng.uniform(0, 24)
    if kind == "office":
        return rng.uniform(8.5, 17.5)
    while True:
        hour = rng.normal(20, 3) % 24 if rng.random() < 0.4 else rng.uniform(0, 24)
        center = _shift(kind, rng, day, sleep[0])
        away = abs((hour - center + 12) % 24 - 12)
        if away > sleep[1] / 2 or rng.random() < 0.01:
            return float(hour)


def halves(seconds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The distinct half hours of its posts."""
    return np.unique((seconds // 1800).astype(np.int64))
