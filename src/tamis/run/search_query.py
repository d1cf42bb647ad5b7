"""The language of `tamis search`: words, phrases, prefixes, fields, dates, and, or, not.

budget "plan média" affich*          all of them, anywhere
from:dupont OR to:dupont -kind:message
date:2017-04..2017-05-05 (subject:"note interne" OR path:xlsx)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from tamis.errors import ExpressionError
from tamis.run.index_schema import DATE_FIELD, FIELDS
from tamis.syntax.visible import show_hidden

_MAX_CHARACTERS = 1_000
_MAX_TERMS = 64
_MAX_DEPTH = 16
_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))"
    r"|(?P<no>-(?=[^\s)])|NOT(?![^\s()]))|(?P<or>OR(?![^\s()]))|(?P<and>AND(?![^\s()]))"
    r'|(?:(?P<field>[A-Za-z_]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s()"]+)))'
)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to be found, in one field or in any."""

    text: str
    field: str | None = None
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be found."""

    of: Node


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these."""

    parts: tuple[Node, ...]


Node: TypeAlias = Term | Not | Every | Some


def parse(text: str) -> Node:
    """What a query asks for.

    Errors    ExpressionError saying what is wrong: empty, too long, too many terms, nested too
              deeply, an unknown field, a bracket or quote without its other half.
    """
    if len(text) > _MAX_CHARACTERS:
        raise _refuse(text, f"it has more than {_MAX_CHARACTERS:,} characters")
    return _Parser(text).parse()


def _refuse(text: str, why: str) -> ExpressionError:
    return ExpressionError(
        f"query {show_hidden(text, limit=80)}: {why}; a query is words, "
        '"phrases", prefix*, field:value, AND, OR, -not and brackets'
    )


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._cut()
        self.at = 0
        self.depth = 0

    def _cut(self) -> list[tuple[str, Term | None]]:
        found: list[tuple[str, Term | None]] = []
        position, end = 0, len(self.text.rstrip())
        while position < end:
            match = _TOKEN.match(self.text, position)
            if match is None:
                raise _refuse(self.text, "a quotation mark has no other half")
            position = match.end()
            is_term = match["phrase"] is not None or match["word"] is not None
            kind = "term" if is_term else str(match.lastgroup)
            found.append((kind, self._term(match) if is_term else None))
        if sum(kind == "term" for kind, _ in found) > _MAX_TERMS:
            raise _refuse(self.text, f"it has more than {_MAX_TERMS} terms")
        return found

    def _term(self, match: re.Match[str]) -> Term:
        field = match["field"].lower() if match["field"] else None
        if field is not None and field not in FIELDS:
            raise _refuse(
                self.text,
                f"no field is called {field!r} (there are {', '.join(FIELDS)}); "
                "put it in quotes to search for the text itself",
            )
        if match["phrase"] is not None:
            return Term(match["phrase"], field)
        word = match["word"]
        if word.endswith(":") and word[:-1].lower() in FIELDS:
            raise _refuse(self.text, f"nothing follows {word}; leave no blank after the colon")
        is_prefix = word.endswith("*") and field != DATE_FIELD
        return Term(word.rstrip("*") if is_prefix else word, field, is_prefix)

    def parse(self) -> Node:
        if not self.tokens:
            raise _refuse(self.text, "it is empty")
        found = self._some()
        if self.at < len(self.tokens):
            raise _refuse(self.text, "a closing bracket has no other half")
        return found

    def _peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else "end"

    def _some(self) -> Node:
        parts = [self._every()]
        while self._peek() == "or":
            self.at += 1
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _every(self) -> Node:
        parts = [self._one()]
        while self._peek() not in {"or", "close", "end"}:
            if self._peek() == "and":
                self.at += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _one(self) -> Node:
        kind = self._peek()
        term = self.tokens[self.at][1] if kind == "term" else None
        self.at += 1
        if term is not None:
            return term
        if kind not in {"no", "open"}:
            words = {"end": "it ends where a term is expected", "close": "a bracket is empty"}
            raise _refuse(self.text, words.get(kind, f"{kind.upper()} stands where a term should"))
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _refuse(self.text, f"it is nested more than {_MAX_DEPTH} deep")
        found: Node = Not(self._one()) if kind == "no" else self._some()
        if kind == "open":
            if self._peek() != "close":
                raise _refuse(self.text, "an opening bracket has no other half")
            self.at += 1
        self.depth -= 1
        return found
