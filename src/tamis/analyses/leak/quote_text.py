"""A body taken apart: what its writer wrote, and what is quoted, how deep and in what style."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from tamis.syntax.mail import html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_CHARS = 400_000
MAX_DEPTH = 50
LEAST_SENTENCE_WORDS = 6
_WRAP_CHARS = 64
_PREFIX = re.compile(r"[ \t]{0,3}((?:[>\u203a\u00bb|][ \t]?)+)")
_VERBS = (
    r"a \u00e9crit|a ecrit|\u00e9crivait|wrote|writes|has written|said|schrieb|escribi\u00f3|"
    r"ha scritto|schreef|escreveu|skrev|napisa\u0142|\u043f\u0438\u0441\u0430\u043b\(?\u0430?\)?|"
    r"\u043d\u0430\u043f\u0438\u0441\u0430\u043b\(?\u0430?\)?"
)
_ATTRIBUTION = re.compile(rf"(?:\b(?:{_VERBS})\b.{{0,80}}|[>\]] ?)\s?:\s*$", re.IGNORECASE)
_VERBAL = re.compile(rf"(?:\b(?:{_VERBS})\b.{{0,80}})\s?:\s*$", re.IGNORECASE)
_DATED = re.compile(r"\d{1,4}[/.:\u00a0 h-]|@", re.IGNORECASE)
_LEAD = re.compile(r"^(?:le|on|am|el|il|op|em|den|in|um|at|dne|w|quoting|citando)\b", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"^[\s*]*(?:[-_=]{2,}\s*(?:message d.origine|message original|original message|"
    r"original appointment|forwarded message|message transf\u00e9r\u00e9|message transmis|"
    r"forwarded by [^\n]{0,80}|weitergeleitete nachricht|"
    r"urspr\u00fcngliche nachricht|mensaje original|messaggio originale)[^\n]{0,80}[-_=]{2,}|"
    r"_{10,}|begin forwarded message ?:|d\u00e9but du message (?:transf\u00e9r\u00e9|r\u00e9exp"
    r"\u00e9di\u00e9) ?:)[\s*]*$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[\s*]*(de|from|von|da|van|exp\u00e9diteur|envoy\u00e9|sent|gesendet|date|datum|enviado|"
    r"\u00e0|to|an|para|aan|destinataire|cc|copie \u00e0|objet|subject|betreff|asunto|oggetto|"
    r"sujet|onderwerp|reply-to|importance|attachments|pi\u00e8ces jointes)[ \u00a0]?(?:\*)? ?:",
    re.IGNORECASE,
)
_FIRST_FIELDS = {"de", "from", "von", "da", "van", "exp\u00e9diteur", "date", "subject", "objet"}
_TOKEN = re.compile(r"[^\W_]+|(?<=\d)[.,](?=\d)")
_SENTENCE = re.compile(r"(?<=[.!?\u2026;])\s+|\n\s*\n")
ELIDED = re.compile(
    r"\[ ?(?:\.{2,}|\u2026) ?\]|\( ?(?:\.{3,}|\u2026) ?\)|<? ?\b(?:snip(?:ped)?|coup\u00e9|"
    r"trimmed|redacted|omitted|elided|gek\u00fcrzt)\b ?>?|(?<!\S)(?:\.{3,}|\u2026)(?!\S)|\bxxx+\b|"
    r"\*{3,}|\u2588{2,}",
    re.IGNORECASE | re.MULTILINE,
)


_BLOCKQUOTE = re.compile(r"</?blockquote\b[^<>]*>", re.IGNORECASE)
_OPENED, _CLOSED = "\ue000", "\ue001"


class Line(NamedTuple):
    """One line of a body: how deep it is quoted, its text without prefixes, where it stands."""

    depth: int
    text: str
    start: int
    end: int
    is_frame: bool  # an attribution, a separator, or a field of a quoted header: nobody's words
    is_loose: bool = False  # no prefix, below a full quoted line: torn off by wrapping, or a reply

    @property
    def is_own(self) -> bool:
        """Whether it may be the writer's own."""
        return not self.depth or self.is_loose


class Dissected(NamedTuple):
    """The lines of a body, and in what style it quotes.

    Missing   style None: it quotes nothing; layout None likewise
    """

    lines: tuple[Line, ...]
    style: str | None
    layout: str | None
    attribution: str

    @property
    def own(self) -> str:
        """What the writer wrote; a line that may be his or quoted counts as both."""
        return "\n".join(one.text for one in self.lines if one.is_own and not one.is_frame)

    @property
    def quoted(self) -> str:
        """What is quoted, at all depths, without prefixes."""
        return "\n".join(one.text for one in self.lines if one.depth and not one.is_frame)


@lru_cache(maxsize=64)
def dissect(text: str) -> Dissected:
    """The lines of a decoded body, each with its depth.

    Styles    prefix (> at any depth, also of format=flowed), block (Outlook and forwards: a header
              block, then everything), attribution ("… wrote:" and then everything, as HTML that
              was reduced to text leaves it)
    Limits    the first 400,000 characters; a reply written below a block without a mark counts as
              part of the block
    """
    lines = _rejoined(list(_stripped(text[:MAX_CHARS])))
    styles: set[str] = set()
    lines = _framed(lines, styles)
    style: str | None = "mixed" if len(styles) > 1 else next(iter(styles), None)
    told = " ".join(one.text for one in lines if one.is_frame)[:4000]
    return Dissected(tuple(lines), style, _layout(lines) if style else None, told)


def letters(text: str) -> str:
    """Letters and digits alone, in one case; a point between two digits stays."""
    return "".join(_TOKEN.findall(text.casefold()))


def tokens(text: str) -> str:
    """The same with a blank before and after each word: part of it means whole words."""
    found = _TOKEN.findall(text.casefold())
    return f" {' '.join(found)} " if found else ""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """A 63-bit hash of each whole sentence of some length, and how many words it has."""
    for one in _SENTENCE.split(text):
        words = len(one.split())
        if words >= LEAST_SENTENCE_WORDS:
            digest = blake2b(letters(one).encode(), digest_size=8).digest()
            yield int.from_bytes(digest, "big") >> 1, words


def _stripped(text: str) -> Iterator[Line]:
    start = 0
    for raw in text.splitlines(keepends=True):
        bare = raw.rstrip("\r\n")
        end = start + len(bare)
        mark = _PREFIX.match(bare)
        is_table = mark is not None and "|" in mark[1] and "|" in bare[mark.end() :]
        if mark is not None and not is_table and not bare.lstrip().startswith(">From "):
            depth = sum(not one.isspace() for one in mark[1])
            yield Line(
                min(depth, MAX_DEPTH), bare[mark.end() :] if depth else bare, start, end, False
            )
        else:
            yield Line(0, bare, start, end, False)
        start += len(raw)


def _rejoined(lines: list[Line]) -> list[Line]:
    """The lines, with those that a wrapping tore off a quoted line at that line's depth."""
    done = list(lines)
    for at in range(1, len(done)):
        before, one = done[at - 1], done[at]
        text = one.text.strip()
        if (
            before.depth
            and not one.depth
            and text
            and before.end - before.start + len(text.split()[0]) >= _WRAP_CHARS
        ):
            done[at] = one._replace(depth=before.depth, is_loose=True)
    return done


def _framed(lines: list[Line], styles: set[str]) -> list[Line]:
    """The lines with what follows a header block or an attribution one level deeper."""
    done: list[Line] = []
    # (prefix depth at which the block began, levels it adds)
    blocks: list[int] = []
    if any(one.depth for one in lines):
        styles.add("prefix")
    at = 0
    while at < len(lines):
        one = lines[at]
        while blocks and one.depth < blocks[-1] and one.text.strip():
            blocks.pop()
        length, kind = _frame(lines, at)
        if length:
            done += [
                line._replace(depth=line.depth + len(blocks), is_frame=True)
                for line in lines[at : at + length]
            ]
            if kind is not None and len(blocks) < MAX_DEPTH:
                blocks.append(one.depth)
                styles.add(kind)
            at += length
            continue
        done.append(one._replace(depth=one.depth + len(blocks)))
        at += 1
    return done


def _frame(lines: Sequence[Line], at: int) -> tuple[int, str | None]:
    """How many lines at `at` are a frame, and the style of what follows without a prefix."""
    one = lines[at]
    text = one.text.strip()
    if not text:
        return 0, None
    start = at
    is_cut = bool(_SEPARATOR.match(text))
    if is_cut:
        start += 1
        while start < len(lines) and start < at + 3 and not lines[start].text.strip():
            start += 1
    count = _fields(lines, start, one.depth)
    if count:
        return start - at + count, "block"
    if is_cut and not text.startswith("_"):
        return 1, None
    return _attributed(lines, at)


def _fields(lines: Sequence[Line], at: int, depth: int) -> int:
    """How many lines at `at` are the header block of a quoted message; 0 for none."""
    names: set[str] = set()
    seen = 0
    last = 0
    while at + seen < len(lines) and seen < 40 and lines[at + seen].depth == depth:
        text = lines[at + seen].text.strip()
        found = _FIELD.match(text)
        if found is not None:
            name = found[1].lower()
            if not names and name not in _FIRST_FIELDS:
                return 0
            names.add(name)
            last = seen + 1
        elif not names or (not text and len(names) > 2) or seen - last > 6:
            break
        seen += 1
    return last if len(names) > 2 else 0


def _attributed(lines: Sequence[Line], at: int) -> tuple[int, str | None]:
    """An attribution of up to four lines, and whether what follows it has no prefix."""
    depth = lines[at].depth
    joined = ""
    is_lead = bool(_LEAD.match(lines[at].text.strip()))
    for count in range(1, 5 if is_lead else 3):
        if at + count > len(lines) or lines[at + count - 1].depth != depth:
            return 0, None
        piece = lines[at + count - 1].text.strip()
        if not piece:
            return 0, None
        joined = f"{joined} {piece}"[-400:].strip()
        if not _ATTRIBUTION.search(joined):
            continue
        after = at + count
        while after < len(lines) and after < at + count + 3 and not lines[after].text.strip():
            after += 1
        if after < len(lines) and lines[after].depth > depth and lines[after].text.strip():
            return count, None
        if is_lead and _VERBAL.search(joined) and _DATED.search(joined) and after < len(lines):
            return count, "attribution"
        return 0, None
    return 0, None


def _layout(lines: Sequence[Line]) -> str:
    """Where the writer's words stand: top, bottom, inline, or none (quoted alone)."""
    marks = [bool(one.depth) for one in lines if one.text.strip() and not one.is_frame]
    if True not in marks:
        return "none"
    first = marks.index(True)
    last = len(marks) - 1 - marks[::-1].index(True)
    if False in marks[first:last]:
        return "inline"
    if first and last == len(marks) - 1:
        return "top"
    if not first and last < len(marks) - 1:
        return "bottom"
    return "around" if first else "none"


def marked(page: str) -> str:
    """The text of an HTML page, with what stands in a blockquote behind `>` as in plain text."""
    page = _BLOCKQUOTE.sub(
        lambda tag: f"<br>{_CLOSED if tag[0].startswith('</') else _OPENED}<br>",
        page[:MAX_CHARS].replace(_OPENED, "").replace(_CLOSED, ""),
    )
    depth = 0
    told: list[str] = []
    for line in html.text_of(page).split("\n"):
        if line.strip() in {_OPENED, _CLOSED}:
            depth = min(MAX_DEPTH, max(0, depth + (1 if _OPENED in line else -1)))
        else:
            told.append(f"{'>' * depth} {line}" if depth else line)
    return "\n".join(told)
