"""What the DKIM signatures of a message prove, as facts, evidence and a verdict."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.dkim_words import describe, evidence_of
from tamis.analyses.leak.signature_rows import row_of
from tamis.findings.verdict_rules import RULE_VERSION, decide
from tamis.registry import Check
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.dkim_facts import read_signatures
from tamis.syntax.mail.dkim_keys import KeyRing
from tamis.syntax.mail.headers import split
from tamis.syntax.mail.reading import judge_reading

if TYPE_CHECKING:
    from tamis.findings import Evidence
    from tamis.findings.verdict import Verdict
    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts
    from tamis.syntax.mail.headers import Headers
    from tamis.syntax.mail.reading import Ruling

__all__ = ["CHECK", "VERSION", "KeyRing", "MessageVerdict", "check", "verify_message"]

NAME = "dkim"
VERSION = 1
ANALYSIS_VERSION = f"{NAME}/{VERSION} rules/{RULE_VERSION}"


@dataclass(frozen=True, slots=True)
class MessageVerdict:
    """One message measured and judged: signature facts from the top, display facts, verdict."""

    item_id: str
    headers: Headers
    signatures: tuple[SignatureFacts, ...]
    display: Display
    verdict: Verdict

    def evidence(self) -> tuple[Evidence, ...]:
        """Every fact for itself, as evidence about the message."""
        return evidence_of(self.item_id, self.headers, self.signatures, self.display)

    def signature_rows(self, run_id: str = "") -> list[dict[str, Any]]:
        """Rows of the table `signature`, one a signature."""
        return [
            row_of(self.item_id, one, "dkim", describe(one))
            | {"run_id": run_id, "analysis_version": ANALYSIS_VERSION}
            for one in self.signatures
        ]

    def evidence_rows(self, run_id: str = "") -> list[dict[str, Any]]:
        """Rows of the table `evidence`, one a fact."""
        return [
            {
                "evidence_id": one.identify(self.item_id, NAME, VERSION),
                "subject_kind": "item",
                "subject_id": self.item_id,
                "check_name": NAME,
                "check_version": VERSION,
                "outcome": str(one.outcome),
                "detail": one.detail,
                "ref": one.ref.to_json(),
                "false_alarm_rate": None,
                "run_id": run_id,
                "analysis_version": ANALYSIS_VERSION,
            }
            for one in self.evidence()
        ]

    def verdict_row(self, run_id: str = "") -> dict[str, Any]:
        """The row of the table `verdict`."""
        ids = tuple(one.identify(self.item_id, NAME, VERSION) for one in self.evidence())
        return self.verdict.row(self.item_id, ids, run_id, ANALYSIS_VERSION)


def verify_message(raw: bytes, keys: KeyRing, item_id: str | None = None) -> MessageVerdict:
    """The signature facts, the display facts and the verdict of one message; never raises.

    Input     `raw` is one message (not an mbox of several); `item_id` is its SHA-256 if known.
    Source    RFC 6376, 8301, 8463; the rules are in `tamis.findings.verdict_rules`.
    Limits    What the verdict does not claim stands in the verdict.
    """
    headers = split(raw)
    display = read_display(headers)
    signatures = read_signatures(raw, headers, display, keys)

    def read(facts: SignatureFacts) -> Ruling:
        return judge_reading(raw, headers, display, facts)

    verdict = decide(signatures, display, read)
    return MessageVerdict(
        item_id or hashlib.sha256(raw).hexdigest(), headers, signatures, display, verdict
    )


def check(raw: bytes, keys: KeyRing) -> tuple[Evidence, ...]:
    """What each DKIM signature of a message shows, each fact for itself.

    Source    RFC 6376, RFC 8301, RFC 8463. A signature that a standard voids is still computed,
              x= is compared with t= only, mail stored with LF is hashed with CRLF.
    Limits    A signature that fails means unsigned, not forged. One that holds speaks for the
              signed fields and the body, for the holder of the key, and for nobody's honesty.
    """
    return verify_message(raw, keys).evidence()


CHECK = Check(name=NAME, version=VERSION, reads=("bytes", "dkim_key"), check=check)
