from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tamis import records

SUFFIXES = {
    "_id": pa.string(),
    "_at": pa.timestamp("us", tz="UTC"),
    "_count": pa.int64(),
}


@pytest.mark.parametrize("table", records.tables().values(), ids=lambda t: t.name)
def test_every_table_is_created_unquoted_on_duckdb(table: records.Table) -> None:
    columns = ", ".join(f"{column.name} VARCHAR" for column in table.columns)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
        connection.execute(
            f"SELECT {', '.join(c.name for c in table.columns)} FROM {table.name}"  # noqa: S608
        )


@pytest.mark.spark
def test_every_table_is_created_unquoted_on_spark(tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.ansi.enforceReservedKeywords", "true")
        .config("spark.sql.warehouse.dir", str(tmp_path))
        .getOrCreate()
    )
    refused = []
    for table in records.tables().values():
        columns = ", ".join(f"CAST(NULL AS STRING) AS {c.name}" for c in table.columns)
        try:
            session.sql(f"SELECT {columns}").createOrReplaceTempView(table.name)
            session.sql(f"SELECT * FROM {table.name}").collect()  # noqa: S608
        except Exception as error:  # noqa: BLE001  collected: all refusals in one message
            refused.append((table.name, str(error)[:200]))
    session.stop()
    assert refused == []


@pytest.mark.parametrize("table", records.tables().values(), ids=lambda t: t.name)
def test_columns_are_documented_and_named_by_their_kind(table: records.Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)
    assert set(table.paging) <= set(names)
    assert table.meaning.endswith(".")
    for column in table.columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert len(column.meaning) > 3
        for suffix, kind in SUFFIXES.items():
            if column.name.endswith(suffix):
                assert column.kind == kind, f"{table.name}.{column.name}"
        if column.name.startswith("is_"):
            assert column.kind == pa.bool_()
        if column.name.endswith("_s"):
            assert column.kind in {pa.int64(), pa.float64()}
            assert column.unit == "seconds"


def test_a_missing_value_where_none_may_be_is_refused() -> None:
    table = records.table("tombstone")
    with pytest.raises(ValueError, match="why must not be NULL"):
        table.build([{"item_id": "a", "forgotten_at": None}])
    with pytest.raises(KeyError, match="has no column"):
        table.build([{"item": "a"}])
