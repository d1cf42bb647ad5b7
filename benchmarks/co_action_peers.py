"""What `co_action.py` compares with: joins in DuckDB and Polars, and the toolkit of the field.

Each function gives the seconds from the file of text ids to its table of edges, and the edges.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

THREADS = 2
MICROSECONDS = 1_000_000

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
    config = {"threads": THREADS, "temp_directory": str(scratch)}
    database = duckdb.connect(config=config)
    text = sql.replace("$path", f"'{path}'").replace("$window", str(round(window_s * MICROSECONDS)))
    begun = time.perf_counter()
    database.execute(text)
    return time.perf_counter() - begun, database.sql("SELECT * FROM co_action").to_arrow_table()


def polars_edges(path: Path, window_s: float, _: Path) -> tuple[float, pa.Table]:
    """The bin join of an expert in Polars, by its streaming engine: encoded ids, pruned objects."""
    os.environ["POLARS_MAX_THREADS"] = str(THREADS)
    import polars as pl  # noqa: PLC0415  # reads the number of threads as it is imported

    window = round(window_s * MICROSECONDS)
    begun = time.perf_counter()
    names = ("object_id", "account_id")
    given = pl.scan_parquet(path).select(
        *(pl.col(name).cast(pl.Categorical) for name in names),
        pl.col("acted_at").dt.timestamp("us").alias("t"),
    )
    o, a = (pl.col(name).to_physical().alias(name[0]) for name in names)
    codes = given.collect(engine="streaming").with_columns(o, a)
    accounts = codes.lazy().select("a", text=pl.col("account_id").cast(pl.String)).unique("a")
    used = codes.lazy().select("o", "a", "t", bin=pl.col("t") // window)
    one = used.filter(pl.len().over("o") > 1).collect().lazy()
    other = pl.concat([one, one.with_columns(pl.col("bin") - 1)])
    later = pl.col("t_right") > pl.col("t")
    tied = (pl.col("t_right") == pl.col("t")) & (pl.col("a_right") > pl.col("a"))
    pairs = one.join(other, on=["o", "bin"]).filter(
        pl.col("a") != pl.col("a_right"),
        pl.col("t_right") - pl.col("t") <= window,
        later | tied,
    )
    ends = (pl.min_horizontal("a", "a_right"), pl.max_horizontal("a", "a_right"))
    edges = (
        pairs.select("o", one=ends[0], other=ends[1])
        .group_by("one", "other")
        .agg(weight=pl.col("o").n_unique().cast(pl.Int64))
        .filter(pl.col("weight") >= 2)
    )
    texts = (pl.col("text"), pl.col("text_right"))
    ordered = (
        edges.join(accounts, left_on="one", right_on="a")
        .join(accounts, left_on="other", right_on="a")
        .select(pl.min_horizontal(*texts), pl.max_horizontal(*texts).alias("account_b"), "weight")
        .rename({"text": "account_a"})
        .collect(engine="streaming")
    )
    return time.perf_counter() - begun, ordered.to_arrow()


def toolkit_edges(path: Path, window_s: float, scratch: Path) -> tuple[float, pa.Table]:
    """The co-retweet network of coordination-network-toolkit, import into its database included.

    The clock starts with its rows ready as Python values. Its weight counts the messages of the
    first account; the larger of both directions is what tamis calls `distinct_messages`.
    """
    from coordination_network_toolkit.compute_networks import (  # noqa: PLC0415  # an extra
        compute_co_retweet_parallel,
    )
    from coordination_network_toolkit.preprocess import preprocess_data  # noqa: PLC0415  # an extra

    held = pq.read_table(path)
    columns = [held.column(name).to_pylist() for name in ("post_id", "account_id", "object_id")]
    seconds = held.column("acted_at").cast(pa.int64()).to_numpy() // MICROSECONDS
    del held
    rows = [
        (post, account, account, obj, None, "", second, ())
        for post, account, obj, second in zip(*columns, seconds.tolist(), strict=True)
    ]
    database = str(scratch / "toolkit.db")
    with contextlib.redirect_stdout(sys.stderr):
        begun = time.perf_counter()
        preprocess_data(database, rows)
        compute_co_retweet_parallel(database, window_s, n_threads=THREADS, min_edge_weight=2)
        spent = time.perf_counter() - begun
    return spent, _undirected(database)


def _undirected(database: str) -> pa.Table:
    found = sqlite3.connect(database).execute(
        "SELECT min(user_1, user_2), max(user_1, user_2), max(weight) FROM co_retweet_network "
        "WHERE user_1 <> user_2 GROUP BY 1, 2"
    )
    columns = list(zip(*found, strict=True)) or [(), (), ()]
    kinds = (pa.string(), pa.string(), pa.int64())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return pa.Table.from_arrays(arrays, ["account_a", "account_b", "weight"])
