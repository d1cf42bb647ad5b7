"""One sealed decoy, as its owner showed it: by a proof, or by its sketch alone."""

from __future__ import annotations

from tamis.records.table import INT, TEXT, TEXTS, Column, Table

TABLE = Table(
    name="decoy",
    stage="intake",
    meaning="One sealed decoy as its owner showed it: by a proof, or by its keyed sketch alone.",
    key=("decoy_id", "shown_as", "source_item_id"),
    columns=(
        Column("decoy_id", TEXT, "name of the sealed file; it says nothing about it"),
        Column("shown_as", TEXT, "proof or sketch"),
        Column("root", TEXT, "root of the commitment, as hex digits"),
        Column("leaf_count", INT, "files under that root", missing="only its sketch was shown"),
        Column(
            "file_sha256", TEXT, "SHA-256 of the sealed file", missing="only its sketch was shown"
        ),
        Column("replies", TEXTS, "replies of time-stamp authorities over the root, in base64"),
        Column(
            "sketch",
            TEXT,
            "keyed hashes of its five-word runs, eight bytes each, in base64",
            missing="its owner did not show it",
        ),
        Column(
            "sketch_key",
            TEXT,
            "key of the sketch, as hex digits",
            missing="no sketch, or the key comes in a file of its own",
        ),
        Column("source_label", TEXT, "name of the file"),
        Column("source_item_id", TEXT, "the file"),
    ),
)
