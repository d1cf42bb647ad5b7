"""The repair of one message as a row of the table `repair`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tamis.analyses.leak.repair.search import Repair

_OUTCOMES = {
    "damage": "Damage of transport or storage, undone",
    "edit": "An edit: the bytes that were signed are known",
    "unexplained": "The bytes that were signed are known; how they came to differ is not clear",
    "not_repaired": "Not repaired",
    "over_budget": "Not repaired within the work allowed",
}
_OWN = (
    "anything about the bytes as found: this verdict is on the repaired bytes",
    "who changed the message, or why",
)


def row_of(item_id: str, found: Repair) -> dict[str, Any]:
    """The row, without the columns that name the run."""
    judgement, verdict = found.judgement, found.verdict
    told = None if verdict is None else verdict.verdict
    extra = []
    if judgement is not None and judgement.is_display_changed:
        extra.append("that the words shown as found are those that were signed: they differ")
    return {
        "item_id": item_id,
        "outcome": found.outcome,
        "basis": found.basis,
        "signature_position": found.signature_position,
        "steps": list(found.steps),
        "steps_detail": detail_of(found),
        "before_text": None if judgement is None else judgement.before_text,
        "after_text": None if judgement is None else judgement.after_text,
        "is_display_changed": None if judgement is None else judgement.is_display_changed,
        "byte_start": found.byte_start,
        "byte_end": found.byte_end,
        "tried_count": found.tried_count,
        "repaired_item_id": None if verdict is None else verdict.item_id,
        "repaired_verdict": None if told is None else str(told.word),
        "repaired_rule_id": None if told is None else told.rule_id,
        "repaired_claims": [] if told is None else list(told.claims),
        "repaired_does_not_claim": [] if told is None else [*told.does_not_claim, *_OWN, *extra],
    }


def detail_of(found: Repair) -> str:
    """One sentence that a reporter can quote."""
    words = ", then ".join(step.replace("_", " ") for step in found.steps)
    parts = [_OUTCOMES[found.outcome]]
    if words:
        parts.append(words)
    if found.why:
        parts.append(found.why)
    if found.raw is not None:
        whole = "the signature holds over header and body"
        weaker = "the body has the hash that the signature states; no key is known, so that the "
        weaker += "signature itself is not checked"
        parts.append(whole if found.basis == "signature" else weaker)
    return f"{'; '.join(parts)} ({found.tried_count:,} versions tried)."
