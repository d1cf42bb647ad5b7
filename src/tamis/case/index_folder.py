"""The search index of a case: derived data, named by what it was made from.

An index stands in `index/<inputs>`, where <inputs> is the digest that the manifest's mark of the
search stage carries: the mark is swapped in with the manifest and noted in custody, so the
generation names its index, at every moment one or none. The bytes inside are not hashed: whoever
doubts them removes the folder, and the next run makes it anew from the tables, which are.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tamis.case.layout import INDEX, is_sha256, sync_file, sync_tree
from tamis.errors import CaseBrokenError

if TYPE_CHECKING:
    from pathlib import Path

    from tamis.case.manifest import Manifest

STAGE = "leak.search"


def find(root: Path, held: Manifest) -> Path | None:
    """The folder of the index that belongs to a generation; None when none was made of it."""
    mark = held.stages.get(STAGE)
    if mark is None or not is_sha256(mark.inputs_sha256):
        return None
    path = root / INDEX / mark.inputs_sha256
    return path if path.is_dir() else None


def place(root: Path, made: Path, inputs_sha256: str) -> None:
    """Nothing; the folder `made` stands where a manifest with that mark looks for it.

    Errors    CaseBrokenError for a name that is no digest.
    """
    if not is_sha256(inputs_sha256):
        raise CaseBrokenError(f"{inputs_sha256!r} names no index: expected 64 hex digits")
    target = root / INDEX / inputs_sha256
    if target.exists():
        shutil.rmtree(target)
    sync_tree(made)
    made.replace(target)
    sync_file(target.parent)


def collect(root: Path, held: Manifest) -> int:
    """The number of indexes removed that the manifest does not name.

    The caller holds the writer lock. A search that goes on keeps the files it has open.
    """
    kept = find(root, held)
    removed = 0
    for path in (root / INDEX).iterdir():
        if path != kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            removed += 1
    return removed
