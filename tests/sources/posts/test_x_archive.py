from __future__ import annotations

import json
from typing import Any

from post_reading import glimpse, read
from tables import START, acts, kinds

from tamis.sources.posts.x_archive import READER

NATIVE = "860566372391952384"  # made at 18:48:01 UTC on 5 May 2017


def tweet(native: str = NATIVE, **more: Any) -> dict[str, Any]:
    return {
        "tweet": {
            "id_str": native,
            "id": native,
            "created_at": "Fri May 05 18:49:12 +0000 2017",
            "full_text": "Words #vote https://t.co/x",
            "lang": "en",
            "retweet_count": "1",
            "favorite_count": "2",
            "entities": {
                "hashtags": [{"text": "vote"}],
                "urls": [{"url": "https://t.co/x", "expanded_url": "https://paper.example/a"}],
                "user_mentions": [{"id_str": "12", "screen_name": "two"}],
            },
            **more,
        }
    }


def archive(*tweets: dict[str, Any], name: str = "tweets", indent: int | None = None) -> bytes:
    return f"window.YTD.{name}.part0 = {json.dumps(list(tweets), indent=indent)}".encode()


def test_the_posts_of_an_archive() -> None:
    data = archive(tweet(in_reply_to_status_id_str="5", in_reply_to_user_id_str="9"))
    found = read(READER, data)
    (post,) = found["post"]
    assert (post["post_id"], post["account_id"]) == (f"x:{NATIVE}", None)
    assert post["text"] == "Words #vote https://t.co/x"
    assert (post["clock"], post["sampling"]) == ("platform", "full")
    assert set(kinds(found, post["post_id"])) == {
        "hashtag:vote",
        "url:https://paper.example/a",
        "domain:paper.example",
    }
    assert {(kind, target) for kind, target, *_ in acts(found)} >= {("reply", "x:5")}
    (counts,) = found["post_snapshot"]
    assert (counts["repost_count"], counts["like_count"]) == (1, 2)
    assert "does not say whose" in found["intake_count"][0]["note"]


def test_a_time_that_the_id_contradicts_is_an_interval_over_both() -> None:
    (post,) = read(READER, archive(tweet("860000000000000001")))["post"]
    assert post["posted_at"].replace(second=0) == START.replace(second=0)
    assert post["posted_low_at"].day == 4
    assert post["posted_high_at"].day == 5


def test_bytes_count_from_the_start_of_the_file() -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        data = mark + archive(tweet(), tweet("860566372391952385"), indent=1)
        for post in read(READER, data)["post"]:
            assert json.loads(data[post["byte_start"] : post["byte_end"]])


def test_reposts_by_hand_and_elements_that_cannot_be_used() -> None:
    data = archive(tweet(full_text="RT @Two: words"), {"tweet": {"id": "x"}}, tweet(""))
    found = read(READER, data)
    assert {kind for kind, *_ in acts(found)} == {"repost"}
    (count,) = found["intake_count"]
    assert (count["used_count"], count["rejected_count"], count["row_count"]) == (1, 2, 3)


def test_only_the_parts_with_posts_are_its_own() -> None:
    for name in ("tweet", "tweets", "deleted_tweets"):
        assert READER.recognises(glimpse(archive(tweet(), name=name), "a.js")) > 90
    for name in ("account", "like", "direct_messages"):
        assert READER.recognises(glimpse(archive(name=name), "a.js")) == 0
