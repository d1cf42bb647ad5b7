"""Destroying bytes on purpose, so that a crash half-way is finished by whoever opens next.

`erase.json` moves into the case together with the manifest that no longer needs the bytes; it
goes when all it lists is gone. Zeros and removals may be repeated, so doing it twice is harmless.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.case.layout import (
    CHUNK,
    ERASE,
    INDEX,
    inside,
    remove_durably,
    sync_file,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Zeros:
    """A span of a file in the case that is to hold zeros only."""

    path: str
    byte_start: int
    byte_end: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """Files of the case to be removed, and spans to be overwritten with zeros."""

    files: tuple[str, ...]
    spans: tuple[Zeros, ...]

    def render(self) -> str:
        """The text of erase.json."""
        spans = [[one.path, one.byte_start, one.byte_end] for one in self.spans]
        return json.dumps({"files": list(self.files), "spans": spans})


def carry_out(root: Path) -> None:
    """Nothing; what erase.json lists is gone, and so is the search index, which held its text.

    The caller holds the commit lock.
    """
    intent = root / ERASE
    if not intent.exists():
        return
    values = json.loads(intent.read_bytes())
    for relative, start, end in values["spans"]:
        _overwrite(inside(root, relative), start, end)
    folders = set()
    for relative in values["files"]:
        path = inside(root, relative)
        path.unlink(missing_ok=True)
        folders.add(path.parent)
    for folder in folders:
        sync_file(folder)
    for path in (root / INDEX).iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    remove_durably(intent)


def _overwrite(path: Path, start: int, end: int) -> None:
    path.chmod(0o644)
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        at = start
        while at < end:
            at += os.pwrite(descriptor, bytes(min(CHUNK, end - at)), at)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.chmod(0o444)


def redacted_sha256(path: Path, spans: Sequence[tuple[int, int]]) -> str:
    """The hash that a file will have once the spans hold zeros."""
    found = hashlib.sha256()
    cuts = sorted(spans)
    at = 0
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            edited = bytearray(chunk)
            for start, end in cuts:
                low, high = max(start - at, 0), min(end - at, len(chunk))
                if low < high:
                    edited[low:high] = bytes(high - low)
            found.update(edited)
            at += len(chunk)
    return found.hexdigest()
