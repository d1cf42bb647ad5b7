"""What RFC 6376, 8301 and 8463 ask of a DKIM signature and its key, apart from the cryptography."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tamis.syntax.domain import is_inside, to_ascii

if TYPE_CHECKING:
    from tamis.syntax.mail.dkim import Tags
    from tamis.syntax.mail.dkim_keys import KeyRecord

ALGORITHMS = {
    "rsa-sha256": ("rsa", "sha256"),
    "rsa-sha1": ("rsa", "sha1"),
    "ed25519-sha256": ("ed25519", "sha256"),
}
MIN_RSA_BITS = 1024
_KEYS = "RFC 6376 section 3.6.1"
_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")
_FORMS = {
    f"{header}/{body}": (header, body)
    for header in ("simple", "relaxed")
    for body in ("simple", "relaxed")
}
_TOLD = 5  # of a hostile list, the first few pieces say enough
_DIGITS = re.compile(r"[0-9]{1,76}\Z")
_TIMES = re.compile(r"[0-9]{1,12}\Z")


class Violation(NamedTuple):
    """One departure from a standard: its section, what departs, and whether it voids.

    `is_fatal` says that by the standard no valid signature is there; what is not fatal leaves a
    signature that may be named, but never more than partly relied on.
    """

    section: str
    what: str
    is_fatal: bool = True

    def __str__(self) -> str:
        return f"{self.what} ({self.section})"


def check_signature(tags: Tags) -> list[Violation]:
    """What the tag list itself violates."""
    found = check_syntax(tags, "the signature")
    found += [
        Violation("RFC 6376 section 3.5", f"the required tag {name}= is missing")
        for name in _REQUIRED
        if not tags.values.get(name)
    ]
    if tags.values.get("v", "1") != "1":
        found.append(Violation("RFC 6376 section 3.5", "v= is not 1"))
    algorithm = (tags.text("a") or "").lower()
    if algorithm and algorithm not in ALGORITHMS:
        found.append(Violation("RFC 6376 section 3.3", f"a={algorithm[:30]} is unknown"))
    if algorithm == "rsa-sha1":
        found.append(
            Violation("RFC 8301 section 3.1", "rsa-sha1 must not be used to verify", is_fatal=False)
        )
    if "h" in tags.values and "from" not in tags.listed("h"):
        found.append(Violation("RFC 6376 section 5.4", "From is not signed: h= does not name it"))
    return found + check_names(tags) + check_numbers(tags) + _check_forms(tags)


def check_syntax(tags: Tags, whose: str, section: str = "RFC 6376 section 3.2") -> list[Violation]:
    """What is no tag list about a tag list."""
    repeated = dict.fromkeys(tags.repeated[:_TOLD])
    found = [Violation(section, f"{whose} has {name}= twice") for name in repeated]
    broken = tags.broken[:_TOLD]
    found += [Violation(section, f"{whose} holds {piece!r}, no tag") for piece in broken]
    if tags.is_untidy:
        found.append(Violation(section, f"{whose} has an empty tag", is_fatal=False))
    return found


def check_names(tags: Tags) -> list[Violation]:
    """What is wrong with d=, s= and i=."""
    found = []
    domain, identity = tags.text("d"), tags.text("i")
    if domain and to_ascii(domain) is None:
        found.append(Violation("RFC 6376 section 3.5", "d= is no domain name"))
    selector = tags.text("s")
    if selector and to_ascii(selector) is None:
        found.append(Violation("RFC 6376 section 3.1", "s= is no selector"))
    if identity is not None and domain:
        owner = identity.rpartition("@")[2]
        if "@" not in identity or not is_inside(owner, domain):
            found.append(Violation("RFC 6376 section 3.5", "i= lies outside d="))
    return found


def check_numbers(tags: Tags) -> list[Violation]:
    """What is wrong with t=, x= and l=."""
    found = []
    for name, shape in (("t", _TIMES), ("x", _TIMES), ("l", _DIGITS)):
        text = tags.text(name)
        if text is not None and not shape.match(text):
            found.append(Violation("RFC 6376 section 3.5", f"{name}= is no number"))
    signed, expires = read_number(tags, "t"), read_number(tags, "x")
    if signed is not None and expires is not None and expires <= signed:
        found.append(Violation("RFC 6376 section 3.5", "x= is not later than t="))
    return found


def _check_forms(tags: Tags) -> list[Violation]:
    found = []
    if read_forms(tags) is None:
        found.append(Violation("RFC 6376 section 3.5", "c= names an unknown canonical form"))
    if "dns/txt" not in tags.listed("q", "dns/txt"):
        found.append(Violation("RFC 6376 section 3.5", "q= offers no known way to the key"))
    return found


def check_key(tags: Tags, record: KeyRecord) -> list[Violation]:
    """What the signature and its key record violate together."""
    found = list(_check_record(record))
    kind, algorithm = ALGORITHMS.get((tags.text("a") or "").lower(), ("", ""))
    if record.key is not None and kind and record.key.kind != kind:
        found.append(Violation(_KEYS, f"the key is for {record.key.kind}, a= wants {kind}"))
    hashes = record.tags.listed("h")
    if hashes and algorithm not in hashes:
        found.append(Violation(_KEYS, f"the key's h= does not allow {algorithm}"))
    if record.is_strict and "i" in tags.values:
        owner = (tags.text("i") or "").rpartition("@")[2].lower()
        if owner.rstrip(".") != (tags.text("d") or "").lower().rstrip("."):
            found.append(Violation(_KEYS, "i= differs from d= although the key has t=s"))
    return found


@lru_cache(maxsize=4096)
def _check_record(record: KeyRecord) -> tuple[Violation, ...]:
    """What a key record violates whatever it is used for."""
    found = check_syntax(record.tags, "the key record", _KEYS)
    version = record.tags.text("v")
    if version is not None and (version != "DKIM1" or next(iter(record.tags.values)) != "v"):
        found.append(Violation(_KEYS, "v= of the key record is not DKIM1 in first place"))
    services = record.tags.listed("s", "*")
    if "*" not in services and "email" not in services:
        found.append(Violation(_KEYS, "the key's s= does not allow e-mail"))
    key = record.key
    if key is not None and key.kind == "rsa" and key.bits < MIN_RSA_BITS:
        found.append(Violation("RFC 8301 section 3.2", f"the RSA key has only {key.bits} bits"))
    if key is not None and key.kind == "ed25519" and key.form != "raw":
        what = "p= is not the bare Ed25519 key"
        found.append(Violation("RFC 8463 section 4", what, is_fatal=False))
    return tuple(found)


def read_number(tags: Tags, name: str) -> int | None:
    """The number in t=, x= or l=; None where it is absent or no number."""
    text = tags.text(name)
    shape = _DIGITS if name == "l" else _TIMES
    return int(text) if text is not None and shape.match(text) else None


def read_forms(tags: Tags) -> tuple[str, str] | None:
    """The canonical forms of header and body that c= names; None for an unknown one.

    Source    RFC 6376 section 3.5: both are simple by default, the body's is when left out.
    """
    text = (tags.text("c") or "simple/simple").lower()
    if text in _FORMS:
        return _FORMS[text]
    header, _, body = text.partition("/")
    forms = (header.strip(), body.strip() or "simple")
    return forms if {*forms} <= {"simple", "relaxed"} else None
