"""The windowed co-action network against a DuckDB time-bin join, from text ids in Parquet.

    python benchmarks/co_action.py --size 1000000 --pairs 5
    python benchmarks/co_action.py --size 10000000 --pairs 3

Both sides run in child processes of their own, turn about, with the same number of threads, and
must give the same edges. Wall time is from Parquet to the edge table, inside the process (the
interpreter's start and the kernel's compilation are outside, for both); peak memory is the child's.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_SPAN_S = 14 * 86_400
_START_S = 1_493_596_800
_SPREAD_S = 6_200  # gives the 7.4 and 76 million in-window pairs of the measured data sets
_LARGEST = 3_000
_VIRAL = 10_000
_ROWS_PER_VIRAL = 100_000
_ROWS_PER_ACCOUNT = 20
_MICROSECONDS = 1_000_000
_THREADS = 2


def generate(path: Path, size: int, seed: int = 7) -> None:
    """Write `size` actions: Zipf object sizes, viral objects, Zipf accounts, fourteen days."""
    rng = np.random.default_rng(seed)
    objects = _objects(rng, size)
    accounts = _accounts(rng, size)
    bursts = rng.random(int(objects.max()) + 1) * _SPAN_S
    spread = rng.exponential(_SPREAD_S, size)
    times = (_START_S + (bursts[objects] + spread) % _SPAN_S).astype(np.int64) * _MICROSECONDS
    order = np.argsort(times, kind="stable")
    names = [f"{value:032x}" for value in rng.integers(2**60, 2**62, int(objects.max()) + 1)]
    people = [f"x:{value}" for value in rng.integers(10**9, 10**18, int(accounts.max()) + 1)]
    table = pa.table(
        {
            "object_id": pa.array(names).take(pa.array(objects[order])),
            "account_id": pa.array(people).take(pa.array(accounts[order])),
            "post_id": pa.array([f"x:{10**18 + 37 * row}" for row in range(size)]),
            "acted_at": pa.array(times[order], pa.timestamp("us", tz="UTC")),
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


def tamis_edges(path: Path, window_s: float, scratch: Path) -> tuple[float, pa.Table]:
    """Seconds, and the edges, of tamis: from the file of text ids to the table `co_action`."""
    from tamis.analyses.coordination.co_action import merged  # noqa: PLC0415  # not in the peer's process
    from tamis.analyses.coordination.walk.kernel import walk  # noqa: PLC0415  # not in the peer's process
    from tamis.analyses.coordination.walk.schema import ACTIONS  # noqa: PLC0415  # not in the peer's process
    from tamis.engines import open_engine  # noqa: PLC0415  # not in the peer's process
    from tamis.plan import Partition  # noqa: PLC0415  # not in the peer's process

    params = {"layers": ("co_object",), "windows_s": (window_s,), "evidence_limit": 0}
    steps = merged(params)
    ready = {**steps[0].params, "threads": _THREADS}
    walk(_few(ACTIONS), ready, Partition())  # compiled, or read from the cache
    names = {"run_id": "bench", "analysis_version": "co_action", "threads": _THREADS}
    with open_engine("duckdb", allowed=[path], scratch=scratch, threads=_THREADS) as engine:
        begun = time.perf_counter()
        engine.register("co_object_action", [path], ACTIONS)
        engine.run(steps, ["co_action"], names)
        return time.perf_counter() - begun, engine.fetch("co_action")


def _few(schema: pa.Schema) -> pa.Table:
    """Some actions that reach every compiled function."""
    rows = [(f"o{row % 3}", f"a{row % 7}", f"p{row}", row * 10**5, "0", row) for row in range(500)]
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    return pa.Table.from_arrays(columns, schema.names).cast(schema)


# The join as an analyst writes it: on the text ids that the file holds, each action meeting the
# later ones of its own bin and of the next, the window exact. The budget is against this one.
_PLAIN = """
CREATE TABLE action AS
    SELECT object_id, account_id, epoch_us(acted_at) AS t, epoch_us(acted_at) // $window AS bin
    FROM read_parquet($path);
CREATE TABLE co_action AS
    SELECT a AS account_a, b AS account_b, count(DISTINCT object_id) AS weight FROM (
        SELECT x.object_id, least(x.account_id, y.account_id) AS a,
            greatest(x.account_id, y.account_id) AS b
        FROM action AS x
        JOIN (SELECT object_id, account_id, t, bin - d AS bin
              FROM action, (VALUES (0), (1)) AS v(d)) AS y
        ON x.object_id = y.object_id AND x.bin = y.bin AND x.account_id <> y.account_id
        AND y.t - x.t <= $window AND (y.t > x.t OR (y.t = x.t AND y.account_id > x.account_id)))
    GROUP BY a, b HAVING count(DISTINCT object_id) >= 2
"""

# The same by an expert's hand, printed beside it: text ids become integers first, which takes
# half the time of joining on text; objects used once are left out.
_ENCODED = """
CREATE TABLE given AS
    SELECT object_id, account_id, epoch_us(acted_at) AS t FROM read_parquet($path);
CREATE TABLE account AS
    SELECT account_id, CAST(row_number() OVER (ORDER BY account_id) AS INTEGER) AS a
    FROM (SELECT DISTINCT account_id FROM given);
CREATE TABLE object AS
    SELECT object_id, CAST(row_number() OVER () AS INTEGER) AS o
    FROM (SELECT object_id FROM given GROUP BY object_id HAVING count(*) > 1);
CREATE TABLE action AS
    SELECT o, a, t, t // $window AS bin
    FROM given JOIN object USING (object_id) JOIN account USING (account_id);
DROP TABLE given;
CREATE TABLE edge AS
    SELECT a, b, count(DISTINCT o) AS weight FROM (
        SELECT x.o, least(x.a, y.a) AS a, greatest(x.a, y.a) AS b
        FROM action AS x
        JOIN (SELECT o, a, t, bin - d AS bin, d FROM action, (VALUES (0), (1)) AS v(d)) AS y
        ON x.o = y.o AND x.bin = y.bin AND x.a <> y.a AND y.t - x.t <= $window
        AND (y.t > x.t OR (y.t = x.t AND y.a > x.a)))
    GROUP BY a, b HAVING count(DISTINCT o) >= 2;
CREATE TABLE co_action AS
    SELECT one.account_id AS account_a, other.account_id AS account_b, weight
    FROM edge JOIN account AS one ON edge.a = one.a JOIN account AS other ON edge.b = other.a
"""


def join_edges(path: Path, window_s: float, scratch: Path) -> tuple[float, pa.Table]:
    """Seconds, and the edges, of a time-bin join in DuckDB on text ids."""
    return _joined(_PLAIN, path, window_s, scratch)


def encoded_edges(path: Path, window_s: float, scratch: Path) -> tuple[float, pa.Table]:
    """The same of a join that encodes the ids and prunes single objects first."""
    return _joined(_ENCODED, path, window_s, scratch)


def _joined(sql: str, path: Path, window_s: float, scratch: Path) -> tuple[float, pa.Table]:
    config = {"threads": _THREADS, "temp_directory": str(scratch)}
    database = duckdb.connect(config=config)
    text = sql.replace("$path", f"'{path}'").replace("$window", str(round(window_s * 10**6)))
    begun = time.perf_counter()
    database.execute(text)
    return time.perf_counter() - begun, database.sql("SELECT * FROM co_action").to_arrow_table()


_SIDES = {"tamis": tamis_edges, "join": join_edges, "encoded": encoded_edges}
_RATIOS = {"ratio": "join", "ratio to encoded": "encoded"}


def _child(side: str, path: Path, window_s: float) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        seconds, edges = _SIDES[side](path, window_s, Path(scratch))
    database = duckdb.connect()
    database.register("edges", edges)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    row = database.sql(
        "SELECT count(*), sum(weight), sum(hash(account_a, account_b, weight)) FROM edges"
    ).fetchall()[0]
    print(json.dumps({"seconds": seconds, "gib": peak, "edges": [str(value) for value in row]}))


def _measured(side: str, path: Path, window_s: float) -> dict[str, object]:
    command = [sys.executable, __file__, "--child", side, str(path), "--window", str(window_s)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ)
    return dict(json.loads(done.stdout))


def compare(path: Path, window_s: float, pairs: int) -> dict[str, list[float]]:
    """Ratios, seconds and peak memory of `pairs` runs of all sides, turn about."""
    found: dict[str, list[float]] = {}
    for number in range(pairs):
        order = tuple(_SIDES) if number % 2 == 0 else tuple(reversed(_SIDES))
        got = {side: _measured(side, path, window_s) for side in order}
        assert all(one["edges"] == got["tamis"]["edges"] for one in got.values()), got
        for side in _SIDES:
            for name in ("seconds", "gib"):
                found.setdefault(f"{side} {name}", []).append(got[side][name])
        for name, peer in _RATIOS.items():
            found.setdefault(name, []).append(got[peer]["seconds"] / got["tamis"]["seconds"])
        print(f"  pair {number + 1}: {_line(got)}", file=sys.stderr)
    found["edges"] = [int(got["tamis"]["edges"][0])]
    return found


def _line(got: dict[str, dict[str, float]]) -> str:
    return ", ".join(
        f"{side} {got[side]['seconds']:.2f} s {got[side]['gib']:.2f} GiB" for side in _SIDES
    )


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    low, middle, high = quantiles(values, n=4, method="inclusive") if values[1:] else values * 3
    return low, middle, high


def main(argv: list[str] | None = None) -> int:
    """0, or 1 when even the upper quartile of the ratio misses the budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--window", type=float, default=60.0)
    parser.add_argument("--least", type=float, help="fail below this ratio (4 at 10⁷ actions)")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        _child(options.child[0], Path(options.child[1]), options.window)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "actions.parquet"
        generate(path, options.size)
        found = compare(path, options.window, options.pairs)
    print(f"{options.size:,} actions, {options.window:g} s, {found['edges'][0]:,} equal edges")
    for name in (*(f"{s} {what}" for what in ("seconds", "gib") for s in _SIDES), *_RATIOS):
        low, middle, high = _quartiles(found[name])
        print(f"  {name:16} median {middle:8.2f}   quartiles {low:.2f} to {high:.2f}")
    least = options.least if options.least is not None else (4 if options.size >= 10**7 else 0)
    return 1 if _quartiles(found["ratio"])[2] < least else 0


if __name__ == "__main__":
    sys.exit(main())
