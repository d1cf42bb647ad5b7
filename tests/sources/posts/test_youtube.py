from __future__ import annotations

from typing import Any

import pytest
from post_reading import ITEM, glimpse, read
from tables import START, acts, kinds, table

from tamis.errors import FormatError
from tamis.sources.posts.youtube import READER


def row(native: str, **more: Any) -> dict[str, Any]:
    return {"isReplyTo": "", "isReplyToName": "", "id": native, "replyCount": "1", "likeCount": "2",
            "publishedAt": "2017-05-05T18:49:00Z", "authorName": "Some One",
            "text": "Words #Vote https://paper.example/a", **more}  # fmt: skip


def test_a_thread_has_two_levels() -> None:
    found = read(READER, table(row("Ab"), row("Ab.cd", isReplyTo="Ab", isReplyToName="Some One")))
    first, second = found["post"]
    assert first["posted_at"] == START
    assert (first["clock"], first["thread_id"]) == ("platform", "youtube:Ab")
    assert second["thread_id"] == "youtube:Ab"
    assert acts(found) == {("reply", "youtube:Ab", None, "native")}
    assert set(kinds(found, "youtube:Ab")) == {
        "hashtag:vote", "url:https://paper.example/a", "domain:paper.example"}  # fmt: skip
    assert found["post_snapshot"][0]["like_count"] == 2


def test_a_name_is_an_account_within_the_file_only() -> None:
    found = read(READER, table(row("a"), row("b", authorName="Other")))
    assert {a["scope"] for a in found["account"]} == {"thread"}
    assert {a["account_id"] for a in found["account"]} == {
        f"youtube:{ITEM[:16]}/@Some One", f"youtube:{ITEM[:16]}/@Other"}  # fmt: skip
    found = read(READER, table(row("a", authorChannelId="UC12")))
    (account,) = found["account"]
    assert (account["account_id"], account["scope"]) == ("youtube:UC12", "global")


def test_times_without_a_zone_are_asked_about() -> None:
    data = table(row("a", publishedAt="2017-05-05 18:49:00"))
    with pytest.raises(FormatError, match=r"'publishedAt'.*--assume-zone"):
        read(READER, data)
    assert read(READER, data, assume_zone="UTC")["post"][0]["posted_at"] == START


def test_tab_separated_and_unusable_rows() -> None:
    data = table(
        row("a", text="x"), row("", text="x"), row("c", publishedAt=""), row("d", text="y")
    )
    found = read(READER, data.replace(b",", b"\t"))
    assert [p["native_id"] for p in found["post"]] == ["a", "d"]
    assert len(found["rejected"]) == 2


def test_recognition() -> None:
    assert READER.recognises(glimpse(table(row("a")), "a.csv")) >= 90
    mixed = {**row("a"), "body": "x", "timestamp": "2017-05-05 18:49:00"}
    assert READER.recognises(glimpse(table(mixed), "a.csv")) == 0
