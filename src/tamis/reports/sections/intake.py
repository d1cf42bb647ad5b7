"""What came in and what failed: every file, every entry, every row accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import note, shown, value_of
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake_figures import (
    BY_KIND,
    BY_REASON,
    FAILED,
    FILES,
    ITEMS,
    LEDGER_GAPS,
    LEDGERS,
    PARTLY,
    POST_FILES,
    REFUSED,
    REJECTED,
    REJECTED_BY_REASON,
    ROW_GAPS,
    UNREAD,
    containers,
    failures,
    post_files,
)

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

_STATUS = {"partly": "in part", "failed": "failed", "refused": "not opened"}
_GAP = Markup('<strong class="wrong">does not add up</strong>')


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
            "; files with rows unaccounted for: ",
            desk.number(ROW_GAPS),
            ". They stand first in the tables below.",
        )
        if gaps
        else tag(
            "p",
            "The sums add up: containers with entries unaccounted for: ",
            desk.number(LEDGER_GAPS),
            "; files with rows unaccounted for: ",
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
            " could not be read, ",
            desk.number(PARTLY),
            " only in part; ",
            desk.number(REFUSED),
            " were kept and hashed but not opened.",
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
            _alarming(row["failed_count"]),
            shown(row["refused_count"]),
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
            ("Failed", "n"),
            ("Not opened", "n"),
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
            _STATUS.get(row["status"], row["status"]),
            desk.edition.remark(row["reason"]),
            shown(row["size_bytes"]),
        )
        for row in found
    ]
    heads = (("Kind", ""), ("Where", "who"), ("Status", ""), ("Why", "wide"), ("Bytes", "n"))
    each = table(heads, rows, caption=join("Failed first", desk.mark(listed)))
    return join(
        tag("h3", "What was not read, or in part only"),
        _reasons(desk),
        tag("details", tag("summary", "each item"), each, desk.showing(listed, UNREAD, "item")),
    )


def _reasons(desk: Desk) -> Markup:
    rows: list[tuple[Content, ...]] = [
        (
            _STATUS.get(row["status"], row["status"]),
            row["kind"],
            desk.edition.remark(row["reason"]),
            shown(row["item_count"]),
        )
        for row in desk.ask(BY_REASON).rows
    ]
    heads = (("Outcome", ""), ("Kind", ""), ("Why", "wide"), ("Items", "n"))
    return table(heads, rows, caption=join("The most frequent reasons", desk.mark(BY_REASON)))


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
        tag("h3", "Files of posts and keys, row by row"),
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
