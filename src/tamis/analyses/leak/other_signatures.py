"""The signatures of a message that are no DKIM signatures, as rows of the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak import arc, signed_mail
from tamis.analyses.leak.signature_rows import evidence_rows
from tamis.syntax.mail.arc import has_arc
from tamis.syntax.mail.signed_parts import may_be_signed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tamis.analyses.leak.dkim import KeyRing, MessageVerdict


@dataclass(frozen=True, slots=True)
class Trust:
    """What the case knows from outside: keys by name, sealers, certificates and OpenPGP keys."""

    keys: KeyRing
    sealers: Collection[str] = ()
    signers: signed_mail.Signers = signed_mail.NOBODY


def other_rows(
    raw: bytes, judged: MessageVerdict, trust: Trust
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows of `arc_chain`, `signature` and `evidence`, each with the name of its table.

    Positions of the table `signature` go on after the DKIM signatures of the message. A message
    without such signatures costs a look at its field names and three searches in its bytes.
    """
    item_id, headers, display = judged.item_id, judged.headers, judged.display
    if not has_arc(display) and not may_be_signed(raw, headers, display):
        return
    position = len(judged.signatures)
    chain = arc.judge_chain(raw, headers, display, trust.keys, trust.sealers)
    if chain is not None:
        yield "arc_chain", chain.row(item_id)
        for row in chain.signature_rows(item_id, position):
            yield "signature", row
        found = arc.evidence_of(item_id, chain)
        for row in evidence_rows(item_id, arc.NAME, arc.VERSION, found):
            yield "signature_evidence", row
        position += len(chain.signatures)
    signed = signed_mail.read_signed_mail(raw, headers, display, trust.signers)
    for rank, one in enumerate(signed):
        yield "signature", one.row(item_id, position + rank)
    told = signed_mail.evidence_of(item_id, signed)
    for row in evidence_rows(item_id, signed_mail.NAME, signed_mail.VERSION, told):
        yield "signature_evidence", row
