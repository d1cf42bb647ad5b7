"""Messages in the quotations of others: what supports them, what contradicts, what never does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from leak_box import A, B, Box, C, letter

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (
    "Hello Bob,\r\n\r\nWe pay 1000 euros on Monday, not before. The hall in Lyon is hired until "
    "ten.\r\nPlease bring the list of donors with you, the treasurer asks for it daily."
    "\r\n\r\nAlice"
)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def reply(number: int, quoted: str, sender: str = B, **more: str) -> bytes:
    lead = "Le 2 mai 2017 a 10:00, Alice <alice@campaign.example> a écrit :"
    lines = "\r\n".join(f"> {line}" for line in quoted.split("\r\n"))
    body = f"Fine with me, see you there.\r\n\r\n{lead}\r\n{lines}"
    return letter(number, sender, A, body=body, In_Reply_To="<1@x.example>", **more)


def told(rows: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    keys = ("basis", "outcome", "bearing", "difference", "differing_text")
    return {row["item_id"]: tuple(row[key] for key in keys) for row in rows}


def test_a_verified_reply_supports_what_it_quotes_and_two_that_disagree_accuse_nobody(
    box: Box,
) -> None:
    box.put(letter(1, A, B, body=TEXT), "one")
    right = box.put(reply(2, "\r\n".join(TEXT.split("\r\n")[:3])), "two", is_verified=True)
    whole = box.put(reply(5, TEXT), "two", is_verified=True)
    other = box.put(reply(3, TEXT.replace("1000", "9000")), "two", is_verified=True)
    loose = box.put(reply(4, TEXT), "two")
    found = told(box.run("quote_match"))
    assert found == {
        right: ("in_reply_to", "contains", "supports_part", None, None),
        whole: ("in_reply_to", "contains", "supports", None, None),
        other: ("in_reply_to", "differs", "none", "replaced", "9000"),
        loose: ("in_reply_to", "contains", "none", None, None),
    }


def test_words_that_one_answer_skips_say_nothing_and_those_that_two_skip_do(box: Box) -> None:
    box.put(letter(1, A, f"{B}, {C}", body=TEXT), "one")
    box.put(letter(5, A, f"{B}, {C}", body=TEXT.replace("Lyon", "Metz")), "one")
    cut = TEXT.replace(" on Monday", "")
    names = [
        box.put(reply(2, cut, B), "two", is_verified=True),
        box.put(reply(3, cut, C), "two", is_verified=True),
        box.put(reply(4, cut.replace("Lyon", "Metz"), C).replace(b"<1@", b"<5@"), "two",
                is_verified=True),
    ]  # fmt: skip
    rows = box.run("quote_match")
    found = told([row for row in rows if row["basis"] == "in_reply_to"])
    skipped = ("in_reply_to", "differs", "contradicts", "missing_in_quote", "")
    assert [found[name] for name in names] == [
        skipped,
        skipped,
        (*skipped[:2], "none", *skipped[3:]),
    ]


def test_a_verified_reply_contradicts_what_it_quotes_otherwise(box: Box) -> None:
    box.put(letter(1, A, B, body=TEXT), "one")
    other = box.put(reply(3, TEXT.replace("1000", "9000")), "two", is_verified=True)
    found = told(box.run("quote_match"))
    assert found == {other: ("in_reply_to", "differs", "contradicts", "replaced", "9000")}


def test_stock_phrases_support_nothing_and_rare_words_find_their_message(box: Box) -> None:
    stock = "Please find attached the minutes of our meeting of last week.\r\nBest regards, Alice"
    for number in range(11, 16):
        box.put(letter(number, A, B, body=stock), "one")
    box.put(letter(1, A, B, body=stock), "one")
    box.put(letter(8, A, C, body=TEXT), "one")
    empty = box.put(reply(2, stock), "two", is_verified=True)
    rare = box.put(reply(3, TEXT, C), "two", is_verified=True)
    found = told(box.run("quote_match"))
    assert found[empty][1:3] == ("contains", "none")
    assert found[rare][:3] == ("attribution_line", "contains", "supports")


def test_a_file_is_attested_where_it_is_attached_to_a_verified_message(box: Box) -> None:
    def filed(number: int) -> bytes:
        head = letter(number, A, B, body="").removesuffix(b"\r\n\r\n")
        return head + (
            b'Content-Type: multipart/mixed; boundary="q"\r\n\r\n--q\r\n\r\nhi\r\n--q\r\n'
            b'Content-Type: application/pdf; name="a.pdf"\r\n\r\n%PDF-1.4 x\r\n--q--\r\n'
        )

    box.put(filed(1), "one", is_verified=True)
    box.put(filed(2), "two")
    rows = box.run("attached_in")
    assert [row["is_attested"] for row in sorted(rows, key=lambda row: not row["is_attested"])] == [
        True,
        False,
    ]
    assert {row["verified_carrier_count"] for row in rows} == {1}
    assert {row["carrier_count"] for row in rows} == {2}
