"""Rows of `signature` and `evidence` from the facts about one signature, whatever its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamis.findings import Evidence
    from tamis.syntax.mail.dkim_facts import SignatureFacts


def row_of(item_id: str, facts: SignatureFacts, kind: str, detail: str) -> dict[str, Any]:
    """The row of `signature` without the columns that name the run."""
    return {
        "item_id": item_id,
        "position": facts.position,
        "kind": kind,
        "domain": facts.domain,
        "selector": facts.selector,
        "identity": facts.identity,
        "algorithm": facts.algorithm,
        "canonicalization": facts.canonicalization or "unknown",
        "key_bits": facts.key_bits,
        "signed_headers": list(facts.signed_headers),
        "signed_at": facts.signed_at,
        "expires_at": facts.expires_at,
        "body_length_signed": facts.body_length_signed,
        "body_length_unsigned": facts.body_length_unsigned,
        "body_matches": facts.body_matches,
        "header_verifies": facts.header_verifies,
        "covers_whole_body": facts.covers_whole_body,
        "alignment": facts.alignment,
        "key_source": facts.key_source,
        "key_label": facts.key_label,
        "key_status": facts.key_status,
        "key_covers": facts.key_covers,
        "conforms": facts.conforms,
        "violations": [str(one) for one in facts.violations],
        "detail": detail,
    }


def evidence_rows(
    item_id: str, check: str, version: int, found: Iterable[Evidence]
) -> list[dict[str, Any]]:
    """Rows of `evidence` without the columns that name the run."""
    return [
        {
            "evidence_id": one.identify(item_id, check, version),
            "subject_kind": "item",
            "subject_id": item_id,
            "check_name": check,
            "check_version": version,
            "outcome": str(one.outcome),
            "detail": one.detail,
            "ref": one.ref.to_json(),
            "false_alarm_rate": None,
        }
        for one in found
    ]
