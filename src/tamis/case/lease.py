"""Leases of readers, and the removal of files that nobody needs any more.

A lease is a file in `leases/` that its reader keeps locked; it lists the table files of the
generation being read. Leases are made, and files removed, under the commit lock only, so no
file can go between the moment a reader chose its generation and the moment its lease stands.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from tamis.case import index_folder, manifest
from tamis.case.layout import BLOBS, LEASES, SPOOL, TABLES
from tamis.case.lock import commit_lock, hold_new, is_held
from tamis.case.pin import pinned

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tamis.case.manifest import Manifest


class Lease:
    """One reader's hold on one generation; `folder` is a scratch folder of its own."""

    def __init__(self, root: Path, held: Manifest) -> None:
        """Make the lease; the caller holds the commit lock."""
        name = f"view-{os.getpid()}-{secrets.token_hex(4)}"
        self._path = root / LEASES / name
        self.folder = root / SPOOL / name
        paths = [one.path for files in held.tables.values() for one in files]
        content = json.dumps({"generation": held.generation, "files": paths}).encode()
        self._descriptor = hold_new(self._path, content)

    def release(self) -> None:
        """Give the lease back, and remove the scratch folder."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        try:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def leased(root: Path) -> set[str]:
    """The table files that living readers hold; leases of dead ones are removed.

    The caller holds the commit lock.
    """
    files: set[str] = set()
    for path in (root / LEASES).iterdir():
        if not is_held(path):
            path.unlink(missing_ok=True)
            continue
        # A reader may leave at any moment: a lease that is gone by now holds nothing.
        with suppress(FileNotFoundError):
            files.update(json.loads(path.read_bytes() or b'{"files": []}')["files"])
    return files


def holders(root: Path) -> tuple[str, ...]:
    """The living readers, each named by its process."""
    return tuple(
        f"process {path.name.split('-')[1]}"
        for path in sorted((root / LEASES).iterdir())
        if is_held(path)
    )


def collect(root: Path) -> int:
    """The number of table files removed: those of no manifest, living lease or report pin.

    Search indexes that the manifest does not name go too.
    The caller holds the writer lock and has no table file that no manifest names yet.
    """
    with commit_lock(root):
        held = manifest.read(root)
        needed = {one.path for files in held.tables.values() for one in files}
        needed |= leased(root)
        for pin in pinned(root, held).values():
            needed |= {one.path for files in pin.manifest.tables.values() for one in files}
        removed = 0
        for path in (root / TABLES).glob("*/*"):
            if str(path.relative_to(root)) not in needed:
                path.unlink()
                removed += 1
        index_folder.collect(root, held)
    return removed


def leftovers(root: Path) -> list[Path]:
    """Scratch folders of processes that were killed. The caller holds the writer lock."""
    found = sorted((root / SPOOL).iterdir())
    return [path for path in found if not is_held(root / LEASES / path.name)]


def remove(paths: list[Path]) -> None:
    """Nothing; the folders are gone, or as much of them as could be.

    A worker that outlived its run may still write there; the next writer removes the rest.
    """
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def drop_strangers(root: Path, known: Collection[str]) -> int:
    """The number of blobs removed that no row of table `blob` names.

    They are what a killed writer had stored. The caller holds the writer lock.
    """
    removed = 0
    for path in (root / BLOBS).glob("*/*"):
        if path.name not in known:
            path.unlink()
            removed += 1
    return removed
