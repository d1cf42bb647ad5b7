"""Messages as bytes: header encoding, body encodings, parts, all by hand and with CRLF."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamis.simulate.dice import Dice
    from tamis.simulate.signing import Field

_FOLD_AT = 76
_QUOTED = tuple(
    chr(b) if (33 <= b <= 126 and b != 61) or b in {9, 32} else f"={b:02X}" for b in range(256)
)


@dataclass(frozen=True, slots=True)
class Mail:
    """Header fields in their order, and the body; both with CRLF."""

    fields: tuple[Field, ...]
    body: bytes

    def render(self) -> bytes:
        """The whole message."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.fields)
        return head.encode("ascii") + b"\r\n" + self.body

    def topped(self, *fields: Field) -> Mail:
        """The message with these fields on top."""
        return replace(self, fields=(*fields, *self.fields))

    def get(self, name: str) -> str:
        """The first value of a field, or the empty string."""
        return next((v for n, v in self.fields if n.lower() == name.lower()), "")

    def changed(self, name: str, value: str) -> Mail:
        """The message with that field's values replaced."""
        fields = tuple((n, value if n.lower() == name.lower() else v) for n, v in self.fields)
        return replace(self, fields=fields)


@dataclass(frozen=True, slots=True)
class File:
    """An attachment."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What a body shall hold, and how it shall be written."""

    text: str
    html: bool = False
    encoding: str = "quoted-printable"
    files: tuple[File, ...] = field(default=())


def words(text: str) -> str:
    """Text for a header: as it is when ASCII, else encoded words of RFC 2047."""
    if text.isascii():
        return text
    out: list[str] = []
    piece = b""
    for letter in text:
        raw = letter.encode()
        if len(piece) + len(raw) > 42:
            out.append(piece.decode())
            piece = b""
        piece += raw
    out.append(piece.decode())
    return "\r\n ".join(f"=?UTF-8?B?{base64.b64encode(p.encode()).decode()}?=" for p in out)


def mailbox(name: str, address: str) -> str:
    """`Name <address>` for a header."""
    return f"{words(name)} <{address}>"


def quoted_printable(text: str) -> bytes:
    """RFC 2045 section 6.7, lines ended by CRLF."""
    out: list[str] = []
    for line in text.split("\n"):
        written = "".join([_QUOTED[b] for b in line.encode()])
        if written.endswith((" ", "\t")):
            written = f"{written[:-1]}={ord(written[-1]):02X}"
        while len(written) > _FOLD_AT:
            cut = _FOLD_AT - 1
            if written[cut - 1] == "=":
                cut -= 1
            elif written[cut - 2] == "=":
                cut -= 2
            out.append(written[:cut] + "=")
            written = written[cut:]
        out.append(written)
    return "\r\n".join(out).encode("ascii")


def wrapped_base64(data: bytes) -> bytes:
    """Base64 in lines of 76, ended by CRLF."""
    text = base64.b64encode(data)
    return b"\r\n".join(text[i : i + _FOLD_AT] for i in range(0, len(text), _FOLD_AT))


def _encoded(text: str, encoding: str) -> bytes:
    if encoding == "base64":
        return wrapped_base64(text.replace("\n", "\r\n").encode())
    if encoding == "quoted-printable":
        return quoted_printable(text)
    return text.replace("\n", "\r\n").encode()


def _leaf(media_type: str, text: str, encoding: str) -> tuple[list[Field], bytes]:
    charset = "us-ascii" if encoding == "7bit" else "utf-8"
    fields = [
        ("Content-Type", f'{media_type}; charset="{charset}"'),
        ("Content-Transfer-Encoding", encoding),
    ]
    return fields, _encoded(text, encoding) + b"\r\n"


def _joined(
    parts: Sequence[tuple[list[Field], bytes]], subtype: str, dice: Dice
) -> tuple[list[Field], bytes]:
    boundary = f"=_{dice.hexadecimal(24)}"
    out = b""
    for fields, body in parts:
        head = "".join(f"{n}: {v}\r\n" for n, v in fields).encode("ascii")
        out += f"--{boundary}\r\n".encode() + head + b"\r\n" + body + b"\r\n"
    out += f"--{boundary}--\r\n".encode()
    return [("Content-Type", f'multipart/{subtype}; boundary="{boundary}"')], out


def _attached(file: File) -> tuple[list[Field], bytes]:
    return [
        ("Content-Type", f'{file.media_type}; name="{file.name}"'),
        ("Content-Disposition", f'attachment; filename="{file.name}"'),
        ("Content-Transfer-Encoding", "base64"),
    ], wrapped_base64(file.data) + b"\r\n"


def body_of(content: Content, dice: Dice) -> tuple[list[Field], bytes]:
    """The Content fields and the body for what shall be shown."""
    part = _leaf("text/plain", content.text, content.encoding)
    if content.html:
        lines = content.text.replace("&", "&amp;").replace("<", "&lt;").split("\n")
        html = "<html><body>\n" + "\n".join(f"<p>{x}</p>" for x in lines if x) + "\n</body></html>"
        other = _leaf("text/html", html, "quoted-printable")
        part = _joined([part, other], "alternative", dice)
    if content.files:
        part = _joined([part, *map(_attached, content.files)], "mixed", dice)
    return part
