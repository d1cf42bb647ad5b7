"""The attribution board: people's hypotheses beside the program's evidence, and no conclusion.

What people say are decisions of the case; the tables `hypothesis` and `board_cell` repeat their
last words, so that a report can print them and an audit can ask again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tamis.errors import InputError
from tamis.plan import Query, identifier
from tamis.run.sayings import refresh, repeat
from tamis.run.sayings import said as said_text
from tamis.run.show import json_line
from tamis.syntax.visible import show_hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tamis.case import Case, CaseView, Writer
    from tamis.case.decisions import Decision

BEARINGS = ("consistent", "inconsistent", "neutral", "not_applicable")
NO_CONCLUSION = (
    "The program supplies evidence and draws no conclusion: each cell is what the named person "
    "says of it, nothing is added up, and the order of the rows is that of their writing."
)
# Where evidence stands, and the SQL that names a piece of it.
EVIDENCE = {
    "evidence": "evidence_id",
    "cohort": "cohort_id",
    "document_time_conflict": "conflict_id",
    "hole": "hole_id",
    # What this collection could not test is evidence of nothing.
    "claim_check": (
        "CASE WHEN outcome <> 'not_testable' THEN left(source_item_id, 12) || ':' || claim_id END"
    ),
}
_HYPOTHESIS, _CELL = "hypothesis", "board_cell"


@dataclass(frozen=True, slots=True)
class Board:
    """The rows of the two tables, in the order they were put."""

    hypotheses: tuple[Mapping[str, Any], ...]
    cells: tuple[Mapping[str, Any], ...]

    def lines(self, details: Mapping[str, str]) -> Iterator[str]:
        """The board for people: each hypothesis with what was said of each piece of evidence."""
        for row in self.hypotheses:
            yield f"{row['hypothesis_id']}  {show_hidden(row['statement'])}"
            yield f"    put by {show_hidden(row['author'])}, {row['stated_at'].isoformat()}"
            for cell in self.cells:
                if cell["hypothesis_id"] == row["hypothesis_id"]:
                    told = details.get(cell["evidence_id"], "no longer in the case")
                    yield f"    {cell['bearing']}: {cell['evidence_table']} {cell['evidence_id']}"
                    yield f"        evidence: {show_hidden(told, limit=300)}"
                    yield f"        note: {show_hidden(cell['note'])}"
                    yield f"        {show_hidden(cell['author'])}, {cell['said_at'].isoformat()}"
        yield NO_CONCLUSION

    def jsonl(self) -> Iterator[str]:
        """The rows of both tables, one JSON object a line, each with the table's name."""
        for table, rows in ((_HYPOTHESIS, self.hypotheses), (_CELL, self.cells)):
            for row in rows:
                yield json_line({"table": table, **row}).rstrip("\n")


def add_hypothesis(case: Case, statement: str, author: str) -> tuple[str, str]:
    """The id of a new hypothesis, and a remark on the tables (empty when they are up to date).

    Errors    InputError for an empty or overlong text, or without a name.
    """
    text = said_text("a hypothesis", statement)
    number = case.decide(_HYPOTHESIS, [text], text, "", said_text("--by", author))
    remark = refresh(case, settle)
    made = next(r for r in read(case).hypotheses if r["decision_number"] == number)
    return str(made["hypothesis_id"]), remark


def set_cell(
    case: Case, hypothesis_id: str, evidence_id: str, bearing: str, **said: str
) -> tuple[str, str]:
    """The table the evidence stands in, and a remark on the tables as above.

    Input     `said`: note and author
    Errors    InputError for an unknown hypothesis, evidence or bearing, or without a note.
    """
    board = read(case)
    known = [row["hypothesis_id"] for row in board.hypotheses]
    if hypothesis_id not in known:
        raise InputError(
            f"no hypothesis is called {hypothesis_id!r}; there are: {', '.join(known) or 'none'}"
        )
    if bearing not in BEARINGS:
        raise InputError(f"{bearing!r} is none of: {', '.join(BEARINGS)}")
    with case.view() as view:
        tables = [name for name, _, _ in evidence_found(view, [evidence_id])]
    if not tables:
        raise InputError(
            f"no evidence is called {evidence_id!r}; ids stand in the tables {', '.join(EVIDENCE)}"
        )
    subjects = [hypothesis_id, f"{tables[0]}:{evidence_id}"]
    note, author = said_text("--note", said["note"]), said_text("--by", said["author"])
    case.decide(_CELL, subjects, bearing, note, author)
    return tables[0], refresh(case, settle)


def read(case: Case) -> Board:
    """The board as the decisions of the case tell it; each cell's last word counts."""
    return _board(case.decisions())


def details(case: Case, board: Board) -> dict[str, str]:
    """The sentence of each piece of evidence on the board that the case still holds."""
    wanted = sorted({str(cell["evidence_id"]) for cell in board.cells})
    with case.view() as view:
        return {one: detail for _, one, detail in evidence_found(view, wanted)}


def settle(writer: Writer, taken: Iterable[Decision]) -> None:
    """Bring the two tables up to the decisions; equal rows change nothing."""
    board = _board(taken)
    repeat(writer, {_HYPOTHESIS: board.hypotheses, _CELL: board.cells})


def _board(taken: Iterable[Decision]) -> Board:
    hypotheses: list[dict[str, Any]] = []
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    words: Counter[tuple[str, str]] = Counter()
    for one in taken:
        said = {"author": one.author, "decision_number": one.decision_id}
        moment = datetime.fromisoformat(one.decided_at)
        if one.kind == _HYPOTHESIS:
            name = f"H{len(hypotheses) + 1}"
            row = {"hypothesis_id": name, "statement": one.value, "stated_at": moment, **said}
            hypotheses.append(row)
        elif one.kind == _CELL:
            table, _, evidence_id = one.subject_ids[1].partition(":")
            key = (one.subject_ids[0], evidence_id)
            names = dict(zip(("hypothesis_id", "evidence_id"), key, strict=True))
            told = {"evidence_table": table, "bearing": one.value, "note": one.why}
            cells[key] = {**names, **told, **said, "said_at": moment, "change_count": words[key]}
            words[key] += 1
    return Board(tuple(hypotheses), tuple(cells[key] for key in sorted(cells)))


def evidence_found(view: CaseView, ids: list[str]) -> list[tuple[str, str, str]]:
    """Table, id and sentence of each piece of evidence."""
    sql = " UNION ALL ".join(
        f"SELECT DISTINCT '{name}' AS evidence_table, {named} AS evidence_id, detail "  # noqa: S608
        f"FROM {identifier(name)} WHERE list_contains($ids, {named})"
        for name, named in EVIDENCE.items()
    )
    rows = view.query(Query("board_evidence", sql, {"ids": ids})).to_pylist()
    return [(row["evidence_table"], row["evidence_id"], row["detail"]) for row in rows]
