"""What runs inside the cell to recover keys: signatures out of messages, a key out of two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak.key_recovery import SignedHash, recover
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.dkim_facts import read_signed
from tamis.syntax.mail.headers import split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.syntax.mail.dkim_facts import Signed


def collect(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Any,  # noqa: ARG001 (the task's signature)
) -> list[dict[str, Any]]:
    """The RSA signatures of messages under the names in `args`, with the hashes they sign."""
    names = set(args["names"])
    found: list[tuple[str, Signed]] = []
    for item in items:
        raw = inputs[item["input"]].read()
        headers = split(raw)
        signed = read_signed(raw, headers, read_display(headers))
        found += [(item["item_id"], one) for one in signed if one.key_name in names]
    return [
        {
            "item_id": item_id,
            "key_name": one.key_name,
            "algorithm": one.algorithm,
            "signature": one.signature.hex(),
            "digest": one.digest.hex(),
            "body_matches": one.body_matches,
        }
        for item_id, one in found
    ]


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
