"""The same steps on Spark: one query, the numba kernel with split objects, the real figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tamis.analyses.coordination.co_action import WEIGHTS, merged
from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.engines import Engine, open_engine
from tamis.errors import PlanError, QueryError
from tamis.plan import Kernel, Partition, Query
from tamis.run.coordinate import CoordinateOptions, coordinate
from tamis.run.coordinate_files import TESTED
from tamis.simulate.worlds import PlantedPlan, planted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore::ResourceWarning")]

pytest.importorskip("pyspark", reason="the [spark] extra is not installed")

RESULTS = ("co_action", "co_action_evidence", "co_action_total", "co_action_left_out")


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    folder = tmp_path_factory.mktemp("engines")
    with (
        open_engine("duckdb", allowed=[folder], scratch=folder / "d", threads=2) as duck,
        open_engine("spark", allowed=[folder], scratch=folder / "s", threads=2) as spark,
    ):
        yield {"duckdb": duck, "spark": spark}


def _rows(engine: Engine, name: str) -> list[dict[str, Any]]:
    rows = engine.fetch(name).to_pylist()
    return sorted(rows, key=lambda row: [str(row[key]) for key in sorted(row)])


def _actions(seed: int, count: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    # One viral object over days, so that it is cut by time; ties and borders from whole seconds.
    objects = np.where(rng.random(count) < 0.3, 0, rng.integers(1, 40, count))
    times = rng.integers(0, 3_000, count) * rng.choice([1, 60], count)
    return pa.table(
        {
            "object_id": [f"o{number}" for number in objects],
            "account_id": [f"é{number}" for number in rng.integers(0, 25, count)],
            "post_id": [f"p{number}" for number in rng.integers(0, count // 2, count)],
            "acted_at": pa.array((times + 1_493_596_800) * 1_000_000).cast(
                ACTIONS.field("acted_at").type
            ),
            "source_item_id": ["0"] * count,
            "byte_start": pa.array(range(count), pa.int64()),
        },
        schema=ACTIONS,
    )


def test_a_query_gives_the_same_rows(engines: dict[str, Engine]) -> None:
    query = Query(
        "tally",
        """
        SELECT object_id, COUNT(*) AS n, COUNT(DISTINCT account_id) AS accounts,
               MIN(acted_at) AS first_at, MEDIAN(byte_start) AS middle,
               SUM(CASE WHEN account_id < $account THEN 1 ELSE 0 END) AS smaller
        FROM given WHERE acted_at > $after GROUP BY object_id HAVING COUNT(*) >= $least
        """,
        {"least": 2, "account": "é3"},
        portable=True,
    )
    after = _actions(1, 2).column("acted_at")[0].as_py().replace(hour=1)
    found = {}
    for name, engine in engines.items():
        engine.register("given", _actions(2, 500))
        engine.run((query,), ["tally"], {"after": after})
        found[name] = _rows(engine, "tally")
    assert len(found["duckdb"]) > 10
    assert found["spark"] == found["duckdb"]


def test_lags_and_names_of_platforms_are_the_same(engines: dict[str, Engine]) -> None:
    query = Query(
        "lagged",
        """
        SELECT one.byte_start AS a, two.byte_start AS b,
            DATE_DIFF('microsecond', one.acted_at, two.acted_at) AS lag_us,
            SPLIT_PART(one.name, ':', 1) AS platform, SPLIT_PART(one.name, ':', 3) AS beyond
        FROM given AS one JOIN given AS two ON one.byte_start < two.byte_start
        """,
        portable=True,
    )
    moments = pa.array([-1, 0, 1, 1_493_596_800_999_999, 1_493_596_801_000_000, None])
    table = pa.table(
        {
            "byte_start": pa.array(range(6)),
            "acted_at": moments.cast(ACTIONS.field("acted_at").type),
            "name": ["x:1", "board", ":2", "é:3:4", "", None],
        }
    )
    found = {}
    for name, engine in engines.items():
        engine.register("given", table)
        engine.run((query,), ["lagged"])
        found[name] = _rows(engine, "lagged")
    lags = {(row["a"], row["b"]): row["lag_us"] for row in found["duckdb"]}
    assert (lags[0, 1], lags[0, 2], lags[3, 4], lags[4, 5]) == (1, 2, 1, None)
    assert found["spark"] == found["duckdb"]


def test_the_walk_gives_the_same_edges_and_evidence(engines: dict[str, Engine]) -> None:
    params = {
        "layers": ("co_object",),
        "windows_s": (60.0, 3.0),
        "weights": WEIGHTS,
        "evidence_limit": 5_000,
    }
    found: dict[str, dict[str, Any]] = {}
    for name, engine in engines.items():
        engine.register("co_object_action", _actions(3, 3_000), ACTIONS)
        engine.run(merged(params), RESULTS, {"run_id": "r", "analysis_version": "v"})
        found[name] = {table: _rows(engine, table) for table in RESULTS}
    assert len(found["duckdb"]["co_action"]) > 100
    assert len(found["duckdb"]["co_action_evidence"]) > 0
    _assert_same(found)


def test_what_is_left_out_is_the_same_though_no_worker_sees_it_whole(
    engines: dict[str, Engine],
) -> None:
    params = {"layers": ("co_object",), "windows_s": (60.0, 3.0), "object_limit": 2_000}
    found: dict[str, dict[str, Any]] = {}
    for name, engine in engines.items():
        engine.register("co_object_action", _actions(3, 3_000), ACTIONS)
        engine.run(merged(params), RESULTS, {"run_id": "r", "analysis_version": "v"})
        found[name] = {table: _rows(engine, table) for table in RESULTS}
    assert [row["object_id"] for row in found["duckdb"]["co_action_left_out"]] == ["o0"]
    assert len(found["duckdb"]["co_action"]) > 10
    _assert_same(found)


def _assert_same(found: dict[str, dict[str, Any]]) -> None:
    """Everything equal but the cosine, which is a sum of logarithms: equal to 1e-9."""
    cosines: dict[str, dict[Any, float]] = {}
    for name, tables in found.items():
        keys = ("layer", "window_s", "weight_kind", "account_a", "account_b")
        cosines[name] = {
            tuple(r[key] for key in keys): r.pop("cosine") for r in tables["co_action"]
        }
        tables["co_action"].sort(key=lambda row: [str(row[key]) for key in keys])
    assert found["spark"] == found["duckdb"]
    assert cosines["spark"] == pytest.approx(cosines["duckdb"], rel=1e-9)


def test_kernels_on_the_driver_and_by_group(engines: dict[str, Engine]) -> None:
    schema = pa.schema([("g", pa.string()), ("n", pa.int64())])

    def count(table: pa.Table, _: Any, __: Partition) -> pa.Table:
        groups = table.group_by("g").aggregate([("g", "count")])
        return pa.Table.from_arrays([groups.column("g"), groups.column("g_count")], schema=schema)

    given = pa.table({"g": ["a", "b", "a", "c", "a"], "x": [3, 1, 2, 5, 4]})
    for keys in ((), ("g",)):
        found = {}
        for name, engine in engines.items():
            engine.register("t", given)
            engine.run((Kernel("k", 1, count, "t", schema, keys, ("x",)),), ["k"])
            found[name] = _rows(engine, "k")
        assert found["spark"] == found["duckdb"]
        assert found["spark"] == [{"g": "a", "n": 3}, {"g": "b", "n": 1}, {"g": "c", "n": 1}]


def test_files_are_read_and_written_alike(engines: dict[str, Engine], tmp_path: Path) -> None:
    schema = pa.schema([*ACTIONS, pa.field("later_column", pa.string())])
    folder = engines["duckdb"]._scratch.parent  # type: ignore[attr-defined]
    found = {}
    for name, engine in engines.items():
        path = folder / f"{name}.parquet"
        engine.register("given", _actions(4, 100))
        assert engine.write("given", path, ["byte_start"]) == 100
        engine.register("again", [path], schema)
        engine.register("none", [], schema)
        assert engine.fetch("none").num_rows == 0
        found[name] = engine.fetch("again").sort_by("byte_start").to_pylist()
    assert found["spark"] == found["duckdb"]
    assert found["spark"][0]["later_column"] is None
    with pytest.raises(PlanError, match="outside"):
        engines["spark"].register("x", [tmp_path / "elsewhere.parquet"], schema)


def test_errors_name_the_step_and_keep_the_kernels_own_words(engines: dict[str, Engine]) -> None:
    spark = engines["spark"]
    with pytest.raises(QueryError, match="only DuckDB"):
        spark.query(Query("q", "SELECT 1 AS a"))
    with pytest.raises(QueryError, match="nothing_here"):
        spark.query(Query("q", "SELECT nothing_here FROM given", portable=True))
    spark.register("co_object_action", _actions(5, 500), ACTIONS)
    with pytest.raises(PlanError, match="more than the budget of 1"):
        spark.run(
            merged({"layers": ("co_object",), "pair_budget": 1}),
            RESULTS,
            {"run_id": "r", "analysis_version": "v"},
        )


@pytest.mark.shared_data
def test_the_published_counts_on_spark(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "posts/coortweet/russian_coord_tweets.parquet"
    options = CoordinateOptions(windows=("60s", "10s"), weight="co_pairs", engine="spark")
    networks = coordinate([file], tmp_path, options).summary["networks"]
    assert [part["pair_count"] for part in networks] == [6_281, 1_098]
    assert [part["edge_count"] for part in networks] == [63, 5]


def test_significance_and_clusters_do_not_depend_on_the_engine(tmp_path: Path) -> None:
    made = planted(3, PlantedPlan(actions=4_000, cells=1, pushes=60, exclusive_share=0.2))
    table = pa.table(
        {
            "account_id": [f"x_{code}" for code in made.accounts.tolist()],
            "object_id": [f"o{code}" for code in made.objects.tolist()],
            "timestamp": made.times // 1_000_000,
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found: dict[str, dict[str, Any]] = {}
    for engine in ("duckdb", "spark"):
        options = CoordinateOptions(windows=("10s",), engine=engine)
        coordinate([tmp_path / "t.parquet"], tmp_path / engine, options)
        found[engine] = {
            name: pq.read_table(tmp_path / engine / f"{name}.parquet").to_pylist()
            for name in TESTED
        }
    assert found["spark"] == found["duckdb"]
    assert found["duckdb"]["cluster"]
