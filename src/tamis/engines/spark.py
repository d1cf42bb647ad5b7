"""Spark behind the same seam."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def SparkEngine(  # noqa: N802  # becomes a class
    allowed: Sequence[Path],
    scratch: Path,
    *,
    memory_gib: float | None = None,
    threads: int | None = None,
) -> NoReturn:
    """Nothing yet."""
    raise PlanError(f"spark is not built yet {allowed} {scratch} {memory_gib} {threads}")
