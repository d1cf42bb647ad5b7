"""The decoys of the invented campaign: sealed before the leak, one after it, and two never taken.

The decoys themselves lie in the dump (messages and documents); here are what their owner shows
afterwards, with replies of two invented time-stamp authorities, and the truth of each.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.simulate import clock
from tamis.simulate.authority import authority
from tamis.simulate.dice import Dice
from tamis.syntax import merkle, seal, sketch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SEALED_AT = clock.seconds(2021, 8, 17, 10)
# Said only when the dump was out: no trusted time before the leak stands behind it.
LATE_AT = clock.seconds(2021, 8, 23, 9)
LATE = "documents/comptes-secrets.csv"
AUTHORITIES = ("Horodatage Mirecombe", "Clepsydre Ostrevane")
COLUMNS = ("decoy_id", "path", "sha256", "is_shown", "expected")
_NEVER_TAKEN = ("Coffre jade : identifiant azur-0000.\n", "poste;couronnes\njade;2\n")


@dataclass(frozen=True, slots=True)
class _File:
    """A file to seal; `path` is empty where it never left the house."""

    path: str
    sha256: str
    text: str = ""


def write_decoys(
    folder: Path,
    truth: Path,
    found: tuple[Sequence[dict[str, str]], Sequence[dict[str, object]]],
    *,
    seed: int,
) -> dict[str, int]:
    """How many items of the dump are decoys, by what their owner can show.

    Input     `found` are the rows of the truth about messages and about other files
    Output    `folder/proof-….json`, `folder/roots.pem`, and the table `truth`
    """
    mails, documents = found
    paths = {row["sha256"]: row["path"] for row in mails if row["made_as"] == "decoy"}
    leaked = [_File(path, digest) for digest, path in sorted(paths.items())]
    leaked += [
        _File(str(row["path"]), str(row["sha256"]))
        for row in documents
        if row["true_class"] == "decoy"
    ]
    kept = [_File("", hashlib.sha256(text.encode()).hexdigest(), text) for text in _NEVER_TAKEN]
    early = [one for one in leaked if one.path != LATE] + kept
    late = [one for one in leaked if one.path == LATE]
    rows = _sealed(folder, early, SEALED_AT, seed) + _sealed(folder, late, LATE_AT, seed)
    roots = b"".join(authority(seed, name).root_pem for name in AUTHORITIES)
    (folder / "roots.pem").write_bytes(roots)
    with truth.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return {
        "decoy": sum(row["expected"] == "decoy" for row in rows),
        "decoy_asserted": sum(row["expected"] == "decoy_asserted" for row in rows),
        "not_taken": len(kept),
    }


def _sealed(folder: Path, files: Sequence[_File], at_s: int, seed: int) -> list[dict[str, object]]:
    """The proofs of one registry, written; and what is true of each of its files."""
    dice = Dice(seed, "decoys", at_s)
    key = bytes.fromhex(dice.hexadecimal(2 * sketch.KEY_BYTES))
    entries = {}
    for one in files:
        salt = bytes.fromhex(dice.hexadecimal(2 * seal.SALT_BYTES))
        runs = sketch.packed(sketch.shingles(one.text, key))
        digest = sketch.sketch_digest(key, runs)
        entries[one] = seal.Entry(salt, bytes.fromhex(one.sha256), digest)
    order = sorted(files, key=lambda one: entries[one].leaf)
    tree = merkle.levels([entries[one].leaf for one in order])
    commitment = seal.Commitment(tree[-1][0], len(files))
    replies = tuple(
        authority(seed, name).reply(commitment.digest, clock.moment(at_s + 60 * rank), rank + 1)
        for rank, name in enumerate(AUTHORITIES)
    )
    rows: list[dict[str, object]] = []
    for place, one in enumerate(order):
        entry = entries[one]
        expected = "" if not one.path else "decoy" if at_s < clock.LEAK_AT else "decoy_asserted"
        rows.append({
            "decoy_id": entry.decoy_id, "path": one.path, "sha256": one.sha256,
            "is_shown": bool(one.path), "expected": expected,
        })  # fmt: skip
        if one.path:
            path = tuple(merkle.path_of(tree, place))
            proof = seal.Proof(entry, commitment, place, path, replies)
            name = folder / f"proof-{entry.decoy_id}.json"
            name.write_bytes(seal.written(proof.to_json()))
    return rows
