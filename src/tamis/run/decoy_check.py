"""`tamis decoy verify` and `match`: a proof checked offline, a corpus beside sketches."""

from __future__ import annotations

import base64
import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tamis.case import Case
from tamis.cell import Job
from tamis.errors import InputError
from tamis.plan import Query
from tamis.run.decoy_folder import check_folder
from tamis.run.decoy_scratch import Scratch, sketch_table
from tamis.run.decoy_seal import load
from tamis.run.decoy_task import TASKS
from tamis.run.decoys import match_in, sealed_by
from tamis.syntax import seal, sketch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from tamis.case import CaseView
    from tamis.progress import Progress

_NO_FILE = "file: none was given, so that no file was compared with the proof; give --file"
_PLACES = Query(
    "places_of_items",
    "SELECT item_id, min(path) AS path FROM place GROUP BY item_id",
)
# What a text could not be had of, and what holds none: neither can share words.
_UNREAD = Query(
    "items_not_compared",
    """
    SELECT item.item_id AS item_id, min(place.path) AS path, item.status AS status,
        min(item.reason) AS reason
    FROM item JOIN place ON place.item_id = item.item_id
    WHERE item.status <> 'read' AND item.kind IN ('leak', 'reference')
    GROUP BY item.item_id, item.status ORDER BY path
    """,
)


@dataclass(frozen=True, slots=True)
class Handed:
    """The files that a proof is checked with; each may be absent."""

    proof: Path | None = None
    file: Path | None = None
    commitment: Path | None = None
    replies: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = ()
    registry: Path | None = None
    sealed: Path | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What holds and what does not, each with its place, and by when it was sealed.

    `sealed_at` is None where no token holds under a root that was given. `is_about_time` is
    False where a folder alone was compared with its registry.
    """

    lines: tuple[tuple[str, str | None], ...]
    sealed_at: datetime | None
    authorities: tuple[str, ...]
    notes: tuple[str, ...] = ()
    is_about_time: bool = True

    @property
    def ok(self) -> bool:
        """Whether everything holds, at least one token included where time was asked."""
        is_timed = self.sealed_at is not None or not self.is_about_time
        return is_timed and not any(problem for _, problem in self.lines)

    def text(self) -> Iterator[str]:
        """Lines for people."""
        for place, problem in self.lines:
            yield f"{place}: {problem or 'holds'}"
        yield from self.notes
        if not self.is_about_time:
            yield "sealed: when was not asked; give --commitment, --reply and --roots"
            return
        if self.sealed_at is None:
            yield "sealed: no trusted time; nothing says when it was sealed"
            return
        told = ", ".join(self.authorities)
        yield f"sealed: by {self.sealed_at.isoformat()} at the latest, says {told}"
        yield "not said: that what it says is invented, or that nobody sealed true files too"


def verify(given: Handed, jobs: int, progress: Progress) -> Checked:
    """What a proof, a commitment and replies are worth, checked in the cell and offline.

    Errors    InputError when there is nothing to check, or a file is absent.
    """
    folder = _check_folder(given)
    if given.proof is None and given.commitment is None:
        if folder:
            return Checked(tuple(folder), None, (), is_about_time=False)
        raise InputError(
            "nothing to verify; name a PROOF, --commitment with --reply, or --registry with "
            "--sealed"
        )
    args: dict[str, Any] = {"replies": [], "roots": []}
    paths: list[Path] = []

    def name(path: Path) -> int:
        if not path.is_file():
            raise InputError(f"{path}: no such file")
        paths.append(path)
        return len(paths) - 1

    for what in ("proof", "commitment"):
        one = getattr(given, what)
        args[what] = None if one is None else name(one)
    args["replies"] = [name(one) for one in given.replies]
    args["roots"] = [name(one) for one in given.roots]
    if given.file is not None:
        args["file_sha256"] = _sha256(given.file)
    if given.registry is not None:
        members = load(given.registry, (seal.REGISTRY,))
        args["nonces"] = [int(one, 16) for one in members["nonces"]]
    with Scratch(jobs, progress) as scratch:
        spool = scratch.spool()
        with scratch.cell(spool) as cell:
            job = Job("proof", f"{TASKS}:check_proof", tuple(paths), ({},), args)
            (outcome,) = cell.run(iter([job]))
    if outcome.status != "done":
        raise InputError(
            f"{given.proof or given.commitment}: it could not be read: {outcome.reason}"
        )
    tokens = [one["token"] for one in outcome.result if one["token"] is not None]
    sealed = sealed_by(tokens)
    lines = [(str(one["place"]), one["problem"]) for one in outcome.result]
    is_bare = given.proof is not None and given.file is None
    notes = (_NO_FILE,) if is_bare else ()
    return Checked(tuple(lines + folder), sealed.latest_at, sealed.authorities, notes)


def _check_folder(given: Handed) -> list[tuple[str, str | None]]:
    if given.sealed is None:
        return []
    if given.registry is None:
        raise InputError(f"{given.sealed}: a folder is compared with a registry; give --registry")
    return check_folder(given.registry, load(given.registry, (seal.REGISTRY,)), given.sealed)


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Matching:
    """What to look for: sketches or a registry, their key, and texts that never count."""

    sketches: Path
    key: Path | None = None
    background: tuple[Path, ...] = ()
    jobs: int = 2


def match(
    how: Matching, paths: Sequence[Path], progress: Progress
) -> tuple[list[dict[str, Any]], list[str]]:
    """One row an item and decoy that share words (or bytes, with a registry), and notes.

    A path is a file, a folder, or a case, whose texts are read as they stand there.

    Errors    InputError when a path is absent, or the key is missing or of another registry.
    """
    decoys, notes = _looked_for(how)
    rows: list[dict[str, Any]] = []
    with Scratch(how.jobs, progress) as scratch, ExitStack() as stack:
        views = [stack.enter_context(Case.open(one).view()) for one in paths if _is_case(one)]
        if files := [one for one in paths if not _is_case(one)]:
            views.append(stack.enter_context(scratch.fill(files).view()))
        if how.background:
            decoys = _without(scratch, decoys, how.background)
        for view in views:
            found, failed = _match_view(scratch, view, decoys)
            rows += found
            notes += [f"could not be compared: {one}" for one in failed]
            notes += _unread(view)
    return rows, notes


def _unread(view: CaseView) -> list[str]:
    """What was not, or not wholly, compared: nothing found there is not nothing there."""
    found = view.query(_UNREAD).to_pylist()
    told = []
    for name, those in (("not compared", {"failed", "refused"}), ("compared in part", {"partly"})):
        some = [one for one in found if one["status"] in those]
        if some:
            told.append(
                f"{len(some):,} items were {name}, such as {some[0]['path']}: "
                f"{some[0]['reason'] or 'not wholly read'}"
            )
    return told


def _is_case(path: Path) -> bool:
    return (path / "case.toml").is_file()


def _looked_for(how: Matching) -> tuple[list[dict[str, Any]], list[str]]:
    members = load(how.sketches, (seal.SKETCHES, seal.REGISTRY))
    if members["format"] == seal.REGISTRY:
        key = members["sketch_key"]
        told = [(one["decoy_id"], one["sketch"], one["sha256"]) for one in members["leaves"]]
    else:
        if how.key is None:
            raise InputError(f"{how.sketches}: sketches are read with their key; give --key FILE")
        held = load(how.key, (seal.KEY,))
        if held["root"] != members["root"]:
            raise InputError(f"{how.key}: it is the key of another registry")
        key = held["sketch_key"]
        told = [(decoy_id, text, None) for decoy_id, text in members["sketches"].items()]
    notes = []
    if not members["background_text_count"] and not how.background:
        notes.append("no background was given, here or at the seal: shared phrases may be ordinary")
    names = ("decoy_id", "sketch", "file_sha256")
    return [{**dict(zip(names, one, strict=True)), "sketch_key": key} for one in told], notes


def _without(
    scratch: Scratch, decoys: list[dict[str, Any]], background: Sequence[Path]
) -> list[dict[str, Any]]:
    table = sketch_table([one["sketch"] for one in decoys], decoys[0]["sketch_key"])
    with scratch.fill(background).view() as view:
        common = scratch.hits_in(view, table)
    return [{**one, "sketch": _fewer(one["sketch"], common)} for one in decoys]


def _fewer(text: str, common: set[int]) -> str:
    kept = [one for one in seal.sketch_in("sketch", text) if one not in common]
    return base64.b64encode(sketch.packed(kept)).decode()


def _match_view(
    scratch: Scratch, view: CaseView, decoys: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    paths = dict(zip(*view.query(_PLACES).to_pydict().values(), strict=True))
    spool = scratch.spool()
    with scratch.cell(spool) as cell:
        found, failed = match_in(cell, spool, view, decoys)
    rows = [
        {
            "item_id": one["file_sha256"],
            "path": paths[one["file_sha256"]],
            "decoy_id": one["decoy_id"],
            "relation": "same_bytes",
            "shared_count": found.pop((one["file_sha256"], one["decoy_id"]), None),
        }
        for one in decoys
        if one["file_sha256"] in paths
    ]
    for (item_id, decoy_id), count in sorted(found.items()):
        row = {"item_id": item_id, "path": paths.get(item_id), "decoy_id": decoy_id}
        rows.append({**row, "relation": "shares_text", "shared_count": count})
    return rows, failed


def table_of(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """The rows as `tamis show` writes tables."""
    kinds = {"shared_count": pa.int64()}
    names = ("path", "decoy_id", "relation", "shared_count", "item_id")
    return pa.table(
        {
            name: pa.array([one[name] for one in rows], kinds.get(name, pa.string()))
            for name in names
        }
    )
