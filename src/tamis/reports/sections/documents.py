"""The documents: what is locked, runs or hides in them, what kind of paper, which languages."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, quiet, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake_figures import NAMED, OF_DUMP
from tamis.reports.sections.kinds import kinds
from tamis.reports.sections.named import Listing, listing, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

# What files keep beside what they show; each reader names the facts, see table property.
_KEPT = f"""
    SELECT document.item_id AS item_id, document.kind AS kind,
        document.text IS NOT NULL AS has_text, document.is_encrypted AS is_encrypted,
        coalesce(document.has_macros, false) AS has_macros,
        coalesce(bool_or(property.namespace = 'revision' AND (property.name = 'deleted_text'
            OR (ends_with(property.name, '_count')
                AND coalesce(TRY_CAST(property.value AS BIGINT), 0) > 0))), false) AS has_changes,
        coalesce(bool_or(property.namespace = 'comment'), false) AS has_comments,
        coalesce(bool_or(property.namespace = 'hidden'
            OR (property.name = 'hidden_slide_count'
                AND coalesce(TRY_CAST(property.value AS BIGINT), 0) > 0)), false) AS has_hidden,
        coalesce(bool_or(property.namespace = 'revision' AND property.name = 'count'
            AND coalesce(TRY_CAST(property.value AS BIGINT), 0) > 1), false) AS has_states
    FROM document LEFT JOIN property ON property.item_id = document.item_id
    WHERE document.item_id IN ({OF_DUMP})
    GROUP BY ALL
"""
_MARKS = (
    ("is_encrypted", "locked"),
    ("has_macros", "macros"),
    ("has_changes", "tracked changes"),
    ("has_comments", "comments"),
    ("has_hidden", "hidden parts"),
    ("has_states", "earlier states"),
)
_ANY = " OR ".join(column for column, _ in _MARKS)

DOCUMENTS = Figure(
    "documents",
    "Documents of the dump",
    f"SELECT count(*) AS documents FROM document WHERE item_id IN ({OF_DUMP})",
)
BY_KIND = Figure(
    "documents_by_kind",
    "Documents of the dump: locked, with programs, with what is hidden",
    f"""
    WITH kept AS ({_KEPT})
    SELECT kind, count(*) AS document_count, count(*) FILTER (WHERE has_text) AS text_count,
        count(*) FILTER (WHERE is_encrypted) AS is_encrypted,
        count(*) FILTER (WHERE has_macros) AS has_macros,
        count(*) FILTER (WHERE has_changes) AS has_changes,
        count(*) FILTER (WHERE has_comments) AS has_comments,
        count(*) FILTER (WHERE has_hidden) AS has_hidden,
        count(*) FILTER (WHERE has_states) AS has_states
    FROM kept GROUP BY kind ORDER BY document_count DESC, kind
    """,
    keeps=Keeps.ROWS,
)
MARKED = Figure(
    "documents_marked",
    "Documents of the dump that are locked, run programs or hide something",
    f"WITH kept AS ({_KEPT}) SELECT count(*) AS documents FROM kept WHERE {_ANY}",
)
_LANGUAGE = f"""
    SELECT language_detected AS language, count(*) FILTER (WHERE is_message) AS message_count,
        count(*) FILTER (WHERE NOT is_message) AS document_count
    FROM (
        SELECT text_language.item_id AS item_id, text_language.language_detected,
            message.item_id IS NOT NULL AS is_message
        FROM text_language LEFT JOIN message ON message.item_id = text_language.item_id
    ) AS texts
    WHERE item_id IN ({OF_DUMP}) GROUP BY language_detected
"""
LANGUAGES = Figure(
    "languages",
    "Languages in the dump, counting what is unsure and what is too short",
    f"SELECT count(*) AS languages FROM ({_LANGUAGE}) AS spoken",
)
_UNSURE = {"und": "unsure"}


def marked(limit: int) -> Figure:
    """The documents that keep more than they show, those first that keep most."""
    score = " + ".join(f"CAST({column} AS INTEGER)" for column, _ in _MARKS)
    columns = ", ".join(f"kept.{column} AS {column}" for column, _ in _MARKS)
    return Figure(
        "document_list",
        "Documents that are locked, run programs or keep more than they show",
        f"""
        WITH kept AS ({_KEPT}), named AS ({NAMED})
        SELECT named.*, kept.kind AS kind, {columns}
        FROM kept JOIN named ON named.item_id = kept.item_id WHERE {_ANY}
        ORDER BY {score} DESC, named.path, named.item_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def languages(limit: int) -> Figure:
    """The languages of the texts, the most frequent first."""
    return Figure(
        "language_list",
        "Texts of the dump by language",
        f"""
        SELECT * FROM ({_LANGUAGE}) AS spoken
        ORDER BY message_count + document_count DESC, language LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.ROWS,
    )


def render(desk: Desk) -> Markup | None:
    """The section on documents, kinds and languages; nothing when there is no text at all."""
    documents = value_of(desk.ask(DOCUMENTS))
    labels, spoken = kinds(desk), _languages(desk)
    if not documents and labels is None and spoken is None:
        return None
    return tag(
        "section",
        tag("h2", "The documents and their texts"),
        tag(
            "p",
            desk.number(DOCUMENTS),
            " documents stand in the dump, attachments included; ",
            desk.number(MARKED),
            " of them are locked, hold programs, or keep more than they show. Programs were never "
            "run.",
        ),
        _by_kind(desk) if documents else None,
        _marked(desk),
        labels,
        spoken,
        id="documents",
    )


def _by_kind(desk: Desk) -> Markup:
    counts = ("document_count", "text_count", *(column for column, _ in _MARKS))
    rows: list[tuple[Content, ...]] = [
        (desk.edition.remark(row["kind"], 40), *(quiet(row[name]) for name in counts))
        for row in desk.ask(BY_KIND).rows
    ]
    names = ("Documents", "With text", *(name.capitalize() for _, name in _MARKS))
    heads = (("Kind", "word"), *((name, "n") for name in names))
    return join(
        table(heads, rows, caption=join(BY_KIND.label, desk.mark(BY_KIND)), classes="sparse"),
        note(
            "Locked: a password is needed. Hidden parts: sheets, rows, slides, sections or text "
            "that the program does not show. Earlier states: a PDF that was changed and still "
            "holds what it was. Where a format cannot be looked into, nothing is counted."
        ),
    )


def _marked(desk: Desk) -> Markup | None:
    listed = marked(desk.limits.rows)
    rows: list[tuple[Content, ...]] = [
        (named(desk, row), desk.edition.remark(row["kind"], 40), _marks(row))
        for row in desk.ask(listed).rows
    ]
    if desk.edition.is_public or not rows:
        return None
    heads = (("Document", "wide"), ("Kind", ""), ("What it keeps", ""))
    told = Listing("Which documents", heads, listed, MARKED, "property")
    return tag("details", tag("summary", "each of these documents"), listing(desk, told, rows))


def _marks(row: Mapping[str, Any]) -> str:
    return ", ".join(name for column, name in _MARKS if row[column])


def _languages(desk: Desk) -> Markup | None:
    listed = languages(desk.limits.languages)
    rows: list[tuple[Content, ...]] = [
        (
            tag("span", _UNSURE[row["language"]], class_="none")
            if row["language"] in _UNSURE
            else desk.edition.remark(row["language"], 20),
            quiet(row["message_count"]),
            quiet(row["document_count"]),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Language", "word"), ("Messages", "n"), ("Documents", "n"))
    whole = "text_language"
    part = listing(desk, Listing("Languages", heads, listed, LANGUAGES, whole, "narrow"), rows)
    if part is None:
        return None
    return join(
        part,
        note(
            "By program, as language codes: the language that a message begins in, or that most of "
            "a document is in. Short texts are often taken for a neighbouring language."
        ),
    )
