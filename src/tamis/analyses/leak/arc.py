"""What the ARC chain of a message attests, as facts and evidence; the verdict reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.signature_rows import row_of
from tamis.findings import Evidence, Outcome, Ref
from tamis.findings.verdict import Word
from tamis.findings.verdict_rules import decide
from tamis.registry import Check
from tamis.syntax.mail.arc import ArcChain, ArcSet, holds, read_chain, sealer_of
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.headers import split
from tamis.syntax.mail.reading import judge_reading

if TYPE_CHECKING:
    from collections.abc import Collection

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts
    from tamis.syntax.mail.dkim_keys import KeyRing
    from tamis.syntax.mail.headers import Headers
    from tamis.syntax.mail.reading import Ruling

NAME = "arc"
VERSION = 1
# Who seals mail for many and checks it before: each domain with where its seals can be seen.
KNOWN_SEALERS = {
    "google.com": "Gmail; seals of selector arc-20160816 in public archives of 2017 and later",
    "microsoft.com": "Exchange Online; seals of selector arcselector9901 in public list archives",
    "messagingengine.com": "Fastmail; seals of selectors fm1 and fm3 in public archives",
    "zohomail.com": "Zoho Mail; seals of selector zohoarc in public list archives",
}
_ENOUGH = frozenset({Word.VERIFIED, Word.VERIFIED_PARTLY})
_OUTSIDE = frozenset({"dns", "archive", "party"})


@dataclass(frozen=True, slots=True)
class ArcFinding:
    """The chain of one message, what it is worth, and why it is worth no more."""

    chain: ArcChain
    chain_holds: bool
    is_known_sealer: bool
    attests_from: bool
    sealer: str | None
    kept_from: tuple[str, ...]

    @property
    def signatures(self) -> tuple[SignatureFacts, ...]:
        """Message signature and seal of each set, in instance order."""
        return tuple(facts for one in self.chain.sets for facts in (one.message, one.seal))

    def row(self, item_id: str) -> dict[str, Any]:
        """The row of `arc_chain` without the columns that name the run."""
        latest = self.chain.latest
        results = None if latest is None else latest.results
        return {
            "item_id": item_id,
            "chain_holds": self.chain_holds,
            "is_known_sealer": self.is_known_sealer,
            "attests_from": self.attests_from,
            "sealer": self.sealer,
            "instance_count": self.chain.count,
            "chain_state": self.chain.state,
            "oldest_pass_instance": self.chain.oldest_pass,
            "aar_authserv_id": results and results.server,
            "aar_dkim": results and results.word_of("dkim"),
            "aar_spf": results and results.word_of("spf"),
            "aar_dmarc": results and results.word_of("dmarc"),
            "aar_from_domain": results and results.from_domain(),
            "violations": [str(one) for one in self.chain.violations],
            "detail": self.describe(),
        }

    def signature_rows(self, item_id: str, first: int) -> list[dict[str, Any]]:
        """Rows of `signature`, positions from `first` on, without the columns of the run."""
        return [
            row_of(item_id, facts, NAME, _describe(facts, rank % 2 == 1))
            | {"position": first + rank}
            for rank, facts in enumerate(self.signatures)
        ]

    def describe(self) -> str:
        """One sentence about the chain that a reporter can quote."""
        count = self.chain.count
        told = f"ARC chain of {count} {'set' if count == 1 else 'sets'}"
        if self.sealer:
            told += f", last sealed by {self.sealer}"
        if self.chain_holds:
            return f"{told}: it holds, and {self._attested()}."
        return f"{told}: it attests nothing: {'; '.join(self.kept_from)}."

    def _attested(self) -> str:
        known = "" if self.is_known_sealer else " (no known sealer)"
        server = self.chain.latest and self.chain.latest.results.server
        if self.attests_from:
            return f"{server}{known} states that the mail of the From domain passed its check"
        return f"{server}{known} does not state that the mail of the From domain passed its check"


def judge_chain(
    raw: bytes,
    headers: Headers,
    display: Display,
    keys: KeyRing,
    sealers: Collection[str] = (),
) -> ArcFinding | None:
    """What the ARC fields of a message are worth, None where it has none; never raises.

    Input     `sealers` are the domains that the case trusts beside `KNOWN_SEALERS`.
    Source    RFC 8617 section 5.2; the latest message signature is judged by the rules of DKIM
              signatures and must earn at least `verified_partly`, so that a changed display is
              never attested; every seal needs a key that an outside source attests.
    Limits    What the results of the latest instance say is what is attested, nothing before it.
    """
    chain = read_chain(raw, headers, display, keys)
    if chain.state == "none":
        return None
    sealer = sealer_of(chain)
    why = [str(one) for one in chain.violations]
    latest = chain.latest
    if chain.state == "unable":
        why += _missing(chain)
    elif chain.state == "pass" and latest is not None:
        why += _find_unattested(chain)
        why += _judge_message(raw, headers, display, latest)
        if display.sender.trouble:
            why.append(display.sender.trouble)
        if sealer is None:
            why.append("message signature and seal of the latest set are of different houses")
    known = {*KNOWN_SEALERS, *(one.strip().lower().rstrip(".") for one in sealers)}
    return ArcFinding(
        chain=chain,
        chain_holds=chain.state == "pass" and not why,
        is_known_sealer=sealer in known,
        attests_from=latest is not None and latest.results.attests(display.sender.domain),
        sealer=sealer,
        kept_from=tuple(why[:10]),
    )


def _missing(chain: ArcChain) -> list[str]:
    facts = [one.seal for one in chain.sets] + [one.message for one in chain.sets[-1:]]
    names = {
        f"the key {one.selector}._domainkey.{one.domain} is not known or cannot be used"
        for one in facts
        if one.header_verifies is None
    }
    return sorted(names)


def _find_unattested(chain: ArcChain) -> list[str]:
    """Seals whose keys no outside source attests for the time, as sentences."""
    return [
        f"the key of the seal i={one.instance} is not attested from outside "
        f"({one.seal.key_status}, source {one.seal.key_source})"
        for one in chain.sets
        if one.seal.key_source not in _OUTSIDE
        or one.seal.key_covers is False
        or one.seal.key_status != "found"
    ]


def _judge_message(raw: bytes, headers: Headers, display: Display, latest: ArcSet) -> list[str]:
    """What keeps the latest message signature from fixing what is shown, as sentences."""

    def read(facts: SignatureFacts) -> Ruling:
        return judge_reading(raw, headers, display, facts)

    verdict = decide((latest.message,), display, read)
    if verdict.word in _ENOUGH:
        return []
    return [verdict.kept_from or f"the message signature earns only {verdict.word}"]


def check(raw: bytes, keys: KeyRing) -> tuple[Evidence, ...]:
    """What the ARC chain of a message shows, and each of its sets for itself.

    Source    RFC 8617 section 5.2, RFC 8601. A chain that lacks a key is unable, not failed.
    Limits    A chain that fails says nothing against a message: lists and gateways break chains.
              One that holds speaks for the sealer's word about the From domain, and for no more.
    """
    headers = split(raw)
    finding = judge_chain(raw, headers, read_display(headers), keys)
    return () if finding is None else evidence_of("", finding)


CHECK = Check(name=NAME, version=VERSION, reads=("bytes", "dkim_key"), check=check)


def evidence_of(item_id: str, finding: ArcFinding) -> tuple[Evidence, ...]:
    """The facts about a chain, each with where it can be looked up."""
    state = finding.chain.state
    is_held = finding.chain_holds and finding.is_known_sealer and finding.attests_from
    outcome = Outcome.SUPPORTS if is_held else Outcome.NEUTRAL
    rows = {"item_id": item_id}
    found = [
        Evidence(
            Outcome.UNABLE if state == "unable" else outcome,
            finding.describe(),
            Ref(item_id, table="arc_chain", rows=rows),
        )
    ]
    for one in finding.chain.sets:
        for facts, is_seal in ((one.message, False), (one.seal, True)):
            held = holds(facts, has_body=not is_seal)
            ref = Ref(item_id, facts.byte_start, facts.byte_end)
            word = Outcome.UNABLE if held is None else Outcome.NEUTRAL
            found.append(
                Evidence(Outcome.SUPPORTS if held else word, _describe(facts, is_seal), ref)
            )
    return tuple(found)


def _describe(facts: SignatureFacts, is_seal: bool) -> str:  # noqa: FBT001 (which of two)
    """One sentence about a message signature or a seal."""
    name = "ARC-Seal" if is_seal else "ARC-Message-Signature"
    words = {True: "holds", False: "does not hold", None: "cannot be computed: no usable key"}
    parts = [f"it {words[facts.header_verifies]}"]
    if not is_seal:
        body = {True: "matches", False: "differs", None: "cannot be compared"}
        parts.append(f"the body {body[facts.body_matches]}")
    if facts.key_source:
        parts.append(f"key {facts.key_status} (source: {facts.key_source}, {facts.key_label})")
    parts += [str(one) for one in facts.violations]
    return f"{name} i={facts.identity} of {facts.domain or 'no domain'}: {'; '.join(parts)}."
