"""What the S/MIME and OpenPGP signatures of a message show, as facts and evidence."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamis.analyses.leak.signature_rows import row_of
from tamis.findings import Evidence, Outcome, Ref
from tamis.registry import Check
from tamis.syntax.mail import date
from tamis.syntax.mail.certificates import Certificate, read_certificate
from tamis.syntax.mail.display import read_display
from tamis.syntax.mail.headers import split
from tamis.syntax.mail.openpgp import find_keys, read_openpgp
from tamis.syntax.mail.openpgp_keys import Holder, read_holders
from tamis.syntax.mail.signed_parts import find_signed, may_be_signed
from tamis.syntax.mail.smime import read_smime
from tamis.syntax.mail.words import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.dkim_facts import SignatureFacts
    from tamis.syntax.mail.headers import Headers

NAME = "signed_mail"
VERSION = 1
_NAMES = {"smime": "S/MIME", "openpgp": "OpenPGP"}
_HOLDS = {
    True: "it holds",
    False: "it does not hold",
    None: "it cannot be computed",
}
_BODY = {
    True: "the text is the one that was signed",
    False: "the text is not the one that was signed",
    None: "whether the text is the signed one cannot be told",
}


@dataclass(frozen=True, slots=True)
class Signers:
    """Certificates and OpenPGP keys that come from outside the dump."""

    certificates: Sequence[Certificate] = ()
    holders: Sequence[Holder] = ()


NOBODY = Signers()


def signers_of(rows: Iterable[Mapping[str, Any]]) -> Signers:
    """The certificates and keys in rows of the table `signer_key`."""
    certificates: list[Certificate] = []
    holders: list[Holder] = []
    for row in rows:
        material = base64.b64decode(row["material"])
        if row["kind"] == "x509":
            found = read_certificate(material)
            certificates += [] if found is None else [found]
        else:
            holders += read_holders(material, row["source"], row["source_label"])
    return Signers(certificates, holders)


@dataclass(frozen=True, slots=True)
class SignedMail:
    """One signature: its kind (smime or openpgp) and its facts."""

    kind: str
    facts: SignatureFacts

    def row(self, item_id: str, position: int) -> dict[str, Any]:
        """The row of `signature` without the columns that name the run."""
        return row_of(item_id, self.facts, self.kind, self.describe()) | {"position": position}

    def describe(self) -> str:
        """One sentence about the signature that a reporter can quote."""
        facts = self.facts
        whose = f" that names {facts.identity}" if facts.identity else ""
        parts = [_HOLDS[facts.header_verifies], _BODY[facts.body_matches]]
        if facts.key_source == "dump":
            parts.append(f"only the message itself holds its key ({facts.key_label})")
        elif facts.key_source:
            parts.append(f"the key is {facts.key_status} ({facts.key_source}: {facts.key_label})")
        if facts.key_trouble:
            parts.append(facts.key_trouble)
        parts += [str(one) for one in facts.violations]
        parts += facts.notes
        parts.append("nothing of the header is signed")
        return f"{_NAMES[self.kind]} signature{whose}: {'; '.join(parts)}."


def read_signed_mail(
    raw: bytes, headers: Headers, display: Display, signers: Signers = NOBODY
) -> tuple[SignedMail, ...]:
    """The S/MIME and OpenPGP signatures of a message, outermost first; never raises.

    Source    RFC 8551, RFC 5652, RFC 3156, RFC 9580.
    Limits    Neither signs the header: From, To, Subject and Date are not attested by them.
    """
    if not may_be_signed(raw, headers, display):
        return ()
    tree, places = find_signed(raw, headers, display)
    if not places:
        return ()
    stated_at = _stated_at(headers, display)
    is_pgp = any(place.kind == "openpgp" for place in places)
    holders = [*signers.holders, *find_keys(raw, headers, tree)] if is_pgp else []
    return tuple(
        SignedMail(place.kind, facts)
        for place in places
        for facts in (
            read_smime(place, display, stated_at, signers.certificates)
            if place.kind == "smime"
            else read_openpgp(place, display, holders)
        )
    )


def _stated_at(headers: Headers, display: Display) -> datetime | None:
    ranks = display.ranks.get(b"date", ())
    read = date.parse(text_of(headers.fields[ranks[0]].value)) if len(ranks) == 1 else None
    return None if read is None else read[0]


def evidence_of(item_id: str, signed: Sequence[SignedMail]) -> tuple[Evidence, ...]:
    """Each signature with the bytes where it stands."""
    return tuple(
        Evidence(
            _outcome(one.facts),
            one.describe(),
            Ref(item_id, one.facts.byte_start, one.facts.byte_end, rows={"rank": rank}),
        )
        for rank, one in enumerate(signed)
    )


def _outcome(facts: SignatureFacts) -> Outcome:
    if facts.header_verifies is None:
        return Outcome.UNABLE
    is_held = facts.header_verifies and facts.body_matches and not facts.is_voided
    is_known = facts.key_source not in {None, "dump"} and facts.key_status == "found"
    return Outcome.SUPPORTS if is_held and is_known else Outcome.NEUTRAL


def check(raw: bytes) -> tuple[Evidence, ...]:
    """What each S/MIME or OpenPGP signature of a message shows.

    Source    RFC 8551, RFC 5652, RFC 3156, RFC 9580; weak hashes are computed and named.
    Limits    A key that only the message holds shows that the text is unchanged since somebody
              signed it, and not who. A signature that fails says nothing about forgery.
    """
    headers = split(raw)
    return evidence_of("", read_signed_mail(raw, headers, read_display(headers)))


CHECK = Check(name=NAME, version=VERSION, reads=("bytes",), check=check)
