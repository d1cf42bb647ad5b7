from __future__ import annotations

from typing import Any

import pytest
from post_reading import glimpse, read
from tables import START, acts, kinds, number, table

from tamis.errors import FormatError
from tamis.sources.posts.io_archive import READER

HASH = "ab" * 32


def row(second: int, **more: Any) -> dict[str, Any]:
    return {
        "tweetid": number(second), "userid": HASH, "user_display_name": HASH,
        "user_screen_name": HASH, "user_reported_location": "Nowhere",
        "user_profile_description": "", "user_profile_url": "", "follower_count": "12",
        "following_count": "3.0", "account_creation_date": "2014-02-01", "account_language": "fr",
        "tweet_language": "fr", "tweet_text": f"Invented words {second}",
        "tweet_time": "2017-05-05 18:49", "tweet_client_name": "A client",
        "in_reply_to_userid": "", "in_reply_to_tweetid": "", "quoted_tweet_tweetid": "",
        "is_retweet": "False", "retweet_userid": "", "retweet_tweetid": "", "latitude": "absent",
        "longitude": "absent", "quote_count": "0.0", "reply_count": "0.0", "like_count": "2.0",
        "retweet_count": "1.0", "hashtags": "[]", "urls": "[]", "user_mentions": "[]",
        "poll_choices": "", **more}  # fmt: skip


def test_the_time_in_the_id_is_finer_than_the_minute() -> None:
    data = table(row(7))
    found = read(READER, data)
    (post,) = found["post"]
    assert post["posted_at"] == START.replace(second=7, microsecond=500_000)
    assert (post["clock"], post["precision_s"], post["sampling"]) == ("id_derived", 0.001, "full")
    assert post["account_id"] == f"x:{HASH}"
    (account,) = found["account"]
    assert (account["handle"], account["display_name"]) == (None, None), "a hash is no name"
    (state,) = found["account_snapshot"]
    assert (state["follower_count"], state["following_count"]) == (12, 3)
    (counts,) = found["post_snapshot"]
    assert (counts["quote_count"], counts["like_count"], counts["repost_count"]) == (0, 2, 1)
    assert "agrees with the time in the id for 1 of 1" in found["intake_count"][0]["note"]
    assert data[post["byte_start"] : post["byte_end"]].decode().startswith(number(7))


@pytest.mark.parametrize(
    ("urls", "tags"),
    [("['https://paper.example/a', 'https://b.example/']", "['Vote', 'Été']"),
     ("[https://paper.example/a, https://b.example/]", "[Vote, Été]"),
     ('["https://paper.example/a", "https://b.example/"]', '["Vote", "Été"]')],
)  # fmt: skip
def test_lists_as_python_shows_them_with_and_without_quotes(urls: str, tags: str) -> None:
    found = read(READER, table(row(0, urls=urls, hashtags=tags, user_mentions="['5', 'cd']")))
    assert kinds(found, f"x:{number(0)}") == {
        "url:https://paper.example/a": "in_text", "domain:paper.example": "in_text",
        "url:https://b.example/": "in_text", "domain:b.example": "in_text",
        "hashtag:vote": "in_text", "hashtag:été": "in_text"}  # fmt: skip
    assert acts(found) == {("mention", None, "x:5", "native"), ("mention", None, "x:cd", "native")}


def test_reposts_with_and_without_the_originals_id() -> None:
    found = read(READER, table(
        row(0, is_retweet="True", retweet_tweetid="5", retweet_userid="6", hashtags="['Vote']"),
        row(1, is_retweet="True", retweet_userid="6"),
        row(2, is_retweet="True", tweet_text="RT @Some_One: words"),
        row(3, is_retweet="True"),
        row(4, is_retweet="False", tweet_text="RT @Other: words"),
    ))  # fmt: skip
    assert acts(found) == {
        ("repost", "x:5", "x:6", "native"),
        ("repost", None, "x:6", "id_reference"),
        ("repost", None, "x:@some_one", "text_pattern"),
        ("repost", None, None, "native"),
        ("repost", None, "x:@other", "text_pattern"),
    }
    assert kinds(found, f"x:{number(0)}") == {"hashtag:vote": "inherited"}
    assert {p["text_hash"] for p in found["post"]} == {None}
    assert "3 reposts name no original" in found["intake_count"][0]["note"]


def test_the_order_of_columns_differs_between_releases() -> None:
    one = row(0, in_reply_to_userid="8", in_reply_to_tweetid="7", quoted_tweet_tweetid="9")
    first = read(READER, table(one))
    second = read(READER, table(one, names=tuple(reversed(one))))
    assert acts(first) == acts(second) == {
        ("reply", "x:7", "x:8", "native"), ("quote", "x:9", None, "native")}  # fmt: skip


def test_an_id_that_disagrees_with_the_minute_gives_an_interval() -> None:
    found = read(READER, table(row(0), row(3600 * 2)))
    late = next(p for p in found["post"] if p["native_id"] == number(7200))
    assert late["posted_at"] == late["posted_low_at"] == START
    assert late["posted_high_at"] == START.replace(hour=20, microsecond=500_999)
    assert late["clock"] == "platform"
    assert "for 1 of 2 posts" in found["intake_count"][0]["note"]


def test_posts_from_before_ids_carried_a_time_need_a_zone() -> None:
    old = row(0, tweetid="20000000000", tweet_time="2010-06-01 12:00")
    with pytest.raises(FormatError, match=r"'tweet_time'.*--assume-zone"):
        read(READER, table(old))
    found = read(READER, table(old, row(1)))
    assert len(found["post"]) == 1
    assert "--assume-zone" in found["rejected"][0]["reason"]
    found = read(READER, table(old), assume_zone="UTC")
    (post,) = found["post"]
    assert (post["clock"], post["precision_s"]) == ("platform", 60.0)
    assert (post["posted_high_at"] - post["posted_low_at"]).total_seconds() == 59.999999


def test_ids_that_a_spreadsheet_rounded_are_rejected() -> None:
    found = read(READER, table(row(0), row(1, tweetid="8.6E+17"), row(2, like_count="many")))
    assert len(found["post"]) == 1
    assert "last digits are lost" in found["rejected"][0]["reason"]
    assert "no number" in found["rejected"][1]["reason"]


def test_recognition() -> None:
    assert READER.recognises(glimpse(table(row(0)), "a.csv")) >= 90
    assert READER.recognises(glimpse(b"tweet_id,user_id\n1,2\n", "a.csv")) == 0


def test_an_account_hashed_in_base64_keeps_every_sign() -> None:
    hashed = "Zm9v/YmFy+Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8="
    found = read(READER, table(row(0, userid=hashed, user_screen_name=hashed)))
    (post,) = found["post"]
    assert post["account_id"] == f"x:{hashed}"
    assert found["account"][0]["native_id"] == hashed


def test_what_is_absent_is_no_place_and_a_decimal_count_is_a_count() -> None:
    found = read(READER, table(row(0), row(1, quote_count="", like_count="7.0")))
    assert not found["rejected"]
    assert {p.get("geo") for p in found["post"]} == {None}
    assert "absent" not in str([found["post"], found["account_snapshot"]])
    assert [s["quote_count"] for s in found["post_snapshot"]] == [0, None]
