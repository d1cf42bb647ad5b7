"""One address at which a copy of the dump may lie, when it was first seen, and by whom."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, SOURCE_COLUMNS, TEXT, TIME, Column, Table

TABLE = Table(
    name="rehost",
    stage="spread",
    meaning=(
        "One link or magnet on a host of pastes, files, archives, torrents or leaks, or with the "
        "file name of a link that was searched for, carried by posts. Nothing was fetched: "
        "whether a copy lies there, and which, is not known."
    ),
    key=("object_id", "run_id"),
    order=("tie", "first_high_at", "object_id"),
    columns=(
        Column("object_id", TEXT, "the link"),
        Column("display", TEXT, "one form as found"),
        Column("host_kind", TEXT, "paste, file, archive, torrent, leak; or unlisted"),
        Column(
            "tie",
            TEXT,
            (
                "corpus: a post with the link names or repeats an item of the dump; name: it ends "
                "in the name of a link that was searched for; hashtag: it "
                "shares a hashtag with such posts; host: only the kind of host speaks for it"
            ),
        ),
        Column("item_count", INT, "items of the dump that posts with the link name or repeat"),
        Column("post_id", TEXT, "earliest post with the link in this collection"),
        Column("account_id", TEXT, "its account", missing="the export hides it"),
        Column("first_low_at", TIME, "earliest time it can be", missing="only the latest is known"),
        Column("first_high_at", TIME, "latest time it can be"),
        Column("is_certain", FLAG, "no other post with the link can be earlier"),
        Column("post_count", INT, "posts that carry the link themselves", unit="posts"),
        Column("account_count", INT, "accounts that carried or reposted it", unit="accounts"),
        *SOURCE_COLUMNS,
        *RUN_COLUMNS,
    ),
)
