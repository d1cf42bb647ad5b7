"""Bytes in a declared charset become text that can be stored, whatever was declared."""

from __future__ import annotations

import codecs
from functools import lru_cache

# Names that mail uses and Python does not know, or knows as something narrower than is meant.
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-9": "cp1254",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "ansi_x3.110-1983": "cp1252",
}
# Text codecs of Python that are no charset; some of them take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs"}
# Declarations that name nothing: guessing is not worth a remark.
_NOTHING = {"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "default"}
# Where ASCII bytes do not mean themselves.
_NOT_PLAIN = ("utf-7", "utf-16", "utf-32", "utf_16", "utf_32", "iso2022", "hz", "cp037", "cp500")
# windows-1252 over ISO-8859-1; its five undefined bytes keep their number.
_WINDOWS = {
    byte: bytes((byte,)).decode("cp1252")
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


@lru_cache(maxsize=1024)
def codec_name(charset: str) -> str | None:
    """Python's name for a declared charset; None when it names nothing usable."""
    wanted = charset.strip().strip("\"'").lower()
    wanted = _ALIASES.get(wanted, wanted)
    if not wanted or len(wanted) > 64 or not wanted.isascii() or "\0" in wanted:
        return None
    try:
        found = codecs.lookup(wanted)
    except (LookupError, ValueError):
        return None
    if not found._is_text_encoding or found.name.replace("-", "_") in _NO_CHARSETS:  # noqa: SLF001 (no public name)
        return None
    return found.name


def decode(raw: bytes, charset: str | None) -> tuple[str, str | None]:
    """The text of `raw`, and what had to be assumed to read it (None when nothing was).

    Undeclared and us-ascii bytes are tried as UTF-8, then as windows-1252; the same order helps
    where the declared charset is unknown or does not fit.
    """
    if raw.isascii() and _is_plain(charset):
        return raw.decode("ascii"), None
    declared = (charset or "").strip().strip("\"'").lower()
    name = None if declared in _NOTHING else codec_name(declared)
    if name is not None:
        try:
            return storable(raw.decode(name)), None
        except (UnicodeError, ValueError):
            pass
    text, used = _guess(raw, name)
    if declared in _NOTHING:
        return text, None
    why = "is unknown" if name is None else "does not fit the bytes"
    return text, f"declared charset {declared[:40]!r} {why}: read as {used}"


def storable(text: str) -> str:
    """`text` itself, with lone surrogates, which UTF-8 cannot hold, written out as escapes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def _guess(raw: bytes, name: str | None) -> tuple[str, str]:
    try:
        return raw.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if name in {None, "cp1252", "ascii"}:
        return raw.decode("latin-1").translate(_WINDOWS), "windows-1252"
    return storable(raw.decode(name, "replace")), f"{name} with unreadable bytes as U+FFFD"


@lru_cache(maxsize=256)
def _is_plain(charset: str | None) -> bool:
    """Whether ASCII bytes mean themselves in `charset`, as far as is known."""
    name = codec_name(charset or "us-ascii")
    return name is not None and not name.startswith(_NOT_PLAIN)
