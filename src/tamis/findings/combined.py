"""The verdict on a message from all facts about it: its own signatures, and what lies around it.

Each kind of fact has one small rule that grants at most one word of the scale; the words are then
put in the order of the scale. A rule never weakens what stronger facts established, and a fact
that grants nothing still stands in the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.findings.combined_facts import KINDS, Known
from tamis.findings.combined_rules import RULES, Claim
from tamis.findings.verdict import Word
from tamis.findings.verdict_words import ALONE, NO_DECOY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.findings.evidence import Evidence

COMBINED_VERSION = 7
_SEPARATOR = "; "


@dataclass(frozen=True, slots=True)
class Combined:
    """What was concluded: the row of `verdict`, the facts beside the message, what was granted.

    `evidence` are the facts, each with its evidence_id and the name of its kind.
    `granted` holds every word that some fact earned, the strongest first; `verdict` says what the
    strongest of them says.
    """

    verdict: Mapping[str, Any]
    evidence: tuple[tuple[str, str, Evidence], ...]
    granted: tuple[Claim, ...]


def combine(own: Mapping[str, Any], known: Known) -> Combined:
    """The verdict on one message from what its own bytes earn it and what is known beside.

    Input     `own` is its row of `signature_verdict`
    Source    design section 4: precedence, and what each word may say
    Limits    Copies, quotes and originals are only as honest as what they are compared with: each
              claim names it.
    """
    evidence = tuple(
        (fact.identify(known.item_id, name, KINDS[name].version), name, fact)
        for name, fact in known.evidence()
    )
    granted = tuple(sorted(_grants(own, known), key=lambda one: one.word.rank))
    ids = [*own["evidence_ids"], *(evidence_id for evidence_id, _, _ in evidence)]
    word = Word(own["verdict"])
    row = dict(own)
    if granted and granted[0].word.rank < word.rank:
        row = _granted_row(own, granted[0])
    words = [(word.rank, one) for one in own["granted"]]
    words += [(one.word.rank, f"{one.word} ({one.rule_id})") for one in granted]
    row |= {"evidence_ids": ids, "granted": [told for _, told in sorted(words)]}
    return Combined(row, evidence, granted)


def _grants(own: Mapping[str, Any], known: Known) -> list[Claim]:
    found = [rule(own, known) for rule in RULES]
    return [claim for claim in found if claim is not None]


def _granted_row(own: Mapping[str, Any], claim: Claim) -> dict[str, Any]:
    """The row of a message whose verdict comes from another fact than its own signatures."""
    why = [one for one in (own["kept_from"], claim.why) if one]
    roll_up = claim.counted_as or claim.word.roll_up
    return {
        **own,
        "verdict": str(claim.word),
        "roll_up": str(roll_up),
        "rule_id": claim.rule_id,
        "rule_version": COMBINED_VERSION,
        "signature_position": None,
        "claims": list(claim.claims),
        "does_not_claim": _disclaimers(own, claim),
        "kept_from": _SEPARATOR.join(why) or None,
    }


def _disclaimers(own: Mapping[str, Any], claim: Claim) -> list[str]:
    """The claim's own limits first, then those that hold for the message in any case.

    What a weaker word says of itself goes: "that somebody altered it" must not stand below
    `altered_copy`.
    """
    gone = ALONE | {NO_DECOY} if claim.word is Word.DECOY else ALONE
    standing = [one for one in own["does_not_claim"] if one not in gone]
    return list(dict.fromkeys((*claim.does_not_claim, *standing)))
