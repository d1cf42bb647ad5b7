"""Data about people by its form and the words around it: e-mail, dates of birth, plates."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.personal_found import Found, mask_email, mask_tail, stands_near

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOMAIN = r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,5}[^\W\d_]{2,24}(?![\w@])"
_EMAIL = re.compile(rf"(?<![\w+%'-])[\w+%'-][\w.+%'-]{{0,63}}@{_DOMAIN}")
# What people write so that programs do not find it: jean (at) example [dot] org.
_DISGUISED = re.compile(
    r"(?<![\w.+-])(?P<local>[\w+-][\w.+-]{0,63})\s?[\[({<]\s?(?:at|arobase|arobas|chez|@)\s?[\])}>]\s?"
    r"(?P<domain>[\w-]{1,62}(?:(?:\.|\s?[\[({<]\s?(?:dot|point|\.)\s?[\])}>]\s?)[\w-]{1,62}){1,4})"
    r"(?![\w@])",
    re.IGNORECASE,
)
_AT = re.compile(r"[\[({<]\s?(?:at|arobase?|chez|@)", re.IGNORECASE)
_MACHINE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=(?:\D{0,8}\d){8})[0-9a-f.$_-]{16,64}",
    re.IGNORECASE,
)
# Names of files and of messages have the form of an address.
_NO_EMAIL = re.compile(
    r"(?:cid:|message-id:?\s{0,2}<?|in-reply-to:?\s{0,2}<?|references:?\s{0,2}<?|://[^\s/@]{0,64}:)$",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:.])")
_NO_IP = re.compile(
    r"(?:versions?|release|build|v|ver\.|section|article|chapitre|chapter|point|§|firmware)\s{0,2}$",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for names in (
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
    )
    for number, name in enumerate(names.split(), 1)
} | {"fevrier": 2, "aout": 8, "decembre": 12}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE = (
    rf"(?:(?P<d>\d{{1,2}})[./-](?P<m>\d{{1,2}})[./-](?P<y>\d{{4}})"
    rf"|(?P<y2>\d{{4}})-(?P<m2>\d{{2}})-(?P<d2>\d{{2}})"
    rf"|(?P<d3>\d{{1,2}})(?:er|st|nd|rd|th)?\s(?:of\s)?(?P<w3>{_MONTH})\.?,?\s(?P<y3>\d{{4}})"
    rf"|(?P<w4>{_MONTH})\.?\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y4>\d{{4}}))"
)
_BIRTH = re.compile(
    r"(?<!\w)(?:née?\(?e?\)?\sle|date de naissance|naissance|born(?:\son)?|date of birth"
    rf"|d\.?o\.?b\.?|birth ?da(?:te|y)|anniversaire)(?!\w)"
    rf"(?P<between>[^\n\d]{{0,30}}?)(?P<date>{_DATE})(?!\d)",
    re.IGNORECASE,
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_PASSPORT = re.compile(
    r"(?<!\w)(?:passeport|passport)s?(?!\w)[^\n\d]{0,30}?(?<![A-Z0-9])"
    r"(?P<value>\d{2}[A-Z]{2}\d{5}|[A-Z]{1,2}\d{6,8}|\d{9}|[CFGHJK][0-9A-Z]{8})(?![\w-])",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"(?<![\w-])(?:[A-HJ-NP-TV-Z]{2}[- ]\d{3}[- ][A-HJ-NP-TV-Z]{2}"
    r"|\d{1,4}[ -][A-Z]{2,3}[ -](?:\d{2}|2[AB]|9[78]\d)"
    r"|[A-Z]{2}\d{2}[ ]?[A-Z]{3})(?![\w-])"
)
_PLATE_WORDS = re.compile(
    r"immatricul|plaque|v[ée]hicule|voiture|\bplates?\b|registration|\bcar\b|vehicle|\bcamion"
    r"|\bvan\b|parking|scooter",
    re.IGNORECASE,
)


def emails(text: str) -> Iterator[Found]:
    """E-mail addresses whose domain ends in a public suffix; names of messages are none."""
    for match in _EMAIL.finditer(text):
        address = match[0].lower().lstrip("'")
        start = match.end() - len(address)
        before = text[max(0, start - 80) : start]
        local, _, domain = address.rpartition("@")
        if not _is_suffix(domain.rpartition(".")[2]) or _NO_EMAIL.search(before):
            continue
        if before.endswith("<") and _MACHINE.fullmatch(local):
            continue
        yield Found("email", "email", start, match.end(), address, mask_email(address))
    for match in _DISGUISED.finditer(text) if _AT.search(text) else ():
        domain = ".".join(re.findall(r"[\w-]+(?<!dot)(?<!point)", match["domain"].lower()))
        address = f"{match['local'].lower()}@{domain}"
        if _is_suffix(domain.rpartition(".")[2]):
            yield Found("email", "email.disguised", *match.span(), address, mask_email(address))


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415

    return PublicSuffixList(accept_unknown=False)


def _is_suffix(top: str) -> bool:
    # example and test are reserved for documents and invented incidents (RFC 2606).
    return top in {"example", "test", "invalid"} or _suffixes().publicsuffix(top) is not None


def networks(text: str) -> Iterator[Found]:
    """IP addresses that are no version or section number."""
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            try:
                address = ipaddress.ip_address(match[0])
            except ValueError:
                continue
            before = text[max(0, match.start() - 20) : match.start()]
            if _NO_IP.search(before) or _is_numbering(match[0]) or address.is_unspecified:
                continue
            normal = str(address)
            yield Found("ip", f"ipv{address.version}", *match.span(), normal, mask_tail(normal))


def _is_numbering(told: str) -> bool:
    """Whether a text looks like the number of a section, a time, or nothing: 1.2.3.4, 10::."""
    if ":" in told:
        return sum(character.isalnum() for character in told) < 4 or told.count(":") < 3
    return all(int(one) < 20 for one in told.split("."))


def birth_dates(text: str) -> Iterator[Found]:
    """Dates directly behind a word for birth."""
    for match in _BIRTH.finditer(text):
        day = _date(match)
        if day is not None:
            yield Found("birth_date", "birth_date", *match.span("date"), day, "a day of birth")


def _date(match: re.Match[str]) -> str | None:
    given = match.groupdict()
    if given["d"]:
        parts = (given["y"], given["m"], given["d"])
    elif given["y2"]:
        parts = (given["y2"], given["m2"], given["d2"])
    elif given["d3"]:
        parts = (given["y3"], str(_MONTHS[given["w3"].lower()]), given["d3"])
    else:
        parts = (given["y4"], str(_MONTHS[given["w4"].lower()]), given["d4"])
    year, month, day = map(int, parts)
    if month > 12 and day <= 12:
        month, day = day, month
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def passports(text: str) -> Iterator[Found]:
    """Numbers of the form of a passport's, directly behind the word for it."""
    for match in _PASSPORT.finditer(text):
        value = match["value"].upper()
        yield Found("passport", "passport", *match.span("value"), value, mask_tail(value))


def plates(text: str) -> Iterator[Found]:
    """Number plates of French and British form beside a word for vehicles."""
    for match in _PLATE.finditer(text):
        if stands_near(_PLATE_WORDS, text, match.span()):
            value = re.sub(r"[^A-Z0-9]", "", match[0])
            yield Found("plate", "plate", *match.span(), value, mask_tail(value))
