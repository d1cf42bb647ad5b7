"""Signed mail made by a test, and what honest carriers, lists, gateways and stores do to it.

Shares no code with what it tests: encodings come from the standard library.
"""

from __future__ import annotations

import base64
import quopri
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dkim_signer import sign

if TYPE_CHECKING:
    from collections.abc import Callable

TOLD = (
    "the budget meeting room train ticket draft speech candidate committee report invoice "
    "office school bridge harbour answer question letter summer winter minister village "
    "printer poster réunion trésorier dîner équipe présidente bientôt forêt déjà façade "
    "élève where when which today again maybe please thanks regards table number volunteers "
    "bus station hall music "
)
WORDS = TOLD.split()
SIGNED = (
    "from:to:subject:date:message-id:mime-version:content-type:content-transfer-encoding",
    "mime-version:from:date:message-id:subject:to",
    "from:to:subject:date:reply-to:content-type:mime-version",
)
FORMS = (("relaxed", "relaxed"), ("relaxed", "simple"), ("simple", "simple"))


@dataclass(frozen=True)
class Made:
    """One signed message: its bytes, its text, and how it is built."""

    raw: bytes
    kind: str
    forms: tuple[str, str]

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]


def sentence(dice: random.Random, *, ascii_only: bool) -> str:
    told = [w for w in WORDS if w.isascii() or not ascii_only]
    words = [dice.choice(told) for _ in range(dice.randint(4, 11))]
    if dice.random() < 0.5:
        words.insert(dice.randrange(1, len(words)), str(dice.randint(2, 9_999)))
    return " ".join(words).capitalize() + dice.choice(".,?;!")


def text(dice: random.Random, *, ascii_only: bool) -> str:
    lines = ["Dear Ada,", ""]
    for _ in range(dice.randint(2, 9)):
        lines.append(sentence(dice, ascii_only=ascii_only))
        if dice.random() < 0.4:
            lines.append("")
    if dice.random() < 0.5:
        lines += ["From here on nothing changes.", ">From there neither.", ".hidden line"]
    lines += [f"https://www.example.org/page/{dice.randint(1, 999)}?a=1&b=2", "", "Best,", "Bob"]
    return "\r\n".join(lines) + "\r\n"


def page(plain: str) -> str:
    paragraphs = [f"<p>{line}</p>" for line in plain.replace("&", "&amp;").split("\r\n") if line]
    link = '<a href="https://www.example.org/vote">here</a>'
    return "\r\n".join(["<html>", '<body dir="ltr">', *paragraphs, link, "</body>", "</html>", ""])


def quoted(data: str) -> bytes:
    return quopri.encodestring(data.encode().replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def coded(data: bytes, width: int = 76) -> bytes:
    letters = base64.b64encode(data)
    lines = [letters[i : i + width] for i in range(0, len(letters), width)]
    return b"\r\n".join(lines) + b"\r\n"


def make(seed: int) -> Made:
    """The signed message of a seed: seven kinds, three canonical forms, three lists of fields."""
    dice = random.Random(f"carriers {seed}")
    kind = dice.choice(["plain", "eight", "quoted", "coded", "alternative", "mixed", "page"])
    plain = text(dice, ascii_only=kind == "plain")
    charset = "us-ascii" if kind == "plain" else "utf-8"
    encoding = {"plain": "7bit", "eight": "8bit", "quoted": "quoted-printable", "coded": "base64",
                "page": "quoted-printable"}.get(kind)  # fmt: skip
    subtype = "html" if kind == "page" else "plain"
    content = f'text/{subtype}; charset="{charset}"'
    body = {
        "quoted": quoted(plain),
        "coded": coded(plain.encode()),
        "page": quoted(page(plain)),
    }.get(kind, plain.encode())
    if kind in {"alternative", "mixed"}:
        content = f'multipart/{kind}; boundary="=_b{seed}"'
        body = joined(f"=_b{seed}".encode(), [
            part("text/plain; charset=utf-8", "quoted-printable", quoted(plain)),
            part("text/html; charset=utf-8", "quoted-printable", quoted(page(plain)))
            if kind == "alternative"
            else part("application/pdf; name=a.pdf", "base64", coded(bytes(dice.randbytes(900)))),
        ])  # fmt: skip
    forms = dice.choice(FORMS)
    fields = [
        ("From", "Bob Example <bob@example.org>"),
        ("To", "Ada <ada@example.net>, Carl <carl@example.net>"),
        (
            "Subject",
            sentence(dice, ascii_only=True).rstrip(".,?;!") + " " + "and so on " * 3 + "end",
        ),
        (
            "Date",
            f"Thu, {dice.randint(4, 4):02d} May 2017 1{dice.randint(0, 9)}:00:07 +0200 (CEST)",
        ),
        ("Message-ID", f"<{seed}@example.org>"),
        ("MIME-Version", "1.0"),
        ("Content-Type", content),
        *([("Content-Transfer-Encoding", encoding)] if encoding else []),
    ]
    chosen = dice.choice(SIGNED)
    if encoding is None:
        chosen = chosen.replace(":content-transfer-encoding", "")
    return Made(sign(fields, body, signed=chosen, forms=forms), kind, forms)


def part(content: str, encoding: str, body: bytes) -> bytes:
    head = f"Content-Type: {content}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def joined(mark: bytes, parts: list[bytes]) -> bytes:
    out = b"".join(b"--" + mark + b"\r\n" + one + b"\r\n" for one in parts)
    return out + b"--" + mark + b"--\r\n"


def on_body(change: Callable[[bytes], bytes]) -> Callable[[Made, random.Random], bytes]:
    return lambda made, _: made.head + change(made.body)


def on_head(pattern: bytes, new: bytes) -> Callable[[Made, random.Random], bytes]:
    return lambda made, _: re.sub(pattern, new, made.head, count=1) + made.body


FOOTER = (b"_______________________________________________\r\nCrew mailing list\r\n"
          b"Crew@lists.example.net\r\nhttps://lists.example.net/listinfo/crew\r\n")  # fmt: skip
BANNER = (b"CAUTION: This email originated from outside of the organization. Do not click links "
          b"or open attachments unless you recognize the sender.\r\n\r\n")  # fmt: skip


def footer(made: Made, dice: random.Random) -> bytes | None:
    if made.kind in {"plain", "eight", "quoted"}:
        return made.raw + FOOTER
    if made.kind == "coded":
        data = base64.b64decode(made.body)
        return made.head + coded(data + FOOTER)
    return None


def footer_in_page(made: Made, dice: random.Random) -> bytes | None:
    if made.kind != "page":
        return None
    mark = quoted('<br><div style="color:gray">This email was scanned for viruses.</div>\r\n')
    return made.raw.replace(b"</body>", mark + b"</body>")


def banner(made: Made, dice: random.Random) -> bytes | None:
    if made.kind in {"plain", "eight", "quoted"}:
        return made.head + BANNER + made.body
    if made.kind == "page":
        data = quopri.decodestring(made.body).decode()
        told = '<div style="border:1px"><b>CAUTION:</b> External sender. Do not click links.</div>'
        return made.head + quoted(
            data.replace('dir="ltr">', 'dir="ltr">' + told)
            .replace("\n", "\r\n")
            .replace("\r\r", "\r")
        )
    if made.kind in {"alternative", "mixed"}:
        return made.raw.replace(
            b"quoted-printable\r\n\r\n", b"quoted-printable\r\n\r\n" + BANNER, 1
        )
    return None


def footer_part(made: Made, dice: random.Random) -> bytes | None:
    if made.kind != "mixed":
        return None
    mark = re.search(rb'boundary="([^"]+)"', made.head)
    assert mark
    new = b"--" + mark[1] + b"\r\n" + part("text/plain; charset=us-ascii", "7bit", FOOTER)
    return made.raw.replace(b"--" + mark[1] + b"--", new + b"\r\n--" + mark[1] + b"--")


def wrapped(made: Made, dice: random.Random) -> bytes | None:
    """A list puts the message into a multipart and adds its footer as a part."""
    if made.kind in {"plain", "eight"}:
        return None
    types = re.findall(rb"(?m)^(?:Content-Type|Content-Transfer-Encoding):[^\r\n]*\r\n", made.head)
    head = made.head
    for one in types:
        head = head.replace(one, b"")
    inner = b"".join(types) + b"\r\n" + made.body
    body = joined(b"===list==", [inner, part("text/plain; charset=us-ascii", "7bit", FOOTER)])
    new = b'Content-Type: multipart/mixed; boundary="===list=="\r\n\r\n'
    if (
        made.forms[0] == "simple"
        or b"content-transfer-encoding" in made.head.lower().split(b"h=")[1]
    ):
        return None
    return head[:-2] + new + body


def tagged(made: Made, dice: random.Random) -> bytes:
    return made.head.replace(b"Subject: ", b"Subject: [crew] ") + made.body


def tagged_and_footer(made: Made, dice: random.Random) -> bytes | None:
    new = footer(made, dice)
    return None if new is None else new.replace(b"Subject: ", b"Subject: [crew] ", 1)


def to_quoted(made: Made, dice: random.Random) -> bytes | None:
    if made.kind != "eight":
        return None
    head = made.head.replace(b"Encoding: 8bit", b"Encoding: quoted-printable")
    return head + quoted(made.body.decode())


def to_coded(made: Made, dice: random.Random) -> bytes | None:
    if made.kind != "eight":
        return None
    return made.head.replace(b"Encoding: 8bit", b"Encoding: base64") + coded(made.body)


def to_eight(made: Made, dice: random.Random) -> bytes | None:
    if made.kind == "quoted":
        data = quopri.decodestring(made.body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return made.head.replace(b"Encoding: quoted-printable", b"Encoding: 8bit") + data
    if made.kind == "coded":
        return made.head.replace(b"Encoding: base64", b"Encoding: 8bit") + base64.b64decode(
            made.body
        )
    return None


def rewrapped(made: Made, dice: random.Random) -> bytes | None:
    if made.kind != "coded":
        return None
    return made.head + coded(base64.b64decode(made.body), dice.choice([60, 64, 72, 996]))


def safe_links(made: Made, dice: random.Random) -> bytes | None:
    if made.kind not in {"plain", "eight"}:
        return None

    def wrap(found: re.Match[bytes]) -> bytes:
        link = quote(found[0].decode(), safe="").encode()
        return (
            b"https://eur01.safelinks.protection.outlook.com/?url="
            + link
            + b"&data=05%7C01&reserved=0"
        )

    return made.head + re.sub(rb"https://[^\s]+", wrap, made.body)


def defended_links(made: Made, dice: random.Random) -> bytes | None:
    if made.kind not in {"plain", "eight"}:
        return None

    def wrap(found: re.Match[bytes]) -> bytes:
        link = quote(found[0].decode(), safe="-_.").replace("%", "-").replace("_", "-5F").encode()
        link = link.replace(b"-2F", b"_") if b"_" not in link else link
        return b"https://urldefense.proofpoint.com/v2/url?u=" + link + b"&d=DwMFaQ&c=xyz&e="

    if b"-" in re.findall(rb"https://[^\s]+", made.body)[0]:
        return None
    return made.head + re.sub(rb"https://[^\s]+", wrap, made.body)


def only(
    kinds: set[str], change: Callable[[bytes], bytes]
) -> Callable[[Made, random.Random], bytes | None]:
    return lambda made, _: made.head + change(made.body) if made.kind in kinds else None


def munged(made: Made, dice: random.Random) -> bytes | None:
    """A list puts its own address into From and the writer's into Reply-To."""
    if b"reply-to" in made.head.lower().split(b"h=")[1].split(b";")[0]:
        return None
    line = b"From: Bob Example <bob@example.org>\r\n"
    new = b"From: Bob Example via Crew <crew@lists.example.net>\r\nReply-To:" + line[5:]
    return made.head.replace(line, new) + made.body


TEXTS = {"plain", "eight"}
REVERSIBLE: dict[str, Any] = {
    "mboxo": on_body(lambda b: re.sub(rb"(?m)^From ", b">From ", b)),
    "mboxrd": on_body(lambda b: re.sub(rb"(?m)^(>*From )", rb">\1", b)),
    "mbox_over_unquoted": on_body(lambda b: re.sub(rb"(?m)^>From ", b"From ", b)),
    "dots_stuffed": on_body(lambda b: re.sub(rb"(?m)^\.", b"..", b)),
    "dots_lost": on_body(lambda b: re.sub(rb"(?m)^\.", b"", b)),
    "lone_cr": lambda made, _: made.raw.replace(b"\r\n", b"\r"),
    "doubled_cr": on_body(lambda b: b.replace(b"\r\n", b"\r\r\n")),
    "trailing_blanks": on_body(lambda b: re.sub(rb",\r\n", b", \r\n", b)),
    "footer": footer,
    "footer_in_page": footer_in_page,
    "footer_part": footer_part,
    "wrapped": wrapped,
    "banner": banner,
    "tagged": tagged,
    "tagged_and_footer": tagged_and_footer,
    "spam_marked": on_head(rb"Subject: ", b"Subject: *****SPAM***** "),
    "external_marked": on_head(rb"Subject: ", b"Subject: [EXTERNAL] "),
    "to_quoted": to_quoted,
    "to_coded": to_coded,
    "to_eight": to_eight,
    "rewrapped": rewrapped,
    "safe_links": safe_links,
    "defended_links": defended_links,
    "byte_order_mark": lambda made, _: b"\xef\xbb\xbf" + made.raw,
    "blank_lines_on_top": lambda made, _: b"\r\n\r\n" + made.raw,
    "blank_line_on_body": on_body(lambda b: b"\r\n" + b),
    "epilogue": lambda made, _: made.raw + b"\r\nThis message was sent by a list.\r\n"
    if made.kind == "mixed" else None,
    "preamble": lambda made, _: made.head + b"This is a multi-part message in MIME format.\r\n"
    + made.body if made.kind == "mixed" else None,
    "mojibake": only({"eight"}, lambda b: b.decode("cp1252", "replace").encode()
                     if "\ufffd" not in b.decode("cp1252", "replace") else b),
    "to_latin1": only({"eight"}, lambda b: b.decode().encode("latin-1")),
    "date_without_zone_name": on_head(rb" \(CEST\)", b""),
    "date_in_utc": lambda made, _: re.sub(
        rb"1(\d):00:07 \+0200 \(CEST\)",
        lambda m: b"%02d:00:07 +0000" % (8 + int(m[1])), made.head) + made.body,
    "reply_to_added": on_head(rb"To: Ada", b"Reply-To: crew@lists.example.net\r\nTo: Ada"),
    "refolded": on_head(rb"and so on and so on", b"and so on\r\n\tand so on"),
    "addresses_respaced": on_head(rb"net>, Carl", b"net>,\r\n        Carl"),
    "munged": munged,
}  # fmt: skip


def one_of(pattern: bytes, new: bytes) -> Callable[[Made, random.Random], bytes | None]:
    """One place only, which a search for small edits could restore."""

    def change(made: Made, dice: random.Random) -> bytes | None:
        places = list(re.finditer(pattern, made.body))
        if not places or made.kind in {"coded", "mixed"}:
            return None
        found = dice.choice(places)
        return made.head + made.body[: found.start()] + found.expand(new) + made.body[found.end() :]

    return change


E_ACUTE = "é".encode()
IRREVERSIBLE: dict[str, Any] = {
    "letter_lost": one_of(E_ACUTE, b"?"),
    "letter_lost_in_quoted": one_of(rb"=C3=A9", b"?"),
    "letter_without_accent": one_of(E_ACUTE, b"e"),
    "letter_without_accent_in_quoted": one_of(rb"=C3=A9", b"e"),
    "letter_as_latin1": one_of(E_ACUTE, b"\xe9"),
    "letter_stripped_to_seven_bits": one_of(E_ACUTE, b"C)"),
    "letter_replaced": one_of(E_ACUTE, "\ufffd".encode()),
    "one_from_quoted": one_of(rb"(?m)^From ", b">From "),
    "one_mark_lost": one_of(rb"[,;!]", b""),
    "one_mark_changed": one_of(rb"[;!]", b"."),
    "one_dash": one_of(rb"(?<=[a-z]) (?=[a-z])", b" - "),
    "one_blank_lost": one_of(rb"(?<=[a-z]) (?=[a-z])", b""),
    "one_line_broken": one_of(rb"(?<=[a-z]) (?=[a-z])", b"\r\n"),
    "one_soft_break": one_of(rb"(?<=[a-z]) (?=[a-z])", b" =\r\n"),
    "one_escape_left": one_of(rb"(?<=[a-z]) (?=[a-z])", b"=20"),
    "one_escape_in_lower_case": one_of(rb"=C3=A9", b"=c3=a9"),
    "link_with_tls_lost": one_of(rb"https://", b"http://"),
    "link_way_changed": one_of(rb"/page/(\d)", rb"/page/\g<1>7"),
    "link_bracketed": one_of(rb"https://\S+", rb"<\g<0>>"),
    "link_wrapped_for_good": one_of(rb"https://\S+", b"https://protect.mimecast.com/s/abcdef"),
    "link_gone": one_of(rb"https://\S+", b"[link removed]"),
    "capital": one_of(rb"\b(?:The|the)\b", b"THE"),
    "pixel": one_of(
        rb"</body>", b'<img src="https://t.example.net/p.gif" width="1">\r\n</body>'),
    "disclaimer_before_quote": one_of(
        rb"Best,", b"Please think before you print.\r\n\r\nOn Monday, Carl wrote:\r\n> Best,"),
    "advertisement_at_end": lambda made, _: made.raw + b"\r\nGet your free mailbox today!\r\n",
    "greeting_on_top": lambda made, _: made.head + b"Forwarded by the secretary.\r\n" + made.body,
    "words_masked": one_of(rb"\b\d{2,4}\b", b"XXXX"),
    "prefix_in_subject": on_head(rb"Subject: ", b"Subject: Intern "),
    "suffix_in_subject": on_head(rb"\bend\r\n", b"end (fwd)\r\n"),
    "zone_wrong": on_head(rb"\+0200", b"+0100"),
    "address_added": on_head(rb"To: Ada", b"To: crew@lists.example.net, Ada"),
    "name_dropped": on_head(rb"To: Ada <ada@example.net>", b"To: ada@example.net"),
    "cut_off": lambda made, _: made.raw[: len(made.raw) * 2 // 3],
    "plain_only": lambda made, _: made.head + made.body[: len(made.body) // 2]
    if made.kind == "alternative" else None,
    "part_replaced": lambda made, _: re.sub(
        rb"Content-Type: application/pdf.*?\r\n--", b"Content-Type: text/plain\r\n\r\n"
        b"The attachment a.pdf was removed.\r\n--", made.raw, flags=re.DOTALL)
    if made.kind == "mixed" else None,
}  # fmt: skip


def small_edit(dice: random.Random, made: Made) -> tuple[str, bytes] | None:
    """A forger's change of one word, digit, line or letter in what is shown."""
    body = made.body
    told = "digit digit_added digit_lost letter word_added line_added word_told lines_swapped host"
    kind = dice.choice([*told.split(), "day", "subject", "name"])
    if kind == "day":
        return kind, made.raw.replace(b", 04 May", b", 06 May")
    if kind == "subject":
        return kind, made.raw.replace(b"so on end\r\n", b"so on bend\r\n")
    if kind == "name":
        return kind, made.raw.replace(b"From: Bob ", b"From: Rob ")
    is_whole = made.kind not in {"mixed", "alternative"}
    stop = len(body) if is_whole else body.index(b"--=_b", 10)
    patterns = {
        "digit": (rb"(?<=[ /])\d(?=\d*[ ?])", lambda m: b"%d" % ((int(m[0]) + 3) % 10)),
        "digit_added": (rb"(?<= )\d+(?= )", lambda m: m[0] + b"0"),
        "digit_lost": (rb"(?<= )\d\d+(?= )", lambda m: m[0][:-1]),
        "letter": (rb"(?<=[a-z])[aeiou](?=[a-z])", lambda _: b"y"),
        "word_added": (rb"(?<= )[a-z]{4,}(?= )", lambda m: b"secretly " + m[0]),
        "line_added": (rb"(?m)^[A-Z][a-z]+ [^\r\n=]{8,60}\r\n",
                       lambda m: m[0] + b"Pay Eve at once.\r\n"),
        "word_told": (rb"(?<= )[a-z]{4,}(?= )", lambda m: b"not " + m[0]),
        "lines_swapped": (rb"(?m)^([A-Z][a-z]+ [^\r\n=]+\r\n)([A-Z][a-z]+ [^\r\n=]+\r\n)",
                          lambda m: m[2] + m[1]),
        "host": (rb"www\.example\.org/", lambda _: b"www.exemple.org/"),
    }  # fmt: skip
    pattern, new = patterns[kind]
    places = [one for one in re.finditer(pattern, body) if 40 < one.start() < stop - 4]
    if not places or made.kind == "coded":
        return None
    found = dice.choice(places)
    return kind, made.head + body[: found.start()] + new(found) + body[found.end() :]
