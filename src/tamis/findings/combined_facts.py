"""What is known of a message beside its own signatures, and each fact as evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.findings.evidence import Evidence, Outcome, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SHORT = 12


@dataclass(frozen=True, slots=True)
class Known:
    """The rows of the fact tables about one message; what was not looked at is empty.

    `twin`: a message that shows the same, by `display_hash` (`verified_id`, `other_holder_id`);
    `copies`: rows of `copy_pair` seen from this message (`other_id`); `quotes`: rows of
    `quote_match` that quote it; both with the `bearing` of what is verified on it;
    `attachments`: one row each, with the verified messages that carry it too; `repair`,
    `original` (`reference_match`), `score` (`header_score`), `chain` (`arc_chain`): at most one
    row; `seals`: its rows of `signature` that are S/MIME or OpenPGP; `decoys`: its rows of
    `decoy_match`.
    """

    item_id: str
    is_rebuilt: bool = False
    repair: Mapping[str, Any] | None = None
    original: Mapping[str, Any] | None = None
    score: Mapping[str, Any] | None = None
    chain: Mapping[str, Any] | None = None
    twin: Mapping[str, Any] | None = None
    copies: tuple[Mapping[str, Any], ...] = ()
    quotes: tuple[Mapping[str, Any], ...] = ()
    attachments: tuple[Mapping[str, Any], ...] = ()
    seals: tuple[Mapping[str, Any], ...] = ()
    decoys: tuple[Mapping[str, Any], ...] = ()

    def evidence(self) -> tuple[tuple[str, Evidence], ...]:
        """Every fact as evidence, with the name of its kind."""
        found: list[tuple[str, Evidence]] = []
        for name, kind in KINDS.items():
            value = getattr(self, kind.attribute)
            rows = value if isinstance(value, tuple) else () if value is None else (value,)
            found += [(name, kind.describe(self.item_id, row)) for row in rows]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fact: where `Known` holds it, and how a row of it reads as evidence."""

    attribute: str
    version: int
    describe: Callable[[str, Mapping[str, Any]], Evidence]


def _repair(item_id: str, row: Mapping[str, Any]) -> Evidence:
    outcomes = {
        "damage": Outcome.SUPPORTS,
        "edit": Outcome.CONTRADICTS,
        "unexplained": Outcome.NEUTRAL,
    }
    outcome = outcomes.get(row["outcome"], Outcome.UNABLE)
    return Evidence(outcome, row["steps_detail"], Ref(item_id=item_id, table="repair"))


def _twin(item_id: str, row: Mapping[str, Any]) -> Evidence:
    other = row["verified_id"] or row["other_holder_id"]
    ref = Ref(item_id=item_id, table="display_hash", rows={"other": other})
    same = f"what it shows is byte for byte what the message {other[:_SHORT]} shows"
    if row["verified_id"]:
        return Evidence(Outcome.SUPPORTS, f"{same}, which is verified", ref)
    return Evidence(Outcome.NEUTRAL, f"{same}, in another holder's mailbox", ref)


_BEARINGS = {"supports": Outcome.SUPPORTS, "contradicts": Outcome.CONTRADICTS}


def _copy(item_id: str, row: Mapping[str, Any]) -> Evidence:
    ref = Ref(item_id=item_id, table="copy_pair", rows={"other": row["other_id"]})
    return Evidence(_BEARINGS.get(row["bearing"], Outcome.NEUTRAL), row["detail"], ref)


def _quote(item_id: str, row: Mapping[str, Any]) -> Evidence:
    ref = Ref(item_id=item_id, table="quote_match", rows={"quoting": row["item_id"]})
    return Evidence(_BEARINGS.get(row["bearing"], Outcome.NEUTRAL), row["detail"], ref)


def _attachment(item_id: str, row: Mapping[str, Any]) -> Evidence:
    carriers = row["verified_carrier_ids"]
    name = row["content_item_id"][:_SHORT]
    rows = {"content_item_id": row["content_item_id"]}
    ref = Ref(item_id=item_id, table="attached_in", rows=rows)
    if carriers:
        told = f"the attachment {name} was also sent in {len(carriers)} verified messages"
        return Evidence(Outcome.SUPPORTS, told, ref)
    told = f"no verified message carries the attachment {name}"
    return Evidence(Outcome.NEUTRAL, told, ref)


def counted(row: Mapping[str, Any]) -> list[str]:
    """What a row of `reference_match` says to differ and holds against the message.

    Nothing where nobody vouches for who wrote the original.
    """
    if row["outcome"] != "differs" or row["vouched_by"] is None:
        return []
    return [one for one in row["differing"] if one not in row["undecided"]]


def _original(item_id: str, row: Mapping[str, Any]) -> Evidence:
    outcome = Outcome.SUPPORTS if row["outcome"] == "in_reference" else Outcome.NEUTRAL
    if counted(row):
        outcome = Outcome.CONTRADICTS
    ref = Ref(item_id=item_id, table="reference_match")
    return Evidence(outcome, row["detail"], ref)


def _score(item_id: str, row: Mapping[str, Any]) -> Evidence:
    is_against = row["is_contradicted"] or row["is_impossible"]
    outcome = Outcome.CONTRADICTS if is_against else Outcome.NEUTRAL
    return Evidence(outcome, row["detail"], Ref(item_id=item_id, table="header_score"))


def _chain(item_id: str, row: Mapping[str, Any]) -> Evidence:
    is_for = row["chain_holds"] and row["is_known_sealer"] and row["attests_from"]
    outcome = Outcome.SUPPORTS if is_for else Outcome.NEUTRAL
    return Evidence(outcome, row["detail"], Ref(item_id=item_id, table="arc_chain"))


def _seal(item_id: str, row: Mapping[str, Any]) -> Evidence:
    outcome = Outcome.SUPPORTS if row["header_verifies"] else Outcome.UNABLE
    rows = {"position": row["position"], "kind": row["kind"]}
    return Evidence(outcome, row["detail"], Ref(item_id=item_id, table="signature", rows=rows))


def _decoy(item_id: str, row: Mapping[str, Any]) -> Evidence:
    rows = {"decoy_id": row["decoy_id"]}
    ref = Ref(item_id=item_id, table="decoy_match", rows=rows)
    return Evidence(Outcome.NEUTRAL, row["detail"], ref)


KINDS: Mapping[str, Kind] = {
    "repair": Kind("repair", 1, _repair),
    "twin": Kind("twin", 1, _twin),
    "copy": Kind("copies", 1, _copy),
    "quote": Kind("quotes", 1, _quote),
    "attachment": Kind("attachments", 1, _attachment),
    "reference": Kind("original", 3, _original),
    "forensics": Kind("score", 1, _score),
    "arc": Kind("chain", 1, _chain),
    "seal": Kind("seals", 1, _seal),
    "decoy": Kind("decoys", 1, _decoy),
}
