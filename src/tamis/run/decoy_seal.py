"""`tamis decoy seal` and `reveal`: files become a private registry, and one of them a proof."""

from __future__ import annotations

import base64
import os
import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tamis.errors import FormatError, InputError
from tamis.plan import Query
from tamis.run.decoy_scratch import Scratch, sketch_table
from tamis.syntax import merkle, seal, sketch
from tamis.syntax.timestamp import MAX_BYTES, write_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.case import CaseView
    from tamis.progress import Progress

# Below the first not even a piece is found; below the second noise leaves too little of many.
_FEW_RUNS, _FRAIL_RUNS = 20, 60
_FILES = Query(
    "sealed_files",
    """
    SELECT place.item_id AS item_id, list_sort(list(place.path)) AS paths,
        min(item.size_bytes) AS size_bytes, min(item.reason) AS reason,
        place.item_id IN (SELECT item_id FROM blob) AS has_bytes
    FROM place JOIN item ON item.item_id = place.item_id
    WHERE place.parent_item_id IS NULL GROUP BY place.item_id ORDER BY paths
    """,
)
_INSIDE = Query(
    "inside", "SELECT item_id, parent_item_id FROM place WHERE parent_item_id IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Sealing:
    """How files are sealed: beside which background, and for how many authorities."""

    background: tuple[Path, ...] = ()
    authority_count: int = 2
    jobs: int = 2


@dataclass(slots=True)
class Sealed:
    """What was written where, and what its owner should know."""

    folder: Path
    commitment: seal.Commitment
    requests: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def seal_files(paths: Sequence[Path], folder: Path, how: Sealing, progress: Progress) -> Sealed:
    """The registry, the commitment, the sketches and the requests of some files, in a new folder.

    Errors    InputError when the folder holds something, no file is there, a path is absent, or a
              file cannot be sealed: it has no bytes, could not be read, or is ordinary too.
    """
    if how.authority_count < 2:
        raise InputError(
            "a seal needs requests for two authorities or more: one clock may be wrong"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: expected a new or empty folder to write the registry into")
    for path in paths:
        if path.is_dir() and folder.resolve().is_relative_to(path.resolve()):
            raise InputError(
                f"{folder}: it lies in {path}, where the decoys are: whoever takes them would take "
                "the registry too; name a folder elsewhere"
            )
    key = secrets.token_bytes(sketch.KEY_BYTES)
    with Scratch(how.jobs, progress) as scratch:
        with scratch.fill(paths).view() as view:
            files = view.query(_FILES).to_pylist()
            if not files:
                raise InputError(f"{', '.join(map(str, paths))}: no file to seal is there")
            _check_files(files)
            runs = _by_file(view, scratch.runs_of(view, key))
        wanted = sorted({one for some in runs.values() for one in some})
        common, text_count = _background(scratch, how.background, wanted, key, files)
    entries, rows = [], []
    for one in files:
        kept = sketch.packed(runs[one["item_id"]] - common)
        salt = secrets.token_bytes(seal.SALT_BYTES)
        digest = sketch.sketch_digest(key, kept)
        entry = seal.Entry(salt, bytes.fromhex(one["item_id"]), digest)
        entries.append(entry)
        rows.append(
            {
                "decoy_id": entry.decoy_id,
                "name": one["paths"][0],
                "other_names": one["paths"][1:],
                "salt": salt.hex(),
                "sha256": one["item_id"],
                "size_bytes": one["size_bytes"],
                "sketch": base64.b64encode(kept).decode(),
                "dropped_count": len(runs[one["item_id"]] & common),
            }
        )
    # By their salted hashes, so that a place in the tree says nothing about the file.
    order = sorted(range(len(rows)), key=lambda at: entries[at].leaf)
    root = merkle.levels([entries[at].leaf for at in order])[-1][0]
    done = Sealed(folder, seal.Commitment(root, len(rows)))
    done.notes += _notes(rows, text_count)
    _write(done, [rows[at] for at in order], key, (how.authority_count, text_count))
    return done


def _check_files(files: Sequence[Mapping[str, Any]]) -> None:
    """Nothing.

    Errors    InputError naming each file whose seal would say nothing, or something false.
    """
    told = [
        f"{one['paths'][0]}: {one['reason'] or 'its bytes could not be read'}"
        if not one["has_bytes"]
        else f"{one['paths'][0]}: it is empty, as any empty file of a dump would be"
        for one in files
        if not one["has_bytes"] or not one["size_bytes"]
    ]
    if told:
        more = f" and {len(told) - 10:,} more" if len(told) > 10 else ""
        raise InputError(
            f"{'; '.join(told[:10])}{more}: it cannot be sealed; take it out of the folder, or put "
            "the file itself there, and seal again"
        )


def _notes(rows: Sequence[Mapping[str, Any]], text_count: int) -> list[str]:
    found = []
    if not text_count:
        found.append(
            "no background text was given: phrases that ordinary files of yours share with a decoy "
            "will match too; seal again with --background FOLDER of ordinary files"
        )
    twice = [one for one in rows if one["other_names"]]
    if twice:
        found.append(
            f"{len(twice):,} files lie there under several names, such as {twice[0]['name']} and "
            f"{twice[0]['other_names'][0]}: the same bytes are sealed once"
        )
    few = [one for one in rows if _run_count(one) < _FEW_RUNS]
    frail = [one for one in rows if _FEW_RUNS <= _run_count(one) < _FRAIL_RUNS]
    if frail:
        found.append(
            f"{len(frail):,} files have fewer than {_FRAIL_RUNS} five-word runs of their own, such "
            f"as {frail[0]['name']}: badly scanned or reworded copies of them may be missed"
        )
    if few:
        found.append(
            f"{len(few):,} files have fewer than {_FEW_RUNS} five-word runs of their own, such as "
            f"{few[0]['name']}: they are sealed byte for byte, and not recognised in pieces"
        )
    return found


def _run_count(row: Mapping[str, Any]) -> int:
    return len(base64.b64decode(row["sketch"])) // sketch.HASH_BYTES


def _write(done: Sealed, rows: list[dict[str, Any]], key: bytes, counts: tuple[int, int]) -> None:
    authority_count, text_count = counts
    folder, root = done.folder, done.commitment.root.hex()
    (folder / "requests").mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    nonces = []
    for number in range(1, authority_count + 1):
        nonce = secrets.randbits(63) | 1 << 62
        nonces.append(f"{nonce:x}")
        path = folder / "requests" / f"request-{number}.tsq"
        path.write_bytes(write_request(done.commitment.digest, nonce))
        done.requests.append(path)
    told = {"root": root, "background_text_count": text_count}
    sketches = {one["decoy_id"]: one["sketch"] for one in rows}
    registry = {"format": seal.REGISTRY, "sketch_key": key.hex(), "leaves": rows, "nonces": nonces}
    files: dict[str, dict[str, Any]] = {
        "registry.json": {**told, **registry, "leaf_count": len(rows)},
        "sketch-key.json": {"format": seal.KEY, "root": root, "sketch_key": key.hex()},
        "sketches.json": {**told, "format": seal.SKETCHES, "sketches": sketches},
        "commitment.json": done.commitment.to_json(),
    }
    for name, members in files.items():
        is_secret = name in {"registry.json", "sketch-key.json"}
        descriptor = os.open(
            folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if is_secret else 0o644
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(seal.written(members))


def _by_file(view: CaseView, runs: Mapping[str, set[int]]) -> dict[str, set[int]]:
    """The runs of each file, with those of what lies inside it."""
    above: dict[str, set[str]] = defaultdict(set)
    for row in view.query(_INSIDE).to_pylist():
        above[row["item_id"]].add(row["parent_item_id"])
    found: dict[str, set[int]] = defaultdict(set)
    for item_id, some in runs.items():
        waiting, seen = [item_id], {item_id}
        while waiting:
            current = waiting.pop()
            found[current] |= some
            waiting += above[current] - seen
            seen |= above[current]
    return found


def _background(
    scratch: Scratch,
    paths: Sequence[Path],
    wanted: Sequence[int],
    key: bytes,
    files: Sequence[Mapping[str, Any]],
) -> tuple[set[int], int]:
    """The runs that ordinary files have too, and in how many texts they were looked for.

    Errors    InputError when one of `files` is itself among the ordinary ones.
    """
    if not paths:
        return set(), 0
    sketches = sketch_table([base64.b64encode(sketch.packed(wanted)).decode()], key.hex())
    with scratch.fill(paths).view() as view:
        ordinary = set(view.table("item", ["item_id"])["item_id"].to_pylist())
        both = [one["paths"][0] for one in files if one["item_id"] in ordinary]
        if both:
            raise InputError(
                f"{', '.join(both[:10])}: the same bytes stand in the background, so that an "
                "ordinary file would be called a decoy; take it out of one of the two"
            )
        count = view.row_count("message") + view.row_count("document")
        return scratch.hits_in(view, sketches), count


def reveal(
    registry: Path,
    names: Sequence[str],
    replies: Sequence[Path],
    folder: Path,
    *,
    shows_sketch: bool,
) -> list[Path]:
    """The proofs of the named files, written into `folder`; nothing is in them of the others.

    Input     `names` are ids, paths or SHA-256 of sealed files
    Errors    InputError for a name of no file or several, no reply, or a changed file.
    """
    members = load(registry, (seal.REGISTRY,))
    leaves = members["leaves"]
    entries = [_entry(one, members) for one in leaves]
    tree = merkle.levels([one.leaf for one in entries])
    commitment = seal.commitment_of(members)
    if tree[-1][0] != commitment.root or len(leaves) != commitment.leaf_count:
        raise InputError(f"{registry}: its entries do not lead to its root; it was changed")
    told = tuple(_reply(one) for one in replies)
    key = bytes.fromhex(members["sketch_key"]) if shows_sketch else None
    folder.mkdir(parents=True, exist_ok=True)
    done = []
    for name in names:
        at = _place(registry, leaves, name)
        shown = seal.sketch_in("sketch", leaves[at]["sketch"]) if shows_sketch else None
        path = tuple(merkle.path_of(tree, at))
        proof = seal.Proof(entries[at], commitment, at, path, told, shown, key)
        done.append(folder / f"proof-{entries[at].decoy_id}.json")
        done[-1].write_bytes(seal.written(proof.to_json()))
    return done


def _entry(leaf: Mapping[str, Any], members: Mapping[str, Any]) -> seal.Entry:
    key = seal.digest_in(members, "sketch_key")
    digest = sketch.sketch_digest(key, base64.b64decode(leaf["sketch"]))
    return seal.Entry(seal.digest_in(leaf, "salt"), seal.digest_in(leaf, "sha256"), digest)


def _place(registry: Path, leaves: Sequence[Mapping[str, Any]], name: str) -> int:
    found = [
        at
        for at, one in enumerate(leaves)
        if name in {one["decoy_id"], one["sha256"]}
        or any(name in {told, Path(told).name} for told in names_of(one))
    ]
    if len(found) != 1:
        what = "no sealed file" if not found else f"{len(found)} sealed files"
        raise InputError(f"{registry}: {what} of the name {name!r}; give its id or SHA-256")
    return found[0]


def names_of(leaf: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths under which a sealed file lay; an older registry knows the first alone."""
    return (leaf["name"], *leaf.get("other_names", ()))


def _reply(path: Path) -> bytes:
    data = path.read_bytes() if path.is_file() else b""
    if not 0 < len(data) <= MAX_BYTES:
        raise InputError(f"{path}: expected the reply of a time-stamp authority (.tsr)")
    return data


def load(path: Path, formats: Sequence[str]) -> dict[str, Any]:
    """The members of a file of this family that its owner holds.

    Errors    InputError naming the file and the place that was changed.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        members = seal.members_of(path.read_bytes(), formats)
        told = seal.check_sum(members)
    except FormatError as error:
        raise InputError(f"{path}: {error}") from None
    if told:
        raise InputError(f"{path}: {told}")
    return members
