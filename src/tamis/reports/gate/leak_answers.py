"""What the case answers of the dump itself: signatures, copies, decoys, shares, personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamis.reports.desk import value_of
from tamis.reports.figures import Figure, Keeps
from tamis.reports.gate.answer import Answered, told
from tamis.reports.markup import Content, join
from tamis.reports.sections import verdicts
from tamis.reports.sections.personal import names_told

if TYPE_CHECKING:
    from tamis.reports.desk import Desk

_ROLL_UPS = ("verified", "supported", "disputed", "decoy", "unknown")
UNSIGNED = Figure(
    "gate_unsigned_fields",
    "Verified or supported messages of which something displayed is named as not covered",
    """
    SELECT count(*) AS messages FROM verdict
    WHERE roll_up IN ('verified', 'supported') AND len(does_not_claim) > 0
    """,
)
DIFFERING = Figure(
    "gate_copies_differing",
    "Pairs of copies that differ in something that counts",
    "SELECT count(*) AS pairs FROM copy_pair WHERE outcome = 'differs'",
)
COPIES = Figure(
    "gate_copies", "Pairs of copies in the dump", "SELECT count(*) AS pairs FROM copy_pair"
)
ALTERED = Figure(
    "gate_altered",
    "Messages that are altered copies",
    "SELECT count(*) AS messages FROM verdict WHERE verdict = 'altered_copy'",
)

REGISTERED = Figure(
    "gate_decoys_registered",
    "Sealed decoys that their owner showed",
    "SELECT count(DISTINCT decoy_id) AS decoys FROM decoy",
)

PERSONAL = Figure(
    "gate_personal",
    "Different values of personal data in the dump",
    "SELECT count(DISTINCT (kind, value_hash)) AS found FROM personal_data",
)
PERSONAL_ITEMS = Figure(
    "gate_personal_items",
    "Items of the dump with personal data",
    "SELECT count(DISTINCT item_id) AS items FROM personal_data",
)
THIRD_PARTIES = Figure(
    "gate_personal_third",
    "Of these values, those not known to be of own people or public figures",
    "SELECT count(DISTINCT (kind, value_hash)) AS found FROM personal_data "
    "WHERE standing = 'third_party'",
)
PERSONAL_KINDS = Figure(
    "gate_personal_kinds",
    "Different values of personal data, by kind",
    "SELECT kind, count(DISTINCT value_hash) AS found FROM personal_data GROUP BY kind "
    "ORDER BY count(DISTINCT value_hash) DESC, kind",
    keeps=Keeps.ROWS,
)


def _matched(word: str, condition: str, label: str) -> Figure:
    return Figure(
        f"gate_decoys_{word}",
        label,
        f"SELECT count(DISTINCT item_id) AS items FROM decoy_match WHERE {condition}",  # noqa: S608
    )


SEALED = _matched("sealed", "standing = 'decoy'", "Items that are decoys sealed before the leak")
ASSERTED = _matched("asserted", "standing = 'decoy_asserted'", "Items asserted to be decoys")
WORDED = _matched("worded", "relation = 'shares_text'", "Items that share words with a decoy")


def _all(desk: Desk, roll_up: str | None) -> Content:
    """Person-to-person and bulk mail, apart."""
    return join(
        desk.number(verdicts.counted(roll_up, is_bulk=False)),
        " person-to-person and ",
        desk.number(verdicts.counted(roll_up, is_bulk=True)),
        " bulk",
    )


def ties(desk: Desk) -> Answered:
    """Question 1."""
    if not value_of(desk.ask(verdicts.JUDGED)):
        return told(1, "No message of the dump has been judged.", anchors=("verdicts",))
    return told(
        1,
        *(_all(desk, "verified"), " messages are signed by the sender's domain over text, From, "),
        *("To, Subject and Date; ", _all(desk, "supported"), " are backed by less. In "),
        *(desk.number(UNSIGNED), " of all these, what the signature does not cover is named."),
        anchors=("verdicts",),
        rows=("verdict", "roll_up IN ('verified', 'supported')"),
    )


def copies(desk: Desk) -> Answered:
    """Question 2."""
    return told(
        2,
        *(desk.number(COPIES), " pairs of copies were laid beside each other; "),
        *(desk.number(DIFFERING), " differ in something that counts, and "),
        *(desk.number(ALTERED), " messages are altered copies of one that is vouched for."),
        anchors=("messages", "verdicts"),
        rows=("copy_pair", "outcome = 'differs'"),
    )


def shares(desk: Desk) -> Answered:
    """Question 4."""
    parts: list[Content] = []
    for word in _ROLL_UPS:
        parts += [f"{word}: ", _all(desk, word), "; "]
    return told(
        4,
        *parts,
        "the verified part says nothing of the rest, and unknown is no suspicion.",
        anchors=("verdicts",),
        rows=("verdict",),
    )


def decoys(desk: Desk) -> Answered:
    """Question 3."""
    if not value_of(desk.ask(REGISTERED)):
        return told(
            3,
            "No registry of decoys was added to the case: ",
            desk.number(REGISTERED),
            " are known. That is no sign that there are none; decoys are never inferred.",
            anchors=("decoys", "verdicts"),
        )
    return told(
        3,
        *(desk.number(REGISTERED), " decoys are registered. "),
        *(desk.number(SEALED), " items of the dump are decoys, sealed before the leak; "),
        *(desk.number(ASSERTED), " are asserted to be, without a trusted time before it; "),
        *(desk.number(WORDED), " share words with one, which is evidence and no verdict."),
        anchors=("decoys", "verdicts"),
        rows=("decoy_match",),
    )


def personal(desk: Desk) -> Answered:
    """Question 11."""
    if not value_of(desk.ask(PERSONAL)):
        return told(
            11,
            "No personal data was found by the recognisers: ",
            desk.number(PERSONAL),
            ". They find numbers and addresses. ",
            names_told(desk),
            anchors=("personal", "exposure"),
        )
    parts: list[Content] = []
    for row in desk.ask(PERSONAL_KINDS).rows:
        parts += ["; " if parts else "", f"{row['kind'].replace('_', ' ')} {row['found']:,}"]
    return told(
        11,
        *(desk.number(PERSONAL), " different values of personal data in "),
        *(desk.number(PERSONAL_ITEMS), " items: ", *parts, desk.mark(PERSONAL_KINDS), ". "),
        *(desk.number(THIRD_PARTIES), " of them belong to third parties, as far as is known. "),
        names_told(desk),
        anchors=("personal", "exposure"),
        rows=("personal_data",),
    )
