"""What goes into the cell and what comes out of it, in values."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call of a task may use; more than that is that item's failure.

    `cpu_s` and `wall_s` grow by `seconds_per_mib` for every MiB of input, so that a mailbox of
    4 GiB is not stopped for being long. `memory_bytes` is on top of what a fresh worker holds.
    `output_bytes` is the sum of all files one call writes.
    """

    memory_bytes: int = 1 << 30
    cpu_s: float = 60
    wall_s: float = 120
    output_bytes: int = 1 << 31
    open_files: int = 256
    seconds_per_mib: float = 1.0

    def seconds(self, input_bytes: int) -> tuple[float, float]:
        """CPU and wall seconds for one call that is given so many bytes."""
        more = self.seconds_per_mib * input_bytes / (1 << 20)
        return self.cpu_s + more, self.wall_s + more


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file: what lies at `offset`, `length` bytes long.

    Limits    The worker holds the whole file's descriptor; the span is what its stream shows,
              not a wall between neighbours in one file.
    """

    path: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Job:
    """One call of a task, and the units it can be divided into when a worker dies on it.

    `task`    "tamis.x.y:function", called as `function(items, inputs, args, out)`.
    `paths`   files, or spans of files; the worker gets open, read-only descriptors of them and
              no other way to any file. `inputs[i]` is a seekable stream of `paths[i]`.
    `items`   small JSON objects; an item says which input is its own by position.
    `args`    one JSON object for the whole call.
    `tables`  schema of each Arrow file the task writes, by name; a name that is a table of the
              case need not stand here. A file that disagrees fails its item.
    """

    job_id: str
    task: str
    paths: tuple[Path | Span, ...] = ()
    items: tuple[Mapping[str, Any], ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pa.Schema] = field(default_factory=dict)

    def singly(self) -> Iterator[Job]:
        """The same job once for each of its items."""
        return (replace(self, items=(item,)) for item in self.items)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job, or of one item of it.

    When a worker dies on a job of several items the cell runs the items one by one, and yields
    one outcome for each: `job.job_id` is the same, `job.items` says which item it is.
    `reason` is a sentence for people. `files` maps the names the task chose to regular files
    that lie outside the worker's reach; Arrow files among them have been validated. `mark` is
    what a worker that died had noted that it was at (`Output.mark`), or "": its word, not checked.
    """

    job: Job
    status: Literal["done", "failed"]
    reason: str | None = None
    result: Any = None
    files: Mapping[str, Path] = field(default_factory=dict)
    mark: str = ""

    def discard(self) -> None:
        """Remove the files, once the caller has taken what it needs."""
        for folder in {path.parent for path in self.files.values()}:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Isolation:
    """What holds a worker on this machine, as the first worker found it; reports print it."""

    memory: bool = False
    cpu: bool = False
    wall: bool = False
    output: bool = False
    files: bool = False
    network: bool = False
    syscalls: bool = False
    processes: bool = False
    capabilities: bool = False
    landlock_abi: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def is_full(self) -> bool:
        """Whether every wall stands."""
        return not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """The walls that do not stand here, in words."""
        return tuple(words for name, words in _WALLS.items() if not getattr(self, name))

    def sentence(self) -> str:
        """One honest sentence for a report: what held the parsers, and what did not."""
        present = tuple(words for name, words in _WALLS.items() if getattr(self, name))
        held = f"with {_listed(present)}" if present else "without any further limit"
        start = f"Leaked files were parsed in separate processes {held}"
        if self.is_full:
            return start + "."
        why = f" ({'; '.join(self.notes)})" if self.notes else ""
        return f"{start}; this machine could not add: {_listed(self.missing)}{why}."

    def as_json(self) -> str:
        """The same for machines."""
        names = (*_WALLS, "landlock_abi", "notes")
        return json.dumps({name: getattr(self, name) for name in names})


_WALLS = {
    "memory": "a limit on memory",
    "cpu": "a limit on computing time",
    "wall": "a limit on waiting time",
    "output": "a limit on output",
    "files": "no access to files but their own (Landlock)",
    "network": "no network",
    "syscalls": "a list of permitted system calls (seccomp)",
    "processes": "no way to start programs",
    "capabilities": "no privileges",
}


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
