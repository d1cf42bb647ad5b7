"""Postal addresses in French and English text, by their form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamis.analyses.leak.personal_found import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

# Every repetition is bounded, so that the work grows with the text and not with its square.
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'-]{0,30}"
_WORD = r"[^\W\d_][\w'.-]{0,30}"
_WAY_FR = (
    r"(?i:rue|avenue|av\.?|ave\.?|boulevard|bd\.?|blvd\.?|boul\.|place|pl\.?|chemin|chem\.|ch\."
    r"|all[ée]es?|impasse|imp\.|quai|route|rte\.?|cours|square|sq\.|passage|pass\.|villa|faubourg"
    r"|fbg\.?|fg\.?|sentier|r[ée]sidence|r[ée]s\.|lotissement|lot\.|esplanade|promenade|hameau"
    r"|cit[ée]|clos|rond-point|parvis|mont[ée]e|traverse|venelle|ruelle|voie)\s"
)
_LINK_FR = r"(?i:de la|de l'|des|du|de|d'|les|la|le|l'|aux?|à la)"
_SUFFIX_FR = r"(?:\s?(?i:bis|ter|quater|[A-H])(?!\w))?"
_NUMBER_FR = rf"(?<![\w.,/-])\d{{1,4}}{_SUFFIX_FR}(?:\s?[-/]\s?\d{{1,4}}{_SUFFIX_FR})?,?\s{{1,2}}"
_NAME_FR = (
    rf"(?:{_LINK_FR}\s?){{0,2}}(?:\d{{1,2}}(?:er)?\s(?i:{_CAPITAL})|{_CAPITAL})"
    rf"(?:[ -](?:{_LINK_FR}\s?)?(?:et\s)?{_CAPITAL}){{0,5}}(?:\s\d{{4}}(?!\d))?"
)
_PART_FR = (
    r"(?:,?\s(?i:appt?\.?|appartement|b[âa]t\.?|b[âa]timent|esc\.?|escalier|[ée]tage|porte|bp|cs)"
    r"\s?\w{1,6}){0,3}"
)
_TOWN_FR = (
    rf"(?:\s?[,;/-])?\s{{1,3}}(?:F[ -])?\d{{5}}\s{_CAPITAL}"
    rf"(?:[ -](?:sur|sous|en|de|du|des|la|le|les|lès|aux?|d'|l'|(?!(?i:cedex)){_CAPITAL})){{0,5}}"
    r"(?:\s(?i:cedex)(?:\s\d{1,2}(?!\d))?|\s\d{1,2}(?:er|e|ème)?(?![\w:/-]|[.,]\d))?"
)
_LOOSE_FR = (
    rf"(?!(?:par|pour|dans|sur|en|et|qui|que|le|au) )(?:{_WORD}[ ]|\d{{1,4}}[ ]){{0,5}}{_WORD}"
)
_WAY_EN = (
    r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.?|Court|Ct\.?|Square|Sq\.?"
    r"|Terrace|Crescent|Close|Gardens|Way|Boulevard|Blvd\.?|Hill|Grove|Mews|Place|Pl\.?|Parkway"
    r"|Pkwy\.?|Circle|Cir\.?|Row|Walk|Highway|Hwy\.?|Plaza|Trail|Quay|Wharf|Rise|Yard)(?!\w)"
)
_UNIT = r"(?i:flat|apt\.?|apartment|unit|suite|ste\.?|room|rm\.?|floor)"
_NUMBER_EN = (
    rf"(?<![\w.,/-])(?:{_UNIT}\s\w{{1,5}},?\s)?\d{{1,5}}[A-Da-d]?(?:[-/]\d{{1,5}}[A-Da-d]?)?,?\s"
)
_UNIT_EN = rf"(?:,?\s(?:{_UNIT}\s?#?|#\s?)\w{{1,5}}){{0,2}}"
_NAME_EN = rf"(?:(?:{_CAPITAL}\.?|\d{{1,3}}(?:st|nd|rd|th))\s){{1,4}}"
_LOOSE_EN = rf"(?:(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th))\s){{1,4}}"
_CODE_EN = r"(?:[A-Z]{2}\s\d{5}(?:-\d{4})?|(?i:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}))(?!\w)"
_TOWN_EN = rf"(?:,?\s{{1,3}}(?:{_CAPITAL}\.?[ ]?){{1,4}}){{1,3}}?,?\s{{1,2}}{_CODE_EN}"
# Forms that need a town with its code are looked for only in texts that have such a code.
_NEEDS_FR = re.compile(r"(?<!\d)\d{5}\s[^\W\d_]")
_NEEDS_EN = re.compile(rf"(?<!\w){_CODE_EN}")
_PATTERNS = (
    ("address.fr", _NEEDS_FR, rf"{_NUMBER_FR}{_WAY_FR}{_LOOSE_FR}{_PART_FR}{_TOWN_FR}"),
    ("address.fr", None, rf"{_NUMBER_FR}{_WAY_FR}{_NAME_FR}{_PART_FR}(?:{_TOWN_FR})?"),
    ("address.fr", _NEEDS_FR, rf"(?<!\w){_WAY_FR}{_NAME_FR}{_PART_FR}{_TOWN_FR}"),
    ("address.en", _NEEDS_EN, rf"{_NUMBER_EN}{_LOOSE_EN}(?i:{_WAY_EN}){_UNIT_EN}{_TOWN_EN}"),
    ("address.en", None, rf"{_NUMBER_EN}{_NAME_EN}{_WAY_EN}{_UNIT_EN}(?:{_TOWN_EN})?"),
)
_ADDRESSES = tuple((rule_id, needs, re.compile(pattern)) for rule_id, needs, pattern in _PATTERNS)


def addresses(text: str) -> Iterator[Found]:
    """Streets with a number and a name, with the town where it follows, or with only the town.

    Limits    Small letters count only before a town with its code. Town names alone are none.
    """
    for rule_id, needs, pattern in _ADDRESSES:
        if needs is not None and needs.search(text) is None:
            continue
        for match in pattern.finditer(text):
            told = match[0].rstrip(".,' -")
            normal = " ".join(told.lower().split())
            span = (match.start(), match.start() + len(told))
            yield Found("address", rule_id, *span, normal, "a street and its number")
