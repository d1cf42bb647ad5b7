"""What runs inside the cell for the leak stage: messages in, fact and verdict rows out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from tamis.analyses.leak.dkim import NAME, VERSION, KeyRing, verify_message
from tamis.analyses.leak.other_signatures import Trust, other_rows
from tamis.analyses.leak.signed_mail import signers_of
from tamis.findings import Evidence, Outcome, Ref
from tamis.findings.verdict import Verdict, Word
from tamis.findings.verdict_rules import RULE_VERSION
from tamis.findings.verdict_words import STANDING
from tamis.syntax.mail.display_hash import display_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from tamis.cell.output import Output

REBUILT = "store.rebuilt"


def check_messages(
    items: Sequence[Mapping[str, Any]],
    inputs: Sequence[BinaryIO],
    args: Mapping[str, Any],
    out: Output,
) -> dict[str, int]:
    """How many messages were judged; the rows go to `out`.

    Input     `inputs[:2]` are Arrow streams of `dkim_key` and `signer_key`;
              `inputs[item["input"]]` holds the bytes of the message `item["item_id"]`; `args` are
              the columns that name the run, and `known_sealers`, the domains of the case
    Output    signature, arc_chain, signature_evidence, signature_verdict, display_hash
    """
    import pyarrow as pa  # noqa: PLC0415  loads Arrow in the worker only

    keys = ring_of(pa.ipc.open_stream(inputs[0]).read_all())
    signers = signers_of(pa.ipc.open_stream(inputs[1]).read_all().to_pylist())
    trust = Trust(keys, args.get("known_sealers", ()), signers)
    stamp = {name: text for name, text in args.items() if name != "known_sealers"}
    for item in items:
        raw = inputs[item["input"]].read()
        judged = verify_message(raw, keys, item["item_id"])
        for row in judged.signature_rows():
            out.row("signature", {**row, **stamp})
        for row in judged.evidence_rows():
            out.row("signature_evidence", {**row, **stamp})
        for table, row in other_rows(raw, judged, trust):
            out.row(table, {**row, **stamp})
        out.row("signature_verdict", {**judged.verdict_row(), **stamp})
        hashes = display_hashes(raw, judged.headers, judged.display)
        out.row("display_hash", {"item_id": item["item_id"], **asdict(hashes), **stamp})
    return {"message_count": len(items)}


def ring_of(known: pa.Table) -> KeyRing:
    """The keys of a table that may hold those of a whole archive: rows come out when asked for."""
    stated = (known.schema.metadata or {}).get(b"leak_at", b"").decode()
    places: dict[str, list[int]] = {}
    for place, name in enumerate(known["key_name"].to_pylist()):
        places.setdefault(name, []).append(place)

    def load(name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        if name in places:
            rows = known.take(places[name]).to_pylist()
        return rows

    published = known.filter(known["is_private_published"]).to_pylist()
    leak_at = datetime.fromisoformat(stated) if stated else None
    return KeyRing(published, leak_at, load=load)


def unchecked(item_id: str, reason: str) -> dict[str, dict[str, Any]]:
    """The evidence and verdict rows of a message whose check did not end, by table.

    Limits    Says that nothing is known; the reason is in the evidence.
    """
    why = f"it could not be checked: {reason}"
    return _unknown(item_id, "not_checked", f"not checked: {reason}", why)


def rebuilt(item_id: str) -> dict[str, dict[str, Any]]:
    """The evidence and verdict rows of a message rebuilt from a PST, an OST or an MSG, by table.

    Source    design section 4: a message rebuilt from a store reaches nothing by a body hash.
    Limits    A message that Outlook kept whole inside (attached as .eml) is an item of its own,
              and is checked as one.
    """
    why = (
        "rebuilt from an Outlook store: the store keeps properties and not the bytes that were "
        "sent, so that no signature can be checked against them"
    )
    return _unknown(item_id, REBUILT, why, why)


def _unknown(item_id: str, rule_id: str, detail: str, why: str) -> dict[str, dict[str, Any]]:
    fact = Evidence(Outcome.UNABLE, detail, Ref(item_id=item_id))
    evidence_id = fact.identify(item_id, NAME, VERSION)
    verdict = Verdict(
        word=Word.UNVERIFIABLE,
        rule_id=rule_id,
        rule_version=RULE_VERSION,
        claims=(),
        does_not_claim=STANDING,
        kept_from=why,
    )
    evidence = {
        "evidence_id": evidence_id,
        "subject_kind": "item",
        "subject_id": item_id,
        "check_name": NAME,
        "check_version": VERSION,
        "outcome": str(fact.outcome),
        "detail": fact.detail,
        "ref": fact.ref.to_json(),
        "false_alarm_rate": None,
    }
    return {
        "signature_evidence": evidence,
        "signature_verdict": verdict.row(item_id, (evidence_id,), "", ""),
    }
