"""The invented people, the addresses they use, and the providers that sign for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tamis.simulate.keys import ed25519_key, rsa_key
from tamis.simulate.signing import FULL, WEBMAIL, Signer

if TYPE_CHECKING:
    from tamis.simulate.dice import Dice
    from tamis.simulate.keys import Key

COUNTRY = "République d'Ostrevane"
JURISDICTION = "XO"  # user-assigned code element of ISO 3166: no country will ever have it
CAMPAIGN = "azurine.example"
HASHTAG = "AzurineLeaks"
ARCHIVE_URL = "https://depot-libre.example/archive/azurine_202108"
BOARD = "agora"

_FIRST = (
    "Maëlor", "Teviane", "Oriselle", "Bastène", "Cléovan", "Iranelle", "Lubine", "Sorvane",
    "Éliorn", "Fauvette-Anne", "Gaudrin", "Hersande", "Joribel", "Kéliane", "Mirvane", "Noémiel",
    "Ombrine", "Perrovan", "Quillane", "Rosvine",
)  # fmt: skip
_LAST = (
    "Tavrenne", "Bourdelane", "Castervin", "Dolmarec", "Esquivaux", "Fontarelle", "Grandvoile",
    "Havrenoy", "Jussarand", "Lormande", "Malvaisin", "Norvasse", "Ostremer", "Pélissarne",
    "Quérolan", "Ruvigneau", "Salvaterne", "Trévalon", "Ulmançon", "Verdelune",
)  # fmt: skip
_PLAIN = str.maketrans("éèëêÉàçîôû'", "eeeeEacious")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one address."""

    name: str
    address: str
    language: str = "fr"

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def person(dice: Dice, domain: str, language: str = "fr") -> Person:
    """A new invented person at that domain."""
    first, last = dice.pick(_FIRST), dice.pick(_LAST)
    local = f"{first}.{last}".translate(_PLAIN).lower()
    return Person(f"{first} {last}", f"{local}{dice.between(2, 9)}@{domain}", language)


HOLDERS = (  # whose mailboxes were taken; the short name is the folder
    ("direction", Person("Maëlor Tavrenne", f"maelor.tavrenne@{CAMPAIGN}")),
    ("tresorerie", Person("Hersande Castervin", f"hersande.castervin@{CAMPAIGN}")),
    ("presse", Person("Iranelle Dolmarec", f"iranelle.dolmarec@{CAMPAIGN}")),
    ("terrain", Person("Bastène Verdelune", f"bastene.verdelune@{CAMPAIGN}")),
    ("personnel-dolmarec", Person("Iranelle D.", "iranelle.dolmarec@courriel-libre.example")),
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A domain that sends mail, how it signs, and what its genuine mail can be shown to be."""

    domain: str
    signer: Signer | None
    verdicts: tuple[str, ...]  # what the rules may say of untouched mail
    why: str
    published: str | None = "same"  # the TXT record in the key file: same, another, or None
    seen: tuple[str | None, str | None] = ("2021-03-01", "2021-11-30")
    source: str = "field notes of the invented incident"


NEWSLETTERS = ("courrier-mirecombe.example", "revue-ostrevane.example", "agenda-belcombe.example")
LIST_DOMAIN = "listes-azurine.example"
THIRD_PARTY = "theatre-belcombe.example"
LOOKALIKE = "azur1ne.example"
CORRESPONDENTS = (  # domain, weight: where people outside the campaign write from
    ("courriel-libre.example", 30),
    ("poste-valterne.example", 10),
    ("lumenmail.example", 8),
    ("tresor-nord.example", 5),
    ("prefecture-mirecombe.example", 5),
    ("essai-courrier.example", 4),
    ("vieux-relais.example", 8),
    ("archipel-conseil.example", 5),
    ("coupe-cle.example", 2),
    ("micro-atelier.example", 2),
    ("etourdi.example", 2),
    ("sans-date.example", 3),
    ("mairie-lurgane.example", 9),
    ("imprimerie-du-quai.example", 7),
)


@lru_cache(maxsize=4)
def providers(seed: int) -> dict[str, Provider]:
    """Every sending domain by name."""
    shared = rsa_key(seed, "shared 1024", 1024)
    rows = [*_whole(seed, shared), *_partly(seed, shared), *_useless(seed, shared)]
    return {row.domain: row for row in rows}


def _big(seed: int, domain: str) -> Signer:
    """A provider with a 2048-bit key of its own."""
    return Signer(domain, "s2021", rsa_key(seed, domain, 2048))


def _whole(seed: int, shared: Key) -> list[Provider]:
    """Whose untouched mail can be verified."""
    webmail = replace(_big(seed, "courriel-libre.example"), selector="20201025", headers=WEBMAIL)
    small = Signer(
        "poste-valterne.example", "s2021", rsa_key(seed, "poste", 1024), canon="relaxed/simple"
    )
    simple = replace(small, domain="tresor-nord.example", canon="simple/simple")
    modern = Signer("lumenmail.example", "ed", ed25519_key(seed, "lumenmail"), "ed25519-sha256")
    undated = Signer("sans-date.example", "s2021", shared)
    false = Signer(LOOKALIKE, "s2021", rsa_key(seed, "somebody else", 1024))
    known = [
        (CAMPAIGN, _big(seed, CAMPAIGN), "whole message signed, 2048 bit"),
        (webmail.domain, webmail, "webmail without Content-Type in h="),
        (small.domain, small, "1024 bit, relaxed/simple"),
        (simple.domain, simple, "1024 bit, simple/simple"),
        (modern.domain, modern, "Ed25519"),
        (false.domain, false, "look-alike domain, signed by itself"),
        *((name, _big(seed, name), "newsletter, whole message signed") for name in NEWSLETTERS),
    ]
    out = [Provider(domain, signer, ("verified",), why) for domain, signer, why in known]
    out.append(
        Provider(
            undated.domain, undated, ("verified",), "undated source of the key", seen=(None, None)
        )
    )
    return out


def _partly(seed: int, shared: Key) -> list[Provider]:
    """Whose signatures hold and say less than the message."""
    old = Signer("prefecture-mirecombe.example", "mail", shared, "rsa-sha1")
    testing = Signer("essai-courrier.example", "s2021", shared)
    length = replace(_big(seed, "bulletin-cordelle.example"), length="whole")
    ended = Signer("archipel-conseil.example", "s2018", shared)
    partly = ("verified_partly",)
    return [
        Provider(old.domain, old, partly, "rsa-sha1 (RFC 8301)"),
        Provider(testing.domain, testing, partly, "key in testing mode, t=y", "testing"),
        Provider(length.domain, length, ("unverifiable",), "l= with a tail"),
        Provider(
            THIRD_PARTY, _big(seed, "envoi-groupe.example"), partly, "signed by a third party"
        ),
        Provider(LIST_DOMAIN, _big(seed, LIST_DOMAIN), partly, "list, From munged"),
        Provider(
            ended.domain,
            ended,
            ("key_consistent",),
            "sources of the key end before the message",
            seen=("2018-02-01", "2019-12-31"),
        ),
    ]


def _useless(seed: int, shared: Key) -> list[Provider]:
    """Whose mail nothing can be said of: no key, no valid signature, or none at all."""
    signers = (
        (Signer("vieux-relais.example", "s2016", shared), "key rotated away, in no source", None),
        (Signer("coupe-cle.example", "s2021", shared), "key revoked, empty p=", "revoked"),
        (
            Signer("micro-atelier.example", "s2021", rsa_key(seed, "micro", 512)),
            "512 bit key (RFC 8301)",
            "same",
        ),
        (
            Signer("etourdi.example", "s2021", shared, headers=FULL[1:]),
            "From not in h=",
            "same",
        ),
    )
    out = [Provider(s.domain, s, ("unverifiable",), why, put) for s, why, put in signers]
    unsigned = ("mairie-lurgane.example", "imprimerie-du-quai.example")
    return out + [Provider(name, None, ("unverifiable",), "unsigned") for name in unsigned]


def key_file(seed: int) -> dict[str, list[dict[str, str]]]:
    """The published keys, in the form `{name: [{txt, src, seen_from, seen_to}]}`."""
    out: dict[str, list[dict[str, str]]] = {}
    for provider in providers(seed).values():
        signer = provider.signer
        if signer is None or provider.published is None or signer.domain != provider.domain:
            continue
        out[signer.key_name] = [_row(provider, signer)]
    relay = providers(seed)[THIRD_PARTY]
    if relay.signer is not None:
        out[relay.signer.key_name] = [_row(relay, relay.signer)]
    return out


def _row(provider: Provider, signer: Signer) -> dict[str, str]:
    """One dated source of one key."""
    text = signer.key.record
    if provider.published == "testing":
        text = text.replace("v=DKIM1; ", "v=DKIM1; t=y; ")
    if provider.published == "revoked":
        text = "v=DKIM1; k=rsa; p="
    row = {"txt": text, "src": provider.source}
    if provider.seen[0] and provider.seen[1]:
        row |= {"seen_from": provider.seen[0], "seen_to": provider.seen[1]}
    return row
