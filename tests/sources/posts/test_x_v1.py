from __future__ import annotations

import bz2
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from post_reading import glimpse, read

from tamis import registry
from tamis.sources.posts.x_v1 import READER

START = datetime(2017, 5, 5, 18, 49, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657


def number(second: int, millisecond: int = 660) -> int:
    return (int(START.timestamp()) + second) * 1000 + millisecond - EPOCH_MS << 22


def user(native: int = 11, name: str = "one", **more: Any) -> dict[str, Any]:
    return {
        "id": native, "id_str": str(native), "screen_name": name, "name": name.title(),
        "followers_count": 5, "friends_count": 4, "statuses_count": 3, "favourites_count": 2,
        "created_at": "Wed Nov 02 03:57:37 +0000 2016", "description": "", **more}  # fmt: skip


def status(second: int, millisecond: int = 660, **more: Any) -> dict[str, Any]:
    native = number(second, millisecond)
    made = datetime.fromtimestamp(START.timestamp() + second, UTC)
    return {
        "created_at": made.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": native, "id_str": str(native), "text": f"Invented words of second {second}",
        "truncated": False, "user": user(), "lang": "fr",
        "entities": {"hashtags": [], "urls": [], "user_mentions": [], "symbols": []},
        "quote_count": 0, "reply_count": 1, "retweet_count": 2, "favorite_count": 3,
        **more}  # fmt: skip


def streamed(second: int, millisecond: int = 660, **more: Any) -> dict[str, Any]:
    stamp = str((int(START.timestamp()) + second) * 1000 + millisecond)
    return status(second, millisecond, timestamp_ms=stamp, filter_level="low", **more)


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in values)


def kinds(found: dict[str, list[dict[str, Any]]], post_id: str) -> dict[str, str]:
    return {r["object_id"]: r["role"] for r in found["post_object"] if r["post_id"] == post_id}


def test_a_streamed_post() -> None:
    data = lines(
        streamed(0, entities={
            "hashtags": [{"text": "Été"}],
            "urls": [{"url": "https://t.co/a", "expanded_url": "https://short.example/q",
                      "unwound": {"url": "https://paper.example/s?utm_source=x"}}],
            "user_mentions": [{"screen_name": "Two", "id": 22, "id_str": "22"}],
            "media": [{"id": 77, "id_str": "77", "type": "photo",
                       "media_url_https": "https://pbs.example/media/a.jpg"}]}))  # fmt: skip
    found = read(READER, data)
    (post,) = found["post"]
    assert post["post_id"] == f"x:{number(0)}"
    assert post["posted_at"] == post["posted_low_at"] == START
    assert (post["clock"], post["precision_s"], post["sampling"]) == ("platform", 1.0, "unknown")
    assert (post["byte_start"], post["byte_end"]) == (0, len(data) - 1)
    assert kinds(found, post["post_id"]) == {
        "hashtag:été": "in_text",
        "url:https://paper.example/s": "in_text",
        "domain:paper.example": "in_text",
        "media:x:3_77": "attachment",
    }
    (act,) = found["action"]
    assert (act["type"], act["target_account_id"], act["grade"]) == ("mention", "x:22", "native")
    (account,) = found["account"]
    assert account["created_at"] == datetime(2016, 11, 2, 3, 57, 37, tzinfo=UTC)
    (state,) = found["account_snapshot"]
    assert (state["follower_count"], state["following_count"], state["post_count"]) == (5, 4, 3)
    assert state["seen_at"] == START.replace(microsecond=660_000)
    assert found["post_snapshot"][0]["like_count"] == 3


def test_a_delete_notice_is_an_action_with_its_time_and_needs_no_post() -> None:
    notice = {"delete": {"status": {"id": 5, "id_str": "5", "user_id": 6, "user_id_str": "6"},
                         "timestamp_ms": "1494010140327"}}  # fmt: skip
    found = read(READER, lines(notice, {"delete": {"status": {"id_str": "7"}}}))
    first, second = found["action"]
    assert (first["type"], first["target_post_id"], first["account_id"]) == ("delete", "x:5", "x:6")
    assert first["acted_at"] == START.replace(microsecond=327_000)
    assert (second["acted_at"], second["account_id"]) == (None, None)
    assert not found["post"]
    assert "2 delete notices" in found["intake_count"][0]["note"]


def test_a_long_post_is_read_in_full_with_its_own_entities() -> None:
    long = {"full_text": "All of the words #Long", "entities": {
        "hashtags": [{"text": "Long"}], "urls": [], "user_mentions": []}}  # fmt: skip
    cut = status(0, text="All of th…", truncated=True, extended_tweet=long, entities={
        "urls": [{"expanded_url": f"https://twitter.com/i/web/status/{number(0)}"}]})  # fmt: skip
    found = read(READER, lines(cut))
    (post,) = found["post"]
    assert post["text"] == "All of the words #Long"
    assert post["text_hash"] is not None
    assert set(kinds(found, post["post_id"])) == {"hashtag:long"}
    rest = read(READER, lines(status(0, text=None, full_text="Whole", display_text_range=[0, 5])))
    assert rest["post"][0]["text"] == "Whole"


def test_a_text_that_stands_nowhere_in_full_has_no_hash_and_is_counted() -> None:
    link = {"expanded_url": f"https://twitter.com/i/web/status/{number(0)}"}
    cut = status(0, text="Half of…", truncated=True, entities={"urls": [link]})
    found = read(READER, lines(cut))
    assert found["post"][0]["text_hash"] is None
    assert not found["post_object"]
    assert not found["action"]
    assert "cut" in found["intake_count"][0]["note"]


def test_the_repost_of_a_quote_did_not_quote() -> None:
    inner = status(0, user=user(33, "three"))
    quoting = status(
        60, user=user(22, "two"), quoted_status=inner, quoted_status_id_str=inner["id_str"],
        quoted_status_id=inner["id"], entities={"hashtags": [{"text": "Vote"}], "urls": [
            {"expanded_url": f"https://twitter.com/three/status/{inner['id_str']}"}]})  # fmt: skip
    outer = streamed(
        90, text="RT @two: Inven…", retweeted_status=quoting, quoted_status=inner,
        quoted_status_id=inner["id"], quoted_status_id_str=inner["id_str"],
        entities={"user_mentions": [{"screen_name": "two", "id_str": "22"}]})  # fmt: skip
    found = read(READER, lines(outer))
    assert {p["account_id"] for p in found["post"]} == {"x:11", "x:22", "x:33"}
    acts = {(a["account_id"], a["type"], a["target_post_id"], a["target_account_id"])
            for a in found["action"]}  # fmt: skip
    assert acts == {
        ("x:11", "repost", f"x:{number(60)}", "x:22"),
        ("x:22", "quote", f"x:{number(0)}", "x:33"),
    }
    assert kinds(found, f"x:{number(90)}") == {
        "hashtag:vote": "inherited",
        f"url:https://x.com/i/status/{number(0)}": "inherited",
        "domain:x.com": "inherited",
    }
    assert kinds(found, f"x:{number(60)}") == {"hashtag:vote": "in_text"}
    by_id = {p["native_id"]: p for p in found["post"]}
    assert by_id[outer["id_str"]]["text_hash"] is None
    counted = {s["post_id"] for s in found["post_snapshot"]}
    assert counted == {f"x:{number(60)}", f"x:{number(0)}"}, "a repost's counts are another's"


def test_a_quote_that_was_not_delivered_and_a_reply() -> None:
    one = status(5, quoted_status_id_str="7", is_quote_status=True,
                 in_reply_to_status_id_str="8", in_reply_to_user_id_str="9")  # fmt: skip
    acts = {(a["type"], a["target_post_id"], a["target_account_id"])
            for a in read(READER, lines(one))["action"]}  # fmt: skip
    assert acts == {("quote", "x:7", None), ("reply", "x:8", "x:9")}


def test_ids_are_read_as_text_and_a_rounded_number_shows() -> None:
    exact = number(0) + 1
    one = status(0, id=float(exact), id_str=str(exact))
    two = status(1, id=number(1) + 1000)
    found = read(READER, lines(one, two))
    assert [p["native_id"] for p in found["post"]] == [str(exact), str(number(1))]
    assert "not the id as text" in found["intake_count"][0]["note"]
    lost = status(2, id=8.6e17)
    del lost["id_str"]
    found = read(READER, lines(lost))
    assert "last digits are lost" in found["rejected"][0]["reason"]


def test_an_id_and_a_time_that_disagree_make_an_interval() -> None:
    one = status(0, created_at="Tue Jan 01 00:00:00 +0000 2030")
    (post,) = read(READER, lines(one))["post"]
    assert post["posted_at"] == datetime(2030, 1, 1, tzinfo=UTC)
    assert post["posted_low_at"] == START.replace(microsecond=660_000)


def test_the_sample_is_told_by_its_milliseconds() -> None:
    sample = [streamed(n, 657 + n % 10) for n in range(30)]
    found = read(READER, lines(*sample))
    assert {p["sampling"] for p in found["post"]} == {"stream_sample"}
    for other in (
        [streamed(n, 33 * n % 1000) for n in range(30)],
        sample[:19],
        [*sample, streamed(40, 100)],
        [status(n, 660) for n in range(30)],
    ):
        found = read(READER, lines(*other))
        assert {p["sampling"] for p in found["post"]} == {"unknown"}
    found = read(READER, lines(*sample), sampling="query")
    assert {p["sampling"] for p in found["post"]} == {"query"}


def test_other_messages_are_counted_by_kind() -> None:
    found = read(READER, lines(
        {"limit": {"track": 12, "timestamp_ms": "1"}}, {"limit": {"track": 40}},
        {"status_withheld": {"id": 5}}, {"friends": [1]}, {"surprise": 1}, status(0)))  # fmt: skip
    (count,) = found["intake_count"]
    assert (count["used_count"], count["skipped_count"], count["rejected_count"]) == (1, 4, 1)
    assert "40 posts the stream matched" in count["note"]


@pytest.mark.parametrize("shape", ["array", "pretty", "answer", "arrays", "wrapped"])
def test_shapes_of_files(shape: str) -> None:
    both = [status(0), status(1)]
    data = {
        "array": json.dumps(both).encode(),
        "pretty": json.dumps(both, indent=4).encode(),
        "answer": json.dumps({"statuses": both, "search_metadata": {}}).encode(),
        "arrays": lines(both[:1], both[1:]),
        "wrapped": lines({"measure": "x", "tweets": both}),
    }[shape]
    found = read(READER, data)
    assert [p["native_id"] for p in found["post"]] == [str(number(0)), str(number(1))]
    assert found["intake_count"][0]["used_count"] == 2


def test_one_bad_element_and_what_stands_inside_cost_themselves_only() -> None:
    inner = status(0, entities={"hashtags": [7]})
    outer = status(3, quoted_status=inner, quoted_status_id=inner["id"])
    found = read(READER, lines([status(1), 5, {"id": 1.5, "text": "x"}, status(2)], outer))
    assert len(found["post"]) == 3
    assert found["intake_count"][0]["rejected_count"] == 3
    assert any("inside the post" in r["reason"] for r in found["rejected"])


def test_an_account_alone_and_one_without_names() -> None:
    nameless = {**status(3), "user": {"id_str": "99"}}
    six = user(6, "six", followers_count=-1)
    found = read(READER, lines(user(5, "five", status=status(0)), six, nameless))
    assert {a["handle"] for a in found["account"]} == {"five", "six"}
    assert {p["account_id"] for p in found["post"]} == {"x:5", "x:99"}
    by_account = {s["account_id"]: s["follower_count"] for s in found["account_snapshot"]}
    assert by_account == {"x:5": 5, "x:6": None}


def test_half_characters_and_broken_lines() -> None:
    data = lines(status(0)).replace(b"Invented", b"\\ud83d half") + lines(status(1))[:50]
    found = read(READER, data)
    assert "\ufffd half" in found["post"][0]["text"]
    assert len(found["rejected"]) == 1


def test_nesting_without_end_is_refused() -> None:
    deep = status(0)
    for second in range(1, 40):
        deep = status(second, quoted_status=deep, quoted_status_id=deep["id"])
    found = read(READER, lines(deep, status(50)))
    assert len(found["post"]) == 1
    assert "inside one another" in found["rejected"][0]["reason"]


def test_recognition() -> None:
    for data in (lines(status(0)), json.dumps([status(0)]).encode(),
                 lines({"delete": {"status": {"id": 1}}})):  # fmt: skip
        assert READER.recognises(glimpse(data)) >= 90
    assert READER.recognises(glimpse(b'{"author_id": "5", "text": "x", "id": "1"}')) == 0
    assert READER.recognises(glimpse(b"")) == 0


@pytest.mark.shared_data
def test_real_files_are_accounted_for(shared_data: Path) -> None:
    totals = [0, 0]
    for path in sorted((shared_data / "posts" / "twitter_v1").glob("*.bz2")):
        data = bz2.decompress(path.read_bytes())
        shown = glimpse(data, path.name)
        readers = registry.plugins("posts").values()
        assert max(readers, key=lambda one: one.recognises(shown)).name == "x_v1"
        whole = [json.loads(line) for line in data.splitlines()]
        deletes = sum("delete" in one for one in whole)
        held = set()
        for one in whole:
            original = one.get("retweeted_status") or {}
            quoted = [each.get("quoted_status") or {} for each in (one, original)]
            for post in (one, original, *quoted):
                if "id_str" in post:
                    held.add(post["id_str"])
        found = read(READER, data)
        (count,) = found["intake_count"]
        assert (count["row_count"], count["used_count"]) == (len(whole), len(whole))
        assert sum(a["type"] == "delete" for a in found["action"]) == deletes
        assert {p["native_id"] for p in found["post"]} == held
        assert {p["sampling"] for p in found["post"]} == {"stream_sample"}
        reposts = len({one["id_str"] for one in whole if "retweeted_status" in one})
        native = [a for a in found["action"] if (a["type"], a["grade"]) == ("repost", "native")]
        assert len(native) == reposts
        totals[0] += len(whole)
        totals[1] += deletes
    assert totals == [9_666, 1_233]


@pytest.mark.shared_data
def test_timelines_of_a_peer(shared_data: Path) -> None:
    rows = {"sample_raw_tweets_1": 291, "sample_raw_tweets_2": 1200, "sample_timeline": 1491,
            "tweets_0": 45, "tweets_1": 45}  # fmt: skip
    for path in sorted((shared_data / "posts" / "bloc").glob("*.gz")):
        found = read(READER, gzip.decompress(path.read_bytes()))
        (count,) = found["intake_count"]
        assert count["used_count"] == rows[path.name.partition(".")[0]]
        assert not found["rejected"]
