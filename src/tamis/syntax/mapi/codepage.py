"""Windows code pages by number: the name of the charset for each."""

from __future__ import annotations

_NAMED = {
    708: "iso8859-6",
    874: "cp874",
    932: "cp932",
    936: "gb18030",
    949: "cp949",
    950: "cp950",
    1200: "utf-16-le",
    1201: "utf-16-be",
    1361: "johab",
    10000: "mac_roman",
    10001: "shift_jis",
    10006: "mac_greek",
    10007: "mac_cyrillic",
    10029: "mac_latin2",
    12000: "utf-32-le",
    12001: "utf-32-be",
    20127: "us-ascii",
    20866: "koi8-r",
    20932: "euc_jp",
    20936: "gb2312",
    20949: "cp949",
    21866: "koi8-u",
    28591: "iso-8859-1",
    28592: "iso8859-2",
    28593: "iso8859-3",
    28594: "iso8859-4",
    28595: "iso8859-5",
    28596: "iso8859-6",
    28597: "iso8859-7",
    28598: "iso8859-8",
    28599: "iso8859-9",
    28603: "iso8859-13",
    28605: "iso8859-15",
    38598: "iso8859-8",
    50220: "iso2022_jp",
    50221: "iso2022_jp",
    50222: "iso2022_jp",
    50225: "iso2022_kr",
    51932: "euc_jp",
    51936: "gb18030",
    51949: "euc_kr",
    52936: "hz",
    54936: "gb18030",
    65000: "utf-7",
    65001: "utf-8",
}
# The ANSI code page of a language, by the low ten bits of its Windows number; 1252 otherwise.
_BY_LANGUAGE = {
    **dict.fromkeys((0x05, 0x0E, 0x15, 0x18, 0x1B, 0x1C, 0x24), 1250),
    **dict.fromkeys((0x02, 0x19, 0x22, 0x23, 0x2F, 0x28, 0x3F, 0x40, 0x44, 0x50), 1251),
    0x08: 1253,
    0x1F: 1254,
    0x2C: 1254,
    0x43: 1254,
    0x0D: 1255,
    0x01: 1256,
    0x20: 1256,
    0x29: 1256,
    0x25: 1257,
    0x26: 1257,
    0x27: 1257,
    0x2A: 1258,
    0x1E: 874,
    0x11: 932,
    0x12: 949,
}
_TRADITIONAL = {0x0404, 0x0C04, 0x1404}
_CHINESE = 0x04


def codec_of_codepage(page: int) -> str | None:
    """The charset name of a Windows code page; None for one that is not known."""
    if page in _NAMED:
        return _NAMED[page]
    if 1250 <= page <= 1258 or page in {437, 720, 737, 775, *range(850, 870)}:
        return f"cp{page}"
    return None


def codepage_of_language(language: int) -> int:
    """The ANSI code page that Windows uses for a language number (LCID)."""
    if language & 0x3FF == _CHINESE:
        return 950 if language in _TRADITIONAL else 936
    return _BY_LANGUAGE.get(language & 0x3FF, 1252)
