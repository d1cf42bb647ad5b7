"""Data about people that stands in a text: each with its rule, its place, and a mask."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from tamis.analyses.leak import personal_numbers as numbers
from tamis.analyses.leak import personal_written as written
from tamis.analyses.leak.personal_addresses import addresses
from tamis.analyses.leak.personal_fold import fold
from tamis.analyses.leak.personal_phones import phones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tamis.analyses.leak.personal_found import Found

MAX_CHARACTERS = 2_000_000
MAX_FOUND = 20_000
# National numbers are read as numbers of these countries where a case names none.
REGIONS = ("FR", "GB", "US")
OWN, PUBLIC, THIRD = "own_people", "public_figure", "third_party"
LABELS: Mapping[str, str] = {
    "email": "e-mail address",
    "phone": "telephone number",
    "iban": "bank account",
    "card": "payment card",
    "nir": "French social security number",
    "national_id": "national identity number",
    "siren": "company number",
    "siret": "company number",
    "passport": "passport number",
    "ip": "network address",
    "plate": "number plate",
    "birth_date": "date of birth",
    "address": "postal address",
    "name": "name",
}


def find(text: str, regions: Sequence[str] = REGIONS) -> list[Found]:
    """The data about people in a text, in order of place, none inside another.

    Input     of a longer text the first 2,000,000 characters; `regions`: countries of ISO 3166
              whose national telephone numbers are read
    Source    RFC 5321 and the public suffix list (e-mail), ITU-T E.164 by phonenumberslite,
              ISO 13616, ISO/IEC 7812, INSEE (NIR, SIREN, SIRET) and national rules by
              python-stdnum, RFC 791 and 4291; words before dates, plates and passports in French
              and English. Of what overlaps, the rule with the strongest check counts.
    Limits    A number without a check digit (plates, passports, dates) counts only beside a word
              for it. Names of people are not searched here. An address is found by its form in
              French and English; others are not. Of one text at most 20,000 are listed.
    """
    folded = fold(text[:MAX_CHARACTERS])
    found: list[Found] = []
    for rule in _rules(regions):
        found += islice(rule(folded.text), MAX_FOUND - len(found))
    return [folded.unfolded(one) for one in apart(found, len(folded.text))]


def _rules(regions: Sequence[str]) -> Iterator[Callable[[str], Iterator[Found]]]:
    yield from (written.emails, numbers.ibans, numbers.cards, numbers.nirs, numbers.national_ids)
    yield from (numbers.sirets, numbers.sirens, written.birth_dates, written.passports)
    yield from (lambda text: phones(text, regions), written.networks)
    yield from (written.plates, addresses)


def apart(found: Iterable[Found], length: int) -> list[Found]:
    """Of what overlaps, the one whose rule comes first; in order of place."""
    taken = bytearray(length)
    kept = []
    for one in found:
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


@dataclass(frozen=True, slots=True)
class People:
    """Whom a case knows: domains of those whose mail was taken, and values of public figures."""

    own_domains: tuple[str, ...] = ()
    public: frozenset[str] = frozenset()

    @classmethod
    def of(cls, own_domains: Iterable[str], public_figures: Iterable[str]) -> People:
        """The same from the settings of a case."""
        return cls(
            tuple(one.lower() for one in own_domains),
            frozenset(value for one in public_figures for value in _forms(one)),
        )

    def standing(self, one: Found) -> tuple[str, str]:
        """Whose it is, and on what ground; whoever is not known is a third party."""
        if one.normal in self.public:
            return PUBLIC, "it stands in public_figures of the case"
        if one.kind == "email" and self._is_own(one.normal.rpartition("@")[2]):
            return OWN, "its domain stands in own_domains of the case"
        return THIRD, "nothing says otherwise"

    def _is_own(self, domain: str) -> bool:
        return any(domain == own or domain.endswith(f".{own}") for own in self.own_domains)


def _forms(value: str) -> Iterator[str]:
    """A value as it was given, and as the rules would write it."""
    yield value.strip().lower()
    for one in find(value):
        yield one.normal


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with labels in the place of data about people, and how many of each kind."""

    text: str
    counts: Mapping[str, int]
    kept_count: int


def redact(text: str, found: Sequence[Found], kept: Callable[[Found], bool]) -> Redacted:
    """The text with a label for each find but those `kept`; one value has one label.

    Limits    It hides what `find` finds, and nothing else: names, titles and what only readers
              understand stay. A person must read it before it is published.
    """
    labels: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}
    pieces, at, kept_count = [], 0, 0
    for one in found:
        if kept(one):
            kept_count += 1
            continue
        key = (one.kind, one.normal)
        if key not in labels:
            rank = 1 + sum(kind == one.kind for kind, _ in labels)
            labels[key] = f"[{LABELS[one.kind]} {rank}]"
        counts[one.kind] = counts.get(one.kind, 0) + 1
        pieces += [text[at : one.start], labels[key]]
        at = one.end
    return Redacted("".join([*pieces, text[at:]]), counts, kept_count)
