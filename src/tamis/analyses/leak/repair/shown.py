"""What readers show of two versions of one message, and where the two differ."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.syntax.mail.charset import decode as decode_charset
from tamis.syntax.mail.dkim import relaxed_header
from tamis.syntax.mail.html import text_of
from tamis.syntax.mail.mime import content, leaves, walk
from tamis.syntax.mail.words import decode

if TYPE_CHECKING:
    from tamis.analyses.leak.repair.aim import Letter
    from tamis.syntax.mail.mime import Part

FIELDS = (b"subject", b"from", b"to", b"cc", b"reply-to", b"date")
_AROUND = 6
_FOLLOWING = 40
_LONGEST = 400
_MAX_TEXT = 2_000_000
_LINKS = re.compile(r"(?i)\b(?:href|src|action)\s*=\s*[\"']?([^\"'\s>]{1,2000})")


@dataclass(frozen=True, slots=True)
class Text:
    """One text as it is shown: in a part or a header field, its words, and the links behind it."""

    where: str
    words: tuple[str, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Showing:
    """What one message shows: texts of its fields and parts, and its files by name and hash.

    `exact` is what two messages must share besides, so that no reader shows one of them otherwise:
    the fields unfolded, how each part is declared, and the source of pages.
    """

    fields: tuple[Text, ...]
    texts: tuple[Text, ...]
    files: tuple[tuple[str, str, str], ...]
    exact: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The one stretch in which two texts differ: words as signed, words as found, its place.

    `next_words` are the first of those that follow; `is_edge` says that the text as found is the
    signed one with words before or after it.
    """

    where: str
    signed: tuple[str, ...]
    found: tuple[str, ...]
    is_edge: bool
    last_words: tuple[str, ...]
    next_words: tuple[str, ...]

    def excerpt(self, words: tuple[str, ...]) -> str:
        """The differing words between some that are alike."""
        text = " ".join((*self.last_words, *words, *self.next_words[:_AROUND]))
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def show(letter: Letter) -> Showing:
    """What a message shows, as words; never raises.

    Limits    No style is evaluated; of a text the first two million characters.
    """
    fields = [
        Text(name.decode(), tuple(decode(letter.headers.fields[rank].value).split()))
        for name in FIELDS
        for rank in letter.display.ranks.get(name, ())
    ]
    body = letter.body
    texts, files = [], []
    tree = walk(body, letter.fields(), 0)
    exact = [*_exact_fields(letter), *map(_declared, tree.parts), *tree.notes]
    for part in leaves(tree):
        data = content(body, part)[0]
        if not part.shown_type.startswith("text/") or part.disposition == "attachment":
            digest = hashlib.sha256(data).hexdigest()
            files.append((part.shown_type, part.name or "", digest))
            if not part.shown_type.startswith("text/"):
                continue
        text = decode_charset(data, part.charset)[0][:_MAX_TEXT]
        links = tuple(_LINKS.findall(text)) if part.shown_type == "text/html" else ()
        words = text_of(text) if part.shown_type == "text/html" else text
        texts.append(Text(f"part {part.position}", tuple(words.split()), links))
        if part.shown_type == "text/html":
            exact.append(hashlib.sha256(" ".join(text.split()).encode()).hexdigest())
    return Showing(tuple(fields), tuple(texts), tuple(files), tuple(exact))


def _exact_fields(letter: Letter) -> list[str]:
    """The fields that are shown, unfolded; two spellings of one text may be read as two."""
    return [
        relaxed_header(name, letter.headers.fields[rank].value).decode("latin-1")
        for name in FIELDS
        for rank in letter.display.ranks.get(name, ())
    ]


def _declared(part: Part) -> str:
    """How a part says it is to be shown; the transfer encoding is undone before comparing."""
    told = (part.shown_type, part.charset, part.disposition, part.name, str(part.is_multipart))
    return "\n".join((one or "").lower() for one in told)


def differences(signed: tuple[Text, ...], found: tuple[Text, ...]) -> list[Difference] | None:
    """Where the words of texts differ, one stretch a text; None where their number differs."""
    if len(signed) != len(found):
        return None
    return [
        _difference(one, other)
        for one, other in zip(signed, found, strict=True)
        if one.words != other.words
    ]


def _difference(one: Text, other: Text) -> Difference:
    signed, found = one.words, other.words
    most = min(len(signed), len(found))
    start = 0
    while start < most and signed[start] == found[start]:
        start += 1
    end = 0
    while end < most - start and signed[-1 - end] == found[-1 - end]:
        end += 1
    stop = len(found) - end
    return Difference(
        where=other.where,
        signed=signed[start : len(signed) - end],
        found=found[start:stop],
        is_edge=not signed or found[stop - start :] == signed or found[: len(signed)] == signed,
        last_words=found[max(0, start - _AROUND) : start],
        next_words=found[stop : stop + _FOLLOWING],
    )
