"""One message that does not hold as found: the listed damage, or the small edit, behind it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tamis.analyses.leak.dkim import verify_message
from tamis.analyses.leak.repair.aim import Budget, aims_of, read_letter
from tamis.analyses.leak.repair.body_edit import find_edit
from tamis.analyses.leak.repair.body_search import Mended, find_body
from tamis.analyses.leak.repair.header_edit import find_field_edit
from tamis.analyses.leak.repair.header_search import Changes, find_header
from tamis.analyses.leak.repair.judge import judge
from tamis.syntax.mail.dkim import to_crlf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.analyses.leak.dkim import MessageVerdict
    from tamis.analyses.leak.repair.aim import Aim, Letter
    from tamis.analyses.leak.repair.judge import Judgement
    from tamis.syntax.mail.dkim_keys import KeyRing

VERSION = 2
# Work for one message, in bytes hashed (about a nanosecond each).
DAMAGE_WORK = 40_000_000
HEADER_WORK = 8_000_000
EDIT_WORK = 1_500_000_000
# A long body costs more at every step, and is allowed so many times its size besides.
_PER_BYTE = 24
_ALIGNED = frozenset({"exact", "organisational"})
_ENVELOPE = re.compile(rb"\A>?From [^\r\n:]*\r\n")
_TOP = re.compile(rb"\A(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe|[ \t]*\r\n)+")


@dataclass(frozen=True, slots=True)
class Repair:
    """What the search found for one message.

    `raw` are the repaired bytes, None where there are none; `verdict` is theirs.
    """

    outcome: str
    basis: str
    signature_position: int
    steps: tuple[str, ...] = ()
    why: str = ""
    judgement: Judgement | None = None
    byte_start: int | None = None
    byte_end: int | None = None
    raw: bytes | None = None
    verdict: MessageVerdict | None = None
    tried_count: int = 0
    is_over_budget: bool = False


@dataclass(slots=True)
class _Work:
    """The budgets of one message: damage of the body, of the header, edits."""

    damage: Budget
    header: Budget
    edit: Budget

    @property
    def tried_count(self) -> int:
        return self.damage.tried_count + self.header.tried_count + self.edit.tried_count

    @property
    def is_spent(self) -> bool:
        return min(self.damage.left, self.header.left, self.edit.left) < 0


def repair(raw: bytes, keys: KeyRing, *, edit_work: int = EDIT_WORK) -> Repair | None:
    """What keeps a signature of `raw` from holding, undone; None where there is nothing to undo.

    Nothing is to be undone where a signature of the sender's own domain holds, and where no
    signature could ever be judged. Damage is looked for before edits, in every signature; the
    repaired bytes are judged like any message.
    Source    RFC 6376 sections 3.4 (what canonical forms forgive) and 6.1 (a failed signature
              accuses nobody).
    Limits    Damage that lost what it replaced cannot be undone. An edit says what was signed and
              what stands there, not who changed it, nor why.
    """
    found = read_letter(raw, keys)
    base = read_letter(to_crlf(raw), keys)
    if _holds(found) and not found.display.defects:
        return None
    size = _PER_BYTE * len(raw)
    work = _Work(Budget(DAMAGE_WORK + size), Budget(HEADER_WORK), Budget(edit_work))
    tried: list[tuple[Aim, Letter, tuple[str, ...], _Sides]] = []
    for top, step in _tops(base.raw):
        letter = base if not step else read_letter(top, keys)
        steps = (step,) if step else ()
        if step and _holds(letter) and not letter.display.defects:
            return _told(raw, base, (letter, steps), keys, work)
        for aim in aims_of(letter, keys):
            sides = _Sides.of(letter, aim, work)
            tried.append((aim, letter, steps, sides))
            if sides.are_whole:
                made = _assembled(raw, base, tried[-1], keys, work)
                if made is not None:
                    return made
    return _by_edit(raw, base, tried, keys, work) or _given_up(tried, work)


def _holds(letter: Letter) -> bool:
    """Whether a signature of the sender's own domain holds."""
    return any(
        one.header_verifies and one.body_matches and one.alignment in _ALIGNED
        and not one.is_voided
        for one in letter.signatures
    )  # fmt: skip


def _tops(raw: bytes) -> Iterator[tuple[bytes, str]]:
    """The message as it stands, and without what a store or program put before its header."""
    yield raw, ""
    bare = _TOP.sub(b"", raw)
    if bare != raw:
        yield bare, "mark_or_blank_lines_on_top_removed"
    rest = _ENVELOPE.sub(b"", bare)
    if rest != bare:
        yield rest, "mbox_line_on_top_removed"
    if b"\r" in raw and re.search(rb"\r(?!\n)", raw):
        yield re.sub(rb"\r{1,4}\r\n", b"\r\n", raw), "doubled_returns_removed"
        yield re.sub(rb"\r(?!\n)", b"\r\n", raw), "lone_returns_made_line_ends"
        yield re.sub(rb"\r(?!\n)", b"", raw), "lone_returns_removed"


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two halves of one signature: how header and body come to hold; None where they do not."""

    header: Changes | None
    body: Mended | None

    @property
    def are_whole(self) -> bool:
        return self.header is not None and self.body is not None

    @classmethod
    def of(cls, letter: Letter, aim: Aim, work: _Work) -> _Sides:
        if aim.is_lost:
            return cls(None, None)
        if aim.facts.header_verifies is False:
            header = find_header(letter, aim, work.header)
        else:
            header = Changes()
        body: Mended | None = Mended((), letter.body)
        if not aim.facts.body_matches:
            body = find_body(letter.fields(), letter.body, aim, work.damage)
        return cls(header, body)


def _raw(letter: Letter, header: Changes, body: Mended) -> bytes:
    return header.apply(letter) + body.body


def _assembled(
    raw: bytes,
    base: Letter,
    tried: tuple[Aim, Letter, tuple[str, ...], _Sides],
    keys: KeyRing,
    work: _Work,
) -> Repair | None:
    """The repair whose two sides hold, judged; None if together they do not."""
    aim, letter, steps, sides = tried
    if sides.header is None or sides.body is None:
        return None
    made = read_letter(_raw(letter, sides.header, sides.body), keys)
    position = aim.facts.position
    if position >= len(made.signatures):
        return None
    facts = made.signatures[position]
    if not facts.body_matches or (aim.seal is not None and not facts.header_verifies):
        return None
    every = (*steps, *sides.header.steps, *sides.body.steps)
    return _told(raw, base, (made, every), keys, work, aim)


def _told(
    raw: bytes,
    base: Letter,
    made: tuple[Letter, tuple[str, ...]],
    keys: KeyRing,
    work: _Work,
    aim: Aim | None = None,
) -> Repair:
    """The repair with its judgement, its place in the bytes as found, and its own verdict."""
    letter, steps = made
    others = any(one.header_verifies and one.body_matches for one in base.signatures)
    may_accuse = aim is not None and aim.seal is not None and aim.is_proof and not others
    # Anybody can put a signature of a domain of his own on another's message.
    may_accuse = may_accuse and aim is not None and aim.facts.alignment in _ALIGNED
    judgement = judge(letter, base, steps, may_accuse=may_accuse)
    verdict = verify_message(letter.raw, keys, hashlib.sha256(letter.raw).hexdigest())
    position = verdict.verdict.signature_position if aim is None else aim.facts.position
    start, end = changed_span(raw, base.raw, letter.raw)
    return Repair(
        outcome=judgement.outcome,
        basis="signature" if aim is None or aim.seal is not None else "body_hash",
        signature_position=position or 0,
        steps=steps,
        why=judgement.why,
        judgement=judgement,
        byte_start=start,
        byte_end=end,
        raw=letter.raw,
        verdict=verdict,
        tried_count=work.tried_count,
    )


def _by_edit(
    raw: bytes,
    base: Letter,
    tried: list[tuple[Aim, Letter, tuple[str, ...], _Sides]],
    keys: KeyRing,
    work: _Work,
) -> Repair | None:
    """The repair that needs one small edit, on the side that does not hold yet."""
    for aim, letter, steps, sides in tried:
        if aim.seal is None or aim.is_lost or not aim.is_proof:
            continue
        new = None
        if sides.header is not None and sides.body is None:
            body = find_edit(letter.fields(), letter.body, aim, work.edit)
            new = None if body is None else replace(sides, body=body)
        elif sides.header is None and sides.body is not None:
            header = find_field_edit(letter, aim, work.edit)
            new = None if header is None else replace(sides, header=header)
        made = None if new is None else _assembled(raw, base, (aim, letter, steps, new), keys, work)
        if made is not None:
            return made
    return None


def _given_up(
    tried: list[tuple[Aim, Letter, tuple[str, ...], _Sides]], work: _Work
) -> Repair | None:
    """What is said where nothing was found: how much was tried, and how far it came."""
    if not tried:
        return None
    aim, _, _, sides = tried[0]
    if aim.is_lost:
        why = "the signature holds nothing that a known key signed"
    elif sides.header is None and sides.body is not None:
        why = "the body is the signed one, perhaps after a repair, and the header is not"
    elif sides.body is None and sides.header is not None:
        why = "no listed damage and no small edit gives the body that was signed"
    else:
        why = "neither header nor body can be brought to what was signed"
    return Repair(
        outcome="over_budget" if work.is_spent else "not_repaired",
        basis="signature" if aim.seal is not None or aim.is_lost else "body_hash",
        signature_position=aim.facts.position,
        why=why,
        tried_count=work.tried_count,
        is_over_budget=work.is_spent,
    )


def changed_span(raw: bytes, found: bytes, repaired: bytes) -> tuple[int | None, int | None]:
    """The bytes of `raw` between what `found` (the same with CRLF) and `repaired` share.

    Missing   None where the two are the same but for line ends.
    """
    if found == repaired:
        return None, None
    start = _shared(found, repaired)
    most = min(len(found), len(repaired)) - start
    end = len(found) - min(_shared(found[::-1], repaired[::-1]), most)
    return _in_raw(raw, found, start), _in_raw(raw, found, end)


def _shared(one: bytes, other: bytes) -> int:
    """How many first bytes two strings share."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _in_raw(raw: bytes, found: bytes, place: int) -> int:
    """Where in `raw` stands what `found` has at `place`: CRs that were added do not count."""
    added = len(found) - len(raw)
    if not added:
        return place
    if b"\r" not in raw:
        return place - found.count(b"\r", 0, place)
    low = to_position = 0
    while to_position < place and low < len(raw):
        is_lone = raw[low] == 10 and (low == 0 or raw[low - 1] != 13)
        to_position += 2 if is_lone else 1
        low += 1
    return low
