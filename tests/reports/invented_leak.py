"""Rows of the tables of a leak that a report shows, full of hostile text and with known counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from invented_case import ADDRESS, CONTROLS, LINK, OVERRIDE, QUOTES, SCRIPT, STAMP, START, item_id

MISSING_ID = f"gone{SCRIPT}@harbour.example"
MASKED = "9 characters (letters, digits)"
PLACED = {"evidence_ids": [], **STAMP}


def rows() -> dict[str, list[dict[str, Any]]]:
    """The rows by table; every message is one of the invented case."""
    return {
        "document": _documents(),
        "property": _properties(),
        "document_kind": _kinds(),
        "mailbox_profile": [_mailbox("box", 60, ADDRESS), _mailbox("sent", 3, None)],
        "hole": _holes(),
        "text_language": [
            {"item_id": item_id(name), "language_detected": code, **STAMP}
            for name, code in (("paper1", "fr"), ("paper2", "und"))
        ],
        "exposure": [_exposure(number) for number in range(30)],
        "phishing": [_phishing(number) for number in range(3)],
        "reference_match": [_match(number) for number in range(25)],
        "reference_coverage": _coverage(),
        **_cohorts(),
        **_board(),
    }


def _cohorts() -> dict[str, list[dict[str, Any]]]:
    cohort = {
        "cohort_id": "c" * 32,
        "shared_by": "last_author",
        "shared": SCRIPT,
        "is_differing": True,
        "differs_rank": 0,
        "item_count": 3,
        "rest_count": 300,
        "marks": [OVERRIDE],
        "is_foreign": True,
        "is_one_sitting": True,
        "resaved_share": 1.0,
        "expected": 0.003,
        "foreign_count": 0,
        "detail": f"3 files, {OVERRIDE} {SCRIPT}",
        "limits": "metadata",
        **STAMP,
    }
    quiet = {**cohort, "cohort_id": "d" * 32, "is_differing": False, "differs_rank": 2}
    conflict = {
        "conflict_id": "e" * 32,
        "item_id": item_id("paper1"),
        "carrier_item_id": item_id("message1"),
        "source": "core modified",
        "stated": SCRIPT,
        "is_zoned": True,
        **dict.fromkeys(("document_low_at", "document_high_at"), START),
        **dict.fromkeys(("sent_at", "bound_at"), START - dt.timedelta(hours=2)),
        "lag_s": 7200.0,
        "detail": f"It states {SCRIPT}",
        "limits": "clocks",
        **STAMP,
    }
    return {
        "cohort": [cohort, quiet],
        "cohort_member": [
            {"cohort_id": "c" * 32, "item_id": item_id(f"paper{n}"), "last_author": SCRIPT}
            | {"saved_written": OVERRIDE, **STAMP}
            for n in range(3)
        ],
        "document_time_conflict": [conflict],
        "revision_event": [
            {"item_id": item_id("paper1"), "position": n, "author": SCRIPT, "what": OVERRIDE}
            | {"source": "revision insertion", "stated": "2030-01-01", "property_position": n}
            | {"happened_at": START if n else None, "is_zoned": bool(n), **STAMP}
            for n in range(2)
        ],
    }


def _board() -> dict[str, list[dict[str, Any]]]:
    said = {"author": "Prosecutor Vane", "said_at": START, "change_count": 0}
    return {
        "hypothesis": [
            {"hypothesis_id": f"H{n}", "statement": f"Somebody {SCRIPT}", "decision_number": n}
            | {"author": "Prosecutor Vane", "stated_at": START}
            for n in (1, 2)
        ],
        "board_cell": [
            {"hypothesis_id": "H1", "evidence_id": one, "evidence_table": table, "note": SCRIPT}
            | {"bearing": bearing, "decision_number": n, **said}
            for n, (one, table, bearing) in enumerate(
                (
                    ("c" * 32, "cohort", "consistent"),
                    ("e" * 32, "document_time_conflict", "not_applicable"),
                    ("f" * 32, "cohort", "neutral"),
                ),
                3,
            )
        ],
    }


def _documents() -> list[dict[str, Any]]:
    told = {"kind": "text", "text": "words", "text_reader": "r", "text_is_cut": False}
    return [
        {"item_id": item_id("paper0"), "is_encrypted": True, "has_macros": None, "kind": "pdf"},
        {
            "item_id": item_id("paper1"),
            "is_encrypted": False,
            "has_macros": True,
            **told,
        },
        {"item_id": item_id("paper2"), "is_encrypted": False, "has_macros": False, **told},
    ]


def _properties() -> list[dict[str, Any]]:
    facts = (
        ("paper1", "revision", "insertion_count", "3"),
        ("paper1", "comment", "text", SCRIPT),
        ("paper1", "hidden", "hidden_sheet", OVERRIDE),
        ("paper2", "revision", "author", "Anna"),
        ("paper2", "revision", "count", "1"),
        ("paper2", "app", "hidden_slide_count", "0"),
    )
    return [
        {"item_id": item_id(item), "position": n, "namespace": space, "name": name, "value": value}
        for n, (item, space, name, value) in enumerate(facts)
    ]


def _kinds() -> list[dict[str, Any]]:
    return [
        {
            "item_id": item_id(name),
            "label": "finance",
            "is_primary": is_primary,
            "score": 2.0,
            "words": words,
            "word_count": len(words),
            **STAMP,
        }
        for name, is_primary, words in (
            ("message0", True, ["Bank", SCRIPT]),
            ("message1", True, ["bank"]),
            ("message2", False, ["loan"]),
            ("paper1", True, ["BANK"]),
        )
    ]


def _mailbox(name: str, count: int, holder: str | None) -> dict[str, Any]:
    last = START - dt.timedelta(hours=1)
    return {
        "mailbox_id": item_id(name),
        "kind": "leak",
        "path": f"leak/{name}{OVERRIDE}",
        "holder_address": holder,
        "holder_basis": "delivered" if holder else None,
        "holder_share": 0.95 if holder else None,
        "candidates": [] if holder else [ADDRESS, SCRIPT],
        "candidate_delivered": [] if holder else [2, 0],
        "candidate_named": [] if holder else [2, 1],
        "is_personal": False if holder else None,
        "message_count": count,
        "person_count": count - 2,
        "bulk_count": 2,
        "undated_count": 1,
        "implausible_count": 0,
        "implausible_dates": [],
        "first_at": START - dt.timedelta(days=200),
        "last_at": last,
        "last_item_id": item_id("message1"),
        "theft_not_before_at": last,
        "bound_item_id": item_id("message1"),
        "bound_clock": "date",
        "bound_neighbour_count": 0 if holder else 4,
        "gap_months": ["2030-12", "2031-01", "2031-03"] if holder else [],
        "detail": "as stated",
        **STAMP,
    }


def _holes() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "hole_id": f"m{number}",
            "kind": "message",
            "subject": MISSING_ID if number == 0 else f"gone{number}@harbour.example",
            "pointing_count": 3 if number == 0 else 1,
            "direct_count": 1 if number == 0 else 0,
            "is_in_reference": number == 1,
            "detail": "messages point to it",
            **STAMP,
            "evidence_ids": [item_id("message1")],
        }
        for number in range(25)
    ]
    found.append(
        {
            "hole_id": "a0",
            "kind": "attachment",
            "subject": f"plan{OVERRIDE}.doc",
            "item_id": item_id("message1"),
            "detail": "the part has no content, part 2",
            **PLACED,
        }
    )
    found += [
        {
            "hole_id": f"g{month}",
            "kind": "month",
            "subject": month,
            "mailbox_id": item_id("box"),
            "detail": "no message of this month",
            **PLACED,
        }
        for month in ("2030-12", "2031-01", "2031-03")
    ]
    return found


def _exposure(number: int) -> dict[str, Any]:
    """Thirty passwords; the first stands in the subject of its message."""
    is_subject = number == 0
    return {
        "item_id": item_id("message7" if is_subject else f"message{number}"),
        "field_name": "subject" if is_subject else "body_text",
        "char_start": 10 if is_subject else number,
        "char_end": 17 if is_subject else number + 9,
        "kind": "password" if number % 2 == 0 else "iban",
        "rule_id": "password",
        "masked": MASKED,
        "whose": ADDRESS if number < 20 else None,
        "whose_basis": "sender" if number < 20 else None,
        "warn_addresses": [ADDRESS, f"{SCRIPT}@harbour.example"] if number < 20 else [],
        "mailbox_ids": [item_id("box")],
        "reason": "behind “password”: letters and digits mixed",
        **STAMP,
    }


def _phishing(number: int) -> dict[str, Any]:
    return {
        "item_id": item_id(f"message{number}"),
        "rule_ids": ["hidden_target", "link_letters"],
        "reasons": [f"a link hides its target {SCRIPT}", LINK],
        "has_strong_reason": number == 0,
        "links": ["hxxps://harb0ur[.]example/" + "a" * 400, QUOTES, *("hxxp://x[.]y",) * 8],
        "domains": ["harb0ur.example", "xn--hrbour-4ta.example"],
        "resembles": ["harbour.example"],
        "from_address": ADDRESS,
        **STAMP,
    }


def _match(number: int) -> dict[str, Any]:
    outcomes = ("in_reference", "differs", "not_in_reference", "outside_coverage", "not_compared")
    outcome = outcomes[number % 5]
    differs = outcome == "differs"
    return {
        "item_id": item_id(f"message{number}"),
        "outcome": outcome,
        "basis": None if outcome == "outside_coverage" else "same_message_id",
        "reference_item_id": None,
        "differing": ["subject", "text"] if differs else [],
        "undecided": ["subject"] if differs else [],
        "vouched_by": "author" if differs else None,
        "uncounted": [],
        "similarity": 0.9 if differs else None,
        "changes": f"- Subject: {CONTROLS[:8]}\n+ Subject: {SCRIPT}\n+ {OVERRIDE}\n" + "x\n" * 20
        if differs
        else None,
        "is_cut": False,
        "coverage_id": None,
        "detail": f"no original has it, from '{ADDRESS}'",
        **STAMP,
    }


def _coverage() -> list[dict[str, Any]]:
    return [
        {
            "coverage_id": f"{direction}{number}",
            "address": ADDRESS,
            "direction": direction,
            "first_at": START - dt.timedelta(days=100 - 10 * number),
            "last_at": START - dt.timedelta(days=95 - 10 * number),
            "message_count": 4,
            **STAMP,
        }
        for direction, count in (("received", 6), ("sent", 1))
        for number in range(count)
    ]
