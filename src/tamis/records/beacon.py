"""One thing in a file that reaches outside when it is opened, or when somebody clicks."""

from __future__ import annotations

from tamis.records.table import FLAG, INT, RUN_COLUMNS, TEXT, Column, Table

TABLE = Table(
    name="beacon",
    stage="leak",
    meaning=(
        "One address in a document or an HTML body that would be asked when it is opened or used: "
        "whoever holds the address learns who opens it, and when. Nothing was opened or asked."
    ),
    key=("item_id", "position"),
    columns=(
        Column("item_id", TEXT, "document or message it stands in"),
        Column("position", INT, "rank of the property it was read from"),
        Column(
            "kind", TEXT, "remote_load, tiny_image, form, external_part, pdf_action or remote_file"
        ),
        Column("name", TEXT, "tag, relationship or action, as the format calls it"),
        Column(
            "target_host", TEXT, "machine that would be asked", missing="no address with a host"
        ),
        Column("is_on_opening", FLAG, "whether opening alone asks it, and not a click"),
        Column("part_name", TEXT, "part of the file it stands in", missing="the file as a whole"),
        *RUN_COLUMNS,
    ),
)
