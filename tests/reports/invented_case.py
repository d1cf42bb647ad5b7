"""A case written straight into its tables: small, invented, and full of hostile text."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from tamis import records
from tamis.case import Case

if TYPE_CHECKING:
    from pathlib import Path

START = dt.datetime(2031, 5, 3, 18, 0, tzinfo=dt.UTC)
SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"
OVERRIDE = "invoice \u202egpj.exe \u2066hidden\u2069 z\u200bero"
CONTROLS = "line one\nline two\r\ttab\x1b[31m red \x07 bell"
LONG = "A" * 65_000
MARKS = "Z" + "\u0301" * 400 + " end"
LINK = "see https://evil.example/login?next=javascript:alert(1) now"
QUOTES = "\"><svg onload=alert(1)> ' & &amp; </title></style>"
ADDRESS = "anna.ozols@harbour.example"
HANDLE = '\u202emaladroit" onmouseover="alert(1)'
PATH = "leak/<b>box</b>/\u202efdp.eml"
SUBJECTS = (SCRIPT, OVERRIDE, CONTROLS, LONG, MARKS, LINK, QUOTES, "Quarterly figures", None)
VERDICTS = (
    ("verified", "verified"),
    ("verified_partly", "supported"),
    ("altered_copy", "disputed"),
    ("display_conflict", "disputed"),
    ("body_differs", "unknown"),
    ("unverifiable", "unknown"),
    ("unverifiable", "unknown"),
)
PAPERS = tuple(f"paper{number}" for number in range(3))
NAMES = ("box", "broken", "posts", *PAPERS, *(f"message{number}" for number in range(63)))
STAMP = {"run_id": "run1", "analysis_version": "test/1"}


def item_id(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def make(
    path: Path, *, is_gap: bool = True, more: dict[str, list[dict[str, Any]]] | None = None
) -> Case:
    """The case, committed, with the rows of `more` besides and the items of its documents."""
    case = Case.create(
        path,
        title=f"The harbour letters {QUOTES}",
        election="Invented, second round",
        display_zone="Europe/Riga",
        selectors=("harbour",),
        polling_days=(dt.date(2031, 5, 4),),
    )
    with case.writer() as writer:
        rows_by_table = {**tables(is_gap=is_gap), **(more or {})}
        if more:
            rows_by_table["item"] = rows_by_table["item"] + [_paper(name) for name in PAPERS]
            rows_by_table["place"] = rows_by_table["place"] + [_place(n, PATH) for n in PAPERS]
        spool = writer.spool()
        for name in NAMES:
            (spool / "bytes").write_text(name)
            writer.store(spool / "bytes")
        for name, rows in rows_by_table.items():
            writer.append(name, records.table(name).build(rows))
        writer.commit()
    return case


def tables(*, is_gap: bool = True) -> dict[str, list[dict[str, Any]]]:
    """The rows of every table that a report reads."""
    rows: dict[str, list[dict[str, Any]]] = {**_intake(is_gap=is_gap), **_mail(), **_spread()}
    rows["item"] += rows.pop("message_items")
    rows["place"] += rows.pop("message_places")
    rows["run"] = [
        {
            "run_id": run_id,
            "stage": stage,
            "started_at": START + dt.timedelta(days=day),
            "ended_at": START + dt.timedelta(days=day, minutes=1),
            "engine": "duckdb",
            "versions": json.dumps({"tamis": "0.1.0", "duckdb": "2.0.0"}),
            "settings": json.dumps({"window_s": 60, "note": SCRIPT, "isolation": "memory, cpu"}),
            "inputs_sha256": "0" * 64,
            "row_count": 10,
            "summary": "done",
        }
        for day, (run_id, stage) in enumerate(
            [("run0", "spread"), ("run1", "spread"), ("run1", "coordination")], 2
        )
    ]
    return rows


def _place(name: str, path: str, parent: str | None = None, position: int = 0) -> dict[str, Any]:
    return {
        "item_id": item_id(name),
        "parent_item_id": None if parent is None else item_id(parent),
        "root": "leak",
        "path": path,
        "name": path.rsplit("/", 1)[-1],
        "position": position,
        "depth": 0 if parent is None else 1,
    }


def _paper(name: str) -> dict[str, Any]:
    return {
        "item_id": item_id(name),
        "kind": "leak",
        "size_bytes": 77,
        "media_type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "reader": "ooxml",
        "status": "read",
    }


def _intake(*, is_gap: bool) -> dict[str, list[dict[str, Any]]]:
    items = [
        ("box", "leak", "application/mbox", "mbox", "read", None),
        ("broken", "leak", None, None, "failed", f"no mail: begins with '{SCRIPT}'"),
        ("posts", "posts", "application/x-ndjson", "twitter", "read", None),
    ]
    return {
        "item": [
            {
                "item_id": item_id(name),
                "kind": kind,
                "size_bytes": 1234,
                "media_type": media,
                "reader": reader,
                "status": status,
                "reason": reason,
            }
            for name, kind, media, reader, status, reason in items
        ],
        "place": [
            _place("box", "leak/box.mbox"),
            _place("broken", PATH),
            _place("posts", "posts/export.jsonl"),
        ],
        "ledger": [
            {
                "container_item_id": item_id("box"),
                "reader": "mbox",
                "expected_count": 80 if is_gap else 63,
                "emitted_count": 63,
                "failed_count": 0,
                "note": None,
            }
        ],
        "intake_count": [
            {
                "source_item_id": item_id("posts"),
                "reader": "twitter",
                "row_count": 100,
                "used_count": 97,
                "rejected_count": 2,
                "skipped_count": 1,
                "post_count": 90,
                "action_count": 60,
            }
        ],
        "rejected": [
            {
                "source_item_id": item_id("posts"),
                "byte_start": 10 * n,
                "position": n,
                "reason": "the line is no JSON",
                "sample": SCRIPT,
            }
            for n in range(2)
        ],
    }


def _mail() -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("message", "verdict", "signature", "message_items", "message_places")
    }
    for number in range(63):
        verdict, roll_up = VERDICTS[number % len(VERDICTS)]
        name = f"message{number}"
        rows["message_items"].append(
            {
                "item_id": item_id(name),
                "kind": "leak",
                "size_bytes": 900 + number,
                "media_type": "message/rfc822",
                "reader": "eml",
                "status": "read",
            }
        )
        rows["message_places"].append(_place(name, f"leak/box.mbox/{number}", "box", number))
        rows["message"].append(_message(name, number))
        rows["verdict"].append(_verdict(name, verdict, roll_up))
        if verdict in {"verified", "verified_partly", "body_differs"}:
            rows["signature"].append(_signature(name, verdict))
    return rows


def _message(name: str, number: int) -> dict[str, Any]:
    return {
        "item_id": item_id(name),
        "from_address": ADDRESS,
        "from_name": SCRIPT if number % 5 == 0 else "Anna Ozols",
        "reference_ids": [],
        "to_addresses": ["b@harbour.example"],
        "cc_addresses": [],
        "bcc_addresses": [],
        "subject": SUBJECTS[number % len(SUBJECTS)],
        "sent_at": None if number % 11 == 0 else START - dt.timedelta(hours=number),
        "sent_offset_s": 7200,
        "received_count": 2,
        "is_bulk": number % 4 == 0,
        "body_text": "the body, which no report prints",
        "body_raw_bytes": 100,
        "line_ends": "lf",
    }


def _verdict(name: str, verdict: str, roll_up: str) -> dict[str, Any]:
    return {
        "item_id": item_id(name),
        "verdict": verdict,
        "roll_up": roll_up,
        "rule_id": f"rule_{verdict}",
        "rule_version": 1,
        "signature_position": 0 if verdict == "verified" else None,
        "evidence_ids": ["e1"],
        "claims": ["harbour.example signed this message"] if verdict == "verified" else [],
        "does_not_claim": ["that a certain person wrote it", "that the date is right"],
        "kept_from": None if verdict == "verified" else "no signature covers the whole message",
        "granted": [f"{verdict} (rule_{verdict})"],
        **STAMP,
    }


def _signature(name: str, verdict: str) -> dict[str, Any]:
    return {
        "item_id": item_id(name),
        "position": 0,
        "kind": "dkim",
        "domain": "harbour.example",
        "selector": "s1",
        "algorithm": "rsa-sha256",
        "canonicalization": "relaxed/relaxed",
        "key_bits": 2048,
        "signed_headers": ["from", "to", "subject", "date"],
        "signed_at": START,
        "body_matches": verdict != "body_differs",
        "header_verifies": True,
        "covers_whole_body": verdict == "verified",
        "alignment": "exact",
        "key_source": "archive",
        "key_label": "an archive of 2031",
        "key_status": "found",
        "key_covers": True,
        "conforms": True,
        "violations": [],
        "detail": "The signature of harbour.example holds over the headers.",
        **STAMP,
    }


def _spread() -> dict[str, list[dict[str, Any]]]:
    source = {"source_item_id": item_id("posts"), "byte_start": 4096, "byte_end": 4300}
    accounts = [f"x:{number}" for number in range(12)]
    rows: dict[str, list[dict[str, Any]]] = {
        "account": [
            {
                "account_id": account,
                "platform": "x",
                "native_id": account[2:],
                "scope": "global",
                "handle": HANDLE if number == 0 else f"sailor_{number}",
                **source,
            }
            for number, account in enumerate(accounts)
        ],
        "tally": [
            {
                "hour_at": START + dt.timedelta(hours=hour),
                "platform": platform,
                "kind": kind,
                "count_in_hour": 1 + (hour * 7 + size) % size,
                "account_count": 1,
                "run_id": run_id,
                "analysis_version": "test/1",
            }
            for hour in range(40)
            for platform, kind, size in (
                ("x", "post", 30),
                ("x", "repost", 55),
                ("board", "post", 12),
            )
            for run_id in (("run0", "run1") if hour == 0 else ("run1",))
        ],
        "object": [
            {
                "object_id": object_id,
                "kind": object_id.split(":", 1)[0],
                "canonical": object_id.split(":", 1)[1],
                "display": display,
            }
            for object_id, display in OBJECTS
        ],
        "first_seen": [
            _sight(object_id, display, platform, rank, source)
            for rank, (object_id, display) in enumerate(OBJECTS)
            for platform in ("*", "x", "board")
        ],
        "amplifier": [
            {
                "account_id": account,
                "handle": HANDLE if number == 0 else f"sailor_{number}",
                "repost_count": 40 - number,
                "target_count": 20,
                "early_count": number,
                "median_lag_s": 33.5 * number if number else None,
                "received_count": 3,
                **STAMP,
            }
            for number, account in enumerate(accounts)
        ],
    }
    return {**rows, **_together(accounts, source)}


OBJECTS = (
    ("hashtag:harbourletters", "#HarbourLetters"),
    ("url:https://evil.example/a", "https://evil.example/a?x=<script>"),
    ("domain:evil.example", "evil.example"),
    ("hashtag:rtl", "#\u202ertl"),
)


def _sight(
    object_id: str, display: str, platform: str, rank: int, source: dict[str, Any]
) -> dict[str, Any]:
    late = dt.timedelta(minutes=0 if platform in {"*", "board"} else 40)
    return {
        "object_id": object_id,
        "kind": object_id.split(":", 1)[0],
        "display": display,
        "platform": platform,
        "post_id": "board:77",
        "account_id": None if platform == "board" else "x:0",
        "first_low_at": START + late,
        "first_high_at": START + late + dt.timedelta(seconds=0 if rank else 59),
        "clock": "platform" if rank else "archive",
        "is_certain": bool(rank),
        "rival_count": 0 if rank else 2,
        "role": "in_text",
        "post_count": 30 - rank,
        "inherited_count": 100,
        "account_count": 25 - 6 * rank,
        "last_at": START + dt.timedelta(days=1),
        **source,
        **STAMP,
    }


def _together(accounts: list[str], source: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    pairs = [(a, b) for number, a in enumerate(accounts[:5]) for b in accounts[number + 1 : 5]]
    pairs.append((accounts[7], accounts[8]))
    pairs = sorted(tuple(sorted(pair)) for pair in pairs)
    co_action = [
        {
            "layer": "co_repost",
            "window_s": 60.0,
            "weight_kind": kind,
            "account_a": a,
            "account_b": b,
            "weight": 3 + number % 4,
            "shared_count": 3 + number % 4,
            "pair_count": 9,
            "message_count_a": 4,
            "message_count_b": 4,
            "lag_median_s": 4.5,
            "lag_low_s": 2.0,
            "lag_high_s": 8.0,
            "a_first_share": 0.75,
            **STAMP,
        }
        for number, (a, b) in enumerate(pairs)
        for kind in ("distinct_objects", "co_pairs")
    ]
    evidence = [
        {
            "layer": "co_repost",
            "window_s": 60.0,
            "account_a": a,
            "account_b": b,
            "object_id": "url:https://evil.example/a" if number % 2 else f"x:post{number}",
            "post_id_a": f"x:a{number}",
            "post_id_b": f"x:b{number}",
            "acted_at_a": START + dt.timedelta(minutes=number),
            "acted_at_b": START + dt.timedelta(minutes=number, seconds=4),
            "lag_s": 4.0,
            "source_item_id_a": source["source_item_id"],
            "byte_start_a": 100 * number,
            "source_item_id_b": source["source_item_id"],
            "byte_start_b": None,
            "why": f"Both used it {number} times; {SCRIPT}",
            **STAMP,
        }
        for a, b in pairs
        for number in range(9)
    ]
    tested = [
        {
            **{name: row[name] for name in ("layer", "window_s", "account_a", "account_b")},
            **dict.fromkeys(("common_count", "session_count", "independent_count"), 9),
            **dict.fromkeys(("expected", "p_burst", "p_seen", "p_choice"), 0.5),
            **dict.fromkeys(("p_value", "p_family", "p_seen_family", "q_value"), 0.001),
            "reading": f"Not explained by any of these {number}; {SCRIPT}.",
            **STAMP,
        }
        for number, row in enumerate(co_action)
        if row["weight_kind"] == "co_pairs" and number > 1
    ]
    return {
        "co_action": co_action,
        "co_action_evidence": evidence,
        "co_action_significance": tested,
        "co_action_significance_total": [
            {
                "layer": "co_repost",
                "window_s": 60.0,
                "pair_count": len(tested),
                "test_count": 4_560,
                "unexplained_count": 9,
                "weaker_count": 1,
                "placebo_factor": 1.25,
                "placebo_pair_count": 3,
                "placebo_smallest": 0.02,
                **STAMP,
            }
        ],
        **_clusters(accounts),
    }


def _clusters(accounts: list[str]) -> dict[str, list[dict[str, Any]]]:
    groups = {"first": accounts[:5], "second": accounts[6:9]}
    clusters = [
        {
            "cluster_id": f"cluster-{grade}",
            "grade": grade,
            "layer": "co_repost" if grade == "first" else "merged",
            "window_s": 60.0,
            "layers": ["co_repost"],
            "platforms": ["x"],
            **{name: len(group) for name in ("member_count", "core_count", "edge_count")},
            "density": 1.0,
            "stability": 0.75,
            "p_value": 0.001,
            "object_count": 9,
            "evidence_count": 90,
            "top_objects": ["x:post0"],
            "lag_median_s": 4.0,
            "first_at": START,
            "last_at": START,
            "member_within_share": 1.0,
            "crowd_object_count": 0,
            "created_known_count": 0,
            "detail": f"{len(group)} accounts met; {SCRIPT}",
            "limits": "It names no author and no intent.",
            **STAMP,
        }
        for grade, group in groups.items()
    ]
    members = [
        {
            "cluster_id": f"cluster-{grade}",
            "account_id": account,
            "role": "core",
            "core_number": 2,
            "edge_count": 2,
            "object_count": 9,
            **STAMP,
        }
        for grade, group in groups.items()
        for account in group
    ]
    return {"cluster": clusters, "cluster_member": members}
