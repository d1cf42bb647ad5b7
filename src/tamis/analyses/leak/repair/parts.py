"""Parts written in another transfer encoding, and multiparts that a list or gateway built, undone.

Each step takes a letter's fields and a body with CRLF and gives another body, or None.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.links import unwrap_links
from tamis.syntax.mail.charset import codec_name
from tamis.syntax.mail.mime import content, is_identity, leaves, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tamis.syntax.mail.mime import Part

PartStep = tuple[str, "Callable[[Sequence[tuple[bytes, bytes]], bytes], bytes | None]"]

_MAX_PARTS = 60
_ENCODING_LINE = re.compile(rb"(?im)^(content-transfer-encoding[ \t]*:[ \t]*)([^\r\n]*)(\r\n)")
_PLAIN = bytes([9, *range(32, 61), *range(62, 127)])
_QUOTED = tuple(bytes((b,)) if b in _PLAIN else b"=%02X" % b for b in range(256))
_BREAKS = re.compile(rb"\r\n|\r|\n")


def quote(data: bytes, width: int, *, is_whole: bool = False) -> bytes:
    """Quoted-printable in lines of at most `width`, soft line breaks included.

    `is_whole` never breaks a line inside the escapes of one UTF-8 character.
    Source    RFC 2045 section 6.7.
    """
    return b"\r\n".join([_quote_line(line, width, is_whole) for line in _BREAKS.split(data)])


# The search writes the same lines many times, each time without another stretch.
@lru_cache(maxsize=4096)
def _quote_line(line: bytes, width: int, is_whole: bool) -> bytes:  # noqa: FBT001 (a cached key)
    pieces = [_QUOTED[b] for b in line]
    if pieces and pieces[-1] in {b" ", b"\t"}:
        pieces[-1] = b"=%02X" % pieces[-1][0]
    if sum(map(len, pieces)) <= width:
        return b"".join(pieces)
    return _broken(_whole(pieces, line) if is_whole else pieces, width)


def quote_early(data: bytes) -> bytes:
    """Quoted-printable as list software writes it: escapes are broken off one place earlier."""
    return binascii.b2a_qp(_BREAKS.sub(b"\n", data)).replace(b"\n", b"\r\n")


def _whole(pieces: list[bytes], line: bytes) -> list[bytes]:
    joined: list[bytes] = []
    for byte, piece in zip(line, pieces, strict=True):
        if joined and 0x80 <= byte < 0xC0:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _broken(pieces: list[bytes], width: int) -> bytes:
    lines: list[bytes] = []
    current: list[bytes] = []
    length = 0
    left = sum(map(len, pieces))
    for piece in pieces:
        # A line that is the last one needs no room for the mark.
        if length + len(piece) > width - 1 and length + left > width:
            lines.append(b"".join(current) + b"=")
            current, length = [], 0
        current.append(piece)
        length += len(piece)
        left -= len(piece)
    return b"\r\n".join([*lines, b"".join(current)])


def wrap_base64(data: bytes, width: int) -> bytes:
    """Base64 in lines of `width`, none longer; 0 means one line."""
    text = base64.b64encode(data)
    if not width:
        return text
    return b"\r\n".join([text[i : i + width] for i in range(0, len(text), width)])


# How mailers write one content: the name says which encoding and how its lines break.
QUOTED_STYLES: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("quoted_printable_76", lambda data: quote(data, 76)),
    ("quoted_printable_76_whole_letters", lambda data: quote(data, 76, is_whole=True)),
    ("quoted_printable_76_early", quote_early),
    ("quoted_printable_75", lambda data: quote(data, 75)),
    ("quoted_printable_72", lambda data: quote(data, 72)),
    ("quoted_printable_unbroken", lambda data: quote(data, 998)),
)
BASE64_STYLES: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("base64_76", lambda data: wrap_base64(data, 76)),
    ("base64_72", lambda data: wrap_base64(data, 72)),
    ("base64_64", lambda data: wrap_base64(data, 64)),
    ("base64_60", lambda data: wrap_base64(data, 60)),
    ("base64_one_line", lambda data: wrap_base64(data, 0)),
)


def rebuild(
    fields: Sequence[tuple[bytes, bytes]],
    body: bytes,
    rewrite: Callable[[Part, bytes], bytes | None],
    label: bytes | None,
) -> bytes | None:
    """The body with each leaf that `rewrite` writes anew; None where it writes none.

    Input     `rewrite(part, decoded)` gives the new bytes of a part, None to leave it; `label` is
              the transfer encoding to declare where the part declares one, None to leave it.
    """
    tree = walk(body, fields, 0)
    if len(tree.parts) > _MAX_PARTS:
        return None
    out: list[bytes] = []
    last = 0
    for part in leaves(tree):
        decoded, trouble = content(body, part)
        new = None if trouble else rewrite(part, decoded)
        if new is None:
            continue
        head = body[last : part.byte_start]
        if label is not None:
            head = _relabel(head, label)
        out += [head, _with_end(new, body[part.byte_start : part.byte_end])]
        last = part.byte_end
    return b"".join([*out, body[last:]]) if out else None


def _with_end(new: bytes, old: bytes) -> bytes:
    """Encoded bytes with the blank lines at the end that the part had."""
    count = (len(old) - len(old.rstrip(b"\r\n"))) // 2
    return new.rstrip(b"\r\n") + b"\r\n" * count


def _relabel(head: bytes, label: bytes) -> bytes:
    """A stretch of part headers whose last transfer encoding is `label`."""
    lines = list(_ENCODING_LINE.finditer(head))
    if not lines or lines[-1][2].strip().lower() == label.lower():
        return head
    found = lines[-1]
    return head[: found.start(2)] + label + head[found.end(2) :]


def _is_text(part: Part) -> bool:
    return part.shown_type.startswith("text/")


def _styled(
    style: Callable[[bytes], bytes], label: bytes, *, texts_only: bool, wants: str
) -> Callable[[Sequence[tuple[bytes, bytes]], bytes], bytes | None]:
    """A step that writes leaves anew; `wants` says which: same, other or eight_bit."""

    def rewrite(part: Part, decoded: bytes) -> bytes | None:
        if texts_only and not _is_text(part):
            return None
        is_same = part.transfer_encoding == label.decode()
        if (wants == "same") != is_same:
            return None
        if wants == "eight_bit" and decoded.isascii():
            return None
        return style(decoded)

    def step(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
        return rebuild(fields, body, rewrite, None if wants == "same" else label)

    return step


def _to_identity(label: bytes) -> Callable[[Sequence[tuple[bytes, bytes]], bytes], bytes | None]:
    def rewrite(part: Part, decoded: bytes) -> bytes | None:
        if is_identity(part) or not _is_text(part):
            return None
        if label == b"7bit" and not decoded.isascii():
            return None
        return _BREAKS.sub(b"\r\n", decoded)

    return lambda fields, body: rebuild(fields, body, rewrite, label)


def _links(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
    """Links of encoded texts as they were, the texts written as the commonest mailers write."""

    def rewrite(part: Part, decoded: bytes) -> bytes | None:
        if is_identity(part) or not _is_text(part):
            return None
        new = unwrap_links(decoded)
        if new == decoded:
            return None
        return wrap_base64(new, 76) if part.transfer_encoding == "base64" else quote(new, 76)

    return rebuild(fields, body, rewrite, None)


def _recharset(name: str) -> Callable[[Sequence[tuple[bytes, bytes]], bytes], bytes | None]:
    """Texts of another charset; the label in a part's header is left as it stands."""

    def rewrite(part: Part, decoded: bytes) -> bytes | None:
        codec = codec_name(part.charset or "utf-8")
        if not _is_text(part) or decoded.isascii() or codec is None or is_identity(part):
            return None
        try:
            new = decoded.decode(codec).encode(name)
        except (UnicodeError, ValueError):
            return None
        if new == decoded:
            return None
        return wrap_base64(new, 76) if part.transfer_encoding == "base64" else quote(new, 76)

    return lambda fields, body: rebuild(fields, body, rewrite, None)


def _unwrap(rank: int) -> Callable[[Sequence[tuple[bytes, bytes]], bytes], bytes | None]:
    """The body of one part of the outermost multipart, as a list wraps what it carries."""

    def step(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
        tree = walk(body, fields, 0)
        if not tree.parts or not tree.parts[0].is_multipart:
            return None
        inner = [part for part in tree.parts if part.parent_position == 0]
        if len(inner) < 2 or rank >= len(inner):
            return None
        return body[inner[rank].byte_start : inner[rank].byte_end] + b"\r\n"

    return step


def _without_preamble(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
    tree = walk(body, fields, 0)
    if len(tree.parts) < 2:
        return None
    head = body[: tree.parts[1].byte_start]
    start = 0 if head.startswith(b"--") else head.find(b"\r\n--") + 2
    return body[start:] if start > 1 else None


def _without_epilogue(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
    tree = walk(body, fields, 0)
    if not tree.parts or not tree.parts[0].is_multipart:
        return None
    end = tree.parts[0].byte_end
    return body[:end] + b"\r\n" if body[end:].strip() else None


def _preamble(text: bytes) -> Callable[[Sequence[tuple[bytes, bytes]], bytes], bytes | None]:
    return lambda _fields, body: text + body if body.startswith(b"--") else None


def _unpadded(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
    """Empty lines before delimiters taken out, but for the line end that belongs to them."""
    tree = walk(body, fields, 0)
    out, last = [], 0
    for part in leaves(tree):
        bare = len(body[part.byte_start : part.byte_end].rstrip(b"\r\n"))
        out.append(body[last : part.byte_start + bare])
        last = part.byte_end
    return b"".join([*out, body[last:]]) if len(tree.parts) > 1 else None


def _padded(fields: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes | None:
    tree = walk(body, fields, 0)
    out, last = [], 0
    for part in leaves(tree):
        out += [body[last : part.byte_end], b"\r\n"]
        last = part.byte_end
    return b"".join([*out, body[last:]]) if len(tree.parts) > 1 else None


PART_STEPS: tuple[PartStep, ...] = (
    ("wrapping_of_list_removed", _unwrap(0)),
    ("wrapping_of_gateway_removed", _unwrap(1)),
    ("text_after_last_part_removed", _without_epilogue),
    ("text_before_first_part_removed", _without_preamble),
    ("usual_preamble_added", _preamble(b"This is a multi-part message in MIME format.\r\n")),
    ("usual_preamble_and_line_added",
     _preamble(b"This is a multi-part message in MIME format.\r\n\r\n")),
    ("empty_lines_at_part_ends_removed", _unpadded),
    ("empty_line_at_part_ends_added", _padded),
    ("eight_bit_restored", _to_identity(b"8bit")),
    ("seven_bit_restored", _to_identity(b"7bit")),
    ("links_in_encoded_text_unwrapped", _links),
    *((f"{name}_again", _styled(style, b"quoted-printable", texts_only=True, wants="same"))
      for name, style in QUOTED_STYLES),
    *((f"{name}_again", _styled(style, b"base64", texts_only=False, wants="same"))
      for name, style in BASE64_STYLES),
    *((f"{name}_restored", _styled(style, b"quoted-printable", texts_only=True, wants="other"))
      for name, style in QUOTED_STYLES),
    *((f"{name}_restored_for_eight_bit",
       _styled(style, b"quoted-printable", texts_only=True, wants="eight_bit"))
      for name, style in QUOTED_STYLES[:2]),
    *((f"{name}_restored", _styled(style, b"base64", texts_only=True, wants="other"))
      for name, style in BASE64_STYLES),
    *((f"{name}_restored_for_eight_bit",
       _styled(style, b"base64", texts_only=True, wants="eight_bit"))
      for name, style in BASE64_STYLES[:1]),
    ("base64_76_without_last_line_end_restored",
     _styled(lambda data: wrap_base64(data.removesuffix(b"\r\n"), 76), b"base64",
             texts_only=True, wants="other")),
    ("charset_utf8_restored", _recharset("utf-8")),
    ("charset_latin1_restored", _recharset("latin-1")),
    ("charset_windows1252_restored", _recharset("cp1252")),
)  # fmt: skip
