"""Habits that programs often have: evidence with a base rate, never a verdict on an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamis.analyses.coordination.bloc import actions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.analyses.coordination.walk.text import Array

LEAST_ACTIONS = 20
_SECOND = 1_000_000
_HOUR = 3_600 * _SECOND
_BINS = 24
_STRING = 200
LIMITS = (
    "People have such habits too: schedulers, alerts, night shifts, set phrases and shared "
    "accounts. The base rate says how common the figure is in this collection, which may itself "
    "hold many programs; that the account is one does not follow."
)


def automation_rows(
    columns: Mapping[str, Array],
    names: Sequence[str],
    letters: Sequence[str],
    run: Mapping[str, str],
) -> list[dict[str, Any]]:
    """The rows of `automation`: four indicators for every account with 20 actions or more.

        interval_entropy  bits of the pauses in doubling classes: few where a clock acts
        quiet_hours       longest stretch of hours of the day (UTC) without any action: short where
                          nobody sleeps; how short chance allows depends on the number of actions,
                          so accounts are compared with others as active
        duplicate_share   share of actions whose content the account had used before
        action_string     share of the commonest three letters in a row in its string of actions
                          and pauses: high where a pattern repeats

    Input     columns: `accounts`, `times` (µs), `contents` (a code; -1 none), `kinds` (into
              `letters`, one letter for each kind of action); all of the same length
    Missing   duplicate_share is left out where fewer than 20 actions have content
    Source    interval entropy after Chu and others 2012; action strings after BLOC (Nwala and
              others 2023), of which we keep the alphabet of actions and pauses and one figure
    Limits    see LIMITS, which every row carries
    """
    accounts, times = columns["accounts"], columns["times"]
    order = np.lexsort((times, accounts))
    starts = np.flatnonzero(np.append(True, np.diff(accounts[order]) != 0))
    groups = [g for g in np.split(order, starts[1:]) if len(g) >= LEAST_ACTIONS]
    measured = [_measured(columns, rows, letters) for rows in groups]
    out = []
    for name, unit, is_low in _INDICATORS:
        shares = _base_shares(measured, name, is_low=is_low)
        for rows, figures, (share, count) in zip(groups, measured, shares, strict=True):
            if figures[name] is None:
                continue
            row = {
                "account_id": names[int(accounts[rows[0]])],
                "indicator": name,
                "measured": figures[name],
                "unit": unit,
                "action_count": len(rows),
                "base_share": share,
                "compared_count": count,
                "action_string": figures["text"],
                "limits": LIMITS,
            }
            out.append({**row, "detail": _sentence(row, is_low=is_low), **run})
    return out


_INDICATORS = (
    ("interval_entropy", "bits", True),
    ("quiet_hours", "hours", True),
    ("duplicate_share", "0-1", False),
    ("action_string", "0-1", False),
)


def _measured(columns: Mapping[str, Array], rows: Array, letters: Sequence[str]) -> dict[str, Any]:
    times = columns["times"][rows]
    text = actions(times / _SECOND, [letters[kind] for kind in columns["kinds"][rows]])
    contents = columns["contents"][rows]
    contents = contents[contents >= 0]
    return {
        "count": len(rows),
        "interval_entropy": interval_entropy(times),
        "quiet_hours": quiet_hours(times),
        "duplicate_share": 1 - len(np.unique(contents)) / len(contents)
        if len(contents) >= LEAST_ACTIONS
        else None,
        "action_string": commonest_share(text),
        "text": text[:_STRING],
    }


def interval_entropy(times: Array) -> float:
    """Bits of the distribution of pauses between actions in order, in doubling classes."""
    pauses = np.diff(times) / _SECOND
    classes = np.log2(np.maximum(pauses, 1.0)).astype(np.int64)
    share = np.bincount(classes) / max(1, len(classes))
    share = share[share > 0]
    return float(max(0.0, -(share * np.log2(share)).sum()))


def quiet_hours(times: Array) -> float:
    """The longest stretch of whole hours of the day (UTC), around midnight too, without action."""
    used = np.bincount((times // _HOUR) % _BINS, minlength=_BINS) > 0
    places = np.flatnonzero(used)
    return float(np.diff(np.append(places, places[0] + _BINS)).max() - 1)


def commonest_share(text: str, length: int = 3) -> float:
    """The share of the commonest piece of `length` characters among all such pieces."""
    pieces = [text[at : at + length] for at in range(len(text) - length + 1)]
    if not pieces:
        return 0.0
    counts: dict[str, int] = {}
    for piece in pieces:
        counts[piece] = counts.get(piece, 0) + 1
    return max(counts.values()) / len(pieces)


def _base_shares(
    measured: Sequence[Mapping[str, Any]], name: str, *, is_low: bool
) -> list[tuple[float, int]]:
    """For each account, the share of accounts about as active as extreme, and of how many.

    An account with more actions has more chances to fill an hour; compared with all of them, a
    busy person would look like a program.
    """
    counts = np.asarray([figures["count"] for figures in measured])
    values = np.asarray(
        [np.nan if figures[name] is None else figures[name] for figures in measured], float
    )
    classes = np.log2(np.maximum(counts, 1)).astype(np.int64)
    shares = np.ones(len(measured))
    compared = np.zeros(len(measured), np.int64)
    for one in np.unique(classes):
        inside = np.flatnonzero((classes == one) & ~np.isnan(values))
        ordered = np.sort(values[inside])
        if is_low:
            found = np.searchsorted(ordered, values[inside], "right")
        else:
            found = len(ordered) - np.searchsorted(ordered, values[inside], "left")
        shares[inside] = found / max(1, len(ordered))
        compared[inside] = len(ordered)
    return list(zip(shares.tolist(), compared.tolist(), strict=True))


def _sentence(row: Mapping[str, Any], *, is_low: bool) -> str:
    words = {
        "interval_entropy": "the pauses between its actions vary by",
        "quiet_hours": "its longest daily stretch without action is",
        "duplicate_share": "it repeated its own content in a share of",
        "action_string": "the commonest piece of its action string makes up",
    }
    unit = "" if row["unit"] == "0-1" else f" {row['unit']}"
    side = "as low or lower" if is_low else "as high or higher"
    return (
        f"Over {row['action_count']} actions {words[row['indicator']]} "
        f"{row['measured']:.2f}{unit}; {row['base_share']:.1%} "
        f"of the accounts here that are about as active are {side}."
    )
