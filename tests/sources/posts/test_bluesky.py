from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from post_reading import glimpse, read, read_file

from tamis.sources.posts.bluesky import READER
from tamis.sources.posts.bluesky_records import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

WHEN = datetime(2025, 5, 5, 18, 49, tzinfo=UTC)
ONE, TWO = "did:plc:one", "did:web:two.example"
FILE = hashlib.sha256(b"an upload").digest()
CID = "b" + base64.b32encode(b"\x01\x55\x12\x20" + FILE).decode().lower().rstrip("=")
DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


def tid(when: datetime) -> str:
    number, made = int(when.timestamp() * 1_000_000) << 10, ""
    while number:
        number, rest = divmod(number, 32)
        made = DIGITS[rest] + made
    return made


def uri(did: str, key: str, collection: str = "post") -> str:
    return f"at://{did}/app.bsky.feed.{collection}/{key}"


def micros(seconds: float = 0) -> int:
    return int((WHEN.timestamp() + seconds) * 1_000_000)


def event(
    did: str,
    key: str,
    record: Any = None,
    operation: str = "create",
    collection: str = "app.bsky.feed.post",
    seconds: float = 0,
    **more: Any,
) -> dict[str, Any]:
    commit = {
        "rev": tid(WHEN + timedelta(seconds=seconds - 1)),
        "operation": operation,
        "collection": collection,
        "rkey": key,
        **more,
    }
    if record is not None:
        commit["record"] = record
    return {"did": did, "time_us": micros(seconds), "kind": "commit", "commit": commit}


def record(text: str, **more: Any) -> dict[str, Any]:
    return {
        "$type": "app.bsky.feed.post",
        "createdAt": "2025-05-05T18:48:59.500Z",
        "text": text,
        "langs": ["fr", "en"],
        **more,
    }


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


TEXT = "Été: site.example/very… @two #Vote"
FACETS = [
    {
        "index": {"byteStart": 7, "byteEnd": 26},
        "features": [
            {"$type": "app.bsky.richtext.facet#link", "uri": "https://site.example/very/long"}
        ],
    },
    {
        "index": {"byteStart": 27, "byteEnd": 31},
        "features": [{"$type": "app.bsky.richtext.facet#mention", "did": TWO}],
    },
    {
        "index": {"byteStart": 32, "byteEnd": 9999},
        "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "Vote"}],
    },
]
EXPORT = lines(
    event(
        ONE,
        "k1",
        record(
            TEXT,
            facets=FACETS,
            embed={
                "$type": "app.bsky.embed.recordWithMedia",
                "record": {"record": {"uri": uri(TWO, "q9"), "cid": "x"}},
                "media": {
                    "$type": "app.bsky.embed.images",
                    "images": [
                        {"alt": "", "image": {"$type": "blob", "ref": {"$link": CID}, "size": 9}}
                    ],
                },
            },
        ),
    ),
    event(
        TWO,
        "r1",
        {
            "$type": "app.bsky.feed.repost",
            "createdAt": "2025-05-05T18:49:09Z",
            "subject": {"uri": uri(ONE, "k1"), "cid": "x"},
            "via": {"uri": uri("did:plc:mid", "v1", "repost"), "cid": "y"},
        },
        collection="app.bsky.feed.repost",
        seconds=10,
    ),
    event(
        TWO,
        "k2",
        record(
            "Answer", reply={"root": {"uri": uri(ONE, "k0")}, "parent": {"uri": uri(ONE, "k1")}}
        ),
        seconds=20,
    ),
    event(ONE, "k1", record("Changed"), "update", seconds=30),
    event(ONE, "k1", None, "delete", seconds=40),
    event(ONE, "l1", {"subject": {}}, collection="app.bsky.feed.like"),
    {
        "did": ONE,
        "time_us": micros(50),
        "kind": "identity",
        "identity": {"did": ONE, "handle": "one.example"},
    },
    {
        "did": ONE,
        "time_us": micros(60),
        "kind": "account",
        "account": {"active": False, "status": "takendown"},
    },
)


def test_a_stream_with_all_its_parts() -> None:
    found = read(READER, EXPORT)
    first, answer, changed = found["post"]
    assert first["post_id"] == f"bluesky:{uri(ONE, 'k1')}"
    assert (first["posted_at"], first["clock"]) == (WHEN, "platform")
    assert first["posted_low_at"] == WHEN - timedelta(seconds=1)
    assert first["posted_high_at"] == WHEN
    assert first["language_declared"] == "fr"
    assert (changed["version"], changed["text"]) == (2, "Changed")
    assert answer["thread_id"] == f"bluesky:{uri(ONE, 'k0')}"
    acts = {(a["type"], a["target_post_id"], a["target_account_id"]) for a in found["action"]}
    assert acts == {
        ("quote", f"bluesky:{uri(TWO, 'q9')}", f"bluesky:{TWO}"),
        ("mention", None, f"bluesky:{TWO}"),
        ("repost", f"bluesky:{uri(ONE, 'k1')}", f"bluesky:{ONE}"),
        ("reply", f"bluesky:{uri(ONE, 'k1')}", f"bluesky:{ONE}"),
        ("edit", f"bluesky:{uri(ONE, 'k1')}", None),
        ("delete", f"bluesky:{uri(ONE, 'k1')}", None),
    }
    repost = next(a for a in found["action"] if a["type"] == "repost")
    assert repost["account_id"] == f"bluesky:{TWO}"
    assert repost["via_post_id"] == f"bluesky:{uri('did:plc:mid', 'v1', 'repost')}"
    assert repost["acted_at"] == WHEN + timedelta(seconds=10)
    assert {r["object_id"]: r["role"] for r in found["post_object"]} == {
        "url:https://site.example/very/long": "in_text",
        "domain:site.example": "in_text",
        "hashtag:vote": "in_text",
        f"file_sha256:{FILE.hex()}": "attachment",
    }
    assert ("one.example",) in {(a["handle"],) for a in found["account"]}
    (count,) = found["intake_count"]
    assert (count["used_count"], count["skipped_count"]) == (7, 1)
    assert "takendown" in count["note"]


def test_a_back_dated_post_stands_where_the_network_saw_it() -> None:
    old = record("Old news", createdAt="2015-01-01T00:00:00Z")
    found = read(READER, lines(event(ONE, "k1", old)))
    assert found["post"][0]["posted_at"] == WHEN
    assert found["post"][0]["posted_low_at"] == WHEN - timedelta(seconds=1)
    assert "before the network saw them" in found["intake_count"][0]["note"]


@pytest.mark.parametrize("revision", [None, "", "zz", "!" * 13, tid(WHEN + timedelta(days=9))])
def test_a_revision_that_says_nothing(revision: Any) -> None:
    made = event(ONE, "k1", record("x"))
    made["commit"]["rev"] = revision
    (one,) = read(READER, lines(made))["post"]
    assert one["posted_low_at"] == one["posted_high_at"] == WHEN


def view(key: str, **more: Any) -> dict[str, Any]:
    return {
        "uri": uri(ONE, key),
        "cid": "x",
        "author": {"did": ONE, "handle": "one.example"},
        "record": record("See https://plain.example/x #tag"),
        "likeCount": 3,
        "repostCount": 2,
        "indexedAt": "2025-05-05T18:49:00.000Z",
        **more,
    }


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"posts": [view("a"), view("b")]}).encode(),
        json.dumps(
            {"feed": [{"post": view("a")}, {"post": view("b")}], "cursor": "x"}, indent=1
        ).encode(),
        json.dumps([view("a"), view("b")]).encode(),
        lines(view("a"), view("b")),
        lines({"posts": [view("a")]}, {"posts": [view("b")]}),
    ],
)
def test_answers_of_the_api(data: bytes) -> None:
    found = read(READER, data)
    assert READER.recognises(glimpse(data)) == 90
    first, _ = found["post"]
    assert (first["clock"], first["sampling"]) == ("client_claimed", "query")
    assert first["posted_at"] == first["posted_low_at"] == WHEN - timedelta(seconds=0.5)
    assert first["posted_high_at"] == WHEN
    assert found["post_snapshot"][0]["like_count"] == 3
    assert {o["object_id"] for o in found["object"]} == {
        *("url:https://plain.example/x", "domain:plain.example", "hashtag:tag")
    }


def test_a_claim_without_a_bound_has_no_interval() -> None:
    (one,) = read(READER, lines({"uri": uri(ONE, "a"), "value": record("x")}))["post"]
    assert one["posted_at"] == WHEN - timedelta(seconds=0.5)
    assert (one["posted_low_at"], one["posted_high_at"]) == (None, None)
    none = record("x", createdAt="2025-05-05 18:48:59")
    (one,) = read(READER, lines({"uri": uri(ONE, "a"), "value": none}))["post"]
    assert (one["posted_at"], one["clock"]) == (None, None)


def test_a_repost_in_a_feed() -> None:
    reason = {
        "$type": "app.bsky.feed.defs#reasonRepost",
        "by": {"did": TWO},
        "indexedAt": "2025-05-05T19:00:00Z",
    }
    data = json.dumps({"feed": [{"post": view("a"), "reason": reason}]}).encode()
    (act,) = read(READER, data)["action"]
    assert (act["type"], act["account_id"]) == ("repost", f"bluesky:{TWO}")


@pytest.mark.parametrize("cid", ["", "bx", CID[:-1], "b" + "1" * 58, "Qm" + "a" * 44])
def test_other_cids_give_no_hash(cid: str) -> None:
    assert sha256_of(cid) is None
    assert sha256_of(CID) == FILE.hex()


@pytest.mark.parametrize(
    "bad",
    [
        *(3, {}, {"did": ONE, "time_us": 5, "kind": "commit"}, event("x", "k", record("x"))),
        *(
            event(ONE, "k", record("x", facets=[{}])),
            event(
                ONE,
                "k",
                record(
                    "x", embed={"$type": "app.bsky.embed.record", "record": {"uri": "http://x"}}
                ),
            ),
        ),
        *(event(ONE, "k", {"text": 9}), event(ONE, "k", None), event(ONE, "a b", record("x"))),
        {"did": ONE, "time_us": micros(), "kind": "dance"},
    ],
)
def test_a_bad_event_costs_itself_only(bad: Any) -> None:
    found = read(READER, lines(event(ONE, "a", record("x")), bad, event(ONE, "b", record("y"))))
    assert len(found["post"]) == 2
    assert len(found["rejected"]) == 1


@pytest.mark.shared_data
def test_a_real_stream(shared_data: Path) -> None:
    path = shared_data / "posts" / "bluesky" / "jetstream_expected_v1.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    kept = Counter(
        (e["commit"]["operation"], e["commit"]["collection"][9:])
        for e in events
        if e["kind"] == "commit" and e["commit"]["collection"].startswith("app.bsky.feed.")
    )
    found = read_file(READER, path)
    (count,) = found["intake_count"]
    assert count["row_count"] == len(events) == 152
    assert not found["rejected"]
    assert len(found["post"]) == kept["create", "feed.post"] == 17
    kinds = Counter(a["type"] for a in found["action"])
    assert kinds["repost"] == kept["create", "feed.repost"] == 15
    assert kinds["delete"] == kept["delete", "feed.post"] == 1
    assert count["skipped_count"] == 152 - 17 - 15 - 1 - 2
    via = {
        e["commit"]["record"]["via"]["uri"]
        for e in events
        if e["kind"] == "commit"
        and "via" in (e["commit"].get("record") or {})
        and e["commit"]["collection"].endswith("repost")
    }
    assert {a["via_post_id"] for a in found["action"] if a["via_post_id"]} == {
        f"bluesky:{one}" for one in via
    }


def test_cards_quotes_and_videos_by_themselves() -> None:
    card = {"$type": "app.bsky.embed.external", "external": {"uri": "https://paper.example/a"}}
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": uri(TWO, "q9"), "cid": "x"}}
    video = {"$type": "app.bsky.embed.video", "video": {"$type": "blob", "ref": {"$link": CID}}}
    found = read(READER, lines(*(
        event(ONE, key, record("x", embed=embed))
        for key, embed in (("a", card), ("b", quote), ("c", video))
    )))  # fmt: skip
    assert {(r["post_id"][-1], r["object_id"]): r["role"] for r in found["post_object"]} == {
        ("a", "url:https://paper.example/a"): "card",
        ("a", "domain:paper.example"): "card",
        ("c", f"file_sha256:{FILE.hex()}"): "attachment",
    }
    (act,) = found["action"]
    assert (act["type"], act["target_post_id"]) == ("quote", f"bluesky:{uri(TWO, 'q9')}")


def test_places_in_a_text_count_bytes_and_the_address_comes_from_the_facet() -> None:
    text = "😀é site.example/a…"
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://site.example/a/long"}
    facet = {"index": {"byteStart": 7, "byteEnd": 24}, "features": [link]}
    found = read(READER, lines(event(ONE, "a", record(text, facets=[facet]))))
    assert found["post"][0]["text"] == text
    assert {o["canonical"] for o in found["object"]} == {
        *("https://site.example/a/long", "site.example")
    }


def test_a_claim_after_the_sighting_is_not_believed() -> None:
    late = record("x", createdAt="2030-01-01T00:00:00Z")
    (post,) = read(READER, lines(event(ONE, "a", late)))["post"]
    assert (post["posted_at"], post["posted_high_at"]) == (WHEN, WHEN)


def test_a_repost_taken_back_and_a_deletion_before_its_post() -> None:
    found = read(READER, lines(
        event(TWO, "r1", None, "delete", "app.bsky.feed.repost"),
        event(ONE, "k1", None, "delete"),
        event(ONE, "k1", record("x"), seconds=5),
    ))  # fmt: skip
    assert len(found["post"]) == 1
    deleted = {a["target_post_id"] for a in found["action"] if a["type"] == "delete"}
    assert f"bluesky:{uri(ONE, 'k1')}" in deleted
    assert not found["rejected"]
