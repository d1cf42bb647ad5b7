"""What came in and what failed: every file, every entry, every row accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.reports.desk import note, quiet, shown, value_of
from tamis.reports.markup import Content, Markup, join, table, tag
from tamis.reports.sections.intake_figures import (
    FAILED,
    FILES,
    FORMATS,
    ITEMS,
    LEDGER_GAPS,
    LEDGERS,
    PARTLY,
    POST_FILES,
    REASONS,
    REFUSED,
    REJECTED,
    REJECTED_BY_REASON,
    ROW_GAPS,
    UNREAD,
    containers,
    failures,
    formats,
    post_files,
    reasons,
)
from tamis.syntax.media_names import media_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.reports.desk import Desk

_STATUS = {"partly": "in part", "failed": "failed", "refused": "not opened"}
_UNKNOWN = Markup('<span class="none">unknown</span>')
_GAP = Markup('<strong class="wrong">does not add up</strong>')


def render(desk: Desk) -> Markup:
    """The section on intake."""
    return tag(
        "section",
        tag("h2", "What came in, and what failed"),
        _lead(desk),
        _formats(desk),
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


def _formats(desk: Desk) -> Markup:
    listed = formats(desk.limits.formats)
    rows: list[tuple[Content, ...]] = [
        (
            _format(desk, row),
            *(quiet(row[name]) for name in ("file_count", "item_count", "out_count")),
            _alarming(row["lost_count"]),
            quiet(row["partly_count"]),
            _alarming(row["failed_count"]),
            quiet(row["refused_count"]),
            _balance(row),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (
        ("Format, kind, reader", "who"),
        ("Files given", "n"),
        ("Items of it", "n"),
        ("Came out", "n"),
        ("Lost inside", "n"),
        ("In part", "n"),
        ("Failed", "n"),
        ("Not opened", "n"),
        ("Declared = out + lost", "sum"),
    )
    return join(
        tag("h3", "By format"),
        table(
            heads,
            rows,
            caption=join("What came in, by format", desk.mark(listed)),
            classes="sparse",
        ),
        desk.showing(listed, FORMATS, "item"),
    )


def _format(desk: Desk, row: Mapping[str, Any]) -> Markup:
    name = row["format"]
    reader = row["reader"]
    told = desk.edition.remark(media_name(name), 80) if name else _UNKNOWN
    by = join("read by ", desk.edition.remark(reader, 40)) if reader else "no reader"
    return join(told, tag("span", row["kind"], " · ", by, class_="meta"))


def _balance(row: Mapping[str, Any]) -> Content:
    """What the containers of a format declare, beside what became of it; in red if unequal."""
    if not row["container_count"]:
        return ""
    if row["declared_count"] is None:
        return tag("span", "declares nothing", class_="zero")
    parts = (row["declared_count"], row["balance_out"], row["balance_lost"])
    declared, out, lost = (shown(part) for part in parts)
    if not row["gap_count"]:
        return f"{declared} = {out} + {lost}"
    off = f"{shown(row['gap_count'])} of {shown(row['container_count'])} do not add up: "
    told = f"{off}declared {declared}, out {out}, lost {lost}"
    return tag("strong", told, class_="wrong")


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
    heads = (
        ("Kind", "word"),
        ("Where", "who"),
        ("Status", "word"),
        ("Why", "wide"),
        ("Bytes", "n"),
    )
    each = table(heads, rows, caption=join("Failed first", desk.mark(listed)))
    return join(
        tag("h3", "What was not read, or in part only"),
        _reasons(desk),
        tag("details", tag("summary", "each item"), each, desk.showing(listed, UNREAD, "item")),
    )


def _reasons(desk: Desk) -> Markup:
    listed = reasons(desk.limits.reasons)
    rows: list[tuple[Content, ...]] = [
        (
            _STATUS.get(row["status"], row["status"]),
            row["kind"],
            desk.edition.remark(row["reason"]),
            shown(row["item_count"]),
        )
        for row in desk.ask(listed).rows
    ]
    heads = (("Outcome", "word"), ("Kind", "word"), ("Why", "wide"), ("Items", "n"))
    return join(
        table(heads, rows, caption=join("The most frequent reasons", desk.mark(listed))),
        desk.showing(listed, REASONS, "item --where \"status <> 'read'\""),
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
        ("Container", "who"),
        ("Reader", "word"),
        ("Declared", "n"),
        ("Came out", "n"),
        ("Failed", "n"),
        ("Sum", "word"),
        ("Note", ""),
    )
    each = join(
        table(heads, rows, caption=join("Mailboxes and archives", desk.mark(listed))),
        desk.showing(listed, LEDGERS, "ledger"),
    )
    # What does not add up stands open; else the balance by format says enough at first.
    is_open = any(row["is_gap"] for row in found)
    return join(
        tag("h3", "Containers: declared, came out, failed"),
        each if is_open else tag("details", tag("summary", "each container"), each),
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
        ("File", "who"),
        ("Reader", "word"),
        ("Rows", "n"),
        ("Used", "n"),
        ("Rejected", "n"),
        ("Empty by design", "n"),
        ("Sum", "word"),
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
    return tag("strong", shown(count), class_="wrong") if count else quiet(count)
