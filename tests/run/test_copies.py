"""Copies of one message in a dump: what differs beyond transport, and what is never accused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from leak_box import A, B, Box, C, letter

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "We pay 1000 euros on Monday, not before.\r\nThe hall in Lyon is hired until ten.\r\nAlice"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def beside(box: Box, original: bytes, *copies: bytes) -> list[dict[str, Any]]:
    """The row of each copy beside a verified original."""
    box.put(original, "one", is_verified=True)
    names = [box.put(copy, f"box{rank}") for rank, copy in enumerate(copies)]
    found = {row["item_b"]: row for row in box.run("copy_pair")}
    return [found[name] for name in names]


def test_what_a_hand_changes_contradicts_and_what_transport_changes_does_not(box: Box) -> None:
    original = letter(1, B, A, body=TEXT)
    came = {"Received": "by x"}
    rows = beside(
        box,
        original,
        letter(1, B, A, body=TEXT.replace("1000", "9000")),
        letter(1, B, A, body=TEXT.replace("not before", "not before Sunday")),
        letter(1, B, A, body=TEXT.replace("The hall in Lyon is hired until ten.\r\n", "")),
        letter(1, B, "banker@bank.example", body=TEXT),
        letter(1, B, A, body=TEXT, Date="3 May 2017 10:00:00 +0000"),
        letter(1, B, A, body=TEXT, Subject="[EXT] letter 1", **came),
        letter(1, B, A, body=f"CAUTION: external sender.\r\n{TEXT}", **came),
        letter(1, B, A, body=f"{TEXT}\r\n--\r\nThis mail was scanned by the gateway", **came),
        letter(1, B, "news@x.example", body=TEXT, List_Id="<n.x>", Subject="[n] letter 1"),
        letter(1, B, A, body=TEXT.replace(" ", "\r\n")),
        letter(1, B, A, body=TEXT, Message_ID=""),
    )
    told = [(row["bearing"], row["outcome"], row["differing"], row["undecided"]) for row in rows]
    assert told == [
        ("contradicts", "differs", ["text"], []),
        ("contradicts", "differs", ["text"], []),
        ("contradicts", "differs", ["text"], []),
        ("contradicts", "differs", ["to"], []),
        ("contradicts", "differs", ["date"], []),
        ("supports", "agrees", [], []),
        ("none", "undecided", [], ["text"]),
        ("supports", "agrees", [], []),
        ("supports", "agrees", [], []),
        ("supports", "agrees", [], []),
        ("supports", "agrees", [], []),
    ]
    assert rows[0]["changes"].splitlines() == [
        "- We pay 1000 euros on Monday, not before.",
        "+ We pay 9000 euros on Monday, not before.",
    ]
    assert rows[-1]["relation"] == "same_fields"
    assert {row["is_other_mailbox"] for row in rows} == {True}


def test_near_copies_are_told_and_never_accuse(box: Box) -> None:
    words = " ".join(f"word{n}" for n in range(80))
    box.put(letter(1, B, A, body=f"{words} 1000 euros"), "one", is_verified=True)
    other = box.put(letter(2, B, C, body=f"{words} 9000 euros"), "two")
    (row,) = box.run("copy_pair")
    assert (row["item_b"], row["relation"], row["bearing"]) == (other, "near_copy", "none")
    assert row["similarity"] > 0.95


def test_a_message_id_that_thousands_share_stays_linear(box: Box) -> None:
    box.put(letter(1, B, A, body="first"), "one", is_verified=True)
    for number in range(450):
        box.put(letter(1, B, A, body=f"text of {number}", X_N=f"{number}"), "two")
    rows = box.run("copy_pair")
    assert len(rows) == 450
    over = [row for row in rows if "share the Message-ID" in row["detail"]]
    assert len(over) == 251
    assert {row["outcome"] for row in over} == {"not_compared"}


def test_who_is_no_twin_and_what_is_not_verified_accuses_nobody(box: Box) -> None:
    came = {"Received": "by x"}
    mailing = [
        letter(1, B, one, body=f"Dear {one}, come on Monday.", Delivered_To=one, **came)
        for one in (A, C)
    ]
    reused = [
        letter(2, B, A, body=TEXT),
        letter(2, B, A, Subject="backup", body="done", Date="7 May 2017 10:00:00 +0000"),
    ]
    unverified = [
        letter(3, B, A, body=TEXT.replace("Lyon", "Metz")),
        letter(3, B, A, body=TEXT.replace("Lyon", "Metz").replace("1000", "9000")),
    ]
    names = [
        [box.put(pair[0], "one", is_verified=pair is not unverified), box.put(pair[1], "two")]
        for pair in (mailing, reused, unverified)
    ]
    rows = {
        frozenset((row["item_a"], row["item_b"])): (row["outcome"], row["bearing"])
        for row in box.run("copy_pair")
    }
    assert [rows[frozenset(pair)] for pair in names] == [
        ("other_message", "none"),
        ("other_message", "none"),
        ("differs", "none"),
    ]
