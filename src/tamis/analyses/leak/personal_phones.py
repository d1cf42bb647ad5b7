"""Telephone numbers that the plan of a country allows, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.personal_found import Found, mask_tail, stands_near

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Every pattern is bounded, so that the work grows with the text and not with its square.
_PHONE = re.compile(
    r"(?<![\w.,/@=#-])(?:\+\s?|\(\+|\()?\d(?:[ .()/\n\t-]{0,3}\d){6,45}(?![\w@=-]|[.,/]\d)"
)
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_GROUP = re.compile(r"[ .()/\n\t-]*(?:\+\s?)?\d+")
_PHONE_WORDS = re.compile(
    r"t[ée]l|phone|mobile|\bcell|portable|\bfax|call|appel|joign|\bmob\b|num[ée]ro|reach|whatsapp"
    r"|signal\b",
    re.IGNORECASE,
)
_NO_PHONE = re.compile(
    r"(?:n°|no\.?|num[ée]ro de|ref\.?|r[ée]f\.?|order|facture|invoice|commande|dossier|isbn|ean"
    r"|contrat|contract|case|ticket|suivi|tracking|r[ée]f[ée]rence|version)\s{0,2}[:#]?\s{0,2}$"
    r"|\b[a-z]{2}\d{2}(?:\s[a-z]{4})?\s$",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\b(?:t[ée]l[\w.]{0,8}|mobile|portable|fax|phone|[mts]on|votre|notre|leur|my|his|her|your|our)"
    r"\s(?:n°|no\.?)\s{0,2}:?\s{0,2}$",
    re.IGNORECASE,
)
_PAIRS = re.compile(r"0\d(?:([ .-])\d\d)(?:\1\d\d){3}")
# How numbers of the North American plan are grouped; whatever else has ten digits is none.
_NORTH_AMERICAN = frozenset([(3, 3, 4), (1, 3, 3, 4), (3, 7), (10,), (11,)])
_MOST_GROUPS = 6
_DAY = re.compile(
    r"(?<!\d)(?:(\d\d)[ ./-](\d\d)[ ./-](?:19|20)\d\d"
    r"|(?:19|20)\d\d[ ./-](\d\d)[ ./-](\d\d))(?!\d)"
)


def phones(text: str, regions: Sequence[str]) -> Iterator[Found]:
    """Telephone numbers that their country's plan allows.

    A number without + or a leading 0 counts only in groups or beside a word for telephones.
    """
    for match in _PHONE.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        is_reference = _NO_PHONE.search(before) and not _SOMEBODY.search(before)
        if _IPV4.fullmatch(match[0]):
            continue
        # What a word of reference stands before ends with its line; a number may come behind.
        is_open = not is_reference or _PAIRS.match(match[0]) is not None
        is_called = stands_near(_PHONE_WORDS, text, match.span())
        run = _Run(match[0], match.start(), tuple(regions), is_called, is_open)
        yield from _phones_in(run)


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits in a row, where they begin, and what stands around them."""

    piece: str
    offset: int
    regions: tuple[str, ...]
    is_called: bool
    is_open: bool


def _phones_in(run: _Run) -> Iterator[Found]:
    """The numbers in a run of digits, one behind the other, each the longest that is one.

    What stands inside a longer run and is not marked as a number of its own is none.
    """
    piece, offset = run.piece, run.offset
    groups = list(_GROUP.finditer(piece))
    first, is_open = 0, run.is_open
    while first < len(groups):
        lead = groups[first][0]
        start = groups[first].end() - len(lead.lstrip(" .)/\n\t-"))
        is_open = (
            is_open
            or piece[start] == "+"
            or not {"\n", "\t"}.isdisjoint(lead)
            or "  " in lead
            or " / " in lead
        )
        for last in range(min(len(groups), first + 8) - 1, first - 1, -1) if is_open else ():
            told = piece[start : groups[last].end()]
            is_whole = first == 0 and last == len(groups) - 1
            is_marked = told.lstrip("(")[:1] in {"+", "0"}
            if not (is_whole or (is_marked and _ends(groups, last))):
                continue
            number = _number(told, run.regions, is_called=run.is_called)
            if number is not None:
                span = (offset + start, offset + groups[last].end())
                yield Found("phone", "phone", *span, number, mask_tail(number))
                first = last
                break
        else:
            is_open = False
        first += 1


def _ends(groups: list[re.Match[str]], last: int) -> bool:
    """Whether a number can end with a group: none does where a dash or dot joins the next."""
    if last + 1 == len(groups):
        return True
    gap = re.match(r"[^\d+]*", groups[last + 1][0])
    return gap is None or gap[0] not in {"-", "."}


def _number(told: str, regions: tuple[str, ...], *, is_called: bool) -> str | None:
    digits = re.sub(r"\D", "", told)
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 3:
        return None
    if "+" in told or digits.startswith("00"):
        # The 0 in brackets of +33 (0)6 is for those who call inside the country.
        plain = re.sub(r"\D", "", told.replace("(0)", ""))
        return _valid("+" + plain.removeprefix("00"), None)
    sizes = tuple(map(len, re.findall(r"\d+", told)))
    is_grouped = len(sizes) >= 3 or "(" in told
    if not (is_called or is_grouped or digits.startswith("0")) or _is_day(told):
        return None
    return next(
        (
            found
            for one in regions
            if _is_written(told, sizes, one) and (found := _valid(digits, one))
        ),
        None,
    )


def _is_written(told: str, sizes: tuple[int, ...], region: str) -> bool:
    """Whether people of a country group a number so."""
    if region in {"US", "CA"}:
        return sizes in _NORTH_AMERICAN and {"/", "\n", "\t"}.isdisjoint(told)
    if breaks := told.count("\n") + told.count("\t"):
        # Over the end of a line or cell only in equal groups: a table is no number.
        return set(sizes[1:]) == {2} and breaks == 1
    return told.lstrip("(").startswith("0") and len(sizes) <= _MOST_GROUPS and sizes[-1] > 1


def _is_day(told: str) -> bool:
    """Whether a day with its year stands in it: 09 04 1999, 2022-03-19."""
    found = _DAY.search(told)
    if found is None:
        return False
    one, other = sorted(int(part) for part in found.groups() if part)
    return 1 <= one <= 12 and 1 <= other <= 31


@cache
def _plans() -> Any:
    import phonenumbers  # noqa: PLC0415  six megabytes of numbering plans

    return phonenumbers


def _valid(digits: str, region: str | None) -> str | None:
    """The number in E.164, None where no plan allows it."""
    plans = _plans()
    try:
        number = plans.parse(digits, region)
    except plans.NumberParseException:
        return None
    if not plans.is_valid_number(number):
        return None
    return str(plans.format_number(number, plans.PhoneNumberFormat.E164))
