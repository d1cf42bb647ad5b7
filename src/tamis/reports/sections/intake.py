"""What came in and what failed: every file, every entry, every row accounted for."""

# ruff: noqa: S608 - queries are put together from constants; values travel as $params
from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.markup import Content, Markup, join, table, tag

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

# One path to show for an item: the first by name, as files are read in that order.
FIRST_PLACE = """
    SELECT item_id, min(path) AS path, count(*) AS place_count,
        count(*) FILTER (WHERE parent_item_id IS NULL) AS given_count
    FROM place GROUP BY item_id
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
FAILED = Figure(
    "items_failed",
    "Items that could not be read, or only in part",
    "SELECT count(*) AS items FROM item WHERE status <> 'read'",
)
BY_KIND = Figure(
    "items_by_kind",
    "What came in, by kind and format",
    f"""
    SELECT item.kind AS kind, coalesce(item.media_type, item.claimed_type) AS format,
        item.reader AS reader,
        CAST(sum(coalesce(found.given_count, 0)) AS BIGINT) AS file_count,
        count(*) AS item_count,
        count(*) FILTER (WHERE item.status = 'read') AS read_count,
        count(*) FILTER (WHERE item.status = 'partly') AS partly_count,
        count(*) FILTER (WHERE item.status = 'failed') AS failed_count,
        count(*) FILTER (WHERE item.status = 'refused') AS refused_count
    FROM item LEFT JOIN ({FIRST_PLACE}) AS found ON found.item_id = item.item_id
    GROUP BY item.kind, coalesce(item.media_type, item.claimed_type), item.reader
    ORDER BY item.kind, item_count DESC, format, reader
    """,
    keeps=Keeps.DIGEST,
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
    "Files of posts whose rows do not add up",
    """
    SELECT count(*) AS files FROM intake_count
    WHERE row_count <> used_count + rejected_count + skipped_count
    """,
)
POST_FILES = Figure(
    "post_files", "Files of posts read", "SELECT count(*) AS files FROM intake_count"
)
REJECTED = Figure(
    "rows_rejected",
    "Rows of posts that could not be used",
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
_GAP = Markup('<strong class="wrong">does not add up</strong>')


def failures(limit: int) -> Figure:
    """The items that could not be read, with the reason."""
    return Figure(
        "failures",
        "Items that could not be read, with the reason",
        f"""
        SELECT item.kind AS kind, found.path AS path, item.item_id AS item_id,
            item.status AS status, item.reason AS reason, item.size_bytes AS size_bytes
        FROM item LEFT JOIN ({FIRST_PLACE}) AS found ON found.item_id = item.item_id
        WHERE item.status <> 'read'
        ORDER BY item.kind, item.status, item.reason, found.path, item.item_id LIMIT $row_limit
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
    """The files of posts with the sums of their rows, gaps first."""
    return Figure(
        "post_file_rows",
        "Rows of each file of posts",
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


def render(desk: Desk) -> Markup:
    """The section on intake."""
    return tag(
        "section",
        tag("h2", "What came in, and what failed"),
        _lead(desk),
        _by_kind(desk),
        _failures(desk),
        _containers(desk),
        _post_files(desk),
        _rejected(desk),
        id="intake",
    )


def _lead(desk: Desk) -> Markup:
    gaps = value_of(desk.ask(LEDGER_GAPS)) + value_of(desk.ask(ROW_GAPS))
    verdict = (
        tag(
            "p",
            tag("strong", "The sums do not add up. ", class_="wrong"),
            "Containers with entries unaccounted for: ",
            desk.number(LEDGER_GAPS),
            "; files of posts with rows unaccounted for: ",
            desk.number(ROW_GAPS),
            ". They stand first in the tables below.",
        )
        if gaps
        else tag(
            "p",
            "The sums add up: containers with entries unaccounted for: ",
            desk.number(LEDGER_GAPS),
            "; files of posts with rows unaccounted for: ",
            desk.number(ROW_GAPS),
            ".",
        )
    )
    return join(
        tag(
            "p",
            desk.number(FILES),
            " files were given; with everything found inside them they hold ",
            desk.number(ITEMS),
            " distinct items. ",
            desk.number(FAILED),
            " of these could not be read, or only in part.",
        ),
        verdict,
    )


def _by_kind(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            row["kind"],
            desk.edition.remark(row["format"], 80),
            desk.edition.remark(row["reader"], 40),
            *(
                shown(row[name])
                for name in ("file_count", "item_count", "read_count", "partly_count")
            ),
            _alarming(row["failed_count"] + row["refused_count"]),
        )
        for row in desk.ask(BY_KIND).rows
    ]
    return table(
        (
            ("Kind", ""),
            ("Format", ""),
            ("Reader", ""),
            ("Files", "n"),
            ("Items", "n"),
            ("Read", "n"),
            ("In part", "n"),
            ("Failed or refused", "n"),
        ),
        rows,
        caption=join("By kind and format", desk.mark(BY_KIND)),
    )


def _failures(desk: Desk) -> Markup | None:
    listed = failures(desk.limits.failures)
    found = desk.ask(listed).rows
    if not found:
        return None
    rows: list[tuple[Content, ...]] = [
        (
            row["kind"],
            join(desk.edition.text(row["path"]), " ", identity(row["item_id"])),
            row["status"],
            desk.edition.remark(row["reason"]),
            shown(row["size_bytes"]),
        )
        for row in found
    ]
    heads = (("Kind", ""), ("Where", ""), ("Status", ""), ("Why", ""), ("Bytes", "n"))
    return join(
        tag("h3", "What could not be read"),
        table(heads, rows, caption=join("Each with its reason", desk.mark(listed))),
        desk.showing(listed, FAILED, "item"),
    )


def _containers(desk: Desk) -> Markup | None:
    listed = containers(desk.limits.failures)
    found = desk.ask(listed).rows
    if not found:
        return None
    rows: list[tuple[Content, ...]] = [
        (
            join(desk.edition.text(row["path"]), " ", identity(row["item_id"])),
            desk.edition.remark(row["reader"], 40),
            "declares nothing" if row["expected_count"] is None else shown(row["expected_count"]),
            shown(row["emitted_count"]),
            _alarming(row["failed_count"]),
            _GAP if row["is_gap"] else "adds up",
            desk.edition.remark(row["note"]) if row["note"] else "",
        )
        for row in found
    ]
    heads = (
        ("Container", ""),
        ("Reader", ""),
        ("Declared", "n"),
        ("Came out", "n"),
        ("Failed", "n"),
        ("Sum", ""),
        ("Note", ""),
    )
    return join(
        tag("h3", "Containers: declared, came out, failed"),
        table(heads, rows, caption=join("Mailboxes and archives", desk.mark(listed))),
        desk.showing(listed, LEDGERS, "ledger"),
    )


def _post_files(desk: Desk) -> Markup | None:
    listed = post_files(desk.limits.failures)
    found = desk.ask(listed).rows
    if not found:
        return None
    counts = ("row_count", "used_count", "rejected_count", "skipped_count")
    rows: list[tuple[Content, ...]] = [
        (
            join(desk.edition.text(row["path"]), " ", identity(row["item_id"])),
            desk.edition.remark(row["reader"], 40),
            *(shown(row[name]) for name in counts),
            _GAP if row["is_gap"] else "adds up",
            shown(row["post_count"]),
            shown(row["action_count"]),
            desk.edition.remark(row["note"]) if row["note"] else "",
        )
        for row in found
    ]
    heads = (
        ("File", ""),
        ("Reader", ""),
        ("Rows", "n"),
        ("Used", "n"),
        ("Rejected", "n"),
        ("Empty by design", "n"),
        ("Sum", ""),
        ("Posts", "n"),
        ("Actions", "n"),
        ("Note", ""),
    )
    return join(
        tag("h3", "Files of posts, row by row"),
        table(heads, rows, caption=join("Rows = used + rejected + empty", desk.mark(listed))),
        desk.showing(listed, POST_FILES, "intake_count"),
    )


def _rejected(desk: Desk) -> Markup | None:
    found = desk.ask(REJECTED_BY_REASON).rows
    if not found:
        return None
    rows: list[tuple[Content, ...]] = [
        (desk.edition.remark(row["reason"]), shown(row["row_count"]), shown(row["file_count"]))
        for row in found
    ]
    return join(
        tag("h3", "Why rows were rejected"),
        table(
            (("Reason", ""), ("Rows", "n"), ("Files", "n")),
            rows,
            caption=join("The most frequent reasons", desk.mark(REJECTED_BY_REASON)),
        ),
        note(
            "Rejected rows in all: ",
            desk.number(REJECTED),
            ". Each stands with its byte offset in ",
            desk.whole("rejected"),
            ".",
        ),
    )


def identity(item_id: str | None) -> Markup:
    """The head of an item's SHA-256, whole on paper as the tables have it."""
    if item_id is None:
        return Markup('<span class="none">no file</span>')
    return tag("code", item_id[:12], "…", class_="hash")


def _alarming(count: int) -> Content:
    return tag("strong", shown(count), class_="wrong") if count else shown(count)
