"""Verified mail that a stranger signed with his own domain: it neither supports nor accuses."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from leak_box import A, B

from dkim_signer import SELECTOR, public_text, rsa_key, sign
from tamis.case import Case
from tamis.progress import Silent
from tamis.run.analyse import analyse
from tamis.run.intake import add

if TYPE_CHECKING:
    from pathlib import Path

EVE = "eve@stranger.example"
SIGNED = "from:to:cc:subject:date:message-id:in-reply-to:references:mime-version:content-type"
TEXT = (
    "Hello,\r\n\r\nWe pay 1000 euros on Monday, not before. The hall in Lyon is hired until ten "
    "and\r\nthe donors arrive at nine sharp with their lawyers.\r\n\r\nAlice\r\n"
)
OTHER = TEXT.replace("1000", "9000")
ID = "<m1@campaign.example>"


def fields(sender: str, receiver: str, name: str, **more: str) -> list[tuple[str, str]]:
    given = {"From": sender, "To": receiver, "Subject": "pay", "Message-ID": name}
    given |= {"Date": "Tue, 02 May 2017 10:00:00 +0000", "MIME-Version": "1.0"}
    given |= {"Content-Type": "text/plain"}
    return list((given | {key.replace("_", "-"): text for key, text in more.items()}).items())


def plain(*given: str, text: str = TEXT, **more: str) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields(*given, **more))
    return f"{head}\r\n{text}".encode()


def signed(*given: str, text: str = TEXT, domain: str = "stranger.example", **more: str) -> bytes:
    return sign(fields(*given, **more), text.encode(), signed=SIGNED, replace={"d": domain})


def answered(to: str, quoted: str, *, signed: str = SIGNED, **more: str) -> bytes:
    """What the honest receiver answers, with a text quoted that came to him as Alice's."""
    lines = "".join(f"> {line}\r\n" for line in quoted.rstrip().split("\r\n"))
    text = f"No idea.\r\n\r\nOn 2 May 2017, Alice <{A}> wrote:\r\n{lines}"
    given = fields(B, to, "<r9@town.example>", **more)
    return sign(given, text.encode(), signed=signed, replace={"d": "town.example"})


def quoting(number: int, quoted: str, sender: str = EVE, domain: str = "stranger.example") -> bytes:
    lines = "".join(f"> {line}\r\n" for line in quoted.rstrip().split("\r\n"))
    text = f"Fine, {number}.\r\n\r\nOn 2 May 2017, Alice <{A}> wrote:\r\n{lines}"
    return signed(sender, A, f"<r{number}@{domain}>", text=text, domain=domain, In_Reply_To=ID)


def verdicts(folder: Path, **messages: bytes) -> dict[Any, tuple[str, str]]:
    """Word and roll-up of each message by name, with keys of both domains at hand."""
    for name, data in messages.items():
        path = folder / "leak" / name / "1.eml"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    record = f"v=DKIM1; k=rsa; p={public_text(rsa_key())}"
    domains = ("stranger.example", "campaign.example", "town.example")
    keys = {f"{SELECTOR}._domainkey.{domain}": record for domain in domains}
    (folder / "keys.json").write_text(json.dumps(keys))
    case = Case.create(folder / "case", title="t")
    add(case, [folder / "leak"])
    add(case, [folder / "keys.json"], kind="keys")
    list(analyse(case, only=["leak"], jobs=2, progress=Silent()))
    with case.view() as view:
        rows: list[dict[str, Any]] = view.table("verdict").to_pylist()
        places = view.table("place").to_pylist()
    told: dict[Any, tuple[str, str]] = {}
    said = {row["item_id"]: (row["verdict"], row["roll_up"]) for row in rows}
    for row in places:
        if row["item_id"] in said and "/" in row["path"]:
            box, name = row["path"].split("/")[:2]
            told[box, name] = said[row["item_id"]]
            if name in {"1.eml", "1.msg"}:
                told[box] = said[row["item_id"]]
    return told


UNLINKED = "from:to:cc:subject:date:message-id:mime-version:content-type"
ABOVE = f"In-Reply-To: {ID}\r\n".encode()
FORGED = plain(A, EVE, ID)
REAL = plain(A, B, ID)
EDITED = signed(A, B, ID, text=OTHER).replace(b"9000", b"1000")


@pytest.mark.parametrize(
    "messages",
    [
        {"found": FORGED, "r1": quoting(1, TEXT), "r2": quoting(2, TEXT)},
        {"found": FORGED, "planted": b"X-A: b\r\n" + FORGED, "r1": quoting(1, TEXT)},
        {"found": REAL, "r1": quoting(1, OTHER)},
        {"found": REAL, "r1": signed(EVE, B, ID, text=OTHER)},
        {
            "found": plain(A, EVE, ID, In_Reply_To="<o1@stranger.example>"),
            "r1": signed(EVE, A, "<o1@stranger.example>", text="Yes?\r\n", In_Reply_To=ID),
        },
        {
            "found": REAL,
            "r1": answered(
                EVE,
                OTHER,
                In_Reply_To="<e@stranger.example>",
                References=f"{ID} <e@stranger.example>",
            ),
        },
        {"found": REAL, "r1": answered(EVE, f"Look:\r\n\r\n{OTHER}", In_Reply_To=ID)},
        {"found": REAL, "r1": answered(f"{EVE}, {A}", OTHER, In_Reply_To=ID)},
        {"found": REAL, "r1": answered(A, OTHER, In_Reply_To=ID, signed=UNLINKED)},
        {"found": REAL, "r1": answered(A, OTHER, References=ID, signed=UNLINKED)},
        {
            "found": REAL,
            "r1": ABOVE
            + answered(A, OTHER, In_Reply_To="<o@town.example>", signed="in-reply-to:" + UNLINKED),
        },
        {"found": EDITED},
        {"found": signed(A, B, ID)},
        {"found": signed(f"{A}, {EVE}", B, ID)},
    ],
    ids=[
        *("replies", "twin", "reply_lies", "same_id", "circle"),
        *("handed_on", "id_borrowed", "id_borrowed_copy", "unsigned_answer", "unsigned_thread"),
        *("second_answer", "seal", "foreign", "two_senders"),
    ],
)
def test_what_a_stranger_signs_neither_supports_nor_accuses(
    tmp_path: Path, messages: dict[str, bytes]
) -> None:
    found = verdicts(tmp_path, **messages)
    assert found["found"][1] == "unknown"
    assert all(found[name] == ("verified", "verified") for name in messages if name[0] == "r")


def test_what_the_house_and_the_receiver_sign_still_counts(tmp_path: Path) -> None:
    own = {"sender": "dan@campaign.example", "domain": "campaign.example"}
    found = verdicts(tmp_path / "one", found=REAL, r1=quoting(1, TEXT, **own),
                     r2=quoting(2, TEXT, **own))  # fmt: skip
    assert found["found"] == ("consistent", "unknown")
    found = verdicts(tmp_path / "two", found=REAL, r1=quoting(1, OTHER, B, "town.example"))
    assert found["found"] == ("altered_copy", "disputed")
    direct = answered(A, OTHER, In_Reply_To=ID)
    found = verdicts(tmp_path / "direct", found=REAL, r1=direct)
    assert found["found"] == ("altered_copy", "disputed")
    original = signed(A, B, ID, domain="campaign.example")
    forged = plain("dan@rival.example", B, ID, text=OTHER)
    found = verdicts(tmp_path / "three", found=forged, r1=original)
    assert found["found"] == ("altered_copy", "disputed")


def home(folder: Path, name: str, holder: str) -> None:
    """Letters of others that show whose mailbox a folder is."""
    for rank in range(3):
        path = folder / "leak" / name / f"x{rank}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = f"Delivered-To: {holder}\r\nFrom: x@far.example\r\nSubject: {rank}{name}\r\n"
        path.write_text(f"{fields}\r\nHello\r\n")


@pytest.mark.parametrize(
    ("seen_in", "found_in", "word"),
    [("bob", "alice", "unverifiable"), ("carol", "alice", "unverifiable"),
     ("nobody", "alice", "unverifiable"), ("alice", "bob", "altered_copy")],
)  # fmt: skip
def test_the_version_that_the_answerer_saw_lies_in_the_dump(
    tmp_path: Path, seen_in: str, found_in: str, word: str
) -> None:
    """A spoof of the author, answered directly: only what the author kept himself accuses."""
    holders = {"alice": A, "bob": B, "carol": "carol@town.example"}
    for name, address in holders.items():
        home(tmp_path, name, address)
    seen = plain(A, B, ID, text=OTHER)
    (tmp_path / "leak" / seen_in).mkdir(exist_ok=True)
    (tmp_path / "leak" / seen_in / "9.eml").write_bytes(seen)
    (tmp_path / "leak" / found_in / "8.eml").write_bytes(REAL)
    found = verdicts(tmp_path, r1=answered(A, OTHER, In_Reply_To=ID))
    assert found["r1"] == ("verified", "verified")
    assert found[found_in, "8.eml"][0] == word


def test_nothing_is_called_a_decoy_by_inference(tmp_path: Path) -> None:
    text = TEXT + "This is a decoy, planted by the campaign (honeypot, canary, fake).\r\n"
    given = {"X_Decoy": "yes", "X_Tamis_Verdict": "decoy", "text": text}
    found = verdicts(
        tmp_path,
        one=plain(A, B, ID, **given),
        two=signed(A, B, "<m2@campaign.example>", domain="campaign.example", **given | {"Cc": B}),
    )
    assert found["one"] == ("unverifiable", "unknown")
    assert found["two"] == ("verified", "verified")
    with Case.open(tmp_path / "case").view() as view:
        rows = view.table("verdict").to_pylist()
    assert all("that it is no decoy" in row["does_not_claim"] for row in rows)


def test_one_id_for_two_letters_of_a_template_accuses_neither(tmp_path: Path) -> None:
    first = signed(A, B, ID, domain="campaign.example")
    later = plain(A, B, ID, text=OTHER, Date="Fri, 02 Jun 2017 10:00:00 +0000")
    assert verdicts(tmp_path, found=later, r1=first)["found"][1] == "unknown"


CAROL, DAN = "carol@town.example", "dan@campaign.example"
SPOOF = plain(A, B, ID, text=OTHER)


def beside(folder: Path, holder: str, original: bytes, **boxes: bytes) -> tuple[str, Any]:
    """The verdict on the first message, and its row beside the original in the holder's mailbox.

    Each box is named by the local part of its holder, whom three letters of others show.
    """
    sides = {"reference": {holder: original}, "leak": boxes}
    for side, mail in sides.items():
        for name, data in mail.items():
            for number, one in enumerate((data, *(delivered(name, rank) for rank in range(3)))):
                path = folder / side / name.partition("_")[0] / f"{name}{number}.eml"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(one)
    (folder / "keys.json").write_text(
        json.dumps({f"{SELECTOR}._domainkey.campaign.example": f"p={public_text(rsa_key())}"})
    )
    case = Case.create(folder / "case", title="t")
    for side in ("leak", "reference", "keys.json"):
        add(case, [folder / side], kind=side.partition(".")[0])
    list(analyse(case, only=["leak"], jobs=2, progress=Silent()))
    item_id = hashlib.sha256(next(iter(boxes.values()))).hexdigest()
    with case.view() as view:
        told = {row["item_id"]: row["verdict"] for row in view.table("verdict").to_pylist()}
        found = {row["item_id"]: row for row in view.table("reference_match").to_pylist()}
    return told[item_id], found[item_id]


def delivered(name: str, rank: int) -> bytes:
    holder = {"bob": B, "carol": CAROL, "alice": A, "dan": DAN}[name.partition("_")[0]]
    fields = f"Delivered-To: {holder}\r\nFrom: x{rank}@far.example\r\nSubject: {rank} {name}\r\n"
    return f"{fields}\r\nHello\r\n".encode()


@pytest.mark.parametrize(
    ("holder", "original", "boxes", "word", "vouched_by"),
    [
        ("bob", plain(EVE, B, ID, text=OTHER), {"bob": REAL}, "unverifiable", None),
        ("bob", SPOOF, {"carol": REAL}, "unverifiable", None),
        ("bob", SPOOF, {"bob": REAL, "bob_too": SPOOF}, "unverifiable", None),
        ("bob", SPOOF, {"bob": REAL}, "altered_copy", "mailbox"),
        ("bob", plain(A, B, ID, Date="Tue, 02 May 2017 22:00:00 +0000"),
            {"bob": REAL}, "altered_copy", "mailbox"),
        ("bob", signed(A, B, ID, domain="campaign.example"),
            {"carol": SPOOF}, "altered_copy", "signature"),
        ("alice", REAL, {"bob": SPOOF}, "altered_copy", "author"),
        ("dan", plain(A, DAN, ID), {"bob": plain(A, DAN, ID, text=OTHER)}, "altered_copy", "house"),
        ("dan", SPOOF, {"bob": REAL}, "unverifiable", None),
    ],
    ids=[
        *("id_borrowed", "spoof", "both_lay_there", "one_lay_there", "one_date"),
        *("signed", "author", "house", "house_not_named"),
    ],
)  # fmt: skip
def test_an_original_accuses_only_where_somebody_vouches_for_it(
    tmp_path: Path,
    holder: str,
    original: bytes,
    boxes: dict[str, bytes],
    word: str,
    vouched_by: str | None,
) -> None:
    verdict, row = beside(tmp_path, holder, original, **boxes)
    assert verdict == word
    if row["outcome"] == "differs":
        assert row["vouched_by"] == vouched_by
        assert ("Nobody signed the original" in row["detail"]) == (vouched_by is None)
        assert row["changes"], "the difference is shown in any case"
