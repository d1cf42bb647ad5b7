"""What of a header block a mail reader shows, and what readers would disagree about."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tamis.syntax.domain import is_as_registered, to_ascii
from tamis.syntax.mail.headers import unfold
from tamis.syntax.mail.words import decode, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamis.syntax.mail.headers import Defect, Field, Headers

PRINCIPAL = (b"from", b"to", b"subject", b"date")
# Two of these are a conflict whatever they say; two of the others only when they differ.
_SINGLE = (*PRINCIPAL, b"content-type")
_SINGLE_IF_DIFFERENT = (b"mime-version", b"content-transfer-encoding", b"content-disposition")
STRUCTURAL = (b"content-type", b"mime-version", b"content-transfer-encoding")
# Fields beside the principal ones that some reader shows or acts on.
_SHOWN = frozenset(
    b"sender reply-to cc bcc message-id in-reply-to references organization importance priority "
    b"x-priority x-mailer user-agent comments keywords newsgroups apparently-to followup-to "
    b"mail-followup-to mail-reply-to return-receipt-to disposition-notification-to "
    b"x-original-from thread-topic thread-index sensitivity x-face face bimi-indicator".split()
)
_SHOWN_PREFIXES = (b"resent-", b"list-", b"content-", b"mime-")
# A block with one of these is read differently by different readers.
_DISPUTED = frozenset(
    {
        "bom",
        "leading_blank_line",
        "malformed_line",
        "malformed_name",
        "space_before_colon",
        "blank_fold",
        "bare_cr",
        "nul",
        "control_character",
    }
)
_NOT_NAME = bytes([*range(33), 58, *range(127, 256)])
_SPEC = r"([^\s<>()\[\]@,;:\"\\]+)@([^\s<>()\[\]@,;:\"\\]+)"
_BARE = re.compile(rf"{_SPEC}(?:\s*\(([^()]*)\))?\Z")
_NAMED = re.compile(rf"(?:(\"(?:[^\"\\]|\\.)*\")[ \t]*|([^<>(),:;\"\\]*))<{_SPEC}>\Z")
_ESCAPED = re.compile(r"\\(.)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]+@[^\s<>()\[\],;:\"'@]+")
_REWRITTEN = re.compile(r"(=40|=)[A-Za-z0-9.-]+\.[A-Za-z]{2,}\Z")
_UNSEEN = frozenset({"Cf", "Cc", "Co", "Cn", "Zl", "Zp"})
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that show nothing
_LONGEST = 320  # RFC 5321 section 4.5.3.1: 64 octets, @, 255 octets
_VIA = re.compile(r"\bvia\b", re.IGNORECASE)


class Conflict(NamedTuple):
    """A field that stands more than once: its name and the ranks of its instances."""

    name: str
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """The From field read strictly: one address, or `trouble` says why there is none."""

    address: str | None = None
    domain: str | None = None
    name: str | None = None
    trouble: str | None = None

    def oddities(self) -> tuple[str, ...]:
        """What about the name or the address could make a reader take it for somebody else's."""
        found = self._of_address()
        name = self.name or ""
        if len(name) > _LONGEST:
            return (*found, "anything about the display name, which is too long to be one")
        shown = unicodedata.normalize("NFKC", name)  # a wide @ looks like one
        others = [
            one for one in _ADDRESS.findall(shown) if one.lower() != (self.address or "").lower()
        ]
        if others:
            found.append(f"that {others[0][:80]}, which stands in the display name, sent it")
        if any(unicodedata.category(c) in _UNSEEN or c in _BLANK_LETTERS for c in name):
            found.append("that the display name is what it looks like: it holds hidden characters")
        return tuple(found)

    def _of_address(self) -> list[str]:
        found = []
        if self.domain and any(label.startswith("xn--") for label in self.domain.split(".")):
            told = f"that {self.domain} is the domain it looks like: it is shown with letters"
            found.append(f"{told} beyond ASCII, which can look like others")
        if self.address and not self.address.isascii():
            found.append(
                "that the address is the one it looks like: letters beyond ASCII stand before its @"
            )
        return found


@dataclass(frozen=True, slots=True)
class Display:
    """What readers show: fields by lower-case name (ranks from the top), and what is odd.

    `defects` holds the first defect of each kind; `list_marks` are the signs of a
    mailing list or of a From that a list rewrote.
    """

    ranks: Mapping[bytes, tuple[int, ...]]
    conflicts: tuple[Conflict, ...]
    defects: tuple[Defect, ...]
    sender: Sender
    list_marks: tuple[str, ...]

    def count(self, name: bytes) -> int:
        """How often a field stands."""
        return len(self.ranks.get(name, ()))

    def shown(self) -> tuple[bytes, ...]:
        """The names, in lower case, of the fields present that some reader shows."""
        return tuple(
            name
            for name in self.ranks
            if name in PRINCIPAL or name in _SHOWN or name.startswith(_SHOWN_PREFIXES)
        )


def read_display(headers: Headers) -> Display:
    """What of `headers` is shown; never raises.

    Source    RFC 5322 section 3.6 (how often a field may stand), section 3.4 (addresses).
    Limits    Readers of mail differ; what is not plain counts as disputed, not as understood.
    """
    ranks: dict[bytes, list[int]] = {}
    for rank, item in enumerate(headers.fields):
        ranks.setdefault(item.name.lower(), []).append(rank)
    kept = {name: tuple(places) for name, places in ranks.items() if name}
    first = {one.kind: one for one in reversed(headers.defects) if one.kind in _DISPUTED}
    defects = tuple(sorted(first.values(), key=lambda one: one.byte_start))
    conflicts = _find_conflicts(headers, _unmask(kept) if defects else kept)
    senders = kept.get(b"from", ())
    if len(senders) == 1:
        sender = read_sender(headers.fields[senders[0]].value)
    else:
        sender = Sender(trouble="no From" if not senders else "more than one From")
    return Display(kept, conflicts, defects, sender, _list_marks(kept, sender))


def _unmask(ranks: Mapping[bytes, tuple[int, ...]]) -> dict[bytes, tuple[int, ...]]:
    """`ranks` with names that only look different (white space, 8-bit, controls) put together."""
    merged: dict[bytes, tuple[int, ...]] = {}
    for name, places in ranks.items():
        plain = name.translate(None, _NOT_NAME)
        merged[plain] = tuple(sorted((*merged.get(plain, ()), *places)))
    return merged


def _find_conflicts(
    headers: Headers, ranks: Mapping[bytes, tuple[int, ...]]
) -> tuple[Conflict, ...]:
    found = []
    for name in _SINGLE:
        places = ranks.get(name, ())
        if len(places) > 1:
            found.append(Conflict(name.decode(), places))
    for name in _SINGLE_IF_DIFFERENT:
        places = ranks.get(name, ())
        if len(places) > 1:
            values = {unfold(headers.fields[rank].value).lower() for rank in places}
            if len(values) > 1:
                found.append(Conflict(name.decode(), places))
    return tuple(found)


def read_sender(value: bytes) -> Sender:
    """The single plain address of a From value, or why it has none."""
    text = text_of(value)
    bare, named = _BARE.match(text), _NAMED.match(text)
    if bare is not None:
        local, domain, name = bare[1], bare[2], bare[3]
    elif named is not None:
        local, domain = named[3], named[4]
        name = _ESCAPED.sub(r"\1", named[1][1:-1]) if named[1] else named[2].strip()
    else:
        return Sender(trouble="From holds no single plain address")
    ascii_domain = to_ascii(domain) if is_as_registered(domain) else None
    if ascii_domain is None or "=?" in local + domain or len(local) > _LONGEST:
        return Sender(trouble="From holds an address whose domain cannot be read")
    shown = decode(name) if name else None
    return Sender(address=f"{local}@{ascii_domain}", domain=ascii_domain, name=shown or None)


def _list_marks(ranks: Mapping[bytes, tuple[int, ...]], sender: Sender) -> tuple[str, ...]:
    found = []
    if b"list-id" in ranks:
        found.append("it passed a mailing list (List-Id)")
    if b"x-original-from" in ranks:
        found.append("From was rewritten on the way (X-Original-From)")
    if sender.address and _REWRITTEN.search(sender.address.rpartition("@")[0]):
        found.append("From was rewritten on the way (another address inside the local part)")
    if sender.name and _VIA.search(sender.name):
        found.append("From was rewritten on the way (via)")
    return tuple(found)


def field_name(item: Field) -> str:
    """A field's name for a sentence."""
    return item.name.decode("ascii", "backslashreplace") or "a line that is no field"
