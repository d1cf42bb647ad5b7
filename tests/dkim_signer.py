"""A DKIM signer for tests, written from RFC 6376 alone: it shares no code with what it tests."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

DOMAIN = "example.org"
SELECTOR = "s1"


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def public_text(key: Any, form: str = "spki") -> str:
    """p= of a key: SubjectPublicKeyInfo, PKCS#1, or the bare bytes of an Ed25519 key."""
    public = key.public_key()
    if isinstance(key, ed25519.Ed25519PrivateKey) and form == "spki":
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    else:
        wanted = {
            "spki": serialization.PublicFormat.SubjectPublicKeyInfo,
            "pkcs1": serialization.PublicFormat.PKCS1,
            "info": serialization.PublicFormat.SubjectPublicKeyInfo,
        }[form]
        raw = public.public_bytes(serialization.Encoding.DER, wanted)
    return base64.b64encode(raw).decode()


def key_row(txt: str | None = None, **other: Any) -> dict[str, Any]:
    """A row of the table dkim_key."""
    row: dict[str, Any] = {
        "key_name": f"{SELECTOR}._domainkey.{DOMAIN}",
        "txt": txt or f"v=DKIM1; k=rsa; p={public_text(rsa_key())}",
        "source": "dns",
        "source_label": "made by a test",
        "seen_from_at": None,
        "seen_to_at": None,
        "is_testing": False,
        "is_private_published": False,
        "is_revoked": False,
    }
    return row | other


def _wsp(text: bytes) -> bytes:
    return re.sub(rb"[ \t]+", b" ", text)


def body_form(body: bytes, form: str) -> bytes:
    lines = body.split(b"\r\n")
    if form == "relaxed":
        lines = [_wsp(line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"" if form == "relaxed" else b"\r\n"
    return b"\r\n".join(lines) + b"\r\n"


def header_form(name: bytes, value: bytes, form: str) -> bytes:
    if form == "simple":
        return name + b":" + value + b"\r\n"
    flat = _wsp(value.replace(b"\r\n", b"")).strip(b" ")
    return name.lower().strip() + b":" + flat + b"\r\n"


def sign(
    fields: list[tuple[str, str]],
    body: bytes,
    *,
    signed: str = "from:to:subject:date",
    forms: tuple[str, str] = ("relaxed", "relaxed"),
    algorithm: str = "rsa-sha256",
    key: Any = None,
    extra: str = "",
    replace: dict[str, str] | None = None,
) -> bytes:
    """A message with a DKIM-Signature on top; `replace` overrides tags before signing."""
    hash_name = algorithm.rpartition("-")[2]
    formed = body_form(body, forms[1])
    length = re.search(r"\bl=(\d+)", extra)
    if length:
        formed = formed[: int(length[1])]
    digest = hashlib.new(hash_name, formed).digest()
    tags = {
        "v": "1",
        "a": algorithm,
        "c": "/".join(forms),
        "d": DOMAIN,
        "s": SELECTOR,
        "h": signed,
        "bh": base64.b64encode(digest).decode(),
    } | (replace or {})
    value = "; ".join(f"{name}={text}" for name, text in tags.items() if text)
    value = f" {value};{extra} b="
    data = b""
    left = list(fields)
    for name in signed.split(":"):
        for rank in range(len(left) - 1, -1, -1):
            if left[rank][0].lower().strip() == name.lower().strip():
                found, text = left.pop(rank)
                data += header_form(found.encode(), b" " + text.encode(), forms[0])
                break
    data += header_form(b"DKIM-Signature", value.encode(), forms[0])[:-2]
    signature = _signature(key or rsa_key(), data, algorithm)
    top = b"DKIM-Signature:" + value.encode() + base64.b64encode(signature) + b"\r\n"
    block = b"".join(f"{name}: {text}\r\n".encode() for name, text in fields)
    return top + block + b"\r\n" + body


def _signature(key: Any, data: bytes, algorithm: str) -> bytes:
    if algorithm.startswith("ed25519"):
        return key.sign(hashlib.sha256(data).digest())
    chosen: hashes.HashAlgorithm = hashes.SHA256()
    if algorithm.endswith("sha1"):
        chosen = hashes.SHA1()  # noqa: S303 (old mail was signed so)
    return key.sign(data, padding.PKCS1v15(), chosen)


LETTER = [
    ("From", "Ada Lovelace <ada@example.org>"),
    ("To", "Charles <charles@example.net>"),
    ("Subject", "The engine"),
    ("Date", "Thu, 04 May 2017 10:00:00 +0200"),
    ("Message-ID", "<1@example.org>"),
    ("MIME-Version", "1.0"),
    ("Content-Type", 'text/plain; charset="UTF-8"'),
]
BODY = b"Dear Charles,\r\n\r\nthe engine  weaves.\r\n\r\nAda\r\n\r\n"


SEALER = "sealer.example"
SEALED = "from:to:subject:date:message-id:mime-version:content-type"


def seal_key_row(**other: Any) -> dict[str, Any]:
    """A row of the table dkim_key for the test's sealer."""
    return key_row() | {"key_name": f"{SELECTOR}._domainkey.{SEALER}"} | other


def _fields(block: bytes) -> list[tuple[bytes, bytes]]:
    """Name and value of each field, from the top, folds kept."""
    lines = re.split(rb"\r\n(?![ \t])", block)
    return [(name, value) for name, _, value in (line.partition(b":") for line in lines if line)]


def seal(
    raw: bytes,
    results: str = "mx.sealer.example; dkim=pass header.d=example.org",
    *,
    instance: int = 1,
    cv: str | None = None,
    signed: str = SEALED,
    forms: tuple[str, str] = ("relaxed", "relaxed"),
    algorithm: str = "rsa-sha256",
    key: Any = None,
    domain: str = SEALER,
    extra: str = "",
    seal_extra: str = "",
) -> bytes:
    """The message with one more ARC set on top, by RFC 8617 section 5.1."""
    block, _, body = raw.partition(b"\r\n\r\n")
    fields = _fields(block)
    formed = body_form(body, forms[1])
    length = re.search(r"\bl=(\d+)", extra)
    if length:
        formed = formed[: int(length[1])]
    bh = base64.b64encode(hashlib.new(algorithm.rpartition("-")[2], formed).digest()).decode()
    ams = (
        f" i={instance}; a={algorithm}; c={'/'.join(forms)}; d={domain}; s={SELECTOR};"
        f" h={signed}; bh={bh};{extra} b="
    ).encode()
    data, left = b"", list(fields)
    for name in signed.split(":"):
        for rank in range(len(left) - 1, -1, -1):
            if left[rank][0].lower() == name.lower().encode():
                data += header_form(*left.pop(rank), forms[0])
                break
    data += header_form(b"ARC-Message-Signature", ams, forms[0])[:-2]
    chosen = key or rsa_key()
    ams += base64.b64encode(_signature(chosen, data, algorithm))
    aar = f" i={instance}; {results}".encode()
    stated = cv or ("none" if instance == 1 else "pass")
    text = f" i={instance}; a=rsa-sha256; cv={stated}; d={domain}; s={SELECTOR};{seal_extra} b="
    older = [f for f in reversed(fields) if f[0].lower().startswith(b"arc-")]
    scope = [] if stated == "fail" else sorted(older, key=_arc_rank)
    scope += [(b"ARC-Authentication-Results", aar), (b"ARC-Message-Signature", ams)]
    data = b"".join(header_form(*one, "relaxed") for one in scope)
    data += header_form(b"ARC-Seal", text.encode(), "relaxed")[:-2]
    sealed = text.encode() + base64.b64encode(_signature(chosen, data, "rsa-sha256"))
    top = b"ARC-Seal:" + sealed + b"\r\nARC-Message-Signature:" + ams
    return top + b"\r\nARC-Authentication-Results:" + aar + b"\r\n" + raw


def _arc_rank(field: tuple[bytes, bytes]) -> tuple[int, int]:
    order = [b"arc-authentication-results", b"arc-message-signature", b"arc-seal"]
    found = re.match(rb"\s*i=(\d+)", field[1])
    return int(found[1]) if found else 0, order.index(field[0].lower())
