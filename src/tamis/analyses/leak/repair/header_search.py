"""The search for the listed damage that keeps a header block from being the one that was signed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.fields import block_steps, own_variants, variants
from tamis.syntax.mail.dkim import relaxed_header, to_crlf, without_signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tamis.analyses.leak.repair.aim import Aim, Budget, Letter
    from tamis.analyses.leak.repair.fields import Variant

_MOST_TOGETHER = 4
_MAX_VARIANTS = 160
_MAX_TOGETHER = 12


@dataclass(frozen=True, slots=True)
class Changes:
    """Fields written anew: by rank the name and value, None for one taken out; and added ones."""

    steps: tuple[str, ...] = ()
    fields: Mapping[int, tuple[bytes, bytes] | None] | None = None
    added: tuple[tuple[bytes, bytes], ...] = ()

    def apply(self, letter: Letter) -> bytes:
        """The header block, blank line included."""
        changed = self.fields or {}
        out = [letter.raw[: letter.headers.fields[0].byte_start]]
        for rank, item in enumerate(letter.headers.fields):
            if rank not in changed:
                out.append(letter.raw[item.byte_start : item.byte_end])
                continue
            new = changed[rank]
            if new is not None:
                out.append(new[0] + b":" + new[1] + b"\r\n")
        out += [name + b":" + value + b"\r\n" for name, value in self.added]
        return b"".join(out) + b"\r\n"


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of h=: the field that stands there (None: absent) and how it could have stood."""

    name: bytes
    rank: int | None
    found: tuple[bytes, bytes] | None
    variants: tuple[Variant, ...] = ()


def slots_of(letter: Letter, aim: Aim) -> list[Slot]:
    """The fields of h= in its order, then the signature's own; no variants yet.

    Source    RFC 6376 section 5.4.2: instances are taken from the bottom.
    """
    left: dict[bytes, list[int]] = {}
    slots = []
    for text in aim.facts.signed_headers:
        name = text.encode("latin-1")
        ranks = left.setdefault(name, list(letter.display.ranks.get(name, ())))
        rank = ranks.pop() if ranks else None
        item = None if rank is None else letter.headers.fields[rank]
        slots.append(Slot(name, rank, None if item is None else (item.name, item.value)))
    return slots


def own_field(letter: Letter, aim: Aim) -> tuple[int, tuple[bytes, bytes]]:
    """The signature's own field: its rank, and its name and value."""
    rank = letter.display.ranks[b"dkim-signature"][aim.facts.position]
    item = letter.headers.fields[rank]
    return rank, (item.name, item.value)


def canonical(field: tuple[bytes, bytes] | None, form: str) -> bytes:
    """One field as it is hashed; nothing for an absent one."""
    if field is None:
        return b""
    if form == "relaxed":
        return relaxed_header(*field)
    return to_crlf(field[0] + b":" + field[1]) + b"\r\n"


def canonical_own(field: tuple[bytes, bytes], form: str) -> bytes:
    """The signature's own field as it is hashed: without b=, without a line end."""
    return canonical((field[0], without_signature(field[1])), form)[:-2]


def find_header(letter: Letter, aim: Aim, budget: Budget) -> Changes | None:
    """How the signed fields stood, by listed damage alone; None if no such damage explains it.

    Fields are varied alone, then two, three and four together, then all by one rule. Each trial
    is one hash: an RSA signature shows which hash it was made over.
    """
    if aim.seal is None:
        return None
    slots = slots_of(letter, aim)
    rank, own = own_field(letter, aim)
    whole = _by_rule(slots, (rank, own), aim, budget)
    if whole is not None:
        return whole
    varied = [
        Slot(slot.name, slot.rank, slot.found, variants(letter, slot.name, slot.found))
        for slot in slots
    ]
    varied.append(Slot(b"dkim-signature", rank, own, own_variants(own, aim.header_form)))
    return _by_fields(varied, aim, budget)


def _by_rule(
    slots: Sequence[Slot], own: tuple[int, tuple[bytes, bytes]], aim: Aim, budget: Budget
) -> Changes | None:
    """Every signed field written by one rule, as a program that folds anew writes them."""
    for name, rule in block_steps(aim.header_form):
        rank, field = own
        new = [None if slot.found is None else rule(slot.found) for slot in slots]
        last = rule(field)
        data = b"".join(canonical(one, aim.header_form) for one in new)
        data += canonical_own(last, aim.header_form)
        if _is_signed(data, aim, budget):
            fields: dict[int, tuple[bytes, bytes] | None] = {
                slot.rank: made
                for slot, made in zip(slots, new, strict=True)
                if slot.rank is not None and made != slot.found
            }
            return Changes((name,) if name else (), {**fields, rank: last})
        if budget.left <= 0:
            return None
    return None


def _is_signed(data: bytes, aim: Aim, budget: Budget) -> bool:
    seal = aim.seal
    if seal is None or not budget.take(len(data) + seal.cost):
        return False
    return seal.holds(aim.hash(data))


def _by_fields(slots: Sequence[Slot], aim: Aim, budget: Budget) -> Changes | None:
    form = aim.header_form
    pieces = [canonical(slot.found, form) for slot in slots[:-1]]
    own = slots[-1]
    pieces.append(canonical_own(own.found, form) if own.found is not None else b"")
    options = [_options(slot, piece, form) for slot, piece in zip(slots, pieces, strict=True)]
    options[-1] = _own_options(own, pieces[-1], form)
    free = [rank for rank, one in enumerate(options) if one]
    for chosen in _choices(free, options):
        trial = list(pieces)
        for rank, (piece, _) in chosen:
            trial[rank] = piece
        if _is_signed(b"".join(trial), aim, budget):
            return _changes([(slots[rank], variant) for rank, (_, variant) in chosen])
        if budget.left <= 0:
            return None
    return None


Option = tuple[bytes, "Variant"]


def _options(slot: Slot, piece: bytes, form: str) -> list[Option]:
    """The variants of a slot that are hashed otherwise than what stands there."""
    found: dict[bytes, Variant] = {}
    for one in slot.variants[:_MAX_VARIANTS]:
        made = canonical(one.field, form)
        if made != piece:
            found.setdefault(made, one)
    return list(found.items())


def _own_options(own: Slot, piece: bytes, form: str) -> list[Option]:
    made = [(canonical_own(one.field, form), one) for one in own.variants if one.field is not None]
    return [pair for pair in made if pair[0] != piece]


def _choices(
    free: Sequence[int], options: Sequence[Sequence[Option]]
) -> Iterator[list[tuple[int, Option]]]:
    for count in range(1, min(len(free), _MOST_TOGETHER) + 1):
        for ranks in combinations(free, count):
            most = _MAX_VARIANTS if count == 1 else _MAX_TOGETHER
            for picked in product(*(options[rank][:most] for rank in ranks)):
                yield list(zip(ranks, picked, strict=True))


def _changes(chosen: Sequence[tuple[Slot, Variant]]) -> Changes:
    fields: dict[int, tuple[bytes, bytes] | None] = {}
    added = []
    for slot, variant in chosen:
        if slot.rank is not None:
            fields[slot.rank] = variant.field
        elif variant.field is not None:
            added.append(variant.field)
    return Changes(tuple(variant.step for _, variant in chosen), fields, tuple(added))
