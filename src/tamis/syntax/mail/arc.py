"""The ARC sets of a message: structure, seals, message signatures, as facts; no verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.syntax.domain import align, to_ascii
from tamis.syntax.mail.auth_results import AuthResults, read_results
from tamis.syntax.mail.dkim import Tags, read_tags, relaxed_header, without_signature
from tamis.syntax.mail.dkim_facts import Letter, SignatureFacts, measure, measure_key, read_claims
from tamis.syntax.mail.dkim_rules import (
    ALGORITHMS,
    Violation,
    check_names,
    check_numbers,
    check_syntax,
)
from tamis.syntax.mail.words import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_keys import KeyRing
    from tamis.syntax.mail.headers import Field, Headers

MAX_INSTANCE = 50
# What all ARC fields of a message may weigh: fifty honest sets weigh a fifth of it.
MAX_BYTES = 1 << 20
RESULTS, MESSAGE, SEAL = (
    b"arc-authentication-results",
    b"arc-message-signature",
    b"arc-seal",
)
_KINDS = (RESULTS, MESSAGE, SEAL)
_INSTANCE = re.compile(r"\s*i\s*=\s*([0-9]{1,2})\s*(?:;|\Z)")
_NUMBER = re.compile(r"[0-9]{1,2}\Z")
_STATES = ("none", "fail", "pass")
_REQUIRED = ("i", "a", "b", "cv", "d", "s")
_FORM, _SEALING, _VALIDATING = (f"RFC 8617 section {n}" for n in ("4.2", "4.1.3", "5.2"))


@dataclass(frozen=True, slots=True)
class ArcSet:
    """One instance: what its server found, its signature over the message, its seal."""

    instance: int
    results: AuthResults
    message: SignatureFacts
    seal: SignatureFacts
    stated: str | None


@dataclass(frozen=True, slots=True)
class ArcChain:
    """The sets in increasing instance order (none where the structure is broken), and the state.

    `state` is pass, fail, unable (a key is not known, or the fields are too many to compute) or
    none; `oldest_pass` the oldest instance since which the message is unchanged, 0 for all of
    them (RFC 8617 section 5.2), None where the latest does not hold.
    """

    state: str
    count: int = 0
    sets: tuple[ArcSet, ...] = ()
    oldest_pass: int | None = None
    violations: tuple[Violation, ...] = ()

    @property
    def latest(self) -> ArcSet | None:
        """The set with the highest instance."""
        return self.sets[-1] if self.sets else None


def has_arc(display: Display) -> bool:
    """Whether a message carries any field of ARC."""
    ranks = display.ranks
    return SEAL in ranks or MESSAGE in ranks or RESULTS in ranks


def read_chain(raw: bytes, headers: Headers, display: Display, keys: KeyRing) -> ArcChain:
    """The facts about the ARC sets of a message; never raises.

    Source    RFC 8617 sections 4 and 5.2. Departures: a chain of which no check fails, and one
              cannot be made for want of a key, is `unable`; every seal and message signature is
              computed although one has failed; x= and clocks decide nothing.
    Limits    A chain that passes says who handled the message, not that any of them is honest.
    """
    if not has_arc(display):
        return ArcChain("none")
    found, broken = _collect(headers, display)
    count = max(found, default=0)
    if broken:
        return ArcChain("fail", count, violations=tuple(broken[:20]))
    fields = headers.fields
    size = sum(len(fields[rank].value) for ranks in found.values() for rank in ranks.values())
    if size > MAX_BYTES:
        what = f"the fields of ARC hold {size:,} bytes; above {MAX_BYTES:,} they are not computed"
        return ArcChain("unable", count, violations=(Violation(_VALIDATING, what),))
    letter = Letter(raw, headers, display, keys)
    sets = _measure_sets(letter, found)
    state, violations = _validate(sets)
    return ArcChain(state, count, sets, _oldest_pass(sets), tuple(violations))


def _collect(
    headers: Headers, display: Display
) -> tuple[dict[int, dict[bytes, int]], list[Violation]]:
    """The ranks of the fields by instance and name, and what is wrong with the structure."""
    found: dict[int, dict[bytes, int]] = {}
    broken: list[Violation] = []
    for kind in _KINDS:
        ranks = display.ranks.get(kind, ())
        if len(ranks) > MAX_INSTANCE:
            broken.append(Violation(_FORM, f"{_name(kind)} stands {len(ranks)} times"))
        for rank in ranks[: MAX_INSTANCE + 1]:
            instance = _instance(kind, headers.fields[rank])
            if instance is None:
                broken.append(Violation(_FORM, f"an {_name(kind)} has no instance from 1 to 50"))
            elif kind in found.setdefault(instance, {}):
                broken.append(Violation(_FORM, f"{_name(kind)} stands twice as i={instance}"))
            else:
                found[instance][kind] = rank
    for instance in range(1, max(found, default=0) + 1):
        broken += [
            Violation(_FORM, f"{_name(kind)} i={instance} is missing")
            for kind in _KINDS
            if kind not in found.get(instance, {})
        ]
    return found, broken


def _name(kind: bytes) -> str:
    words = kind.decode().split("-")
    return "-".join(["ARC", *(word.capitalize() for word in words[1:])])


def _instance(kind: bytes, item: Field) -> int | None:
    if kind == RESULTS:
        match = _INSTANCE.match(text_of(item.value))
        number = match[1] if match else ""
    else:
        number = read_tags(item.value).squeezed("i") or ""
    if not _NUMBER.match(number):
        return None
    instance = int(number)
    return instance if 1 <= instance <= MAX_INSTANCE else None


def _measure_sets(letter: Letter, found: Mapping[int, Mapping[bytes, int]]) -> tuple[ArcSet, ...]:
    fields = letter.headers.fields
    sealed: list[bytes] = []
    sets = []
    for instance in sorted(found):
        ranks = found[instance]
        results = text_of(fields[ranks[RESULTS]].value).partition(";")[2]
        seal = fields[ranks[SEAL]]
        tags = read_tags(seal.value)
        sealed += [_relaxed(fields[ranks[RESULTS]]), _relaxed(fields[ranks[MESSAGE]])]
        own = relaxed_header(seal.name, without_signature(seal.value))
        # A chain that has failed is sealed anew: over its own set alone (section 5.1.2).
        scope = sealed[-2:] if tags.squeezed("cv") == "fail" else sealed
        data = b"".join(scope) + own.removesuffix(b"\r\n")
        sets.append(
            ArcSet(
                instance,
                read_results(results),
                _measure_message(letter, 2 * instance - 2, ranks[MESSAGE]),
                _measure_seal(letter, 2 * instance - 1, ranks[SEAL], tags, data),
                tags.squeezed("cv"),
            )
        )
        sealed.append(_relaxed(seal))
    return tuple(sets)


def _relaxed(item: Field) -> bytes:
    return relaxed_header(item.name, item.value)


def _measure_message(letter: Letter, position: int, rank: int) -> SignatureFacts:
    """An ARC-Message-Signature, measured as the DKIM signature that it is but for v= and i=."""
    tags = read_tags(letter.headers.fields[rank].value)
    values = {"v": "1"} | {name: text for name, text in tags.values.items() if name != "i"}
    facts = measure(
        letter, position, rank, Tags(values, tags.repeated, tags.broken, tags.is_untidy)
    )
    found = list(facts.violations)
    if facts.algorithm == "rsa-sha1":
        found.append(Violation("RFC 8301 section 3.1", "a=rsa-sha1 must not be used"))
    if "v" in tags.values:
        found.append(Violation("RFC 8617 section 4.1.2", "v= is not defined", is_fatal=False))
    if "arc-seal" in facts.signed_headers:
        found.append(Violation("RFC 8617 section 4.1.2", "h= names ARC-Seal"))
    return _with(facts, identity=tags.squeezed("i"), violations=tuple(found))


def _with(facts: SignatureFacts, **changed: Any) -> SignatureFacts:
    values = {name: getattr(facts, name) for name in SignatureFacts.__slots__}
    return SignatureFacts(**(values | changed))


def _measure_seal(
    letter: Letter, position: int, rank: int, tags: Tags, data: bytes
) -> SignatureFacts:
    item = letter.headers.fields[rank]
    found = check_syntax(tags, "the seal")
    found += [
        Violation(_SEALING, f"the required tag {name}= is missing")
        for name in _REQUIRED
        if not tags.values.get(name)
    ]
    without_instance = Tags({k: v for k, v in tags.values.items() if k != "i"})
    found += check_names(without_instance) + check_numbers(without_instance)
    algorithm = (tags.text("a") or "").lower()
    if algorithm and (algorithm not in ALGORITHMS or algorithm == "rsa-sha1"):
        found.append(Violation("RFC 8301 section 3.1", f"a={algorithm[:30]} must not be used"))
    if tags.squeezed("cv") not in {*_STATES, None}:
        found.append(Violation(_SEALING, "cv= is none of none, fail and pass"))
    if "h" in tags.values:
        found.append(Violation(_SEALING, "h= is not allowed in a seal"))
    facts = read_claims(without_instance)
    facts |= {
        "canonicalization": "relaxed",
        "identity": tags.squeezed("i"),
        "signed_headers": tuple(kind.decode() for kind in _KINDS),
        "body_length_signed": None,
    }
    sender, domain = letter.display.sender.domain, facts["domain"]
    if sender is not None:
        facts["alignment"] = "none" if domain is None else align(domain, sender)
    found += measure_key(letter, without_instance, data, facts)
    return SignatureFacts(
        position, item.byte_start, item.byte_end, violations=tuple(found), **facts
    )


def holds(facts: SignatureFacts, *, has_body: bool = False) -> bool | None:
    """Whether a signature is valid, apart from what its key is worth; None without a key.

    `has_body` for a message signature, which is valid only if the body is the signed one.
    """
    if facts.is_voided or facts.header_verifies is False:
        return False
    if has_body and facts.body_matches is not True:
        return False
    return facts.header_verifies


def _validate(sets: Sequence[ArcSet]) -> tuple[str, list[Violation]]:
    """The state of a chain whose structure is whole, and what fails."""
    latest = sets[-1]
    if latest.stated == "fail":
        return "fail", [Violation(_VALIDATING, "the latest seal says that the chain has failed")]
    found = []
    for one in sets:
        wanted = "none" if one.instance == 1 else "pass"
        if one.stated != wanted:
            what = f"the seal i={one.instance} states cv={(one.stated or '')[:20]}, not {wanted}"
            found.append(Violation(_VALIDATING, what))
    if holds(latest.message, has_body=True) is False:
        what = f"the message signature i={latest.instance} does not hold"
        found.append(Violation(_VALIDATING, what))
    found += [
        Violation(_VALIDATING, f"the seal i={one.instance} does not hold")
        for one in sets
        if holds(one.seal) is False
    ]
    if found:
        return "fail", found
    is_unable = holds(latest.message, has_body=True) is None or any(
        holds(one.seal) is None for one in sets
    )
    return ("unable" if is_unable else "pass"), found


def _oldest_pass(sets: Sequence[ArcSet]) -> int | None:
    """The oldest instance since which every message signature holds; 0 where all of them do."""
    if not holds(sets[-1].message, has_body=True):
        return None
    for one in reversed(sets[:-1]):
        if not holds(one.message, has_body=True):
            return one.instance + 1
    return 0


def sealer_of(chain: ArcChain) -> str | None:
    """The domain of the latest seal if it holds, and if the message signature is of its own house.

    A seal beside a message signature of another house speaks for nobody in particular.
    """
    latest = chain.latest
    if latest is None or not holds(latest.seal) or latest.seal.domain is None:
        return None
    signer = latest.message.domain
    same = signer is not None and align(signer, latest.seal.domain) != "none"
    return to_ascii(latest.seal.domain) if same else None
