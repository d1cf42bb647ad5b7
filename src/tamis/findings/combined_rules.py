"""One rule a kind of fact: the word that it grants a message, or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tamis.findings.combined_facts import counted
from tamis.findings.verdict import RollUp, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tamis.findings.combined_facts import Known

# A quotation supports what it quotes when it holds nearly all of its words.
QUOTED_SHARE = 0.95
# Own judgements under which a reader can be shown something else than what is compared here.
_AMBIGUOUS = frozenset(
    {"display.malformed", "display.conflict", "dkim.reading", "dkim.unsigned_tail", "not_checked"}
)
_OUTSIDE = frozenset({"dns", "archive", "party"})
_SHORT = 12
_WHO = "who changed it, when, and why"
_COMPARED = "From, To, Cc, Subject, Date and the body"
_OTHER_FIELDS = (
    "anything about header fields other than From, To, Cc, Subject and Date, present or absent: "
    "Reply-To, Sender, Bcc, Message-ID, In-Reply-To, References, the List- and Resent- fields, and "
    "all others"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A word that a fact grants: the rule, why, what it says, and what it does not say."""

    word: Word
    rule_id: str
    why: str | None
    claims: tuple[str, ...]
    does_not_claim: tuple[str, ...]
    counted_as: RollUp | None = None


def differs_from_copy(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`altered_copy` where a verified copy of the same message shows something else.

    Source    design section 4; what counts as different: decision 18
    Limits    The copy that differs need not have been changed by the leaker.
    """
    against = [one for one in known.copies if one["bearing"] == "contradicts"]
    if not against or any(one["bearing"] == "supports" for one in known.copies):
        return None
    one = min(against, key=lambda row: (len(row["differing"]), row["other_id"]))
    what = ", ".join(one["differing"])
    return Claim(
        Word.ALTERED_COPY,
        "copy.differs",
        f"a verified copy of it shows other {what}",
        (f"it differs in {what} from a verified copy of the same message, {_id(one['other_id'])}",),
        (_WHO, "that the leaker changed it"),
    )


def differs_from_original(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`altered_copy` where the owner's original shows something else that counts.

    Source    design section 4; what counts as different: decision 18; which original: decision 23
    Limits    The original is what the owner handed in. What gateways and stores change as a hand
              may is `undecided`, and held against nobody.
    """
    row = known.original
    if row is None or not counted(row):
        return None
    what = ", ".join(counted(row))
    unsigned = (
        ()
        if row["vouched_by"] == "signature"
        else ("that the sender it names wrote the original: no signature holds over that",)
    )
    return Claim(
        Word.ALTERED_COPY,
        "reference.differs",
        f"the owner's original shows other {what}",
        (f"it differs in {what} from the original {_id(row['reference_item_id'])}",),
        (
            _WHO,
            "that the original is as it was received: its owner handed it in",
            *unsigned,
        ),
    )


def edit_found(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`altered_copy` where undoing one small edit restores exactly what was signed.

    Source    RFC 6376 section 3.7: no other text of that length could be found by chance
    Limits    Only an edit that is found is known; who made it is not.
    """
    row = known.repair
    if row is None or row["outcome"] != "edit" or row["basis"] != "signature" or known.is_rebuilt:
        return None
    return Claim(
        Word.ALTERED_COPY,
        "repair.edit",
        row["steps_detail"],
        (row["steps_detail"],),
        (_WHO,),
    )


def differs_from_quote(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`altered_copy` where a verified reply quotes it with other words.

    Limits    Who replies can change what is quoted: which of the two is the original is open.
    """
    against = [one for one in known.quotes if one["bearing"] == "contradicts"]
    if not against or any(one["bearing"] == "supports" for one in known.quotes):
        return None
    one = min(against, key=lambda row: row["item_id"])
    return Claim(
        Word.ALTERED_COPY,
        "quote.differs",
        "a verified reply quotes it with other words",
        (f"the verified reply {_id(one['item_id'])} quotes it with other words",),
        (
            _WHO,
            "which of the two is the original: who replies can change what is quoted",
            "that the author wrote what was answered: another can write in his name",
        ),
    )


def headers_contradict(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`contradicted` by the calibrated joint rule, or by one impossibility.

    Source    design section 4; calibration: decision 19
    Limits    About as many honest messages as the expectation says are contradicted by chance.
    """
    row = known.score
    if row is None or not (row["is_contradicted"] or row["is_impossible"]):
        return None
    expected = row["expected_false"]
    chance = (
        ()
        if expected is None
        else (f"that it is none of the {expected:.2g} honest messages expected here by chance",)
    )
    return Claim(
        Word.CONTRADICTED,
        "forensics.impossible" if row["is_impossible"] else "forensics.joint",
        row["detail"],
        (row["detail"],),
        ("that it is forged, or by whom", *chance),
    )


def seal_holds(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`verified_partly` where S/MIME or OpenPGP holds under a key from outside the dump.

    Source    RFC 8551 section 3.1, RFC 3156 section 5: the headers are not covered
    Limits    A certificate that only the dump holds grants nothing: anybody can make one; nor does
              one of another address, though of the same domain: it is of one person. Under
              an intact body another Subject or Date can stand, so it is counted as unknown.
    """
    for row in known.seals:
        is_whole = row["header_verifies"] and row["body_matches"] and row["covers_whole_body"]
        is_outside = row["key_status"] == "found" and row["key_source"] in _OUTSIDE
        if is_whole and is_outside and row["alignment"] == "exact":
            return Claim(
                Word.VERIFIED_PARTLY,
                f"{row['kind']}.partly",
                f"{row['kind']} covers the body and no header field",
                (row["detail"],),
                ("anything about From, To, Subject and Date: they are not signed",),
                RollUp.UNKNOWN,
            )
    return None


def chain_attests(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`arc_attested` where a known sealer vouches for what it received.

    Source    RFC 8617 section 5.2
    Limits    A sealer attests what it saw; nothing is said of what came before.
    """
    row = known.chain
    if row is None or not (row["chain_holds"] and row["is_known_sealer"] and row["attests_from"]):
        return None
    return Claim(
        Word.ARC_ATTESTED,
        "arc.attested",
        None,
        (row["detail"],),
        (f"anything before {row['sealer']} received it",),
    )


def is_supported(own: Mapping[str, Any], known: Known) -> Claim | None:
    """`consistent` where what is shown is what verified mail, or the owner's original, shows.

    Two ways: another message that is verified, or the owner's original, has the same bytes in
    From, To, Cc, Subject, Date, content type and body; or a verified reply quotes nearly all of a
    plain text and a second, independent trace agrees.

    The second way is counted as unknown: a quotation attests the words that it shares with the
    message, and neither its fields nor that no other words stood there.

    Limits    Not proof. A message that readers could show differently is never supported so.
    """
    if own["rule_id"] in _AMBIGUOUS:
        return None
    if known.twin is not None and known.twin["verified_id"]:
        told = f"{_COMPARED} are byte for byte those of the verified message"
        return _supported("copy.same", f"{told} {_id(known.twin['verified_id'])}")
    row = known.original
    if row is not None and row["outcome"] == "in_reference" and row["is_same_display"]:
        told = f"{_COMPARED} are byte for byte those of the owner's original"
        limit = "that the original is as it was received: its owner handed it in"
        return _supported("reference.same", f"{told} {_id(row['reference_item_id'])}", limit)
    return _quoted_and_more(known)


def _quoted_and_more(known: Known) -> Claim | None:
    whole = [
        one
        for one in known.quotes
        if one["bearing"] == "supports"
        and one["matched_share"] >= QUOTED_SHARE
        and one["is_quoted_plain"]
    ]
    if not whole or any(one["bearing"] == "contradicts" for one in known.quotes):
        return None
    # Whoever gets an invented message can sign an answer to it: the sender's side must quote it.
    inside = [one["item_id"] for one in whole if one["is_same_house"]]
    if not inside:
        return None
    more = []
    if known.attachments and all(one["verified_carrier_ids"] for one in known.attachments):
        more.append("every attachment was also sent in verified mail")
    if known.twin is not None and known.twin["other_holder_id"]:
        more.append("the same message lies in another holder's mailbox")
    if len({one["item_id"] for one in whole}) > 1:
        more.append(f"{len(whole)} verified replies quote it")
    unsupported = [one for one in known.attachments if not one["verified_carrier_ids"]]
    if not more or unsupported:
        return None
    told = f"the verified message {_id(min(inside))} of its sender's side quotes its text"
    limits = (
        "anything about its From, To, Subject and Date beyond what the reply repeats",
        "that its text is complete: the reply may quote more than stands here",
    )
    claim = _supported("quote.supports", "; ".join((told, *more)), *limits)
    return replace(claim, counted_as=RollUp.UNKNOWN)


def _supported(rule_id: str, told: str, *limits: str) -> Claim:
    return Claim(
        Word.CONSISTENT, rule_id, told, (told,), ("that this is proof", *limits, _OTHER_FIELDS)
    )


def repair_holds(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`damaged` where listed, reversible repairs make a signature hold.

    It is counted by the repaired bytes where the repair changes nothing that is shown; where it
    takes words away (a footer, a tag, a banner), what is shown holds words that nobody signed, and
    it is counted as unknown.

    Limits    The bytes as found are not what was signed.
    """
    row = known.repair
    if row is None or row["outcome"] != "damage" or row["basis"] != "signature":
        return None
    word = Word(row["repaired_verdict"])
    counted = RollUp.UNKNOWN if row["is_display_changed"] else word.roll_up
    if counted not in {RollUp.VERIFIED, RollUp.SUPPORTED}:
        counted = RollUp.UNKNOWN
    repaired, told = _id(row["repaired_item_id"]), row["steps_detail"].rstrip(".")
    return Claim(
        Word.DAMAGED,
        "repair.damage",
        row["steps_detail"],
        (f"{told}; the verdict on the repaired bytes, {repaired}, is {word}",),
        ("the bytes as found: they are not what was signed", *row["repaired_does_not_claim"]),
        counted,
    )


def _id(item_id: str) -> str:
    return item_id[:_SHORT]


def is_decoy(_own: Mapping[str, Any], known: Known) -> Claim | None:
    """`decoy` for the bytes of a file sealed before the leak, else `decoy_asserted`.

    Source    design section 4; decision 51
    Limits    A seal dates a statement of the defender. What it seals may be true all the same.
    """
    same = [one for one in known.decoys if one["relation"] == "same_bytes"]
    if not same:
        return None
    one = min(same, key=lambda row: (row["standing"] != "decoy", row["decoy_id"]))
    if one["standing"] == "decoy":
        authorities = ", ".join(one["authorities"])
        limits = (
            "that what it says is invented: who sealed it says so, and could seal true files too",
            f"that the clocks and keys of {authorities} are honest: they were given as trusted",
        )
        return Claim(Word.DECOY, "decoy.sealed", one["detail"], (one["detail"],), limits)
    told = f"its owner says that it is a decoy; {one['detail']}"
    limit = "that it is a decoy: nothing shows that this was said before the leak"
    return Claim(Word.DECOY_ASSERTED, "decoy.asserted", told, (told,), (limit,))


RULES: tuple[Callable[[Mapping[str, Any], Known], Claim | None], ...] = (
    is_decoy,
    differs_from_copy,
    differs_from_original,
    edit_found,
    differs_from_quote,
    headers_contradict,
    seal_holds,
    chain_attests,
    is_supported,
    repair_holds,
)
