"""The sentences and references of what DKIM signatures show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.findings import Evidence, Outcome, Ref
from tamis.syntax.mail.display import field_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts
    from tamis.syntax.mail.headers import Headers

_BODY = {
    True: "the body is the one that was signed",
    False: "the body is not the one that was signed",
    None: "the body hash cannot be computed",
}
_HEADER = {
    True: "the signature over the headers holds",
    False: "the signature over the headers does not hold",
    None: "the signature over the headers cannot be computed",
}
_OUTCOME = {True: Outcome.SUPPORTS, False: Outcome.NEUTRAL, None: Outcome.UNABLE}
_KEY = {
    "found": "is known",
    "dated_out": "is known, but its dates do not cover the message",
    "revoked": "is revoked",
    "unusable": "cannot be used",
    "testing": "is marked as in testing",
    "private_published": "is known, and its private half is public",
    "absent": "is not known",
}


def describe(facts: SignatureFacts) -> str:
    """One sentence about a signature that a reporter can quote."""
    signer = facts.domain or "an unreadable domain"
    parts = [_HEADER[facts.header_verifies], _BODY[facts.body_matches], _key(facts)]
    if facts.body_length_unsigned:
        parts.append(f"{facts.body_length_unsigned} bytes at its end are not signed")
    parts += [str(one) for one in facts.violations]
    parts += facts.notes
    return f"Signature of {signer}: {'; '.join(parts)}."


def _key(facts: SignatureFacts) -> str:
    name = f"the key {facts.selector}._domainkey.{facts.domain}"
    source = f" (source: {facts.key_source}, {facts.key_label})" if facts.key_source else ""
    trouble = f": {facts.key_trouble}" if facts.key_trouble else ""
    return f"{name} {_KEY[facts.key_status]}{trouble}{source}"


def evidence_of(
    item_id: str, headers: Headers, signatures: Sequence[SignatureFacts], display: Display
) -> tuple[Evidence, ...]:
    """The facts about a message, each with the bytes and the row where it can be looked up."""
    found: list[Evidence] = []
    for facts in signatures:
        found += _of_signature(item_id, facts)
    for conflict in display.conflicts:
        spans = [headers.fields[rank] for rank in conflict.positions]
        name = field_name(spans[0])
        found.append(
            Evidence(
                Outcome.CONTRADICTS,
                f"{name} stands {len(spans)} times, and readers of mail show different ones.",
                Ref(
                    item_id,
                    spans[0].byte_start,
                    spans[-1].byte_end,
                    table="header",
                    rows={"item_id": item_id, "position": list(conflict.positions[:20])},
                ),
            )
        )
    for defect in display.defects:
        words = defect.kind.replace("_", " ")
        detail = f"Readers of mail disagree about the header block from byte {defect.byte_start}"
        ref = Ref(item_id, defect.byte_start, defect.byte_start + 1, rows={"defect": defect.kind})
        found.append(Evidence(Outcome.NEUTRAL, f"{detail}: {words}.", ref))
    return tuple(found)


def _align(facts: SignatureFacts) -> str:
    how = facts.alignment or "no single address"
    return f"the signing domain {facts.domain} and the domain in From: {how}"


def _of_signature(item_id: str, facts: SignatureFacts) -> list[Evidence]:
    key_outcome = Outcome.SUPPORTS if facts.key_status == "found" else Outcome.NEUTRAL
    aligned = facts.alignment in {"exact", "organisational"}
    stated = [
        ("body_matches", _OUTCOME[facts.body_matches], _BODY[facts.body_matches]),
        ("header_verifies", _OUTCOME[facts.header_verifies], _HEADER[facts.header_verifies]),
        (
            "key_status",
            Outcome.UNABLE if facts.key_status == "absent" else key_outcome,
            _key(facts),
        ),
        (
            "covers_whole_body",
            _OUTCOME[facts.covers_whole_body],
            "no byte of the body is left unsigned"
            if facts.covers_whole_body
            else f"{facts.body_length_unsigned or 'unknown'} bytes of the body are left unsigned",
        ),
        (
            "alignment",
            _OUTCOME[None if facts.alignment is None else aligned],
            _align(facts),
        ),
        (
            "violations",
            Outcome.SUPPORTS if facts.conforms else Outcome.NEUTRAL,
            "; ".join(str(one) for one in facts.violations) or "it conforms to the standards",
        ),
    ]
    signer = facts.domain or "an unreadable domain"
    return [
        Evidence(
            outcome,
            f"Signature of {signer}: {detail}.",
            Ref(
                item_id,
                facts.byte_start,
                facts.byte_end,
                table="signature",
                rows={"item_id": item_id, "position": facts.position, "column": column},
            ),
        )
        for column, outcome, detail in stated
    ]
