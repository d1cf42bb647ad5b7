"""The signatures of a message that are no DKIM signatures, as rows of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak import arc
from tamis.analyses.leak.signature_rows import evidence_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tamis.analyses.leak.dkim import KeyRing, MessageVerdict


def other_rows(
    raw: bytes, judged: MessageVerdict, keys: KeyRing, sealers: Collection[str] = ()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of `arc_chain`, `signature` and `evidence`, each with the name of its table.

    Positions of the table `signature` go on after the DKIM signatures of the message. A message
    without such signatures costs a look at its field names.
    """
    item_id = judged.item_id
    position = len(judged.signatures)
    chain = arc.judge_chain(raw, judged.headers, judged.display, keys, sealers)
    if chain is not None:
        yield "arc_chain", chain.row(item_id)
        for row in chain.signature_rows(item_id, position):
            yield "signature", row
        found = arc.evidence_of(item_id, chain)
        for row in evidence_rows(item_id, arc.NAME, arc.VERSION, found):
            yield "evidence", row
        position += len(chain.signatures)
