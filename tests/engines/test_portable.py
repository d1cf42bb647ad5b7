"""Which queries may leave DuckDB, and how they read in Spark's dialect."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tamis.engines.portable import translated
from tamis.errors import QueryError
from tamis.plan import Query

TABLES = ("t", "u")


def _query(sql: str, *, portable: bool = True) -> Query:
    return Query("q", sql, portable=portable)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT string_agg(a, ',' ORDER BY b) FROM t", "list|order"),
        ("SELECT list(a ORDER BY b) FROM t", "list|order"),
        ("SELECT sum(a ORDER BY b) FROM t", "order"),
        ("SELECT quantile_cont(a, 0.5) FROM t", "not on the list"),
        ("SELECT random() FROM t", "not on the list"),
        ("SELECT date_diff('day', a, b) FROM t", "other units than microseconds"),
        ("SELECT date_diff('second', a, b) FROM t", "other units than microseconds"),
        ("SELECT now()", "not on the list"),
        ("SELECT my_function(a) FROM t", "my_function"),
        ("SELECT * FROM read_parquet('/etc/x')", "not on the list|no table"),
        ("SELECT * FROM parquet.t", "no table"),
        ("SELECT * FROM elsewhere", "no table"),
        ("CREATE TABLE x AS SELECT 1", "one SELECT"),
        ("SELECT FROM WHERE", "."),
    ],
)
def test_what_is_not_portable_is_refused_by_name(sql: str, words: str) -> None:
    with pytest.raises(QueryError, match=rf"(?s)query 'q' failed.*({words})"):
        translated(_query(sql), {}, TABLES)


def test_a_query_must_declare_itself_portable() -> None:
    with pytest.raises(QueryError, match="only DuckDB"):
        translated(_query("SELECT a FROM t", portable=False), {}, TABLES)


def test_values_become_typed_literals_that_cannot_become_sql() -> None:
    paris = timezone(timedelta(hours=2))
    values = {
        "s": "it's'; DROP TABLE t --",
        "i": 3,
        "f": 0.1,
        "b": True,
        "n": None,
        "t": datetime(2017, 5, 5, 20, 0, tzinfo=paris),
    }
    sql = "SELECT $s AS s, $i AS i, $f AS f, $b AS b, $n AS n, $t AS t FROM t WHERE a = $i"
    text = translated(_query(sql), values, TABLES)
    assert "CAST('3' AS BIGINT)" in text
    assert "CAST('0.1' AS DOUBLE)" in text
    assert "2017-05-05 18:00:00+00:00" in text
    assert "DROP TABLE t --'" in text
    assert "$" not in text
    assert "\\'" in text or "''" in text


def test_windows_and_common_tables_may_order() -> None:
    sql = (
        "WITH c AS (SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY a DESC) AS n FROM t) "
        "SELECT c.a FROM c JOIN u ON c.a = u.a WHERE c.n = 1 ORDER BY c.a"
    )
    assert "ROW_NUMBER() OVER" in translated(_query(sql), {}, TABLES)


def test_lags_are_counted_in_microseconds_and_platforms_split_off() -> None:
    sql = "SELECT DATE_DIFF('microsecond', a, b) AS lag_us, SPLIT_PART(c, ':', 1) AS p FROM t"
    assert translated(_query(sql), {}, TABLES) == (
        "SELECT DATEDIFF(MICROSECOND, a, b) AS lag_us, SPLIT_PART(c, ':', 1) AS p FROM t"
    )
