"""What a defender shows of sealed decoys: proofs, sketches with their key, time-stamp roots."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.errors import FormatError
from tamis.registry import ContextReader, Glimpse, Source
from tamis.syntax import seal
from tamis.syntax.mail.certificates import read_certificate
from tamis.syntax.pem import certificates_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

Rows = dict[str, list[dict[str, Any]]]
_FORMAT = re.compile(rb'"format"\s*:\s*"tamis decoy ')
_SEQUENCE = b"\x30"  # how DER begins
_NO_ROOT = (
    "it is no certificate of an authority, in PEM or DER; get it again from the authority. A reply "
    "(.tsr) comes with its proof: tamis decoy reveal REGISTRY NAME --reply FILE -o FOLDER"
)
_PRIVATE = (
    "this is the private registry, which names every decoy; add what `tamis decoy reveal` wrote, "
    "or sketches.json with sketch-key.json"
)


def recognises(glimpse: Glimpse) -> int:
    """80 for what `tamis decoy` wrote, 40 for certificates, 20 for what may be one in DER.

    Only `--kind decoys` takes them.
    """
    head = glimpse.head
    if b"tamis decoy " in head and _FORMAT.search(head) is not None:
        return 80
    if b"-----BEGIN CERTIFICATE-----" in head:
        return 40
    return 20 if head[:1] == _SEQUENCE else 0


def load_decoys(data: bytes, name: str, item_id: str) -> Rows:
    """Rows of `decoy`, `decoy_key` or `time_root`.

    Errors    FormatError when a byte was changed, a proof does not hold, or the file is another.
    """
    if b"-----BEGIN CERTIFICATE-----" in data:
        return {"time_root": _roots(data, name, item_id)}
    if data[:1] == _SEQUENCE:
        return {"time_root": _roots(data, name, item_id)}
    members = seal.members_of(data, seal.FORMATS)
    readers: Mapping[str, Callable[[dict[str, Any], str, str], Rows]] = {
        seal.PROOF: _proof,
        seal.SKETCHES: _sketches,
        seal.KEY: _key,
        seal.COMMITMENT: _commitment,
    }
    if members["format"] == seal.REGISTRY:
        raise FormatError(_PRIVATE)
    found = readers[members["format"]](members, name, item_id)
    if told := seal.check_sum(members):
        raise FormatError(told)
    return found


def _proof(members: dict[str, Any], name: str, item_id: str) -> Rows:
    proof = seal.proof_of(members)
    if problems := proof.problems():
        raise FormatError("; ".join(problems))
    row = {
        "decoy_id": proof.entry.decoy_id,
        "shown_as": "proof",
        "root": proof.commitment.root.hex(),
        "leaf_count": proof.commitment.leaf_count,
        "file_sha256": proof.entry.file_sha256.hex(),
        "replies": list(members["replies"]),
        "sketch": members.get("sketch"),
        "sketch_key": members.get("sketch_key"),
        "source_label": name,
        "source_item_id": item_id,
    }
    return {"decoy": [row]}


def _sketches(members: dict[str, Any], name: str, item_id: str) -> Rows:
    root = seal.digest_in(members, "root").hex()
    told = members.get("sketches")
    if not isinstance(told, dict) or len(told) > seal.MAX_LEAVES:
        raise FormatError("sketches: expected sketches by the names of decoys")
    rows = []
    for decoy_id, text in told.items():
        if not seal.is_id(decoy_id):
            raise FormatError(f"sketches: {decoy_id[:40]!r} is no name of a decoy")
        seal.sketch_in(f"sketches.{decoy_id}", text)
        row = {"decoy_id": decoy_id, "shown_as": "sketch", "root": root, "replies": []}
        rows.append(row | {"sketch": text, "source_label": name, "source_item_id": item_id})
    return {"decoy": rows}


def _key(members: dict[str, Any], _name: str, item_id: str) -> Rows:
    root = seal.digest_in(members, "root").hex()
    key = seal.digest_in(members, "sketch_key").hex()
    return {"decoy_key": [{"root": root, "sketch_key": key, "source_item_id": item_id}]}


def _commitment(members: dict[str, Any], _name: str, _item_id: str) -> Rows:
    # It is kept and dated by custody; every proof repeats what it says.
    seal.commitment_of(members)
    return {}


def _roots(data: bytes, name: str, item_id: str) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    is_pem = b"-----BEGIN CERTIFICATE-----" in data
    for der in certificates_in(data) if is_pem else (data,):
        found = read_certificate(der)
        if found is None:
            raise FormatError(_NO_ROOT)
        row = {
            "cert_sha256": hashlib.sha256(der).hexdigest(),
            "subject": found.subject,
            "material": base64.b64encode(der).decode(),
            "source_label": name,
            "source_item_id": item_id,
        }
        rows[row["cert_sha256"]] = row
    if not rows:
        raise FormatError(_NO_ROOT)
    return list(rows.values())


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's rows, and their count.

    Errors    FormatError when a byte was changed, a proof does not hold, or the file is another.
    """
    data = stream.read(seal.MAX_BYTES + 1)
    rows = load_decoys(data, source.name, source.item_id)
    total = sum(len(one) for one in rows.values())
    count = {
        "source_item_id": source.item_id,
        "reader": READER.name,
        "row_count": total,
        "used_count": total,
        "rejected_count": 0,
        "skipped_count": 0,
        "post_count": 0,
        "action_count": 0,
        "note": None,
    }
    for table, found in (*rows.items(), ("intake_count", [count])):
        for batch in records.table(table).build(found).to_batches():
            yield {table: batch}


READER = ContextReader(
    name="decoys",
    kind="decoys",
    recognises=recognises,
    read=read,
    keeps="revealed proofs with their time-stamp replies, sketches, their key, time-stamp roots",
    cannot_know="whether a sealed file was invented: only its owner says so",
)
