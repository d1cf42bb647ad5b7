"""The attribution board: what people say of each piece of evidence under each hypothesis."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.named import Listing, listing

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

HYPOTHESES = Figure(
    "board_hypotheses",
    "Hypotheses that people put on the board",
    "SELECT count(*) AS hypotheses FROM hypothesis",
)
CELLS = Figure(
    "board_cells",
    "Cells of the board that people filled",
    "SELECT count(*) AS cells FROM board_cell",
)
# The program's own sentence on each piece of evidence; none when it is no longer in the case.
_TOLD = """
    SELECT 'evidence' AS evidence_table, evidence_id, detail FROM evidence
    UNION ALL SELECT 'cohort', cohort_id, detail FROM cohort
    UNION ALL SELECT 'document_time_conflict', conflict_id, detail FROM document_time_conflict
    UNION ALL SELECT 'hole', hole_id, detail FROM hole
"""


def hypotheses(limit: int) -> Figure:
    """The hypotheses in the order they were put."""
    return Figure(
        "board_hypothesis_list",
        "Hypotheses on the board, in the order they were put",
        """
        SELECT hypothesis_id, statement, author, stated_at FROM hypothesis
        ORDER BY decision_number LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def cells(limit: int) -> Figure:
    """What was said, by hypothesis and evidence."""
    return Figure(
        "board_cell_list",
        "What people say of the evidence",
        f"""
        SELECT cell.hypothesis_id AS hypothesis_id, cell.evidence_id AS evidence_id,
            cell.evidence_table AS evidence_table, cell.bearing AS bearing, cell.note AS note,
            cell.author AS author, cell.said_at AS said_at, told.detail AS detail
        FROM board_cell AS cell JOIN hypothesis ON hypothesis.hypothesis_id = cell.hypothesis_id
            LEFT JOIN ({_TOLD}) AS told ON told.evidence_table = cell.evidence_table
                AND told.evidence_id = cell.evidence_id
        ORDER BY hypothesis.decision_number, cell.evidence_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on the board; nothing while nobody put a hypothesis."""
    if not value_of(desk.ask(HYPOTHESES)):
        return None
    return tag(
        "section",
        tag("h2", "What people make of it"),
        tag(
            "p",
            desk.number(HYPOTHESES),
            " hypotheses were put on the board by people, who filled ",
            desk.number(CELLS),
            " cells.",
        ),
        note(
            "The program supplies evidence and draws no conclusion: each cell is what the named "
            "person says of it. Nothing is added up, and the order of the rows is that of their "
            "writing."
        ),
        # Words of investigators may name people: the public gets counts.
        *(() if desk.edition.is_public else (_matrix(desk), _words(desk))),
        id="board",
    )


def _matrix(desk: Desk) -> Markup:
    said = desk.ask(cells(10 * desk.limits.rows)).rows
    every = list(dict.fromkeys(row["evidence_id"] for row in said))
    columns = every[: desk.limits.words]
    bearing = {(row["hypothesis_id"], row["evidence_id"]): row["bearing"] for row in said}
    listed = hypotheses(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            join(
                tag("span", row["hypothesis_id"], class_="fixed"),
                " ",
                desk.edition.text(row["statement"], 400),
                tag(
                    "span",
                    desk.edition.text(row["author"], 80),
                    " · ",
                    desk.clock.show(row["stated_at"].replace(microsecond=0)),
                    class_="meta",
                ),
            ),
            *(_said(bearing.get((row["hypothesis_id"], one))) for one in columns),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Hypothesis", "wide"), *((one[:8], "word") for one in columns))
    caption = join(listed.label, desk.mark(listed))
    return join(
        tag("h3", "Hypotheses beside the evidence"),
        table(heads, rows, caption=caption),
        note("More evidence was weighed than fits beside the hypotheses: see the cells below.")
        if len(every) > len(columns)
        else None,
        desk.showing(listed, HYPOTHESES, "hypothesis"),
    )


def _said(bearing: str | None) -> Markup | str:
    return Markup('<span class="none">not said</span>') if bearing is None else _word(bearing)


def _word(bearing: str) -> str:
    return bearing.replace("_", " ")


def _words(desk: Desk) -> Markup | None:
    listed = cells(10 * desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            tag("span", row["hypothesis_id"], class_="fixed"),
            join(
                tag("span", row["evidence_id"][:8], class_="id"),
                " ",
                desk.edition.remark(row["detail"] or "no longer in the case", 1200),
            ),
            _word(row["bearing"]),
            desk.edition.text(row["note"], 600),
            join(
                desk.edition.text(row["author"], 80),
                tag("span", desk.clock.show(row["said_at"].replace(microsecond=0)), class_="meta"),
            ),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        *(("Hypothesis", "word"), ("Evidence", "wide"), ("Bearing", "word"), ("Note", "wide")),
        ("Said by", "who"),
    )
    return listing(desk, Listing("Cell by cell", heads, listed, CELLS, "board_cell"), rows)
