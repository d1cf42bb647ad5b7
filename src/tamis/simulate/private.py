"""Documents with data about invented people, and one that tells somebody when it is opened.

Every number is of a shape that passes its own check and belongs to nobody: telephones from the
range that the French numbering plan keeps for films, a bank 99999 and a commune 99999,
which there are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tamis.simulate.people import person

if TYPE_CHECKING:
    from tamis.simulate.dice import Dice

PIXEL_HOST = "ouvertures.courrier-mirecombe.example"
_PEOPLE, _PAID = 6, 3


class Private(NamedTuple):
    """One document: its name, its bytes, and what stands in it as (kind, value)."""

    name: str
    data: bytes
    values: tuple[tuple[str, str], ...] = ()


def private_documents(dice: Dice) -> list[Private]:
    """A list of volunteers, a sheet of refunds, a pay slip, and an invitation with a pixel."""
    return [_volunteers(dice), _refunds(dice), _pay_slip(dice), _invitation(dice)]


def _volunteers(dice: Dice) -> Private:
    lines, values = ["Liste des bénévoles, à ne pas diffuser", ""], []
    for _ in range(_PEOPLE):
        one, number = person(dice, "courriel-libre.example"), _phone(dice)
        lines.append(f"{one.name}, tél. {number}, {one.address}")
        values += [("phone", number), ("email", one.address)]
    return Private("benevoles.txt", _written(lines), tuple(values))


def _refunds(dice: Dice) -> Private:
    lines, values = ["nom;compte;couronnes"], []
    for _ in range(_PAID):
        account = _iban(dice)
        name = person(dice, "courriel-libre.example").name
        lines.append(f"{name};{account};{dice.between(12, 480)}")
        values.append(("iban", account))
    return Private("remboursements.csv", _written(lines), tuple(values))


def _pay_slip(dice: Dice) -> Private:
    name, number, card = person(dice, "courriel-libre.example").name, _nir(dice), _card(dice)
    lines = [
        f"Bulletin de paie de {name}",
        f"Numéro de sécurité sociale : {number}",
        f"Carte de déplacement (Visa) : {card}",
    ]
    return Private("paie-juin.txt", _written(lines), (("nir", number), ("card", card)))


def _invitation(dice: Dice) -> Private:
    mark = dice.hexadecimal(16)
    page = (
        "<!DOCTYPE html>\n<html><body>\n<p>Vous êtes invités à la soirée des ponts.</p>\n"
        f'<img src="https://{PIXEL_HOST}/o.gif?c={mark}" width="1" height="1" alt="">\n'
        "</body></html>\n"
    )
    return Private("invitation.html", page.encode())


def _written(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _grouped(text: str, size: int) -> str:
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


def _digits(dice: Dice, count: int) -> str:
    return f"{dice.below(10**count):0{count}d}"


def _phone(dice: Dice) -> str:
    return _grouped("026191" + _digits(dice, 4), 2)


def _iban(dice: Dice) -> str:
    """A French account number of the bank 99999, with both of its checks."""
    branch, account = _digits(dice, 5), _digits(dice, 11)
    key = 97 - (89 * 99999 + 15 * int(branch) + 3 * int(account)) % 97
    basic = f"99999{branch}{account}{key:02d}"
    check = 98 - int(f"{basic}152700") % 97  # F is 15 and R is 27
    return _grouped(f"FR{check:02d}{basic}", 4)


def _nir(dice: Dice) -> str:
    """A number of somebody born in the commune 99999, with its key."""
    born = f"{dice.between(1, 2)}{dice.between(50, 99)}{dice.between(1, 12):02d}"
    number = f"{born}99999{_digits(dice, 3)}"
    parts = (number[:1], number[1:3], number[3:5], number[5:7], number[7:10], number[10:])
    return f"{' '.join(parts)} {97 - int(number) % 97:02d}"


def _card(dice: Dice) -> str:
    """A card number with its check digit."""
    number = "4999" + _digits(dice, 11)
    total = 0
    for rank, character in enumerate(reversed(number)):
        value = int(character) * (2 - rank % 2)
        total += value - 9 * (value > 9)
    return _grouped(f"{number}{-total % 10}", 4)
