"""The invented people, the addresses they use, and the providers that sign for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tamis.simulate.keys import ed25519_key, rsa_key
from tamis.simulate.signing import WEBMAIL, Signer

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


@lru_cache(maxsize=4)
def providers(seed: int) -> dict[str, Provider]:
    """Every sending domain by name."""

    def big(name: str, key: Key | None = None) -> Signer:
        return Signer(name, "s2021", key or rsa_key(seed, name, 2048))

    key = rsa_key(seed, "shared 1024", 1024)
    webmail = replace(big("courriel-libre.example"), selector="20201025", headers=WEBMAIL)
    small = replace(
        big("poste-valterne.example", rsa_key(seed, "poste-valterne.example", 1024)),
        canon="relaxed/simple",
    )
    simple = replace(small, domain="tresor-nord.example", canon="simple/simple")
    modern = replace(
        big("lumenmail.example", ed25519_key(seed, "lumenmail.example")),
        algorithm="ed25519-sha256",
        selector="ed",
    )
    old = replace(big("prefecture-mirecombe.example", key), algorithm="rsa-sha1", selector="mail")
    length = replace(big("bulletin-cordelle.example"), length="whole")
    relay = big("envoi-groupe.example")
    attacker = rsa_key(seed, "somebody else", 1024)
    short = big("micro-atelier.example", rsa_key(seed, "micro-atelier.example", 512))
    no_from = replace(
        big("etourdi.example", attacker),
        headers=("to", "subject", "date", "message-id", "mime-version", "content-type"),
    )
    rows = [
        Provider(CAMPAIGN, big(CAMPAIGN), ("verified",), "whole message signed, 2048 bit"),
        Provider(
            "courriel-libre.example", webmail, ("verified",), "webmail without Content-Type in h="
        ),
        Provider("poste-valterne.example", small, ("verified",), "1024 bit, relaxed/simple"),
        Provider("tresor-nord.example", simple, ("verified",), "1024 bit, simple/simple"),
        Provider("lumenmail.example", modern, ("verified",), "Ed25519"),
        Provider("prefecture-mirecombe.example", old, ("verified_partly",), "rsa-sha1 (RFC 8301)"),
        Provider(
            "essai-courrier.example",
            big("essai-courrier.example", key),
            ("verified_partly",),
            "key in testing mode, t=y",
            published="testing",
        ),
        Provider(
            "vieux-relais.example",
            replace(big("vieux-relais.example", key), selector="s2016"),
            ("unverifiable",),
            "key rotated away, in no source",
            published=None,
        ),
        Provider(
            "archipel-conseil.example",
            replace(big("archipel-conseil.example", key), selector="s2018"),
            ("key_consistent",),
            "sources of the key end before the message",
            seen=("2018-02-01", "2019-12-31"),
        ),
        Provider(
            "coupe-cle.example",
            big("coupe-cle.example", key),
            ("unverifiable",),
            "key revoked, empty p=",
            published="revoked",
        ),
        Provider("micro-atelier.example", short, ("unverifiable",), "512 bit key (RFC 8301)"),
        Provider("etourdi.example", no_from, ("unverifiable",), "From not in h="),
        Provider(
            "theatre-belcombe.example", relay, ("verified_partly",), "signed by a third party"
        ),
        Provider("bulletin-cordelle.example", length, ("verified_partly",), "l= with a tail"),
        Provider(
            "sans-date.example",
            big("sans-date.example", key),
            ("verified",),
            "undated source of the key",
            seen=(None, None),
        ),
        Provider(
            "azur1ne.example",
            big("azur1ne.example", attacker),
            ("verified",),
            "look-alike domain, signed by itself",
        ),
    ]
    rows += [
        Provider(name, None, ("unverifiable",), "unsigned")
        for name in ("mairie-lurgane.example", "imprimerie-du-quai.example")
    ]
    rows += [
        Provider(name, big(name), ("verified",), "newsletter, whole message signed")
        for name in NEWSLETTERS
    ]
    rows.append(Provider(LIST_DOMAIN, big(LIST_DOMAIN), ("verified_partly",), "list, From munged"))
    return {row.domain: row for row in rows}


NEWSLETTERS = ("courrier-mirecombe.example", "revue-ostrevane.example", "agenda-belcombe.example")
LIST_DOMAIN = "listes-azurine.example"
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


def key_file(seed: int) -> dict[str, list[dict[str, str]]]:
    """The published keys, in the form `{name: [{txt, src, seen_from, seen_to}]}`."""
    out: dict[str, list[dict[str, str]]] = {}
    for provider in providers(seed).values():
        signer = provider.signer
        if signer is None or provider.published is None or signer.domain != provider.domain:
            continue
        out[signer.key_name] = [_row(provider, signer)]
    relay = providers(seed)["theatre-belcombe.example"]
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
