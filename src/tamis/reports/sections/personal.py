"""Data about people in the dump by kind, and documents that reach outside when opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

VALUES = Figure(
    "personal_values",
    "Different values about people that stand readable",
    "SELECT count(DISTINCT value_hash) AS values_found FROM personal_data",
)
ITEMS = Figure(
    "personal_items",
    "Messages and documents they stand in",
    "SELECT count(DISTINCT item_id) AS items FROM personal_data",
)
TEXTS = Figure(
    "personal_texts",
    "Messages and documents",
    """
    SELECT count(*) AS items FROM (
        SELECT item_id FROM message UNION SELECT item_id FROM document)
    """,
)
THIRD = Figure(
    "personal_third",
    "Values of third parties",
    """
    SELECT count(DISTINCT value_hash) AS values_found FROM personal_data
    WHERE standing = 'third_party'
    """,
)
BEACONS = Figure(
    "beacon_items",
    "Documents and messages that would ask another machine as soon as they are opened",
    "SELECT count(DISTINCT item_id) AS items FROM beacon WHERE is_on_opening",
)
BY_KIND = Figure(
    "personal_by_kind",
    "Kinds of data about people",
    """
    SELECT kind, count(DISTINCT value_hash) AS value_count,
        count(DISTINCT value_hash) FILTER (WHERE standing = 'third_party') AS third_count,
        count(DISTINCT item_id) AS item_count
    FROM personal_data GROUP BY kind ORDER BY value_count DESC, kind
    """,
    keeps=Keeps.ROWS,
)

NAMES = Figure(
    "personal_names",
    "Different names of people that models saw",
    "SELECT count(DISTINCT value_hash) AS names FROM personal_name",
)
NAME_TEXTS = Figure(
    "personal_name_texts",
    "Texts that a model searched for names",
    """
    SELECT coalesce(sum(text_count), 0)::BIGINT AS texts FROM name_search
    WHERE model_name IS NOT NULL
    """,
)
NAMELESS_TEXTS = Figure(
    "personal_name_texts_without",
    "Texts for whose language no model was given",
    """
    SELECT coalesce(sum(text_count), 0)::BIGINT AS texts FROM name_search
    WHERE model_name IS NULL
    """,
)
NAME_MODELS = Figure(
    "personal_name_models",
    "Models that searched for names",
    """
    SELECT DISTINCT model_name, model_sha256 FROM name_search
    WHERE model_name IS NOT NULL ORDER BY model_name, model_sha256
    """,
    keeps=Keeps.ROWS,
)


def names_told(desk: Desk) -> Markup:
    """What was searched for names of people, and by what; or that nothing was."""
    models = desk.ask(NAME_MODELS).rows
    if not models:
        return join("Names of people were not searched.")
    told: list[Content] = []
    for row in models:
        name = desk.edition.remark(row["model_name"], 60)
        told += [", " if told else "", name, f" (SHA-256 {row['model_sha256'][:16]}…)"]
    return join(
        *("Names of people were searched by models, whose output is no check: ", *told, "; they "),
        *("saw ", desk.number(NAMES), " different names in ", desk.number(NAME_TEXTS), " texts. "),
        *(desk.number(NAMELESS_TEXTS), " texts were not searched, having no model for their "),
        "language. Models miss names and take other words for them.",
    )


def render(desk: Desk) -> Markup | None:
    """The section on what must be hidden before publication; nothing when there are no texts."""
    if not value_of(desk.ask(TEXTS)):
        return None
    has_values = value_of(desk.ask(VALUES))
    return tag(
        "section",
        tag("h2", "Before anything is published"),
        tag(
            "p",
            "Different values about people that stand readable: ",
            desk.number(VALUES),
            ", of third parties or of whom nothing is known ",
            desk.number(THIRD),
            ", in ",
            desk.number(ITEMS),
            " of ",
            desk.number(TEXTS),
            " messages and documents. Messages and documents that would ask another machine ",
            "when opened: ",
            desk.number(BEACONS),
            ".",
        ),
        _kinds(desk) if has_values else None,
        note(
            "No value is kept or shown. Nothing was opened with a program that fetches. ",
            names_told(desk),
        ),
        id="personal",
    )


def _kinds(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.remark(row["kind"].replace("_", " "), 40),
            shown(row["value_count"]),
            shown(row["third_count"]),
            shown(row["item_count"]),
        )
        for row in desk.ask(BY_KIND).rows
    ]
    heads = (("Kind", "word"), ("Values", "n"), ("Of third parties", "n"), ("In items", "n"))
    return table(heads, rows, caption=join("By kind", desk.mark(BY_KIND)), classes="narrow")
