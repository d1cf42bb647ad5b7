"""Mailboxes, addresses, traffic and holes on corpora small enough to count by hand."""

from __future__ import annotations

import random
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from corpus_rows import at, header, item, message, part, place, run
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.analyses.leak import addresses, holes, mailboxes, traffic

ALICE, BOB, CAROL = "alice@campaign.example", "bob@gmail.com", "carol@elsewhere.example"


def profile(tmp_path: Path, messages: list[Any], **tables: Any) -> dict[str, Any]:
    ids = [row["item_id"] for row in messages]
    tables.setdefault("place", [place(one) for one in ids])
    tables.setdefault("item", [item(one) for one in ids])
    box = {"mailbox_id": "box", "path": "dump/box", "message_count": len(ids)}
    found = run(mailboxes.ANALYSIS, tmp_path, message=messages, mailbox=[box], **tables)
    (row,) = found["mailbox_profile"]
    return row


def test_the_holder_is_whom_most_messages_name(tmp_path: Path) -> None:
    row = profile(
        tmp_path,
        [
            message("a", ALICE, (BOB,), 0),
            message("b", BOB, (ALICE,), 1),
            message("c", CAROL, ("Alice@CAMPAIGN.example",), 2),
            message("d", CAROL, ("list@x.example",), 3),
        ],
        params={"own_domains": ["campaign.example"]},
    )
    assert (row["holder_address"], row["holder_basis"]) == (ALICE, "named")
    assert row["holder_share"] == 0.75
    assert row["candidates"][0] == ALICE
    assert row["candidate_named"] == [3, 2, 2, 1]
    assert row["is_personal"] is False
    assert row["message_count"] == row["person_count"] == 4


def test_two_who_only_write_to_each_other_leave_the_holder_open(tmp_path: Path) -> None:
    pairs = [(ALICE, BOB), (BOB, ALICE), (ALICE, BOB), (BOB, ALICE)]
    told = [message(str(n), a, (b,), n) for n, (a, b) in enumerate(pairs)]
    assert profile(tmp_path, told)["holder_address"] is None
    delivered = [header(str(n), 0, "Delivered-To", f"<{BOB}>") for n in range(3)]
    row = profile(tmp_path, told, header=delivered)
    assert (row["holder_address"], row["holder_basis"]) == (BOB, "delivered")
    assert row["holder_share"] == 1.0
    assert row["is_personal"] is True
    assert profile(tmp_path, told[:2])["holder_address"] is None, "two messages prove little"


def test_false_dates_are_reported_and_take_no_part(tmp_path: Path) -> None:
    late = datetime(2190, 1, 1, tzinfo=UTC)
    row = profile(
        tmp_path,
        [
            message("a", ALICE, (BOB,), 0),
            message("b", ALICE, (CAROL,), 70),
            message("old", ALICE, (CAROL,), None, sent_at=datetime(1970, 1, 1, tzinfo=UTC)),
            message("late", ALICE, (BOB,), None, sent_at=late, sent_raw="1 Jan 2190"),
            message("y0", ALICE, (BOB,), None, sent_raw="Sat, 1 Jan 0000 00:00:00 +0000"),
            message("y9", ALICE, (BOB,), None, sent_raw="Fri, 31 Dec 9999 23:59:59 +0000"),
            message("none", ALICE, (BOB,), None),
        ],
    )
    assert (row["first_at"], row["last_at"], row["last_item_id"]) == (at(0), at(70), "b")
    assert (row["implausible_count"], row["undated_count"]) == (4, 1)
    assert "Fri, 31 Dec 9999 23:59:59 +0000" in row["implausible_dates"]
    assert row["gap_months"] == ["2017-02"]
    assert row["theft_not_before_at"] == at(70)
    assert (row["bound_clock"], row["bound_neighbour_count"]) == ("date", 0)
    assert "this one alone" in row["detail"]


def test_the_bound_goes_by_the_topmost_received_field_where_there_is_one(tmp_path: Path) -> None:
    row = profile(
        tmp_path,
        [
            message("a", BOB, (ALICE,), 0),
            message("b", CAROL, (ALICE,), 30),
            message("c", BOB, (ALICE,), 28),
        ],
        header=[
            header("b", 0, "Received", "from x by y; Thu, 5 Jan 2017 10:00:00 +0000"),
            header("b", 1, "Received", "from x by y; Thu, 5 Jan 2099 10:00:00 +0000"),
            header("c", 0, "RECEIVED", "by y; nonsense"),
        ],
    )
    assert row["last_at"] == at(30), "what its sender stated stays visible"
    assert row["theft_not_before_at"] == at(28)
    assert row["bound_item_id"] == "c"
    assert row["last_received_at"] == datetime(2017, 1, 5, 10, tzinfo=UTC)
    assert row["last_received_item_id"] == "b"


def test_both_sides_of_one_mailbox_and_messages_inside_messages_are_apart(tmp_path: Path) -> None:
    told = [message(name, BOB, (ALICE,), n) for n, name in enumerate("abcd")]
    found = run(
        mailboxes.ANALYSIS,
        tmp_path,
        message=told,
        item=[item(name) for name in "abcd"],
        place=[
            *(place(name) for name in "abc"),
            *(place(name, kind="reference") for name in "ab"),
            place("d", parent_item_id="a", depth=1),
            place("a", path="again/a"),
        ],
    )
    rows = {row["kind"]: row["message_count"] for row in found["mailbox_profile"]}
    assert rows == {"leak": 3, "reference": 2}


def slow_holder(told: list[dict[str, Any]]) -> str | None:
    touched = Counter(
        address for row in told for address in {row["from_address"], *row["to_addresses"]}
    )
    ranked = sorted(touched.items(), key=lambda pair: (-pair[1], pair[0]))
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else ("", 0)
    is_held = best[1] >= 3 and best[1] >= 0.6 * len(told) and second[1] <= 0.75 * best[1]
    return best[0] if is_held else None


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_holders_and_gaps_agree_with_the_slow_way(seed: int) -> None:
    dice = random.Random(seed)
    crowd = [f"p{n}@x.example" for n in range(4)]
    told = []
    for number in range(dice.randint(1, 12)):
        sender, receiver = (ALICE, dice.choice(crowd)) if dice.random() < 0.8 else crowd[:2]
        if dice.random() < 0.5:
            sender, receiver = receiver, sender
        told.append(message(f"m{number:02}", sender, (receiver,), dice.uniform(0, 400)))
    with tempfile.TemporaryDirectory() as folder:
        row = profile(Path(folder), told)
    assert row["holder_address"] == slow_holder(told)
    months = {(one["sent_at"].year, one["sent_at"].month) for one in told}
    first, last = min(months), max(months)
    count = (last[0] - first[0]) * 12 + last[1] - first[1] + 1
    assert len(row["gap_months"]) == count - len(months)
    assert row["last_at"] == max(one["sent_at"] for one in told)


def test_traffic_says_why_and_keeps_volume_apart(tmp_path: Path) -> None:
    told = [
        message("person", ALICE, (BOB,), 0),
        message("list", BOB, (ALICE,), 0),
        message("auto", BOB, (ALICE,), 0),
        message("not_auto", BOB, (ALICE,), 0),
        *(
            message(f"v{n:02}", CAROL, (f"r{n}@x.example",), 1, subject=f"Invitation {n}")
            for n in range(20)
        ),
        *(
            message(f"w{n:02}", BOB, (f"r{n}@x.example",), 1, subject=f"Invitation {n}")
            for n in range(19)
        ),
        *(
            message(f"z{n:02}", ALICE, (f"r{n}@x.example",), 1, subject="Hi", body_text="x" * n**3)
            for n in range(30)
        ),
    ]
    heads = [
        header("list", 0, "List-ID", "<l.x>"),
        header("list", 1, "Precedence", " Bulk "),
        header("auto", 0, "auto-submitted", "auto-replied; x=y"),
        header("not_auto", 0, "Auto-Submitted", "no"),
        header("not_auto", 1, "Precedence", "first-class"),
    ]
    found = run(traffic.ANALYSIS, tmp_path, message=told, header=heads)["message_class"]
    rows = {row["item_id"]: row for row in found}
    assert len(rows) == len(told)
    assert rows["person"]["reasons"] == rows["not_auto"]["reasons"] == []
    assert rows["list"]["reasons"] == ["list_id", "precedence"]
    assert rows["auto"]["reasons"] == ["auto_submitted"]
    assert rows["auto"]["is_by_headers"]
    assert rows["v07"]["reasons"] == ["sender_volume"]
    assert not rows["v07"]["is_by_headers"]
    assert rows["v07"]["recipient_count"] == 20
    assert rows["w07"]["traffic"] == "person", "nineteen are not twenty"
    assert rows["z07"]["traffic"] == "person", "letters of many lengths are no mailing"


def test_addresses_are_joined_by_the_same_address_and_by_nothing_else(tmp_path: Path) -> None:
    found = run(
        addresses.ANALYSIS,
        tmp_path,
        message=[
            message("a", ALICE, (BOB,), 0, from_name="Alice A."),
            message("b", "ALICE@campaign.example", (BOB,), 1, from_name="The Boss"),
            message("c", "alice@evil.example", (BOB,), 2, from_name="Alice A."),
            message("d", ALICE, (ALICE,), 3, from_name=" Alice  A. "),
        ],
        item=[item(name) for name in "abcd"],
        place=[place("a"), place("b"), place("c", "other"), place("d")],
        params={"own_domains": ["example"]},
    )
    rows = {row["address"]: row for row in found["address"]}
    assert set(rows) == {ALICE, BOB, "alice@evil.example"}
    alice = rows[ALICE]
    assert (alice["names"], alice["name_uses"]) == (["Alice A.", "The Boss"], [2, 1])
    assert (alice["sent_count"], alice["received_count"], alice["person_count"]) == (3, 1, 3)
    assert alice["mailbox_ids"] == ["box"]
    assert rows["alice@evil.example"]["names"] == ["Alice A."], "a name joins nobody"
    assert rows[BOB]["is_personal"] is True
    assert alice["is_personal"] is False
    assert (alice["first_at"], alice["last_at"]) == (at(0), at(3))


def test_holes_are_what_the_dump_says_is_missing(tmp_path: Path) -> None:
    found = run(
        holes.ANALYSIS,
        tmp_path,
        message=[
            message("a", BOB, (), 0, in_reply_to="gone@id", reference_ids=["gone@id", "b@id"]),
            message("b", ALICE, (BOB,), 0, reference_ids=["gone@id", "kept@id"]),
            message("kept", ALICE, (BOB,), 0, in_reply_to="nobody@id", message_id="kept@id"),
            message(
                "scrubbed",
                ALICE,
                (BOB,),
                0,
                body_text="Hi\n-------------- next part --------------\n"
                "A non-text attachment was scrubbed...\nName: x.pdf\n",
            ),
            message("words", ALICE, (BOB,), 0, body_text="attached: x.pdf was scrubbed..."),
        ],
        item=[
            *(item(name) for name in ("a", "b", "scrubbed", "words", "zip")),
            item("kept", "reference"),
            item("empty", size_bytes=0),
        ],
        place=[
            *(place(name) for name in ("a", "b", "scrubbed", "words", "zip")),
            place("kept", kind="reference"),
        ],
        part=[
            part("a", 1, name="full.pdf", content_item_id="zip"),
            part("a", 2, name="none.pdf", byte_end=0),
            part("a", 3, name="zero.pdf", content_item_id="empty"),
            part("b", 1, media_type="message/external-body"),
            part("b", 2, media_type="text/x-moz-deleted", name="Deleted: y.doc"),
            part("b", 3, media_type="text/plain", byte_end=0),
        ],
        header=[header(name, 0, "X-MS-Has-Attach", "yes") for name in ("words", "a")],
        ledger=[
            {"container_item_id": "zip", "reader": "zip", "expected_count": 5, "emitted_count": 3,
             "failed_count": 1},
            {"container_item_id": "a", "reader": "eml", "emitted_count": 3, "failed_count": 0},
        ],
    )["hole"]  # fmt: skip
    told = defaultdict(list)
    for row in found:
        told[row["kind"]].append((row["subject"], row["item_id"], row["pointing_count"]))
    assert sorted(told["message"]) == [("gone@id", None, 2), ("kept@id", None, 1)]
    gone, kept = (next(r for r in found if r["subject"] == s) for s in ("gone@id", "kept@id"))
    assert (gone["direct_count"], gone["is_in_reference"]) == (1, False)
    assert gone["evidence_ids"] == ["a", "b"]
    assert kept["is_in_reference"] is True
    assert sorted(told["attachment"]) == [
        ("Deleted: y.doc", "b", None),
        ("attachment", "scrubbed", None),
        ("attachment", "words", None),
        ("message/external-body", "b", None),
        ("none.pdf", "a", None),
        ("zero.pdf", "a", None),
    ]
    assert told["ledger"] == [("zip", "zip", 1)]


def test_months_of_a_leaked_mailbox_are_holes_and_those_of_a_reference_are_not(
    tmp_path: Path,
) -> None:
    told = [message("a", ALICE, (BOB,), 0), message("b", ALICE, (BOB,), 100)]
    for kind, months in (("leak", ["2017-02", "2017-03"]), ("reference", [])):
        boxes = run(
            mailboxes.ANALYSIS,
            tmp_path,
            message=told,
            item=[item(name, kind) for name in "ab"],
            place=[place(name, kind=kind) for name in "ab"],
        )["mailbox_profile"]
        found = run(holes.ANALYSIS, tmp_path, mailbox_profile=boxes)["hole"]
        assert sorted(row["subject"] for row in found if row["kind"] == "month") == months


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("x@gmail.com", True),
        ("x@campaign.example", False),
        ("x@mail.campaign.example", False),
        ("x@notcampaign.example", None),
        ("x@campaignXexample", None),
    ],
)
def test_private_and_own_domains(tmp_path: Path, address: str, wanted: object) -> None:
    found = run(
        addresses.ANALYSIS,
        tmp_path,
        message=[message("a", address, (), 0)],
        params={"own_domains": ["Campaign.example", ""]},
    )
    assert found["address"][0]["is_personal"] is wanted
