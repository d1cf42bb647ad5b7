"""One layer's actions as the null models see them: by object, and by account."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tamis.analyses.coordination.walk.text import Array


class Layer(NamedTuple):
    """The actions twice: sorted by object and time, and by account, object and time.

    `object_starts[o]` is where the actions of object o begin in `by_object_*`; `account_starts`
    likewise. `onsets[o]` is when object o could first be met (its publication, else its first
    action). `origins[o]` is who published it; -1 unknown.
    """

    object_starts: Array
    by_object_accounts: Array
    by_object_times: Array
    account_starts: Array
    by_account_objects: Array
    by_account_times: Array
    onsets: Array
    origins: Array

    @property
    def account_count(self) -> int:
        """How many codes of accounts there are."""
        return len(self.account_starts) - 1

    @property
    def active_count(self) -> int:
        """How many accounts have at least one action: between them all pairs are possible."""
        return int(np.count_nonzero(np.diff(self.account_starts)))


class Actions(NamedTuple):
    """Columns of actions: codes from 0 up, and times in µs; per object what is known of it.

    `origins` (per object: a code for who published it, -1 unknown) and `onsets` (per object: when
    it was published, in µs) may be None.
    """

    objects: Array
    accounts: Array
    times: Array
    object_count: int
    account_count: int
    origins: Array | None = None
    onsets: Array | None = None


def layer_of(actions: Actions) -> Layer:
    """The two orders of the actions.

    Missing   without `onsets` an object's onset is its first action in this collection
    """
    objects, accounts, times = actions.objects, actions.accounts, actions.times
    by_time = np.argsort(times, kind="stable")
    order = by_time[np.argsort(objects[by_time], kind="stable")]
    own = order[np.argsort(accounts[order], kind="stable")]
    starts = _starts(objects, actions.object_count)
    used = np.diff(starts) > 0
    onsets = np.zeros(actions.object_count, np.int64)
    onsets[used] = times[order][starts[:-1][used]]
    if actions.onsets is not None:
        # A publication after the first use is an error of a clock; the first use then counts.
        known = actions.onsets <= onsets
        onsets[known] = actions.onsets[known]
    origins = actions.origins
    return Layer(
        starts,
        accounts[order].astype(np.int32),
        times[order].astype(np.int64),
        _starts(accounts, actions.account_count),
        objects[own].astype(np.int32),
        times[own].astype(np.int64),
        onsets,
        np.full(actions.object_count, -1, np.int32) if origins is None else origins,
    )


def _starts(codes: Array, count: int) -> Array:
    return np.concatenate(
        [np.zeros(1, np.int64), np.cumsum(np.bincount(codes, minlength=count), dtype=np.int64)]
    )
