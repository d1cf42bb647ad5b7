"""The windowed co-action network against a DuckDB time-bin join, from text ids in Parquet.

    python benchmarks/co_action.py --size 1000000 --pairs 5
    python benchmarks/co_action.py --size 10000000 --pairs 3

Both sides run in child processes of their own, turn about, with the same number of threads, and
must give the same edges. Wall time is from Parquet to the edge table, inside the process (the
interpreter's start and the kernel's compilation are outside, for both); peak memory is the child's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_SPAN_S = 14 * 86_400
_START_S = 1_493_596_800
_SPREAD_S = 5_200  # gives the 7.4 and 76 million in-window pairs of the measured data sets
_LARGEST = 3_000
_VIRAL = 10_000
_ROWS_PER_VIRAL = 100_000
_ROWS_PER_ACCOUNT = 20
_PER_MICROSECOND = 1_000_000


def generate(path: Path, size: int, seed: int = 7) -> None:
    """Write `size` actions: Zipf object sizes, viral objects, Zipf accounts, fourteen days."""
    rng = np.random.default_rng(seed)
    objects = _objects(rng, size)
    accounts = _accounts(rng, size)
    bursts = rng.random(int(objects.max()) + 1) * _SPAN_S
    spread = rng.exponential(_SPREAD_S, size)
    times = (_START_S + (bursts[objects] + spread) % _SPAN_S).astype(np.int64) * _PER_MICROSECOND
    order = np.argsort(times, kind="stable")
    names = [f"{value:032x}" for value in rng.integers(2**60, 2**62, int(objects.max()) + 1)]
    people = [f"x:{value}" for value in rng.integers(10**9, 10**18, int(accounts.max()) + 1)]
    table = pa.table(
        {
            "object_id": pa.array(names).take(pa.array(objects[order])),
            "account_id": pa.array(people).take(pa.array(accounts[order])),
            "content_id": pa.array([f"x:{10**18 + 37 * row}" for row in range(size)]),
            "timestamp": pa.array(times[order], pa.timestamp("us", tz="UTC")),
        }
    )
    pq.write_table(table, path, compression="zstd", row_group_size=122_880)


def _objects(rng: np.random.Generator, size: int) -> np.ndarray:
    viral = np.repeat(np.arange(size // _ROWS_PER_VIRAL), _VIRAL)
    rest = size - len(viral)
    sizes = np.minimum(rng.zipf(2.0, rest), _LARGEST)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), rest)) + 1]
    first = len(viral) // _VIRAL
    return np.concatenate([viral, np.repeat(np.arange(first, first + len(sizes)), sizes)[:rest]])


def _accounts(rng: np.random.Generator, size: int) -> np.ndarray:
    share = np.arange(1, size // _ROWS_PER_ACCOUNT + 1) ** -0.8
    edges = np.cumsum(share / share.sum())
    return np.minimum(np.searchsorted(edges, rng.random(size)), len(edges) - 1)
