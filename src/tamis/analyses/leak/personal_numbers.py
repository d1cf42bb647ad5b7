"""Numbers of people that carry a check: telephones, accounts, cards, national identity numbers."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak import exposure_masks as masks
from tamis.analyses.leak.personal_found import Found, mask_tail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Every pattern is bounded, so that the work grows with the text and not with its square.
_NEAR = 60
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0\u202f.-]?[A-Z0-9]){11,30}")
CARD = re.compile(r"(?<![\w.,/-])\d(?:[ \u00a0-]?\d){12,18}(?![\w/-])")
CARD_GROUPS = re.compile(r"\d{4}([ \u00a0-])\d{4}\1\d{4}\1\d{4}|\d{4}([ \u00a0-])\d{6}\2\d{4,5}")
CARD_WORDS = re.compile(
    r"\bcartes?\b|\bcards?\b|\bvisa\b|mastercard|\bamex\b|american express|\bcb\b|\bcvv\b|\bcvc\b"
    r"|cryptogramme|expir",
    re.IGNORECASE,
)
_NIR = re.compile(
    r"(?<![\w.,/-])[12378][ .\u00a0]?\d{2}[ .\u00a0]?\d{2}[ .\u00a0]?(?:\d{2}|2[ABab])[ .\u00a0]?"
    r"\d{3}[ .\u00a0]?\d{3}[ .\u00a0-]{0,3}\d{2}(?![\w/-]|[.,]\d)"
)
_SIRET = re.compile(r"(?<![\w.,/-])\d{3}(?:[ .\u00a0]?\d{3}){2}[ .\u00a0]?\d{5}(?![\w/-]|[.,]\d)")
_SIREN = re.compile(r"(?<![\w.,/-])\d{3}(?:[ .\u00a0]?\d{3}){2}(?![\w/-]|[.,]\d| ?\d)")
_COMPANY_WORDS = re.compile(
    r"siren|siret|\brcs\b|registre du commerce|company n|\btva\b", re.IGNORECASE
)
_CODICE = re.compile(
    r"(?<![\w])[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z](?![\w])", re.IGNORECASE
)
_AHV = re.compile(r"(?<![\w.])756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?![\w]|[.,]\d)")
_BELGIAN = re.compile(r"(?<![\w.-])\d{2}\.\d{2}\.\d{2}-\d{3}[.-]\d{2}(?![\w]|[.,]\d)")
_DNI = re.compile(r"(?<![\w-])(?:[XYZ]-?\d{7}|\d{8})-?[A-HJ-NP-TV-Z](?![\w-])")
_DNI_WORDS = re.compile(r"\b(?:dni|nie|nif|identidad|identité|identity)\b", re.IGNORECASE)
_PESEL = re.compile(r"(?<![\w.,/-])\d{11}(?![\w/-]|[.,]\d)")
_PHONE = re.compile(
    r"(?<![\w.,/@=#-])(?:\+\s?|\(\+|\()?\d(?:[ .\u00a0\u202f()-]{0,3}\d){6,17}(?![\w@/=-]|[.,]\d)"
)
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_GROUP = re.compile(r"[ .\u00a0\u202f()-]*(?:\+\s?)?\d+")
_PHONE_WORDS = re.compile(
    r"t[ée]l|phone|mobile|\bcell|portable|\bfax|call|appel|joign|\bmob\b|num[ée]ro|reach|whatsapp"
    r"|signal\b",
    re.IGNORECASE,
)
_NO_PHONE = re.compile(
    r"(?:n°|no\.?|num[ée]ro de|ref\.?|r[ée]f\.?|order|facture|invoice|commande|dossier|isbn|ean"
    r"|contrat|contract|case|ticket|suivi|tracking)\s{0,2}[:#]?\s{0,2}$|\b[a-z]{2}\d{2}\s$",
    re.IGNORECASE,
)


def ibans(text: str) -> Iterator[Found]:
    """Account numbers with right check digits."""
    for match in IBAN.finditer(text):
        number = masks.iban_in(re.sub(r"[^A-Z0-9]", "", match[0]))
        if number is not None:
            end = _end_of(text, match.start(), len(number))
            yield Found("iban", "iban", match.start(), end, number, masks.mask_iban(number))


def cards(text: str) -> Iterator[Found]:
    """Card numbers of a known network with a right check digit, in groups or beside a word."""
    for match in CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if masks.is_card(digits) and (
            CARD_GROUPS.fullmatch(match[0]) or _is_near(CARD_WORDS, text, match)
        ):
            yield Found("card", "card", *match.span(), digits, masks.mask_card(digits))


def nirs(text: str) -> Iterator[Found]:
    """French social security numbers with a right key and a possible month."""
    from stdnum.fr import nir  # noqa: PLC0415  loads in the worker only

    for match in _NIR.finditer(text):
        value = re.sub(r"[^0-9A-Z]", "", match[0].upper())
        month = int(value[3:5])
        if (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and nir.is_valid(value):
            yield Found("nir", "fr.nir", *match.span(), value, mask_tail(value))


def sirets(text: str) -> Iterator[Found]:
    """French establishment numbers with a right check digit, beside a word for them."""
    from stdnum.fr import siret  # noqa: PLC0415

    yield from _checked(text, _SIRET, siret, ("siret", "fr.siret", _COMPANY_WORDS))


def sirens(text: str) -> Iterator[Found]:
    """French company numbers with a right check digit, beside a word for them."""
    from stdnum.fr import siren  # noqa: PLC0415

    yield from _checked(text, _SIREN, siren, ("siren", "fr.siren", _COMPANY_WORDS))


def national_ids(text: str) -> Iterator[Found]:
    """Identity numbers of some other countries; those with a weak check only beside a word."""
    from stdnum.be import nn  # noqa: PLC0415
    from stdnum.ch import ssn  # noqa: PLC0415
    from stdnum.es import nif  # noqa: PLC0415
    from stdnum.it import codicefiscale  # noqa: PLC0415
    from stdnum.pl import pesel  # noqa: PLC0415

    pesel_word = re.compile(r"pesel", re.IGNORECASE)
    for pattern, module, rule_id, words in (
        (_CODICE, codicefiscale, "it.codicefiscale", None),
        (_AHV, ssn, "ch.ahv", None),
        (_BELGIAN, nn, "be.nn", None),
        (_DNI, nif, "es.nif", _DNI_WORDS),
        (_PESEL, pesel, "pl.pesel", pesel_word),
    ):
        yield from _checked(text, pattern, module, ("national_id", rule_id, words))


def _checked(
    text: str, pattern: re.Pattern[str], module: Any, rule: tuple[str, str, re.Pattern[str] | None]
) -> Iterator[Found]:
    kind, rule_id, words = rule
    for match in pattern.finditer(text):
        value = re.sub(r"[^0-9A-Z]", "", match[0].upper())
        if (words is None or _is_near(words, text, match)) and module.is_valid(value):
            yield Found(kind, rule_id, *match.span(), value, mask_tail(value))


def phones(text: str, regions: Sequence[str]) -> Iterator[Found]:
    """Telephone numbers that their country's plan allows.

    A number without + or a leading 0 counts only in groups or beside a word for telephones.
    """
    for match in _PHONE.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()]
        if _NO_PHONE.search(before) or _IPV4.fullmatch(match[0]):
            continue
        is_called = _is_near(_PHONE_WORDS, text, match)
        yield from _phones_in(match[0], match.start(), regions, is_called=is_called)


def _phones_in(
    piece: str, offset: int, regions: Sequence[str], *, is_called: bool
) -> Iterator[Found]:
    """The numbers in a run of digits, one behind the other, each the longest that is one.

    What stands inside a longer run and is not marked as a number of its own is none.
    """
    groups = list(_GROUP.finditer(piece))
    first, is_open = 0, True
    while first < len(groups):
        start = groups[first].end() - len(groups[first][0].lstrip(" .\u00a0\u202f)-"))
        is_open = is_open or piece[start] == "+"
        for last in range(len(groups) - 1, first - 1, -1) if is_open else ():
            told = piece[start : groups[last].end()]
            is_whole = first == 0 and last == len(groups) - 1
            is_marked = told.lstrip("(")[:1] in {"+", "0"}
            if not (is_whole or is_marked):
                continue
            number = _number(told, tuple(regions), is_called=is_called)
            if number is not None:
                span = (offset + start, offset + groups[last].end())
                yield Found("phone", "phone", *span, number, mask_tail(number))
                first = last
                break
        else:
            is_open = False
        first += 1


def _number(told: str, regions: tuple[str, ...], *, is_called: bool) -> str | None:
    digits = re.sub(r"\D", "", told)
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 3:
        return None
    is_marked = "+" in told or digits.startswith("0")
    is_grouped = len(re.findall(r"\d+", told)) >= 3 or "(" in told
    if not (is_marked or is_called or is_grouped):
        return None
    if digits.startswith("00"):
        return _valid("+" + digits[2:], None)
    if "+" in told:
        # The 0 in brackets of +33 (0)6 is for those who call inside the country.
        return _valid("+" + re.sub(r"\D", "", told.replace("(0)", "")), None)
    return next((found for one in regions if (found := _valid(digits, one))), None)


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
    if region is not None and region not in {"US", "CA"} and not digits.startswith("0"):
        return None
    return str(plans.format_number(number, plans.PhoneNumberFormat.E164))


def _is_near(words: re.Pattern[str], text: str, match: re.Match[str]) -> bool:
    low, high = max(0, match.start() - _NEAR), match.end() + _NEAR
    return words.search(text, low, high) is not None


def _end_of(text: str, start: int, count: int) -> int:
    """Where the `count`-th letter or digit ends."""
    at = start
    while count:
        count -= text[at].isalnum()
        at += 1
    return at
