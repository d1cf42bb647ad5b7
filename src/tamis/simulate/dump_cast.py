"""Who writes in the dump with truth: domains, how they sign, which of their keys are known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from tamis.simulate import clock
from tamis.simulate.dice import Weighted
from tamis.simulate.keys import ed25519_key, rsa_key
from tamis.simulate.mailers import APPLE, BIRD, OUTLOOK, PHONE, WEBMAIL
from tamis.simulate.people import CAMPAIGN, HOLDERS, LIST_DOMAIN, LOOKALIKE, Person, person
from tamis.simulate.signing import WEBMAIL as WEBMAIL_FIELDS
from tamis.simulate.signing import Signer

if TYPE_CHECKING:
    from tamis.simulate.dice import Dice
    from tamis.simulate.mailers import Mailer

FIRST_AT, LAST_AT = clock.seconds(2019, 9, 2, 7), clock.seconds(2021, 8, 15, 18)
# Before this day every house signed with another key, which is lost.
ROTATED_AT = clock.seconds(2019, 12, 12)
HELD = HOLDERS[:4]  # the mailboxes of the campaign; the fifth holder writes from outside
OWNER = HELD[1][0]  # hands in the originals of the mailbox
ATTACKER_SELECTOR = "relay7"
_MAILERS = (OUTLOOK, APPLE, PHONE, BIRD)


@dataclass(frozen=True, slots=True)
class House:
    """One sending domain: how it signs now and before the rotation, and which keys are known.

    `state`: "known" (the key file holds it), "absent" (it does not), "none" (nothing is signed);
    `is_reused`: the selector of before is the one of now, so that the file holds another key for
    the old mail.
    """

    domain: str
    signer: Signer | None
    state: str
    weight: int
    is_reused: bool = False

    def signs_at(self, at_s: int, seed: int) -> tuple[Signer | None, str]:
        """The signer of that day, and what is known of its key: known, rotated, absent, none."""
        if self.signer is None:
            return None, "none"
        if at_s >= ROTATED_AT:
            return self.signer, self.state
        old = rsa_key(seed, f"before {self.domain}", 1024)
        algorithm = "rsa-sha256"
        selector = self.signer.selector if self.is_reused else "s2018"
        signer = replace(self.signer, key=old, selector=selector, algorithm=algorithm)
        return signer, "rotated" if self.state == "known" else self.state


@lru_cache(maxsize=4)
def houses(seed: int) -> dict[str, House]:
    """Every sending domain by name; weights say how often people outside write from it."""

    def rsa(domain: str, bits: int = 2048, **more: object) -> Signer:
        return replace(Signer(domain, "s2021", rsa_key(seed, domain, bits)), **more)  # type: ignore[arg-type]

    modern = Signer("lumenmail.example", "ed", ed25519_key(seed, "lumenmail"), "ed25519-sha256")
    rows = (
        House(CAMPAIGN, rsa(CAMPAIGN), "known", 0),
        House("courriel-libre.example", rsa("courriel-libre.example", headers=WEBMAIL_FIELDS),
              "known", 26),
        House("poste-valterne.example", rsa("poste-valterne.example", 1024,
              canon="relaxed/simple"), "known", 8, is_reused=True),
        House(modern.domain, modern, "known", 5),
        House("tresor-nord.example", rsa("tresor-nord.example", 1024, canon="simple/simple"),
              "known", 5),
        House("prefecture-mirecombe.example", rsa("prefecture-mirecombe.example"), "absent", 22),
        House("vieux-relais.example", rsa("vieux-relais.example", 1024), "absent", 20),
        House("essai-courrier.example", rsa("essai-courrier.example"), "absent", 15),
        House("mairie-lurgane.example", None, "none", 9),
        House("courrier-mirecombe.example", rsa("courrier-mirecombe.example"), "known", 0),
        House("revue-ostrevane.example", rsa("revue-ostrevane.example"), "absent", 0),
        House(LIST_DOMAIN, rsa(LIST_DOMAIN), "known", 0),
        House(LOOKALIKE, rsa(LOOKALIKE, 1024), "known", 0),
    )  # fmt: skip
    return {one.domain: one for one in rows}


@lru_cache(maxsize=4)
def outside(seed: int) -> Weighted[str]:
    """Domains of people outside the campaign, for `Dice.weighted`."""
    return Weighted([(one.domain, one.weight) for one in houses(seed).values() if one.weight])


def attacker(seed: int) -> Signer:
    """Who signs as the campaign under a selector of his own, with his own key."""
    return Signer(CAMPAIGN, ATTACKER_SELECTOR, rsa_key(seed, "attacker", 1024))


def keys_of(seed: int) -> dict[str, list[dict[str, str]]]:
    """The key file: what is known of the houses, and the attacker's key as it can be recovered.

    Two signatures give an unknown RSA key away; whoever asks for that gets the attacker's too.
    """
    out = {}
    for house in houses(seed).values():
        if house.signer is not None and house.state == "known":
            since = "2019-12-12" if house.is_reused else "2019-11-01"
            row = {"txt": house.signer.key.record, "src": "field notes of the invented dump",
                   "seen_from": since, "seen_to": "2021-12-31"}  # fmt: skip
            out[house.signer.key_name] = [row]
    false = attacker(seed)
    out[false.key_name] = [{"txt": false.key.record, "source": "recovered",
                            "src": "recovered from two signatures"}]  # fmt: skip
    return out


def mailer_of(someone: Person) -> Mailer:
    """The program somebody writes with, always the same."""
    if someone.domain == "courriel-libre.example":
        return WEBMAIL
    return _MAILERS[sum(someone.address.encode()) % len(_MAILERS)]


def crowd(dice: Dice, seed: int, count: int) -> list[Person]:
    """So many people outside the campaign, each with an address of his own."""
    found: dict[str, Person] = {}
    while len(found) < count:
        one = person(dice, dice.weighted(outside(seed)), "en" if dice.chance(0.2) else "fr")
        local, _, domain = one.address.partition("@")
        one = replace(one, address=f"{local}{len(found)}@{domain}")
        found[one.address] = one
    return list(found.values())
