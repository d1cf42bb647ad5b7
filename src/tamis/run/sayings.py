"""What people say of a case: checked texts, and tables that repeat the decisions that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.errors import CaseLockedError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tamis.case import Case, Writer
    from tamis.case.decisions import Decision

_LATER = "kept; the tables follow with the next report, as another command is writing now"


def said(what: str, text: str, most: int = 2_000) -> str:
    """The text without blanks around it.

    Errors    InputError when nothing is left, or more than `most` characters.
    """
    kept = text.strip()
    if not kept or len(kept) > most:
        raise InputError(f"{what}: expected a text of 1 to {most:,} characters")
    return kept


def refresh(case: Case, settle: Callable[[Writer, Iterable[Decision]], None]) -> str:
    """Nothing once the tables repeat the decisions; a remark while another process writes."""
    try:
        with case.writer() as writer:
            settle(writer, case.decisions())
    except CaseLockedError:
        return _LATER
    return ""


def repeat(writer: Writer, rows_of: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Bring tables up to the decisions; equal rows change nothing."""
    with writer.view() as view:
        is_empty = not any(view.row_count(name) for name in rows_of)
    if is_empty and not any(rows_of.values()):
        return
    for name, rows in rows_of.items():
        writer.replace(name, records.table(name).build(rows))
    writer.commit()
