"""The search for a small edit of one header field that was signed otherwise."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.field_words import encode_words, write_date
from tamis.analyses.leak.repair.header_search import (
    Changes,
    canonical,
    canonical_own,
    own_field,
    slots_of,
)
from tamis.syntax.mail import date
from tamis.syntax.mail.headers import unfold
from tamis.syntax.mail.words import decode, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.analyses.leak.repair.aim import Aim, Budget, Letter

_EDITED = (b"subject", b"date", b"from", b"to", b"cc", b"reply-to")
_LONGEST = 600
_LETTERS = [bytes((one,)) for one in range(33, 127)]
_DAYS = 800
_FOLD = re.compile(rb"\r\n[ \t]+")


def find_field_edit(letter: Letter, aim: Aim, budget: Budget) -> Changes | None:
    """The field that stood otherwise when the header was signed; None if none is found.

    Subject, Date, From, To, Cc and Reply-To, one at a time: letters and words taken out, put in
    and changed, other days and hours.
    Limits    Two fields changed at once are not found.
    """
    if aim.seal is None:
        return None
    slots = slots_of(letter, aim)
    _, own = own_field(letter, aim)
    pieces = [canonical(slot.found, aim.header_form) for slot in slots]
    pieces.append(canonical_own(own, aim.header_form))
    # Days and words of every field before the letters of any: there are few of them.
    for values, name in product((_likely, _letters), _EDITED):
        for rank, slot in enumerate(slots):
            if slot.name != name or slot.found is None or len(slot.found[1]) > _LONGEST:
                continue
            state = aim.new()
            state.update(b"".join(pieces[:rank]))
            rest = b"".join(pieces[rank + 1 :])
            for value in values(name, slot.found[1]):
                data = canonical((slot.found[0], value), aim.header_form) + rest
                if not budget.take(len(data) + 1_500 + aim.seal.cost):
                    return None
                trial = state.copy()
                trial.update(data)
                if aim.seal.holds(trial.digest()) and slot.rank is not None:
                    fields = {slot.rank: (slot.found[0], value)}
                    return Changes(("small_edit_undone",), fields)
    return None


def _likely(name: bytes, value: bytes) -> Iterator[bytes]:
    """Other days and hours of a Date; other fields without some of their words."""
    if name == b"date":
        yield from _dates(value)
        return
    flat = unfold(value)
    lead = value[: len(value) - len(value.lstrip())]
    fold = _FOLD.search(value)
    for words in _without_words(flat):
        yield lead + words
    shown = decode(value)
    if shown.encode("utf-8", "replace") != flat:
        for text in _without_words(shown.encode("utf-8", "replace")):
            for one in encode_words(text.decode("utf-8", "replace")):
                yield lead + one
                if fold is not None and b"?= =?" in one:
                    yield lead + one.replace(b"?= =?", b"?=" + fold[0] + b"=?")


def _letters(name: bytes, value: bytes) -> Iterator[bytes]:  # noqa: ARG001 (one signature for both)
    """One letter out, two in another order, one in the place of another, one put in."""
    flat = unfold(value)
    lead = value[: len(value) - len(value.lstrip())]
    for place in range(len(flat)):
        yield lead + flat[:place] + flat[place + 1 :]
        yield lead + flat[:place] + flat[place : place + 2][::-1] + flat[place + 2 :]
    for place in range(len(flat) + 1):
        for letter in _LETTERS:
            yield lead + flat[:place] + letter + flat[place + 1 :]
            yield lead + flat[:place] + letter + flat[place:]


def _without_words(flat: bytes) -> Iterator[bytes]:
    """A value without one run of its words."""
    words = flat.split(b" ")
    for start in range(min(len(words), 40)):
        for end in range(start + 1, min(len(words), start + 20) + 1):
            rest = words[:start] + words[end:]
            if rest:
                yield b" ".join(rest)


def _dates(value: bytes) -> Iterator[bytes]:
    read = date.parse(text_of(value))
    if read is None:
        return
    instant, offset = read
    steps = [timedelta(days=sign * days) for days in range(1, _DAYS) for sign in (-1, 1)]
    steps += [timedelta(hours=sign * one) for one in range(1, 24) for sign in (-1, 1)]
    steps += [timedelta(minutes=sign * one) for one in range(1, 60) for sign in (-1, 1)]
    steps += [timedelta(seconds=sign * one) for one in range(1, 60) for sign in (-1, 1)]
    for step in steps:
        yield from write_date(instant + step, offset or 0)[:2]
