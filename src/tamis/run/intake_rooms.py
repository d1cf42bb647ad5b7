"""The cells of an intake: the usual one, and roomier ones for large compressed exports."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from tamis.cell import Cell, Workplace

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case import Writer
    from tamis.cell import Limits, Nursery

_ZSTD_MEMORY = 3 << 30  # archives of posts use windows of 2 GiB
_PACKED_RATIO = 32  # JSON of posts is seldom packed further than to a thirtieth
_PRELOAD = ("pyarrow", "tamis.run.intake_leak", "tamis.run.intake_tasks")


def packed_limits(usual: Limits, free_bytes: int) -> Limits:
    """What reading one compressed export may use: its size says little about its content.

    Input     `free_bytes` of the disk that one call may fill
    Source    seconds and output grow with the content, which is up to some thirty times the file;
              a stream that unpacks to much more is ended by `intake_stream`
    """
    most = max(usual.output_bytes, min(usual.output_bytes * _PACKED_RATIO, free_bytes))
    seconds = usual.seconds_per_mib * _PACKED_RATIO
    return replace(usual, output_bytes=most, seconds_per_mib=seconds)


@dataclass(frozen=True, slots=True)
class Workers:
    """How many workers may run at once, and the server they come from where others share it."""

    jobs: int = 2
    nursery: Nursery | None = None


class Rooms:
    """The cell, and others with more room, opened only for files that need it."""

    def __init__(
        self, workers: Workers, writer: Writer, limits: Limits, readable: tuple[Path, ...]
    ) -> None:
        """Open the usual cell when entered."""
        self._given = (workers, writer, limits, readable)
        self._free_bytes = shutil.disk_usage(writer.spool()).free // (2 * workers.jobs)
        self._opened = ExitStack()
        self._roomy: dict[bool, Cell] = {}

    def __enter__(self) -> Self:
        """Open the usual cell."""
        self.usual = self._cell(self._given[2])
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def packed(self, *, is_wide: bool) -> Cell:
        """A cell with time and disk for compressed exports; wide: with memory for long windows."""
        if is_wide not in self._roomy:
            limits = packed_limits(self._given[2], self._free_bytes)
            memory = _ZSTD_MEMORY if is_wide else limits.memory_bytes
            self._roomy[is_wide] = self._cell(replace(limits, memory_bytes=memory))
        return self._roomy[is_wide]

    def _cell(self, limits: Limits) -> Cell:
        workers, writer, _, readable = self._given
        workplace = Workplace(limits, readable=readable, preload=_PRELOAD)
        cell = Cell(workers.jobs, writer.spool(), workplace, nursery=workers.nursery)
        return self._opened.enter_context(cell)
