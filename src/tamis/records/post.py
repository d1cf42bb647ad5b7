"""One version of one published post."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, REAL, SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="post",
    stage="intake",
    meaning="One version of one published post.",
    key=("post_id", "version", "source_item_id", "byte_start"),
    order=("posted_at", "post_id"),
    columns=(
        Column("post_id", TEXT, "platform:native_id"),
        Column(
            "version",
            INT,
            "1 for the first content of the post id in the case, more for later ones",
        ),
        Column(
            "is_latest",
            FLAG,
            "the newest version that the case holds: one row of a post and its edits",
        ),
        Column("platform", TEXT, "platform"),
        Column("native_id", TEXT, "id on the platform, as text"),
        Column(
            "container_id",
            TEXT,
            "board, channel, page or instance",
            missing="the platform has none",
        ),
        Column("thread_id", TEXT, "conversation or thread", missing="unknown"),
        Column("account_id", TEXT, "platform:native account id", missing="the export hides it"),
        Column(
            "posted_at",
            TIME,
            "time of posting by the clock named below",
            missing="unknown, in an unknown zone, or only its latest time is known",
        ),
        Column("posted_low_at", TIME, "earliest time it can be", missing="unknown"),
        Column("posted_high_at", TIME, "latest time it can be", missing="unknown"),
        Column(
            "clock",
            TEXT,
            "platform, id_derived, client_claimed, exporter_local or archive",
            missing="no time at all",
        ),
        Column(
            "precision_s",
            REAL,
            "resolution of the clock",
            unit="seconds",
            missing="no time at all",
        ),
        Column("text", TEXT, "text as exported", missing="the export holds none"),
        Column("text_hash", TEXT, "hash of the normalised text, 16 hex digits", missing="no text"),
        Column("language_declared", TEXT, "language the platform states", missing="none stated"),
        Column("client", TEXT, "application that posted", missing="not exported"),
        Column("edited_of", TEXT, "post_id of the first version", missing="no edit"),
        Column("deleted_at", TIME, "time of a delete notice", missing="none seen"),
        Column("sampling", TEXT, "full, stream_sample, browser, query or unknown"),
        Column("collected_at", TIME, "when it was collected", missing="not stated"),
        *SOURCE_COLUMNS,
    ),
)
