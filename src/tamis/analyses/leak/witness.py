"""Whose word counts: whether one verified message may speak for or against another one.

Anybody can hold a domain, sign mail with it, and write into it whatever is wanted: a quotation, a
Message-ID, an answer. So a verified message is a witness only of what its signer is near to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.webmail import WEBMAIL

if TYPE_CHECKING:
    from collections.abc import Mapping

WITNESS_PARAMS: Mapping[str, Any] = {"webmail_domains": WEBMAIL}


def is_same_house(witness: str, subject: str) -> str:
    """SQL, never NULL: whether two addresses are one, or of one domain that is no public service.

    Input     names of two columns that hold addresses in lower case
    Limits    a subdomain is another domain; a provider that WEBMAIL does not name passes for a
              house; an intruder in the house can sign too
    """
    domain = f"split_part({witness}, '@', -1)"
    return (
        f"coalesce({witness} = {subject} OR ({domain} = split_part({subject}, '@', -1) "
        f"AND NOT list_contains($webmail_domains, {domain})), false)"
    )


def owns_id(witness: str, message_id: str) -> str:
    """SQL, never NULL: whether a Message-ID was made in the domain of the witness.

    Input     names of columns: an address in lower case, a Message-ID
    Limits    a public service says nothing: all its customers share its ids
    """
    domain = f"split_part({witness}, '@', -1)"
    host = f"rtrim(lower(split_part({message_id}, '@', -1)), '>')"
    return (
        f"coalesce(({host} = {domain} OR ends_with({host}, '.' || {domain})) "
        f"AND NOT list_contains($webmail_domains, {domain}), false)"
    )
