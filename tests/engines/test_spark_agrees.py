"""Every layer on both engines, on one machine and on a small cluster, and a million actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.analyses.coordination.test_co_action import EVERY_LAYER

from tamis import records
from tamis.analyses.coordination.co_action import ANALYSIS, build, merged
from tamis.analyses.coordination.layers import CASE_LAYERS
from tamis.analyses.coordination.walk.schema import ACTIONS
from tamis.engines import Engine, open_engine
from tamis.engines.spark import MASTER

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore::ResourceWarning")]

pytest.importorskip("pyspark", reason="the [spark] extra is not installed")

RUN = {"run_id": "r", "analysis_version": "v"}
FLOATS = ("cosine", "jaccard")
MILLION = 1_000_000


@pytest.fixture(scope="module", params=["local[2]", "local-cluster[2,1,1024]"])
def engines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Engine]]:
    folder = tmp_path_factory.mktemp("agree")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MASTER, request.param)
        with (
            open_engine("duckdb", allowed=[folder], scratch=folder / "d", threads=2) as duck,
            open_engine("spark", allowed=[folder], scratch=folder / "s", threads=2) as spark,
        ):
            assert spark._session.sparkContext.master == request.param  # type: ignore[attr-defined]
            yield {"duckdb": duck, "spark": spark}


def _assert_same(found: dict[str, pa.Table], name: str) -> None:
    """Everything equal; sums of logarithms to 1e-9."""
    keys = [(column, "ascending") for column in _keys(found["duckdb"])]
    one, other = (found[engine].sort_by(keys) for engine in ("duckdb", "spark"))
    assert one.num_rows == other.num_rows, name
    for column in one.column_names:
        left, right = one.column(column), other.column(column)
        if column in FLOATS:
            assert left.is_null().equals(right.is_null()), (name, column)
            numbers = [side.drop_null().to_numpy() for side in (left, right)]
            np.testing.assert_allclose(numbers[1], numbers[0], rtol=1e-9)
        else:
            same = pc.equal(left, right.cast(left.type)).fill_null(True)
            assert left.is_null().equals(right.is_null()), (name, column)
            assert pc.all(same).as_py() is not False, (name, column)


def _keys(table: pa.Table) -> list[str]:
    return [
        field.name
        for field in table.schema
        if field.name not in FLOATS and not pa.types.is_floating(field.type)
    ]


def test_every_layer_of_a_case_is_the_same(engines: dict[str, Engine]) -> None:
    tables = {}
    for name, engine in engines.items():
        for table, rows in EVERY_LAYER.items():
            engine.register(table, records.table(table).build(rows))
        engine.run(build({"min_weight": 1}), ANALYSIS.writes, RUN)
        tables[name] = {table: engine.fetch(table) for table in ANALYSIS.writes}
    for table in ANALYSIS.writes:
        _assert_same({name: held[table] for name, held in tables.items()}, table)
    layers = set(tables["spark"]["co_action"].column("layer").to_pylist())
    assert layers == set(CASE_LAYERS) - {"co_link"}


@pytest.mark.slow
def test_a_million_actions_are_the_same(engines: dict[str, Engine]) -> None:
    table = _million()
    params = {
        "layers": ("co_object",),
        "windows_s": (60.0, 10.0),
        "object_limit": 2_000_000,
        "evidence_limit": 100_000,
    }
    tables = {}
    for name, engine in engines.items():
        engine.register("co_object_action", table, ACTIONS)
        engine.run(merged(params), ANALYSIS.writes, RUN)
        tables[name] = {one: engine.fetch(one) for one in ANALYSIS.writes}
    for one in ANALYSIS.writes:
        _assert_same({name: held[one] for name, held in tables.items()}, one)
    assert tables["spark"]["co_action"].num_rows > 1_000
    assert tables["spark"]["co_action_evidence"].num_rows > 1_000
    assert tables["spark"]["co_action_left_out"].num_rows >= 1


def _million() -> pa.Table:
    """A million actions: many small objects, a viral one, accounts of very unequal zeal."""
    rng = np.random.default_rng(6)
    objects = (rng.pareto(1.2, MILLION) * 3_000).astype(np.int64) % 200_000
    objects[rng.random(MILLION) < 0.03] = 200_001
    accounts = (rng.pareto(0.8, MILLION) * 500).astype(np.int64) % 100_000
    starts = rng.integers(0, 14 * 86_400, 200_002)
    times = starts[objects] + rng.exponential(40_000, MILLION).astype(np.int64)
    return pa.table(
        {
            "object_id": pc.binary_join_element_wise("o", pa.array(objects).cast("string"), ""),
            "account_id": pc.binary_join_element_wise("a", pa.array(accounts).cast("string"), ""),
            "post_id": pc.binary_join_element_wise(
                "p", pa.array(np.arange(MILLION)).cast("string"), ""
            ),
            "acted_at": pa.array((times + 1_493_596_800) * 1_000_000).cast(
                ACTIONS.field("acted_at").type
            ),
            "source_item_id": pa.repeat("0", MILLION),
            "byte_start": pa.array(np.arange(MILLION)),
        },
        schema=ACTIONS,
    )
