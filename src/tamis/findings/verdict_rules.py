"""The versioned rules by which signature facts become a verdict on a message.

Each signature is judged alone, the strongest decides, a failing one beside it is no evidence. The
rules decide `verified`, `verified_partly`, `display_conflict`, `key_consistent`, `body_differs`
and `unverifiable`; the other words of the scale need more than one message or an outside list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.findings.verdict import RollUp, Verdict, Word
from tamis.findings.verdict_words import claims_of, disclaimers_of, field_names
from tamis.syntax.domain import is_provider_derived
from tamis.syntax.mail.display import PRINCIPAL
from tamis.syntax.mail.reading import Grade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts
    from tamis.syntax.mail.reading import Ruling

RULE_VERSION = 6
_ALIGNED = frozenset({"exact", "organisational"})
_DEFECT_WORDS = {
    "bom": "a byte order mark stands on top",
    "leading_blank_line": "blank lines stand on top",
    "malformed_line": "a line is no header field",
    "malformed_name": "a field name holds characters that no name may hold",
    "space_before_colon": "white space stands before the colon of a field name",
    "blank_fold": "a folded line holds nothing but white space",
    "bare_cr": "a CR stands alone",
    "nul": "a NUL byte stands in it",
    "control_character": "a control character stands in it",
}


@dataclass(frozen=True, slots=True)
class _Judged:
    """One signature judged alone: the word it earns, the rule, and what kept it from more."""

    word: Word
    rule_id: str
    why: tuple[str, ...] = ()
    facts: SignatureFacts | None = None


def decide(
    signatures: Sequence[SignatureFacts],
    display: Display,
    read: Callable[[SignatureFacts], Ruling],
) -> Verdict:
    """The verdict on a message from its signature facts and its display facts.

    Input     `read(facts)` judges the structure fields that one signature leaves unsigned; it is
              asked only about signatures that hold.
    Source    design section 4; RFC 6376 section 6.1: a failing signature counts as none.
    Limits    What the verdict does not claim stands in the verdict.
    """
    judged = [_judge(facts, display, read) for facts in signatures]
    best = min(judged, key=lambda one: one.word.rank, default=None)
    if display.conflicts:
        best = _conflict(display, signatures, best)
    elif best is None:
        best = _Judged(Word.UNVERIFIABLE, "dkim.none", ("it carries no DKIM signature",))
    return Verdict(
        word=best.word,
        rule_id=best.rule_id,
        rule_version=RULE_VERSION,
        claims=claims_of(best.word, best.facts, display),
        does_not_claim=disclaimers_of(best.word, best.facts, display),
        kept_from="; ".join(best.why) or None,
        signature_position=None if best.facts is None else best.facts.position,
        counted_as=_counted_as(best, display),
    )


def _counted_as(best: _Judged, display: Display) -> RollUp | None:
    """`unknown` where whoever wants to can make such a signature, under any sender's name.

    Anybody can sign two mails with a key of his own, and let it be recovered from them; who made
    the dump can hand a key to an archive after the leak, or publish it in a domain that lapsed; and
    anybody who holds a domain, or is a provider's customer, can sign with it what names another
    in From.
    """
    facts = best.facts
    if facts is None or best.word not in {Word.KEY_CONSISTENT, Word.VERIFIED_PARTLY}:
        return None
    is_foreign = bool(display.sender.trouble) or facts.alignment not in _ALIGNED
    is_made_up = facts.key_source == "recovered" or facts.is_key_late
    return RollUp.UNKNOWN if is_foreign or is_made_up else None


def _conflict(
    display: Display, signatures: Sequence[SignatureFacts], best: _Judged | None
) -> _Judged:
    """The judgement on a message that shows one of its principal fields more than once."""
    holding = [one for one in signatures if one.header_verifies and not one.is_voided]
    facts = holding[0] if holding else (best.facts if best is not None else None)
    why = []
    for conflict in display.conflicts:
        text = f"{conflict.name} stands {len(conflict.positions)} times"
        if holding:
            signed = [rank for rank in conflict.positions if rank in holding[0].signed_ranks]
            places = [str(conflict.positions.index(rank) + 1) for rank in signed]
            which = " and ".join(places)
            text += f", signed is number {which} from the top" if places else ", none is signed"
        why.append(text)
    return _Judged(Word.DISPLAY_CONFLICT, "display.conflict", tuple(why), facts)


def _judge(
    facts: SignatureFacts, display: Display, read: Callable[[SignatureFacts], Ruling]
) -> _Judged:
    """What one signature alone earns."""
    void = _find_void(facts, display)
    if void:
        return _Judged(Word.UNVERIFIABLE, void[0], (void[1],), facts)
    if not facts.body_matches:
        why = "the header signature holds, but the body is not the one that was signed"
        return _Judged(Word.BODY_DIFFERS, "dkim.body_differs", (why,), facts)
    open_fields = _find_open_fields(facts, display)
    if open_fields:
        return _Judged(Word.UNVERIFIABLE, "dkim.fields_unsigned", tuple(open_fields), facts)
    if facts.covers_whole_body is not True and not facts.is_rest_blank:
        return _Judged(Word.UNVERIFIABLE, "dkim.unsigned_tail", (_why_tail(facts),), facts)
    return _judge_whole(facts, display, read(facts))


def _judge_whole(facts: SignatureFacts, display: Display, ruling: Ruling) -> _Judged:
    """What a signature earns that fixes the principal fields and matches the body."""
    tail = facts.covers_whole_body is False
    if ruling.grade is Grade.CONTRADICTED or (tail and _leaves_type(facts, display)):
        why = ruling.why or "the signature leaves both Content-Type and the end of the body open"
        return _Judged(Word.UNVERIFIABLE, "dkim.reading", (why,), facts)
    limits = _find_limits(facts, display)
    if ruling.grade is Grade.OPEN:
        limits.append(ruling.why)
    unattested = _find_unattested(facts)
    if unattested:
        return _Judged(Word.KEY_CONSISTENT, "dkim.key_consistent", (unattested, *limits), facts)
    if limits:
        return _Judged(Word.VERIFIED_PARTLY, "dkim.partly", tuple(limits), facts)
    return _Judged(Word.VERIFIED, "dkim.verified", (), facts)


def _why_tail(facts: SignatureFacts) -> str:
    """Why text after the signed length leaves nothing of the display proved."""
    count, length = facts.body_length_unsigned, facts.body_length_signed
    return (
        f"l= signs the first {length} bytes of the body and leaves {count} unsigned: what stands "
        "there may hide or replace what is signed"
    )


def _find_void(facts: SignatureFacts, display: Display) -> tuple[str, str] | None:
    """The rule and the reason by which a signature says nothing, None if it says something."""
    void: tuple[str, str] | None = None
    if facts.header_verifies is None:
        void = ("dkim.no_key", _why_no_key(facts))
    elif not facts.header_verifies:
        why = "the signature does not hold over these headers, which counts as no signature"
        void = ("dkim.header_fails", why)
    elif facts.is_voided:
        what = "; ".join(str(one) for one in facts.violations if one.is_fatal)
        void = ("dkim.not_valid", f"cryptographically it holds, but it is not valid: {what}")
    elif facts.key_status == "private_published":
        void = ("dkim.key_published", "the private key is public, so anybody could have signed")
    elif display.defects:
        words = dict.fromkeys(_DEFECT_WORDS[one.kind] for one in display.defects)
        what = "; ".join(words)
        void = ("display.malformed", f"readers disagree about the header block: {what}")
    elif facts.body_matches is None:
        void = ("dkim.no_body_hash", "the body hash cannot be read or computed")
    return void


def _why_no_key(facts: SignatureFacts) -> str:
    if facts.key_trouble:
        return facts.key_trouble
    fatal = [str(one) for one in facts.violations if one.is_fatal]
    if facts.key_status == "absent" and facts.domain and facts.selector:
        return f"the key {facts.selector}._domainkey.{facts.domain} is not known"
    return "; ".join(fatal) or "the signature names no key that can be looked up"


def _find_open_fields(facts: SignatureFacts, display: Display) -> list[str]:
    """Principal fields that the signature does not fix, as sentences."""
    found = []
    for name in PRINCIPAL:
        if facts.signs(name, display):
            continue
        state = "not signed" if display.count(name) else "absent, and its absence is not signed"
        found.append(f"{name.decode().capitalize()} is {state}")
    return found


def _leaves_type(facts: SignatureFacts, display: Display) -> bool:
    return not facts.signs(b"content-type", display)


def _find_unattested(facts: SignatureFacts) -> str | None:
    """Why no outside source attests the key for this message, None if one does."""
    if facts.key_source == "recovered":
        return "the key was recovered from signed mail, no outside source attests it"
    if facts.key_covers is False:
        return f"the sources of the key do not attest it for the message: {_why_not(facts)}"
    return None


def _why_not(facts: SignatureFacts) -> str:
    return facts.key_trouble or "their dates do not cover it"


def _find_limits(facts: SignatureFacts, display: Display) -> list[str]:
    """What lets a valid signature speak for less than the message."""
    found = [str(one) for one in facts.violations]
    if facts.covers_whole_body is not True:
        count = facts.body_length_unsigned
        found.append(f"l= leaves {count} bytes at the end of the body unsigned")
    if facts.key_status == "testing":
        found.append("the key is marked as in testing (t=y, RFC 6376 section 3.6.1)")
    if display.sender.trouble:
        found.append(display.sender.trouble)
    elif facts.alignment not in _ALIGNED:
        found.append(f"{facts.domain} signed, From shows {display.sender.domain}")
    if facts.domain and is_provider_derived(facts.domain):
        found.append(f"{facts.domain} names a tenant of a provider, not the domain shown")
    found += display.list_marks
    found += [
        f"{name} is absent (its absence is signed)"
        for name in field_names(n for n in PRINCIPAL if not display.count(n))
    ]
    return found
