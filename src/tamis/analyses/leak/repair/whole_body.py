"""What carriers and stores do to a body as a whole, undone: bytes in, bytes out, no keys.

Each step gives the body back unchanged where it does not apply.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from tamis.analyses.leak.repair.links import unwrap_links

if TYPE_CHECKING:
    from collections.abc import Callable

Step = tuple[str, "Callable[[bytes], bytes]"]

_TYPOGRAPHY = (
    ("\u2018", "'"), ("\u2019", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2026", "..."),
    ("\u2013", "-"), ("\u2014", "--"), ("\u00a0", " "), ("\u202f", " "), ("\u00ab", '"'),
    ("\u00bb", '"'), ("\u2022", "*"),
)  # fmt: skip
_ENTITIES = (
    (b"&nbsp;", b" "), (b"&nbsp;", b"\xc2\xa0"), (b"&#39;", b"'"), (b"&quot;", b'"'),
    (b"&amp;", b"&"), (b"&apos;", b"'"), (b"&gt;", b">"), (b"&lt;", b"<"),
)  # fmt: skip


def _sub(pattern: bytes, replacement: bytes) -> Callable[[bytes], bytes]:
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda body: compiled.sub(replacement, body)


def _swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new)


def _without_trailing(body: bytes) -> bytes:
    return b"\r\n".join([line.rstrip(b" \t") for line in body.split(b"\r\n")])


def _without_end_mark(body: bytes) -> bytes:
    bare = body.rstrip(b"\r\n")
    return bare.rstrip(b"\x1a") if bare.endswith(b"\x1a") else body


def _unmangle(body: bytes) -> bytes:
    """UTF-8 that was taken for windows-1252 and encoded once more."""
    try:
        return body.decode("utf-8").encode("cp1252")
    except UnicodeError:
        return body


def _recode(source: str, target: str) -> Callable[[bytes], bytes]:
    def recode(body: bytes) -> bytes:
        try:
            return body if body.isascii() else body.decode(source).encode(target)
        except UnicodeError:
            return body

    return recode


def _compose(form: str) -> Callable[[bytes], bytes]:
    def compose(body: bytes) -> bytes:
        try:
            text = "" if body.isascii() else body.decode("utf-8")
        except UnicodeError:
            return body
        return unicodedata.normalize(form, text).encode() if text else body  # type: ignore[arg-type]

    return compose


def _plain_typography(body: bytes) -> bytes:
    try:
        text = "" if body.isascii() else body.decode("utf-8")
    except UnicodeError:
        return body
    for fancy, plain in _TYPOGRAPHY:
        text = text.replace(fancy, plain)
    return text.encode() or body


def _plain_entities(body: bytes) -> bytes:
    for entity, plain in _ENTITIES:
        body = body.replace(entity, plain)
    return body


_ESCAPE = re.compile(rb"=[0-9A-Fa-f]{2}")
_GLUED = re.compile(rb"(?m)^([^\r\n]{980,1000})!?\r\n ?(?=[^\r\n])")
_FLOWED = re.compile(rb"(?m)(?<=[^ \t\r\n-])\r\n(?=[^\s>-])")

# What changes characters of the line structure: cheap and common, tried first and together.
LINE_STEPS: tuple[Step, ...] = (
    ("mbox_from_unquoted", _sub(rb"^>From ", b"From ")),
    ("mboxrd_from_unquoted", _sub(rb"^>(>+From )", rb"\1")),
    ("mboxrd_from_unquoted_all", _sub(rb"^>(>*From )", rb"\1")),
    ("from_unquoted_at_any_depth", _sub(rb"^>+(From )", rb"\1")),
    ("from_quoted_again", _sub(rb"^From ", b">From ")),
    ("mboxrd_from_quoted_again", _sub(rb"^(>*From )", rb">\1")),
    ("dots_unstuffed", _sub(rb"^\.\.", b".")),
    ("dots_stuffed_again", _sub(rb"^\.", b"..")),
    ("lone_cr_before_crlf_removed", _sub(rb"\r{1,4}\r\n", b"\r\n")),
    ("lone_cr_made_crlf", _sub(rb"\r(?!\n)", b"\r\n")),
    ("lone_cr_removed", _sub(rb"\r(?!\n)", b"")),
    ("blank_lines_on_top_removed", _sub(rb"\A(?:[ \t]*\r\n)+", b"")),
    ("blank_line_on_top_added", lambda body: b"\r\n" + body),
    ("doubled_line_ends_halved", _sub(rb"\r\n\r\n", b"\r\n")),
    ("long_lines_joined", lambda body: _GLUED.sub(rb"\1", body)),
    ("nul_bytes_removed", _swap(b"\0", b"")),
    ("end_of_file_mark_removed", _without_end_mark),
    ("last_line_dot_removed", _sub(rb"^\.\r\n\Z", b"")),
)
# What changes blanks: a relaxed signature does not see most of it.
BLANK_STEPS: tuple[Step, ...] = (
    ("trailing_blanks_removed", _without_trailing),
    ("tabs_made_blanks", _swap(b"\t", b" ")),
    ("tabs_expanded", lambda body: body.expandtabs(8)),
    ("eight_blanks_made_tabs", _swap(b" " * 8, b"\t")),
    ("runs_of_blanks_reduced", _sub(rb"[ \t]{2,}", b" ")),
    ("signature_dashes_completed", _sub(rb"^--(?=\r\n)", b"-- ")),
    ("flowed_blanks_restored", lambda body: _FLOWED.sub(b" \r\n", body)),
    ("leading_blanks_removed", _sub(rb"^[ \t]+", b"")),
    ("no_break_spaces_made_blanks", _swap(b"\xc2\xa0", b" ")),
    ("space_stuffing_removed", _sub(rb"^ (?=From |>| )", b"")),
    ("space_stuffing_restored", _sub(rb"^(?=From |>| )", b" ")),
)
# What changes characters and marks.
TEXT_STEPS: tuple[Step, ...] = (
    ("links_unwrapped", unwrap_links),
    ("disarmed_html_restored", _sub(rb"(?i)<(/?)mailscanner(form|iframe|script|object|img)\d*",
                                    rb"<\1\2")),
    ("web_bug_restored", _sub(rb'(?i)<img [^>]{0,40}src="cid:mailscannerwebbug"', b"<img")),
    ("double_encoding_undone", _unmangle),
    ("utf8_made_latin1", _recode("utf-8", "latin-1")),
    ("utf8_made_windows1252", _recode("utf-8", "cp1252")),
    ("latin1_made_utf8", _recode("latin-1", "utf-8")),
    ("windows1252_made_utf8", _recode("cp1252", "utf-8")),
    ("accents_composed", _compose("NFC")),
    ("accents_decomposed", _compose("NFD")),
    ("typography_made_plain", _plain_typography),
    ("entities_made_plain", _plain_entities),
    ("ampersands_in_links_restored", _sub(rb"&amp;(?=[A-Za-z0-9_]{1,40}=)", b"&")),
    ("no_break_entities_made_blanks", _swap(b"&nbsp;", b" ")),
    ("blanks_made_no_break_entities", _swap(b"\xc2\xa0", b"&nbsp;")),
    ("equals_signs_decoded", _swap(b"=3D", b"=")),
    ("blank_escapes_decoded", _swap(b"=20", b" ")),
    ("soft_line_breaks_joined", _swap(b"=\r\n", b"")),
    ("escapes_in_upper_case", lambda body: _ESCAPE.sub(lambda m: m[0].upper(), body)),
    ("escapes_in_lower_case", lambda body: _ESCAPE.sub(lambda m: m[0].lower(), body)),
    ("links_refanged", lambda body: body.replace(b"hxxp", b"http").replace(b"[.]", b".")),
    ("links_without_tls", _swap(b"https://", b"http://")),
    ("byte_order_mark_removed", _swap(b"\xef\xbb\xbf", b"")),
)  # fmt: skip
