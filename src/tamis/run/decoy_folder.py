"""The folder of a registry's owner beside the registry: what was changed, is missing or is new."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tamis.errors import InputError
from tamis.run.decoy_seal import names_of
from tamis.run.intake_walk import walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tamis.run.intake_walk import Entry

_NO_CASE = "no-case"
CHANGED = "it was changed since it was sealed; the seal is about the bytes of then"
MISSING = "it is sealed, and no file here has its bytes"
NEW = "it is not sealed; seal again, and keep the earlier registry"


def compare(
    leaves: Sequence[Mapping[str, Any]], folder: Path
) -> tuple[tuple[str, str | None], ...]:
    """Each sealed file and each file below `folder`, with what is wrong with it, or None.

    Input     `leaves` are those of a registry
    Errors    InputError when the folder is absent.
    Limits    A file is the sealed one by its bytes, whatever its name; a name alone tells only
              that something else now stands under it.
    """
    entries = walk([folder], folder / _NO_CASE)
    hashes: dict[str, list[str]] = {}
    trouble: dict[str, str] = {}
    for entry in entries:
        found = _sha256(entry)
        if found is None:
            told = entry.trouble[1] if entry.trouble is not None else "it could not be read"
            trouble[entry.path] = told
        else:
            hashes.setdefault(found, []).append(entry.path)
    there = {path for paths in hashes.values() for path in paths} | trouble.keys()
    lines: list[tuple[str, str | None]] = []
    explained: set[str] = set()
    for leaf in leaves:
        if leaf["sha256"] in hashes:
            lines.append((leaf["name"], None))
            explained.update(hashes[leaf["sha256"]])
            continue
        same = next((name for name in names_of(leaf) if name in there), None)
        if same is None:
            lines.append((leaf["name"], MISSING))
        else:
            lines.append((same, trouble.get(same, CHANGED)))
            explained.add(same)
    lines += [(path, trouble.get(path, NEW)) for path in sorted(there - explained)]
    return tuple(lines)


def _sha256(entry: Entry) -> str | None:
    if entry.trouble is not None:
        return None
    try:
        with entry.place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def check_folder(
    registry: Path, members: Mapping[str, Any], folder: Path
) -> list[tuple[str, str | None]]:
    """The lines on a folder, those that hold as one.

    Errors    InputError when the folder is absent or `registry` names no file.
    """
    if not members["leaves"]:
        raise InputError(f"{registry}: it names no sealed file")
    lines = compare(members["leaves"], folder)
    held = sum(problem is None for _, problem in lines)
    told: list[tuple[str, str | None]] = []
    if held:
        told.append((f"{folder}: {held:,} sealed files", None))
    return told + [(f"{folder}: {place}", problem) for place, problem in lines if problem]
