from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from post_reading import glimpse, read

from tamis.sources.posts.x_v2 import READER

START = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657


def number(second: int, sequence: int = 0) -> str:
    """An id made in that second of the evening, as X makes them."""
    return str(((int(START.timestamp()) + second) * 1000 + 500 - EPOCH_MS << 22) + sequence)


def post(second: int, author: str = "11", **more: Any) -> dict[str, Any]:
    made = START.timestamp() + second
    return {
        "id": number(second),
        "text": f"Invented words of second {second}",
        "author_id": author,
        "created_at": datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conversation_id": number(second),
        "lang": "fr",
        "public_metrics": {"retweet_count": 3, "reply_count": 2, "like_count": 1, "quote_count": 0},
        **more,
    }


def user(native: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": native, "username": name, "name": name.title(), **more}


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def kinds(found: dict[str, list[dict[str, Any]]], post_id: str) -> dict[str, str]:
    return {r["object_id"]: r["role"] for r in found["post_object"] if r["post_id"] == post_id}


def test_a_response_with_all_its_parts() -> None:
    answer = {
        "data": [
            post(
                0,
                entities={
                    "urls": [
                        {
                            "url": "https://t.co/a",
                            "expanded_url": "https://short.example/q",
                            "unwound_url": "https://www.paper.example/story?utm_source=x",
                        }
                    ],
                    "hashtags": [{"tag": "Été"}],
                    "cashtags": [{"tag": "XYZ"}],
                    "mentions": [
                        {"username": "Two"},
                        {"username": "gone"},
                        {"username": "q", "id": "9"},
                    ],
                },
                attachments={"media_keys": ["3_77"]},
            )
        ],
        "includes": {
            "users": [user("11", "one", public_metrics={"followers_count": 5}), user("22", "two")],
            "media": [{"media_key": "3_77", "url": "https://pictures.example/77.jpg"}],
        },
        "errors": [{"title": "Not Found Error", "resource_id": "5"}],
        "meta": {"result_count": 1},
        "__twarc": {
            "url": "https://api.twitter.com/2/tweets/search/all?query=x",
            "retrieved_at": "2017-05-06T00:00:00+00:00",
        },
    }
    data = lines(answer)
    found = read(READER, data)
    (one,) = found["post"]
    assert one["post_id"] == f"x:{number(0)}"
    assert one["account_id"] == "x:11"
    assert one["posted_at"] == one["posted_low_at"] == START
    assert one["posted_high_at"] == START.replace(microsecond=999_999)
    assert (one["clock"], one["precision_s"]) == ("platform", 1.0)
    assert (one["sampling"], one["language_declared"]) == ("query", "fr")
    assert one["collected_at"] == datetime(2017, 5, 6, tzinfo=UTC)
    assert (one["byte_start"], one["byte_end"]) == (0, len(data) - 1)
    assert kinds(found, one["post_id"]) == {
        "url:https://paper.example/story": "in_text",
        "domain:paper.example": "in_text",
        "hashtag:été": "in_text",
        "media:x:3_77": "attachment",
    }
    assert {(a["target_account_id"], a["grade"]) for a in found["action"]} == {
        ("x:22", "id_reference"),
        ("x:@gone", "name_only"),
        ("x:9", "native"),
    }
    assert [a["account_id"] for a in found["account"]] == ["x:11", "x:22"]
    assert found["account_snapshot"][0]["follower_count"] == 5
    assert found["post_snapshot"][0]["seen_at"] == datetime(2017, 5, 6, tzinfo=UTC)
    assert "did not deliver 1" in found["intake_count"][0]["note"]


def test_a_repost_has_no_words_of_its_own_and_inherits_its_originals_objects() -> None:
    original = post(
        0, text="The whole text #Vote", entities={"hashtags": [{"tag": "Vote"}], "urls": [
            {"expanded_url": "https://paper.example/story"}]})  # fmt: skip
    copy = post(
        30,
        author="22",
        text="RT @one: The whole te…",
        referenced_tweets=[{"type": "retweeted", "id": original["id"]}],
        entities={"mentions": [{"username": "one", "id": "11"}], "urls": [
            {"expanded_url": "https://paper.exam…"}]},
    )  # fmt: skip
    found = read(READER, lines({"data": [copy], "includes": {"tweets": [original]}}))
    by_id = {p["post_id"]: p for p in found["post"]}
    ours = by_id[f"x:{copy['id']}"]
    assert ours["text"] == "RT @one: The whole te…"
    assert ours["text_hash"] is None
    assert by_id[f"x:{original['id']}"]["text_hash"] is not None
    assert kinds(found, ours["post_id"]) == {
        "hashtag:vote": "inherited",
        "url:https://paper.example/story": "inherited",
        "domain:paper.example": "inherited",
    }
    (act,) = found["action"]
    assert (act["type"], act["grade"]) == ("repost", "native")
    assert act["account_id"] == "x:22"
    assert act["target_post_id"] == f"x:{original['id']}"
    assert act["target_account_id"] == "x:11"
    assert act["acted_at"] == ours["posted_at"]


def test_a_repost_whose_original_was_not_delivered() -> None:
    copy = post(30, referenced_tweets=[{"type": "retweeted", "id": "5"}], text="RT @a: x")
    (act,) = read(READER, lines(copy))["action"]
    assert (act["target_post_id"], act["target_account_id"]) == ("x:5", None)


def test_flattened_lines_give_the_same_as_a_response() -> None:
    original, author = post(0), user("11", "one")
    flat = post(
        60,
        author="22",
        author_id="22",
        referenced_tweets=[{"type": "quoted", **original, "author": author}],
        in_reply_to_user_id="11",
        entities={"urls": [{"expanded_url": f"https://twitter.com/one/status/{number(0)}"}]},
    )
    flat["author"] = user("22", "two")
    plain = {**flat, "referenced_tweets": [{"type": "quoted", "id": original["id"]}]}
    del plain["author"]
    answer = {
        "data": [plain],
        "includes": {"tweets": [original], "users": [flat["author"], author]},
    }
    first, second = read(READER, lines(flat)), read(READER, lines(answer))
    for name in ("post", "action", "post_object", "account", "post_snapshot"):
        for rows in (first[name], second[name]):
            for row in rows:
                row["byte_end"] = None
        assert first[name] == second[name], name
    assert [(a["type"], a["target_post_id"]) for a in first["action"]] == [
        ("quote", f"x:{number(0)}")
    ]


def test_reply_and_link_to_a_post() -> None:
    one = post(
        9,
        referenced_tweets=[{"type": "replied_to", "id": "7"}],
        in_reply_to_user_id="44",
        entities={"urls": [
            {"expanded_url": "https://x.com/any/status/8"},
            {"expanded_url": f"https://twitter.com/i/web/status/{number(9)}"},
            {"expanded_url": f"https://x.com/a/status/{number(9)}/photo/1", "media_key": "3_1"},
        ]},
    )  # fmt: skip
    found = read(READER, lines(one))
    acts = {
        (a["type"], a["target_post_id"], a["target_account_id"], a["grade"])
        for a in found["action"]
    }
    assert acts == {
        ("reply", "x:7", "x:44", "native"),
        ("link_to_post", "x:8", None, "id_reference"),
    }
    assert set(kinds(found, f"x:{number(9)}")) == {"url:https://x.com/i/status/8", "domain:x.com"}


def test_editions_of_a_post() -> None:
    history = [number(0), number(10)]
    first, second = (post(s, edit_history_tweet_ids=history) for s in (0, 10))
    found = read(READER, lines({"data": [second], "includes": {"tweets": [first]}}))
    told = {p["native_id"]: (p["version"], p["is_latest"], p["edited_of"]) for p in found["post"]}
    assert told == {number(0): (1, False, None), number(10): (2, True, f"x:{number(0)}")}
    (act,) = found["action"]
    assert (act["type"], act["target_post_id"]) == ("edit", f"x:{number(0)}")


def test_one_id_twice() -> None:
    again = post(0, public_metrics={"retweet_count": 9})
    changed = post(0, text="Other words")
    found = read(READER, lines(post(0), post(0), again, changed))
    assert [(p["version"], p["text"]) for p in found["post"]] == [
        (1, post(0)["text"]),
        (2, "Other words"),
    ]
    assert [s["repost_count"] for s in found["post_snapshot"]] == [3, 9, 3]
    assert "other content" in found["intake_count"][0]["note"]


def test_delete_notices() -> None:
    found = read(
        READER,
        lines(
            {"id": "5", "action": "delete", "created_at": "2017-05-05T18:00:00.000Z",
             "redacted_at": "2017-05-08T00:00:00.000Z", "reason": "deactivated"},
            {"id": "6", "action": "delete", "created_at": "2017-05-05T18:00:00.000Z",
             "reason": "protected"},
            {"data": {"delete": {"tweet": {"id": "7", "author_id": "1"},
                                 "event_at": "2017-05-09T00:00:00.000Z"}}},
            {"id": "8", "action": "dance"},
        ),
    )  # fmt: skip
    acts = {a["target_post_id"]: a for a in found["action"]}
    assert {a["type"] for a in acts.values()} == {"delete"}
    assert acts["x:5"]["acted_at"] == datetime(2017, 5, 8, tzinfo=UTC)
    assert acts["x:6"]["acted_at"] is None
    assert acts["x:6"]["acted_low_at"] == datetime(2017, 5, 5, 18, tzinfo=UTC)
    assert acts["x:7"]["account_id"] == "x:1"
    assert len(found["rejected"]) == 1


def test_accounts_alone_are_no_posts() -> None:
    found = read(READER, lines({"data": [user("1", "a"), user("2", "b")]}, user("3", "c")))
    assert [a["handle"] for a in found["account"]] == ["a", "b", "c"]
    assert not found["post"]
    assert found["intake_count"][0]["used_count"] == 3


def test_an_account_that_changes_has_a_row_for_each_state() -> None:
    found = read(READER, lines(user("1", "a"), user("1", "a"), user("1", "b")))
    assert [a["handle"] for a in found["account"]] == ["a", "b"]
    assert len(found["account_snapshot"]) == 2


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (
            {"errors": [{"title": "operational-disconnect", "detail": "bye"}]},
            "operational-disconnect",
        ),
        ({"title": "Unauthorized", "status": 401, "detail": "no"}, "Unauthorized: no"),
        (post(0, id=8.6e17), "last digits are lost"),
        (post(0, id="12ab"), "no number"),
        (post(0, text=5), "is no text"),
        (post(0, public_metrics={"like_count": "many"}), "whole number"),
        (post(0, public_metrics={"like_count": -1}), "negative"),
        (post(0, public_metrics={"like_count": 1 << 60}), "larger"),
        (post(0, entities={"hashtags": [7]}), "cannot be used"),
        (post(0, referenced_tweets=[{"type": "sung", "id": "5"}]), "unknown"),
        ({"surprise": 1}, "nothing in it is known"),
        ([1], "object was expected"),
        (3, "object was expected"),
    ],
)
def test_what_cannot_be_used_is_rejected_and_reading_goes_on(value: Any, reason: str) -> None:
    found = read(READER, lines({"id": "1", "text": "x"}, value, {"id": "2", "text": "y"}))
    assert [p["native_id"] for p in found["post"]] == ["1", "2"]
    (rejected,) = found["rejected"]
    assert reason in rejected["reason"]
    assert rejected["byte_start"] == len(lines({"id": "1", "text": "x"}))
    assert rejected["position"] == 1


def test_one_bad_element_costs_itself_only() -> None:
    found = read(READER, lines({"data": [post(0), post(1, id=1.5), post(2)]}))
    assert len(found["post"]) == 2
    assert found["intake_count"][0]["row_count"] == 3


def test_truncated_and_blank_lines() -> None:
    whole = lines(post(0))
    found = read(READER, whole + b"\n   \n" + whole[:40])
    count = found["intake_count"][0]
    assert (count["used_count"], count["skipped_count"], count["rejected_count"]) == (1, 2, 1)
    assert found["rejected"][0]["byte_start"] == len(whole) + 5


def test_an_empty_page_is_no_row() -> None:
    found = read(READER, lines({"meta": {"result_count": 0}}, {"data": [], "meta": {}}))
    assert found["intake_count"][0]["skipped_count"] == 2


def test_arrays_and_pretty_printed_files() -> None:
    answer = {"data": [post(0), post(1)]}
    for data in (
        json.dumps([post(0), post(1)]).encode(),
        json.dumps([post(0), post(1)], indent=1).encode(),
        json.dumps(answer, indent=2).encode(),
        b"\xef\xbb\xbf" + json.dumps(answer, indent=2).encode(),
    ):
        found = read(READER, data)
        assert [p["native_id"] for p in found["post"]] == [number(0), number(1)]
        start, end = found["post"][0]["byte_start"], found["post"][0]["byte_end"]
        assert number(0) in json.dumps(json.loads(data[start:end]))


def test_a_stream_message_with_rules_is_a_query() -> None:
    found = read(READER, lines({"data": post(0), "matching_rules": [{"id": "1"}]}))
    assert found["post"][0]["sampling"] == "query"
    found = read(READER, lines({"data": post(0)}), sampling="stream_sample")
    assert found["post"][0]["sampling"] == "stream_sample"


def test_a_long_post_is_read_in_full() -> None:
    long = {"text": "All of it #Long", "entities": {"hashtags": [{"tag": "Long"}]}}
    found = read(READER, lines(post(0, text="All of…", note_tweet=long)))
    assert found["post"][0]["text"] == "All of it #Long"
    assert "hashtag:long" in kinds(found, f"x:{number(0)}")


def test_without_entities_the_text_is_looked_at() -> None:
    found = read(
        READER, lines({"id": "5", "text": "see #Tag @Some_One https://paper.example/a?b=1."})
    )
    assert {r["method"] for r in found["post_object"]} == {"text"}
    assert set(kinds(found, "x:5")) == {
        "hashtag:tag",
        "url:https://paper.example/a?b=1",
        "domain:paper.example",
    }
    assert found["action"][0]["target_account_id"] == "x:@some_one"


def test_a_repost_by_hand_is_graded_so() -> None:
    found = read(READER, lines({"id": "5", "text": "RT @Some_One: look #Tag"}))
    (act,) = found["action"]
    assert (act["type"], act["grade"], act["target_account_id"]) == (
        "repost", "text_pattern", "x:@some_one")  # fmt: skip
    assert found["post"][0]["text_hash"] is None
    assert kinds(found, "x:5") == {"hashtag:tag": "inherited"}


def test_clocks_that_disagree_make_an_interval() -> None:
    one = post(0, created_at="2030-01-01T00:00:00.000Z")
    found = read(READER, lines(one))["post"][0]
    assert found["posted_at"] == datetime(2030, 1, 1, tzinfo=UTC)
    assert found["posted_low_at"] == START.replace(microsecond=500_000)
    assert found["posted_high_at"].year == 2030


def test_without_created_at_the_id_tells_the_time() -> None:
    late, early = read(READER, lines({"id": number(7), "text": "x"}, {"id": "20", "text": "y"}))[
        "post"
    ]
    assert (late["clock"], late["precision_s"]) == ("id_derived", 0.001)
    assert late["posted_at"] == START.replace(second=7, microsecond=500_000)
    assert (early["posted_at"], early["clock"], early["precision_s"]) == (None, None, None)


def test_an_unreadable_time_is_not_guessed() -> None:
    found = read(READER, lines(post(0, created_at="05/05/2017"), post(1, created_at=None)))
    assert {p["clock"] for p in found["post"]} == {"id_derived"}


def test_withheld_posts_are_counted() -> None:
    found = read(READER, lines(post(0, withheld={"country_codes": ["FR"]})))
    assert "withheld" in found["intake_count"][0]["note"]


def test_empty_shells_of_media_do_not_hide_the_keys() -> None:
    found = read(READER, lines(post(0, attachments={"media_keys": ["7_1"], "media": [{}]})))
    assert kinds(found, f"x:{number(0)}") == {"media:x:7_1": "attachment"}


def test_ids_are_never_numbers() -> None:
    big = 9_007_199_254_740_993
    found = read(READER, b'{"id": %d, "text": "x"}\n' % big)
    assert found["post"][0]["native_id"] == str(big)


def test_many_lines_come_in_several_batches_and_nothing_is_lost() -> None:
    count = 45_000
    data = b"".join(b'{"id":"%d","text":"x #a"}\n' % n for n in range(1, count + 1))
    found = read(READER, data)
    assert len(found["post"]) == count
    assert len(found["post_object"]) == count
    assert len(found["object"]) == 1


@pytest.mark.parametrize(
    ("data", "sure"),
    [
        (lines({"data": [post(0)], "meta": {}}), True),
        (lines(post(0)), True),
        (lines({"data": [user("1", "a", public_metrics={"tweet_count": 1})]}), True),
        (b'\n{"id":"1","action":"delete","created_at":"x"}\n', True),
        (b'{"id_str": "1", "user": {"screen_name": "a"}, "possibly_sensitive": false}', False),
        (b"id,text\n1,author_id\n", False),
        (b"", False),
    ],
)
def test_recognition(data: bytes, *, sure: bool) -> None:
    assert (READER.recognises(glimpse(data)) >= 50) == sure


def test_the_address_behind_a_shortener_is_taken_where_the_platform_followed_it() -> None:
    link = {"url": "https://t.co/a", "expanded_url": "https://short.example/q",
            "unwound_url": "https://paper.example/s?utm_source=x"}  # fmt: skip
    found = read(READER, lines(post(0, entities={"urls": [link]})))
    assert set(kinds(found, f"x:{number(0)}")) == {
        *("url:https://paper.example/s", "domain:paper.example")
    }
