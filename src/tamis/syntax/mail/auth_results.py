"""Authentication results as a mail server wrote them into a header field: RFC 8601."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamis.syntax.domain import align, to_ascii

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 65_536
MAX_RESULTS = 100
# What decides where a comment begins outside of one, and where it ends inside.
_OUTSIDE = re.compile(r"\"(?:[^\"\\]|\\.)*+\"|[()\"]", re.DOTALL)
_INSIDE = re.compile(r"\\.|[()]", re.DOTALL)
_PIECE = re.compile(r"(?:[^\";]++|\"(?:[^\"\\]|\\.)*+\")*+", re.DOTALL)
_PAIR = re.compile(
    r"\s*+([A-Za-z][A-Za-z0-9_-]*+)(?:\s*+([./])\s*+([A-Za-z0-9_-]++))?\s*+=\s*+"
    r"(?:\"((?:[^\"\\]|\\.)*+)\"|([^\s\";()]++))(?=\s|\Z)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SERVER = re.compile(r"\s*+([^\s=;\"]++)(?:\s++([0-9]++))?\s*+\Z")


@dataclass(frozen=True, slots=True)
class Result:
    """One result: its method and word in lower case, its properties as `type.name`.

    `is_ambiguous` says that a property stands twice with different values.
    """

    method: str
    word: str
    properties: Mapping[str, str] = field(default_factory=dict)
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class AuthResults:
    """Who says it, what was found, and sentences about what could not be read."""

    server: str | None = None
    results: tuple[Result, ...] = ()
    troubles: tuple[str, ...] = ()

    def word_of(self, method: str) -> str | None:
        """The word of a method: pass where any result passes, else the first; None without one."""
        words = [one.word for one in self.results if one.method == method]
        return "pass" if "pass" in words else next(iter(words), None)

    def from_domain(self) -> str | None:
        """The From domain that the DMARC result names, None where it names none or several."""
        named = {
            to_ascii(one.properties["header.from"].rpartition("@")[2])
            for one in self.results
            if one.method == "dmarc" and "header.from" in one.properties
        }
        return named.pop() if len(named) == 1 else None

    def attests(self, domain: str | None) -> bool:
        """Whether the server says that DKIM or DMARC passed for the domain in From.

        Source    RFC 7489 section 3.1: DKIM aligned by organisational domain; DMARC names the From
                  domain itself. A DMARC result other than pass or none attests nothing, and so
                  does a field of which a result could not be read.
        """
        if domain is None or self.troubles:
            return False
        told = {one.word for one in self.results if one.method == "dmarc"}
        if told - {"pass", "bestguesspass", "none"}:
            return False
        return any(_attests(one, domain) for one in self.results)


def _attests(one: Result, domain: str) -> bool:
    if one.word != "pass" or one.is_ambiguous:
        return False
    if one.method == "dmarc":
        named = one.properties.get("header.from", "").rpartition("@")[2]
        return bool(named) and align(named, domain) == "exact"
    if one.method != "dkim":
        return False
    signers = {
        one.properties[name].rpartition("@")[2]
        for name in ("header.d", "header.i")
        if name in one.properties
    }
    return bool(signers) and all(
        align(signer, domain) in {"exact", "organisational"} for signer in signers
    )


def read_results(text: str) -> AuthResults:
    """The results in the value of a field, without the instance of ARC; never raises.

    Source    RFC 8601 section 2.2. Departure: a property without a type (`action=none`, as large
              providers write it) is kept under its bare name.
    Limits    One pass; at most 64 KiB and 100 results. What is not written by the grammar is named
              in `troubles` and makes no result.
    """
    if len(text) > MAX_BYTES:
        return AuthResults(troubles=(f"the field is longer than {MAX_BYTES:,} bytes",))
    pieces = _split(text)
    if pieces is None:
        return AuthResults(troubles=("a comment or a quoted text has no end",))
    named = _SERVER.match(pieces[0])
    troubles = [] if named else ["it does not begin with the name of a server"]
    if named and named[2] not in {None, "1"}:
        troubles.append(f"version {named[2][:10]} of the field is unknown")
    results: list[Result] = []
    for piece in pieces[1 : MAX_RESULTS + 1]:
        if not piece.strip() or piece.strip().lower() == "none":
            continue
        found = _read_result(piece)
        if found is None:
            troubles.append(f"{piece.strip()[:40]!r} is no result")
        else:
            results.append(found)
    if len(pieces) > MAX_RESULTS + 1:
        troubles.append(f"more than {MAX_RESULTS} results")
    return AuthResults(named[1].lower() if named else None, tuple(results), tuple(troubles[:5]))


def _split(text: str) -> list[str] | None:
    """The pieces between semicolons, comments taken out; None where one of them has no end."""
    kept: list[str] = []
    position = 0
    while (mark := _OUTSIDE.search(text, position)) is not None:
        if mark[0] in {")", '"'}:
            return None
        if mark[0] == "(":
            kept += [text[position : mark.start()], " "]
            end = _comment_end(text, mark.end())
            if end is None:
                return None
            position = end
        else:
            kept.append(text[position : mark.end()])
            position = mark.end()
    bare = "".join([*kept, text[position:]])
    pieces: list[str] = []
    position = 0
    while position <= len(bare):
        piece = _PIECE.match(bare, position)
        pieces.append(piece[0] if piece else "")
        position += len(pieces[-1]) + 1
    return pieces


def _comment_end(text: str, position: int) -> int | None:
    """One past the end of the comment whose text begins at `position`, nested ones included."""
    depth = 1
    while depth:
        mark = _INSIDE.search(text, position)
        if mark is None:
            return None
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        position = mark.end()
    return position


def _read_result(piece: str) -> Result | None:
    """One result with its properties, None where a part of it is not by the grammar."""
    first = _PAIR.match(piece)
    if first is None or first[2] == ".":
        return None
    properties: dict[str, str] = {}
    is_ambiguous = False
    position = first.end()
    end = len(piece.rstrip())
    while position < end:
        pair = _PAIR.match(piece, position)
        if pair is None or pair[2] == "/":
            return None
        name = pair[1].lower() + (f".{pair[3].lower()}" if pair[2] else "")
        value = _value(pair)
        is_ambiguous = is_ambiguous or properties.get(name, value) != value
        properties.setdefault(name, value)
        position = pair.end()
    return Result(first[1].lower(), _value(first).lower(), properties, is_ambiguous)


def _value(pair: re.Match[str]) -> str:
    return _ESCAPE.sub(r"\1", pair[4]) if pair[4] is not None else pair[5]
