"""Walling a worker in: every wall the machine offers, and an honest list of those it lacks."""

from __future__ import annotations

import itertools
import os
import resource
import site
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.cell import kernel, landlock, seccomp

if TYPE_CHECKING:
    from collections.abc import Callable

    from tamis.cell.job import Limits

# Libraries that are loaded later, C libraries reserve addresses that they never use: the limit
# that counts is on data, the one on addresses only stops what data does not count.
_ADDRESS_SLACK = 1 << 30
_SYSTEM_FILES = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
)


@dataclass(frozen=True, slots=True)
class Walls:
    """What the server decided and found out for all of its workers."""

    readable: tuple[str, ...]
    without: frozenset[str]
    has_no_network: bool
    has_own_users: bool
    parent: int
    notes: tuple[str, ...]


def enter(folder: int, limits: Limits, walls: Walls) -> dict[str, Any]:
    """What holds this process from now on: the fields of Isolation.

    `folder` is the open descriptor of the only folder in which it may make files.
    """
    os.setpgid(0, 0)
    os.environ.clear()
    notes = list(walls.notes)

    def stands(name: str, build: Callable[[], int | None]) -> int | None:
        """What a wall reports once it stands, at least 1; None where it does not."""
        if name in walls.without:
            notes.append(f"{name} was left out")
            return None
        try:
            return build() or 1
        except OSError as error:
            notes.append(f"{name}: {error.strerror}")
            return None

    has_limits = stands("limits", lambda: _limit(limits, walls)) is not None
    has_dropped = stands("capabilities", kernel.drop_capabilities)
    kernel.die_with(walls.parent)
    kernel.refuse_new_privileges()
    landlock_abi = stands("landlock", lambda: landlock.restrict(walls.readable, folder))
    has_calls = stands("seccomp", lambda: seccomp.restrict(os.getpid())) is not None
    return {
        "memory": has_limits,
        "cpu": True,
        "wall": True,
        "output": has_limits,
        "files": landlock_abi is not None,
        "network": walls.has_no_network or has_calls,
        "syscalls": has_calls,
        "processes": has_calls,
        "capabilities": has_dropped is not None,
        "landlock_abi": landlock_abi or 0,
        "notes": notes,
    }


def check_libraries() -> None:
    """Return once this process has proved that it can still read tamis itself.

    Errors    OSError when it cannot: root sees other people's folders only by privilege.
    """
    with Path(__file__).open("rb"):
        pass


def close_all_but(kept: set[int]) -> None:
    """Leave this process nothing open but `kept`, and nothing behind its standard streams."""
    edges = [2, *sorted(kept), 1 << 16]
    for low, high in itertools.pairwise(edges):
        os.closerange(low + 1, high)
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for stream in (0, 1, 2):
        os.dup2(null, stream, inheritable=False)
    os.close(null)


def libraries() -> tuple[str, ...]:
    """What every worker may read: Python, the installed packages, tamis.

    A folder that merely stands on `sys.path` is not among them: it may be somebody's home.
    """
    tamis = Path(__file__).resolve().parent.parent
    named = sysconfig.get_paths()
    packages = {*site.getsitepackages(), site.getusersitepackages()}
    found = [
        *(named[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *(path for path in sys.path if path in packages or path.endswith("-packages")),
        str(Path(sys.base_prefix) / "lib"),
        str(tamis),
    ]
    return tuple(dict.fromkeys((*found, *_SYSTEM_FILES)))


def _limit(limits: Limits, walls: Walls) -> None:
    page = resource.getpagesize()
    counts = Path("/proc/self/statm").read_text(encoding="ascii").split()
    addresses, data = int(counts[0]) * page, int(counts[5]) * page
    wanted = {
        resource.RLIMIT_DATA: data + limits.memory_bytes,
        resource.RLIMIT_AS: addresses + limits.memory_bytes + _ADDRESS_SLACK,
        resource.RLIMIT_FSIZE: limits.output_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if walls.has_own_users:
        # Counted per user: only in a user namespace of their own are the workers the only ones.
        wanted[resource.RLIMIT_NPROC] = 1024
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))
