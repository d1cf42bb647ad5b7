from __future__ import annotations

import json
from typing import Any

from post_reading import glimpse, read
from tables import START, acts, kinds, table

from tamis.sources.posts.tiktok import READER


def video(native: int = 7_000_000_000_000_000_001, **more: Any) -> dict[str, Any]:
    return {"id": native, "create_time": int(START.timestamp()), "username": "One",
            "video_description": "Words #vote @two https://paper.example/a", "region_code": "FR",
            "hashtag_names": ["vote", "Été"], "music_id": 55, "share_count": 1, "view_count": 2,
            "like_count": 3, "comment_count": 4, "effect_ids": ["9"], **more}  # fmt: skip


def test_an_answer_of_the_api() -> None:
    answer = {"data": {"videos": [video(), video(2)], "cursor": 2, "has_more": False}, "error": {}}
    found = read(READER, json.dumps(answer).encode())
    post = found["post"][0]
    assert post["post_id"] == "tiktok:7000000000000000001"
    assert post["posted_at"] == START
    assert (post["clock"], post["account_id"]) == ("platform", "tiktok:@one")
    assert set(kinds(found, post["post_id"])) == {
        "hashtag:vote", "hashtag:été", "url:https://paper.example/a", "domain:paper.example",
        "media:tiktok:music:55", "media:tiktok:effect:9"}  # fmt: skip
    counts = found["post_snapshot"][0]
    assert (counts["repost_count"], counts["view_count"], counts["like_count"]) == (1, 2, 3)
    assert found["intake_count"][0]["used_count"] == 2
    assert acts(found) == set(), "a duet's or stitch's source is not in the data"


def test_lines_arrays_and_tables_say_the_same() -> None:
    one = video()
    as_table = table({name: json.dumps(v) if isinstance(v, list) else v for name, v in one.items()})
    found = [
        read(READER, data)
        for data in (json.dumps(one).encode() + b"\n", json.dumps([one]).encode(), as_table)
    ]
    for name in ("post", "post_object", "object", "post_snapshot"):
        for rows in found:
            for row in rows[name]:
                row.pop("byte_start", None)
                row.pop("byte_end", None)
        assert found[0][name] == found[1][name] == found[2][name]


def test_mentions_and_what_cannot_be_used() -> None:
    rows = [video(1, video_mention_list=["two"]), video(7.1e18), video(3, create_time=None),
            {"error": {"code": "rate_limit_exceeded"}}, [1], video(4, like_count=-5)]  # fmt: skip
    found = read(READER, b"".join(json.dumps(one).encode() + b"\n" for one in rows))
    assert acts(found) == {("mention", None, "tiktok:@two", "name_only")}
    assert len(found["rejected"]) == 5
    assert "rate_limit" in found["rejected"][2]["reason"]
    whole = json.dumps({"data": {"videos": [video(1), video(None), {"id": 5}]}}).encode()
    found = read(READER, whole)
    assert (len(found["post"]), len(found["rejected"])) == (1, 2)
    assert not read(READER, b'{"data": {"videos": []}}')["post"]


def test_recognition() -> None:
    assert READER.recognises(glimpse(json.dumps(video()).encode())) >= 90
    assert READER.recognises(glimpse(table(video()), "a.csv")) >= 90
    assert READER.recognises(glimpse(b'{"create_time": 1}')) == 0


def test_a_country_of_registration_is_no_place_and_words_spoken_are_no_text() -> None:
    more = {"voice_to_text": "spoken #other", "favorites_count": 9, "is_stem_verified": True,
            "video_duration": 12, "playlist_id": 5, "video_label": {"content": "y"},
            "hashtag_info_list": [{"hashtag_id": 1, "hashtag_name": "vote"}]}  # fmt: skip
    found = read(READER, json.dumps(video(**more)).encode())
    assert "FR" not in {s["location"] for s in found["account_snapshot"]}
    assert "spoken" not in str(found["post"][0]["text"])
    assert "hashtag:other" not in {o["object_id"] for o in found["object"]}
    assert found["post_snapshot"][0]["like_count"] == 3
