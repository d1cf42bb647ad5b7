"""What `--where` may hold, and what it must refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.engines import open_engine
from tamis.engines.expression import parse_expression
from tamis.errors import ExpressionError, QueryError
from tamis.plan import Query

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("weight", "layer", "acted_at", "is_bulk", "to_addresses")

ROWS = pa.table(
    {
        "weight": [1, 2, 3],
        "layer": ["co_link", "co_repost", None],
        "acted_at": pa.array([0, 1_000_000, None], pa.timestamp("us", tz="UTC")),
        "is_bulk": [True, False, None],
        "to_addresses": [["a@b.example"], [], None],
    }
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("weight >= 2", 2),
        ("WEIGHT = 1 and Layer = 'co_link'", 1),
        ("layer is null", 1),
        ("layer is not null or weight > 2", 3),
        ("layer in ('co_link', 'x')", 1),
        ("layer like 'co_%'", 2),
        ("lower(layer) || 'x' = 'co_linkx'", 1),
        ("weight between 2 and 3", 2),
        ("acted_at < timestamptz '1970-01-01T00:00:01+00:00'", 1),
        ("acted_at < '1970-01-01 00:00:00.5+00'::timestamptz", 1),
        ("is_bulk", 1),
        ("not is_bulk", 1),
        ("list_contains(to_addresses, 'a@b.example')", 1),
        ("coalesce(weight, 0) * 2 - 1 > 3", 1),
        ("layer = 'it''s; drop table x --'", 0),
        ("(weight = 1)", 1),
    ],
)
def test_allowed_expressions_select_the_rows_they_say(
    tmp_path: Path, text: str, count: int
) -> None:
    sql = parse_expression(text, COLUMNS)
    with open_engine("duckdb", allowed=[], scratch=tmp_path, threads=1) as engine:
        engine.register("x", ROWS)
        assert engine.query(Query("q", f"SELECT * FROM x WHERE {sql}")).num_rows == count  # noqa: S608


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "1",
        "'text'",
        "weight + 1",
        "weight > 1; drop table x",
        "weight > 1) or (1 = 1",
        "1 = 1) union select 1 --",
        "weight in (select 1)",
        "exists (select 1)",
        "(select true)",
        "weight > (select max(weight) from x)",
        "weight = any(select 1)",
        "read_text('/etc/passwd') = 'x'",
        "layer = getenv('HOME')",
        "current_setting('threads') = '1'",
        "random() < 0.5",
        "now() > acted_at",
        "x.weight = 1",
        "secret = 1",
        "count(*) > 1",
        "row_number() over () = 1",
        "weight = $1",
        "weight = ?",
        "weight = 1 -- comment",
        "weight /* c */ = 1",
        "weight = 1 order by 1",
        "weight = 1 limit 1",
        "weight = 1 as z",
        "* = 1",
        "columns('a') = 1",
        "case when 1=1 then true end",
        "[x for x in to_addresses] = []",
        "list_transform(to_addresses, x -> 1) = []",
        "weight::json = 1",
        "'x'::blob = 'x'",
        "repeat('x', 1000000000) = 'x'",
        "weight = 1\x00",
        "select 1",
        "copy x to 'y'",
        "set threads = 1",
        "(" * 500 + "1" + ")" * 500 + " = 1",
        "not " * 500 + "is_bulk",
        "weight = 1 or " * 1_000 + "weight = 2",
        "weight > 1 returning *",
    ],
)
def test_anything_else_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, COLUMNS)
    assert len(str(caught.value)) > 20


WORDS = st.sampled_from(
    [
        "weight", "layer", "acted_at", "is_bulk", "nothing", "1", "'a'", "null", "true", "=", "<>",
        ">", "and", "or", "not", "(", ")", "in", "like", "between", "is", "select", "from", "x",
        "union", ";", "--", "/*", "*/", "::", "text", "timestamptz", "lower(", ",", "||", "$a",
        "current_user", "glob('*')", "'", '"', "case", "when", "then", "end", "interval", "\\",
        "over", "->", "[", "]", "{", "}", "#1", "@", "cast(", "as", "bigint", "read_csv('x')",
    ]
)  # fmt: skip


@pytest.mark.parametrize("text", ["' ' IS weight", "weight IS 'a'", "layer IS NOT weight"])
def test_is_asks_only_for_null_and_truth(text: str) -> None:
    with pytest.raises(ExpressionError, match="after IS"):
        parse_expression(text, COLUMNS)


@given(st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=60)))
def test_any_text_is_refused_politely_or_is_one_boolean_over_the_rows(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    try:
        sql = parse_expression(text, COLUMNS)
    except ExpressionError:
        return
    folder = tmp_path_factory.mktemp("fuzz")
    with open_engine("duckdb", allowed=[], scratch=folder, threads=1) as engine:
        engine.register("x", ROWS)
        try:
            rows = engine.query(Query("q", f"SELECT count(*) AS n FROM x WHERE {sql}"))  # noqa: S608
        except QueryError as problem:
            assert "Permission" not in str(problem)  # noqa: PT017  # it may be a type error only
            assert "Parser" not in str(problem)  # noqa: PT017
        else:
            assert 0 <= rows.column("n")[0].as_py() <= 3
