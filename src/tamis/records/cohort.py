"""Documents of the dump that share what they state about who saved them, and with what."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, RUN_COLUMNS, TEXT, TEXTS, TIME, Column, Table

TABLE = Table(
    name="cohort",
    stage="leak",
    meaning=(
        "Documents of the dump that share what they state about who saved them, and with what; "
        "only those that differ from the rest are worth a question."
    ),
    key=("cohort_id",),
    order=("differs_rank", "cohort_id"),
    columns=(
        Column("cohort_id", TEXT, "hash of what is shared"),
        Column(
            "shared_by",
            TEXT,
            "what makes the group: last_author, setup (software, codepage, language, interface), "
            "software, language, codepage, interface or edit_minutes",
        ),
        Column("shared", TEXT, "the value that makes the group"),
        Column(
            "is_differing", FLAG, "true when it is foreign, in one sitting and re-saved, all three"
        ),
        Column(
            "differs_rank", INT, "for the order: 0 when it differs, 1 inside such a group, 2 else"
        ),
        Column("item_count", INT, "documents of the group", unit="documents"),
        Column("rest_count", INT, "documents with such statements outside of it"),
        Column("first_at", TIME, "first saved", missing="not all state a time with a zone"),
        Column("last_at", TIME, "last saved", missing="not all state a time with a zone"),
        Column(
            "span_s",
            REAL,
            "from the first to the last save, by their own clocks",
            unit="seconds",
            missing="not all state a time, or some with and some without a zone",
        ),
        Column(
            "largest_gap_s",
            REAL,
            "longest pause between two saves",
            unit="seconds",
            missing="as for span_s",
        ),
        Column("name_script", TEXT, "letters of the last author", missing="none, or several"),
        Column("marks", TEXTS, "statements most members share and hardly any other document has"),
        Column(
            "mark_rest_share",
            REAL,
            "largest share of the rest that has one of the marks",
            unit="0-1",
            missing="no mark",
        ),
        Column("is_foreign", FLAG, "the marks are the letters of the name, or two of a machine"),
        Column("is_one_sitting", FLAG, "so many files so quickly are rare among the rest"),
        Column(
            "resaved_share",
            REAL,
            "share of members that somebody else made, or that were made a day before or earlier",
            unit="0-1",
        ),
        Column(
            "expected",
            REAL,
            "groups as foreign and as quick to be expected if all saved as the rest does",
            unit="groups",
            missing="no sitting to compare",
        ),
        Column("habit_count", INT, "sittings of the rest it was compared with", missing="as above"),
        Column(
            "as_quick_count",
            INT,
            "of these, with as many files as quickly",
            missing="as above",
        ),
        Column("foreign_count", INT, "other groups of the same kind that are foreign"),
        Column(
            "inside_cohort_id",
            TEXT,
            "larger differing group that holds all of its documents",
            missing="it stands for itself",
        ),
        Column("detail", TEXT, "the group in a sentence"),
        Column("limits", TEXT, "what it does not say"),
        *RUN_COLUMNS,
    ),
)
