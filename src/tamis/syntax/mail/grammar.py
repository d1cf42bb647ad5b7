"""The grammar of generated identifiers: what class of letters stands where, not which."""

from __future__ import annotations

import re

_LONGEST = 300
_MOST_TOKENS = 12
_TOKEN = re.compile(r"[A-Za-z0-9+/]+|[^A-Za-z0-9+/]+")
_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}"
)
# Base64url and its kin: letters of both cases and digits, so long that its cuts are chance.
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_HEX = re.compile(r"[0-9a-f]+")
_HEX_UPPER = re.compile(r"[0-9A-F]+")


def shape(text: str | None) -> str | None:
    """The class of an identifier: runs of digits, hex, words and mixed letters with their lengths.

    Output    `CA:b` for Gmail's ids, `u` for a UUID, `h4` four hex digits, `H` upper case, `d`
              digits, `m` mixed letters; punctuation and short words as they are
    Missing   None for nothing, or only white space
    Limits    Chance can make hex digits look like digits: such shapes have their own share in the
              habit of a program. Only the first 300 characters and 12 runs count.
    """
    kept = (text or "").strip()[:_LONGEST]
    if not kept:
        return None
    kept = _UUID.sub(lambda found: "\0" if found[0].islower() else "\1", kept)
    if _OPAQUE.fullmatch(kept):
        return f"{kept[:2]}:b" if kept[:2].isupper() else "b"
    out: list[str] = []
    for rank, run in enumerate(_TOKEN.findall(kept)):
        if rank == _MOST_TOKENS:
            out.append("~")
            break
        out.append(_run(run) if run[0].isalnum() or run[0] in "+/" else _marks(run))
    return "".join(out)


def _run(run: str) -> str:
    size = len(run)
    if run.isdigit():
        return f"d{size}" if size >= 8 else "d"
    if run.isalpha() and 2 < size <= 10:
        return run.lower()
    if _HEX.fullmatch(run):
        return f"h{size}"
    if _HEX_UPPER.fullmatch(run):
        return f"H{size}"
    return f"m{size if size < 16 else size // 4 * 4}"


def _marks(run: str) -> str:
    """Punctuation as it is, long rows cut; letters beyond ASCII as one class."""
    told = run.replace("\0", "u").replace("\1", "U")
    return told[:20] if told.isascii() else "?"
