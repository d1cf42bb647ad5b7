"""Copies of signed mail that stores, Sent and Drafts folders keep: none accuses, edits still do."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from leak_box import A, B
from test_planted_witnesses import ID, REAL, TEXT, answered, home, plain, signed, verdicts

from cfb_writer import attachment, compound_file, message

if TYPE_CHECKING:
    from pathlib import Path

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n" + b"budget 2017 " * 300 + b"\n%%EOF\n"
_CODED = base64.encodebytes(PDF).decode().replace("\n", "\r\n")
MIXED = {"Content_Type": 'multipart/mixed; boundary="b1"'}
BODY = (
    f"--b1\r\nContent-Type: text/plain\r\n\r\n{TEXT}\r\n--b1\r\nContent-Type: application/pdf\r\n"
    'Content-Disposition: attachment; filename="budget.pdf"\r\n'
    f"Content-Transfer-Encoding: base64\r\n\r\n{_CODED}--b1--\r\n"
)
SENT = signed(A, B, ID, text=BODY, domain="campaign.example", **MIXED)
HEAD = SENT.partition(b"\r\n\r\n")[0].decode() + "\r\n\r\n"
DRAFT = b"X-Unsent: 1\r\n"
EDITED = plain(A, B, ID, text=TEXT.replace("1000", "2000"))


def stored(*files: bytes, text: str = TEXT) -> bytes:
    """What Outlook keeps of the message; each file is declared to be a PDF."""
    held = {0x001A001F: "IPM.Note", 0x0037001F: "pay", 0x1000001F: text, 0x007D001F: HEAD}
    told: dict[int, Any] = {0x37050003: 1, 0x3707001F: "budget.pdf", 0x370E001F: "application/pdf"}
    parts = tuple(attachment({**told, 0x37010102: data}) for data in files)
    return compound_file(message(held, (), parts))


HONEST = {
    "same": stored(PDF),
    "notice": stored(b"The attachment budget.pdf was removed by policy 7."),
    "notice_french": stored("La pi\xe8ce jointe a \xe9t\xe9 retir\xe9e.".encode()),
    "notice_wide": stored("La pi\xe8ce jointe a \xe9t\xe9 retir\xe9e.".encode("utf-16")),
    "notice_page": stored(b"<html><body><p>This attachment was removed.</p></body></html>"),
    "notice_rtf": stored(rb"{\rtf1\ansi This attachment was removed.}"),
    "emptied": stored(b""),
    "taken_out": stored(),
    "unwrapped": stored(PDF, text=TEXT.replace("\r\n", " ")),
    "bcc": b"Bcc: carol@town.example\r\n" + plain(A, B, ID, text=BODY, **MIXED),
    "sent": plain(A, B, ID, text=BODY, **MIXED),
    "sent_without_file": REAL,
    "draft": DRAFT + EDITED,
    "draft_unnamed": DRAFT + EDITED.replace(f"Message-ID: {ID}\r\n".encode(), b""),
    "draft_early": b"X-Mozilla-Draft-Info: internal/draft\r\n"
    + EDITED.replace(b"10:00:00", b"09:51:00"),
    "Brouillons": EDITED.replace(b"MIME-Version", b"X-B: 1\r\nMIME-Version"),
}


def words(tmp_path: Path, ways: dict[str, bytes]) -> dict[str, str]:
    mail = {name: data for name, data in ways.items() if not data.startswith(b"\xd0\xcf")}
    for name in ways.keys() - mail.keys():
        path = tmp_path / "leak" / name / "1.msg"
        path.parent.mkdir(parents=True)
        path.write_bytes(ways[name])
    found = verdicts(tmp_path, **mail, witness=SENT)
    assert found["witness"][0] == "verified"
    return {name: found[name][0] for name in ways}


def test_what_stores_and_folders_keep_accuses_nobody(tmp_path: Path) -> None:
    accused = {name for name, word in words(tmp_path, HONEST).items() if word == "altered_copy"}
    assert not accused


def test_what_a_hand_changed_is_still_found(tmp_path: Path) -> None:
    ways = {
        "other_file": stored(PDF.replace(b"2017", b"2018")),
        "other_words": stored(PDF, text=TEXT.replace("1000", "9000")),
        "Sent": EDITED,
        "received_draft": b"Received: from a by b; x\r\n" + DRAFT + EDITED,
    }
    assert set(words(tmp_path, ways).values()) == {"altered_copy"}


def test_a_draft_is_not_held_against_what_was_answered(tmp_path: Path) -> None:
    home(tmp_path, "alice", A)
    (tmp_path / "leak" / "alice" / "8.eml").write_bytes(DRAFT + EDITED)
    (tmp_path / "leak" / "alice" / "9.eml").write_bytes(REAL)
    found = verdicts(tmp_path, r1=answered(A, TEXT, In_Reply_To=ID))
    assert found["r1"][0] == "verified"
    assert found["alice", "8.eml"][0] == "unverifiable"
