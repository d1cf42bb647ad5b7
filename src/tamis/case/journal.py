"""How custody and manifest move together, whatever the moment at which the process is killed.

A commit is written three times. First `pending.json` holds the next manifest and the very
bytes of the new custody lines; its rename is the moment of decision. Then the lines are
appended, then the manifest is swapped, then `pending.json` goes. Whoever opens the case and
finds a `pending.json` does the rest again, with the same bytes. So custody never ends anywhere
but where the manifest says, and everything else is a break.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from tamis.case import custody, erase, manifest
from tamis.case.custody import Event, Head
from tamis.case.layout import (
    CUSTODY,
    ERASE,
    MANIFEST,
    PENDING,
    canonical,
    digest,
    inside,
    remove_durably,
    write_atomic,
)
from tamis.errors import CaseBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tamis.case.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit is to bring: the next manifest, events for custody, and small files.

    `files` maps a path in the case to its new text; they move together with the manifest.
    """

    manifest: Manifest
    events: Sequence[Event] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def commit(root: Path, change: Callable[[Manifest], Change]) -> Manifest:
    """The manifest that stands afterwards; `change` says what is to change, from what stands now.

    The caller holds the commit lock. A changed content gets the next number and a `commit` line
    with its digest; events alone move only the head; nothing at all changes nothing.
    """
    before = settle(root)
    wanted = change(before)
    after, events = wanted.manifest, list(wanted.events)
    if after.is_same(before):
        after = replace(before, drained=after.drained)
    else:
        after = after.numbered(before.generation + 1)
        events.append(_committed(after))
    if not events:
        return before
    lines, head = custody.extend(before.head, events)
    after = replace(after, head=head)
    step = _Step(before, after, lines, wanted.files)
    _write_pending(root, step)
    _finish(root, step)
    return after


@dataclass(frozen=True, slots=True)
class _Step:
    """One commit as it is written down in `pending.json`."""

    before: Manifest
    after: Manifest
    lines: bytes
    files: Mapping[str, str]


def begin(root: Path, first: Manifest, events: Sequence[Event]) -> Manifest:
    """The first manifest of a new case folder, written with its first custody lines."""
    lines, head = custody.extend(first.head, [*events, _committed(first)])
    after = replace(first, head=head)
    (root / CUSTODY).touch()
    _finish(root, _Step(first, after, lines, {}))
    return after


def settle(root: Path) -> Manifest:
    """The manifest that holds, after finishing what a killed process had begun.

    The caller holds the commit lock.
    Errors    CaseBrokenError when custody does not end where the manifest says.
    """
    pending = root / PENDING
    if pending.exists():
        _resume(root, pending)
    current = manifest.read(root)
    if _tail(root, current.head):
        current = _repair(root, current)
    erase.carry_out(root)
    return current


def is_settled(root: Path) -> bool:
    """Whether nothing waits to be finished; asked without a lock, so a no may be out of date."""
    current = manifest.read(root)
    size = (root / CUSTODY).stat().st_size if (root / CUSTODY).exists() else -1
    waits = (root / PENDING).exists() or (root / ERASE).exists()
    return not waits and size == current.head.size_bytes


def _committed(after: Manifest) -> Event:
    rows = {name: sum(one.row_count for one in files) for name, files in after.tables.items()}
    return Event(
        "commit",
        {
            "generation": after.generation,
            "manifest_sha256": after.content_sha256(),
            "rows": {name: count for name, count in rows.items() if count},
        },
    )


def _write_pending(root: Path, step: _Step) -> None:
    values = {
        "before": step.before.to_json()["sha256"],
        "after": step.after.to_json(),
        "custody_lines": step.lines.decode(),
        "files": dict(step.files),
    }
    write_atomic(root / PENDING, canonical({**values, "sha256": digest(canonical(values))}))


def _finish(root: Path, step: _Step) -> None:
    for relative, text in step.files.items():
        write_atomic(inside(root, relative), text.encode())
    start, lines = step.before.head.size_bytes, step.lines
    descriptor = os.open(root / CUSTODY, os.O_WRONLY | os.O_CLOEXEC)
    try:
        # What stands past the old head is a torn piece of these same lines: write them anew.
        os.ftruncate(descriptor, start)
        written = 0
        while written < len(lines):
            written += os.pwrite(descriptor, lines[written:], start + written)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    write_atomic(root / MANIFEST, step.after.render())
    remove_durably(root / PENDING)


def _resume(root: Path, pending: Path) -> None:
    current = manifest.read(root)
    try:
        values = json.loads(pending.read_bytes())
        stated = values.pop("sha256")
        is_whole = stated == digest(canonical(values))
    except (ValueError, KeyError, TypeError, AttributeError):
        is_whole = False
    if not is_whole:
        raise CaseBrokenError(
            f"{pending}: expected an unfinished commit, found something else; "
            "take the case folder from a backup"
        )
    after = manifest.from_json(values["after"], str(pending))
    if current.to_json() == after.to_json():
        remove_durably(pending)
        return
    if current.to_json()["sha256"] != values["before"]:
        raise CaseBrokenError(
            f"{pending}: it continues another manifest than {root / MANIFEST}; "
            "take the case folder from a backup"
        )
    _finish(root, _Step(current, after, values["custody_lines"].encode(), values["files"]))


def _tail(root: Path, head: Head) -> bytes:
    """What stands in custody past the manifest's head, once the head itself is found there."""
    path = root / CUSTODY
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            last = _last_line(stream, head.size_bytes)
            stream.seek(head.size_bytes)
            tail = stream.read()
    except FileNotFoundError:
        raise CaseBrokenError(f"{path}: the custody log is missing") from None
    if size < head.size_bytes:
        raise CaseBrokenError(
            f"{path}: truncated: the manifest states {head.count} lines in {head.size_bytes} "
            f"bytes, the file has {size} bytes"
        )
    line = custody.parse(last, f"{path} line {head.count}")
    if (line.seq, line.hash) != (head.count, head.hash):
        raise CaseBrokenError(
            f"{path} line {head.count}: expected the head {head} that the manifest states, "
            f"found {line.seq}:{line.hash}"
        )
    if b"\n" in tail:
        raise CaseBrokenError(
            f"{path} line {head.count + 1}: lines stand after the head that the manifest states"
        )
    return tail


def _last_line(stream: BinaryIO, end: int) -> bytes:
    """The line that ends at `end`, without its line end, however long it is."""
    span = 4096
    while True:
        start = max(0, end - span)
        stream.seek(start)
        body, found, line = stream.read(end - start)[:-1].rpartition(b"\n")
        if found or start == 0:
            return line if found or not body else body
        span *= 8


def _repair(root: Path, current: Manifest) -> Manifest:
    path = root / CUSTODY
    torn = path.read_bytes()[current.head.size_bytes :]
    note = Event(
        "custody_repaired",
        {"dropped_bytes": len(torn), "dropped_text": torn[:200].decode("utf-8", "replace")},
    )
    lines, head = custody.extend(current.head, [note])
    step = _Step(current, replace(current, head=head), lines, {})
    _write_pending(root, step)
    _finish(root, step)
    return step.after
