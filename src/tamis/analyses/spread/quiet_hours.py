"""Quiet hours of many accounts at once, from the half hours in which they were active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

BINS = 48
WINDOW = 10  # half hours: five hours in which nobody who sleeps is active
ALPHA = 0.01
_RATIO = 0.25
# Where the middle of a usual night lies, in local hours, and how surely we find it.
NIGHT = (1.25, 6.75)
MARGIN = 0.75
_LONG = 11.5
# Offsets in use on inhabited land, in hours.
OFFSETS = (
    *(-11.0, -10.0, -9.5, -9.0, -8.0, -7.0, -6.0, -5.0, -4.0, -3.5, -3.0, -2.0, -1.0, 0.0),
    *(1.0, 2.0, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 5.75, 6.0, 6.5, 7.0, 8.0, 8.75, 9.0, 9.5),
    *(10.0, 10.5, 11.0, 12.0, 12.75, 13.0, 14.0),
)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Of each account: whether five hours are quiet, the longest quiet stretch, all windows."""

    is_quiet: Array
    start: Array
    hours: Array
    windows: Array

    @property
    def center(self) -> Array:
        """The middle of the longest stretch, as hour of the day."""
        return (self.start + self.hours / 2) % 24


def profiles(accounts: Array, halves: Array, count: int) -> Array:
    """Active half hours of the day by account: on how many days each was active."""
    flat = np.bincount(accounts * BINS + halves % BINS, minlength=count * BINS)
    return flat.reshape(count, BINS)


def quiet(active: Array) -> Quiet:
    """The quiet stretches of each row of active half hours.

    A window of five hours is quiet when it holds a quarter or less of its even share, and a
    Poisson draw of the even share would be as low less than once in a hundred accounts.
    """
    around = np.concatenate([active, active[:, : WINDOW - 1]], axis=1)
    sums = np.cumsum(np.pad(around, ((0, 0), (1, 0))), axis=1)
    held = sums[:, WINDOW:] - sums[:, :-WINDOW]
    share = active.sum(axis=1) * WINDOW / BINS
    least = _least(share)[:, None]
    windows = (held <= least) & (held <= _RATIO * share[:, None])
    start, length = _longest(windows)
    hours = np.where(length > 0, np.minimum(length + WINDOW - 1, BINS) / 2, 0.0)
    return Quiet(windows.any(axis=1), start / 2, hours, windows)


def _least(share: Array) -> Array:
    """The largest count whose Poisson tail at this mean stays below ALPHA / BINS; -1 if none."""
    found = np.full(len(share), -1)
    term = np.exp(-share)
    tail = term.copy()
    number = 0
    while (inside := tail * BINS < ALPHA).any() and number < 10_000:
        found[inside] = number
        number += 1
        term = term * share / number
        tail = tail + term
    # Means so large that exp underflows: half of the share is far below chance.
    return np.where(share > 600, np.floor(share * 0.5), found)


def _longest(flags: Array) -> tuple[Array, Array]:
    """Begin and length of the longest circular run of True in each row."""
    count = len(flags)
    doubled = np.concatenate([flags, flags], axis=1)
    run = np.zeros(count, np.int64)
    best = np.zeros(count, np.int64)
    end = np.zeros(count, np.int64)
    for place in range(2 * BINS):
        run = np.where(doubled[:, place], np.minimum(run + 1, BINS), 0)
        better = run > best
        best, end = np.where(better, run, best), np.where(better, place, end)
    return (end - best + 1) % BINS, best


def compatible(found: Quiet, margin: Array) -> Array:
    """Which OFFSETS make the quiet hours a usual night, one row an account.

    A stretch of at most 11.5 hours is a night around its middle; a longer one leaves open which
    of its hours are the night. Of an account with several stretches each counts.
    """
    offsets = np.asarray(OFFSETS)
    low, high = NIGHT
    fits = np.zeros((len(found.start), len(offsets)), bool)
    middles = (np.arange(BINS) + WINDOW / 2) / 2
    windows = found.windows.copy()
    is_short = found.hours <= _LONG
    # Of a short stretch only the middle counts; its windows are taken out.
    for shift in range(BINS):
        inside = shift < found.hours * 2 - WINDOW + 1
        at = (np.round(found.start * 2).astype(int) + shift) % BINS
        rows = np.flatnonzero(is_short & inside)
        windows[rows, at[rows]] = False
    local = found.center[:, None] + offsets[None, :]
    away = np.abs((local - (low + high) / 2 + 12) % 24 - 12)
    fits |= is_short[:, None] & (away <= (high - low) / 2 + margin[:, None])
    for place, middle in enumerate(middles):
        near = np.abs((middle + offsets - (low + high) / 2 + 12) % 24 - 12) <= (high - low) / 2
        fits |= windows[:, place][:, None] & near[None, :]
    return fits & found.is_quiet[:, None]


def apart(one: Array, other: Array) -> Array:
    """Hours between two hours of the day, the short way round."""
    return np.asarray(np.abs((one - other + 12) % 24 - 12))


def concentration(active: Array) -> Array:
    """The length of the mean direction of each row on the circle of the day."""
    angles = np.exp(2j * np.pi * (np.arange(BINS) + 0.5) / BINS)
    return np.asarray(np.abs(active @ angles) / np.maximum(active.sum(axis=1), 1))


def lag(active: Array, baseline: Array) -> tuple[Array, Array]:
    """By how many hours each row runs later than its baseline, and the correlation there."""
    one = active - active.mean(axis=1, keepdims=True)
    two = baseline - baseline.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(one, axis=1) * np.conj(np.fft.rfft(two, axis=1))
    crossed = np.fft.irfft(spectrum, n=BINS, axis=1)
    best = crossed.argmax(axis=1)
    size = np.linalg.norm(one, axis=1) * np.linalg.norm(two, axis=1)
    fit = crossed[np.arange(len(one)), best] / np.maximum(size, 1e-12)
    return ((best + BINS // 2) % BINS - BINS // 2) / 2, fit
