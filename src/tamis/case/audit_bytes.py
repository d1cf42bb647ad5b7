"""The part of an audit that reads bytes: table files, blobs, files outside, tombstones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.case.layout import BLOBS, blob_path, digest_file, inside, is_sha256
from tamis.case.problem import Problem
from tamis.case.tombstone import facts

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Sequence

    from tamis.case.custody import Line
    from tamis.case.manifest import Manifest
    from tamis.case.view import CaseView
    from tamis.progress import Progress

BYTE_TABLES = ("blob", "place", "item", "tombstone")
_BACKUP = "bring it back from a backup"
# Hashing leaves the interpreter free, so two files at once use two cores.
_THREADS = 2


def _digests(paths: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """Hash (or what kept it from being read) and size of each file, in order."""

    def measure(path: Path) -> tuple[str, int]:
        try:
            return digest_file(path)
        except OSError as problem:
            return (problem.strerror or "no file"), -1

    with ThreadPoolExecutor(_THREADS) as pool:
        yield from pool.map(measure, paths)


def check_tables(
    root: Path, generations: Sequence[Manifest], checked: Counter[str], progress: Progress
) -> Iterator[Problem]:
    """Every table file of the generations that has not the hash its manifest states."""
    stated = {
        one.path: one for held in generations for files in held.tables.values() for one in files
    }
    for one, (found, _) in zip(
        stated.values(), _digests(inside(root, path) for path in stated), strict=True
    ):
        checked["table files"] += 1
        progress.advance(1)
        if found != one.sha256:
            yield Problem(str(root / one.path), f"SHA-256 {one.sha256}", found, _BACKUP)


def check_blobs(view: CaseView, checked: Counter[str], progress: Progress) -> Iterator[Problem]:
    """Every blob or file outside whose bytes are not those of its item, and every item without.

    A container in which something was forgotten has the hash that its last tombstone states.
    """
    rows = view.table("blob").to_pylist()
    tombstones = view.table("tombstone").to_pylist()
    redacted = _redacted(tombstones)
    wanted = [row for row in rows if is_sha256(row["item_id"])]
    if len(wanted) < len(rows):
        yield Problem(str(view.path), "item ids in table blob", "other text", _BACKUP)
    paths = [_path(view.path, row) for row in wanted]
    for row, path, (found, size) in zip(wanted, paths, _digests(paths), strict=True):
        item_id = row["item_id"]
        outside = row["location"] is not None
        checked["files left outside" if outside else "blobs"] += 1
        checked["bytes"] += max(size, 0)
        progress.advance(1)
        if found != (expected := redacted.get(item_id, item_id)):
            remedy = "bring the file back to this place" if outside else _BACKUP
            yield Problem(str(path), f"SHA-256 {expected}", found, remedy)
    kept = {row["item_id"] for row in wanted}
    yield from _check_forgotten(view.path, tombstones, kept)
    yield from _check_items(view, checked)


def check_names(root: Path, lines: Sequence[Line], checked: Counter[str]) -> Iterator[Problem]:
    """Every blob whose bytes have not the hash it is named by: the check that needs no table."""
    redacted = {
        one["redacted_item_id"]: one["redacted_sha256"]
        for one in _noted(lines)
        if "redacted_item_id" in one
    }
    paths = sorted((root / BLOBS).glob("*/*"))
    for path, (found, _) in zip(paths, _digests(paths), strict=True):
        checked["blobs"] += 1
        if found != (expected := redacted.get(path.name, path.name)):
            yield Problem(str(path), f"SHA-256 {expected}", found, _BACKUP)


def _noted(lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.event == "forget":
            yield from line.facts.get("tombstones", ())


def _path(root: Path, row: dict[str, Any]) -> Path:
    return Path(row["location"]) if row["location"] else blob_path(root, row["item_id"])


def _redacted(tombstones: list[dict[str, Any]]) -> dict[str, str]:
    """Containers that something was cut out of, each with its hash since."""
    rows = [row for row in tombstones if row["redacted_item_id"] is not None]
    rows.sort(key=lambda row: row["forgotten_at"])
    return {row["redacted_item_id"]: row["redacted_sha256"] for row in rows}


def _check_forgotten(
    root: Path, tombstones: list[dict[str, Any]], kept: set[str]
) -> Iterator[Problem]:
    for item_id in dict.fromkeys(row["item_id"] for row in tombstones):
        if item_id in kept or blob_path(root, item_id).exists():
            yield Problem(
                str(blob_path(root, item_id)),
                "no bytes, because the item was forgotten",
                "a file",
                "remove it, or ask who brought it back",
            )


def _check_items(view: CaseView, checked: Counter[str]) -> Iterator[Problem]:
    locator = view.locator()
    columns = view.table("item", ["item_id", "status"]).to_pydict()
    for item_id, status in zip(columns["item_id"], columns["status"], strict=True):
        checked["items"] += 1
        if status != "read" or item_id in locator.forgotten:
            continue
        if next(locator.locations(item_id), None) is None:
            yield Problem(
                f"{view.path} item {item_id}",
                "its bytes in a blob, outside, or as a span of a container",
                "none",
                "add the file again that it came from",
            )


def check_tombstones(view: CaseView, lines: Sequence[Line]) -> Iterator[Problem]:
    """Every tombstone that no `forget` line of custody states, and the other way round."""
    noted = list(_noted(lines))
    kept = [facts(row) for row in view.table("tombstone").to_pylist()]
    for one in (
        *(row for row in kept if row not in noted),
        *(row for row in noted if row not in kept),
    ):
        yield Problem(
            f"{view.path} tombstone of {one.get('item_id')}",
            "the same tombstones in custody and in the table",
            f"{one} in one of them only",
            _BACKUP,
        )
