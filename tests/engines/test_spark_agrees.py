"""Every layer of a case on both engines, Spark on the master that the environment names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.analyses.coordination.test_co_action import EVERY_LAYER

from tamis import records
from tamis.analyses.coordination.co_action import ANALYSIS, build
from tamis.analyses.coordination.layers import CASE_LAYERS
from tamis.engines import Engine, open_engine
from tamis.engines.spark import MASTER

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore::ResourceWarning")]

pytest.importorskip("pyspark", reason="the [spark] extra is not installed")

RUN = {"run_id": "r", "analysis_version": "v"}
FLOATS = ("cosine", "jaccard")


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
