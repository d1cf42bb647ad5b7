"""A text as keyed hashes of its five-word runs: recognised in pieces, and not readable."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHINGLE_WORDS = 5
KEY_BYTES = 32
HASH_BYTES = 8
# As much as a document keeps of its text.
MAX_CHARACTERS = 10_000_000
_WORD = re.compile(r"[^\W_]+")
_DOMAIN = b"tamis decoy sketch 1\0"


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: no case, no accents, no marks.

    Limits    Of a longer text the first 10,000,000 characters. Text without spaces between words
              (Chinese, Thai) is one long word, and is recognised only whole.
    """
    text = text[:MAX_CHARACTERS]
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(
            one for one in apart if not unicodedata.category(one).startswith(("M", "Cf"))
        )
    return _WORD.findall(text.lower())


def shingles(text: str, key: bytes) -> frozenset[int]:
    """The distinct runs of five words of a text, each as a number that only the key explains.

    Input     `key` of 32 bytes
    Source    Broder 1997 (runs of words); BLAKE2 as a keyed hash, RFC 7693 section 2.9, 8 bytes
    Limits    Who holds the key can hash a guess and see whether it is there.
    """
    return frozenset(_hashed(set(_runs(text)), key).values())


def run_hashes(text: str, key: bytes) -> list[int]:
    """The same in the order of the text: one number for each word that begins a run."""
    runs = _runs(text)
    known = _hashed(set(runs), key)
    return [known[run] for run in runs]


def _runs(text: str) -> list[str]:
    words = words_of(text)
    return [
        " ".join(words[at : at + SHINGLE_WORDS]) for at in range(len(words) - SHINGLE_WORDS + 1)
    ]


def _hashed(runs: Iterable[str], key: bytes) -> dict[str, int]:
    start = hashlib.blake2b(key=key, digest_size=HASH_BYTES)
    found = {}
    for run in runs:
        one = start.copy()
        one.update(run.encode("utf-8", "surrogatepass"))
        found[run] = int.from_bytes(one.digest(), "big")
    return found


def packed(hashes: Iterable[int]) -> bytes:
    """Hashes in ascending order, eight bytes each."""
    return b"".join(one.to_bytes(HASH_BYTES, "big") for one in sorted(hashes))


def unpacked(data: bytes) -> tuple[int, ...] | None:
    """The hashes that `packed` wrote; None for bytes that it never writes."""
    if len(data) % HASH_BYTES:
        return None
    found = tuple(
        int.from_bytes(data[at : at + HASH_BYTES], "big") for at in range(0, len(data), HASH_BYTES)
    )
    is_ascending = all(one < other for one, other in pairwise(found))
    return found if is_ascending else None


def sketch_digest(key: bytes, sketch: bytes) -> bytes:
    """The hash of a packed sketch under its key, as a sealed entry holds it."""
    return hashlib.sha256(_DOMAIN + key + sketch).digest()
