# ruff: noqa: ARG005, PLW0108  a table of operators reads better a line each
"""What an attacker does to signed mail: operators that change one message each.

An operator gives None where it does not apply. They share no code with what they attack.
"""

from __future__ import annotations

import base64
import quopri
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

Field = tuple[bytes, bytes]  # the name as written, and all after it: colon, value, line end
Change = Callable[["Mail", random.Random], "Mail | bytes | None"]
EVE = b"Eve Stern <eve@evil.example>"


@dataclass(frozen=True)
class Mail:
    """A message taken apart by bytes alone."""

    fields: tuple[Field, ...]
    body: bytes
    nl: bytes

    @classmethod
    def read(cls, raw: bytes) -> Mail:
        nl = b"\r\n" if b"\r\n" in raw.partition(b"\n\n")[0] else b"\n"
        head, _, body = raw.partition(nl + nl)
        lines = re.findall(rb"[^\n]*\n[ \t][^\n]*(?:\n[ \t][^\n]*)*|[^\n]+", head)
        lines = [one.rstrip(b"\r\n") for one in lines]
        fields = []
        for one in lines:
            name, colon, value = one.partition(b":")
            fields.append((name, colon + value + nl))
        return cls(tuple(fields), body, nl)

    def bytes(self) -> bytes:
        return b"".join(name + value for name, value in self.fields) + self.nl + self.body

    def find(self, name: str) -> list[int]:
        return [
            rank
            for rank, (one, _) in enumerate(self.fields)
            if one.strip().lower() == name.lower().encode()
        ]

    def value(self, name: str) -> bytes | None:
        """The value of the first field of that name, unfolded."""
        found = self.find(name)
        if not found:
            return None
        return re.sub(rb"\r?\n", b"", self.fields[found[0]][1][1:]).strip()

    def line(self, name: str, value: bytes) -> Field:
        return name.encode(), b": " + value + self.nl

    def top(self, name: str, value: bytes) -> Mail:
        return replace(self, fields=(self.line(name, value), *self.fields))

    def bottom(self, name: str, value: bytes) -> Mail:
        return replace(self, fields=(*self.fields, self.line(name, value)))

    def put(self, name: str, value: bytes) -> Mail:
        """The first field of that name with another value, or the field added."""
        found = self.find(name)
        if not found:
            return self.bottom(name, value)
        rank = found[0]
        one = (self.fields[rank][0], b": " + value + self.nl)
        return replace(self, fields=(*self.fields[:rank], one, *self.fields[rank + 1 :]))

    def raw_put(self, name: str, value: bytes) -> Mail | None:
        """The first field of that name with these bytes after its name."""
        found = self.find(name)
        if not found:
            return None
        rank = found[0]
        one = (self.fields[rank][0], value)
        return replace(self, fields=(*self.fields[:rank], one, *self.fields[rank + 1 :]))

    def without(self, *names: str) -> Mail | None:
        gone = {rank for name in names for rank in self.find(name)}
        if not gone:
            return None
        kept = tuple(one for rank, one in enumerate(self.fields) if rank not in gone)
        return replace(self, fields=kept)

    def bodied(self, body: bytes) -> Mail | None:
        return None if body == self.body else replace(self, body=body)

    def boundary(self) -> bytes | None:
        found = re.search(
            rb'boundary="?([^";\s]+)', self.value("content-type") or b"", re.IGNORECASE
        )
        return found[1] if found else None

    def parts(self) -> list[bytes] | None:
        """The parts of a multipart: head and body of each, as bytes between two delimiters."""
        mark = self.boundary()
        if mark is None:
            return None
        pieces = re.split(rb"(?:\A|(?<=\n))--" + re.escape(mark) + rb"[ \t]*\r?\n", self.body)
        if len(pieces) < 2:
            return None
        last, close, _ = pieces[-1].partition(b"--" + mark + b"--")
        return [*pieces[1:-1], last] if close else pieces[1:]

    def joined(self, parts: list[bytes]) -> Mail:
        mark = self.boundary() or b""
        body = b"".join(b"--" + mark + self.nl + one for one in parts)
        return replace(self, body=body + b"--" + mark + b"--" + self.nl)


def strip_signatures(mail: Mail) -> Mail:
    """The message without what could verify it."""
    gone = ("dkim-signature", "arc-seal", "arc-message-signature", "arc-authentication-results")
    return mail.without(*gone) or mail


OPERATORS: dict[str, Change] = {}


def operator(change: Change) -> Change:
    OPERATORS[change.__name__] = change
    return change


def _each(name: str, values: Mapping[str, Change]) -> None:
    for suffix, change in values.items():
        OPERATORS[f"{name}_{suffix}"] = change


# Second instances of what readers show, and instances taken out or replaced.
_FALSE = {
    "from": EVE,
    "to": b"Mallory <mallory@evil.example>",
    "subject": b"Destroy the receipts",
    "date": b"Mon, 01 May 2017 08:00:00 +0000",
    "content-type": b"text/plain; charset=utf-7",
}


def _second(where: str) -> Iterator[tuple[str, Change]]:
    for name, value in _FALSE.items():
        title = "-".join(one.capitalize() for one in name.split("-"))
        if where == "prepended":
            yield name, lambda m, _r, t=title, v=value: m.top(t, v)
        elif where == "appended":
            yield name, lambda m, _r, t=title, v=value: m.bottom(t, v)
        elif where == "replaced":
            yield name, lambda m, _r, n=name, v=value: m.put(n, v)
        elif where == "removed":
            yield name, lambda m, _r, n=name: m.without(n)
        elif where == "masked":  # a name that some readers take for the field's
            yield (
                name,
                lambda m, _r, t=title, v=value: replace(
                    m, fields=((t.encode() + b" ", b": " + v + m.nl), *m.fields)
                ),
            )
        else:  # the same once more
            yield (
                name,
                lambda m, _r, n=name, t=title: (
                    None if m.value(n) is None else m.top(t, m.value(n) or b"")
                ),
            )


for _where in ("prepended", "appended", "replaced", "removed", "masked", "duplicated"):
    _each(_where, dict(_second(_where)))

# Fields that most signatures leave out.
_UNSIGNED = {
    "Cc": b"eve@evil.example",
    "Bcc": b"eve@evil.example",
    "Reply-To": b"eve@evil.example",
    "Sender": b"eve@evil.example",
    "In-Reply-To": b"<forged@evil.example>",
    "References": b"<forged@evil.example>",
    "List-Id": b"<secret.evil.example>",
    "List-Unsubscribe": b"<mailto:eve@evil.example>",
    "Resent-From": b"eve@evil.example",
    "Resent-Date": b"Mon, 01 May 2017 08:00:00 +0000",
    "Resent-To": b"mallory@evil.example",
    "Content-Disposition": b"attachment; filename=plan.pdf",
    "Content-Language": b"ru",
    "Organization": b"Evil Ltd",
    "Comments": b"approved by Eve",
    "Importance": b"high",
    "X-Mailer": b"EveMail 1.0",
    "Thread-Topic": b"The secret plan",
    "Disposition-Notification-To": b"eve@evil.example",
}
_each("added", {n.lower(): (lambda m, _r, n=n, v=v: m.top(n, v)) for n, v in _UNSIGNED.items()})
_each(
    "set",
    {
        n.lower(): (lambda m, _r, n=n, v=v: m.put(n, v) if m.find(n) else None)
        for n, v in _UNSIGNED.items()
    },
)
_each(
    "dropped",
    {
        n: (lambda m, _r, n=n: m.without(n))
        for n in (
            "cc",
            "reply-to",
            "sender",
            "in-reply-to",
            "references",
            "list-id",
            "mime-version",
        )
    },
)


# Display tricks of From.
def _from(make: Callable[[bytes, bytes], bytes]) -> Change:
    def change(mail: Mail, _random: random.Random) -> Mail | None:
        value = mail.value("from")
        found = re.search(rb"[^\s<>\"(),;:]+@[^\s<>\"(),;:]+", value or b"")
        return None if found is None else mail.put("from", make(value or b"", found[0]))

    return change


_each(
    "from",
    {
        "other_name": _from(lambda _v, a: b'"The President" <' + a + b">"),
        "address_in_name": _from(lambda _v, a: b'"president@state.example" <' + a + b">"),
        "comment": _from(lambda v, _a: v + b" (for Eve)"),
        "encoded_word": _from(lambda _v, a: b"=?utf-8?q?The_President?= <" + a + b">"),
        "encoded_address": _from(
            lambda _v, a: b"=?utf-8?b?RXZlIDxldmVAZXZpbC5leGFtcGxlPg==?= <" + a + b">"
        ),
        "second_address": _from(lambda v, _a: EVE + b", " + v),
        "group": _from(lambda _v, a: b"Board: " + a + b", eve@evil.example;"),
        "nul": _from(lambda v, _a: v[:3] + b"\0" + v[3:]),
        "bidi": _from(lambda _v, a: b"=?utf-8?b?4oCuZXZF?= <" + a + b">"),
        "raw_bidi": _from(lambda v, _a: "\u202e".encode() + v),
        "homoglyph": _from(lambda v, a: v.replace(a, a.replace(b"a", "\u0430".encode(), 1))),
        "route": _from(lambda _v, a: b"<@evil.example:" + a + b">"),
        "long_name": _from(lambda v, a: b"The President" + b" " * 300 + b"<" + a + b">"),
        "tab_name": _from(lambda v, a: b"The President\t<" + a + b">"),
    },
)


# Other headers: shifts, folding, truncation, control bytes.
@operator
def date_shifted(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("date")
    found = re.search(rb"(\d\d):(\d\d):(\d\d)", value or b"")
    if value is None or found is None:
        return None
    return mail.put(
        "date", value.replace(found[0], b"%02d" % ((int(found[1]) + 5) % 24) + found[0][2:], 1)
    )


@operator
def date_minutes(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("date")
    found = re.search(rb"(\d\d):(\d\d):(\d\d)", value or b"")
    if value is None or found is None:
        return None
    minute = b"%02d" % ((int(found[2]) + 3) % 60)
    return mail.put("date", value.replace(found[0], found[1] + b":" + minute + b":" + found[3], 1))


@operator
def date_zone(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("date") or b""
    new = re.sub(
        rb"[+-]\d{4}", lambda m: b"+0300" if m[0] != b"+0300" else b"+0000", value, count=1
    )
    return None if new == value else mail.put("date", new)


@operator
def subject_prefixed(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("subject")
    return None if value is None else mail.put("subject", b"[secret] " + value)


@operator
def subject_cut(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("subject")
    return None if not value or len(value) < 4 else mail.put("subject", value[: len(value) // 2])


@operator
def to_other_domain(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("to") or b""
    new = re.sub(rb"@[^\s<>\"(),;:]+", b"@evil.example", value, count=1)
    return None if new == value else mail.put("to", new)


@operator
def to_added(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("to")
    return None if value is None else mail.put("to", value + b", mallory@evil.example")


def _subject(make: Callable[[Mail, bytes], bytes]) -> Change:
    def change(mail: Mail, _random: random.Random) -> Mail | None:
        value = mail.value("subject")
        return None if value is None else mail.raw_put("subject", make(mail, value))

    return change


_each(
    "subject",
    {
        "refolded": _subject(
            lambda m, v: b":" + m.nl + b" " + v.replace(b" ", m.nl + b"\t", 1) + m.nl
        ),
        "blank_fold": _subject(lambda m, v: b": " + v + m.nl + b" " + m.nl),
        "blank_fold_smuggle": _subject(
            lambda m, v: b": " + v + m.nl + b" " + m.nl + b"\tDestroy the receipts" + m.nl
        ),
        "bare_cr": _subject(lambda m, v: b": x\rSubject: Destroy the receipts" + m.nl),
        "bare_lf": _subject(lambda m, v: b": " + v + b"\nReply-To: eve@evil.example" + m.nl),
        "nul": _subject(lambda m, v: b": " + v[:2] + b"\0" + v[2:] + m.nl),
        "vt": _subject(lambda m, v: b": " + v + b"\x0b" + m.nl),
        "nel": _subject(lambda m, v: b": " + v + b"\xc2\x85X: y" + m.nl),
        "encoded_newline": _subject(
            lambda m, v: b": =?utf-8?q?a=0D=0ABcc=3A_e=40e.example?= " + v + m.nl
        ),
        "case_of_name": _subject(lambda m, v: b": " + v.swapcase() + m.nl),
    },
)
_each(
    "head",
    {
        "blank_line_on_top": lambda m, _r: m.nl + m.bytes(),
        "two_blank_lines_on_top": lambda m, _r: m.nl * 2 + m.bytes(),
        "bom": lambda m, _r: b"\xef\xbb\xbf" + m.bytes(),
        "mbox_line": lambda m, _r: (
            b"From eve@evil.example Mon May  1 08:00:00 2017" + m.nl + m.bytes()
        ),
        "quoted_mbox_line": lambda m, _r: b">From eve Mon May  1 08:00:00 2017" + m.nl + m.bytes(),
        "mbox_line_inside": lambda m, _r: (
            m.fields[0][0]
            + m.fields[0][1]
            + b"From eve Mon May  1 08:00:00 2017"
            + m.nl
            + replace(m, fields=m.fields[1:]).bytes()
        ),
        "no_field_on_top": lambda m, _r: b"not a field" + m.nl + m.bytes(),
        "no_field_at_end": lambda m, _r: replace(m, fields=(*m.fields, (b"not a field", m.nl))),
        "fold_on_top": lambda m, _r: b" Subject: Destroy the receipts" + m.nl + m.bytes(),
        "cut_after_from": lambda m, _r: replace(
            m, fields=m.fields[: (m.find("from") or [0])[0] + 1]
        ),
        "split_early": lambda m, _r: m.bytes().replace(
            m.fields[-1][0] + m.fields[-1][1], m.nl + m.fields[-1][0] + m.fields[-1][1], 1
        ),
        "mixed_line_ends": lambda m, _r: m.bytes().replace(b"\r\n", b"\n", 3),
        "all_lf": lambda m, _r: m.bytes().replace(b"\r\n", b"\n"),
        "all_cr": lambda m, _r: m.bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
        "crcrlf": lambda m, _r: m.bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\r\n"),
        "no_blank_line": lambda m, _r: b"".join(n + v for n, v in m.fields) + m.body,
        "spaced_blank_line": lambda m, _r: (
            b"".join(n + v for n, v in m.fields) + b" " + m.nl + m.body
        ),
    },
)


# The structure fields.
def _type(make: Callable[[bytes, Mail], bytes | None]) -> Change:
    def change(mail: Mail, _random: random.Random) -> Mail | None:
        value = mail.value("content-type")
        new = None if value is None else make(value, mail)
        return None if new is None or new == value else mail.put("content-type", new)

    return change


def _charset(new: bytes) -> Change:
    return _type(
        lambda v, _m: re.sub(rb"charset=\"?[\w.-]+\"?", b"charset=" + new, v, flags=re.IGNORECASE)
    )


_each(
    "type",
    {
        "as_html": _type(lambda v, _m: v.replace(b"text/plain", b"text/html", 1)),
        "as_plain": _type(lambda v, _m: v.replace(b"text/html", b"text/plain", 1)),
        "source_as_plain": _type(
            lambda v, _m: b"text/plain" if v.lower().startswith(b"multipart") else None
        ),
        "as_rfc822": _type(lambda _v, _m: b"message/rfc822"),
        "as_file": _type(lambda _v, _m: b"application/octet-stream; name=plan.exe"),
        "mixed_alternative": _type(
            lambda v, _m: v.replace(b"multipart/mixed", b"multipart/alternative")
        ),
        "alternative_mixed": _type(
            lambda v, _m: v.replace(b"multipart/alternative", b"multipart/mixed")
        ),
        "related": _type(lambda v, _m: re.sub(rb"multipart/\w+", b"multipart/related", v)),
        "digest": _type(lambda v, _m: re.sub(rb"multipart/\w+", b"multipart/digest", v)),
        "other_boundary": _type(lambda v, _m: re.sub(rb"boundary=(\"?)", rb"boundary=\1x", v)),
        "shorter_boundary": _type(
            lambda v, m: v.replace(m.boundary() or b"\0", (m.boundary() or b"ab")[:-1])
        ),
        "two_boundaries": _type(lambda v, m: v + b"; boundary=evil" if m.boundary() else None),
        "boundary_first": _type(
            lambda v, m: v.replace(b";", b"; boundary=evil;", 1) if m.boundary() else None
        ),
        "boundary_extended": _type(
            lambda v, m: v + b"; boundary*=utf-8''evil" if m.boundary() else None
        ),
        "boundary_comment": _type(
            lambda v, _m: v.replace(b"boundary", b"(boundary=evil) boundary")
        ),
        "boundary_blank": _type(
            lambda v, m: v.replace(m.boundary() or b"\0", (m.boundary() or b"") + b" ")
        ),
        "utf7": _charset(b"utf-7"),
        "utf16": _charset(b"utf-16"),
        "latin1": _charset(b"iso-8859-1"),
        "koi8": _charset(b"koi8-r"),
        "ebcdic": _charset(b"cp037"),
        "unknown_charset": _charset(b"x-evil"),
        "no_charset": _type(
            lambda v, _m: re.sub(rb";\s*charset=\"?[\w.-]+\"?", b"", v, flags=re.IGNORECASE)
        ),
        "two_charsets": _type(lambda v, _m: v + b"; charset=koi8-r"),
        "name": _type(lambda v, _m: v + b'; name="plan.exe"'),
        "flowed": _type(lambda v, _m: v + b"; format=flowed; delsp=yes"),
        "folded": _type(lambda v, m: v.replace(b"; ", b";" + m.nl + b"\t")),
    },
)


def _encoding(word: bytes) -> Change:
    return lambda mail, _random: (
        None
        if (mail.value("content-transfer-encoding") or b"7bit").lower() == word
        else mail.put("content-transfer-encoding", word)
    )


_each(
    "encoding",
    {
        word.decode().replace("-", "_"): _encoding(word)
        for word in (
            b"base64",
            b"quoted-printable",
            b"7bit",
            b"x-uuencode",
            b"binary",
            b"x-unknown",
        )
    },
)
_each(
    "encoding",
    {
        "folded": lambda m, _r: m.raw_put(
            "content-transfer-encoding",
            b":" + m.nl + b" " + (m.value("content-transfer-encoding") or b"") + m.nl,
        ),
        "trailing_blank": lambda m, _r: m.raw_put(
            "content-transfer-encoding",
            b": " + (m.value("content-transfer-encoding") or b"") + b" \t" + m.nl,
        ),
        "comment": lambda m, _r: m.raw_put(
            "content-transfer-encoding",
            b": " + (m.value("content-transfer-encoding") or b"") + b" (x)" + m.nl,
        ),
        "dropped": lambda m, _r: m.without("content-transfer-encoding"),
        "type_dropped": lambda m, _r: m.without("content-type", "content-transfer-encoding"),
        "structure_dropped": lambda m, _r: m.without(
            "content-type", "content-transfer-encoding", "mime-version"
        ),
    },
)


# Bodies.
def _letters(body: bytes, random_: random.Random) -> bytes | None:
    """Another letter in the place of one, in a word of the text."""
    places = [m.start() for m in re.finditer(rb"(?<=[a-z ])[a-z](?=[a-z ])", body)]
    if not places:
        return None
    at = random_.choice(places)
    return body[:at] + (b"x" if body[at : at + 1] != b"x" else b"z") + body[at + 1 :]


@operator
def body_letter(mail: Mail, random_: random.Random) -> Mail | None:
    body = _letters(mail.body, random_)
    return None if body is None else mail.bodied(body)


@operator
def body_digit(mail: Mail, random_: random.Random) -> Mail | None:
    places = [m.start() for m in re.finditer(rb"\b\d\b|(?<=\s)\d+", mail.body)]
    if not places:
        return None
    at = random_.choice(places)
    return mail.bodied(
        mail.body[:at] + b"%d" % ((int(mail.body[at : at + 1]) + 1) % 10) + mail.body[at + 1 :]
    )


@operator
def body_word_out(mail: Mail, random_: random.Random) -> Mail | None:
    found = list(re.finditer(rb" [a-z]{3,9}(?= )", mail.body))
    if not found:
        return None
    one = random_.choice(found)
    return mail.bodied(mail.body[: one.start()] + mail.body[one.end() :])


@operator
def body_not_in(mail: Mail, random_: random.Random) -> Mail | None:
    found = list(re.finditer(rb"(?<=[a-z]) (?=[a-z])", mail.body))
    if not found:
        return None
    at = random_.choice(found).start()
    return mail.bodied(mail.body[:at] + b" not" + mail.body[at:])


def _of_part(kind: bytes, make: Callable[[bytes, random.Random], bytes | None]) -> Change:
    def change(mail: Mail, random_: random.Random) -> Mail | None:
        parts = mail.parts()
        for rank, part in enumerate(parts or ()):
            head, blank, body = part.partition(mail.nl * 2)
            if kind in head.lower() and blank:
                new = make(body, random_)
                if new is None or new == body:
                    return None
                return mail.joined([*parts[:rank], head + blank + new, *parts[rank + 1 :]])
        return None

    return change


def _other_base64(body: bytes, _random: random.Random) -> bytes | None:
    found = re.search(rb"[A-Za-z0-9+/]{40,}", body)
    if found is None:
        return None
    old = found[0][20:24]
    return body.replace(old, b"AAAA" if old != b"AAAA" else b"BBBB", 1)


_each(
    "body",
    {
        "html_letter": _of_part(b"text/html", _letters),
        "text_letter": _of_part(b"text/plain", _letters),
        "attachment_bytes": _of_part(b"base64", _other_base64),
        "html_hidden": _of_part(
            b"text/html", lambda b, _r: b"<style>*{display:none}</style>" + b + b"<p>Pay Eve.</p>"
        ),
        "html_link": _of_part(
            b"text/html",
            lambda b, _r: re.sub(rb"https?://[\w.-]+", b"https://evil.example", b, count=1),
        ),
        "text_appended": lambda m, _r: m.bodied(m.body + b"Pay Eve at once." + m.nl),
        "text_prepended": lambda m, _r: m.bodied(b"Pay Eve at once." + m.nl * 2 + m.body),
        "line_out": lambda m, r: _without_line(m, r),
        "paragraph_in": lambda m, _r: _in_the_middle(m, b"Pay Eve two million at once."),
        "paragraph_like_footer": lambda m, _r: _in_the_middle(
            m, b"_______________" + m.nl + b"This message was sent by the list: pay Eve." + m.nl
        ),
        "footer": lambda m, _r: m.bodied(
            m.body
            + m.nl
            + b"_______________________"
            + m.nl
            + b"board mailing list: pay Eve at once"
            + m.nl
            + b"https://lists.evil.example/x"
            + m.nl
        ),
        "banner": lambda m, _r: m.bodied(
            b"CAUTION: This email originated from outside: Eve must be paid." + m.nl * 2 + m.body
        ),
        "signature_cut": lambda m, _r: m.bodied(m.nl.join(m.body.rstrip().split(m.nl)[:-1]) + m.nl),
        "last_half_cut": lambda m, _r: m.bodied(m.body[: len(m.body) // 2]),
        "first_line_cut": lambda m, _r: m.bodied(m.body.partition(m.nl)[2]),
        "empty": lambda m, _r: m.bodied(b""),
        "nul": lambda m, _r: m.bodied(m.body[:5] + b"\0" + m.body[5:]),
        "bare_cr": lambda m, _r: m.bodied(b"Pay Eve.\r" + m.body),
        "blank_lines_at_end": lambda m, _r: m.bodied(m.body + m.nl * 3),
        "trailing_blanks": lambda m, _r: m.bodied(m.body.replace(m.nl, b" " + m.nl, 4)),
        "from_line": lambda m, _r: m.bodied(
            m.body
            + m.nl
            + b"From eve@evil.example Mon May  1 08:00:00 2017"
            + m.nl
            + b"From: "
            + EVE
            + m.nl * 2
            + b"Pay."
            + m.nl
        ),
        "from_quoted": lambda m, _r: m.bodied(re.sub(rb"(?m)^From ", b">From ", m.body)),
        "soft_break_blank": lambda m, _r: m.bodied(m.body.replace(b"=" + m.nl, b"= " + m.nl, 1)),
        "reencoded_base64": lambda m, _r: _reencoded(m, "base64", b""),
        "reencoded_and_changed": lambda m, _r: _reencoded(m, "base64", b"Pay Eve at once."),
        "reencoded_qp": lambda m, _r: _reencoded(m, "quoted-printable", b""),
        "accent_lost": lambda m, _r: m.bodied(
            re.sub(rb"=C3=A9|\xc3\xa9|\xe9", b"e", m.body, count=1)
        ),
    },
)


def _in_the_middle(mail: Mail, text: bytes) -> Mail | None:
    found = list(re.finditer(re.escape(mail.nl * 2), mail.body))
    if not found:
        return None
    at = found[len(found) // 2].end()
    return mail.bodied(mail.body[:at] + text + mail.nl * 2 + mail.body[at:])


def _without_line(mail: Mail, random_: random.Random) -> Mail | None:
    lines = mail.body.split(mail.nl)
    wordy = [rank for rank, one in enumerate(lines) if b" " in one.strip() and b":" not in one]
    if not wordy:
        return None
    at = random_.choice(wordy)
    return mail.bodied(mail.nl.join([*lines[:at], *lines[at + 1 :]]))


def _reencoded(mail: Mail, to: str, more: bytes) -> Mail | None:
    """A single text in another transfer encoding, with words added or not."""
    if mail.boundary() is not None:
        return None
    how = (mail.value("content-transfer-encoding") or b"7bit").lower()
    if how == to.encode():
        return None
    data = mail.body
    if how == b"base64":
        data = base64.b64decode(data)
    elif how == b"quoted-printable":
        data = quopri.decodestring(data)
    data += more
    if to == "base64":
        body = base64.encodebytes(data).replace(b"\n", mail.nl)
    else:
        body = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", mail.nl)
    return replace(mail.put("content-transfer-encoding", to.encode()), body=body)


# Multiparts.
def _parts(make: Callable[[list[bytes], Mail], list[bytes] | None]) -> Change:
    def change(mail: Mail, _random: random.Random) -> Mail | None:
        parts = mail.parts()
        new = make(parts, mail) if parts else None
        return None if new is None or new == parts else mail.joined(new)

    return change


def _text_part(mail: Mail, kind: bytes, text: bytes) -> bytes:
    return b"Content-Type: " + kind + mail.nl * 2 + text + mail.nl


_each(
    "parts",
    {
        "swapped": _parts(lambda p, _m: [p[1], p[0], *p[2:]] if len(p) > 1 else None),
        "first_out": _parts(lambda p, _m: p[1:] if len(p) > 1 else None),
        "last_out": _parts(lambda p, _m: p[:-1] if len(p) > 1 else None),
        "text_in_front": _parts(lambda p, m: [_text_part(m, b"text/plain", b"Pay Eve."), *p]),
        "text_at_end": _parts(lambda p, m: [*p, _text_part(m, b"text/plain", b"Pay Eve.")]),
        "html_at_end": _parts(lambda p, m: [*p, _text_part(m, b"text/html", b"<p>Pay Eve.</p>")]),
        "file_at_end": _parts(
            lambda p, m: [
                *p,
                b"Content-Type: application/pdf; name=plan.pdf"
                + m.nl
                + b"Content-Disposition: attachment; filename=plan.pdf"
                + m.nl * 2
                + b"%PDF"
                + m.nl,
            ]
        ),
        "message_at_end": _parts(
            lambda p, m: [
                *p,
                b"Content-Type: message/rfc822"
                + m.nl * 2
                + b"From: "
                + EVE
                + m.nl
                + b"Subject: pay"
                + m.nl * 2
                + b"Pay Eve."
                + m.nl,
            ]
        ),
        "empty_at_end": _parts(lambda p, m: [*p, b"Content-Type: text/plain" + m.nl * 2]),
        "empty_in_front": _parts(lambda p, m: [m.nl, *p]),
        "duplicated": _parts(lambda p, _m: [*p, p[0]]),
        "preamble": lambda m, _r: m.bodied(b"Pay Eve." + m.nl + m.body) if m.parts() else None,
        "epilogue": lambda m, _r: m.bodied(m.body + b"Pay Eve." + m.nl) if m.parts() else None,
        "close_early": lambda m, _r: _close_early(m),
        "no_close": lambda m, _r: m.bodied(
            m.body.replace(b"--" + (m.boundary() or b"\0") + b"--", b"")
        ),
        "delimiter_blank": lambda m, _r: m.bodied(
            m.body.replace(
                b"--" + (m.boundary() or b"\0") + m.nl,
                b"--" + (m.boundary() or b"") + b" " + m.nl,
                1,
            )
        ),
        "head_blank": _parts(lambda p, m: [p[0].replace(m.nl * 2, m.nl + b" " + m.nl, 1), *p[1:]]),
        "file_renamed": lambda m, _r: m.bodied(
            re.sub(rb"name=\"?[^\s\";]+", b"name=plan.exe", m.body)
        ),
        "disposition_flipped": lambda m, _r: m.bodied(
            re.sub(rb"(?i)content-disposition: attachment", b"Content-Disposition: inline", m.body)
        ),
        "disposition_hides": _parts(
            lambda p, m: [b"Content-Disposition: attachment; filename=a.txt" + m.nl + p[0], *p[1:]]
        ),
        "type_of_part": lambda m, _r: m.bodied(m.body.replace(b"text/html", b"text/plain", 1)),
        "charset_of_part": lambda m, _r: m.bodied(
            re.sub(rb"(?i)charset=\"?utf-8\"?", b"charset=koi8-r", m.body, count=1)
        ),
        "encoding_of_part": lambda m, _r: m.bodied(
            re.sub(
                rb"(?i)(transfer-encoding: *)(?:quoted-printable|base64)",
                rb"\g<1>7bit",
                m.body,
                count=1,
            )
        ),
    },
)


def _close_early(mail: Mail) -> Mail | None:
    parts = mail.parts()
    if not parts or len(parts) < 2:
        return None
    mark = mail.boundary() or b""
    return mail.bodied(mail.body.replace(b"--" + mark + mail.nl, b"--" + mark + b"--" + mail.nl, 2))


@operator
def wrapped_as_rfc822(mail: Mail, _random: random.Random) -> bytes:
    nl = mail.nl
    head = b"From: " + EVE + nl + b"To: m@evil.example" + nl + b"Subject: Fwd" + nl
    head += b"Date: Mon, 01 May 2017 08:00:00 +0000" + nl + b"Content-Type: message/rfc822" + nl
    return head + nl + mail.bytes()


@operator
def signature_copied_on_new_mail(mail: Mail, _random: random.Random) -> Mail | None:
    found = mail.find("dkim-signature")
    if not found:
        return None
    kept = [mail.fields[rank] for rank in found]
    new = [mail.line("From", EVE), mail.line("To", b"m@evil.example"), mail.line("Subject", b"pay")]
    return Mail(
        (*kept, *new, mail.line("Date", b"Mon, 01 May 2017 08:00:00 +0000")), mail.body, mail.nl
    )


def _tag(pattern: bytes, new: bytes) -> Change:
    def change(mail: Mail, _random: random.Random) -> Mail | None:
        found = mail.find("dkim-signature")
        if not found:
            return None
        name, value = mail.fields[found[0]]
        other = re.sub(pattern, new, value, count=1)
        if other == value:
            return None
        return replace(
            mail, fields=(*mail.fields[: found[0]], (name, other), *mail.fields[found[0] + 1 :])
        )

    return change


_each(
    "tag",
    {
        "length_added": _tag(rb"; bh=|;\s+bh=", b"; l=0; bh="),
        "h_without_subject": _tag(rb"(?i):?subject\b", b""),
        "h_doubled": _tag(rb"; h=|;\s+h=", b"; h=from; h="),
        "domain": _tag(rb"\bd=[\w.-]+", b"d=evil.example"),
        "other_body_hash": _tag(rb"bh=.{4}", b"bh=AAAA"),
    },
)

# Fields that some readers show or act on, and that hardly any signature covers.
_SELDOM = {
    "X-Priority": b"1 (Highest)",
    "Priority": b"urgent",
    "Sensitivity": b"Company-Confidential",
    "Keywords": b"bribe, secret",
    "Newsgroups": b"alt.secret",
    "Followup-To": b"alt.secret",
    "Mail-Followup-To": b"eve@evil.example",
    "Mail-Reply-To": b"eve@evil.example",
    "Apparently-To": b"mallory@evil.example",
    "Return-Receipt-To": b"eve@evil.example",
    "X-Original-From": EVE,
    "Thread-Index": b"AdLEXAMPLEAAAA==",
    "User-Agent": b"EveMail 1.0",
    "List-Post": b"<mailto:eve@evil.example>",
    "List-Archive": b"<https://evil.example/secret>",
    "List-Owner": b"<mailto:eve@evil.example>",
    "Resent-Sender": b"eve@evil.example",
    "Resent-Cc": b"eve@evil.example",
    "Resent-Message-ID": b"<9@evil.example>",
    "Content-Base": b"https://evil.example/",
    "Content-Location": b"https://evil.example/plan",
    "Content-Description": b"The secret plan",
    "Content-ID": b"<logo@evil.example>",
    "Content-Duration": b"10",
    "Content-Features": b"(color=binary)",
    "MIME-Autoconverted": b"from 8bit to quoted-printable by evil.example",
}
_each("added", {n.lower(): (lambda m, _r, n=n, v=v: m.top(n, v)) for n, v in _SELDOM.items()})
_each(
    "extra",
    {
        "transfer_encoding": lambda m, _r: m.top("Content-Transfer-Encoding", b"base64"),
        "transfer_encoding_below": lambda m, _r: m.bottom("Content-Transfer-Encoding", b"base64"),
        "mime_version": lambda m, _r: m.top("MIME-Version", b"2.0"),
        "content_encoding": lambda m, _r: m.top("Content-Encoding", b"gzip"),
        "type_in_capitals": lambda m, _r: m.bottom("CONTENT-TYPE", b"text/html"),
        "long_field": lambda m, _r: m.top("X-Long", b"a" * 300_000),
        "many_fields": lambda m, _r: replace(
            m, fields=(*(m.line("X-Many", b"%d" % n) for n in range(3000)), *m.fields)
        ),
        "eight_bit_field": lambda m, _r: m.top("Comments", b"\xff\xfe\xe9"),
        "eight_bit_name": lambda m, _r: replace(
            m, fields=((b"Subj\xc3\xa9ct", b": Destroy" + m.nl), *m.fields)
        ),
        "nul_in_name": lambda m, _r: replace(
            m, fields=((b"Subject\0", b": Destroy" + m.nl), *m.fields)
        ),
        "soft_hyphen_in_name": lambda m, _r: replace(
            m, fields=((b"Subject\xc2\xad", b": Destroy" + m.nl), *m.fields)
        ),
        "tab_before_colon": lambda m, _r: replace(
            m, fields=((b"Subject\t", b": Destroy" + m.nl), *m.fields)
        ),
        "folded_name": lambda m, _r: replace(
            m, fields=((b"Subject", m.nl + b" : Destroy" + m.nl), *m.fields)
        ),
    },
)


# The type field once more: what its parameters can hide.
_each(
    "type",
    {
        "continued_charset": _type(lambda v, _m: v + b"; charset*0=ut; charset*1=f-7"),
        "extended_charset": _type(lambda v, _m: v + b"; charset*=us-ascii''utf-7"),
        "continued_boundary": _type(
            lambda v, m: v + b"; boundary*0=e; boundary*1=vil" if m.boundary() else None
        ),
        "quoted_pair_boundary": _type(
            lambda v, m: v.replace(
                m.boundary() or b"\0",
                b"\\".join([b"", (m.boundary() or b"")[:1]]) + (m.boundary() or b"")[1:],
            )
        ),
        "encoded_word_name": _type(lambda v, _m: v + b'; name="=?utf-8?q?plan=2Eexe?="'),
        "trailing_semicolons": _type(lambda v, _m: v + b";;;"),
        "comment_type": _type(lambda v, _m: b"text/html (" + v + b")"),
        "calendar": _type(lambda _v, _m: b"text/calendar; method=CANCEL"),
        "enriched": _type(lambda _v, _m: b"text/enriched"),
        "partial": _type(lambda _v, _m: b"message/partial; id=evil; number=1; total=2"),
        "external": _type(
            lambda _v, _m: b'message/external-body; access-type=URL; URL="https://evil.example"'
        ),
        "encrypted": _type(lambda v, m: b"multipart/encrypted; boundary=" + (m.boundary() or b"x")),
        "report": _type(
            lambda v, m: (
                b"multipart/report; report-type=delivery-status; boundary=" + (m.boundary() or b"x")
            )
        ),
        "parallel": _type(lambda v, _m: re.sub(rb"multipart/\w+", b"multipart/parallel", v)),
        "signed": _type(
            lambda v, _m: re.sub(rb"multipart/\w+", b"multipart/signed; protocol=x/y", v)
        ),
        "smime": _type(lambda _v, _m: b"application/pkcs7-mime; smime-type=signed-data"),
        "related_start": _type(lambda v, m: v + b'; start="<evil>"' if m.boundary() else None),
        "markdown": _type(lambda v, _m: v.replace(b"text/plain", b"text/markdown")),
        "gb18030": _charset(b"gb18030"),
        "iso2022jp": _charset(b"iso-2022-jp"),
        "hz": _charset(b"hz-gb-2312"),
        "utf32": _charset(b"utf-32"),
        "cp1252": _charset(b"windows-1252"),
    },
)
_each(
    "encoding",
    {
        word.decode().replace("-", "_"): _encoding(word)
        for word in (b"x-gzip64", b"uuencode", b"8bit")
    },
)


# Bodies: other codings of more text, and what a reader does not show as it stands.
_UU = b"begin 644 plan.txt\n#4&%Y\n`\nend\n"
_YENC = b"=ybegin line=128 size=3 name=plan.txt\nz\x8b\xa3\n=yend size=3\n"
_each(
    "body",
    {
        "uuencoded_file": lambda m, _r: m.bodied(m.body + _UU.replace(b"\n", m.nl)),
        "yenc_file": lambda m, _r: m.bodied(m.body + _YENC.replace(b"\n", m.nl)),
        "bidi": lambda m, _r: m.bodied(re.sub(rb" ", " \u202e".encode(), m.body, count=3)),
        "bidi_isolate": lambda m, _r: m.bodied("\u2067".encode() + m.body + "\u2069".encode()),
        "zero_width": lambda m, _r: m.bodied(re.sub(rb" ", " \u200b".encode(), m.body, count=3)),
        "soft_hyphen": lambda m, _r: m.bodied(re.sub(rb" ", " \u00ad".encode(), m.body, count=3)),
        "homoglyph": lambda m, _r: m.bodied(m.body.replace(b"a", "\u0430".encode(), 1)),
        "wide_digit": lambda m, _r: m.bodied(re.sub(rb"\b5\b", "\uff15".encode(), m.body, count=1)),
        "form_feed": lambda m, _r: m.bodied(m.body + b"\f" + b"Pay Eve." + m.nl),
        "backspaces": lambda m, _r: m.bodied(m.body + b"no\b\bPay Eve." + m.nl),
        "escape_sequence": lambda m, _r: m.bodied(b"\x1b[8m" + m.body),
        "signature_mark": lambda m, _r: _in_the_middle(m, b"-- "),
        "quote_marks": lambda m, _r: m.bodied(re.sub(rb"(?m)^(?=[A-Za-z])", b"> ", m.body)),
        "dot_stuffed": lambda m, _r: m.bodied(m.body + b".." + m.nl),
        "dot_ended": lambda m, _r: m.bodied(m.body + b"." + m.nl + b"Pay Eve." + m.nl),
        "soft_break_word": lambda m, _r: m.bodied(
            m.body.replace(b"=" + m.nl, b"=" + m.nl + b"not ", 1)
        ),
        "soft_break_joined": lambda m, _r: m.bodied(m.body.replace(b"=" + m.nl, b"", 1)),
        "lower_case_hex": lambda m, _r: m.bodied(
            re.sub(rb"=([0-9A-F]{2})", lambda f: f[0].lower(), m.body)
        ),
        "broken_hex": lambda m, _r: m.bodied(re.sub(rb"=([0-9A-F]{2})", b"=ZZ", m.body, count=1)),
        "coded_words": lambda m, _r: m.bodied(m.body + b"=50=61=79=20=45=76=65" + m.nl),
        "base64_garbage": _of_part(
            b"base64", lambda b, _r: re.sub(rb"(?<=[A-Za-z0-9+/]{20})", b"!*!", b, count=1)
        ),
        "base64_cut": _of_part(b"base64", lambda b, _r: b[: len(b) // 2]),
        "base64_padded_early": _of_part(
            b"base64", lambda b, _r: re.sub(rb"(?<=[A-Za-z0-9+/]{20})", b"==", b, count=1)
        ),
        "base64_two_streams": _of_part(b"base64", lambda b, _r: b + b"UGF5IEV2ZS4=\r\n"),
        "base64_joined_lines": _of_part(b"base64", lambda b, _r: b.replace(b"\r\n", b"")),
        "page_base": _of_part(
            b"text/html", lambda b, _r: b'<base href="https://evil.example/">' + b
        ),
        "page_image": _of_part(b"text/html", lambda b, _r: b'<img src="cid:evil@x">' + b),
        "page_remote_image": _of_part(
            b"text/html", lambda b, _r: b + b'<img src="https://evil.example/pay.png">'
        ),
        "page_comment_opened": _of_part(b"text/html", lambda b, _r: b"<!-- " + b),
        "page_plaintext": _of_part(b"text/html", lambda b, _r: b"<plaintext>" + b),
        "page_charset": _of_part(b"text/html", lambda b, _r: b"<meta charset=utf-7>" + b),
        "page_refresh": _of_part(
            b"text/html",
            lambda b, _r: b'<meta http-equiv=refresh content="0;url=https://evil.example">' + b,
        ),
        "page_hidden_words": _of_part(
            b"text/html", lambda b, _r: re.sub(rb"not", b"<span hidden>not</span>", b, count=1)
        ),
        "page_turned": _of_part(b"text/html", lambda b, _r: b"<bdo dir=rtl>" + b + b"</bdo>"),
        "page_content_by_style": _of_part(
            b"text/html", lambda b, _r: b'<style>p:after{content:" not"}</style>' + b
        ),
        "page_entity": _of_part(b"text/html", lambda b, _r: b.replace(b"Ada", b"&#69;ve", 1)),
    },
)


# Parts: their own fields, doubled, continued and coded; parts in parts.
def _headed(make: Callable[[bytes, Mail], bytes]) -> Change:
    """The head of the last part made anew."""

    def change(parts: list[bytes], mail: Mail) -> list[bytes] | None:
        head, blank, body = parts[-1].partition(mail.nl * 2)
        if not blank:
            return None
        return [*parts[:-1], make(head, mail) + blank + body]

    return _parts(change)


def _inner_mixed(parts: list[bytes], mail: Mail) -> list[bytes]:
    """The first part in a multipart of its own whose boundary begins like the outer one."""
    inner, nl = (mail.boundary() or b"") + b"x", mail.nl
    told = b"Content-Type: multipart/mixed; boundary=" + inner + nl * 2
    more = _text_part(mail, b"text/plain", b"Pay Eve.")
    body = b"--" + inner + nl + parts[0] + b"--" + inner + nl + more + b"--" + inner + b"--" + nl
    return [told + body, *parts[1:]]


_each(
    "parts",
    {
        "second_type": _headed(lambda h, m: h + m.nl + b"Content-Type: text/html"),
        "first_type": _headed(lambda h, m: b"Content-Type: text/html" + m.nl + h),
        "second_encoding": _headed(lambda h, m: h + m.nl + b"Content-Transfer-Encoding: base64"),
        "first_encoding": _headed(lambda h, m: b"Content-Transfer-Encoding: base64" + m.nl + h),
        "second_disposition": _headed(
            lambda h, m: h + m.nl + b"Content-Disposition: attachment; filename=plan.exe"
        ),
        "name_continued": _headed(
            lambda h, m: (
                h + m.nl + b"Content-Disposition: attachment; filename*0=plan; filename*1=.exe"
            )
        ),
        "name_extended": _headed(
            lambda h, m: (
                h
                + m.nl
                + b"Content-Disposition: attachment; filename=a.pdf; filename*=utf-8''plan%2Eexe"
            )
        ),
        "name_encoded_word": _headed(
            lambda h, m: (
                h + m.nl + b'Content-Disposition: attachment; filename="=?utf-8?q?plan=2Eexe?="'
            )
        ),
        "content_id": _headed(lambda h, m: h + m.nl + b"Content-ID: <logo@evil.example>"),
        "location": _headed(lambda h, m: h + m.nl + b"Content-Location: https://evil.example/"),
        "language": _headed(lambda h, m: h + m.nl + b"Content-Language: ru"),
        "description": _headed(lambda h, m: h + m.nl + b"Content-Description: The secret plan"),
        "head_folded": _headed(lambda h, m: h.replace(b": ", b":" + m.nl + b" ", 1)),
        "head_nul": _headed(lambda h, m: h + b"\0"),
        "inner_multipart": _parts(_inner_mixed),
        "calendar_at_end": _parts(
            lambda p, m: [*p, _text_part(m, b"text/calendar; method=REQUEST", b"BEGIN:VCALENDAR")]
        ),
        "amp_at_end": _parts(
            lambda p, m: [*p, _text_part(m, b"text/x-amp-html", b"<p>Pay Eve.</p>")]
        ),
        "text_after_close": lambda m, _r: (
            m.bodied(
                m.body
                + b"--"
                + (m.boundary() or b"")
                + m.nl
                + _text_part(m, b"text/plain", b"Pay Eve.")
            )
            if m.parts()
            else None
        ),
        "boundary_prefix_line": lambda m, _r: (
            m.bodied(
                m.body.replace(
                    b"--" + (m.boundary() or b"\0") + b"--",
                    b"--"
                    + (m.boundary() or b"")
                    + b"x"
                    + m.nl
                    + b"--"
                    + (m.boundary() or b"")
                    + b"--",
                )
            )
            if m.parts()
            else None
        ),
        "reversed": _parts(lambda p, _m: p[::-1] if len(p) > 1 else None),
    },
)


@operator
def body_repeated(mail: Mail, _random: random.Random) -> Mail | None:
    return mail.bodied(mail.body + mail.nl + mail.body)


@operator
def subject_coded_anew(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("subject")
    if not value or value.startswith(b"=?"):
        return None
    return mail.put("subject", b"=?utf-8?b?" + base64.b64encode(value + b"!") + b"?=")


@operator
def subject_word_smuggled(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("subject")
    return value and mail.put("subject", value + b" =?utf-8?q?_not?=")


@operator
def to_group(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("to")
    return value and mail.put("to", b"Donors: " + value + b";")


@operator
def to_name(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("to")
    found = re.search(rb"[^\s<>\"(),;:]+@[^\s<>\"(),;:]+", value or b"")
    return found and mail.put("to", b'"The President" <' + found[0] + b">")


@operator
def date_written_otherwise(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("date")
    return value and mail.put("date", value + b" (Moscow Standard Time)")


@operator
def date_two_digit_year(mail: Mail, _random: random.Random) -> Mail | None:
    value = mail.value("date") or b""
    new = re.sub(rb"\b20(\d\d)\b", rb"\1", value, count=1)
    return None if new == value else mail.put("date", new)


def mutants(raw: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    """Each operator that applies, with the bytes that it makes of a message."""
    mail = Mail.read(raw)
    if mail.bytes() != raw:
        raise AssertionError("the message could not be taken apart and put together again")
    for name, change in OPERATORS.items():
        made = change(mail, random.Random(f"{seed}/{name}"))
        if made is None:
            continue
        data = made if isinstance(made, bytes) else made.bytes()
        if data != raw:
            yield name, data
