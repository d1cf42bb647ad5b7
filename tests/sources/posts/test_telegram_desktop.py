from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from post_reading import glimpse, read

from tamis.errors import FormatError, InputError
from tamis.sources.posts.telegram_desktop import READER

WHEN = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)


def message(number: int, *, exact: bool = True, **more: Any) -> dict[str, Any]:
    made = {
        "id": number,
        "type": "message",
        "date": (WHEN + timedelta(seconds=number, hours=2)).strftime("%Y-%m-%dT%H:%M:%S"),
        "from": "One",
        "from_id": "user11",
        "text": f"Invented {number}",
    }
    if exact:
        made["date_unixtime"] = str(int(WHEN.timestamp()) + number)
    return {**made, **more}


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    told = {"name": "The channel", "type": "public_channel", "id": 1234567890, **more}
    return {**told, "messages": list(messages)}


def data(whole: Any, indent: int | None = 1) -> bytes:
    return json.dumps(whole, indent=indent, ensure_ascii=False).encode()


EXPORT = data(
    chat(
        message(
            1, type="service", action="create_channel", actor="One", actor_id="channel1234567890"
        ),
        message(
            2,
            text=[
                "See ",
                {"type": "link", "text": "paste.example/abc"},
                " ",
                {"type": "hashtag", "text": "#Été"},
                " ",
                {"type": "mention", "text": "@Other"},
                {"type": "text_link", "text": "here", "href": "https://site.example/x"},
            ],
            from_id="channel1234567890",
            edited=(WHEN + timedelta(seconds=60, hours=2)).strftime("%Y-%m-%dT%H:%M:%S"),
            edited_unixtime=str(int(WHEN.timestamp()) + 60),
            reactions=[{"type": "emoji", "count": 4, "emoji": "x"}],
        ),
        message(
            3,
            forwarded_from="Some Channel",
            text="Forwarded https://old.example/y",
            text_entities=[
                {"type": "plain", "text": "Forwarded "},
                {"type": "link", "text": "https://old.example/y"},
            ],
        ),
        message(
            4, reply_to_message_id=2, text=[{"type": "mention_name", "text": "Two", "user_id": 22}]
        ),
        message(5, reply_to_message_id=9, reply_to_peer_id="channel55"),
    )
)


def test_a_channel_with_all_its_parts() -> None:
    found = read(READER, EXPORT)
    first, forward, *_ = found["post"]
    assert first["post_id"] == "telegram:1234567890/2"
    assert first["text"] == "See paste.example/abc #Été @Otherhere"
    assert first["posted_at"] == WHEN + timedelta(seconds=2)
    assert (first["clock"], first["precision_s"]) == ("platform", 1.0)
    assert first["account_id"] == "telegram:channel1234567890"
    assert json.loads(EXPORT[first["byte_start"] : first["byte_end"]])["id"] == 2
    acts = {
        (a["type"], a["target_post_id"], a["target_account_id"], a["grade"])
        for a in found["action"]
    }
    assert acts == {
        ("mention", None, "telegram:@other", "name_only"),
        ("edit", "telegram:1234567890/2", None, "native"),
        ("forward", None, "telegram:name:Some Channel", "name_only"),
        ("reply", "telegram:1234567890/2", None, "native"),
        ("mention", None, "telegram:user22", "native"),
        ("reply", "telegram:55/9", None, "native"),
    }
    assert next(a for a in found["action"] if a["type"] == "edit")["acted_at"] == WHEN + timedelta(
        seconds=60
    )
    assert forward["text_hash"] is None
    roles = {(r["post_id"][-1], r["object_id"]): r["role"] for r in found["post_object"]}
    assert roles == {
        ("2", "url:https://paste.example/abc"): "in_text",
        ("2", "domain:paste.example"): "in_text",
        ("2", "hashtag:été"): "in_text",
        ("2", "url:https://site.example/x"): "in_text",
        ("2", "domain:site.example"): "in_text",
        ("3", "url:https://old.example/y"): "inherited",
        ("3", "domain:old.example"): "inherited",
    }
    assert found["post_snapshot"][0]["like_count"] == 4
    assert [(c["container_id"], c["kind"]) for c in found["container"]] == [
        ("telegram:1234567890", "channel")
    ]
    assert "1 service" in found["intake_count"][0]["note"]


def test_wall_time_needs_a_zone() -> None:
    old = data(chat(message(1, exact=False), message(2, exact=False)))
    with pytest.raises(FormatError, match="--assume-zone Europe/Paris"):
        read(READER, old)
    with pytest.raises(InputError):
        read(READER, old, assume_zone="Mars/Olympus")
    found = read(READER, old, assume_zone="Europe/Paris")
    assert found["post"][0]["posted_at"] == WHEN + timedelta(seconds=1)
    assert found["post"][0]["clock"] == "exporter_local"


def test_a_repeated_and_a_skipped_hour() -> None:
    back = message(1, exact=False, date="2017-10-29T02:30:00")
    never = message(2, exact=False, date="2017-03-26T02:30:00")
    found = read(READER, data(chat(back, never)), assume_zone="Europe/Paris")
    (one,) = found["post"]
    assert (one["posted_high_at"] - one["posted_low_at"]).total_seconds() >= 3600
    assert "set forward" in found["rejected"][0]["reason"]


def test_one_message_without_an_exact_time_is_rejected_with_the_remedy() -> None:
    found = read(READER, data(chat(message(1), message(2, exact=False))))
    assert len(found["post"]) == 1
    assert "--assume-zone" in found["rejected"][0]["reason"]


def test_a_wall_time_that_no_zone_explains() -> None:
    (one,) = read(READER, data(chat(message(1, date="2017-05-05T20:40:00"))))["post"]
    assert one["posted_high_at"] == datetime(2017, 5, 5, 20, 40, tzinfo=UTC)


def test_all_chats_of_an_account() -> None:
    whole = {
        "about": "words",
        "personal_information": {"user_id": 1},
        "contacts": {"list": [{"user_id": 5}]},
        "chats": {
            "about": "x",
            "list": [
                chat(message(1)),
                chat(message(1), message(2), type="private_group", id=9, name="Group"),
                chat(message(1), type="personal_chat", id=8, name="Person"),
                chat(type="public_supergroup", id=7),
            ],
        },
        "left_chats": {"list": [chat(message(1), type="public_supergroup", id=6)]},
    }
    for indent in (None, 1):
        found = read(READER, data(whole, indent))
        assert [p["native_id"] for p in found["post"]] == [
            *("1234567890/1", "chat9/1", "chat9/2", "user8/1", "6/1"),
        ]
        assert {c["name"] for c in found["container"]} == {"The channel", "Group", "Person"}


def test_a_forward_with_an_id() -> None:
    found = read(READER, data(chat(message(1, forwarded_from="A", forwarded_from_id="channel5"))))
    (act,) = found["action"]
    assert (act["target_account_id"], act["grade"]) == ("telegram:channel5", "id_reference")


@pytest.mark.parametrize(
    "bad",
    [
        *(
            7,
            [],
            None,
            message(1, text=9),
            message(1, text=[3]),
            message(1, id="x"),
            message(1, id=1.5),
        ),
        *(
            message(1, from_id="bird7"),
            message(1, reactions=[{}]),
            message(1, date_unixtime="x", date=None),
        ),
    ],
)
def test_a_bad_message_costs_itself_only(bad: Any) -> None:
    found = read(READER, data(chat(message(3), bad, message(4))))
    assert len(found["post"]) == 2
    assert len(found["rejected"]) == 1


def test_a_chat_without_a_number() -> None:
    found = read(READER, data(chat(message(3), id=None)))
    assert "no number" in found["rejected"][0]["reason"]


def test_recognition() -> None:
    assert READER.recognises(glimpse(EXPORT)) == 95
    assert READER.recognises(glimpse(b'{"guild": {}, "channel": {}, "messages": []}')) == 0


def test_files_are_kept_as_the_export_names_them_and_never_as_hashes() -> None:
    one = message(1, photo="photos/photo_1.jpg", text="", media_type="video_file", mime_type="x/y")
    two = message(2, file="(File not included. Change data exporting settings to download.)")
    found = read(READER, data(chat(one, two)))
    assert len(found["post"]) == 2
    assert not {o["kind"] for o in found["object"]} & {"file_sha256", "file_md5", "image_hash"}
