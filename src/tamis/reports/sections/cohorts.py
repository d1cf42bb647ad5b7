"""Documents that share author, program or language, and whether they differ from the rest."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, tag
from tamis.reports.sections.intake_figures import NAMED
from tamis.reports.sections.named import Listing, listing, named

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

GROUPS = Figure(
    "cohorts",
    "Groups of documents that share author, program, language or editing time",
    "SELECT count(*) AS cohorts FROM cohort",
)
DIFFERING = Figure(
    "cohorts_differing",
    "Of these, groups that differ from the rest: foreign, in one sitting and re-saved",
    "SELECT count(*) AS cohorts FROM cohort WHERE is_differing AND inside_cohort_id IS NULL",
)
FILES = Figure(
    "cohort_files",
    "Documents in groups that differ from the rest",
    """
    SELECT count(DISTINCT cohort_member.item_id) AS documents
    FROM cohort_member JOIN cohort ON cohort.cohort_id = cohort_member.cohort_id
    WHERE cohort.is_differing
    """,
)


def differing(limit: int) -> Figure:
    """The groups that differ, the largest first."""
    return Figure(
        "cohort_list",
        "Groups that differ from the rest",
        """
        SELECT cohort_id, shared_by, shared, item_count, first_at, last_at, expected, detail
        FROM cohort WHERE is_differing AND inside_cohort_id IS NULL
        ORDER BY item_count DESC, cohort_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def members(limit: int) -> Figure:
    """The documents of the groups that differ, by group and time."""
    return Figure(
        "cohort_member_list",
        "Documents of the groups that differ from the rest",
        f"""
        WITH named AS ({NAMED}), chosen AS (
            SELECT cohort_member.item_id AS item_id, min(cohort_member.saved_at) AS saved_at,
                min(cohort_member.saved_written) AS saved_written,
                min(cohort_member.last_author) AS last_author,
                min(cohort_member.creator) AS creator
            FROM cohort_member JOIN cohort ON cohort.cohort_id = cohort_member.cohort_id
            WHERE cohort.is_differing GROUP BY cohort_member.item_id
        )
        SELECT named.*, chosen.saved_at AS saved_at, chosen.saved_written AS saved_written,
            chosen.last_author AS last_author, chosen.creator AS creator
        FROM chosen JOIN named ON named.item_id = chosen.item_id
        ORDER BY chosen.saved_at, chosen.saved_written, named.item_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def render(desk: Desk) -> Markup | None:
    """The section on cohorts; nothing where there is no group at all."""
    if not value_of(desk.ask(GROUPS)):
        return None
    return tag(
        "section",
        tag("h2", "Documents saved by the same hand"),
        tag(
            "p",
            desk.number(GROUPS),
            " groups of documents share a last author, a program, a language or editing time; ",
            desk.number(DIFFERING),
            " of them differ from the rest, with ",
            desk.number(FILES),
            " documents.",
        ),
        note(
            "A group differs when its names or its machine stand out, its files were saved in one "
            "sitting as the rest hardly ever is, and most had been made by somebody else or "
            "before. Metadata are easily set by anybody. No group names a person or a country, "
            "and none says that content was changed: whoever was asked to convert or translate "
            "files once leaves the same trace."
        ),
        # Names and file names are text of the dump: the public gets counts.
        *(() if desk.edition.is_public else (_groups(desk), _members(desk))),
        id="cohorts",
    )


def _groups(desk: Desk) -> Markup | None:
    listed = differing(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            join(
                desk.edition.text(row["shared"]),
                tag("span", row["shared_by"].replace("_", " "), class_="meta"),
            ),
            shown(row["item_count"]),
            shown(row["expected"]),
            desk.edition.remark(row["detail"], 1200),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Shared", "who"), ("Files", "n"), ("Expected such groups", "n"), ("In words", "wide"))
    whole = 'cohort --where "differs_rank = 0"'
    return listing(desk, Listing("Groups that differ", heads, listed, DIFFERING, whole), rows)


def _members(desk: Desk) -> Markup | None:
    listed = members(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (
            named(desk, row),
            desk.edition.text(row["last_author"], 80),
            desk.edition.text(row["creator"], 80),
            desk.clock.show(row["saved_at"])
            if row["saved_at"]
            else desk.edition.text(row["saved_written"], 40),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Document", "wide"), ("Saved by", "who"), ("Made by", "who"), ("Saved", "when"))
    return listing(desk, Listing("Their files", heads, listed, FILES, "cohort_member"), rows)
