from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from post_reading import glimpse, read
from tables import START, acts, kinds, number, table

from tamis.sources.posts import x_v2
from tamis.sources.posts.twarc_csv import READER


def row(second: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number(second), "conversation_id": number(second),
        "referenced_tweets.replied_to.id": "", "referenced_tweets.retweeted.id": "",
        "referenced_tweets.quoted.id": "", "author_id": "11", "in_reply_to_user_id": "",
        "retweeted_user_id": "", "quoted_user_id": "",
        "created_at": f"2017-05-05T18:49:{second:02}.000Z", "text": f"Invented words {second}",
        "lang": "fr", "source": "A client", "public_metrics.like_count": "1",
        "public_metrics.retweet_count": "3.0", "edit_history_tweet_ids": "",
        "entities.hashtags": "", "entities.mentions": "", "entities.urls": "",
        "attachments.media": "", "attachments.media_keys": "", "author.id": "11",
        "author.username": "one", "author.name": "One", "author.created_at": "2016-11-02T00:00:00Z",
        "author.public_metrics.followers_count": "5", "__twarc.retrieved_at":
        "2017-05-06T00:00:00+00:00", "__twarc.url": "https://api.twitter.com/2/tweets/search/all?q",
        **more}  # fmt: skip


def test_a_row_gives_what_the_api_gave() -> None:
    entities = {
        "entities.hashtags": json.dumps([{"tag": "Vote", "start": 0}]),
        "entities.mentions": json.dumps([{"username": "two", "id": "22"}]),
        "entities.urls": json.dumps([{"expanded_url": "https://paper.example/a"}]),
        "attachments.media": json.dumps([{"media_key": "3_7", "url": "https://p.example/7.jpg"}]),
    }
    found = read(READER, table(row(1, **entities)))
    (post,) = found["post"]
    assert post["posted_at"] == START.replace(second=1)
    assert (post["sampling"], post["client"]) == ("query", "A client")
    assert post["collected_at"] == datetime(2017, 5, 6, tzinfo=UTC)
    assert kinds(found, post["post_id"]) == {
        "hashtag:vote": "in_text", "url:https://paper.example/a": "in_text",
        "domain:paper.example": "in_text", "media:x:3_7": "attachment"}  # fmt: skip
    assert acts(found) == {("mention", None, "x:22", "native")}
    assert found["post_snapshot"][0]["repost_count"] == 3
    (account,) = found["account"]
    assert (account["handle"], account["account_id"]) == ("one", "x:11")
    same = {"id": number(1), "text": "Invented words 1", "author_id": "11"}
    other = read(x_v2.READER, json.dumps(same).encode())
    assert other["post"][0]["post_id"] == post["post_id"]
    assert other["post"][0]["text_hash"] == post["text_hash"]


def test_what_the_tool_merged_into_a_repost_is_inherited() -> None:
    repost = row(9, **{
        "referenced_tweets.retweeted.id": "5", "retweeted_user_id": "33",
        "text": "The whole text of the original #Vote",
        "entities.hashtags": json.dumps([{"tag": "Vote"}]),
        "entities.mentions": json.dumps([{"username": "two", "id": "22"}])})  # fmt: skip
    found = read(READER, table(repost))
    assert acts(found) == {("repost", "x:5", "x:33", "native")}
    assert kinds(found, f"x:{number(9)}") == {"hashtag:vote": "inherited"}
    assert found["post"][0]["text_hash"] is None


def test_quotes_replies_and_editions() -> None:
    names = {"referenced_tweets.replied_to.id": "5", "in_reply_to_user_id": "6",
             "referenced_tweets.quoted.id": "7", "quoted_user_id": "8",
             "edit_history_tweet_ids": json.dumps([number(0), number(9)])}  # fmt: skip
    found = read(READER, table(row(9, **names)))
    assert acts(found) == {
        ("reply", "x:5", "x:6", "native"), ("quote", "x:7", "x:8", "native"),
        ("edit", f"x:{number(0)}", "x:11", "native")}  # fmt: skip
    assert found["post"][0]["version"] == 2


def test_rows_that_cannot_be_used() -> None:
    found = read(READER, table(
        row(0), row(1, id="8.6E+17"), row(2, **{"entities.urls": "[{'a': 1}]"}),
        row(3, **{"public_metrics.like_count": "1.5"}), row(4, id="")))  # fmt: skip
    assert len(found["post"]) == 1
    reasons = [r["reason"] for r in found["rejected"]]
    for reason, part in zip(reasons, ("digits", "no JSON", "whole number", "no post"), strict=True):
        assert part in reason


def test_recognition() -> None:
    assert READER.recognises(glimpse(table(row(0)), "a.csv")) >= 90
    assert READER.recognises(glimpse(b"id,author_id,text\n1,2,x\n", "a.csv")) == 0
