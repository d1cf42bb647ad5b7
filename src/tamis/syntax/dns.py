"""Messages of the DNS: a question about TXT records, and what an answer to it says.

The answer is hostile: whoever sits on the way can send any bytes. Nothing here loops over more
than the message holds, follows a pointer that does not lead backwards, or recurses.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

TXT, CNAME, INTERNET = 16, 5, 1
MAX_MESSAGE_BYTES = 65_535
MAX_RECORDS = 256
MAX_ALIASES = 8
_HEADER_BYTES = 12
_NAME_BYTES = 255
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_CODES = {
    1: "format_error",
    2: "server_failure",
    3: "no_such_name",
    4: "not_implemented",
    5: "refused",
}


class DnsError(ValueError):
    """An answer that does not follow RFC 1035; the message says where it departs."""


class UnrelatedError(DnsError):
    """Bytes that answer another question: by their number, their name or their type."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one answer says about a name: `texts` are its TXT records, strings joined.

    `outcome` is answered, no_data, no_such_name, server_failure, refused, format_error,
    not_implemented, alias, truncated or code_N. `alias` is the name that a chain of CNAME records
    leads to when the TXT records of that name are not in the same answer.
    """

    outcome: str
    texts: tuple[bytes, ...] = ()
    alias: str | None = None


def is_askable(name: str) -> bool:
    """Whether a name can be asked for, and printed in a command, as it stands.

    Source    RFC 1035 section 2.3.4 for the lengths; letters, digits, hyphen and underscore are
              what names of DKIM keys consist of (RFC 6376 section 3.1).
    """
    bare = name.removesuffix(".")
    return len(bare) <= _NAME_BYTES - 2 and all(map(_LABEL.match, bare.split(".")))


def make_question(name: str, number: int) -> bytes:
    """The message that asks for the TXT records of `name`, recursion desired.

    Errors    DnsError for a name that no question can hold.
    Source    RFC 1035 section 4.1.
    """
    if not is_askable(name):
        raise DnsError("the name cannot be asked for: a label is empty, too long or not plain")
    labels = name.removesuffix(".").encode("ascii").split(b".")
    wire = b"".join(bytes((len(label),)) + label for label in labels) + b"\x00"
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + wire + struct.pack("!2H", TXT, INTERNET)


def read_answer(message: bytes, name: str, number: int | None = None) -> Reply:
    """What an answer to the question for the TXT records of `name` says.

    Input     `number` is the number of the question; None accepts any, for kept answers.
    Errors    UnrelatedError when it answers another question; DnsError when it is malformed.
    Source    RFC 1035 sections 3.3.14 and 4.1; RFC 1034 section 3.6.2 for aliases; RFC 6376
              section 3.6.2.2: the strings of a record are joined without anything between.
    Limits    The answer is not signed: it proves what a resolver said, not what the zone holds.
    """
    if not _HEADER_BYTES <= len(message) <= MAX_MESSAGE_BYTES:
        raise DnsError(f"an answer has 12 to 65,535 bytes, this has {len(message):,}")
    stated, flags, questions, answers = struct.unpack_from("!4H", message)
    if number is not None and stated != number:
        raise UnrelatedError("its number is that of another question")
    if not flags & 0x8000 or flags & 0x7800:
        raise UnrelatedError("it is no answer to a standard question")
    if questions != 1:
        raise UnrelatedError(f"it repeats {questions} questions, expected the one that was asked")
    asked, place = _read_name(message, _HEADER_BYTES)
    kind, kept, place = _read_kind(message, place)
    if asked != _lowered(name) or (kind, kept) != (TXT, INTERNET):
        raise UnrelatedError("it answers another question")
    if flags & 0x0200:
        return Reply("truncated")
    if code := flags & 0x000F:
        return Reply(_CODES.get(code, f"code_{code}"))
    texts, aliases = _read_records(message, place, answers)
    return _follow(asked, texts, aliases)


def _follow(asked: bytes, texts: dict[bytes, list[bytes]], aliases: dict[bytes, bytes]) -> Reply:
    """The reply once the aliases in an answer are followed from the name that was asked."""
    current = asked
    for _ in range(MAX_ALIASES):
        if current in texts:
            return Reply("answered", tuple(texts[current]))
        if current not in aliases:
            break
        current = aliases[current]
    else:
        raise DnsError(f"its aliases lead on more than {MAX_ALIASES} times, or in a circle")
    if current == asked:
        return Reply("no_data")
    return Reply("alias", alias=current.decode("ascii", "backslashreplace"))


def _read_records(
    message: bytes, place: int, count: int
) -> tuple[dict[bytes, list[bytes]], dict[bytes, bytes]]:
    """TXT records and aliases of the answer section by lower-cased owner."""
    if count > MAX_RECORDS:
        raise DnsError(f"it announces {count:,} records, more than {MAX_RECORDS}")
    texts: dict[bytes, list[bytes]] = {}
    aliases: dict[bytes, bytes] = {}
    for _ in range(count):
        owner, place = _read_name(message, place)
        kind, kept, place = _read_kind(message, place)
        if place + 6 > len(message):
            raise DnsError("a record ends before its length")
        (size,) = struct.unpack_from("!H", message, place + 4)
        start, place = place + 6, place + 6 + size
        if place > len(message):
            raise DnsError("a record is longer than the answer")
        if kept != INTERNET:
            continue
        if kind == TXT:
            texts.setdefault(owner, []).append(_read_strings(message[start:place]))
        elif kind == CNAME:
            target, end = _read_name(message, start)
            if end != place:
                raise DnsError("an alias is not as long as its record")
            aliases.setdefault(owner, target)
    return texts, aliases


def _read_strings(data: bytes) -> bytes:
    """The strings of a TXT record, joined."""
    pieces, place = [], 0
    if not data:
        raise DnsError("a TXT record holds no string")
    while place < len(data):
        end = place + 1 + data[place]
        if end > len(data):
            raise DnsError("a string is longer than its record")
        pieces.append(data[place + 1 : end])
        place = end
    return b"".join(pieces)


def _read_kind(message: bytes, place: int) -> tuple[int, int, int]:
    if place + 4 > len(message):
        raise DnsError("it ends inside a record")
    kind, kept = struct.unpack_from("!2H", message, place)
    return kind, kept, place + 4


def _read_name(message: bytes, place: int) -> tuple[bytes, int]:
    """A lower-cased name and where what follows it begins; pointers lead backwards only."""
    labels: list[bytes] = []
    size, after, limit = 0, None, place
    while True:
        if place >= len(message):
            raise DnsError("a name ends outside of the answer")
        length = message[place]
        if length >= 0xC0:
            if place + 2 > len(message):
                raise DnsError("a pointer ends outside of the answer")
            target = struct.unpack_from("!H", message, place)[0] & 0x3FFF
            after = place + 2 if after is None else after
            if target >= limit:
                raise DnsError("a pointer does not lead backwards")
            place = limit = target
            continue
        if length >= 0x40:
            raise DnsError("a label has a type that does not exist")
        if not length:
            break
        size += length + 1
        label = message[place + 1 : place + 1 + length]
        if len(label) < length or size >= _NAME_BYTES:
            raise DnsError("a name is longer than the answer, or than 255 bytes")
        # A dot inside a label would make two names look like one.
        labels.append(label.lower().replace(b"\\", b"\\\\").replace(b".", b"\\."))
        place += length + 1
    return b".".join(labels), place + 1 if after is None else after


def _lowered(name: str) -> bytes:
    return name.removesuffix(".").lower().encode("ascii", "backslashreplace")
