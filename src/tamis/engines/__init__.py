"""The only openers of an engine: DuckDB inside the process, Spark past one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.engines.seam import Engine, fitted
from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Engine", "fitted", "open_engine"]


def open_engine(
    name: str,
    *,
    allowed: Sequence[Path],
    scratch: Path,
    memory_gib: float | None = None,
    threads: int | None = None,
) -> Engine:
    """An engine called `duckdb` or `spark`; a context manager.

    Input     `allowed` are the files and folders it may read, `scratch` the one it may write.
              It takes at most 60 % of the machine, less with `memory_gib`, and without
              `threads` every core.
    Errors    PlanError for another name, or for Spark where the extra is not installed.
    """
    if name == "duckdb":
        from tamis.engines.duckdb import DuckEngine  # noqa: PLC0415  # loads the engine

        return DuckEngine(allowed, scratch, memory_gib=memory_gib, threads=threads)
    if name == "spark":
        from tamis.engines.spark import SparkEngine  # noqa: PLC0415  # loads pyspark

        return SparkEngine(allowed, scratch, memory_gib=memory_gib, threads=threads)
    raise PlanError(f"there is no engine called {name!r}; use duckdb or spark")
