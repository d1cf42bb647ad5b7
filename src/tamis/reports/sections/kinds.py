"""What kinds of papers the dump looks like it holds, each with the words that earned it."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, quiet, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake_figures import OF_DUMP

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

LABELLED = Figure(
    "kinds",
    "Messages and documents of the dump with a label",
    f"""
    SELECT count(DISTINCT item_id) AS items FROM document_kind WHERE item_id IN ({OF_DUMP})
    """,
)


def labels(words: int) -> Figure:
    """Each label with its items and the words that earned it most often."""
    return Figure(
        "kind_list",
        "Kinds of papers, and the words that earned each label most often",
        f"""
        WITH labelled AS (SELECT * FROM document_kind WHERE item_id IN ({OF_DUMP})),
        counted AS (
            SELECT labelled.label AS label,
                count(*) FILTER (WHERE is_primary AND message.item_id IS NOT NULL)
                    AS message_count,
                count(*) FILTER (WHERE is_primary AND message.item_id IS NULL) AS document_count,
                count(*) FILTER (WHERE NOT is_primary) AS second_count
            FROM labelled LEFT JOIN message ON message.item_id = labelled.item_id
            GROUP BY labelled.label
        ),
        earned AS (
            SELECT label, word, count(*) AS item_count FROM (
                SELECT DISTINCT label, item_id, lower(told) AS word FROM (
                    SELECT label, item_id, unnest(words) AS told FROM labelled) AS each_word
            ) AS each_item GROUP BY label, word
        ),
        best AS (
            SELECT label, list(word ORDER BY item_count DESC, word) AS words,
                list(item_count ORDER BY item_count DESC, word) AS word_items
            FROM (SELECT * FROM earned QUALIFY row_number() OVER (
                PARTITION BY label ORDER BY item_count DESC, word) <= $word_limit) AS first_words
            GROUP BY label
        )
        SELECT counted.label AS label, message_count, document_count, second_count,
            best.words AS words, best.word_items AS word_items
        FROM counted LEFT JOIN best ON best.label = counted.label
        ORDER BY counted.label = 'other', message_count + document_count DESC, counted.label
        """,
        {"word_limit": words},
        Keeps.DIGEST,
    )


def kinds(desk: Desk) -> Markup | None:
    """The part on kinds of papers; nothing when none was labelled."""
    if not value_of(desk.ask(LABELLED)):
        return None
    listed = labels(desk.limits.words)
    rows: list[tuple[Content, ...]] = [
        (
            desk.edition.remark(row["label"], 40),
            quiet(row["message_count"]),
            quiet(row["document_count"]),
            quiet(row["second_count"]),
            _words(desk, row["words"], row["word_items"]),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Label", "word"),
        ("Messages", "n"),
        ("Documents", "n"),
        ("As a second label", "n"),
        ("Words that earned it, in how many items", "wide"),
    )
    return join(
        tag("h3", "Kinds of papers"),
        table(heads, rows, caption=join(listed.label, desk.mark(listed))),
        tag(
            "p",
            desk.number(LABELLED),
            " items have labels; each with its own words: ",
            desk.whole("document_kind"),
            class_="showing",
        ),
        note(
            "Labels sort a pile and decide nothing: lists of French and English words, not "
            "meanings. What they miss mostly stands under “other”."
        ),
    )


def _words(desk: Desk, words: list[str] | None, counts: list[int] | None) -> Markup:
    if not words:
        return Markup('<span class="none">no rule met</span>')
    if desk.edition.is_public:
        return desk.edition.text(words[0])
    told = [
        join(desk.edition.text(word, 60), f" {count:,}")
        for word, count in zip(words, counts or (), strict=False)
    ]
    return join(*told, by=" · ")
