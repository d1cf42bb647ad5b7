"""In what way two texts of one message differ: what transport does, or what a hand does."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_WORDS = 20_000
_MAX_CHARS = 400_000
_LINK = re.compile(
    r"<?(?:https?://|www\.|mailto:|ftp://)[^\s<>\"]*>?"
    r"|\[(?:cid|image|inline image)[^\]\n]{0,200}\]",
    re.IGNORECASE,
)
_SIGN = re.compile(r"[^\w%€$£]|_", re.UNICODE)
_SEPARATOR = re.compile(r"(?<=\d)[.,](?=\d)")
_THOUSANDS = re.compile(r"(?<=\d)[.,\u2019'](?=\d{3}(?!\d))")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# UTF-8 that was read as Windows-1252: signs of typography, as three characters for one.
_MISREAD = re.compile("\u00e2\u20ac.")
# Links written so that nobody follows them by mistake.
_DISARMED = re.compile(r"\bhxxp(s?)(?=://|\[:\])|\[(\.|:|dot)\]", re.IGNORECASE)
# Between two changed stretches, fewer equal words than this are a coincidence.
_LEAST_EQUAL = 2
LINK_WORD = "\x00link"
_LOST_WORD = "\x00lost"
_LOST = re.compile("[?\ufffd]+")
_POINT = "."
_MASK = re.compile(r"\.{3}|\u2026|x{3}|\*{3}", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z]+://)?(?:[^/@\s]*@)?([^/:?#\s>]+)", re.IGNORECASE)
_REWRITERS = (
    *("urldefense.", "safelinks.protection.outlook.", "mimecast.", "linkprotect.cudasvc."),
    *("protect2.fireeye.", "clicktime.symantec.", "secure-web.cisco.", "proofpoint."),
    *("google.com/url", "trendmicro.", "sophos.", "click.", "track", "r20.rs6.", "list-manage."),
)


class Piece(NamedTuple):
    """One stretch that differs: its words on both sides, as written."""

    kind: str
    old: Sequence[str]
    new: Sequence[str]


class Words(NamedTuple):
    """The words of a text: as compared, and as written."""

    keys: list[str]
    shown: list[str]
    links: list[str]


def split(text: str) -> Words:
    """The words of a text without what programs change: signs, case, links, invisible characters.

    The point inside a number stays, the separator of its thousands goes: 1.5 is not 15, but 1,000
    is 1000.
    """
    clean = _MISREAD.sub(" ", _INVISIBLE.sub("", text[:_MAX_CHARS]))
    if "[" in clean or "xxp" in clean.lower():
        clean = _DISARMED.sub(_armed, clean)
    links: list[str] = []
    if ":" in clean or "www." in clean.lower():
        links = [one.strip("<>[]()., ") for one in _LINK.findall(clean)]
        clean = _LINK.sub(f" {LINK_WORD} ", clean)
    keys: list[str] = []
    shown: list[str] = []
    for word in clean.split()[:MAX_WORDS]:
        key = word if word == LINK_WORD else key_of(word)
        if not key and _LOST.fullmatch(word):
            key = _LOST_WORD
        if key:
            keys.append(key)
            shown.append("(link)" if word == LINK_WORD else word)
    return Words(keys, shown, links)


def _armed(found: re.Match[str]) -> str:
    if found[2] is None:
        return f"http{found[1]}"
    return ":" if found[2] == ":" else "."


def key_of(word: str) -> str:
    """A word as compared: letters, digits and signs of money, in one case."""
    if word.isascii() and word.isalpha():
        return word.lower()
    key = unicodedata.normalize("NFKC", word).casefold()
    if any(map(str.isdigit, key)):
        key = _SEPARATOR.sub(_POINT, _THOUSANDS.sub("", key))
        return "".join(c for c in key if c == _POINT or not _SIGN.match(c)).strip(_POINT)
    return _SIGN.sub("", key)


def pieces(original: str, leaked: str) -> list[Piece]:
    """Each stretch in which two texts differ, and in what way.

    Output    kind: added_start, added_end, cut_start, cut_end, replaced_start, replaced_end (at
              the ends of the text, where lists, gateways, bounces and stores write and cut);
              inserted, removed, replaced (within); links; charset (letters that a wrong charset
              damaged, or an address that was masked); list_marks (lone letters and numbers, as
              a page's lists become text). Nothing for spacing, line breaks, signs, case and the
              separator of thousands.
    Limits    the first 400,000 characters and 20,000 words of each text
    """
    old, new = split(original), split(leaked)
    found = []
    for a, b, c, d in _stretches(old.keys, new.keys):
        kind = _kind(old.keys[a:b], new.keys[c:d])
        if kind is None:
            continue
        shown = old.shown[a:b], new.shown[c:d]
        if kind == "replaced" and (is_masked(*shown) or is_mangled(*shown)):
            kind = "charset"
        if kind in {"inserted", "removed", "replaced"}:
            if kind == "inserted":
                ends = _reaches(new.keys, c, d)
            elif kind == "removed":
                ends = _reaches(old.keys, a, b)
            else:
                ends = (a == 0 and c == 0, b == len(old.keys) and d == len(new.keys))
            kind = _at_an_end(kind, is_start=ends[0], is_end=ends[1])
        found.append(Piece(kind, old.shown[a:b], new.shown[c:d]))
    return found + _links(old.links, new.links)


def kinds(original: str, leaked: str) -> list[str]:
    """The kinds of difference between two texts, each once, in order of the alphabet.

    Output    as `pieces`; "unlike" alone where less than half of the shorter text's words agree
    """
    from rapidfuzz.distance import LCSseq  # noqa: PLC0415  only where it is needed

    old, new = split(original).keys, split(leaked).keys
    least = min(len(old), len(new))
    if old != new and (least == 0 or 2 * LCSseq.similarity(old, new) < least):
        return ["unlike"]
    return sorted({one.kind for one in pieces(original, leaked)})


def _at_an_end(kind: str, *, is_start: bool, is_end: bool) -> str:
    if not (is_start or is_end) or (is_start and is_end):
        return kind
    word = {"inserted": "added", "removed": "cut", "replaced": "replaced"}[kind]
    return f"{word}_{'start' if is_start else 'end'}"


def _stretches(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Ranges in both lists that differ, those joined that only a word or so parts."""
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415  only where it is needed

    open_at: list[int] | None = None
    for step in Levenshtein.opcodes(old, new):
        if step.tag == "equal":
            is_long = step.src_end - step.src_start >= _LEAST_EQUAL
            if open_at is not None and is_long:
                yield open_at[0], open_at[1], open_at[2], open_at[3]
                open_at = None
            continue
        if open_at is None:
            open_at = [step.src_start, step.src_end, step.dest_start, step.dest_end]
        else:
            open_at[1], open_at[3] = step.src_end, step.dest_end
    if open_at is not None:
        yield open_at[0], open_at[1], open_at[2], open_at[3]


def _reaches(words: list[str], start: int, end: int) -> tuple[bool, bool]:
    """Whether a stretch that one side lacks may as well stand at the start, or at the end.

    "x y [z y]" is "x [y z] y" too: what was put at the end must not pass for a word within.
    """
    first, last = start, end
    while last < len(words) and words[first] == words[last]:
        first, last = first + 1, last + 1
    at_end = last == len(words)
    while start > 0 and words[start - 1] == words[end - 1]:
        start, end = start - 1, end - 1
    return start == 0, at_end


def plain(words: Sequence[str]) -> list[str]:
    """The words without links and without what a charset or a sign left behind."""
    return [one for one in words if not one.startswith("\0")]


def _kind(old: list[str], new: list[str]) -> str | None:
    before, after = plain(old), plain(new)
    one, two = "".join(before), "".join(after)
    if one == two:
        return "links" if old.count(LINK_WORD) != new.count(LINK_WORD) else None
    if is_damaged(one, two) or is_lost(old, new) or is_lost(new, old):
        return "charset"
    if all(len(word) < 2 or (word.isdigit() and len(word) < 3) for word in before + after) and not (
        before and after
    ):
        return "list_marks"
    if _holds(before, after):
        return "removed"
    return "inserted" if _holds(after, before) else "replaced"


def _holds(words: list[str], others: list[str]) -> bool:
    """Whether the other words stand among these, in order: then nothing else was put there."""
    rest = iter(words)
    return all(one in rest for one in others)


def is_lost(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether question marks stand in the place of short words outside ASCII."""
    kept = plain(old)
    return (
        not plain(new)
        and len(kept) <= new.count(_LOST_WORD)
        and all(len(one) < 4 and not one.isascii() for one in kept)
    )


def is_damaged(one: str, two: str) -> bool:
    """Whether two words are one, but for letters that a wrong charset lost or mistook."""
    if not one or not two or (one.isascii() and two.isascii()):
        return False
    if _bare(one) == _bare(two):
        return True
    rests = ["".join(c for c in word if c.isascii() and (c.isalnum() or c == _POINT))
             for word in (one, two)]  # fmt: skip
    is_mostly_plain = all(
        2 * len(rest) >= len(word) for rest, word in zip(rests, (one, two), strict=True)
    )
    return rests[0] == rests[1] and is_mostly_plain


def _bare(word: str) -> str:
    flat = unicodedata.normalize("NFKD", word)
    return "".join(c for c in flat if c.isalnum() or c == _POINT)


def is_mangled(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether words as written differ in letters outside ASCII alone, most of them being ASCII."""
    one, two = "".join(old).lower(), "".join(new).lower()
    if one.isascii() and two.isascii():
        return False
    rests = ["".join(c for c in word if c.isascii() and (c.isalnum() or c == _POINT))
             for word in (one, two)]  # fmt: skip
    return rests[0] == rests[1] and 2 * len(rests[0]) >= max(
        sum(map(str.isalnum, word)) for word in (one, two)
    )


def is_masked(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether only an address was written so that no machine reads it, as list archives do."""
    one, two = " ".join(old).lower(), " ".join(new).lower()
    if "@" not in one and "@" not in two:
        return False
    if _MASK.search(one) or _MASK.search(two):
        return True
    return one.replace("@", " at ").split() == two.replace("@", " at ").split()


def _links(old: list[str], new: list[str]) -> list[Piece]:
    """A difference in where links lead: links for what gateways rewrite, else link_replaced."""
    if sorted(old) == sorted(new):
        return []
    if len(old) != len(new):
        return [Piece("links", old, new)]
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    kind = "links" if all(is_rewritten(a, b) for a, b in changed) else "link_replaced"
    return [Piece(kind, [a for a, _ in changed], [b for _, b in changed])]


def is_rewritten(one: str, two: str) -> bool:
    """Whether one of two links may be the other, as gateways and mailers rewrite or cut it.

    Limits    the names of rewriting services are a list; a link through one of them is not read
    """
    one, two = (
        "".join(c for c in link if c.isascii()).rstrip(".,;:!?)>\"'") for link in (one, two)
    )
    if one.startswith(two) or two.startswith(one):
        return True
    for old, new in ((one, two), (two, one)):
        host = _HOST.match(old)
        if any(name in new.lower() for name in _REWRITERS) or (
            host is not None and len(new) > len(old) and host[1].lower() in new.lower()
        ):
            return True
    return False
