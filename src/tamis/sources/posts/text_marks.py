"""What the texts of a batch show beyond links and tags: hashes, magnet links, Message-IDs, phrases.

Looked for in all texts at once; only the few that may hold something are read one by one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from tamis.syntax.web import link

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Mark = tuple[int, str, str, str]

# What a text must hold to be read: said in the syntax of Arrow's expressions, hence once more.
_WORTH_READING = r"[0-9A-Fa-f]{32}|(?i:magnet:\?)|<[^<>\s@]{10,}@|(?i:message-id)\s*[:=]"
_HASH = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})(?![0-9A-Za-z])"
)
_HASH_KINDS = {32: "file_md5", 40: "file_sha1", 64: "file_sha256"}
_MAGNET = re.compile(r"magnet:\?[^\s<>\"']+", re.IGNORECASE)
# In angle brackets as headers write it: addresses of people are shorter, or hold no digit.
_BRACKETED = re.compile(r"<([^<>\s@]{10,200}@[A-Za-z0-9._-]{3,200})>")
_NAMED = re.compile(r"message-id\s*[:=]\s*<?([^<>\s@]{1,200}@[A-Za-z0-9._-]{1,200})", re.IGNORECASE)
_MARKS = re.compile(r"\W", re.UNICODE)


class TextMarks:
    """Looks for marks in texts; `selectors` are the investigator's phrases."""

    def __init__(self, selectors: Sequence[str]) -> None:
        """Look for these phrases besides, whatever their accents and case."""
        folded = {fold(one): one for one in selectors if fold(one)}
        self._phrases = [(_phrase(text), text, display) for text, display in sorted(folded.items())]
        self._any = "|".join(_loose(text) for text in sorted(folded))

    def find(self, texts: pa.Array) -> list[Mark]:
        """(index of the text, kind, canonical, display) of each mark, once a text."""
        return [*self._written(texts), *self._said(texts)]

    def _written(self, texts: pa.Array) -> Iterator[Mark]:
        for index, text in _matching(texts, texts, _WORTH_READING):
            for mark in dict.fromkeys(_marks(text)):
                yield (index, *mark)

    def _said(self, texts: pa.Array) -> Iterator[Mark]:
        if not self._phrases:
            return
        for index, text in _matching(folded_column(texts), texts, self._any):
            plain = fold(text)
            for pattern, canonical, display in self._phrases:
                if pattern.search(plain):
                    yield index, "phrase", canonical, display


def fold(text: str) -> str:
    """A text without accents and case, blanks as one: how phrases are compared.

    Limits    letters that are no letter with an accent (ø, ß) stay what they are
    """
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in plain if not unicodedata.category(c).startswith("M"))
    return " ".join(kept.lower().split())


def folded_column(texts: pa.Array) -> pa.Array:
    """The same for a column, but for blanks, which stay."""
    if pc.all(pc.string_is_ascii(texts), min_count=0).as_py():
        return pc.ascii_lower(texts)
    plain = pc.utf8_normalize(texts, form="NFKD")
    return pc.utf8_lower(pc.replace_substring_regex(plain, r"\pM+", ""))


def _matching(column: pa.Array, texts: pa.Array, pattern: str) -> list[tuple[int, str]]:
    places = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(column, pattern), False))
    return list(zip(places.to_pylist(), texts.take(places).to_pylist(), strict=True))


def _marks(text: str) -> Iterator[tuple[str, str, str]]:
    without = text
    for found in _MAGNET.findall(text):
        target = link(found)
        if target is not None:
            yield "url", target.canonical, found[:200]
        without = without.replace(found, " ")
    for found in _HASH.findall(without):
        if not found.isdigit():
            yield _HASH_KINDS[len(found)], found.lower(), found
    for found in _BRACKETED.findall(without):
        if any(character.isdigit() for character in found.partition("@")[0]):
            yield "email_message_id", found, found
    for found in _NAMED.findall(without):
        kept = found.rstrip(".")
        yield "email_message_id", kept, kept


def _phrase(text: str) -> re.Pattern[str]:
    """A folded phrase as whole words."""
    inner = r"\s+".join(map(re.escape, text.split(" ")))
    left = r"(?<!\w)" if not _MARKS.match(text[0]) else ""
    right = r"(?!\w)" if not _MARKS.match(text[-1]) else ""
    return re.compile(left + inner + right)


def _loose(text: str) -> str:
    """The same for Arrow's expressions, which know no look-around: a little too much is found."""
    words = ("".join(_escaped(one) for one in word) for word in text.split(" "))
    return r"[\s\pZ]+".join(words)


def _escaped(character: str) -> str:
    is_plain = character.isalnum() or character == "_" or not character.isascii()
    return character if is_plain else "\\" + character
