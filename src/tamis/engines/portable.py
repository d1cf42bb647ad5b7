"""The SQL that both engines understand alike: checked node by node, then translated."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import SqlglotError

from tamis.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tamis.plan import Query

# Functions with the same result on both engines, NULL included. Connectives count as functions
# in sqlglot. Not here, on purpose: anything that depends on the order of rows (first, last,
# string_agg), on the clock, on chance, or on files.
_FUNCTIONS: tuple[type[exp.Expression], ...] = (
    exp.And, exp.Or, exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median,
    exp.Coalesce, exp.Greatest, exp.Least, exp.Case, exp.If, exp.Cast, exp.Nullif,
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.Lower, exp.Upper,
    exp.Length, exp.Abs, exp.Floor, exp.Ceil, exp.Exists, exp.StartsWith, exp.TimestampTrunc,
    exp.Ln, exp.Sqrt, exp.StrPosition, exp.SplitPart,
)  # fmt: skip


def translated(query: Query, values: Mapping[str, Any], tables: Collection[str]) -> str:
    """The query's text in Spark's dialect, with its values as typed literals.

    Errors    QueryError when the query does not declare itself portable, or is not: a function
              outside the list, an aggregate with its own ORDER BY (which the translation would
              drop in silence), a table that nobody registered.
    """
    if not query.portable:
        raise QueryError(query.name, query.sql, "it is not portable, so only DuckDB can run it")
    try:
        tree = sqlglot.parse_one(query.sql, read="duckdb")
    except SqlglotError as problem:
        raise QueryError(query.name, query.sql, str(problem).splitlines()[0]) from problem
    if not isinstance(tree, exp.Query):
        raise QueryError(query.name, query.sql, "a query is exactly one SELECT")
    inner = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    known = {name.lower() for name in tables} | inner
    for node in tree.walk():
        if reason := _unportable(node, known):
            raise QueryError(query.name, query.sql, f"not portable: {reason}")
    bound = tree.transform(lambda node: _literal(node, values))
    return str(bound.sql(dialect="spark"))


def _unportable(node: exp.Expression, tables: set[str]) -> str | None:
    if isinstance(node, exp.DateDiff):
        # DuckDB counts borders of a unit that were passed, Spark whole units: one for the least.
        is_least = str(node.args.get("unit")).upper() == "MICROSECOND"
        return None if is_least else "the engines count other units than microseconds differently"
    if isinstance(node, exp.Func) and not isinstance(node, _FUNCTIONS):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name().lower()
        return f"the function {name!r} is not on the list that both engines share"
    if isinstance(node, exp.AggFunc) and (node.find(exp.Order) or node.find(exp.WithinGroup)):
        return f"{node.sql()} orders inside an aggregate, which the translation would drop"
    if isinstance(node, exp.Table) and (
        not isinstance(node.this, exp.Identifier)
        or node.args.get("db")
        or node.name.lower() not in tables
    ):
        return f"there is no table {node.sql()}"
    return None


def _literal(node: exp.Expression, values: Mapping[str, Any]) -> exp.Expression:
    if not isinstance(node, (exp.Parameter, exp.Placeholder)):
        return node
    return _typed(values[node.name])


def _typed(value: object) -> exp.Expression:
    """A literal of the type that DuckDB gives the same Python value."""
    if value is None or isinstance(value, bool):
        return exp.Null() if value is None else exp.Boolean(this=value)
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.astimezone(UTC).isoformat(sep=" ")), "TIMESTAMPTZ")
    for kind, name in ((int, "BIGINT"), (float, "DOUBLE")):
        if isinstance(value, kind):
            return exp.cast(exp.Literal.string(repr(value)), name)
    if isinstance(value, (list, tuple)):
        return exp.Array(expressions=[_typed(part) for part in value])
    return exp.Literal.string(str(value))
