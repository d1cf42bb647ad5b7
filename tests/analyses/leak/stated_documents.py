"""Invented documents of an office with honest habits, and a group that is none of them.

The habits are those that look most like a foreign group: foreign colleagues, a translator who
comes once, scanners, conversions, invoices made from a template within a minute.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

START = datetime(2016, 1, 4, 8, 0, tzinfo=UTC)
FRENCH = ("Feuilles de calcul", "fr-FR")
ENGLISH = ("Worksheets", "en-US")
NAMES = (
    *("Anne Martin", "Luc Bernard", "Zoé Petit", "Marc Durand", "Inès Leroy", "Paul Moreau"),
    *("Léa Simon", "Hugo Laurent", "Eva Michel", "Jean Garcia", "Noé Roux", "Lina Fournier"),
    *("Tom Girard", "Julie Bonnet", "Max Lambert", "Clara Fontaine"),
)
SOFTWARE = ("Microsoft Excel 15.0300", "Microsoft Excel 16.0300", "Microsoft Excel 14.0300")
FOREIGN = (
    ("Олена Коваль", "Аркуші", "uk-UA"),
    ("Ирина Соколова", "Листы", "ru-RU"),
    ("Νίκος Παππάς", "Φύλλα εργασίας", "el-GR"),
    ("Piotr Wiśniewski", "Arkusze", "pl-PL"),
    ("سمير حداد", "أوراق العمل", "ar-LB"),
)


@dataclass(frozen=True)
class Stated:
    """What one document states of itself; None is not stated."""

    last_author: str | None
    creator: str | None
    software: str | None
    interface: str | None
    language: str | None
    edit_minutes: int | None
    created: datetime | None
    saved: datetime
    is_odd: bool = False


def office(seed: int, count: int = 300) -> list[Stated]:
    """The documents of an honest office."""
    dice = random.Random(seed)
    staff = dice.sample(NAMES, dice.randint(7, 14))
    found: list[Stated] = []
    for habit in (_merged, _scanned, _converted, _translated, _colleagues):
        if dice.random() < 0.6:
            found += habit(dice, staff)
    machines = {name: (dice.choice(SOFTWARE), _speech(dice)) for name in staff}
    days = dice.randint(180, 540)
    while len(found) < count:
        name = dice.choice(staff)
        found += _session(dice, name, machines[name], _moment(dice, days), staff)
    return found[:count]


def odd(seed: int, honest: list[Stated]) -> list[Stated]:
    """Files of others, saved again within minutes by one machine that is not of the office."""
    dice = random.Random(-seed)
    count = dice.randint(5, 15)
    name, interface, language = dice.choice(FOREIGN[:2])
    kind = dice.choice(("named", "named", "half named", "plain name", "letters alone"))
    at = _moment(dice, 400)
    taken = dice.sample([one for one in honest if one.last_author and one.created], count)
    found = []
    for rank, one in enumerate(taken):
        at += timedelta(seconds=dice.uniform(4, 40))
        author: str | None = name
        if kind == "half named" and rank % 2:
            author = None
        elif kind == "plain name":
            author = "user"
        changed = replace(one, last_author=author, creator=one.last_author, saved=at, is_odd=True)
        if kind != "letters alone":
            changed = replace(changed, interface=interface, language=language)
        found.append(changed)
    return found


def _speech(dice: random.Random) -> tuple[str, str]:
    return ENGLISH if dice.random() < 0.15 else FRENCH


def _moment(dice: random.Random, days: int) -> datetime:
    return START + timedelta(days=dice.randrange(days), minutes=dice.uniform(0, 600))


def _session(
    dice: random.Random,
    name: str,
    machine: tuple[str, tuple[str, str]],
    at: datetime,
    staff: list[str],
) -> list[Stated]:
    """A stretch of work: mostly one file, sometimes several, now and then a busy evening."""
    count = dice.choices((1, 2, 3, 4, 9), (60, 20, 10, 8, 2))[0]
    software, (interface, language) = machine
    found = []
    for _ in range(count):
        at += timedelta(minutes=dice.expovariate(1 / 12))
        is_own = dice.random() < 0.6
        age = dice.uniform(0, 0.2) if is_own else dice.uniform(1, 200)
        creator = name if is_own else dice.choice(staff)
        minutes = dice.choice((0, 1, 2, 5, 12, 30, dice.randint(1, 400)))
        created = at - timedelta(days=age)
        found.append(
            Stated(name, creator, software, interface, language, minutes, created, at),
        )
    return found


def _merged(dice: random.Random, staff: list[str]) -> list[Stated]:
    """Invoices from one old template, by the accountant or by an office outside."""
    name = dice.choice((staff[0], staff[0], "Fiduciaire Dubois"))
    at, software = _moment(dice, 300), dice.choice((*SOFTWARE, "Microsoft Word 12.0000"))
    made, minutes = at - timedelta(days=dice.uniform(30, 900)), dice.randint(3, 90)
    language = dice.choice(("fr-FR", "fr-BE"))
    found = []
    for _ in range(dice.randint(10, 50)):
        at += timedelta(seconds=dice.uniform(1, 8))
        found.append(
            Stated(name, staff[1], software, FRENCH[0], language, minutes, made, at),
        )
    return found


def _scanned(dice: random.Random, staff: list[str]) -> list[Stated]:
    """A scanner's pages of one day, without an author."""
    del staff
    at, found = _moment(dice, 300), []
    for _ in range(dice.randint(10, 60)):
        at += timedelta(seconds=dice.uniform(8, 90))
        found.append(Stated(None, None, "ScanStation 2.1", None, None, None, at, at))
    return found


def _converted(dice: random.Random, staff: list[str]) -> list[Stated]:
    """Old files that one colleague put through another program, in one go."""
    at, found = _moment(dice, 300), []
    for _ in range(dice.randint(5, 40)):
        at += timedelta(seconds=dice.uniform(1, 5))
        made = at - timedelta(days=dice.uniform(100, 2000))
        author = dice.choice(staff)
        found.append(Stated(author, author, "LibreOffice 5.2", None, "fr-FR", 0, made, at))
    return found


def _translated(dice: random.Random, staff: list[str]) -> list[Stated]:
    """A translator from elsewhere, who sends back some files as each is done, and never again."""
    name, interface, language = dice.choice(FOREIGN)
    at, found = _moment(dice, 300), []
    for _ in range(dice.randint(3, 8)):
        at += timedelta(minutes=dice.uniform(12, 150))
        made = at - timedelta(days=dice.uniform(1, 20))
        creator, minutes = dice.choice(staff), dice.randint(10, 150)
        found.append(
            Stated(name, creator, SOFTWARE[1], interface, language, minutes, made, at),
        )
    return found


def _colleagues(dice: random.Random, staff: list[str]) -> list[Stated]:
    """One or two foreign colleagues over months, each with evenings on files of others."""
    found = []
    for name, interface, language in dice.sample(FOREIGN, dice.randint(1, 2)):
        machine = (dice.choice(SOFTWARE), (interface, language))
        for _ in range(dice.randint(4, 12)):
            found += _session(dice, name, machine, _moment(dice, 300), staff)
        at = _moment(dice, 300)
        if dice.random() < 0.3:
            for _ in range(dice.randint(4, 9)):
                at += timedelta(seconds=dice.uniform(5, 60))
                made = at - timedelta(days=dice.uniform(1, 90))
                author = dice.choice(staff)
                found.append(
                    Stated(name, author, machine[0], interface, language, 0, made, at),
                )
    return found


def rows(documents: list[Stated]) -> dict[str, list[dict[str, object]]]:
    """The rows that a reader of such documents would write."""
    told: dict[str, list[dict[str, object]]] = {"document": [], "property": [], "item": []}
    for number, one in enumerate(documents):
        item_id = f"d{number}"
        told["item"].append(
            {"item_id": item_id, "kind": "leak", "size_bytes": 1, "status": "read"},
        )
        told["document"].append({"item_id": item_id, "kind": "text", "is_encrypted": False})
        facts = (
            ("core", "last_author", one.last_author, None),
            ("core", "creator", one.creator, None),
            ("app", "software", one.software, None),
            ("app", "heading", one.interface, None),
            ("settings", "language", one.language, None),
            ("app", "edit_minutes", one.edit_minutes, None),
            ("core", "created", one.created, one.created),
            ("core", "modified", one.saved, one.saved),
        )
        told["property"] += [
            {
                "item_id": item_id,
                "position": position,
                "namespace": namespace,
                "name": name,
                "value": value.isoformat() if isinstance(value, datetime) else str(value),
                "noted_at": noted,
            }
            for position, (namespace, name, value, noted) in enumerate(facts)
            if value is not None
        ]
    return told
