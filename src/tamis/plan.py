"""What an analysis asks of an engine: named queries and kernels, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyarrow as pa

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def identifier(name: str) -> str:
    """`name` itself, once it is safe to stand unquoted in SQL.

    Errors    PlanError for anything but a letter or underscore followed by at most 62 letters,
              digits or underscores.
    """
    if not _NAME.fullmatch(name):
        raise PlanError(f"{name!r} cannot name a table or column: use letters, digits and _")
    return name


@dataclass(frozen=True, slots=True)
class Query:
    """One named SELECT in DuckDB's dialect; its result is a table called `name`.

    Values travel in `params` and stand in the text as `$name`. `portable` declares that the
    text keeps to the functions that both engines know, and runs on both in a test. `of_parts`
    says where the query is needed: True where kernels may see their rows in parts, False where
    each kernel sees all of them at once, None everywhere.
    """

    name: str
    sql: str
    params: Mapping[str, Any] = field(default_factory=dict)
    portable: bool = False
    of_parts: bool | None = None

    def __post_init__(self) -> None:
        """Refuse a name that could not stand in SQL."""
        identifier(self.name)


@dataclass(frozen=True, slots=True)
class Partition:
    """What a kernel is told about the rows it is given.

    `is_whole`: these are all rows there are, so a result may be final. `core_low` and
    `core_high` bound the first `order_by` column of the rows this partition answers for (rows
    outside are halo: seen, not answered for); None is unbounded.
    """

    is_whole: bool = True
    core_low: float | None = None
    core_high: float | None = None


@dataclass(frozen=True, slots=True)
class Kernel:
    """One named pure function from Arrow to Arrow over one partition of its input.

    `function(table, params, partition)` receives the rows of `source` (a table or an earlier
    step), sorted by `partition_by + order_by`; groups of equal `partition_by` values are never
    split between calls, except where `halo_s` is set: then a group may be split by the first
    `order_by` column, with a halo of that many seconds on both sides. `partition_by=()` is one
    partition on the driver. The result has `output_schema`. A kernel that sorts faster than an
    engine can says `is_sorted=False`: groups still arrive whole, their rows in any order.
    """

    name: str
    version: int
    function: Callable[[pa.Table, Mapping[str, Any], Partition], pa.Table]
    source: str
    output_schema: pa.Schema
    partition_by: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    halo_s: float | None = None
    is_sorted: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse names that could not stand in SQL."""
        for name in (self.name, self.source, *self.partition_by, *self.order_by):
            identifier(name)


Step: TypeAlias = Query | Kernel


def needed(steps: Iterable[Step], *, of_parts: bool) -> tuple[Step, ...]:
    """The steps for an engine whose kernels may see their rows in parts, or for any other."""
    found: list[Step] = []
    for step in steps:
        if isinstance(step, Kernel) or step.of_parts is None:
            found.append(step)
        elif step.of_parts == of_parts:
            found.append(replace(step, of_parts=None))
    return tuple(found)
