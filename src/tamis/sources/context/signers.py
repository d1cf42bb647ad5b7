"""Certificates (PEM or DER) and OpenPGP public keys given from outside, one or many a file."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.errors import FormatError
from tamis.registry import ContextReader, Glimpse, Source
from tamis.syntax.mail.certificates import read_certificate
from tamis.syntax.mail.openpgp_keys import read_holders
from tamis.syntax.mail.openpgp_packets import armoured
from tamis.syntax.pem import certificates_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_LARGEST_BYTES = 16 << 20
_MAX_KEYS = 1_000
_BEGIN = b"-----BEGIN CERTIFICATE-----"
_OPENPGP = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"


def recognises(glimpse: Glimpse) -> int:
    """90 for PEM and armoured keys, 70 for bytes that are one certificate or OpenPGP key."""
    head = glimpse.head
    if _BEGIN in head or _OPENPGP in head:
        return 90
    if head[:1] == b"\x30" and glimpse.size_bytes <= len(head):
        return 70 if read_certificate(head) is not None else 0
    return 70 if head[:1] in {b"\x98", b"\x99", b"\xc6"} and _holders(head) else 0


def _holders(data: bytes) -> tuple[str, ...] | None:
    """The addresses of an OpenPGP key, None where there is no key that can be read."""
    found = read_holders(data, "party", "")
    return tuple(dict.fromkeys(one for h in found for one in h.addresses)) if found else None


def load_signers(data: bytes, name: str, item_id: str) -> tuple[list[dict[str, Any]], int]:
    """Rows of `signer_key`, each distinct key once, and how many blocks held no readable key."""
    rows: dict[str, dict[str, Any]] = {}
    bad = 0
    for kind, material in _blocks(data):
        names: tuple[str, ...] | None
        if kind == "x509":
            found = read_certificate(material)
            names = None if found is None else found.addresses
        else:
            names = _holders(material)
        if names is None or len(rows) >= _MAX_KEYS:
            bad += 1
            continue
        key_id = hashlib.sha256(material).hexdigest()
        rows[key_id] = {
            "key_id": key_id,
            "kind": kind,
            "material": base64.b64encode(material).decode("ascii"),
            "names": list(names),
            "source": "party",
            "source_label": name,
            "source_item_id": item_id,
        }
    return list(rows.values()), bad


def _blocks(data: bytes) -> Iterator[tuple[str, bytes]]:
    if _BEGIN not in data and _OPENPGP not in data:
        yield ("x509" if data[:1] == b"\x30" else "openpgp"), data
        return
    for material in certificates_in(data):
        yield "x509", material
    for block in armoured(data, b"PUBLIC KEY BLOCK"):
        yield "openpgp", block


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The file's keys, and their count.

    Errors    FormatError when the file is larger than 16 MiB.
    """
    data = stream.read(_LARGEST_BYTES + 1)
    if len(data) > _LARGEST_BYTES:
        raise FormatError("the file of certificates or keys is larger than 16 MiB")
    rows, bad = load_signers(data, source.name, source.item_id)
    rejected = [
        {
            "source_item_id": source.item_id,
            "byte_start": None,
            "position": number,
            "reason": "a block holds no certificate or key that can be read",
            "sample": "",
        }
        for number in range(bad)
    ]
    count = {
        "source_item_id": source.item_id,
        "reader": READER.name,
        "row_count": len(rows) + bad,
        "used_count": len(rows),
        "rejected_count": bad,
        "skipped_count": 0,
        "post_count": 0,
        "action_count": 0,
        "note": None,
    }
    for table, found in (("signer_key", rows), ("rejected", rejected), ("intake_count", [count])):
        for batch in records.table(table).build(found).to_batches():
            yield {table: batch}


READER = ContextReader(
    name="signer_keys",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="each certificate and OpenPGP key, with the addresses that it names",
    cannot_know="whether the key is really that person's; whether it was revoked since",
)
