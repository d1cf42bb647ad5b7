"""White space that a relaxed signature leaves open never changes what verified mail shows."""

from __future__ import annotations

import email
import email.policy
import json
import random
import re
from email.message import Message
from pathlib import Path

import pytest

from dkim_signer import LETTER, key_row, sign
from tamis.analyses.leak.dkim import KeyRing, verify_message
from tamis.findings.verdict import RollUp
from tamis.syntax.mail.charset import decode
from tamis.syntax.mail.headers import split
from tamis.syntax.mail.mime import content, leaves, walk

BELIEVED = {RollUp.VERIFIED, RollUp.SUPPORTED}
TOP = [field for field in LETTER if field[0] not in {"MIME-Version", "Content-Type"}]
WHOLE = (
    "from:to:subject:date:message-id:mime-version:content-type:content-transfer-encoding"
    ":content-disposition"
)
GMAIL = "mime-version:from:date:message-id:subject:to"
RUN = re.compile(rb"[ \t]+")


def letter(kind: str, body: str, *more: tuple[str, str], signed: str = WHOLE) -> bytes:
    fields = [*TOP, ("MIME-Version", "1.0"), ("Content-Type", kind), *more]
    return sign(fields, body.replace("\n", "\r\n").encode(), signed=signed)


TEXT = "Content-Type: text/plain; charset=utf-8\n\nWe will NOT pay.\n\n  Bye  \n-- \nAda\n"
PAGE = "Content-Type: text/html;\n charset=utf-8\n\n<p>We will <b>NOT</b> pay.</p>\n"
QUOTED = (
    "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n"
    "We will =\nnot pay =3D 5. Caf=C3=A9=20\nand more\n"
)
CODED = (
    'Content-Type: application/pdf; name="a b.pdf"\nContent-Transfer-Encoding: base64\n'
    'Content-Disposition: attachment;\n filename="a b.pdf"\n\nSGVsbG8gQ2hhcmxl\ncyE=\n'
)
FORWARD = "Content-Type: message/rfc822\n\nFrom: x@y.org\nSubject: old  news\n\nText\n \nmore\n"
NESTED = f"Content-Type: multipart/alternative; boundary=cc\n\n--cc\n{TEXT}--cc\n{PAGE}--cc--\n"
MESSAGES = {
    "plain": letter(
        "text/plain; charset=utf-8", "Dear  you,\n\n  I pay \n-- \nAda\n> quoted  it \n"
    ),
    "flowed": letter("text/plain; format=flowed; delsp=yes", "I shall  \nnot  \npay\n\n> or so \n"),
    "quoted": letter(
        "text/plain; charset=utf-8",
        "Caf=C3=A9 is =\nnot  here =\n\nfor =3D you\n",
        ("Content-Transfer-Encoding", "quoted-printable"),
    ),
    "coded": letter(
        "text/plain; charset=utf-8", "RG8gbm90\nIHBheQ==\n", ("Content-Transfer-Encoding", "base64")
    ),
    "mixed": letter("multipart/mixed; boundary=bb", f"--bb\n{TEXT}--bb\n{CODED}--bb--\n"),
    "quoted_part": letter("multipart/mixed; boundary=bb", f"--bb\n{QUOTED}--bb\n{PAGE}--bb--\n"),
    "bare_parts": letter("multipart/mixed; boundary=bb", "--bb\n\nHi: there\n\nyou\n--bb--\n"),
    "preamble": letter("multipart/mixed; boundary=bb", f"pre\n\n--bb\n{TEXT}--bb--\n \nafter\n"),
    "nested": letter("multipart/mixed; boundary=bb", f"--bb\n{NESTED}\n--bb\n{CODED}--bb--\n"),
    "forward": letter("multipart/mixed; boundary=bb", f"--bb\n{TEXT}--bb\n{FORWARD}--bb--\n"),
    "digest": letter("multipart/digest; boundary=bb", "--bb\n\nSubject: a\n\nb\n\nc\n--bb--\n"),
    "message": letter("message/rfc822", "Subject: a b\nContent-Type: text/plain\n\nb\n\nc\n"),
    "blanks": letter('multipart/mixed; boundary="b b"', f"--b b\n{TEXT}--b b--\n"),
    "uu": letter("text/plain", "begin 644 a\n#0V%T\n`\nend\n\nso begin 644 ways\n"),
    "unsigned": letter("text/plain; charset=utf-8", "Dear  you,\n\n  I pay \n", signed=GMAIL),
    "unsigned_parts": letter(
        "multipart/alternative; boundary=bb", f"--bb\n{TEXT}--bb\n{TEXT}--bb--\n", signed=GMAIL
    ),
    "whole_length": sign(LETTER, b"I  pay \r\n\r\nnot\r\n", extra=" l=14;"),
}


def bare(text: object) -> str:
    return " ".join(str(text).split())


def shown(raw: bytes) -> list[object]:
    """What two readers of the standard library and our own show, but for white space."""
    found: list[object] = []
    for policy in (email.policy.compat32, email.policy.default):
        message = email.message_from_bytes(raw, policy=policy)
        found += [bare(_guarded(message, name)) for name in ("From", "To", "Subject", "Date")]
        found += [_part(part) for part in message.walk()]
    headers = split(raw)
    tree = walk(raw, [(item.name, item.value) for item in headers.fields], headers.body_start)
    found += [(part.depth, part.shown_type, bare(part.name)) for part in tree.parts]
    found += [bare(decode(content(raw, part)[0], part.charset)[0]) for part in leaves(tree)]
    return found


def _guarded(message: Message, name: str) -> object:
    try:
        return message[name]
    except Exception as error:  # noqa: BLE001 (the standard library raises anything on odd mail)
        return type(error).__name__


def _part(part: Message) -> tuple[str, ...]:
    kind = part.get_content_type()
    try:
        name = bare(part.get_filename())
        text = b"" if part.is_multipart() else part.get_payload(decode=True)
        shown_text = bare(decode(text or b"", part.get_content_charset())[0])
        disposition = str(part.get_content_disposition())
    except Exception as error:  # noqa: BLE001 (as above)
        return kind, type(error).__name__
    return kind, name, disposition, shown_text


def stirred_line(line: bytes, dice: random.Random) -> bytes:
    """A line of the body that relaxed canonicalisation counts as equal."""
    blanks = dice.choice([b" ", b"\t", b"  ", b" \t ", b""])
    choice = dice.randrange(3)
    if choice == 0:
        return line.rstrip(b" \t") + blanks
    runs = list(RUN.finditer(line.rstrip(b" \t")))
    if not runs:
        return line + blanks
    run = dice.choice(runs)
    return line[: run.start()] + (blanks or b"  ") + line[run.end() :]


def stirred(raw: bytes, dice: random.Random, *, in_head: bool = True) -> bytes:
    """A message that a relaxed signature counts as equal to `raw`."""
    end = b"\r\n" if b"\r\n" in raw else b"\n"
    head, blank, body = raw.partition(end + end)
    if in_head and dice.random() < 0.4:
        lines = head.split(end)
        at = dice.randrange(len(lines))
        name, colon, value = lines[at].partition(b": ")
        if colon and name.lower() != b"dkim-signature" and not lines[at].startswith((b" ", b"\t")):
            runs = list(RUN.finditer(value))
            put = dice.choice([b"  ", b"\t", end + b" ", end + b"\t", b" \t"])
            if runs and dice.random() < 0.6:
                run = dice.choice(runs)
                value = value[: run.start()] + put + value[run.end() :]
            elif dice.random() < 0.5:
                value += dice.choice([b" ", b"\t "])
            else:
                value = dice.choice([b" ", b"\t", end + b" "]) + value
            lines[at] = name + colon + value
        head = end.join(lines)
    lines = body.split(end)
    kinds = [
        list(range(len(lines))),
        [at for at, line in enumerate(lines) if not line.strip()],
        [at for at, line in enumerate(lines) if line.startswith(b"--")],
        [at for at, line in enumerate(lines) if line.lower().startswith(b"content-")],
        [at for at, line in enumerate(lines) if line.rstrip().endswith(b"=")],
    ]
    for _ in range(dice.choice([1, 1, 1, 2, 5])):
        at = dice.choice(dice.choice([kind for kind in kinds if kind]))
        lines[at] = stirred_line(lines[at], dice)
    return head + blank + end.join(lines)


def check(raw: bytes, changed: bytes, ring: KeyRing) -> bool:
    """Whether the changed message is still believed; if so it shows what it showed."""
    if verify_message(changed, ring).verdict.roll_up not in BELIEVED:
        return False
    assert shown(changed) == shown(raw)
    return True


HONEST = sorted(set(MESSAGES) - {"blanks"})


@pytest.mark.parametrize("name", HONEST)
def test_mail_as_it_was_signed_is_believed(name: str) -> None:
    verdict = verify_message(MESSAGES[name], KeyRing([key_row()])).verdict
    assert (verdict.roll_up in BELIEVED, verdict.kept_from) == (True, None)
    assert any("the exact white space" in one for one in verdict.does_not_claim)


@pytest.mark.parametrize("name", MESSAGES)
def test_stirred_white_space_never_changes_what_is_believed(name: str) -> None:
    ring = KeyRing([key_row()])
    dice = random.Random(name)
    kept = [check(MESSAGES[name], stirred(MESSAGES[name], dice), ring) for _ in range(150)]
    assert any(kept) == (name != "blanks")


@pytest.mark.shared_data
def test_stirred_white_space_of_real_mail_never_changes_what_is_believed(
    shared_data: Path,
) -> None:
    folder = shared_data / "leak"
    keys = json.loads((folder / "keys.json").read_text())
    ring = KeyRing(
        key_row(one["txt"], key_name=name, source="archive", source_label=one["src"])
        for name, entries in keys.items()
        for one in entries
    )
    dice = random.Random(4)
    believed = 0
    for path in sorted((folder / "signed").rglob("*")):
        raw = path.read_bytes() if path.is_file() and path.stat().st_size < 300_000 else b""
        if not raw or verify_message(raw, ring).verdict.roll_up not in BELIEVED:
            continue
        believed += 1
        for _ in range(15):
            check(raw, stirred(raw, dice), ring)
    assert believed > 10
