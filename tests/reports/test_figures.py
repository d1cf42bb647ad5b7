from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tamis.errors import PlanError
from tamis.reports.figures import Difference, Figure, FigureBook, Keeps, plain, recompute, stored
from tamis.reports.question import check_question

if TYPE_CHECKING:
    from tamis.plan import Query


class Fixed:
    """Answers every query with the same rows, and remembers what was asked."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.asked: list[Query] = []

    def query(self, query: Query) -> pa.Table:
        self.asked.append(query)
        return pa.Table.from_pylist(self.rows)


def figure(keeps: Keeps = Keeps.VALUE, tolerance: float = 0.0) -> Figure:
    return Figure("f", "a figure", "SELECT 1 AS x FROM item", {"a": 1}, keeps, tolerance)


def row_of(book: FigureBook) -> dict[str, Any]:
    return book.table("r1", 7).to_pylist()[0]


@pytest.mark.parametrize("keeps", list(Keeps))
def test_what_is_unchanged_comes_out_again(keeps: Keeps) -> None:
    answers = Fixed([{"x": 3, "t": dt.datetime(2031, 1, 1, tzinfo=dt.UTC)}])
    book = FigureBook(answers)
    book.ask(figure(keeps))
    assert recompute(row_of(book), answers) is None
    assert answers.asked[-1].params == {"a": 1}


@pytest.mark.parametrize("keeps", list(Keeps))
def test_another_value_another_row_and_another_order_are_named(keeps: Keeps) -> None:
    rows = [{"x": 3, "y": "a"}, {"x": 4, "y": "b"}]
    book = FigureBook(Fixed(rows))
    book.ask(figure(keeps))
    kept = row_of(book)
    found = recompute(kept, Fixed([{"x": 4, "y": "a"}, {"x": 4, "y": "b"}]))
    assert isinstance(found, Difference)
    assert found.figure_id == "f"
    if keeps is not Keeps.VALUE:
        assert recompute(kept, Fixed(rows[:1])) is not None
        assert recompute(kept, Fixed(rows[::-1])) is not None


def test_floats_agree_within_the_tolerance_only() -> None:
    book = FigureBook(Fixed([{"x": 0.1 + 0.2}]))
    book.ask(figure(tolerance=1e-9))
    near, far = Fixed([{"x": 0.3}]), Fixed([{"x": 0.3001}])
    assert recompute(row_of(book), near) is None
    assert recompute(row_of(book), far) is not None
    strict = FigureBook(Fixed([{"x": 0.1 + 0.2}]))
    strict.ask(figure())
    assert recompute(row_of(strict), near) is not None


@pytest.mark.parametrize(
    ("kept", "found"), [(True, 1), (0, None), ("1", 1), (1, 2), (float("nan"), 0.0)]
)
def test_kinds_of_nothing_and_of_one_are_not_mixed_up(kept: Any, found: Any) -> None:
    book = FigureBook(Fixed([{"x": kept}]))
    book.ask(figure())
    assert recompute(row_of(book), Fixed([{"x": found}])) is not None


def test_rows_with_text_are_kept_as_a_digest_alone() -> None:
    kept = stored([{"x": "the secret"}], Keeps.DIGEST)
    assert "secret" not in kept
    assert json.loads(kept)["row_count"] == 1
    assert kept != stored([{"x": "the secreT"}], Keeps.DIGEST)


def test_cells_become_plain() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    assert plain(dt.datetime(2031, 1, 1, 2, tzinfo=zone)) == "2031-01-01T00:00:00Z"
    assert plain(Decimal(3)) == 3
    assert plain(b"\x01") == "01"
    assert plain([Decimal("1.5")]) == [1.5]


def test_a_figure_is_asked_once_and_its_name_is_its_own() -> None:
    answers = Fixed([{"x": 1}])
    book = FigureBook(answers)
    assert book.ask(figure()) is book.ask(figure())
    assert len(answers.asked) == 1
    with pytest.raises(PlanError, match="two figures"):
        book.ask(Figure("f", "another", "SELECT 2 AS x FROM item"))


@pytest.mark.parametrize(
    "sql",
    [
        "COPY item TO 'x'",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM main.item",
        "SELECT content FROM read_text('x')",
        "SELECT * FROM glob('*')",
        "SELECT * FROM query('SELECT 1')",
        "SELECT getenv('HOME')",
        "SELECT * FROM duckdb_settings()",
        "WITH item AS (SELECT * FROM 'f.parquet') SELECT * FROM item",
        "WITH x AS (DELETE FROM item RETURNING *) SELECT * FROM x",
        "INSTALL httpfs",
        "SELECT * FROM nobody",
        "SELEC",
        "",
    ],
)
def test_a_stored_query_that_is_no_plain_select_is_refused_unasked(sql: str) -> None:
    with pytest.raises(PlanError):
        check_question(sql)
    answers = Fixed([{"x": 1}])
    row = {
        "figure_id": "f",
        "query": sql,
        "params": "{}",
        "value": stored([{"x": 1}], Keeps.VALUE),
        "tolerance": 0.0,
    }
    assert recompute(row, answers) is not None
    assert answers.asked == []


def test_the_tables_of_a_question() -> None:
    assert check_question("WITH a AS (SELECT 1 AS x FROM item) SELECT * FROM a, post") == (
        "item",
        "post",
    )


@pytest.mark.parametrize("value", ["", "nonsense", "[]", '{"keeps": "other"}', "{}"])
def test_a_stored_value_beyond_reading_is_a_difference(value: str) -> None:
    row = {
        "figure_id": "f",
        "query": "SELECT 1 AS x FROM item",
        "params": "{}",
        "value": value,
        "tolerance": 0.0,
    }
    assert recompute(row, Fixed([{"x": 1}])) is not None
