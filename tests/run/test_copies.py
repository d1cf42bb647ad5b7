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


def test_a_copy_without_a_verified_twin_is_never_accused(box: Box) -> None:
    box.put(letter(1, B, A, body=TEXT), "one")
    box.put(letter(1, B, A, body=TEXT.replace("1000", "9000")), "two")
    (row,) = box.run("copy_pair")
    assert (row["outcome"], row["bearing"]) == ("differs", "none")
    assert "neither is verified" in row["detail"]


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


def test_a_mailing_with_a_copy_for_each_recipient_is_no_twin(box: Box) -> None:
    came = {"Received": "by x"}
    original = letter(1, B, A, body="Dear Alice, come on Monday.", Delivered_To=A, **came)
    copy = letter(1, B, C, body="Dear Carol, come on Monday.", Delivered_To=C, **came)
    (row,) = beside(box, original, copy)
    assert (row["outcome"], row["bearing"]) == ("other_message", "none")


def test_one_message_id_for_other_messages_is_no_twin(box: Box) -> None:
    other = letter(1, B, A, Subject="backup", body="done", Date="7 May 2017 10:00:00 +0000")
    (row,) = beside(box, letter(1, B, A, body=TEXT), other)
    assert (row["outcome"], row["bearing"]) == ("other_message", "none")
