"""Rules of silence that were added to the case beside those that come with tamis."""

from __future__ import annotations

from tamis.records.table import INT, SOURCE_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="silence_rule",
    stage="intake",
    meaning="Rules of silence that were added to the case, one row a jurisdiction.",
    key=("source_item_id", "jurisdiction"),
    columns=(
        Column("jurisdiction", TEXT, "code of the jurisdiction"),
        Column("rule_count", INT, "rules that the file states for it", unit="rules"),
        Column("definition", TEXT, "what the file states, as JSON"),
        *SOURCE_COLUMNS,
    ),
)
