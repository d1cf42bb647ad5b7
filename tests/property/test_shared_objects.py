"""What a null model is given, against an obvious count."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.analyses.coordination.walk.shared import object_sizes, shared_objects
from tamis.analyses.coordination.walk.sorting import Sorted

ACTIONS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 12)), min_size=1, max_size=60
)


@settings(max_examples=200, deadline=None)
@given(actions=ACTIONS, window=st.integers(0, 13))
def test_sizes_and_shared_objects(actions: list[tuple[int, int, int]], window: int) -> None:
    rows = sorted(actions, key=lambda row: (row[0], row[2]))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    held = Sorted(
        columns[0].astype(np.int32),
        columns[1].astype(np.int32),
        columns[2].astype(np.int64),
        np.arange(len(rows), dtype=np.int32),
    )
    names = sorted({row[0] for row in rows})
    sizes = object_sizes(held, 6, window)
    assert sizes.objects.tolist() == names
    for at, name in enumerate(names):
        own = [row for row in rows if row[0] == name]
        lags = [abs(x[2] - y[2]) for x, y in combinations(own, 2) if x[1] != y[1]]
        assert sizes.actions[at] == len(own)
        assert sizes.accounts[at] == len({row[1] for row in own})
        assert sizes.pairs[at] == len(lags)
        assert sizes.pairs_in_window[at] == sum(lag <= window for lag in lags)
    pairs = [*combinations(range(6), 2), (5, 0)]
    ones, others = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    shared = shared_objects(held, 6, window, (ones, others))
    expected = []
    for number, (a, b) in enumerate(pairs):
        for at, name in enumerate(names):
            mine = [row[2] for row in rows if row[:2] == (name, a)]
            theirs = [row[2] for row in rows if row[:2] == (name, b)]
            if mine and theirs:
                within = sum(abs(x - y) <= window for x in mine for y in theirs)
                expected.append((number, at, len(mine), len(theirs), within))
    assert list(zip(*(column.tolist() for column in shared), strict=True)) == expected
