"""What runs inside the cell to recover keys: signatures out of messages, a key out of two."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak.key_recovery import SignedHash, recover
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.dkim_facts import read_signatures, signed_bytes
from tamis.syntax.mail.dkim_keys import KeyRing
from tamis.syntax.mail.headers import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def collect(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Any,  # noqa: ARG001 (the task's signature)
) -> list[dict[str, Any]]:
    """The RSA signatures of messages under the names in `args`, with the hashes they sign."""
    names = set(args["names"])
    found: list[dict[str, Any]] = []
    for item in items:
        found += _signed_by(item["item_id"], inputs[item["input"]].read(), names)
    return found


def _signed_by(item_id: str, raw: bytes, names: set[str]) -> Iterator[dict[str, Any]]:
    """The RSA signatures of one message, whatever their keys: there are none yet."""
    headers = split(raw)
    display = read_display(headers)
    for facts in read_signatures(raw, headers, display, KeyRing()):
        name = f"{facts.selector}._domainkey.{facts.domain}"
        if name not in names or not (facts.algorithm or "").startswith("rsa-"):
            continue
        covered = signed_bytes(raw, headers, display, facts)
        if covered is not None and covered.signature:
            yield {
                "item_id": item_id,
                "key_name": name,
                "algorithm": covered.hash_name,
                "signature": covered.signature.hex(),
                "digest": hashlib.new(covered.hash_name, covered.header).hexdigest(),
                "body_matches": facts.body_matches is True,
            }


def try_pair(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],  # noqa: ARG001 (the task's signature)
    args: Mapping[str, Any],  # noqa: ARG001
    out: Any,  # noqa: ARG001
) -> dict[str, Any] | None:
    """The key under which the first two signatures of the one item hold, None if none does."""
    (item,) = items
    signed = [to_signed(one) for one in item["signed"]]
    found = recover(signed[0], signed[1], signed[2:])
    if found is None:
        return None
    return {
        "modulus": f"{found.modulus:x}",
        "exponent": found.exponent,
        "others_count": found.others_count,
        "others_held_count": found.others_held_count,
    }


def to_signed(told: Mapping[str, Any]) -> SignedHash:
    """A signature as it travels between processes, as a value again."""
    return SignedHash(
        bytes.fromhex(told["signature"]), bytes.fromhex(told["digest"]), str(told["algorithm"])
    )
