"""Ranges of large files of posts on their way through the cell, taken in one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tamis.cell import Span
from tamis.errors import TamisError
from tamis.run.intake_adopt import append, checked_count
from tamis.run.intake_ranges import COUNTS, RangedFile, lost, rejected_from, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tamis.cell import Job, Outcome
    from tamis.run.intake_book import Book
    from tamis.run.intake_store import Taken


class Ranged:
    """The files that are read in ranges; `finish` is called with each once all of it is in."""

    def __init__(self, book: Book, group: str, finish: Callable[[RangedFile], None]) -> None:
        self._book = book
        self._group = group
        self._finish = finish
        self._files: dict[str, RangedFile] = {}
        self._before: dict[str, list[dict[str, Any]]] | None = None

    def cut(self, whole: Job, taken: Taken, media_type: str | None, told: Any) -> Iterator[Job]:
        """The jobs of a file's ranges that were not read before; `whole` is the job of all of it.

        Errors    CellError, InputError as `RangedFile.cut`
        """
        settings = settings_of(taken.reader or "", whole.args["options"])
        file = self._files[whole.job_id] = RangedFile(taken, media_type, settings)
        file.cut(told, self._read_before(taken.item_id))
        done = file.following
        self._book.part(taken.size_bytes if file.is_whole else file.starts[done] if done else 0)
        for rank in range(done, len(file.starts)):
            start, end = file.span(rank)
            item = {**whole.items[0], "rank": rank, "begin": start}
            args = {**whole.args, "shared": dict(file.shared)}
            span = Span(taken.path, start, end - start)
            yield replace(whole, paths=(span,), items=(item,), args=args)
        if not file.starts[done:]:
            self._finish(file)

    def _read_before(self, item_id: str) -> list[dict[str, Any]]:
        """The ranges of a file that an earlier `add` took in before it was stopped."""
        if self._before is None:
            self._before = {}
            with self._book.writer.view() as view:
                for row in view.table("intake_range").to_pylist():
                    self._before.setdefault(row["source_item_id"], []).append(row)
        return self._before.get(item_id, [])

    def take(self, outcome: Outcome) -> None:
        """Take in every range whose turn it is: ranks and sums need those before it."""
        file = self._files[outcome.job.job_id]
        file.waiting[outcome.job.items[0]["rank"]] = outcome
        while file.following in file.waiting:
            one = file.waiting.pop(file.following)
            start, end = file.span(file.following)
            try:
                told = self._adopt_range(file, one)
            except (TamisError, ValueError) as problem:
                told = lost(self._book, file, one.job, f"its answer was refused: {problem}")
            one.discard()
            row = {"byte_start": start, "byte_end": end, "settings": file.settings}
            row |= {"source_item_id": file.taken.item_id, "note": told["note"]}
            row |= {name: told[name] for name in COUNTS}
            self._book.row("intake_range", row)
            file.add(row)
            self._book.part(end - (start if file.following > 1 else 0))
            self._book.progress.also(told["row_count"], "rows")
            if file.is_whole:
                self._finish(file)
            self._book.commit()

    def _adopt_range(self, file: RangedFile, outcome: Outcome) -> Mapping[str, Any]:
        if outcome.status != "done":
            return lost(self._book, file, outcome.job, outcome.reason or "")
        count = checked_count(self._group, outcome, file.taken.item_id)
        if count is None:
            raise TamisError("its reader did not count its rows")
        for table, path in outcome.files.items():
            if table == "rejected":
                self._book.append(table, rejected_from(path, file.counts["row_count"]))
            elif table != "intake_count":
                append(self._book, table, path)
        return count
