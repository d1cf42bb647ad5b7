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
    b"This is an S/MIME signed message",
    b"This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
    b"This is an OpenPGP/MIME signed message (RFC 2440 and 3156)",
)
_MAX_CHILDREN = 200
_MAX_TEXT = 2_000_000
_SUBTYPES = ("mixed", "alternative", "related")
# What a mailer writes into the plain text for an address, a link or an image; bounded, so that
# hostile text costs linear time.
_ASIDE = re.compile(r"<[^<>\s]{1,500}>|\[(?:image|cid):[^\]]{0,500}\]|(?<![a-z])[a-z]{2,10}://\S+")
_WORD = re.compile(r"\w+")
# Long texts that share this share of their words say the same: a mailer that makes one of the other
# differs by list numbers and link texts, a sender who puts two texts side by side by far more.
# Below the lower bound they do not belong together; short texts must agree in every word.
_SAME_SHARE = 0.9
_AKIN_SHARE = 0.8
_LONG = 20  # words


def judge_multipart(subtype: str, params: Mapping[str, str], body: bytes) -> Ruling:
    """Whether a multipart declared by an unsigned field shows the same in all its readings.

    Source    RFC 2046 section 5.1. The declared boundary must be the body's only outer delimiter:
              nothing but a standard sentence before it, nothing after it is closed, and no line
              that merely begins with it.
    """
    boundary = params.get("boundary", "")
    odd = set(params) - {"boundary", "charset"} - ({"type"} if subtype == "related" else set())
    why: str | None = None
    if not _BOUNDARY.match(boundary):
        why = "the unsigned boundary is not a plain one"
    elif subtype not in _SUBTYPES:
        why = f"the type multipart/{subtype[:20]} is unsigned and decides what is shown"
    elif odd:
        why = f"the unsigned type has the parameter {min(odd)[:20]!r}"
    else:
        why = check_frame(boundary.encode("ascii"), body)
    return _against(why) if why else _judge_children(subtype, params, body)


def _against(why: str) -> Ruling:
    return Ruling(Grade.CONTRADICTED, why)


def check_frame(boundary: bytes, body: bytes) -> str | None:
    """What speaks against `boundary` as the only outer delimiter, None if nothing does."""
    begins = re.compile(rb"^--" + re.escape(boundary) + rb"[^\n]*", re.MULTILINE)
    exact = re.compile(rb"--" + re.escape(boundary) + rb"(--)?[ \t]*\r?\Z")
    found = list(begins.finditer(body))
    lines = [exact.match(match[0]) for match in found]
    closing = [bool(line and line[1]) for line in lines]
    why = None
    if b"\0" in body or b"\r" in body.replace(b"\r\n", b""):
        why = "the body holds NUL or a CR that ends no line"
    elif None in lines:
        why = "a line begins like the unsigned boundary and is another"
    elif len(found) < 2 or closing.count(True) != 1 or not closing[-1]:
        why = "the unsigned boundary does not enclose the body exactly once"
    elif body[: found[0].start()].strip() not in _PREAMBLES:
        why = "text stands before the first part, where readers do not show it"
    elif body[found[-1].end() :].strip():
        why = "text stands after the last part, where readers do not show it"
    return why


def _judge_children(subtype: str, params: Mapping[str, str], body: bytes) -> Ruling:
    value = f'multipart/{subtype}; boundary="{params["boundary"]}"'.encode()
    tree = walk(body, [(b"Content-Type", value)], 0)
    children = [part for part in tree.parts if part.parent_position == 0]
    if not children or len(children) > _MAX_CHILDREN or tree.notes:
        return _against("the parts cannot be taken apart")
    texts = [part for part in children if _is_body(part)]
    others = [part for part in children if not _is_body(part)]
    why = _check_order(subtype, params, texts, others)
    if why:
        return _against(why)
    if not texts or children[0] is not texts[0]:
        if subtype == "related":
            return _against("the unsigned root of a related multipart is no text")
        return _open(subtype, "an attachment comes first")
    if subtype == "related" and others and _references(body, tree.parts) < len(others):
        return _against("images are declared to belong to a text that does not show them")
    share = _least_share(body, tree.parts, texts)
    return EVIDENT if share >= _SAME_SHARE else _judge_different(subtype, texts, share)


def _check_order(
    subtype: str, params: Mapping[str, str], texts: list[Part], others: list[Part]
) -> str | None:
    """What speaks against a subtype by the kinds of its parts, None if nothing does."""
    root = params.get("type")
    if subtype == "alternative" and others:
        return "attachments are declared to be alternatives of the text"
    if subtype == "related":
        if not texts or (root is not None and root.lower() != texts[0].shown_type):
            return "the unsigned root of a related multipart is not its first text"
        if any(
            not part.shown_type.startswith("image/") or part.disposition == "attachment"
            for part in others
        ):
            return "an attachment is declared to belong to the text"
    return None


def _references(body: bytes, parts: tuple[Part, ...]) -> int:
    """How often HTML among the parts shows another part by its Content-ID."""
    pages = [part for part in parts if part.shown_type == "text/html"]
    return sum(content(body, part)[0].lower().count(b"cid:") for part in pages)


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
    share = (one & other).total() / most if most else 1.0
    return share if share == 1.0 or most >= _LONG else 0.0


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
