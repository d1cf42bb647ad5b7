"""Plug-ins: one file each, found by where they stand, or announced as an entry point.

    tamis.sources.leak.containers.*   READER   LeakReader
    tamis.sources.leak.documents.*    READER   LeakReader
    tamis.sources.posts.*             READER   PostReader
    tamis.sources.context.*           READER   ContextReader
    tamis.analyses.leak.*             CHECK    Check
    tamis.analyses.*.*                ANALYSIS Analysis

A package outside tamis announces the same objects in the entry-point groups `tamis.readers`,
`tamis.checks` and `tamis.analyses`.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from tamis.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pyarrow as pa

    from tamis.findings import Evidence
    from tamis.plan import Step


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a reader may look at to say whether a file is its own.

    `head` is at most 64 KiB of the file after decompression, `tail` the last 4 KiB of the raw
    file (empty for a stream), `name` the file's own name without a compression suffix.
    """

    name: str
    head: bytes
    size_bytes: int
    tail: bytes = b""


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a reader reads, as far as it needs to know it.

    `options` are the investigator's words: `columns` (own column names), `assume_zone`,
    `platform`, `sampling`, the case's `selectors`, and `today`, when files are added; for leaked
    files `passwords`, a list.
    `shared` is None but for a range of a file, where it is what `Ranges` says.
    """

    item_id: str
    name: str
    size_bytes: int
    path: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where a file can be cut: the first byte of each range, in order, the first one included.

    Each range is read by itself, as a stream of its own; `shared` is what the beginning of the
    file says about all of it, and what their sources carry as `shared`.
    """

    starts: tuple[int, ...]
    shared: Mapping[str, Any]


class Sink(Protocol):
    """Where a reader of leaked bytes puts what it found; it writes nothing anywhere else."""

    def row(self, table: str, values: Mapping[str, Any]) -> None:
        """Add one row to a table of the case."""

    def child(
        self, name: str, *, content: bytes | Iterable[bytes] | None = None, **place: Any
    ) -> str:
        """Add one item found inside, by its bytes or by its span of the parent; return its id.

        `content` may come in pieces, which are taken one by one and never held together; a
        MemberError raised among them says that the entry is damaged, or does not come out.
        `place`: byte_start, byte_end, transform, position, claimed_type, is_member (counts in
        a mailbox), is_path (`name` is a path inside the container), container_modified_at,
        is_apart (the reader's `members` can give it by its position, later and elsewhere).
        """

    def absent(self, name: str, status: str, reason: str, **place: Any) -> str:
        """List one entry without bytes (`refused` or `failed`) and why; return its stand-in id."""


@dataclass(frozen=True, slots=True)
class LeakReader:
    """A reader of one kind of leaked file: a container, or a document.

    `recognises` gives 0 (not mine) to 100 (certain); the highest wins, ties by name.
    `read(stream, source, sink)` reads a seekable stream inside the cell. One that `is_streaming`
    needs the same memory however large the file is; others get no file that does not fit.
    `members(stream)` gives what makes the bytes of one entry from its position, where entries
    are no spans of the file: a large file, or one that stops its parser, is read entry by entry.
    """

    name: str
    media_types: tuple[str, ...]
    recognises: Callable[[Glimpse], int]
    read: Callable[[BinaryIO, Source, Sink], None]
    keeps: str
    cannot_know: str
    is_streaming: bool = False
    members: Callable[[BinaryIO], Callable[[int], bytes]] | None = None


@dataclass(frozen=True, slots=True)
class PostReader:
    """A reader of one platform's export.

    `read(stream, source)` yields mappings from table name (post, action, account, …,
    rejected) to Arrow record batches in that table's schema, inside the cell, in constant memory.
    A reader with `ranges(stream, source, every)` can read a large file from several places at
    once: it says where ranges of about `every` bytes begin, None for a file in one piece, and
    reads a range as a stream of its own. Whatever the ranges, the rows are the same, but for
    what a reader leaves out because it remembers it; bytes are counted from the range's start.
    `is_kept_by_anybody`: such files (web archives, feeds) lie in mailboxes too, and among mail they
    are part of the dump. `columns`: of a table that people make, what a column can mean and the
    names that say so.
    """

    platform: str
    recognises: Callable[[Glimpse], int]
    read: Callable[[BinaryIO, Source], Iterator[Mapping[str, pa.RecordBatch]]]
    keeps: str
    cannot_know: str
    sampling: str
    ranges: Callable[[BinaryIO, Source, int], Ranges | None] | None = None
    is_kept_by_anybody: bool = False
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The reader's name, which is its platform's."""
        return self.platform


@dataclass(frozen=True, slots=True)
class ContextReader:
    """A reader of what surrounds an incident: keys, polls, decoys, claims, calendars.

    `columns`: of a table that people make, what a column can mean and what may stand there.
    """

    name: str
    kind: str
    recognises: Callable[[Glimpse], int]
    read: Callable[[BinaryIO, Source], Iterator[Mapping[str, pa.RecordBatch]]]
    keeps: str
    cannot_know: str
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """A pure function from what it `reads` to evidence about one subject.

    `reads` names "bytes", or tables of the case. A check that reads bytes runs in the cell.
    """

    name: str
    version: int
    reads: tuple[str, ...]
    check: Callable[..., tuple[Evidence, ...]]
    false_alarm_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """A computation over tables: what it reads, what it writes, and how to build its steps.

    `build(params)` gives named steps; the steps named in `writes` are its results. Engines add
    nothing: `run_id` and `analysis_version` reach the steps as `$run_id` and `$analysis_version`.
    """

    name: str
    version: int
    question: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    params: Mapping[str, Any]
    build: Callable[[Mapping[str, Any]], tuple[Step, ...]]


_PACKAGES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "leak": (
        "READER",
        ("tamis.sources.leak.containers", "tamis.sources.leak.documents"),
        "tamis.readers",
    ),
    "posts": ("READER", ("tamis.sources.posts",), "tamis.readers"),
    "context": ("READER", ("tamis.sources.context",), "tamis.readers"),
    "checks": ("CHECK", ("tamis.analyses.leak",), "tamis.checks"),
    "analyses": (
        "ANALYSIS",
        (
            "tamis.analyses.leak",
            "tamis.analyses.spread",
            "tamis.analyses.coordination",
            "tamis.analyses.response",
        ),
        "tamis.analyses",
    ),
}
_TYPES: dict[str, type] = {
    "leak": LeakReader,
    "posts": PostReader,
    "context": ContextReader,
    "checks": Check,
    "analyses": Analysis,
}


@cache
def plugins(group: str) -> Mapping[str, Any]:
    """The plug-ins of a group by name: leak, posts, context, checks or analyses.

    Errors    PlanError when two plug-ins share a name, or one is not of its group's type.
    """
    attribute, packages, entry_group = _PACKAGES[group]
    expected = _TYPES[group]
    found: dict[str, Any] = {}
    for origin, plugin in (*_inside(attribute, packages), *_outside(entry_group, expected)):
        if not isinstance(plugin, expected):
            raise PlanError(f"{origin}: {attribute} is no {expected.__name__}")
        if plugin.name in found:  # type: ignore[attr-defined]
            raise PlanError(f"{origin}: a plug-in called {plugin.name!r} exists already")  # type: ignore[attr-defined]
        found[plugin.name] = plugin  # type: ignore[attr-defined]
    return MappingProxyType(dict(sorted(found.items())))


def resolve(task: str) -> Callable[..., Any]:
    """The function that `package.module:function` names, inside tamis only.

    Errors    PlanError when it is outside tamis or absent.
    """
    module, _, name = task.partition(":")
    if not module.startswith("tamis."):
        raise PlanError(f"{task!r} is not inside tamis")
    function = getattr(importlib.import_module(module), name, None)
    if not callable(function):
        raise PlanError(f"{task!r} names no function")
    return function  # type: ignore[no-any-return]


def _inside(attribute: str, packages: tuple[str, ...]) -> list[tuple[str, Any]]:
    found = []
    for package in packages:
        if importlib.util.find_spec(package) is None:
            continue
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            name = f"{package}.{module.name}"
            plugin = getattr(importlib.import_module(name), attribute, None)
            if plugin is not None:
                found.append((name, plugin))
    return found


def _outside(group: str, expected: type) -> list[tuple[str, Any]]:
    loaded = [(point.value, point.load()) for point in entry_points(group=group)]
    return [(origin, plugin) for origin, plugin in loaded if isinstance(plugin, expected)]
