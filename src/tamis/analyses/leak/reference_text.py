"""Two messages side by side: what their bodies show besides the decoded text, and a diff."""

from __future__ import annotations

import hashlib
import html as entities
import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from tamis.analyses.leak import file_kinds
from tamis.analyses.leak.file_kinds import Attached
from tamis.syntax.mail import charset, headers, html, mime

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINES = 4_000
MAX_WORDS = 20_000
MAX_CHARS = 400_000
_SHOWN_LINES = 60
_SHOWN_CHARS = 240
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
_LINK = re.compile(
    r"(?:href|src|action)\s*=\s*(?:\"([^\"]{0,4096})|'([^']{0,4096})|([^\s>\"']{1,4096}))",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Faces:
    """What differs between two bodies beyond the decoded text."""

    differing: list[str] = field(default_factory=list)
    uncounted: list[str] = field(default_factory=list)
    shown: tuple[str, str] | None = None
    is_same_files: bool = True
    file_kinds: tuple[str, ...] = ()


class Changes(NamedTuple):
    """A diff in lines, how alike the texts are, and whether anything was cut."""

    text: str
    similarity: float
    is_cut: bool


class Leaves(NamedTuple):
    """The plain texts and the pages of a body, and its files, ordered by their hashes."""

    plain: list[str]
    pages: list[str]
    files: list[Attached]


def faces(original: bytes, leaked: bytes) -> Faces:
    """What two messages show besides the text that was compared before: HTML and its links.

    Limits    An HTML page counts by its visible words and the targets of its links. A page that
              only one side has counts when it shows other words than the plain text beside it.
    """
    found = Faces()
    one, two = leaves(original), leaves(leaked)
    if [file.key for file in one.files] != [file.key for file in two.files]:
        found.is_same_files = False
        found.file_kinds = tuple(file_kinds.kinds(one.files, two.files))
        found.differing.append("attachments")
    if one[:2] == two[:2]:
        return found
    before, after = ([_visible(page) for page in side.pages] for side in (one, two))
    if after and not before and one.plain:
        words = _spaceless(" ".join(one.plain))
        if any(_spaceless(page) != words for page in after):
            found.differing.append("html")
            found.shown = ("\n".join(one.plain), "\n".join(after))
        elif any(map(_links, two.pages)):
            found.differing.append("links")
            found.shown = (
                "\n".join(one.plain),
                "\n".join(link for page in two.pages for link in _links(page)),
            )
        else:
            found.uncounted.append("an HTML page of the same words")
        return found
    if before and not after:
        found.uncounted.append("no HTML page")
    elif list(map(_spaceless, before)) != list(map(_spaceless, after)):
        found.differing.append("html")
        found.shown = ("\n".join(before), "\n".join(after))
    elif (old := [_links(page) for page in one.pages]) != (
        new := [_links(page) for page in two.pages]
    ):
        found.differing.append("links")
        found.shown = ("\n".join(chain.from_iterable(old)), "\n".join(chain.from_iterable(new)))
    elif one.pages != two.pages:
        found.uncounted.append("HTML markup")
    return found


def leaves(raw: bytes) -> Leaves:
    """The texts of a body, in order: plain ones, and HTML pages."""
    block = headers.split(raw)
    tree = mime.walk(raw, [(one.name, one.value) for one in block.fields], block.body_start)
    plain: list[str] = []
    pages: list[str] = []
    files: list[Attached] = []
    for part in mime.leaves(tree):
        is_file = part.disposition == "attachment" or part.name is not None
        if not part.shown_type.startswith("text/") or (
            is_file and part.parent_position is not None
        ):
            files.append(_attached(raw, part))
            continue
        text, _ = charset.decode(mime.content(raw, part)[0], part.charset)
        text = text.replace("\r\n", "\n")[:MAX_CHARS]
        (pages if part.shown_type == "text/html" else plain).append(text.strip())
    return Leaves(plain, pages, sorted(files))


def _attached(raw: bytes, part: mime.Part) -> Attached:
    """What is attached; line ends count in its hash only where base64 protects them."""
    data, _ = mime.content(raw, part)
    if part.transfer_encoding not in {"base64", "x-uuencode", "uuencode"}:
        data = data.replace(b"\r\n", b"\n").rstrip(b"\r\n")
    key = hashlib.sha256(data).hexdigest()
    return Attached(key, part.shown_type, data, part.disposition != "attachment")


def _visible(page: str) -> str:
    return html.text_of(page)


def _spaceless(text: str) -> str:
    return "".join(_INVISIBLE.sub("", text).split())


def _links(page: str) -> list[str]:
    return [entities.unescape(next(filter(None, one), "")).strip() for one in _LINK.findall(page)]


def changes(original: str, leaked: str) -> Changes:
    """What was taken out (-) and put in (+), line by line; similarity by words, 0 to 1.

    Limits    the first 400,000 characters, 4,000 lines and 20,000 words of each text; at most 60
              changed lines are shown, of a long line the stretch that changed
    """
    from rapidfuzz.distance import Indel, Levenshtein  # noqa: PLC0415  only where it is needed

    is_cut = max(len(original), len(leaked)) > MAX_CHARS
    old_text, new_text = original[:MAX_CHARS], leaked[:MAX_CHARS]
    old, new = _lines(old_text), _lines(new_text)
    is_cut |= max(len(old), len(new)) > MAX_LINES
    old, new = old[:MAX_LINES], new[:MAX_LINES]
    told: list[str] = []
    for step in Levenshtein.opcodes(old, new):
        if step.tag == "equal":
            continue
        told += _block(old[step.src_start : step.src_end], new[step.dest_start : step.dest_end])
    words = [text.split()[:MAX_WORDS] for text in (old_text, new_text)]
    alike = float(Indel.normalized_similarity(words[0], words[1]))
    if len(told) > _SHOWN_LINES:
        is_cut = True
        told = [*told[:_SHOWN_LINES], f"… and {len(told) - _SHOWN_LINES:,} more lines"]
    return Changes("\n".join(told), round(alike, 4), is_cut)


def _lines(text: str) -> list[str]:
    """Lines without what no reader sees: spaces at their ends, empty lines."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _block(old: Sequence[str], new: Sequence[str]) -> list[str]:
    if len(old) == len(new) == 1:
        old, new = _around(old[0], new[0])
    return [f"- {_short(one)}" for one in old] + [f"+ {_short(one)}" for one in new]


def _around(old: str, new: str) -> tuple[list[str], list[str]]:
    """Of two long lines the stretch that differs, with a few words before and after."""
    if max(len(old), len(new)) <= _SHOWN_CHARS:
        return [old], [new]
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    start = max(0, same - 60)
    mark = "…" if start else ""
    return [mark + old[start:]], [mark + new[start:]]


def _short(line: str) -> str:
    return line if len(line) <= _SHOWN_CHARS else f"{line[:_SHOWN_CHARS]}…"
