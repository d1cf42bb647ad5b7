"""Facts beside the signatures, one at a time and together: the word they earn, and what never."""

from __future__ import annotations

from typing import Any

import pytest

from tamis import records
from tamis.findings.combined import combine
from tamis.findings.combined_facts import Known
from tamis.findings.verdict import Word
from tamis.findings.verdict_words import STANDING

ITEM, OTHER = "a" * 64, "b" * 64


def own(verdict: str = "unverifiable", rule_id: str = "dkim.none", **more: Any) -> dict[str, Any]:
    row = {
        "item_id": ITEM,
        "verdict": verdict,
        "roll_up": str(Word(verdict).roll_up),
        "rule_id": rule_id,
        "rule_version": 1,
        "signature_position": None,
        "evidence_ids": ["e"],
        "claims": [],
        "does_not_claim": [
            *STANDING,
            "anything: that it is genuine as little as that it is forged",
        ],
        "kept_from": None if verdict == "verified" else "it carries no DKIM signature",
        "granted": [f"{verdict} ({rule_id})"],
        "run_id": "r",
        "analysis_version": "v",
    }
    return row | more


def copy(bearing: str = "supports") -> dict[str, Any]:
    differing = ["text"] if bearing == "contradicts" else []
    return {"other_id": OTHER, "bearing": bearing, "differing": differing, "detail": "d"}


def repair(outcome: str = "damage", **more: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "basis": "signature",
        "steps_detail": "something was undone",
        "is_display_changed": False,
        "repaired_item_id": OTHER,
        "repaired_verdict": "verified",
        "repaired_does_not_claim": ["x"],
    } | more


def quote(bearing: str = "supports", **more: Any) -> dict[str, Any]:
    return {
        "item_id": OTHER,
        "bearing": bearing,
        "matched_share": 1.0,
        "is_quoted_plain": True,
        "is_same_house": True,
        "detail": "d",
    } | more


def original(outcome: str = "in_reference", **more: Any) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "reference_item_id": OTHER,
        "differing": ["text"] if outcome == "differs" else [],
        "undecided": [],
        "vouched_by": "author",
        "detail": "d",
        "is_same_display": True,
    } | more


def score(**more: Any) -> dict[str, Any]:
    return {
        "is_contradicted": False,
        "is_impossible": False,
        "expected_false": 0.5,
        "detail": "d",
    } | more


TWIN = {"verified_id": OTHER, "other_holder_id": None}
CARRIED = {"content_item_id": "c" * 64, "verified_carrier_ids": [OTHER]}
LONE = {"content_item_id": "c" * 64, "verified_carrier_ids": []}


def word(own_row: dict[str, Any], **facts: Any) -> str:
    row = combine(own_row, Known(ITEM, **facts)).verdict
    assert records.table("verdict").build([dict(row)]).num_rows == 1
    return str(row["verdict"])


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "unverifiable"),
        ({"copies": (copy("contradicts"),)}, "altered_copy"),
        ({"copies": (copy("none"),)}, "unverifiable"),
        ({"copies": (copy("contradicts"), copy())}, "unverifiable"),
        ({"copies": (copy(),)}, "unverifiable"),
        ({"twin": TWIN}, "consistent"),
        ({"twin": {"verified_id": None, "other_holder_id": OTHER}}, "unverifiable"),
        ({"original": original()}, "consistent"),
        ({"original": original(is_same_display=False)}, "unverifiable"),
        ({"original": original("differs")}, "altered_copy"),
        ({"original": original("differs", undecided=["text"])}, "unverifiable"),
        ({"original": original("differs", vouched_by=None)}, "unverifiable"),
        ({"original": original("not_in_reference")}, "unverifiable"),
        ({"quotes": (quote(),)}, "unverifiable"),
        ({"quotes": (quote(),), "attachments": (CARRIED,)}, "consistent"),
        ({"quotes": (quote(),), "attachments": (CARRIED, LONE)}, "unverifiable"),
        ({"quotes": (quote(matched_share=0.5),), "attachments": (CARRIED,)}, "unverifiable"),
        ({"quotes": (quote(is_quoted_plain=False),), "attachments": (CARRIED,)}, "unverifiable"),
        ({"quotes": (quote("none"), quote("none", item_id="d" * 64))}, "unverifiable"),
        ({"quotes": (quote(), quote(item_id="d" * 64))}, "consistent"),
        (
            {"quotes": tuple(quote(item_id=one * 64, is_same_house=False) for one in "de")},
            "unverifiable",
        ),
        ({"quotes": (quote("contradicts"),)}, "altered_copy"),
        ({"quotes": (quote("contradicts"), quote())}, "unverifiable"),
        ({"quotes": (quote("none"),)}, "unverifiable"),
        ({"attachments": (CARRIED,)}, "unverifiable"),
        ({"repair": repair()}, "damaged"),
        ({"repair": repair(basis="body_hash")}, "unverifiable"),
        ({"repair": repair("edit")}, "altered_copy"),
        ({"repair": repair("edit", basis="body_hash")}, "unverifiable"),
        ({"repair": repair("edit"), "is_rebuilt": True}, "unverifiable"),
        ({"repair": repair("not_repaired")}, "unverifiable"),
        ({"repair": repair("unexplained")}, "unverifiable"),
        ({"score": score()}, "unverifiable"),
        ({"score": score(is_contradicted=True)}, "contradicted"),
        ({"score": score(is_impossible=True)}, "contradicted"),
        ({"score": score(is_contradicted=True), "twin": TWIN}, "contradicted"),
        ({"original": original("differs"), "twin": TWIN}, "altered_copy"),
    ],
)
def test_the_word_that_the_facts_beside_a_message_earn(
    facts: dict[str, Any], expected: str
) -> None:
    assert word(own(), **facts) == expected


@pytest.mark.parametrize("verdict", ["verified", "display_conflict"])
def test_what_stands_higher_is_never_lowered(verdict: str) -> None:
    against = {
        "copies": (copy("contradicts"),),
        "score": score(is_impossible=True),
        "repair": repair("edit"),
    }
    assert word(own(verdict), **against) == verdict


@pytest.mark.parametrize(
    "rule_id", ["display.malformed", "dkim.reading", "dkim.unsigned_tail", "not_checked"]
)
def test_a_message_that_readers_show_differently_is_never_supported_from_beside(
    rule_id: str,
) -> None:
    assert word(own(rule_id=rule_id), twin=TWIN, original=original()) == "unverifiable"


def test_damage_counts_by_its_repaired_bytes_only_where_the_repair_takes_no_words_away() -> None:
    kept = combine(own(), Known(ITEM, repair=repair())).verdict
    cut = combine(own(), Known(ITEM, repair=repair(is_display_changed=True))).verdict
    weak = combine(own(), Known(ITEM, repair=repair(repaired_verdict="body_differs"))).verdict
    assert [row["roll_up"] for row in (kept, cut, weak)] == ["verified", "unknown", "unknown"]
    assert all("the bytes as found" in row["does_not_claim"][0] for row in (kept, cut, weak))


def test_a_quotation_attests_words_and_counts_as_unknown() -> None:
    row = combine(own(), Known(ITEM, quotes=(quote(),), attachments=(CARRIED,))).verdict
    assert (row["verdict"], row["roll_up"]) == ("consistent", "unknown")
    assert any("its text is complete" in one for one in row["does_not_claim"])
    assert combine(own(), Known(ITEM, twin=TWIN)).verdict["roll_up"] == "supported"


def test_every_fact_stands_in_the_evidence_whichever_rule_decides() -> None:
    known = Known(ITEM, repair=repair("edit"), original=original("differs"), twin=TWIN)
    done = combine(own(), known)
    assert [name for _, name, _ in done.evidence] == ["repair", "twin", "reference"]
    assert len(done.verdict["evidence_ids"]) == 4
    assert done.verdict["granted"] == [
        "altered_copy (reference.differs)",
        "altered_copy (repair.edit)",
        "consistent (copy.same)",
        "unverifiable (dkim.none)",
    ]


def test_an_altered_copy_never_says_who_or_that_the_leaker_did_it() -> None:
    row = combine(own(), Known(ITEM, copies=(copy("contradicts"),))).verdict
    assert {"who changed it, when, and why", "that the leaker changed it"} <= set(
        row["does_not_claim"]
    )
    assert set(STANDING) <= set(row["does_not_claim"])


def seal(**more: Any) -> dict[str, Any]:
    return {
        "position": 0,
        "kind": "smime",
        "header_verifies": True,
        "body_matches": True,
        "covers_whole_body": True,
        "key_source": "party",
        "key_status": "found",
        "alignment": "exact",
        "conforms": True,
        "detail": "d",
    } | more


def chain(**more: Any) -> dict[str, Any]:
    holds = {"chain_holds": True, "is_known_sealer": True, "attests_from": True}
    return {**holds, "sealer": "relay.example", "detail": "d"} | more


@pytest.mark.parametrize("name", ["chain_holds", "is_known_sealer", "attests_from"])
def test_a_chain_attests_only_with_all_three(name: str) -> None:
    assert word(own(), chain=chain()) == "arc_attested"
    assert word(own(), chain=chain(**{name: False})) == "unverifiable"


@pytest.mark.parametrize(
    "less",
    [
        {"header_verifies": False},
        {"header_verifies": None},
        {"body_matches": False},
        {"covers_whole_body": False},
        {"key_source": "dump"},
        {"alignment": "organisational"},
        {"key_source": None},
        {"key_status": "absent"},
        {"alignment": "none"},
    ],
)
def test_a_seal_speaks_for_the_body_alone_and_needs_a_key_from_outside(
    less: dict[str, Any],
) -> None:
    row = combine(own(), Known(ITEM, seals=(seal(),))).verdict
    assert (row["verdict"], row["roll_up"]) == ("verified_partly", "unknown")
    assert word(own(), seals=(seal(**less),)) == "unverifiable"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"copies": (copy("contradicts"),)}, "altered_copy"),
        ({"original": original("differs")}, "altered_copy"),
        ({"repair": repair("edit")}, "altered_copy"),
        ({"quotes": (quote("contradicts"),)}, "altered_copy"),
    ],
)
def test_no_weaker_words_own_limit_stands_below_an_alteration(
    known: dict[str, Any], expected: str
) -> None:
    weak = "that somebody altered it: stores, lists and gateways change bodies"
    row = combine(
        own("body_differs", "dkim.body_differs", does_not_claim=[*STANDING, weak]),
        Known(ITEM, **known),
    ).verdict
    assert row["verdict"] == expected
    assert weak not in row["does_not_claim"]
    assert set(STANDING) <= set(row["does_not_claim"])
    alone = combine(own("body_differs", "dkim.body_differs", does_not_claim=[weak]), Known(ITEM))
    assert alone.verdict["does_not_claim"] == [weak]


def decoy(relation: str = "same_bytes", standing: str | None = "decoy") -> dict[str, Any]:
    return {
        "decoy_id": "d-1",
        "relation": relation,
        "standing": standing,
        "authorities": ["A", "B"],
        "detail": "it is byte for byte d-1",
    }


ASSERTED = decoy(standing="decoy_asserted")


@pytest.mark.parametrize("verdict", [str(one) for one in Word])
def test_a_sealed_decoy_outranks_every_word_and_an_assertion_only_the_empty_one(
    verdict: str,
) -> None:
    assert word(own(verdict), decoys=(decoy(),)) == "decoy"
    assert word(own(verdict), decoys=(ASSERTED, decoy())) == "decoy"
    weaker = "decoy_asserted" if verdict == "unverifiable" else verdict
    assert word(own(verdict), decoys=(ASSERTED,)) == weaker
    # Words that are shared are evidence, and never a verdict.
    assert word(own(verdict), decoys=(decoy("shares_text", None),)) == verdict


def test_what_a_decoy_may_not_claim_stands_there() -> None:
    sealed = combine(own(), Known(ITEM, decoys=(decoy(),)))
    assert "that it is no decoy" not in sealed.verdict["does_not_claim"]
    assert any("could seal true files too" in one for one in sealed.verdict["does_not_claim"])
    assert sealed.verdict["roll_up"] == "decoy"
    asserted = combine(own(), Known(ITEM, decoys=(ASSERTED,)))
    assert asserted.verdict["roll_up"] == "unknown"
    assert "that it is no decoy" in asserted.verdict["does_not_claim"]
    shared = combine(own(), Known(ITEM, decoys=(decoy("shares_text", None),)))
    assert [name for _, name, _ in shared.evidence] == ["decoy"]
