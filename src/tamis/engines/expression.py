"""The row expressions that `--where` and the web filters may hold, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import expressions as exp
from sqlglot.errors import SqlglotError

from tamis.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 4_000
_DEEPEST = 60
_REMEDY = "write one comparison of columns and values, such as: weight >= 3 and layer = 'co_link'"

_COMPARING: tuple[type[exp.Expression], ...] = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In, exp.Like, exp.ILike, exp.Boolean,
    exp.StartsWith, exp.EndsWith, exp.Contains, exp.ArrayContains,
)  # fmt: skip
_VALUES: tuple[type[exp.Expression], ...] = (
    exp.Paren, exp.Column, exp.Identifier, exp.Literal, exp.Null, exp.Neg, exp.Add, exp.Sub,
    exp.Mul, exp.Div, exp.Mod, exp.DPipe, exp.Tuple, exp.Escape,
    exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Abs, exp.Round, exp.Floor, exp.Ceil,
    exp.Coalesce, exp.Least, exp.Greatest, exp.Year, exp.Month, exp.Day, exp.Substring,
)  # fmt: skip
_CASTS = {
    exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.BIGINT, exp.DType.INT, exp.DType.DOUBLE,
    exp.DType.BOOLEAN, exp.DType.TIMESTAMPTZ, exp.DType.DATE,
}  # fmt: skip
_ALLOWED = (*_COMPARING, *_VALUES, exp.Cast, exp.DataType)


def parse_expression(text: str, columns: Iterable[str]) -> str:
    """The one boolean expression that `text` holds, as safe DuckDB SQL over `columns`.

    Errors    ExpressionError, saying what is not understood and what to write instead, for
              anything else: a statement, a subquery, another function, an unknown column.
    """
    known = {column.lower(): column for column in columns}
    tree = _parsed(text)
    _check_depth(tree)
    for node in tree.walk():
        _check(node, known)
    top = tree
    while isinstance(top, exp.Paren):
        top = top.this
    if not (isinstance(top, _COMPARING) or _is_boolean_like(top)):
        raise ExpressionError(f"{_short(text)} is no condition; {_REMEDY}")
    return str(tree.sql(dialect="duckdb"))


def _parsed(text: str) -> exp.Expression:
    if len(text) > _LONGEST:
        raise ExpressionError(f"the expression is longer than {_LONGEST:,} characters")
    if any(ord(letter) < 32 and letter not in "\t\n\r" for letter in text):
        raise ExpressionError("the expression holds a control character; leave it out")
    if text.count("(") + text.count("[") > _DEEPEST:
        raise ExpressionError(f"more than {_DEEPEST} brackets; write a simpler condition")
    try:
        trees = sqlglot.parse(f"SELECT 1 FROM t WHERE ({text}\n)", read="duckdb")  # noqa: S608  # parsed, never run
        inner = sqlglot.parse_one(text, read="duckdb")
    except (SqlglotError, RecursionError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise ExpressionError(f"{_short(text)} cannot be read: {reason}; {_REMEDY}") from problem
    select = trees[0] if len(trees) == 1 else None
    if not isinstance(select, exp.Select) or inner is None:
        raise ExpressionError(f"{_short(text)} is more than one expression; {_REMEDY}")
    held = select.args.get("where")
    if held is None or not isinstance(held.this, exp.Paren) or held.this.this != inner:
        raise ExpressionError(f"{_short(text)} is more than one expression; {_REMEDY}")
    return inner


def _check_depth(tree: exp.Expression) -> None:
    for node in tree.walk():
        if node.depth > _DEEPEST:
            raise ExpressionError(f"the expression nests deeper than {_DEEPEST}; write it flatter")


def _check(node: exp.Expression, known: dict[str, str]) -> None:
    if type(node) not in _ALLOWED:
        raise ExpressionError(f"{_named(node)} is not allowed here; {_REMEDY}")
    if node.comments:
        raise ExpressionError(f"a comment is not allowed here; {_REMEDY}")
    if isinstance(node, exp.Column):
        if node.args.get("table") or node.args.get("db"):
            raise ExpressionError(f"{node.sql()} names a table; write the column alone")
        if node.name.lower() not in known:
            listed = ", ".join(sorted(known.values()))
            raise ExpressionError(f"there is no column {node.name!r}; the columns are: {listed}")
        node.set("this", exp.to_identifier(known[node.name.lower()], quoted=True))
    if isinstance(node, exp.Is) and not isinstance(
        node.expression.unnest(), (exp.Null, exp.Boolean)
    ):
        raise ExpressionError(f"{_named(node)}: after IS stands NULL, TRUE or FALSE; {_REMEDY}")
    if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest")):
        raise ExpressionError(f"a subquery is not allowed here; {_REMEDY}")
    if isinstance(node, exp.DataType) and (
        node.this not in _CASTS or node.expressions or node.args.get("nested")
    ):
        raise ExpressionError(f"a cast to {node.sql()} is not allowed here; {_REMEDY}")


def _is_boolean_like(node: exp.Expression) -> bool:
    if isinstance(node, exp.Column):
        return True
    return isinstance(node, exp.Cast) and node.to.this == exp.DType.BOOLEAN


def _named(node: exp.Expression) -> str:
    if isinstance(node, exp.Anonymous):
        return f"the function {node.name!r}"
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name().lower()!r}"
    if isinstance(node, (exp.Query, exp.Subquery)):
        return "a subquery"
    return f"{type(node).__name__.lower()} ({_short(node.sql())})"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 80 else f"{flat[:77]}…")
