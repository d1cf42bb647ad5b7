"""Numbers of people that carry a check: accounts, cards, national identity numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak import exposure_masks as masks
from tamis.analyses.leak.personal_found import Found, mask_tail, stands_near

if TYPE_CHECKING:
    from collections.abc import Iterator

# Every pattern is bounded, so that the work grows with the text and not with its square.
_GAP = r"[ \u00a0\u2007\u2009\u202f.\n\t-]"
_BREAK = re.compile(r"[\n\t]")
_IBAN = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}\d{{2}}(?:{_GAP}?[A-Za-z0-9]){{11,30}}")
_CARD = re.compile(
    rf"(?<![\w.,/-])(?:\d{{4}}({_GAP})\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{3}}(?=\D))?"
    rf"|\d{{4}}({_GAP})\d{{6}}\2\d{{4,5}}|\d{{13,19}}|\d(?:[ \u00a0-]?\d){{12,18}})"
    r"(?!\w|[./-]\d)"
)
# More groups of four before or behind: part of an account number or of another long number.
_GROUPS_BEFORE = re.compile(
    rf"(?:\d{{4}}|\b[A-Z]{{2}}\d\d(?:{_GAP}[A-Z]{{4}})?){_GAP}$", re.IGNORECASE
)
_GROUPS_BEHIND = re.compile(rf"{_GAP}\d{{4}}(?!\d)")
_REFERENCE = re.compile(
    r"(?:n°|no\.?|num[ée]ro|number|ref\.?|r[ée]f\.?|reference|r[ée]f[ée]rence|order|facture|invoice"
    r"|commande|dossier|contrat|contract|case|ticket|suivi|tracking|siret|isbn|ean|id)"
    r"\s{0,2}[:#]?\s{0,2}$|[#=]$",
    re.IGNORECASE,
)
CARD_WORDS = re.compile(
    r"\bcartes?\b|\bcards?\b|\bvisa\b|mastercard|\bamex\b|american express|\bcb\b|\bcvv\b|\bcvc\b"
    r"|cryptogramme|expir",
    re.IGNORECASE,
)
_NIR = re.compile(
    r"(?<![\w.,/-])[12378][ .\n\t-]?\d{2}[ .\n\t-]?\d{2}[ .\n\t-]?(?:\d{2}|2[ABab])[ .\n\t-]?"
    r"\d{3}[ .\n\t-]?\d{3}[ .\n\t-]{0,3}\d{2}(?![\w/-]|[.,]\d)"
)
_SIRET = re.compile(r"(?<![\w.,/-])\d{3}(?:[ .]?\d{3}){2}[ .]?\d{5}(?![\w/-]|[.,]\d)")
_SIREN = re.compile(r"(?<![\w.,/-])\d{3}(?:[ .]?\d{3}){2}(?![\w/-]|[.,]\d| ?\d)")
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


def ibans(text: str) -> Iterator[Found]:
    """Account numbers with right check digits."""
    for start, end, number in iban_places(text):
        yield Found("iban", "iban", start, end, number, masks.mask_iban(number))


def iban_places(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each account number stands, and the number in capitals without spaces.

    Source    ISO 13616-1; python-stdnum's copy of its registry says which places are letters.
    """
    from stdnum import iban  # noqa: PLC0415  loads in the worker only

    for match in _IBAN.finditer(text):
        number = masks.iban_in(re.sub(r"[^A-Z0-9]", "", match[0].upper()))
        if number is None or not iban.is_valid(number, check_country=False):
            continue
        end = _end_of(text, match.start(), len(number))
        if not text[end : end + 1].isalnum() and len(_BREAK.findall(match[0])) <= 1:
            yield match.start(), end, number


def cards(text: str) -> Iterator[Found]:
    """Card numbers of a known network with a right check digit.

    In the groups of a card or beside a word for one; without spaces also where nothing says that
    it is a reference, except the lengths that company numbers and times have.
    """
    for start, end, digits, is_grouped in card_places(text):
        is_plain = len(digits) in {15, 16} and text[start:end].isdigit()
        before = text[max(0, start - 20) : start]
        if (
            is_grouped
            or (is_plain and not _REFERENCE.search(before))
            or stands_near(CARD_WORDS, text, (start, end))
        ):
            yield Found("card", "card", start, end, digits, masks.mask_card(digits))


def card_places(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Where digits of a known network with a right check digit stand, and if in a card's groups."""
    lines, text = text, _BREAK.sub(" ", text)
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if not masks.is_card(digits) or len(_BREAK.findall(lines, *match.span())) > 1:
            continue
        is_grouped = bool(match[1] or match[2]) and not (
            _GROUPS_BEFORE.search(text, max(0, match.start() - 10), match.start())
            or _GROUPS_BEHIND.match(text, match.end())
        )
        yield *match.span(), digits, is_grouped


def nirs(text: str) -> Iterator[Found]:
    """French social security numbers with a right key and a possible month."""
    from stdnum.fr import nir  # noqa: PLC0415  loads in the worker only

    for match in _NIR.finditer(text):
        value = re.sub(r"[^0-9A-Z]", "", match[0].upper())
        month = int(value[3:5])
        if len(_BREAK.findall(match[0])) > 1:
            continue
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
        if (words is None or stands_near(words, text, match.span())) and module.is_valid(value):
            yield Found(kind, rule_id, *match.span(), value, mask_tail(value))


def _end_of(text: str, start: int, count: int) -> int:
    """Where the `count`-th letter or digit ends."""
    at = start
    while count:
        count -= text[at].isalnum()
        at += 1
    return at
