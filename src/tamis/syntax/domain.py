"""Domain names: ASCII form, organisational domain, alignment."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Any

# Signing domains that a provider derives from a tenant's name: they say which tenant signed, and
# not that the holder of the domain shown did (facts: Google Workspace, Microsoft 365).
PROVIDER_DERIVED = ("gappssmtp.com", "onmicrosoft.com")


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 (reads a list of 300 KB)

    return PublicSuffixList()


@lru_cache(maxsize=65536)
def to_ascii(domain: str) -> str | None:
    """A domain in lower-case A-label form without a final dot; None if it is no domain name.

    Source    RFC 1034 section 3.1 (253 octets, labels of 63), RFC 5890.
    """
    text = domain.strip().removesuffix(".").lower()
    if not text.isascii():
        try:
            text = text.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    labels = text.split(".")
    if len(text) > 253 or not all(_is_label(label) for label in labels):
        return None
    return text


def is_as_registered(domain: str) -> bool:
    """Whether a name is written as it stands in the DNS: nothing in it is dropped or replaced.

    A sharp s, a joiner, a wide letter are read as other letters, or as none, by some programs and
    not by others: the same text is two domains.

    Source    RFC 5890 section 2.3.2.1 (U-labels), RFC 5894 section 7.2 (the four characters that
              IDNA2003 mapped)
    """
    text, ascii_form = domain.strip().removesuffix(".").lower(), to_ascii(domain)
    if ascii_form is None or text.isascii():
        return ascii_form is not None
    try:
        return ascii_form.encode("ascii").decode("idna") == unicodedata.normalize("NFC", text)
    except UnicodeError:
        return False


def _is_label(label: str) -> bool:
    return 0 < len(label) <= 63 and all(c.isalnum() or c in "-_" for c in label)


@lru_cache(maxsize=65536)
def organisational(domain: str) -> str | None:
    """The registrable domain that `domain` belongs to; None for a public suffix or no name.

    The digits of a network address are no name (RFC 3696 section 2).

    Source    publicsuffix.org list as packaged, private section included, so that tenants of a
              hoster do not align with each other.
    """
    name = to_ascii(domain)
    if name is None or name.rpartition(".")[2].isdigit():
        return None
    found = _suffixes().privatesuffix(name)
    return None if found is None else str(found)


def align(one: str, other: str) -> str:
    """How two domains belong together: exact, organisational, or none.

    Source    RFC 7489 section 3.1 (relaxed alignment).
    """
    a, b = to_ascii(one), to_ascii(other)
    if a is None or b is None or organisational(a) is None:
        return "none"
    if a == b:
        return "exact"
    return "organisational" if organisational(a) == organisational(b) else "none"


def is_inside(domain: str, parent: str) -> bool:
    """Whether `domain` is `parent` or a name below it."""
    inner, outer = domain.rstrip(".").lower(), parent.rstrip(".").lower()
    return inner == outer or inner.endswith("." + outer)


def is_provider_derived(domain: str) -> bool:
    """Whether a provider made the domain from a tenant's name."""
    return any(is_inside(domain, parent) for parent in PROVIDER_DERIVED)
