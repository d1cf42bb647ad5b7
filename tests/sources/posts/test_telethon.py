from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from post_reading import glimpse, read

from tamis.errors import InputError
from tamis.sources.posts.telethon import READER

WHEN = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)


def message(number: int, **more: Any) -> dict[str, Any]:
    return {
        "_": "Message",
        "id": number,
        "peer_id": {"_": "PeerChannel", "channel_id": 123},
        "from_id": None,
        "post": True,
        "date": "2017-05-05T18:49:00+00:00",
        "message": f"Invented {number}",
        "entities": [],
        "fwd_from": None,
        "edit_date": None,
        "grouped_id": None,
        "reply_to": None,
        **more,
    }


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


TEXT = "😀 site.example/x #Vote @Two here"
EXPORT = lines(
    message(
        1,
        message=TEXT,
        views=900,
        forwards=3,
        entities=[
            {"_": "MessageEntityUrl", "offset": 3, "length": 14},
            {"_": "MessageEntityHashtag", "offset": 18, "length": 5},
            {"_": "MessageEntityMention", "offset": 24, "length": 4},
            {
                "_": "MessageEntityTextUrl",
                "offset": 29,
                "length": 4,
                "url": "https://two.example/y",
            },
        ],
        media={
            "_": "MessageMediaDocument",
            "document": {
                "id": 55,
                "attributes": [{"_": "DocumentAttributeFilename", "file_name": "mail.zip"}],
            },
        },
    ),
    message(
        2,
        message="https://old.example/z",
        entities=None,
        fwd_from={
            "date": "2017-05-05T18:00:00+00:00",
            "from_id": {"_": "PeerChannel", "channel_id": 999},
            "channel_post": 44,
            "from_name": None,
        },
    ),
    message(
        3, fwd_from={"date": "2017-05-05T17:00:00+00:00", "from_id": None, "from_name": "Hidden"}
    ),
    message(
        4,
        reply_to={"reply_to_msg_id": 2, "reply_to_top_id": 1},
        from_id={"_": "PeerUser", "user_id": 22},
        post=False,
        edit_date="2017-05-05T18:50:00+00:00",
    ),
    message(5, edit_date="2017-05-05T18:50:00+00:00", edit_hide=True),
    message(6, _="MessageService"),
)


def test_a_dump_with_all_its_parts() -> None:
    found = read(READER, EXPORT)
    first, forward, _, reply, _ = found["post"]
    assert first["post_id"] == "telegram:123/1"
    assert first["account_id"] == "telegram:channel123"
    assert (first["posted_at"], first["clock"]) == (WHEN, "platform")
    assert (reply["account_id"], reply["thread_id"]) == ("telegram:user22", "telegram:123/1")
    acts = {
        (a["type"], a["target_post_id"], a["target_account_id"], a["grade"], a["origin_at"])
        for a in found["action"]
    }
    hour = timedelta(hours=1)
    assert acts == {
        ("mention", None, "telegram:@two", "name_only", None),
        (
            "forward",
            "telegram:999/44",
            "telegram:channel999",
            "native",
            WHEN - hour + timedelta(minutes=11),
        ),
        (
            "forward",
            None,
            "telegram:name:Hidden",
            "name_only",
            WHEN - 2 * hour + timedelta(minutes=11),
        ),
        ("reply", "telegram:123/2", None, "native", None),
        ("edit", "telegram:123/4", None, "native", None),
    }
    assert forward["text_hash"] is None
    assert "telegram:999/44" not in {p["post_id"] for p in found["post"]}  # the unseen root
    assert {(r["post_id"][-1], r["object_id"]): r["role"] for r in found["post_object"]} == {
        ("1", "url:https://site.example/x"): "in_text",
        ("1", "domain:site.example"): "in_text",
        ("1", "hashtag:vote"): "in_text",
        ("1", "url:https://two.example/y"): "in_text",
        ("1", "domain:two.example"): "in_text",
        ("1", "media:telegram:document:55"): "attachment",
        ("2", "url:https://old.example/z"): "inherited",
        ("2", "domain:old.example"): "inherited",
    }
    (counts,) = found["post_snapshot"]
    assert (counts["view_count"], counts["repost_count"]) == (900, 3)
    assert found["intake_count"][0]["used_count"] == 6


def test_what_4cat_writes() -> None:
    one = message(
        1,
        _type="Message",
        date=int(WHEN.timestamp()),
        _chat={"title": "The channel", "username": "chan"},
    )
    del one["_"]
    found = read(READER, lines(one))
    assert found["post"][0]["posted_at"] == WHEN
    assert (found["account"][0]["handle"], found["account"][0]["display_name"]) == (
        "chan",
        "The channel",
    )
    assert found["container"][0]["name"] == "The channel"


def test_the_old_shape_of_forwards() -> None:
    old = message(1, fwd_from={"date": 1493999340, "channel_id": 7, "channel_post": 8})
    (act,) = read(READER, lines(old))["action"]
    assert act["target_post_id"] == "telegram:7/8"


def test_a_time_without_a_zone_is_asked_for() -> None:
    naive = lines(message(1, date="2017-05-05 20:49:00"))
    found = read(READER, naive)
    assert not found["post"]
    assert "--assume-zone" in found["rejected"][0]["reason"]
    assert read(READER, naive, assume_zone="Europe/Paris")["post"][0]["posted_at"] == WHEN
    with pytest.raises(InputError):
        read(READER, naive, assume_zone="Nowhere")


def test_an_array() -> None:
    assert len(read(READER, json.dumps([message(1), message(2)]).encode())["post"]) == 2


@pytest.mark.parametrize(
    "bad",
    [
        *(7, {}, message(1, peer_id=None), message(1, id=1.5), message(1, date=None)),
        *(message(1, peer_id="x"), message(1, entities=[{}]), message(1, views=-1)),
        *(message(1, _="Channel"), message(1, peer_id={"channel_id": 1e12})),
    ],
)
def test_a_bad_line_costs_itself_only(bad: Any) -> None:
    found = read(READER, lines(message(8), bad, message(9)))
    assert len(found["post"]) == 2
    assert len(found["rejected"]) == 1


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 90
    assert READER.recognises(glimpse(b'{"message": "x", "date": "y"}')) == 0
