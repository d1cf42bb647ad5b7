"""One account did something with one object or post at one time."""

from __future__ import annotations

from tamis.records.table import SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="action",
    stage="intake",
    meaning="One account did something with one object or post at one time.",
    key=("action_id", "source_item_id", "byte_start"),
    order=("acted_at", "action_id"),
    columns=(
        Column("action_id", TEXT, "SHA-256 of type, account, post and target, 32 hex digits"),
        Column(
            "type",
            TEXT,
            (
                "repost, quote, reply, forward, crosspost, quotelink, mention, "
                "link_to_post, share_object, edit or delete"
            ),
        ),
        Column("account_id", TEXT, "account that acted", missing="the export hides it"),
        Column("post_id", TEXT, "post by which it acted", missing="a notice without a post"),
        Column("target_post_id", TEXT, "post acted on", missing="none, or unknown"),
        Column("target_account_id", TEXT, "account acted on", missing="none, or unknown"),
        Column("acted_at", TIME, "when", missing="unknown"),
        Column("acted_low_at", TIME, "earliest it can be", missing="unknown"),
        Column("acted_high_at", TIME, "latest it can be", missing="unknown"),
        Column(
            "origin_at",
            TIME,
            "date of the original that a forward carries",
            missing="none carried",
        ),
        Column(
            "via_post_id",
            TEXT,
            "intermediate post that the platform names",
            missing="none named",
        ),
        Column("grade", TEXT, "native, id_reference, name_only, text_pattern or inferred"),
        Column("sampling", TEXT, "full, stream_sample, browser, query or unknown"),
        *SOURCE_COLUMNS,
    ),
)
