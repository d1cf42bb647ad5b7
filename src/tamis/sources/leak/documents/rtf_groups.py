"""The groups of an RTF file that keep something beside its text.

Source    Rich Text Format Specification 1.9.1: information group, revision and rsid tables,
          fields, objects
Limits    Read in one pass over control words, without recursion: what a file hides by breaking
          the grammar may be missed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.sources.leak.documents.rtf_statements import (
    CLOCK,
    NAMES,
    decoded,
    hand_over,
    state,
    written,
)

if TYPE_CHECKING:
    from tamis.sources.leak.documents.facts import Facts

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])", re.DOTALL
)
_MAX_TOKENS = 3_000_000
_MAX_DEPTH = 2_000
_MAX_TEXT = 8_192
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
    return decoded(walk.body, walk.codepage)


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
            if above.name in _TABLES or above.name in NAMES:
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
        if word in NAMES or word in _TIMES or word in _TABLES:
            if word != "comment" or not group.text:
                group.name = word
        elif value is not None:
            self._number(group, word, value)
        elif word in _CHANGES:
            self._change(_CHANGES[word])

    def _number(self, group: _Group, word: str, value: int) -> None:
        """Take a control word with its number."""
        if word in CLOCK:
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
            self.facts.add("info", _TIMES[group.name], written(group.clock))
            return
        if not group.name or not group.text:
            return
        if group.name.startswith("in "):
            self._inner(group)
        elif group.name == "objdata":
            self.objects += 1
            text = "".join(group.text).replace("\0", "")
            hand_over(self.facts, self.objects, text, end)
        elif group.name in NAMES:
            state(self.facts, group.name, decoded(group.text, self.codepage).strip())

    def _inner(self, group: _Group) -> None:
        """A group inside one that is kept: a reviser of the table, or more of the same text."""
        above = self.stack[-1]
        if group.name == "in revtbl":
            state(self.facts, "revtbl", decoded(group.text, self.codepage))
        elif above.size < _MAX_TEXT:
            above.text += group.text
            above.size += group.size
