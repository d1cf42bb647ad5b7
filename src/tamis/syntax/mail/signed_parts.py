"""Where a message carries S/MIME or OpenPGP signatures, and whether they cover all it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamis.syntax.mail.dkim_facts import SignatureFacts
from tamis.syntax.mail.mime import Part, Tree, content, is_identity, walk
from tamis.syntax.mail.reading import EVIDENT, judge_reading, read_type
from tamis.syntax.mail.reading_multipart import check_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamis.syntax.mail.display import Display
    from tamis.syntax.mail.headers import Headers

MAX_SIGNED = 8
_DETACHED = {
    "application/pkcs7-signature": "smime",
    "application/x-pkcs7-signature": "smime",
    "application/pgp-signature": "openpgp",
}
_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNED_PARAMS = frozenset({"boundary", "protocol", "micalg", "charset"})
_OPAQUE_PARAMS = frozenset({"smime-type", "name", "charset"})
_CLEAR = b"-----BEGIN PGP SIGNED MESSAGE-----"


@dataclass(frozen=True, slots=True)
class SignedPart:
    """One signed place: its kind (smime or openpgp) and form (detached, opaque or clear).

    `signed` are the bytes as they stand in the message (None for opaque, which holds its own),
    `signature` what signs them; for clear both are inside `signature`. `open_why` says what is
    shown outside of what is signed, None where nothing is.
    """

    kind: str
    form: str
    signed: bytes | None
    signature: bytes
    byte_start: int
    byte_end: int
    open_why: str | None


def may_be_signed(raw: bytes, headers: Headers, display: Display) -> bool:
    """Whether it is worth taking the message apart: a look at one field and three searches."""
    ranks = display.ranks.get(b"content-type", ())
    if any(b"/signed" in headers.fields[rank].value.lower() for rank in ranks[:4]):
        return True
    return b"pkcs7" in raw or b"PKCS7" in raw or b"-----BEGIN PGP SIG" in raw


def find_signed(raw: bytes, headers: Headers, display: Display) -> tuple[Tree, list[SignedPart]]:
    """The parts of a message, and its signed places, outermost first; never raises.

    Source    RFC 1847 section 2.1, RFC 8551 section 3.5, RFC 3156 section 5, RFC 9580 section 7.
    Limits    At most eight places.
    """
    tree = walk(raw, [(one.name, one.value) for one in headers.fields], headers.body_start)
    found: list[SignedPart] = []
    for one in _places(raw, headers, display, tree):
        found.append(one)
        if len(found) == MAX_SIGNED:
            break
    return tree, found


def _places(raw: bytes, headers: Headers, display: Display, tree: Tree) -> Iterator[SignedPart]:
    for part in tree.parts:
        if part.media_type == "multipart/signed" and part.is_multipart:
            children = _children(tree, part)
            kind = _DETACHED.get(children[1].shown_type) if len(children) > 1 else None
            if kind is None:
                continue
            first, second = children[:2]
            yield SignedPart(
                kind,
                "detached",
                raw[first.header_start : _delimiter_before(raw, second)],
                content(raw, second)[0],
                second.byte_start,
                second.byte_end,
                _why_open(raw, headers, display, tree, part),
            )
        elif part.media_type in _OPAQUE:
            why = _why_outside(raw, headers, display, part, _OPAQUE_PARAMS)
            data, trouble = content(raw, part)
            yield SignedPart(
                "smime", "opaque", None, data, part.byte_start, part.byte_end, why or trouble
            )
        elif not part.is_multipart and part.shown_type.startswith("text/"):
            yield from _clear(raw, headers, display, part)


def _delimiter_before(raw: bytes, part: Part) -> int:
    """Where the line end before the delimiter of a part begins: there ends the part before it.

    A multipart inside ends at its own close, but what follows that close is signed too.
    """
    end = raw.rfind(b"\n", 0, max(0, part.header_start - 1))
    return end - 1 if end > 0 and raw[end - 1 : end] == b"\r" else max(0, end)


def _children(tree: Tree, part: Part) -> list[Part]:
    return [one for one in tree.parts if one.parent_position == part.position]


def _clear(raw: bytes, headers: Headers, display: Display, part: Part) -> Iterator[SignedPart]:
    if is_identity(part) and raw.find(_CLEAR, part.byte_start, part.byte_end) < 0:
        return
    text, trouble = content(raw, part)
    if _CLEAR not in text:
        return
    why = trouble
    if part.position or part.shown_type != "text/plain" or display.defects or display.conflicts:
        why = "it is one part of the message, or readers disagree about the message"
    elif why is None:
        # Trailing blanks are not signed, so the reading is judged as under a relaxed form.
        nothing = SignatureFacts(0, 0, 0, canonicalization="simple/relaxed")
        ruling = judge_reading(raw, headers, display, nothing)
        why = None if ruling == EVIDENT else ruling.why
    yield SignedPart("openpgp", "clear", None, text, part.byte_start, part.byte_end, why)


def _why_open(raw: bytes, headers: Headers, display: Display, tree: Tree, part: Part) -> str | None:
    """What may be shown outside of a detached signature's part, None if nothing is."""
    why = _why_outside(raw, headers, display, part, _SIGNED_PARAMS)
    if why is not None:
        return why
    if tree.notes or len(_children(tree, part)) != 2:
        return "the parts cannot be taken apart, or there are more than two"
    value = _type_value(headers, display)
    declared = read_type(value)
    boundary = declared[2].get("boundary", "") if declared else ""
    if not boundary.isascii():
        return "the boundary is not a plain one"
    return check_frame(boundary.encode("ascii"), raw[headers.body_start :])


def _why_outside(
    raw: bytes, headers: Headers, display: Display, part: Part, params: frozenset[str]
) -> str | None:
    """What speaks against a part as the whole of what is shown, by the outer fields alone."""
    value = _type_value(headers, display)
    declared = None if value is None else read_type(value)
    is_coded = part.transfer_encoding == "base64" and not part.is_multipart
    why: str | None = None
    if part.position:
        why = "it is one part of the message"
    elif display.defects or display.conflicts:
        why = "readers disagree about the header block"
    elif declared is None or set(declared[2]) - params:
        why = "the outer Content-Type is not written plainly"
    elif not is_coded and not is_identity(part):
        why = "the outer Content-Transfer-Encoding decides what is shown"
    elif display.count(b"mime-version") != 1:
        why = "MIME-Version does not stand once"
    elif display.count(b"content-disposition") and part.is_multipart:
        why = "an outer Content-Disposition decides what is shown"
    elif not raw[headers.body_start :].strip():
        why = "the body is empty"
    return why


def _type_value(headers: Headers, display: Display) -> str | None:
    ranks = display.ranks.get(b"content-type", ())
    if len(ranks) != 1:
        return None
    value = headers.fields[ranks[0]].value
    return value.decode("latin-1").lstrip(" \t") if value.isascii() else None
