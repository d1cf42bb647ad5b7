"""A message's own words found in the quotation of another: what agrees, and what differs."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tamis.analyses.leak.quote_text import ELIDED, Dissected, dissect
from tamis.analyses.leak.text_kinds import (
    Words,
    is_damaged,
    is_lost,
    is_mangled,
    is_masked,
    plain,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WORDS = 8_000
RUN_WORDS = 6
_ANCHOR_WORDS = 2
_GRAM = 4
_MOST_CHANGED = 15
_MOST_SKIPPED = 40
_MOST_PLACES = 3
_WHOLE_SHARE = 0.8
_LIST_MARK_CHARS = 2


class Found(NamedTuple):
    """What a quotation holds of a message's own words.

    Missing   start and end None: nothing of it was found
    """

    matched_words: int
    share: float
    difference: str | None
    message_text: str
    quote_text: str
    start: int | None
    end: int | None
    depth: int
    is_whole: bool


class _Stream(NamedTuple):
    keys: list[str]
    shown: list[str]
    line: list[int]
    links: list[str]
    body: Dissected


class _Run(NamedTuple):
    old: int
    new: int
    length: int


def find(quoting: str, quoted: str) -> Found:
    """The own words of the message `quoted` in what `quoting` quotes.

    Output    difference: replaced (other words stand in the quotation), more_in_quote (words that
              the message lacks), missing_in_quote (words of the message that the quotation skips
              within one line), many (in more than three places: another version, it may be); None
              where nothing of the kind lies between words that agree
              is_whole: the own words stand there one after the other, nothing between them, and
              every link
    Limits    Only differences between words that agree on both sides, at one depth of one
              quotation, without words of the answering person and without a mark of elision
              between them. Lines left out, wrapping, prefixes, signs, case, links, list marks,
              single misspelt words and letters lost to a charset are no difference. Where a style
              has no prefixes, only a figure in the place of another figure is one.
    """
    ours = _stream(dissect(quoted), is_quote=False)
    theirs = _stream(dissect(quoting), is_quote=True)
    runs = _runs(ours, theirs)
    own = [ours.body.lines[line].is_own for line in ours.line]
    kept = [one for one in runs if one.length >= RUN_WORDS]
    matched = sum(sum(own[one.old : one.old + one.length]) for one in kept)
    total = sum(own)
    if not kept or not matched:
        return Found(0, 0.0, None, "", "", None, None, 0, is_whole=False)
    share = matched / total
    anchors = [one for one in runs if one.length >= _ANCHOR_WORDS]
    loose = sum(sum(own[one.old : one.old + one.length]) for one in anchors) / total
    used = anchors if loose >= _WHOLE_SHARE else kept
    difference, before, after = _difference(ours, theirs, used, own)
    first, last = kept[0], kept[-1]
    lines = theirs.body.lines
    return Found(
        matched,
        round(share, 4),
        difference,
        before,
        after,
        lines[theirs.line[first.new]].start,
        lines[theirs.line[last.new + last.length - 1]].end,
        lines[theirs.line[first.new]].depth,
        is_whole=_is_whole(runs, own) and not Counter(ours.links) - Counter(theirs.links),
    )


def _is_whole(runs: list[_Run], own: list[bool]) -> bool:
    """Whether the own words stand in the quotation one after the other, nothing between them."""
    ours = [one for one in runs if any(own[one.old : one.old + one.length])]
    is_joined = all(a.new + a.length == b.new and a.old + a.length == b.old
                    for a, b in pairwise(ours))  # fmt: skip
    return is_joined and sum(own) == sum(sum(own[a.old : a.old + a.length]) for a in ours)


def _stream(body: Dissected, *, is_quote: bool) -> _Stream:
    """The words of a body in order: all of them, or of a quoting body what it quotes."""
    stream = _Stream([], [], [], [], body)
    for number, line in enumerate(body.lines):
        if line.is_frame or (is_quote and not line.depth):
            continue
        words: Words = split(line.text)
        stream.keys.extend(words.keys)
        stream.shown.extend(words.shown)
        if is_quote or line.is_own:
            stream.links.extend(words.links)
        stream.line.extend([number] * len(words.keys))
        if len(stream.keys) > MAX_WORDS:
            break
    return stream


def _runs(ours: _Stream, theirs: _Stream) -> list[_Run]:
    """Stretches of equal words, in order, around those that no chance makes equal."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415  only where it is needed

    old, new = ours.keys, theirs.keys
    where: dict[tuple[str, ...], int] = {}
    for at in range(len(old) - _GRAM + 1):
        where.setdefault(tuple(old[at : at + _GRAM]), at)
    hits = [
        (where[gram], at)
        for at in range(len(new) - _GRAM + 1)
        if (gram := tuple(new[at : at + _GRAM])) in where
    ]
    if not hits:
        return []
    low = max(0, min(at - place for place, at in hits))
    high = min(len(new), max(at + len(old) - place for place, at in hits))
    return [
        _Run(step.src_start, step.dest_start + low, step.src_end - step.src_start)
        for step in Levenshtein.opcodes(old, new[low:high])
        if step.tag == "equal"
    ]


def _difference(
    ours: _Stream, theirs: _Stream, runs: list[_Run], own: list[bool]
) -> tuple[str | None, str, str]:
    """The gravest difference between two runs, and its words on both sides."""
    found: dict[str, tuple[str, str]] = {}
    count = 0
    for one, two in pairwise(runs):
        gap = (one.old + one.length, two.old, one.new + one.length, two.new)
        kind = _gap(ours, theirs, gap, own)
        count += kind is not None
        if kind is not None and kind not in found:
            shown = (ours.shown[gap[0] : gap[1]], theirs.shown[gap[2] : gap[3]])
            found[kind] = (" ".join(shown[0]), " ".join(shown[1]))
    for kind in ("replaced", "more_in_quote", "missing_in_quote"):
        if kind in found:
            return "many" if count > _MOST_PLACES else kind, *found[kind]
    return None, "", ""


def _gap(
    ours: _Stream, theirs: _Stream, gap: tuple[int, int, int, int], own: list[bool]
) -> str | None:
    """In what way the words between two runs differ; None where it says nothing."""
    a, b, c, d = gap
    is_own = own[a - 1] and own[b] and all(own[a:b])
    most = _MOST_CHANGED if a < b and c < d else _MOST_SKIPPED
    is_local = is_own and max(b - a, d - c) <= most
    if not is_local or not _is_one_quotation(theirs, c - 1, d):
        return None
    old, new = plain(ours.keys[a:b]), plain(theirs.keys[c:d])
    is_same = (
        "".join(old) == "".join(new)
        or is_damaged("".join(old), "".join(new))
        or is_lost(ours.keys[a:b], theirs.keys[c:d])
        or is_lost(theirs.keys[c:d], ours.keys[a:b])
    )
    shown = ours.shown[a:b], theirs.shown[c:d]
    if is_same or is_masked(*shown) or is_mangled(*shown):
        return None
    is_loose = any(theirs.body.lines[line].is_loose for line in theirs.line[c - 1 : d + 1])
    is_marked = theirs.body.style == "prefix" and not is_loose
    if old and new:
        return "replaced" if _is_other(old, new, is_marked=is_marked) else None
    if all(len(word) <= _LIST_MARK_CHARS for word in old or new):
        return None
    if new:
        return "more_in_quote" if is_marked else None
    is_skipped = all(
        _is_one_line(theirs, shifted[2]) or _is_filled(ours, theirs, shifted)
        for shifted in _shifted(ours.keys, theirs.keys, gap)
    )
    return "missing_in_quote" if is_skipped else None


def _is_one_line(theirs: _Stream, at: int) -> bool:
    return theirs.line[at - 1] == theirs.line[at]


def _shifted(
    old: list[str], new: list[str], gap: tuple[int, int, int, int]
) -> Iterator[tuple[int, int, int]]:
    """Every place where the words that the quotation skips may stand as well.

    "x y [x z] x w" is "x y x [z x] w" too: one cut at the end of a line must not pass for a cut
    within it.
    """
    a, b, c, _ = gap
    yield a, b, c
    left = 1
    while a - left > 0 and c - left > 0 and old[a - left] == old[b - left]:
        yield a - left, b - left, c - left
        left += 1
    right = 0
    while (
        b + right + 1 < len(old) and c + right + 1 < len(new) and old[a + right] == old[b + right]
    ):
        right += 1
        yield a + right, b + right, c + right


def _is_filled(ours: _Stream, theirs: _Stream, gap: tuple[int, int, int]) -> bool:
    """Whether whole sentences are skipped where a program broke the line, and no person did.

    The line before has no room for the word after it, and in the message the sentences stand
    amid lines: who cuts lines or paragraphs out cuts where they end.
    """
    a, b, c = gap
    lines = theirs.body.lines
    first, last = theirs.line[c - 1], theirs.line[c]
    widths = [len(one.text) for one in lines if one.depth]
    is_full = len(lines[first].text) + len(theirs.shown[c]) + 1 > max(widths)
    ends = ours.shown[a - 1].rstrip("\"'»”)"), ours.shown[b - 1].rstrip("\"'»”)")
    is_amid = ours.line[a - 1] == ours.line[a] and ours.line[b - 1] == ours.line[b]
    return (
        last == first + 1
        and is_full
        and is_amid
        and all(one[-1:] in {".", "!", "?", "…"} for one in ends)
    )


def _is_other(old: list[str], new: list[str], *, is_marked: bool) -> bool:
    """Whether words stand in the place of others, and not a form filled in or a spelling.

    Without prefixes people write into the quotation: then only a figure for a figure counts.
    """
    if not is_marked and not (
        len(old) == len(new) and all(any(map(str.isdigit, "".join(one))) for one in (old, new))
    ):
        return False
    return not _is_misspelt(old, new)


def _is_one_quotation(theirs: _Stream, first: int, last: int) -> bool:
    """Whether two words stand in one quotation, with nobody's words and no elision between."""
    lines = theirs.body.lines[theirs.line[first] : theirs.line[last] + 1]
    depth = lines[0].depth
    if any(one.depth != depth and one.text.strip() for one in lines) or any(
        one.is_frame for one in lines
    ):
        return False
    return not ELIDED.search("\n".join(one.text for one in lines))


def _is_misspelt(old: list[str], new: list[str]) -> bool:
    """Whether only spelling differs: at most two letters of one word, and no digit."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415  only where it is needed

    one, two = "".join(old), "".join(new)
    if any(map(str.isdigit, one + two)) or min(len(one), len(two)) <= 3:
        return False
    return bool(Levenshtein.distance(one, two) <= 2)
