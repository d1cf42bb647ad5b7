"""A small DKIM signer of its own, sharing no line with the verifier it is used to test."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.simulate.keys import Key

Field = tuple[str, str]  # name, value without the first blank; folds are CRLF and white space
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_TEXT = re.compile(r"[ \t\r\n]+")
FULL = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
)
WEBMAIL = (  # what a large webmail signed in its time: no Content-Type
    "mime-version",
    "references",
    "in-reply-to",
    "from",
    "date",
    "message-id",
    "subject",
    "to",
)


@dataclass(frozen=True, slots=True)
class Signer:
    """How one provider signs. `length` is None or what `l=` shall say ("whole" or a number)."""

    domain: str
    selector: str
    key: Key
    algorithm: str = "rsa-sha256"
    canon: str = "relaxed/relaxed"
    headers: tuple[str, ...] = FULL
    length: str | int | None = None
    identity: str | None = None
    oversigned: tuple[str, ...] = ()

    @property
    def key_name(self) -> str:
        """Where the key is published."""
        return f"{self.selector}._domainkey.{self.domain}"


def canonical_field(name: str, value: str, canon: str) -> str:
    """One header field as it is signed, without its line end (RFC 6376 section 3.4)."""
    if canon == "simple":
        return f"{name}: {value}"
    return f"{name.lower()}:{_BLANKS_TEXT.sub(' ', value).strip(' ')}"


def canonical_body(body: bytes, canon: str) -> bytes:
    """The body as it is hashed (RFC 6376 section 3.4); `body` has CRLF line ends."""
    lines = body.split(b"\r\n")
    if canon == "relaxed":
        lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"" if canon == "relaxed" else b"\r\n"
    return b"\r\n".join(lines) + b"\r\n"


def _chosen(fields: Sequence[Field], names: Sequence[str]) -> list[Field]:
    """The instances that `h=` means: each further mention of a name is the next one upwards."""
    left: dict[str, list[Field]] = {}
    for field in fields:
        left.setdefault(field[0].lower(), []).append(field)
    return [left[name].pop() for name in names if left.get(name)]


def sign(fields: Sequence[Field], body: bytes, signer: Signer, at_s: int) -> Field:
    """The DKIM-Signature field to put on top of these fields and this body."""
    head, _, tail = signer.canon.partition("/")
    hashed = canonical_body(body, tail)
    tags = [f"v=1; a={signer.algorithm}; c={signer.canon};", f"d={signer.domain};"]
    if signer.identity:
        tags.append(f"i={signer.identity};")
    tags.append(f"s={signer.selector}; t={at_s};")
    if signer.length is not None:
        size = len(hashed) if signer.length == "whole" else min(int(signer.length), len(hashed))
        hashed = hashed[:size]
        tags.append(f"l={size};")
    present = [field[0].lower() for field in fields]
    names = [name for name in signer.headers for _ in range(present.count(name))]
    names += signer.oversigned
    algorithm = signer.algorithm.partition("-")[2]
    digest = hashlib.new(algorithm, hashed, usedforsecurity=False).digest()
    tags.append(f"h={':'.join(names)};")
    tags.append(f"bh={base64.b64encode(digest).decode()};")
    value = "\r\n\t".join([" ".join(tags[:2]), *tags[2:], "b="])
    signed = [canonical_field(n, v, head) + "\r\n" for n, v in _chosen(fields, names)]
    signed.append(canonical_field("DKIM-Signature", value, head))
    raw = signer.key.sign(signer.algorithm, "".join(signed).encode("ascii"))
    text = base64.b64encode(raw).decode()
    folded = "\r\n\t ".join(text[i : i + 68] for i in range(0, len(text), 68))
    return "DKIM-Signature", value + folded
