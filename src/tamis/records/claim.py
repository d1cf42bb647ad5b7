"""One published statement about an incident, as a file of claims gives it."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, SOURCE_COLUMNS, TEXT, TEXTS, TIME, Column, Table

_WORDS = "the claim is in words only"

TABLE = Table(
    name="claim",
    stage="intake",
    meaning=(
        "One published statement about an incident, as a file of claims gives it: who said what "
        "about which object, when and where. Nothing here was measured."
    ),
    key=("source_item_id", "claim_id"),
    order=("source_item_id", "position"),
    columns=(
        Column("claim_id", TEXT, "name of the claim in its file"),
        Column("position", INT, "rank of the row in the file, from 0"),
        Column("kind", TEXT, "count, range, time, order, share, rank or other"),
        Column("statement", TEXT, "the claim in words", missing="the file has columns only"),
        Column(
            "incident",
            TEXT,
            "election or incident it is about, as case.toml names elections",
            missing="not said: it counts as a claim about the real world",
        ),
        Column(
            "subject_kind",
            TEXT,
            "post, account, collection, or a kind of object: hashtag, url, domain, …",
            missing=_WORDS,
        ),
        Column("subject", TEXT, "what it is about: id, handle or form as found", missing=_WORDS),
        Column("measure", TEXT, "what is claimed of it, by a word of the list", missing=_WORDS),
        Column(
            "of_what",
            TEXT,
            "account, language, platform, number of accounts, or a > b > c, as the measure needs",
            missing="the measure needs none",
        ),
        Column("platform", TEXT, "only posts of this platform", missing="of all platforms"),
        Column("from_at", TIME, "begin of the time it is about", missing="not limited"),
        Column("to_at", TIME, "end of it, not included", missing="not limited"),
        Column(
            "window_s",
            REAL,
            "it is about so many seconds from the subject's first own post on",
            unit="seconds",
            missing="not counted from there",
        ),
        Column("value_low", REAL, "claimed number, or the lower end", missing="no number"),
        Column("value_high", REAL, "claimed number, or the upper end", missing="no number"),
        Column("value_from_at", TIME, "claimed time, or the earliest", missing="no time"),
        Column("value_to_at", TIME, "claimed time, or the latest", missing="no time"),
        Column("value_text", TEXT, "value and unit as the file writes them", missing="none"),
        Column("unit", TEXT, "unit as the file writes it", missing="none"),
        Column(
            "tolerance",
            REAL,
            "difference that still counts as equal: a share of a number, seconds of a time, "
            "points of a share (0-1)",
        ),
        Column("speaker", TEXT, "who said it", missing="as reported_by, or not said"),
        Column("speaker_role", TEXT, "as what: office, function", missing="not said"),
        Column("authority", TEXT, "on whose authority or word it was said", missing="not said"),
        Column(
            "is_official",
            FLAG,
            "whether it was said in an office, by the file's word",
            missing="not said",
        ),
        Column("said_at", TIME, "when it was said", missing="not said apart from reported_at"),
        Column("about_item_ids", TEXTS, "items of the dump that it is about, by the file's word"),
        Column("reported_by", TEXT, "who says so", missing="not said"),
        Column("source_address", TEXT, "where that can be read", missing="not said"),
        Column("reported_at", TIME, "when it was published", missing="not said"),
        Column("capture_sha256", TEXT, "hash of a kept copy of the source", missing="none given"),
        Column("capture_name", TEXT, "file name of that copy", missing="none given"),
        Column("confidence", TEXT, "remark of whoever wrote the file", missing="none"),
        Column("conflicts_with", TEXTS, "claims of the file that it says to be in conflict with"),
        *SOURCE_COLUMNS,
    ),
)
