"""One thing that posts share: a link, a domain, a hashtag, a file hash, …."""

from __future__ import annotations

from tamis.records.table import TEXT, Column, Table

TABLE = Table(
    name="object",
    stage="intake",
    meaning="One thing that posts share: a link, a domain, a hashtag, a file hash, ….",
    key=("object_id",),
    columns=(
        Column(
            "object_id",
            TEXT,
            "kind:canonical, shortened to kind:SHA-256 where longer than 200 characters",
        ),
        Column(
            "kind",
            TEXT,
            (
                "url, domain, hashtag, phrase, media (a platform's id of an upload), text_cluster, "
                "file_sha256, file_sha1, file_md5, image_hash, "
                "email_message_id or leaked_item"
            ),
        ),
        Column("canonical", TEXT, "canonical form"),
        Column("display", TEXT, "one form as found"),
        Column(
            "host_kind",
            TEXT,
            "of a url or domain: paste, file, archive, torrent, shortener or leak site",
            missing="the host is on none of the lists, or it is no address",
        ),
    ),
)
