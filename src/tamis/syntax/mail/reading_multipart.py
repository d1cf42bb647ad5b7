"""Which readings a body admits as a multipart: its outer delimiter, its parts, its subtype."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tamis.syntax.mail.charset import decode as decode_charset
from tamis.syntax.mail.html import text_of as html_text
from tamis.syntax.mail.mime import Part, content, walk
from tamis.syntax.mail.reading_text import EVIDENT, Grade, Ruling

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}\Z")
_PREAMBLES = (
    b"",
    b"This is a multi-part message in MIME format.",
    b"This is a multipart message in MIME format.",
    b"This is a multi-part message in MIME format...",
    b"This is a cryptographically signed message in MIME format.",
    b"This is a message with multiple parts in MIME format.",
)
_MAX_CHILDREN = 200
_MAX_TEXT = 2_000_000
_SUBTYPES = ("mixed", "alternative", "related")
_ASIDE = re.compile(r"<[^<>\s]*[@:/][^<>\s]*>|\[(?:image|cid):[^\]]*\]|[a-z]+://\S+")
_WORD = re.compile(r"\w+")
# Two texts of one message that share this share of their words say the same; a sender who put two
# different texts side by side shares far less. Below the lower bound they do not belong together.
_SAME_SHARE = 0.9
_AKIN_SHARE = 0.5


def judge_multipart(subtype: str, params: Mapping[str, str], body: bytes) -> Ruling:
    """Whether a multipart declared by an unsigned field shows the same in all its readings.

    Source    RFC 2046 section 5.1. The declared boundary must be the body's only outer delimiter:
              nothing but a standard sentence before it, nothing after it is closed, and no line
              that merely begins with it.
    """
    boundary = params.get("boundary", "")
    if not _BOUNDARY.match(boundary):
        return _against("the unsigned boundary is not a plain one")
    if subtype not in _SUBTYPES:
        return _against(f"the type multipart/{subtype[:20]} is unsigned and decides what is shown")
    odd = set(params) - {"boundary", "charset"} - ({"type"} if subtype == "related" else set())
    if odd:
        return _against(f"the unsigned type has the parameter {min(odd)[:20]!r}")
    why = _check_frame(boundary.encode("ascii"), body)
    if why:
        return _against(why)
    return _judge_children(subtype, params, body)


def _against(why: str) -> Ruling:
    return Ruling(Grade.CONTRADICTED, why)


def _check_frame(boundary: bytes, body: bytes) -> str | None:
    """What speaks against `boundary` as the only outer delimiter, None if nothing does."""
    if b"\0" in body or b"\r" in body.replace(b"\r\n", b""):
        return "the body holds NUL or a CR that ends no line"
    begins = re.compile(rb"^--" + re.escape(boundary) + rb"[^\n]*", re.MULTILINE)
    exact = re.compile(rb"--" + re.escape(boundary) + rb"(--)?[ \t]*\r?\Z")
    kinds = []
    first = last = None
    for match in begins.finditer(body):
        line = exact.match(match[0])
        if line is None:
            return "a line begins like the unsigned boundary and is another"
        kinds.append(bool(line[1]))
        first = match if first is None else first
        last = match
    if first is None or last is None or len(kinds) < 2:
        return "the unsigned boundary does not enclose the body"
    if kinds.count(True) != 1 or not kinds[-1]:
        return "the unsigned boundary does not close the body exactly once, at its end"
    if body[: first.start()].strip() not in _PREAMBLES:
        return "text stands before the first part, where readers do not show it"
    if body[last.end() :].strip():
        return "text stands after the last part, where readers do not show it"
    return None


def _judge_children(subtype: str, params: Mapping[str, str], body: bytes) -> Ruling:
    value = f'multipart/{subtype}; boundary="{params["boundary"]}"'.encode()
    tree = walk(body, [(b"Content-Type", value)], 0)
    children = [part for part in tree.parts if part.parent_position == 0]
    if not children or len(children) > _MAX_CHILDREN or tree.notes:
        return _against("the parts cannot be taken apart")
    texts = [part for part in children if _is_body(part)]
    others = [part for part in children if not _is_body(part)]
    if not texts:
        # Attachments alone: as alternatives all but one would be hidden.
        return EVIDENT if len(children) == 1 else _open(subtype, "attachments only")
    if subtype == "alternative":
        if others:
            return _against("attachments are declared to be alternatives of the text")
    elif children[0] is not texts[0]:
        return _open(subtype, "an attachment comes first")
    if subtype == "related":
        ruling = _judge_related(params, texts, others)
        if ruling is not None:
            return ruling
    share = _least_share(body, tree.parts, texts)
    if share >= _SAME_SHARE:
        return EVIDENT
    return _judge_different(subtype, texts, share)


def _judge_related(
    params: Mapping[str, str], texts: list[Part], others: list[Part]
) -> Ruling | None:
    """What speaks against a related multipart, None if the texts decide."""
    root = params.get("type")
    if root is not None and root.lower() != texts[0].shown_type:
        return _against("the unsigned root type is not that of the first part")
    if any(not part.shown_type.startswith("image/") for part in others):
        return _against("a part other than an image is declared to belong to the text")
    return None


def _judge_different(subtype: str, texts: list[Part], share: float) -> Ruling:
    """The ruling where the texts of the parts differ."""
    kinds = [part.shown_type for part in texts]
    if subtype == "alternative":
        is_usual = len(set(kinds)) == len(kinds) and kinds[0] == "text/plain"
        if is_usual and share >= _AKIN_SHARE:
            return _open(subtype, "its texts are not quite the same")
        return _against("the texts declared to be alternatives say different things")
    if subtype == "mixed" and "text/html" not in kinds[1:] and kinds[0] != "text/html":
        return _open(subtype, "it has several texts")
    return _against(f"texts that may be alternatives are declared to be {subtype}")


def _open(subtype: str, why: str) -> Ruling:
    return Ruling(Grade.OPEN, f"the type multipart/{subtype} is unsigned: {why}")


def _is_body(part: Part) -> bool:
    """Whether a part is shown in line as text, or holds such parts."""
    if part.disposition == "attachment":
        return False
    if part.is_multipart or part.shown_type.startswith(("multipart/", "message/")):
        return True
    return part.shown_type.startswith("text/") and part.name is None


def _least_share(body: bytes, parts: tuple[Part, ...], texts: list[Part]) -> float:
    """The smallest share of words that any two texts have in common, 1 for a single text."""
    if len(texts) == 1:
        return 1.0
    if len(texts) > 8 or len(body) > 20 * _MAX_TEXT:
        return 0.0
    counted = [_words(body, parts, part) for part in texts]
    return min(
        _share(one, other) for rank, one in enumerate(counted) for other in counted[rank + 1 :]
    )


def _share(one: Counter[str] | None, other: Counter[str] | None) -> float:
    if one is None or other is None:
        return 0.0
    most = max(one.total(), other.total())
    return (one & other).total() / most if most else 1.0


def _words(body: bytes, parts: tuple[Part, ...], part: Part) -> Counter[str] | None:
    """The words that a part shows, None where it shows more than one text."""
    leaves = [part]
    while leaves and leaves[0].is_multipart:
        inner = [one for one in parts if one.parent_position == leaves[0].position]
        if any(one.disposition == "attachment" for one in inner):
            return None
        leaves = [one for one in inner if _is_body(one)]
        if len(leaves) != 1:
            return None
    if not leaves or not leaves[0].shown_type.startswith("text/"):
        return None
    raw = content(body, leaves[0])[0]
    if len(raw) > _MAX_TEXT:
        return None
    text = decode_charset(raw, leaves[0].charset)[0]
    if leaves[0].shown_type == "text/html":
        text = html_text(text)
    elif leaves[0].shown_type != "text/plain":
        return None
    return Counter(_WORD.findall(_ASIDE.sub(" ", text.casefold())))
