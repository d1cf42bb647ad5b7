"""The figures of intake: files, items, containers and rows, each with its query."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from tamis.reports.figures import Figure, Keeps

# One path to show for an item: the first by name, as files are read in that order.
FIRST_PLACE = """
    SELECT item_id, min(path) AS path, count(*) AS place_count,
        min(claimed_type) AS claimed_type,
        count(*) FILTER (WHERE parent_item_id IS NULL) AS given_count
    FROM place GROUP BY item_id
"""

# The items of the dump, wherever else they were added too: reference originals are none of it.
OF_DUMP = """
    SELECT item_id FROM item WHERE kind = 'leak' UNION SELECT item_id FROM place WHERE kind = 'leak'
"""
# A subject can hold a password: no page shows what table exposure found in one.
EXPOSED_SUBJECT = """
    SELECT item_id, min(char_start) AS first_char, max(char_end) AS last_char
    FROM exposure WHERE field_name = 'subject' GROUP BY item_id
"""
SUBJECT = """
    CASE WHEN secret.item_id IS NULL THEN message.subject
        ELSE left(message.subject, secret.first_char) || '[secret]'
            || substr(message.subject, secret.last_char + 1) END
"""
# What an item is called on a page: a message by its fields, anything else by its first path.
NAMED = f"""
    SELECT item.item_id AS item_id, message.item_id IS NOT NULL AS is_message,
        {SUBJECT} AS subject, message.from_address AS from_address,
        message.from_name AS from_name, message.sent_at AS sent_at,
        message.sent_offset_s AS sent_offset_s, first_place.path AS path
    FROM item LEFT JOIN message ON message.item_id = item.item_id
        LEFT JOIN ({EXPOSED_SUBJECT}) AS secret ON secret.item_id = item.item_id
        LEFT JOIN ({FIRST_PLACE}) AS first_place ON first_place.item_id = item.item_id
"""

FILES = Figure(
    "files_given",
    "Files given by the investigator",
    "SELECT count(*) AS files FROM place WHERE parent_item_id IS NULL",
)
ITEMS = Figure(
    "items",
    "Distinct items: the files, and everything found inside them",
    "SELECT count(*) AS items FROM item",
)
PARTLY = Figure(
    "items_partly",
    "Items read in part",
    "SELECT count(*) AS items FROM item WHERE status = 'partly'",
)
FAILED = Figure(
    "items_failed",
    "Items whose reading failed",
    "SELECT count(*) AS items FROM item WHERE status = 'failed'",
)
REFUSED = Figure(
    "items_refused",
    "Items kept and hashed, but not opened",
    "SELECT count(*) AS items FROM item WHERE status = 'refused'",
)
UNREAD = Figure(
    "items_unread",
    "Items not read, or read in part only",
    "SELECT count(*) AS items FROM item WHERE status <> 'read'",
)
REASONS = Figure(
    "unread_reasons",
    "Different reasons for which items were not read, or in part only",
    """
    SELECT count(*) AS reasons FROM (
        SELECT DISTINCT status, reason, kind FROM item WHERE status <> 'read') AS told
    """,
)
FORMATS = Figure(
    "formats",
    "Formats that came in: kind, type and reader",
    f"""
    WITH found AS ({FIRST_PLACE})
    SELECT count(*) AS formats FROM (
        SELECT DISTINCT item.kind AS kind, coalesce(item.media_type, found.claimed_type) AS format,
            item.reader AS reader
        FROM item LEFT JOIN found ON found.item_id = item.item_id
    ) AS seen
    """,  # a text of this module
)
LEDGER_GAPS = Figure(
    "ledger_gaps",
    "Containers whose declared entries are not all accounted for",
    """
    SELECT count(*) AS containers FROM ledger
    WHERE expected_count IS NOT NULL AND expected_count <> emitted_count + failed_count
    """,
)
LEDGERS = Figure(
    "containers",
    "Containers opened",
    "SELECT count(*) AS containers FROM ledger",
)
ROW_GAPS = Figure(
    "row_gaps",
    "Files read row by row whose rows do not add up",
    """
    SELECT count(*) AS files FROM intake_count
    WHERE row_count <> used_count + rejected_count + skipped_count
    """,
)
POST_FILES = Figure(
    "row_files", "Files read row by row", "SELECT count(*) AS files FROM intake_count"
)
REJECTED = Figure(
    "rows_rejected",
    "Rows that could not be used",
    "SELECT count(*) AS rows_rejected FROM rejected",
)
REJECTED_BY_REASON = Figure(
    "rows_rejected_by_reason",
    "Why rows could not be used",
    """
    SELECT reason, count(*) AS row_count, count(DISTINCT source_item_id) AS file_count
    FROM rejected GROUP BY reason ORDER BY row_count DESC, reason LIMIT 20
    """,
    keeps=Keeps.DIGEST,
)


def formats(limit: int) -> Figure:
    """What came in by format, and whether what its containers declare is accounted for."""
    return Figure(
        "items_by_format",
        "What came in by kind, format and reader, with the balance of its containers",
        f"""
        WITH found AS ({FIRST_PLACE}), opened AS (
            SELECT container_item_id AS item_id, sum(emitted_count) AS out_count,
                sum(failed_count) AS lost_count, sum(expected_count) AS declared_count,
                sum(emitted_count) FILTER (WHERE expected_count IS NOT NULL) AS balance_out,
                sum(failed_count) FILTER (WHERE expected_count IS NOT NULL) AS balance_lost,
                count(*) FILTER (WHERE expected_count <> emitted_count + failed_count)
                    AS gap_count
            FROM ledger GROUP BY container_item_id
        ), counted AS (
        SELECT item.kind AS kind, coalesce(item.media_type, found.claimed_type) AS format,
            item.reader AS reader,
            CAST(sum(coalesce(found.given_count, 0)) AS BIGINT) AS file_count,
            count(*) AS item_count,
            CAST(coalesce(sum(opened.out_count), 0) AS BIGINT) AS out_count,
            CAST(coalesce(sum(opened.lost_count), 0) AS BIGINT) AS lost_count,
            count(*) FILTER (WHERE item.status = 'partly') AS partly_count,
            count(*) FILTER (WHERE item.status = 'failed') AS failed_count,
            count(*) FILTER (WHERE item.status = 'refused') AS refused_count,
            count(opened.item_id) AS container_count,
            CAST(sum(opened.declared_count) AS BIGINT) AS declared_count,
            CAST(sum(opened.balance_out) AS BIGINT) AS balance_out,
            CAST(sum(opened.balance_lost) AS BIGINT) AS balance_lost,
            CAST(coalesce(sum(opened.gap_count), 0) AS BIGINT) AS gap_count
        FROM item LEFT JOIN found ON found.item_id = item.item_id
            LEFT JOIN opened ON opened.item_id = item.item_id
        GROUP BY item.kind, coalesce(item.media_type, found.claimed_type), item.reader
        )
        SELECT * FROM counted
        ORDER BY gap_count DESC, failed_count + lost_count > 0 DESC, item_count DESC,
            kind, format, reader
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def reasons(limit: int) -> Figure:
    """Why items were not read, or in part only, the most frequent first."""
    return Figure(
        "items_unread_by_reason",
        "Why items were not read, or in part only",
        """
        SELECT status, reason, kind, count(*) AS item_count FROM item WHERE status <> 'read'
        GROUP BY status, reason, kind ORDER BY item_count DESC, status, reason, kind
        LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def failures(limit: int) -> Figure:
    """The items that were not read, or in part only: failed ones first."""
    return Figure(
        "failures",
        "Items not read, or in part only, each with its reason",
        f"""
        SELECT item.kind AS kind, found.path AS path, item.item_id AS item_id,
            item.status AS status, item.reason AS reason, item.size_bytes AS size_bytes
        FROM item LEFT JOIN ({FIRST_PLACE}) AS found ON found.item_id = item.item_id
        WHERE item.status <> 'read'
        ORDER BY item.status, item.kind, item.reason, found.path, item.item_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def containers(limit: int) -> Figure:
    """The ledger, gaps first."""
    return Figure(
        "ledger",
        "What containers declared and what came out",
        f"""
        SELECT ledger.container_item_id AS item_id, found.path AS path, ledger.reader AS reader,
            expected_count, emitted_count, failed_count, note,
            coalesce(expected_count <> emitted_count + failed_count, false) AS is_gap
        FROM ledger LEFT JOIN ({FIRST_PLACE}) AS found
            ON found.item_id = ledger.container_item_id
        ORDER BY is_gap DESC, failed_count DESC, path, item_id, reader LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )


def post_files(limit: int) -> Figure:
    """The files that are read row by row, with the sums of their rows, gaps first."""
    return Figure(
        "row_file_list",
        "Rows of each file read row by row",
        f"""
        SELECT source_item_id AS item_id, found.path AS path, reader, row_count, used_count,
            rejected_count, skipped_count, post_count, action_count, note,
            row_count <> used_count + rejected_count + skipped_count AS is_gap
        FROM intake_count LEFT JOIN ({FIRST_PLACE}) AS found
            ON found.item_id = intake_count.source_item_id
        ORDER BY is_gap DESC, rejected_count DESC, row_count DESC, path, item_id LIMIT $row_limit
        """,
        {"row_limit": limit},
        Keeps.DIGEST,
    )
