"""Address fields become addresses: groups, comments, quotes, and what mailers write."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tamis.syntax.mail.words import decode

_PLAIN = re.compile(r"[^\"(<,:;\\]+")
_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SPACES = re.compile(r"[ \t\r\n]+")
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ID = re.compile(r"<([^<>]*)>")
_CACHED = 256  # longer values are parsed each time
_ADDRESS = re.compile(r"[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+")


class Address(NamedTuple):
    """One address as stated; `address` is None when only a name or a group stands there."""

    name: str | None
    address: str | None
    group: str | None = None


def parse(text: str) -> tuple[Address, ...]:
    """The addresses of an unfolded field value, encoded words in names decoded, in order.

    An address keeps its local part as written; its domain is lower-cased.

    Source    RFC 5322 sections 3.4 and 4.4, in time linear in the value. Departures: a name may
              hold dots and 8-bit text, encoded words may stand in quotes, and what follows an
              unclosed quote, comment or bracket is read as if it were not there.
    """
    # The people of a mailbox write to each other: most fields have been seen before.
    return _cached(text) if len(text) <= _CACHED else _parse(text)


def _parse(text: str) -> tuple[Address, ...]:
    if "@" in text and not _has_special(text):
        return (_made([text], None, None),)
    return tuple(_Scanner(text).scan())


_cached = lru_cache(maxsize=4096)(_parse)


def message_ids(text: str, limit: int | None = None) -> list[str]:
    """The ids of Message-ID, In-Reply-To or References without brackets, in order.

    A value without brackets is taken by its words that hold an @.
    """
    found = [
        _SPACES.sub("", match[1])
        for _, match in zip(range(limit or len(text) + 1), _ID.finditer(text), strict=False)
    ]
    if found or "<" in text:
        return [one for one in found if one]
    return [word for word in text.split() if "@" in word][:limit]


def domain_of(address: str) -> str:
    """The part after the last @, lower-cased; empty when there is none."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


def _has_special(text: str) -> bool:
    return any(mark in text for mark in '"(<,:;\\') or "=?" in text


class _Scanner:
    """One pass over a field; holds the words of the address that is being read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None
        self.group: str | None = None
        self.found: list[Address] = []
        self.has_at = False
        # Once a closing mark is missing it is missing for good: never look for it again.
        self.is_quote_open = self.is_comment_open = self.is_angle_open = False

    def scan(self) -> list[Address]:
        text, position, size = self.text, 0, len(self.text)
        while position < size:
            plain = _PLAIN.match(text, position)
            if plain:
                self.words.append(plain[0])
                self.has_at = self.has_at or "@" in plain[0]
                position = plain.end()
                continue
            position = self._special(text[position], position)
        self._end()
        return self.found

    def _special(self, mark: str, position: int) -> int:
        if mark == '"':
            return self._quoted(position)
        if mark == "(":
            return self._comment(position)
        if mark == "<":
            return self._bracket(position)
        if mark == ":" and self.group is None and not self.has_at:
            self.group = _words(self.words) or ""
            self.words.clear()
        elif mark in ",;":
            self._end()
            if mark == ";":
                self.group = None
        else:
            self.words.append(mark)
        return position + 1

    def _quoted(self, position: int) -> int:
        match = None if self.is_quote_open else _QUOTED.match(self.text, position)
        if match is None:
            self.is_quote_open = True
            return position + 1
        after = self.text[match.end() : match.end() + 1]
        if after == "@":
            self.words.append(match[0])  # a quoted local part keeps its quotes
        else:
            self.words.append(_UNESCAPE.sub(r"\1", match[1]))
        return match.end()

    def _comment(self, position: int) -> int:
        if self.is_comment_open:
            return position + 1
        depth, place = 0, position
        text, size = self.text, len(self.text)
        while place < size:
            character = text[place]
            if character == "\\":
                place += 1
            elif character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
                if depth == 0:
                    self.comments.append(text[position + 1 : place])
                    return place + 1
            place += 1
        self.is_comment_open = True
        return position + 1

    def _bracket(self, position: int) -> int:
        end = -1 if self.is_angle_open else self.text.find(">", position)
        if end < 0:
            self.is_angle_open = True
            return position + 1
        inside = self.text[position + 1 : end]
        if self.angle is None:
            self.angle = inside.rpartition("<")[2]
        else:
            self.words.append(inside)
        return end + 1

    def _end(self) -> None:
        if self.words or self.angle is not None:
            made = _made(self.words, self.angle, self.group, self.comments)
            if made.name or made.address:
                self.found.append(made)
        self.words.clear()
        self.comments.clear()
        self.angle = None
        self.has_at = False


def _words(words: list[str]) -> str | None:
    return _SPACES.sub(" ", decode("".join(words))).strip() or None


def _made(
    words: list[str], angle: str | None, group: str | None, comments: list[str] | None = None
) -> Address:
    if angle is None:
        joined = "".join(words).strip()
        if "@" not in joined:
            return Address(_words(words), None, group)
        found = _ADDRESS.search(joined) if any(c.isspace() for c in joined) else None
        spec = found[0] if found else joined
        name = _words([joined.replace(spec, " ", 1)]) if found else None
        name = name or _words([" ".join(comments or ())])
        return Address(name, _normal(spec), group)
    # A source route before the address (RFC 5322 section 4.4) says nothing about whose it is.
    spec = angle.rpartition(":")[2] if angle.lstrip().startswith("@") else angle
    name = _words(words) or _words([" ".join(comments or ())])
    return Address(name, _normal(spec), group)


def _normal(spec: str) -> str | None:
    bare = _SPACES.sub("", spec) if '"' not in spec else spec.strip()
    if not bare:
        return None
    local, at, domain = bare.rpartition("@")
    return f"{local}@{domain.lower()}" if at else bare
