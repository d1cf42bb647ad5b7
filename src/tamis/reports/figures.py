"""Every number a report prints: its question, its answer, and the same question asked again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from tamis import records
from tamis.errors import PlanError
from tamis.plan import Query
from tamis.reports.question import check_question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa


class Answers(Protocol):
    """What a figure needs of a case: one query answered over one generation."""

    def query(self, query: Query) -> pa.Table:
        """The rows of `query`."""


class Keeps(StrEnum):
    """What of an answer is stored: one cell, all rows, or the count and digest of rows.

    Rows that hold text of the dump are kept as a digest only, so that a report is never a
    second copy of what `forget` removes.
    """

    VALUE = "value"
    ROWS = "rows"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number or list of a report: what it says and the query that computes it."""

    figure_id: str
    label: str
    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
    keeps: Keeps = Keeps.VALUE
    tolerance: float = 0.0

    @property
    def query(self) -> Query:
        """The figure's question as a named query."""
        return Query(self.figure_id, self.sql, self.params)


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure with its answer; `number` is the mark it carries on the page."""

    figure: Figure
    number: int
    rows: tuple[Mapping[str, Any], ...]
    stored: str

    @property
    def value(self) -> Any:
        """The single cell of a figure that keeps a value; None when there is no row."""
        return next(iter(self.rows[0].values())) if self.rows else None


class FigureBook:
    """The figures of one report, each computed once, numbered as they are first used."""

    def __init__(self, answers: Answers) -> None:
        """Start empty over one generation of a case."""
        self._answers = answers
        self._book: dict[str, Answer] = {}

    def ask(self, figure: Figure) -> Answer:
        """The answer to a figure, computed when it is first asked.

        Errors    PlanError when two figures share an id, or the query is no plain SELECT.
        """
        known = self._book.get(figure.figure_id)
        if known is not None:
            if known.figure != figure:
                raise PlanError(f"two figures are called {figure.figure_id!r}")
            return known
        table = self._answers.query(figure.query)
        rows = tuple(table.to_pylist())
        answer = Answer(figure, len(self._book) + 1, rows, stored(rows, figure.keeps))
        self._book[figure.figure_id] = answer
        return answer

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers so far, by number."""
        return tuple(self._book.values())

    def table(self, report_id: str, generation: int) -> pa.Table:
        """The rows of table `figure` for this report."""
        return records.table("figure").build(
            {
                "figure_id": answer.figure.figure_id,
                "report_id": report_id,
                "label": answer.figure.label,
                "query": answer.figure.sql,
                "params": json.dumps(dict(answer.figure.params), sort_keys=True),
                "generation": generation,
                "value": answer.stored,
                "tolerance": answer.figure.tolerance,
            }
            for answer in self.answers
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that does not come out as stored."""

    figure_id: str
    expected: str
    found: str


def recompute(row: Mapping[str, Any], answers: Answers) -> Difference | None:
    """None when a stored row of table `figure` comes out again, else what came out instead.

    Errors    QueryError when the engine refuses the stored query.
    """
    try:
        kept = json.loads(row["value"])
        keeps = Keeps(kept["keeps"])
        params = json.loads(row["params"])
        check_question(row["query"])
        query = Query(row["figure_id"], row["query"], params)
    except (ValueError, KeyError, TypeError, PlanError) as problem:
        return Difference(
            row["figure_id"], "a stored value and one SELECT over tables", str(problem)
        )
    again = json.loads(stored(tuple(answers.query(query).to_pylist()), keeps))
    if _same(kept, again, row["tolerance"]):
        return None
    return Difference(row["figure_id"], _brief(kept), _brief(again))


def stored(rows: Sequence[Mapping[str, Any]], keeps: Keeps) -> str:
    """The JSON that table `figure` keeps of an answer.

    Output    {"keeps", "value"}, {"keeps", "rows", "row_count"} or
              {"keeps", "sha256", "row_count"}; the digest is over the rows' JSON, one a line,
              in the order of the query
    """
    kept: dict[str, Any] = {"keeps": keeps.value}
    if keeps is Keeps.VALUE:
        kept["value"] = plain(next(iter(rows[0].values()))) if rows else None
    else:
        plain_rows = [[plain(cell) for cell in row.values()] for row in rows]
        kept["row_count"] = len(rows)
        if keeps is Keeps.ROWS:
            kept["rows"] = plain_rows
        else:
            kept["sha256"] = _digest(plain_rows)
    return _json(kept)


def plain(cell: Any) -> Any:
    """A cell as JSON has it: times in ISO 8601 UTC, whole decimals as integers, bytes as hex."""
    if isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    return [plain(part) for part in cell] if isinstance(cell, list | tuple) else cell


def _digest(rows: Sequence[Sequence[Any]]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(_json(row).encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
    return digest.hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _same(expected: Any, found: Any, tolerance: float) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        if expected == found:
            return True
        return math.isclose(expected, found, rel_tol=tolerance, abs_tol=0.0) and tolerance > 0
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(
            _same(*pair, tolerance) for pair in zip(expected, found, strict=True)
        )
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(
            _same(expected[key], found[key], tolerance) for key in expected
        )
    return bool(expected == found)


def _brief(kept: Mapping[str, Any], limit: int = 300) -> str:
    text = _json({key: value for key, value in kept.items() if key != "keeps"})
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
