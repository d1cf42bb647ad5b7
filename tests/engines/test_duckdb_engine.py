"""DuckDB behind the seam: tables, steps, and what the connection may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tamis import records
from tamis.engines import Engine, fitted, open_engine
from tamis.errors import PlanError, QueryError
from tamis.plan import Kernel, Partition, Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = pa.schema([("b", pa.int64())])
_TIME = pa.timestamp("us", tz="UTC")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    allowed = tmp_path / "case"
    allowed.mkdir()
    with open_engine("duckdb", allowed=[allowed], scratch=tmp_path / "scratch", threads=1) as one:
        yield one


def _ask(engine: Engine, sql: str, **params: Any) -> list[dict[str, Any]]:
    return list(engine.query(Query("q", sql, params)).to_pylist())


def test_every_record_can_be_empty_written_and_read_again(engine: Engine, tmp_path: Path) -> None:
    for record in records.tables().values():
        engine.register(record.name, [], record.schema)
        path = tmp_path / f"case/{record.name}.parquet"
        assert engine.write(record.name, path, record.paging) == 0
        engine.register(record.name, [path], record.schema)
        record.check(fitted(engine.fetch(record.name), record.schema))


def test_a_column_that_older_files_lack_is_null(engine: Engine, tmp_path: Path) -> None:
    old, new = tmp_path / "case/old.parquet", tmp_path / "case/new.parquet"
    pq.write_table(pa.table({"a": [1]}), old)
    pq.write_table(pa.table({"b": ["x"], "a": [2], "c": [0.5]}), new)
    schema = pa.schema(
        [
            ("a", pa.int64()),
            ("b", pa.string()),
            ("d", records.table("run").schema.field("started_at").type),
        ]
    )
    engine.register("t", [old, new], schema)
    rows = _ask(engine, "SELECT * FROM t ORDER BY a")
    assert rows == [{"a": 1, "b": None, "d": None}, {"a": 2, "b": "x", "d": None}]


def test_a_file_that_is_no_parquet_is_an_error_with_its_name(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "case/broken.parquet"
    path.write_bytes(b"PAR1 not really")
    engine.register("t", [path], SCHEMA)
    for _ in range(2):
        with pytest.raises(QueryError, match=r"broken\.parquet"):
            _ask(engine, "SELECT * FROM t")
    with pytest.raises(PlanError, match="neither files nor a schema"):
        engine.register("t", [])


def test_a_table_is_opened_when_it_is_first_mentioned_however_it_is_written(
    engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "case/broken.parquet"
    path.write_bytes(b"PAR1 not really")
    engine.register("unread", [path], SCHEMA)
    rows = pa.table({"b": [1]}, schema=SCHEMA)
    for sql in (
        "SELECT * FROM T_1",
        'SELECT * FROM "t_1"',
        "SELECT (SELECT max(x.b) FROM t_1 AS x) AS b",
        "WITH y AS (FROM/**/t_1) SELECT * FROM y",
        "SELECT * FROM main.t_1",
    ):
        engine.register("t_1", rows)
        assert _ask(engine, sql) == [{"b": 1}]
    engine.register("T_2", rows)
    engine.run([Query("t_2", "SELECT 2 AS b")], keep=("t_2",))
    assert _ask(engine, "SELECT * FROM t_2") == [{"b": 2}]
    engine.register("t_3", rows)
    assert engine.write("t_3", tmp_path / "scratch/t_3.parquet") == 1
    engine.register("t_4", rows)
    assert engine.fetch("t_4").to_pylist() == [{"b": 1}]


def test_steps_become_tables_and_only_the_named_ones_stay(engine: Engine) -> None:
    def double(table: pa.Table, params: Any, part: Partition) -> pa.Table:
        assert part == Partition()
        values = [value * params["times"] for value in table.column("b").to_pylist()]
        return pa.table({"b": values}, schema=SCHEMA)

    engine.register("t", pa.table({"a": [3, 1, 2]}))
    steps = (
        Query("first", "SELECT a + $more AS b, $run_id AS r FROM t", {"more": 10}),
        Kernel("second", 1, double, "first", SCHEMA, order_by=("b",), params={"times": 2}),
        Query("third", "SELECT sum(b) AS s FROM second"),
    )
    engine.run(steps, ["second", "third"], {"run_id": "r1"})
    assert engine.fetch("second").column("b").to_pylist() == [22, 24, 26]
    assert _ask(engine, "SELECT * FROM third") == [{"s": 72}]
    with pytest.raises(QueryError, match="first"):
        engine.fetch("first")


def test_a_step_may_replace_a_table_of_its_name(engine: Engine) -> None:
    engine.register("t", pa.table({"a": [1]}))
    for _ in range(2):
        engine.run((Query("u", "SELECT a FROM t"),), ["u"])
    assert _ask(engine, "SELECT * FROM u") == [{"a": 1}]


def test_a_kernel_sees_its_rows_sorted_unless_it_sorts_itself(engine: Engine) -> None:
    seen: list[Any] = []

    def look(table: pa.Table, _: Any, __: Partition) -> pa.Table:
        seen.append(table.to_pydict())
        return SCHEMA.empty_table()

    engine.register("t", pa.table({"g": ["b", "a", "b"], "x": [2, 9, 1]}))
    for is_sorted in (True, False):
        kernel = Kernel("k", 1, look, "t", SCHEMA, ("g",), ("x",), is_sorted=is_sorted)
        engine.run((kernel,), ["k"])
    assert seen[0] == {"g": ["a", "b", "b"], "x": [9, 1, 2]}
    assert sorted(seen[1]["x"]) == [1, 2, 9]


def test_a_kernel_is_given_files_as_a_query_would_read_them(engine: Engine, tmp_path: Path) -> None:
    seen: list[pa.Table] = []

    def look(table: pa.Table, _: Any, __: Partition) -> pa.Table:
        seen.append(table)
        return SCHEMA.empty_table()

    schema = pa.schema([("a", pa.int64()), ("b", pa.string()), ("at_us", _TIME)])
    paths = {name: tmp_path / f"case/{name}.parquet" for name in ("plain", "narrow", "bare")}
    pq.write_table(pa.table([[1, None], ["x", ""], [None, 5]], schema=schema), paths["plain"])
    pq.write_table(pa.table({"b": ["y"], "a": pa.array([2], pa.int32())}), paths["narrow"])
    pq.write_table(pa.table({"z": [0], "b": ["z"]}), paths["bare"])
    for number, files in enumerate((["plain", "bare"], ["plain", "narrow"], ["bare"])):
        engine.register(f"t_{number}", [paths[name] for name in files], schema)
        kernel = Kernel("k", 1, look, f"t_{number}", SCHEMA, is_sorted=False)
        engine.run((kernel,), ["k"])
        assert seen[-1].schema.equals(schema)
        assert seen[-1].to_pylist() == engine.fetch(f"t_{number}").to_pylist()
    outside = tmp_path / "elsewhere.parquet"
    pq.write_table(pa.table({"b": ["secret"]}), outside)
    (tmp_path / "case/link.parquet").symlink_to(outside)
    for path in (outside, tmp_path / "case/link.parquet"):
        engine.register("o", [path], schema)
        with pytest.raises(QueryError):
            engine.run((Kernel("k", 1, look, "o", SCHEMA, is_sorted=False),), ["k"])
    assert len(seen) == 3


@pytest.mark.parametrize(
    "result",
    [
        pa.table({"b": ["text"]}),
        pa.table({"c": pa.array([1], pa.int64())}),
        None,
    ],
)
def test_a_kernel_must_return_what_it_declares(engine: Engine, result: Any) -> None:
    engine.register("t", pa.table({"a": [1]}))
    kernel = Kernel("liar", 3, lambda *_: result, "t", SCHEMA)
    with pytest.raises(PlanError, match=r"'liar' \(version 3\)"):
        engine.run((kernel,), ["liar"])


def test_null_where_the_schema_forbids_it_is_an_error(engine: Engine) -> None:
    schema = pa.schema([pa.field("b", pa.int64(), nullable=False)])
    engine.register("t", pa.table({"a": [1]}))
    result = pa.Table.from_arrays([pa.array([None], pa.int64())], schema=schema)
    with pytest.raises(PlanError, match="NULL in b"):
        engine.run((Kernel("k", 1, lambda *_: result, "t", schema),), ["k"])


def test_a_failed_query_shows_its_name_and_text(engine: Engine) -> None:
    with pytest.raises(QueryError) as caught:
        engine.run((Query("hourly", "SELECT nothing FROM nowhere"),), [])
    assert "hourly" in str(caught.value)
    assert "SELECT nothing FROM nowhere" in str(caught.value)
    with pytest.raises(QueryError, match="late"):
        engine.query(Query("late", "SELECT CAST(x || 'z' AS INTEGER) FROM range(9) AS t(x)"))
    with pytest.raises(PlanError, match=r"\$when"):
        engine.query(Query("unbound", "SELECT $when"))


def test_a_dollar_in_a_text_is_no_parameter(engine: Engine) -> None:
    sql = "SELECT 'it''s $5' AS a, \"$x\" AS b, $n AS c FROM (SELECT 1 AS \"$x\") /* $y */ -- $z"
    assert _ask(engine, sql, n="o'k") == [{"a": "it's $5", "b": 1, "c": "o'k"}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT getenv('HOME')",
        "SELECT * FROM secret_of_the_caller",
        "COPY (SELECT 1) TO '/tmp/tamis-must-not-exist.csv'",
        "ATTACH '/tmp/tamis-must-not-exist.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 4",
        "SET enable_external_access = true",
        "PRAGMA disable_lock",
        "CREATE TABLE z AS SELECT 1",
        "SELECT 1; SELECT 2",
        "",
    ],
)
def test_the_connection_reaches_nothing_else(engine: Engine, sql: str) -> None:
    secret_of_the_caller = pa.table({"a": [1]})
    with pytest.raises(QueryError):
        engine.query(Query("q", sql))
    with pytest.raises(QueryError):
        engine.run((Query("q", sql),), ["q"])
    assert secret_of_the_caller.num_rows == 1


def test_times_come_back_in_utc_whatever_the_machine_thinks(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    row = _ask(engine, "SELECT TIMESTAMPTZ '2017-05-05 20:00:00+02' AS t, hour(t) AS h")[0]
    assert row["t"].isoformat() == "2017-05-05T18:00:00+00:00"
    assert row["h"] == 18


def test_what_is_written_is_sorted_and_compressed(engine: Engine, tmp_path: Path) -> None:
    engine.register("t", pa.table({"a": [3, 1, 2], "b": ["z", "x", "y"]}))
    path = tmp_path / "case/it's.parquet"
    assert engine.write("t", path, ["a"]) == 3
    file = pq.ParquetFile(path)
    assert file.read().column("b").to_pylist() == ["x", "y", "z"]
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_batches_cover_the_table(engine: Engine) -> None:
    engine.register("t", pa.table({"a": range(250_000)}))
    sizes = [batch.num_rows for batch in engine.batches("t")]
    assert sum(sizes) == 250_000
    assert len(sizes) > 1


def test_names_that_could_be_sql_are_refused(engine: Engine) -> None:
    for name in ("a b", "x; DROP TABLE y", "", "ü"):
        with pytest.raises(PlanError):
            engine.register(name, pa.table({"a": [1]}))
        with pytest.raises(PlanError):
            engine.fetch(name)


def test_an_unknown_engine_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="duckdb or spark"):
        open_engine("hive", allowed=[], scratch=tmp_path)
