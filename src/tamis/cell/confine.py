"""Walling a worker in."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
import resource

from tamis.cell.job import Isolation

if TYPE_CHECKING:
    from tamis.cell.job import Limits


@dataclass(frozen=True, slots=True)
class Walls:
    """What the server knows about the walls of its workers."""

    readable: tuple[str, ...]
    without: frozenset[str]
    has_no_network: bool


def adopt_orphans() -> None:
    """Nothing yet."""


def leave_network() -> bool:
    """Nothing yet."""
    return False


def kill_children(spared: frozenset[int] = frozenset()) -> None:
    """Nothing yet."""


def close_all_but(kept: set[int]) -> None:
    """Close."""
    edges = [2, *sorted(kept), 1 << 16]
    for low, high in zip(edges, edges[1:]):
        os.closerange(low + 1, high)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd, inheritable=False)
    os.close(null)


def enter(folder: int, limits: Limits, walls: Walls) -> dict[str, Any]:
    """Isolation."""
    os.setpgid(0, 0)
    os.environ.clear()
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes, limits.output_bytes))
    size, _, _, _, _, data, _ = (int(n) * 4096 for n in open("/proc/self/statm").read().split())
    m = data + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (m, m))
    return asdict(Isolation(memory=True, cpu=True, wall=True, output=True))
