"""Recall and precision of recognisers on planted values and look-alikes; templates kept apart.

Tuning used the first templates of each kind; what is reported uses the others.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import phonenumbers
from stdnum import luhn
from stdnum.fr import nir as fr_nir

from tamis.analyses.leak.personal import find

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT, LEAST_RECALL, LEAST_PRECISION = 1_000, 0.99, 0.98
NAMES = [
    "martin",
    "dubois",
    "lefevre",
    "moreau",
    "garnier",
    "harris",
    "bennett",
    "oconnor",
    "walker",
    "hughes",
]
STREETS_FR = ("de la République", "Victor Hugo", "des Lilas", "du Général Leclerc", "Jean Jaurès")
TOWNS_FR = ("Paris", "Lyon", "Saint-Denis", "Aix-en-Provence", "Le Mans")
STREETS_EN = ("High", "Church", "Station", "Queen Anne", "Mill")
TOWNS_EN = ("London", "Leeds", "Bristol", "Oxford", "York")
MONTHS_FR = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
MONTHS_EN = "January February March April May June July August September October November December"


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choices("0123456789", k=count))


def _grouped(value: str, *sizes: int, by: str = " ") -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(value[at : at + size])
        at += size
    return by.join(parts)


def _email(dice: random.Random) -> str:
    name = f"{dice.choice('abcdefgh')}{dice.choice(['.', '_', '-', ''])}{dice.choice(NAMES)}"
    top = dice.choice(["example.org", "mail.example.com", "example.net", "ville-lyon.fr", "co.uk"])
    return f"{name}{dice.randrange(99)}@{'x.' if top == 'co.uk' else ''}{top}"


def _phone(dice: random.Random) -> str:
    mobile = f"{dice.choice('67')}{dice.randrange(10, 99)}{_digits(dice, 6)}"
    if mobile.startswith("70"):
        mobile = "61" + mobile[2:]
    pairs = _grouped(mobile[1:], 2, 2, 2, 2, by=dice.choice([" ", ".", "-"]))
    british = f"7{dice.choice('4578')}{dice.choice('12345')}{_digits(dice, 7)}"
    told = dice.choice(
        (
            f"0{mobile[0]} {pairs}",
            f"0{mobile}",
            f"+33 {mobile[0]} {pairs}",
            f"+33 (0){mobile[0]} {pairs}",
            f"0033{mobile}",
            f"+44 {british[:4]} {british[4:]}",
            f"0{british[:4]} {british[4:]}",
        )
    )
    # Only numbers that the plan of the country allows are planted.
    given = told.replace("(0)", "").replace("0033", "+33", 1) if "33" in told[:4] else told
    regions = (None,) if given.startswith("+") else ("FR", "GB")
    for region in regions:
        if phonenumbers.is_valid_number(phonenumbers.parse(given, region)):
            return told
    return _phone(dice)


def _iban(dice: random.Random) -> str:
    country, length = dice.choice([("FR", 23), ("DE", 18), ("BE", 12), ("ES", 20)])
    body = _digits(dice, length)
    value = int("".join(str(int(one, 36)) for one in f"{body}{country}00"))
    check = f"{98 - value % 97:02}"
    whole = f"{country}{check}{body}"
    return (
        whole
        if dice.random() < 0.5
        else " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))
    )


def _card(dice: random.Random) -> str:
    start = dice.choice(["4", "51", "55", "2221"])
    body = start + _digits(dice, 15 - len(start))
    return _grouped(body + luhn.calc_check_digit(body), 4, 4, 4, 4, by=dice.choice([" ", "-"]))


def _nir(dice: random.Random) -> str:
    body = (
        f"{dice.choice('12')}{_digits(dice, 2)}{dice.randrange(1, 13):02}{dice.randrange(1, 96):02}"
        f"{_digits(dice, 6)}"
    )
    if body[5:7] == "20":
        body = body[:5] + "75" + body[7:]
    whole = body + fr_nir.calc_check_digits(body)
    return dice.choice((whole, _grouped(whole, 1, 2, 2, 2, 3, 3, 2)))


def _siren(dice: random.Random) -> str:
    body = f"{dice.randrange(3, 9)}{_digits(dice, 7)}"
    return dice.choice(
        (_grouped(body + luhn.calc_check_digit(body), 3, 3, 3), body + luhn.calc_check_digit(body))
    )


def _ip(dice: random.Random) -> str:
    if dice.random() < 0.2:
        return ":".join(f"{dice.randrange(4096, 65536):x}" for _ in range(8))
    return ".".join(str(dice.randrange(1, 255)) for _ in range(3)) + f".{dice.randrange(20, 255)}"


def _plate(dice: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTVWXYZ"
    pair = ["".join(dice.choices(letters, k=2)) for _ in range(2)]
    british = f"{pair[0]}{dice.randrange(10, 75)} {''.join(dice.choices(letters, k=3))}"
    return dice.choice((f"{pair[0]}-{dice.randrange(100, 999)}-{pair[1]}", british))


def _birth(dice: random.Random) -> str:
    day, month, year = dice.randrange(1, 28), dice.randrange(1, 13), dice.randrange(1930, 2005)
    return dice.choice(
        (
            f"{day:02}/{month:02}/{year}",
            f"{day:02}.{month:02}.{year}",
            f"{year}-{month:02}-{day:02}",
            f"{day} {MONTHS_FR.split()[month - 1]} {year}",
            f"{day} {MONTHS_EN.split()[month - 1]} {year}",
            f"{MONTHS_EN.split()[month - 1]} {day}, {year}",
        )
    )


def _address(dice: random.Random) -> str:
    number = dice.randrange(1, 300)
    if dice.random() < 0.5:
        kind = dice.choice(["rue", "avenue", "boulevard", "place", "impasse"])
        street = f"{number}{dice.choice(['', ' bis', ''])} {kind} {dice.choice(STREETS_FR)}"
        return f"{street}, {dice.randrange(10000, 96000)} {dice.choice(TOWNS_FR)}"
    kind = dice.choice(["Street", "Road", "Lane", "Avenue"])
    town = f"{dice.choice(TOWNS_EN)} N{dice.randrange(1, 9)} 4TF"
    return f"{number} {dice.choice(STREETS_EN)} {kind}, {town}"


def _passport(dice: random.Random) -> str:
    return dice.choice(
        (
            f"{_digits(dice, 2)}{dice.choice('ABCEF')}{dice.choice('GHKL')}{_digits(dice, 5)}",
            f"5{_digits(dice, 8)}",
        )
    )


@dataclass(frozen=True)
class Kind:
    """Values of one kind, sentences to plant them in, and sentences of what only looks like one."""

    value: Callable[[random.Random], str]
    templates: tuple[str, ...]
    alike: tuple[Callable[[random.Random], str], ...]


def _wrong(make: Callable[[random.Random], str], sentence: str) -> Callable[[random.Random], str]:
    """The same form with one digit changed, so that the check no longer holds."""

    def told(dice: random.Random) -> str:
        value = make(dice)
        at = dice.choice([i for i, c in enumerate(value) if c.isdigit() and i > len(value) // 2])
        other = str((int(value[at]) + dice.randrange(1, 9)) % 10)
        return sentence.format(value[:at] + other + value[at + 1 :])

    return told


def _said(sentence: str, make: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    return lambda dice: sentence.format(make(dice))


KINDS: dict[str, Kind] = {
    "email": Kind(
        _email,
        ("Écrivez à {} avant lundi.", "Please write to {}.", "Contact : <{}>;", "cc {} and others"),
        (
            lambda d: f"see image00{d.randrange(9)}.png@01D{_digits(d, 5)}.{_digits(d, 8)} above",
            lambda d: f"suivez @{d.choice(NAMES)}{d.randrange(99)} ce soir",
            lambda d: f"Message-ID: <{_digits(d, 12)}.x@mail.example.org>",
        ),
    ),
    "phone": Kind(
        _phone,
        (
            "Appelez le {} ce soir.",
            "His mobile is {}.",
            "Tél. : {}",
            "You can reach her on {}, thanks.",
        ),
        (
            lambda d: f"facture n° {_digits(d, 10)} du mois",
            lambda d: f"order 4{_digits(d, 9)} was sent",
            lambda d: (
                f"le {d.randrange(10, 28)}.{d.randrange(10, 12)}.2017 à {d.randrange(10, 20)}h"
            ),
            lambda d: f"un total de {d.randrange(1, 9)} {_digits(d, 3)} {_digits(d, 3)} euros",
        ),
    ),
    "iban": Kind(
        _iban,
        ("Virement sur {} demain.", "The account is {}.", "IBAN : {}", "pay into {} please"),
        (_wrong(_iban, "IBAN : {}"), _wrong(_iban, "The account is {}.")),
    ),
    "card": Kind(
        _card,
        ("Ma carte {} expire en mai.", "Use card {} for it.", "CB : {}", "Visa {}, thanks"),
        (
            _wrong(_card, "carte {}"),
            lambda d: f"tracking 9{_digits(d, 3)} {_digits(d, 4)} {_digits(d, 4)}",
        ),
    ),
    "nir": Kind(
        _nir,
        (
            "Sécu {} à jour.",
            "French social security {}.",
            "NIR : {}",
            "numéro de sécurité sociale {}",
        ),
        (_wrong(_nir, "NIR : {}"), _wrong(_nir, "réf. {}")),
    ),
    "siren": Kind(
        _siren,
        (
            "La société, SIREN {}, est à Lyon.",
            "company no {} in Paris",
            "RCS Paris {}",
            "SIREN : {}",
        ),
        (
            _wrong(_siren, "SIREN {}"),
            lambda d: f"un budget de {_grouped('4' + _digits(d, 8), 3, 3, 3)} euros",
        ),
    ),
    "ip": Kind(
        _ip,
        (
            "Connexion depuis {} hier.",
            "logged in from {} today",
            "IP : {}",
            "the server {} is down",
        ),
        (
            lambda d: (
                f"version {d.randrange(20, 99)}.{d.randrange(99)}.{d.randrange(99)}.{_digits(d, 2)}"
            ),
            lambda d: (
                f"voir le point {d.randrange(1, 9)}.{d.randrange(1, 9)}.{d.randrange(1, 9)}.2"
            ),
            lambda d: f"300.{d.randrange(256, 999)}.12.{d.randrange(99)}",
        ),
    ),
    "plate": Kind(
        _plate,
        ("Le véhicule {} est garé.", "my car is {}.", "immatriculée {}", "registration {} please"),
        (_said("la référence {} du produit", _plate), _said("part number {} in stock", _plate)),
    ),
    "birth_date": Kind(
        _birth,
        (
            "Il est né le {} à Lyon.",
            "She was born on {} in York.",
            "Date de naissance : {}",
            "DOB: {}",
        ),
        (_said("réunion le {} à Lyon", _birth), _said("the meeting of {} is moved", _birth)),
    ),
    "address": Kind(
        _address,
        ("J'habite au {}.", "She lives at {}.", "Adresse : {}", "Send it to {} by post"),
        (
            lambda d: (
                f"il y a {d.randrange(2, 90)} rues barrées et {d.randrange(2, 9)} place libre"
            ),
            lambda d: f"{d.randrange(2, 20)} cours par semaine le Lundi",
            lambda d: f"in {d.randrange(1990, 2017)} Street prices rose",
        ),
    ),
    "passport": Kind(
        _passport,
        (
            "Passeport n° {} valable.",
            "passport number {} is valid",
            "Passeport : {}",
            "Passport: {}",
        ),
        (_said("la pièce {} du dossier", _passport), _said("item {} of the list", _passport)),
    ),
}


@dataclass(frozen=True)
class Measured:
    """Recall and precision of one kind, and what look-alikes were taken for."""

    recall: float
    precision: float
    false: Counter[str]


def measure(name: str, *, is_tuning: bool, count: int = COUNT, seed: int = 5) -> Measured:
    """The planted values of one kind that are found whole, beside as many look-alikes."""
    kind, dice = KINDS[name], random.Random(f"{seed} {name} {is_tuning}")
    templates = kind.templates[:2] if is_tuning else kind.templates[2:]
    hits, wrong = 0, Counter[str]()
    for _ in range(count):
        value = kind.value(dice)
        before = dice.choice(("Bonjour,\n", "Hello, ", ""))
        text = before + dice.choice(templates).format(value)
        start = text.index(value)
        for one in find(text):
            if one.kind == name and (one.start, one.end) == (start, start + len(value)):
                hits += 1
            else:
                wrong[f"{one.kind} in: {text}"] += 1
        for one in find(dice.choice(kind.alike)(dice)):
            wrong[f"look-alike as {one.kind}"] += 1
    return Measured(hits / count, hits / max(hits + sum(wrong.values()), 1), wrong)


def main(given: list[str]) -> int:
    """1 when a kind misses what is asked."""
    is_met = True
    for name in KINDS:
        told = measure(name, is_tuning="tuning" in given)
        is_met &= told.recall >= LEAST_RECALL and told.precision >= LEAST_PRECISION
        print(f"{name:<12} recall {told.recall:.3f}  precision {told.precision:.3f}")
        if "why" in given:
            print("   ", told.false.most_common(4))
    for piece in ("1 ", "12 rue De ", "06 ", "a@", "AB-123-", "né le ", "1.", ":a", "FR76 1"):
        times = []
        for size in (20_000, 40_000):
            began = time.process_time()
            find((piece * size)[:size])
            times.append(time.process_time() - began)
        ratio = times[1] / max(times[0], 1e-3)
        is_met &= ratio < 3.5
        print(f"hostile {piece!r:<14} 40,000 characters {times[1]:.2f} s, {ratio:.1f} times 20,000")
    return int(not is_met)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
