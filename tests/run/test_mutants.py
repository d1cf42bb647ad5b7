"""No change to signed mail that a reader could see ends as verified or supported."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from dkim_signer import LETTER, ed25519_key, key_row, public_text, sign
from mail_mutations import OPERATORS, mutants
from mail_readers import FIELDS, PARTS, differs, shown
from mutation_case import (
    Base,
    Found,
    generated,
    judge_alone,
    judge_folder,
    judge_settings,
    make,
    real,
    ring,
)

GMAIL = "mime-version:from:date:message-id:subject:to"
FULL = "from:to:cc:subject:date:message-id:mime-version:content-type:content-transfer-encoding"
TOP = [*LETTER[:-1], ("Cc", "Carl <carl@example.net>")]
WORDS = (
    b"Dear Charles,\r\n\r\nwe will not pay the 5 printers in Lyon.\r\n\r\nBring the list.\r\n\r\n"
    b"Ada\r\n"
)
PAGE = (
    b"<p>Dear Charles,</p><p>we will not pay the 5 printers in Lyon.</p><p>Bring the list.</p>"
    b"<p>Ada</p>"
)


def multipart(kind: str, *parts: bytes, signed: str) -> bytes:
    body = b"".join(b"--00c1\r\n" + one + b"\r\n" for one in parts) + b"--00c1--\r\n"
    return sign([*TOP, ("Content-Type", f'multipart/{kind}; boundary="00c1"')], body, signed=signed)


TEXT_PART = b"Content-Type: text/plain; charset=UTF-8\r\n\r\n" + WORDS
PAGE_PART = b"Content-Type: text/html; charset=UTF-8\r\n\r\n" + PAGE + b"\r\n"
FILE_PART = (
    b"Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf"
    b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(bytes(range(90))).replace(b"\n", b"\r\n")
)
PLAIN = [*TOP, ("Content-Type", "text/plain; charset=UTF-8")]
QUOTED = [*PLAIN, ("Content-Transfer-Encoding", "quoted-printable")]
ED_KEY = ed25519_key()
BASES = [
    Base("alternative", multipart("alternative", TEXT_PART, PAGE_PART, signed=GMAIL)),
    Base("mixed", multipart("mixed", TEXT_PART, FILE_PART, signed=FULL)),
    Base("plain", sign(PLAIN, WORDS, signed=GMAIL)),
    Base("whole", sign(PLAIN, WORDS, signed=FULL, forms=("simple", "simple"))),
    Base("coded", sign(QUOTED, b"D=C3=AEner pay=C3=A9 by the =\r\nboard.\r\n", signed=FULL)),
    Base("length", sign(PLAIN, WORDS, signed=FULL, extra=f" l={len(WORDS)};")),
    Base(
        "ed25519",
        sign(
            PLAIN, WORDS, signed=FULL, algorithm="ed25519-sha256", key=ED_KEY, replace={"s": "ed"}
        ),
    ),
]
KEYS = {
    key_row()["key_name"]: [{"txt": key_row()["txt"]}],
    "ed._domainkey.example.org": [{"txt": f"v=DKIM1; k=ed25519; p={public_text(ED_KEY)}"}],
}


def check(found: Found) -> None:
    assert found.wrong == []
    assert found.changed_count > found.mutant_count / 3, "most operators change what is shown"


def test_there_are_enough_operators_and_each_of_them_does_something() -> None:
    done = {name for base in BASES for name, _ in mutants(base.raw, 1)}
    lacking = {name for name in OPERATORS if name not in done}
    # These need fields that an ordinary letter has not.
    assert {name.partition("_")[0] for name in lacking} <= {
        *("set", "dropped", "encoding", "body", "type")
    }
    assert len(done) >= 150


def test_the_judge_sees_what_it_has_to_see() -> None:
    base = BASES[1].raw
    told = shown(base)
    for old, new in (
        (b"Charles <", b"Eve <"),
        (b"The engine", b"The plan"),
        (b"not pay", b"pay"),
        (b"name=a.pdf", b"name=b.pdf"),
        (b"AAECAwQ", b"AAECAwU"),
        (b"attachment;", b"inline;"),
    ):
        assert old in base
        assert differs(told, shown(base.replace(old, new)), fields=(*FIELDS, *PARTS)), old
    assert not differs(told, shown(base.replace(b"\r\n", b"\n")), fields=(*FIELDS, *PARTS))
    assert not differs(told, shown(b"X-New: 1\r\n" + base), fields=(*FIELDS, *PARTS))


def test_alone() -> None:
    for base in BASES:
        assert {"verified"} == {judge_word(base)}, base.name
    check(judge_alone(make(BASES), ring(KEYS), edit_work=200_000))


def judge_word(base: Base) -> str:
    from tamis.analyses.leak.dkim import verify_message

    return str(verify_message(base.raw, ring(KEYS)).verdict.roll_up)


@pytest.mark.parametrize("stripped", [False, True], ids=["signed", "signatures_taken_out"])
def test_in_a_folder_beside_the_original(tmp_path: Path, *, stripped: bool) -> None:
    """The owner's originals of one half are references, the others lie in the dump."""
    one, other = [[base.raw for base in BASES[start::2]] for start in (0, 1)]
    made = make(BASES, stripped=stripped, every=11)
    found = judge_folder(tmp_path, made, KEYS, setting="folder", leak=one, reference=other)
    check(found)
    assert sum(row["altered_copy"] for row in found.table.values()) > 3
    assert sum(row["consistent"] for row in found.table.values()) > 3 * stripped


LONG = [
    "The treasurer asked for the second invoice of the printer before Friday evening.",
    "Please bring the signed contract for the hall in Lyon to the meeting tomorrow.",
    "Nobody has yet answered the question about the buses for the volunteers.",
]


def answer(number: int, who: str) -> bytes:
    quoted = "".join(f"> {line}\r\n" for one in LONG for line in (one, ""))
    head = "On 2 May 2017 at 10:00, Bob <bob@example.org> wrote:\r\n"
    fields = [
        ("From", f"{who} <{who.lower()}@example.org>"),
        ("To", "Bob <bob@example.org>"),
        ("Subject", "Re: Invoice and hall"),
        ("Date", f"Tue, 02 May 2017 12:0{number}:00 +0000"),
        ("Message-ID", f"<r{number}@example.org>"),
        ("In-Reply-To", "<q1@town.example>"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
    ]
    body = f"Thank you, I shall do that, {who}.\r\n\r\n{head}{quoted}"
    return sign(fields, body.encode(), signed=f"{FULL}:in-reply-to")


def test_quoted_by_two_verified_replies_and_nowhere_else(tmp_path: Path) -> None:
    asked = (
        "From: Bob <bob@example.org>\r\nTo: Ada <ada@example.org>\r\n"
        "Cc: Carl <carl@example.org>\r\nSubject: Invoice and hall\r\n"
        "Date: Tue, 02 May 2017 10:00:00 +0000\r\nMessage-ID: <q1@town.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "\r\n\r\n".join(LONG) + "\r\n"
    )  # fmt: skip
    made = make([Base("quoted", asked.encode())])
    answers = [answer(1, "Ada"), answer(2, "Carl")]
    found = judge_folder(tmp_path, made, KEYS, setting="quoted", leak=answers)
    check(found)
    assert sum(row["consistent"] for row in found.table.values()) > 5, "the quotations are found"


@pytest.mark.long
def test_every_real_signed_message_in_every_setting(shared_data: Path, tmp_path: Path) -> None:
    bases, keys = real(shared_data)
    assert len(bases) >= 12
    check(judge_alone(make(bases), ring(keys)))
    for one in judge_settings(tmp_path, bases, keys, ()).values():
        check(one)


@pytest.mark.long
def test_two_hundred_invented_messages(tmp_path: Path) -> None:
    bases, keys, others = generated(tmp_path, 200)
    assert len(bases) == 200
    check(judge_alone(make(bases), ring(keys)))
    for one in judge_settings(tmp_path, bases, keys, others[:60], every=10, batch=40).values():
        check(one)
