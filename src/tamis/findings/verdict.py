"""The verdict scale: its words, their order, their roll-up, and what a verdict holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Word(StrEnum):
    """Every word of the scale, strongest first: the order is the precedence."""

    DECOY = "decoy"
    DISPLAY_CONFLICT = "display_conflict"
    VERIFIED = "verified"
    ALTERED_COPY = "altered_copy"
    CONTRADICTED = "contradicted"
    VERIFIED_PARTLY = "verified_partly"
    ARC_ATTESTED = "arc_attested"
    KEY_CONSISTENT = "key_consistent"
    CONSISTENT = "consistent"
    DAMAGED = "damaged"
    BODY_DIFFERS = "body_differs"
    DECOY_ASSERTED = "decoy_asserted"
    UNVERIFIABLE = "unverifiable"

    @property
    def rank(self) -> int:
        """The place in the order of precedence, 0 first."""
        return _RANKS[self]

    @property
    def roll_up(self) -> RollUp:
        """The group in which the word is counted."""
        return _ROLL_UPS.get(self, RollUp.UNKNOWN)


class RollUp(StrEnum):
    """The groups in which verdicts are counted."""

    VERIFIED = "verified"
    SUPPORTED = "supported"
    DISPUTED = "disputed"
    DECOY = "decoy"
    UNKNOWN = "unknown"


_RANKS = {word: rank for rank, word in enumerate(Word)}
_ROLL_UPS = {
    Word.VERIFIED: RollUp.VERIFIED,
    Word.VERIFIED_PARTLY: RollUp.SUPPORTED,
    Word.ARC_ATTESTED: RollUp.SUPPORTED,
    Word.KEY_CONSISTENT: RollUp.SUPPORTED,
    Word.CONSISTENT: RollUp.SUPPORTED,
    Word.ALTERED_COPY: RollUp.DISPUTED,
    Word.CONTRADICTED: RollUp.DISPUTED,
    Word.DISPLAY_CONFLICT: RollUp.DISPUTED,
    Word.DECOY: RollUp.DECOY,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule concludes about one message, what that says, and what it does not say.

    `kept_from` says what kept the message from `verified`, None where nothing did;
    `signature_position` is the signature that decided, None where none did; `counted_as` is a
    group other than the word's own.
    """

    word: Word
    rule_id: str
    rule_version: int
    claims: tuple[str, ...]
    does_not_claim: tuple[str, ...]
    kept_from: str | None = None
    signature_position: int | None = None
    counted_as: RollUp | None = None

    @property
    def roll_up(self) -> RollUp:
        """The group in which the verdict is counted."""
        return self.counted_as or self.word.roll_up

    def row(
        self, item_id: str, evidence_ids: tuple[str, ...], run_id: str, analysis_version: str
    ) -> dict[str, Any]:
        """The verdict as a row of the table `verdict`."""
        return {
            "item_id": item_id,
            "verdict": str(self.word),
            "roll_up": str(self.roll_up),
            "rule_id": self.rule_id,
            "rule_version": self.rule_version,
            "signature_position": self.signature_position,
            "evidence_ids": list(evidence_ids),
            "claims": list(self.claims),
            "does_not_claim": list(self.does_not_claim),
            "kept_from": self.kept_from,
            "granted": [f"{self.word} ({self.rule_id})"],
            "run_id": run_id,
            "analysis_version": analysis_version,
        }
