"""Every layer of a case on both engines, and many actions of one layer."""

from __future__ import annotations

import os
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
# The suite has to end in minutes; TAMIS_AGREE_ACTIONS=1000000 is the size that the design names.
MANY = int(os.environ.get("TAMIS_AGREE_ACTIONS", "200000"))


@pytest.fixture(scope="module", params=["local[2]"])
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


def _assert_same(found: dict[str, pa.Table], table: str) -> None:
    """Everything equal; sums of logarithms to 1e-9."""
    keys = [(name, "ascending") for name in found["duckdb"].column_names if name not in FLOATS]
    one, other = (found[engine].sort_by(keys) for engine in ("duckdb", "spark"))
    assert one.num_rows == other.num_rows, table
    for column in one.column_names:
        left, right = one.column(column), other.column(column)
        if column in FLOATS:
            assert left.is_null().equals(right.is_null()), (table, column)
            numbers = [side.drop_null().to_numpy() for side in (left, right)]
            np.testing.assert_allclose(numbers[1], numbers[0], rtol=1e-9)
        else:
            same = pc.equal(left, right.cast(left.type)).fill_null(True)
            assert left.is_null().equals(right.is_null()), (table, column)
            assert pc.all(same).as_py() is not False, (table, column)


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
def test_many_actions_are_the_same(engines: dict[str, Engine]) -> None:
    table = _many(MANY)
    params = {
        "layers": ("co_object",),
        "windows_s": (60.0, 10.0),
        "object_limit": (MANY // 1_000) ** 2,
        "evidence_limit": 100_000,
    }
    tables = {}
    for name, engine in engines.items():
        engine.register("co_object_action", table, ACTIONS)
        engine.run(merged(params), ANALYSIS.writes, RUN)
        tables[name] = {one: engine.fetch(one) for one in ANALYSIS.writes}
    for one in ANALYSIS.writes:
        _assert_same({name: held[one] for name, held in tables.items()}, one)
    assert tables["spark"]["co_action"].num_rows > 500
    assert tables["spark"]["co_action_evidence"].num_rows > 500
    assert tables["spark"]["co_action_left_out"].num_rows >= 1


def _many(count: int) -> pa.Table:
    """Many small objects, a viral one of a thirtieth, accounts of very unequal zeal."""
    rng = np.random.default_rng(6)
    objects = (rng.pareto(1.2, count) * 500).astype(np.int64) % (count // 5)
    objects[rng.random(count) < 0.03] = count
    accounts = (rng.pareto(0.8, count) * 500).astype(np.int64) % (count // 20)
    starts = rng.integers(0, 14 * 86_400, count + 1)
    times = starts[objects] + rng.exponential(20_000, count).astype(np.int64)
    texts = {
        name: pc.binary_join_element_wise(name[0], pa.array(codes).cast("string"), "")
        for name, codes in (
            ("object_id", objects),
            ("account_id", accounts),
            ("post_id", np.arange(count)),
        )
    }
    acted = pa.array((times + 1_493_596_800) * 1_000_000)
    rest = {
        "acted_at": acted.cast(ACTIONS.field("acted_at").type),
        "source_item_id": pa.repeat("0", count),
        "byte_start": pa.array(np.arange(count)),
    }
    return pa.table({**texts, **rest}, schema=ACTIONS)
