"""What runs inside the cell for an evidence bundle: one message in, its signed bytes out."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak.dkim import verify_message
from tamis.run.leak_task import ring_of
from tamis.syntax.mail.dkim_facts import signed_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.cell.output import Output
    from tamis.syntax.mail.dkim_facts import SignatureFacts, SignedBytes
    from tamis.syntax.mail.dkim_keys import KeyRing, PublicKey

TASK = "tamis.run.bundle_task:lay_out"


def lay_out(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],  # noqa: ARG001 (the task's signature)
    out: Output,
) -> list[dict[str, Any]]:
    """One entry a DKIM signature: what another program needs to check it.

    Input     `inputs[0]` is an Arrow stream of `dkim_key`; the item names the message's input
    Output    blobs header-N, body-N, signature-N and key-N.pem
    """
    import pyarrow as pa  # noqa: PLC0415  loads Arrow in the worker only

    keys = ring_of(pa.ipc.open_stream(inputs[0]).read_all())
    (item,) = items
    raw = inputs[item["input"]].read()
    judged = verify_message(raw, keys, item["item_id"])
    told = []
    for facts in judged.signatures:
        signed = signed_bytes(raw, judged.headers, judged.display, facts)
        if signed is None or signed.signature is None:
            continue
        number = facts.position
        _write(out, f"header-{number}", signed.header)
        _write(out, f"body-{number}", signed.body)
        _write(out, f"signature-{number}", signed.signature)
        pem = _pem(keys, facts, signed)
        if pem is not None:
            _write(out, f"key-{number}.pem", pem)
        told.append(
            {
                "position": number,
                "algorithm": facts.algorithm,
                "hash": signed.hash_name,
                "body_hash": base64.b64encode(signed.body_hash or b"").decode(),
                "key_name": f"{facts.selector}._domainkey.{facts.domain}",
                "has_key": pem is not None,
                "header_verifies": facts.header_verifies,
                "body_matches": facts.body_matches,
                "unsigned_count": facts.body_length_unsigned or 0,
            }
        )
    return told


def _pem(keys: KeyRing, facts: SignatureFacts, signed: SignedBytes) -> bytes | None:
    """The public key under which the signature was judged, as PEM; None where there is none."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 (loads OpenSSL)
        Encoding,
        PublicFormat,
    )

    named = keys.named(f"{facts.selector}._domainkey.{facts.domain}")
    chosen = [
        one.record.key
        for one in named
        if one.record.key is not None
        and one.label == facts.key_label
        and one.source == facts.key_source
        and one.record.key.bits == facts.key_bits
    ]
    # One file can state several keys of one name.
    chosen.sort(key=lambda one: not _holds(one, signed))
    if not chosen or chosen[0].native is None:
        return None
    pem: bytes = chosen[0].native.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def _holds(key: PublicKey, signed: SignedBytes) -> bool:
    digest = hashlib.new(signed.hash_name, signed.header, usedforsecurity=False).digest()
    return signed.signature is not None and key.verify(signed.signature, digest, signed.hash_name)


def _write(out: Output, name: str, data: bytes) -> None:
    with out.blob(name) as file:
        file.write(data)
