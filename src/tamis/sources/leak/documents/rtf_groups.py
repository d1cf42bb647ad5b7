"""The groups of an RTF file that keep something beside its text.

Source    Rich Text Format Specification 1.9.1: information group, revision and rsid tables,
          fields, objects; [MS-OLEDS] §2.2 for the OLE 1.0 header of an object's data
Limits    Read in one pass over control words, without recursion: what a file hides by breaking
          the grammar may be missed.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.sources.leak.documents import ole_objects
from tamis.sources.leak.documents.ole_properties import decode
from tamis.sources.leak.documents.ole_storage import MAGIC

if TYPE_CHECKING:
    from tamis.sources.leak.documents.facts import Facts

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])", re.DOTALL
)
_MAX_TOKENS = 3_000_000
_MAX_DEPTH = 2_000
_MAX_TEXT = 8_192
_MAX_OBJECTS = 1_000
_INFO = {
    "title": "title",
    "subject": "subject",
    "author": "creator",
    "operator": "last_author",
    "keywords": "keywords",
    "comment": "comment",
    "doccomm": "description",
    "company": "company",
    "manager": "manager",
    "category": "category",
    "hlinkbase": "hyperlink_base",
    "generator": "software",
    "template": "template",
    "propname": "custom_name",
    "staticval": "custom_value",
    "linkval": "custom_link",
    "fldinst": "field",
    "objclass": "object_class",
    "atnauthor": "comment_author",
    "atnid": "comment_initials",
    "annotation": "comment_text",
    "datafield": "data_field",
}
_TIMES = {"creatim": "created", "revtim": "modified", "printim": "printed", "buptim": "backed_up"}
_COUNTS = {
    "version": "revision",
    "edmins": "edit_minutes",
    "nofpages": "page_count",
    "nofwords": "word_count",
    "nofchars": "character_count",
    "vern": "software_build",
    "deflang": "language",
    "ansicpg": "codepage",
    "rsidroot": "rsid_root",
}
_CLOCK = ("yr", "mo", "dy", "hr", "min", "sec")
_TABLES = {"rsidtbl", "revtbl", "objdata"}
# Groups whose text is not the document's.
_ASIDE = {
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata", "listtable"),
    *("filetbl", "datastore", "fldinst", "xe", "tc"),
}
_STYLES = {"cs", "ts", "ds"}  # they may carry the star and are still text
_ENDS = {"par": "\n", "line": "\n", "cell": "\t", "row": "\n", "tab": "\t", "page": "\n"}
_CHANGES = {"revised": "insertion", "deleted": "deletion"}


@dataclass(slots=True)
class _Group:
    """One open group: what it is kept as, its text, and the time it states."""

    name: str = ""
    text: list[str] = field(default_factory=list)
    clock: dict[str, int] = field(default_factory=dict)
    size: int = 0
    skip: int = 1
    is_aside: bool = False


def tell(data: bytes, facts: Facts) -> str:
    """The text outside all groups that are set aside; what the others keep has been added."""
    walk = _Walk(data, facts)
    walk.run()
    return walk.decoded(walk.body)


class _Walk:
    """One pass over the tokens, with a stack of open groups."""

    def __init__(self, data: bytes, facts: Facts) -> None:
        self.data = data
        self.facts = facts
        self.codepage = 1252
        self.stack = [_Group()]
        self.counts: dict[str, int] = {}
        self.seen: set[tuple[str, int]] = set()
        self.objects = 0
        self.skipping = 0
        self.is_starred = False
        self.body: list[str] = []

    def run(self) -> None:
        place = count = 0
        while (found := _TOKEN.search(self.data, place)) is not None:
            count += 1
            if count > _MAX_TOKENS:
                self.facts.note(f"over {_MAX_TOKENS:,} control words: the rest was not looked at")
                break
            if found.start() > place:
                self._words(self.data[place : found.start()])
            place = found.end()
            self._token(found)
            if found[1] == b"bin" and found[2] is not None:
                place += max(0, int(found[2]))
        for name, total in sorted(self.counts.items()):
            self.facts.add("revision", f"{name}_count", total)

    def _token(self, found: re.Match[bytes]) -> None:
        word, number, escaped, symbol, brace = found.groups()
        if brace is not None:
            self._brace(brace == b"{", found)
        elif word is not None:
            self._control(word.decode("ascii").lower(), number)
        elif escaped is not None:
            self._byte(bytes.fromhex(escaped.decode("ascii")))
        elif symbol == b"*":
            self.is_starred = True
        elif symbol in {b"\\", b"{", b"}"}:
            self._words(symbol)

    def _brace(self, is_open: bool, found: re.Match[bytes]) -> None:  # noqa: FBT001 (one of two)
        if is_open:
            if len(self.stack) > _MAX_DEPTH:
                return
            above = self.stack[-1]
            group = _Group(skip=above.skip, is_aside=above.is_aside)
            if above.name in _TABLES or above.name in _INFO:
                group.name = f"in {above.name}"
            self.stack.append(group)
        elif len(self.stack) > 1:
            self._close(self.stack.pop(), found.start())

    def _control(self, word: str, number: bytes | None) -> None:
        group = self.stack[-1]
        value = int(number) if number is not None else None
        if word in _ASIDE or (self.is_starred and word not in _STYLES):
            group.is_aside = True
        elif word in _ENDS:
            self._add(_ENDS[word])
        self.is_starred = False
        if word in _INFO or word in _TIMES or word in _TABLES:
            if word != "comment" or not group.text:
                group.name = word
        elif value is not None:
            self._number(group, word, value)
        elif word in _CHANGES:
            self._change(_CHANGES[word])

    def _number(self, group: _Group, word: str, value: int) -> None:
        """Take a control word with its number."""
        if word in _CLOCK:
            group.clock[word] = value
        elif word in _COUNTS:
            self._count(word, value)
        elif word == "rsid":
            self._once("rsid", "session", f"{value & 0xFFFFFFFF:08X}", value)
        elif word == "uc":
            group.skip = max(0, min(value, 8))
        elif word == "u":
            self._add(chr(value & 0xFFFF))
            self.skipping = group.skip
        elif word in _CHANGES and value:
            self._change(_CHANGES[word])

    def _change(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def _count(self, word: str, value: int) -> None:
        if word == "ansicpg" and 0 < value < 65536:
            self.codepage = value
        told = f"{value & 0xFFFFFFFF:08X}" if word == "rsidroot" else str(value)
        self._once("info", _COUNTS[word], told, value)

    def _once(self, namespace: str, name: str, text: str, value: int) -> None:
        if (name, value) not in self.seen and len(self.seen) < 3_000:
            self.seen.add((name, value))
            self.facts.add(namespace, name, text)

    def _byte(self, raw: bytes) -> None:
        if self.skipping:
            self.skipping -= 1
        else:
            self._add(raw.decode("latin-1"), is_raw=True)

    def _words(self, raw: bytes) -> None:
        raw = raw.replace(b"\r", b"").replace(b"\n", b"")
        if self.skipping and raw:
            cut = min(self.skipping, len(raw))
            raw, self.skipping = raw[cut:], self.skipping - cut
        if raw:
            self._add(raw.decode("latin-1"), is_raw=True)

    def _add(self, text: str, *, is_raw: bool = False) -> None:
        """Add to the text of the group; bytes are marked, to be decoded together."""
        group = self.stack[-1]
        if not group.name and not group.is_aside:
            self.body.append(f"\0{text}" if is_raw else text)
        limit = len(self.data) if group.name == "objdata" else _MAX_TEXT
        if group.name and group.size < limit:
            group.size += len(text)
            group.text.append(f"\0{text}" if is_raw else text)

    def _close(self, group: _Group, end: int) -> None:
        if group.name in _TIMES:
            self.facts.add("info", _TIMES[group.name], _written(group.clock))
            return
        if not group.name or not group.text:
            return
        if group.name.startswith("in "):
            self._inner(group)
        elif group.name == "objdata":
            self._object("".join(group.text).replace("\0", ""), end)
        elif group.name in _INFO:
            self._stated(group.name, self._decoded(group).strip())

    def _inner(self, group: _Group) -> None:
        """A group inside one that is kept: a reviser of the table, or more of the same text."""
        above = self.stack[-1]
        if group.name == "in revtbl":
            name = self._decoded(group).strip(" ;")
            if name != "Unknown":
                self.facts.add("revision", "author", name)
        elif above.size < _MAX_TEXT:
            above.text += group.text
            above.size += group.size

    def _stated(self, word: str, text: str) -> None:
        name = _INFO[word]
        if word == "fldinst":
            kind, _, target = text.partition(" ")
            if kind.upper() in {"HYPERLINK", "INCLUDEPICTURE", "INCLUDETEXT", "LINK", "DDEAUTO"}:
                self.facts.add("link", kind.lower(), target.strip())
        elif word in {"propname", "staticval", "linkval"}:
            self.facts.add("custom", name, text)
        elif word in {"atnauthor", "atnid", "annotation"}:
            self.facts.add("comment", name.removeprefix("comment_"), text)
        elif word == "template":
            self.facts.add("link", name, text)
        elif word != "datafield":
            self.facts.add("info", name, text.rstrip(";") if name == "software" else text)

    def _decoded(self, group: _Group) -> str:
        return self.decoded(group.text)

    def decoded(self, pieces: list[str]) -> str:
        """Pieces of text as one: runs of bytes in the file's code page, the rest as it is."""
        out: list[str] = []
        raw = ""
        for piece in [*pieces, ""]:
            if piece.startswith("\0"):
                raw += piece[1:]
                continue
            if raw:
                out.append(decode(raw.encode("latin-1", "replace"), self.codepage))
                raw = ""
            out.append(piece)
        return "".join(out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _object(self, text: str, end: int) -> None:
        """Hand over the data of an object, without the header of OLE 1.0 where one stands."""
        self.objects += 1
        name = f"object{self.objects}"
        if self.objects > _MAX_OBJECTS:
            self.facts.note(f"over {_MAX_OBJECTS:,} objects: the rest was not taken out")
            return
        digits = re.sub(r"[^0-9a-fA-F]", "", text)
        raw = bytes.fromhex(digits[: len(digits) // 2 * 2])
        self.facts.add("embedded", "object", f"{name}, ends at byte {end:,}")
        class_name, content = _unwrapped(raw)
        if class_name:
            self.facts.add("embedded", "object_class", class_name)
        if class_name.lower() == "package" and not content.startswith(MAGIC):
            ole_objects.native(struct.pack("<I", len(content)) + content, self.facts, name)
        else:
            self.facts.child(f"{name}.bin", content)


def _unwrapped(raw: bytes) -> tuple[str, bytes]:
    """The class an object states, and its data; all of it where there is no header."""
    try:
        _, kind, size = struct.unpack_from("<III", raw)
        place = 12 + size
        name = raw[12:place].rstrip(b"\0").decode("latin-1")
        for _ in range(2):  # topic and item
            place += 4 + struct.unpack_from("<I", raw, place)[0]
        length = struct.unpack_from("<I", raw, place)[0]
    except struct.error:
        return "", raw
    content = raw[place + 4 : place + 4 + length]
    if kind != 2 or size > 256 or not content:
        return "", raw
    return name, content


def _written(clock: dict[str, int]) -> str | None:
    if "yr" not in clock:
        return None
    year, month, day, hour, minute, second = (clock.get(key, 0) for key in _CLOCK)
    found = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"
    return f"{found}:{second:02}" if "sec" in clock else found
