"""Data about people by its form and the words around it: addresses, dates of birth, plates."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.personal_found import Found, mask_email, mask_tail

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEAR = 60
_EMAIL = re.compile(
    r"(?<![\w.+/=-])[A-Za-z0-9][\w.+'-]{0,63}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,5}[^\W\d_]{2,24}"
    r"(?![\w@])"
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
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'\u2019-]{0,30}"
_PLACE_FR = (
    rf"{_CAPITAL}(?:[ -](?:sur|sous|en|de|du|la|le|les|lès|d'|l'|\d{{1,2}}|{_CAPITAL})){{0,5}}"
)
_STREET_FR = (
    r"(?<![\w.,/-])\d{1,4}(?:\s?(?:bis|ter|quater|[A-D]))?,?\s(?:rue|avenue|av\.|boulevard|bd\.?|blvd"
    r"|place|pl\.|chemin|all[ée]es?|impasse|quai|route|cours|square|passage|villa|faubourg|sentier"
    r"|r[ée]sidence|esplanade|promenade)\s"
    r"(?:(?:de la|de l['\u2019]|des|du|de|d['\u2019]|les|la|le|aux?)\s?){0,2}"
    rf"{_CAPITAL}(?:[ -](?:de|du|des|la|le|et|d['\u2019]|{_CAPITAL})){{0,5}}"
)
_STREET_EN = (
    rf"(?<![\w.,/-])\d{{1,5}}[A-Da-d]?,?\s(?:{_CAPITAL}\s){{1,4}}"
    r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Court|Ct\.?|Square|Sq\.?"
    r"|Terrace|Crescent|Close|Gardens|Way|Boulevard|Blvd\.?|Hill|Grove|Mews)(?!\w)"
)
_TOWN_FR = rf"(?:,?\s{{1,3}}\d{{5}}\s{_PLACE_FR})?"
_TOWN_EN = (
    rf"(?:,?\s{{1,3}}(?:{_CAPITAL}[ ]?){{1,3}},?\s(?:[A-Z]{{2}}\s\d{{5}}(?:-\d{{4}})?"
    r"|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})(?!\w))?"
)
_ADDRESSES = (
    ("address.fr", re.compile(_STREET_FR + _TOWN_FR)),
    ("address.en", re.compile(_STREET_EN + _TOWN_EN)),
)


def emails(text: str) -> Iterator[Found]:
    """E-mail addresses whose domain ends in a public suffix; names of messages are none."""
    for match in _EMAIL.finditer(text):
        address = match[0].lower()
        before = text[max(0, match.start() - 80) : match.start()]
        if _is_suffix(address.rpartition(".")[2]) and not _NO_EMAIL.search(before):
            yield Found("email", "email", *match.span(), address, mask_email(address))


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
        low, high = max(0, match.start() - _NEAR), match.end() + _NEAR
        if _PLATE_WORDS.search(text, low, high):
            value = re.sub(r"[^A-Z0-9]", "", match[0])
            yield Found("plate", "plate", *match.span(), value, mask_tail(value))


def addresses(text: str) -> Iterator[Found]:
    """Streets with a number and a name in capitals, with the town where it follows."""
    for rule_id, pattern in _ADDRESSES:
        for match in pattern.finditer(text):
            told = match[0].rstrip(".,' \u2019-")
            normal = " ".join(told.lower().split())
            span = (match.start(), match.start() + len(told))
            yield Found("address", rule_id, *span, normal, "a street and its number")
