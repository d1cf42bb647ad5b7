"""The DKIM signatures of a message as separate facts; no verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tamis.syntax.domain import align, to_ascii
from tamis.syntax.mail import date
from tamis.syntax.mail.dkim import (
    BodyHashes,
    Tags,
    decode_base64,
    digest,
    read_tags,
    relaxed_header,
    relaxed_plain_header,
    simple_header,
    without_signature,
)
from tamis.syntax.mail.dkim_keys import KeyRing, find_doubt
from tamis.syntax.mail.dkim_rules import (
    ALGORITHMS,
    Violation,
    check_key,
    check_signature,
    read_forms,
    read_number,
)
from tamis.syntax.mail.words import text_of

if TYPE_CHECKING:
    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_keys import KeySource
    from tamis.syntax.mail.headers import Headers

# A hostile message can hold thousands of signatures; honest ones hold a handful.
MAX_SIGNATURES = 64
# Defects under which bytes that only look like white space may stand in a value.
_SPECIAL = frozenset({"bare_cr", "control_character", "nul"})


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """One signature, each fact for itself; the names are those of the table `signature`.

    `signed_ranks` are the fields (rank from the top) that the signature covers, `signed_absent` the
    names it covers beyond the instances present, so that none can be added. `is_rest_blank` says
    that the body holds nothing but white space after the signed length.
    """

    position: int
    byte_start: int
    byte_end: int
    domain: str | None = None
    selector: str | None = None
    identity: str | None = None
    algorithm: str | None = None
    canonicalization: str | None = None
    key_bits: int | None = None
    signed_headers: tuple[str, ...] = ()
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    body_length_signed: int | None = None
    body_length_unsigned: int | None = None
    body_matches: bool | None = None
    header_verifies: bool | None = None
    covers_whole_body: bool | None = None
    is_rest_blank: bool | None = None
    alignment: str | None = None
    key_source: str | None = None
    key_label: str | None = None
    key_status: str = "absent"
    key_covers: bool | None = None
    key_trouble: str | None = None
    is_key_late: bool = False
    violations: tuple[Violation, ...] = ()
    signed_ranks: frozenset[int] = frozenset()
    signed_absent: frozenset[bytes] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether nothing departs from the standards, apart from the cryptography."""
        return not self.violations

    @property
    def is_voided(self) -> bool:
        """Whether by the standards no valid signature is there, whatever the arithmetic says."""
        return any(violation.is_fatal for violation in self.violations)

    def signs(self, name: bytes, display: Display) -> bool:
        """Whether every instance of a field, or its absence, is covered."""
        ranks = display.ranks.get(name, ())
        if not ranks:
            return name in self.signed_absent
        return all(rank in self.signed_ranks for rank in ranks)


@dataclass(slots=True)
class Letter:
    """What all signatures of one message share, DKIM and ARC alike."""

    raw: bytes
    headers: Headers
    display: Display
    keys: KeyRing
    bodies: BodyHashes = field(init=False)

    def __post_init__(self) -> None:
        self.bodies = BodyHashes(self.raw[self.headers.body_start :])

    def stated_at(self) -> datetime | None:
        """The instant in Date, None where it stands not exactly once or cannot be read."""
        ranks = self.display.ranks.get(b"date", ())
        read = date.parse(text_of(self.headers.fields[ranks[0]].value)) if len(ranks) == 1 else None
        return None if read is None else read[0]


def read_signatures(
    raw: bytes, headers: Headers, display: Display, keys: KeyRing
) -> tuple[SignatureFacts, ...]:
    """The facts about every DKIM-Signature of a message, from the top; never raises.

    Source    RFC 6376 sections 3 and 6.1, RFC 8301, RFC 8463. Departures: a signature that a
              standard voids is still computed, so that the arithmetic is a fact of its own;
              x= is compared with t= only; a body stored with LF is hashed with CRLF.
    Limits    A failing signature says nothing about forgery (RFC 6376 section 6.1).
    """
    letter = Letter(raw, headers, display, keys)
    ranks = display.ranks.get(b"dkim-signature", ())
    return tuple(
        [
            measure(letter, position, rank, read_tags(letter.headers.fields[rank].value))
            if position < MAX_SIGNATURES
            else _refuse(letter, position, rank)
            for position, rank in enumerate(ranks)
        ]
    )


@dataclass(frozen=True, slots=True)
class SignedBytes:
    """What one signature was computed over: canonical header and body, hash, b= and bh=."""

    header: bytes
    body: bytes
    hash_name: str
    signature: bytes | None
    body_hash: bytes | None


def signed_bytes(
    raw: bytes, headers: Headers, display: Display, facts: SignatureFacts
) -> SignedBytes | None:
    """The bytes that one signature covers, for another program to check; None without a hash.

    Source    RFC 6376 sections 3.4, 3.7 and 5.4.2.
    """
    letter = Letter(raw, headers, display, KeyRing())
    rank = display.ranks[b"dkim-signature"][facts.position]
    tags = read_tags(headers.fields[rank].value)
    algorithm, forms = ALGORITHMS.get(facts.algorithm or ""), read_forms(tags)
    if algorithm is None or forms is None:
        return None
    body = letter.bodies.form(forms[1])[: facts.body_length_signed]
    return SignedBytes(
        _header_data(letter, rank, read_claims(tags)),
        body,
        algorithm[1],
        decode_base64(tags.squeezed("b")),
        decode_base64(tags.squeezed("bh")),
    )


def _refuse(letter: Letter, position: int, rank: int) -> SignatureFacts:
    item = letter.headers.fields[rank]
    why = f"more than {MAX_SIGNATURES} signatures: this one was not computed"
    return SignatureFacts(
        position,
        item.byte_start,
        item.byte_end,
        key_status="unusable",
        key_trouble=why,
        violations=(Violation("RFC 6376 section 6.1", why),),
    )


def measure(letter: Letter, position: int, rank: int, tags: Tags) -> SignatureFacts:
    """The facts about the signature whose field has that rank and whose tags are `tags`."""
    item = letter.headers.fields[rank]
    violations = check_signature(tags)
    facts: dict[str, Any] = read_claims(tags)
    violations += _measure_body(letter, tags, facts)
    domain = facts["domain"]
    sender = letter.display.sender.domain
    if sender is not None:
        facts["alignment"] = "none" if domain is None else align(domain, sender)
    data = _header_data(letter, rank, facts)
    violations += measure_key(letter, tags, data, facts)
    notes = _notes(letter)
    return SignatureFacts(
        position,
        item.byte_start,
        item.byte_end,
        violations=tuple(violations),
        notes=notes,
        **facts,
    )


def _notes(letter: Letter) -> tuple[str, ...]:
    ends = letter.headers.line_ends
    if ends in {"lf", "mixed"}:
        return (f"the message is stored with {ends} line ends and was hashed with CRLF",)
    return ()


def read_claims(tags: Tags) -> dict[str, Any]:
    """What the tags state, as columns."""
    domain, selector, algorithm = tags.text("d"), tags.text("s"), tags.text("a")
    forms = read_forms(tags)
    return {
        "domain": to_ascii(domain) if domain else None,
        "selector": selector.lower() if selector else None,
        "identity": tags.text("i"),
        "algorithm": algorithm.lower() if algorithm else None,
        "canonicalization": None if forms is None else "/".join(forms),
        "signed_headers": tags.listed("h"),
        "signed_at": _moment(read_number(tags, "t")),
        "expires_at": _moment(read_number(tags, "x")),
        "body_length_signed": _bounded(read_number(tags, "l")),
    }


def _bounded(number: int | None) -> int | None:
    """A length that fits the table's 64 bits; what is longer is as good as the largest."""
    return None if number is None else min(number, (1 << 63) - 1)


def _moment(seconds: int | None) -> datetime | None:
    """The instant of a UNIX time; None for one outside years 1-9999."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _measure_body(letter: Letter, tags: Tags, facts: dict[str, Any]) -> list[Violation]:
    """Put the facts about the body into `facts`; what its tags violate comes back."""
    found: list[Violation] = []
    algorithm = ALGORITHMS.get(facts["algorithm"] or "")
    forms = read_forms(tags)
    stated = decode_base64(tags.squeezed("bh"))
    if "bh" in tags.values and stated is None:
        found.append(Violation("RFC 6376 section 3.5", "bh= is no base64"))
    length = facts["body_length_signed"]
    if forms is None or ("l" in tags.values and length is None):
        return found
    size = letter.bodies.size(forms[1])
    if length is not None:
        facts["body_length_unsigned"] = max(0, size - length)
        if length > size:
            found.append(Violation("RFC 6376 section 3.5", "l= is longer than the body"))
        facts["is_rest_blank"] = letter.bodies.is_blank_after(forms[1], length)
    facts["covers_whole_body"] = length is None or length >= size
    if algorithm is not None and stated is not None:
        facts["body_matches"] = stated == letter.bodies.digest(forms[1], algorithm[1], length)
    return found


def _header_data(letter: Letter, rank: int, facts: dict[str, Any]) -> bytes:
    """The bytes that the signature covers in the header; what they are goes into `facts`.

    Source    RFC 6376 sections 3.7 and 5.4.2: instances are taken from the bottom, and a name
              without an instance left stands for nothing.
    """
    fields, raw = letter.headers.fields, letter.raw
    is_relaxed = (facts["canonicalization"] or "").startswith("relaxed/")
    is_plain = not _SPECIAL.intersection(defect.kind for defect in letter.headers.defects)
    relax = relaxed_plain_header if is_plain else relaxed_header
    left = {}
    ranks, absent, pieces = [], set(), []
    for name in facts["signed_headers"]:
        key = name.encode("latin-1")
        if key not in left:
            left[key] = list(letter.display.ranks.get(key, ()))
        if not left[key]:
            absent.add(key)
            continue
        taken = left[key].pop()
        # A signature does not cover itself by h=; its own field comes last, without b=.
        ranks.append(taken)
        item = fields[taken]
        pieces.append(relax(item.name, item.value) if is_relaxed else simple_header(raw, item))
    own = fields[rank]
    if is_relaxed:
        last = relax(own.name, without_signature(own.value))
    else:
        text = simple_header(raw, own)
        name, _, value = text.partition(b":")
        last = name + b":" + without_signature(value)
    facts["signed_ranks"] = frozenset(ranks)
    facts["signed_absent"] = frozenset(absent)
    return b"".join(pieces) + last.removesuffix(b"\r\n")


def measure_key(letter: Letter, tags: Tags, data: bytes, facts: dict[str, Any]) -> list[Violation]:
    """Put the facts about the key and the header signature into `facts`."""
    signature = decode_base64(tags.squeezed("b"))
    found = []
    if signature is None and tags.values.get("b"):
        found.append(Violation("RFC 6376 section 3.5", "b= is no base64"))
    sources: tuple[KeySource, ...] = ()
    if facts["domain"] and facts["selector"]:
        sources = letter.keys.named(f"{facts['selector']}._domainkey.{facts['domain']}")
    if not sources:
        return found
    moment = facts["signed_at"] or letter.stated_at()
    algorithm = ALGORITHMS.get(facts["algorithm"] or "")
    tried = [
        (_try(one, algorithm, signature, data), one) for one in _distinct_first(sources, moment)
    ]
    holds, chosen = max(tried, key=lambda pair: _TRIED[pair[0]])
    record = chosen.record
    facts["header_verifies"] = holds
    facts["key_bits"] = None if record.key is None else record.key.bits
    facts["key_source"] = chosen.source
    facts["key_label"] = chosen.label
    facts["key_covers"] = chosen.covers(moment)
    facts["key_status"] = _status(chosen, moment)
    facts["key_trouble"] = record.trouble
    facts["is_key_late"] = chosen.is_late
    doubt = find_doubt(chosen, sources, moment) if holds else None
    if doubt is not None:
        facts |= {"key_covers": False, "key_trouble": doubt}
        if facts["key_status"] in {"found", "testing"}:
            facts["key_status"] = "dated_out"
    return found + check_key(tags, record)


_TRIED = {True: 2, False: 1, None: 0}


def _distinct_first(sources: tuple[KeySource, ...], moment: datetime | None) -> list[KeySource]:
    """`sources` with the most trustworthy first: `max` keeps the first of equals."""

    def weakness(one: KeySource) -> tuple[int, ...]:
        covers = one.covers(moment)
        return (
            int(one.is_private_published),
            int(one.source == "recovered"),
            {True: 0, None: 1, False: 2}[covers],
            int(one.record.is_testing),
            {"dns": 0, "archive": 1, "party": 2}.get(one.source, 3),
        )

    if len(sources) == 1:
        return list(sources)
    return sorted(sources, key=weakness)


def _try(
    source: KeySource, algorithm: tuple[str, str] | None, signature: bytes | None, data: bytes
) -> bool | None:
    key = source.record.key
    if key is None or signature is None or algorithm is None or key.kind != algorithm[0]:
        return None
    return key.verify(signature, digest(data, algorithm[1]), algorithm[1])


def _status(source: KeySource, moment: datetime | None) -> str:
    record = source.record
    if record.is_revoked:
        return "revoked"
    if record.key is None:
        return "unusable"
    if source.is_private_published:
        return "private_published"
    if source.covers(moment) is False:
        return "dated_out"
    return "testing" if record.is_testing else "found"
