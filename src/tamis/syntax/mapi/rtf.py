"""The text of an RTF body, or the HTML that Outlook wrapped in it, in one linear pass."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tamis.syntax.mail.charset import decode, storable
from tamis.syntax.mapi.codepage import codec_of_codepage

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?"
    rb"|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([\r\n\0]+)|([^\\{}\r\n\0]+)|(.)",
    re.DOTALL,
)
MAX_DEPTH = 5_000
_HIDDEN = {
    *(b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer"),
    *(b"headerl", b"headerr", b"headerf", b"footerl", b"footerr", b"footerf", b"ftnsep"),
    *(b"filetbl", b"listtable", b"listoverridetable", b"revtbl", b"rsidtbl", b"xmlnstbl"),
    *(b"themedata", b"colorschememapping", b"datastore", b"latentstyles", b"generator"),
    *(b"fldinst", b"mhtmltag", b"pntext", b"nonshppict", b"bkmkstart", b"bkmkend"),
}
_SHOWN_STARRED = {b"htmltag", b"shppict", b"fldrslt"}
_MARKS = {
    b"par": "\r\n",
    b"line": "\r\n",
    b"row": "\r\n",
    b"sect": "\r\n",
    b"page": "\r\n",
    b"cell": "\t",
    b"tab": "\t",
    b"lquote": "\N{LEFT SINGLE QUOTATION MARK}",
    b"rquote": "\N{RIGHT SINGLE QUOTATION MARK}",
    b"ldblquote": "\N{LEFT DOUBLE QUOTATION MARK}",
    b"rdblquote": "\N{RIGHT DOUBLE QUOTATION MARK}",
    b"bullet": "\N{BULLET}",
    b"endash": "\N{EN DASH}",
    b"emdash": "\N{EM DASH}",
    b"enspace": "\N{EN SPACE}",
    b"emspace": "\N{EM SPACE}",
}
_SYMBOLS = {b"~": "\N{NO-BREAK SPACE}", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
# \fcharset of the font table to Windows code pages; 0, 1 and 2 mean the document's own.
_CHARSETS = {
    77: 10000,
    78: 10001,
    128: 932,
    129: 949,
    130: 1361,
    134: 936,
    136: 950,
    161: 1253,
    162: 1254,
    163: 1258,
    177: 1255,
    178: 1256,
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
    254: 437,
    255: 850,
}


class RtfText(NamedTuple):
    """The text, whether it is HTML that was wrapped, and what was wrong (None: nothing)."""

    text: str
    is_html: bool
    problem: str | None


@dataclass(slots=True)
class _Group:
    """What holds inside one pair of braces."""

    is_hidden: bool = False
    is_fonts: bool = False
    is_tag: bool = False
    is_starred: bool = False
    is_fallback: bool = False
    skip_count: int = 1
    font: int | None = None


@dataclass(slots=True)
class _State:
    groups: list[_Group] = field(default_factory=lambda: [_Group()])
    out: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)
    pending_page: int = 1252
    page: int = 1252
    fonts: dict[int, int] = field(default_factory=dict)
    is_html: bool = False
    to_skip: int = 0
    dropped: int = 0

    @property
    def is_shown(self) -> bool:
        """Whether text here belongs to what is read."""
        group = self.groups[-1]
        if group.is_hidden:
            return False
        return group.is_tag or not (self.is_html and group.is_fallback)

    def text(self, shown: str) -> None:
        """Add characters."""
        self.settle()
        self.out.append(shown)

    def raw(self, data: bytes) -> None:
        """Add bytes in the code page of the current font."""
        font = self.groups[-1].font
        page = self.page if font is None else self.fonts.get(font, self.page)
        if page != self.pending_page:
            self.settle()
            self.pending_page = page
        self.pending += data

    def settle(self) -> None:
        """Decode the bytes gathered so far: a character may be of several."""
        if self.pending:
            self.out.append(decode(bytes(self.pending), codec_of_codepage(self.pending_page))[0])
            self.pending.clear()


def read(data: bytes) -> RtfText:
    r"""The text of an RTF document, or the HTML inside it when it says \fromhtml.

    Source    MS-OXRTFEX 2.1 for the wrapped HTML (\htmltag kept, \htmlrtf left out), RTF 1.9.
    Limits    Fields, pictures, objects, headers and footers are left out. The HTML is what
              Outlook made of the sender's: not the bytes that were sent.
    """
    if not data.lstrip().startswith(b"{\\rtf"):
        return RtfText("", is_html=False, problem="the rich text does not begin like RTF")
    state = _State()
    place, size = 0, len(data)
    while place < size:
        match = _TOKEN.match(data, place)
        if match is None:
            break
        place = match.end()
        word, number, byte, symbol, brace, _, plain, _ = match.groups()
        if brace is not None:
            _turn(state, brace)
        elif word is not None:
            if word == b"bin":
                place += max(0, int(number or 0))
            _word(state, word, None if number is None else int(number))
        elif symbol is not None:
            _symbol(state, symbol)
        elif byte is not None:
            _bytes(state, bytes.fromhex(byte.decode()))
        elif plain is not None:
            _bytes(state, plain)
    state.settle()
    text = "".join(state.out)
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    problem = f"{state.dropped} groups lie too deep" if state.dropped else None
    return RtfText(storable(joined), state.is_html, problem)


def _turn(state: _State, brace: bytes) -> None:
    state.to_skip = 0
    if brace == b"{":
        if len(state.groups) >= MAX_DEPTH:
            state.dropped += 1
        else:
            state.groups.append(replace(state.groups[-1], is_starred=False))
    elif state.dropped:
        state.dropped -= 1
    elif len(state.groups) > 1:
        gone = state.groups.pop()
        if not gone.is_tag:
            # \htmlrtf is switched on and off across braces.
            state.groups[-1].is_fallback = gone.is_fallback


def _bytes(state: _State, data: bytes) -> None:
    if state.to_skip:
        skipped = min(state.to_skip, len(data))
        state.to_skip -= skipped
        data = data[skipped:]
    if data and state.is_shown:
        state.raw(data)


def _symbol(state: _State, symbol: bytes) -> None:
    group = state.groups[-1]
    if symbol == b"*":
        group.is_starred = True
    elif state.to_skip:
        state.to_skip -= 1
    elif state.is_shown:
        if symbol in {b"\r", b"\n"}:
            state.text("\r\n")
        elif symbol in _SYMBOLS:
            state.text(_SYMBOLS[symbol])


def _word(state: _State, word: bytes, number: int | None) -> None:
    group = state.groups[-1]
    if group.is_starred:
        group.is_starred = False
        group.is_hidden |= word not in _SHOWN_STARRED
    if word == b"u" and number is not None:
        if state.is_shown:
            state.text(chr(number % 0x10000))
        state.to_skip = group.skip_count
        return
    state.to_skip = 0
    if word in _MARKS:
        if state.is_shown:
            state.text(_MARKS[word])
    elif word in _HIDDEN:
        group.is_hidden = True
        group.is_fonts = word == b"fonttbl"
    else:
        _setting(state, group, word, number)


def _setting(state: _State, group: _Group, word: bytes, number: int | None) -> None:
    """Words that change how what follows is read."""
    if word == b"htmltag":
        group.is_tag = True
    elif word == b"htmlrtf":
        group.is_fallback = number != 0
    elif word == b"fromhtml":
        state.is_html = number != 0
    elif word == b"uc" and number is not None:
        group.skip_count = max(0, min(number, 16))
    elif word == b"ansicpg" and number:
        state.page = number
    elif word == b"f" and number is not None:
        group.font = number
    elif word == b"plain":
        group.font = None
    elif word == b"fcharset" and group.is_fonts and number in _CHARSETS and group.font is not None:
        state.fonts[group.font] = _CHARSETS[number]
