"""A leaked case filled by hand: messages in mailboxes, some of them called verified."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.analyses.leak.signature_verdict import TABLE as VERDICTS
from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import RunContext, run_stage
from tamis.run.intake import add
from tamis.run.stages import stages

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = "alice@campaign.example", "bob@town.example", "carol@town.example"
STAGES = ("leak.traffic", "leak.mailboxes", "leak.copies", "leak.quotes", "leak.attached_in")


def letter(number: int, sender: str, receiver: str, **more: str) -> bytes:
    """A plain message; an empty value takes a field out."""
    given = {
        "From": sender,
        "To": receiver,
        "Subject": f"letter {number}",
        "Date": "2 May 2017 10:00:00 +0000",
        "Message-ID": f"<{number}@x.example>",
        **{name.replace("_", "-"): value for name, value in more.items() if name != "body"},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"{head}\r\n{more.get('body', f'text of {number}')}\r\n".encode()


class Box:
    """A case whose messages are given as bytes; which are verified is said, not computed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.verified: set[str] = set()

    def put(self, data: bytes, box: str, *, is_verified: bool = False) -> str:
        """The item id of a message put into a mailbox."""
        item_id = hashlib.sha256(data).hexdigest()
        path = self.folder / "leak" / box / f"{item_id[:20]}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if is_verified:
            self.verified.add(item_id)
        return item_id

    def run(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table once the stages have run."""
        self.case = Case.create(self.folder / "case", title="t")
        add(self.case, [self.folder / "leak"])
        return run_over(self.case, self.verified, table)


def run_over(case: Case, verified: set[str], table: str) -> list[dict[str, Any]]:
    """The rows of a table, once the stages have run over verdicts that are given."""
    with case.writer() as writer:
        with writer.view() as view:
            ids = view.table("message", ["item_id"]).column("item_id").to_pylist()
        writer.replace(
            VERDICTS, records.table(VERDICTS).build([_verdict(one, verified) for one in ids])
        )
        signed = [_signature(one) for one in ids if one in verified]
        writer.replace("signature", records.table("signature").build(signed))
        writer.commit()
        for stage in stages(["leak"]):
            if stage.name in STAGES:
                run_stage(writer, stage, RunContext("r1", "duckdb", 2, Silent()))
    with case.view() as view:
        rows: list[dict[str, Any]] = view.table(table).to_pylist()
    return rows


def _verdict(item_id: str, verified: set[str]) -> dict[str, Any]:
    is_verified = item_id in verified
    return {
        "item_id": item_id,
        "verdict": "verified" if is_verified else "unverifiable",
        "roll_up": "verified" if is_verified else "unknown",
        "rule_id": "given",
        "rule_version": 1,
        "signature_position": 0 if is_verified else None,
        "evidence_ids": [],
        "granted": [],
        "claims": [],
        "does_not_claim": [],
        "run_id": "r0",
        "analysis_version": "given/1",
    }


def _signature(item_id: str) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "position": 0,
        "kind": "dkim",
        "canonicalization": "relaxed/relaxed",
        "key_status": "found",
        "signed_headers": ["from", "to", "subject", "date", "message-id", "in-reply-to"],
        "conforms": True,
        "violations": [],
        "detail": "given",
        "run_id": "r0",
        "analysis_version": "given/1",
    }
