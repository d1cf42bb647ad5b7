"""What may be asked of a case by a stored figure: one SELECT over its tables."""

from __future__ import annotations

from typing import Any

from tamis import records
from tamis.errors import PlanError

# A table function reads files or settings; figures need none of them.
_FUNCTIONS_REFUSED = (
    "read_",
    "parquet_",
    "duckdb_",
    "pragma_",
    "sniff_",
    "glob",
    "query",
    "getenv",
)


def check_question(sql: str) -> tuple[str, ...]:
    """The tables of the case that a figure's query reads, once it is a single plain SELECT.

    A figure's text comes out of the case when it is audited, and the case may come from
    somebody else: it is a stranger's program until this has looked at it.

    Errors    PlanError for more than one statement, anything but SELECT, a name that is no
              table of a case, and functions that read files or settings.
    """
    from sqlglot import exp  # noqa: PLC0415 - heavy, and `tamis --help` must not wait for it

    tree = _only_select(sql)
    for call in tree.find_all(exp.Func):
        name = (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()
        if name.startswith(_FUNCTIONS_REFUSED):
            raise PlanError(f"a figure's query may not call {name}()")
    sources = list(tree.find_all(exp.Table))
    if any(not isinstance(one.this, exp.Identifier) or one.args.get("db") for one in sources):
        raise PlanError("a figure's query may read tables of the case only")
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    read = {one.name for one in sources} - own
    if unknown := sorted(read - records.tables().keys()):
        raise PlanError(f"a figure's query reads {unknown}, which are no tables of a case")
    return tuple(sorted(read))


def _only_select(sql: str) -> Any:
    import sqlglot  # noqa: PLC0415 - as above
    from sqlglot import exp  # noqa: PLC0415 - as above

    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except sqlglot.errors.SqlglotError as problem:
        raise PlanError(f"the query cannot be parsed: {problem}") from problem
    tree = statements[0] if len(statements) == 1 else None
    if not isinstance(tree, exp.Query) or tree.find(exp.Into, exp.Command, exp.DML):
        raise PlanError("a figure's query must be exactly one SELECT")
    return tree
