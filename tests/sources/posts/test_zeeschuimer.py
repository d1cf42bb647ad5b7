from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from post_reading import glimpse, read
from tables import START, acts, kinds, number

from tamis.sources.posts.zeeschuimer import READER

SHOWN = 1_494_100_000_123


def line(platform: str, data: Any, **more: Any) -> dict[str, Any]:
    return {"nav_index": "1:1", "item_id": "x", "timestamp_collected": SHOWN,
            "source_platform": platform, "source_platform_url": f"https://{platform}/",
            "source_url": "x", "user_agent": "x", "data": data, **more}  # fmt: skip


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in values)


def x_object(second: int, native: str = "11", **legacy: Any) -> dict[str, Any]:
    return {
        "rest_id": number(second), "source": "A client", "views": {"count": "50"},
        "core": {"user_results": {"result": {"rest_id": native, "legacy": {
            "screen_name": f"n{native}", "name": "N", "followers_count": 5, "location": ""}}}},
        "legacy": {
            "created_at": f"Fri May 05 18:49:{second:02} +0000 2017", "id_str": number(second),
            "user_id_str": native, "full_text": f"Invented {second}", "lang": "fr",
            "conversation_id_str": number(second), "favorite_count": 1, "retweet_count": 2,
            "entities": {"hashtags": [], "urls": [], "user_mentions": []}, **legacy}}  # fmt: skip


def test_a_post_of_x() -> None:
    entities = {
        "hashtags": [{"text": "Vote"}],
        "urls": [{"expanded_url": "https://paper.example/a"}],
        "user_mentions": [{"id_str": "22", "screen_name": "Two"}],
        "media": [{"id_str": "7", "media_key": "3_7", "media_url_https": "https://p.example/7"}],
    }
    found = read(READER, lines(line("twitter.com", x_object(1, entities=entities))))
    (post,) = found["post"]
    assert post["posted_at"] == START.replace(second=1)
    assert (post["clock"], post["precision_s"], post["sampling"]) == ("platform", 1.0, "browser")
    assert post["collected_at"] == datetime.fromtimestamp(SHOWN / 1000, UTC)
    assert (post["post_id"], post["account_id"]) == (f"x:{number(1)}", "x:11")
    assert kinds(found, post["post_id"]) == {
        "hashtag:vote": "in_text", "url:https://paper.example/a": "in_text",
        "domain:paper.example": "in_text", "media:x:3_7": "attachment"}  # fmt: skip
    assert acts(found) == {("mention", None, "x:22", "native")}
    assert found["post_snapshot"][0]["view_count"] == 50
    assert found["account"][0]["handle"] == "n11"


def test_reposts_quotes_and_replies_of_x() -> None:
    quoted = x_object(0, "33")
    original = {**x_object(5, "22", quoted_status_id_str=number(0),
                           entities={"hashtags": [{"text": "Vote"}]}),
                "quoted_status_result": {"result": {"tweet": quoted}}}  # fmt: skip
    repost = x_object(9, "11", retweeted_status_result={"result": {"tweet": original}},
                      quoted_status_id_str=number(0))  # fmt: skip
    gone = {**x_object(10, quoted_status_id_str="5"),
            "quoted_status_result": {"result": {"tombstone": {}}}}  # fmt: skip
    reply = x_object(11, in_reply_to_status_id_str="7", in_reply_to_user_id_str="8")
    found = read(READER, lines(*(line("x.com", one) for one in (repost, gone, reply))))
    assert acts(found) == {
        ("repost", f"x:{number(5)}", "x:22", "native"),
        ("quote", f"x:{number(0)}", "x:33", "native"),
        ("quote", "x:5", None, "native"),
        ("reply", "x:7", "x:8", "native"),
    }
    assert len(found["post"]) == 5
    assert kinds(found, f"x:{number(9)}") == {"hashtag:vote": "inherited"}
    assert kinds(found, f"x:{number(5)}") == {"hashtag:vote": "in_text"}


def test_newer_objects_keep_the_names_elsewhere() -> None:
    one = x_object(1)
    one["core"]["user_results"]["result"] = {
        "rest_id": "11", "core": {"screen_name": "new", "name": "New"}, "legacy": {}}  # fmt: skip
    one["note_tweet"] = {"note_tweet_results": {"result": {
        "text": "All of it #Long", "entity_set": {"hashtags": [{"text": "Long"}]}}}}  # fmt: skip
    found = read(READER, lines(line("x.com", one)))
    assert found["account"][0]["handle"] == "new"
    assert found["post"][0]["text"] == "All of it #Long"
    assert set(kinds(found, f"x:{number(1)}")) == {"hashtag:long"}


def test_tiktok_and_its_duets() -> None:
    one = {"id": "7000000000000000001", "createTime": int(START.timestamp()), "desc": "Words #vote",
           "author": {"uniqueId": "One", "nickname": "N", "id": "5"}, "authorStats": {
           "followerCount": 9}, "stats": {"diggCount": 1, "playCount": 2}, "music": {"id": "55"},
           "textExtra": [{"hashtagName": "vote"}, {"userUniqueId": "Two"}],
           "duetInfo": {"duetFromId": "6"}}  # fmt: skip
    plain = {**one, "id": "8", "author": "One", "duetInfo": {"duetFromId": "0"}, "textExtra": []}
    found = read(READER, lines(line("tiktok.com", one), line("www.tiktok.com", plain)))
    assert {p["account_id"] for p in found["post"]} == {"tiktok:@one"}
    assert found["post"][0]["posted_at"] == START
    assert acts(found) == {
        ("mention", None, "tiktok:@two", "name_only"),
        ("quote", "tiktok:6", None, "native"),
    }
    assert set(kinds(found, "tiktok:8")) == {"hashtag:vote", "media:tiktok:music:55"}


def test_instagram_in_two_generations() -> None:
    new = {
        "pk": "9",
        "code": "CoDe",
        "taken_at": int(START.timestamp()),
        "like_count": -1,
        "caption": {"text": "Words #Vote @two"},
        "user": {"pk": 5, "username": "one"},
    }
    old = {
        "id": "10",
        "shortcode": "OlD",
        "taken_at_timestamp": int(START.timestamp()),
        "edge_media_to_caption": {"edges": [{"node": {"text": "Old words"}}]},
        "owner": {"id": "5", "username": "one"},
        "edge_media_preview_like": {"count": 3},
    }
    found = read(READER, lines(line("instagram.com", new), line("instagram.com", old)))
    assert [(p["post_id"], p["text"]) for p in found["post"]] == [
        ("instagram:CoDe", "Words #Vote @two"), ("instagram:OlD", "Old words")]  # fmt: skip
    assert {p["account_id"] for p in found["post"]} == {"instagram:5"}
    assert acts(found) == {("mention", None, "instagram:@two", "text_pattern")}
    assert [s["like_count"] for s in found["post_snapshot"]] == [3]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (line("gab.com", {"id": 1}), "no mapper knows objects of 'gab.com'"),
        (line("x.com", {"new_shape": 1}), "shape of x.com is not known"),
        (line("x.com", None), "no mapper"),
        (line("instagram.com", {"code": "a"}), "shape of instagram.com is not known"),
        ([1], "object was expected"),
    ],
)
def test_unknown_shapes_are_named_and_never_lost(value: Any, reason: str) -> None:
    found = read(READER, lines(line("x.com", x_object(1)), value, line("x.com", x_object(2))))
    assert len(found["post"]) == 2
    (rejected,) = found["rejected"]
    assert reason in rejected["reason"]
    assert rejected["byte_start"] == len(lines(line("x.com", x_object(1))))
    if isinstance(value, dict):
        assert "not known" in found["intake_count"][0]["note"]


def test_the_form_in_which_fourcat_keeps_it() -> None:
    meta = {"source_platform": "twitter.com", "timestamp_collected": SHOWN, "item_id": "x"}
    found = read(READER, lines({**x_object(1), "__import_meta": meta}))
    assert found["post"][0]["collected_at"] == datetime.fromtimestamp(SHOWN / 1000, UTC)
    assert READER.recognises(glimpse(lines({**x_object(1), "__import_meta": meta}))) >= 60


def test_recognition() -> None:
    assert READER.recognises(glimpse(lines(line("x.com", x_object(1))))) >= 90
    assert READER.recognises(glimpse(lines(x_object(1)))) == 0
