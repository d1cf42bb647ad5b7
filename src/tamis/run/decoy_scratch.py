"""Folders read as a case would read them, for decoys: their texts as keyed runs."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from tamis.case import Case
from tamis.cell import Cell, Workplace, read_arrow
from tamis.errors import InputError
from tamis.run.decoy_task import TASKS
from tamis.run.decoys import write_stream
from tamis.run.intake import Wishes, Workers, add
from tamis.run.texts import Pass, text_jobs
from tamis.run.warm import warm_nursery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.case import CaseView
    from tamis.progress import Progress

RUNS = pa.schema([pa.field("item_id", pa.string()), pa.field("run_hash", pa.uint64())])
HITS = pa.schema([pa.field("run_hash", pa.uint64())])


class Scratch:
    """Folders that are read as a case would read them, and forgotten afterwards."""

    def __init__(self, jobs: int, progress: Progress) -> None:
        """Start nothing yet; use it with `with`."""
        self.jobs, self.progress = jobs, progress
        self._stack = ExitStack()
        self._count = 0

    def __enter__(self) -> Self:
        """Start the workers' server and make the folder."""
        self.nursery = self._stack.enter_context(warm_nursery(with_intake=True))
        made = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="tamis-"))
        self.folder = Path(made)
        return self

    def __exit__(self, *_: object) -> None:
        """Remove all of it."""
        self._stack.close()

    def fill(self, paths: Sequence[Path]) -> Case:
        """A case that holds what lies below `paths`.

        Errors    InputError when a path is absent.
        """
        for path in paths:
            if not path.exists():
                raise InputError(f"{path}: no such file or folder")
        self._count += 1
        case = Case.create(self.folder / f"case-{self._count}", title="decoys")
        wishes, workers = Wishes(by_reference=True), Workers(self.jobs, self.nursery)
        add(case, paths, kind="leak", wishes=wishes, workers=workers, progress=self.progress)
        return case

    def spool(self) -> Path:
        """A new folder for what goes into the cell and comes out."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    def cell(self, spool: Path) -> Cell:
        """A cell for texts."""
        preload = Workplace(preload=("pyarrow", TASKS))
        return Cell(self.jobs, spool, preload, nursery=self.nursery)

    def runs_of(self, view: CaseView, key: bytes) -> dict[str, set[int]]:
        """The keyed runs of each text."""
        spool, found = self.spool(), defaultdict[str, set[int]](set)
        told = Pass("sketch_texts", "runs", {"key": key.hex()}, (), TASKS, {"runs": RUNS})
        with self.cell(spool) as cell:
            for outcome in cell.run(text_jobs(view, spool, told)):
                if outcome.status != "done":
                    raise InputError(f"a text could not be sketched: {outcome.reason}")
                for path in outcome.files.values():
                    rows = read_arrow(path, RUNS).to_pydict()
                    for item_id, one in zip(rows["item_id"], rows["run_hash"], strict=True):
                        found[item_id].add(one)
                outcome.discard()
        return found

    def hits_in(self, view: CaseView, sketches: pa.Table) -> set[int]:
        """The runs of some sketches that stand in the texts of a folder."""
        spool, found = self.spool(), set[int]()
        given = write_stream(spool / "decoy.arrow", sketches)
        told = Pass("background_hits", "runs", {}, (given,), TASKS, {"runs": HITS})
        with self.cell(spool) as cell:
            for outcome in cell.run(text_jobs(view, spool, told)):
                for path in outcome.files.values():
                    found.update(read_arrow(path, HITS)["run_hash"].to_pylist())
                outcome.discard()
        return found


def sketch_table(sketches: Sequence[str], key: str) -> pa.Table:
    """Sketches in base64 under one key, as the tasks of the cell read them."""
    keys = [key] * len(sketches)
    columns = {"sketch": pa.array(sketches, pa.string()), "sketch_key": pa.array(keys, pa.string())}
    return pa.table(columns)
