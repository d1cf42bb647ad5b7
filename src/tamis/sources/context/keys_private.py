"""Private keys that became public: with one of them anybody could have signed."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from tamis.registry import ContextReader, Glimpse, Source
from tamis.sources.context.key_entries import NAME, KeySheet, read_whole
from tamis.syntax.mail.dkim_keys import ANY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    import pyarrow as pa

_BLOCK = re.compile(
    rb"-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----.{1,32768}?-----END \1-----", re.DOTALL
)
_BEGIN = b"PRIVATE KEY-----"


def recognises(glimpse: Glimpse) -> int:
    """80 for PEM with a private key."""
    return 80 if b"-----BEGIN " in glimpse.head and _BEGIN in glimpse.head else 0


def read(stream: BinaryIO, source: Source) -> Iterator[Mapping[str, pa.RecordBatch]]:
    """The public half of each private key, marked as published; the private half is not kept here.

    A key stands under the name `*`, for every name under which it was ever published, and under
    selector._domainkey.domain where the file is called so.
    Errors    FormatError when the file is larger than 256 MiB.
    """
    data = read_whole(stream)
    sheet = KeySheet(source.item_id, "party", f"private key in {source.name}")
    named = NAME.match(re.sub(r"\.(?:pem|key|private|priv)$", "", source.name, flags=re.IGNORECASE))
    for block in _BLOCK.finditer(data):
        txt = _public_text(block[0])
        if txt.startswith("v="):
            for name in (ANY_NAME, *([named[0]] if named else [])):
                sheet.add(name, {"txt": txt, "private_published": True}, block.start())
        else:
            sheet.reject(txt, block[1].decode("ascii"), block.start())
    if not sheet.count and _BEGIN in data:
        sheet.reject("a private key that begins and does not end", "")
    yield from sheet.batches(READER.name)


def _public_text(block: bytes) -> str:
    """The record of the public half of a private key in PEM, or why there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (loads OpenSSL)
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    try:
        key = load_pem_private_key(block, None)
    except TypeError:
        return "the private key is encrypted: decrypt it first"
    except (ValueError, UnsupportedAlgorithm) as problem:
        return f"the private key cannot be read ({str(problem)[:120]})"
    if isinstance(key, rsa.RSAPrivateKey):
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"
    return "the private key is neither RSA nor Ed25519: DKIM knows no other"


READER = ContextReader(
    name="dkim_private_keys",
    kind="keys",
    recognises=recognises,
    read=read,
    keeps="the public half of each private key, so that what it signed proves nothing",
    cannot_know="since when a private key has been public: it counts as public at any time",
)
