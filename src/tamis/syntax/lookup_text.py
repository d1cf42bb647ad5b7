"""TXT records as nslookup, host and dig +short print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 65_535
_NAME = r"(?P<name>[^\s\"';]{1,253}?)\.?"
# "$ dig +short TXT name", "+ dig TXT name +short @9.9.9.9": what stands before is a prompt.
_COMMAND = re.compile(r"^(?:.{0,80}[$#>%+]\s*)?dig\s+(?P<words>.{1,600})$", re.IGNORECASE)
_NSLOOKUP = re.compile(rf"^{_NAME}\s+text\s*=\s*(?P<strings>.*)$", re.IGNORECASE)
_HOST = re.compile(rf"^{_NAME}\s+descriptive text\s+(?P<strings>\".*)$", re.IGNORECASE)
_STRINGS = re.compile(r'(?:\s*"(?:[^"\\]|\\.)*")+\s*\Z')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(\d{3}|.)")


@dataclass(frozen=True, slots=True)
class LookupText:
    """One TXT record of a name, as a program printed it, and the line it stands on."""

    name: str
    text: str
    line: int


def read_lookups(text: str) -> Iterator[LookupText]:
    """The TXT records in a transcript of look-ups, in order.

    Limits    The output of `dig +short` names nothing: it counts only after the command that
              asked, as `sh -x`, `script` or a copied terminal show it.
    """
    asked: str | None = None
    open_name: str | None = None
    held: list[str] = []
    start = 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        bare = line.strip()
        if open_name is not None and _STRINGS.match(bare):
            # Windows prints the strings of a record on lines of their own.
            held += _strings(bare)
            continue
        if open_name is not None and (held or bare):
            if held:
                yield LookupText(open_name, "".join(held)[: MAX_TEXT + 1], start)
            open_name, held = None, []
        found = _NSLOOKUP.match(bare) or _HOST.match(bare)
        if found:
            asked, start = None, number
            open_name, held = found["name"], []
            if _STRINGS.match(found["strings"]):
                held = _strings(found["strings"])
        elif command := _COMMAND.match(bare):
            asked = _asked(command["words"])
        elif asked is not None and _STRINGS.match(bare):
            yield LookupText(asked, "".join(_strings(bare)), number)


def _asked(words: str) -> str | None:
    """The name in a dig command about TXT records in the short form."""
    plain = [word.strip("'\"") for word in words.split()]
    if "+short" not in plain or "txt" not in {word.lower() for word in plain}:
        return None
    names = [
        word.removesuffix(".")
        for word in plain
        if "._domainkey." in word.lower() and not word.startswith(("+", "-", "@"))
    ]
    return names[0] if len(names) == 1 else None


def _strings(text: str) -> list[str]:
    return [_ESCAPE.sub(_unescape, found) for found in _STRING.findall(text)]


def _unescape(found: re.Match[str]) -> str:
    stated = found[1]
    if len(stated) == 3:
        return chr(int(stated)) if int(stated) < 256 else stated
    return stated
