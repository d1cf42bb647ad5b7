"""What the build of a text tells of its kind: amounts, numbers of registers, times, signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_DAY = (
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_CLOCK = r"(?<![\d.,])\d{1,2}\s?(?:h\s?\d{0,2}(?!\w)|heures\b|:\d{2}(?!\d)|(?:am|pm)(?!\w))"
_AMOUNT = r"\d[\d ,.]{0,15}[.,]\d{2}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of structure: how often it must stand there, and for which labels it speaks."""

    words: str
    pattern: re.Pattern[str]
    least: int
    weights: dict[str, float]


def _mark(words: str, pattern: str, least: int, flags: int = re.IGNORECASE, **w: float) -> Mark:
    return Mark(words, re.compile(pattern, flags | re.MULTILINE), least, w)


# Every repeat is bounded and no two neighbours can share a character: the texts are hostile.
MARKS = (
    _mark("several times of day", _CLOCK, 2, logistics=1.5),
    _mark("a line that starts with a time", rf"^[-*\s]{{0,4}}{_CLOCK}", 2, logistics=1.5),
    _mark("a day with a time", rf"\b{_DAY}\b[^\n\d]{{0,15}}{_CLOCK}", 1, logistics=1.0),
    _mark(
        "a seat or a flight",
        r"\b(?:seat|place|voiture|si[èe]ge|vol|flight|gate)\s(?:[A-Z]{2}\s?)?\d{1,4}[A-F]?\b",
        1,
        logistics=1.0,
    ),
    _mark(
        "several amounts of money",
        r"[€£$]\s?\d|\d\s?(?:[kM]?[€£$]|(?:EUR|euros?)\b)",
        3,
        invoice=1.0,
    ),
    _mark(
        "an amount of money",
        r"[€£$]\s?\d|\d\s?(?:[kM]?[€£$]|(?:EUR|euros?)\b)",
        1,
        finance=0.75,
    ),
    _mark(
        "amounts that end lines",
        rf"(?<=[^\d\n.,]){_AMOUNT}\s?(?:€|\$|£|EUR|USD|GBP)?[ \t]{{0,3}}$",
        2,
        invoice=1.5,
        finance=0.75,
        payroll=0.5,
    ),
    _mark(
        "a table of amounts",
        r"^[^;,\t\n]{1,60}[;,\t]-?\d[\d ]{0,12}[;,\t]-?\d[\d ]{0,12}(?:[;,\t]|$)",
        2,
        finance=2.0,
    ),
    _mark("an IBAN", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}", 1, 0, invoice=1.0, finance=1.0),
    _mark("a SIRET number", r"(?<!\d)\d{3} ?\d{3} ?\d{3} ?\d{5}(?!\d)", 1, invoice=1.5),
    _mark("a VAT number", r"\b(?:FR ?\d{2} ?\d{9}|GB ?\d{9})\b", 1, invoice=1.5),
    _mark("a rate of VAT", r"\b(?:TVA|VAT)\s?\(?\d{1,2}(?:[.,]\d)?\s?%", 1, invoice=1.0),
    _mark(
        "a number of a bill or an order",
        r"\b(?:facture|invoice|inv|devis|quote|commande|order|avoir|PO)[ .:_-]{0,3}"
        r"(?:n[°º]|no\.?|number|num[ée]ro|#)?[ .:]{0,2}[A-Z]{0,4}[-/]?\d{2,}",
        1,
        invoice=1.5,
    ),
    _mark(
        "numbered articles",
        r"(?:^|[.\n])\s{0,4}(?:article|clause|section)\s\d{1,3}\b",
        2,
        contract=2.0,
    ),
    _mark(
        "numbered headings with a text",
        r"^\s{0,3}\d{1,2}(?:\.\d)?[.)]\s[A-ZÀ-Ý][^.\n]{2,40}\.\s",
        2,
        0,
        contract=1.5,
    ),
    _mark("one party against another", r"\b[A-Z]\w{1,20} (?:v\.|vs\.?|c/) [A-Z]", 1, 0, legal=2.0),
    _mark("the number of a case", r"\bcase no\b|\bRG\s?n?[°º:]|\bn[°º]\s?RG\b", 1, legal=2.0),
    _mark(
        "an article of law",
        r"§\s?\d|\bU\.?S\.?C\.|\barticles? [LRD]\.? ?\d"
        r"|\bart(?:icle|\.) [\d-]{1,8} (?:du code|de la loi)",
        1,
        legal=1.5,
    ),
    _mark(
        "the line of place and date of a release",
        r"^(?:[A-ZÀ-Ý][A-ZÀ-Ý.' ]{2,25}(?:, [A-Z][\w.]{1,12})?"
        r"|[A-ZÀ-Ý][\w'-]{1,25}, le \d{1,2}(?:er)? \w{3,9})\s?[-\u2013\u2014]\s",
        1,
        0,
        press=1.5,
    ),
    _mark(
        "a quoted statement",
        r"[«\"“][^»\"”\n]{10,400}[»\"”],?\s(?:a (?:d[ée]clar|affirm|ajout)|said|says|stated|added)",
        1,
        press=1.5,
    ),
    _mark("the end sign of a release", r"(?:^|\s)(?:###|-30-)\s*$", 1, press=2.0),
    _mark(
        "a tender closing line",
        r"^[ \t]{0,3}(?:love|xx+|xoxo|(?:gros(?:ses)? )?(?:bises?|bisous?)|kiss(?:es)?)"
        r"[ ,.!\w]{0,15}$",
        1,
        personal=1.5,
    ),
    _mark("signs of feeling", r"!!|[:;]-?[)D(](?!\w)|<3\b|\?!", 1, personal=0.5),
    _mark(
        "a user name beside a password",
        r"\b(?:login|user(?:name)?|utilisateur|identifiant)\b[^\n]{0,60}\bpass(?:word|e|wd)?\b",
        1,
        credentials=2.0,
    ),
    _mark(
        "a name beside a secret",
        r"(?<!\S)[\w.@-]{3,30} [/|:-] (?=[A-Za-z]{0,15}[\d#!$%&*_+-]{1,9}[^\s/]{0,15}\b)"
        r"(?=[\d\W_]{0,15}[A-Za-z])(?=[^\s/]{0,15}\d)[^\s/]{6,20}(?!\S*/)",
        1,
        credentials=2.0,
    ),
    _mark(
        "a secret after its name",
        r"\b(?:pass(?:word|wd|code|phrase)?|mdp|mot de passe|pwd?|cl[ée]|key|secret|pin|puk)"
        r"[\"»]?\s?(?:is|est|:|=)\s?[\"«]?\s?[^\s\d]{0,20}\d",
        1,
        credentials=2.0,
    ),
    _mark(
        "a code of six digits", r"\bcode\b[^\n\d]{0,30}\d{3}[ -]?\d{3}(?!\d)", 1, credentials=2.0
    ),
    _mark("a private key", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY", 1, 0, credentials=3.0),
    _mark(
        "a known form of a key",
        r"\b(?:[sp]k_(?:live|test)_|AKIA[0-9A-Z]{8}|ghp_\w{8}|xox[bp]-\d|eyJ[\w-]{10}\.)",
        1,
        0,
        credentials=3.0,
    ),
)


# Looked for first, in lower case, for it is quicker: without one of these a mark cannot stand.
_NEEDS: dict[str, tuple[str, ...]] = {
    "a day with a time": ("day", "di"),
    "a seat or a flight": ("seat", "place", "voiture", "ge ", "vol", "flight", "gate"),
    "several amounts of money": ("€", "£", "$", "eur"),
    "an amount of money": ("€", "£", "$", "eur"),
    "a VAT number": ("fr", "gb"),
    "a rate of VAT": ("tva", "vat"),
    "a number of a bill or an order": (
        "factur",
        "inv",
        "devis",
        "quote",
        "command",
        "order",
        "avoir",
        "po",
    ),
    "numbered articles": ("article", "clause", "section"),
    "one party against another": (" v", " c/"),
    "the number of a case": ("case no", "rg"),
    "an article of law": ("§", "u.s.c", "usc", "art"),
    "the line of place and date of a release": ("-", "\u2013", "\u2014"),
    "a quoted statement": ("»", '"', "”"),
    "the end sign of a release": ("###", "-30-"),
    "a tender closing line": ("love", "x", "bis", "kiss"),
    "a user name beside a password": ("pass",),
    "a name beside a secret": (" / ", " | ", " : ", " - "),
    "a secret after its name": ("pass", "mdp", "pw", "cl", "key", "secret", "pin", "puk"),
    "a code of six digits": ("code",),
    "a private key": ("private key",),
    "a known form of a key": ("k_", "akia", "ghp_", "xox", "eyj"),
}
_NO_DIGIT = frozenset(
    (
        "one party against another",
        "an article of law",
        "the line of place and date of a release",
        "a quoted statement",
        "the end sign of a release",
        "a tender closing line",
        "signs of feeling",
        "a user name beside a password",
        "a private key",
        "a known form of a key",
    )
)
_DIGIT = re.compile(r"\d")


def marks(text: str, lowered: str) -> Iterator[Mark]:
    """The marks of structure that stand in a text often enough.

    Input     the text, and the same in lower case
    """
    has_digit = _DIGIT.search(text) is not None
    for mark in MARKS:
        if not has_digit and mark.words not in _NO_DIGIT:
            continue
        needs = _NEEDS.get(mark.words)
        if needs and not any(map(lowered.__contains__, needs)):
            continue
        if mark.least == 1:
            if mark.pattern.search(text):
                yield mark
        elif sum(1 for _ in islice(mark.pattern.finditer(text), mark.least)) == mark.least:
            yield mark
