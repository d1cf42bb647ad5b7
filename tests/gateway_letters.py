"""Letters, and what honest gateways, stores and mail programs make of them; and what hands do."""

from __future__ import annotations

import base64
import quopri
import struct
import zlib
from dataclasses import dataclass, replace

HOUSE = "example.org"
ADA, BOB = f"ada@{HOUSE}", f"bob@{HOUSE}"


@dataclass(frozen=True, slots=True)
class File:
    """Something attached, and how its part is written."""

    name: str
    kind: str
    data: bytes
    coding: str = "base64"
    name_form: str = "plain"
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One message before it is written, and how it is written."""

    fields: tuple[tuple[str, str], ...]
    text: str | None
    page: str | None = None
    files: tuple[File, ...] = ()
    charset: str = "utf-8"
    coding: str = "quoted-printable"
    more_type: str = ""
    whole: bytes | None = None
    outer: tuple[tuple[str, str], ...] = ()
    loose: tuple[bytes, ...] = ()
    is_received: bool = True
    mark: str = "k"

    def get(self, name: str) -> str:
        return dict(self.fields)[name]

    def put(self, **more: str | None) -> Letter:
        """The letter with other values of fields; None takes one out."""
        given = {name.replace("_", "-"): value for name, value in more.items()}
        kept = [(name, given.pop(name, value)) for name, value in self.fields]
        kept += list(given.items())
        return replace(self, fields=tuple((a, b) for a, b in kept if b is not None))

    def written(self) -> tuple[list[tuple[str, str]], bytes]:
        """Fields and body, as one program writes them."""
        head, body = self.body()
        return [*self.fields, ("MIME-Version", "1.0"), *head], body

    def body(self) -> tuple[list[tuple[str, str]], bytes]:
        if self.whole is not None:
            return list(self.outer), self.whole
        faces = []
        if self.text is not None:
            faces.append(self._part(f"text/plain; charset={self.charset}{self.more_type}",
                                    self.text))  # fmt: skip
        if self.page is not None:
            faces.append(self._part(f"text/html; charset={self.charset}", self.page))
        part = faces[0] if len(faces) == 1 else joined("alternative", f"{self.mark}a", faces)
        more = [filed(one) for one in self.files] + list(map(_split, self.loose))
        if more:
            part = joined("mixed", f"{self.mark}m", [part, *more])
        return part

    def _part(self, kind: str, text: str) -> tuple[list[tuple[str, str]], bytes]:
        data = text.replace("\n", "\r\n").encode(self.charset)
        body = {
            "quoted-printable": lambda: quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(
                b"\n", b"\r\n"
            ),
            "base64": lambda: base64.encodebytes(data).replace(b"\n", b"\r\n"),
            "8bit": lambda: data,
        }[self.coding]()
        return [("Content-Type", kind), ("Content-Transfer-Encoding", self.coding)], body


def _split(raw: bytes) -> tuple[list[tuple[str, str]], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = (line.partition(": ") for line in head.decode().split("\r\n"))
    return [(name, value) for name, _, value in lines], body


def joined(
    kind: str, mark: str, parts: list[tuple[list[tuple[str, str]], bytes]], more: str = ""
) -> tuple[list[tuple[str, str]], bytes]:
    body = b""
    for head, inside in parts:
        lines = "".join(f"{name}: {value}\r\n" for name, value in head)
        body += f"--{mark}\r\n{lines}\r\n".encode() + inside + b"\r\n"
    body += f"--{mark}--\r\n".encode()
    return [("Content-Type", f'multipart/{kind}; boundary="{mark}"{more}')], body


def filed(one: File) -> tuple[list[tuple[str, str]], bytes]:
    named = {
        "plain": f'name="{one.name}"',
        "2047": f'name="=?utf-8?b?{base64.b64encode(one.name.encode()).decode()}?="',
        "2231": "name*=utf-8''" + "".join(f"%{c:02X}" for c in one.name.encode()),
    }[one.name_form]
    way = "inline" if one.is_inline else "attachment"
    head = [
        ("Content-Type", f"{one.kind}; {named}"),
        ("Content-Disposition", f"{way}; file{named}"),
        ("Content-Transfer-Encoding", one.coding),
    ]
    if one.is_inline:
        head.append(("Content-ID", "<logo@x>"))
    body = {
        "base64": lambda: base64.encodebytes(one.data).replace(b"\n", b"\r\n"),
        "quoted-printable": lambda: quopri.encodestring(one.data).replace(b"\n", b"\r\n"),
        "8bit": lambda: one.data,
    }[one.coding]()
    return head, body


def pdf(told: str) -> bytes:
    return b"%PDF-1.4\n1 0 obj\n<< /Title (" + told.encode() + b") >>\nendobj\n%%EOF\n" + b"x" * 900


def png(shade: int, width: int = 8) -> bytes:
    """A small picture of one shade."""

    def chunk(name: bytes, data: bytes) -> bytes:
        told = name + data
        return struct.pack(">I", len(data)) + told + struct.pack(">I", zlib.crc32(told))

    head = struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([shade]) * width) * width
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )  # fmt: skip


TEXT = """Dear Bob,

We pay 1200 euros for the “great hall” in Orléans on Monday, and nothing before that day comes.
The printer's list \u2013 with all names \u2013 lies on my desk; nobody outside of the house has \
seen it yet.
\tItem one: the posters, 300 of them.

Please read https://www.hall.example/offers/77?day=monday and call the treasurer before noon.
The bank wrote that account 4471 was closed in April, so do not send any money to it again.

Kind regards,
Ada"""


def page_of(text: str, more: str = "") -> str:
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace("\t", " ")
    paragraphs = [f"<p>{one.replace(chr(10), '<br>')}</p>" for one in shown.split("\n\n")]
    link = "https://www.hall.example/offers/77?day=monday"
    told = "\n".join(paragraphs).replace(link, f'<a href="{link}">{link}</a>')
    return f"<html><body>{told}{more}</body></html>"


PIXEL = '<img src="https://track.example/p.gif" width="1" height="1">'
LOGO = '<img src="cid:logo@x">'


def plain(number: int) -> Letter:
    """A letter in plain text alone."""
    return Letter(
        (
            ("From", f"Ada Lovelace <{ADA}>"),
            ("To", f"Bob Durand <{BOB}>, Carol <carol@{HOUSE}>"),
            ("Subject", f"The hall in Orleans {number}"),
            ("Date", "Thu, 04 May 2017 10:00:00 +0200"),
            ("Message-ID", f"<{number}@{HOUSE}>"),
        ),
        TEXT.replace("Monday,", f"Monday for number {number},"),
    )


def rich(number: int) -> Letter:
    """A letter in text and page, with a document and a picture."""
    one = plain(number)
    files = (
        File(f"Bilan été {number}.pdf", "application/pdf", pdf(f"report {number}")),
        File("logo.png", "image/png", png(number % 200), is_inline=True),
    )
    return replace(one, page=page_of(one.text or "", LOGO + PIXEL), files=files)
