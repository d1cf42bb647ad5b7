"""Messages that look like attempts to steal a password: reasons, never a verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak import phishing_links
from tamis.syntax import domain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.analyses.leak.phishing_domains import Known
    from tamis.analyses.leak.phishing_links import Letter, Link

_MAX_NAMED = 50
_SHORTENERS = frozenset(
    [
        *("bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "is.gd", "t.co", "tiny.cc", "cutt.ly"),
        *("rebrand.ly", "rb.gy", "shorturl.at", "v.gd", "buff.ly", "t.ly", "s.id", "u.to"),
    ]
)
# Services that stand between a link and its target for honest reasons.
_BETWEEN = (
    *("safelinks.protection.outlook.com", "urldefense.proofpoint.com", "urldefense.com"),
    *("google.com", "linkprotect.cudasvc.com", "protect-eu.mimecast.com"),
)
_CREDENTIAL_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"mot de passe|password|passcode",
        r"\bidentifiants?\b|\bcredentials?\b|\blog-?in details\b",
        r"v[ée]rifi(?:er|ez|cation)\s(?:de\s)?votre\s(?:compte|identit[ée]|adresse)",
        r"verify\s(?:your|that)\s|verification of your\s",
        r"confirm(?:er|ez)?\s(?:votre|your)\s(?:compte|identit|account|identity|mot|password)",
        r"(?:compte|bo[îi]te)[^.\n]{0,40}(?:suspendue?|bloqu[ée]e?|d[ée]sactiv[ée]e?|limit[ée]e?)",
        r"account[^.\n]{0,40}(?:suspended|locked|disabled|limited|deactivated|terminated)",
        r"someone (?:has|knows|used) your|sign-?in attempt|unusual (?:sign|activity)",
        r"activit[ée] (?:inhabituelle|suspecte)|connexion (?:inhabituelle|suspecte)",
        r"(?:bo[îi]te|mailbox|quota|storage|stockage)[^.\n]{0,40}(?:pleine?|full|exceeded|d[ée]pass)",
        r"mett(?:re|ez) [àa] jour vos|update your (?:account|information|payment|details)",
        r"(?:imm[ée]diatement|immediately|within 24 hours|sous 24 ?h|dans les 24 heures|urgent)",
    )
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@((?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})")


@dataclass(slots=True)
class Suspicion:
    """What was found in one message: by rule a sentence, whether one is strong, what it names."""

    reasons: dict[str, str] = field(default_factory=dict)
    is_strong: bool = False
    links: dict[str, None] = field(default_factory=dict)
    domains: dict[str, None] = field(default_factory=dict)
    resembles: dict[str, None] = field(default_factory=dict)

    def add(self, rule_id: str, words: str, *, is_strong: bool = False) -> None:
        """Note a reason; of several by one rule the first is told."""
        self.reasons.setdefault(rule_id, words)
        self.is_strong |= is_strong

    def name(self, link: Link) -> None:
        """Note a link that gave a reason."""
        self.links[defang(link.address)] = None
        if link.host:
            self.domains[link.host] = None

    def row(self) -> dict[str, Any]:
        """The columns of `phishing` that come from the reasons."""
        rules = sorted(self.reasons)
        return {
            "rule_ids": rules,
            "reasons": [self.reasons[rule] for rule in rules],
            "has_strong_reason": self.is_strong,
            "links": list(self.links)[:_MAX_NAMED],
            "domains": list(self.domains)[:_MAX_NAMED],
            "resembles": sorted(self.resembles),
        }


def judge(raw: bytes, stated: Mapping[str, Any], known: Known) -> Suspicion | None:
    """The reasons to look at a message as phishing; None when there are too few.

    Input     the bytes, and from_address, from_name, subject, is_bulk as `message` states them
    Source    Signs that guides for users and the reports on the 2016 and 2017 campaigns name:
              look-alike domains, text that shows another address, shorteners, urgent talk of
              passwords. One strong reason is enough, of weak ones two are needed.
    Limits    Suspicion only: honest mail of banks and newsletters meets weak rules, good phishing
              meets none. A reply that quotes such a mail is listed too. Nothing is looked up:
              where a short link leads is not known. Says nothing about who sent it.
    """
    letter = phishing_links.read(raw)
    found = Suspicion()
    _sender(stated, known, found)
    for link in letter.links:
        _target(link, known, found)
    if not stated.get("is_bulk"):
        _shown(letter, found)
    _words(f"{stated.get('subject') or ''}\n{letter.text}", letter, found)
    if letter.has_password_field:
        found.add(
            "password_field", "the message itself holds a field for a password", is_strong=True
        )
    return found if found.is_strong or len(found.reasons) >= 2 else None


def defang(address: str) -> str:
    """An address as text that no program makes clickable."""
    head, colon, rest = address.partition(":")
    scheme = {"http": "hxxp", "https": "hxxps"}.get(head.lower())
    if not colon or scheme is None:
        return address[:2_000].replace(".", "[.]")
    host, slash, path = rest.removeprefix("//").partition("/")
    return f"{scheme}://{host.replace('.', '[.]')}{slash}{path}"[:2_000]


def _sender(stated: Mapping[str, Any], known: Known, found: Suspicion) -> None:
    address = str(stated.get("from_address") or "")
    host = domain.to_ascii(address.rpartition("@")[2]) if "@" in address else None
    if host is not None:
        likeness = known.resemblance(host)
        if likeness is not None:
            words = f"sent from {likeness.words}"
            found.add(f"sender_{likeness.rule_id}", words, is_strong=likeness.is_strong)
            found.domains[host] = None
            found.resembles[likeness.resembles] = None
    named = _ADDRESS.search(str(stated.get("from_name") or ""))
    if named and host and domain.align(named[1], host) == "none":
        shown = named[1].lower()
        words = f"the name shown holds an address at {shown}, the mail's own is at {host}"
        found.add("other_name", words)


def _target(link: Link, known: Known, found: Suspicion) -> None:
    if link.host is None:
        return
    likeness = known.resemblance(link.host)
    if likeness is not None:
        words = f"a link: {likeness.words}"
        found.add(f"link_{likeness.rule_id}", words, is_strong=likeness.is_strong)
        found.resembles[likeness.resembles] = None
        found.name(link)
    if link.has_user:
        words = f"a link hides its target {link.host} behind an @"
        found.add("hidden_target", words, is_strong=known.is_known(_before_at(link.address)))
        found.name(link)
    if link.is_number:
        found.add("number_host", f"a link goes to a number, {link.host}, and not to a name")
        found.name(link)


def _before_at(address: str) -> str:
    user = address.partition("://")[2].partition("@")[0]
    return domain.to_ascii(re.split(r"[:/?#]", user, maxsplit=1)[0]) or ""


def _shown(letter: Letter, found: Suspicion) -> None:
    for link in letter.links:
        if (
            not (link.shown_host and link.host)
            or domain.align(link.shown_host, link.host) != "none"
        ):
            continue
        if any(domain.is_inside(link.host, one) for one in _BETWEEN):
            continue
        words = f"a link shows {link.shown_host} and goes to {link.host}"
        found.add("other_target", words)
        found.name(link)


def _words(text: str, letter: Letter, found: Suspicion) -> None:
    if not letter.links:
        return
    hits = [match[0] for one in _CREDENTIAL_WORDS if (match := one.search(text[:100_000]))]
    if len(hits) < 2:
        return
    shown = ", ".join(f"“{' '.join(hit.split())[:60]}”" for hit in hits[:4])
    found.add("credential_words", f"it speaks of accounts and passwords and holds a link: {shown}")
    for link in letter.links:
        if link.host in _SHORTENERS:
            found.add("short_link", f"a link is shortened by {link.host}: its target is not shown")
            found.name(link)
