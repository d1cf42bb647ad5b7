"""The charset of bytes that are text, by marks, by what is declared, by trial."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from tamis.syntax.mail.charset import codec_name, storable

# UTF-32 before UTF-16: its mark begins with the other's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 65_536
_CONTROLS = bytes([*range(7), *range(14, 27), *range(28, 32), 127])
_MAX_CONTROLS = 0.01
_ZEROS = 0.4
# Letters of the western languages that windows-1252 is used for, and the marks of print.
_WESTERN = frozenset("àâäáãåçéèêëíìîïñóòôöõøúùûüýÿœæßÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØÚÙÛÜŒÆŠŽšž")
_MARKS_OF_PRINT = frozenset(
    "\u00a0«»\u201c\u201d\u201e\u2018\u2019\u2013\u2014\u2026\u2022€£§°©®™º²·¡¿\u00b4"
)
# A mark between two letters, or a capital behind a small letter, is another charset's letter.
_MISPLACED = re.compile(
    r"[^\W\d_][«»\u201c\u201d\u201e\u2013\u2014\u2026\u2022€£§°©®™²·¡¿\u00b4][^\W\d_]|[a-zß-öø-ÿœšž][À-ÖØ-ÞŒŠŽŸ]"
)
_MOST_ACCENTED = 0.3
_CYRILLIC = re.compile("[\u0400-\u045f]")
_WRONG_CASE = re.compile(
    "[\u0430-\u044f\u0451][\u0410-\u042f\u0401]|[\u0400-\u045f][A-Za-z]|[A-Za-z][\u0400-\u045f]"
)
_C1 = re.compile("[\x80-\x84\x86-\x9f]")


class Decoded(NamedTuple):
    """Text, the charset it was read as, how that was found, and how many bytes did not fit."""

    text: str
    charset: str
    found_by: str
    replaced_count: int


def looks_like_text(head: bytes) -> bool:
    """Whether the first bytes of a file are text in some charset.

    Limits    A few control characters are allowed, as old printers' files hold them.
    """
    sample = head[:_SAMPLE]
    if not sample:
        return False
    if any(sample.startswith(mark) for mark, _ in _MARKS):
        return True
    if b"\0" in sample:
        return _wide(sample) is not None
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls <= _MAX_CONTROLS * len(sample)


def decode(raw: bytes, declared: str | None = None) -> Decoded:
    """The text of `raw`, with what does not fit the charset replaced by U+FFFD and counted.

    A mark at the start decides, then a declared charset that fits every byte, then UTF-8 if it
    fits; then of the first 64 KiB windows-1252, Mac Roman, DOS 850 and windows-1251 are tried,
    each taken where it gives the letters of its languages in their places; then a statistical
    model says; then windows-1252.
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return _replaced(raw[len(mark) :], name, "byte order mark")
    wide = _wide(raw[:_SAMPLE]) if b"\0" in raw[:_SAMPLE] else None
    if wide:
        return _replaced(raw, wide, "zero bytes at every other place")
    tried: list[tuple[str | None, str]] = [("utf-8", "fits")]
    if declared:
        tried.insert(0, (codec_name(declared), "declared"))
    for codec, how in tried:
        if codec is None or codec.startswith(("utf-16", "utf-32")):
            continue  # an 8-bit text cannot be what it declares
        try:
            return Decoded(storable(raw.decode(codec)), codec, how, 0)
        except (UnicodeError, ValueError):
            continue
    misfit = f"declared {declared[:40]} does not fit; " if declared else ""
    guessed = _usual(raw[:_SAMPLE]) or _guess(raw[:_SAMPLE])
    if guessed is not None:
        return _replaced(raw, guessed, f"{misfit}guessed from its bytes")
    return _replaced(raw, "cp1252", f"{misfit}nothing else fits")


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark, by the zero bytes of its western letters; None for anything else."""
    even, odd = sample[::2], sample[1::2]
    if len(sample) < 4:
        return None
    for zeros, others, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros.count(0) >= _ZEROS * len(zeros) and not others.count(0):
            return name
    return None


def _usual(sample: bytes) -> str | None:
    """A usual charset, where the text it gives looks like what is written in its languages.

    Limits    A table with a few accented names in it can be any of a dozen charsets that agree
              on the western letters; it is read as the one in widest use.
    """
    for name in ("cp1252", "mac_roman", "cp850"):
        western = sample.decode(name, "replace")
        odd = {one for one in western if not one.isascii()}
        if odd <= _WESTERN | _MARKS_OF_PRINT and not _MISPLACED.search(western):
            letters = sum(map(str.isalpha, western))
            accented = sum(one.isalpha() and not one.isascii() for one in western)
            if accented <= _MOST_ACCENTED * letters:
                return name
    russian = sample.decode("cp1251", "replace")
    count = len(_CYRILLIC.findall(russian))
    others = sum(one.isalpha() and not one.isascii() for one in russian) - count
    is_lower = sum(map(str.islower, russian)) >= sum(map(str.isupper, russian))
    if count >= 8 and is_lower and not others and len(_WRONG_CASE.findall(russian)) * 20 <= count:
        return "cp1251"
    return None


def _guess(sample: bytes) -> str | None:
    """What charset-normalizer finds most likely, unless that leaves control characters."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 (loaded when it must be guessed)

    best = from_bytes(sample, steps=5, chunk_size=512, threshold=0.2).best()
    if best is None or _C1.search(str(best)):
        return None
    name = codec_name(best.encoding)
    if name and sample.decode("cp1252", "replace") == str(best):
        return "cp1252"  # of several that give the same text, the one in most use
    # A character may be cut in two at the end of the sample; what does not fit is counted later.
    return name if name and not name.startswith(("utf-16", "utf-32", "utf-7")) else None


def _replaced(raw: bytes, name: str, how: str) -> Decoded:
    text = raw.decode(name, "replace")
    count = text.count("\ufffd")
    if count:
        count -= raw.count("\ufffd".encode(name)) if name.startswith("utf") else 0
    return Decoded(storable(text), name, how, max(count, 0))
