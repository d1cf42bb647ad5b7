"""Small edits of a text, as moves: at which byte, up to which byte, and what stood there."""

from __future__ import annotations

import re
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.cuts import line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tamis.analyses.leak.repair.aim import Aim, Budget

# One place with what may have stood from there: (end, replacement).
Move = tuple[int, list[tuple[int, bytes]]]

MAX_RUN = 40
_DIGITS = b"0123456789"
_LOWER = b"etaoinsrhldcumfpgwybvkxjqz"
_UPPER = _LOWER.upper()
_MARKS = b".,-!?:;'\"()/&%$+*#=@_"
_PRINTABLE = bytes(range(33, 127))
_ACCENTED = [letter.encode() for letter in "éèàêçôùâîûëïöüäßñáíóúÉÀÈÖÜÄ€œ\u2019"]
_WORD = re.compile(rb"[A-Za-z0-9\x80-\xff][A-Za-z0-9\x80-\xff'.-]*")
_NUMBER = re.compile(rb"[0-9]+")
_SENTENCE_END = re.compile(rb"[.!?;:](?:[\"')\xbb]|\xc2\xbb)? +")
_MAX_SENTENCES = 200
_WORDS_TOLD = (
    b"not no never yes none all only no longer pas ne non oui jamais rien plus nicht kein nie ja "
    b"nein no nunca siempre must can cannot will won't do don't is isn't was wasn't has have had "
    b"he she they we I you him her them us before after with without more less and or "
    b"Monday Tuesday Wednesday Thursday Friday Saturday Sunday lundi mardi mercredi jeudi vendredi "
    b"samedi dimanche January February March April May June July August September October November "
    b"December one two three four five six seven eight nine ten hundred thousand million billion "
    b"million milliers euros dollars today tomorrow yesterday paid unpaid legal illegal true false "
    b"avant apres avec sans pay refuse accept reject approve deny agree disagree"
).split()
_MAX_OWN_WORDS = 150
_UTF8_SIZES = {0b1100: 2, 0b1101: 2, 0b1110: 3, 0b1111: 4}
_LONGEST_OWN = 100_000


def sweep(form: bytes, moves: Iterable[Move], aim: Aim, budget: Budget
          ) -> tuple[int, int, bytes] | None:  # fmt: skip
    """The first move that gives a body with the signed hash; None if none does.

    Input     `moves` rise; the hash up to a place is computed once.
    """
    length = aim.facts.body_length_signed
    wanted = aim.body_hash
    state, done = aim.new(), 0
    for place, options in moves:
        state.update(form[done:place])
        done = place
        for end, text in options:
            size = place + len(text)
            rest = form[end:] if length is None else form[end : end + max(0, length - size)]
            if not budget.take(len(text) + len(rest)):
                return None
            trial = state.copy()
            trial.update(text + rest)
            if trial.digest() == wanted:
                return place, end, text
    return None


def passes(
    form: bytes, spans: list[tuple[int, int]], more: bytes = b""
) -> Iterator[Iterator[Move]]:
    """Kinds of moves, the likeliest and cheapest first; each over all texts, in rising order.

    Input     `more` is text whose words may have stood here too, as the subject.
    """
    for kind in (_marks, _digits, _lines, _sentences_removed, _words_removed, _letters_removed,
                 _swapped):  # fmt: skip
        yield chain.from_iterable(kind(form, span) for span in spans)
    lower, upper, others = (
        [bytes((one,)) for one in letters] for letters in (_LOWER, _UPPER, _DIGITS + _MARKS)
    )
    # A letter for a letter costs less to try than a word for each word.
    yield chain.from_iterable(_replaced(form, one, lower, is_same_kind=True) for one in spans)
    yield chain.from_iterable(_words_told(form, span) for span in spans)
    own = _own_words(more + b" " + b" ".join(form[start:end] for start, end in spans))
    yield chain.from_iterable(_words_put(form, span, own) for span in spans)
    yield chain.from_iterable(_inserted(one, lower) for one in spans)
    for letters in (upper, others):
        yield chain.from_iterable(_replaced(form, one, letters, is_same_kind=True) for one in spans)
        yield chain.from_iterable(_inserted(one, letters) for one in spans)
    printable = [bytes((one,)) for one in _PRINTABLE]
    for letters in (_ACCENTED, printable):
        yield chain.from_iterable(
            _replaced(form, one, letters, is_same_kind=False) for one in spans
        )
    yield chain.from_iterable(_inserted(one, printable) for one in spans)


def _marks(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    """Marks at the beginning of one line, as quoting and stuffing put them in and take them out."""
    for place in line_starts(form, *span):
        here = form[place : place + 1]
        options = [(place, mark) for mark in (b">", b".", b" ", b"- ", b"-- ")]
        yield place, [*options, (place + 1, b"")] if here in b">. -" else options


def _digits(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    """Digits changed, taken out and put in; whole numbers changed in their last places."""
    start, end = span
    digits = [bytes((one,)) for one in _DIGITS]
    for number in _NUMBER.finditer(form, start, end):
        for place in range(number.start(), number.end()):
            here = form[place : place + 1]
            options = [(place + 1, b"")]
            options += [(place + 1, one) for one in digits if one != here]
            options += [(place, one) for one in digits]
            options += [(place, bytes((a, b))) for a in b"0" for b in b"0"] + [(place, b"000")]
            if place + 2 <= number.end():
                options += [(place + 2, b"%02d" % n) for n in range(100)]
                options.append((place + 2, b""))
            if place + 3 <= number.end():
                options.append((place + 3, b""))
            yield place, options
        yield number.end(), [(number.end(), one) for one in (*digits, b"00", b"000")]


def _lines(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    """Runs of lines taken out, neighbouring lines swapped."""
    starts = [*line_starts(form, *span), span[1]]
    for rank, place in enumerate(starts[:-1]):
        ends = starts[rank + 1 : rank + 1 + MAX_RUN]
        options = [(end, b"") for end in ends if end < len(form)]
        if rank + 2 < len(starts):
            middle, end = starts[rank + 1], starts[rank + 2]
            options.append((end, form[middle:end] + form[place:middle]))
        yield place, options


def _sentences_removed(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    """One to four whole sentences taken out of a line, with the blanks after or before them."""
    for line, next_line in pairwise([*line_starts(form, *span), span[1]]):
        text = form[line:next_line].rstrip(b"\r\n")
        starts = [0, *(one.end() for one in _SENTENCE_END.finditer(text))][:_MAX_SENTENCES]
        for rank, start in enumerate(starts):
            ends = [*starts[rank + 1 : rank + 5], len(text)]
            options = [(line + end, b"") for end in ends if end > start]
            if start:
                blanks = start - len(text[:start].rstrip(b" "))
                yield line + start - blanks, [(line + len(text), b"")]
            yield line + start, options


def _words_removed(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    """One to eight words of a line taken out, with the blank after or before them."""
    words = list(_WORD.finditer(form, *span))
    for rank, word in enumerate(words):
        place = word.start()
        after, before = [], []
        for last in words[rank : rank + 8]:
            if b"\n" in form[place : last.end()]:
                break
            stop = last.end()
            after.append((stop + 1 if form[stop : stop + 1] in {b" ", b","} else stop, b""))
            before.append((stop, b""))
        if place and form[place - 1 : place] == b" ":
            yield place - 1, before
        yield place, after


def _letters_removed(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    return ((place, [(place + 1, b"")]) for place in range(*span) if form[place] > 32)


def _swapped(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    for place in range(span[0], span[1] - 1):
        pair = form[place : place + 2]
        if pair[0] != pair[1] and b"\r" not in pair and b"\n" not in pair:
            yield place, [(place + 2, pair[::-1])]


def _words_told(form: bytes, span: tuple[int, int]) -> Iterator[Move]:
    return _words_put(form, span, _WORDS_TOLD)


def _own_words(text: bytes) -> list[bytes]:
    """Words of the text itself: names and terms that may have stood in the place of others."""
    found = dict.fromkeys(one[0].rstrip(b".-'") for one in _WORD.finditer(text[:_LONGEST_OWN]))
    own = sorted((one for one in found if len(one) > 2), key=lambda one: not one[:1].isupper())
    return own[:_MAX_OWN_WORDS]


def _words_put(form: bytes, span: tuple[int, int], told: list[bytes]) -> Iterator[Move]:
    for word in _WORD.finditer(form, *span):
        place = word.start()
        stop = word.end()
        while stop > place + 1 and form[stop - 1 : stop] in {b".", b"-", b"'"}:
            stop -= 1
        here = form[place:stop]
        case = bytes.capitalize if here[:1].isupper() else bytes
        options = [(stop, case(one)) for one in told if one != here]
        options += [(place, one + b" ") for one in told]
        yield place, options


def _replaced(
    form: bytes, span: tuple[int, int], letters: list[bytes], *, is_same_kind: bool
) -> Iterator[Move]:
    kind = _kind(letters[0])
    for place in range(*span):
        here = form[place : place + 1]
        if here in {b"\r", b"\n"} or (is_same_kind and _kind(here) != kind):
            continue
        if here > b"\x7f":
            # A letter of UTF-8 is one letter; its further bytes are none.
            here = _letter(form[place : place + 4])
        if here:
            yield place, [(place + len(here), one) for one in letters if one != here]


def _letter(data: bytes) -> bytes:
    """The letter that UTF-8 `data` begins with: none amid one, one byte where it is no UTF-8."""
    if 0x80 <= data[0] < 0xC0:
        return b""
    size = _UTF8_SIZES.get(data[0] >> 4, 1)
    further = data[1:size]
    return data[:size] if all(0x80 <= byte < 0xC0 for byte in further) else data[:1]


def _kind(letter: bytes) -> str:
    if letter.isalpha():
        return "upper" if letter.isupper() else "lower"
    return "other"


def _inserted(span: tuple[int, int], letters: list[bytes]) -> Iterator[Move]:
    return ((place, [(place, one) for one in letters]) for place in range(span[0], span[1] + 1))
