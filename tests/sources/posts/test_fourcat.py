from __future__ import annotations

import json
import time
from typing import Any

import pytest
from post_reading import glimpse, read
from tables import START, acts, kinds, table

from tamis.errors import FormatError
from tamis.sources.posts.fourcat import READER

UNIX = int(START.timestamp())


def row(native: str = "1", **more: Any) -> dict[str, Any]:
    return {"id": native, "thread_id": native, "timestamp": "2017-05-05 18:49:00",
            "unix_timestamp": UNIX, "author": "One", "body": "Invented words", **more}  # fmt: skip


def test_a_unix_time_that_the_source_wrote_is_taken() -> None:
    found = read(READER, table(row(hashtags="Vote,Été", likes="3")))
    (post,) = found["post"]
    assert post["posted_at"] == post["posted_low_at"] == START
    assert (post["clock"], post["precision_s"]) == ("archive", 1.0)
    assert (post["post_id"], post["account_id"]) == ("table:1", "table:@one")
    assert set(kinds(found, "table:1")) == {"hashtag:vote", "hashtag:été"}
    assert found["post_snapshot"][0]["like_count"] == 3


def test_two_times_that_differ_give_an_interval_over_both() -> None:
    found = read(READER, table(row(), row("2", unix_timestamp=UNIX - 7200)))
    moved = found["post"][1]
    assert moved["posted_low_at"] == START.replace(hour=16)
    assert moved["posted_high_at"] == START.replace(microsecond=999_999)
    assert "times of 1 rows differ" in found["intake_count"][0]["note"]


@pytest.mark.parametrize(
    "names",
    [
        ("id", "thread_id", "timestamp", "author", "body", "unix_timestamp"),
        ("id", "thread_id", "timestamp", "author", "body"),
    ],
)
def test_a_unix_time_that_an_import_appended_is_not_trusted(names: tuple[str, ...]) -> None:
    one = {name: value for name, value in row().items() if name in names}
    data = table(one, names=names)
    with pytest.raises(FormatError, match=r"'timestamp'.*--assume-zone"):
        read(READER, data)
    (post,) = read(READER, data, assume_zone="Europe/Paris")["post"]
    assert post["posted_at"] == START.replace(hour=16)


def test_an_import_of_crowdtangle_dropped_the_zone() -> None:
    one = row(page_id="5", page_top_country="FR", url="x", url_original="https://paper.example/a")
    with pytest.raises(FormatError, match="--assume-zone"):
        read(READER, table(one))
    found = read(READER, table(one), assume_zone="UTC")
    assert found["post"][0]["account_id"] == "facebook:5"
    assert kinds(found, "facebook:1") == {
        "url:https://paper.example/a": "card", "domain:paper.example": "card"}  # fmt: skip


def test_the_zone_of_this_machine_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for zone in ("UTC", "Europe/Paris"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        rows.append(read(READER, table(row(x="1"))))
    monkeypatch.undo()
    time.tzset()
    assert rows[0] == rows[1]


def test_flags_and_names_of_x_are_graded_so() -> None:
    names = {
        "is_retweet": "no",
        "retweeted_user": "",
        "is_quote_tweet": "no",
        "quoted_user": "",
        "is_reply": "no",
        "replied_user": "",
        "hashtags": "",
        "urls": "",
        "mentions": "",
    }
    found = read(READER, table(
        row("1", **{**names, "is_retweet": "yes", "retweeted_user": "Two", "hashtags": "Vote",
                    "mentions": "three"}),
        row("2", **{**names, "is_quote_tweet": "yes", "quoted_user": "Two", "author_id": "77",
                    "is_reply": "yes", "replied_user": "Four", "urls": "https://x.com/a/status/5",
                    "mentions": "three,Four"}),
    ))  # fmt: skip
    assert acts(found) == {
        ("repost", None, "x:@two", "name_only"),
        ("quote", None, "x:@two", "name_only"),
        ("reply", None, "x:@four", "name_only"),
        ("mention", None, "x:@three", "name_only"),
        ("mention", None, "x:@four", "name_only"),
        ("link_to_post", "x:5", None, "id_reference"),
    }
    assert kinds(found, "x:1") == {"hashtag:vote": "inherited"}
    assert {p["account_id"] for p in found["post"]} == {"x:@one", "x:77"}


def test_json_lines_with_the_flat_columns() -> None:
    data = b"".join(json.dumps(row(str(n), likes=n)).encode() + b"\n" for n in (1, 2))
    found = read(READER, data + b"{broken\n")
    assert [p["posted_at"] for p in found["post"]] == [START, START]
    assert len(found["rejected"]) == 1
    assert READER.recognises(glimpse(data)) >= 80


def test_rows_that_cannot_be_used() -> None:
    rows = [row("1"), row(""), row("3", timestamp="", unix_timestamp=""), row("8.6E+17"),
            row("4", timestamp="sometime")]  # fmt: skip
    found = read(READER, table(*[{**one, "likes": ""} for one in rows]))
    assert [p["native_id"] for p in found["post"]] == ["1"]
    assert len(found["rejected"]) == 4


def test_recognition() -> None:
    assert READER.recognises(glimpse(table(row()), "a.csv")) == 90
    assert READER.recognises(glimpse(b"id,body,timestamp\n1,x,2\n", "a.csv")) == 0
